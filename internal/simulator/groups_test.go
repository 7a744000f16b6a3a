package simulator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
)

func TestMembers(t *testing.T) {
	c := newClient(t)
	r := c.get("/v1.0/groups/"+groupPartners+"/members").want(t, 200)
	assert.Equal(t, "context", r.text("@odata.context"), testBase+"/v1.0/$metadata#directoryObjects")
	assert.Equal(
		t, "types", r.column("@odata.type"),
		"#microsoft.graph.user #microsoft.graph.user #microsoft.graph.group #microsoft.graph.servicePrincipal",
	)
	if _, ok := r.values()[0]["userType"]; ok {
		t.Error("members have more than the default properties")
	}
	r = c.get("/v1.0/groups/"+groupPartners+"/members?$select=id,displayName").want(t, 200)
	assert.Equal(t, "context", r.text("@odata.context"), testBase+"/v1.0/$metadata#directoryObjects(id,displayName)")
	assert.Equal(t, "keys", len(r.values()[0]), 3)
	for _, cast := range []string{"microsoft.graph.user", "graph.user"} {
		r = c.get("/v1.0/groups/"+groupPartners+"/members/"+cast+"?$select=id,userType&$top=1").want(t, 200)
		assert.Equal(t, "context", r.text("@odata.context"), testBase+"/v1.0/$metadata#users(id,userType)")
		assert.Equal(t, "first", r.column("id"), gus)
		r = c.follow(r.text("@odata.nextLink")).want(t, 200)
		assert.Equal(t, "second", r.column("id"), ada)
		assert.Equal(t, "next", r.text("@odata.nextLink"), "")
	}
	c.get("/v1.0/groups/"+groupPartners+"/members/microsoft.graph.user?$filter=userType eq 'Guest'").want(t, 400)
	r = c.advanced(
		"/v1.0/groups/"+groupPartners+"/members/microsoft.graph.user?$filter=userType eq 'Guest'&$count=true",
	).want(t, 200)
	assert.Equal(t, "filtered", r.column("id"), gus)
	assert.Equal(t, "number", string(c.advanced("/v1.0/groups/"+groupPartners+"/members/$count").want(t, 200).raw), "4")
	c.get("/v1.0/groups/"+groupPartners+"/members/$count").want(t, 400, "Request_BadRequest")
	c.get("/v1.0/groups/"+groupPartners+"/members?$select=nothing").want(t, 400, "BadRequest")
}

func TestTransitiveMembers(t *testing.T) {
	c := newClient(t)
	r := c.get("/v1.0/groups/"+groupAtlassian+"/transitiveMembers?$select=id&$top=2").want(t, 200)
	all := r.column("id")
	for r.text("@odata.nextLink") != "" {
		r = c.follow(r.text("@odata.nextLink")).want(t, 200)
		all += " " + r.column("id")
	}
	assert.Equal(
		t, "through a cycle", all,
		strings.Join([]string{oscar, groupPartners, gus, ada, "c0000000-0000-4000-8000-000000000001"}, " "),
	)
	r = c.get("/v1.0/groups/"+groupAtlassian+"/transitiveMembers/microsoft.graph.user?$select=id").want(t, 200)
	assert.Equal(t, "users", r.column("id"), strings.Join([]string{oscar, gus, ada}, " "))
	assert.Equal(
		t,
		"number",
		string(
			c.advanced("/v1.0/groups/"+groupAtlassian+"/transitiveMembers/microsoft.graph.user/$count").
				want(t, 200).
				raw,
		),
		"3",
	)
	r = c.get("/v1.0/users/"+gus+"/memberOf?$select=id,displayName").want(t, 200)
	assert.Equal(t, "memberOf", r.column("id"), groupPartners+" "+groupDynamic)
	r = c.get("/v1.0/users/"+gus+"/transitiveMemberOf?$select=id").want(t, 200)
	assert.Equal(
		t,
		"transitiveMemberOf",
		r.column("id"),
		strings.Join([]string{groupPartners, groupDynamic, groupAtlassian}, " "),
	)
	r = c.do(
		"POST", "/v1.0/users/"+gus+"/checkMemberGroups", `{"groupIds":["`+groupAtlassian+`","`+groupSecret+`"]}`,
	).want(t, 200)
	assert.Equal(t, "checkMemberGroups", fmt.Sprint(r.body["value"]), "["+groupAtlassian+"]")
}

