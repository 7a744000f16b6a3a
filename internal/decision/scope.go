package decision

import "strings"

// How a user is in scope.
const (
	inDirect  uint8 = 1 << iota // by a selected group of which the user is a direct member
	inNested                    // by a group inside a selected one
	inDynamic                   // by a dynamic group whose rule reads userType
	inStatic                    // by a way without such a group
	inScope   = inDirect | inNested
)

// scope is who is in scope, and which groups are.
type scope struct {
	everyone bool
	// selected are positions of the selected groups; groups marks these and all
	// below them.
	selected []int32
	groups   []bool
	// users holds, by position, how the user is in scope; 0 for not.
	users []uint8
	// blocked gives, for a user who is only in selected groups that don't sync,
	// the first of them and why.
	blocked map[int32]block
	// blockedGroups are the groups that don't sync, and why.
	blockedGroups map[int32]Code
	// unreadable are members of whom only the id is known, and in which group;
	// incomplete says that a membership may be withheld as a whole.
	unreadable map[string]int32
	incomplete bool
	// hidden is the first group whose membership is withheld, -1 for none.
	hidden int32
	// extra are assumed memberships: group position -> user positions.
	extra map[int32][]int32
	// exists marks the groups that would stand in Atlassian; flattened says that a
	// member of a child is in each parent too.
	exists    []bool
	flattened bool
	// seen marks groups walked below a selected one: 1 without, 2 with a
	// dynamic group on the way.
	seen []uint8
}

type block struct {
	group int32
	code  Code
}

func (s *scope) in(i int32) bool { return s.everyone || s.users[i]&inScope != 0 }

// reach marks what is below a selected group: its groups, and how its users
// are in scope. A group is walked once for ways with and once for ways without
// a dynamic group that reads userType, whatever the number of selected groups,
// so cycles end.
func (s *scope) reach(e *Engine, selected int32) {
	type visit struct {
		group   int32
		dynamic bool
	}
	first := visit{selected, readsUserType(e.Directory.Groups[selected].MembershipRule)}
	s.enter(e, first.group, inDirect, first.dynamic)
	todo := []visit{first}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, c := range e.Directory.Groups[v.group].Groups {
			next := visit{c, v.dynamic || readsUserType(e.Directory.Groups[c].MembershipRule)}
			bit := uint8(1)
			if next.dynamic {
				bit = 2
			}
			if s.seen[c]&bit == 0 {
				s.seen[c] |= bit
				s.enter(e, c, inNested, next.dynamic)
				todo = append(todo, next)
			}
		}
	}
}

// enter marks a group and its direct members.
func (s *scope) enter(e *Engine, at int32, how uint8, dynamic bool) {
	g := &e.Directory.Groups[at]
	s.groups[at] = true
	if dynamic {
		how |= inDynamic
	} else {
		how |= inStatic
	}
	for _, list := range [2][]int32{g.Users, s.extra[at]} {
		for _, u := range list {
			s.users[u] |= how
		}
	}
	for _, id := range g.Unreadable {
		if _, ok := s.unreadable[id]; !ok {
			s.unreadable[id] = at
		}
	}
	if g.Hidden && s.hidden < 0 {
		s.hidden, s.incomplete = at, true
	}
}

// newScope makes an empty scope with the assumed memberships.
func newScope(e *Engine, w WhatIf) *scope {
	s := &scope{
		everyone: e.Settings.Everyone, groups: make([]bool, len(e.Directory.Groups)), users: make([]uint8, len(e.Directory.Users)),
		seen:    make([]uint8, len(e.Directory.Groups)),
		blocked: map[int32]block{}, blockedGroups: map[int32]Code{}, unreadable: map[string]int32{}, hidden: -1,
	}
	for group, users := range w.Members {
		g := e.Directory.GroupByID(group)
		if g < 0 {
			continue
		}
		if s.extra == nil {
			s.extra = map[int32][]int32{}
		}
		for _, id := range users {
			if u := e.Directory.UserByID(id); u >= 0 {
				s.extra[g] = append(s.extra[g], u)
			}
		}
	}
	for _, g := range e.Settings.Groups {
		if p := e.Directory.GroupByID(g.ID); p >= 0 {
			s.selected = append(s.selected, p)
		}
	}
	return s
}

// members gives the distinct users below a group, at any depth.
func (s *scope) members(e *Engine, from int32, seenGroup []int32, seenUser []int32, mark int32) int {
	n := 0
	todo := []int32{from}
	seenGroup[from] = mark
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		g := &e.Directory.Groups[at]
		for _, list := range [2][]int32{g.Users, s.extra[at]} {
			for _, u := range list {
				if seenUser[u] != mark {
					seenUser[u] = mark
					n++
				}
			}
		}
		for _, c := range g.Groups {
			if seenGroup[c] != mark {
				seenGroup[c] = mark
				todo = append(todo, c)
			}
		}
	}
	return n
}

// existing marks the groups that would stand in Atlassian: those in scope that
// sync.
func (s *scope) existing() {
	s.exists = make([]bool, len(s.groups))
	for g, in := range s.groups {
		_, blocked := s.blockedGroups[int32(g)]
		s.exists[g] = in && !blocked
	}
}

// readsUserType reports a membership rule that reads userType.
func readsUserType(rule string) bool {
	return rule != "" && strings.Contains(strings.ToLower(rule), "usertype")
}
