package acceptance

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	orgAddress   = "usersync_atlassian_domain_verification.new"
	orgDomains   = "GET /admin/v1/orgs/{orgId}/domains"
	legacyDomain = "legacy.company.com"
	legacyToken  = "Ca8lQj7CZB/xsJYFbQSC3zZ7"
)

func orgVerification(name string, lines ...string) string {
	return fmt.Sprintf("\nresource \"usersync_atlassian_domain_verification\" \"new\" {\n  domain       = %q\n  "+
		"organization = \"main\"\n  check_dns    = false\n  %s\n}\n", name, strings.Join(lines, "\n  "))
}

// followed is an outcome over everybody that takes the verification as a
// what-if.
const followed = `
data "usersync_directory" "now" {}
data "usersync_organization" "main" {}
resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"
  scope { groups = ["Atlassian users"] }
  what_if { verified_domains = usersync_atlassian_domain_verification.new.verified_domains }
}
`

// verified publishes the record and presses the button, as an administrator
// does.
func (b *bench) verified(token string) {
	b.Helper()
	b.Must(b.Server.PutDNS(legacyDomain, "TXT", "atlassian-domain-verification="+token))
	status, err := b.Server.VerifyClaim("main", legacyDomain, "dns", token)
	b.Must(err)
	if status != "verified" {
		b.Fatalf("the organization says %s", status)
	}
}

// The plan says whom a verification lets in; apply waits until it is there; the
// outcome follows in the same run; what lapses is named.
func TestAtlassianVerification(t *testing.T) {
	once(t, func(b *bench) {
		config := []string{orgVerification("Legacy.Company.com", fmt.Sprintf("token = %q", legacyToken)), followed}
		b.live(config...)
		p := b.plan(2)
		b.tidy(p.Output)
		b.says(p.Output, "atlassian-domain-verification="+legacyToken, "what_if", "2 to add")
		b.saysNot(p.Output, "skip: domain_not_verified (legacy")
		b.after(orgDomains, int32(b.Server.Requests().Routes[orgDomains])+2, func() { b.verified(legacyToken) })
		b.tidy(b.apply().Output)
		if got := b.attributes(
			orgAddress,
		); got["status"] != "verified" || got["method"] != "dns" || got["domain_id"] == "" ||
			got["id"] != legacyDomain {
			b.Errorf("state: %v", got)
		}
		out := b.Plan(0).Output
		b.saysNot(out, "what_if") // the reading shows it by now

		// The record is gone: the proof is missing at the next check, then lapses.
		b.Must(b.Server.RemoveDNS(legacyDomain))
		b.Server.Advance(25 * time.Hour)
		p = b.plan(2)
		b.tidy(p.Output)
		b.says(
			p.Output,
			`"missing_token" -> "verified"`,
			"missing_token: Atlassian checked again",
			"agnes.moreau@legacy.company.com",
		)
		b.Must(b.Server.PutDNS(legacyDomain, "TXT", "atlassian-domain-verification="+legacyToken))
		b.Server.Advance(25 * time.Hour)
		b.Plan(0)
		b.Must(b.Server.RemoveDNS(legacyDomain))
		b.Server.Advance(40 * 24 * time.Hour)
		p = b.plan(2)
		b.tidy(p.Output)
		b.says(p.Output, `"unverified" -> "verified"`, "apply waits until it is listed as verified again")

		// Destroying forgets, and says so.
		b.Server.ResetRequests()
		out = b.Do(0, "destroy", "-no-color", "-input=false", "-auto-approve").Output
		b.tidy(out)
		b.says(out, "The domain stays as it is in the organization")
		if w := b.writes(); len(w) != 0 {
			b.Errorf("the destroy wrote %v", w)
		}
	})
}

