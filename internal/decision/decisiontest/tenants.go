package decisiontest

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// Tenants are tenants of every kind, for texts of all that is said of them.
var Tenants = map[string]func(t *testing.T) *decision.Engine{
	"nested groups":                  nestedGroups,
	"nested groups, settings given":  nestedGroupsSettings,
	"nested groups, accounts read":   nestedGroupsAccounts,
	"nested groups, awkward groups":  nestedGroupsAwkward,
	"nested groups, source tenant":   nestedGroupsSource,
	"nested groups, everyone":        nestedGroupsEveryone,
	"scim, nothing read":             scimNothingRead,
	"scim, records and accounts":     scimRecords,
	"scim, history":                  scimHistory,
	"scim, switches off":             scimSwitchesOff,
	"scim, odd mapping":              scimOddMapping,
	"scim, matched by e-mail":        scimMatchedByMail,
	"scim, in quarantine":            scimQuarantined,
	"scim, rows that fail":           scimFailingRows,
	"scim, groups":                   scimGroups,
	"scim, users assigned directly":  scimDirect,
	"scim, no active and no deletes": scimNoActive,
	"scim, everyone":                 scimEveryone,
	"scim, assumed":                  scimAssumed,
	"scim, joined by id":             scimJoinedByID,
	"scim, members unreadable":       scimUnreadable,
	"scim, joined by name":           scimJoinedByName,
	"nested groups, beside a job":    nestedGroupsBesideAJob,
	"scim, nothing to match by":      scimNothingToMatchBy,
	"scim, one userName for many":    scimOneName,
	"nested groups, claimed twice":   nestedGroupsClaimedTwice,
	"nested groups, two unreadable":  nestedGroupsUnreadable,
}

// people are one of each kind, in Staff unless said otherwise.
func people(w *directorytest.World) {
	disabled := func(u directory.User) directory.User { u.AccountEnabled = directory.False; return u }
	mail := func(u directory.User, mail string) directory.User { u.Mail = mail; return u }
	pending := directorytest.External("pat@fabrikam.com", decision.TypeGuest)
	pending.ExternalUserState = "PendingAcceptance"
	converted := mail(directorytest.Employee("conny@company.com"), "conny@partner.example")
	converted.FederatedElsewhere = true
	typeless := directorytest.External("tom@fabrikam.com", "")
	w.User(directorytest.Employee("ann@company.com"), "Staff")
	w.User(directorytest.Employee("ben@company.com"), "Child")
	w.User(directorytest.Employee("cleo@legacy.company.com"), "Staff")
	w.User(mail(directorytest.Employee("dora@company.com"), ""), "Staff")
	w.User(mail(directorytest.Employee("eli@company.com"), "eli@gmail.com"), "Staff")
	w.User(mail(directorytest.Employee("fay@company.com"), "shared@company.com"), "Staff")
	w.User(mail(directorytest.Employee("gus@company.com"), "Shared@company.com"), "Staff", "Child")
	w.User(disabled(directorytest.Employee("hal@company.com")), "Staff")
	w.User(directorytest.Employee("ida@company.onmicrosoft.com"), "Staff")
	w.User(directory.User{UserPrincipalName: "no address", UserType: decision.TypeMember}, "Staff")
	w.User(directorytest.External("guest@fabrikam.com", decision.TypeGuest), "Staff")
	w.User(directorytest.External("below@fabrikam.com", decision.TypeGuest), "Child")
	w.User(directorytest.External("member@fabrikam.com", decision.TypeMember), "Staff")
	w.User(mail(directorytest.External("mailless@fabrikam.com", decision.TypeGuest), ""), "Staff")
	w.User(disabled(directorytest.External("off@fabrikam.com", decision.TypeGuest)), "Staff")
	w.User(directorytest.Employee("zoe@company.com"), "Other")
	w.User(pending, "Staff")
	w.User(converted, "Staff")
	w.User(typeless, "Staff")
}

func nestedGroups(t *testing.T) *decision.Engine {
	w := directorytest.New()
	people(w)
	w.Claims["fabrikam.com"] = directory.ClaimUnverified
	return engineOf(t, w, request())
}

