package simulator

import (
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
)

// accountOf is the account of an address, nil if there is none.
func (d *scimClient) accountOf(email string) *atlassian.Account {
	accounts := d.server.Organizations.ByKey["main"].Accounts
	i := slices.IndexFunc(accounts, func(a *atlassian.Account) bool { return a.Email == email })
	if i < 0 {
		return nil
	}
	return accounts[i]
}

// linked says what account a record is linked to, and its groups.
func (d *scimClient) linked(id string) string {
	users, groups, err := d.server.Directory("main")
	if err != nil {
		d.t.Fatal(err)
	}
	var out []string
	for _, u := range users {
		if u.ID == id && u.AccountID != "" {
			for _, a := range d.server.Organizations.ByKey["main"].Accounts {
				if a.AccountID == u.AccountID {
					out = append(out, a.Email)
				}
			}
		}
	}
	for _, g := range groups {
		if slices.Contains(g.Members, id) {
			out = append(out, g.DisplayName)
		}
	}
	return strings.Join(out, " ")
}

// group makes a group with one member.
func (d *scimClient) group(name, member string) {
	d.t.Helper()
	d.do("POST", "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"`+name+
		`","members":[{"value":"`+member+`"}]}`).want(d.t, 201)
}

func setEmail(address string) string {
	return patchOp(`{"op":"Replace","path":"emails[type eq \"work\"].value","value":"` + address + `"}`)
}

// What a change of a synced user does depends on the account's kind before and after [atlassian 2.6].
func TestDirectoryTransitions(t *testing.T) {
	const title = `{"op":"Replace","path":"title","value":"Lead"}`
	for name, x := range map[string]struct {
		email, patch, want string
	}{
		"managed, another attribute": {"new@company.com", patchOp(title), "new@company.com G"},
		"managed, to another verified domain": {
			"new@company.com", setEmail("new@eu.company.com"), "new@eu.company.com G",
		},
		"managed, to an unverified domain": {"new@company.com", setEmail("new@elsewhere.example"), ""},
		"external, another attribute":      {"new@elsewhere.example", patchOp(title), ""},
		"external, another address":        {"new@elsewhere.example", setEmail("other@elsewhere.example"), ""},
		"external, to a verified domain":   {"new@elsewhere.example", setEmail("new@company.com"), ""},
		"external, deactivated, no update": {
			"new@elsewhere.example", patchOp(`{"op":"Replace","path":"active","value":false}`), "new@elsewhere.example G",
		},
		"verified, but claimed by another":   {"taken@company.com", patchOp(title), ""},
		"managed, the same values once more": {"new@company.com", setEmail("new@company.com"), "new@company.com G"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDirectory(t)
			for _, domain := range []string{"company.com", "eu.company.com"} {
				if err := d.server.SetDomainClaim("main", domain, "verified"); err != nil {
					t.Fatal(err)
				}
			}
			for _, org := range []string{"emea"} {
				if err := d.server.PutAccount(
					org, []byte(`{"accountId":"acc-emea","email":"taken@company.com","claimStatus":"managed"}`),
				); err != nil {
					t.Fatal(err)
				}
			}
			id := d.create(x.email, x.email)
			d.group("G", id)
			d.do("PATCH", "/Users/"+id, x.patch).want(t, 200)
			assert.Equal(t, "link and groups", d.linked(id), x.want)
		})
	}
}

// The account keeps its old address where the link breaks, and no new one is made [atlassian 2.6].
func TestDirectoryUnlinkedAccountKeepsItsAddress(t *testing.T) {
	d := newDirectory(t)
	id := d.create("new@company.com", "new@company.com")
	before := len(d.server.Organizations.ByKey["main"].Accounts)
	d.do("PATCH", "/Users/"+id, setEmail("new@elsewhere.example")).want(t, 200)
	if d.accountOf("new@company.com") == nil || d.accountOf("new@elsewhere.example") != nil {
		t.Error("the account has another address")
	}
	assert.Equal(t, "accounts", len(d.server.Organizations.ByKey["main"].Accounts), before)
	d.do("PATCH", "/Users/"+id, setEmail("new@company.com")).want(t, 200) // ACCESS-1737
	assert.Equal(t, "not linked again", d.linked(id), "")
}

// The domain lapses: accounts are nobody's, and each one's next update unlinks it [atlassian 2.6].
func TestDirectoryLapsedDomain(t *testing.T) {
	d := newDirectory(t)
	id := d.create("new@company.com", "new@company.com")
	d.group("G", id)
	if err := d.server.SetDomainClaim("main", "company.com", "unverified"); err != nil {
		t.Fatal(err)
	}
	assert.Equal(t, "until the update", d.linked(id), "new@company.com G")
	d.do("PATCH", "/Users/"+id, patchOp(`{"op":"Replace","path":"title","value":"Lead"}`)).want(t, 200)
	assert.Equal(t, "after it", d.linked(id), "")
}

