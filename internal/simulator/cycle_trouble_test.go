package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/provisioning"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// The rules of expressions that a cycle can't evaluate, and of objects that don't flow.
func TestCycleExpressions(t *testing.T) {
	p := newScenario(t)
	p.assign("ann", "bea", "cid")
	p.schema(func(s rawjson.Object) {
		addMapping(s, rawjson.Object{"targetAttributeName": "title", "source": rawjson.Object{
			"expression": `Switch([jobTitle], "x", "now", FormatDateTime(Now(), , "x", "y"), "gone", IgnoreObjectFlow, "third", Item([otherMails], 3))`,
		}})
	})
	p.user("ann", `"jobTitle":"now"`)
	p.user("bea", `"jobTitle":"gone"`)
	p.user("cid", `"jobTitle":"third"`)
	p.user("dan", `"jobTitle":"x"`)
	p.assign("ann", "bea", "cid", "dan")
	assert.Equal(
		t, "log", p.cycle(),
		"ann other failure Simulator_NotEvaluated; bea other skipped EntrySynchronizationSkipped; cid other failure "+
			"AttributeFlowFailed; dan create success",
	)
	assert.Equal(t, "state", at(p.get(p.job).body, "status", "lastExecution", "state"), any("EntryLevelErrors"))
	assert.Equal(t, "escrowed", at(p.get(p.job).body, "status", "lastExecution", "countEscrowed"), any(2.0))
}

func TestCycleMatchingTroubles(t *testing.T) {
	p := newScenario(t)
	p.assign("ann", "bea")
	p.user("bea", `"mail":"ANN@company.com"`)
	assert.Equal(
		t, "one address, two people", p.cycle(),
		"ann create success; bea create failure EntryConflict; cid other skipped NotEffectivelyEntitled; dan other "+
			"skipped NotEffectivelyEntitled",
	)

	p = newScenario(t)
	p.assign("ann", "bea", "cid")
	p.user("bea", `"mailNickname":"ann"`)
	p.user("ann", `"mailNickname":"ann"`)
	p.schema(func(s rawjson.Object) {
		mappingOf(s, "userName")["source"] = rawjson.Object{"expression": "[mailNickname]"}
	})
	assert.Equal(
		t, "one name, two people; no name", p.cycle(),
		"ann create success; bea other failure DuplicateSourceEntries; cid other skipped ImportSkipped; dan other "+
			"skipped NotEffectivelyEntitled",
	)

	p = newScenario(t)
	p.assign("ann")
	p.schema(func(s rawjson.Object) {
		mappingOf(s, "userName")["matchingPriority"] = 0
		mappingOf(s, `emails[type eq "work"].value`)["matchingPriority"] = 1
	})
	assert.Equal(
		t, "by the address (ACCESS-1424)", strings.Split(p.cycle(), "; ")[0],
		"ann other failure SystemForCrossDomainIdentityManagementServiceIncompatibleFiltering",
	)

	p = newScenario(t)
	p.assign("ann")
	p.user("ann", `"mail":null`)
	assert.Equal(
		t, "without an address", strings.Split(p.cycle(), "; ")[0],
		"ann create failure SystemForCrossDomainIdentityManagementServiceIncompatible",
	)
}

// The way that many apps say active; and a switch behind the address.
func TestCycleActiveBySwitch(t *testing.T) {
	p := newScenario(t)
	p.schema(func(s rawjson.Object) {
		mappingOf(s, "active")["source"] = rawjson.Object{
			"expression": `Switch([IsSoftDeleted], , "False", "True", "True", "False")`,
		}
	})
	p.do(
		"PUT", "/v1.0/servicePrincipals/app/synchronization/secrets",
		`{"value":[{"key":"BaseAddress","value":"`+testBase+`/scim/directory/`+p.org().Directory()+
			`/?aadOptscim062020"},{"key":"SecretToken","value":"`+atlassian.DefaultSecretToken+`"}]}`,
	).want(t, 204)
	p.do("POST", p.job+"/validateCredentials", `{"useSavedCredentials":true}`).want(t, 204)
	p.assign("ann")
	p.cycle()
	p.user("ann", `"accountEnabled":false`)
	p.cycle()
	assert.Equal(t, "there", p.there(), "ann!")
}

