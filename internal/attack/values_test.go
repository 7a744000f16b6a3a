package attack

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
)

// try plans once and answers what it says. A provider that breaks is an error.
func (b *bench) try(promise string) *night {
	b.Helper()
	r, err := b.Workspace.Run(b.Context(), "plan", "-no-color", "-input=false")
	b.Must(err)
	saysNot(
		b,
		promise,
		r.Output,
		"panic:",
		"Please report",
		"always an error in the provider",
		"inconsistent",
		"Plugin did not respond",
	)
	return &night{b: b, Result: r}
}

// refused: an error of ours that names these.
func (b *bench) refused(promise string, words ...string) {
	b.Helper()
	n := b.try(promise)
	if n.Code == 0 {
		b.Errorf("BROKEN: %s: it is planned:\n%s", promise, n.Output)
	}
	n.says(promise, words...)
}

// Patterns that take longer than any limit of time, and some that only a slow
// engine finds slow.
func TestAttack_06_Patterns(t *testing.T) {
	t.Parallel()
	const (
		promise = "a filter that can't be evaluated is never filtered out"
		linear  = `^(a+)+$`
		ahead   = `^(?=(a+)+$)a+`
	)
	long := strings.Repeat("a", 60) + "!"
	filter := func(operator, pattern string) string {
		return fmt.Sprintf(
			`{ any_of = [{ name = "g", all_of = [{ attribute = "displayName", operator = %q, values = [%q] }] }] }`,
			operator,
			pattern,
		)
	}
	function := func(operator, pattern string) string {
		return fmt.Sprintf(
			`output "o" { value = provider::usersync::in_scope(%s, { displayName = %q }) }`,
			filter(operator, pattern),
			long,
		)
	}
	policy := func(operator, pattern string) string {
		return policyOf(fmt.Sprintf(`rule {
  name = "r"
  user_type = "Guest"

  match {
    users = [%q]
    filter = %s
  }
}`, amara, filter(operator, pattern)))
	}
	for name, c := range map[string]struct {
		config string
		fails  bool
		want   []string
	}{
		"NotMatchesLinear": {function("NOT REGEX MATCH", linear), false, []string{"= true"}},
		"LookAhead":        {function("REGEX MATCH", ahead), true, []string{"steps"}},
		"NotLookAhead":     {function("NOT REGEX MATCH", ahead), true, []string{"steps"}},
		"PolicyLinear":     {policy("NOT REGEX MATCH", linear), false, []string{"Member, policy says Guest"}},
		"PolicyLookAhead":  {policy("NOT REGEX MATCH", ahead), true, []string{"steps", amara}},
		"PolicyMatches":    {policy("REGEX MATCH", ahead), true, []string{"steps", amara}},
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(b *bench) {
				b.save(b.example().edit("displayName", long, amara))
				b.configure(strings.Replace(c.config, `"now" {}`, `"now" { attributes = ["displayName"] }`, 1))
				n := b.try(promise)
				if (n.Code != 0) != c.fails {
					b.Errorf("BROKEN: %s:\n%s", promise, n.Output)
				}
				n.says(promise, c.want...)
			})
		})
	}
}

