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

// memberReader reads direct members of groups into the builder.
type memberReader struct {
	*batchReader
	r        *directoryRead
	recorded map[string][]json.RawMessage
}

// newMemberReader makes a reading of members.
func (r *directoryRead) newMemberReader() *memberReader {
	dec := directory.NewDecoder(nil)
	return r.newMemberReaderWith(func(group string, raw []byte) error {
		m, err := dec.Member(raw)
		if err != nil {
			return err
		}
		return r.b.AddMember(group, m)
	})
}

// newMemberReaderWith makes a reading that calls each, one at a time, with every
// member.
func (r *directoryRead) newMemberReaderWith(each func(group string, raw []byte) error) *memberReader {
	m := &memberReader{r: r, recorded: map[string][]json.RawMessage{}}
	const operation = "reading members of groups"
	m.batchReader = r.client.newBatchReader(operation, NeedGroups, func(e pageRequest, raw []byte) error {
		return r.locked(func() error {
			if r.o.Recorder != nil {
				m.recorded[e.owner] = append(m.recorded[e.owner], memberReference(raw))
			}
			return each(e.owner, raw)
		})
	}, m.withheld)
	return m
}

// withheld is a group whose members Graph won't list: 403 means that its
// membership is withheld, 404 that it is gone since the groups were read.
func (m *memberReader) withheld(e pageRequest, status int) bool {
	switch status {
	case http.StatusForbidden:
		// A member group that can't be found hides members just so.
		return m.r.locked(func() error {
			if m.r.o.Recorder != nil {
				m.recorded[e.owner] = append(m.recorded[e.owner], json.RawMessage(unknownGroup))
			}
			return m.r.b.AddMember(e.owner, directory.GraphMember{Type: "group"})
		}) == nil
	case http.StatusNotFound:
		// Or too new for the server that was asked [graph 6]: good
		// enough for a reading, not to build on.
		return m.r.locked(func() error { m.r.groupMissing = true; return nil }) == nil
	}
	return false
}

// save hands what was read to the recorder.
func (m *memberReader) save() {
	for group, list := range m.recorded {
		m.r.o.Recorder.Members(group, list)
	}
}

// membersRequest asks for the members of a group with some properties.
func (r *directoryRead) membersRequest(group, properties string) pageRequest {
	q := url.Values{"$select": {properties}, "$top": {r.client.pageSize}}
	return pageRequest{owner: group, url: "/groups/" + url.PathEscape(group) + "/members?" + encode(q)}
}

// userAndGroupProperties are the properties of users and of groups: each object answers
// those that it has.
func (r *directoryRead) userAndGroupProperties() string {
	both := strings.Split(r.userSelect, ",")
	for _, p := range groupProperties {
		if !slices.Contains(both, p) {
			both = append(both, p)
		}
	}
	return strings.Join(both, ",")
}

// readBelowGroups reads the groups that the reading is limited to, and what is under
// them. Users come with their groups.
func (r *directoryRead) readBelowGroups(ctx context.Context) ([]string, error) {
	if err := r.domains(ctx); err != nil {
		return nil, err
	}
	r.recordCovered("users")
	r.recordCovered("groups")
	ids := []string{} // not nil, which would be the whole tenant
	properties := r.userAndGroupProperties()
	dec, users := directory.NewDecoder(nil), directory.NewDecoder(r.b.Attributes())
	seen := map[string]bool{}
	var members *memberReader
	members = r.newMemberReaderWith(func(group string, raw []byte) error {
		m, err := dec.Member(raw)
		if err != nil {
			return err
		}
		if err := r.b.AddMember(group, m); err != nil {
			return err
		}
		switch m.Type {
		case "user":
			return r.addMemberUser(users, raw)
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
			members.add(r.membersRequest(g.ID, properties))
		}
		return nil
	})
	for _, name := range r.o.Groups {
		found, err := r.client.findGroups(ctx, name)
		if err != nil {
			return nil, err
		}
		for _, g := range found {
			ids = append(ids, g.ID)
			if !seen[g.ID] {
				seen[g.ID] = true
				r.b.AddGroup(g.GraphGroup)
				r.record("groups", g.ID, g.raw)
				members.add(r.membersRequest(g.ID, properties))
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
