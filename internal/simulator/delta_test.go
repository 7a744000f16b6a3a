package simulator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph/directory"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
)

// round reads a delta round to its end and answers the values and the deltaLink.
func round(c *client, target string, headers ...string) (values []map[string]any, link string, pages int) {
	c.t.Helper()
	r := c.get(target, headers...).want(c.t, 200)
	for pages = 1; ; pages++ {
		values = append(values, r.values()...)
		next, done := r.text("@odata.nextLink"), r.text("@odata.deltaLink")
		if (next == "") == (done == "") {
			c.t.Fatalf("neither or both of nextLink and deltaLink: %s", r.raw)
		}
		if done != "" {
			return values, strings.TrimPrefix(done, testBase), pages
		}
		r = c.follow(next, headers...).want(c.t, 200)
	}
}

func TestUsersDelta(t *testing.T) {
	c := newClient(t, WithBehavior(func(b *env.Behavior) { b.DeltaPageSize = 2 }))
	values, link, pages := round(c, "/v1.0/users/delta()?$select=displayName,userType,mail")
	assert.Equal(t, "users", len(values), 5)
	assert.Equal(t, "pages", pages, 3)
	if _, ok := values[1]["mail"]; ok {
		t.Error("a property that was never set is answered")
	}
	values, link, _ = round(c, link)
	assert.Equal(t, "nothing changed", len(values), 0)

	c.do("PATCH", "/v1.0/users/"+gus, `{"userType":"Member"}`).want(t, 204)
	c.do("PATCH", "/v1.0/users/"+oscar, `{"mail":null,"department":null}`).want(t, 204)
	c.do("DELETE", "/v1.0/users/"+ada, "").want(t, 204)
	if err := c.server.DeleteObject(maryam, false); err != nil {
		t.Fatal(err)
	}
	id, err := c.server.PutUser([]byte(`{"displayName":"New","userPrincipalName":"new@company.com"}`))
	if err != nil {
		t.Fatal(err)
	}
	minimal, _, _ := round(c, link, "Prefer", "return=minimal")
	assert.Equal(t, "minimal gus", fmt.Sprint(minimal[0]), "map[id:"+gus+" userType:Member]")
	assert.Equal(t, "minimal oscar", fmt.Sprint(minimal[1]), "map[id:"+oscar+" mail:<nil>]")
	values, link, _ = round(c, link)
	assert.Equal(t, "changed", len(values), 5)
	assert.Equal(
		t, "gus", fmt.Sprint(values[0]), "map[displayName:Gus Guest id:"+gus+" mail:gus@fabrikam.com userType:Member]",
	)
	assert.Equal(t, "ada", fmt.Sprint(values[2]), "map[@removed:map[reason:changed] id:"+ada+"]")
	assert.Equal(t, "maryam", fmt.Sprint(values[3]), "map[@removed:map[reason:deleted] id:"+maryam+"]")
	assert.Equal(t, "new", values[4]["id"], any(id))
	values, _, _ = round(c, link)
	assert.Equal(t, "told once", len(values), 0)
}

func TestDeltaLatestAndFilter(t *testing.T) {
	c := newClient(t)
	values, link, _ := round(c, "/v1.0/users/delta?$deltatoken=latest&$select=displayName")
	assert.Equal(t, "latest", len(values), 0)
	c.do("PATCH", "/v1.0/users/"+gus, `{"displayName":"G"}`).want(t, 204)
	values, _, _ = round(c, link)
	assert.Equal(t, "since then", len(values), 1)
	values, link, _ = round(c, "/v1.0/users/delta?$filter=id eq '"+gus+"' or id eq '"+ada+"'")
	assert.Equal(t, "two of them", len(values), 2)
	c.do("PATCH", "/v1.0/users/"+oscar, `{"displayName":"O"}`).want(t, 204)
	values, _, _ = round(c, link)
	assert.Equal(t, "not one of them", len(values), 0)
	for _, bad := range []string{"$filter=userType eq 'Guest'", "$top=5", "$orderby=displayName", "$deltatoken=nonsense", "$select=foo",
		"$filter=" + strings.Repeat("id eq 'x' or ", 50) + "id eq 'x'"} {
		c.get("/v1.0/users/delta?"+bad).want(t, 400)
	}
	c.get(link+"&$select=mail").want(t, 400)
	c.get(strings.Replace(link, "users", "groups", 1)).want(t, 400)
}

func TestDeltaDuringChanges(t *testing.T) {
	c := newClient(t, WithBehavior(func(b *env.Behavior) { b.DeltaPageSize = 2 }))
	r := c.get("/v1.0/users/delta?$select=displayName").want(t, 200)
	c.do("PATCH", "/v1.0/users/"+oscar, `{"displayName":"O"}`).want(t, 204) // told already in this round
	_, link, _ := round(c, strings.TrimPrefix(r.text("@odata.nextLink"), testBase))
	values, _, _ := round(c, link)
	assert.Equal(t, "the next round tells", fmt.Sprint(values), "[map[displayName:O id:"+oscar+"]]")
}

