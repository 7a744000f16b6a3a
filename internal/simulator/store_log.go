package simulator

import "sort"

// event is what happened to an object.
type event uint8

const (
	created event = iota
	updated
	removed // to the deleted items
	purgedNow
	memberAdded
	memberRemoved
)

// change is one entry of the log that delta queries are answered from.
type change struct {
	seq    uint64
	ref    int32
	member int32
	what   event
	props  []int // of updated: which
}

func (s *store) record(c change) {
	s.seq++
	c.seq = s.seq
	s.log = append(s.log, c)
}

// since is the part of the log behind one point and up to another.
func (s *store) since(after, until uint64) []change {
	from := sort.Search(len(s.log), func(i int) bool { return s.log[i].seq > after })
	to := sort.Search(len(s.log), func(i int) bool { return s.log[i].seq > until })
	if from > to {
		return nil
	}
	return s.log[from:to]
}
