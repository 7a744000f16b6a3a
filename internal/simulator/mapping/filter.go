package mapping

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// negative are the operators that Microsoft's own filters on input let null pass [expressions 6, O].
var negative = []string{"NOT EQUALS", "IS FALSE", "NOT REGEX MATCH", "!&"}

// scopeClause evaluates one. What is null or empty is in no clause but those on null [graph 3.6, D], and on input in
// the negative ones; notEqualsOnNull says that it is in NOT EQUALS all the same.
func scopeClause(operator string, value Value, operand string, input, notEqualsOnNull bool) (bool, error) {
	text := value.Text()
	switch {
	case !slices.ContainsFunc(Operators, func(o Operator) bool { return o.Name == operator }):
		return false, fmt.Errorf("the operator %q isn't evaluated", operator)
	case operator == "IS NULL" || operator == "IS NOT NULL":
		return value.Empty() == (operator == "IS NULL"), nil
	case value.Empty():
		return input && slices.Contains(negative, operator) || notEqualsOnNull && operator == "NOT EQUALS", nil
	}
	switch operator {
	case "EQUALS", "NOT EQUALS":
		return (text == operand) == (operator == "EQUALS"), nil
	case "IS TRUE", "IS FALSE":
		return strings.EqualFold(text, map[string]string{"IS TRUE": "True", "IS FALSE": "False"}[operator]), nil
	case "Includes":
		return strings.Contains(text, operand), nil
	case "ENDS_WITH":
		return strings.HasSuffix(text, operand), nil
	case "REGEX MATCH", "NOT REGEX MATCH": // not anchored [expressions 6, O]
		pattern, err := regexp.Compile(operand)
		if err != nil {
			return false, fmt.Errorf("the pattern %q isn't one", operand)
		}
		return pattern.MatchString(text) == (operator == "REGEX MATCH"), nil
	}
	return integerClause(operator, text, operand)
}

// integerClause compares integers, or their bits [expressions 6].
func integerClause(operator, text, operand string) (bool, error) {
	a, err1 := strconv.Atoi(text)
	b, err2 := strconv.Atoi(operand)
	if err1 != nil || err2 != nil {
		return false, fmt.Errorf("%q and %q aren't both integers", text, operand)
	}
	switch operator {
	case "Greater_Than":
		return a > b, nil
	case "Greater_Than_OR_EQUALS":
		return a >= b, nil
	}
	return (a&b != 0) == (operator == "&"), nil
}

// Operators are the operators of [graph 3.6]; the spelling of those after EQUALS is [?].
var Operators = []Operator{
	{"EQUALS", "Binary", "String,Integer"}, {"NOT EQUALS", "Binary", "String,Integer"},
	{"IS TRUE", "Unary", "Boolean"}, {"IS FALSE", "Unary", "Boolean"},
	{"IS NULL", "Unary", "String,Integer,Boolean"}, {"IS NOT NULL", "Unary", "String,Integer,Boolean"},
	{"REGEX MATCH", "Binary", "String,Integer"}, {"NOT REGEX MATCH", "Binary", "String,Integer"},
	{"Greater_Than", "Binary", "Integer"}, {"Greater_Than_OR_EQUALS", "Binary", "Integer"},
	{"Includes", "Binary", "String"}, {"ENDS_WITH", "Binary", "String"},
	{"&", "Binary", "Integer"}, {"!&", "Binary", "Integer"},
}

// Operator is an operator of clauses: its name, and the types of attributes that it takes.
type Operator struct{ Name, Arity, Types string }
