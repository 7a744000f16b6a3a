package session

import (
	"context"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/scim"
)

// SCIM reads the SCIM directory of an organization, once in a plan; nil where
// none is configured, or the snapshot has none.
func (s *Session) SCIM(ctx context.Context, key string) (*directory.SCIMDirectory, error) {
	if err := s.known(); err != nil {
		return nil, err
	}
	if _, ok := s.setup.Declared[key]; ok {
		return nil, nil
	}
	if s.offline() {
		snap, err := s.snapshot(ctx, nil)
		if err != nil || !snap.CoversSCIM(key) {
			return nil, err
		}
		return snap.SCIM(key)
	}
	return s.scims.once(ctx, key, func(ctx context.Context) (*directory.SCIMDirectory, error) {
		return s.readSCIM(ctx,
			key)
	})
}

func (s *Session) readSCIM(ctx context.Context, key string) (*directory.SCIMDirectory, error) {
	c, err := s.Atlassian(key)
	if err != nil || !c.HasSCIM() {
		return nil, err
	}
	recorder := s.recorder()
	d, err := c.ReadSCIM(ctx, recorder)
	if err != nil {
		return nil, err
	}
	return d, s.record(ctx, recorder, s.tenantID(), s.now())
}

// ApplicationUsers reads the users of the SCIM application that SCIM_ENDPOINT names; false
// where none is, and where a snapshot is read in place of the services.
func (s *Session) ApplicationUsers(ctx context.Context) (users []scim.User, there bool, err error) {
	if s.setup.Application == nil || s.offline() {
		return nil, false, nil
	}
	c, err := s.setup.Application()
	if err != nil {
		return nil, true, err
	}
	users, err = c.Users(ctx)
	return users, true, err
}
