package matrix

import (
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

const (
	orgVerificationAddress = "usersync_atlassian_domain_verification.legacy"
	legacy                 = "legacy.company.com"
	legacyToken            = "Ca8lQj7CZB/xsJYFbQSC3zZ7"
)

// orgVerification never asks the machine's DNS: the names are nobody's.
func orgVerification(name, lines string) string {
	return fmt.Sprintf(`
resource "usersync_atlassian_domain_verification" "legacy" {
  domain    = %q
  check_dns = false
%s
}
`, name, lines)
}

// verifyClaim publishes the record and presses the button, as an administrator
// of the organization does.
func (t *tenant) verifyClaim(name string) {
	t.Helper()
	must(t.T, t.PutDNS(name, "TXT", "atlassian-domain-verification="+legacyToken))
	status, err := t.VerifyClaim("main", name, "dns", legacyToken)
	must(t.T, err)
	if status != "verified" {
		t.Fatalf("%s: got the status %s, want verified", name, status)
	}
}

func TestResourceAtlassianDomainVerification_Life(t *testing.T) {
	x := newTenant(t)
	x.verifyClaim(legacy)
	x.run(
		nil,
		anyCLI,
		resource.TestStep{
			Config: x.config(orgVerification("Legacy.company.com", fmt.Sprintf("  token = %q", legacyToken))),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(orgVerificationAddress, plancheck.ResourceActionCreate),
				plancheck.ExpectKnownValue(orgVerificationAddress, at("verified_domains"),
					knownvalue.SetExact([]knownvalue.Check{exact(legacy)})),
			}},
			ConfigStateChecks: values(orgVerificationAddress, map[string]knownvalue.Check{
				"id":                           exact(legacy),
				"domain":                       exact("Legacy.company.com"),
				"status":                       exact("verified"),
				"method":                       exact("dns"),
				"domain_id":                    knownvalue.NotNull(),
				"wait":                         truth(true),
				"verified_domains":             knownvalue.SetExact([]knownvalue.Check{exact(legacy)}),
				"verification_records.0.name":  exact("legacy"),
				"verification_records.0.type":  exact("TXT"),
				"verification_records.0.value": exact("atlassian-domain-verification=" + legacyToken),
				"verification_file.content":    contains(legacyToken),
			}),
		},
		importedByID(
			orgVerificationAddress,
			"main/%s",
			"domain",
			"check_dns",
			"token",
			"verification_",
			"organization",
		),
		resource.TestStep{
			Config:           x.config(orgVerification(legacy, "  wait = false")),
			ConfigPlanChecks: planned(orgVerificationAddress, plancheck.ResourceActionUpdate),
			ConfigStateChecks: values(orgVerificationAddress, map[string]knownvalue.Check{
				"wait":                 truth(false),
				"verification_records": knownvalue.ListSizeExact(0),
				"verification_file":    null,
			}),
		},
		resource.TestStep{
			Config:            x.config(orgVerification("company.com", "")),
			ConfigPlanChecks:  planned(orgVerificationAddress, plancheck.ResourceActionDestroyBeforeCreate),
			ConfigStateChecks: values(orgVerificationAddress, map[string]knownvalue.Check{"id": exact("company.com")}),
		},
	)
}

func TestResourceAtlassianDomainVerification_Identity(t *testing.T) {
	x := newTenant(t)
	identity := map[string]knownvalue.Check{"organization": null, "domain": exact("company.com")}
	x.run(nil, withIdentity,
		resource.TestStep{
			Config: x.config(`
resource "usersync_atlassian_domain_verification" "legacy" {
  domain = "company.com"
}`),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentity(orgVerificationAddress, identity),
			},
		},
		importedByIdentity(orgVerificationAddress),
	)
}

func TestResourceAtlassianDomainVerification_Drift(t *testing.T) {
	x := newTenant(t)
	x.verifyClaim(legacy)
	config := x.config(orgVerification(legacy, ""))
	x.run(nil, anyCLI,
		resource.TestStep{Config: config},
		// The record is gone at the organization's next look. It isn't waited for
		// in vain: it is back before the apply.
		resource.TestStep{
			PreConfig: func() {
				must(t, x.RemoveDNS(legacy))
				x.Advance(25 * time.Hour)
			},
			Config:             config,
			PlanOnly:           true,
			ExpectNonEmptyPlan: true,
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(orgVerificationAddress, plancheck.ResourceActionUpdate),
			}},
		},
		resource.TestStep{
			PreConfig: func() {
				must(t, x.PutDNS(legacy, "TXT", "atlassian-domain-verification="+legacyToken))
				x.Advance(25 * time.Hour)
			},
			Config:            config,
			ConfigPlanChecks:  planned(orgVerificationAddress, plancheck.ResourceActionNoop),
			ConfigStateChecks: values(orgVerificationAddress, map[string]knownvalue.Check{"status": exact("verified")}),
		},
	)
}

func TestResourceAtlassianDomainVerification_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("This domain can't be verified", orgVerification("gmail.com", "")),
		x.fails("Invalid verification token", orgVerification(legacy, `  token = "with a space"`)),
		x.fails("organization", orgVerification(legacy, `  organization = "emea"`)),
		x.importFails(orgVerificationAddress, "company", "Invalid import ID", orgVerification(legacy, "")),
	)
}
