package simulator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

func managerRef(id string) string {
	return `{"@odata.id":"https://graph.microsoft.com/v1.0/users/` + id + `"}`
}

// Managers come by $expand, with their default properties or the selected ones; a page has a hundred then.
func TestUsersExpandManager(t *testing.T) {
	c := newClient(t)
	c.do("PUT", "/v1.0/users/"+oscar+"/manager/$ref", managerRef(ada)).want(t, 204)
	const query = "?$select=id&$expand=manager($select=id)"
	want := "map[@odata.type:#microsoft.graph.user id:" + ada + "]"
	for _, v := range c.get("/v1.0/users"+query).want(t, 200).values() {
		if m, ok := v["manager"]; v["id"] == oscar && fmt.Sprint(m) != want || v["id"] != oscar && ok {
			t.Errorf("got %v", v)
		}
	}
	r := c.get("/v1.0/users?$filter=id in ('"+oscar+"','"+gus+"')&$select=id&$expand=manager($select=id)").want(t, 200)
	assert.Equal(t, "filtered", len(r.values()), 2)
	assert.Equal(t, "of one", fmt.Sprint(c.get("/v1.0/users/"+oscar+query).want(t, 200).body["manager"]), want)
	r = c.get("/v1.0/users/"+oscar+"?$expand=manager").want(t, 200)
	assert.Equal(t, "whole", fmt.Sprint(at(r.body, "manager", "userPrincipalName")) != "", true)
	c.get("/v1.0/users?$expand=manager($select=noSuch)").want(t, 400)
	c.get("/v1.0/users?$expand=manager($levels=2)").want(t, 501)
	c.get("/v1.0/groups?$expand=manager").want(t, 501)
	reports := c.get("/v1.0/users/"+ada+"/directReports?$select=id").want(t, 200).values()
	assert.Equal(t, "direct reports", fmt.Sprint(reports), "[map[@odata.type:#microsoft.graph.user id:"+oscar+"]]")
	assert.Equal(t, "of nobody", len(c.get("/v1.0/users/"+gus+"/directReports").want(t, 200).values()), 0)
	c.do("DELETE", "/v1.0/users/"+ada, "").want(t, 204)
	assert.Equal(t, "deleted", c.get("/v1.0/users/"+oscar+query).want(t, 200).body["manager"], nil)

	for i := range 150 {
		if _, err := c.server.PutUser(fmt.Appendf(nil, `{"userPrincipalName":"more%d@company.com"}`, i)); err != nil {
			t.Fatal(err)
		}
	}
	r = c.get("/v1.0/users?$top=999&$select=id&$expand=manager($select=id)").want(t, 200)
	assert.Equal(t, "a page", len(r.values()), 100)
	assert.Equal(t, "the rest", len(c.follow(r.text("@odata.nextLink")).want(t, 200).values()), 54)
}

// Delta tells of managers where they are selected, and of nobody whose manager alone changed where they aren't.
func TestUsersDeltaManager(t *testing.T) {
	c := newClient(t)
	c.do("PUT", "/v1.0/users/"+gus+"/manager/$ref", managerRef(ada)).want(t, 204)
	first, link, _ := round(c, "/v1.0/users/delta?$select=id,manager")
	told := 0
	for _, v := range first {
		if v["manager@delta"] != nil {
			told++
		}
	}
	assert.Equal(t, "in the first round", told, 1)
	_, plain, _ := round(c, "/v1.0/users/delta?$deltatoken=latest&$select=displayName")
	c.do("PUT", "/v1.0/users/"+oscar+"/manager/$ref", managerRef(ada)).want(t, 204)
	values, link, _ := round(c, link)
	assert.Equal(
		t, "set", fmt.Sprint(values),
		"[map[id:"+oscar+" manager@delta:[map[@odata.type:#microsoft.graph.user id:"+ada+"]]]]",
	)
	c.do("DELETE", "/v1.0/users/"+oscar+"/manager/$ref", "").want(t, 204)
	values, _, _ = round(c, link)
	assert.Equal(
		t, "removed", fmt.Sprint(values),
		"[map[id:"+oscar+" manager@delta:[map[@odata.type:#microsoft.graph.user @removed:map[reason:deleted] id:"+
			ada+"]]]]",
	)
	values, _, _ = round(c, plain)
	assert.Equal(t, "not selected", len(values), 0)
}

