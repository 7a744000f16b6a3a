package entra

import (
	"net/url"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// keyRange is a part of a collection: the whole of it, as one chain of pages, or
// what a property puts into a range. It is complete when its own chain has ended,
// or when the ranges that it was split into are complete.
type keyRange struct {
	// lo and hi are the ends, both included; "" is open. The whole has both
	// open and no filter.
	lo, hi string
	// next is the address of the page that comes, "" after the last.
	next       string
	pages      int
	busy       bool // a page is on its way
	parent     *keyRange
	children   []*keyRange
	pagination transport.Pagination
	page       []object // memory for a page's

	// keys are values of the property that were seen, last the last one while
	// they came in ascending order.
	keys        []string
	last        string
	ascending   bool
	indivisible bool // it can't be split further
}

// maxKeys bounds the values that are kept of a range.
const maxKeys = 4000

func newKeyRange(parent *keyRange, lo, hi, address string) *keyRange {
	return &keyRange{lo: lo, hi: hi, parent: parent, next: address, ascending: true}
}

// complete reports whether every object of the range has come.
func (k *keyRange) complete() bool {
	if k.next == "" {
		return true
	}
	for _, child := range k.children {
		if !child.complete() {
			return false
		}
	}
	return len(k.children) > 0
}

// needed reports whether a page of the range may still bring something.
func (k *keyRange) needed() bool {
	for at := k; at != nil; at = at.parent {
		if at.complete() {
			return false
		}
	}
	return true
}

// addKeys notes the values of a page.
func (k *keyRange) addKeys(page []object) {
	k.pages++
	for _, o := range page {
		if !k.ascending {
			break
		}
		key := strings.ToLower(o.key)
		if key < k.last {
			k.ascending = false
		}
		k.last = key
	}
	for _, o := range page[:min(len(page), max(0, maxKeys-len(k.keys)))] {
		k.keys = append(k.keys, o.key)
	}
}

// split makes children of up to n parts; false where nothing is known to split it
// by.
func (k *keyRange) split(n int, address func(lo, hi string) string) bool {
	bounds := splitKeys(k.lo, k.hi, k.keys, k.ascending, n)
	if len(bounds) == 0 {
		k.indivisible = true
		return false
	}
	lo := k.lo
	for _, b := range append(bounds, k.hi) {
		k.children = append(k.children, newKeyRange(k, lo, b, address(lo, b)))
		lo = b
	}
	return true
}

// rangeFilter is the filter of a range. Only ge and le are used, which
// userPrincipalName and displayName take by default, without an advanced query
// ([graph 1.3], documented for users; Microsoft's page of the group resource
// says the same of a group's displayName).
func rangeFilter(property, lo, hi string) string {
	quoted := func(s string) string { return "'" + escapeQuotes(s) + "'" }
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
