package acceptance

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

// list is a part of a snapshot.
func (s *snapshot) list(part string) []any {
	l, _ := s.Entra[part].([]any)
	return l
}

// addUser adds a user with these properties, and to a group by name.
func (s *snapshot) addUser(group string, properties map[string]any) {
	u := map[string]any{
		"displayName":    "Somebody",
		"userType":       "Member",
		"accountEnabled": true,
		"mail":           nil,
		"otherMails":     []any{},
	}
	maps.Copy(u, properties)
	s.Entra["users"] = append(s.list("users"), u)
	if group != "" {
		s.addMember(group, "user", u["id"].(string))
	}
}

func (s *snapshot) group(name string) map[string]any {
	for _, g := range s.list("groups") {
		if g := g.(map[string]any); g["displayName"] == name {
			return g
		}
	}
	panic("no group " + name)
}

func (s *snapshot) addMember(group, kind, id string) {
	g := s.group(group)
	members, _ := g["members"].([]any)
	g["members"] = append(members, map[string]any{"@odata.type": "#microsoft.graph." + kind, "id": id})
}

func (s *snapshot) addGroup(under, id, name string) {
	s.Entra["groups"] = append(
		s.list("groups"),
		map[string]any{"id": id, "displayName": name, "securityEnabled": true, "members": []any{}},
	)
	if under != "" {
		s.addMember(under, "group", id)
	}
}

// A group name that several groups have is an error with their ids; the id
// itself is the way out.
func TestGroupNames(t *testing.T) {
	const twin = "0b6df0a7-7f96-44b7-ac57-000000000000"
	once(t, func(b *bench) {
		b.groupPut(`{"id":"` + twin + `","displayName":"Sales","securityEnabled":true,"members":[]}`)
		b.live(sources, guard(`  scope { groups = ["Sales"] }`))
		out := b.fails()
		b.show("%s", out)
		b.says(out, "Group name is ambiguous", twin, sales)
		b.live(strings.Replace(sources, "{}", `{ groups = ["Sales"] }`, 1), guard(`  scope { groups = ["Sales"] }`))
		out = b.fails()
		b.show("%s", out)
		b.says(out, "Group name is ambiguous", twin, sales, "scope.groups")
		b.live(
			strings.Replace(sources, "{}", `{ groups = ["sales", "Salesforce"] }`, 1),
			guard(`  scope { groups = ["Sales"] }`),
		)
		out = b.fails()
		b.show("%s", out)
		b.says(out, "Groups not found", "Salesforce, sales", "exact", `No group "Sales"`)
		// A reading that is narrower than the scope.
		b.live(
			strings.Replace(sources, "{}", `{ groups = ["Finance"] }`, 1),
			guard(`  scope { groups = ["Leadership"] }`),
		)
		out = b.fails()
		b.show("%s", out)
		b.says(
			out,
			"Group not found",
			"Leadership",
			`limited to some groups (the argument "groups" of usersync_directory)`,
		)
		b.live(strings.Replace(sources, "{}", `{ groups = ["Finance"] }`, 1), guard(`  scope { everyone = true }`))
		out = b.fails()
		b.show("%s", out)
		b.says(
			out,
			"Everyone needs a reading of the whole tenant",
			`remove the argument "groups" of usersync_directory`,
		)
		// By id. With the twin in the reading, the name alone isn't enough.
		b.live(sources, guard(`  scope { groups = ["`+sales+`"] }`))
		p := b.plan(2)
		b.says(p.Output, `"Sales (`+sales+`)" = 7`)
		b.live(
			strings.Replace(sources, "{}", `{ groups = ["`+sales+`"] }`, 1),
			guard(`  scope { groups = ["`+sales+`"] }`),
		)
		b.plan(2)
		b.apply()
		b.Plan(0)
		// Once accepted, identity is the id.
		b.groupPut(`{"id":"` + sales + `","displayName":"Revenue"}`)
		p = b.plan(2)
		if got := counts(p.after(outcome, "changes")); got["groups.drift"] != 1 || len(got) != 1 {
			b.Errorf("a renamed scope group counts %v", got)
		}
	})
}

