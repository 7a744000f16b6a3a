package decisiontest

import (
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

func scimEveryone(t *testing.T) *decision.Engine {
	w := directorytest.SCIM(t, "")
	people(w)
	w.Group("Chat", "")
	w.At("Chat").SecurityEnabled = false
	w.Join("Chat", "u-000")
	w.Jobs[0].Assigned = append(w.Jobs[0].Assigned, "g-chat", "u-015", "nobody")
	q := scimRequest()
	q.Everyone = true
	return engineOf(t, w, q)
}

// scimAssumed assumes types that the filter reads, domains, and a start.
func scimAssumed(t *testing.T) *decision.Engine {
	w := directorytest.SCIM(t, directorytest.Mapping(
		t,
		`{"groups":[{"name":"g","clauses":[{"operatorName":"EQUALS","sourceOperandName":"userType","targetOperand":{"values":["Guest"]}}]}]}`,
		"!userName",
		"[userPrincipalName]",
		`emails[type eq "work"].value`,
		"[mail]",
		"title",
		"[userType]",
	))
	people(w)
	w.Claims["company.com"] = directory.ClaimMissingToken
	w.Jobs[0].Health = directory.Health{State: directory.ServiceNotStarted}
	q := scimRequest()
	q.UserTypes = map[string]string{
		"member@fabrikam.com": decision.TypeGuest,
		"guest@fabrikam.com":  decision.TypeMember,
		"ann@company.com":     decision.TypeGuest,
	}
	q.VerifiedDomains = []string{"fabrikam.com", "company.com", "legacy.company.com"}
	q.Members = map[string][]string{"Staff": {"zoe@company.com"}, "Other": {"ann@company.com"}}
	q.Running = true
	return engineOf(t, w, q)
}

// scimJoinedByID has records that bear another name, and one without addresses.
func scimJoinedByID(t *testing.T) *decision.Engine {
	w := directorytest.SCIM(t, directorytest.Mapping(
		t, "", "!externalId", "[objectId]", "userName", "[userPrincipalName]", `emails[type eq "work"].value`, "[mail]",
		"active", "Not([IsSoftDeleted])",
	))
	people(w)
	bears := func(r directory.SCIMUser, id string) directory.SCIMUser { r.ExternalID = id; return r }
	bare := bears(record("ben@company.com", "b"), "u-001")
	bare.Emails = nil
	w.Records = &directory.SCIMDirectory{Users: []directory.SCIMUser{
		bears(
			record("ann.before@company.com", "a"),
			"u-000",
		),
		bare,
		bears(record("cleo@legacy.company.com", ""), "u-002"),
		bears(record("guest@fabrikam.com", "g"), "someone-else"),
		bears(record("fay@company.com", "f"), "U-005"),
		record("zoe@company.com", "z"),
	}}
	w.Accounts = []directory.Account{
		account(
			"a",
			"ann.before@company.com",
		),
		account("b", "ben@company.com", unclaimed),
		account("g", "guest@fabrikam.com", unclaimed),
		account("f", "shared@company.com", inactive),
		account("z", "zoe@company.com", leaving),
	}
	return engineOf(t, w, scimRequest())
}

func scimUnreadable(t *testing.T) *decision.Engine {
	w := directorytest.SCIM(t, "")
	w.Group("Secret", "")
	w.At("Secret").HiddenMembership = true
	w.At("Staff").Members = append(w.At("Staff").Members, directory.GraphMember{Type: "user", ID: "nobody"})
	w.Jobs[0].Assigned = append(w.Jobs[0].Assigned, "g-secret")
	w.User(directorytest.Employee("ann@company.com"), "Staff")
	w.User(directorytest.Employee("ben@company.com"))
	return engineOf(t, w, scimRequest())
}

// nestedGroupsClaimedTwice has domains with several claims: the best counts.
func nestedGroupsClaimedTwice(t *testing.T) *decision.Engine {
	w := directorytest.New()
	w.Claims = map[string]string{
		"a.example": directory.ClaimUnverified,
		"b.example": directory.ClaimMissingToken,
		"c.example": directory.ClaimVerified,
		"d.example": "odd",
	}
	for name, status := range map[string]string{
		"a.example": directory.ClaimVerified, "b.example": directory.ClaimUnverified, "c.example": directory.ClaimMissingToken,
		"d.example": directory.ClaimMissingToken,
	} {
		w.Again = append(w.Again, directory.Claim{Name: name, Type: "http", Status: status})
	}
	for _, domain := range []string{"a", "b", "c", "d", "e"} {
		w.User(directorytest.Employee("ann@"+domain+".example"), "Staff")
	}
	q := request()
	q.VerifiedDomains = []string{"e.example", "c.example", "b.example"}
	return engineOf(t, w, q)
}

// nestedGroupsUnreadable has two groups that wait, each with somebody who can't be
// read, one of them twice.
func nestedGroupsUnreadable(t *testing.T) *decision.Engine {
	w := directorytest.New()
	w.Taken = []directory.AccountGroup{{ID: "1", Name: "Staff"}, {ID: "2", Name: "Other"}}
	for _, group := range []string{"Staff", "Other", "Other"} {
		w.At(group).Members = append(w.At(group).Members, directory.GraphMember{Type: "user", ID: "x-" + group})
	}
	w.At("Child").Members = append(w.At("Child").Members, directory.GraphMember{Type: "user", ID: "x-Staff"})
	w.User(directorytest.Employee("ann@company.com"), "Staff", "Other")
	upn := directorytest.Employee("ben@company.com")
	upn.UserPrincipalName = "no address"
	w.User(upn, "Child")
	q := request()
	q.Groups = []string{"Staff", "Other"}
	q.ConnectorSettings.UserIdentifier = decision.IdentifierUserPrincipalName
	return engineOf(t, w, q)
}

// scimJoinedByName has records of the same name that bear another id, or none.
func scimJoinedByName(t *testing.T) *decision.Engine {
	w := directorytest.SCIM(t, directorytest.Mapping(
		t, "", "!userName", "[userPrincipalName]", "externalId", "[objectId]", `emails[type eq "work"].value`, "[mail]",
	))
	w.User(directorytest.Employee("Zoe@company.com"), "Staff")
	twin := directorytest.Employee("zoe.b@company.com")
	twin.Mail = "zoe@company.com"
	w.User(twin, "Staff")
	bears := func(r directory.SCIMUser, id string) directory.SCIMUser { r.ExternalID = id; return r }
	w.Records = &directory.SCIMDirectory{}
	for i, id := range []string{"", "before", "U-004", "u-009"} {
		name := "p" + string(rune('a'+i)) + "@company.com"
		w.User(directorytest.Employee(name), "Staff")
		w.Records.Users = append(w.Records.Users, bears(record(name, "a-"+name), id))
	}
	return engineOf(t, w, scimRequest())
}

// nestedGroupsBesideAJob has a job whose mapping reads what the reading lacks, and
// groups of the organization that others have.
func nestedGroupsBesideAJob(t *testing.T) *decision.Engine {
	w := directorytest.New()
	people(w)
	w.Jobs = directorytest.SCIM(t, directorytest.Mapping(t, "", "!userName", "[department]")).Jobs
	w.Taken = []directory.AccountGroup{
		{ID: "1", Name: "Before"},
		{ID: "2", Name: "child"},
		{ID: "3", Name: "Staff", ExternalSynced: true},
	}
	return engineOf(t, w, request())
}

func scimNothingToMatchBy(t *testing.T) *decision.Engine {
	w := directorytest.SCIM(t, directorytest.Mapping(
		t,
		"",
		"!externalId",
		"[mail]",
		"userName",
		"[userPrincipalName]",
		`emails[type eq "work"].value`,
		"[userPrincipalName]",
	))
	people(w)
	return engineOf(t, w, scimRequest())
}

// scimOneName sends one userName of all who are of one type.
func scimOneName(t *testing.T) *decision.Engine {
	w := directorytest.SCIM(t, directorytest.Mapping(
		t, "", "!externalId", "[objectId]", "userName", "[userType]", `emails[type eq "work"].value`, "[mail]",
	))
	people(w)
	return engineOf(t, w, scimRequest())
}
