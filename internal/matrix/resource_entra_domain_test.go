package matrix

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

const domainAddress = "usersync_entra_domain.new"

func entraDomain(name, lines string) string {
	return fmt.Sprintf("resource \"usersync_entra_domain\" \"new\" {\n  domain = %q\n%s\n}\n", name, lines)
}

func TestResourceEntraDomain_Life(t *testing.T) {
	x := newTenant(t)
	x.run(x.missing("/domains/team.new.example", "/domains/other.example"), anyCLI,
		resource.TestStep{
			Config:           x.config(entraDomain("Team.New.Example.", "")),
			ConfigPlanChecks: planned(domainAddress, plancheck.ResourceActionCreate),
			ConfigStateChecks: values(domainAddress, map[string]knownvalue.Check{
				"id":          exact("team.new.example"),
				"domain":      exact("Team.New.Example."),
				"is_verified": truth(false),
				"zone":        exact("new.example"),
				"verification_records.0": knownvalue.ObjectExact(map[string]knownvalue.Check{
					"fqdn":       exact("team.new.example"),
					"name":       exact("team"),
					"type":       exact("TXT"),
					"value":      knownvalue.StringRegexp(regexp.MustCompile("^MS=ms")),
					"ttl":        whole(3600),
					"preference": null,
				}),
			}),
		},
		importedByID(domainAddress, "%s", "domain"), // in the spelling of the import
		resource.TestStep{
			Config:           x.config(entraDomain("team.new.example", `  zone = "team.new.example"`)),
			ConfigPlanChecks: planned(domainAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: values(domainAddress, map[string]knownvalue.Check{
				"domain":                      exact("Team.New.Example."), // the same domain: it stays as it was
				"zone":                        exact("team.new.example"),
				"verification_records.0.name": exact("@"),
			}),
		},
		resource.TestStep{
			Config:            x.config(entraDomain("other.example", "")),
			ConfigPlanChecks:  planned(domainAddress, plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: values(domainAddress, map[string]knownvalue.Check{"id": exact("other.example")}),
		},
	)
}

func TestResourceEntraDomain_Identity(t *testing.T) {
	x := newTenant(t)
	x.run(x.missing("/domains/new.example"), withIdentity,
		resource.TestStep{
			Config: x.config(entraDomain("new.example", "")),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentity(domainAddress, map[string]knownvalue.Check{"domain": exact("new.example")}),
			},
		},
		importedByIdentity(domainAddress),
	)
}

func TestResourceEntraDomain_Drift(t *testing.T) {
	x := newTenant(t)
	config := x.config(entraDomain("new.example", ""))
	x.run(x.missing("/domains/new.example"), anyCLI,
		resource.TestStep{Config: config},
		// Somebody verifies it: nothing is to do.
		resource.TestStep{
			PreConfig: func() {
				must(t, x.PublishDomain("new.example", true))
				x.done(http.MethodPost, "/domains/new.example/verify", nil)
			},
			Config:            config,
			ConfigPlanChecks:  planned(domainAddress, plancheck.ResourceActionNoop),
			ConfigStateChecks: values(domainAddress, map[string]knownvalue.Check{"is_verified": truth(true)}),
		},
		resource.TestStep{
			PreConfig:         func() { must(t, x.RemoveDomain("new.example")) },
			Config:            config,
			ConfigPlanChecks:  planned(domainAddress, plancheck.ResourceActionCreate),
			ConfigStateChecks: values(domainAddress, map[string]knownvalue.Check{"is_verified": truth(false)}),
		},
	)
}

func TestResourceEntraDomain_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("This domain can't be verified", entraDomain("gmail.com", "")),
		x.fails("Domain outside the zone", entraDomain("new.example", `  zone = "other.example"`)),
		x.refuses("has the domain legacy.company.com already", entraDomain("legacy.company.com", "")),
		x.importFails(domainAddress, "not a domain", "Invalid import ID", entraDomain("new.example", "")),
	)
}