// A scope group that is renamed after it was accepted under its name stays in
// scope, and the configuration goes on to work.
func TestScopeGroupRenamed(t *testing.T) {
	once(t, func(b *bench) {
		b.live(sources, guard(`  scope { groups = ["Sales"] }`))
		b.plan(2)
		b.apply()
		b.groupPut(`{"id":"` + sales + `","displayName":"Revenue"}`)
		p := b.plan(2)
		b.show("%s", p.Output)
		b.tidy(p.Output)
		if got := counts(p.after(outcome, "changes")); got["groups.drift"] != 1 || len(got) != 1 {
			b.Errorf("a renamed scope group counts %v", got)
		}
		b.apply()
		b.Plan(0)
		b.live(sources, guard(`  scope { groups = ["Revenue"] }`))
		p = b.plan(2)
		if got := counts(p.after(outcome, "changes")); len(got) != 0 {
			b.Errorf("the new name in the configuration counts %v", got)
		}
		b.apply()
		b.Plan(0)
		// It is deleted.
		b.Must(b.Server.DeleteObject(sales, false))
		p = b.plan(2)
		b.show("%s", p.Output)
		b.says(
			p.Output,
			"name_moved",
			`scope.groups: "Revenue" (object id `+sales+" isn't in the tenant any more)",
			"lost: 7 (drift)",
		)
		if s := p.severity(outcome); s != "blocked" {
			b.Errorf("severity %s", s)
		}
	})
}

func TestEmptyTenant(t *testing.T) {
	onceOffline(t, func(b *bench) {
		s := &snapshot{
			Version: 1,
			Entra: map[string]any{
				"tenant_id": "11111111-2222-4333-8444-555555555555",
				"domains":   []any{},
				"users":     []any{},
				"groups":    []any{},
			},
			Organizations: map[string]map[string]any{"main": {"organization_id": "o", "domains": []any{}}},
		}
		b.writeSnapshot("tenant.json", s)
		b.snapshot("tenant.json", sources, guard(`  scope { everyone = true }`))
		p := b.plan(2)
		b.show("%s", p.Output)
		b.tidy(p.Output)
		b.says(p.Output, "Directory without users")
		if d := p.after(outcome, "decisions"); d != "{}" {
			b.Errorf("decisions are %v", d)
		}
		b.apply()
		b.Plan(0)
		b.snapshot("tenant.json", sources, guard())
		b.says(b.fails(), "Group not found", "Atlassian users")
	})
}

// A group that contains itself, a user without principal name, and two with
// the same one.
func TestOddTenants(t *testing.T) {
	onceOffline(t, func(b *bench) {
		s := b.example()
		s.addMember("Sales", "group", sales)
		s.addUser(
			"Sales",
			map[string]any{
				"id":                "eeeeeeee-0000-4000-8000-000000000001",
				"userPrincipalName": nil,
				"mail":              "nobody.knows@company.com",
			},
		)
		s.addUser("Sales", map[string]any{"id": "eeeeeeee-0000-4000-8000-000000000002", "userPrincipalName": nil})
		s.addUser(
			"Sales",
			map[string]any{
				"id":                "eeeeeeee-0000-4000-8000-000000000003",
				"userPrincipalName": "twin@company.com",
				"mail":              "twin.one@company.com",
			},
		)
		s.addUser(
			"Sales",
			map[string]any{
				"id":                "eeeeeeee-0000-4000-8000-000000000004",
				"userPrincipalName": "twin@company.com",
				"mail":              "twin.two@company.com",
			},
		)
		b.writeSnapshot("tenant.json", s)
		b.snapshot("tenant.json", sources, guard(`  show = "all"`))
		p := b.plan(2)
		b.tidy(p.Output)
		d := b.decisions(p.after(outcome, "decisions"))
		for id, want := range map[string]string{"1": "sync: domain_verified", "2": "skip: no_usable_address", "3": "sync: domain_verified", "4": "sync: domain_verified"} {
			if got := d["eeeeeeee-0000-4000-8000-00000000000"+id]; !strings.HasPrefix(got, want) {
				b.Errorf("user %s is %q, not %s", id, got, want)
			}
		}
		b.apply()
		b.Plan(0)
		b.snapshot("tenant.json", sources, guard(`  show = "all"`, `  guardrails { must_sync = ["twin@company.com"] }`))
		b.says(b.fails(), "User name is ambiguous", "eeeeeeee-0000-4000-8000-000000000003")
		b.snapshot("tenant.json", sources, guard(`  show = "all"`), `
output "why" {
  value     = provider::usersync::explain(data.usersync_directory.now.reading, data.usersync_organization.main.reading, usersync_outcome.guard.settings, "eeeeeeee-0000-4000-8000-000000000002")
  sensitive = true
}
`)
		b.Apply()
		if why := string(b.outputs()["why"]); !strings.Contains(why, "no_usable_address") {
			b.Errorf("%s", why)
		}
	})
}

