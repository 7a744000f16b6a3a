package atlassian

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
)

// Claim is what the server knows of how an organization came by a domain: one that a snapshot brought, or
// SetDomainClaim set, has none and is never looked at again.
type Claim struct {
	proofs   map[string]string // token by method; several are advised, and one is enough [atlassian 3.1, D*]
	ByHand   bool              // "some accounts": none are claimed by themselves
	ViaEntra bool              // verified by the nested-groups integration
	checked  time.Time         // when the proof was last looked for
	lost     time.Time         // when it was first missed; zero while it is there
}

// The proofs that an administrator can give, and the claim settings [atlassian 3.1].
const (
	proofDNS  = "dns"
	proofHTTP = "http"

	claimAll  = "all"
	claimNone = "none"

	proofFile = "/atlassian-domain-verification.html"

	Recheck = 24 * time.Hour      // how often a proof is looked for [I]
	Grace   = 14 * 24 * time.Hour // how long a missing one is forgiven [D*]
)

// publicMail are providers' domains, which nobody can verify [atlassian 3.1, D]; the list is ours.
var publicMail = strings.Fields(
	`gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com mac.com
	aol.com proton.me protonmail.com gmx.com gmx.de gmx.net web.de mail.com mail.ru yandex.com yandex.ru qq.com 163.com
	zoho.com`,
)

// VerifyClaim is an organization's administrator pressing Verify: the domain is listed, as verified where the
// simulated DNS has the TXT atlassian-domain-verification=<token> at the domain itself ("dns"), or the
// simulated web the file with the token ("http"). Else a new one is listed as unverified, and one that is
// there stays as it is; pressing again is needed then [I]. It answers the status. That another organization
// has verified the domain is no bar [D*]. With claim "all", the default, accounts on the domain become
// managed, now and as they come, unless another organization manages them; with "none" they are left.
func (o *Organizations) VerifyClaim(org, domain, method, token string, claimed ...string) (status string, err error) {
	name, setting := naming.HostName(domain), claimAll
	if len(claimed) > 0 && claimed[0] != "" {
		setting = claimed[0]
	}
	switch {
	case !naming.DomainName.MatchString(name):
		return "", fmt.Errorf("%q isn't a domain's name", domain)
	case slices.Contains(publicMail, name):
		return "", fmt.Errorf("%s is a public mail provider's domain, which can't be verified", name)
	case method != proofDNS && method != proofHTTP:
		return "", fmt.Errorf("method %q: one of dns, http", method)
	case token == "":
		return "", fmt.Errorf("the token is missing")
	case setting != claimAll && setting != claimNone:
		return "", fmt.Errorf("claim %q: one of all, none", setting)
	}
	err = o.Change(org, func(g *Organization) error {
		now := o.clock.Now()
		if !o.proves(name, method, token, now) {
			if g.Domain(name) == nil {
				g.SetClaim(name, "unverified", method)
			}
			status = g.Domain(name).Attributes.Claim.Status
			return nil
		}
		k := g.Claims[name]
		if k == nil || k.ViaEntra {
			k = &Claim{proofs: map[string]string{}}
		}
		k.proofs[method] = token
		k.ByHand, k.checked, k.lost = setting == claimNone, now, time.Time{}
		g.SetProofs(name, k)
		o.watched.Store(true)
		g.SetClaim(name, "verified", method)
		if !k.ByHand {
			o.ClaimAccounts(g, name)
		}
		status = "verified"
		return nil
	})
	return status, err
}

// SetProofs keeps what the server knows of a claim.
func (g *Organization) SetProofs(domain string, k *Claim) {
	if g.Claims == nil {
		g.Claims = map[string]*Claim{}
	}
	g.Claims[domain] = k
}

// proves says whether whoever looks at a time sees a proof.
func (o *Organizations) proves(domain, method, token string, at time.Time) bool {
	if strings.HasSuffix(domain, ".onmicrosoft.com") { // its zone is Microsoft's [atlassian 1.3, I]
		return false
	}
	if method == proofDNS { // value: [atlassian 3.1, R]
		return o.dns.HasTXTAt(domain, "atlassian-domain-verification="+token, at)
	}
	return strings.Contains(o.dns.WebFile(domain, proofFile), token) // name: 3.1 [R]
}