// A target's trouble is a failure of the object it meets, which the next cycle tries again.
func TestCycleFaults(t *testing.T) {
	p := newScenario(t)
	p.assign("ann", "bea", "cid")
	for _, f := range []faults.Fault{
		{Kind: faults.Status, Match: "POST /scim/directory/{directoryId}/Users", Nth: 1, Status: 429, RetryAfter: "1"},
		{Kind: faults.Cut, Match: "POST /scim/directory/{directoryId}/Users", Nth: 2},
		{Kind: faults.Status, Match: "GET /scim/directory/{directoryId}/Users", Nth: 4, Status: 403},
	} {
		if err := p.server.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	assert.Equal(
		t, "log", p.cycle(),
		"ann create failure TooManyRequests; bea create failure InternalServerError; cid other failure "+
			"InsufficientRights; dan other skipped NotEffectivelyEntitled",
	)
	p.server.ClearFaults()
	assert.Equal(t, "again: bea was made, whose answer was cut", p.cycle(), "ann create success; cid create success")
	assert.Equal(t, "there", p.there(), "ann bea cid")
	if err := p.server.AddFault(
		faults.Fault{Kind: faults.Status, Match: "GET /scim/directory/{directoryId}/Users", Status: 503},
	); err != nil {
		t.Fatal(err)
	}
	p.cycle()
	assert.Equal(
		t, "a target that is away", at(p.get(p.job).body, "status", "quarantine", "error", "code"),
		any("InternalServerError"),
	)
}

// An external user has the name of home [graph 1.6].
func TestCycleExternalUser(t *testing.T) {
	p := newScenario(t)
	p.user("ann", `"userPrincipalName":"ann_x_fabrikam.com#EXT#@company.com","mail":"ann_x@fabrikam.com"`)
	p.assign("ann")
	p.cycle()
	assert.Equal(t, "userName", p.org().SCIM.Users[0].Text("userName"), "ann_x@fabrikam.com")
}

// A target that refuses the token puts the job into quarantine; start ends it [graph 3.3], [graph 3.2].
func TestCycleQuarantine(t *testing.T) {
	p := newScenario(t)
	p.assign("ann")
	p.secrets()
	if err := p.server.SetSecretToken("app", "another"); err != nil {
		t.Fatal(err)
	}
	p.cycle()
	r := p.get(p.job)
	assert.Equal(t, "code", at(r.body, "status", "code"), any("Quarantine"))
	assert.Equal(t, "reason", at(r.body, "status", "quarantine", "reason"), any("EncounteredQuarantineException"))
	assert.Equal(t, "error", at(r.body, "status", "quarantine", "error", "code"), any("Unauthorized"))
	conforms(t, readMetadata(t), "job", "synchronizationJob", r.body)
	if err := p.server.SetSecretToken("app", atlassian.DefaultSecretToken); err != nil {
		t.Fatal(err)
	}
	p.cycle()
	r = p.get(p.job)
	assert.Equal(
		t, "started again", fmt.Sprint(at(r.body, "status", "code"), at(r.body, "status", "quarantine")), "Active<nil>",
	)
	assert.Equal(t, "there", p.there(), "ann")
}

// More than the threshold leave: their deletions are staged and the job waits, till they are allowed or
// the scope is as it was [graph 3.3].
func TestCycleThreshold(t *testing.T) {
	p := newScenario(t)
	p.secrets("SyncNotificationSettings", `{"Enabled":false,"DeleteThresholdEnabled":true,"DeleteThresholdValue":1}`)
	p.assign("ann", "bea", "cid")
	p.cycle()
	p.assign("ann", "bea")
	assert.Equal(t, "as many as may", p.cycle(), "cid disable success")
	p.assign("dan")
	assert.Equal(
		t, "too many", p.cycle(),
		"ann stagedDelete skipped TooManyDeletes; bea stagedDelete skipped TooManyDeletes; dan create success",
	)
	assert.Equal(t, "there", p.there(), "ann bea cid! dan")
	r := p.get(p.job)
	assert.Equal(
		t, "status", fmt.Sprint(at(r.body, "status", "code"), " ", at(r.body, "status", "quarantine", "reason")),
		"Quarantine TooManyDeletes",
	)
	conforms(t, readMetadata(t), "job", "synchronizationJob", r.body)
	p.cycle()
	assert.Equal(t, "still", p.there(), "ann bea cid! dan")
	p.do("POST", p.job+"/restart", `{"criteria":{"resetScope":"ForceDeletes, QuarantineState"}}`).want(t, 204)
	assert.Equal(t, "allowed", p.cycle(), "ann disable success; bea disable success")
	assert.Equal(t, "status", at(p.get(p.job).body, "status", "code"), any("Active"))

	p.secrets("SyncNotificationSettings", `{"Enabled":false,"DeleteThresholdEnabled":false}`)
	p.assign("ann", "bea", "dan")
	p.cycle()
	p.assign()
	p.cycle()
	assert.Equal(t, "without a threshold", p.there(), "ann! bea! cid! dan!")
}

// With a time for a cycle, cycles run by the clock, and again every forty minutes.
func TestCyclesByTheClock(t *testing.T) {
	p := newScenario(t, WithBehavior(func(b *env.Behavior) { b.CycleTime = time.Minute }))
	p.assign("ann")
	p.do("POST", p.job+"/start", "").want(t, 204)
	p.get(p.job)
	assert.Equal(t, "before its time", p.there(), "")
	p.server.Advance(time.Minute)
	p.get(p.job)
	assert.Equal(t, "in time", p.there(), "ann")
	p.assign("ann", "bea")
	p.server.Advance(38 * time.Minute)
	p.get(p.job)
	assert.Equal(t, "between", p.there(), "ann")
	p.server.Advance(time.Minute)
	assert.Equal(t, "cycles", p.server.Cycles()[0].Cycles, 2)
	p.server.Advance(time.Minute)
	p.get(p.job)
	assert.Equal(t, "the second", p.there(), "ann bea")
	p.do("POST", p.job+"/pause", "").want(t, 204)
	p.server.Advance(time.Hour)
	assert.Equal(t, "paused", p.server.Cycles()[0].Cycles, 2)
}

// An address that nobody trusts is never talked to: cycles are counted alone.
func TestCycleLeavesStrangersAlone(t *testing.T) {
	p := newScenario(t)
	p.assign("ann")
	p.do("PUT", "/v1.0/servicePrincipals/app/synchronization/secrets", goodSecrets).want(t, 204)
	assert.Equal(t, "log", p.cycle(), "")
	assert.Equal(t, "code", at(p.get(p.job).body, "status", "code"), any("Active"))
	assert.Equal(t, "there", p.there(), "")
	assert.Equal(t, "requests", p.server.Requests().Routes["GET /scim/directory/{directoryId}/Users"], 0)
	if _, err := New(nil, WithTarget("http://x", nil)); err == nil {
		t.Error("a target without TLS was taken")
	}
}

// On demand the subject is provisioned for real, where there is a target.
func TestOnDemandProvisions(t *testing.T) {
	p := newScenario(t)
	p.assign("ann", "g-all")
	key, value := onDemand(p.client, p.job, "ann", "User")
	assert.Equal(t, "result", key["result"], any("Success"))
	assert.Equal(t, "action", value["action"], any("Create"))
	assert.Equal(t, "there", p.there(), "ann")
	assert.Equal(t, "target", at(value, "targetIdentity", "id"), any(p.org().SCIM.Users[0].ID))
	_, value = onDemand(p.client, p.job, "ann", "User")
	assert.Equal(t, "again", at(value, "statusInfo", "errorCode"), any("RedundantExport"))
	key, _ = onDemand(p.client, p.job, "dan", "User")
	assert.Equal(t, "out of scope", key["result"], any("Skipped"))
	assert.Equal(
		t, "logged", p.logs(3),
		"ann create success; ann other skipped RedundantExport; dan other skipped NotEffectivelyEntitled",
	)
	p.org().SCIM.Users[0].Attributes["userName"] = "other@company.com"
	assert.Equal(t, "the next cycle knows whom it made", strings.Split(p.cycle(), "; ")[0], "ann update success")
}

// A job that is deleted while its cycle runs stays deleted.
func TestCycleOfDeletedJob(t *testing.T) {
	during := &hooked{}
	p := newScenario(t, WithTarget("https://hooked.example", during))
	during.InProcess = provisioning.InProcess{Handler: p.server}
	p.assign("ann")
	p.do(
		"PUT", "/v1.0/servicePrincipals/app/synchronization/secrets",
		`{"value":[{"key":"BaseAddress","value":"https://hooked.example/scim/directory/`+p.org().Directory()+
			`"},{"key":"SecretToken","value":"`+atlassian.DefaultSecretToken+`"}]}`,
	).want(t, 204)
	during.hook = func() { p.do("DELETE", p.job, "").want(t, 204) }
	p.do("POST", p.job+"/start", "").want(t, 204)
	if err := p.server.FinishCycle(p.id); err != nil {
		t.Fatal(err)
	}
	assert.Equal(t, "the directory saw it", p.there(), "ann")
	assert.Equal(t, "nobody writes of it", len(p.server.Registry.Logs), 0)
	p.get(p.job).want(t, 404)
}

// hooked does something before the first request.
type hooked struct {
	provisioning.InProcess
	hook func()
}

func (h *hooked) RoundTrip(r *http.Request) (*http.Response, error) {
	if h.hook != nil {
		h.hook()
		h.hook = nil
	}
	return h.InProcess.RoundTrip(r)
}

// Entries have the shape of the documentation, and the snapshot holds them.
func TestCycleLogsConform(t *testing.T) {
	p := newScenario(t)
	p.assign("ann", "bea", "g-all")
	p.user("bea", `"mail":"ann@company.com"`)
	p.cycle()
	metadata := readMetadata(t)
	p.server.Advance(time.Minute)
	entries := p.get("/v1.0/auditLogs/provisioning").want(t, 200).values()
	assert.Equal(t, "entries", len(entries), 5)
	for _, e := range entries {
		conforms(t, metadata, "log", "provisioningObjectSummary", e)
	}
	p.server.Advance(time.Minute)
	assert.Equal(
		t, "by status",
		len(
			p.get(
				"/v1.0/auditLogs/provisioning?$filter=provisioningStatusInfo/status eq 'failure' and jobid "+
					"eq '"+p.id+"'",
			).values(),
		),
		1,
	)
	var out strings.Builder
	if err := p.server.Snapshot(&out); err != nil {
		t.Fatal(err)
	}
	if strings.Count(out.String(), `"provisioningAction"`) != 5 {
		t.Errorf("%s", out.String())
	}
}
