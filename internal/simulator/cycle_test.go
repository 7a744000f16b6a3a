package simulator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// Assigned people, and direct members of assigned groups, are created; those of groups below and those
// of groups without security aren't; nor is anyone who is disabled.
func TestCycleProvisionsAssigned(t *testing.T) {
	p := newScenario(t)
	p.assign("ann", "g-all", "g-mail")
	p.user("cid", `"accountEnabled":false`)
	assert.Equal(
		t, "log", p.cycle(),
		"ann create success; bea create success; cid other skipped EntrySynchronizationSkipped; dan other skipped "+
			"NotEffectivelyEntitled; g-all create success; g-mail other skipped NotEffectivelyEntitled",
	)
	assert.Equal(t, "there", p.there(), "ann bea")
	assert.Equal(t, "groups", p.groups(), "Staff=bea")
	u := p.org().SCIM.Users[0]
	assert.Equal(
		t,
		"as mapped",
		string(
			rawjson.Marshal(u.Attributes["emails"]),
		)+string(
			rawjson.Marshal(u.Attributes["name"]),
		)+u.Text(
			"externalId",
		),
		`[{"primary":true,"type":"work","value":"ann@company.com"}]{"familyName":"X","givenName":"ann"}ann`,
	)
	r := p.get(p.job)
	assert.Equal(t, "state", at(r.body, "status", "lastExecution", "state"), any("Succeeded"))
	assert.Equal(t, "exported", at(r.body, "status", "lastExecution", "countExported"), any(3.0))
	assert.Equal(
		t,
		"types",
		string(rawjson.Marshal(at(r.body, "status", "synchronizedEntryCountByType"))),
		`[{"key":"Group to urn:ietf:params:scim:schemas:core:2.0:Group","value":1},{"key":"User to urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","value":2}]`,
	)
	assert.Equal(t, "the next has nothing to say", p.cycle(), "")
	assert.Equal(
		t, "cycles", p.server.Cycles()[0],
		jobs.JobCycles{
			ServicePrincipalID: "app", JobID: p.id, Cycles: 2, InitialCycles: 1, Running: true, DefaultMappings: true,
		},
	)
}

func TestCycleSyncAll(t *testing.T) {
	p := newScenario(t)
	p.secrets("SyncAll", "True")
	p.cycle()
	assert.Equal(t, "there", p.there(), "ann bea cid dan")
	assert.Equal(t, "groups", p.groups(), "Staff=bea,cid Below=dan")
}

func TestCycleScopingFilter(t *testing.T) {
	p := newScenario(t)
	p.assign("ann", "bea")
	p.user("ann", `"department":"Sales"`)
	p.schema(func(s rawjson.Object) { users(s)["scope"] = scopeOf("department", "EQUALS", "Sales") })
	assert.Equal(t, "log", strings.Split(p.cycle(), "; ")[1], "bea other skipped EntrySynchronizationSkipped")
	assert.Equal(t, "there", p.there(), "ann")
	p.user("bea", `"department":"Sales"`)
	assert.Equal(t, "enters", p.cycle(), "bea create success")
	p.user("ann", `"department":"Legal"`)
	assert.Equal(t, "leaves", p.cycle(), "ann disable success")
	assert.Equal(t, "there", p.there(), "ann! bea")
	assert.Equal(t, "and stays so", p.cycle(), "")
	p.user("ann", `"department":"Sales"`)
	assert.Equal(t, "returns", p.cycle(), "ann update success")
	assert.Equal(t, "there", p.there(), "ann bea")
	p.user("ann", `"department":"Legal"`)
	assert.Equal(t, "leaves again", p.cycle(), "ann disable success")
	p.user("ann", `"department":"Sales"`)
	p.cycle()
	p.schema(func(s rawjson.Object) {
		users(s)["scope"] = rawjson.Object{
			"groups": []any{}, "inputFilterGroups": scopeOf("department", "EQUALS", "None")["groups"],
		}
	})
	p.cycle()
	assert.Equal(t, "a filter on input deprovisions nobody", p.there(), "ann bea")
}

// Whoever is there already is found by the matching attribute, and adopted.
func TestCycleMatches(t *testing.T) {
	p := newScenario(t)
	d := &scimClient{p.client, "/scim/directory/" + p.org().Directory()}
	admin := *p.client
	admin.bearer = atlassian.DefaultSecretToken
	d.client = &admin
	d.create("ANN@company.com", "old@company.com")
	p.assign("ann")
	p.secrets()
	assert.Equal(t, "log", strings.Split(p.cycle(), "; ")[0], "ann update success")
	assert.Equal(t, "users", len(p.org().SCIM.Users), 1)
	assert.Equal(t, "email", p.org().SCIM.Users[0].Email(), "ann@company.com")
}