// With wait = false nothing is waited for, every status is told in a warning,
// and only what is seen verified goes on to outcomes.
func TestAtlassianWatching(t *testing.T) {
	once(t, func(b *bench) {
		b.live(orgVerification(legacyDomain, "wait = false"), followed)
		p := b.plan(2)
		b.says(p.Output, "skip: domain_not_verified")
		b.tidy(b.apply().Output)
		p = b.plan(0)
		b.tidy(p.Output)
		b.says(p.Output, "The organization doesn't list "+legacyDomain, "nobody added it there", "wait = false")
		for _, x := range []struct{ status, says string }{
			{"unverified", "the proof wasn't found yet"}, {"superseded", "another claim took its place"}, {"deleted", "an administrator removed the domain"},
		} {
			b.Must(b.Server.SetDomainClaim("main", legacyDomain, x.status))
			p = b.plan(2) // the status is a fact of the decisions
			b.tidy(p.Output)
			b.says(p.Output, x.says, "domain_not_verified (legacy.company.com, "+x.status+")")
		}
		b.Must(b.Server.SetDomainClaim("main", legacyDomain, "verified"))
		p = b.plan(2)
		b.says(
			p.Output,
			`- "agnes.moreau@legacy.company.com"`,
			"verified_domains",
			"gained (was in scope): 4 (drift): agnes.moreau@legacy.company.com, dorothy.hughes@legacy.company.com",
		) // they leave the list of who doesn't sync
		b.saysNot(p.Output, "doesn't list")
		b.Apply()
		b.Plan(0)
		// A rotated token changes the record alone.
		b.live(orgVerification(legacyDomain, "wait = false", `token = "rotated"`), followed)
		b.says(b.plan(2).Output, "atlassian-domain-verification=rotated", "0 to add, 1 to change")
		b.Apply()
		b.Plan(0)
	})
}

// What can't be waited for says what was looked for and what is listed.
func TestAtlassianVerificationTrouble(t *testing.T) {
	once(t, func(b *bench) {
		apply := func(parts ...string) string {
			b.live(parts...)
			out := b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output
			b.tidy(out)
			b.saysNot(b.State(), orgAddress)
			return out
		}
		b.says(
			apply(orgVerification(legacyDomain, `token = "wrong"`, quick)),
			"didn't list legacy.company.com as verified within 3s",
			"nobody added it there",
			`legacy.company.com TXT "atlassian-domain-verification=wrong"`,
			"https://legacy.company.com/atlassian-domain-verification.html",
			"wait = false only watches",
			"main.tf line",
		)
		b.Must(b.Server.SetDomainClaim("main", legacyDomain, "unverified"))
		b.says(apply(orgVerification(legacyDomain, quick)), "Its status is unverified", "token isn't set")
		b.live(orgVerification(legacyDomain, `token = "<code>abc</code>"`))
		b.says(b.fails(), "Invalid verification token", "take the token alone")
		b.live(strings.Replace(orgVerification(legacyDomain), `"main"`, `"emea"`, 1))
		b.says(b.fails(), `There is no organization "emea"`, "The keys are: main")
		b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: orgDomains, Status: 403, Times: -1})
		b.says(apply(orgVerification(legacyDomain, quick)), "read:domains:admin")
	})
}

// An interrupt while apply waits ends it, and the state says what was done: the
// domain is there, its verification isn't.
func TestInterruptedVerification(t *testing.T) {
	each(t, func(b *bench) {
		b.live(
			entraDomain("new.example"),
			entraVerification("usersync_entra_domain.new.domain"),
			orgVerification(legacyDomain),
		)
		asked := make(chan struct{})
		var looks atomic.Int32
		b.Server.OnRequest(func(r simulator.Request) (before, after func()) {
			if (r.Route == verifyRoute || r.Route == orgDomains) && looks.Add(1) == 6 {
				close(asked)
			}
			return nil, nil
		})
		out := b.interrupted(asked)
		b.tidy(out)
		b.says(out, "nterrupt")
		b.saysNot(b.State(), verificationAddress, orgAddress, `"tainted"`)
		if got := b.attributes(domainAddress); got["id"] != "new.example" {
			b.Errorf("state: %v", got)
		}
		b.Must(b.Server.PublishDomain("new.example", true))
		b.verified(legacyToken)
		b.Server.ResetRequests()
		b.Apply()
		b.Plan(0)
		if w := b.writes(); w["POST /v1.0/domains"] != 0 {
			b.Errorf("the second apply wrote %v: the domain was in the state", w)
		}
	})
}

