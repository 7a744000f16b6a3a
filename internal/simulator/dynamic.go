package simulator

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// dynamics is what the directory does with dynamic groups: a user is judged again when a property that a
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
func (s *store) dynamicGroups() []dynamicGroup {
	if !s.dynamic.stale {
		return s.dynamic.groups
	}
	s.dynamic.stale, s.dynamic.groups = false, nil
	rules := s.group.index("membershipRule")
	for _, ref := range s.groups.refs {
		if ref < 0 {
			continue
		}
		o := s.slots[ref].obj
		text := rawjson.Unquote(o.get(rules))
		if text == "" || o.life != live || !o.isDynamic() || o.text("membershipRuleProcessingState") == "Paused" {
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
func (s *store) touched(ref int32, props []int) {
	switch s.slots[ref].obj.ent {
	case s.user:
		for _, g := range s.dynamicGroups() {
			reads := func(i int) bool { return g.rule.reads(s.user.prop(i).name) || s.user.prop(i).kind == kindExtensions }
			if props == nil || slices.ContainsFunc(props, reads) {
				s.judgeMember(ref, g.ref)
			}
		}
	case s.group:
		rule, state, types := s.group.index("membershipRule"), s.group.index("membershipRuleProcessingState"), s.group.index("groupTypes")
		changed := props == nil || slices.Contains(props, rule) || slices.Contains(props, state) || slices.Contains(props, types)
		if !changed || !slices.ContainsFunc(s.dynamicGroups(), func(g dynamicGroup) bool { return g.ref == ref }) {
			return
		}
		for _, user := range slices.Clone(s.users.refs) {
			if user >= 0 {
				s.judgeMember(user, ref)
			}
		}
	}
}

// judgeMember has a user join or leave a group, now or when the directory gets round to it.
func (s *store) judgeMember(user, group int32) {
	if s.behavior.DynamicLag == 0 {
		s.settleMember(user, group)
		return
	}
	due := time.Time{} // never by itself
	if lag := s.behavior.DynamicLag; lag > 0 {
		due = s.clock.Now().Add(lag)
	}
	s.dynamic.waiting = append(s.dynamic.waiting, waitingUser{user, group, due})
	s.dynamic.many.Store(int32(len(s.dynamic.waiting)))
}

func (s *store) settleMember(user, group int32) {
	at := slices.IndexFunc(s.dynamicGroups(), func(g dynamicGroup) bool { return g.ref == group })
	o := s.slots[user].obj
	if at < 0 || o.life != live { // who is soft-deleted keeps what they have
		return
	}
	if s.dynamic.groups[at].rule.holds(o) {
		s.addMember(group, user, staleness{})
	} else {
		s.removeMember(group, user, staleness{}, true)
	}
}

// settle judges those whose time has come, or all.
func (s *store) settle(all bool) {
	now := s.clock.Now()
	var left []waitingUser
	for _, w := range s.dynamic.waiting {
		if all || !w.due.IsZero() && !now.Before(w.due) {
			s.settleMember(w.user, w.group)
		} else {
			left = append(left, w)
		}
	}
	s.dynamic.waiting = left
	s.dynamic.many.Store(int32(len(left)))
}

// settleDue is settle as requests come in.
func (s *store) settleDue() {
	if s.dynamic.many.Load() == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle(false)
}

// SettleGroups makes dynamic groups follow what changed, without waiting for Behavior.DynamicLag.
func (s *store) SettleGroups() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle(true)
}

// EvaluateGroup makes the members of a dynamic group what its rule says of everyone, whatever a snapshot
// brought. A rule that the simulator doesn't understand is an error.
func (s *store) EvaluateGroup(id string) error {
	st := s
	st.mu.Lock()
	defer st.mu.Unlock()
	ref, err := st.locate(id)
	if err != nil {
		return err
	}
	if o := st.slots[ref].obj; o.ent != st.group || !o.isDynamic() {
		return fmt.Errorf("%q isn't a dynamic group", id)
	}
	if _, err := parseRule(st.slots[ref].obj.text("membershipRule")); err != nil {
		return fmt.Errorf("the rule of %s: %w", id, err)
	}
	for _, user := range slices.Clone(st.users.refs) {
		if user >= 0 {
			st.settleMember(user, ref)
		}
	}
	return nil
}
