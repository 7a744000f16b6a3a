package tenant

import "sort"

// event is what happened to an object.
type event uint8

// What may happen.
const (
	created event = iota
	updated
	removed // to the deleted items
	deletedForGood
	MemberAdded
	MemberRemoved
	ManagerSet     // Member is the manager
	ManagerRemoved // Member was the manager
)

// Change is one entry of the log that delta queries are answered from.
type Change struct {
	seq    uint64
	Ref    int32
	Member int32
	What   event
	Props  []int // of updated: which
}

func (s *Store) record(c Change) {
	s.Seq++
	c.seq = s.Seq
	s.log = append(s.log, c)
}

// Since is the part of the log behind one point and up to another.
func (s *Store) Since(after, until uint64) []Change {
	from := sort.Search(len(s.log), func(i int) bool { return s.log[i].seq > after })
	to := sort.Search(len(s.log), func(i int) bool { return s.log[i].seq > until })
	if from > to {
		return nil
	}
	return s.log[from:to]
}
