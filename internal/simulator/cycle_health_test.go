package simulator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// health is the job's schedule, code, and how often it was tried in quarantine.
func (p *scenario) health() string {
	p.signIn()
	b := p.get(p.job).want(p.t, 200).body
	return strings.TrimSpace(fmt.Sprint(
		at(b, "schedule", "state"), " ", at(b, "status", "code"), " ",
		orNothing(at(b, "status", "quarantine", "seriesCount")),
	))
}

// A job that never ran has nobody; one that is paused ends the cycle under way, and no other begins [graph 3.2].
func TestCyclePaused(t *testing.T) {
	p := newScenario(t)
	p.assign("ann")
	if p.server.FinishCycle(p.id) == nil {
		t.Error("a job that was never started runs")
	}
	assert.Equal(t, "never started", p.health()+p.there(), "Disabled Paused")
	p.do("POST", p.job+"/start", "").want(t, 204)
	p.do("POST", p.job+"/pause", "").want(t, 204)
	if err := p.server.FinishCycle(p.id); err != nil {
		t.Fatal(err)
	}
	assert.Equal(t, "the cycle under way", p.there(), "ann")
	assert.Equal(t, "health", p.health(), "Paused Paused")
	p.assign("ann", "bea")
	if p.server.FinishCycle(p.id) == nil {
		t.Error("another cycle begins")
	}
	assert.Equal(t, "nobody else", p.there(), "ann")
	p.do("POST", p.job+"/start", "").want(t, 204)
	if err := p.server.FinishCycle(p.id); err != nil {
		t.Fatal(err)
	}
	assert.Equal(t, "resumed", p.there()+" "+p.health(), "ann bea Active Active")
}

// In quarantine attempts become fewer, 6, 12 and 24 hours apart and then daily; nothing changes while they fail; with
// the next good one it ends, and after four weeks the job is disabled [graph 3.3].
func TestCycleQuarantineSeries(t *testing.T) {
	begin := func(t *testing.T, options ...Option) *scenario {
		p := newScenario(t, options...)
		p.assign("ann")
		p.cycle()
		p.assign("ann", "bea")
		if err := p.server.SetSecretToken("app", "expired"); err != nil {
			t.Fatal(err)
		}
		return p
	}
	byClock := WithBehavior(func(b *env.Behavior) { b.CycleTime = time.Minute })
	t.Run("attempts", func(t *testing.T) {
		p := begin(t, byClock)
		p.server.Advance(41 * time.Minute)
		p.health()
		p.server.Advance(time.Minute)
		assert.Equal(t, "begins", p.health(), "Active Quarantine 1")
		for hours, want := range map[int]string{5: "1", 7: "2", 20: "3", 45: "4", 70: "5"} {
			q := begin(t, byClock)
			q.server.Advance(41 * time.Minute)
			q.health()
			q.server.Advance(time.Minute)
			q.health()
			q.server.Advance(time.Duration(hours) * time.Hour)
			assert.Equal(t, fmt.Sprint("after ", hours, " hours"), q.health(), "Active Quarantine "+want)
			assert.Equal(t, "nothing changes", q.there(), "ann")
		}
	})
	t.Run("ends with a good cycle", func(t *testing.T) {
		p := begin(t)
		p.cycle()
		assert.Equal(t, "in quarantine", p.health(), "Active Quarantine 1")
		if err := p.server.FinishCycle(p.id); err != nil {
			t.Fatal(err)
		}
		assert.Equal(t, "another attempt", p.health(), "Active Quarantine 2")
		if err := p.server.SetSecretToken("app", atlassian.DefaultSecretToken); err != nil {
			t.Fatal(err)
		}
		if err := p.server.FinishCycle(p.id); err != nil {
			t.Fatal(err)
		}
		assert.Equal(t, "healthy", p.health()+" "+p.there(), "Active Active ann bea")
	})
	t.Run("four weeks", func(t *testing.T) {
		p := begin(t)
		p.cycle()
		p.server.Advance(29 * 24 * time.Hour)
		assert.Equal(t, "disabled", p.health(), "Disabled Quarantine 1")
		if p.server.FinishCycle(p.id) == nil {
			t.Error("a disabled job runs")
		}
		if err := p.server.SetSecretToken("app", atlassian.DefaultSecretToken); err != nil {
			t.Fatal(err)
		}
		p.signIn()
		p.cycle()
		assert.Equal(t, "started again", p.health()+" "+p.there(), "Active Active ann bea")
	})
	t.Run("a saved schema and a restart without its scope don't end it", func(t *testing.T) {
		p := begin(t)
		p.cycle()
		p.schema(func(rawjson.Object) {})
		assert.Equal(t, "saved", p.health(), "Active Quarantine 1")
		p.do("POST", p.job+"/restart", `{"criteria":{"resetScope":"Watermark"}}`).want(t, 204)
		assert.Equal(t, "restarted", p.health(), "Active Quarantine 1")
		p.do("POST", p.job+"/restart", `{"criteria":{"resetScope":"QuarantineState"}}`).want(t, 204)
		assert.Equal(t, "its state reset", p.health(), "Active NotRun")
	})
}

