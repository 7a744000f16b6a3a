package directory

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/unicode/norm"
)

// Lookup finds users and groups by the names that people give them. It is made
// once per directory and is safe for concurrent use.
type Lookup struct {
	d      *Directory
	once   sync.Once
	users  map[string][]int32
	gonce  sync.Once
	groups map[string][]int32
}

// NewLookup makes a look-up on a directory; its index is built on first use.
func NewLookup(d *Directory) *Lookup { return &Lookup{d: d} }

// NotFoundError says that a name fits nothing in the directory, or several
// things.
type NotFoundError struct {
	// Kind is "user" or "group".
	Kind string
	Name string
	// IDs are the object ids of those that fit, where several do.
	IDs []string
	// Partial says that the directory holds only a part of the tenant.
	Partial bool
}

func (e *NotFoundError) Error() string {
	if len(e.IDs) > 0 {
		shown := e.IDs
		if len(shown) > 10 {
			shown = shown[:10]
		}
		return fmt.Sprintf(
			"%d %ss are called %q: %s. Name the one you mean by its object id.",
			len(e.IDs),
			e.Kind,
			e.Name,
			strings.Join(shown, ", "),
		)
	}
	how := "by displayName (exact, upper and lower case matter) or object id"
	if e.Kind == "user" {
		how = "by principal name, mail or object id"
	}
	where := "in the directory's reading"
	if e.Kind != "user" && e.Kind != "group" {
		where = "in the tenant"
	}
	if e.Partial {
		where += ", which is limited to some groups (the argument \"groups\" of usersync_directory)"
	}
	return fmt.Sprintf("No %s %q %s: it is looked up %s.", e.Kind, e.Name, where, how)
}

// folded is a name without regard to case and to how its characters are
// composed: the CLIs compose every text (NFC), the services don't.
func folded(name string) string { return strings.ToLower(norm.NFC.String(name)) }

// User finds a user by principal name, mail (both without regard to case) or
// object id. The error is a *NotFoundError.
func (l *Lookup) User(name string) (int32, error) {
	key := folded(name)
	if i := l.d.UserByID(key); i >= 0 {
		return i, nil
	}
	l.once.Do(l.indexUsers)
	found := l.users[key]
	if len(found) == 1 {
		return found[0], nil
	}
	e := &NotFoundError{Kind: "user", Name: name, Partial: !l.d.WholeTenant()}
	for _, i := range found {
		e.IDs = append(e.IDs, l.d.Users[i].ID)
	}
	return -1, e
}

// Users finds all users of a principal name or mail, without regard to case.
func (l *Lookup) Users(name string) []int32 {
	l.once.Do(l.indexUsers)
	return l.users[folded(name)]
}

func (l *Lookup) indexUsers() {
	l.users = make(map[string][]int32, 2*len(l.d.Users))
	for i := range l.d.Users {
		u := &l.d.Users[i]
		upn, mail := folded(u.UserPrincipalName), folded(u.Mail)
		if upn != "" {
			l.users[upn] = append(l.users[upn], int32(i))
		}
		if mail != "" && mail != upn {
			l.users[mail] = append(l.users[mail], int32(i))
		}
	}
}

// Group finds a group by displayName (exact) or object id. The error is a
// *NotFoundError.
func (l *Lookup) Group(name string) (int32, error) {
	if i := l.d.GroupByID(strings.ToLower(name)); i >= 0 {
		return i, nil
	}
	found := l.Groups(name)
	if len(found) == 1 {
		return found[0], nil
	}
	e := &NotFoundError{Kind: "group", Name: name, Partial: !l.d.WholeTenant()}
	for _, i := range found {
		e.IDs = append(e.IDs, l.d.Groups[i].ID)
	}
	return -1, e
}

// Groups finds all groups of a displayName (exact).
func (l *Lookup) Groups(name string) []int32 {
	l.gonce.Do(func() {
		l.groups = make(map[string][]int32, len(l.d.Groups))
		for i := range l.d.Groups {
			n := norm.NFC.String(l.d.Groups[i].DisplayName)
			l.groups[n] = append(l.groups[n], int32(i))
		}
	})
	return l.groups[norm.NFC.String(name)]
}

// UniqueGroupName is the group's displayName, with the id behind it where
// several groups share the name.
func (l *Lookup) UniqueGroupName(i int32) string {
	g := &l.d.Groups[i]
	if _, err := l.Group(g.DisplayName); err != nil || g.DisplayName == "" {
		return fmt.Sprintf("%s (%s)", g.DisplayName, g.ID)
	}
	return g.DisplayName
}

// GroupIDs are the ids of the named groups, ascending and unique: of a name, of
// every group that bears it; a name that fits none has none.
func (l *Lookup) GroupIDs(names []string) []string {
	ids := make([]string, 0, len(names))
	for _, n := range names {
		if i := l.d.GroupByID(strings.ToLower(n)); i >= 0 {
			ids = append(ids, l.d.Groups[i].ID)
			continue
		}
		for _, i := range l.Groups(n) {
			ids = append(ids, l.d.Groups[i].ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