// What each domain decides, as data.
func TestDomains(t *testing.T) {
	once(t, func(b *bench) {
		b.Must(b.Server.SetDomainClaim("main", "eng.company.com", "missing_token"))
		b.live(`
data "usersync_domains" "all" {
  connector = "atlassian_nested_groups"
  scope { groups = ["Atlassian users"] }
  max_names = 2
  accounts  = true
}
output "domains" { value = data.usersync_domains.all.domains }
`)
		b.Apply()
		var text string
		b.Must(json.Unmarshal(b.outputs()["domains"], &text))
		var domains map[string]struct {
			Entra         struct{ Listed, Verified bool }
			PublicMail    bool `json:"public_mail"`
			Verified      bool
			Organizations map[string]struct {
				Verified bool
				Claims   []struct{ Type, Status string }
			}
			Home, Tested    struct{ Users, Members, Guests, Internal, External int }
			Synced, Skipped int
			IfVerified      *struct{ Gained, Lost, Other someUsers } `json:"if_verified"`
			IfNotVerified   *struct{ Gained, Lost, Other someUsers } `json:"if_not_verified"`
			ManagedAccounts *int                                     `json:"managed_accounts"`
		}
		b.Must(json.Unmarshal([]byte(text), &domains))
		legacy := domains[legacyDomain]
		if !legacy.Entra.Verified || legacy.Verified || legacy.IfVerified == nil ||
			legacy.IfVerified.Gained.Count != 4 ||
			len(legacy.IfVerified.Gained.Names) != 2 ||
			legacy.IfVerified.Gained.Names[0] != "agnes.moreau@legacy.company.com" {
			b.Errorf("%s: %+v", legacyDomain, legacy)
		}
		eng := domains["eng.company.com"]
		if !eng.Verified || !eng.Organizations["main"].Verified ||
			eng.Organizations["main"].Claims[0].Status != "missing_token" ||
			eng.IfNotVerified == nil ||
			eng.IfNotVerified.Lost.Count == 0 ||
			eng.ManagedAccounts == nil {
			b.Errorf("eng.company.com: %+v", eng)
		}
		fabrikam := domains["fabrikam.example"]
		if fabrikam.Entra.Listed || fabrikam.Home.External != fabrikam.Home.Users || fabrikam.Home.Members == 0 ||
			fabrikam.Home.Guests == 0 ||
			fabrikam.IfVerified.Gained.Count == 0 ||
			fabrikam.IfVerified.Other.Count == 0 {
			b.Errorf("fabrikam.example: %+v", fabrikam)
		}
		if gmail := domains["gmail.com"]; !gmail.PublicMail || gmail.IfVerified != nil || gmail.IfNotVerified != nil {
			b.Errorf("gmail.com: %+v", gmail)
		}
	})
}

// interrupted applies, interrupts the CLI when told to, and gives what it wrote.
func (b *bench) interrupted(when <-chan struct{}) string {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	cmd := b.Command(ctx, "apply", "-no-color", "-input=false", "-auto-approve")
	out := &output{}
	cmd.Stdout, cmd.Stderr = out, out
	b.Must(cmd.Start())
	select {
	case <-when:
	case <-ctx.Done():
		b.Fatalf("what was waited for didn't come:\n%s", out)
	}
	b.Must(cmd.Process.Signal(os.Interrupt))
	err := cmd.Wait()
	if cmd.ProcessState.ExitCode() != 1 {
		b.Errorf("interrupted, the apply ended with %v", err)
	}
	return out.String()
}

type someUsers struct {
	Count int
	Names []string
}
