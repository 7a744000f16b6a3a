package simulator

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

func createUser(c *directoryCall) *kernel.Response {
	list, a := c.object()
	if a != nil {
		return a
	}
	st := c.srv.store
	set, err := c.check(st.user, list, nil)
	if err == nil {
		err = missing(st.user, list, set)
	}
	if err != nil {
		return c.fail(*err)
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if err := c.checkUser(-1, set); err != nil {
		return c.fail(*err)
	}
	now := c.srv.clock.Now().Format("2006-01-02T15:04:05Z")
	st.fillUser(set, now)
	o := (&object{ent: st.user, id: uuid.NewString()}).with(set)
	if _, err := st.create(o, c.lag()); err != nil {
		return c.fail(invalid("%s", err))
	}
	return c.one(http.StatusCreated, o, "users", nil).With("Location", c.Base+"/v1.0/users/"+o.id)
}

func updateUser(c *directoryCall) *kernel.Response {
	list, a := c.object()
	if a != nil {
		return a
	}
	st := c.srv.store
	st.mu.Lock()
	defer st.mu.Unlock()
	ref, now, a := c.findUser(c.Param(0))
	if a != nil {
		return a
	}
	set, err := c.check(st.user, list, now)
	if err == nil {
		err = c.checkUser(ref, set)
	}
	if err != nil {
		return c.fail(*err)
	}
	if len(set) > 0 {
		st.update(ref, set, c.userLag())
	}
	return kernel.NoContent()
}

func deleteUser(c *directoryCall) *kernel.Response {
	st := c.srv.store
	st.mu.Lock()
	defer st.mu.Unlock()
	ref, _, a := c.findUser(c.Param(0))
	if a != nil {
		return a
	}
	st.softDelete(ref, c.srv.clock.Now().Format("2006-01-02T15:04:05Z"), c.userLag())
	return kernel.NoContent()
}

// userLag is lag with that of lists.
func (c *directoryCall) userLag() staleness {
	lag := c.lag()
	lag.lists = c.srv.behavior.ListLag
	return lag
}

// checkUser holds what depends on the directory: the principal name's domain is a verified one and
// the name is free [graph 1.2], [graph 4]. It also writes what follows from a new mail.
func (c *directoryCall) checkUser(ref int32, set map[int]string) *graphError {
	st := c.srv.store
	if raw, ok := set[st.user.index("userPrincipalName")]; ok {
		upn := rawjson.Unquote(raw)
		_, domain, _ := naming.CutLast(upn, "@")
		if !st.verified(domain) {
			err := invalid("The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.")
			return &err
		}
		if other, taken := st.byUPN[strings.ToLower(upn)]; taken && other != ref {
			err := conflict(http.StatusBadRequest, "userPrincipalName")
			return &err
		}
	}
	mail, ok := set[st.user.index("mail")]
	if !ok || mail == "null" {
		return nil
	}
	var old []string
	if ref >= 0 {
		old = rawjson.Strings(st.slots[ref].obj.value("proxyAddresses"))
	}
	set[st.user.index("proxyAddresses")] = string(rawjson.Marshal(addPrimary(old, rawjson.Unquote(mail))))
	return nil
}
