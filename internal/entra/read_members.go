package entra

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// memberReader reads direct members of groups into the builder.
type memberReader struct {
	*batchReader
	r        *directoryRead
	recorded map[string][]json.RawMessage
}

// newMemberReader makes a reading of members: a page at a time, since a tenant has
// many times as many as users.
func (r *directoryRead) newMemberReader() *memberReader {
	dec := directory.NewDecoder(nil)
	var list directory.MemberList
	m := r.newMemberReaderWith(nil)
	m.decode = func(e pageRequest, rest []byte) (n, end int, err error) {
		err = r.locked(func() error {
			list.Reset()
			n, end, err = dec.Members(rest, &list, func(raw []byte) { m.keep(e.owner, raw) })
			if err != nil {
				return err
			}
			return r.b.AddMembers(e.owner, &list)
		})
		return n, end, err
	}
	return m
}

// keep keeps a member for the recorder, where there is one.
func (m *memberReader) keep(group string, raw []byte) {
	if m.r.o.Recorder != nil {
		m.recorded[group] = append(m.recorded[group], memberReference(raw))
	}
}

// newMemberReaderWith makes a reading that calls each, one at a time, with every
// member.
func (r *directoryRead) newMemberReaderWith(each func(group string, raw []byte) error) *memberReader {
	m := &memberReader{r: r, recorded: map[string][]json.RawMessage{}}
	const operation = "reading members of groups"
	m.batchReader = r.client.newBatchReader(operation, NeedGroups, func(e pageRequest, raw []byte) error {
		return r.locked(func() error {
			m.keep(e.owner, raw)
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