// Where Delete is unticked, no DELETE is sent: neither for who was deleted for good, nor for a group that left the
// scope [atlassian 2.2].
func TestCycleDeleteOff(t *testing.T) {
	p := newScenario(t)
	p.schema(func(s rawjson.Object) {
		for _, m := range rawjson.Objects(rawjson.Objects(s["synchronizationRules"])[0]["objectMappings"]) {
			m["flowTypes"] = "Add, Update"
		}
	})
	p.assign("ann", "g-all")
	p.cycle()
	if err := p.server.DeleteObject("ann", false); err != nil {
		t.Fatal(err)
	}
	p.assign("bea", "cid")
	p.cycle()
	assert.Equal(t, "users", p.there(), "ann bea cid")
	assert.Equal(t, "groups", p.groups(), "Staff=bea,cid")
}

// All kinds of filter decide; those on input, and the categories, deprovision nobody [expressions 6].
func TestCycleFilterKinds(t *testing.T) {
	for _, kind := range []string{"groups", "inputFilterGroups", "categoryFilterGroups"} {
		t.Run(kind, func(t *testing.T) {
			p := newScenario(t)
			p.user("ann", `"department":"Sales"`)
			p.user("bea", `"department":"Legal"`)
			p.schema(func(s rawjson.Object) {
				users(s)["scope"] = rawjson.Object{
					kind: []any{rawjson.Object{"name": "f", "clauses": []any{rawjson.Object{
						"sourceOperandName": "department", "operatorName": "EQUALS",
						"targetOperand": rawjson.Object{"values": []any{"Sales"}},
					}}}},
				}
			})
			p.assign("ann", "bea")
			p.cycle()
			assert.Equal(t, "who passes", p.there(), "ann")
			p.user("ann", `"department":"Legal"`)
			p.cycle()
			assert.Equal(
				t,
				"who passes no more",
				p.there(),
				map[bool]string{true: "ann!", false: "ann"}[kind == "groups"],
			)
		})
	}
}

// Over SCIM the target can be asked by userName and externalId alone, and the first matching attribute decides
// [atlassian row 45].
func TestCycleMatchingAttribute(t *testing.T) {
	match := func(p *scenario, priorities map[string]float64) {
		p.schema(func(s rawjson.Object) {
			for _, m := range rawjson.Objects(users(s)["attributeMappings"]) {
				m["matchingPriority"] = priorities[fmt.Sprint(m["targetAttributeName"])]
			}
		})
		p.assign("ann", "bea")
	}
	const email = `emails[type eq "work"].value`
	for name, x := range map[string]struct {
		priorities map[string]float64
		want       string
	}{
		"by the address":           {map[string]float64{email: 1}, ""},
		"by the address first":     {map[string]float64{email: 1, "userName": 2}, ""},
		"by the address second":    {map[string]float64{"userName": 1, email: 2}, "ann bea"},
		"by the id":                {map[string]float64{"externalId": 1}, "ann bea"},
		"by nothing":               {nil, ""},
		"by the id, then the name": {map[string]float64{"externalId": 1, "userName": 2}, "ann bea"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newScenario(t)
			match(p, x.priorities)
			p.cycle()
			assert.Equal(t, "there", p.there(), x.want)
		})
	}
}

// Which characters break the matching query isn't documented: it is a switch [atlassian row 42].
func TestCycleUnmatchableCharacters(t *testing.T) {
	for characters, want := range map[string]string{"": "ann o'neil", "'": "ann"} {
		p := newScenario(t, WithBehavior(func(b *env.Behavior) { b.UnmatchableCharacters = characters }))
		p.user("bea", `"userPrincipalName":"o'neil@company.com"`)
		p.assign("ann", "bea")
		p.cycle()
		assert.Equal(t, "there", p.there(), want)
	}
}

// A constant for active makes everyone inactive, and deactivates who is managed [atlassian 2.1].
func TestCycleActiveConstant(t *testing.T) {
	p := newScenario(t)
	p.schema(func(s rawjson.Object) {
		mappingOf(s, "active")["source"] = rawjson.Object{"type": "Constant", "name": "False", "expression": `"False"`}
	})
	p.assign("ann")
	p.cycle()
	assert.Equal(t, "there", p.there(), "ann!")
	assert.Equal(t, "account", p.org().Accounts[0].AccountStatus, "inactive")
}

