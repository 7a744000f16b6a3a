package tenant

import (
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
)

// How a user is in scope.
const (
	Direct  uint8 = 1 << iota // by a selected group of which the user is a direct member, or by assignment
	Nested                    // by a group inside a selected one
	Dynamic                   // by a dynamic group whose rule reads userType
	Static                    // by a way without such a group
	Alone                     // by an assignment of the user's own
)

// Obstacle is why a group doesn't come to the target as it is, keeps its old
// name, or lacks somebody.
type Obstacle string

// The obstacles.
const (
	NameTaken          Obstacle = "name_taken"
	DefaultAccess      Obstacle = "default_access_group"
	SameName           Obstacle = "same_name"
	OverLimit          Obstacle = "over_limit"
	MappingOff         Obstacle = "mapping_off"
	RenameUnsupported  Obstacle = "rename_unsupported"
	NotSecurityEnabled Obstacle = "not_security_enabled"
)

// Scope is who is in scope, and which groups are.
type Scope struct {
	Everyone bool
	// Selected are positions of the selected groups; Groups marks these and, with
	// Flattened, all below them.
	Selected []int32
	Groups   []bool
	// Users holds, by position, how the user is in scope; 0 for not.
	Users []uint8
	// Blocked gives, for a user who is only in selected groups of which it isn't
	// known whether their members sync, the first of them and why.
	Blocked map[int32]Block
	// Held are groups with an obstacle; those that don't come at all aren't in
	// Exists.
	Held map[int32]Obstacle
	// NotReadable gives, for a user whose only assigned groups aren't
	// security-enabled, the first of them.
	NotReadable map[int32]int32
	// Unreadable are members of whom only the id is known, and in which group;
	// Incomplete says that a membership may be withheld as a whole, and Hidden is
	// the first group of which, -1 for none.
	Unreadable map[string]int32
	Incomplete bool
	Hidden     int32
	// Names are the names under which groups stand in the target, where they
	// aren't called so in Entra.
	Names map[int32]string
	// Extra are assumed memberships: group position -> user positions.
	Extra map[int32][]int32
	// Exists marks the groups that would stand in the target; Flattened says that
	// a member of a child is in each parent too.
	Exists    []bool
	Flattened bool

	// seen marks groups walked below a selected one: 1 without, 2 with a
	// dynamic group on the way.
	seen []uint8
}

// Block is a group that keeps its members waiting, and why.
type Block struct {
	Group int32
	Code  reason.Code
}

// In reports whether a user is in scope. Who is only nested, or in groups that
// aren't read, is in sight and is told so, also where the service takes direct
// members alone.
func (s *Scope) In(i int32) bool { return s.Everyone || s.Users[i]&(Direct|Nested) != 0 }

// NewScope makes an empty scope over a view, with the assumed memberships.
func NewScope(v *View) *Scope {
	s := &Scope{
		Groups: make([]bool, len(v.Groups)),
		Users:  make([]uint8, len(v.Users)),
		seen:   make([]uint8, len(v.Groups)),
		Exists: make(
			[]bool,
			len(v.Groups),
		),
		Blocked:     map[int32]Block{},
		Held:        map[int32]Obstacle{},
		NotReadable: map[int32]int32{},
		Unreadable:  map[string]int32{},
		Hidden:      -1,
	}
	for group, users := range v.WhatIf.Members {
		g := v.GroupByID(group)
		if g < 0 {
			continue
		}
		if s.Extra == nil {
			s.Extra = map[int32][]int32{}
		}
		for _, id := range users {
			if u := v.UserByID(id); u >= 0 {
				s.Extra[g] = append(s.Extra[g], u)
			}
		}
	}
	return s
}

// Reach marks what is below a selected group: its groups, and how its users are
// in scope. A group is walked once for ways with and once for ways without a
// dynamic group that reads userType, whatever the number of selected groups, so
// cycles end.
func (s *Scope) Reach(v *View, selected int32) {
	type visit struct {
		group   int32
		dynamic bool
	}
	first := visit{selected, ReadsUserType(v.Groups[selected].MembershipRule)}
	s.enter(v, first.group, Direct, first.dynamic)
	todo := []visit{first}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, c := range v.Groups[at.group].Groups {
			next := visit{c, at.dynamic || ReadsUserType(v.Groups[c].MembershipRule)}
			bit := uint8(1)
			if next.dynamic {
				bit = 2
			}
			if s.seen[c]&bit == 0 {
				s.seen[c] |= bit
				s.enter(v, c, Nested, next.dynamic)
				todo = append(todo, next)
			}
		}
	}
}

// enter marks a group and its direct members.
func (s *Scope) enter(v *View, at int32, how uint8, dynamic bool) {
	g := &v.Groups[at]
	s.Groups[at] = true
	if dynamic {
		how |= Dynamic
	} else {
		how |= Static
	}
	for _, list := range [2][]int32{g.Users, s.Extra[at]} {
		for _, u := range list {
			s.Users[u] |= how
		}
	}
	for _, id := range g.Unreadable {
		if _, ok := s.Unreadable[id]; !ok {
			s.Unreadable[id] = at
		}
	}
	if g.Hidden && s.Hidden < 0 {
		s.Hidden, s.Incomplete = at, true
	}
}

// Counter counts the distinct users of groups, with scratch space of its own.
type Counter struct {
	v                   *View
	s                   *Scope
	seenGroup, seenUser []int32
	mark                int32
}

// Counter makes a counter.
func (s *Scope) Counter(v *View) *Counter {
	return &Counter{v: v, s: s, seenGroup: make([]int32, len(v.Groups)), seenUser: make([]int32, len(v.Users))}
}

// Below counts the users below a group, at any depth.
func (c *Counter) Below(from int32) int {
	c.mark++
	n := 0
	todo := []int32{from}
	c.seenGroup[from] = c.mark
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		g := &c.v.Groups[at]
		for _, list := range [2][]int32{g.Users, c.s.Extra[at]} {
			for _, u := range list {
				if c.seenUser[u] != c.mark {
					c.seenUser[u] = c.mark
					n++
				}
			}
		}
		for _, child := range g.Groups {
			if c.seenGroup[child] != c.mark {
				c.seenGroup[child] = c.mark
				todo = append(todo, child)
			}
		}
	}
	return n
}

// AllBelow are the selected groups and all below them, each once.
func (s *Scope) AllBelow(v *View) []int32 {
	var list []int32
	seen := make([]bool, len(v.Groups))
	todo := append([]int32(nil), s.Selected...)
	for len(todo) > 0 {
		g := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[g] {
			continue
		}
		seen[g] = true
		list = append(list, g)
		todo = append(todo, v.Groups[g].Groups...)
	}
	return list
}

// ReadsUserType reports a membership rule that reads userType.
func ReadsUserType(rule string) bool {
	return rule != "" && strings.Contains(strings.ToLower(rule), "usertype")
}

// OnlyDynamic reports a user who is in scope only by dynamic groups whose rule
// reads userType.
func (s *Scope) OnlyDynamic(i int32) bool { return s.Users[i]&(Dynamic|Static) == Dynamic }
