// Package tenant is the state of an Entra tenant: users, groups, domains, partners, what other tenants know of it, and
// the log of changes that delta queries are answered from.
package tenant

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

// Store is the directory: users, groups and what else can be a member, each known by a small
// integer, its reference. Its methods expect mu to be held: for writing where they change something.
type Store struct {
	references

	ID       string // of the tenant
	Clock    *env.Clock
	Behavior *env.Behavior

	Mu sync.RWMutex

	UserType, GroupType, DomainType, PartnerType, SyncType *Entity
	OtherTypes                                             map[string]*Entity // other types of members, by @odata.type

	Slots []slot
	byID  map[string]int32 // lower-case id
	ByUPN map[string]int32 // lower-case principal name of a live user

	Users, Groups listing
	Deleted       []int32 // users in /directory/deletedItems, oldest first

	Domains, Partners, Syncs Collection

	log []Change
	Seq uint64

	NetIDs  map[int32]string // alternativeSecurityIds of users, which nothing shows
	ByNetID map[string]int32

	dynamic dynamics
	Lagging bool         // some list of users lagged behind
	Stale   bool         // some reader saw, or may still see, an older form of an object
	Lists   atomic.Int64 // lists of users that were begun, as Behavior.ListLag counts them
}

// slot is one directory object and the groups that have it as a member.
type slot struct {
	Object  *Object
	Parents []int32
	upn     string // of a user, in lower case, for ranges of it
	head    uint64 // the first bytes of upn, as prefix orders them
}

func (s *slot) named(upn string) { s.upn, s.head = upn, Prefix(upn) }

// Prefix is the first eight bytes of a text as a number of the same order: what stands at different
// numbers needs no closer look.
func Prefix(text string) uint64 {
	var b [8]byte
	copy(b[:], text)
	return binary.BigEndian.Uint64(b[:])
}

// Outside reports a user whose principal name isn't in a range; "" is open.
func (s *slot) Outside(lo, hi string, low, high uint64) bool {
	return lo != "" && (s.head < low || s.head == low && s.upn < lo) ||
		hi != "" && (s.head > high || s.head == high && s.upn > hi)
}

// listing is the order in which a collection is answered: that of creation. Places are never reused,
// so a place is a page token that stays valid while the directory changes.
type listing struct {
	Refs []int32
	Live int
}

// Collection is a small keyed set of objects outside the directory.
type Collection struct {
	Entity  *Entity
	Keys    []string // sorted
	items   map[string]*Object
	removed map[string]*Object // deleted ones that readers still see (fault "stale")
}

// NewStore is an empty tenant.
func NewStore(id string, clock *env.Clock, behavior *env.Behavior) *Store {
	s := &Store{
		references: references{managers: map[int32]int32{}, owners: map[int32][]int32{}},
		ID:         id, Clock: clock, Behavior: behavior,
		UserType: NewUserEntity(), GroupType: NewGroupEntity(), DomainType: NewDomainEntity(),
		PartnerType: NewPartnerEntity(), SyncType: NewSyncEntity(),
		OtherTypes: map[string]*Entity{}, NetIDs: map[int32]string{}, ByNetID: map[string]int32{},
		byID: map[string]int32{}, ByUPN: map[string]int32{},
	}
	for _, name := range []string{"servicePrincipal", "device", "orgContact", "application"} {
		s.OtherTypes["#microsoft.graph."+name] = newOtherEntity(name)
	}
	s.Domains = Collection{Entity: s.DomainType, items: map[string]*Object{}}
	s.Partners = Collection{Entity: s.PartnerType, items: map[string]*Object{}}
	s.Syncs = Collection{Entity: s.SyncType, items: map[string]*Object{}}
	return s
}

// Grow makes room for a known number of objects.
func (s *Store) Grow(users, groups int) {
	s.Slots = slices.Grow(s.Slots, users+groups)
	s.Users.Refs = slices.Grow(s.Users.Refs, users)
	if len(s.byID) == 0 {
		s.byID = make(map[string]int32, users+groups)
		s.ByUPN = make(map[string]int32, users)
	}
}

// Lookup is the reference of an id; Graph compares GUIDs without case.
func (s *Store) Lookup(id string) (int32, bool) {
	ref, ok := s.byID[strings.ToLower(id)]
	return ref, ok
}

// LookupUser finds a user by id or principal name [graph 1.1].
func (s *Store) LookupUser(name string) (int32, bool) {
	key := strings.ToLower(name)
	if ref, ok := s.byID[key]; ok {
		return ref, s.Slots[ref].Object.Entity == s.UserType
	}
	ref, ok := s.ByUPN[key]
	return ref, ok
}

// View is what a read request, known by its number, sees of an object; nil if it isn't there.
func (s *Store) View(ref int32, tick int64) *Object {
	o := s.Slots[ref].Object
	for o != nil && o.Previous != nil && o.staleUntil >= tick {
		o = o.Previous
	}
	if o == nil || o.Life != Live {
		return nil
	}
	return o
}

// Seen is view, but also answers members that the snapshot named and didn't describe.
func (s *Store) Seen(ref int32, tick int64) *Object {
	if o := s.Slots[ref].Object; o.Life == Stub {
		return o
	}
	return s.View(ref, tick)
}

