package decisiontest

import (
	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// account is an account as the organization lists it.
func account(id, email string, set ...func(*directory.Account)) directory.Account {
	a := directory.Account{
		AccountID:        id,
		Email:            email,
		ClaimStatus:      "managed",
		AccountStatus:    "active",
		MembershipStatus: "active",
		Status:           "active",
	}
	for _, f := range set {
		f(&a)
	}
	return a
}

func inactive(a *directory.Account)  { a.AccountStatus = "inactive" }
func suspended(a *directory.Account) { a.Status = "suspended" }
func leaving(a *directory.Account)   { a.Status = "for_deletion" }
func closed(a *directory.Account)    { a.AccountStatus = "closed" }
func unclaimed(a *directory.Account) { a.ClaimStatus = "unmanaged" }

// record is a SCIM record linked to an account, "" for none.
func record(userName, accountID string) directory.SCIMUser {
	return directory.SCIMUser{
		ID:        "r-" + userName,
		UserName:  userName,
		Emails:    []string{userName},
		Active:    true,
		AccountID: accountID,
	}
}

// What the target holds, over SCIM: [atlassian rows 24-42] and [atlassian 3.4].
func targetSCIM(t *testing.T) {
	ann := "ann@company.com"
	renamed := record(ann, "a")
	renamed.Emails = []string{"old@company.com"}
	off := record(ann, "a")
	off.Active = false
	other := record("predecessor@company.com", "b")
	other.Emails = []string{ann}
	cases := []struct {
		name     string
		accounts []directory.Account
		records  []directory.SCIMUser // nil: not read
		want     string
		action   string
	}{
		{"nothing is known", nil, nil, "sync: domain_verified (company.com, managed, inferred)", "create_or_keep"},
		{"no record, no account", []directory.Account{}, []directory.SCIMUser{}, "sync: domain_verified " +
			"(company.com, managed, inferred)", "create"},
		{
			"an account is linked",
			[]directory.Account{account("a", ann)},
			[]directory.SCIMUser{},
			"sync: domain_verified (company.com, managed)",
			"link",
		},
		{
			"their own record",
			[]directory.Account{account("a", ann)},
			[]directory.SCIMUser{record(ann, "a")},
			"sync: domain_verified (company.com, managed)",
			"keep",
		},
		{"24 another record holds the address", nil, []directory.SCIMUser{other}, "skip: address_taken (another " +
			"record holds the address, company.com)", "fail"},
		{"a record that isn't linked", nil, []directory.SCIMUser{record(ann, "")}, "skip: unlinked (company.com, " +
			"external)", "none"},
		{
			"31 claimed elsewhere",
			[]directory.Account{account("a", ann, unclaimed)},
			[]directory.SCIMUser{record(ann, "a")},
			"sync: domain_verified (company.com, external, inferred); warning: unlinks_on_update",
			"keep",
		},
		{
			"41 deactivated by hand",
			[]directory.Account{account("a", ann, inactive)},
			[]directory.SCIMUser{record(ann, "a")},
			"skip: account_deactivated (company.com, managed, reported)",
			"none",
		},
		{
			"deactivated over SCIM, which brings it back",
			[]directory.Account{account("a", ann, inactive)},
			[]directory.SCIMUser{off},
			"sync: domain_verified (company.com, managed); warning: restart_needed",
			"update",
		},
		{
			"41 deactivated, by whom isn't known",
			[]directory.Account{account("a", ann, inactive)},
			nil,
			"unknown: link_unknown (the account is deactivated, company.com, managed, inferred)",
			"none",
		},
		{"41 suspended", []directory.Account{account("a", ann, suspended)}, []directory.SCIMUser{record(ann, "a")},
			"sync: domain_verified (company.com, managed); warning: access_suspended", "keep"},
		{"41 up for deletion", []directory.Account{account("a", ann, leaving)}, []directory.SCIMUser{record(ann, "a")},
			"sync: domain_verified (company.com, managed); warning: up_for_deletion", "keep"},
		{
			"a closed account holds nothing",
			[]directory.Account{account("a", ann, closed)},
			[]directory.SCIMUser{},
			"sync: domain_verified (company.com, managed, inferred)",
			"create",
		},
		{
			"33 another account holds the new address",
			[]directory.Account{account("a", "old@company.com"), account("b", ann)},
			[]directory.SCIMUser{renamed},
			"sync: domain_verified (another account holds the new address, company.com, managed); warning: " +
				"update_refused",
			"fail",
		},
		{
			"the record shows other values",
			[]directory.Account{account("a", "old@company.com")},
			[]directory.SCIMUser{renamed},
			"sync: domain_verified (company.com, managed); warning: update_pending",
			"update",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := directorytest.SCIM(t, "")
			id := w.User(directorytest.Employee(ann), "Staff")
			w.Accounts = c.accounts
			if c.records != nil {
				w.Records = &directory.SCIMDirectory{Users: c.records}
			}
			r := decide(t, w, scimRequest())
			if got := decided(t, r, id); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			e := r.Explain(r.Directory.UserByID(id))
			if e.Action != c.action {
				t.Errorf("action: got %s, want %s", e.Action, c.action)
			}
		})
	}
}

