package decision

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

func (r Request) whatIf(l *directory.Lookup, d *directory.Directory) (WhatIf, error) {
	w := WhatIf{Mappings: slices.Clone(r.Mappings), Running: r.Running}
	for _, name := range slices.Sorted(maps.Keys(r.UserTypes)) {
		t := r.UserTypes[name]
		if t != TypeMember && t != TypeGuest {
			return w, argumentError(-1, fmt.Errorf("the type of %q is %q; it must be Member or "+
				"Guest", name, t), "what_if", "user_types")
		}
		i, err := l.User(name)
		if err != nil {
			// Who was deleted since a policy was planned assumes nothing any more.
			if isObjectID(name) {
				continue
			}
			return w, argumentError(-1, err, "what_if", "user_types")
		}
		if w.UserTypes == nil {
			w.UserTypes = make(map[string]string, len(r.UserTypes))
		}
		id := d.Users[i].ID
		if other, ok := w.UserTypes[id]; ok && other != t {
			return w, argumentError(
				-1,
				fmt.Errorf("user %s is given two types, %s and %s", id, other, t),
				"what_if",
				"user_types",
			)
		}
		w.UserTypes[id] = t
	}
	for _, name := range r.VerifiedDomains {
		a := directory.ASCIIDomain(name)
		if a == "" {
			return w, argumentError(-1, fmt.Errorf("%q is no domain name", name), "what_if", "verified_domains")
		}
		w.VerifiedDomains = append(w.VerifiedDomains, a)
	}
	slices.Sort(w.VerifiedDomains)
	w.VerifiedDomains = slices.Compact(w.VerifiedDomains)
	if err := r.members(l, d, &w); err != nil {
		return w, err
	}
	return w, r.assignments(l, d, &w)
}

// assignments resolves who is to count as assigned: a group by its name or id, else a
// user.
func (r Request) assignments(l *directory.Lookup, d *directory.Directory, w *WhatIf) error {
	if len(r.Assignments) > 0 && !OverJob(r.Connector) {
		return argumentError(-1, fmt.Errorf("the connector %q has no application to be assigned to: name the groups "+
			"in scope", r.Connector), "what_if", "assignments")
	}
	for _, name := range slices.Sorted(maps.Keys(r.Assignments)) {
		m, err := r.assignee(l, d, name)
		if err != nil {
			return argumentError(-1, err, "what_if", "assignments")
		}
		id := m.ID
		if role, twice := w.Assignments[id]; twice && role != r.Assignments[name] {
			return argumentError(-1, fmt.Errorf("%q is given two roles, %q and %q", name, role, r.Assignments[name]),
				"what_if", "assignments")
		}
		if w.Assignments == nil {
			w.Assignments = map[string]string{}
		}
		w.Assignments[id] = r.Assignments[name]
	}
	return nil
}

// assignee finds a group, else a user, by a name or object id: the one that the name meant
// when it was accepted.
func (r Request) assignee(l *directory.Lookup, d *directory.Directory, name string) (Meaning, error) {
	if kept := r.Kept.Get(ArgAssignments, name); kept != "" && d.UserByID(kept) >= 0 {
		return UserMeaning(l, d, r.Kept, ArgAssignments, name)
	}
	argument := ArgAssignments
	if !r.Kept.Has(argument, name) && r.Kept.Has(ArgScopeGroups, name) {
		argument = ArgScopeGroups // it means what it means there
	}
	m, err := GroupMeaning(l, d, r.Kept, argument, name)
	m.Argument = ArgAssignments
	if err == nil && !m.Gone {
		return m, nil
	}
	u, errUser := l.User(name)
	switch {
	case err == nil:
		return m, fmt.Errorf("%q was accepted with object id %s, which isn't in the tenant any more", name, m.ID)
	case errUser == nil:
		m.ID = d.Users[u].ID
		return m, nil
	case strings.Contains(name, "@"):
		return m, errUser
	}
	return m, err
}

// members resolves the assumed memberships; a group without new members assumes
// nothing.
func (r Request) members(l *directory.Lookup, d *directory.Directory, w *WhatIf) error {
	for _, group := range slices.Sorted(maps.Keys(r.Members)) {
		m, err := GroupMeaning(l, d, r.Kept, ArgScopeGroups, group)
		if err == nil && m.Gone {
			err = fmt.Errorf("the group %q was accepted with object id %s, which isn't in the tenant any "+
				"more", group, m.ID)
		}
		if err != nil {
			return argumentError(-1, err, "what_if", "members")
		}
		users := w.Members[m.ID]
		for _, name := range r.Members[group] {
			u, err := l.User(name)
			if err != nil {
				return argumentError(-1, err, "what_if", "members")
			}
			users = append(users, d.Users[u].ID)
		}
		if len(users) == 0 {
			continue
		}
		slices.Sort(users)
		if w.Members == nil {
			w.Members = map[string][]string{}
		}
		w.Members[m.ID] = slices.Compact(users)
	}
	return nil
}

// AssumedLine says in one line what is assumed, "" for nothing.
func AssumedLine(w WhatIf) string {
	var parts []string
	if n := len(w.UserTypes); n > 0 {
		guests := 0
		for _, t := range w.UserTypes {
			if t == TypeGuest {
				guests++
			}
		}
		parts = append(
			parts,
			fmt.Sprintf("userType of %s (%d Guest, %d Member)", text.Plural(n, "user"), guests, n-guests),
		)
	}
	if len(w.VerifiedDomains) > 0 {
		parts = append(parts, "verified domains "+strings.Join(w.VerifiedDomains, ", "))
	}
	if len(w.Members) > 0 {
		n := 0
		for _, m := range w.Members {
			n += len(m)
		}
		parts = append(parts, text.Plural(n, "new membership")+" in "+text.Plural(len(w.Members), "group"))
	}
	if len(w.Assignments) > 0 {
		parts = append(parts, text.Plural(len(w.Assignments), "new assignment")+" to the application")
	}
	if len(w.Mappings) > 0 {
		parts = append(parts, text.Plural(len(w.Mappings), "planned mapping"))
	}
	if w.Running {
		parts = append(parts, "the job is started or restarted")
	}
	if len(w.WrittenBack) > 0 {
		parts = append(parts, "userType of "+text.Plural(len(w.WrittenBack), "user")+" written by the source tenant")
	}
	return strings.Join(parts, "; ")
}