func TestGroupsDelta(t *testing.T) {
	c := newClient(t, WithBehavior(func(b *env.Behavior) { b.DeltaMembers = 2 }))
	values, link, _ := round(c, "/v1.0/groups/delta?$select=displayName,members")
	merged := map[string]int{}
	parts := map[string]int{}
	for _, v := range values {
		members, _ := v["members@delta"].([]any)
		merged[v["id"].(string)] += len(members)
		parts[v["id"].(string)]++
	}
	assert.Equal(t, "members of partners", merged[groupPartners], 4)
	if parts[groupPartners] < 2 {
		t.Errorf("a large group comes in %d part", parts[groupPartners])
	}
	assert.Equal(t, "members of all", merged[groupAtlassian]+merged[groupDynamic]+merged[groupSecret], 5)
	if err := c.server.AddMember(groupAtlassian, maryam); err != nil {
		t.Fatal(err)
	}
	if err := c.server.RemoveMember(groupAtlassian, oscar); err != nil {
		t.Fatal(err)
	}
	values, _, _ = round(c, link)
	want := fmt.Sprintf(
		"[map[displayName:Atlassian users id:%s members@delta:[map[@odata.type:#microsoft.graph.user id:%s] "+
			"map[@odata.type:#microsoft.graph.user @removed:map[reason:deleted] id:%s]]]]",
		groupAtlassian, maryam, oscar,
	)
	assert.Equal(t, "changes", fmt.Sprint(values), want)
	values, _, _ = round(c, "/v1.0/groups/delta?$select=displayName")
	if _, ok := values[0]["members@delta"]; ok {
		t.Error("members@delta without members in $select")
	}
	values, _, _ = round(c, "/v1.0/groups/delta")
	if _, ok := values[0]["members@delta"]; !ok {
		t.Error("no members@delta without $select")
	}
}

func TestDeltaTokensExpire(t *testing.T) {
	c := newClient(t, WithClock(frozen))
	_, link, _ := round(c, "/v1.0/users/delta")
	c.server.ExpireDeltaTokens(directory.DeltaGone)
	r := c.get(link).want(t, 410)
	assert.Equal(t, "Location", r.header.Get("Location"), testBase+"/v1.0/users/delta?$deltatoken=")
	_, link, _ = round(c, "/v1.0/users/delta?$deltatoken=")
	c.server.ExpireDeltaTokens(directory.DeltaState)
	c.get(link).want(t, 400, "syncStateNotFound")
	_, link, _ = round(c, "/v1.0/users/delta")
	c.server.ExpireDeltaTokens(directory.DeltaResync)
	c.get(link).want(t, 400, "resyncRequired")
	_, link, _ = round(c, "/v1.0/users/delta")
	c.server.Advance(8 * 24 * time.Hour)
	c.bearer = c.server.IssueToken(testBase, login.App{ClientID: "x", Roles: login.AllRoles()}, testBase)
	c.get(link).want(t, 400, "syncStateNotFound")
}

// What was told is told again, and an object several times, the last change first.
func TestDeltaReplaysAndRepeats(t *testing.T) {
	c := newClient(t, WithBehavior(func(b *env.Behavior) { b.DeltaReplays, b.DeltaRepeats = 2, true }))
	_, link, _ := round(c, "/v1.0/groups/delta?$deltatoken=latest&$select=displayName,members")
	for _, change := range []error{
		c.server.AddMember(groupAtlassian, maryam), c.server.RemoveMember(groupAtlassian, maryam),
	} {
		if change != nil {
			t.Fatal(change)
		}
	}
	values, link, _ := round(c, link)
	assert.Equal(t, "both changes", len(values), 2)
	if removed := fmt.Sprint(values[0]["members@delta"]); !strings.Contains(removed, "@removed") {
		t.Errorf("the last change isn't first: %s", removed)
	}
	again, _, _ := round(c, link)
	assert.Equal(t, "replayed", fmt.Sprint(again), fmt.Sprint(values))
}

// A restored user is told, the memberships that were kept aren't [graph 2].
func TestDeltaOfRestored(t *testing.T) {
	c := newClient(t)
	_, users, _ := round(c, "/v1.0/users/delta?$deltatoken=latest&$select=displayName")
	_, groups, _ := round(c, "/v1.0/groups/delta?$deltatoken=latest&$select=displayName,members")
	before := len(c.get("/v1.0/groups/" + groupAtlassian + "/members").values())
	if err := c.server.DeleteObject(oscar, true); err != nil {
		t.Fatal(err)
	}
	assert.Equal(t, "unseen", len(c.get("/v1.0/groups/"+groupAtlassian+"/members").values()), before-1)
	if err := c.server.RestoreUser(oscar); err != nil {
		t.Fatal(err)
	}
	if err := c.server.RestoreUser(oscar); err == nil {
		t.Error("restored twice")
	}
	assert.Equal(t, "back", len(c.get("/v1.0/groups/"+groupAtlassian+"/members").values()), before)
	values, _, _ := round(c, users)
	assert.Equal(t, "users", len(values), 1)
	values, _, _ = round(c, groups)
	assert.Equal(t, "groups", len(values), 0)
}
