package simulator

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// store is the directory: users, groups and what else can be a member, each known by a small
// integer, its reference. Its methods expect mu to be held: for writing where they change something.
type store struct {
	id       string // of the tenant
	clock    *env.Clock
	behavior *env.Behavior

	mu sync.RWMutex

	user, group, domain, partner, sync *entity
	others                             map[string]*entity // other types of members, by @odata.type

	slots []slot
	byID  map[string]int32 // lower-case id
	byUPN map[string]int32 // lower-case principal name of a live user

	users, groups listing
	deleted       []int32 // users in /directory/deletedItems, oldest first

	domains, partners, syncs collection

	log []change
	seq uint64

	netIDs  map[int32]string // alternativeSecurityIds of users, which nothing shows
	byNetID map[string]int32

	dynamic dynamics
	lagging bool         // some list of users lagged behind
	stale   bool         // some reader saw, or may still see, an older form of an object
	lists   atomic.Int64 // lists of users that were begun, as Behavior.ListLag counts them
}

// slot is one directory object and the groups that have it as a member.
type slot struct {
	obj     *object
	parents []int32
	upn     string // of a user, in lower case, for ranges of it
	head    uint64 // the first bytes of upn, as prefix orders them
}

func (s *slot) named(upn string) { s.upn, s.head = upn, prefix(upn) }

// prefix is the first eight bytes of a text as a number of the same order: what stands at different
// numbers needs no closer look.
func prefix(text string) uint64 {
	var b [8]byte
	copy(b[:], text)
	return binary.BigEndian.Uint64(b[:])
}

// outside reports a user whose principal name isn't in a range; "" is open.
func (s *slot) outside(lo, hi string, low, high uint64) bool {
	return lo != "" && (s.head < low || s.head == low && s.upn < lo) || hi != "" && (s.head > high || s.head == high && s.upn > hi)
}

// listing is the order in which a collection is answered: that of creation. Places are never reused,
// so a place is a page token that stays valid while the directory changes.
type listing struct {
	refs []int32
	live int
}

// collection is a small keyed set of objects outside the directory.
type collection struct {
	ent    *entity
	keys   []string // sorted
	items  map[string]*object
	ghosts map[string]*object // deleted ones that readers still see (fault "stale")
}

func newStore(id string, clock *env.Clock, behavior *env.Behavior) *store {
	s := &store{
		id: id, clock: clock, behavior: behavior,
		user: newUserEntity(), group: newGroupEntity(), domain: newDomainEntity(),
		partner: newPartnerEntity(), sync: newSyncEntity(),
		others: map[string]*entity{}, netIDs: map[int32]string{}, byNetID: map[string]int32{},
		byID: map[string]int32{}, byUPN: map[string]int32{},
	}
	for _, name := range []string{"servicePrincipal", "device", "orgContact", "application"} {
		s.others["#microsoft.graph."+name] = newOtherEntity(name)
	}
	s.domains = collection{ent: s.domain, items: map[string]*object{}}
	s.partners = collection{ent: s.partner, items: map[string]*object{}}
	s.syncs = collection{ent: s.sync, items: map[string]*object{}}
	return s
}

// grow makes room for a known number of objects.
func (s *store) grow(users, groups int) {
	s.slots = slices.Grow(s.slots, users+groups)
	s.users.refs = slices.Grow(s.users.refs, users)
	if len(s.byID) == 0 {
		s.byID = make(map[string]int32, users+groups)
		s.byUPN = make(map[string]int32, users)
	}
}

// lookup is the reference of an id; Graph compares GUIDs without case.
func (s *store) lookup(id string) (int32, bool) {
	ref, ok := s.byID[strings.ToLower(id)]
	return ref, ok
}

// lookupUser finds a user by id or principal name [graph 1.1].
func (s *store) lookupUser(name string) (int32, bool) {
	key := strings.ToLower(name)
	if ref, ok := s.byID[key]; ok {
		return ref, s.slots[ref].obj.ent == s.user
	}
	ref, ok := s.byUPN[key]
	return ref, ok
}

// view is what a read request, known by its number, sees of an object; nil if it isn't there.
func (s *store) view(ref int32, tick int64) *object {
	o := s.slots[ref].obj
	for o != nil && o.prev != nil && o.staleUntil >= tick {
		o = o.prev
	}
	if o == nil || o.life != live {
		return nil
	}
	return o
}

// seen is view, but also answers members that the snapshot named and didn't describe.
func (s *store) seen(ref int32, tick int64) *object {
	if o := s.slots[ref].obj; o.life == stub {
		return o
	}
	return s.view(ref, tick)
}

