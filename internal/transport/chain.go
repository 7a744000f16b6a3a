package transport

import (
	"errors"
	"fmt"
	"hash/maphash"
)

// MaxPages bounds a chain of pages: more than a tenant can have. maxIdle bounds
// pages in a row that bring nothing, which a chain may have ([graph 1.5]:
// pages of changes may be empty) and a hostile service could go on with.
const (
	MaxPages = 100_000
	maxIdle  = 1000
)

// ErrEndless is a chain of pages that doesn't end.
var ErrEndless = errors.New("the pages don't end")

// Chain follows the pages of one collection and finds out when they go in a
// circle. Its zero value is ready.
type Chain struct {
	// Repeats lets the same page come again under another link: changes may be
	// told twice [graph 1.5].
	Repeats bool

	links, pages map[uint64]bool
	idle         int
}

var chainSeed = maphash.MakeSeed()

// Follow notes a page's array of objects and the link to the next page. It
// fails with ErrEndless where either came before: objects have ids, so that
// two pages with any object on them can't be the same.
func (c *Chain) Follow(page []byte, next string) error {
	if c.links == nil {
		c.links, c.pages = map[uint64]bool{}, map[uint64]bool{}
	}
	link, content := maphash.String(chainSeed, next), maphash.Bytes(chainSeed, page)
	empty := len(page) <= len("[ ]")
	c.idle++
	if !empty && !c.pages[content] {
		c.idle = 0
	}
	switch {
	case c.idle > maxIdle:
		return fmt.Errorf("%w: more than %d pages in a row bring nothing", ErrEndless, maxIdle)
	case c.links[link]:
		return fmt.Errorf("%w: the same link to a next page came twice", ErrEndless)
	case c.pages[content] && !empty && !c.Repeats:
		return fmt.Errorf("%w: the same page came twice under different links", ErrEndless)
	case len(c.links) >= MaxPages:
		return fmt.Errorf("%w: there are more than %d", ErrEndless, MaxPages)
	}
	c.links[link], c.pages[content] = true, true
	return nil
}