// An edit in the target stays till the source changes or the job is restarted [graph 1.7].
func TestCycleUpdates(t *testing.T) {
	p := newScenario(t)
	p.assign("ann")
	p.cycle()
	u := p.org().SCIM.Users[0]
	name := func() string {
		return fmt.Sprint(at(u.Attributes, "name", "givenName"), " ", at(u.Attributes, "name", "familyName"))
	}
	p.user("ann", `"givenName":"Anna"`)
	assert.Equal(t, "a change", p.cycle(), "ann update success")
	assert.Equal(t, "name", name(), "Anna X")
	r := p.get("/v1.0/auditLogs/provisioning").values()[0]
	assert.Equal(
		t, "what was changed", string(rawjson.Marshal(r["modifiedProperties"])),
		`[{"displayName":"name.givenName","newValue":"Anna","oldValue":"ann"}]`,
	)

	rawjson.ObjectAt(u.Attributes, "name")["familyName"] = "Edited"
	assert.Equal(t, "an edit in the target", p.cycle(), "")
	assert.Equal(t, "stays", name(), "Anna Edited")
	p.user("ann", `"givenName":"Annie"`)
	assert.Equal(t, "a change of something else", p.cycle(), "ann update success")
	assert.Equal(t, "is all that flows", name(), "Annie Edited")
	p.do("POST", p.job+"/restart", `{"criteria":{"resetScope":"Watermark"}}`).want(t, 204)
	assert.Equal(t, "after a restart", strings.Split(p.cycle(), "; ")[0], "ann update success")
	assert.Equal(t, "it is written back", name(), "Annie X")
	p.do("POST", p.job+"/restart", `{"criteria":{"resetScope":"Watermark"}}`).want(t, 204)
	assert.Equal(t, "and then equal", strings.Split(p.cycle(), "; ")[0], "ann other skipped RedundantExport")

	// Watermark leaves the links, Full breaks them: then people are looked for again.
	u.Attributes["userName"], u.Attributes["emails"] = "other@company.com", []any{
		rawjson.Object{"value": "other@company.com"},
	}
	p.do("POST", p.job+"/restart", `{"criteria":{"resetScope":"Watermark"}}`).want(t, 204)
	assert.Equal(t, "still linked", strings.Split(p.cycle(), "; ")[0], "ann update success")
	u.Attributes["userName"] = "other@company.com"
	p.do("POST", p.job+"/restart", `{"criteria":{"resetScope":"Full"}}`).want(t, 204)
	assert.Equal(t, "not linked, not found", strings.Split(p.cycle(), "; ")[0], "ann create failure EntryConflict")
	u.Attributes["userName"] = "ann@company.com"
	assert.Equal(t, "found, and equal", p.cycle(), "")

	p.user("ann", `"givenName":null`)
	assert.Equal(t, "null", p.cycle(), "")
	assert.Equal(t, "clears nothing", name(), "Annie X")
}

// Leaving scope, by each way, disables; a deletion for good deletes, if the user was managed till then.
func TestCycleDeprovisions(t *testing.T) {
	p := newScenario(t)
	p.assign("ann", "bea", "cid", "dan")
	p.cycle()
	p.user("ann", `"accountEnabled":false`)
	if err := p.server.DeleteObject("bea", true); err != nil {
		t.Fatal(err)
	}
	p.assign("ann", "bea", "cid")
	assert.Equal(t, "log", p.cycle(), "ann disable success; bea disable success; dan disable success")
	assert.Equal(t, "there", p.there(), "ann! bea! cid dan!")
	for _, id := range []string{"bea", "cid", "dan"} {
		if err := p.server.DeleteObject(id, false); err != nil {
			t.Fatal(err)
		}
	}
	assert.Equal(t, "for good, but for whom nobody manages any more", p.cycle(), "bea delete success; cid delete "+
		"success")
	assert.Equal(t, "there", p.there(), "ann! dan!")
	p.user("ann", `"accountEnabled":true`)
	assert.Equal(t, "comes back", p.cycle(), "ann update success")
	assert.Equal(t, "there", p.there(), "ann dan!")
}

func TestCycleSkipOutOfScope(t *testing.T) {
	p := newScenario(t)
	p.secrets("SkipOutOfScopeDeletions", "True")
	p.assign("ann", "g-all")
	p.cycle()
	p.assign()
	p.cycle()
	assert.Equal(t, "there", p.there(), "ann bea cid")
	assert.Equal(t, "groups", p.groups(), "Staff=bea,cid")
}

