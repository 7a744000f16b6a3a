package entra

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// memberReading reads direct members of groups into the builder.
type memberReading struct {
	*errands
	r        *read
	recorded map[string][]json.RawMessage
}

// members makes a reading of members.
func (r *read) members() *memberReading {
	dec := directory.NewDecoder(nil)
	return r.membersWith(func(group string, raw []byte) error {
		m, err := dec.Member(raw)
		if err != nil {
			return err
		}
		return r.b.AddMember(group, m)
	})
}

// membersWith makes a reading that calls each, one at a time, with every
// member.
func (r *read) membersWith(each func(group string, raw []byte) error) *memberReading {
	m := &memberReading{r: r, recorded: map[string][]json.RawMessage{}}
	m.errands = r.c.errands("reading members of groups", NeedGroups, func(e errand, raw []byte) error {
		return r.hold(func() error {
			if r.o.Recorder != nil {
				m.recorded[e.about] = append(m.recorded[e.about], memberOnly(raw))
			}
			return each(e.about, raw)
		})
	}, m.withheld)
	return m
}

// withheld is a group whose members Graph won't list: 403 means that its
// membership is withheld, 404 that it is gone since the groups were read.
func (m *memberReading) withheld(e errand, status int) bool {
	switch status {
	case http.StatusForbidden:
		// A member group that can't be found hides members just so.
		return m.r.hold(func() error {
			if m.r.o.Recorder != nil {
				m.recorded[e.about] = append(m.recorded[e.about], json.RawMessage(unknownGroup))
			}
			return m.r.b.AddMember(e.about, directory.GraphMember{Type: "group"})
		}) == nil
	case http.StatusNotFound:
		// Or too new for the server that was asked [graph 6]: good
		// enough for a reading, not to build on.
		return m.r.hold(func() error { m.r.doubtful = true; return nil }) == nil
	}
	return false
}

// save hands what was read to the recorder.
func (m *memberReading) save() {
	for group, list := range m.recorded {
		m.r.o.Recorder.Members(group, list)
	}
}

// membersOf asks for the members of a group with some properties.
func (r *read) membersOf(group, properties string) errand {
	q := url.Values{"$select": {properties}, "$top": {r.c.top}}
	return errand{about: group, url: "/groups/" + url.PathEscape(group) + "/members?" + encode(q)}
}

// bothKinds are the properties of users and of groups: each object answers
// those that it has.
func (r *read) bothKinds() string {
	both := strings.Split(r.select_, ",")
	for _, p := range groupProperties {
		if !slices.Contains(both, p) {
			both = append(both, p)
		}
	}
	return strings.Join(both, ",")
}

// below reads the groups that the reading is limited to, and what is under
// them. Users come with their groups.
func (r *read) below(ctx context.Context) ([]string, error) {
	if err := r.domains(ctx); err != nil {
		return nil, err
	}
	r.cover("users")
	r.cover("groups")
	ids := []string{} // not nil, which would be the whole tenant
	properties := r.bothKinds()
	dec, users := directory.NewDecoder(nil), directory.NewDecoder(r.b.Attributes())
	seen := map[string]bool{}
	var members *memberReading
	members = r.membersWith(func(group string, raw []byte) error {
		m, err := dec.Member(raw)
		if err != nil {
			return err
		}
		if err := r.b.AddMember(group, m); err != nil {
			return err
		}
		switch m.Type {
		case "user":
			return r.memberUser(users, raw)
		case "group":
			g, err := dec.Group(raw)
			if err != nil {
				return err
			}
			if g.DisplayName == "" || seen[g.ID] {
				return nil // bare: the builder marks what can't be read
			}
			seen[g.ID] = true
			r.b.AddGroup(g)
			r.record("groups", g.ID, raw)
			members.put(r.membersOf(g.ID, properties))
		}
		return nil
	})
	for _, name := range r.o.Groups {
		found, err := r.c.findGroups(ctx, name)
		if err != nil {
			return nil, err
		}
		for _, g := range found {
			ids = append(ids, g.ID)
			if !seen[g.ID] {
				seen[g.ID] = true
				r.b.AddGroup(g.GraphGroup)
				r.record("groups", g.ID, g.raw)
				members.put(r.membersOf(g.ID, properties))
			}
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if r.o.Recorder != nil {
		r.o.Recorder.Limit(ids)
	}
	members.close()
	if err := members.run(ctx); err != nil {
		return nil, err
	}
	members.save()
	return ids, nil
}

// memberUser adds a user who came as a member, unless only the id did.
func (r *read) memberUser(dec *directory.Decoder, raw []byte) error {
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
