package simulator

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

func createUser(c *call) *answer {
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
	return c.one(http.StatusCreated, o, "users", nil).with("Location", c.base+"/v1.0/users/"+o.id)
}

// fillUser adds what the service sets by itself: [graph 1.2].
func (s *store) fillUser(set map[int]string, now string) {
	give := func(name, raw string) {
		if i := s.user.index(name); set[i] == "" {
			set[i] = raw
		}
	}
	give("userType", `"Member"`)
	give("createdDateTime", rawjson.Quote(now))
	give("identities", string(rawjson.Marshal([]any{map[string]any{
		"signInType": "userPrincipalName", "issuer": s.initialDomain(),
		"issuerAssignedId": rawjson.Unquote(set[s.user.index("userPrincipalName")]),
	}})))
}

func updateUser(c *call) *answer {
	list, a := c.object()
	if a != nil {
		return a
	}
	st := c.srv.store
	st.mu.Lock()
	defer st.mu.Unlock()
	ref, now, a := c.findUser(c.param(0))
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
	return noContent()
}

func deleteUser(c *call) *answer {
	st := c.srv.store
	st.mu.Lock()
	defer st.mu.Unlock()
	ref, _, a := c.findUser(c.param(0))
	if a != nil {
		return a
	}
	st.softDelete(ref, c.srv.clock.Now().Format("2006-01-02T15:04:05Z"), c.userLag())
	return noContent()
}

// userLag is lag with that of lists.
func (c *call) userLag() staleness {
	lag := c.lag()
	lag.lists = c.srv.behavior.ListLag
	return lag
}
