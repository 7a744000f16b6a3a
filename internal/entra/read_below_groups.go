package entra

import (
	"context"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// belowGroups reads what is below some groups: their members, and those of the
// groups among them. Users come with their groups.
type belowGroups struct {
	*directoryRead
	members *memberReader
	// properties are asked for of members: those of users and of groups.
	properties string
	seen       map[string]bool // groups
	decoder    *directory.Decoder
	users      *directory.Decoder
}

// readBelowGroups reads the groups that the reading is limited to, and what is
// below them.
func (r *directoryRead) readBelowGroups(ctx context.Context) ([]string, error) {
	if err := r.domains(ctx); err != nil {
		return nil, err
	}
	r.recordCovered("users")
	r.recordCovered("groups")
	below := &belowGroups{
		directoryRead: r,
		properties:    r.userAndGroupProperties(),
		seen:          map[string]bool{},
		decoder:       directory.NewDecoder(nil),
		users:         directory.NewDecoder(r.b.Attributes()),
	}
	below.members = r.newMemberReaderWith(below.addMember)
	ids := []string{} // not nil, which would be the whole tenant
	for _, name := range r.o.Groups {
		found, err := r.client.findGroups(ctx, name)
		if err != nil {
			return nil, err
		}
		for _, g := range found {
			ids = append(ids, g.ID)
			below.addGroup(g.GraphGroup, g.raw)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if r.o.Recorder != nil {
		r.o.Recorder.Limit(ids)
	}
	below.members.close()
	if err := below.members.run(ctx); err != nil {
		return nil, err
	}
	below.members.save()
	return ids, nil
}

// addGroup adds a group that isn't there yet, and asks for its members.
func (w *belowGroups) addGroup(g directory.GraphGroup, raw []byte) {
	if w.seen[g.ID] {
		return
	}
	w.seen[g.ID] = true
	w.b.AddGroup(g)
	w.record("groups", g.ID, raw)
	w.members.add(w.membersRequest(g.ID, w.properties))
}

// addMember adds what a member says of itself.
func (w *belowGroups) addMember(group string, raw []byte) error {
	m, err := w.decoder.Member(raw)
	if err != nil {
		return err
	}
	if err := w.b.AddMember(group, m); err != nil {
		return err
	}
	switch m.Type {
	case "user":
		return w.addMemberUser(w.users, raw)
	case "group":
		g, err := w.decoder.Group(raw)
		if err != nil {
			return err
		}
		if g.DisplayName != "" { // else it is bare: the builder marks what can't be read
			w.addGroup(g, raw)
		}
	}
	return nil
}

// userAndGroupProperties are the properties of users and of groups: each object
// answers those that it has.
func (r *directoryRead) userAndGroupProperties() string {
	both := strings.Split(r.userSelect, ",")
	for _, p := range groupProperties {
		if !slices.Contains(both, p) {
			both = append(both, p)
		}
	}
	return strings.Join(both, ",")
}

// addMemberUser adds a user who came as a member, unless only the id did.
func (r *directoryRead) addMemberUser(dec *directory.Decoder, raw []byte) error {
	u, values, has, err := dec.User(raw)
	if err != nil {
		return err
	}
	if u.UserPrincipalName == "" && u.AccountEnabled == directory.Absent {
		return nil
	}
	r.b.AddUser(u, values, has)
	r.record("users", u.ID, raw)
	return nil
}
