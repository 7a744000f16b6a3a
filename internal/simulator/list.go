package simulator

import (
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// source is where the members of a collection come from.
type source struct {
	refs    []int32                     // places; -1 is an empty one
	flatten func() []int32              // makes refs where that takes a walk, once for all pages
	see     func(int32) *tenant.Object  // what the caller sees at a reference, nil for nothing
	shape   func(o *tenant.Object) form // how it is written
	total   func() int                  // how many there are without a filter; nil: count them
}

// list answers one page of a collection of directory objects. The store is locked for reading.
func (c *graphCall) list(o *listOptions, src source, set string) *kernel.Response {
	src.see = o.sift(src.see)
	cursor, a := c.cursor(o, &src)
	if a != nil {
		return a
	}
	found := make([]*tenant.Object, 0, min(o.top, len(src.refs)))
	place := cursor.place
	for ; place < len(src.refs); place++ {
		if src.refs[place] < 0 {
			continue
		}
		obj := src.see(src.refs[place])
		if obj == nil {
			continue
		}
		if len(found) == o.top {
			break // one more is there, so there is a next page
		}
		found = append(found, obj)
	}
	p := page{context: c.context(set, o.selected), count: -1, room: len(found)}
	if o.count && o.skip == "" {
		p.count = src.size(o)
	}
	if place < len(src.refs) {
		p.next = c.Base + c.Path + "?" + c.Query.With("$skiptoken", cursor.token(place))
	}
	p.members = func(r *renderer) {
		for _, obj := range found {
			r.object(obj, src.shape(obj))
			r.buf = append(r.buf, ',')
		}
	}
	return c.answerPage(p, o.selected)
}

// sift hides what filter and search don't want.
func (o *listOptions) sift(see func(int32) *tenant.Object) func(int32) *tenant.Object {
	if o.filter == nil && o.search == nil {
		return see
	}
	return func(ref int32) *tenant.Object {
		obj := see(ref)
		if obj == nil || o.filter != nil && !o.filter.holds(obj) || o.search != nil && !o.search.finds(obj) {
			return nil
		}
		return obj
	}
}

func (src *source) size(o *listOptions) int {
	if src.total != nil && o.filter == nil && o.search == nil {
		return src.total()
	}
	n := 0
	for _, ref := range src.refs {
		if ref >= 0 && src.see(ref) != nil {
			n++
		}
	}
	return n
}

// cursor is a place in a collection: in its own order, or in a copy kept under a name.
type cursor struct {
	place  int
	sorted string
}

// token is the $skiptoken for the page that starts at a place.
func (k cursor) token(place int) string {
	return base64.RawURLEncoding.EncodeToString([]byte("s1." + strconv.Itoa(place) + "." + k.sorted))
}

func parseCursor(token string) (cursor, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return cursor{}, false
	}
	parts := strings.SplitN(string(raw), ".", 3)
	if len(parts) != 3 || parts[0] != "s1" {
		return cursor{}, false
	}
	place, err := strconv.Atoi(parts[1])
	return cursor{place, parts[2]}, err == nil && place >= 0
}

// cursor finds where a page starts, and makes the list where it is sorted or flattened.
func (c *graphCall) cursor(o *listOptions, src *source) (cursor, *kernel.Response) {
	at := cursor{}
	if o.skip != "" {
		var ok bool
		if at, ok = parseCursor(o.skip); !ok {
			return at, c.fail(badRequest("Request_BadRequest", "Badly formed skip token."))
		}
	}
	if len(o.orderBy) == 0 && src.flatten == nil {
		return at, nil
	}
	if refs, ok := c.srv.cursors.get(at.sorted); ok {
		src.refs = refs
		return at, nil
	}
	if src.flatten != nil { // a first page, or a copy that was dropped meanwhile
		src.refs = src.flatten()
	}
	if len(o.orderBy) > 0 {
		src.refs = o.sort(src)
	}
	if len(src.refs) > o.top {
		at.sorted = c.srv.cursors.put(src.refs)
	}
	return at, nil
}

// sort is the references of all that is seen, in the order asked for.
func (o *listOptions) sort(src *source) []int32 {
	type entry struct {
		ref  int32
		keys []string
	}
	var all []entry
	for _, ref := range src.refs {
		if ref < 0 {
			continue
		}
		if obj := src.see(ref); obj != nil {
			e := entry{ref: ref}
			for _, by := range o.orderBy {
				e.keys = append(e.keys, strings.ToLower(obj.Text(by.property)))
			}
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b entry) int {
		for i, by := range o.orderBy {
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

// cursorCache keeps the sorted copies and flattened groups that pages are being read from.
type cursorCache struct {
	mu    sync.Mutex
	names []string // oldest first
	kept  map[string][]int32
}

const maxCursors = 32

func newCursorCache() *cursorCache { return &cursorCache{kept: map[string][]int32{}} }

func (k *cursorCache) get(name string) ([]int32, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	refs, ok := k.kept[name]
	return refs, ok
}

func (k *cursorCache) put(refs []int32) string {
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
