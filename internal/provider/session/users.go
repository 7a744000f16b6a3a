package session

import (
	"context"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
)

// Users looks people up by object id: in what this plan has read already, else
// at the service. Whoever is left out is gone.
func (s *Session) Users(ctx context.Context, ids []string) (map[string]entra.UserState, error) {
	read, err := s.readAlready(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[string]entra.UserState, len(ids))
	var rest []string
	for _, id := range ids {
		found, whole := false, false
		for _, d := range read {
			whole = whole || d.WholeTenant()
			if i := d.UserByID(strings.ToLower(id)); i >= 0 {
				u := &d.Users[i]
				out[id], found = entra.UserState{
					ID:                u.ID,
					UserPrincipalName: u.UserPrincipalName,
					UserType:          u.UserType,
				}, true
				break
			}
		}
		if !found && !whole {
			rest = append(rest, id)
		}
	}
	if len(rest) == 0 {
		return out, nil
	}
	c, err := s.Entra()
	if err != nil {
		return nil, err
	}
	more, err := c.UserTypes(ctx, rest)
	if err != nil {
		return nil, err
	}
	for _, id := range rest {
		if u, ok := more[strings.ToLower(id)]; ok {
			out[id] = u
		}
	}
	return out, nil
}

// readAlready are the directories that this plan has read; of a snapshot, the
// whole.
func (s *Session) readAlready(ctx context.Context) ([]*directory.Directory, error) {
	if err := s.known(); err != nil {
		return nil, err
	}
	if s.offline() {
		d, _, err := s.Directory(ctx, nil, nil)
		if err != nil {
			return nil, err
		}
		return []*directory.Directory{d}, nil
	}
	var out []*directory.Directory
	for _, read := range s.directories.completed() {
		out = append(out, read.Directory)
	}
	return out, nil
}
