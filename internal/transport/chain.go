package transport

import (
	"errors"
	"fmt"
	"hash/maphash"
)

// MaxPages bounds a chain of pages: more than a tenant can have.
const MaxPages = 100_000

// ErrEndless is a chain of pages that doesn't end.
var ErrEndless = errors.New("the pages don't end")

// Chain follows the pages of one collection and finds out when they go in a
// circle. Its zero value is ready.
type Chain struct {
	links, pages map[uint64]bool
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
	switch {
	case c.links[link]:
		return fmt.Errorf("%w: the same link to a next page came twice", ErrEndless)
	case c.pages[content] && len(page) > len("[ ]"):
		return fmt.Errorf("%w: the same page came twice under different links", ErrEndless)
	case len(c.links) >= MaxPages:
		return fmt.Errorf("%w: there are more than %d", ErrEndless, MaxPages)
	}
	c.links[link], c.pages[content] = true, true
	return nil
}
