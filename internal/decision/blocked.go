package decision

// findBlocked finds groups of the scope that don't sync: over the limit, or
// with the name of a group that exists in Atlassian and isn't synced. Whether
// an administrator accepted that one can't be read, so it counts as waiting
// (inferred). A child group is held to the limit as well, since it becomes a
// group of its own.
func (s *scope) findBlocked(e *Engine, limit int) {
	taken := map[string]bool{}
	if e.Organization.AccountsCovered {
		for _, g := range e.Organization.Groups {
			taken[g.Name] = taken[g.Name] || !g.ExternalSynced
		}
	}
	large := len(e.Directory.Users) > limit
	var seenGroup, seenUser []int32
	if large {
		seenGroup, seenUser = make([]int32, len(e.Directory.Groups)), make([]int32, len(e.Directory.Users))
	}
	for i, g := range s.candidatesForBlocking(e) {
		switch {
		case taken[e.Directory.Groups[g].DisplayName]:
			s.blockedGroups[g] = CodeGroupNameConflict
		case large && s.members(e, g, seenGroup, seenUser, int32(i+1)) > limit:
			s.blockedGroups[g] = CodeGroupTooLarge
		}
	}
}

// candidatesForBlocking are the selected groups and all below them.
func (s *scope) candidatesForBlocking(e *Engine) []int32 {
	var list []int32
	if s.everyone {
		for g := range e.Directory.Groups {
			list = append(list, int32(g))
		}
		return list
	}
	seen := make([]bool, len(e.Directory.Groups))
	todo := append([]int32(nil), s.selected...)
	for len(todo) > 0 {
		g := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[g] {
			continue
		}
		seen[g] = true
		list = append(list, g)
		todo = append(todo, e.Directory.Groups[g].Groups...)
	}
	return list
}

// onlyBlocked marks the users who are in scope by blocked groups alone.
func (s *scope) onlyBlocked(e *Engine, w WhatIf, blocked []int32) {
	for _, g := range blocked {
		t := newScope(e, w)
		t.reach(e, g)
		for i, how := range t.users {
			if how == 0 || s.users[i]&inScope != 0 {
				continue
			}
			if _, ok := s.blocked[int32(i)]; !ok {
				s.blocked[int32(i)] = block{g, s.blockedGroups[g]}
			}
		}
		for id, at := range t.unreadable {
			if _, ok := s.unreadable[id]; !ok {
				s.unreadable[id] = at
			}
		}
	}
	for i := range s.blocked {
		if s.users[i]&inScope != 0 {
			delete(s.blocked, i)
		} else {
			s.users[i] = inNested
		}
	}
}
