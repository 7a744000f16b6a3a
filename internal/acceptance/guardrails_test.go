package acceptance

import (
	"regexp"
	"strings"
	"testing"
)

var approveHash = regexp.MustCompile(`accept exactly this, once: approve = "([0-9a-f]{16})" in the block guardrails`)

// hash is the one hash that a violation's text offers.
func (b *bench) hash(output string) string {
	b.Helper()
	m := approveHash.FindStringSubmatch(flatten(output))
	if m == nil {
		b.Fatalf("no approve hash in:\n%s", output)
	}
	return m[1]
}

const narrow = `  scope { groups = ["Engineering"] }`

// A guardrail that this configuration violates stops the plan, unless exactly
// that set is approved, once.
func TestGuardrailOnPlan(t *testing.T) {
	eachOffline(t, func(b *bench) {
		b.writeSnapshot("tenant.json", b.example())
		write := func(lines ...string) { b.snapshot("tenant.json", sources, guard(lines...)) }
		write(`  guardrails { max_lost = 3 }`)
		b.plan(2)
		b.apply()

		write(narrow, `  guardrails { max_lost = 3 }`)
		out := b.fails()
		b.tidy(out)
		b.show("%s", out)
		b.says(out, "Plan violates a guardrail", "max_lost", "22 users would no longer sync; at most 3 may be "+
			"lost", "and 12 more", "This plan's configuration does it.",
			"If this is meant, accept exactly this, once", "run destroy with -refresh=false")
		hash := b.hash(out)
		if again := b.hash(b.fails()); again != hash {
			b.Errorf("two plans give the hashes %s and %s", hash, again)
		}

		// Another set has another hash; the wrong one approves nothing.
		write(`  scope { groups = ["Sales"] }`, `  guardrails {
    max_lost = 3
    approve = "`+hash+`"
  }`)
		out = b.fails()
		b.show("%s", out)
		b.says(out, "Plan violates a guardrail", "it is for something else, or was used already")
		if other := b.hash(out); other == hash {
			b.Error("another set has the same hash")
		}

		// As warn it is said, and blocks the pipeline.
		write(narrow, `  guardrails {
    max_lost = 3
    on_plan = "warn"
  }`)
		p := b.plan(2)
		if s := p.severity(outcome); s != "blocked" {
			b.Errorf("severity %s", s)
		}
		b.says(p.Output, "Guardrail violated", "22 users would no longer sync")

		write(narrow, `  guardrails {
    max_lost = 3
    approve = "`+hash+`"
  }`)
		p = b.plan(2)
		if s := p.severity(outcome); s != "review" {
			b.Errorf("approved, but severity %s", s)
		}
		b.says(p.Output, "Guardrail violation approved", "22 users would no longer sync")
		b.apply()
		b.says(b.Plan(0).Output, "No changes.")

		// The hash was used. The same loss again needs a new look.
		write(`  guardrails {
    max_lost = 3
    approve = "` + hash + `"
  }`)
		b.plan(2)
		b.apply()
		write(narrow, `  guardrails {
    max_lost = 3
    approve = "`+hash+`"
  }`)
		out = b.fails()
		b.show("%s", out)
		b.says(out, "Plan violates a guardrail", "it is for something else, or was used already")
		again := b.hash(out)
		if again == hash {
			b.Error("one hash approves twice")
		}
		write(narrow, `  guardrails {
    max_lost = 3
    approve = "`+again+`"
  }`)
		b.says(b.plan(2).Output, "Guardrail violation approved")
		b.apply()
		b.Plan(0)
	})
}

