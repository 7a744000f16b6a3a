package acceptance

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	withoutType   = "eb6a4fd2-5865-466a-ac54-27234cde6004"
	policyAddress = "usersync_user_type_policy.partners"
	recordAddress = "usersync_user_type_record.before"
	record        = `
resource "usersync_user_type_record" "before" {
  directory = data.usersync_directory.now.reading
  match { home_domains = ["fabrikam.example"] }
}
`
	partnersAreGuests = `rule {
  name = "partners are guests"
  user_type = "Guest"

  match {
    origin = "external"
    home_domains = ["fabrikam.example"]
  }
}`
	restore = `rule {
  name = "restore"
  types = usersync_user_type_record.before.types
}`
	recorded = `record = usersync_user_type_record.before.id`
	enforce  = `mode = "enforce"`
)

func policyOf(lines ...string) string {
	return `
resource "usersync_user_type_policy" "partners" {
  directory = data.usersync_directory.now.reading
  ` + strings.Join(lines, "\n  ") + `
}
`
}

// chained is the outcome of the same plan.
func chained() string {
	return guard(`  what_if { user_types = usersync_user_type_policy.partners.desired }`)
}

// patches counts the conversions that were sent since the last reset.
func (b *bench) patches() int {
	n := 0
	counts := b.Server.Requests()
	for route, k := range counts.Batch {
		if strings.HasPrefix(route, "PATCH /v1.0/users") {
			n += k
		}
	}
	return n + counts.Routes["PATCH /v1.0/users/{id}"]
}

// The seed: people from fabrikam become guests, and the same plan says that
// they then sync; applied, nothing is left; restored, everybody is as before.
func TestPolicyConverts(t *testing.T) {
	once(t, func(b *bench) {
		b.live(sources, guard())
		b.Apply()
		b.live(sources, record, policyOf(enforce, partnersAreGuests, recorded), chained())
		p := b.plan(2)
		b.tidy(p.Output)
		b.says(
			p.Output,
			"This apply converts 10 users",
			"9 Member to Guest, 1 no type to Guest",
			"adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com",
			`"All staff"`,
		)
		b.saysNot(p.Output, "can't be undone")
		if got := counts(p.after(outcome, "changes")); !maps.Equal(got, map[string]int{"gained.this_plan": 10}) {
			b.Errorf("the outcome changes %v", got)
		}
		b.says(
			p.Output,
			`- "adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com" = "skip: external_member (fabrikam.example, Member, reported)"`,
		)
		before := b.types()
		b.Server.ResetRequests()
		b.apply()
		if n := b.patches(); n != 10 {
			b.Errorf("%d users were patched", n)
		}
		b.Plan(0)

		// Somebody turns one back: drift, by name.
		b.user(`{"userPrincipalName":"adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com","userType":"Member"}`)
		p = b.plan(2)
		b.says(
			p.Output,
			`"adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com" = "Member" -> "Guest"`,
			"Drift: the type of 1 user changed since the last apply",
		)
		b.apply()
		b.Plan(0)

		// Restored from the record, which never changed.
		held := b.attributes(recordAddress)["types"]
		b.live(sources, record, policyOf(enforce, restore, recorded), chained())
		b.plan(2)
		b.apply()
		b.Plan(0)
		if after := b.types(); !maps.Equal(before, after) || b.attributes(recordAddress)["types"] != held {
			b.Errorf("restored, the types are\n%v\nand not\n%v", after, before)
		}
		b.live(
			sources,
			strings.Replace(record, "fabrikam.example", "partner.example", 1),
			policyOf(enforce, restore, recorded),
		)
		b.says(b.fails(), "Record can't be changed", "make another")
		b.live(sources, record)
		b.Apply()
		if after := b.types(); !maps.Equal(before, after) {
			b.Error("destroying the policy changed people")
		}
	})
}