// An update follows from what changed at the source, and what it does to a link
// rests on whose account it is before and after ([atlassian 2.6]).
func targetTransitions(t *testing.T) {
	const (
		managed  = "company.com"
		outside  = "partner.example"
		sentThen = 1
	)
	linked := func(account decision.Account, address string) *decision.Basis {
		return &decision.Basis{Link: held.Linked, Account: account, Address: address, Sent: sentThen}
	}
	cases := []struct {
		name    string
		address string
		basis   *decision.Basis
		same    bool // the same is sent as then
		want    string
	}{
		{
			"nothing changed",
			"a@company.com",
			linked(decision.Managed, "a@company.com"),
			true,
			"sync: domain_verified (company.com, managed, inferred)",
		},
		{
			"managed: another attribute",
			"a@company.com",
			linked(decision.Managed, "a@company.com"),
			false,
			"sync: domain_verified (company.com, managed, inferred)",
		},
		{
			"managed: another verified address",
			"b@company.com",
			linked(decision.Managed, "a@company.com"),
			false,
			"sync: domain_verified (company.com, managed, inferred)",
		},
		{
			"23 managed: to an unverified domain",
			"a@partner.example",
			linked(decision.Managed, "a@company.com"),
			false,
			"skip: unlinked (partner.example, external)",
		},
		{"external: nothing changed", "a@partner.example", linked(decision.External, "a@partner.example"), true,
			"sync: external_scim (partner.example, external); warning: unlinks_on_update"},
		{
			"34 external: another attribute",
			"a@partner.example",
			linked(decision.External, "a@partner.example"),
			false,
			"skip: unlinked (partner.example, external)",
		},
		{
			"external: another address",
			"b@partner.example",
			linked(decision.External, "a@partner.example"),
			false,
			"skip: unlinked (partner.example, external)",
		},
		{
			"external: to a verified domain",
			"a@company.com",
			linked(decision.External, "a@partner.example"),
			false,
			"skip: unlinked (company.com, external)",
		},
		{
			"external, and the domain is verified since",
			"a@company.com",
			linked(decision.External, "a@company.com"),
			false,
			"sync: domain_verified (company.com, managed, inferred)",
		},
		{"35 managed, and the domain lapsed", "a@partner.example", linked(decision.Managed, "a@partner.example"), true,
			"sync: external_scim (partner.example, external); warning: unlinks_on_update"},
		{
			"35 managed, the domain lapsed, and an attribute changed",
			"a@partner.example",
			linked(decision.Managed, "a@partner.example"),
			false,
			"skip: unlinked (partner.example, external)",
		},
		{
			"expected unlinked, the cause stands",
			"a@partner.example",
			&decision.Basis{Link: held.NotLinked, Account: decision.External, Address: "a@company.com"},
			false,
			"skip: unlinked (partner.example, external)",
		},
		{
			"expected unlinked, the cause is gone",
			"a@company.com",
			&decision.Basis{Link: held.NotLinked, Account: decision.External, Address: "a@company.com"},
			false,
			"unknown: link_unknown (company.com, managed, inferred)",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := directorytest.SCIM(t, "")
			id := w.User(directorytest.Employee(c.address), "Staff")
			basis := *must(c.basis)
			before := engineOf(t, w, scimRequest())
			if c.same {
				basis.Sent = before.Decide().Expect(before.Directory.UserByID(id)).Sent
			}
			history := decision.History{Covered: before.Covered(), User: func(of string) *decision.Basis {
				if of != id {
					return nil
				}
				return &basis
			}}
			e, err := decision.NewEngineAfter(
				before.Directory,
				before.Lookup,
				before.Organization,
				before.Settings,
				history,
			)
			if err != nil {
				t.Fatal(err)
			}
			if got := decided(t, e.Decide(), id); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			// Hashes over other rows say nothing: that is no change, and no unlink.
			if !strings.Contains(c.name, "attribute") {
				return
			}
			history.Covered = []string{"title"}
			if e, err = decision.NewEngineAfter(
				before.Directory,
				before.Lookup,
				before.Organization,
				before.Settings,
				history,
			); err != nil {
				t.Fatal(err)
			}
			if got := decided(t, e.Decide(), id); strings.Contains(got, "unlinked") {
				t.Errorf("not comparable: got %s", got)
			}
		})
	}
}

