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
// filters of jobs use. App roles aren't among them: they come with the jobs.
func WithSourceAttributes(attributes []string, jobs []directory.Job) []string {
	out := slices.DeleteFunc(slices.Clone(attributes), func(a string) bool { return a == mapping.AttributeRoles })
	for _, j := range jobs {
		out = append(out, mapping.SourceAttributes(j.Mappings)...)
	}
	return attributeNames(out)
}

// WithWantedRoles are jobs as a reading holds them: with the app roles of who is
// assigned where they are asked for, or where the job's own mapping of users uses
// them.
func WithWantedRoles(jobs []directory.Job, attributes []string) []directory.Job {
	out := slices.Clone(jobs)
	for i := range out {
		if !slices.Contains(attributes, mapping.AttributeRoles) && !mapping.UsesRoles(out[i].Mappings) {
			out[i].Roles = nil
		}
	}
	return out
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
