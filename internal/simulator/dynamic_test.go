package simulator

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
)

func (c *client) inGroup(group, user string) bool {
	c.t.Helper()
	return strings.Contains(c.get("/v1.0/groups/"+group+"/members?$top=999").want(c.t, 200).column("id"), user)
}

// A user joins and leaves as the properties that the rule reads change, and everyone as the rule does.
func TestDynamicGroups(t *testing.T) {
	c := newClient(t, followAtOnce)
	in := func(user string) bool { return c.inGroup(groupDynamic, user) }
	c.do("PATCH", "/v1.0/users/"+oscar, `{"userType":"Guest"}`).want(t, 204)
	assert.Equal(t, "joins", in(oscar), true)
	assert.Equal(
		t,
		"memberOf",
		strings.Contains(c.get("/v1.0/users/"+oscar+"/memberOf").column("id"), groupDynamic),
		true,
	)
	c.do("PATCH", "/v1.0/users/"+oscar, `{"userType":"Member"}`).want(t, 204)
	assert.Equal(t, "leaves", in(oscar), false)
	if _, err := c.server.PutUser([]byte(`{"id":"` + oscar + `","userType":"Guest"}`)); err != nil {
		t.Fatal(err)
	}
	assert.Equal(t, "by the control plane, too", in(oscar), true)
	_, link, _ := round(c, "/v1.0/groups/delta?$select=displayName,members")
	c.do(
		"PATCH", "/v1.0/groups/"+groupDynamic,
		`{"membershipRule":"user.department -eq \"Sales\" -and user.userType -eq \"Member\""}`,
	).want(t, 204)
	assert.Equal(t, "a new rule", fmt.Sprint(in(oscar), in(gus)), "false false")
	assert.Equal(t, "delta tells", strings.Contains(string(c.get(link).raw), `"@removed"`), true)
	c.do("PATCH", "/v1.0/users/"+oscar, `{"userType":"Member"}`).want(t, 204)
	assert.Equal(t, "both parts", in(oscar), true)
	c.do("PATCH", "/v1.0/groups/"+groupDynamic, `{"membershipRuleProcessingState":"Paused"}`).want(t, 204)
	c.do("PATCH", "/v1.0/users/"+oscar, `{"department":"Legal"}`).want(t, 204)
	assert.Equal(t, "paused", in(oscar), true)
	c.do("PATCH", "/v1.0/groups/"+groupDynamic, `{"membershipRuleProcessingState":"On"}`).want(t, 204)
	assert.Equal(t, "and on again", in(oscar), false)
	c.do(
		"PATCH", "/v1.0/groups/"+groupDynamic,
		`{"membershipRule":"user.assignedPlans -any (assignedPlan.service -eq \"SCO\")"}`,
	).want(t, 204)
	assert.Equal(t, "not understood: left alone", in(ada), false)
	if c.server.EvaluateGroup(groupDynamic) == nil || c.server.EvaluateGroup(groupAtlassian) == nil ||
		c.server.EvaluateGroup("none") == nil {
		t.Error("evaluated what can't be")
	}

	made := c.do(
		"POST",
		"/v1.0/groups",
		`{"displayName":"Off","mailEnabled":false,"mailNickname":"off","securityEnabled":true,"groupTypes":["DynamicMembership"],"membershipRule":"user.accountEnabled -eq false","membershipRuleProcessingState":"On"}`,
	).want(t, 201)
	assert.Equal(t, "a new group", c.get("/v1.0/groups/"+made.text("id")+"/members").column("id"), ada)
	c.do("DELETE", "/v1.0/users/"+ada, "").want(t, 204)
	c.do("POST", "/v1.0/directory/deletedItems/"+ada+"/restore", "").want(t, 200)
	assert.Equal(t, "after a restore", c.inGroup(made.text("id"), ada), true)
	c.do("DELETE", "/v1.0/users/"+ada, "").want(t, 204)
	c.do(
		"PATCH", "/v1.0/groups/"+made.text("id"),
		`{"membershipRule":"user.accountEnabled -eq true -and user.department -eq \"None\""}`,
	).want(t, 204)
	c.do("POST", "/v1.0/directory/deletedItems/"+ada+"/restore", "").want(t, 200)
	assert.Equal(t, "by the rule of then", c.inGroup(made.text("id"), ada), false)
	c.do("PATCH", "/v1.0/users/"+ada, `{"accountEnabled":true,"department":"None"}`).want(t, 204)
	body := `{"@odata.id":"` + testBase + `/v1.0/directoryObjects/` + maryam + `"}`
	r := c.do("POST", "/v1.0/groups/"+made.text("id")+"/members/$ref", body).want(t, 403, "Authorization_RequestDenied")
	assert.Equal(t, "message", r.message(), "Insufficient privileges to complete the operation.")
	c.do("DELETE", "/v1.0/groups/"+made.text("id")+"/members/"+ada+"/$ref", "").
		want(t, 403, "Authorization_RequestDenied")
	c.do(
		"PATCH",
		"/v1.0/groups/"+made.text("id"),
		`{"members@odata.bind":["`+testBase+`/v1.0/directoryObjects/`+maryam+`"]}`,
	).want(t, 403)
}

