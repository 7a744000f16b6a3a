package transport

import (
	"errors"
	"fmt"
	"hash/maphash"
)

// MaxPages bounds the pages of a collection: more than a tenant can have. maxIdle
// bounds pages in a row that bring nothing, which there may be ([graph 1.5]: pages
// of changes may be empty) and with which a malicious service could go on.
const (
	MaxPages = 100_000
	maxIdle  = 1000
)

// ErrEndless says that the pages of a collection don't end.
var ErrEndless = errors.New("the pages don't end")

// Pagination watches the pages of one collection, and finds out when they go in a
// circle. Its zero value is ready.
type Pagination struct {
	// Repeats lets the same page come again under another link: changes may be
	// told twice [graph 1.5].
	Repeats bool

	links, pages map[uint64]bool
	idle         int
}

var hashSeed = maphash.MakeSeed()

// Next notes a page's array of objects and the link to the next page. It
// fails with ErrEndless where either came before: objects have ids, so that
// two pages with any object on them can't be the same.
func (p *Pagination) Next(page []byte, next string) error {
	if p.links == nil {
		p.links, p.pages = map[uint64]bool{}, map[uint64]bool{}
	}
	link, content := maphash.String(hashSeed, next), maphash.Bytes(hashSeed, page)
	empty := len(page) <= len("[ ]")
	p.idle++
	if !empty && !p.pages[content] {
		p.idle = 0
	}
	switch {
	case p.idle > maxIdle:
		return fmt.Errorf("%w: more than %d pages in a row bring nothing", ErrEndless, maxIdle)
	case p.links[link]:
		return fmt.Errorf("%w: the same link to a next page came twice", ErrEndless)
	case p.pages[content] && !empty && !p.Repeats:
		return fmt.Errorf("%w: the same page came twice under different links", ErrEndless)
	case len(p.links) >= MaxPages:
		return fmt.Errorf("%w: there are more than %d", ErrEndless, MaxPages)
	}
	p.links[link], p.pages[content] = true, true
	return nil
}
