package directory

import (
	"math"
	"net/http"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// ReferenceOperations are a user's manager and a group's owners
// (learn.microsoft.com/graph/api/user-list-manager, /user-post-manager, /group-list-owners, /group-post-owners [D]).
func ReferenceOperations() []graph.Operation {
	const manager, owners = "/v1.0/users/{id}/manager", "/v1.0/groups/{id}/owners"
	const reports = "/v1.0/users/{id}/directReports"
	return []graph.Operation{
		graph.Get(manager, graph.ReadUsers, on(getManager)),
		graph.Put(manager+"/$ref", graph.WriteUsers, on(setManager)),
		graph.Delete(manager+"/$ref", graph.WriteUsers, on(removeManager)),
		graph.Get(reports, graph.ReadUsers, on(listReports)),
		graph.Get(owners, graph.ReadGroups, on(listOwners)),
		graph.Post(owners+"/$ref", graph.WriteGroups, on(addOwner)),
		graph.Delete(owners+"/{owner}/$ref", graph.WriteGroups, on(removeOwner)),
	}
}

// getManager answers 404 for a user who has none [D].
func getManager(c *call) *kernel.Response {
	st := c.Service.Store
	selected, a := c.SelectOne(st.UserType)
	if a != nil {
		return a
	}
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	ref, _, a := c.findUser(c.Param(0))
	if a != nil {
		return a
	}
	m := st.Manager(ref, c.Tick)
	if m == nil {
		return c.Fail(odata.NotFound("manager"))
	}
	r := odata.NewRenderer(selected, 1024)
	r.Object(m, odata.Typed)
	head := `{"@odata.context":` + rawjson.Quote(c.ContextURL("directoryObjects", selected)+"/$entity") + ","
	return c.JSON(http.StatusOK, append([]byte(head), r.Buf[1:]...))
}

// reference is the object that a body refers to by @odata.id.
func (c *call) reference() (int32, *kernel.Response) {
	list, a := c.BodyFields()
	if a != nil {
		return 0, a
	}
	i := slices.IndexFunc(list, func(f rawjson.Field) bool { return f.Name == "@odata.id" })
	if i < 0 || len(list) != 1 {
		return 0, c.Fail(odata.BadRequest("BadRequest", "A reference has one member, @odata.id."))
	}
	c.Service.Store.Mu.RLock()
	defer c.Service.Store.Mu.RUnlock()
	ref, err := c.linked(rawjson.Unquote(list[i].Raw))
	if err != nil {
		return 0, c.Fail(*err)
	}
	return ref, nil
}

func setManager(c *call) *kernel.Response {
	manager, a := c.reference()
	if a != nil {
		return a
	}
	st := c.Service.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	user, _, a := c.findUser(c.Param(0))
	if a != nil {
		return a
	}
	st.SetManager(user, manager)
	return kernel.NoContent()
}

func removeManager(c *call) *kernel.Response {
	st := c.Service.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	user, _, a := c.findUser(c.Param(0))
	if a != nil {
		return a
	}
	if !st.RemoveManager(user) {
		return c.Fail(odata.NotFound("manager"))
	}
	return kernel.NoContent()
}

// listReports is whom a user leads (learn.microsoft.com/graph/api/user-list-directreports [D]).
func listReports(c *call) *kernel.Response {
	st := c.Service.Store
	o, a := c.MemberOptions(nil)
	if a != nil {
		return a
	}
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	manager, _, a := c.findUser(c.Param(0))
	if a != nil {
		return a
	}
	src := odata.Source{
		Refs: st.Reports(manager), Shape: c.FormOf(nil, false),
		See: func(ref int32) *tenant.Object { return st.Seen(ref, c.Tick) },
	}
	return c.AnswerList(o, src, graph.SetOf(nil))
}

func listOwners(c *call) *kernel.Response {
	st := c.Service.Store
	o, a := c.MemberOptions(nil)
	if a != nil {
		return a
	}
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	group, _, a := c.findGroup(c.Param(0))
	if a != nil {
		return a
	}
	src := odata.Source{
		Refs: st.Owners(group), Shape: c.FormOf(nil, false),
		See: func(ref int32) *tenant.Object { return st.Seen(ref, c.Tick) },
	}
	return c.AnswerList(o, src, graph.SetOf(nil))
}

func addOwner(c *call) *kernel.Response {
	owner, a := c.reference()
	if a != nil {
		return a
	}
	st := c.Service.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	group, _, a := c.findGroup(c.Param(0))
	if a != nil {
		return a
	}
	if !st.AddOwner(group, owner) {
		return c.Fail(odata.Invalid(
			"One or more added object references already exist for the following modified properties: 'owners'.",
		))
	}
	return kernel.NoContent()
}

func removeOwner(c *call) *kernel.Response {
	st := c.Service.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	group, _, a := c.findGroup(c.Param(0))
	if a != nil {
		return a
	}
	owner, ok := st.Lookup(c.Param(1))
	if !ok || st.View(owner, math.MaxInt64) == nil || !st.RemoveOwner(group, owner) {
		return c.Fail(odata.NotFound(c.Param(1)))
	}
	return kernel.NoContent()
}