// A group's obstacle is the group's: its members are provisioned without it [atlassian row 49], [atlassian row 50].
func TestCycleGroupRefused(t *testing.T) {
	for name, group := range map[string]string{
		"the name is taken":    `{"id":"og","name":"Staff","members":[]}`,
		"a default access one": `{"id":"og","name":"staff","defaultAccess":true,"members":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			p := newScenario(t)
			if err := p.server.PutOrganizationGroup("main", []byte(group)); err != nil {
				t.Fatal(err)
			}
			p.assign("g-all")
			if log := p.cycle(); !strings.Contains(log, "g-all create failure EntryConflict") {
				t.Error(log)
			}
			assert.Equal(t, "users", p.there(), "bea cid")
			assert.Equal(t, "groups", p.groups(), "")
		})
	}
}

// Who comes back into scope as the member of a group isn't noticed before a restart; who is assigned again is
// [atlassian 2.1].
func TestCycleReturnsIntoScope(t *testing.T) {
	p := newScenario(t)
	p.assign("g-all", "ann")
	p.cycle()
	for _, id := range []string{"bea", "cid"} {
		if err := p.server.RemoveMember("g-all", id); err != nil {
			t.Fatal(err)
		}
	}
	p.assign("g-all")
	p.cycle()
	assert.Equal(t, "left", p.there()+" "+p.groups(), "ann! bea! cid! Staff=")
	if err := p.server.AddMember("g-all", "bea"); err != nil {
		t.Fatal(err)
	}
	p.assign("g-all", "ann", "cid")
	p.cycle()
	assert.Equal(t, "assigned again", p.there()+" "+p.groups(), "ann bea! cid Staff=")
	p.do("POST", p.job+"/restart", `{"criteria":{"resetScope":"Watermark"}}`).want(t, 204)
	p.cycle()
	assert.Equal(t, "restarted", p.there()+" "+p.groups(), "ann bea cid Staff=bea")
}

// Who was disabled before they were unassigned isn't managed any more, either: their coming back isn't noticed, and
// another who is looked for by their name finds the record [graph 3.7].
func TestCycleReturnsAfterDisabled(t *testing.T) {
	p := newScenario(t)
	p.assign("g-all")
	p.cycle()
	p.user("bea", `"accountEnabled":false`)
	assert.Equal(t, "disabled", p.cycle(), "bea disable success")
	if err := p.server.RemoveMember("g-all", "bea"); err != nil {
		t.Fatal(err)
	}
	p.cycle()
	p.user("bea", `"accountEnabled":true`)
	if err := p.server.AddMember("g-all", "bea"); err != nil {
		t.Fatal(err)
	}
	p.cycle()
	assert.Equal(t, "back", p.there()+" "+p.groups(), "bea! cid Staff=cid")
	p.do("POST", p.job+"/restart", `{"criteria":{"resetScope":"Watermark"}}`).want(t, 204)
	p.cycle()
	assert.Equal(t, "restarted", p.there()+" "+p.groups(), "bea cid Staff=bea,cid")
}

// Who is unassigned isn't managed any more, though Update is off and nothing disables them: a later deletion sends
// nothing, and their coming back isn't noticed [graph 3.7].
func TestCycleReturnsWithoutUpdates(t *testing.T) {
	p := newScenario(t)
	p.assign("g-all")
	p.schema(func(s rawjson.Object) { users(s)["flowTypes"] = "Add, Delete" })
	p.cycle()
	for _, id := range []string{"bea", "cid"} {
		if err := p.server.RemoveMember("g-all", id); err != nil {
			t.Fatal(err)
		}
	}
	p.cycle()
	if err := p.server.AddMember("g-all", "bea"); err != nil {
		t.Fatal(err)
	}
	if err := p.server.DeleteObject("cid", false); err != nil {
		t.Fatal(err)
	}
	p.cycle()
	assert.Equal(t, "back, and deleted", p.there()+" "+p.groups(), "bea cid Staff=")
}

// Who is disabled and still assigned is managed still, though nothing tells the target: under another name they
// aren't looked for.
func TestCycleDisabledWithoutActive(t *testing.T) {
	p := newScenario(t)
	p.schema(func(s rawjson.Object) {
		users(s)["attributeMappings"] = listless(users(s)["attributeMappings"], "active")
	})
	p.assign("ann")
	p.cycle()
	p.user("ann", `"accountEnabled":false`)
	p.cycle()
	p.user("ann", `"accountEnabled":true,"userPrincipalName":"anna@company.com"`)
	assert.Equal(t, "back", p.cycle(), "ann update success")
}

// signIn gets a new token: the clock was moved.
func (p *scenario) signIn() { p.bearer = p.token() }

func (p *scenario) token() string {
	return p.server.IssueToken(testBase, login.App{ClientID: DefaultClientID, Roles: login.AllRoles()}, testBase)
}
