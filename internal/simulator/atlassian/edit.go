package atlassian

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
// type, which may be any word, is kept without one. Without a verified claim its accounts are nobody's. The claim's
// proof isn't looked for from then on.
func (o *Organizations) SetDomainClaim(org, domain, status string, claimType ...string) error {
	if !slices.Contains(claimStatuses, status) {
		return fmt.Errorf("status %q: one of %s", status, strings.Join(claimStatuses, ", "))
	}
	return o.Change(org, func(g *Organization) error {
		delete(g.Claims, naming.HostName(domain))
		g.SetClaim(domain, status, strings.Join(claimType, ""))
		if !g.VerifiedDomain(domain) {
			g.ReleaseAccounts(domain)
		}
		return nil
	})
}

// RemoveDomainClaim takes a domain out of an organization's list.
func (o *Organizations) RemoveDomainClaim(org, domain string) error {
	return o.Change(org, func(g *Organization) error {
		g.RemoveClaim(domain)
		return nil
	})
}

// RemoveClaim takes a domain out of the organization's list.
func (g *Organization) RemoveClaim(domain string) {
	delete(g.Claims, naming.HostName(domain))
	g.Domains = slices.DeleteFunc(
		g.Domains, func(d *ClaimedDomain) bool { return naming.HostName(d.Attributes.Name) == naming.HostName(domain) },
	)
}

// PutAccount adds or replaces an account of an organization, in the words of v2. Without claimStatus it is
// managed on a domain that VerifyClaim claimed.
func (o *Organizations) PutAccount(org string, raw []byte) error {
	return o.Change(org, func(g *Organization) error {
		g.Cover("accounts")
		if err := putInto(raw, &g.Accounts, func(a *Account) string { return a.AccountID }); err != nil {
			return err
		}
		for _, a := range g.Accounts {
			_, domain, _ := naming.CutLast(a.Email, "@")
			if a.ClaimStatus == "" && g.Claims[naming.HostName(domain)] != nil && o.ClaimsNew(g, a.Email) {
				a.ClaimStatus = "managed"
			}
		}
		return nil
	})
}

// PutOrganizationGroup adds or replaces a group of an organization.
func (o *Organizations) PutOrganizationGroup(org string, raw []byte) error {
	return o.Change(org, func(g *Organization) error {
		g.Cover("groups")
		return putInto(raw, &g.Groups, func(o *Group) string { return o.ID })
	})
}

// Change changes an organization, named by its id or key, under the mutex.
func (o *Organizations) Change(name string, change func(*Organization) error) error {
	o.RecheckClaims()
	o.Mu.Lock()
	defer o.Mu.Unlock()
	g := o.find(name)
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
	i, found := slices.BinarySearchFunc(
		*list, key(item), func(have *T, want string) int { return strings.Compare(key(have), want) },
	)
	if found {
		(*list)[i] = item
		return nil
	}
	*list = slices.Insert(*list, i, item)
	return nil
}