func TestUnreadableMembers(t *testing.T) {
	c := newClient(t)
	bare := func(v map[string]any) bool {
		return v["displayName"] == nil && v["id"] != nil && v["@odata.type"] != nil
	}
	r := c.get("/v1.0/groups/"+groupSecret+"/members").want(t, 200)
	assert.Equal(t, "readable", bare(r.values()[0]), false)
	assert.Equal(t, "not described in the snapshot", bare(r.values()[1]), true)
	r = c.as("Group.Read.All", "User.Read.All").get("/v1.0/groups/"+groupSecret+"/members").want(t, 200)
	assert.Equal(t, "hidden membership", bare(r.values()[0]), true)
	r = c.as("GroupMember.Read.All").get("/v1.0/groups/"+groupPartners+"/members").want(t, 200)
	assert.Equal(t, "no right to read users", bare(r.values()[0]), true)
	assert.Equal(t, "right to read groups", bare(r.values()[2]), false)
	if err := c.server.SetUnreadable(true, ada); err != nil {
		t.Fatal(err)
	}
	r = c.get("/v1.0/groups/"+groupPartners+"/members?$select=id,displayName").want(t, 200)
	assert.Equal(t, "gus", bare(r.values()[0]), false)
	assert.Equal(t, "ada", bare(r.values()[1]), true)
	if _, there := r.values()[1]["displayName"]; !there {
		t.Error("the property isn't null but absent")
	}
	c.server.Behavior.UnreadableAsNull = false
	r = c.get("/v1.0/groups/"+groupPartners+"/members?$select=id,displayName").want(t, 200)
	assert.Equal(t, "keys", len(r.values()[1]), 2)
}

func TestMembership(t *testing.T) {
	c := newClient(t)
	refs := "/v1.0/groups/" + groupAtlassian + "/members/$ref"
	body := `{"@odata.id":"` + testBase + `/v1.0/directoryObjects/` + maryam + `"}`
	c.do("POST", refs, body).want(t, 204)
	c.do("POST", refs, body).want(t, 400, "Request_BadRequest")
	c.do("POST", refs, `{"@odata.id":"https://graph.microsoft.com/v1.0/users/nobody"}`).want(t, 404)
	c.do("POST", refs, `{"id":"x"}`).want(t, 400)
	c.do("POST", strings.Replace(refs, groupAtlassian, groupDynamic, 1), body).
		want(t, 403, "Authorization_RequestDenied")
	assert.Equal(
		t,
		"added",
		strings.Contains(c.get("/v1.0/groups/"+groupAtlassian+"/members").column("id"), maryam),
		true,
	)
	c.do("DELETE", "/v1.0/groups/"+groupAtlassian+"/members/"+maryam+"/$ref", "").want(t, 204)
	c.do("DELETE", "/v1.0/groups/"+groupAtlassian+"/members/"+maryam+"/$ref", "").want(t, 404)
	c.get("/v1.0/users/"+maryam).want(t, 200)
	c.do("DELETE", "/v1.0/groups/"+groupAtlassian+"/members/"+oscar, "").want(t, 204)
	c.get("/v1.0/users/"+oscar).want(t, 404) // a forgotten /$ref deletes the member itself
}

func TestGroupWrites(t *testing.T) {
	c := newClient(t)
	body := `{"displayName":"New","mailEnabled":false,"mailNickname":"new","securityEnabled":true,"members@odata.bind":["` + testBase + `/v1.0/users/` + ada + `"]}`
	id := c.do("POST", "/v1.0/groups", body).want(t, 201).text("id")
	assert.Equal(t, "member", c.get("/v1.0/groups/"+id+"/members").column("id"), ada)
	c.do("POST", "/v1.0/groups", `{"displayName":"New"}`).want(t, 400)
	c.do(
		"PATCH", "/v1.0/groups/"+id, `{"displayName":"Newer","members@odata.bind":["`+testBase+`/v1.0/users/`+gus+`"]}`,
	).want(t, 204)
	assert.Equal(t, "name", c.get("/v1.0/groups/"+id).text("displayName"), "Newer")
	assert.Equal(t, "members", c.get("/v1.0/groups/"+id+"/members").column("id"), ada+" "+gus)
	c.do("DELETE", "/v1.0/groups/"+id, "").want(t, 204)
	c.get("/v1.0/groups/"+id).want(t, 404)
	assert.Equal(t, "memberOf", c.get("/v1.0/users/"+ada+"/memberOf").column("id"), groupPartners)
}

func TestPoliciesAndDomains(t *testing.T) {
	c := newClient(t)
	r := c.get("/v1.0/domains").want(t, 200)
	assert.Equal(t, "domains", r.column("id"), "company.com company.onmicrosoft.com unverified.com")
	assert.Equal(t, "default", c.get("/v1.0/domains/Company.com").want(t, 200).body["isDefault"], any(true))
	c.get("/v1.0/domains/nowhere.example").want(t, 404, "Request_ResourceNotFound")
	const partnersPath = "/v1.0/policies/crossTenantAccessPolicy/partners"
	r = c.get(partnersPath).want(t, 200)
	assert.Equal(t, "partners", len(r.values()), 2)
	if _, ok := r.values()[0]["identitySynchronization"]; ok {
		t.Error("the partner shows identitySynchronization")
	}
	r = c.get(partnersPath+"/9c5d131d-b1c3-4fc4-9e3f-c6557947d551/identitySynchronization").want(t, 200)
	assert.Equal(t, "allowed", fmt.Sprint(r.body["userSyncInbound"]), "map[isSyncAllowed:true]")
	c.get(partnersPath+"/9c5d131d-b1c3-4fc4-9e3f-c6557947d552/identitySynchronization").want(t, 404)
	c.get(partnersPath+"/9c5d131d-b1c3-4fc4-9e3f-c6557947d559").want(t, 404, "Directory_ObjectNotFound")
	c.get("/v1.0/organization").want(t, 200)
}