// Without a mapping of IsSoftDeleted nothing is told [expressions 7].
func TestCycleWithoutActive(t *testing.T) {
	p := newScenario(t)
	p.schema(func(s rawjson.Object) {
		users(s)["attributeMappings"] = listless(users(s)["attributeMappings"], "active")
	})
	p.assign("ann")
	p.cycle()
	p.assign()
	assert.Equal(t, "log", p.cycle(), "ann other skipped NotEffectivelyEntitled")
	assert.Equal(t, "there", p.there(), "ann")
}

func TestCycleGroups(t *testing.T) {
	p := newScenario(t)
	p.assign("g-all")
	p.cycle()
	assert.Equal(t, "at first", p.groups(), "Staff=bea,cid")
	if err := p.server.RemoveMember("g-all", "bea"); err != nil {
		t.Fatal(err)
	}
	if err := p.server.AddMember("g-all", "ann"); err != nil {
		t.Fatal(err)
	}
	assert.Equal(t, "members", p.cycle(), "ann create success; bea disable success; g-all update success")
	assert.Equal(t, "changed", p.groups(), "Staff=ann,cid")
	if _, err := p.server.PutGroup([]byte(`{"id":"g-all","displayName":"Everyone"}`)); err != nil {
		t.Fatal(err)
	}
	assert.Equal(t, "a new name", p.cycle(), "")
	assert.Equal(t, "isn't pushed", p.groups(), "Staff=ann,cid")
	p.assign()
	assert.Equal(t, "leaves", p.cycle(), "ann disable success; cid disable success; g-all delete success")
	assert.Equal(t, "is deleted", p.groups(), "")
}

func TestCycleFlowTypes(t *testing.T) {
	p := newScenario(t)
	p.schema(func(s rawjson.Object) {
		addMapping(
			s,
			rawjson.Object{
				"targetAttributeName": "title",
				"flowType":            "ObjectAddOnly",
				"source":              rawjson.Object{"expression": "[jobTitle]"},
			},
		)
		addMapping(
			s,
			rawjson.Object{
				"targetAttributeName": "nickName", "defaultValue": "none",
				"source": rawjson.Object{"expression": "[mailNickname]"},
			},
		)
		addMapping(
			s,
			rawjson.Object{
				"targetAttributeName": "timezone",
				"source": rawjson.Object{
					"expression": `IIF([country]="NO", "Europe/Oslo", IgnoreAttributeFlow)`,
				},
			},
		)
		addMapping(
			s,
			rawjson.Object{
				"targetAttributeName": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
				"source":              rawjson.Object{"expression": "[department]"},
			},
		)
	})
	p.user("ann", `"jobTitle":"First","department":"Sales"`)
	p.assign("ann")
	p.cycle()
	u := p.org().SCIM.Users[0]
	shown := func() string {
		return fmt.Sprint(
			u.Attributes["title"], " ", u.Attributes["nickName"], " ", u.Attributes["timezone"], " ",
			at(u.Attributes, atlassian.SCIMEnterprise, "department"),
		)
	}
	assert.Equal(t, "created", shown(), "First none <nil> Sales")
	p.user("ann", `"jobTitle":"Second","department":"Legal","country":"NO"`)
	assert.Equal(t, "log", p.cycle(), "ann update success")
	assert.Equal(t, "updated", shown(), "First none Europe/Oslo Legal")

	u.Attributes["nickName"] = "own"
	p.do("POST", p.job+"/restart", `{"criteria":{"resetScope":"Watermark"}}`).want(t, 204)
	p.cycle()
	assert.Equal(t, "a default is for creation", u.Attributes["nickName"], any("own"))
	u.Attributes["nickName"] = "none"

	p.schema(func(s rawjson.Object) {
		mappingOf(s, "title")["source"] = rawjson.Object{"expression": "Redact([jobTitle])"}
		mappingOf(s, "title")["flowType"] = "Always"
	})
	p.cycle()
	changed := p.get("/v1.0/auditLogs/provisioning?$filter=provisioningAction eq 'update'").values()[0]
	assert.Equal(
		t, "a secret flows unseen",
		fmt.Sprint(u.Attributes["title"], string(rawjson.Marshal(changed["modifiedProperties"]))),
		`Second[{"displayName":"title","newValue":"[Redact]","oldValue":"[Redact]"}]`,
	)

	p.schema(func(s rawjson.Object) { users(s)["flowTypes"] = "Update" })
	p.assign("ann", "bea")
	if log := p.cycle(); !strings.Contains(log, "bea other skipped EntrySynchronizationSkipped") {
		t.Error(log)
	}
	assert.Equal(t, "creating is off", p.there(), "ann")
	p.schema(func(s rawjson.Object) { users(s)["flowTypes"] = "Add" })
	p.user("ann", `"department":"None"`)
	p.cycle()
	assert.Equal(t, "updating is off", shown()+p.there(), "Second none Europe/Oslo Legalann bea")
}
