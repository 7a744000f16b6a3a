package tenant

import (
	"slices"
	"strings"
)

// put adds or replaces an object of a small collection.
func (c *Collection) put(o *Object) {
	key := strings.ToLower(o.ID)
	if _, ok := c.items[key]; !ok {
		i, _ := slices.BinarySearch(c.Keys, key)
		c.Keys = slices.Insert(c.Keys, i, key)
	}
	c.items[key] = o
}

// Get is the object under an id, nil if there is none.
func (c *Collection) Get(id string) *Object { return c.items[strings.ToLower(id)] }

func (c *Collection) remove(id string) bool {
	key := strings.ToLower(id)
	if _, ok := c.items[key]; !ok {
		return false
	}
	delete(c.items, key)
	i, _ := slices.BinarySearch(c.Keys, key)
	c.Keys = slices.Delete(c.Keys, i, i+1)
	return true
}

// View is what a read request, known by its number, sees under an id; nil if it isn't there.
func (c *Collection) View(id string, tick int64) *Object {
	o := c.items[strings.ToLower(id)]
	if gone := c.removed[strings.ToLower(id)]; o == nil && gone != nil && gone.staleUntil >= tick {
		return gone
	}
	for o != nil && o.Previous != nil && o.staleUntil >= tick {
		o = o.Previous
	}
	if o == nil || o.Life != Live {
		return nil
	}
	return o
}

// Seen is everything that a read request sees, by id.
func (c *Collection) Seen(tick int64) []*Object {
	keys := c.Keys
	for key := range c.removed {
		if _, there := c.items[key]; !there {
			keys = append(slices.Clip(keys), key)
		}
	}
	if len(keys) > len(c.Keys) {
		slices.Sort(keys)
	}
	out := make([]*Object, 0, len(keys))
	for _, key := range keys {
		if o := c.View(key, tick); o != nil {
			out = append(out, o)
		}
	}
	return out
}

// Write is put, or remove where next is nil, which the next stale reads don't see.
func (c *Collection) Write(id string, next *Object, lag Staleness) {
	now := c.Get(id)
	switch {
	case next != nil && lag.Reads > 0:
		if next.Previous = now; now == nil {
			next.Previous = next.withLife(Purged)
		}
		next.staleUntil = lag.Tick + int64(lag.Reads)
	case next == nil && lag.Reads > 0 && now != nil:
		gone := *now
		gone.Previous, gone.staleUntil = nil, lag.Tick+int64(lag.Reads)
		if c.removed == nil {
			c.removed = map[string]*Object{}
		}
		c.removed[strings.ToLower(id)] = &gone
	}
	if next == nil {
		c.remove(id)
		return
	}
	delete(c.removed, strings.ToLower(id))
	c.put(next)
}

// All is every object, by id.
func (c *Collection) All() []*Object {
	out := make([]*Object, 0, len(c.Keys))
	for _, k := range c.Keys {
		out = append(out, c.items[k])
	}
	return out
}
