package simulator

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// groupRoutes is groups and their members [graph 2].
func groupOperations() []operation {
	on := onDirectory
	const groups, group = "/v1.0/groups", "/v1.0/groups/{id}"
	list := []operation{
		get(groups, readGroups, on(listGroups)),
		post(groups, writeGroups, on(createGroup)),
		get(groups+"/$count", readGroups, on(countGroups)),
		get(group, readGroups, on(getGroup)),
		patch(group, writeGroups, on(updateGroup)),
		del(group, writeGroups, on(deleteGroup)),
		post(group+"/members/$ref", writeMembers, on(addMember)),
		del(group+"/members/{member}/$ref", writeMembers, on(removeMember)),
		del(group+"/members/{member}", deleteUsers, on(deleteMember)),
		get(group+"/memberOf", readGroups, on(listMemberOf)),
		get(group+"/transitiveMemberOf", readGroups, on(listMemberOf)),
	}
	for _, name := range []string{"members", "transitiveMembers"} {
		list = append(list, get(group+"/"+name, readGroups, on(listMembers)), get(group+"/"+name+"/$count", readGroups, on(countMembers)))
		for _, cast := range []string{"user", "group", "servicePrincipal", "device", "orgContact"} {
			path := group + "/" + name + "/microsoft.graph." + cast
			list = append(list, get(path, readGroups, on(listMembers)), get(path+"/$count", readGroups, on(countMembers)))
		}
	}
	return list
}

func (c *directoryCall) groups() source {
	st := c.srv.store
	return source{
		refs:  st.groups.refs,
		see:   func(ref int32) *object { return st.view(ref, c.tick) },
		shape: always(plain),
		total: func() int { return st.groups.live },
	}
}

func listGroups(c *directoryCall) *kernel.Response {
	st := c.srv.store
	o, a := c.listOptions(st.group)
	if a != nil {
		return a
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	return c.list(o, c.groups(), "groups")
}

func countGroups(c *directoryCall) *kernel.Response { return c.countOf(c.srv.store.group, c.groups) }

// findGroup is the group that the path names, or 404.
func (c *directoryCall) findGroup(id string) (int32, *object, *kernel.Response) {
	st := c.srv.store
	ref, ok := st.lookup(id)
	if !ok || st.slots[ref].obj.ent != st.group {
		return 0, nil, c.fail(notFound(id))
	}
	o := st.view(ref, c.tick)
	if o == nil {
		return 0, nil, c.fail(notFound(id))
	}
	return ref, o, nil
}

func getGroup(c *directoryCall) *kernel.Response {
	st := c.srv.store
	selected, a := c.single(st.group)
	if a != nil {
		return a
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	_, o, a := c.findGroup(c.Param(0))
	if a != nil {
		return a
	}
	return c.one(http.StatusOK, o, "groups", selected)
}

func createGroup(c *directoryCall) *kernel.Response {
	list, a := c.object()
	if a != nil {
		return a
	}
	st := c.srv.store
	set, err := c.check(st.group, list, nil)
	if err == nil {
		err = missing(st.group, list, set)
	}
	if err != nil {
		return c.fail(*err)
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	set[st.group.index("createdDateTime")] = rawjson.Quote(c.srv.clock.Now().Format("2006-01-02T15:04:05Z"))
	members, err := c.bound(list)
	if err != nil {
		return c.fail(*err)
	}
	o := (&object{ent: st.group, id: uuid.NewString()}).with(set)
	ref, failed := st.create(o, c.lag())
	if failed != nil {
		return c.fail(invalid("%s", failed))
	}
	for _, m := range members {
		st.addMember(ref, m, c.lag())
	}
	return c.one(http.StatusCreated, o, "groups", nil).With("Location", c.Base+"/v1.0/groups/"+o.id)
}

func updateGroup(c *directoryCall) *kernel.Response {
	list, a := c.object()
	if a != nil {
		return a
	}
	st := c.srv.store
	st.mu.Lock()
	defer st.mu.Unlock()
	ref, now, a := c.findGroup(c.Param(0))
	if a != nil {
		return a
	}
	set, err := c.check(st.group, list, now)
	if err != nil {
		return c.fail(*err)
	}
	members, err := c.bound(list)
	if err == nil && len(members) > 0 {
		err = c.mayJoin(now)
	}
	if err != nil {
		return c.fail(*err)
	}
	if len(set) > 0 {
		st.update(ref, set, c.lag())
	}
	for _, m := range members {
		st.addMember(ref, m, c.lag())
	}
	return kernel.NoContent()
}

func deleteGroup(c *directoryCall) *kernel.Response {
	st := c.srv.store
	st.mu.Lock()
	defer st.mu.Unlock()
	ref, _, a := c.findGroup(c.Param(0))
	if a != nil {
		return a
	}
	st.purge(ref, c.lag())
	return kernel.NoContent()
}

// bound is the members that members@odata.bind names, at most 20 in a request.
func (c *directoryCall) bound(list []rawjson.Field) ([]int32, *graphError) {
	var refs []int32
	for _, f := range list {
		if f.Name != "members@odata.bind" {
			continue
		}
		links := rawjson.Strings(f.Raw)
		if len(links) > 20 {
			err := invalid("The limit of 20 references in a request was exceeded.")
			return nil, &err
		}
		for _, link := range links {
			ref, err := c.linked(link)
			if err != nil {
				return nil, err
			}
			refs = append(refs, ref)
		}
	}
	return refs, nil
}

// linked is the object that a reference URL names: …/directoryObjects/{id}, …/users/{id} and the like.
func (c *directoryCall) linked(link string) (int32, *graphError) {
	path := strings.TrimSuffix(link, "/")
	i := strings.LastIndex(path, "/")
	if i < 0 {
		err := invalid("The reference '%s' is not an address of an object.", clip(link))
		return 0, &err
	}
	id := path[i+1:]
	ref, ok := c.srv.store.lookup(id)
	if !ok || c.srv.store.view(ref, c.tick) == nil {
		err := notFound(id)
		return 0, &err
	}
	return ref, nil
}

// mayJoin refuses members for a dynamic group, whose rule makes them (403, after
// learn.microsoft.com/troubleshoot/entra/entra-id/users-groups-entra-apis/authorization-requestdenied-403-error-add-user-group
// [D]), and for one that comes from on premises.
func (c *directoryCall) mayJoin(group *object) *graphError {
	if group.value("onPremisesSyncEnabled") == "true" {
		return &errOnPremises
	}
	if group.isDynamic() {
		return &errDenied
	}
	return nil
}