func must[T any](v *T) *T { return v }

// What the job does not do: [atlassian row 38], [atlassian rows 46-48].
func targetFlowTypes(t *testing.T) {
	job := func(flow string) *directorytest.World {
		w := directorytest.SCIM(t, strings.Replace(directorytest.Gallery(t), "Add, Update, Delete", flow, 1))
		return w
	}
	w := job("Update, Delete")
	id := w.User(directorytest.Employee("ann@company.com"), "Staff")
	if got := decided(t, decide(t, w, scimRequest()), id); got != "unknown: link_unknown (company.com, managed, "+
		"inferred)" {
		t.Errorf("46, nothing read: got %s", got)
	}
	w.Accounts = []directory.Account{}
	if got := decided(t, decide(t, w, scimRequest()), id); got != "skip: create_disabled (company.com, inferred)" {
		t.Errorf("46, no account: got %s", got)
	}
	w.Records = &directory.SCIMDirectory{}
	if got := decided(t, decide(t, w, scimRequest()), id); got != "skip: create_disabled (company.com)" {
		t.Errorf("46, no record: got %s", got)
	}
	w.Records.Users = []directory.SCIMUser{record("ann@company.com", "a")}
	if got := decided(t, decide(t, w, scimRequest()), id); !strings.HasPrefix(got, "sync: ") {
		t.Errorf("46, who is there stays: got %s", got)
	}
	w = job("Add, Delete")
	id = w.User(directorytest.Employee("ann@company.com"), "Staff")
	r := decide(t, w, scimRequest())
	if got := decided(t, r, id); got != "sync: domain_verified (company.com, managed, inferred); warning: updates_off" {
		t.Errorf("38: got %s", got)
	}
	if got := r.EffectOfLoss(decision.Managed, "not_in_scope", false, ""); !strings.Contains(got, "stays active") {
		t.Errorf("38: got %s", got)
	}
}

