package simulator

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// onDemand asks for one subject and takes the two texts of the answer apart.
func onDemand(c *client, job, subject, kind string) (key, value rawjson.Object) {
	c.t.Helper()
	rule := rawjson.Objects(schemaOf(c, job)["synchronizationRules"])[0]["id"].(string)
	r := c.do(
		"POST", job+"/provisionOnDemand",
		`{"parameters":[{"ruleId":"`+rule+`","subjects":[{"objectId":"`+subject+`","objectTypeName":"`+kind+`"}]}]}`,
	).want(
		c.t, 200,
	)
	assert.Equal(
		c.t, "context", r.text("@odata.context"),
		"https://graph.test/v1.0/$metadata#microsoft.graph.stringKeyStringValuePair",
	)
	if err := json.Unmarshal([]byte(r.text("key")), &key); err != nil {
		c.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(r.text("value")), &value); err != nil {
		c.t.Fatal(err)
	}
	return key, value
}

func TestProvisionOnDemand(t *testing.T) {
	c, job := newJob(t)
	result := func(subject string) string {
		c.server.Advance(3 * time.Second)
		key, value := onDemand(c, job, subject, "User")
		assert.Equal(t, "status", at(value, "statusInfo", "status"), key["result"])
		var scoping rawjson.Object
		for _, s := range rawjson.Objects(value["provisioningSteps"]) {
			if s["name"] == "EntrySynchronizationScoping" {
				scoping = s["details"].(rawjson.Object)
			}
		}
		flags := ""
		for _, name := range []string{
			"Active in the source system", "Assigned to the application", "Scoping filter evaluation passed",
		} {
			flags += scoping[name].(string)[:1]
		}
		return key["result"].(string) + " " + at(key, "details", "errorCode").(string) + " " + flags
	}
	assert.Equal(t, "not assigned", result(oscar), "Skipped NotEffectivelyEntitled TFT")
	if err := c.server.SetAssigned(appID, oscar, ada, groupPartners); err != nil {
		t.Fatal(err)
	}
	assert.Equal(t, "assigned", result(oscar), "Success  TTT")
	assert.Equal(t, "disabled", result(ada), "Skipped EntrySynchronizationSkipped FTT")
	assert.Equal(t, "by a group", result(gus), "Success  TTT")
	assert.Equal(t, "by a group below", result(mia), "Skipped NotEffectivelyEntitled TFT")
	if _, err := c.server.PutGroup([]byte(`{"id":"` + groupPartners + `","securityEnabled":false}`)); err != nil {
		t.Fatal(err)
	}
	assert.Equal(t, "by a group without security", result(gus), "Skipped NotEffectivelyEntitled TFT")

	schema := schemaOf(c, job)
	users(schema)["scope"] = scopeOf("department", "EQUALS", "Engineering")
	c.do("PUT", job+"/schema", string(rawjson.Marshal(schema))).want(t, 204)
	assert.Equal(t, "outside the filter", result(oscar), "Skipped EntrySynchronizationSkipped TTF")
	users(schema)["scope"] = scopeOf("department", "EQUALS", "Sales")
	c.do("PUT", job+"/schema", string(rawjson.Marshal(schema))).want(t, 204)
	assert.Equal(t, "inside the filter", result(oscar), "Success  TTT")
	c.do("PUT", appRoot+"/secrets", `{"value":[{"key":"SyncAll","value":"True"}]}`).want(t, 204)
	assert.Equal(t, "everyone, but for the filter", result(gus), "Skipped EntrySynchronizationSkipped TTF")

	c.server.Advance(10 * time.Second)
	_, value := onDemand(c, job, oscar, "User")
	scoping := rawjson.Objects(value["provisioningSteps"])[1]["details"].(rawjson.Object)
	assert.Equal(
		t, "what each clause came to", scoping["ScopeEvaluationResult"], any(`{"g.department EQUALS 'Sales'":true}`),
	)
}

func TestProvisionOnDemandRefuses(t *testing.T) {
	c, job := newJob(t)
	ask := func(body string) reply {
		c.server.Advance(3 * time.Second)
		return c.do("POST", job+"/provisionOnDemand", body)
	}
	rule := rawjson.Objects(schemaOf(c, job)["synchronizationRules"])[0]["id"].(string)
	subject := func(rule, id, more string) string {
		return `{"parameters":[{"ruleId":"` + rule + `","subjects":[{"objectId":"` + id + `","objectTypeName":"User"` +
			more + `}]}]}`
	}
	ask(subject("unknown", oscar, "")).wantInner(t, 400, "InvalidRequest")
	ask(subject(rule, "00000000-0000-0000-0000-000000000009", "")).wantInner(t, 400, "InvalidRequest")
	ask(`{"parameters":[]}`).wantInner(t, 400, "InvalidRequest")
	ask(`{"parameters":1}`).want(t, 400, "BadRequest")
	ask(`{}`).wantInner(t, 400, "InvalidRequest")
	members := func(n int) string {
		return `,"links":{"members":[` + strings.TrimSuffix(
			strings.Repeat(`{"objectId":"x","objectTypeName":"User"},`, n), ",",
		) + `]}`
	}
	ask(subject(rule, groupPartners, members(5))).want(t, 200)
	ask(subject(rule, groupPartners, members(6))).wantInner(t, 400, "InvalidRequest")
}

// Five requests in ten seconds; the next says when to come again [graph 3.8, D].
func TestProvisionOnDemandLimit(t *testing.T) {
	c, job := newJob(t)
	rule := rawjson.Objects(schemaOf(c, job)["synchronizationRules"])[0]["id"].(string)
	ask := func() reply {
		return c.do(
			"POST", job+"/provisionOnDemand",
			`{"parameters":[{"ruleId":"`+rule+`","subjects":[{"objectId":"`+oscar+`","objectTypeName":"User"}]}]}`,
		)
	}
	for range 5 {
		ask().want(t, 200)
		c.server.Advance(time.Second)
	}
	r := ask().want(t, 429, "TooManyRequests")
	assert.Equal(t, "Retry-After", r.header.Get("Retry-After"), "5")
	wait, _ := strconv.Atoi(r.header.Get("Retry-After"))
	c.server.Advance(time.Duration(wait) * time.Second)
	ask().want(t, 200)
}

// The other edition of the answer: a fixed key, and a list of one.
func TestProvisionOnDemandAsList(t *testing.T) {
	c, job := newJob(t, WithBehavior(func(b *env.Behavior) { b.OnDemandAsList = true }))
	rule := rawjson.Objects(schemaOf(c, job)["synchronizationRules"])[0]["id"].(string)
	r := c.do(
		"POST", job+"/provisionOnDemand",
		`{"parameters":[{"ruleId":"`+rule+`","subjects":[{"objectId":"`+oscar+`","objectTypeName":"User"}]}]}`,
	).want(t, 200)
	assert.Equal(t, "key", r.text("key"), "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo")
	var list []rawjson.Object
	if err := json.Unmarshal([]byte(r.text("value")), &list); err != nil || len(list) != 1 || list[0]["action"] == nil {
		t.Errorf("%v %s", err, r.text("value"))
	}
}
