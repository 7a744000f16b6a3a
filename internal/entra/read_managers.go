package entra

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// managersOfAll reads the manager of every user who was read, where that was
// asked for. They don't come with the users: a page with $expand holds a hundred
// at most [graph 1.8], a tenth of what it holds without; members of groups can't
// be expanded, nor what delta tells. A filter on ids is far below that limit, and
// of whom nothing comes back it is known that they are gone.
func (r *directoryRead) managersOfAll(ctx context.Context) error {
	if !r.b.HasManagers() {
		return nil
	}
	return r.managers(ctx, r.b.UserIDs())
}

// managers reads the managers of some users.
func (r *directoryRead) managers(ctx context.Context, ids []string) error {
	if len(ids) == 0 || !r.b.HasManagers() {
		return nil
	}
	slices.Sort(ids)
	const operation = "reading managers of users"
	q := r.client.newBatchReader(operation, NeedUsers, func(_ pageRequest, raw []byte) error {
		return r.locked(func() error {
			user, manager, err := directory.ExpandedManager(raw)
			if err != nil {
				return err
			}
			r.b.SetManager(user, manager)
			return r.recordManager(user, manager)
		})
	}, nil)
	for part := range slices.Chunk(slices.Compact(ids), idsInFilter) {
		for _, id := range part {
			r.b.SetManager(id, "")
		}
		v := url.Values{
			"$select": {"id"},
			"$expand": {"manager($select=id)"},
			"$filter": {"id in ('" + strings.Join(part, "','") + "')"},
		}
		q.add(pageRequest{owner: part[0], url: "/users?" + encode(v)})
	}
	q.close()
	return q.run(ctx)
}

// recordManager keeps a manager as $expand gives it, and null where there is none,
// so that a snapshot tells it from one that wasn't read.
func (r *directoryRead) recordManager(user, manager string) error {
	if r.o.Recorder == nil {
		return nil
	}
	var reference any
	if manager != "" {
		reference = map[string]string{"id": manager}
	}
	raw, err := json.Marshal(map[string]any{"id": user, directory.Manager: reference})
	if err != nil {
		return err
	}
	r.record("users", user, raw)
	return nil
}
