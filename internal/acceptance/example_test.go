package acceptance

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// explanation is what explain and usersync_decision answer.
type explanation struct {
	Verdict, Code, Decision, Explanation, Confidence string
	Groups                                           []string
	Trace                                            []struct{ Rule, Saw, Result, Source, Confidence string }
	Fixes                                            []struct {
		Change, Who, Effect string
		Caveats             string `json:"caveats"`
		OthersChanged       int    `json:"others_changed"`
	}
}

// fabrikam are the people who came by cross-tenant synchronization as Member.
var fabrikam = []string{
	"adele.vance",
	"alex.wilber",
	"diego.siciliani",
	"isaiah.langer",
	"lidia.holloway",
	"megan.bowen",
	"miriam.graham",
	"nestor.wilke",
	"pradeep.gupta",
}

// The case that this project exists for.
func TestExampleTenant(t *testing.T) {
	each(t, func(b *bench) {
		b.live(sources, guard(), `
output "why" {
  value     = provider::usersync::explain(data.usersync_directory.now.reading, data.usersync_organization.main.reading, usersync_outcome.guard.settings, "adele.vance@fabrikam.example")
  sensitive = true
}
data "usersync_decision" "adele" {
  user      = "adele.vance@fabrikam.example"
  connector = "atlassian_nested_groups"
`+scopeAll+`
}
data "usersync_decision" "miriam" {
  user      = "7a757500-f988-49d4-a456-4aede073c984"
  connector = "atlassian_nested_groups"
  scope { groups = ["All staff"] }
}
data "usersync_decision" "bob" {
  user      = "bob.nyberg@company.com"
  connector = "atlassian_nested_groups"
`+scopeAll+`
}
output "source" { value = data.usersync_decision.adele }
output "miriam" { value = data.usersync_decision.miriam }
output "bob" { value = data.usersync_decision.bob }
output "homes" {
  value = [for upn in ["`+adele+`", "bob.nyberg@company.com", "joerg@BÜCHER.example", "no address"] : provider::usersync::home_domain(upn)]
}
`)
		p := b.plan(2)
		b.tidy(p.Output)
		var got []string
		for who, decision := range b.decisions(p.after(outcome, "decisions")) {
			if decision == "skip: external_member (fabrikam.example, Member, reported)" {
				got = append(got, who)
			}
		}
		slices.Sort(got)
		var want []string
		for _, name := range fabrikam {
			want = append(want, name+"_fabrikam.example#EXT#@company.onmicrosoft.com")
		}
		if !slices.Equal(got, want) {
			b.Errorf("skipped as external_member: %v", got)
		}
		if !strings.Contains(
			p.Output,
			`+ "`+adele+`"     = "skip: external_member (fabrikam.example, Member, reported)"`,
		) {
			b.Errorf("the plan doesn't show Adele key by key:\n%s", p.Output)
		}
		b.apply()

		var why, source, miriam, bob explanation
		outputs := b.outputs()
		for name, into := range map[string]any{"why": &why, "source": &source, "miriam": &miriam, "bob": &bob} {
			b.Must(json.Unmarshal(outputs[name], into))
		}
		if fmt.Sprint(why) != fmt.Sprint(source) {
			b.Errorf("explain and usersync_decision differ:\n%+v\n%+v", why, source)
		}
		if why.Verdict != "skip" || why.Code != "external_member" || why.Confidence != "reported" ||
			len(why.Groups) != 0 {
			b.Errorf("%+v", why)
		}
		fix := func(e explanation, part string) (at int) {
			at = slices.IndexFunc(e.Fixes, func(f struct {
				Change, Who, Effect string
				Caveats             string `json:"caveats"`
				OthersChanged       int    `json:"others_changed"`
			}) bool {
				return strings.Contains(f.Change, part)
			})
			if at < 0 {
				b.Fatalf("no fix with %q: %+v", part, e.Fixes)
			}
			return at
		}
		guest := why.Fixes[fix(why, "userType to Guest")]
		for part, in := range map[string]string{
			"sync: guest (fabrikam.example, external, reported)": guest.Effect,
			`"All staff"`:        guest.Caveats,
			"flowType Always":    guest.Caveats,
			"ObjectAddOnly":      guest.Caveats,
			"Conditional access": guest.Caveats,
			"this tenant":        guest.Who,
			"the source tenant":  guest.Who,
			"from the next sync": guest.Effect,
		} {
			if !strings.Contains(in, part) {
				b.Errorf("the fix Guest doesn't say %q: %+v", part, guest)
			}
		}
		if guest.OthersChanged != 0 {
			b.Errorf("to make Adele a guest changes %d others", guest.OthersChanged)
		}
		verify := why.Fixes[fix(why, "Verify the domain fabrikam.example")]
		// Nine Members but herself, Grady without userType, and Lynne, the guest.
		if verify.OthersChanged != 10 || !strings.Contains(verify.Effect, "9: external_member becomes "+
			"domain_verified") || !strings.Contains(verify.Effect, "1: guest becomes domain_verified") ||
			!strings.Contains(
				verify.Effect,
				"claim every Atlassian account",
			) || !strings.Contains(verify.Who, "the other company") {
			b.Errorf("the fix of verifying the domain: %+v", verify)
		}
		// Miriam is in scope here by a dynamic group that reads userType alone.
		if f := miriam.Fixes[fix(miriam, "userType to Guest")]; !strings.Contains(
			f.Caveats,
			"only by a dynamic group whose rule reads userType",
		) {
			b.Errorf("Miriam's fix doesn't warn: %+v", f)
		}
		if bob.Verdict != "sync" || len(bob.Fixes) != 0 || !slices.Contains(bob.Groups, "IT") {
			b.Errorf("%+v", bob)
		}
		var homes []any
		b.Must(json.Unmarshal(outputs["homes"], &homes))
		if fmt.Sprint(homes) != "[fabrikam.example company.com xn--bcher-kva.example <nil>]" {
			b.Errorf("home_domain answers %v", homes)
		}
	})
}

// outputs are the outputs of the workspace.
func (b *bench) outputs() map[string]json.RawMessage {
	b.Helper()
	var raw map[string]struct{ Value json.RawMessage }
	b.Must(json.Unmarshal([]byte(b.Do(0, "output", "-json").Stdout), &raw))
	out := map[string]json.RawMessage{}
	for name, v := range raw {
		out[name] = v.Value
	}
	return out
}
