package decision

import (
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
)

// declaredClaim is the type of a claim that the configuration declares, in place of one that was read.
const declaredClaim = "declared"

// What is said of a domain that decides nobody.
const (
	publicMailAdvice = " is a public mail provider's domain, which no organization can verify. Leave it out: users " +
		"with an address there sync as guests, or with a mail on a domain of the company."
	unusedDomain = "%s: nobody in the reading has an address on %s, so that it decides nobody. Is it spelled right? " +
		"Their domains are %s."
)

// UnmatchedDomains says which domains that the configuration takes for verified can decide nobody: of a public mail
// provider, which no organization verifies ([atlassian 3.1], documented), or of nobody in the reading. Over SCIM a
// mapping may make addresses on any domain, so that there the first alone is said.
func (r *Result) UnmatchedDomains() (advice []string) {
	var declared []string
	for _, c := range r.Organization.Domains {
		if c.Type == declaredClaim {
			declared = append(declared, c.Name)
		}
	}
	if len(declared)+len(r.WhatIf.VerifiedDomains) == 0 {
		return nil
	}
	used := r.usedDomains()
	for _, set := range []struct {
		argument string
		domains  []string
	}{
		{"verified_domains of the provider's organizations", declared},
		{"what_if.verified_domains", r.WhatIf.VerifiedDomains},
	} {
		for _, name := range set.domains {
			switch {
			case tenant.PublicMail(name):
				advice = append(advice, set.argument+": "+name+publicMailAdvice)
			case r.Settings.Connector == NestedGroups && !used[name]:
				advice = append(advice, fmt.Sprintf(unusedDomain, set.argument, name, r.largestDomains(used)))
			}
		}
	}
	return advice
}

// usedDomains are the domains of users' addresses and homes.
func (r *Result) usedDomains() map[string]bool {
	met := make([]bool, len(r.Tenant.DomainNames()))
	see := func(p int32) {
		if p >= 0 {
			met[p] = true
		}
	}
	used := map[string]bool{}
	for i := range int32(len(r.Directory.Users)) {
		_, mail := r.view.Mail(i)
		see(mail)
		see(r.Tenant.UPNDomain(i))
		if r.Tenant.External(i) {
			used[tenant.HomeDomain(&r.Directory.Users[i])] = true
		}
	}
	for p, ok := range met {
		if ok {
			used[r.Tenant.DomainName(int32(p))] = true
		}
	}
	delete(used, "")
	return used
}

// largestDomains names some of the domains that are used.
func (r *Result) largestDomains(used map[string]bool) string {
	const shown = 8
	var names []string
	for name := range used {
		if !tenant.PublicMail(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if more := len(names) - shown; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:shown], ", "), more)
	}
	return strings.Join(names, ", ")
}