// Add puts a new object into the directory without a change record; it is how a seed is loaded.
// An object that was only named as a member so far takes its place.
func (s *Store) Add(o *Object) (int32, error) {
	key := strings.ToLower(o.ID)
	if o.ID == "" {
		return 0, fmt.Errorf("%s without id", o.Entity.Name)
	}
	ref, known := s.byID[key]
	switch {
	case known && s.Slots[ref].Object.Life != Stub && s.Slots[ref].Object.Life != Purged:
		return 0, fmt.Errorf("id %q is there twice", o.ID)
	case known:
		s.Slots[ref].Object = o
	default:
		ref = int32(len(s.Slots))
		s.Slots = append(s.Slots, slot{Object: o})
		s.byID[key] = ref
	}
	if o.Life == Stub {
		return ref, nil
	}
	switch o.Entity {
	case s.UserType:
		if upn := strings.ToLower(o.Text("userPrincipalName")); upn != "" {
			if _, taken := s.ByUPN[upn]; taken {
				return 0, fmt.Errorf("userPrincipalName %q is there twice", upn)
			}
			s.ByUPN[upn] = ref
			s.Slots[ref].named(upn)
		}
		s.Users.add(ref)
	case s.GroupType:
		s.Groups.add(ref)
		s.dynamic.stale = true
	}
	return ref, nil
}

func (l *listing) add(ref int32) {
	l.Refs = append(l.Refs, ref)
	l.Live++
}

// ListingOf is the list that an entity belongs to, nil if it has none.
func (s *Store) ListingOf(e *Entity) *listing {
	switch e {
	case s.UserType:
		return &s.Users
	case s.GroupType:
		return &s.Groups
	}
	return nil
}

// replace puts a newer form of an object in the place of the present one; for the next stale reads
// the old one stays visible.
func (s *Store) replace(ref int32, next *Object, lag Staleness) {
	now := s.Slots[ref].Object
	if lag.Reads > 0 {
		s.Stale = true
		next.Previous, next.staleUntil = now, lag.Tick+int64(lag.Reads)
	}
	if lag.Lists > 0 && now.Entity == s.UserType {
		s.Lagging = true
		next.Listed, next.listedUntil = s.Listed(now), s.Lists.Load()+int64(lag.Lists)
	}
	s.Slots[ref].Object = next
	if now.Entity != s.UserType {
		s.dynamic.stale = s.dynamic.stale ||
			now.Entity == s.GroupType && (now.Props != next.Props || now.Life != next.Life)
		return
	}
	was, is := strings.ToLower(now.Text("userPrincipalName")), strings.ToLower(next.Text("userPrincipalName"))
	if now.Life == Live && (was != is || next.Life != Live) && s.ByUPN[was] == ref {
		delete(s.ByUPN, was)
	}
	if next.Life == Live && is != "" {
		s.ByUPN[is] = ref
	}
	s.Slots[ref].named(is)
}

// Staleness is how long a write stays invisible: for that many read requests after tick; to lists of users
// alone, for that many of them.
type Staleness struct {
	Tick  int64
	Reads int
	Lists int
}

// Listed is what a list of users shows of one, which may lag behind.
func (s *Store) Listed(o *Object) *Object {
	if o.Listed != nil && o.listedUntil >= s.Lists.Load() {
		return o.Listed
	}
	return o
}

// Create adds a live object and records the change.
func (s *Store) Create(o *Object, lag Staleness) (int32, error) {
	ref, err := s.Add(o)
	if err != nil {
		return 0, err
	}
	if lag.Reads > 0 {
		s.Stale = true
		o.Previous, o.staleUntil = o.withLife(Purged), lag.Tick+int64(lag.Reads)
	}
	s.record(Change{Ref: ref, What: created})
	s.touched(ref, nil)
	return ref, nil
}

// Update sets properties and records which.
func (s *Store) Update(ref int32, set map[int]string, lag Staleness) {
	names := make([]int, 0, len(set))
	for i := range set {
		names = append(names, i)
	}
	slices.Sort(names)
	s.replace(ref, s.Slots[ref].Object.With(set), lag)
	s.record(Change{Ref: ref, What: updated, Props: names})
	s.touched(ref, names)
}

// SoftDelete moves a user to the deleted items. It keeps its memberships, unseen [graph 2].
func (s *Store) SoftDelete(ref int32, at string, lag Staleness) {
	next := s.Slots[ref].Object.With(map[int]string{s.UserType.Index("deletedDateTime"): rawjson.Quote(at)}).withLife(
		SoftDeleted,
	)
	s.replace(ref, next, lag)
	s.Users.Live--
	s.Deleted = append(s.Deleted, ref)
	s.record(Change{Ref: ref, What: removed})
}

// Restore brings a soft-deleted user back.
func (s *Store) Restore(ref int32) {
	next := s.Slots[ref].Object.With(map[int]string{s.UserType.Index("deletedDateTime"): "null"}).withLife(Live)
	s.replace(ref, next, Staleness{})
	s.Users.Live++
	s.forget(ref)
	s.record(Change{Ref: ref, What: created})
	s.touched(ref, nil)
}

func (s *Store) forget(ref int32) {
	if i := slices.Index(s.Deleted, ref); i >= 0 {
		s.Deleted = slices.Delete(s.Deleted, i, i+1)
	}
}

// Purge deletes an object for good, with its memberships.
func (s *Store) Purge(ref int32, lag Staleness) {
	o := s.Slots[ref].Object
	for _, member := range slices.Clone(o.Members) {
		s.Leave(ref, member, Staleness{}, false)
	}
	for _, group := range slices.Clone(s.Slots[ref].Parents) {
		s.Leave(group, ref, Staleness{}, true)
	}
	next := &Object{Entity: o.Entity, ID: o.ID, Life: Purged}
	s.replace(ref, next, lag)
	if l := s.ListingOf(o.Entity); l != nil && o.Life == Live {
		l.Live--
	}
	if l := s.ListingOf(o.Entity); l != nil {
		if i := slices.Index(l.Refs, ref); i >= 0 && lag.Reads == 0 {
			l.Refs[i] = -1 // keep the others' places
		}
	}
	s.forget(ref)
	s.dropReferences(ref)
	s.record(Change{Ref: ref, What: deletedForGood})
}
