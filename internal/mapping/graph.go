package mapping

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
)

// FromGraph reads one objectMapping of a job's schema; enabled is false where
// the service says that it is switched off. A row or a filter that can't be read
// leaves its target unknown and nothing else.
func FromGraph(raw []byte) (m Mapping, enabled bool, err error) {
	n, err := parseNode(raw)
	if err == nil && n.kind != '{' {
		err = errors.New("it isn't an object")
	}
	if err != nil {
		return m, false, fmt.Errorf("an object mapping has another shape than documented: %w", err)
	}
	section := sectionOf(n)
	m = section.Mapping()
	m.Enabled = nil // enabled says it
	return m, section.Enabled, nil
}

// attributeFromGraph reads one row, as far as it can be read. hr says that the
// objects come from elsewhere than Entra ID.
func attributeFromGraph(row *node, hr bool) (a Attribute) {
	a.Apply = ApplyOf(row.textOf("flowType"))
	unreadable := func(why string) Attribute {
		a.Unreadable = why
		return a
	}
	if !priorityOf(row.member("matchingPriority"), &a.MatchingPriority) || odd(row.member("flowType"), '"') {
		return unreadable(otherShape)
	}
	if d := row.member("defaultValue"); odd(d, '"') {
		return unreadable(otherShape)
	} else if d != nil && d.kind == '"' {
		text := row.textOf("defaultValue")
		a.Default = &text
	}
	n := row.member("source")
	if n == nil || n.kind == 'n' {
		return a // it writes its default [graph 3.5]
	}
	var source expression.Source
	if err := json.Unmarshal(n.raw(), &source); err != nil {
		return unreadable(otherShape)
	}
	e, err := expression.FromSource(source)
	if err != nil {
		a.Expression = source.Expression
		return unreadable(err.Error())
	}
	a.Expression = e.Canonical()
	context := expressionContext(a)
	context.NoUniqueValue, context.EntraSource = !hr, !hr
	if _, err := e.Compile(context); err != nil {
		return unreadable(err.Error()) // such as a function that isn't of the language
	}
	return a
}

// priorityOf reads a whole number, however it is written; null and what is below
// 0 match nothing.
func priorityOf(n *node, to *int) bool {
	if n == nil || n.kind == 'n' {
		return true
	}
	f, err := strconv.ParseFloat(string(n.raw()), 64)
	if n.kind != '0' || err != nil || f != math.Trunc(f) || f > math.MaxInt32 {
		return false
	}
	*to = int(max(f, 0))
	return true
}

// expressionContext is what a row of a job allows of an expression.
func expressionContext(a Attribute) expression.Context {
	return expression.Context{NoUniqueValue: true, EntraSource: true, Matching: a.MatchingPriority > 0}
}

// actionsOf reads Graph's flags string: "Add, Update, Delete", with or without
// spaces.
func actionsOf(flowTypes string) []string {
	actions := []string{}
	for _, f := range strings.Split(flowTypes, ",") {
		switch strings.ToLower(strings.TrimSpace(f)) {
		case "add":
			actions = append(actions, ActionCreate)
		case "update":
			actions = append(actions, ActionUpdate)
		case "delete":
			actions = append(actions, ActionDelete)
		}
	}
	return actions
}

// FlowTypes writes Graph's flags string.
func FlowTypes(actions []string) string {
	words := map[string]string{ActionCreate: "Add", ActionUpdate: "Update", ActionDelete: "Delete"}
	var out []string
	for _, a := range []string{ActionCreate, ActionUpdate, ActionDelete} {
		for _, have := range actions {
			if have == a {
				out = append(out, words[a])
			}
		}
	}
	return strings.Join(out, ", ")
}
