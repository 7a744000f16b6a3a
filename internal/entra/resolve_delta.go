package entra

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// resolveDelta asks for what rounds of delta don't say:
//
//   - of what came twice with different facts, everything: the order in which
//     changes come isn't defined [graph 1.5, D];
//   - of users and groups that are new, or may be back from the deleted, the
//     groups they are in: groups tell of members that come and go, but a deleted
//     user keeps the memberships [graph 2, D], and that delta of groups doesn't
//     name them when the user is restored is inferred from it;
//   - where managers are read, the manager of users who changed, of those led by
//     somebody who left, and of the direct reports of somebody who came: one who
//     was deleted was nobody's manager, and is again;
//   - of such groups, of those to which somebody came whom nobody knows, and of
//     those whose members may be withheld (opaque), the members: whether delta of
//     groups tells of members that the application can't list isn't documented.
func (r *directoryRead) resolveDelta(ctx context.Context, users, groups directory.Unresolved, opaque []string) error {
	if err := r.rereadByID(ctx, "/users", r.userSelect, users.Unclear, NeedUsers, r.refreshUsers); err != nil {
		return err
	}
	properties := strings.Join(groupProperties, ",")
	if err := r.rereadByID(ctx, "/groups", properties, groups.Unclear, NeedGroups, r.refreshGroups); err != nil {
		return err
	}
	arrivedUsers := present(slices.Concat(users.Arrived, users.Unclear), r.b.HasUser)
	if err := r.changedManagers(ctx, present(users.Managers, r.b.HasUser), arrivedUsers); err != nil {
		return err
	}
	arrivedGroups := present(slices.Concat(groups.Arrived, groups.Unclear), r.b.HasGroup)
	if err := r.rereadMemberOf(ctx, arrivedUsers, arrivedGroups); err != nil {
		return err
	}
	return r.rereadMembers(ctx, slices.Concat(arrivedGroups, groups.Unsure, opaque))
}

// rereadByID reads objects by id from their list, idsInFilter in a filter, and
// gives the JSON of those that are there.
func (r *directoryRead) rereadByID(
	ctx context.Context, path, properties string, ids []string, need graph.Need,
	then func(ids []string, found map[string][]byte) error,
) error {
	if len(ids) == 0 {
		return nil
	}
	dec := directory.NewDecoder(nil)
	found := map[string][]byte{}
	q := r.client.newBatchReader("reading again what changed twice", need, func(_ pageRequest, raw []byte) error {
		return r.locked(func() error {
			m, err := dec.Member(raw) // an id is all that is wanted of it
			found[m.ID] = slices.Clone(raw)
			return err
		})
	}, nil)
	for part := range slices.Chunk(ids, idsInFilter) {
		v := url.Values{"$select": {properties}, "$filter": {"id in ('" + strings.Join(part, "','") + "')"}}
		q.add(pageRequest{owner: part[0], url: path + "?" + encode(v)})
	}
	q.close()
	if err := q.run(ctx); err != nil {
		return err
	}
	return then(ids, found)
}

func (r *directoryRead) refreshUsers(ids []string, found map[string][]byte) error {
	dec := directory.NewDecoder(r.b.Attributes())
	for _, id := range ids {
		if found[id] == nil {
			r.b.RemoveUser(id)
			continue
		}
		u, values, has, err := dec.User(found[id])
		if err != nil {
			return graph.ShapeError("reading users", err)
		}
		r.b.AddUser(u, values, has)
	}
	return nil
}

func (r *directoryRead) refreshGroups(ids []string, found map[string][]byte) error {
	dec := directory.NewDecoder(nil)
	for _, id := range ids {
		if found[id] == nil {
			r.b.RemoveGroup(id)
			continue
		}
		g, err := dec.Group(found[id])
		if err != nil {
			return graph.ShapeError("reading groups", err)
		}
		r.b.AddGroup(g)
	}
	return nil
}

// rereadMemberOf asks which groups users and groups are direct members of, and makes
// it so.
func (r *directoryRead) rereadMemberOf(ctx context.Context, users, groups []string) error {
	if len(users)+len(groups) == 0 {
		return nil
	}
	dec := directory.NewDecoder(nil)
	in, kind := map[string]map[string]bool{}, map[string]string{}
	q := r.client.newBatchReader("reading the groups of users", NeedGroups, func(e pageRequest, raw []byte) error {
		return r.locked(func() error {
			m, err := dec.Member(raw)
			if m.Type == "group" || m.Type == "" {
				in[e.owner][m.ID] = true
			}
			return err
		})
	}, nil) // one that isn't found may be too new for the server that was asked
	ask := func(ids []string, one, path string) {
		for _, id := range ids {
			in[id], kind[id] = map[string]bool{}, one
			v := url.Values{"$select": {"id"}, "$top": {r.client.pageSize}}
			q.add(pageRequest{owner: id, url: path + url.PathEscape(id) + "/memberOf?" + encode(v)})
		}
	}
	ask(users, "user", "/users/")
	ask(groups, "group", "/groups/")
	q.close()
	if err := q.run(ctx); err != nil {
		return err
	}
	r.b.SetMemberOf(in, func(id string) string { return kind[id] })
	return nil
}

// rereadMembers reads the members of groups anew.
func (r *directoryRead) rereadMembers(ctx context.Context, groups []string) error {
	slices.Sort(groups)
	groups = slices.Compact(groups)
	if len(groups) == 0 {
		return nil
	}
	before := r.groupMissing // which says nothing of these
	r.groupMissing = false
	members := r.newMemberReader()
	for _, id := range groups {
		if r.b.HasGroup(id) {
			r.b.ClearMembers(id)
			members.add(r.membersRequest(id, "id"))
		}
	}
	members.close()
	if err := members.run(ctx); err != nil {
		return err
	}
	if r.groupMissing {
		return errMissingGroup
	}
	r.groupMissing = before
	return nil
}
