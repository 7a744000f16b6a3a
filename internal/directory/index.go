package directory

import (
	"iter"

	"github.com/usersync/terraform-provider-usersync/internal/guid"
)

// index gives positions by object id. Entra's ids are GUIDs, which are looked up by
// their sixteen bytes: a tenant has millions of memberships, and a text's letters lie
// elsewhere in memory than the map. Other ids, of snapshots that people make, go by
// their text.
type index struct {
	guids  map[guid.ID]int32
	others map[string]int32
}

func newIndex(n int) index { return index{make(map[guid.ID]int32, n), map[string]int32{}} }

func (x *index) at(id string) (at int32, ok bool) {
	if u, is := guid.Parse(id); is {
		at, ok = x.guids[u]
		return at, ok
	}
	at, ok = x.others[id]
	return at, ok
}

func (x *index) has(id string) bool { _, ok := x.at(id); return ok }

func (x *index) set(id string, at int32) {
	if u, is := guid.Parse(id); is {
		x.guids[u] = at
		return
	}
	x.others[id] = at
}

// place gives the position of an id, or gives it the next.
func (x *index) place(id string, next int32) (at int32, known bool) {
	u, is := guid.Parse(id)
	if !is {
		if at, known = x.others[id]; !known {
			at, x.others[id] = next, next
		}
		return at, known
	}
	if at, known = x.guids[u]; !known {
		at, x.guids[u] = next, next
	}
	return at, known
}

func (x *index) remove(id string) {
	if u, is := guid.Parse(id); is {
		delete(x.guids, u)
		return
	}
	delete(x.others, id)
}

func (x *index) size() int { return len(x.guids) + len(x.others) }

// ids are those of the index, in any order.
func (x *index) ids() iter.Seq[string] {
	return func(yield func(string) bool) {
		for u := range x.guids {
			if !yield(u.String()) {
				return
			}
		}
		for id := range x.others {
			if !yield(id) {
				return
			}
		}
	}
}
