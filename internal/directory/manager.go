package directory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Manager is the attribute that refers to a user's manager. Its column holds the
// manager's object id as JSON text, "" where there is none.
const Manager = "manager"

// manager takes the reference as Graph's $expand gives it [graph 1.8].
func (d *Decoder) manager(v jsontext.Value) error {
	at, ok := d.known[Manager]
	if !ok {
		return nil
	}
	d.values[at] = ""
	if v.Kind() == 'n' {
		return nil
	}
	var m struct {
		ID string `json:"id"`
	}
	if err := unmarshal(v, &m); err != nil {
		return err
	}
	if m.ID == "" {
		return &SyntaxError{Problem: `expected null, or an object with the manager's id: "manager": {"id": "…"}`}
	}
	d.values[at] = managerValue(m.ID)
	return nil
}

func managerValue(id string) string {
	if id == "" {
		return ""
	}
	return `"` + strings.ToLower(id) + `"`
}

// ManagerID is the object id that a column's value of a manager holds, "" for none.
func ManagerID(value string) string { return strings.Trim(value, `"`) }

// HasManagers reports whether the builder keeps managers.
func (b *Builder) HasManagers() bool { return slices.Contains(b.attributes, Manager) }

// UserIDs are the ids of the users so far, ascending.
func (b *Builder) UserIDs() []string {
	ids := make([]string, b.users.len())
	for i := range ids {
		ids[i] = b.users.at(int32(i)).ID
	}
	slices.Sort(ids)
	return ids
}

// SetManager gives a user a manager by object id, "" for none. A user who isn't
// there is left out.
func (b *Builder) SetManager(user, manager string) {
	at, ok := b.userAt.at(user)
	column := slices.Index(b.attributes, Manager)
	if ok && column >= 0 {
		*b.columns[column].at(at) = managerValue(manager)
	}
}

// ExpandedManager reads the id of a user and of the manager who came with it, ""
// for none.
func ExpandedManager(raw []byte) (user, manager string, err error) {
	d := NewDecoder([]string{Manager})
	u, values, _, err := d.User(raw)
	return u.ID, ManagerID(values[0]), err
}

// managersToAsk are the users whose managers a round leaves open: whoever
// changed, and those who were led by somebody who left or came.
func (b *Builder) managersToAsk(changed []string, moved map[string]bool) []string {
	column := slices.Index(b.attributes, Manager)
	if column < 0 || len(changed) == 0 {
		return nil
	}
	ids := slices.DeleteFunc(slices.Clone(changed), func(id string) bool { return !b.HasUser(id) && !moved[id] })
	if len(moved) > 0 {
		for i := range int32(b.users.len()) {
			if v := *b.columns[column].at(i); v != "" && moved[ManagerID(v)] {
				ids = append(ids, b.users.at(i).ID)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// lacksManagers reports a file that was asked for managers, and whose users carry
// none, null included: they weren't read.
func (s *Snapshot) lacksManagers() bool {
	return s.builder.HasManagers() && s.builder.users.len() > 0 && s.builder.has&HasManager == 0
}

func (s *Snapshot) withoutManagers() string {
	if !s.lacksManagers() {
		return ""
	}
	return fmt.Sprintf("No user in %s carries \"manager\", null included, so managers aren't covered, and what needs "+
		"them is unknown. Record the snapshot again with \"manager\" among the attributes, or write what Graph gives "+
		"with $expand=manager, and null for those who have none.", s.Path)
}

// withoutUnread takes the column away of what the file doesn't cover.
func (s *Snapshot) withoutUnread(d *Directory) *Directory {
	if s.lacksManagers() {
		at := slices.Index(d.Attributes, Manager)
		d.Attributes = slices.Delete(slices.Clone(d.Attributes), at, at+1)
		d.Columns = slices.Delete(d.Columns, at, at+1)
	}
	return d
}
