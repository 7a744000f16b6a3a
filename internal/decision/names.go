package decision

import (
	"errors"
	"fmt"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// Resolved is what names in a configuration mean: argument, name, object id; ""
// for a name that fits nobody.
type Resolved map[string]map[string]string

// Get is what a name meant when it was accepted, "" for nothing.
func (r Resolved) Get(argument, name string) string { return r[argument][name] }

// Set keeps what a name means.
func (r Resolved) Set(argument, name, id string) {
	if r[argument] == nil {
		r[argument] = map[string]string{}
	}
	r[argument][name] = id
}

// Has reports whether an entry was accepted before.
func (r Resolved) Has(argument, name string) bool {
	_, ok := r[argument][name]
	return ok
}

// Arguments whose names are kept with their ids.
const (
	ArgScopeGroups      = "scope.groups"
	ArgServicePrincipal = "service_principal"
	ArgAssignments      = "what_if.assignments"
	ArgMustSync         = "guardrails.must_sync"
	ArgMustNotSync      = "guardrails.must_not_sync"
	ArgExpectSkipped    = "guardrails.expect_skipped"
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

// UserMeaning resolves an entry that names a user. An error says that a new
// entry fits several.
func UserMeaning(l *directory.Lookup, d *directory.Directory, kept Resolved, argument, entry string) (Meaning, error) {
	m := Meaning{Argument: argument, Entry: entry, New: !kept.Has(argument, entry)}
	if isObjectID(entry) {
		m.ID = strings.ToLower(entry)
		m.Gone = d.UserByID(m.ID) < 0
		return m, nil
	}
	bearers := l.Users(entry)
	if m.ID = kept.Get(argument, entry); m.ID == "" {
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

// GroupMeaning resolves an entry that names a group. An error says that a new
// entry fits nothing or several, or that a reading of a part of the tenant
// doesn't hold the group that is meant.
func GroupMeaning(l *directory.Lookup, d *directory.Directory, kept Resolved, argument, entry string) (Meaning, error) {
	m := Meaning{Argument: argument, Entry: entry, New: !kept.Has(argument, entry)}
	if m.ID = kept.Get(argument, entry); m.ID == "" {
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
		return m, fmt.Errorf("the group %q was accepted with object id %s, and the directory's reading, which is "+
			"limited to some groups, doesn't hold it: "+
			"read it by that id (the argument \"groups\" of usersync_directory), or the whole tenant", entry, m.ID)
	}
	if p >= 0 && !bears {
		m.Now = d.Groups[p].DisplayName
	}
	return m, nil
}

// Meanings resolves the entries of an argument that names users. Errors are
// *ArgumentError: a new entry that fits several.
func Meanings(
	l *directory.Lookup,
	d *directory.Directory,
	kept Resolved,
	argument string,
	entries []string,
) ([]Meaning, error) {
	var out []Meaning
	for i, entry := range entries {
		m, err := UserMeaning(l, d, kept, argument, entry)
		var nf *directory.NotFoundError
		if errors.As(err, &nf) {
			return nil, argumentError(i, err, strings.Split(argument, ".")...)
		}
		out = append(out, m)
	}
	return out, nil
}

// Advice is what to know of an entry that is no violation, "" for nothing.
func (m *Meaning) Advice(kind string) string {
	entry := m.Argument + ": " + Quoted(m.Entry)
	others := strings.Join(firstOf(m.Others, 5), ", ")
	switch {
	case m.ID == "":
		return entry + " fits no " + kind + " in the directory's reading."
	case m.Moved():
		return "" // a violation
	case m.Gone:
		return entry + " meant object id " + m.ID + ", which isn't in the directory's reading any more. Take the " +
			"entry out, or correct it."
	case m.Now != "":
		return entry + " is called " + Quoted(
			m.Now,
		) + " now (object id " + m.ID + "). It is the same " + kind + "; rename the entry, or write the object id."
	case len(m.Others) > 0:
		return entry + " means object id " + m.ID + ", as accepted. Another " + kind + " bears the name as well (" +
			others + "); write the object id."
	}
	return ""
}

// Quoted is a name in quotation marks, safe to print.
func Quoted(s string) string { return `"` + text.Plain(s) + `"` }

func firstOf(list []string, n int) []string { return list[:min(len(list), n)] }
