package simulator

import (
	"net/http"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// userRoutes is users, what belongs to one user, and the deleted ones [graph 1].
func userOperations() []operation {
	on := onDirectory
	const users, user = "/v1.0/users", "/v1.0/users/{id}"
	const bin = "/v1.0/directory/deletedItems"
	return []operation{
		get(users, readUsers, on(listUsers)),
		post(users, writeUsers, on(createUser)),
		get(users+"/$count", readUsers, on(countUsers)),
		get(user, readUsers, on(getUser)),
		patch(user, writeUsers, on(updateUser)),
		del(user, deleteUsers, on(deleteUser)),
		get(user+"/memberOf", readMemberOf, on(listMemberOf)),
		get(user+"/memberOf/microsoft.graph.group", readMemberOf, on(listMemberOf)),
		get(user+"/transitiveMemberOf", readMemberOf, on(listMemberOf)),
		get(user+"/transitiveMemberOf/microsoft.graph.group", readMemberOf, on(listMemberOf)),
		post(user+"/checkMemberGroups", readMemberOf, on(checkMemberGroups)),
		get(bin+"/microsoft.graph.user", readUsers, on(listDeletedUsers)),
		get(bin+"/{id}", readUsers, on(getDeleted)),
		post(bin+"/{id}/restore", deleteUsers, on(restoreDeleted)),
		del(bin+"/{id}", deleteUsers, on(purgeDeleted)),
		get("/v1.0/directoryObjects/{id}", readUsers, on(getDirectoryObject)),
	}
}

// users is the collection of live users as this request sees it.
func (c *directoryCall) users() odata.Source {
	st := c.srv.store
	return odata.Source{
		Refs:  st.Users.Refs,
		See:   func(ref int32) *tenant.Object { return c.inList(ref) },
		Shape: odata.Always(odata.Plain),
		Total: func() int { return st.Users.Live },
	}
}

// inList is what a list shows of a user; without a list's lag, what anyone sees.
func (c *directoryCall) inList(ref int32) *tenant.Object {
	st := c.srv.store
	if o := st.Slots[ref].Object; o.Listed != nil {
		if o = st.Listed(o); o.Life == tenant.Live {
			return o
		}
		return nil
	}
	return st.View(ref, c.tick)
}

// beginList counts a list of users, whose further pages belong to it.
func (c *directoryCall) beginList() {
	if _, further := c.Query.Get("$skiptoken"); !further {
		c.srv.store.Lists.Add(1)
	}
}

func listUsers(c *directoryCall) *kernel.Response {
	st := c.srv.store
	o, a := c.listOptions(st.UserType)
	if a != nil {
		return a
	}
	c.beginList()
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	src := c.users()
	src.ByKeys(st, o.Filter)
	return c.list(o, src, "users")
}

func countUsers(c *directoryCall) *kernel.Response {
	return c.countOf(c.srv.store.UserType, c.users)
}

// countOf answers /$count: the header is needed, a filter may be there.
func (c *directoryCall) countOf(e *tenant.Entity, collection func() odata.Source) *kernel.Response {
	if a := c.refuseCount(); a != nil {
		return a
	}
	o, a := c.listOptions(e)
	if a != nil {
		return a
	}
	if e == c.srv.store.UserType {
		c.beginList()
	}
	c.srv.store.Mu.RLock()
	defer c.srv.store.Mu.RUnlock()
	src := collection()
	src.See = o.Filtered(src.See)
	return c.number(src.Size(o))
}

// findUser is the user that the path names, or 404.
func (c *directoryCall) findUser(name string) (int32, *tenant.Object, *kernel.Response) {
	st := c.srv.store
	ref, ok := st.LookupUser(name)
	if !ok {
		return 0, nil, c.fail(odata.NotFound(name))
	}
	o := st.View(ref, c.tick)
	if o == nil {
		return 0, nil, c.fail(odata.NotFound(name))
	}
	return ref, o, nil
}

func getUser(c *directoryCall) *kernel.Response {
	st := c.srv.store
	selected, a := c.single(st.UserType)
	if a != nil {
		return a
	}
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	_, o, a := c.findUser(c.Param(0))
	if a != nil {
		return a
	}
	return c.one(http.StatusOK, o, "users", selected)
}

func getDirectoryObject(c *directoryCall) *kernel.Response {
	st := c.srv.store
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	ref, ok := st.Lookup(c.Param(0))
	if !ok || st.View(ref, c.tick) == nil {
		return c.fail(odata.NotFound(c.Param(0)))
	}
	r := odata.NewRenderer(nil, 1024)
	r.Object(st.View(ref, c.tick), odata.Typed)
	head := `{"@odata.context":` + rawjson.Quote(c.context("directoryObjects", nil)+"/$entity") + ","
	return c.json(http.StatusOK, append([]byte(head), r.Buf[1:]...))
}