// types are the types of all users, by id.
func (b *bench) types() map[string]string {
	b.Helper()
	var s struct {
		Entra struct {
			Users []struct{ ID, UserType string } `json:"users"`
		} `json:"entra"`
	}
	var raw strings.Builder
	b.Must(b.Server.Snapshot(&raw))
	b.Must(json.Unmarshal([]byte(raw.String()), &s))
	out := map[string]string{}
	for _, u := range s.Entra.Users {
		if u.ID != withoutType { // no type can't be given back: the service takes Member and Guest
			out[u.ID] = u.UserType
		}
	}
	return out
}

// An audit writes nothing, and its outcome says what an enforcement would do.
func TestPolicyAudits(t *testing.T) {
	once(t, func(b *bench) {
		rules := `rule {
  name = "board"
  user_type = "Member"

  match {
    users = ["adele.vance@fabrikam.example"]
  }
}

rule {
  name = "partners are guests"
  user_type = "Guest"

  match {
    home_domains = ["FABRIKAM.example"]
  }
}

rule {
  name = "shadowed"
  user_type = "Guest"

  match {
    users = ["adele.vance@fabrikam.example"]
  }
}

rule {
  name = "nobody"
  user_type = "Guest"

  match {
    creation_types = ["LocalAccount"]
  }
}`
		b.live(sources, policyOf(rules), chained())
		p := b.plan(2)
		b.says(
			p.Output,
			"rule[2] (shadowed) decides nobody",
			"rule[3] (nobody) matches nobody",
			"Member, policy says Guest (partners are guests)",
		)
		before := b.types()
		b.Server.ResetRequests()
		b.apply()
		if n := b.patches(); n != 0 || !maps.Equal(before, b.types()) {
			b.Errorf("an audit patched %d users", n)
		}
		b.Plan(0)
		violations := b.decisions(b.attributes(policyAddress)["violations"])
		if len(violations) != 9 || violations["adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com"] != "" {
			b.Errorf("violations: %v", violations)
		}
	})
}

// Limits stop a plan with names; waves take people in an order that doesn't
// move.
func TestPolicyLimitsAndWaves(t *testing.T) {
	once(t, func(b *bench) {
		b.live(sources, policyOf(enforce, partnersAreGuests, "max_changes = 3"))
		out := b.fails()
		b.says(
			out,
			"would convert 10 users, more than max_changes = 3",
			"adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com",
			"main.tf line",
		)
		b.live(sources, policyOf(enforce, partnersAreGuests, "max_changes = 4", "wave_size = 4"), chained())
		p := b.plan(2)
		b.says(p.Output, "6 more follow in later applies", "can't be undone")
		wave := func(p *plan) []string {
			var out []string
			for id, t := range b.decisions(p.after(policyAddress, "desired")) {
				if t == "Guest" {
					out = append(out, id)
				}
			}
			slices.Sort(out)
			return out
		}
		first := wave(p)
		// Other people come and go, and somebody is renamed.
		b.user(
			`{"userPrincipalName":"new.one_fabrikam.example#EXT#@company.onmicrosoft.com","userType":"Guest","displayName":"New","accountEnabled":true,"id":"ffffffff-0000-4000-8000-000000000001"}`,
		)
		if again := wave(
			b.plan(2),
		); !slices.Equal(
			first,
			slices.DeleteFunc(again, func(id string) bool { return strings.HasPrefix(id, "ffffffff") }),
		) {
			b.Errorf("the wave moved:\n%v\n%v", first, again)
		}
		applies := 0
		for ; applies < 5; applies++ {
			r := b.Do(2, "plan", "-no-color", "-input=false", "-detailed-exitcode", "-out="+planFile)
			b.tidy(r.Output)
			b.apply()
			if b.attributes(policyAddress)["remaining"].(float64) == 0 {
				break
			}
		}
		b.Plan(0)
		if applies != 2 {
			b.Errorf("10 conversions in waves of 4 took %d applies", applies+1)
		}
		for id, t := range b.decisions(b.attributes(policyAddress)["desired"]) {
			if t != "Guest" || id != withoutType && b.types()[id] != "Guest" {
				b.Errorf("%s is %s, and %s", id, t, b.types()[id])
			}
		}
	})
}