// Groups' obstacles are the groups': [atlassian rows 47-52].
func targetGroups(t *testing.T) {
	held := func(r *decision.Result) string {
		var out []string
		for _, g := range r.HeldGroups() {
			out = append(out, g.Name+": "+string(g.Obstacle))
		}
		return strings.Join(out, ", ")
	}
	cases := []struct {
		name   string
		change func(w *directorytest.World, q *decision.Request)
		held   string
		groups int
	}{
		{"none", func(*directorytest.World, *decision.Request) {}, "", 1},
		{"47 the mapping of groups is off", func(w *directorytest.World, _ *decision.Request) {
			w.Jobs[0].Mappings[1] = strings.Replace(directorytest.GroupMapping, `"enabled":true`, `"enabled":false`, 1)
		}, "Staff: mapping_off", 0},
		{
			"47 and 52 it is off, and the group is there under another name",
			func(w *directorytest.World, _ *decision.Request) {
				w.Jobs[0].Mappings[1] = strings.Replace(
					directorytest.GroupMapping,
					`"enabled":true`,
					`"enabled":false`,
					1,
				)
				w.Taken = []directory.AccountGroup{}
				w.Records = &directory.SCIMDirectory{Groups: []directory.SCIMGroup{
					{ID: "s1", DisplayName: "Everybody", ExternalID: "g-staff"},
				}}
			},
			"Staff: mapping_off",
			1,
		},
		{"47 and 51 it is off, and two of one name are there", func(w *directorytest.World, _ *decision.Request) {
			w.Jobs[0].Mappings[1] = strings.Replace(directorytest.GroupMapping, `"enabled":true`, `"enabled":false`, 1)
			w.Group("Second", "")
			w.At("Second").DisplayName = "Staff"
			w.Jobs[0].Assigned = []string{"g-second", "g-staff"}
			w.Taken = []directory.AccountGroup{}
			w.Records = &directory.SCIMDirectory{Groups: []directory.SCIMGroup{
				{ID: "s1", DisplayName: "Staff", ExternalID: "g-staff"},
				{ID: "s2", DisplayName: "Staff", ExternalID: "g-second"},
			}}
		}, "Staff (g-second): mapping_off, Staff (g-staff): mapping_off", 2},
		{"49 the name is taken", func(w *directorytest.World, _ *decision.Request) {
			w.Taken = []directory.AccountGroup{{ID: "1", Name: "staff"}}
		}, "Staff: name_taken", 0},
		{"49 by a synced group: ours", func(w *directorytest.World, _ *decision.Request) {
			w.Taken = []directory.AccountGroup{{ID: "1", Name: "Staff", ExternalSynced: true}}
		}, "", 1},
		{"50 a default access group", func(_ *directorytest.World, q *decision.Request) {
			q.ConnectorSettings.DefaultAccessGroups = []string{"Staff"}
		}, "Staff: default_access_group", 0},
		{
			"36 not security-enabled",
			func(w *directorytest.World, _ *decision.Request) { w.At("Staff").SecurityEnabled = false },
			"Staff: not_security_enabled",
			0,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := directorytest.SCIM(t, "")
			id := w.User(directorytest.Employee("ann@company.com"), "Staff")
			q := scimRequest()
			c.change(w, &q)
			r := decide(t, w, q)
			if got := held(r); got != c.held || len(r.Groups()) != c.groups {
				t.Errorf("got %q and %d groups, want %q and %d", got, len(r.Groups()), c.held, c.groups)
			}
			if got := decided(t, r, id); c.name[:2] != "36" && !strings.HasPrefix(got, "sync: domain_verified") {
				t.Errorf("users are provisioned all the same: got %s", got)
			}
		})
	}
	t.Run("51 two of one name", func(t *testing.T) {
		w := directorytest.SCIM(t, "")
		w.Group("Second", "")
		w.At("Second").DisplayName = "STAFF"
		w.Jobs[0].Assigned = append(w.Jobs[0].Assigned, "g-second")
		r := decide(t, w, scimRequest())
		if got := held(r); got != "STAFF: same_name, Staff: same_name" || len(r.Groups()) != 0 {
			t.Errorf("got %q", got)
		}
	})
	t.Run("52 renamed", func(t *testing.T) {
		w := directorytest.SCIM(t, "")
		w.User(directorytest.Employee("ann@company.com"), "Staff")
		w.Records = &directory.SCIMDirectory{
			Groups: []directory.SCIMGroup{{ID: "s", DisplayName: "Old staff", ExternalID: "g-staff"}},
		}
		r := decide(t, w, scimRequest())
		if got := held(
			r,
		); got != "Staff: rename_unsupported" || len(r.Groups()) != 1 || r.Groups()[0].Name != "Old staff" ||
			r.Groups()[0].Members != 1 {
			t.Errorf("got %q %+v", got, r.Groups())
		}
	})
}

// A health that stops the service is said once, and what-if lifts no quarantine.
func health(t *testing.T) {
	for state, want := range map[string][2]string{
		directory.ServiceRunning:     {"", ""},
		directory.ServiceNotRead:     {"", ""},
		directory.ServiceStarting:    {"", ""},
		directory.ServiceNotStarted:  {"never been started", ""},
		directory.ServicePaused:      {"is paused", ""},
		directory.ServiceQuarantined: {"in quarantine", "in quarantine"},
		directory.ServiceDisabled:    {"four weeks", "four weeks"},
	} {
		for k, running := range []bool{false, true} {
			w := directorytest.SCIM(t, "")
			w.Jobs[0].Health = directory.Health{
				State:  state,
				Since:  "2026-11-10T00:00:00Z",
				Detail: "EncounteredQuarantineException",
			}
			id := w.User(directorytest.Employee("ann@company.com"), "Staff")
			q := scimRequest()
			q.Running = running
			r := decide(t, w, q)
			if got := r.ServiceText(); want[k] == "" && got != "" || !strings.Contains(got, want[k]) {
				t.Errorf("%s, running %t: got %q, want %q", state, running, got, want[k])
			}
			if got := decided(t, r, id); got != "sync: domain_verified (company.com, managed, inferred)" {
				t.Errorf("%s: decisions are those of its first run: got %s", state, got)
			}
			fixes := r.Fixes(r.Directory.UserByID(id))
			if (len(fixes) > 0) != (want[k] != "") {
				t.Errorf("%s, running %t: got %d fixes", state, running, len(fixes))
			}
		}
	}
}

