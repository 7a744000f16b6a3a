package decision

import (
	"fmt"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// domainCandidate verifies the domain of the tested address, where that can be
// done. The sync claims the accounts of the domains that it verifies
// [atlassian rule 1, D]; else to verify is to prove ownership
// [atlassian 3.1, D].
func (nestedService) domainCandidate(r *Result, i int32) []candidate {
	domain := r.testedDomain(i)
	if domain < 0 || r.org.State(domain)&(atlassian.Verified|atlassian.Public) != 0 {
		return nil
	}
	name := r.Tenant.DomainName(domain)
	if len(name) > longestDomain || strings.HasSuffix(name, tenant.InitialSuffix) {
		return nil // Microsoft's zone: nobody can prove it
	}
	who := "the organization's administrator, with whoever runs the DNS of " + name
	effect := []string{r.claimed(domain)}
	switch {
	case r.Tenant.OwnDomain(name):
		who += "; or the sync itself, which can verify it since it is verified in this Entra tenant " +
			"(connector_settings.entra_domains)"
		effect = append(effect, "The sync can verify it instead of DNS (connector_settings.entra_domains), and then "+
			"claims its accounts (documented).")
	case r.Tenant.External(i):
		who += " (the other company)"
		effect = append(effect, "Its owner, the other company, must publish the DNS record or file (documented).")
	}
	return []candidate{
		{
			change:  "Verify the domain " + name + " in the Atlassian organization",
			who:     who,
			effect:  strings.Join(effect, " "),
			caveats: "The verification lapses 14 days after its DNS record or file is gone.",
			try:     WhatIf{VerifiedDomains: []string{name}},
		},
	}
}

// longestDomain is the longest name that DNS can hold, in bytes (RFC 1035,
// 2.3.4).
const longestDomain = 253

// claimed says whom else verifying a domain lets the organization claim, and
// what that means for them [atlassian 3.1]: that claiming is a second step,
// which takes all accounts of the domain but those claimed by another
// organization, is known from a page only as quoted elsewhere, so reported; what
// managed accounts can't do, and whose policies they follow, is documented.
func (r *Result) claimed(domain int32) string {
	outside := 0
	for i := range int32(len(r.Decisions)) {
		if !r.InScope(i) && r.testedDomain(i) == domain {
			outside++
		}
	}
	name := r.Tenant.DomainName(domain)
	known := text.Plural(outside, "user") + " of this directory out of scope"
	if r.Organization.AccountsCovered {
		unmanaged := 0
		for i := range r.Organization.Accounts {
			if a := &r.Organization.Accounts[i]; a.ClaimStatus == atlassian.ClaimUnmanaged &&
				tenant.DomainOf(a.Email) == name {
				unmanaged++
			}
		}
		known += ", " + text.Plural(unmanaged, "unmanaged account") + " in the organization"
	}
	return fmt.Sprintf("Verifying %s lets the organization, in a second step, claim every Atlassian account of that "+
		"domain that no other organization has claimed (reported), "+
		"also of people outside this directory or its scope (known: %s). Users of claimed accounts can't delete them "+
		"or change their e-mail, "+
		"and the organization's policies follow them into other organizations' products (documented).", name, known)
}
