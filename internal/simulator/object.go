package simulator

import (
	"encoding/binary"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// life says whether an object is in the directory, among the deleted items, or gone.
type life uint8

const (
	live life = iota
	softDeleted
	purged
	stub // known only as a member: named in a group, never described
)

// object is one user, group, domain or partner. Once published it is never changed, only replaced,
// so a reader may keep it without a lock.
type object struct {
	ent        *entity
	id         string
	props      string  // packed properties without the key, in the order of their indexes
	members    []int32 // of a group: references into the store
	life       life
	unreadable bool // comes back bare in lists of members

	// What readers still see while the service's replicas lag behind (fault "stale").
	prev       *object
	staleUntil int64 // the last read request that sees prev

	// What lists of users still show (Behavior.ListLag).
	listed      *object
	listedUntil int64 // the last list that shows it
}

// packing is the growing form of object.props: index, length and raw JSON of each property.
type packing []byte

func (p packing) add(index int, raw string) packing {
	p = binary.AppendUvarint(p, uint64(index))
	p = binary.AppendUvarint(p, uint64(len(raw)))
	return append(p, raw...)
}

// unpack takes the first property off a packed list.
func unpack(packed string) (index int, raw, rest string) {
	i, n := uvarint(packed)
	size, m := uvarint(packed[n:])
	start := n + m
	return i, packed[start : start+size], packed[start+size:]
}

// uvarint is binary.Uvarint on a string.
func uvarint(s string) (value, width int) {
	var shift uint
	for i := 0; i < len(s); i++ {
		b := s[i]
		value |= int(b&0x7f) << shift
		if b < 0x80 {
			return value, i + 1
		}
		shift += 7
	}
	return 0, len(s)
}

// get is the raw JSON of a property, "" if it was never set.
func (o *object) get(index int) string {
	for rest := o.props; rest != ""; {
		var i int
		var raw string
		i, raw, rest = unpack(rest)
		if i == index {
			return raw
		}
	}
	return ""
}

// value is the raw JSON of a named property as a reader sees it.
func (o *object) value(name string) string {
	i, ok := o.ent.find(name)
	if !ok {
		return "null"
	}
	if i == o.ent.keyIndex {
		return rawjson.Quote(o.id)
	}
	if raw := o.get(i); raw != "" {
		return raw
	}
	return o.ent.prop(i).zero
}

// text is the value of a named string property, "" where it is null.
func (o *object) text(name string) string { return rawjson.Unquote(o.value(name)) }

// with is a copy of o with some properties set, by index.
func (o *object) with(set map[int]string) *object {
	next := *o
	next.prev, next.staleUntil, next.listed = nil, 0, nil
	n := len(o.ent.properties())
	values := make([]string, n)
	for rest := o.props; rest != ""; {
		var i int
		var raw string
		i, raw, rest = unpack(rest)
		values[i] = raw
	}
	for i, raw := range set {
		values[i] = raw
	}
	var p packing
	for i, raw := range values {
		if raw != "" && i != o.ent.keyIndex {
			p = p.add(i, raw)
		}
	}
	next.props = string(p)
	return &next
}

// withMembers is a copy of o with other members.
func (o *object) withMembers(members []int32) *object {
	next := *o
	next.prev, next.staleUntil, next.listed = nil, 0, nil
	next.members = members
	return &next
}

// withLife is a copy of o in another state.
func (o *object) withLife(l life) *object {
	next := *o
	next.prev, next.staleUntil, next.listed = nil, 0, nil
	next.life = l
	return &next
}
