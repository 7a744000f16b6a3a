package decision

import (
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// DomainReport is who is on a domain, and what its verification decides.
type DomainReport struct {
	// Name is in lower-case ASCII form.
	Name string
	// InEntra says that it is a domain of the tenant, VerifiedInEntra that the
	// tenant has verified it.
	InEntra, VerifiedInEntra bool
	// PublicMail says that nobody can verify it.
	PublicMail bool
	// Claims are the organization's entries of that name; it may list a domain
	// several times.
	Claims []directory.Claim
	// Verified says that it counts as verified in the organization: by a claim, by
	// the sync (connector_settings.entra_domains) or by what is assumed.
	Verified bool
	// Home are the users whose home domain it is; Tested those in or out of scope
	// whose tested address lies there. The SCIM connector's is known only of users
	// who are directly in scope, whose mapping gives it.
	Home, Tested DomainUsers
	// ManagedAccounts are the organization's accounts on the domain that it
	// manages; nil where its accounts weren't read.
	ManagedAccounts *int
	// Synced, Skipped, Unknown and NotInScope count Tested by their decisions.
	Synced, Skipped, Unknown, NotInScope int
	// IfVerified is what verifying the domain would change, IfNotVerified what
	// losing the verification would: the one that isn't the case now, else nil. A
	// public mail domain, or one of Microsoft's zone, can't be verified.
	IfVerified, IfNotVerified *DomainChange
}

// DomainUsers counts users in the directory, with the types that are assumed.
type DomainUsers struct {
	Users int
	// Untyped are neither Member nor Guest.
	Members, Guests, Untyped int
	// External have their home in another tenant, in Entra's sense (#EXT#, or an identity issued elsewhere).
	Internal, External int
}

func (u *DomainUsers) add(userType string, external bool) {
	u.Users++
	switch userType {
	case TypeMember:
		u.Members++
	case TypeGuest:
		u.Guests++
	default:
		u.Untyped++
	}
	if external {
		u.External++
	} else {
		u.Internal++
	}
}

// Domains tells, for each domain that the directory or the organization knows,
// who is on it and what its verification decides: home domains, the domains of
// addresses that decide, the tenant's own, the organization's and the assumed
// ones; by ascending name. Lists of names hold at most limit, as object ids
// with ids.
//
// Who would change is decided again, by the rules themselves, but only for
// users whose decision looks at the domain, so the work grows with the users
// and not with users times domains.
func (r *Result) Domains(limit int, ids bool) []DomainReport {
	b := &domainReports{Result: r, at: map[string]int{}}
	b.known()
	b.users()
	b.changes(limit, ids)
	b.accounts()
	slices.SortFunc(b.list, func(a, b DomainReport) int { return strings.Compare(a.Name, b.Name) })
	return b.list
}

// domainReports are the reports in the making; at finds one by name.
type domainReports struct {
	*Result
	at   map[string]int
	list []DomainReport
}

// of gives the report of a domain, made on first sight.
func (b *domainReports) of(name string) *DomainReport {
	i, ok := b.at[name]
	if !ok {
		i = len(b.list)
		b.at[name] = i
		b.list = append(b.list, DomainReport{Name: name, PublicMail: tenant.PublicMail(name)})
	}
	return &b.list[i]
}

// known are the domains that the tenant and the organization list, and those
// that are assumed.
func (b *domainReports) known() {
	for _, d := range b.Directory.Domains {
		p := b.of(d.Name)
		p.InEntra, p.VerifiedInEntra = true, p.VerifiedInEntra || d.IsVerified
	}
	for _, c := range b.Organization.Domains {
		p := b.of(c.Name)
		p.Claims = append(p.Claims, c)
	}
	for _, name := range b.WhatIf.VerifiedDomains {
		b.of(name)
	}
}

// users counts each user at home and where the tested address lies.
func (b *domainReports) users() {
	for i := range int32(len(b.Decisions)) {
		typ, external := b.typeOf(i), b.Tenant.External(i)
		if home := tenant.HomeDomain(&b.Directory.Users[i]); home != "" {
			b.of(home).Home.add(typ, external)
		}
		tested := b.testedDomain(i)
		if tested < 0 {
			continue
		}
		p := b.of(b.Tenant.DomainName(tested))
		p.Tested.add(typ, external)
		switch verdict := b.Decisions[i].Code.Verdict(); {
		case !b.InScope(i):
			p.NotInScope++
		case verdict == Sync:
			p.Synced++
		case verdict == Unknown:
			p.Unknown++
		default:
			p.Skipped++
		}
	}
}

// changes decides again, domain by domain.
func (b *domainReports) changes(limit int, ids bool) {
	trial := newDomainTrial(b.Result)
	found := map[string]*DomainChange{}
	for d, usersByDomain := range b.usersByDomain(func(int32) bool { return true }) {
		if len(usersByDomain) > 0 {
			b.of(b.Tenant.DomainName(int32(d)))
			found[b.Tenant.DomainName(int32(d))] = trial.change(int32(d), usersByDomain, limit, ids)
		}
	}
	assumed := atlassian.AssumedDomains(b.WhatIf)
	for i := range b.list {
		p := &b.list[i]
		p.Verified = b.org.StateOf(p.Name, assumed)&atlassian.Verified != 0
		change := found[p.Name]
		if change == nil {
			change = &DomainChange{} // no decision looks at it
		}
		switch {
		case p.Verified:
			p.IfNotVerified = change
		case !p.PublicMail && !strings.HasSuffix(p.Name, tenant.InitialSuffix):
			p.IfVerified = change
		}
	}
}

// accounts counts the organization's managed accounts, where they were read.
func (b *domainReports) accounts() {
	if !b.Organization.AccountsCovered {
		return
	}
	for i := range b.list {
		b.list[i].ManagedAccounts = new(int)
	}
	for i := range b.Organization.Accounts {
		a := &b.Organization.Accounts[i]
		if at, ok := b.at[tenant.DomainOf(a.Email)]; ok && a.ClaimStatus == atlassian.ClaimManaged {
			*b.list[at].ManagedAccounts++
		}
	}
}
