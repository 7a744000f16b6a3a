package directory

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

func createUser(c *call) *kernel.Response {
	list, a := c.BodyFields()
	if a != nil {
		return a
	}
	st := c.Service.Store
	set, err := c.CheckProperties(st.UserType, list, nil)
	if err == nil {
		err = graph.MissingProperty(st.UserType, list, set)
	}
	if err != nil {
		return c.Fail(*err)
	}
	st.Mu.Lock()
	defer st.Mu.Unlock()
	if err := c.checkUser(-1, set); err != nil {
		return c.Fail(*err)
	}
	now := c.Service.Clock.Now().Format("2006-01-02T15:04:05Z")
	st.FillUser(set, now)
	o := (&tenant.Object{Entity: st.UserType, ID: uuid.NewString()}).With(set)
	if _, err := st.Create(o, c.Lag()); err != nil {
		return c.Fail(odata.Invalid("%s", err))
	}
	return c.AnswerObject(http.StatusCreated, o, "users", nil).With("Location", c.Root()+"/users/"+o.ID)
}

func updateUser(c *call) *kernel.Response {
	list, a := c.BodyFields()
	if a != nil {
		return a
	}
	st := c.Service.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	ref, now, a := c.findUser(c.Param(0))
	if a != nil {
		return a
	}
	set, err := c.CheckProperties(st.UserType, list, now)
	if err == nil {
		err = c.checkUser(ref, set)
	}
	if err != nil {
		return c.Fail(*err)
	}
	if len(set) > 0 {
		st.Update(ref, set, c.userLag())
	}
	return kernel.NoContent()
}

func deleteUser(c *call) *kernel.Response {
	st := c.Service.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	ref, _, a := c.findUser(c.Param(0))
	if a != nil {
		return a
	}
	st.SoftDelete(ref, c.Service.Clock.Now().Format("2006-01-02T15:04:05Z"), c.userLag())
	return kernel.NoContent()
}

// userLag is lag with that of lists.
func (c *call) userLag() tenant.Staleness {
	lag := c.Lag()
	lag.Lists = c.Service.Behavior.ListLag
	return lag
}

// checkUser holds what depends on the directory: the principal name's domain is a verified one and
// the name is free [graph 1.2], [graph 4]. It also writes what follows from a new mail.
func (c *call) checkUser(ref int32, set map[int]string) *odata.Error {
	st := c.Service.Store
	if raw, ok := set[st.UserType.Index("userPrincipalName")]; ok {
		upn := rawjson.Unquote(raw)
		_, domain, _ := naming.CutLast(upn, "@")
		if !st.Verified(domain) {
			err := odata.Invalid(
				"The domain portion of the userPrincipalName property is invalid. You must use one of the verified " +
					"domain names in your organization.",
			)
			return &err
		}
		if other, taken := st.ByUPN[strings.ToLower(upn)]; taken && other != ref {
			err := odata.Conflict(http.StatusBadRequest, "userPrincipalName")
			return &err
		}
	}
	mail, ok := set[st.UserType.Index("mail")]
	if !ok || mail == "null" {
		return nil
	}
	var old []string
	if ref >= 0 {
		old = rawjson.Strings(st.Slots[ref].Object.Value("proxyAddresses"))
	}
	set[st.UserType.Index("proxyAddresses")] = string(rawjson.Marshal(tenant.AddPrimary(old, rawjson.Unquote(mail))))
	return nil
}
