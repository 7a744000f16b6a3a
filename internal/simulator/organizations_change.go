package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
)

// claimStatuses is what a claim may be [atlassian 3.2].
var claimStatuses = []string{"verified", "unverified", "missing_token", "superseded", "deleted"}

// SetDomainClaim changes the claim of a domain in an organization, by its id or key, or adds the domain; a
// type, which may be any word, is kept without one. The claim's proof isn't looked for from then on.
func (s *organizations) SetDomainClaim(org, domain, status string, claimType ...string) error {
	if !slices.Contains(claimStatuses, status) {
		return fmt.Errorf("status %q: one of %s", status, strings.Join(claimStatuses, ", "))
	}
	return s.inOrganization(org, func(g *organization) error {
		delete(g.claims, naming.HostName(domain))
		g.setClaim(domain, status, strings.Join(claimType, ""))
		return nil
	})
}

// RemoveDomainClaim takes a domain out of an organization's list.
func (s *organizations) RemoveDomainClaim(org, domain string) error {
	return s.inOrganization(org, func(g *organization) error {
		g.removeClaim(domain)
		return nil
	})
}

func (g *organization) removeClaim(domain string) {
	delete(g.claims, naming.HostName(domain))
	g.domains = slices.DeleteFunc(g.domains, func(d *claimedDomain) bool { return naming.HostName(d.Attributes.Name) == naming.HostName(domain) })
}

// PutAccount adds or replaces an account of an organization, in the words of v2. Without claimStatus it is
// managed on a domain that VerifyClaim claimed.
func (s *organizations) PutAccount(org string, raw []byte) error {
	return s.inOrganization(org, func(g *organization) error {
		g.cover("accounts")
		if err := putInto(raw, &g.accounts, func(a *account) string { return a.AccountID }); err != nil {
			return err
		}
		for _, a := range g.accounts {
			_, domain, _ := naming.CutLast(a.Email, "@")
			if a.ClaimStatus == "" && g.claims[naming.HostName(domain)] != nil && s.claimsNew(g, a.Email) {
				a.ClaimStatus = "managed"
			}
		}
		return nil
	})
}

// PutOrganizationGroup adds or replaces a group of an organization.
func (s *organizations) PutOrganizationGroup(org string, raw []byte) error {
	return s.inOrganization(org, func(g *organization) error {
		g.cover("groups")
		return putInto(raw, &g.groups, func(o *orgGroup) string { return o.ID })
	})
}

func (s *organizations) inOrganization(name string, change func(*organization) error) error {
	s.settleClaims()
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.find(name)
	if g == nil {
		return fmt.Errorf("no organization has the id or key %q", name)
	}
	return change(g)
}

// putInto adds or replaces an item of a list that is sorted by its key.
func putInto[T any](raw []byte, list *[]*T, key func(*T) string) error {
	item := new(T)
	if err := json.Unmarshal(raw, item); err != nil {
		return err
	}
	if key(item) == "" {
		return fmt.Errorf("the id is missing")
	}
	i, found := slices.BinarySearchFunc(*list, key(item), func(have *T, want string) int { return strings.Compare(key(have), want) })
	if found {
		(*list)[i] = item
		return nil
	}
	*list = slices.Insert(*list, i, item)
	return nil
}
