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

func (c *collection) all() []*object {
	out := make([]*object, 0, len(c.keys))
	for _, k := range c.keys {
		out = append(out, c.items[k])
	}
	return out
}

// verified says whether a domain is a verified one of the tenant. A tenant whose snapshot has no
// domains doesn't restrict principal names.
func (s *store) verified(domain string) bool {
	if len(s.domains.keys) == 0 {
		return true
	}
	d := s.domains.get(domain)
	return d != nil && d.value("isVerified") == "true"
}

// initialDomain is the tenant's onmicrosoft.com name, "" if the snapshot has none.
func (s *store) initialDomain() string {
	for _, d := range s.domains.all() {
		if d.value("isInitial") == "true" {
			return d.id
		}
	}
	return ""
}

// defaultDomain is the tenant's default domain, "" if the snapshot has none.
func (s *store) defaultDomain() string {
	for _, d := range s.domains.all() {
		if d.value("isDefault") == "true" && d.value("isVerified") == "true" {
			return d.id
		}
	}
	return ""
}
