package simulator

import (
	"slices"
	"strings"
)

// put adds or replaces an object of a small collection.
func (c *collection) put(o *object) {
	key := strings.ToLower(o.id)
	if _, ok := c.items[key]; !ok {
		i, _ := slices.BinarySearch(c.keys, key)
		c.keys = slices.Insert(c.keys, i, key)
	}
	c.items[key] = o
}

func (c *collection) get(id string) *object { return c.items[strings.ToLower(id)] }

func (c *collection) remove(id string) bool {
	key := strings.ToLower(id)
	if _, ok := c.items[key]; !ok {
		return false
	}
	delete(c.items, key)
	i, _ := slices.BinarySearch(c.keys, key)
	c.keys = slices.Delete(c.keys, i, i+1)
	return true
}

// view is what a read request, known by its number, sees under an id; nil if it isn't there.
func (c *collection) view(id string, tick int64) *object {
	o := c.items[strings.ToLower(id)]
	if ghost := c.ghosts[strings.ToLower(id)]; o == nil && ghost != nil && ghost.staleUntil >= tick {
		return ghost
	}
	for o != nil && o.prev != nil && o.staleUntil >= tick {
		o = o.prev
	}
	if o == nil || o.life != live {
		return nil
	}
	return o
}

// seen is everything that a read request sees, by id.
func (c *collection) seen(tick int64) []*object {
	keys := c.keys
	for key := range c.ghosts {
		if _, there := c.items[key]; !there {
			keys = append(slices.Clip(keys), key)
		}
	}
	if len(keys) > len(c.keys) {
		slices.Sort(keys)
	}
	out := make([]*object, 0, len(keys))
	for _, key := range keys {
		if o := c.view(key, tick); o != nil {
			out = append(out, o)
		}
	}
	return out
}

// write is put, or remove where next is nil, which the next stale reads don't see.
func (c *collection) write(id string, next *object, lag staleness) {
	now := c.get(id)
	switch {
	case next != nil && lag.reads > 0:
		if next.prev = now; now == nil {
			next.prev = next.withLife(purged)
		}
		next.staleUntil = lag.tick + int64(lag.reads)
	case next == nil && lag.reads > 0 && now != nil:
		ghost := *now
		ghost.prev, ghost.staleUntil = nil, lag.tick+int64(lag.reads)
		if c.ghosts == nil {
			c.ghosts = map[string]*object{}
		}
		c.ghosts[strings.ToLower(id)] = &ghost
	}
	if next == nil {
		c.remove(id)
		return
	}
	delete(c.ghosts, strings.ToLower(id))
	c.put(next)
}

func (c *collection) all() []*object {
	out := make([]*object, 0, len(c.keys))
	for _, k := range c.keys {
		out = append(out, c.items[k])
	}
	return out
}
