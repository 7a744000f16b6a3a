package outcome

import (
	"fmt"
	"slices"
	"strings"
)

// lineKey is what a line is of.
type lineKey struct {
	kind  Kind
	cause Cause
}

// textLine is one line of the text: how many, and the first few in order, so that
// a million changes cost a million comparisons.
type textLine struct {
	total int
	first []textItem
}

type textItem struct {
	key string
	x   *Change
}

func (l *textLine) add(x *Change, ids bool) {
	key := x.Shown(ids)
	l.total++
	if len(l.first) == maxListed && key >= l.first[maxListed-1].key {
		return
	}
	at, _ := slices.BinarySearchFunc(
		l.first,
		key,
		func(i textItem, key string) int { return strings.Compare(i.key, key) },
	)
	l.first = slices.Insert(l.first, at, textItem{key, x})
	l.first = l.first[:min(len(l.first), maxListed)]
}

// more is how many the line doesn't name.
func (l *textLine) more() int { return l.total - len(l.first) }

// names are the line's names, each fact said once behind those of whom it holds.
func (l *textLine) names(of func(*Change) (name, fact string)) string {
	var facts []string
	names := map[string][]string{}
	for _, i := range l.first {
		name, fact := of(i.x)
		if names[fact] == nil {
			facts = append(facts, fact)
		}
		names[fact] = append(names[fact], name)
	}
	parts := make([]string, len(facts))
	for i, fact := range facts {
		parts[i] = strings.Join(names[fact], ", ")
		switch {
		case fact == "":
		case len(names[fact]) == 1:
			parts[i] += " (" + fact + ")"
		default:
			parts[i] += " (each: " + fact + ")"
		}
	}
	s := strings.Join(parts, "; ")
	if more := l.more(); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

var causeWords = [causeSize]string{Drift: "drift", ThisPlan: "this plan", NewRules: "newer rules"}

func listed(names []string) string {
	s := strings.Join(firstOf(names, maxListed), ", ")
	if more := len(names) - maxListed; more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}
