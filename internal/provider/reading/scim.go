package reading

import (
	"context"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// SCIM reads the SCIM directory of an organisation, once in a plan; nil where
// none is configured, or the snapshot has none.
func (s *Session) SCIM(ctx context.Context, key string) (*directory.SCIMDirectory, error) {
	if err := s.known(); err != nil {
		return nil, err
	}
	if s.offline() {
		snap, err := s.snapshot(ctx, nil)
		if err != nil || !snap.CoversSCIM(key) {
			return nil, err
		}
		return snap.SCIM(key)
	}
	f, mine := s.joinSCIM(key)
	if mine {
		f.value, f.err = s.readSCIM(ctx, key)
		s.mu.Lock()
		if f.err != nil {
			s.scims = slices.DeleteFunc(s.scims, func(x *flight[*directory.SCIMDirectory]) bool { return x == f })
		}
		s.mu.Unlock()
		close(f.done)
	}
	if err := wait(ctx, f.done); err != nil {
		return nil, err
	}
	return f.value, f.err
}

func (s *Session) joinSCIM(key string) (f *flight[*directory.SCIMDirectory], mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.scims {
		if f.key == key {
			return f, false
		}
	}
	f = &flight[*directory.SCIMDirectory]{key: key, done: make(chan struct{})}
	s.scims = append(s.scims, f)
	return f, true
}

func (s *Session) readSCIM(ctx context.Context, key string) (*directory.SCIMDirectory, error) {
	c, err := s.Atlassian(key)
	if err != nil || !c.HasSCIM() {
		return nil, err
	}
	keep := s.record()
	d, err := c.ReadSCIM(ctx, keep)
	if err != nil {
		return nil, err
	}
	return d, s.write(keep, "")
}