func TestDynamicLag(t *testing.T) {
	c := newClient(t, WithClock(frozen), WithBehavior(func(b *env.Behavior) { b.DynamicLag = 30 * time.Minute }))
	c.do("PATCH", "/v1.0/users/"+oscar, `{"userType":"Guest"}`).want(t, 204)
	assert.Equal(t, "not yet", c.inGroup(groupDynamic, oscar), false)
	c.server.Advance(30 * time.Minute)
	assert.Equal(t, "half an hour later", c.inGroup(groupDynamic, oscar), true)
	c.server.Behavior.DynamicLag = -1
	c.do("PATCH", "/v1.0/users/"+oscar, `{"userType":"Member"}`).want(t, 204)
	c.server.Advance(1000 * time.Hour)
	fresh := *c
	fresh.bearer = c.server.IssueToken(testBase, login.App{ClientID: "other", Roles: login.AllRoles()}, testBase)
	assert.Equal(t, "never by itself", fresh.inGroup(groupDynamic, oscar), true)
	c.do("POST", "/_simulator/groups/apply_rules", "").want(t, 204)
	assert.Equal(t, "when told", fresh.inGroup(groupDynamic, oscar), false)
	if _, err := c.server.PutGroup([]byte(`{"id":"` + groupDynamic + `","members":[]}`)); err != nil {
		t.Fatal(err)
	}
	c.do("POST", "/_simulator/groups/"+groupDynamic+"/evaluate", "").want(t, 204)
	assert.Equal(t, "everyone, by the rule", fresh.inGroup(groupDynamic, gus), true)
}

// The example tenant's groups follow a conversion there and back; who isn't touched stays.
func TestDynamicExample(t *testing.T) {
	file, err := os.Open("../../examples/tenant/company.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	server, err := New(file, followAtOnce)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{
		t: t, server: server,
		bearer: server.IssueToken(testBase, login.App{ClientID: DefaultClientID, Roles: login.AllRoles()}, testBase),
	}
	const staff, guests, adele = "baa457cc-8872-403f-a2e0-1058493070ec", "8bb8a5ba-e98e-42be-a5e5-81d52af6acf1", "/v1.0/users/adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com"
	id := c.get(adele).text("id")
	many := func() string {
		size := func(g string) int { return len(c.get("/v1.0/groups/" + g + "/members?$top=999").values()) }
		return fmt.Sprint(size(staff), c.inGroup(staff, id), size(guests), c.inGroup(guests, id))
	}
	assert.Equal(t, "before", many(), "43 true 5 false")
	c.do("PATCH", adele, `{"userType":"Guest"}`).want(t, 204)
	assert.Equal(t, "a guest", many(), "42 false 6 true")
	c.do("PATCH", adele, `{"userType":"Member"}`).want(t, 204)
	assert.Equal(t, "a member", many(), "43 true 5 false")
	c.do("PATCH", adele, `{"accountEnabled":false}`).want(t, 204)
	assert.Equal(t, "disabled", many(), "42 false 5 false")
}

// followAtOnce has dynamic groups follow a change at once, for tests that look right after it.
var followAtOnce = WithBehavior(func(b *env.Behavior) { b.DynamicLag = 0 })