func nestedGroupsSettings(t *testing.T) *decision.Engine {
	w := directorytest.New()
	people(w)
	w.Domains = append(w.Domains, directory.Domain{Name: "legacy.company.com", IsVerified: true})
	w.Claims["company.com"] = directory.ClaimMissingToken
	q := request()
	q.ConnectorSettings = decision.ConnectorSettings{
		UserIdentifier: decision.IdentifierUserPrincipalName,
		EntraDomains:   []string{"*"},
		ClaimAccounts:  decision.ClaimSome,
		ExternalUsers:  decision.ExternalUsersNotMember,
		Sync:           decision.SyncManual,
	}
	q.VerifiedDomains = []string{"partner.example"}
	q.UserTypes = map[string]string{"member@fabrikam.com": decision.TypeGuest}
	return engineOf(t, w, q)
}

func nestedGroupsAccounts(t *testing.T) *decision.Engine {
	w := directorytest.New()
	people(w)
	w.Accounts = []directory.Account{
		account(
			"1",
			"ann@company.com",
		),
		account("2", "ben@company.com", inactive),
		account("3", "guest@fabrikam.com", unclaimed, suspended),
		account(
			"4",
			"cleo@legacy.company.com",
			unclaimed,
		),
		account("5", "zoe@company.com", leaving),
		account("6", "eli@gmail.com", closed),
		account("7", "dora@company.com", suspended, leaving),
		account("8", "someone@legacy.company.com", unclaimed),
	}
	w.Taken = []directory.AccountGroup{{ID: "t", Name: "Child"}}
	q := request()
	q.ConnectorSettings.UserIdentifier = decision.IdentifierEmail
	q.ConnectorSettings.ClaimAccounts = decision.ClaimAll
	return engineOf(t, w, q)
}

func nestedGroupsAwkward(t *testing.T) *decision.Engine {
	w := directorytest.New()
	w.Group("Dynamic", `(user.userType -eq "Member") and (user.accountEnabled -eq true)`)
	w.Group("Secret", "")
	w.Group("Default", "")
	w.Group("Mail", "")
	w.At("Secret").HiddenMembership = true
	w.At("Mail").SecurityEnabled = false
	w.Nest("Staff", "Dynamic")
	w.Nest("Dynamic", "Staff") // a cycle
	w.User(directorytest.External("member@fabrikam.com", decision.TypeMember), "Dynamic")
	w.User(directorytest.Employee("ann@company.com"), "Default")
	w.User(directorytest.Employee("ben@company.com"), "Default", "Staff")
	w.User(directorytest.Employee("cleo@company.com"), "Mail")
	w.At("Staff").Members = append(w.At("Staff").Members, directory.GraphMember{Type: "user", ID: "nobody"})
	w.Taken = []directory.AccountGroup{{ID: "t", Name: "mail"}, {ID: "u", Name: "Staff", ExternalSynced: true}}
	q := decision.Request{Connector: decision.NestedGroups, Groups: []string{"Staff", "Secret", "Default", "Mail"}}
	q.ConnectorSettings.DefaultAccessGroups = []string{"Default"}
	q.Members = map[string][]string{"Staff": {"cleo@company.com"}}
	return engineOf(t, w, q)
}

