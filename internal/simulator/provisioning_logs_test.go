package simulator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
)

// logged is a server whose snapshot has some log entries.
func logged(t *testing.T, many int) *client {
	t.Helper()
	var entries []string
	for i := range many {
		status := "success"
		if i%2 == 1 {
			status = "failure"
		}
		entries = append(
			entries,
			fmt.Sprintf(
				`{"id":"log-%d","activityDateTime":"2026-11-20T0%d:00:00Z","jobId":"job-%d","durationInMilliseconds":%d,
 "provisioningAction":"create","provisioningStatusInfo":{"status":"%s"},"sourceIdentity":{"id":"user-%d","displayName":"It's %d and so on","identityType":"User"},"servicePrincipal":{"id":"sp"}}`,
				i,
				i%10,
				i/2,
				i*100,
				status,
				i,
				i,
			),
		)
	}
	server, err := New(
		strings.NewReader(
			`{"version":1,"entra":{"provisioning_logs":[`+strings.Join(entries, ",")+`]}}`,
		),
		WithClock(frozen),
	)
	if err != nil {
		t.Fatal(err)
	}
	return &client{
		t: t, server: server,
		bearer: server.IssueToken(testBase, login.App{ClientID: DefaultClientID, Roles: login.AllRoles()}, testBase),
	}
}

func TestLogFilters(t *testing.T) {
	c := logged(t, 6)
	for filter, want := range map[string]string{
		"id eq 'log-1'": "log-1", "jobid eq 'job-1'": "log-2 log-3", "jobId eq 'JOB-1'": "",
		"provisioningStatusInfo/status eq 'FAILURE'":                      "log-1 log-3 log-5",
		"jobId eq 'job-1' and provisioningStatusInfo/status eq 'failure'": "log-3",
		"contains(sourceIdentity/displayName, '4 and so')":                "log-4",
		"sourceIdentity/displayName eq 'It''s 2 and so on'":               "log-2",
		"sourceIdentity/identityType eq 'User' and id eq 'log-0'":         "log-0",
		"activityDateTime gt 2026-11-20T03:00:00Z":                        "log-4 log-5",
		"activityDateTime lt 2026-11-20T01:00:00Z":                        "log-0",
		"activityDateTime eq 2026-11-20T02:00:00.000Z":                    "log-2",
		"durationInMilliseconds gt 300":                                   "log-4 log-5",
		"durationInMilliseconds eq 100":                                   "log-1",
	} {
		c.server.Advance(11 * time.Second)
		assert.Equal(t, filter, c.get("/v1.0/auditLogs/provisioning?$filter="+filter).want(t, 200).column("id"), want)
	}
	for filter, status := range map[string]int{
		"startswith(id,'x')": 501, "noSuch eq 'x'": 501, "id gt 'x'": 400, "durationInMilliseconds eq '1'": 400,
		"activityDateTime eq 'x'": 400,
	} {
		c.server.Advance(11 * time.Second)
		c.get("/v1.0/auditLogs/provisioning?$filter="+filter).want(t, status)
	}
}

func TestLogPages(t *testing.T) {
	c := logged(t, 5)
	var ids []string
	for link := testBase + "/v1.0/auditLogs/provisioning?$top=2"; link != ""; {
		c.server.Advance(3 * time.Second)
		r := c.follow(link).want(t, 200)
		ids = append(ids, r.column("id"))
		link = r.text("@odata.nextLink")
	}
	assert.Equal(t, "pages", strings.Join(ids, "|"), "log-0 log-1|log-2 log-3|log-4")
	c.server.Advance(time.Minute)
	c.get("/v1.0/auditLogs/provisioning?$skiptoken=2").want(t, 400, "BadRequest")
	c.get("/v1.0/auditLogs/provisioning?$top=0").want(t, 400, "BadRequest")
	c.get("/v1.0/auditLogs/provisioning?$top=1000").want(t, 400, "BadRequest")
	c.get("/v1.0/auditLogs/provisioning?$expand=x").want(t, 400)
	c.server.Advance(time.Minute)
	c.as("User.Read.All").get("/v1.0/auditLogs/provisioning").want(t, 403)
}

func TestLogLimit(t *testing.T) {
	c := logged(t, 1)
	for range 5 {
		c.get("/v1.0/auditLogs/provisioning").want(t, 200)
	}
	assert.Equal(t, "Retry-After", c.get("/v1.0/auditLogs/provisioning").want(t, 429).header.Get("Retry-After"), "10")
	c.as("AuditLog.Read.All").get("/v1.0/auditLogs/provisioning").want(t, 200) // another app
	c.server.Advance(10 * time.Second)
	c.get("/v1.0/auditLogs/provisioning").want(t, 200)
}