// RecheckClaims looks for proofs as often as was due till now. It has to come before the world changes, and
// before anybody looks at claims. No mutex is held.
func (o *Organizations) RecheckClaims() {
	if !o.watched.Load() {
		return
	}
	o.Mu.Lock()
	defer o.Mu.Unlock()
	now := o.clock.Now()
	for _, key := range o.Keys {
		g := o.ByKey[key]
		for _, name := range slices.Sorted(maps.Keys(g.Claims)) {
			if k := g.Claims[name]; len(k.proofs) > 0 {
				o.recheckClaim(g, name, k, now)
			}
		}
	}
}

// recheckClaim: a missing proof makes the claim missing_token [I]; one that comes back in time makes it good
// again; after the grace it is unverified, and its accounts are nobody's [D*].
func (o *Organizations) recheckClaim(g *Organization, name string, k *Claim, now time.Time) {
	for at := k.checked.Add(Recheck); !at.After(now); at = at.Add(Recheck) {
		k.checked = at
		proven := false
		for method, token := range k.proofs {
			proven = proven || o.proves(name, method, token, at)
		}
		switch {
		case proven && !k.lost.IsZero():
			k.lost = time.Time{}
			g.SetClaim(name, "verified", "")
		case !proven && k.lost.IsZero():
			k.lost = at
			g.SetClaim(name, "missing_token", "")
		case !proven && at.Sub(k.lost) >= Grace:
			delete(g.Claims, name)
			g.SetClaim(name, "unverified", "")
			g.ReleaseAccounts(name)
			return
		}
	}
}

// Domain is an organization's entry for a name, nil if it has none.
func (g *Organization) Domain(name string) *ClaimedDomain {
	for _, d := range g.Domains {
		if naming.HostName(d.Attributes.Name) == naming.HostName(name) {
			return d
		}
	}
	return nil
}

// VerifiedDomain says whether a domain counts as verified in the organization, as one whose proof is missing
// does while it is forgiven: only then the status is unverified [atlassian 3.1, D*]. A parent doesn't cover
// its sub-domains [D*].
func (g *Organization) VerifiedDomain(name string) bool {
	d := g.Domain(name)
	return d != nil && d.Verified()
}

// Verified says whether the domain counts as verified, as one whose proof is missing does while it is forgiven.
func (d *ClaimedDomain) Verified() bool {
	return d.Attributes.Claim.Status == "verified" || d.Attributes.Claim.Status == "missing_token"
}

// ClaimsNew says whether a new account on an address would be the organization's: the domain is verified, its
// accounts are claimed as they come, and no other organization manages that account.
func (o *Organizations) ClaimsNew(g *Organization, email string) bool {
	_, domain, _ := naming.CutLast(email, "@")
	k := g.Claims[naming.HostName(domain)]
	return g.VerifiedDomain(domain) && (k == nil || !k.ByHand) && !o.ManagedElsewhere(g)[strings.ToLower(email)]
}

// ManagedElsewhere is the addresses that other organizations manage: an account is managed by one alone
// [atlassian 3.1, D* + I].
func (o *Organizations) ManagedElsewhere(g *Organization) map[string]bool {
	out := map[string]bool{}
	for _, key := range o.Keys {
		if other := o.ByKey[key]; other != g {
			for _, a := range other.Accounts {
				if a.ClaimStatus == "managed" {
					out[strings.ToLower(a.Email)] = true
				}
			}
		}
	}
	return out
}

// on are the accounts with an address on exactly that domain.
func (g *Organization) on(domain string, do func(*Account)) {
	for _, a := range g.Accounts {
		if _, at, ok := naming.CutLast(a.Email, "@"); ok && naming.HostName(at) == naming.HostName(domain) {
			do(a)
		}
	}
}

// ClaimAccounts makes the accounts on a domain the organization's, but those that another manages.
func (o *Organizations) ClaimAccounts(g *Organization, domain string) {
	elsewhere := o.ManagedElsewhere(g)
	g.on(domain, func(a *Account) {
		if !elsewhere[strings.ToLower(a.Email)] {
			a.ClaimStatus = "managed"
		}
	})
}

// ReleaseAccounts makes a domain's managed accounts nobody's; managementSource is of managed ones alone
// [atlassian 3.2].
func (g *Organization) ReleaseAccounts(domain string) {
	g.on(domain, func(a *Account) {
		if a.ClaimStatus == "managed" {
			a.ClaimStatus, a.ManagementSource = "unmanaged", nil
		}
	})
}
