package matrix

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

const entraVerificationAddress = "usersync_entra_domain_verification.new"

// entraVerification never asks the machine's DNS: the names are nobody's.
func entraVerification(name, lines string) string {
	return fmt.Sprintf(`
resource "usersync_entra_domain_verification" "new" {
  domain    = %q
  check_dns = false
%s
}
`, name, lines)
}

// addDomain adds a domain to the tenant whose record is published.
func (t *tenant) addDomain(name string) {
	t.Helper()
	t.done(http.MethodPost, "/domains", map[string]string{"id": name})
	must(t.T, t.PublishDomain(name, true))
}

// verified looks whether the domains are verified: destroying the verification
// forgets, and changes nothing.
func (t *tenant) verified(names ...string) func() error {
	return func() error {
		for _, name := range names {
			if _, d := t.graph(http.MethodGet, "/domains/"+name, nil); d["isVerified"] != true {
				return fmt.Errorf("%s: got %v, want a verified domain", name, d)
			}
		}
		return nil
	}
}

func TestResourceEntraDomainVerification_Life(t *testing.T) {
	x := newTenant(t)
	x.addDomain("new.example")
	x.addDomain("other.example")
	x.run(x.verified("new.example", "other.example"), anyCLI,
		resource.TestStep{
			Config:           x.config(entraVerification("New.example", "")),
			ConfigPlanChecks: planned(entraVerificationAddress, plancheck.ResourceActionCreate),
			ConfigStateChecks: values(entraVerificationAddress, map[string]knownvalue.Check{
				"id":          exact("new.example"),
				"domain":      exact("New.example"),
				"is_verified": truth(true),
				"check_dns":   truth(false),
				"records":     null,
			}),
		},
		importedByID(entraVerificationAddress, "%s", "domain", "check_dns"), // in the spelling of the import
		resource.TestStep{
			Config:           x.config(entraVerification("new.example", `  records = ["id-of-a-record"]`)),
			ConfigPlanChecks: planned(entraVerificationAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: values(entraVerificationAddress, map[string]knownvalue.Check{
				"records": knownvalue.ListExact([]knownvalue.Check{exact("id-of-a-record")}),
			}),
		},
		resource.TestStep{
			Config:           x.config(entraVerification("other.example", "")),
			ConfigPlanChecks: planned(entraVerificationAddress, plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: values(
				entraVerificationAddress,
				map[string]knownvalue.Check{"id": exact("other.example")},
			),
		},
	)
}

func TestResourceEntraDomainVerification_Identity(t *testing.T) {
	x := newTenant(t)
	x.run(x.verified("company.com"), withIdentity,
		resource.TestStep{
			Config: x.config(`
resource "usersync_entra_domain_verification" "new" {
  domain = "company.com"
}`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentity(
					entraVerificationAddress,
					map[string]knownvalue.Check{"domain": exact("company.com")},
				),
			},
		},
		importedByIdentity(entraVerificationAddress),
	)
}

func TestResourceEntraDomainVerification_Drift(t *testing.T) {
	x := newTenant(t)
	x.addDomain("new.example")
	config := x.config(entraVerification("new.example", ""))
	x.run(x.verified("new.example"), anyCLI,
		resource.TestStep{Config: config},
		// Deleted and added again: it has to be verified again.
		resource.TestStep{
			PreConfig: func() {
				must(t, x.RemoveDomain("new.example"))
				x.addDomain("new.example")
			},
			Config:           config,
			ConfigPlanChecks: planned(entraVerificationAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: values(
				entraVerificationAddress,
				map[string]knownvalue.Check{"is_verified": truth(true)},
			),
		},
	)
}

func TestResourceEntraDomainVerification_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("This domain can't be verified", entraVerification("https://company.com", "")),
		x.fails("Invalid Attribute Value Time Duration",
			entraVerification("new.example", `  timeouts = { create = "soon" }`)),
		x.refuses("The tenant has no domain new.example", entraVerification("new.example", "")),
		x.importFails(entraVerificationAddress, "company", "Invalid import ID", entraVerification("new.example", "")),
	)
}
