package acceptance

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// People and groups of the example tenant (examples/tenant/company.json).
const (
	adele  = "adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com"
	alex   = "alex.wilber_fabrikam.example#EXT#@company.onmicrosoft.com"
	lynne  = "lynne.robbins_fabrikam.example#EXT#@company.onmicrosoft.com"
	bobID  = "ff658659-b760-4c03-aedf-8940f076b886"
	bob    = "bob.nyberg@company.com"
	hannah = "hannah.keller@company.com"
	nadia  = "nadia.petrova@company.com"
	grace  = "grace.mensah@eng.company.com"
	clara  = "clara.jensen@company.com"
	nora   = "nora.lund@company.com"

	sales    = "0b6df0a7-7f96-44b7-ac57-23890162878b"
	finance  = "0fc3de73-e54c-4ef1-a3e5-7c0af5227f96"
	people   = "bb197e76-7700-457b-adfa-a5abe43108c1"
	allStaff = "baa457cc-8872-403f-a2e0-1058493070ec"
)

// user changes a user as somebody in the portal would, or as Entra itself does.
func (b *bench) user(properties string) {
	b.Helper()
	_, err := b.Server.PutUser([]byte(properties))
	b.Must(err)
}

func (b *bench) groupPut(properties string) {
	b.Helper()
	_, err := b.Server.PutGroup([]byte(properties))
	b.Must(err)
}

// maskedChanges: the counts of what was accepted, beside this time's, would mislead
// who reads the screen.
var maskedChanges = regexp.MustCompile(`~ changes +(= \(sensitive value\)|\{\s+# At least one attribute)`)

// Whatever moves in the tenant or the organization, for users in scope, shows
// in the next plan as drift of the right kind, is accepted by an apply, and
// leaves an empty plan.
func TestDriftOfEveryKind(t *testing.T) {
	each(t, func(b *bench) {
		b.live(sources, guard())
		p := b.plan(2)
		if c := counts(
			p.after(outcome, "changes"),
		); !reflect.DeepEqual(c, map[string]int{"joined.this_plan": 31}) ||
			p.severity(outcome) != "review" {
			b.Errorf("the create counts %v, %s", c, p.severity(outcome))
		}
		b.apply()
		b.says(b.Plan(0).Output, "No changes.")

		for _, step := range []struct {
			what     string
			move     func()
			counts   map[string]int
			severity string
			says     []string
			user     string // whose decision
			decision string // afterwards, "" where it isn't listed
		}{
			{"a user who isn't in scope", func() {
				b.user(`{"userPrincipalName":"nora.lund@company.com","displayName":"Nora Lund","mail":"nora.lund@company.com","userType":"Member","accountEnabled":true}`)
			}, nil, "", nil, "", ""},
			{"added to a group", func() { b.Must(b.Server.AddMember(sales, nora)) },
				map[string]int{"joined.drift": 1}, "auto", nil, nora, ""},
			{"removed from the group", func() { b.Must(b.Server.RemoveMember(sales, nora)) },
				map[string]int{"lost.drift": 1}, "review",
				[]string{"Who syncs by atlassian_nested_groups: 32 -> 31 of", "lost: 1 (drift): nora.lund@company.com (sync: domain_verified -> not in scope)", "the next sync takes it to Atlassian, whether or not this plan is applied.", "Expected effect on nora.lund@company.com: leaves the synced groups at the next sync"}, nora, ""},
			{"added again", func() { b.Must(b.Server.AddMember(sales, nora)) },
				map[string]int{"joined.drift": 1}, "auto", nil, nora, ""},
			{"disabled", func() { b.user(`{"userPrincipalName":"nora.lund@company.com","accountEnabled":false}`) },
				map[string]int{"left.drift": 1}, "auto", []string{"left (deleted or disabled): 1 (drift): " +
					"nora.lund@company.com"}, nora, "skip: account_disabled (company.com, managed, inferred)"},
			{"enabled again", func() { b.user(`{"userPrincipalName":"nora.lund@company.com","accountEnabled":true}`) },
				map[string]int{"gained.drift": 1}, "review", nil, nora, ""},
			{"deleted", func() { b.Must(b.Server.DeleteObject(nora, true)) },
				map[string]int{"left.drift": 1}, "auto", []string{"left (deleted or disabled): 1 (drift): " +
					"nora.lund@company.com"}, nora, ""},
			{"renamed", func() { b.user(`{"id":"` + bobID + `","userPrincipalName":"robert.nyberg@company.com"}`) },
				map[string]int{"renamed.drift": 1}, "auto", nil, bob, ""},
			{"moved to another group", func() {
				b.Must(b.Server.RemoveMember(finance, nadia))
				b.Must(b.Server.AddMember(people, nadia))
			}, map[string]int{"groups.drift": 1}, "review", nil, nadia, ""},
			{"a guest made a member", func() { b.user(`{"userPrincipalName":"` + lynne + `","userType":"Member"}`) },
				map[string]int{"lost.drift": 1}, "review", []string{"lost: 1 (drift): " + lynne}, lynne, "skip: external_member (fabrikam.example, Member, reported)"},
			{"a member made a guest", func() { b.user(`{"userPrincipalName":"` + alex + `","userType":"Guest"}`) },
				map[string]int{"gained.drift": 1}, "review", nil, alex, ""},
			{"a mail on the same domain", func() { b.user(`{"userPrincipalName":"` + hannah + `","mail":"h.keller@company.com"}`) },
				map[string]int{"renamed.drift": 1}, "auto", nil, hannah, ""},
			{"a mail on a domain that isn't verified", func() { b.user(`{"userPrincipalName":"` + hannah + `","mail":"hannah.keller@legacy.company.com"}`) },
				map[string]int{"lost.drift": 1}, "review", []string{"lost: 1 (drift): " + hannah}, hannah,
				"skip: domain_not_verified (legacy.company.com, inferred); warning: mail_upn_domain_differ"},
			{"the old mail", func() { b.user(`{"userPrincipalName":"` + hannah + `","mail":"hannah.keller@company.com"}`) },
				map[string]int{"gained.drift": 1}, "review", nil, hannah, ""},
			{"a claim that will expire", func() { b.Must(b.Server.SetDomainClaim("main", "eng.company.com", "missing_token")) },
				map[string]int{"reason.drift": 7}, "auto", nil, grace, ""},
			{"a claim gone", func() { b.Must(b.Server.RemoveDomainClaim("main", "eng.company.com")) },
				map[string]int{"lost.drift": 7}, "review", []string{"lost: 7 (drift): ", grace}, grace, "skip: domain_not_verified (eng.company.com)"},
			{"a claim back", func() { b.Must(b.Server.SetDomainClaim("main", "eng.company.com", "verified")) },
				map[string]int{"gained.drift": 7}, "review", nil, grace, ""},
			{"a group renamed", func() { b.groupPut(`{"id":"` + people + `","displayName":"People and culture"}`) },
				map[string]int{"groups.drift": 1}, "review", []string{"groups: 1 (drift): People is renamed People " +
					"and culture"}, "", ""},
			{"what decides nothing", func() {
				b.user(`{"userPrincipalName":"` + hannah + `","department":"People and culture","jobTitle":"Director"}`)
			},
				nil, "", nil, "", ""},
		} {
			step.move()
			if step.counts == nil {
				if out := b.Plan(0).Output; !strings.Contains(out, "No changes.") {
					b.Errorf("%s: %s", step.what, out)
				}
				continue
			}
			p := b.plan(2)
			b.tidy(p.Output)
			if !maskedChanges.MatchString(p.Output) {
				b.Errorf("%s: last time's counts stand on the screen:\n%s", step.what, p.Output)
			}
			changes := p.after(outcome, "changes")
			if got := counts(changes); !reflect.DeepEqual(got, step.counts) {
				b.Errorf("%s: the plan counts %v instead of %v", step.what, got, step.counts)
			}
			if got := p.severity(outcome); got != step.severity {
				b.Errorf("%s: severity %s instead of %s", step.what, got, step.severity)
			}
			b.says(p.Output, step.says...)
			if got := b.decisions(p.after(outcome, "decisions"))[step.user]; got != step.decision {
				b.Errorf("%s: %s is %q instead of %q", step.what, step.user, got, step.decision)
			}
			b.apply()
			if accepted := b.attributes(outcome)["changes"]; !reflect.DeepEqual(accepted, changes) {
				b.Errorf("%s: the state has %v, the plan had %v", step.what, accepted, changes)
			}
			b.Plan(0)
		}
	})
}

