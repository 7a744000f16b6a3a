package simulator

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// applyFilters evaluates the scope of an object mapping [graph 3.6]: one group must hold, with all
// its clauses. The groups on input count too, and their failing deprovisions nobody.
func (v *verdict) applyFilters(mapping rawjson.Object, values map[string]mapped, notEqualsOnNull bool) {
	scope, _ := mapping["scope"].(rawjson.Object)
	v.filter = true
	for _, kind := range []string{"inputFilterGroups", "groups"} {
		// The service's own filter on input lets those through who have no userState [expressions 6].
		any, err := v.anyGroup(rawjson.Objects(scope[kind]), values, notEqualsOnNull || kind == "inputFilterGroups")
		switch {
		case err != nil:
			v.err, v.filter = err, false
		case !any && kind == "inputFilterGroups":
			v.early, v.filter = true, false
		case !any:
			v.filter = false
		}
	}
}

// anyGroup is true without groups, and with one all of whose clauses hold.
func (v *verdict) anyGroup(groups []rawjson.Object, values map[string]mapped, notEqualsOnNull bool) (bool, error) {
	passed := len(groups) == 0
	for _, g := range groups {
		all := true
		for _, c := range rawjson.Objects(g["clauses"]) {
			attribute, _ := c["sourceOperandName"].(string)
			operator, _ := c["operatorName"].(string)
			operand := ""
			if target, ok := c["targetOperand"].(rawjson.Object); ok {
				if list, _ := target["values"].([]any); len(list) > 0 {
					operand = fmt.Sprint(list[0])
				}
			}
			holds, err := scopeClause(operator, values[attribute], operand, notEqualsOnNull)
			if err != nil {
				return false, fmt.Errorf("the clause on %s: %w", attribute, err)
			}
			v.clauses = append(v.clauses, rawjson.Quote(fmt.Sprintf("%v.%s %s '%s'", g["name"], attribute, operator, operand))+":"+strconv.FormatBool(holds))
			all = all && holds
		}
		passed = passed || all
	}
	return passed, nil
}

// scopeClause evaluates one. What is null or empty is in no clause but those on null [graph 3.6, D].
func scopeClause(operator string, value mapped, operand string, notEqualsOnNull bool) (bool, error) {
	text := value.text()
	switch {
	case operator == "IS NULL":
		return value.empty(), nil
	case operator == "IS NOT NULL":
		return !value.empty(), nil
	case operator == "NOT EQUALS" && value.empty():
		return notEqualsOnNull, nil
	}
	pattern, err := regexp.Compile(operand)
	if strings.HasSuffix(operator, "REGEX MATCH") && err != nil {
		return false, fmt.Errorf("the pattern %q isn't one", operand)
	}
	switch operator {
	case "EQUALS", "NOT EQUALS":
		return !value.empty() && (text == operand) == (operator == "EQUALS"), nil
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
