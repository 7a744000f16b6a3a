package session

import (
	"context"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
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
	return s.jobs.once(ctx, strings.Join(names, "\n"),
		func(ctx context.Context) ([]directory.Job, error) { return s.readJobs(ctx, names) })
}

// WithSourceAttributes are attributes, and those that mappings, matching and
// filters of jobs use.
func WithSourceAttributes(attributes []string, jobs []directory.Job) []string {
	out := slices.Clone(attributes)
	for _, j := range jobs {
		out = append(out, mapping.SourceAttributes(j.Mappings)...)
	}
	return attributeNames(out)
}

func (s *Session) readJobs(ctx context.Context, names []string) ([]directory.Job, error) {
	c, err := s.client()
	if err != nil {
		return nil, err
	}
	recorder := s.recorder()
	jobs, err := c.ReadJobs(ctx, names, recorder)
	if err != nil {
		return nil, err
	}
	return jobs, s.record(ctx, recorder, c.TenantID(), s.now())
}
