package mapping

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// scopeClause evaluates one. What is null or empty is in no clause but those on null [graph 3.6, D].
func scopeClause(operator string, value Value, operand string, notEqualsOnNull bool) (bool, error) {
	text := value.Text()
	switch {
	case operator == "IS NULL":
		return value.Empty(), nil
	case operator == "IS NOT NULL":
		return !value.Empty(), nil
	case operator == "NOT EQUALS" && value.Empty():
		return notEqualsOnNull, nil
	}
	pattern, err := regexp.Compile(operand)
	if strings.HasSuffix(operator, "REGEX MATCH") && err != nil {
		return false, fmt.Errorf("the pattern %q isn't one", operand)
	}
	switch operator {
	case "EQUALS", "NOT EQUALS":
		return !value.Empty() && (text == operand) == (operator == "EQUALS"), nil
	case "IS TRUE", "IS FALSE":
		return strings.EqualFold(text, map[string]string{"IS TRUE": "True", "IS FALSE": "False"}[operator]), nil
	case "REGEX MATCH", "NOT REGEX MATCH": // not anchored [?]
		return text != "" && pattern.MatchString(text) == (operator == "REGEX MATCH"), nil
	case "Greater_Than", "Greater_Than_OR_EQUALS":
		a, err1 := strconv.Atoi(text)
		b, err2 := strconv.Atoi(operand)
		if text != "" && (err1 != nil || err2 != nil) {
			return false, fmt.Errorf("%q and %q aren't both integers", text, operand)
		}
		return text != "" && (a > b || a == b && operator == "Greater_Than_OR_EQUALS"), nil
	case "Includes":
		return text != "" && strings.Contains(text, operand), nil
	case "ENDS_WITH":
		return text != "" && strings.HasSuffix(text, operand), nil
	}
	return false, fmt.Errorf("the operator %q isn't evaluated", operator)
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
