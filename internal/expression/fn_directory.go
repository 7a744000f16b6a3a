package expression

import (
	"errors"
	"strings"
)

func init() {
	define(
		function{
			name:    "SelectUniqueValue",
			params:  []parameter{req("uniqueValueRule"), req("uniqueValueRule")},
			repeat:  1,
			effects: usesDirectory,
			eval:    evalSelectUnique,
		},
		function{name: "DefaultDomain", effects: usesDirectory, eval: evalDefaultDomain},
		function{name: "SingleAppRoleAssignment", params: roles(), effects: usesDirectory, eval: evalSingleRole},
		function{name: "AppRoleAssignmentsComplex", params: roles(), eval: evalRoles},
		function{name: "AssertiveAppRoleAssignmentsComplex", params: roles(), eval: evalRoles},
		function{name: "AppRoleAssignments", params: roles(), origin: fromGraph, eval: evalRoleNames},
		function{name: "AltSecIdFromNetId", params: one("netId"), origin: fromSchemas, effects: usesDirectory,
			eval: func(*machine, *callNode) (Value, error) { return Value{}, NotDocumented }},
	)
}

// placeUnique: the function must be outermost, isn't for matching attributes,
// and only provisioning to Active Directory has it. [D]
func (c *compiler) placeUnique(n *Call) {
	e := &Error{Pos: n.Pos, Function: n.Name}
	switch {
	case c.root != n:
		e.Message = "the function must be at the top level; it can't be inside another"
	case c.ctx.Matching:
		e.Message = "the function can't feed a matching attribute"
	case c.ctx.NoUniqueValue:
		e.Message = "only provisioning from Workday, SuccessFactors or the inbound API to Active Directory supports " +
			"this function"
	default:
		return
	}
	c.report(e)
}

// ErrAllTaken reports that every candidate of SelectUniqueValue exists in the
// target; the service then puts the entry in escrow. [D]
var ErrAllTaken = errors.New("all candidate values are taken in the target")

// evalSelectUnique returns the first candidate that the target lacks. A
// candidate without a value is passed over. [D, ? for the latter]
func evalSelectUnique(m *machine, n *callNode) (Value, error) {
	for i := range n.args {
		s, err := n.text(m, i)
		if err != nil {
			return Value{}, err
		}
		if s == "" {
			continue
		}
		if m.env.Exists == nil {
			return Value{}, NeedsUniqueness
		}
		taken, err := m.env.Exists(strings.Clone(s))
		if err != nil {
			return Value{}, n.fail(i, err)
		}
		if !taken {
			return TextValue(s), nil
		}
	}
	return Value{}, n.fail(-1, ErrAllTaken)
}

// ErrNoDefaultDomain reports a tenant without a default verified domain. [D]
var ErrNoDefaultDomain = errors.New("the tenant has no default verified domain")

func evalDefaultDomain(m *machine, n *callNode) (Value, error) {
	switch {
	case m.env.NoDefaultDomain:
		return Value{}, n.fail(-1, ErrNoDefaultDomain)
	case m.env.DefaultDomain == "":
		return Value{}, NeedsDefaultDomain
	}
	return TextValue(m.env.DefaultDomain), nil
}

// roleName is what a role is called in single text: its display name, or its
// value where it has no name. [?]
func roleName(r Role) string {
	if r.DisplayName != "" {
		return r.DisplayName
	}
	return r.Value
}

// evalSingleRole gives the one role's name. Of several roles the service takes
// any: "no guarantee which". [D CAA]
func evalSingleRole(m *machine, n *callNode) (Value, error) {
	v, err := n.value(m, 0)
	if err != nil || v.IsNull() {
		return Value{}, err
	}
	switch {
	case v.kind == KindRoles && len(*v.roles) == 1:
		return TextValue(roleName((*v.roles)[0])), nil
	case v.kind == KindList && len(v.list) == 1:
		return TextValue(v.list[0]), nil
	case v.kind == KindRoles || v.kind == KindList:
		return Value{}, SeveralRoles
	}
	s, err := m.asText(v, n.at(0))
	return TextValue(s), n.wrap(0, err)
}

// evalRoles gives role objects. Whether they are added to the target's roles
// (Complex) or replace them (Assertive) is how the service writes them, not
// their value. [D CAA]
func evalRoles(m *machine, n *callNode) (Value, error) {
	v, err := n.value(m, 0)
	if err != nil || v.kind == KindRoles || v.IsNull() {
		return v, err
	}
	names := v.list
	if v.kind != KindList {
		s, err := m.asText(v, n.at(0))
		if err != nil {
			return Value{}, n.wrap(0, err)
		}
		names = []string{s}
	}
	roles := make([]Role, len(names))
	for i, name := range names {
		name = m.detach(name)
		roles[i] = Role{Value: name, DisplayName: name}
	}
	return RolesValue(roles), nil
}

func evalRoleNames(m *machine, n *callNode) (Value, error) {
	v, err := n.value(m, 0)
	if err != nil || v.kind != KindRoles {
		return v, err
	}
	mark := len(m.parts)
	for _, r := range *v.roles {
		m.parts = append(m.parts, roleName(r))
	}
	return ListValue(m.parts[mark:len(m.parts):len(m.parts)]), nil
}
