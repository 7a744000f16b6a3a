package directory

import (
	"bytes"
	"hash/maphash"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Round gathers the objects of one delta round of users or groups. The same
// object can come several times, with parts of its members or over again, and
// the order isn't defined ([graph 1.5, D], [graph 2, D]): so what comes
// twice is merged where it agrees, and is unclear where it doesn't.
type Round struct {
	dec   *Decoder
	inner *Decoder
	byID  map[string]*changed
	order []string
}

// changed is what a round says of one object.
type changed struct {
	raws []jsontext.Value
	// values are hashes of the properties, by name.
	values  map[string]uint64
	members map[string]MemberChange
	// removed and present: it came with @removed, and without.
	removed, present, unclear bool
}

// MemberChange is a member that came or, Removed, went.
type MemberChange struct {
	GraphMember
	Removed bool
}

// NewRound makes an empty round.
func NewRound() *Round {
	return &Round{dec: NewDecoder(nil), inner: NewDecoder(nil), byID: map[string]*changed{}}
}

// Len is how many objects and entries of members it holds.
func (r *Round) Len() int {
	n := len(r.byID)
	for _, c := range r.byID {
		n += len(c.members)
	}
	return n
}

// Has reports whether a round says anything of an object.
func (r *Round) Has(id string) bool { return r.byID[id] != nil }

// IDs are the objects of which a round says something, in the order in which
// they came.
func (r *Round) IDs() []string { return r.order }

var roundSeed = maphash.MakeSeed()

// Add takes one object of a round.
func (r *Round) Add(raw []byte) error {
	id, err := r.id(raw)
	if err != nil {
		return err
	}
	c := r.byID[id]
	if c == nil {
		c = &changed{values: map[string]uint64{}}
		r.byID[id] = c
		r.order = append(r.order, id)
	}
	removed := false
	err = r.dec.object(raw, func(name string, v jsontext.Value) error {
		switch {
		case name == "@removed":
			removed = v.Kind() != 'n'
		case name == "members@delta":
			return r.addMembers(c, v)
		case name != "id" && !strings.HasPrefix(name, "@"):
			h := maphash.String(roundSeed, compact(v))
			if old, ok := c.values[name]; ok && old != h {
				c.unclear = true
			}
			c.values[name] = h
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.removed, c.present = c.removed || removed, c.present || !removed
	c.unclear = c.unclear || c.removed && c.present
	if !removed && (len(c.raws) == 0 || !bytes.Equal(c.raws[len(c.raws)-1], raw)) {
		c.raws = append(c.raws, bytes.Clone(raw))
	}
	return nil
}

// id reads an object's id, which every object of a round has.
func (r *Round) id(raw []byte) (id string, err error) {
	err = r.dec.object(raw, func(name string, v jsontext.Value) (err error) {
		if name == "id" {
			id, err = text(v)
		}
		return err
	})
	if err == nil && id == "" {
		err = &SyntaxError{Problem: "an object has no id"}
	}
	return strings.ToLower(id), err
}

func (r *Round) addMembers(c *changed, v jsontext.Value) error {
	if v.Kind() == 'n' {
		return nil
	}
	_, err := NewDecoder(nil).Array(v, func(raw []byte) error {
		m, err := r.inner.memberChange(raw)
		if err != nil {
			return err
		}
		if c.members == nil {
			c.members = map[string]MemberChange{}
		}
		if old, ok := c.members[m.ID]; ok && old.Removed != m.Removed {
			c.unclear = true
		}
		c.members[m.ID] = m
		return nil
	})
	return err
}

func (d *Decoder) memberChange(raw []byte) (m MemberChange, err error) {
	if m.GraphMember, err = d.Member(raw); err != nil {
		return m, err
	}
	err = d.object(raw, func(name string, v jsontext.Value) error {
		if name == "@removed" {
			m.Removed = v.Kind() != 'n'
		}
		return nil
	})
	return m, err
}

// Unresolved are the objects of which a round doesn't say enough.
type Unresolved struct {
	// Arrived are new, or back from the deleted: of them groups tell no
	// memberships that are older.
	Arrived []string
	// Unclear came twice with different facts.
	Unclear []string
	// Unsure are groups to which somebody came whom nobody knows: one of whom
	// nothing can be read, one who is deleted, or one whom users don't tell of
	// yet. Their lists of members say which.
	Unsure []string
	// Managers are users whose manager may be another now, where the builder has
	// managers: that a user changed is all that a round has to say of it.
	Managers []string
}

// ApplyUsers changes the builder's users by a round of users. What the round
// doesn't name of a user stays as it was: Graph gives at least what changed.
func (b *Builder) ApplyUsers(r *Round) (unresolved Unresolved, err error) {
	dec := NewDecoder(b.attributes)
	dec.over = true
	moved := map[string]bool{} // who left or came, as somebody's manager
	defer func() { unresolved.Managers = b.managersToAsk(r.order, moved) }()
	for _, id := range r.order {
		c := r.byID[id]
		switch {
		case c.unclear:
			unresolved.Unclear = append(unresolved.Unclear, id)
			moved[id] = true
			continue
		case c.removed:
			b.RemoveUser(id)
			moved[id] = true
			continue
		}
		if !b.HasUser(id) {
			unresolved.Arrived = append(unresolved.Arrived, id)
			moved[id] = true
		}
		for _, raw := range c.raws {
			if err := b.overlayUser(dec, id, raw); err != nil {
				return unresolved, err
			}
		}
	}
	return unresolved, nil
}

func (b *Builder) overlayUser(dec *Decoder, id string, raw []byte) error {
	clear(dec.values)
	var known User
	if at, ok := b.userAt.at(id); ok {
		known = *b.users.at(at)
		for i, c := range b.columns {
			dec.values[i] = *c.at(at)
		}
	}
	u, values, has, err := dec.userOver(raw, known)
	if err == nil {
		b.AddUser(u, values, has)
	}
	return err
}

// ApplyGroups changes the builder's groups and their members by a round of
// groups. Users have been changed before.
func (b *Builder) ApplyGroups(r *Round) (unresolved Unresolved, err error) {
	dec := NewDecoder(nil)
	for _, id := range r.order {
		c := r.byID[id]
		switch {
		case c.unclear:
			unresolved.Unclear = append(unresolved.Unclear, id)
			continue
		case c.removed:
			b.RemoveGroup(id)
			continue
		}
		g, known := b.group(id)
		if !known {
			unresolved.Arrived = append(unresolved.Arrived, id)
		}
		for _, raw := range c.raws {
			if g, err = dec.groupOver(raw, g); err != nil {
				return unresolved, err
			}
		}
		g.Members = nil // of a snapshot's form, which delta doesn't have
		b.setGroup(g)
		b.changeMembers(id, c.members)
		for _, m := range c.members {
			if !m.Removed && !b.knows(m.GraphMember) {
				unresolved.Unsure = append(unresolved.Unsure, id)
				break
			}
		}
	}
	return unresolved, nil
}

// knows reports whether it is clear what a member is.
func (b *Builder) knows(m GraphMember) bool {
	someone := m.Type == typeUser || m.Type == typeGroup || m.Type == ""
	return !someone || b.gone.has(m.ID) || b.HasUser(m.ID) || b.HasGroup(m.ID)
}