// Trouble: refused users, one that is gone, a directory that isn't known.
func TestPolicyTrouble(t *testing.T) {
	once(t, func(b *bench) {
		b.live(sources, record, policyOf(enforce, partnersAreGuests, recorded))
		// The write is refused half-way: no state, an error with what was written.
		b.fault(
			simulator.Fault{
				Kind:   simulator.FaultStatus,
				Match:  "PATCH /v1.0/users/{id}",
				Nth:    4,
				Times:  1,
				Status: 403,
			},
		)
		out := b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output
		b.tidy(out)
		b.says(out, "The service refused to convert 1 user", "403", "User.ReadWrite.All", "9 users were converted")
		if strings.Contains(b.State(), "usersync_user_type_policy") {
			b.Error("a failed create left a state")
		}
		b.Server.ClearFaults()
		b.Server.ResetRequests()
		b.Apply()
		b.Plan(0)
		if n := b.patches(); n != 1 {
			b.Errorf("the second apply patched %d users", n)
		}

		// Gone between plan and apply.
		b.user(`{"userPrincipalName":"adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com","userType":"Member"}`)
		b.plan(2)
		b.Must(b.Server.DeleteObject("adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com", true))
		r := b.apply()
		b.says(r.Output, "Users are gone since the plan", "adele.vance")
		b.Plan(2)
		b.Apply()
		b.Plan(0)

		// A directory that isn't known at plan: an enforcement refuses, an audit waits.
		late := `
resource "terraform_data" "x" { input = "1" }
data "usersync_directory" "now" { depends_on = [terraform_data.x] }
data "usersync_organization" "main" {}
`
		c := b.another()
		c.live(late, policyOf(enforce, partnersAreGuests))
		out = c.fails()
		c.tidy(out)
		c.says(out, "Users to convert aren't known at plan", "directory won't be known before the apply", "depends_on")
		c.live(late, policyOf(partnersAreGuests))
		c.says(c.Plan(2).Output, "Users who differ from the policy aren't known at plan")
		c.Apply()
		c.Plan(0)

		// Bad input.
		for name, c := range map[string]struct{ rules, says string }{
			"nothing to match": {`rule {
  name = "x"
  user_type = "Guest"

  match {
  }
}`, "rule[0] (x): it needs user_type and a match"},
			"no type": {`rule {
  name = "x"

  match {
    origin = "external"
  }
}`, "it needs user_type and a match"},
			"an unknown user": {`rule {
  name = "x"
  user_type = "Guest"

  match {
    users = ["nobody@company.com"]
  }
}`, `No user "nobody@company.com"`},
			"an unknown group": {`rule {
  name = "x"
  user_type = "Guest"

  match {
    groups = ["Nobodies"]
  }
}`, `No group "Nobodies"`},
			"a missing column": {`rule {
  name = "x"
  user_type = "Guest"

  match {
    filter = { any_of = [{ all_of = [{ attribute = "department", operator = "EQUALS", values = ["IT"] }] }] }
  }
}`, `add "department" to "attributes"`},
			"an empty filter": {`rule {
  name = "x"
  user_type = "Guest"

  match {
    filter = { any_of = [] }
  }
}`, "at least 1"},
			"a group mapping": {partnersAreGuests + "\n" + strings.ReplaceAll(crossTenant("always", "Member"), `"User"`, `"Group"`), "the mapping of users is meant"},
			"whose people":    {partnersAreGuests + "\n" + strings.Replace(crossTenant("always", "Member"), `home_domains = ["fabrikam.example"],`, "", 1), "set home_domains, or directory"},
			"a broken record": {`rule {
  name = "x"
  types = "{"
}`, "Invalid types"},
			"an unknown domain": {`rule {
  name = "x"
  user_type = "Guest"

  match {
    home_domains = ["a b"]
  }
}`, `"a b" is no domain name`},
		} {
			b.live(sources, record, policyOf(enforce, c.rules))
			out := b.fails()
			b.tidy(out)
			b.says(out, c.says, "main.tf line")
			if b.Failed() {
				b.Fatalf("%s: %s", name, out)
			}
		}
	})
}

