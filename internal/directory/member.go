package directory

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/usersync/terraform-provider-usersync/internal/jsonscan"
)

// GraphMember is a direct member of a group.
type GraphMember struct {
	// Type is the last part of @odata.type: "user", "group", "device", …
	Type string
	ID   string
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

// Members decodes the array of directoryObjects that rest begins with, and calls each
// with every one of them and its JSON, valid only during the call. It answers how many
// there were, and where the array ends.
func (d *Decoder) Members(rest []byte, each func(m GraphMember, raw []byte) error) (n, end int, err error) {
	one := func(raw []byte) (end int, err error) {
		m, end, err := d.memberAt(raw)
		if err != nil {
			return 0, err
		}
		return end, each(m, raw[:end])
	}
	return d.elements(rest, one, func(raw []byte) error { _, err := one(raw); return err })
}

// memberAt decodes the member that raw begins with; it answers where they end.
func (d *Decoder) memberAt(raw []byte) (m GraphMember, end int, err error) {
	if typ, id, end, ok := bareMember(raw); ok {
		kind := commonWord(typ)
		if kind == "" {
			kind = d.internBytes(typ)
		}
		return GraphMember{Type: kind, ID: d.kept.lowerCase(id)}, end, nil
	}
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

// bareMember takes a member apart that is written as Graph writes most of them,
// millions in a large tenant: type and id, without blanks and escapes.
func bareMember(raw []byte) (typ, id []byte, end int, ok bool) {
	const prefix, between, suffix = `{"@odata.type":"#microsoft.graph.`, `","id":"`, `"}`
	rest, ok := bytes.CutPrefix(raw, []byte(prefix))
	if !ok {
		return nil, nil, 0, false
	}
	n := bytes.IndexByte(rest, '"')
	if n < 0 || !bytes.HasPrefix(rest[n:], []byte(between)) {
		return nil, nil, 0, false
	}
	typ, rest = rest[:n], rest[n+len(between):]
	n = bytes.IndexByte(rest, '"')
	if n <= 0 || !bytes.HasPrefix(rest[n:], []byte(suffix)) {
		return nil, nil, 0, false
	}
	id = rest[:n]
	if !jsonscan.Plain(typ) || bytes.IndexByte(typ, '.') >= 0 || !jsonscan.Plain(id) {
		return nil, nil, 0, false
	}
	return typ, id, len(prefix) + len(typ) + len(between) + len(id) + len(suffix), true
}