// adversarial are names that a tenant may hold.
var adversarial = []string{
	`O'Brien "the boss"`,
	"two\nlines\r\nand\ttab",
	"bell\a null\x00 escape\x1b[31mred\x1b[0m",
	"emoji 👩‍👩‍👧‍👦 family",
	"\u202egnirts\u202c \u200bzero",
	`${path.module}`,
	`%{ if true }x%{ endif }`,
	`$${x} %%{y}`,
	`<script>alert("1")</script>`,
	"| a | b |",
	"[link](https://evil.example)",
	"`code` *bold* @everyone #1",
	"\u2028line\u2029paragraph",
	strings.Repeat("long ", 60),
	"\\u0041 \\n",
	" leading and trailing ",
	"\uFEFFbom",
	"e\u0301 and \u00e9",
	"שלום עולם",
	"مرحبا",
}

// Names that try to break the text around them: in the plan, in warnings, in
// the report and in the state they are data.
func TestAdversarialNames(t *testing.T) {
	onceOffline(t, func(b *bench) {
		s := b.example()
		for i, name := range adversarial {
			id := fmt.Sprintf("eeeeeeee-0000-4000-8000-0000000001%02d", i)
			s.addGroup("Sales", fmt.Sprintf("ffffffff-0000-4000-8000-0000000001%02d", i), name)
			s.addUser(
				name,
				map[string]any{
					"id":                id,
					"displayName":       name,
					"userPrincipalName": name + "@company.com",
					"mail":              fmt.Sprintf("adversarial%d@company.com", i),
				},
			)
		}
		b.writeSnapshot("tenant.json", s)
		b.snapshot("tenant.json", sources, guard(`  show = "all"`, `  watch_groups = ["*"]`))
		clean := func(what, text string) {
			b.Helper()
			for _, r := range []rune{0, 7, 0x1b, 0x202e, 0x200b, 0x2028} {
				if at := strings.IndexRune(text, r); at >= 0 {
					b.Errorf("%s holds a raw %U: %q", what, r, text[max(0, at-80):min(len(text), at+80)])
				}
			}
		}
		p := b.plan(2)
		b.tidy(p.Output)
		d := b.decisions(p.after(outcome, "decisions"))
		for _, name := range adversarial {
			if got := d[strings.ReplaceAll(name, "e\u0301", "\u00e9")+"@company.com"]; got != "sync: domain_verified (company.com, managed, inferred)" {
				b.Errorf("%q is %q", name, got)
			}
		}
		clean("the plan's text", p.Output)
		clean("the apply's text", b.apply().Output)
		b.Plan(0)

		// All of them leave their groups, and the groups their tree.
		for _, u := range s.list("users") {
			if u := u.(map[string]any); strings.HasPrefix(u["id"].(string), "eeeeeeee-0000-4000-8000-0000000001") {
				u["mail"] = strings.Replace(u["mail"].(string), "company.com", "legacy.company.com", 1)
			}
		}
		b.writeSnapshot("tenant.json", s)
		b.snapshot(
			"tenant.json",
			sources,
			guard(`  show = "all"`, `  watch_groups = ["*"]`, `  guardrails { max_lost = 3 }`),
		)
		p = b.plan(2)
		b.show("%s", p.Output)
		b.tidy(p.Output)
		clean("the plan's text", p.Output)
		b.says(p.Output, "lost: ", fmt.Sprintf("%d users would no longer sync", len(adversarial)))
		markdown := p.after(outcome, "changes_markdown").(string)
		b.show("%s", markdown)
		clean("changes_markdown", markdown)
		for _, bad := range []string{"<script>", "](https://evil", "@everyone", "| a | b |", "*bold*", "`code`"} {
			if strings.Contains(markdown, bad) {
				b.Errorf("changes_markdown holds %q unescaped:\n%s", bad, markdown)
			}
		}
		if len([]rune(markdown)) > 60_000 {
			b.Errorf("changes_markdown has %d characters", len([]rune(markdown)))
		}
		b.apply()
		b.Plan(0)
		// As an error.
		b.snapshot(
			"tenant.json",
			sources,
			guard(`  scope { groups = ["Finance"] }`, `  guardrails { max_groups_lost = 0 }`),
		)
		out := b.fails()
		clean("the error", out)
	})
}