// An update that fails half-way: the state says what was done, what is left
// follows, and our own work isn't called drift. Who has no type and can't be
// converted makes no difference.
func TestPolicyUpdateFails(t *testing.T) {
	once(t, func(b *bench) {
		b.user(
			`{"userPrincipalName":"lynne.robbins_fabrikam.example#EXT#@company.onmicrosoft.com","userType":null,"onPremisesSyncEnabled":true}`,
		)
		b.live(sources, record, policyOf(partnersAreGuests, recorded))
		p := b.plan(2)
		b.says(p.Output, "1 user is mastered on premises and stays as is", "no type, policy says Guest (partners are "+
			"guests); mastered on premises")
		b.apply()
		b.Plan(0)
		always := crossTenant("always", "Member")
		b.live(sources, record, policyOf(enforce, partnersAreGuests, recorded, always))
		b.fault(
			simulator.Fault{
				Kind:   simulator.FaultStatus,
				Match:  "PATCH /v1.0/users/{id}",
				Nth:    4,
				Times:  1,
				Status: 403,
			},
		)
		b.says(
			b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output,
			"9 users were converted",
			"The state says so",
		)
		b.Server.ClearFaults()
		p = b.plan(2)
		b.says(p.Output, "This apply converts 1 user")
		b.saysNot(p.Output, "Drift")
		b.apply()
		b.Plan(0)

		// What isn't a constant can't be told.
		b.live(
			sources,
			record,
			policyOf(
				enforce,
				partnersAreGuests,
				recorded,
				strings.Replace(always, `"\"Member\""`, `"IIF([department]=\"x\", \"Member\", \"Guest\")"`, 1),
			),
		)
		b.user(`{"userPrincipalName":"adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com","userType":"Member"}`)
		p = b.plan(2)
		b.says(p.Output, "can't be told", "omebody else wrote it")
		b.saysNot(p.Output, "will write back", "the source tenant wrote it back")
	})
}

// A guardrail of the outcome holds a policy back, with names; and a list that
// lags behind the writes is waited for.
func TestPolicyAndGuardrails(t *testing.T) {
	guarded := func(lines ...string) string {
		return guard(append(lines, `  what_if { user_types = usersync_user_type_policy.partners.desired }`)...)
	}
	const lynne = "lynne.robbins_fabrikam.example#EXT#@company.onmicrosoft.com"
	once(t, func(b *bench) {
		b.live(
			sources,
			record,
			policyOf(enforce, partnersAreGuests, recorded),
			guarded(`  guardrails { must_not_sync = ["adele.vance@fabrikam.example"] }`),
		)
		b.says(b.fails(), "guardrails.must_not_sync", "adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com")
		b.live(
			sources,
			record,
			policyOf(enforce, strings.Replace(partnersAreGuests, `"Guest"`, `"Member"`, 1), recorded),
			guarded(`  guardrails { must_sync = ["lynne.robbins@fabrikam.example"] }`),
		)
		b.says(b.fails(), "guardrails.must_sync", lynne)
		if n := b.patches(); n != 0 {
			b.Errorf("%d users were converted", n)
		}
		b.live(sources, record, policyOf(enforce, partnersAreGuests, recorded), guarded())
		b.plan(2)
		b.apply()
		b.Plan(0)
	}, simulator.WithBehavior(func(b *simulator.Behavior) { b.ListLag = 3 }))
}
