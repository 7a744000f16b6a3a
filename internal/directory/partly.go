package directory

import (
	"fmt"
	"strings"
)

// partly counts which properties users of a file carry, null included. Graph
// gives each or none of them to all users of an answer, so that a file of which
// only some users have one was put together from several.
type partly struct {
	users   int
	without map[Presence]int
}

func (p *partly) add(has Presence) {
	p.users++
	for _, x := range propertyNames {
		if has&x.has == 0 {
			p.without[x.has]++
		}
	}
}

// Warning says which properties some users of the file lack, or all of them the
// mail; "" where there is nothing to say.
func (s *Snapshot) Warning() string {
	var said []string
	for _, x := range propertyNames {
		if n := s.partly.without[x.has]; n > 0 {
			said = append(said, fmt.Sprintf("%s (%d of %d users)", x.name, n, s.partly.users))
		}
	}
	managers := s.withoutManagers()
	if len(said) == 0 {
		return managers
	}
	if managers != "" {
		managers = "\n" + managers
	}
	return fmt.Sprintf("Users in %s lack properties that decide: %s. Each is taken for null, so who syncs may come "+
		"out wrong. Graph gives these properties only when they are named in $select: read the users again with "+
		"them, or write null where they have none.",
		s.Path, strings.Join(said, ", ")) + managers
}
