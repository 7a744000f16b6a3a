package directory

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// GroupOperations are groups and their members [graph 2].
func GroupOperations() []graph.Operation {
	on := on
	const groups, group = "/v1.0/groups", "/v1.0/groups/{id}"
	list := []graph.Operation{
		graph.Get(groups, graph.ReadGroups, on(listGroups)),
		graph.Post(groups, graph.WriteGroups, on(createGroup)),
		graph.Get(groups+"/$count", graph.ReadGroups, on(countGroups)),
		graph.Get(group, graph.ReadGroups, on(getGroup)),
		graph.Patch(group, graph.WriteGroups, on(updateGroup)),
		graph.Delete(group, graph.WriteGroups, on(deleteGroup)),
		graph.Post(group+"/members/$ref", graph.WriteMembers, on(addMember)),
		graph.Delete(group+"/members/{member}/$ref", graph.WriteMembers, on(removeMember)),
		graph.Delete(group+"/members/{member}", graph.DeleteUsers, on(deleteMember)),
		graph.Get(group+"/memberOf", graph.ReadGroups, on(listMemberOf)),
		graph.Get(group+"/transitiveMemberOf", graph.ReadGroups, on(listMemberOf)),
	}
	for _, name := range []string{"members", "transitiveMembers"} {
		list = append(
			list, graph.Get(group+"/"+name, graph.ReadGroups, on(listMembers)),
			graph.Get(group+"/"+name+"/$count", graph.ReadGroups, on(countMembers)),
		)
		for _, cast := range []string{"user", "group", "servicePrincipal", "device", "orgContact"} {
			path := group + "/" + name + "/microsoft.graph." + cast
			list = append(
				list, graph.Get(path, graph.ReadGroups, on(listMembers)),
				graph.Get(path+"/$count", graph.ReadGroups, on(countMembers)),
			)
		}
	}
	return list
}

func (c *call) groups() odata.Source {
	st := c.Service.Store
	return odata.Source{
		Refs:  st.Groups.Refs,
		See:   func(ref int32) *tenant.Object { return st.View(ref, c.Tick) },
		Shape: odata.Always(odata.Plain),
		Total: func() int { return st.Groups.Live },
	}
}

func listGroups(c *call) *kernel.Response {
	st := c.Service.Store
	o, a := c.ListOptions(st.GroupType)
	if a != nil {
		return a
	}
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	return c.AnswerList(o, c.groups(), "groups")
}

func countGroups(c *call) *kernel.Response {
	return c.countOf(c.Service.Store.GroupType, c.groups)
}

// findGroup is the group that the path names, or 404.
func (c *call) findGroup(id string) (int32, *tenant.Object, *kernel.Response) {
	st := c.Service.Store
	ref, ok := st.Lookup(id)
	if !ok || st.Slots[ref].Object.Entity != st.GroupType {
		return 0, nil, c.Fail(odata.NotFound(id))
	}
	o := st.View(ref, c.Tick)
	if o == nil {
		return 0, nil, c.Fail(odata.NotFound(id))
	}
	return ref, o, nil
}

func getGroup(c *call) *kernel.Response {
	st := c.Service.Store
	selected, a := c.SelectOne(st.GroupType)
	if a != nil {
		return a
	}
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	_, o, a := c.findGroup(c.Param(0))
	if a != nil {
		return a
	}
	return c.AnswerObject(http.StatusOK, o, "groups", selected)
}

func createGroup(c *call) *kernel.Response {
	list, a := c.BodyFields()
	if a != nil {
		return a
	}
	st := c.Service.Store
	set, err := c.CheckProperties(st.GroupType, list, nil)
	if err == nil {
		err = graph.MissingProperty(st.GroupType, list, set)
	}
	if err != nil {
		return c.Fail(*err)
	}
	st.Mu.Lock()
	defer st.Mu.Unlock()
	set[st.GroupType.Index("createdDateTime")] = rawjson.Quote(c.Service.Clock.Now().Format("2006-01-02T15:04:05Z"))
	members, err := c.bound(list, "members")
	if err != nil {
		return c.Fail(*err)
	}
	owners, err := c.bound(list, "owners")
	if err != nil {
		return c.Fail(*err)
	}
	o := (&tenant.Object{Entity: st.GroupType, ID: uuid.NewString()}).With(set)
	ref, failed := st.Create(o, c.Lag())
	if failed != nil {
		return c.Fail(odata.Invalid("%s", failed))
	}
	for _, m := range members {
		st.Join(ref, m, c.Lag())
	}
	for _, owner := range owners {
		st.AddOwner(ref, owner)
	}
	return c.AnswerObject(http.StatusCreated, o, "groups", nil).With("Location", c.Root()+"/groups/"+o.ID)
}

func updateGroup(c *call) *kernel.Response {
	list, a := c.BodyFields()
	if a != nil {
		return a
	}
	st := c.Service.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	ref, now, a := c.findGroup(c.Param(0))
	if a != nil {
		return a
	}
	set, err := c.CheckProperties(st.GroupType, list, now)
	if err != nil {
		return c.Fail(*err)
	}
	members, err := c.bound(list, "members")
	if err == nil && len(members) > 0 {
		err = c.mayJoin(now)
	}
	if err != nil {
		return c.Fail(*err)
	}
	if len(set) > 0 {
		st.Update(ref, set, c.Lag())
	}
	for _, m := range members {
		st.Join(ref, m, c.Lag())
	}
	return kernel.NoContent()
}

func deleteGroup(c *call) *kernel.Response {
	st := c.Service.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	ref, _, a := c.findGroup(c.Param(0))
	if a != nil {
		return a
	}
	st.Purge(ref, c.Lag())
	return kernel.NoContent()
}

// bound is the members or owners that members@odata.bind and owners@odata.bind name, at most 20 in a request.
func (c *call) bound(list []rawjson.Field, what string) ([]int32, *odata.Error) {
	var refs []int32
	for _, f := range list {
		if f.Name != what+"@odata.bind" {
			continue
		}
		links := rawjson.Strings(f.Raw)
		if len(links) > 20 {
			err := odata.Invalid("The limit of 20 references in a request was exceeded.")
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
func (c *call) linked(link string) (int32, *odata.Error) {
	path := strings.TrimSuffix(link, "/")
	i := strings.LastIndex(path, "/")
	if i < 0 {
		err := odata.Invalid("The reference '%s' is not an address of an object.", graph.Clip(link))
		return 0, &err
	}
	id := path[i+1:]
	ref, ok := c.Service.Store.Lookup(id)
	if !ok || c.Service.Store.View(ref, c.Tick) == nil {
		err := odata.NotFound(id)
		return 0, &err
	}
	return ref, nil
}

// mayJoin refuses members for a dynamic group, whose rule makes them (403, after
// learn.microsoft.com/troubleshoot/entra/entra-id/users-groups-entra-apis/
// authorization-requestdenied-403-error-add-user-group [D]), and for one that comes from on premises.
func (c *call) mayJoin(group *tenant.Object) *odata.Error {
	if group.Value("onPremisesSyncEnabled") == "true" {
		return &graph.ErrOnPremises
	}
	if group.IsDynamic() {
		return &odata.ErrDenied
	}
	return nil
}
