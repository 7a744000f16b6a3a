package simulator

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph/policies"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
)

const partnerBody = `{"tenantId":"c0000000-0000-4000-8000-000000000009"}`

// overNetwork sends a request through the network, and reports whether an answer came.
func overNetwork(t *testing.T, c *client, http1 *http.Client, method, path, body string) (status int, err error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, c.server.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(
		"Authorization",
		"Bearer "+c.server.IssueToken(c.server.URL(), login.App{Roles: login.AllRoles()}, c.server.URL()),
	)
	answer, err := http1.Do(r)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

// A request that isn't answered is carried out, or not, as the fault says.
func TestUnanswered(t *testing.T) {
	var slept []time.Duration
	c := newClient(t, WithSleep(func(_ context.Context, d time.Duration) { slept = append(slept, d) }))
	network := startClient(t, c.server)
	for _, f := range []faults.Fault{
		{Kind: faults.Drop}, {Kind: faults.Hang, Latency: env.Duration(time.Hour)}, {Kind: faults.Status, Status: 504},
		{Kind: faults.Drop, CarriedOut: true}, {Kind: faults.Hang, Latency: env.Duration(time.Hour), CarriedOut: true},
		{Kind: faults.Status, Status: 504, CarriedOut: true},
	} {
		f.Match = "POST " + policies.PolicyRoot + "/partners"
		if err := c.server.AddFault(f); err != nil {
			t.Fatal(err)
		}
		status, err := overNetwork(t, c, network, "POST", policies.PolicyRoot+"/partners", partnerBody)
		if (err == nil) != (f.Kind == faults.Status) || err == nil && status != 504 {
			t.Errorf("%+v: %d, %v", f, status, err)
		}
		want := http.StatusNotFound
		if f.CarriedOut {
			want = http.StatusOK
		}
		if status, err := overNetwork(
			t, c, network, "GET", policies.PolicyRoot+"/partners/c0000000-0000-4000-8000-000000000009", "",
		); err != nil || status != want {
			t.Errorf("%+v: the partner's answer is %d, %v, want %d", f, status, err, want)
		}
		if err := c.server.RemovePartner("c0000000-0000-4000-8000-000000000009"); (err == nil) != f.CarriedOut {
			t.Errorf("%+v: %v", f, err)
		}
	}
	assert.Equal(t, "waited", fmt.Sprint(slept), "[1h0m0s 1h0m0s]")
	assert.Equal(t, "hits", fmt.Sprint(c.server.Hits()), "6")
	assert.Equal(t, "carried out", fmt.Sprint(c.server.Written()["POST "+policies.PolicyRoot+"/partners"]), "3")
	c.server.ResetRequests()
	assert.Equal(t, "carried out since", fmt.Sprint(len(c.server.Written())), "0")
}

// An item of a batch can be carried out and answered with an error, while the
// others aren't touched; only what was done counts.
func TestFaultsInBatches(t *testing.T) {
	c := newClient(
		t, WithFault(faults.Fault{Kind: faults.Status, Status: 504, CarriedOut: true, Match: "PATCH /v1.0/users/{id}"}),
	)
	r := c.do("POST", "/v1.0/$batch", `{"requests":[
		{"id":"1","method":"PATCH","url":"/users/`+gus+
		`","headers":{"Content-Type":"application/json"},"body":{"userType":"Member"}},
		{"id":"2","method":"PATCH","url":"/users/nobody","headers":{"Content-Type":"application/json"},"body":{"userType":"Member"}}]}`).want(t, 200)
	if !strings.Contains(string(r.raw), `"status":504`) || !strings.Contains(string(r.raw), `"status":404`) {
		t.Errorf("%s", r.raw)
	}
	assert.Equal(t, "written all the same", c.get("/v1.0/users/"+gus+"?$select=userType").text("userType"), "Member")
	assert.Equal(t, "carried out", fmt.Sprint(c.server.Written()), "map[PATCH /v1.0/users/{id}:1]")
}

// The writes of partners and of synchronization stay unseen, too.
func TestStalePolicies(t *testing.T) {
	c := newClient(t)
	const id = "c0000000-0000-4000-8000-000000000009"
	one, sync := policies.PolicyRoot+"/partners/"+id, policies.PolicyRoot+"/partners/"+id+"/identitySynchronization"
	stale := func(method, path, body string, status int) {
		t.Helper()
		if err := c.server.AddFault(
			faults.Fault{Kind: faults.Stale, Reads: 1, Match: method + " " + policies.PolicyRoot + "/*"},
		); err != nil {
			t.Fatal(err)
		}
		c.do(method, path, body).want(t, status)
	}
	stale("POST", policies.PolicyRoot+"/partners", partnerBody, 201)
	c.get(one).want(t, 404)
	c.get(one).want(t, 200)
	stale("PUT", sync, `{"userSyncInbound":{"isSyncAllowed":true}}`, 204)
	c.get(sync).want(t, 404)
	c.get(sync).want(t, 200)
	stale("PATCH", sync, `{"userSyncInbound":{"isSyncAllowed":false}}`, 204)
	assert.Equal(t, "before", fmt.Sprint(at(c.get(sync).body, "userSyncInbound", "isSyncAllowed")), "true")
	assert.Equal(t, "after", fmt.Sprint(at(c.get(sync).body, "userSyncInbound", "isSyncAllowed")), "false")
	stale("PATCH", one, `{"automaticUserConsentSettings":{"inboundAllowed":true}}`, 204)
	assert.Equal(
		t,
		"before",
		fmt.Sprint(at(c.get(one).body, "automaticUserConsentSettings", "inboundAllowed")),
		"<nil>",
	)
	assert.Equal(t, "after", fmt.Sprint(at(c.get(one).body, "automaticUserConsentSettings", "inboundAllowed")), "true")
	stale("DELETE", sync, "", 204)
	c.get(sync).want(t, 200)
	c.get(sync).want(t, 404)
	stale("DELETE", one, "", 204)
	c.get(one).want(t, 200)
	c.get(one).want(t, 404)
}

func TestStaleSynchronization(t *testing.T) {
	c := newClient(t)
	stale := func(method, path, body string, status int) reply {
		t.Helper()
		if err := c.server.AddFault(
			faults.Fault{Kind: faults.Stale, Reads: 1, Match: method + " /v1.0/servicePrincipals/*"},
		); err != nil {
			t.Fatal(err)
		}
		return c.do(method, path, body).want(t, status)
	}
	jobs := len(c.get(appRoot + "/jobs").values())
	id := stale("POST", appRoot+"/jobs", `{"templateId":"customappsso"}`, 201).text("id")
	assert.Equal(t, "jobs before", fmt.Sprint(len(c.get(appRoot+"/jobs").values())), fmt.Sprint(jobs))
	assert.Equal(t, "jobs after", fmt.Sprint(len(c.get(appRoot+"/jobs").values())), fmt.Sprint(jobs+1))
	job := appRoot + "/jobs/" + id

	schema := c.get(job + "/schema")
	stale("PUT", job+"/schema", strings.ReplaceAll(string(schema.raw), "[mail]", "[userPrincipalName]"), 204)
	assert.Equal(t, "schema before", c.get(job+"/schema").text("version"), schema.text("version"))
	if c.get(job+"/schema").text("version") == schema.text("version") {
		t.Error("the schema never shows")
	}
	stale("POST", job+"/start", "", 204)
	assert.Equal(t, "state before", fmt.Sprint(at(c.get(job).body, "schedule", "state")), "Disabled")
	assert.Equal(t, "state after", fmt.Sprint(at(c.get(job).body, "schedule", "state")), "Active")
	stale("PUT", appRoot+"/secrets", `{"value":[{"key":"BaseAddress","value":"https://a.example"}]}`, 204)
	assert.Equal(t, "secrets before", fmt.Sprint(len(c.get(appRoot+"/secrets").values())), "0")
	assert.Equal(t, "secrets after", fmt.Sprint(len(c.get(appRoot+"/secrets").values())), "1")
	assert.Equal(t, "held", fmt.Sprint(c.server.HeldSecrets(appID)), "map[BaseAddress:https://a.example]")
	// A write sees what is, whatever readers see.
	stale("POST", job+"/pause", "", 204)
	c.do("DELETE", job, "").want(t, 204)
	assert.Equal(t, "gone before", fmt.Sprint(at(c.get(job).body, "schedule", "state")), "Active")
	c.get(job).want(t, 404)
}
