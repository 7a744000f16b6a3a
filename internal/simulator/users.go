package simulator

import (
	"net/http"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
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
func (c *directoryCall) users() source {
	st := c.srv.store
	return source{
		refs:  st.users.refs,
		see:   func(ref int32) *object { return c.inList(ref) },
		shape: always(plain),
		total: func() int { return st.users.live },
	}
}

// inList is what a list shows of a user; without a list's lag, what anyone sees.
func (c *directoryCall) inList(ref int32) *object {
	st := c.srv.store
	if o := st.slots[ref].obj; o.listed != nil {
		if o = st.listed(o); o.life == live {
			return o
		}
		return nil
	}
	return st.view(ref, c.tick)
}

// beginList counts a list of users, whose further pages belong to it.
func (c *directoryCall) beginList() {
	if _, further := c.Query.Get("$skiptoken"); !further {
		c.srv.store.lists.Add(1)
	}
}

func listUsers(c *directoryCall) *kernel.Response {
	st := c.srv.store
	o, a := c.listOptions(st.user)
	if a != nil {
		return a
	}
	c.beginList()
	st.mu.RLock()
	defer st.mu.RUnlock()
	src := c.users()
	src.narrow(st, o.filter)
	return c.list(o, src, "users")
}

func countUsers(c *directoryCall) *kernel.Response {
	return c.countOf(c.srv.store.user, c.users)
}

// countOf answers /$count: the header is needed, a filter may be there.
func (c *directoryCall) countOf(e *entity, collection func() source) *kernel.Response {
	if a := c.refuseCount(); a != nil {
		return a
	}
	o, a := c.listOptions(e)
	if a != nil {
		return a
	}
	if e == c.srv.store.user {
		c.beginList()
	}
	c.srv.store.mu.RLock()
	defer c.srv.store.mu.RUnlock()
	src := collection()
	src.see = o.sift(src.see)
	return c.number(src.size(o))
}

// findUser is the user that the path names, or 404.
func (c *directoryCall) findUser(name string) (int32, *object, *kernel.Response) {
	st := c.srv.store
	ref, ok := st.lookupUser(name)
	if !ok {
		return 0, nil, c.fail(notFound(name))
	}
	o := st.view(ref, c.tick)
	if o == nil {
		return 0, nil, c.fail(notFound(name))
	}
	return ref, o, nil
}

func getUser(c *directoryCall) *kernel.Response {
	st := c.srv.store
	selected, a := c.single(st.user)
	if a != nil {
		return a
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	_, o, a := c.findUser(c.Param(0))
	if a != nil {
		return a
	}
	return c.one(http.StatusOK, o, "users", selected)
}

func getDirectoryObject(c *directoryCall) *kernel.Response {
	st := c.srv.store
	st.mu.RLock()
	defer st.mu.RUnlock()
	ref, ok := st.lookup(c.Param(0))
	if !ok || st.view(ref, c.tick) == nil {
		return c.fail(notFound(c.Param(0)))
	}
	r := newRenderer(nil, 1024)
	r.object(st.view(ref, c.tick), typed)
	head := `{"@odata.context":` + rawjson.Quote(c.context("directoryObjects", nil)+"/$entity") + ","
	return c.json(http.StatusOK, append([]byte(head), r.buf[1:]...))
}