// leads maps the manager, and one role.
func (p *scenario) leads() {
	p.t.Helper()
	p.schema(func(s rawjson.Object) {
		for target, source := range map[string]string{
			"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager": "[manager]",
			"title": "SingleAppRoleAssignment([appRoleAssignments])",
		} {
			addMapping(
				s, rawjson.Object{"targetAttributeName": target, "source": rawjson.Object{"expression": source}},
			)
		}
	})
}

// A manager is sent as the target's id of them, once they are there: created behind the one they lead, in the
// same cycle; of one who isn't provisioned nothing is sent, and nothing cleared.
func TestCycleManager(t *testing.T) {
	p := newScenario(t)
	p.leads()
	p.assign("ann", "cid")
	for user, manager := range map[string]string{"ann": "cid", "cid": "dan"} {
		p.do("PUT", "/v1.0/users/"+user+"/manager/$ref", managerRef(manager)).want(t, 204)
	}
	assert.Equal(
		t,
		"log",
		p.cycle(),
		"ann create success; bea other skipped NotEffectivelyEntitled; cid create success; "+
			"dan other skipped NotEffectivelyEntitled; ann update success",
	)
	assert.Equal(t, "managers", p.managers(), "ann=cid cid=")
	assert.Equal(t, "nothing more", p.cycle(), "")
	p.do("DELETE", "/v1.0/users/ann/manager/$ref", "").want(t, 204)
	assert.Equal(t, "nothing is cleared", p.cycle(), "")
	assert.Equal(t, "still", p.managers(), "ann=cid cid=")
	p.assign("ann", "cid", "dan")
	assert.Equal(t, "in scope", p.cycle(), "dan create success; cid update success")
	assert.Equal(t, "managers", p.managers(), "ann=cid cid=dan dan=")
}

func (p *scenario) managers() string {
	names := map[string]string{}
	for _, u := range p.org().SCIM.Users {
		names[u.ID] = u.Text("externalId")
	}
	var out []string
	for _, u := range p.org().SCIM.Users {
		m := rawjson.At(u.Attributes["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"], "manager")
		id, _ := rawjson.At(m, "value").(string)
		if s, ok := m.(string); ok {
			id = s
		}
		out = append(out, u.Text("externalId")+"="+names[id])
	}
	return strings.Join(out, " ")
}

// Roles are the assignment's, one's own or a group's; they outlast a snapshot.
func TestCycleRoles(t *testing.T) {
	p := newScenario(t)
	p.leads()
	roles := p.get("/v1.0/servicePrincipals/app?$select=appRoles").want(t, 200).body["appRoles"].([]any)
	role := at(roles[0], "id").(string)
	p.assign("dan")
	for _, who := range []string{"ann", "g-all"} {
		if err := p.server.AssignRole("app", who, role); err != nil {
			t.Fatal(err)
		}
	}
	p.cycle()
	var out []string
	for _, u := range p.org().SCIM.Users {
		out = append(out, u.Text("externalId")+"="+u.Text("title"))
	}
	assert.Equal(t, "roles", strings.Join(out, " "), "ann=User bea=User cid=User dan=Default Assignment")
	var snapshot strings.Builder
	if err := p.server.Snapshot(&snapshot); err != nil {
		t.Fatal(err)
	}
	again, err := New(strings.NewReader(snapshot.String()))
	if err != nil {
		t.Fatal(err)
	}
	assert.Equal(t, "kept", again.Registry.Find("app", false).RoleName(role), "User")
	if n := strings.Count(snapshot.String(), role); n < 3 {
		t.Errorf("the snapshot names the role %d times", n)
	}
}
