package simulator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// So many writes in a period, each item of a batch one of them; reads, and other services, go on.
func TestWriteQuota(t *testing.T) {
	c := newClient(
		t, WithClock(frozen), WithBehavior(func(b *env.Behavior) { b.WriteQuota, b.WritePeriod = 3, 10*time.Second }),
	)
	patch := func() reply { return c.do("PATCH", "/v1.0/users/"+oscar, `{"userType":"Guest"}`) }
	patch().want(t, 204)
	c.server.Advance(2500 * time.Millisecond)
	item := func(id int) string {
		return fmt.Sprintf(
			`{"id":"%d","method":"PATCH","url":"/users/%s","headers":{"Content-Type":"application/json"},"body":{"department":"%d"}}`,
			id,
			ada,
			id,
		)
	}
	r := c.do("POST", "/v1.0/$batch", `{"requests":[`+item(1)+","+item(2)+","+item(3)+`]}`).want(t, 200)
	var status []string
	for _, v := range rawjson.Objects(r.body["responses"]) {
		status = append(status, fmt.Sprint(v["id"], "=", v["status"]))
		if v["id"] == "3" {
			assert.Equal(t, "of the item", at(v, "headers", "Retry-After"), any("7.5"))
		}
	}
	assert.Equal(t, "batch", strings.Join(status, " "), "3=429 2=204 1=204")
	over := patch().want(t, 429, "TooManyRequests")
	assert.Equal(t, "wait", over.header.Get("Retry-After"), "7.5")
	assert.Equal(t, "why", over.header.Get("x-ms-throttle-information"), "WriteLimitExceeded")
	assert.Equal(t, "not written", c.get("/v1.0/users/"+ada+"?$select=department").text("department"), "2")
	c.do("POST", "/v1.0/users/"+oscar+"/checkMemberGroups", `{"groupIds":[]}`).want(t, 200)
	c.server.Advance(7500 * time.Millisecond)
	patch().want(t, 204)
}

// Lists lag behind what was written; a user by itself doesn't. Pages of one list are one list.
func TestListLag(t *testing.T) {
	c := newClient(t, WithBehavior(func(b *env.Behavior) { b.ListLag = 2 }))
	listed := func() string {
		for _, u := range c.get("/v1.0/users?$select=id,userType&$top=999").want(t, 200).values() {
			if u["id"] == oscar {
				return fmt.Sprint(u["userType"])
			}
		}
		return "gone"
	}
	byID := func() string { return c.get("/v1.0/users/" + oscar + "?$select=userType").text("userType") }
	assert.Equal(t, "at first", listed(), "Member")
	c.do("PATCH", "/v1.0/users/"+oscar, `{"userType":"Guest"}`).want(t, 204)
	assert.Equal(t, "by id", byID(), "Guest")
	assert.Equal(t, "the first list", listed(), "Member")
	assert.Equal(t, "by id still", byID(), "Guest")
	assert.Equal(t, "a filter", c.get("/v1.0/users?$filter=userType eq 'Guest'&$select=id").column("id"), gus)
	assert.Equal(t, "the third list", listed(), "Guest")

	c.do("PATCH", "/v1.0/users/"+oscar, `{"userType":"Member","userPrincipalName":"oscar@company.com"}`).want(t, 204)
	first := c.get("/v1.0/users?$select=id,userType&$top=3").want(t, 200)
	c.follow(first.text("@odata.nextLink")).want(t, 200)
	assert.Equal(
		t, "found by the old name",
		c.get("/v1.0/users?$filter=userPrincipalName eq 'oscar.ward@company.com'&$select=id").column("id"), oscar,
	)
	assert.Equal(
		t, "and then by the new one",
		c.get("/v1.0/users?$filter=userPrincipalName eq 'oscar@company.com'&$select=id").column("id"), oscar,
	)

	c.do("DELETE", "/v1.0/users/"+oscar, "").want(t, 204)
	c.get("/v1.0/users/"+oscar).want(t, 404)
	assert.Equal(t, "listed though deleted", listed()+" "+listed()+" "+listed(), "Member Member gone")
}

// Reads are paid in resource units: a warning above 0.8 of the limit, 429 beyond it, and time heals.
func TestUnitQuota(t *testing.T) {
	c := newClient(t, WithClock(frozen), WithBehavior(func(b *env.Behavior) { b.UnitQuota = 10 }))
	for i, path := range []string{
		"/v1.0/users", "/v1.0/users?$select=id", "/v1.0/groups/" + groupAtlassian + "/members?$select=id&$top=5",
		"/v1.0/users", "/v1.0/users?$top=5",
	} {
		// 2, 1, 1, 2, 1
		r := c.get(path).want(t, 200)
		assert.Equal(t, "units of "+path, r.header.Get("x-ms-resource-unit"), []string{"2", "1", "1", "2", "1"}[i])
		assert.Equal(t, "no warning", r.header.Get("x-ms-throttle-limit-percentage"), "")
	}
	assert.Equal(t, "a warning", c.get("/v1.0/users").want(t, 200).header.Get("x-ms-throttle-limit-percentage"), "0.90")
	over := c.get("/v1.0/users").want(t, 429, "TooManyRequests")
	assert.Equal(t, "beyond", over.header.Get("x-ms-throttle-limit-percentage"), "1.10")
	assert.Equal(t, "wait", over.header.Get("Retry-After"), "2")
	assert.Equal(t, "why", over.header.Get("x-ms-throttle-information"), "ResourceUnitLimitExceeded")
	r := c.do("POST", "/v1.0/$batch", `{"requests":[{"id":"1","method":"GET","url":"/users?$select=id"}]}`).want(t, 200)
	assert.Equal(t, "an item", fmt.Sprint(at(rawjson.Objects(r.body["responses"])[0], "status")), "429")
	c.server.Advance(5 * time.Second)
	c.get("/v1.0/users").want(t, 200)
}
