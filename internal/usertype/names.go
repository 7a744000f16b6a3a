package usertype

import (
	"fmt"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Arguments whose names a policy keeps with their ids.
const (
	argGroups = "match.groups"
	argUsers  = "match.users"
)

// names resolves what matches name, and remembers it.
type names struct {
	lookup *directory.Lookup
	// kept is what names meant at the last apply; meant is what they mean now.
	kept, meant decision.Resolved
	// renamed says of whom the entry isn't the name any more.
	renamed []string
}

// MovedError says that a name leads to another object than the one that was
// meant at the last apply.
type MovedError struct{ decision.Meaning }

func (e *MovedError) Error() string {
	return fmt.Sprintf("%s meant object id %s at the last apply; now %s bears the name, which may be somebody else's "+
		"doing. Write the object id of the one that is meant",
		decision.Quoted(e.Entry), e.ID, strings.Join(e.Others, ", "))
}

// user gives the position of the user whom an entry means.
func (n *names) user(d *directory.Directory, entry string) (int32, error) {
	m, err := decision.UserMeaning(n.lookup, d, n.kept, argUsers, entry)
	if err == nil {
		err = n.keep(m, "user")
	}
	if err != nil {
		return -1, err
	}
	if i := d.UserByID(m.ID); i >= 0 {
		return i, nil
	}
	return n.lookup.User(entry) // says that nobody fits
}

// group gives the position of the group that an entry means.
func (n *names) group(d *directory.Directory, entry string) (int32, error) {
	m, err := decision.GroupMeaning(n.lookup, d, n.kept, argGroups, entry)
	if err == nil {
		err = n.keep(m, "group")
	}
	if err != nil {
		return -1, err
	}
	if g := d.GroupByID(m.ID); g >= 0 {
		return g, nil
	}
	return -1, fmt.Errorf("%s meant object id %s at the last apply, which isn't in the tenant any more. Take the "+
		"entry "+
		"out, or write the object id of the one that is meant", decision.Quoted(entry), m.ID)
}

func (n *names) keep(m decision.Meaning, kind string) error {
	if m.Moved() {
		return &MovedError{m}
	}
	if m.Now != "" {
		n.renamed = append(n.renamed, m.Advice(kind))
	}
	if m.ID != "" {
		n.meant.Set(m.Argument, m.Entry, m.ID)
	}
	return nil
}
