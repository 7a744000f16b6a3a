package acceptance

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	domainAddress       = "usersync_entra_domain.new"
	verificationAddress = "usersync_entra_domain_verification.new"
	quick               = "timeouts = { create = \"3s\" }"
)

func entraDomain(name string, lines ...string) string {
	return fmt.Sprintf(
		"\nresource \"usersync_entra_domain\" \"new\" {\n  domain = %q\n  %s\n}\n",
		name,
		strings.Join(lines, "\n  "),
	)
}

// entraVerification verifies; check_dns is off, since the names of the tests
// are nobody's.
func entraVerification(domain string, lines ...string) string {
	return fmt.Sprintf("\nresource \"usersync_entra_domain_verification\" \"new\" {\n  domain    = %s\n  check_dns = "+
		"false\n  %s\n}\n", domain, strings.Join(lines, "\n  "))
}

// after runs something once, when the n-th request of a route has been seen.
func (b *bench) after(route string, n int32, do func()) {
	var seen atomic.Int32
	b.Server.OnRequest(func(r simulator.Request) (before, after func()) {
		if r.Route == route && seen.Add(1) == n {
			return nil, do
		}
		return nil, nil
	})
}

const verifyRoute = "POST /v1.0/domains/{id}/verify"

// A domain from nothing: added, its record published while the verification
// waits, verified; drift; what uses it; forgotten and deleted.
func TestEntraDomainLife(t *testing.T) {
	once(t, func(b *bench) {
		config := []string{entraDomain("Team.New.Example."), entraVerification("usersync_entra_domain.new.domain"),
			`output "record" { value = usersync_entra_domain.new.verification_records[0] }`}
		b.live(config...)
		p := b.plan(2)
		b.tidy(p.Output)
		b.says(p.Output, `= "team.new.example"`, "2 to add")
		b.after(verifyRoute, 2, func() { b.Must(b.Server.PublishDomain("team.new.example", true)) })
		b.tidy(b.apply().Output)
		if n := b.Server.Requests().Routes[verifyRoute]; n != 3 {
			b.Errorf("asked to verify %d times, want 3: the record came after the second", n)
		}
		b.Plan(0)
		var record map[string]any
		b.Must(json.Unmarshal(b.outputs()["record"], &record))
		value, _ := record["value"].(string)
		want := map[string]any{
			"fqdn":       "team.new.example",
			"name":       "team",
			"type":       "TXT",
			"value":      value,
			"ttl":        3600.0,
			"preference": nil,
		}
		if !maps.Equal(record, want) || !strings.HasPrefix(value, "MS=ms") {
			b.Errorf("the record is %v", record)
		}
		b.Do(0, "apply", "-no-color", "-input=false", "-auto-approve", "-refresh-only")
		if got := b.attributes(
			domainAddress,
		); got["id"] != "team.new.example" || got["domain"] != "Team.New.Example." ||
			got["is_verified"] != true {
			b.Errorf("state: %v", got)
		}

		// Another spelling is the same domain; another zone changes the names alone.
		b.live(append([]string{entraDomain("team.new.example", `zone = "team.new.example"`)}, config[1:]...)...)
		p = b.plan(2)
		b.says(p.Output, `"team" -> "@"`, "0 to destroy")
		b.saysNot(p.Output, "must be replaced")
		b.Server.ResetRequests()
		b.apply()
		if w := b.writes(); len(w) != 0 {
			b.Errorf("a change of the zone wrote %v", w)
		}
		b.Plan(0)
		b.live(config...)
		b.Apply()

		// Deleted and added by hand, unverified: the record is still published.
		b.Must(b.Server.RemoveDomain("team.new.example"))
		b.graph(http.MethodPost, "/domains", map[string]string{"id": "team.new.example"})
		p = b.plan(2)
		b.tidy(p.Output)
		b.says(p.Output, "is_verified = false -> true", "0 to add, 1 to change")
		b.apply()
		b.Plan(0)
		// Deleted by hand: both are made again.
		b.Must(b.Server.RemoveDomain("team.new.example"))
		b.says(b.plan(2).Output, "2 to add, 0 to change")
		b.apply()
		b.Plan(0)

		// What uses it is named, and nothing is deleted.
		b.user(
			`{"id":"c0000000-0000-4000-8000-000000000001","userPrincipalName":"zoe@team.new.example","displayName":"Zoe","accountEnabled":true,"userType":"Member"}`,
		)
		out := b.Do(1, "destroy", "-no-color", "-input=false", "-auto-approve").Output
		b.tidy(out)
		b.says(out, "Deleting the domain failed", "1 objects: user zoe@team.new.example", "nothing is deleted by force")
		b.Must(b.Server.DeleteObject("c0000000-0000-4000-8000-000000000001", false))
		b.Server.ResetRequests()
		b.tidy(b.Do(0, "destroy", "-no-color", "-input=false", "-auto-approve").Output)
		if w := b.writes(); w["DELETE /v1.0/domains/{id}"] != 1 || len(w) != 1 {
			b.Errorf("the destroy wrote %v", w)
		}
	})
}

