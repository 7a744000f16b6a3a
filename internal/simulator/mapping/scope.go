package mapping

import (
	"fmt"
	"strconv"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// ScopeResult is what the scope of an object mapping says of an object.
type ScopeResult struct {
	Filter  bool     // it passes
	Early   bool     // the filter that it fails is one on input, whose failing deprovisions nobody
	Clauses []string // what each clause came to, as JSON members
	Err     error
}

// EvaluateScope evaluates the scope of an object mapping [graph 3.6]: one group must hold, with all
// its clauses. The groups on input count too, and their failing deprovisions nobody.
func EvaluateScope(scope rawjson.Object, values map[string]Value, notEqualsOnNull bool) ScopeResult {
	r := ScopeResult{Filter: true}
	for _, kind := range []string{"inputFilterGroups", "categoryFilterGroups", "groups"} {
		early := kind != "groups"
		passed, err := r.anyGroup(rawjson.Objects(scope[kind]), values, early, notEqualsOnNull)
		switch {
		case err != nil:
			r.Err, r.Filter = err, false
		case !passed && early:
			r.Early, r.Filter = true, false
		case !passed:
			r.Filter = false
		}
	}
	return r
}

// anyGroup is true without groups, and with one all of whose clauses hold.
func (r *ScopeResult) anyGroup(
	groups []rawjson.Object, values map[string]Value, input, notEqualsOnNull bool,
) (bool, error) {
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
			holds, err := scopeClause(operator, values[attribute], operand, input, notEqualsOnNull)
			if err != nil {
				return false, fmt.Errorf("the clause on %s: %w", attribute, err)
			}
			r.Clauses = append(
				r.Clauses,
				rawjson.Quote(
					fmt.Sprintf("%v.%s %s '%s'", g["name"], attribute, operator, operand),
				)+":"+strconv.FormatBool(
					holds,
				),
			)
			all = all && holds
		}
		passed = passed || all
	}
	return passed, nil
}
