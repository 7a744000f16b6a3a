package simulator

import (
	"net/http"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// userRoutes is users, what belongs to one user, and the deleted ones [graph 1].
func userRoutes() []route {
	const users, user = "/v1.0/users", "/v1.0/users/{id}"
	const bin = "/v1.0/directory/deletedItems"
	return []route{
		get(users, readUsers, listUsers),
		post(users, writeUsers, createUser),
		get(users+"/$count", readUsers, countUsers),
		get(users+"/delta", readUsers, deltaUsers),
		get(user, readUsers, getUser),
		patch(user, writeUsers, updateUser),
		del(user, deleteUsers, deleteUser),
		get(user+"/memberOf", readMemberOf, listMemberOf),
		get(user+"/memberOf/microsoft.graph.group", readMemberOf, listMemberOf),
		get(user+"/transitiveMemberOf", readMemberOf, listMemberOf),
		get(user+"/transitiveMemberOf/microsoft.graph.group", readMemberOf, listMemberOf),
		post(user+"/checkMemberGroups", readMemberOf, checkMemberGroups),
		get(bin+"/microsoft.graph.user", readUsers, listDeletedUsers),
		get(bin+"/{id}", readUsers, getDeleted),
		post(bin+"/{id}/restore", deleteUsers, restoreDeleted),
		del(bin+"/{id}", deleteUsers, purgeDeleted),
		get("/v1.0/directoryObjects/{id}", readUsers, getDirectoryObject),
	}
}

func always(f form) func(*object) form { return func(*object) form { return f } }

// users is the collection of live users as this request sees it.
func (c *call) users() source {
	st := c.srv.store
	return source{
		refs:  st.users.refs,
		see:   func(ref int32) *object { return c.inList(ref) },
		shape: always(plain),
		total: func() int { return st.users.live },
	}
}

// inList is what a list shows of a user; without a list's lag, what anyone sees.
func (c *call) inList(ref int32) *object {
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
func (c *call) beginList() {
	if _, further := c.query.get("$skiptoken"); !further {
		c.srv.store.lists.Add(1)
	}
}

func listUsers(c *call) *answer {
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

// narrow looks ids and principal names up instead of walking through everyone.
func (src *source) narrow(st *store, f *filter) {
	if lo, hi, ok := f.upnRange(); ok {
		src.within(st, lo, hi)
		return
	}
	if f == nil || (f.op != opEq && f.op != opIn) || len(f.path) != 1 {
		return
	}
	byUPN := f.path[0] == "userPrincipalName"
	if f.path[0] != "id" && !byUPN {
		return
	}
	refs := []int32{}
	for _, v := range f.values {
		ref, ok := st.lookup(v.text)
		if byUPN {
			ref, ok = st.byUPN[strings.ToLower(v.text)]
			if st.lagging {
				return // a list that lags behind may know it by its old name
			}
		}
		if ok && st.slots[ref].obj.ent == st.user && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	src.refs = refs
}

// upnRange is the range of principal names that a filter of ge and le asks for, in lower case; "" is
// open.
func (f *filter) upnRange() (lo, hi string, ok bool) {
	switch {
	case f == nil:
		return "", "", false
	case f.op == opAnd && len(f.kids) == 2:
		lo, _, below := f.kids[0].upnRange()
		_, hi, above := f.kids[1].upnRange()
		return lo, hi, below && above && lo != "" && hi != ""
	case len(f.path) != 1 || f.path[0] != "userPrincipalName":
		return "", "", false
	case f.op == opGe:
		return strings.ToLower(f.values[0].text), "", true
	case f.op == opLe:
		return "", strings.ToLower(f.values[0].text), true
	}
	return "", "", false
}

// within passes over those outside of a range without looking at them closely. Whom a reader may still
// see by an older name is looked at.
func (src *source) within(st *store, lo, hi string) {
	see, low, high := src.see, prefix(lo), prefix(hi)
	settled := !st.lagging && !st.stale // then nobody sees an older name
	src.see = func(ref int32) *object {
		s := &st.slots[ref]
		if s.outside(lo, hi, low, high) && (settled || s.obj.prev == nil && s.obj.listed == nil) {
			return nil
		}
		return see(ref)
	}
}

func countUsers(c *call) *answer {
	return c.countOf(c.srv.store.user, c.users)
}

// countOf answers /$count: the header is needed, a filter may be there.
func (c *call) countOf(e *entity, collection func() source) *answer {
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
func (c *call) findUser(name string) (int32, *object, *answer) {
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

func getUser(c *call) *answer {
	st := c.srv.store
	selected, a := c.single(st.user)
	if a != nil {
		return a
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	_, o, a := c.findUser(c.param(0))
	if a != nil {
		return a
	}
	return c.one(http.StatusOK, o, "users", selected)
}

func getDirectoryObject(c *call) *answer {
	st := c.srv.store
	st.mu.RLock()
	defer st.mu.RUnlock()
	ref, ok := st.lookup(c.param(0))
	if !ok || st.view(ref, c.tick) == nil {
		return c.fail(notFound(c.param(0)))
	}
	r := newRenderer(nil, 1024)
	r.object(st.view(ref, c.tick), typed)
	head := `{"@odata.context":` + rawjson.Quote(c.context("directoryObjects", nil)+"/$entity") + ","
	return c.json(http.StatusOK, append([]byte(head), r.buf[1:]...))
}