// Values that no argument has in mind: an answer of ours, and no crash.
func TestAttack_07_Values(t *testing.T) {
	t.Parallel()
	const promise, null, whole = "every value gets a plan or an error that names its argument", "must not contain null", "whole number"
	match := func(m string) string {
		return policyOf(`rule {
  name = "r"
  user_type = "Guest"

  match {
    ` + m + `
  }
}`)
	}
	data := func(of, lines string) string {
		if of != "directory" {
			lines = "connector = \"atlassian_nested_groups\"\n  " + lines
		}
		return "data \"usersync_" + of + "\" \"d\" {\n  " + lines + "\n}\n"
	}
	const everyone = "scope { everyone = true }\n  "
	for name, c := range map[string]struct {
		config string
		words  []string
	}{
		"MembersEmpty":     {guard(`what_if { members = { "Sales" = [] } }`), nil},
		"MembersNull":      {guard(`what_if { members = { "Sales" = null } }`), nil},
		"MembersOfNull":    {guard(`what_if { members = { "Sales" = [null] } }`), []string{null, "members"}},
		"DecisionsMembers": {data("decisions", everyone+`what_if { members = { "Sales" = [] } }`), nil},
		"DecisionMembers": {data("decision", everyone+"user = \""+amara+"\"\n  what_if { members = { \"Sales\" = "+
			"[] } }"), nil},
		"DecisionMembersNull": {data("decision", everyone+"user = \""+amara+"\"\n  what_if { members = { \"Sales\" = "+
			"[null] } }"), []string{null, "members"}},
		"ScopeOfNull":       {guard(`scope { groups = ["Sales", null] }`), []string{null, "scope.groups"}},
		"WatchOfNull":       {guard(`watch_groups = [null]`), []string{null, "watch_groups"}},
		"DomainsOfNull":     {guard(`connector_settings { entra_domains = [null] }`), []string{null, "entra_domains"}},
		"VerifiedOfNull":    {guard(`what_if { verified_domains = [null] }`), []string{null, "verified_domains"}},
		"MappingsOfNull":    {guard(`what_if { mappings = [null] }`), []string{null, "mappings"}},
		"CrossTenantOfNull": {guard(`what_if { cross_tenant = [null] }`), []string{null, "cross_tenant"}},
		"MustSyncOfNull":    {limits(`must_sync = [null]`), []string{null, "must_sync"}},
		"MustNotSyncOfNull": {limits(`must_not_sync = [null]`), []string{null, "must_not_sync"}},
		"ReviewWhenOfNull":  {limits(`review_when = [null]`), []string{null, "review_when"}},
		"GroupsOfNull":      {data("directory", `groups = [null]`), []string{null, "groups"}},
		"AttributesOfNull":  {data("directory", `attributes = [null]`), []string{null, "attributes"}},
		"PrincipalsOfNull":  {data("directory", `service_principals = [null]`), []string{null, "service_principals"}},
		"ReportScopeOfNull": {data("report", `scope { groups = [null] }`), []string{null, "groups"}},
		"UsersOfNull":       {match(`users = [null]`), []string{null, "users"}},
		"MatchGroupsOfNull": {match(`groups = [null]`), []string{null, "groups"}},
		"HomeDomainsOfNull": {match(`home_domains = [null]`), []string{null, "home_domains"}},
		"CreationOfNull":    {match(`creation_types = [null]`), []string{null, "creation_types"}},
		"FilterOfNull":      {match(`filter = { any_of = [null] }`), []string{null, "any_of"}},
		"MaxLostHalf":       {limits("max_lost = 1.5"), []string{whole, "max_lost", "1.5"}},
		"MaxLostHuge":       {limits("max_lost = 1e30"), []string{whole, "max_lost"}},
		"MaxGroupsLostHuge": {limits("max_groups_lost = 99999999999999999999"), []string{whole, "max_groups_lost"}},
		"MaxChangesHalf":    {policyOf("max_changes = 2.5"), []string{whole, "max_changes"}},
		"WaveSizeHuge":      {policyOf("wave_size = 1e40"), []string{whole, "wave_size"}},
		"MaxFixesHalf":      {data("report", everyone+"max_fixes = 0.1"), []string{whole, "max_fixes"}},
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(b *bench) {
				b.save(b.example())
				b.configure(c.config)
				if c.words != nil {
					b.refused(promise, c.words...)
				} else if n := b.try(promise); n.Code != 0 {
					b.Errorf("BROKEN: %s: nothing is nothing:\n%s", promise, n.Output)
				}
			})
		})
	}
}

// policyOf is a policy that audits.
func policyOf(lines string) string {
	return sources + `
resource "usersync_user_type_policy" "p" {
  directory = data.usersync_directory.now.reading
  ` + lines + `
}
`
}

// synced shows how many sync in a plan.
const synced = `output "o" { value = usersync_outcome.guard.summary.synced }`