// What has already happened is said, and blocks pipelines but not the repair.
func TestGuardrailOnDrift(t *testing.T) {
	each(t, func(b *bench) {
		write := func(guardrails string) { b.live(sources, guard("  guardrails {\n    "+guardrails+"\n  }")) }
		write("max_lost_percent = 10")
		b.plan(2)
		b.apply()
		b.Must(b.Server.RemoveDomainClaim("main", "eng.company.com"))
		p := b.plan(2)
		b.show("%s", p.Output)
		if s := p.severity(outcome); s != "blocked" {
			b.Errorf("severity %s", s)
		}
		b.says(p.Output, "Guardrail violated", "max_lost_percent", "7 users of 31 who sync would no longer (22.6 %); "+
			"at most 10 % may be lost", grace,
			"It has already happened in the tenant or the organization (drift).")
		if !strings.Contains(p.after(outcome, "changes_markdown").(string), b.hash(p.Output)) {
			b.Error("changes_markdown leaves the hash out")
		}
		write("max_lost_percent = 10\n    approve = \"" + b.hash(p.Output) + `"`)
		if s := b.plan(2).severity(outcome); s != "review" {
			b.Errorf("approved, but severity %s", s)
		}

		// A group that leaves, as drift and as error.
		write("max_lost_percent = 10\n    on_drift = \"error\"")
		out := b.fails()
		b.show("%s", out)
		b.says(out, "Plan violates a guardrail", "7 users of 31 who sync")

		// Destroy says how, and then does it.
		before := b.State()
		r := b.Do(1, "destroy", "-no-color", "-input=false", "-auto-approve")
		b.show("%s", r.Output)
		b.says(r.Output, "To destroy the outcome all the same, run destroy with -refresh=false.")
		if b.State() != before {
			b.Error("a destroy that failed changed the state")
		}
		r = b.Do(0, "destroy", "-no-color", "-input=false", "-auto-approve", "-refresh=false")
		b.tidy(r.Output)
		b.says(r.Output, "1 destroyed.")
	})
}

func TestGuardrailMaxGroupsLost(t *testing.T) {
	onceOffline(t, func(b *bench) {
		b.writeSnapshot("tenant.json", b.example())
		b.snapshot("tenant.json", sources, guard(`  guardrails { max_groups_lost = 0 }`))
		b.plan(2)
		b.apply()
		b.snapshot(
			"tenant.json",
			sources,
			guard(`  scope { groups = ["Atlassian users"] }`, `  guardrails { max_groups_lost = 0 }`),
		)
		out := b.fails()
		b.show("%s", out)
		b.says(
			out,
			"Plan violates a guardrail",
			"1 group would leave; at most 0 may be lost",
			"Fabrikam colleagues",
			"max_groups_lost",
		)
		b.snapshot("tenant.json", sources, guard(`  scope { groups = ["Atlassian users"] }`, `  guardrails {
    max_groups_lost = 0
    approve = "`+b.hash(out)+`"
  }`))
		b.plan(2)
		b.apply()
		b.Plan(0)
	})
}

// Who must sync, and who must not: held from the first plan on.
func TestMustSync(t *testing.T) {
	once(t, func(b *bench) {
		write := func(guardrails string) { b.live(sources, guard("  guardrails {\n    "+guardrails+"\n  }")) }
		for guardrails, says := range map[string][]string{
			`must_sync = ["amara.okafor@company.com", "adele.vance@fabrikam.example"]`:    {"must_sync", "1 user must sync and doesn't, or isn't known to", "adele.vance@fabrikam.example (skip: external_member (fabrikam.example, Member, reported))"},
			`must_sync = ["kenji.mori_partner.example#EXT#@company.onmicrosoft.com"]`:     {"unknown: ext_upn_as_address"},
			`must_sync = ["clara.jensen@company.com"]`:                                    {"clara.jensen@company.com (not in scope)"},
			`must_sync = ["nobody@company.com"]`:                                          {"nobody@company.com (isn't in the directory's reading)"},
			`must_not_sync = ["` + lynne + `", "` + adele + `", "nobody@company.com"]`:    {"must_not_sync", "1 user must not sync and does, or may", "sync: guest (fabrikam.example, external, reported)"},
			`must_not_sync = ["kenji.mori_partner.example#EXT#@company.onmicrosoft.com"]`: {"must not sync and does, or may", "unknown: ext_upn_as_address"},
		} {
			write(guardrails)
			out := b.fails()
			b.show("%s", out)
			b.says(out, append(says, "Plan violates a guardrail")...)
			b.saysNot(out, "destroy") // there is nothing yet
		}
		// Accepted under warn: said at each plan, and no change.
		held := "must_sync = [\"adele.vance@fabrikam.example\", \"amara.okafor@company.com\"]\n    on_plan = \"warn\""
		write(held)
		if s := b.plan(2).severity(outcome); s != "blocked" {
			b.Errorf("severity %s", s)
		}
		b.apply()
		r := b.Plan(0)
		b.says(r.Output, "Guardrail violated, as accepted before", "adele.vance@fabrikam.example")

		// Another person drifts into it; the one of before is told apart.
		b.user(`{"userPrincipalName":"amara.okafor@company.com","mail":"amara.okafor@legacy.company.com"}`)
		p := b.plan(2)
		b.show("%s", p.Output)
		b.says(p.Output, "Guardrail violated", "amara.okafor@company.com (skip: domain_not_verified "+
			"(legacy.company.com, inferred); warning: mail_upn_domain_differ)", "It has already happened",
			"Guardrail violated, as accepted before", "adele.vance@fabrikam.example")
		if s := p.severity(outcome); s != "blocked" {
			b.Errorf("severity %s", s)
		}
		// The default on_plan doesn't turn what is accepted into an error.
		write(`must_sync = ["adele.vance@fabrikam.example", "amara.okafor@company.com"]`)
		b.Plan(2)
	})
}