func nestedGroupsSource(t *testing.T) *decision.Engine {
	w := directorytest.New()
	people(w)
	e := engineOf(t, w, request())
	s := e.Settings
	s.WhatIf.WrittenBack = map[string]string{"u-010": decision.TypeMember, "u-012": decision.TypeMember}
	e, err := decision.NewEngine(e.Directory, e.Lookup, e.Organization, s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func nestedGroupsEveryone(t *testing.T) *decision.Engine {
	w := directorytest.New()
	people(w)
	return engineOf(t, w, decision.Request{Connector: decision.NestedGroups, Everyone: true})
}

func scimNothingRead(t *testing.T) *decision.Engine {
	w := directorytest.SCIM(t, "")
	people(w)
	return engineOf(t, w, scimRequest())
}

// scimRecords has a record of each kind.
func scimRecords(t *testing.T) *decision.Engine {
	w := directorytest.SCIM(t, "")
	people(w)
	off := record("guest@fabrikam.com", "10")
	off.Active = false
	moved := record("cleo@legacy.company.com", "11")
	moved.Emails = []string{"cleo.old@company.com"}
	taken := record("someone", "12")
	taken.Emails = []string{"member@fabrikam.com"}
	below := record("ben@company.com", "2")
	w.Accounts = []directory.Account{
		account(
			"1",
			"ann@company.com",
		),
		account("2", "ben@company.com"),
		account("10", "guest@fabrikam.com", unclaimed),
		account(
			"11",
			"cleo.old@company.com",
		),
		account("12", "member@fabrikam.com", unclaimed),
		account("13", "cleo@legacy.company.com", unclaimed),
		account("14", "eli@gmail.com", unclaimed, inactive),
		account("15", "pat@fabrikam.com", unclaimed, suspended),
	}
	unlinked := record("ida@company.onmicrosoft.com", "")
	w.Records = &directory.SCIMDirectory{
		Users:  []directory.SCIMUser{record("ann@company.com", "1"), below, off, moved, taken, unlinked},
		Groups: []directory.SCIMGroup{{ID: "s", DisplayName: "Old staff", ExternalID: "g-staff"}},
	}
	w.Taken = []directory.AccountGroup{{ID: "t", Name: "Child"}}
	return engineOf(t, w, scimRequest())
}

// scimHistory goes on from an accepted outcome.
func scimHistory(t *testing.T) *decision.Engine {
	w := directorytest.SCIM(t, "")
	people(w)
	before := engineOf(t, w, scimRequest())
	basis := map[string]*decision.Basis{
		"u-000": {Link: held.Linked, Account: decision.Managed, Address: "ann@company.com", Sent: 1},
		"u-002": {Link: held.Linked, Account: decision.Managed, Address: "cleo@company.com", Sent: 1},
		"u-003": {Link: held.Linked, Account: decision.Managed, Address: "dora@company.com", Sent: 1},
		"u-004": {Link: held.Linked, Account: decision.External, Address: "eli@gmail.com", Inactive: true},
		"u-007": {Link: held.Linked, Account: decision.Managed, Address: "hal@company.com"},
		"u-008": {Link: held.NotLinked, Account: decision.External, Address: "ida@company.com"},
		"u-010": {Link: held.NotLinked, Account: decision.External, Address: "guest@fabrikam.com"},
		"u-012": {Link: held.Linked, Account: decision.External, Address: "member@fabrikam.com", Sent: 1},
		"u-016": {Link: held.Linked, Account: decision.External, Address: "pat@fabrikam.com"},
	}
	history := decision.History{Covered: before.Covered(), User: func(id string) *decision.Basis { return basis[id] }}
	settings := before.Settings
	settings.ConnectorSettings.Relinked = []string{"u-010"}
	e, err := decision.NewEngineAfter(before.Directory, before.Lookup, before.Organization, settings, history)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func scimSwitchesOff(t *testing.T) *decision.Engine {
	w := directorytest.SCIM(t, strings.Replace(directorytest.Gallery(t), "Add, Update, Delete", "", 1))
	w.Jobs[0].Mappings[1] = strings.Replace(directorytest.GroupMapping, `"enabled":true`, `"enabled":false`, 1)
	people(w)
	w.Accounts = []directory.Account{account("1", "ann@company.com"), account("2", "guest@fabrikam.com", unclaimed)}
	return engineOf(t, w, scimRequest())
}

// scimOddMapping filters on input and in scope, and has rows that fail or aren't known.
func scimOddMapping(t *testing.T) *decision.Engine {
	filter := `{"groups":[{"name":"people","clauses":[{"sourceOperandName":"mail","operatorName":"IS NOT NULL",` +
		`"targetOperand":{"values":[]}}]}],` +
		`"inputFilterGroups":[{"name":"in","clauses":[{"sourceOperandName":"userType","operatorName":"NOT EQUALS",` +
		`"targetOperand":{"values":["Guest"]}}]}],` +
		`"categoryFilterGroups":[{"name":"cat","clauses":[{"sourceOperandName":"userPrincipalName",` +
		`"operatorName":"REGEX MATCH","targetOperand":{"values":[".*"]}}]}]}`
	w := directorytest.SCIM(
		t,
		directorytest.Mapping(
			t,
			filter,
			"!externalId",
			"[mail]",
			"userName",
			`Replace([userPrincipalName], "@company.com", , , "", , )`,
			`emails[type eq "work"].value`,
			"[mail]",
			"displayName",
			`Mystery([mail])`,
			"title",
			`Left([mail], "x")`,
			"active",
			`IIF([userType]="Member", "True", "False")`,
		),
	)
	people(w)
	w.User(directorytest.Employee("o'hara&sons@company.com"), "Staff")
	return engineOf(t, w, scimRequest())
}

func scimMatchedByMail(t *testing.T) *decision.Engine {
	w := directorytest.SCIM(
		t,
		directorytest.Mapping(
			t,
			"",
			"userName",
			"[userPrincipalName]",
			`!emails[type eq "work"].value`,
			"[mail]",
			"active",
			"Not([IsSoftDeleted])",
		),
	)
	people(w)
	return engineOf(t, w, scimRequest())
}

func scimQuarantined(t *testing.T) *decision.Engine {
	w := directorytest.SCIM(t, "")
	people(w)
	w.Jobs[0].Health = directory.Health{
		State:  directory.ServiceQuarantined,
		Since:  "2026-11-10T00:00:00Z",
		Detail: "EncounteredQuarantineException: Unauthorized",
	}
	q := scimRequest()
	q.Running = true
	return engineOf(t, w, q)
}

func scimGroups(t *testing.T) *decision.Engine {
	w := directorytest.SCIM(t, "")
	w.Group("Second", "")
	w.Group("Mail", "")
	w.Group("Default", "")
	w.Group("Taken", "")
	w.At("Second").DisplayName = "STAFF"
	w.At("Mail").SecurityEnabled = false
	w.Jobs[0].Assigned = []string{"g-default", "g-mail", "g-second", "g-staff", "g-taken", "gone"}
	w.User(directorytest.Employee("ann@company.com"), "Staff", "Mail")
	w.User(directorytest.Employee("ben@company.com"), "Mail")
	w.User(directorytest.Employee("cleo@company.com"), "Default", "Taken")
	w.Taken = []directory.AccountGroup{{ID: "t", Name: "taken"}}
	q := scimRequest()
	q.ConnectorSettings.DefaultAccessGroups = []string{"Default"}
	return engineOf(t, w, q)
}

// scimDirect has the first user assigned by themselves, and no group that has an id
// before the scope's.
func scimDirect(t *testing.T) *decision.Engine {
	w := directorytest.SCIM(t, "")
	w.Groups = nil
	w.Group("Staff", "")
	w.User(directorytest.Employee("ann@company.com"))
	w.User(directorytest.Employee("ben@company.com"), "Staff")
	w.Jobs[0].Assigned = []string{"g-staff", "u-000"}
	off := record("ann@company.com", "1")
	off.Active = false
	w.Records = &directory.SCIMDirectory{Users: []directory.SCIMUser{off}}
	w.Accounts = []directory.Account{account("1", "ann@company.com", inactive)}
	return engineOf(t, w, scimRequest())
}

func scimNoActive(t *testing.T) *decision.Engine {
	w := directorytest.SCIM(
		t,
		strings.Replace(
			directorytest.Mapping(t, "", "!userName", "[userPrincipalName]", `emails[type eq "work"].value`, "[mail]"),
			"Add, Update, Delete",
			"Add, Update",
			1,
		),
	)
	people(w)
	off := record("ann@company.com", "1")
	off.Active = false
	w.Records = &directory.SCIMDirectory{Users: []directory.SCIMUser{off, record("hal@company.com", "2")}}
	return engineOf(t, w, scimRequest())
}

func scimFailingRows(t *testing.T) *decision.Engine {
	w := directorytest.SCIM(
		t,
		directorytest.Mapping(
			t,
			"",
			"!userName",
			"[userPrincipalName]",
			`emails[type eq "work"].value`,
			`IIF([userType]="Guest", NewGuid(), [mail])`,
			"title",
			`IIF([accountEnabled]="x", "", Item([otherMails], 3))`,
		),
	)
	people(w)
	return engineOf(t, w, scimRequest())
}