// Files that people save from PowerShell, or as Graph answered.
func TestAttack_14_Snapshots(t *testing.T) {
	t.Parallel()
	const promise = "what people save is read, or an error says how to save it"
	wide := func(s string, high bool) string {
		var out strings.Builder
		for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
			pair := []byte{byte(u), byte(u >> 8)}
			if high {
				pair[0], pair[1] = pair[1], pair[0]
			}
			out.Write(pair)
		}
		return out.String()
	}
	for name, change := range map[string]func(b *bench, raw string) string{
		"LittleEndian":  func(_ *bench, raw string) string { return wide(raw, false) },
		"BigEndian":     func(_ *bench, raw string) string { return wide(raw, true) },
		"ByteOrderMark": func(_ *bench, raw string) string { return "\ufeff" + raw },
		"CapitalizedKeys": func(_ *bench, raw string) string {
			for _, k := range []string{"id", "userPrincipalName", "mail", "userType", "accountEnabled", "displayName"} {
				raw = strings.ReplaceAll(raw, `"`+k+`":`, `"`+strings.ToUpper(k[:1])+k[1:]+`":`)
			}
			return raw
		},
		"RawAnswer": func(b *bench, _ string) string {
			s := b.example()
			s.doc["entra"].(map[string]any)["users"] = map[string]any{"@odata.context": "x", "value": s.list("users")}
			return string(s.bytes(b))
		},
		"RawAnswerAlone": func(b *bench, _ string) string {
			raw, err := json.Marshal(map[string]any{"@odata.context": "x", "value": b.example().list("users")})
			b.Must(err)
			return string(raw)
		},
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(b *bench) {
				b.Write("tenant.json", change(b, string(b.example().bytes(b))))
				b.configure(guard(), synced)
				n := b.try(promise)
				out := flatten(n.Output)
				helps := strings.Contains(out, "UTF-8") || strings.Contains(out, "ConvertTo-Json") ||
					strings.Contains(out, "answer of Graph") ||
					strings.Contains(out, "Save ")
				if n.Code == 0 && !strings.Contains(out, "= 31") || n.Code != 0 && !helps {
					b.Errorf("BROKEN: %s:\n%s", promise, n.Output)
				}
			})
		})
	}
}

// Users of whom a file says less than it seems.
func TestAttack_14_Users(t *testing.T) {
	t.Parallel()
	const promise = "a spelling of userType, or a property that only some carry, isn't silent"
	without := func(key string) func(s *tenant) {
		return func(s *tenant) {
			for _, n := range six {
				delete(s.user(n), key)
			}
		}
	}
	spelled := func(as string) func(s *tenant) {
		return func(s *tenant) {
			s.edit(
				"userType",
				as,
				"anita.sharma_partner.example#EXT#@company.onmicrosoft.com",
				"marcus.reed_partner.example#EXT#@company.onmicrosoft.com",
			)
		}
	}
	for name, c := range map[string]struct {
		does func(s *tenant)
		word string
	}{
		"LowerCase": {spelled("guest"), "userType"},
		"Capitals":  {spelled("GUEST"), "userType"},
		"SomeMail":  {without("mail"), "mail"},
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(b *bench) {
				s := b.example()
				c.does(s)
				b.save(s)
				b.configure(guard(), synced)
				_, notes, _ := strings.Cut(b.try(promise).Output, "Changes to Outputs")
				n := flatten(notes)
				if !strings.Contains(n, c.word) && (c.word == "mail" || !strings.Contains(n, "= 31")) {
					b.Errorf("BROKEN: %s:\n%s", promise, notes)
				}
			})
		})
	}
}

// Small values that were taken without a word.
func TestAttack_14_Small(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config string
		words  []string
	}{
		"TimeoutOfNothing": {policyOf("timeouts = { create = \"0s\" }"), []string{"timeouts", "0s"}},
		"TimeoutNegative":  {policyOf("timeouts = { update = \"-5m\" }"), []string{"timeouts", "-5m"}},
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(b *bench) {
				b.save(b.example())
				b.configure(c.config)
				b.refused("a value that can't be meant is refused", c.words...)
			})
		})
	}
}

// Settings of an outcome of another tenant, explained on this one's readings.
func TestAttack_14_ExplainOthers(t *testing.T) {
	attack(t, func(b *bench) {
		s := b.example()
		b.accept(s, guard())
		b.configure(guard(), fmt.Sprintf(`
output "o" {
  value = nonsensitive(provider::usersync::explain(data.usersync_directory.now.reading,
    data.usersync_organization.main.reading,
    replace(usersync_outcome.guard.settings, %q, "99999999-5b1d-4c7e-9a52-7d0c9be01a11"), %q).verdict)
}`, s.doc["entra"].(map[string]any)["tenant_id"], amara))
		b.refused("explain with another outcome's settings is an error", "tenant")
	})
}
