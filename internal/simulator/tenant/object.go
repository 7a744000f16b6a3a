package tenant

import (
	"encoding/binary"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// life says whether an object is in the directory, among the deleted items, or gone.
type life uint8

// The states of an object.
const (
	Live life = iota
	SoftDeleted
	Purged
	Stub // known only as a member: named in a group, never described
)

// Object is one user, group, domain or partner. Once published it is never changed, only replaced,
// so a reader may keep it without a lock.
type Object struct {
	Entity     *Entity
	ID         string
	Props      string  // packed properties without the key, in the order of their indexes
	Members    []int32 // of a group: references into the store
	Life       life
	Unreadable bool // comes back bare in lists of members

	// What readers still see while the service's replicas lag behind (fault "stale").
	Previous   *Object
	staleUntil int64 // the last read request that sees prev

	// What lists of users still show (Behavior.ListLag).
	Listed      *Object
	listedUntil int64 // the last list that shows it
}

// Packing is the growing form of object.props: index, length and raw JSON of each property.
type Packing []byte

// Add packs one property more.
func (p Packing) Add(index int, raw string) Packing {
	p = binary.AppendUvarint(p, uint64(index))
	p = binary.AppendUvarint(p, uint64(len(raw)))
	return append(p, raw...)
}

// Unpack takes the first property off a packed list.
func Unpack(packed string) (index int, raw, rest string) {
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

// Raw is the raw JSON of a property, "" if it was never set.
func (o *Object) Raw(index int) string {
	for rest := o.Props; rest != ""; {
		var i int
		var raw string
		i, raw, rest = Unpack(rest)
		if i == index {
			return raw
		}
	}
	return ""
}

// Value is the raw JSON of a named property as a reader sees it.
func (o *Object) Value(name string) string {
	i, ok := o.Entity.Find(name)
	if !ok {
		return "null"
	}
	if i == o.Entity.KeyIndex {
		return rawjson.Quote(o.ID)
	}
	if raw := o.Raw(i); raw != "" {
		return raw
	}
	return o.Entity.Prop(i).Zero
}

// Text is the value of a named string property, "" where it is null.
func (o *Object) Text(name string) string { return rawjson.Unquote(o.Value(name)) }

// With is a copy of o with some properties set, by index.
func (o *Object) With(set map[int]string) *Object {
	next := *o
	next.Previous, next.staleUntil, next.Listed = nil, 0, nil
	n := len(o.Entity.Properties())
	values := make([]string, n)
	for rest := o.Props; rest != ""; {
		var i int
		var raw string
		i, raw, rest = Unpack(rest)
		values[i] = raw
	}
	for i, raw := range set {
		values[i] = raw
	}
	var p Packing
	for i, raw := range values {
		if raw != "" && i != o.Entity.KeyIndex {
			p = p.Add(i, raw)
		}
	}
	next.Props = string(p)
	return &next
}

// withMembers is a copy of o with other members.
func (o *Object) withMembers(members []int32) *Object {
	next := *o
	next.Previous, next.staleUntil, next.Listed = nil, 0, nil
	next.Members = members
	return &next
}

// withLife is a copy of o in another state.
func (o *Object) withLife(l life) *Object {
	next := *o
	next.Previous, next.staleUntil, next.Listed = nil, 0, nil
	next.Life = l
	return &next
}