// Several things at once, each under its own kind, and a user once.
func TestDriftOfSeveralKinds(t *testing.T) {
	once(t, func(b *bench) {
		b.live(sources, guard(`  watch_groups = ["jira-*", "SALES"]`))
		b.plan(2)
		b.apply()
		b.Must(
			b.Server.AddMember(sales, clara),
		) // joined
		b.user(
			`{"userPrincipalName":"` + lynne + `","userType":"Member"}`,
		) // lost
		b.user(
			`{"userPrincipalName":"omar.haddad@company.com","accountEnabled":false}`,
		) // left, and out of Sales
		b.user(
			`{"id":"` + bobID + `","userPrincipalName":"robert.nyberg@company.com","mail":"robert.nyberg@company.com"}`,
		) // renamed, once
		b.Must(
			b.Server.RemoveMember(sales, "chloe.dubois@company.com"),
		) // groups
		b.user(
			`{"userPrincipalName":"anita.sharma_partner.example#EXT#@company.onmicrosoft.com","mail":null,"otherMails":[]}`,
		) // uncertain
		p := b.plan(2)
		want := map[string]int{
			"joined.drift":    1,
			"lost.drift":      1,
			"left.drift":      1,
			"renamed.drift":   1,
			"groups.drift":    1,
			"uncertain.drift": 1,
		}
		if got := counts(p.after(outcome, "changes")); !reflect.DeepEqual(got, want) {
			b.Errorf("the plan counts %v instead of %v", got, want)
		}
		b.says(p.Output, "watched group Sales: +clara.jensen@company.com, −chloe.dubois@company.com, "+
			"−omar.haddad@company.com",
			"uncertain (synced, now unknown): 1 (drift): anita.sharma")
		markdown := p.after(outcome, "changes_markdown").(string)
		for _, part := range []string{"clara.jensen", "lynne.robbins", "omar.haddad", "robert.nyberg", "chloe.dubois", "anita.sharma"} {
			if !strings.Contains(markdown, part) {
				b.Errorf("changes_markdown leaves %s out:\n%s", part, markdown)
			}
		}
		// A refresh alone doesn't find drift: Read keeps what was accepted.
		b.says(
			b.Do(0, "plan", "-refresh-only", "-no-color", "-input=false").Output,
			"No changes. Your infrastructure still matches the configuration.",
		)
		b.apply()
		b.Plan(0)
		if raw, err := json.Marshal(
			b.attributes(outcome)["changes_markdown"],
		); err != nil ||
			!strings.Contains(string(raw), "clara") {
			b.Errorf("the state doesn't keep the report: %s %v", raw, err)
		}
	})
}
