package acceptance

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"
)

// change is one new version of a configuration and what its plan says.
type change struct {
	what     string
	lines    []string // arguments of the outcome
	code     int      // of plan -detailed-exitcode
	counts   map[string]int
	severity string
	says     []string
	saysNot  []string
}

// accepts plans each version in turn, applies it, and expects an empty plan.
func (b *bench) accepts(write func(lines ...string), steps []change) {
	b.Helper()
	for _, s := range steps {
		write(s.lines...)
		if s.code == 0 {
			r := b.Plan(0)
			b.says(r.Output, s.says...)
			b.saysNot(r.Output, s.saysNot...)
			continue
		}
		p := b.plan(s.code)
		b.tidy(p.Output)
		b.says(p.Output, s.says...)
		b.saysNot(p.Output, s.saysNot...)
		changes := p.after(outcome, "changes")
		if got := counts(changes); !maps.Equal(got, s.counts) {
			b.Errorf("%s: %s: the plan counts %v instead of %v", b.CLI.Name, s.what, got, s.counts)
		}
		if got := p.severity(outcome); got != s.severity {
			b.Errorf("%s: %s: severity %s instead of %s", b.CLI.Name, s.what, got, s.severity)
		}
		b.apply()
		b.Plan(0)
	}
}

// What the configuration changes is this plan's effect, beside what drifted.
func TestSettings(t *testing.T) {
	eachOffline(t, func(b *bench) {
		b.writeSnapshot("tenant.json", b.example())
		write := func(lines ...string) { b.snapshot("tenant.json", sources, guard(lines...)) }
		steps := []change{
			{"create", nil, 2, map[string]int{"joined.this_plan": 31}, "review", nil, nil},
			{"the same", nil, 0, nil, "", nil, []string{"Warning"}},
			{
				"what if Adele were a guest",
				[]string{`  what_if { user_types = jsonencode({ "adele.vance@fabrikam.example" = "Guest" }) }`},
				2,
				map[string]int{"gained.this_plan": 1},
				"review",
				[]string{"Outcome rests on assumptions", "what_if_applied"},
				nil,
			},
			{
				"the same what-if",
				[]string{`  what_if { user_types = jsonencode({ "adele.vance@fabrikam.example" = "Guest" }) }`},
				0,
				nil,
				"",
				[]string{"No changes.", "Outcome rests on assumptions"},
				nil,
			},
			{
				"no what-if",
				nil,
				2,
				map[string]int{"lost.this_plan": 1},
				"review",
				[]string{"lost: 1 (this plan): " + adele},
				[]string{"declining a plan"},
			},
			{
				"what if legacy were verified",
				[]string{`  what_if { verified_domains = ["legacy.company.com"] }`},
				2,
				map[string]int{"gained.this_plan": 4},
				"review",
				[]string{"Outcome rests on assumptions", "legacy.company.com"},
				nil,
			},
			{
				"what if Clara joined Sales",
				[]string{`  what_if { members = { "Sales" = ["clara.jensen@company.com"] } }`},
				2,
				map[string]int{"joined.this_plan": 1, "lost.this_plan": 4},
				"review",
				[]string{"Outcome rests on assumptions"},
				nil,
			},
			{"all at once", []string{`  what_if {
    user_types       = jsonencode({ "` + adele + `" = "Guest", "c8050655-59d3-4afb-a993-bfcb81e7d950" = "Guest" })
    verified_domains = ["legacy.company.com"]
    members          = { "` + sales + `" = ["` + clara + `"] }
  }`}, 2, map[string]int{"gained.this_plan": 6}, "review", nil, nil},
			{"none", nil, 2, map[string]int{"lost.this_plan": 7}, "review", nil, nil},
			{
				"the sync verifies legacy",
				[]string{`  connector_settings { entra_domains = ["legacy.company.com"] }`},
				2,
				map[string]int{"gained.this_plan": 4},
				"review",
				nil,
				nil,
			},
			{
				"the sync verifies all",
				[]string{`  connector_settings { entra_domains = ["*"] }`},
				2,
				nil,
				"none",
				nil,
				nil,
			},
			{"the sync verifies none", nil, 2, map[string]int{"lost.this_plan": 4}, "review", nil, nil},
			{
				"a wider exception",
				[]string{`  connector_settings { external_users = "not_member" }`},
				2,
				map[string]int{"gained.this_plan": 1},
				"review",
				nil,
				nil,
			},
			{
				"the widest exception",
				[]string{`  connector_settings { external_users = "external" }`},
				2,
				map[string]int{"gained.this_plan": 10},
				"review",
				nil,
				nil,
			},
			{"the default, said", []string{`  connector_settings {
    external_users = "guest"
    user_identifier = "email"
  }`}, 2, map[string]int{"lost.this_plan": 11, "reason.this_plan": 2, "uncertain.this_plan": 1}, "review", nil, nil},
			{"nothing said", nil, 2, map[string]int{"reason.this_plan": 1}, "review", nil, nil},
			{
				"only the list",
				[]string{`  show = "all"`},
				2,
				nil,
				"none",
				[]string{grace, "sync: domain_verified (eng.company.com, managed, inferred)"},
				[]string{"Warning"},
			},
			{
				"only the watched groups",
				[]string{`  show = "all"`, `  watch_groups = ["jira-*"]`},
				2,
				nil,
				"none",
				nil,
				[]string{"Warning"},
			},
			{
				"only a guardrail",
				[]string{`  show = "all"`, `  guardrails { max_lost = 3 }`},
				2,
				nil,
				"none",
				nil,
				[]string{"Warning"},
			},
			{
				"only another guardrail",
				[]string{`  show = "all"`, `  guardrails { max_lost = 30 }`},
				2,
				nil,
				"none",
				nil,
				[]string{"Warning"},
			},
			{
				"only the names",
				[]string{`  show = "all"`, `  guardrails { max_lost = 30 }`, `  identify_users_by = "id"`},
				2,
				nil,
				"none",
				[]string{"48eb8f04-fdee-4cc8-af97-78c5ed87f9c0"},
				[]string{"Warning"},
			},
			{"back", nil, 2, nil, "none", nil, []string{"Warning"}},
			{
				"a narrower scope",
				[]string{`  scope { groups = ["Atlassian users"] }`},
				2,
				map[string]int{"groups.this_plan": 2},
				"review",
				nil,
				nil,
			},
			{
				"by id",
				[]string{`  scope { groups = ["bf9fb48a-3e48-4b23-acaf-ec43f061d7e3"] }`},
				2,
				nil,
				"none",
				nil,
				[]string{"Warning"},
			},
			{"everyone", []string{`  scope { everyone = true }`}, 2, nil, "review", nil, nil},
		}
		// Everyone adds Clara, the room and a service account's group; how many
		// is not this test's matter, but that it is this plan's.
		b.accepts(write, steps[:len(steps)-1])
		write(steps[len(steps)-1].lines...)
		p := b.plan(2)
		for kind, n := range counts(p.after(outcome, "changes")) {
			if !strings.HasSuffix(kind, ".this_plan") || n == 0 {
				b.Errorf("everyone: %s %d", kind, n)
			}
		}
	})
}

