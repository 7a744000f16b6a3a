package decision

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Resolved is what names in a configuration mean: argument, name, object id; ""
// for a name that fits nobody.
type Resolved map[string]map[string]string

// get is what a name meant when it was accepted, "" for nothing.
func (r Resolved) get(argument, name string) string { return r[argument][name] }

func (r Resolved) set(argument, name, id string) {
	if r[argument] == nil {
		r[argument] = map[string]string{}
	}
	r[argument][name] = id
}

// has reports whether an entry was accepted before.
func (r Resolved) has(argument, name string) bool {
	_, ok := r[argument][name]
	return ok
}

// Arguments whose names are kept with their ids.
const (
	argScopeGroups      = "scope.groups"
	argServicePrincipal = "service_principal"
	argMustSync         = "guardrails.must_sync"
	argMustNotSync      = "guardrails.must_not_sync"
	argExpectSkipped    = "guardrails.expect_skipped"
)

// Meaning is what one entry of an argument means: the object that it meant when
// it was accepted, or the one that it fits now where it is new. Identity is the
// id: a name alone never moves to another object.
type Meaning struct {
	// Argument and Entry are as the configuration has them.
	Argument, Entry string
	// ID is the object that is meant, "" where the entry fits nobody.
	ID string
	// New says that the entry wasn't accepted before.
	New bool
	// Gone says that the object isn't in the reading any more.
	Gone bool
	// Now is what the object is called where the entry isn't its name any more.
	Now string
	// Others are other objects that bear the name now.
	Others []string
}

// Moved reports that the name leads to another object than the one that is
// meant: that one is gone or is called otherwise, and another bears the name.
func (m *Meaning) Moved() bool { return m.ID != "" && (m.Gone || m.Now != "") && len(m.Others) > 0 }

// userMeaning resolves an entry that names a user. An error says that a new
// entry fits several.
func userMeaning(l *directory.Lookup, d *directory.Directory, kept Resolved, argument, entry string) (Meaning, error) {
	m := Meaning{Argument: argument, Entry: entry, New: !kept.has(argument, entry)}
	if isObjectID(entry) {
		m.ID = strings.ToLower(entry)
		m.Gone = d.UserByID(m.ID) < 0
		return m, nil
	}
	bearers := l.Users(entry)
	if m.ID = kept.get(argument, entry); m.ID == "" {
		if len(bearers) > 1 {
			_, err := l.User(entry)
			return m, err
		}
		if len(bearers) == 1 {
			m.ID = d.Users[bearers[0]].ID
		}
		return m, nil
	}
	bears := false
	for _, i := range bearers {
		if d.Users[i].ID == m.ID {
			bears = true
		} else {
			m.Others = append(m.Others, d.Users[i].ID)
		}
	}
	p := d.UserByID(m.ID)
	m.Gone = p < 0
	if p >= 0 && !bears {
		m.Now = nameNow(&d.Users[p])
	}
	return m, nil
}

func nameNow(u *directory.User) string {
	for _, name := range []string{u.UserPrincipalName, u.Mail} {
		if name != "" {
			return name
		}
	}
	return u.ID
}

// groupMeaning resolves an entry that names a group. An error says that a new
// entry fits nothing or several, or that a reading of a part of the tenant
// doesn't hold the group that is meant.
func groupMeaning(l *directory.Lookup, d *directory.Directory, kept Resolved, entry string) (Meaning, error) {
	m := Meaning{Argument: argScopeGroups, Entry: entry, New: !kept.has(argScopeGroups, entry)}
	if m.ID = kept.get(argScopeGroups, entry); m.ID == "" {
		g, err := l.Group(entry)
		if err != nil {
			return m, err
		}
		m.ID = d.Groups[g].ID
		return m, nil
	}
	bears := strings.EqualFold(entry, m.ID)
	for _, g := range l.Groups(entry) {
		if d.Groups[g].ID == m.ID {
			bears = true
		} else {
			m.Others = append(m.Others, d.Groups[g].ID)
		}
	}
	p := d.GroupByID(m.ID)
	m.Gone = p < 0
	if m.Gone && !d.WholeTenant() {
		return m, fmt.Errorf("the group %q was accepted with object id %s, and the directory's reading, which is limited to some groups, doesn't hold it: "+
			"read it by that id (the argument \"groups\" of usersync_directory), or the whole tenant", entry, m.ID)
	}
	if p >= 0 && !bears {
		m.Now = d.Groups[p].DisplayName
	}
	return m, nil
}

// meanings resolves the entries of an argument that names users. Errors are
// *ArgumentError: a new entry that fits several.
func meanings(l *directory.Lookup, d *directory.Directory, kept Resolved, argument string, entries []string) ([]Meaning, error) {
	var out []Meaning
	for i, entry := range entries {
		m, err := userMeaning(l, d, kept, argument, entry)
		var nf *directory.NotFoundError
		if errors.As(err, &nf) {
			return nil, wrong(i, err, strings.Split(argument, ".")...)
		}
		out = append(out, m)
	}
	return out, nil
}

// Advice is what to know of an entry that is no violation, "" for nothing.
func (m *Meaning) Advice(kind string) string {
	entry := m.Argument + ": " + quoted(m.Entry)
	others := strings.Join(first(m.Others, 5), ", ")
	switch {
	case m.ID == "":
		return entry + " fits no " + kind + " in the directory's reading."
	case m.Moved():
		return "" // a violation
	case m.Gone:
		return entry + " meant object id " + m.ID + ", which isn't in the directory's reading any more. Take the entry out, or correct it."
	case m.Now != "":
		return entry + " is called " + quoted(m.Now) + " now (object id " + m.ID + "). It is the same " + kind + "; rename the entry, or write the object id."
	case len(m.Others) > 0:
		return entry + " means object id " + m.ID + ", as accepted. Another " + kind + " bears the name as well (" + others + "); write the object id."
	}
	return ""
}

// Advise says, in order, what to know of the entries that are no violation.
func Advise(list []Meaning, p *Outcome, violations []Violation, ids bool) []string {
	said := map[string]bool{}
	for i := range violations {
		for _, x := range violations[i].Items {
			said[strings.ToLower(x.Shown)], said[x.ID] = true, true
		}
	}
	var out []string
	for _, m := range sortedMeanings(slices.Clone(list)) {
		kind := "user"
		if m.Argument == argScopeGroups {
			kind = "group"
		}
		if m.Argument == argServicePrincipal || said[strings.ToLower(m.Entry)] || m.ID != "" && said[m.ID] {
			continue
		}
		if ids && m.Now != "" {
			m.Now = "otherwise"
		}
		if text := m.Advice(kind); text != "" {
			out = append(out, text)
		}
		if row := p.find(m.ID); m.Argument == argExpectSkipped && row != nil && row.Verdict == Sync {
			out = append(out, m.Argument+": "+quoted(m.Entry)+" syncs ("+row.Text+"), and isn't expected to.")
		}
	}
	return out
}

func quoted(s string) string { return `"` + Plain(s) + `"` }

func first(list []string, n int) []string { return list[:min(len(list), n)] }

// sortedMeanings orders meanings by argument and entry.
func sortedMeanings(list []Meaning) []Meaning {
	slices.SortFunc(list, func(a, b Meaning) int {
		return strings.Compare(a.Argument+"\x00"+a.Entry, b.Argument+"\x00"+b.Entry)
	})
	return list
}
