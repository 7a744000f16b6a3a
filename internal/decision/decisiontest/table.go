package decisiontest

import (
	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// decisionTable is the NG column of [atlassian rows 1-25]: a case begins with
// its row's number.
func decisionTable(t *testing.T) {
	pending := directorytest.External("p@fabrikam.com", decision.TypeGuest)
	pending.ExternalUserState = "PendingAcceptance"
	noMail := directorytest.External("k@fabrikam.com", decision.TypeGuest)
	noMail.Mail = ""
	upnOnly := directorytest.Employee("a@company.com")
	upnOnly.Mail = ""
	disabled := directorytest.Employee("a@company.com")
	disabled.AccountEnabled = directory.False
	disabledGuest := directorytest.External("p@fabrikam.com", decision.TypeGuest)
	disabledGuest.AccountEnabled = directory.False
	mixed := directorytest.Employee("a@company.com")
	mixed.Mail = "a@unverified.com"
	mixedOther := directorytest.Employee("a@unverified.com")
	mixedOther.Mail = "a@company.com"
	bare := directory.User{UserPrincipalName: "no address", UserType: decision.TypeMember}
	internalGuest := directory.User{
		UserPrincipalName: "g@unverified.com",
		Mail:              "g@unverified.com",
		UserType:          decision.TypeGuest,
	}
	withType := func(u directory.User, typ string) directory.User { u.UserType = typ; return u }
	tests := []struct {
		row   string
		user  directory.User
		group string
		want  string
	}{
		{
			"1 member on a verified domain, direct",
			directorytest.Employee("a@company.com"),
			"Staff",
			"sync: domain_verified (company.com, managed, inferred)",
		},
		{"2 nested only", directorytest.Employee("a@company.com"), "Child", "sync: domain_verified (company.com, " +
			"managed, inferred)"},
		{
			"3 guest on a verified domain",
			withType(directorytest.External("a@company.com", ""), decision.TypeGuest),
			"Staff",
			"sync: domain_verified (company.com, managed, inferred)",
		},
		{
			"4 no type on a verified domain",
			withType(directorytest.Employee("a@company.com"), ""),
			"Staff",
			"sync: domain_verified (company.com, managed, inferred)",
		},
		{
			"5 cross-tenant member on a verified domain",
			directorytest.External("a@company.com", decision.TypeMember),
			"Staff",
			"sync: domain_verified (company.com, managed, inferred)",
		},
		{
			"6 guest, direct, accepted",
			directorytest.External("p@fabrikam.com", decision.TypeGuest),
			"Staff",
			"sync: guest (fabrikam.com, external, reported)",
		},
		{
			"7 guest, nested",
			directorytest.External("p@fabrikam.com", decision.TypeGuest),
			"Child",
			"sync: guest (fabrikam.com, external, inferred)",
		},
		{"8 guest, invitation pending", pending, "Staff", "sync: guest (fabrikam.com, external, inferred)"},
		{
			"9 cross-tenant member, direct",
			directorytest.External("p@fabrikam.com", decision.TypeMember),
			"Staff",
			"skip: external_member (fabrikam.com, Member, reported)",
		},
		{
			"9 cross-tenant member, nested",
			directorytest.External("p@fabrikam.com", decision.TypeMember),
			"Child",
			"skip: external_member (fabrikam.com, Member, reported)",
		},
		{
			"11 own user on the initial domain",
			directorytest.Employee("a@company.onmicrosoft.com"),
			"Staff",
			"skip: domain_not_verified (company.onmicrosoft.com)",
		},
		{
			"11 own user on an unverified domain",
			directorytest.Employee("a@unverified.com"),
			"Staff",
			"skip: domain_not_verified (unverified.com)",
		},
		{
			"11 own user with a public mail",
			withType(directory.User{UserPrincipalName: "x", Mail: "a@gmail.com"}, decision.TypeMember),
			"Staff",
			"skip: domain_not_verifiable (gmail.com)",
		},
		{
			"12 external without a type",
			directorytest.External("p@fabrikam.com", ""),
			"Staff",
			"skip: external_member (fabrikam.com, no userType, inferred)",
		},
		{
			"12 internal without a type",
			withType(directorytest.Employee("a@unverified.com"), ""),
			"Staff",
			"skip: domain_not_verified (unverified.com, inferred)",
		},
		{"internal guest", internalGuest, "Staff", "sync: guest (unverified.com, external, inferred)"},
		{"15 no mail, the name is an address", upnOnly, "Staff", "sync: domain_verified (company.com, managed, " +
			"inferred)"},
		{"16 no mail, #EXT#", noMail, "Staff", "unknown: ext_upn_as_address (fabrikam.com, Guest, inferred)"},
		{"17 mail unverified, name verified", mixed, "Staff", "skip: domain_not_verified (unverified.com, inferred); " +
			"warning: mail_upn_domain_differ"},
		{"17 the other way round", mixedOther, "Staff", "sync: domain_verified (company.com, managed, inferred); " +
			"warning: mail_upn_domain_differ"},
		{"18, 20 disabled", disabled, "Staff", "skip: account_disabled (company.com, managed, inferred)"},
		{"19, 20 disabled guest", disabledGuest, "Staff", "skip: account_disabled (fabrikam.com, external, inferred)"},
		{"25 in no group in scope", directorytest.Employee("a@company.com"), "Other", "skip: not_in_scope"},
		{"no address at all", bare, "Staff", "skip: no_usable_address (no mail, inferred)"},
	}
	for _, test := range tests {
		t.Run(test.row, func(t *testing.T) {
			w := directorytest.New()
			id := w.User(test.user, test.group)
			if got := decided(t, decide(t, w, request()), id); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// Changes of one user: [atlassian rows 13-14], [atlassian row 21], [atlassian row 23].
func decisionTableChanges(t *testing.T) {
	t.Run("13 a member becomes a guest", func(t *testing.T) {
		w := directorytest.New()
		id := w.User(directorytest.External("p@fabrikam.com", decision.TypeMember), "Staff")
		q := request()
		q.UserTypes = map[string]string{"p@fabrikam.com": decision.TypeGuest}
		if got := decided(t, decide(t, w, q), id); got != "sync: guest (fabrikam.com, external, reported)" {
			t.Error(got)
		}
	})
	t.Run("14 the domain is verified", func(t *testing.T) {
		w := directorytest.New()
		id := w.User(directorytest.External("p@fabrikam.com", decision.TypeMember), "Staff")
		q := request()
		q.VerifiedDomains = []string{"Fabrikam.COM."}
		assumed := decided(t, decide(t, w, q), id)
		w.Claims["fabrikam.com"] = directory.ClaimVerified
		seen := decided(t, decide(t, w, request()), id)
		if assumed != "sync: domain_verified (fabrikam.com, managed, inferred)" || seen != assumed {
			t.Errorf("assumed %s, seen %s: an apply that makes it so must change nothing", assumed, seen)
		}
	})
	t.Run("14 the sync verifies it", func(t *testing.T) {
		w := directorytest.New()
		w.Domains = append(
			w.Domains,
			directory.Domain{Name: "legacy.company.com", IsVerified: true},
			directory.Domain{Name: "pending.company.com"},
		)
		id := w.User(directorytest.Employee("a@legacy.company.com"), "Staff")
		other := w.User(directorytest.Employee("a@pending.company.com"), "Staff")
		for _, chosen := range [][]string{{"*"}, {"legacy.company.com", "pending.company.com"}} {
			q := request()
			q.ConnectorSettings.EntraDomains = chosen
			r := decide(t, w, q)
			if got := decided(t, r, id); got != "sync: domain_verified (legacy.company.com, managed, inferred)" {
				t.Error(got)
			}
			if got := decided(t, r, other); got != "skip: domain_not_verified (pending.company.com)" {
				t.Errorf("a domain that Entra hasn't verified doesn't qualify: %s", got)
			}
		}
	})
	t.Run("a sub-domain isn't covered by its parent", func(t *testing.T) {
		w := directorytest.New()
		id := w.User(directorytest.Employee("a@dev.company.com"), "Staff")
		if got := decided(t, decide(t, w, request()), id); got != "skip: domain_not_verified (dev.company.com)" {
			t.Error(got)
		}
	})
	for status, want := range map[string]string{
		"missing_token": "sync: domain_verified (company.com, managed, inferred); warning: verification_expiring",
		"unverified":    "skip: domain_not_verified (company.com, unverified)",
		"superseded":    "skip: domain_not_verified (company.com, superseded)",
		"something new": "skip: domain_not_verified (company.com, something new)",
	} {
		t.Run("claim "+status, func(t *testing.T) {
			w := directorytest.New()
			w.Claims["company.com"] = status
			id := w.User(directorytest.Employee("a@company.com"), "Staff")
			if got := decided(t, decide(t, w, request()), id); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func connectorRules(t *testing.T) {
	cases := []struct {
		settings decision.ConnectorSettings
		user     directory.User
		want     string
	}{
		{
			decision.ConnectorSettings{
				ExternalUsers:  decision.ExternalUsersNotMember,
				UserIdentifier: decision.IdentifierEmail,
			},
			directorytest.External("p@fabrikam.com", ""),
			"sync: guest (fabrikam.com, external, inferred)",
		},
		{
			decision.ConnectorSettings{
				ExternalUsers:  decision.ExternalUsersNotMember,
				UserIdentifier: decision.IdentifierEmail,
			},
			directorytest.External("p@fabrikam.com", decision.TypeMember),
			"skip: external_member (fabrikam.com, Member, reported)",
		},
		{
			decision.ConnectorSettings{
				ExternalUsers:  decision.ExternalUsersNotMember,
				UserIdentifier: decision.IdentifierEmail,
			},
			directorytest.External("p@fabrikam.com", decision.TypeGuest),
			"sync: guest (fabrikam.com, external, reported)",
		},
		{
			decision.ConnectorSettings{
				ExternalUsers:  decision.ExternalUsersExternal,
				UserIdentifier: decision.IdentifierEmail,
			},
			directorytest.External("p@fabrikam.com", decision.TypeMember),
			"sync: guest (fabrikam.com, external, inferred)",
		},
		{
			decision.ConnectorSettings{
				ExternalUsers:  decision.ExternalUsersExternal,
				UserIdentifier: decision.IdentifierEmail,
			},
			directory.User{UserPrincipalName: "g@x.com", Mail: "g@x.com", UserType: decision.TypeGuest},
			"skip: domain_not_verified (x.com)",
		},
		{
			decision.ConnectorSettings{
				ExternalUsers:  decision.ExternalUsersGuest,
				UserIdentifier: decision.IdentifierUserPrincipalName,
			},
			directory.User{UserPrincipalName: "a@company.com", Mail: "a@x.com", UserType: decision.TypeMember},
			"sync: domain_verified (company.com, managed, inferred)",
		},
		{
			decision.ConnectorSettings{
				ExternalUsers:  decision.ExternalUsersGuest,
				UserIdentifier: decision.IdentifierUserPrincipalName,
			},
			directorytest.External("p@fabrikam.com", decision.TypeGuest),
			"unknown: ext_upn_as_address (fabrikam.com, Guest, inferred)",
		},
	}
	for _, c := range cases {
		w := directorytest.New()
		id := w.User(c.user, "Staff")
		q := request()
		q.ConnectorSettings = c.settings
		if got := decided(t, decide(t, w, q), id); got != c.want {
			t.Errorf("%+v: got %s, want %s", c.settings, got, c.want)
		}
	}
}

// [atlassian row 24]: one address is one account.
func duplicateAddress(t *testing.T) {
	w := directorytest.New()
	one, two := directorytest.Employee("one@company.com"), directorytest.Employee("two@company.com")
	one.Mail, two.Mail = "Shared@company.com", "shared@COMPANY.com"
	a, b := w.User(one, "Staff"), w.User(two, "Child")
	other := directorytest.Employee("three@company.com")
	other.Mail = "shared@company.com"
	out := w.User(other, "Other") // not in scope: doesn't compete
	alone := w.User(directorytest.Employee("alone@company.com"), "Staff")
	r := decide(t, w, request())
	const want = "skip: duplicate_address (2 users, company.com, managed, inferred)"
	if decided(t, r, a) != want || decided(t, r, b) != want {
		t.Errorf("%s; %s", decided(t, r, a), decided(t, r, b))
	}
	if got := decided(t, r, out); got != "skip: not_in_scope" {
		t.Error(got)
	}
	if got := decided(t, r, alone); got != "sync: domain_verified (company.com, managed, inferred)" {
		t.Error(got)
	}
	// A user who doesn't sync leaves the address to the other.
	w = directorytest.New()
	member, guest := directorytest.External(
		"p@fabrikam.com",
		decision.TypeMember,
	), directorytest.External(
		"p@fabrikam.com",
		decision.TypeGuest,
	)
	guest.UserPrincipalName = "p_fabrikam.com#EXT#2@company.onmicrosoft.com"
	w.User(member, "Staff")
	g := w.User(guest, "Staff")
	if got := decided(t, decide(t, w, request()), g); got != "sync: guest (fabrikam.com, external, reported)" {
		t.Error(got)
	}
}
