package reading

import (
	"context"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Jobs reads the synchronization jobs of service principals, named by
// displayName or object id, once in a plan.
func (s *Session) Jobs(ctx context.Context, names []string) ([]directory.Job, error) {
	if len(names) == 0 {
		return nil, nil
	}
	if err := s.known(); err != nil {
		return nil, err
	}
	if s.offline() {
		snap, err := s.snapshot(ctx, nil)
		if err != nil {
			return nil, err
		}
		return snap.Jobs(names)
	}
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	f, mine := s.joinJobs(strings.Join(names, "\n"))
	if mine {
		f.value, f.err = s.readJobs(ctx, names)
		s.mu.Lock()
		if f.err != nil {
			s.jobs = slices.DeleteFunc(s.jobs, func(x *flight[[]directory.Job]) bool { return x == f })
		}
		s.mu.Unlock()
		close(f.done)
	}
	if err := wait(ctx, f.done); err != nil {
		return nil, err
	}
	return f.value, f.err
}

func (s *Session) joinJobs(key string) (f *flight[[]directory.Job], mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.jobs {
		if f.key == key {
			return f, false
		}
	}
	f = &flight[[]directory.Job]{key: key, done: make(chan struct{})}
	s.jobs = append(s.jobs, f)
	return f, true
}

func (s *Session) readJobs(ctx context.Context, names []string) ([]directory.Job, error) {
	c, err := s.client()
	if err != nil {
		return nil, err
	}
	keep := s.record()
	jobs, err := c.ReadJobs(ctx, names, keep)
	if err != nil {
		return nil, err
	}
	return jobs, s.write(keep, c.TenantID())
}