// A sub-domain of a verified one is verified at once; an internationalised name
// is one in either form.
func TestEntraSubdomain(t *testing.T) {
	once(t, func(b *bench) {
		rest := []string{
			entraVerification("usersync_entra_domain.new.id"),
			`output "records" { value = usersync_entra_domain.new.verification_records }`,
		}
		b.live(append(rest, entraDomain("Köln.Company.com"))...)
		b.Server.ResetRequests()
		b.tidy(b.Apply().Output)
		if w := b.writes(); len(w) != 1 || w["POST /v1.0/domains"] != 1 {
			b.Errorf("wrote %v: a sub-domain needs no verification", w)
		}
		b.Plan(0)
		if got := string(b.outputs()["records"]); got != "[]" {
			b.Errorf("records of a domain that needs none: %s", got)
		}
		b.live(append(rest, entraDomain("xn--kln-sna.company.com"))...)
		b.Plan(0)
	})
}

// Importing writes nothing.
func TestDomainImports(t *testing.T) {
	once(t, func(b *bench) {
		config := entraDomain(
			"bücher.example",
		) + entraVerification(
			"usersync_entra_domain.new.domain",
		) + orgVerification(
			"eng.company.com",
		)
		b.live(
			config,
			imports(
				map[string]string{
					domainAddress:       "Bücher.example",
					verificationAddress: "xn--bcher-kva.example",
					orgAddress:          "main/ENG.company.com.",
				},
			),
		)
		b.Server.ResetRequests()
		p := b.plan(2)
		b.tidy(p.Output)
		b.says(p.Output, "3 to import, 0 to add")
		b.tidy(b.apply().Output)
		b.live(config)
		b.Plan(0)
		if w := b.writes(); len(w) != 0 {
			b.Errorf("importing wrote %v", w)
		}
		b.live(
			config,
			strings.ReplaceAll(entraDomain("x.example"), `"new"`, `"other"`),
			imports(map[string]string{"usersync_entra_domain.other": "not a domain"}),
		)
		b.says(b.fails(), "Invalid import ID", `"not a domain" is no domain name`)
	})
}

// What is there already is taken over where an interrupted apply leaves it so,
// and refused with the import else.
func TestDomainThatIsThere(t *testing.T) {
	once(t, func(b *bench) {
		b.live(entraDomain("legacy.company.com"))
		out := b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output
		b.tidy(out)
		b.says(out, "has the domain legacy.company.com already", "terraform import <address> "+
			"legacy.company.com", "main.tf line")
		b.graph(http.MethodPost, "/domains", map[string]string{"id": "half.example"})
		b.graph(http.MethodPost, "/domains", map[string]string{"id": "unused.company.com"})
		for _, name := range []string{"half.example", "unused.company.com"} {
			other := b.another()
			other.live(entraDomain(name))
			other.Server.ResetRequests()
			other.Apply()
			other.Plan(0)
			if w := other.writes(); len(w) != 0 {
				b.Errorf("%s: taking over wrote %v", name, w)
			}
		}
	})
}

// A record that doesn't come, a domain of another tenant, one that isn't there,
// and names that nobody can verify: each says what to do.
func TestDomainTrouble(t *testing.T) {
	once(t, func(b *bench) {
		apply := func(parts ...string) string {
			b.live(parts...)
			out := b.Do(1, "apply", "-no-color", "-input=false", "-auto-approve").Output
			b.tidy(out)
			return out
		}
		out := apply(entraDomain("late.example"), entraVerification("usersync_entra_domain.new.domain", quick))
		b.says(
			out,
			"didn't verify late.example within 3s",
			`late.example TXT "MS=ms`,
			"with preference 32767",
			"check_dns = false",
			"last answer",
			"timeouts gives it longer",
			"main.tf line",
		)
		b.saysNot(b.State(), verificationAddress, "tainted")

		b.Must(
			b.Server.PutTenant(
				simulator.Tenant{
					TenantID:          contosoTenant,
					DisplayName:       "Contoso",
					DefaultDomainName: "contoso.example",
					Domains:           []string{"contoso.example"},
				},
			),
		)
		out = apply(entraDomain("contoso.example"), entraVerification("usersync_entra_domain.new.domain", quick))
		b.says(out, "verified in another tenant, Contoso ("+contosoTenant+")")

		b.live()
		b.Do(0, "destroy", "-no-color", "-input=false", "-auto-approve")
		b.says(apply(entraVerification(`"nowhere.example"`)), "The tenant has no domain "+
			"nowhere.example", "Add it with usersync_entra_domain")
		for name, problem := range map[string]string{"gmail.com": "public mail provider", "https://company.com": "no domain name", "company": "has no dot"} {
			b.live(entraDomain(name))
			b.says(b.fails(), "This domain can't be verified", problem, "main.tf line")
			b.live(orgVerification(name))
			b.says(b.fails(), "This domain can't be verified", problem, "main.tf line")
		}
		b.live(entraDomain("legacy.company.com", `zone = "other.example"`))
		b.says(b.fails(), "Domain outside the zone", "neither other.example nor below it")
	})
}
