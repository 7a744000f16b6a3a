package decision

import (
	"iter"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// duplicates finds users who would sync to one address: one address is one
// Atlassian account ([atlassian row 24]; [atlassian 1.5], inferred for nested groups).
// Which of them gets it isn't known, so all of them are named.
func (r *Result) duplicates() {
	r.findHeldNames()
	r.findNamesakes()
	r.findMatchmates()
	if !r.Engine.target.byAddress() {
		return
	}
	table := newAddressTable(r, len(r.Decisions))
	for i := range r.Decisions {
		if r.Decisions[i].Code.Verdict() == Sync {
			table.add(int32(i))
		}
	}
	table.doubt(r.everybody)
	table.mark()
}

// findNamesakes finds users who would sync to one userName: it is one record, and the
// second user is refused, whatever their addresses ([atlassian 2.5], [atlassian row 32]).
// Who is expected there already keeps it.
func (r *Result) findNamesakes() {
	if !r.service.sharesNames() {
		return
	}
	table := newTable(r, len(r.Decisions), r.nameKey)
	for i := range r.Decisions {
		if r.Decisions[i].Code.Verdict() == Sync && r.hasName(int32(i)) {
			table.add(int32(i))
		}
	}
	for first, others := range table.more {
		all := append(others, first)
		slices.Sort(all)
		there := slices.DeleteFunc(slices.Clone(all), func(i int32) bool { return !r.target.Expected(i) })
		for _, i := range all {
			if len(there) == 1 && there[0] == i || r.Decisions[i].Code.Verdict() != Sync {
				continue
			}
			r.namesake(i, all, userNameShared)
		}
	}
}

// userNameShared is what most namesakes share.
const userNameShared = "userName"

func (r *Result) namesake(i int32, all []int32, what string) {
	if r.namesakes == nil {
		r.namesakes = map[int32]string{}
	}
	r.namesakes[i] = what
	r.share(i, all)
	r.Decisions[i] = r.duplicate(r.Decisions[i])
}

// matchmates is what the job matches users by where somebody shares that with others and
// it isn't the userName; "" else.
func (r *Result) matchmates(i int32) string {
	if what := r.namesakes[i]; what != userNameShared {
		return what
	}
	return ""
}

// findMatchmates finds users who have what the job matches users by in common, where
// that isn't the userName: the second finds the user of the first, who is another's
// (DuplicateSourceEntries, [graph 3.7], inferred). Who is there already isn't looked for
// again, and keeps their user.
func (r *Result) findMatchmates() {
	what := text.Plain(r.service.matchedBy()) // it comes from the job
	if what == "" {
		return
	}
	key := func(i int32) (string, int32) { return strings.ToLower(r.service.sent(r, i).Match), -1 }
	table := newTable(r, len(r.Decisions), key)
	for i := range r.Decisions {
		if r.Decisions[i].Code.Verdict() != Sync {
			continue
		}
		if value, _ := key(int32(i)); value != "" {
			table.add(int32(i))
		}
	}
	for first, others := range table.more {
		all := append(others, first)
		slices.Sort(all)
		for _, i := range all {
			if !r.target.Expected(i) && r.Decisions[i].Code.Verdict() == Sync {
				r.namesake(i, all, what)
				r.Decisions[i].Confidence = reason.Weakest(r.Decisions[i].Confidence, Inferred)
			}
		}
	}
}

// nameKey is what a user's name is found by among those of others.
func (r *Result) nameKey(i int32) (text string, domain int32) {
	return r.Engine.target.nameKey(r.service.sent(r, i).UserName), -1
}

func (r *Result) hasName(i int32) bool {
	key, _ := r.nameKey(i)
	return key != ""
}

// doubt marks who would sync to an address that a disabled user in scope has too: the
// account may be that user's ([atlassian 1.5], [atlassian row 24]); or, where that user's
// record is expected to hold it, is. Where records were read, only who has one there may
// take the address before its other user does: what goes along with a disable, and in
// which order, isn't documented. each gives the users
// that are looked at.
func (t *addressTable) doubt(each iter.Seq[int32]) {
	r := t.r
	read := r.Organization.Records != nil
	for i := range each {
		if r.Decisions[i].Code != reason.AccountDisabled || read && !r.Expect(i).Read {
			continue
		}
		if first, found := t.find(i); found {
			if !read && r.target.Holds(i, r.Address(i)) && !r.target.Holds(first, r.Address(first)) {
				r.take(first, []int32{min(i, first), max(i, first)})
				continue
			}
			if r.doubted == nil {
				r.doubted = map[int32]bool{}
			}
			r.doubted[first] = true
			r.Decisions[first] = doubtful(r.Decisions[first])
		}
	}
}

func doubtful(d Decision) Decision {
	d.Confidence = reason.Weakest(d.Confidence, Inferred)
	return d
}

func (r *Result) everybody(yield func(int32) bool) {
	for i := range r.Decisions {
		if !yield(int32(i)) {
			return
		}
	}
}

// take decides again somebody whose address another one's record is expected to hold.
func (r *Result) take(i int32, all []int32) {
	u := r.service.sent(r, i)
	r.share(i, all)
	if r.taken == nil {
		r.taken = map[int32]bool{}
	}
	r.taken[i] = true
	r.Decisions[i] = r.target.Taken(i, &u, r.Decisions[i])
}

// share keeps who has one address.
func (r *Result) share(i int32, all []int32) {
	if r.shared == nil {
		r.shared = map[int32][]int32{}
	}
	r.shared[i] = all
}

// mark decides again those who share an address: where one of them is expected to hold
// it already, the others don't get it; else it isn't known who does.
func (t *addressTable) mark() {
	r := t.r
	for first, others := range t.more {
		all := append(others, first)
		slices.Sort(all)
		holder := r.holderAmong(all)
		for _, i := range all {
			switch {
			case holder < 0:
				r.share(i, all)
				r.Decisions[i] = r.duplicate(r.Decisions[i])
			case i != holder:
				r.take(i, all)
			}
		}
	}
}

// holderAmong is the one of several users with one address whose record is expected to
// hold it, -1 where that is none or several.
func (r *Result) holderAmong(all []int32) int32 {
	holder := int32(-1)
	for _, i := range all {
		if !r.target.Holds(i, r.Address(i)) {
			continue
		}
		if holder >= 0 {
			return -1
		}
		holder = i
	}
	return holder
}

// duplicate is the decision of a user who would sync but shares the address.
func (r *Result) duplicate(d Decision) Decision {
	d.Code, d.Confidence, d.Action = reason.DuplicateAddress, r.Engine.target.duplicates(), reason.ActionFail
	return d
}

// addressTable is an open hash table of users by address, or by another text, without
// a string of its own for each of a million.
type addressTable struct {
	r *Result
	// key is what users are found by, ignoring case: a text, and a domain or -1.
	key   func(i int32) (text string, domain int32)
	slots []int32 // user position + 1
	hash  []uint32
	mask  uint32
	// more are, by the first user with an address, the others with it.
	more map[int32][]int32
}

// newAddressTable makes a table with room for n users.
func newAddressTable(r *Result, n int) *addressTable {
	return newTable(r, n, func(i int32) (string, int32) {
		return tenant.LocalPart(r.Address(i)), r.Decisions[i].Domain
	})
}

func newTable(r *Result, n int, key func(i int32) (string, int32)) *addressTable {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return &addressTable{
		r:     r,
		key:   key,
		slots: make([]int32, size),
		hash:  make([]uint32, size),
		mask:  uint32(size - 1),
		more:  map[int32][]int32{},
	}
}

func (t *addressTable) add(i int32) {
	at, first, h := t.place(i)
	if first < 0 {
		t.slots[at], t.hash[at] = i+1, h
		return
	}
	t.more[first] = append(t.more[first], i)
}

// find gives the first user of the table who has the address of a user.
func (t *addressTable) find(i int32) (first int32, found bool) {
	_, first, _ = t.place(i)
	return first, first >= 0
}

// place is where the address of a user is in the table, and the first user with it; -1
// where nobody is there. h is the address's hash.
func (t *addressTable) place(i int32) (at uint32, first int32, h uint32) {
	text, domain := t.key(i)
	h = sum(text, domain)
	for at = h & t.mask; t.slots[at] != 0; at = (at + 1) & t.mask {
		other := t.slots[at] - 1
		if t.hash[at] != h {
			continue
		}
		if was, in := t.key(other); in == domain && strings.EqualFold(was, text) {
			return at, other, h
		}
	}
	return at, -1, h
}

// sum is FNV-1a over the text in lower case (of ASCII letters; others
// compare equal by EqualFold only if they also hash equal, so they are left
// out) and the domain.
func sum(local string, domain int32) uint32 {
	h := uint32(2166136261) ^ uint32(domain)*0x9e3779b9
	for i := range len(local) {
		c := local[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c >= 0x80 {
			continue
		}
		h = (h ^ uint32(c)) * 16777619
	}
	return h ^ h>>15
}
