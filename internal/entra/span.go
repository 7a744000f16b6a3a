package entra

import (
	"net/url"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// span is a part of a collection: the whole of it, as one chain of pages, or
// what a property puts into a range. It is read when its own chain has ended,
// or when the spans that it was divided into have been read.
type span struct {
	// lo and hi are the ends, both included; "" is open. The whole has both
	// open and no filter.
	lo, hi string
	// next is the address of the page that comes, "" after the last.
	next  string
	pages int
	busy  bool // a page is on its way
	up    *span
	kids  []*span
	chain transport.Chain

	// keys are values of the property that were seen, highest the last one
	// while they came in ascending order (rising).
	keys    []string
	highest string
	rising  bool
	whole   bool // it can't be divided further
}

// maxKeys bounds the values that are kept of a span.
const maxKeys = 4000

func newSpan(up *span, lo, hi, address string) *span {
	return &span{lo: lo, hi: hi, up: up, next: address, rising: true}
}

// read reports whether every object of the span has come.
func (s *span) read() bool {
	if s.next == "" {
		return true
	}
	for _, k := range s.kids {
		if !k.read() {
			return false
		}
	}
	return len(s.kids) > 0
}

// needed reports whether a page of the span may still bring something.
func (s *span) needed() bool {
	for at := s; at != nil; at = at.up {
		if at.read() {
			return false
		}
	}
	return true
}

// note takes down the values of a page.
func (s *span) note(keys []string) {
	s.pages++
	for _, k := range keys {
		k = strings.ToLower(k)
		if k < s.highest {
			s.rising = false
		}
		s.highest = k
	}
	s.keys = append(s.keys, keys[:min(len(keys), max(0, maxKeys-len(s.keys)))]...)
}

// divide makes kids of up to n parts; false where nothing is known to divide
// it by.
func (s *span) divide(n int, address func(lo, hi string) string) bool {
	bounds := boundaries(s.lo, s.hi, s.keys, s.rising, n)
	if len(bounds) == 0 {
		s.whole = true
		return false
	}
	lo := s.lo
	for _, b := range append(bounds, s.hi) {
		s.kids = append(s.kids, newSpan(s, lo, b, address(lo, b)))
		lo = b
	}
	return true
}

// rangeFilter is the filter of a range. Only ge and le are used, which
// userPrincipalName and displayName take by default, without an advanced query
// ([graph 1.3], documented for users; Microsoft's page of the group resource
// says the same of a group's displayName).
func rangeFilter(property, lo, hi string) string {
	quoted := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	var parts []string
	if lo != "" {
		parts = append(parts, property+" ge "+quoted(lo))
	}
	if hi != "" {
		parts = append(parts, property+" le "+quoted(hi))
	}
	return strings.Join(parts, " and ")
}

// withFilter is a query with a filter added.
func withFilter(q url.Values, filter string) url.Values {
	out := url.Values{"$filter": {filter}}
	for k, v := range q {
		out[k] = v
	}
	return out
}