// A scope that changes while the tenant moved: each under its own cause.
func TestScopeAndDriftTogether(t *testing.T) {
	onceOffline(t, func(b *bench) {
		s := b.example()
		b.writeSnapshot("tenant.json", s)
		b.snapshot("tenant.json", sources, guard())
		b.plan(2)
		b.apply()
		for _, u := range s.Entra["users"].([]any) {
			if u := u.(map[string]any); u["id"] == bobID {
				u["accountEnabled"] = false
			}
		}
		b.writeSnapshot("tenant.json", s)
		b.snapshot("tenant.json", sources, guard(`  scope { groups = ["Atlassian users"] }`))
		p := b.plan(2)
		// Lynne, the guest, is now in scope by child groups alone, which is only
		// inferred; and a group goes, which they and others were in.
		want := map[string]int{"left.drift": 1, "groups.this_plan": 2}
		if got := counts(p.after(outcome, "changes")); !reflect.DeepEqual(got, want) {
			b.Errorf("%v instead of %v", got, want)
		}
		b.says(p.Output, "left (deleted or disabled): 1 (drift): bob.nyberg@company.com")
		b.apply()
		b.Plan(0)
	})
}

// With identify_users_by = "id" nobody is named: not in the plan's text, nor in what the
// state shows, nor in warnings and errors.
func TestNamesByID(t *testing.T) {
	onceOffline(t, func(b *bench) {
		s := b.example()
		var secret []string
		for _, u := range s.Entra["users"].([]any) {
			u := u.(map[string]any)
			for _, p := range []string{"userPrincipalName", "mail", "displayName"} {
				if v, _ := u[p].(string); v != "" {
					secret = append(secret, v)
				}
			}
		}
		b.writeSnapshot("tenant.json", s)
		wantNoNames := func(what, text string) {
			b.Helper()
			flat := flatten(text)
			for _, n := range secret {
				if strings.Contains(flat, n) {
					b.Errorf("%s: %s names %s:\n%s", b.CLI.Name, what, n, text)
					return
				}
			}
		}
		visible := func() string {
			b.Helper()
			a := maps.Clone(b.attributes(outcome))
			delete(a, "accepted")
			raw, err := json.Marshal(a)
			b.Must(err)
			return string(raw)
		}
		lines := []string{
			`  identify_users_by = "id"`,
			`  show = "all"`,
			`  watch_groups = ["*"]`,
			fmt.Sprintf(`  guardrails {
    max_lost = 0
    must_sync = [%q]
    on_plan = "warn"
  }`, bobID),
		}
		b.snapshot("tenant.json", sources, guard(lines...))
		wantNoNames("the create's plan", b.plan(2).Output)
		wantNoNames("the apply", b.apply().Output)
		wantNoNames("the state", visible())
		wantNoNames("show", b.Do(0, "state", "show", "-no-color", outcome).Output)

		// Losses of each kind, a violated guardrail, and a what-if by name.
		for _, u := range s.Entra["users"].([]any) {
			switch u := u.(map[string]any); u["userPrincipalName"] {
			case lynne:
				u["userType"] = "Member"
			case bob:
				u["accountEnabled"] = false
			case hannah:
				u["mail"] = "h.keller@company.com"
			}
		}
		secret = append(secret, "h.keller@company.com")
		b.writeSnapshot("tenant.json", s)
		b.snapshot("tenant.json", sources, guard(append(lines, `  what_if {
    user_types = jsonencode({ "13837514-2377-4953-a708-242bb3d1c394" = "Guest" })
    members = { "Sales" = ["c269c813-6367-4a6c-a048-de31ef2cf246"] }
  }`)...))
		p := b.plan(2)
		wantNoNames("the drift's plan", p.Output)
		b.says(p.Output, bobID, "Guardrail violated")
		wantNoNames("the apply", b.apply().Output)
		wantNoNames("the state", visible())
		b.snapshot("tenant.json", sources, guard(`  identify_users_by = "id"`, `  guardrails { max_lost = 0 }`))
		wantNoNames("a guardrail's error", b.fails())
	})
}