// The CLIs normalize what a configuration says to NFC; a tenant needn't.
func TestDecomposedNames(t *testing.T) {
	onceOffline(t, func(b *bench) {
		s := b.example()
		s.addGroup("", "ffffffff-0000-4000-8000-000000000200", "E\u0301quipe")
		s.addUser(
			"E\u0301quipe",
			map[string]any{
				"id":                "eeeeeeee-0000-4000-8000-000000000200",
				"userPrincipalName": "rene\u0301@company.com",
				"mail":              "rene@company.com",
			},
		)
		b.writeSnapshot("tenant.json", s)
		b.snapshot(
			"tenant.json",
			sources,
			guard(
				`  scope { groups = ["Équipe"] }`,
				`  guardrails { must_sync = ["rené@company.com"] }`,
				`  show = "all"`,
			),
		)
		b.plan(2)
		b.apply()
		b.Plan(0)
	})
}

// Members whom the app can't read are unknown, never lost.
func TestHiddenMembership(t *testing.T) {
	hidden := []string{"sofia.almeida@company.com", "chloe.dubois@company.com"}
	once(t, func(b *bench) {
		below := strings.Replace(sources, "{}", `{ groups = ["Sales"] }`, 1)
		lines := []string{`  scope { groups = ["Sales"] }`, `  guardrails {
    max_lost = 0
    on_drift = "error"
  }`}
		b.live(below, guard(lines...))
		b.plan(2)
		b.apply()
		b.Must(b.Server.SetUnreadable(true, hidden...))
		// Who is read with the whole tenant is known by the id alone.
		b.live(sources, guard(lines...))
		b.Plan(0)
		b.live(below, guard(lines...))
		p := b.plan(2)
		b.show("%s", p.Output)
		b.tidy(p.Output)
		changes := counts(p.after(outcome, "changes"))
		if changes["lost.drift"] != 0 || changes["uncertain.drift"] != 2 {
			b.Errorf("hidden members count as %v", changes)
		}
		if s := p.severity(outcome); s != "review" {
			b.Errorf("severity %s", s)
		}
		b.says(
			p.Output,
			"unknown: members_unreadable",
			"uncertain (synced, now unknown)",
			"Sales",
			hidden[0],
			hidden[1],
			"Member.Read.Hidden",
		)
		b.apply()
		b.Plan(0)
		b.Must(b.Server.SetUnreadable(false, hidden...))
		p = b.plan(2)
		b.says(p.Output, "known again, as before: 2: "+hidden[1])
		if got := counts(p.after(outcome, "changes")); len(got) != 0 || p.severity(outcome) != "auto" {
			b.Errorf("readable again counts %v, severity %s", got, p.severity(outcome))
		}
		b.apply()
		b.Plan(0)
	})
}