// place puts a new object into the directory without a change record; it is how a seed is loaded.
// An object that was only named as a member so far takes its place.
func (s *store) place(o *object) (int32, error) {
	key := strings.ToLower(o.id)
	if o.id == "" {
		return 0, fmt.Errorf("%s without id", o.ent.name)
	}
	ref, known := s.byID[key]
	switch {
	case known && s.slots[ref].obj.life != stub && s.slots[ref].obj.life != purged:
		return 0, fmt.Errorf("id %q is there twice", o.id)
	case known:
		s.slots[ref].obj = o
	default:
		ref = int32(len(s.slots))
		s.slots = append(s.slots, slot{obj: o})
		s.byID[key] = ref
	}
	if o.life == stub {
		return ref, nil
	}
	switch o.ent {
	case s.user:
		if upn := strings.ToLower(o.text("userPrincipalName")); upn != "" {
			if _, taken := s.byUPN[upn]; taken {
				return 0, fmt.Errorf("userPrincipalName %q is there twice", upn)
			}
			s.byUPN[upn] = ref
			s.slots[ref].named(upn)
		}
		s.users.add(ref)
	case s.group:
		s.groups.add(ref)
		s.dynamic.stale = true
	}
	return ref, nil
}

func (l *listing) add(ref int32) {
	l.refs = append(l.refs, ref)
	l.live++
}

// listingOf is the list that an entity belongs to, nil if it has none.
func (s *store) listingOf(e *entity) *listing {
	switch e {
	case s.user:
		return &s.users
	case s.group:
		return &s.groups
	}
	return nil
}

// replace puts a newer form of an object in the place of the present one; for the next stale reads
// the old one stays visible.
func (s *store) replace(ref int32, next *object, lag staleness) {
	now := s.slots[ref].obj
	if lag.reads > 0 {
		s.stale = true
		next.prev, next.staleUntil = now, lag.tick+int64(lag.reads)
	}
	if lag.lists > 0 && now.ent == s.user {
		s.lagging = true
		next.listed, next.listedUntil = s.listed(now), s.lists.Load()+int64(lag.lists)
	}
	s.slots[ref].obj = next
	if now.ent != s.user {
		s.dynamic.stale = s.dynamic.stale || now.ent == s.group && (now.props != next.props || now.life != next.life)
		return
	}
	was, is := strings.ToLower(now.text("userPrincipalName")), strings.ToLower(next.text("userPrincipalName"))
	if now.life == live && (was != is || next.life != live) && s.byUPN[was] == ref {
		delete(s.byUPN, was)
	}
	if next.life == live && is != "" {
		s.byUPN[is] = ref
	}
	s.slots[ref].named(is)
}

// staleness is how long a write stays invisible: for that many read requests after tick; to lists of users
// alone, for that many of them.
type staleness struct {
	tick  int64
	reads int
	lists int
}

// listed is what a list of users shows of one, which may lag behind.
func (s *store) listed(o *object) *object {
	if o.listed != nil && o.listedUntil >= s.lists.Load() {
		return o.listed
	}
	return o
}

// create adds a live object and records the change.
func (s *store) create(o *object, lag staleness) (int32, error) {
	ref, err := s.place(o)
	if err != nil {
		return 0, err
	}
	if lag.reads > 0 {
		s.stale = true
		o.prev, o.staleUntil = o.withLife(purged), lag.tick+int64(lag.reads)
	}
	s.record(change{ref: ref, what: created})
	s.touched(ref, nil)
	return ref, nil
}

// update sets properties and records which.
func (s *store) update(ref int32, set map[int]string, lag staleness) {
	names := make([]int, 0, len(set))
	for i := range set {
		names = append(names, i)
	}
	slices.Sort(names)
	s.replace(ref, s.slots[ref].obj.with(set), lag)
	s.record(change{ref: ref, what: updated, props: names})
	s.touched(ref, names)
}

// softDelete moves a user to the deleted items. It keeps its memberships, unseen [graph 2].
func (s *store) softDelete(ref int32, at string, lag staleness) {
	next := s.slots[ref].obj.with(map[int]string{s.user.index("deletedDateTime"): rawjson.Quote(at)}).withLife(softDeleted)
	s.replace(ref, next, lag)
	s.users.live--
	s.deleted = append(s.deleted, ref)
	s.record(change{ref: ref, what: removed})
}

// restore brings a soft-deleted user back.
func (s *store) restore(ref int32) {
	next := s.slots[ref].obj.with(map[int]string{s.user.index("deletedDateTime"): "null"}).withLife(live)
	s.replace(ref, next, staleness{})
	s.users.live++
	s.forget(ref)
	s.record(change{ref: ref, what: created})
	s.touched(ref, nil)
}

func (s *store) forget(ref int32) {
	if i := slices.Index(s.deleted, ref); i >= 0 {
		s.deleted = slices.Delete(s.deleted, i, i+1)
	}
}

// purge deletes an object for good, with its memberships.
func (s *store) purge(ref int32, lag staleness) {
	o := s.slots[ref].obj
	for _, member := range slices.Clone(o.members) {
		s.removeMember(ref, member, staleness{}, false)
	}
	for _, group := range slices.Clone(s.slots[ref].parents) {
		s.removeMember(group, ref, staleness{}, true)
	}
	next := &object{ent: o.ent, id: o.id, life: purged}
	s.replace(ref, next, lag)
	if l := s.listingOf(o.ent); l != nil && o.life == live {
		l.live--
	}
	if l := s.listingOf(o.ent); l != nil {
		if i := slices.Index(l.refs, ref); i >= 0 && lag.reads == 0 {
			l.refs[i] = -1 // keep the others' places
		}
	}
	s.forget(ref)
	s.record(change{ref: ref, what: purgedNow})
}
