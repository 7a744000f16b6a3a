// Package directory is users, groups, what is deleted of them, and what changed [graph 1], [graph 2].
package directory

import (
	"net/http"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// UserOperations are users, what belongs to one user, and the deleted ones [graph 1].
func UserOperations() []graph.Operation {
	on := on
	const users, user = "/v1.0/users", "/v1.0/users/{id}"
	const bin = "/v1.0/directory/deletedItems"
	return []graph.Operation{
		graph.Get(users, graph.ReadUsers, on(listUsers)),
		graph.Post(users, graph.WriteUsers, on(createUser)),
		graph.Get(users+"/$count", graph.ReadUsers, on(countUsers)),
		graph.Get(user, graph.ReadUsers, on(getUser)),
		graph.Patch(user, graph.WriteUsers, on(updateUser)),
		graph.Delete(user, graph.DeleteUsers, on(deleteUser)),
		graph.Get(user+"/memberOf", graph.ReadMemberOf, on(listMemberOf)),
		graph.Get(user+"/memberOf/microsoft.graph.group", graph.ReadMemberOf, on(listMemberOf)),
		graph.Get(user+"/transitiveMemberOf", graph.ReadMemberOf, on(listMemberOf)),
		graph.Get(user+"/transitiveMemberOf/microsoft.graph.group", graph.ReadMemberOf, on(listMemberOf)),
		graph.Post(user+"/checkMemberGroups", graph.ReadMemberOf, on(checkMemberGroups)),
		graph.Get(bin+"/microsoft.graph.user", graph.ReadUsers, on(listDeletedUsers)),
		graph.Get(bin+"/{id}", graph.ReadUsers, on(getDeleted)),
		graph.Post(bin+"/{id}/restore", graph.DeleteUsers, on(restoreDeleted)),
		graph.Delete(bin+"/{id}", graph.DeleteUsers, on(purgeDeleted)),
		graph.Get("/v1.0/directoryObjects/{id}", graph.ReadUsers, on(getDirectoryObject)),
	}
}

// users is the collection of live users as this request sees it.
func (c *call) users() odata.Source {
	st := c.Service.Store
	return odata.Source{
		Refs:  st.Users.Refs,
		See:   func(ref int32) *tenant.Object { return c.inList(ref) },
		Shape: odata.Always(odata.Plain),
		Total: func() int { return st.Users.Live },
	}
}

// inList is what a list shows of a user; without a list's lag, what anyone sees.
func (c *call) inList(ref int32) *tenant.Object {
	st := c.Service.Store
	if o := st.Slots[ref].Object; o.Listed != nil {
		if o = st.Listed(o); o.Life == tenant.Live {
			return o
		}
		return nil
	}
	return st.View(ref, c.Tick)
}

// beginList counts a list of users, whose further pages belong to it.
func (c *call) beginList() {
	if _, further := c.Query.Get("$skiptoken"); !further {
		c.Service.Store.Lists.Add(1)
	}
}

func listUsers(c *call) *kernel.Response {
	st := c.Service.Store
	o, a := c.ListOptions(st.UserType)
	if a != nil {
		return a
	}
	c.beginList()
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	src := c.users()
	src.ByKeys(st, o.Filter)
	if o.Expand != nil {
		src.Expand = func(ref int32) odata.Expanded {
			return odata.Expanded{Expand: o.Expand, Object: c.managerOf(ref)}
		}
	}
	return c.AnswerList(o, src, "users")
}

func countUsers(c *call) *kernel.Response {
	return c.countOf(c.Service.Store.UserType, c.users)
}

// countOf answers /$count: the header is needed, a filter may be there.
func (c *call) countOf(e *tenant.Entity, collection func() odata.Source) *kernel.Response {
	if a := c.RefuseCount(); a != nil {
		return a
	}
	o, a := c.ListOptions(e)
	if a != nil {
		return a
	}
	if e == c.Service.Store.UserType {
		c.beginList()
	}
	c.Service.Store.Mu.RLock()
	defer c.Service.Store.Mu.RUnlock()
	src := collection()
	src.See = o.Filtered(src.See)
	return c.AnswerNumber(src.Size(o))
}

// findUser is the user that the path names, or 404.
func (c *call) findUser(name string) (int32, *tenant.Object, *kernel.Response) {
	st := c.Service.Store
	ref, ok := st.LookupUser(name)
	if !ok {
		return 0, nil, c.Fail(odata.NotFound(name))
	}
	o := st.View(ref, c.Tick)
	if o == nil {
		return 0, nil, c.Fail(odata.NotFound(name))
	}
	return ref, o, nil
}

func getUser(c *call) *kernel.Response {
	st := c.Service.Store
	selected, a := c.SelectOne(st.UserType)
	if a != nil {
		return a
	}
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	ref, o, a := c.findUser(c.Param(0))
	if a != nil {
		return a
	}
	expanded := odata.Expanded{Expand: c.ExpandOne(), Object: c.managerOf(ref)}
	return c.AnswerObject(http.StatusOK, o, "users", selected, expanded)
}

// managerOf is who leads a user; nil for nobody, and for one who is deleted.
func (c *call) managerOf(ref int32) *tenant.Object { return c.Service.Store.Manager(ref, c.Tick) }

func getDirectoryObject(c *call) *kernel.Response {
	st := c.Service.Store
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	ref, ok := st.Lookup(c.Param(0))
	if !ok || st.View(ref, c.Tick) == nil {
		return c.Fail(odata.NotFound(c.Param(0)))
	}
	r := odata.NewRenderer(nil, 1024)
	r.Object(st.View(ref, c.Tick), odata.Typed)
	head := `{"@odata.context":` + rawjson.Quote(c.ContextURL("directoryObjects", nil)+"/$entity") + ","
	return c.JSON(http.StatusOK, append([]byte(head), r.Buf[1:]...))
}

// call is a request for users, groups and what is deleted of them.
type call struct{ *graph.Call }

func on(h func(*call) *kernel.Response) func(*graph.Call) *kernel.Response {
	return func(c *graph.Call) *kernel.Response { return h(&call{c}) }
}
