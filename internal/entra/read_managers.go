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
	r.everyManager = false
	if !r.b.HasManagers() {
		return nil
	}
	return r.managers(ctx, r.b.UserIDs())
}

// changedManagers reads the managers of some users, and of the direct reports of
// those who arrived, unless all are read later.
func (r *directoryRead) changedManagers(ctx context.Context, ids, arrived []string) error {
	if !r.b.HasManagers() || r.everyManager {
		return nil
	}
	dec := directory.NewDecoder(nil)
	const operation = "reading the direct reports of users"
	q := r.client.newBatchReader(operation, NeedUsers, func(_ pageRequest, raw []byte) error {
		return r.locked(func() error {
			m, err := dec.Member(raw)
			if r.b.HasUser(m.ID) {
				ids = append(ids, m.ID)
			}
			return err
		})
	}, nil)
	for _, id := range arrived {
		v := url.Values{"$select": {"id"}, "$top": {r.client.pageSize}}
		q.add(pageRequest{owner: id, url: "/users/" + url.PathEscape(id) + "/directReports?" + encode(v)})
	}
	q.close()
	if err := q.run(ctx); err != nil {
		return err
	}
	return r.managers(ctx, ids)
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