// The setting says by which address the reader identifies people: there is no
// silent fallback ([atlassian rows 15-17], [atlassian rows 27-28]).
func userIdentifier(t *testing.T) {
	mixed := directorytest.Employee("a@company.com")
	mixed.Mail = "a@unverified.com"
	mailless := directorytest.Employee("a@company.com")
	mailless.Mail = ""
	guest := directorytest.External("p@fabrikam.com", decision.TypeGuest)
	cases := []struct {
		name       string
		user       directory.User
		identifier string
		want       string
	}{
		{"15 e-mail", mailless, decision.IdentifierEmail, "unknown: identifier_unknown (company.com, inferred)"},
		{"15 principal name", mailless, decision.IdentifierUserPrincipalName, "sync: domain_verified (company.com, " +
			"managed, inferred)"},
		{"17 e-mail", mixed, decision.IdentifierEmail, "skip: domain_not_verified (unverified.com, inferred)"},
		{"17 principal name", mixed, decision.IdentifierUserPrincipalName, "sync: domain_verified (company.com, " +
			"managed, inferred)"},
		{"17 not said", mixed, "", "skip: domain_not_verified (unverified.com, inferred); warning: " +
			"mail_upn_domain_differ"},
		{
			"28 principal name with #EXT#",
			guest,
			decision.IdentifierUserPrincipalName,
			"unknown: ext_upn_as_address (fabrikam.com, Guest, inferred)",
		},
		{"28 e-mail", guest, decision.IdentifierEmail, "sync: guest (fabrikam.com, external, reported)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := directorytest.New()
			id := w.User(c.user, "Staff")
			q := request()
			q.ConnectorSettings.UserIdentifier = c.identifier
			if got := decided(t, decide(t, w, q), id); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// An internal account that was converted is external, whatever its name
// ([atlassian rows 29-30], [graph 1.6]).
func converted(t *testing.T) {
	member := directory.User{
		UserPrincipalName:  "ola@company.com",
		Mail:               "ola@partner.example",
		UserType:           decision.TypeMember,
		FederatedElsewhere: true,
	}
	invited := directory.User{
		UserPrincipalName: "ulf@company.com",
		OtherMails:        []string{"ulf@partner.example"},
		UserType:          decision.TypeMember,
		ExternalUserState: "Accepted",
		Mail:              "ulf@partner.example",
	}
	guest := member
	guest.UserPrincipalName, guest.UserType = "sia@company.com", decision.TypeGuest
	w := directorytest.New()
	a, b, c := w.User(member, "Staff"), w.User(invited, "Staff"), w.User(guest, "Staff")
	c2 := guest
	c2.Mail = "sia@partner.example"
	r := decide(t, w, request())
	for id, want := range map[string]string{
		a: "skip: external_member (partner.example, Member, inferred); warning: mail_upn_domain_differ",
		b: "skip: external_member (partner.example, Member, inferred); warning: mail_upn_domain_differ",
	} {
		if got := decided(t, r, id); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if home := decision.HomeDomain(&r.Directory.Users[r.Directory.UserByID(id)]); home != "partner.example" {
			t.Errorf("home: got %s", home)
		}
	}
	if got := decided(t, r, c); !strings.Contains(got, "duplicate_address") && !strings.HasPrefix(got, "sync: guest") {
		t.Errorf("got %s", got)
	}
	e := r.Explain(r.Directory.UserByID(a))
	if strings.Contains(e.Sentence, "belongs to this tenant") {
		t.Errorf("got %s", e.Sentence)
	}
}