// Wrong arguments are errors on the attribute, with what was expected.
func TestWrongArguments(t *testing.T) {
	onceOffline(t, func(b *bench) {
		b.writeSnapshot("tenant.json", b.example())
		for _, c := range []struct {
			lines []string
			says  []string
		}{
			{[]string{`  scope { groups = ["atlassian Users"] }`}, []string{"Group not found", "atlassian Users", "scope"}},
			{[]string{`  scope { groups = [] }`}, []string{"scope"}},
			{[]string{`  scope { groups = [""] }`}, []string{"scope"}},
			{[]string{`  scope { everyone = false }`}, []string{"No users in scope", "everyone = true, in the block scope"}},
			{[]string{`  scope {
    groups = ["Sales"]
    everyone = true
  }`}, []string{"Conflicting arguments"}},
			{[]string{`  what_if { user_types = "not json" }`}, []string{"Invalid user types", "what_if"}},
			{[]string{`  what_if { user_types = jsonencode({ "bob.nyberg@company.com" = "guest" }) }`}, []string{"guest", "Guest", "Member", "what_if"}},
			{[]string{`  what_if { user_types = jsonencode({ "nobody@company.com" = "Guest" }) }`}, []string{"User not found", "nobody@company.com", "what_if"}},
			{[]string{`  what_if { user_types = jsonencode({ "s.carter@company.com" = "Guest" }) }`}, []string{"User name is ambiguous", "s.carter@company.com", "26cc07bf-d694-4ba4-aa7d-5b4073927daf", "1276c260-0866-4700-a0a9-d199095880c1"}},
			{[]string{`  what_if { members = { "Sales" = ["nobody@company.com"] } }`}, []string{"User not found", "nobody@company.com"}},
			{[]string{`  what_if { members = { "Marketing" = ["bob.nyberg@company.com"] } }`}, []string{"Group not found", "Marketing"}},
			{[]string{`  what_if { verified_domains = ["not a domain"] }`}, []string{"not a domain", "what_if"}},
			{[]string{`  connector_settings { entra_domains = ["bad domain!"] }`}, []string{"bad domain!", "entra_domains"}},
			{[]string{`  guardrails { must_sync = ["s.carter@company.com"] }`}, []string{"User name is ambiguous", "26cc07bf-d694-4ba4-aa7d-5b4073927daf", "guardrails"}},
			{[]string{`  guardrails { max_lost = -1 }`}, []string{"max_lost"}},
			{[]string{`  guardrails { max_lost_percent = 101 }`}, []string{"max_lost_percent"}},
			{[]string{`  guardrails { on_plan = "ignore" }`}, []string{"on_plan", "error", "warn"}},
			{[]string{`  guardrails { review_when = ["everything"] }`}, []string{"review_when", "uncertain"}},
			{[]string{`  show = "some"`}, []string{"show", "skipped", "all", "summary"}},
			{[]string{`  identify_users_by = "mail"`}, []string{"identify_users_by", "principal_name"}},
			{[]string{`  connector_settings { external_users = "all" }`}, []string{"external_users", "external"}},
			{[]string{`  directory_groups = ["Sales"]`}, []string{"directory_groups"}},
		} {
			b.snapshot("tenant.json", sources, guard(c.lines...))
			out := b.fails()
			b.tidy(out)
			b.says(out, c.says...)
			b.show("%v\n%s", c.lines, out)
		}
		// A connector whose job wasn't read, and one that never was.
		for connector, says := range map[string][]string{"atlassian_scim": {"service_principals"}, "okta": {"connector", "atlassian_nested_groups", "okta"}} {
			b.snapshot(
				"tenant.json",
				sources,
				strings.ReplaceAll(guard(), `"atlassian_nested_groups"`, `"`+connector+`"`),
			)
			b.says(b.fails(), says...)
		}
		// Readings of the wrong kind, damaged, or none.
		for _, c := range []struct{ directory, organization, says string }{
			{"data.usersync_organization.main.reading", "data.usersync_organization.main.reading", "directory"},
			{"data.usersync_directory.now.reading", "data.usersync_directory.now.reading", "organization"},
			{`"hello"`, "data.usersync_organization.main.reading", "directory"},
			{`""`, "data.usersync_organization.main.reading", "directory"},
			{"null", "data.usersync_organization.main.reading", "directory"},
			{"substr(data.usersync_directory.now.reading, 0, 200)", "data.usersync_organization.main.reading", "directory"},
			{`replace(data.usersync_directory.now.reading, "a", "b")`, "data.usersync_organization.main.reading", "directory"},
		} {
			text := strings.Replace(guard(), "data.usersync_directory.now.reading", c.directory, 1)
			text = strings.Replace(text, "= data.usersync_organization.main.reading", "= "+c.organization, 1)
			b.snapshot("tenant.json", sources, text)
			out := b.fails()
			b.tidy(out)
			b.says(out, c.says)
			b.show("%s, %s\n%s", c.directory, c.organization, out)
		}
	})
}
