package odata

import (
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// Source is where the members of a collection come from.
type Source struct {
	Refs    []int32                     // places; -1 is an empty one
	Flatten func() []int32              // makes refs where that takes a walk, once for all pages
	See     func(int32) *tenant.Object  // what the caller sees at a reference, nil for nothing
	Shape   func(o *tenant.Object) Form // how it is written
	Expand  func(ref int32) Expanded    // what $expand adds
	Total   func() int                  // how many there are without a filter; nil: count them
}

// Filtered hides what filter and search don't want.
func (o *Options) Filtered(see func(int32) *tenant.Object) func(int32) *tenant.Object {
	if o.Filter == nil && o.search == nil && o.IDs == nil {
		return see
	}
	return func(ref int32) *tenant.Object {
		obj := see(ref)
		if obj != nil && o.IDs != nil && !slices.Contains(o.IDs, strings.ToLower(obj.ID)) {
			return nil
		}
		if obj == nil || o.Filter != nil && !o.Filter.holds(obj) || o.search != nil && !o.search.finds(obj) {
			return nil
		}
		return obj
	}
}

// Size is how many are seen.
func (src *Source) Size(o *Options) int {
	if src.Total != nil && o.Filter == nil && o.search == nil && o.IDs == nil {
		return src.Total()
	}
	n := 0
	for _, ref := range src.Refs {
		if ref >= 0 && src.See(ref) != nil {
			n++
		}
	}
	return n
}

// Cursor is a place in a collection: in its own order, or in a copy kept under a name.
type Cursor struct {
	Place  int
	Sorted string
}

// Token is the $skiptoken for the page that starts at a place.
func (k Cursor) Token(place int) string {
	return base64.RawURLEncoding.EncodeToString([]byte("s1." + strconv.Itoa(place) + "." + k.Sorted))
}

// ParseCursor reads a $skiptoken.
func ParseCursor(token string) (Cursor, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return Cursor{}, false
	}
	parts := strings.SplitN(string(raw), ".", 3)
	if len(parts) != 3 || parts[0] != "s1" {
		return Cursor{}, false
	}
	place, err := strconv.Atoi(parts[1])
	return Cursor{place, parts[2]}, err == nil && place >= 0
}

// Sort is the references of all that is seen, in the order asked for.
func (o *Options) Sort(src *Source) []int32 {
	type entry struct {
		ref  int32
		keys []string
	}
	var all []entry
	for _, ref := range src.Refs {
		if ref < 0 {
			continue
		}
		if obj := src.See(ref); obj != nil {
			e := entry{ref: ref}
			for _, by := range o.OrderBy {
				e.keys = append(e.keys, strings.ToLower(obj.Text(by.property)))
			}
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b entry) int {
		for i, by := range o.OrderBy {
			n := strings.Compare(a.keys[i], b.keys[i])
			if by.descending {
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return 0
	})
	refs := make([]int32, len(all))
	for i, e := range all {
		refs[i] = e.ref
	}
	return refs
}

// Cursors keeps the sorted copies and flattened groups that pages are being read from.
type Cursors struct {
	mu    sync.Mutex
	names []string // oldest first
	kept  map[string][]int32
}

const maxCursors = 32

// NewCursors keeps none yet.
func NewCursors() *Cursors { return &Cursors{kept: map[string][]int32{}} }

// Get is a kept list.
func (k *Cursors) Get(name string) ([]int32, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	refs, ok := k.kept[name]
	return refs, ok
}

// Put keeps a list, and answers its name.
func (k *Cursors) Put(refs []int32) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	name := rand.Text()
	k.names = append(k.names, name)
	k.kept[name] = refs
	if len(k.names) > maxCursors {
		delete(k.kept, k.names[0])
		k.names = k.names[1:]
	}
	return name
}
