package tenant

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// dynamics is what the directory does with dynamic groups: a user is evaluated again when a property that a
// rule reads changes, a group's members when its rule does. Members that a snapshot brings are believed till
// then. The store's mutex guards it.
type dynamics struct {
	groups  []dynamicGroup
	stale   bool // a group changed since they were listed
	waiting []waitingUser
	many    atomic.Int32 // of them, to be asked without the mutex
}

type dynamicGroup struct {
	ref  int32
	rule *rule
}

type waitingUser struct {
	user, group int32
	due         time.Time
}

// dynamicGroups are those whose rule is understood and processed.
func (s *Store) dynamicGroups() []dynamicGroup {
	if !s.dynamic.stale {
		return s.dynamic.groups
	}
	s.dynamic.stale, s.dynamic.groups = false, nil
	rules := s.GroupType.Index("membershipRule")
	for _, ref := range s.Groups.Refs {
		if ref < 0 {
			continue
		}
		o := s.Slots[ref].Object
		text := rawjson.Unquote(o.Raw(rules))
		if text == "" || o.Life != Live || !o.IsDynamic() || o.Text("membershipRuleProcessingState") == "Paused" {
			continue
		}
		if r, err := parseRule(text); err == nil {
			s.dynamic.groups = append(s.dynamic.groups, dynamicGroup{ref, r})
		}
	}
	return s.dynamic.groups
}

// touched has dynamic groups follow a change of an object: of a user, those whose rule reads what changed;
// props is nil where everything did.
func (s *Store) touched(ref int32, props []int) {
	switch s.Slots[ref].Object.Entity {
	case s.UserType:
		for _, g := range s.dynamicGroups() {
			reads := func(i int) bool {
				return g.rule.reads(s.UserType.Prop(i).Name) || s.UserType.Prop(i).Kind == KindExtensions
			}
			if props == nil || slices.ContainsFunc(props, reads) {
				s.evaluateMember(ref, g.ref)
			}
		}
	case s.GroupType:
		rule, state, types := s.GroupType.Index(
			"membershipRule",
		), s.GroupType.Index("membershipRuleProcessingState"), s.GroupType.Index("groupTypes")
		changed := props == nil || slices.Contains(props, rule) || slices.Contains(props, state) || slices.Contains(
			props, types,
		)
		if !changed || !slices.ContainsFunc(s.dynamicGroups(), func(g dynamicGroup) bool { return g.ref == ref }) {
			return
		}
		for _, user := range slices.Clone(s.Users.Refs) {
			if user >= 0 {
				s.evaluateMember(user, ref)
			}
		}
	}
}

// evaluateMember has a user join or leave a group, now or when the directory gets round to it.
func (s *Store) evaluateMember(user, group int32) {
	if s.Behavior.DynamicLag == 0 {
		s.applyRule(user, group)
		return
	}
	due := time.Time{} // never by itself
	if lag := s.Behavior.DynamicLag; lag > 0 {
		due = s.Clock.Now().Add(lag)
	}
	s.dynamic.waiting = append(s.dynamic.waiting, waitingUser{user, group, due})
	s.dynamic.many.Store(int32(len(s.dynamic.waiting)))
}

func (s *Store) applyRule(user, group int32) {
	at := slices.IndexFunc(s.dynamicGroups(), func(g dynamicGroup) bool { return g.ref == group })
	o := s.Slots[user].Object
	if at < 0 || o.Life != Live { // who is soft-deleted keeps what they have
		return
	}
	if s.dynamic.groups[at].rule.holds(o) {
		s.Join(group, user, Staleness{})
	} else {
		s.Leave(group, user, Staleness{}, true)
	}
}

// applyWaiting evaluates those whose time has come, or all.
func (s *Store) applyWaiting(all bool) {
	now := s.Clock.Now()
	var left []waitingUser
	for _, w := range s.dynamic.waiting {
		if all || !w.due.IsZero() && !now.Before(w.due) {
			s.applyRule(w.user, w.group)
		} else {
			left = append(left, w)
		}
	}
	s.dynamic.waiting = left
	s.dynamic.many.Store(int32(len(left)))
}

// ApplyDueRules is applyWaiting as requests come in.
func (s *Store) ApplyDueRules() {
	if s.dynamic.many.Load() == 0 {
		return
	}
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.applyWaiting(false)
}

// ApplyRules makes dynamic groups follow what changed, without waiting for Behavior.DynamicLag.
func (s *Store) ApplyRules() {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.applyWaiting(true)
}

// EvaluateGroup makes the members of a dynamic group what its rule says of everyone, whatever a snapshot
// brought. A rule that the simulator doesn't understand is an error.
func (s *Store) EvaluateGroup(id string) error {
	st := s
	st.Mu.Lock()
	defer st.Mu.Unlock()
	ref, err := st.locate(id)
	if err != nil {
		return err
	}
	if o := st.Slots[ref].Object; o.Entity != st.GroupType || !o.IsDynamic() {
		return fmt.Errorf("%q isn't a dynamic group", id)
	}
	if _, err := parseRule(st.Slots[ref].Object.Text("membershipRule")); err != nil {
		return fmt.Errorf("the rule of %s: %w", id, err)
	}
	for _, user := range slices.Clone(st.Users.Refs) {
		if user >= 0 {
			st.applyRule(user, ref)
		}
	}
	return nil
}