// An update to an address that another account holds fails, and the old address stays [atlassian row 33].
func TestDirectoryAddressOfAnotherAccount(t *testing.T) {
	d := newDirectory(t)
	id := d.create("new@company.com", "new@company.com")
	if err := d.server.PutAccount("main", []byte(`{"accountId":"acc-x","email":"held@company.com"}`)); err != nil {
		t.Fatal(err)
	}
	r := d.do("PATCH", "/Users/"+id, setEmail("held@company.com"))
	r.wantSCIM(t, 409, "uniqueness", "Resource [USER]: with email[held@company.com] already exists.")
	assert.Equal(t, "address", d.linked(id), "new@company.com")
}

// The id in Entra is another's already [atlassian row 24].
func TestDirectoryExternalIDOfAnotherRecord(t *testing.T) {
	d := newDirectory(t)
	d.create("old@company.com", "old@company.com", `,"externalId":"one"`)
	r := d.do("POST", "/Users", person("new@company.com", "new@company.com", `,"externalId":"one"`))
	r.wantSCIM(t, 409, "uniqueness", "externalId[one]")
}

// Provisioning neither shows nor undoes what administrators did to an account [atlassian 3.4].
func TestDirectoryAccountStates(t *testing.T) {
	const deactivated = `"accountStatus":"inactive","status":"deactivated","membershipStatus":"active"`
	const suspended = `"accountStatus":"active","status":"suspended","membershipStatus":"suspended"`
	const deleting = `"accountStatus":"active","status":"for_deletion","membershipStatus":"active"`
	off := patchOp(`{"op":"Replace","path":"active","value":false}`)
	on := patchOp(`{"op":"Replace","path":"active","value":true}`)
	lead := patchOp(`{"op":"Replace","path":"title","value":"Lead"}`)
	for name, x := range map[string]struct {
		before  string
		patches []string
		want    string
	}{
		"deactivated by hand, no update of active":    {deactivated, []string{lead}, "inactive deactivated active"},
		"deactivated by hand, active again":           {deactivated, []string{off, on}, "active active active"},
		"suspended stays so":                          {suspended, []string{lead, off, on}, "active suspended suspended"},
		"suspended, and deactivated":                  {suspended, []string{off}, "inactive suspended suspended"},
		"to be deleted stays so, whatever is changed": {deleting, []string{lead, off, on}, "active for_deletion active"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDirectory(t)
			account := `{"accountId":"acc-x","email":"new@company.com","claimStatus":"managed",` + x.before + `}`
			if err := d.server.PutAccount("main", []byte(account)); err != nil {
				t.Fatal(err)
			}
			id := d.create("new@company.com", "new@company.com")
			for _, p := range x.patches {
				d.do("PATCH", "/Users/"+id, p).want(t, 200)
			}
			a := d.accountOf("new@company.com")
			assert.Equal(t, "account", a.AccountStatus+" "+a.Status+" "+a.MembershipStatus, x.want)
		})
	}
}

// A default access group of an app can't be synced, by no connector [atlassian 1.4].
func TestDirectoryDefaultAccessGroup(t *testing.T) {
	d := newDirectory(t)
	if err := d.server.PutOrganizationGroup(
		"main", []byte(`{"id":"og-x","name":"jira-users","defaultAccess":true,"members":[]}`),
	); err != nil {
		t.Fatal(err)
	}
	r := d.do(
		"POST",
		"/Groups",
		`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Jira-Users"}`,
	)
	r.wantSCIM(t, 409, "uniqueness", "default access group")
}

// The limits of a directory [atlassian 2.4].
func TestDirectoryLimits(t *testing.T) {
	b := env.DefaultBehavior()
	assert.Equal(t, "users", b.DirectoryUsers, 1_000_000)
	assert.Equal(t, "users of a group", b.DirectoryGroupUsers, 290_000)
	assert.Equal(t, "groups", b.DirectoryGroups, 250_000)
	d := newDirectory(t, WithBehavior(func(b *env.Behavior) { b.DirectoryGroups = 1 }))
	group := func(name string) reply {
		return d.do(
			"POST",
			"/Groups",
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"`+name+`"}`,
		)
	}
	group("A").want(t, 201)
	group("B").wantSCIM(t, 400, "tooMany", "groups")
}

// The zone of onmicrosoft.com is Microsoft's: nobody can prove a name under it [atlassian 1.3].
func TestInitialDomainIsNeverVerified(t *testing.T) {
	d := newDirectory(t)
	const name = "company.onmicrosoft.com"
	if err := d.server.PutDNS(name, "TXT", "atlassian-domain-verification=t"); err != nil {
		t.Fatal(err)
	}
	status, err := d.server.VerifyClaim("main", name, "dns", "t")
	if err != nil {
		t.Fatal(err)
	}
	assert.Equal(t, "status", status, "unverified")
}
