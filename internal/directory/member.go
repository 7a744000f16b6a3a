package directory

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/usersync/terraform-provider-usersync/internal/guid"
)

// GraphMember is a direct member of a group.
type GraphMember struct {
	// Type is the last part of @odata.type: "user", "group", "device", …
	Type string
	ID   string
}

// MemberList are direct members of a group, each as often as it came, in no order.
// A tenant has millions: users' GUIDs stand without their text.
type MemberList struct {
	users []guid.ID
	rest  []GraphMember
}

// Add adds a member.
func (l *MemberList) Add(m GraphMember) {
	if u, ok := guid.Parse(m.ID); ok && m.Type == typeUser {
		l.users = append(l.users, u)
		return
	}
	l.rest = append(l.rest, m)
}

// Reset empties the list and keeps its memory.
func (l *MemberList) Reset() { l.users, l.rest = l.users[:0], l.rest[:0] }

func (l *MemberList) join(o *MemberList) {
	l.users, l.rest = append(l.users, o.users...), append(l.rest, o.rest...)
}

func (l *MemberList) size() int { return len(l.users) + len(l.rest) }

// deleteFunc deletes those of the named ids for whose positions del says so.
func (l *MemberList) deleteFunc(named *index, del func(at int32) bool) {
	l.users = slices.DeleteFunc(l.users, func(u guid.ID) bool {
		at, ok := named.guids[u]
		return ok && del(at)
	})
	l.rest = slices.DeleteFunc(l.rest, func(m GraphMember) bool {
		at, ok := named.at(m.ID)
		return ok && del(at)
	})
}

// groupMembers decodes the members that a snapshot's group carries, with a
// decoder of its own: a group may have a million.
func groupMembers(v jsontext.Value) (members []GraphMember, err error) {
	item := NewDecoder(nil)
	_, err = NewDecoder(nil).Array(v, func(raw []byte) error {
		m, err := item.Member(raw)
		if err == nil {
			members = append(members, m)
		}
		return err
	})
	return members, err
}

// Member decodes one directoryObject of a list of members.
func (d *Decoder) Member(raw []byte) (m GraphMember, err error) {
	m, _, err = d.memberAt(raw)
	return m, err
}

// Members decodes the array of directoryObjects that rest begins with into a list, and
// calls each with the JSON of every one of them, valid only during the call. It answers
// how many there were, and where the array ends.
func (d *Decoder) Members(rest []byte, into *MemberList, each func(raw []byte)) (n, end int, err error) {
	one := func(raw []byte) (end int, err error) {
		if u, end, ok := bareUser(raw); ok {
			into.users = append(into.users, u)
			each(raw[:end])
			return end, nil
		}
		m, end, err := d.memberAt(raw)
		if err != nil {
			return 0, err
		}
		into.Add(m)
		each(raw[:end])
		return end, nil
	}
	return d.elements(rest, one, func(raw []byte) error { _, err := one(raw); return err })
}

// memberAt decodes the member that raw begins with; it answers where they end.
func (d *Decoder) memberAt(raw []byte) (m GraphMember, end int, err error) {
	end, err = d.objectAt(raw, func(name string, v jsontext.Value) (err error) {
		switch name {
		case "@odata.type":
			var t string
			t, err = d.word(v)
			m.Type = t[strings.LastIndexByte(t, '.')+1:]
		case "id":
			m.ID, err = d.id(v)
		}
		return err
	})
	if err == nil && m.ID == "" {
		err = noID(raw[:end], "a member")
	}
	return m, end, err
}

// bareUser takes a member apart that is written as Graph writes nearly all of them,
// millions in a large tenant: a user with a GUID and nothing else, without blanks.
func bareUser(raw []byte) (u guid.ID, end int, ok bool) {
	const prefix, suffix = `{"@odata.type":"#microsoft.graph.user","id":"`, `"}`
	const length = len(prefix) + guid.Length
	if end = length + len(suffix); len(raw) < end || string(raw[:len(prefix)]) != prefix ||
		string(raw[length:end]) != suffix {
		return u, 0, false
	}
	u, ok = guid.Parse(raw[len(prefix):length])
	return u, end, ok
}