// Import accepts nothing: the next plan shows everything.
func TestImport(t *testing.T) {
	each(t, func(b *bench) {
		b.live(sources, guard(`  guardrails {
    max_lost = 0
    max_lost_percent = 0
    max_groups_lost = 0
  }`))
		r := b.Do(0, "import", "-no-color", "-input=false", outcome, "any id")
		b.tidy(r.Output)
		b.show("%s", r.Output)
		a := b.attributes(outcome)
		if a["id"] != "any id" || a["accepted"] != nil || a["decisions"] != nil {
			b.Errorf("import accepted something: %v", a)
		}
		p := b.plan(2)
		b.tidy(p.Output)
		if got := counts(p.after(outcome, "changes")); got["joined.this_plan"] != 31 || len(got) != 1 {
			b.Errorf("the plan after the import counts %v", got)
		}
		if s := p.severity(outcome); s != "review" {
			b.Errorf("severity %s", s)
		}
		b.says(p.Output, adele, "skip: external_member")
		b.apply()
		b.Plan(0)
		if a := b.attributes(outcome); a["id"] != "any id" {
			b.Errorf("the id is %v", a["id"])
		}
		// A block does the same.
		c := b.another()
		c.live(sources, guard(), "import {\n  to = usersync_outcome.guard\n  id = \"guard\"\n}\n")
		c.says(c.plan(2).Output, "1 to import")
		c.apply()
		c.Plan(0)
	})
}

// A state that another provider wrote, or that somebody edited.
func TestDamagedAccepted(t *testing.T) {
	onceOffline(t, func(b *bench) {
		b.writeSnapshot("tenant.json", b.example())
		b.snapshot("tenant.json", sources, guard())
		b.plan(2)
		b.apply()
		accepted := b.attributes(outcome)["accepted"].(string)
		b.Write("terraform.tfstate", strings.ReplaceAll(b.State(), accepted, accepted[:len(accepted)/2]))
		out := b.fails()
		b.show("%s", out)
		b.tidy(out)
		b.says(out, "The accepted outcome can't be read", "state rm", "import")
		// As the text says.
		b.Do(0, "state", "rm", "-no-color", outcome)
		b.Do(0, "import", "-no-color", "-input=false", outcome, "guard")
		b.plan(2)
		b.apply()
		b.Plan(0)
	})
}

// An outcome belongs to one tenant and one organization.
func TestAnotherOwner(t *testing.T) {
	onceOffline(t, func(b *bench) {
		s := b.example()
		b.writeSnapshot("tenant.json", s)
		b.snapshot("tenant.json", sources, guard())
		b.plan(2)
		b.apply()
		s.Entra["tenant_id"] = "11111111-2222-4333-8444-555555555555"
		b.writeSnapshot("tenant.json", s)
		out := b.fails()
		b.show("%s", out)
		b.says(
			out,
			"The reading is of another tenant",
			"11111111-2222-4333-8444-555555555555",
			"3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a11",
		)
		s = b.example()
		s.Organizations["main"]["organization_id"] = "99999999-2222-4333-8444-555555555555"
		b.writeSnapshot("tenant.json", s)
		out = b.fails()
		b.show("%s", out)
		b.says(out, "The reading is of another organization", "99999999-2222-4333-8444-555555555555")
	})
}
