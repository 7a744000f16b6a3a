package simulator

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
)

// appID is the service principal of testdata/tenant.json, appRoot where its synchronization is.
const (
	appID   = "d0000000-0000-4000-8000-000000000001"
	appRoot = "/v1.0/servicePrincipals/" + appID + "/synchronization"
)

// newJob is a client with a SCIM job, and the job's address.
func newJob(t *testing.T, options ...Option) (*client, string) {
	t.Helper()
	c := newClient(t, append([]Option{WithClock(frozen)}, options...)...)
	r := c.do("POST", appRoot+"/jobs", `{"templateId":"customappsso"}`).want(t, 201)
	return c, appRoot + "/jobs/" + r.text("id")
}

// at is a value deep in a decoded body.
func at(v any, path ...string) any {
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

// inner is the text of the service behind, in the error's message [graph 3.9].
func (r reply) inner(t *testing.T) (code, message string) {
	t.Helper()
	var in struct{ Code, Message string }
	if err := json.Unmarshal([]byte(r.message()), &in); err != nil {
		t.Fatalf("the message isn't JSON: %s", r.raw)
	}
	return in.Code, in.Message
}

func (r reply) wantInner(t *testing.T, status int, code string) {
	t.Helper()
	r.want(t, status, "UnknownError")
	if got, _ := r.inner(t); got != code {
		t.Errorf("the code inside is %q, want %q\n%s", got, code, r.raw)
	}
}

func TestCreateJob(t *testing.T) {
	c := newClient(t, WithClock(frozen))
	r := c.do("POST", appRoot+"/jobs", `{"templateId":"customappsso"}`).want(t, 201)
	id := r.text("id")
	if !regexp.MustCompile(`^customappsso\.11111111aaaa4aaa8aaa111111111111\.[0-9a-f-]{36}$`).MatchString(id) {
		t.Errorf("the id is %s", id)
	}
	assert.Equal(t, "Location", r.header.Get("Location"), testBase+appRoot+"/jobs/"+id)
	assert.Equal(
		t, "context", r.text("@odata.context"),
		"https://graph.test/v1.0/$metadata#servicePrincipals('"+appID+"')/synchronization/jobs/$entity",
	)
	assert.Equal(t, "state", at(r.body, "schedule", "state"), any("Disabled"))
	assert.Equal(t, "code", at(r.body, "status", "code"), any("Paused"))
	assert.Equal(t, "ran", at(r.body, "status", "lastExecution"), any(nil))

	// A second job is allowed: one is usual, more aren't ruled out [graph 3.2].
	c.do("POST", appRoot+"/jobs", `{"templateId":"customappsso"}`).want(t, 201)
	assert.Equal(t, "jobs", len(c.get(appRoot+"/jobs").want(t, 200).values()), 2)
	c.get(appRoot+"/jobs/"+id).want(t, 200)

	c.do("POST", appRoot+"/jobs", `{"templateId":"NoSuch"}`).wantInner(t, 400, "InvalidTemplate")
	c.do("POST", appRoot+"/jobs", `{"template":"customappsso"}`).want(t, 400, "BadRequest")
	c.do("POST", appRoot+"/jobs", `{"templateId":1}`).want(t, 400, "BadRequest")
	c.do("POST", "/v1.0/servicePrincipals/"+oscar+"/synchronization/jobs", `{"templateId":"customappsso"}`).want(
		t, 404, "Request_ResourceNotFound",
	)
	c.as("Synchronization.Read.All").do("POST", appRoot+"/jobs", `{"templateId":"customappsso"}`).want(t, 403)
	c.do("PATCH", appRoot+"/jobs/"+id, `{}`).want(t, 405)
}

func TestStartPauseRestart(t *testing.T) {
	c, job := newJob(t)
	state := func() string {
		r := c.get(job).want(t, 200)
		return at(r.body, "schedule", "state").(string) + " " + at(r.body, "status", "code").(string)
	}
	c.do("POST", job+"/start", "").want(t, 204)
	assert.Equal(t, "started", state(), "Active NotRun")
	r := c.get(job)
	assert.Equal(t, "a cycle under way reads as failed", at(r.body, "status", "lastExecution", "state"), any("Failed"))
	assert.Equal(t, "with the error None", at(r.body, "status", "lastExecution", "error", "code"), any("None"))
	assert.Equal(t, "began", at(r.body, "status", "lastExecution", "timeBegan"), any(jobs.Never))
	id := r.text("id")
	if err := c.server.FinishCycle(id); err != nil {
		t.Fatal(err)
	}
	assert.Equal(t, "finished", state(), "Active Active")
	assert.Equal(t, "succeeded", at(c.get(job).body, "status", "lastSuccessfulExecution", "state"), any("Succeeded"))
	c.do("POST", job+"/start", "").want(t, 204)
	assert.Equal(t, "start of a running job", c.server.Cycles()[0].Cycles, 1)

	c.do("POST", job+"/pause", "").want(t, 204)
	assert.Equal(t, "paused", state(), "Paused Paused")
	if c.server.FinishCycle(id) == nil {
		t.Error("a paused job finished a cycle")
	}
	c.do("POST", job+"/start", "").want(t, 204)
	assert.Equal(
		t, "resumed where it stood", c.server.Cycles()[0],
		jobs.JobCycles{
			ServicePrincipalID: appID, JobID: id, Cycles: 2, InitialCycles: 1, Running: true, DefaultMappings: true,
		},
	)

	c.do("POST", job+"/restart", `{"criteria":{"resetScope":"Watermark, Escrows, QuarantineState"}}`).want(t, 204)
	assert.Equal(t, "restarted", c.server.Cycles()[0].InitialCycles, 2)
	c.do("POST", job+"/restart", `{"criteria":{"resetScope":"Escrows"}}`).want(t, 204)
	assert.Equal(t, "not from the beginning", c.server.Cycles()[0].InitialCycles, 2)
	c.do("POST", job+"/restart", "").want(t, 204)
	assert.Equal(t, "everything", c.server.Cycles()[0].InitialCycles, 3)
	c.do("POST", job+"/restart", `{"criteria":{"resetScope":"Everything"}}`).want(t, 400, "BadRequest")
	c.do("POST", job+"/restart", `{"resetScope":"Full"}`).want(t, 400, "BadRequest")
	for _, action := range []string{"start", "pause", "restart"} {
		c.do("POST", appRoot+"/jobs/other/"+action, "").wantInner(t, 404, "ResourceNotFound")
		c.as("Synchronization.Read.All").do("POST", job+"/"+action, "").want(t, 403)
	}
}

func TestRestartLeavesPaused(t *testing.T) {
	c, job := newJob(t, WithBehavior(func(b *env.Behavior) { b.RestartLeavesPaused = true }))
	c.do("POST", job+"/restart", "").want(t, 204)
	assert.Equal(t, "state", at(c.get(job).body, "schedule", "state"), any("Disabled"))
	assert.Equal(t, "cycles", c.server.Cycles()[0].Cycles, 0)
}

// With a time for a cycle, it ends by the clock.
func TestCycleTime(t *testing.T) {
	c, job := newJob(t, WithBehavior(func(b *env.Behavior) { b.CycleTime = time.Minute }))
	c.do("POST", job+"/start", "").want(t, 204)
	code := func() any { return at(c.get(job).body, "status", "code") }
	assert.Equal(t, "at once", code(), any("NotRun"))
	c.server.Advance(59 * time.Second)
	assert.Equal(t, "before its time", code(), any("NotRun"))
	c.server.Advance(time.Second)
	assert.Equal(t, "in time", code(), any("Active"))
	assert.Equal(t, "ended", at(c.get(job).body, "status", "lastExecution", "timeEnded"), any("2026-11-20T08:01:00Z"))
}

func TestDeleteJob(t *testing.T) {
	c, job := newJob(t)
	c.do("DELETE", job, "").want(t, 204)
	c.get(job).wantInner(t, 404, "ResourceNotFound")
	c.do("DELETE", job, "").wantInner(t, 404, "ResourceNotFound")
	assert.Equal(t, "jobs", len(c.get(appRoot+"/jobs").values()), 0)
	for _, below := range []string{"/schema", "/schema/functions", "/schema/filterOperators"} {
		c.get(job+below).wantInner(t, 404, "ResourceNotFound")
	}
}

func TestTemplates(t *testing.T) {
	c := newClient(t)
	r := c.get(appRoot+"/templates").want(t, 200)
	assert.Equal(t, "templates", r.column("id"), "customappsso Azure2Azure")
	assert.Equal(t, "one", c.get(appRoot+"/templates/customappsso").want(t, 200).text("factoryTag"), "CustomSCIM")
	c.get(appRoot+"/templates/NoSuch").wantInner(t, 404, "ResourceNotFound")
	schema := c.get(appRoot+"/templates/customappsso/schema").want(t, 200)
	for _, target := range []string{
		"userName", "active", "name.familyName", "name.givenName", `emails[type eq \"work\"].value`, "externalId", "members",
	} {
		if !strings.Contains(string(schema.raw), `"targetAttributeName":"`+target+`"`) {
			t.Errorf("the default maps no %s", target)
		}
	}
	made := c.do(
		"POST",
		"/v1.0/applicationTemplates/"+jobs.CrossTenantTemplate+"/instantiate",
		`{"displayName":"To the sister"}`,
	).want(t, 201)
	sp := at(made.body, "servicePrincipal", "id").(string)
	assert.Equal(
		t, "of a cross-tenant app", c.get("/v1.0/servicePrincipals/"+sp+"/synchronization/templates").column("id"),
		"Azure2Azure",
	)
	c.do("POST", "/v1.0/servicePrincipals/"+sp+"/synchronization/jobs", `{"templateId":"customappsso"}`).wantInner(
		t, 400, "InvalidTemplate",
	)
}

func TestPlainSyncErrors(t *testing.T) {
	c := newClient(t, WithBehavior(func(b *env.Behavior) { b.PlainSyncErrors = true }))
	c.get(appRoot+"/jobs/other").want(t, 404, "ResourceNotFound")
}
