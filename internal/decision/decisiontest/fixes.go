package decisiontest

import (
	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

func fixesOf(t *testing.T, w *directorytest.World, id string) []decision.Fix {
	t.Helper()
	r := decide(t, w, request())
	return r.Explain(r.Directory.UserByID(id)).Fixes
}

func changesIn(fixes []decision.Fix) string {
	var s []string
	for _, f := range fixes {
		s = append(s, f.Change)
	}
	return strings.Join(s, " | ")
}

func fixes(t *testing.T) {
	noMail := directorytest.External("p@fabrikam.com", decision.TypeGuest)
	noMail.Mail = ""
	disabled := directorytest.Employee("a@company.com")
	disabled.AccountEnabled = directory.False
	disabledMember := directorytest.External("p@fabrikam.com", decision.TypeMember)
	disabledMember.AccountEnabled = directory.False
	shared := directorytest.Employee("one@company.com")
	shared.Mail = "shared@company.com"
	cases := map[string]struct {
		user  directory.User
		group string
		want  string
	}{
		"cross-tenant member": {
			directorytest.External("p@fabrikam.com", decision.TypeMember),
			"Staff",
			"Set userType to Guest | Verify the domain fabrikam.com in the Atlassian organization",
		},
		"public mail": {
			directorytest.External("p@gmail.com", decision.TypeMember),
			"Staff",
			"Set userType to Guest",
		},
		"own domain": {directorytest.Employee("a@legacy.company.com"), "Staff",
			"Verify the domain legacy.company.com in the Atlassian organization | Set mail to an address at " +
				"company.com"},
		"not in scope": {directorytest.Employee("a@company.com"), "Other", `Add the user to the group "Staff"`},
		"disabled":     {disabled, "Staff", ""},
		"no mail":      {noMail, "Staff", "Set mail to an address at fabrikam.com"},
		"a pair where no single change is enough": {
			directorytest.External("p@fabrikam.com", decision.TypeMember),
			"Other",
			`Add the user to the group "Staff", and set userType to Guest` +
				` | Add the user to the group "Staff", ` +
				`and verify the domain fabrikam.com in the Atlassian organization`,
		},
		"disabled and a member": {disabledMember, "Staff", ""},
		"shared address":        {shared, "Staff", "Set mail to an address at company.com"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := directorytest.New()
			w.Domains = append(w.Domains, directory.Domain{Name: "legacy.company.com", IsVerified: true})
			other := directorytest.Employee("two@company.com")
			other.Mail = "shared@company.com"
			w.User(other, "Staff")
			id := w.User(c.user, c.group)
			if got := changesIn(fixesOf(t, w, id)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func fixCost(t *testing.T) {
	w := directorytest.New()
	id := w.User(directorytest.External("a@fabrikam.com", decision.TypeMember), "Staff")
	w.User(directorytest.External("b@fabrikam.com", decision.TypeMember), "Child")
	w.User(directorytest.External("c@fabrikam.com", decision.TypeGuest), "Staff")
	w.User(directorytest.External("d@fabrikam.com", decision.TypeMember), "Other") // not in scope: costs nothing
	fixes := fixesOf(t, w, id)
	if len(fixes) != 2 || fixes[0].OthersChanged != 0 || fixes[1].OthersChanged != 2 {
		t.Fatalf("%+v", fixes)
	}
	if !strings.Contains(fixes[1].Effect, "1: external_member becomes domain_verified") ||
		!strings.Contains(fixes[1].Effect, "1: guest becomes domain_verified") {
		t.Error(fixes[1].Effect)
	}
	if !strings.Contains(fixes[0].Caveats, "flowType Always") || !strings.Contains(fixes[0].Who, "source tenant") {
		t.Errorf("%+v", fixes[0])
	}
}

// Verifying a domain reaches further than the directory: the fix says so, with
// what is known of it, and who can prove ownership.
func fixVerifyingClaims(t *testing.T) {
	w := directorytest.New()
	w.Domains = append(w.Domains, directory.Domain{Name: "legacy.company.com", IsVerified: true})
	partner := w.User(directorytest.External("a@fabrikam.com", decision.TypeMember), "Staff")
	w.User(directorytest.External("b@fabrikam.com", decision.TypeMember), "Other")
	own := w.User(directorytest.Employee("a@legacy.company.com"), "Staff")
	unowned := w.User(directorytest.Employee("a@spare.example"), "Staff")
	const (
		claims = " lets the organization, in a second step, claim every Atlassian account of that domain that no " +
			"other organization has claimed (reported), also of people outside this directory or its scope (known: "
		means = "). Users of claimed accounts can't delete them or change their e-mail, and the organization's " +
			"policies follow them into other organizations' products (documented)."
	)
	effectOf := func(r *decision.Result, id string) decision.Fix {
		for _, f := range r.Fixes(r.Directory.UserByID(id)) {
			if strings.HasPrefix(f.Change, "Verify the domain ") {
				return f
			}
		}
		t.Fatalf("no such fix for %s", id)
		return decision.Fix{}
	}
	e := engineOf(t, w, request())
	r := e.Decide()
	for id, want := range map[string]string{
		partner: "Verifying fabrikam.com" + claims + "1 user of this directory out of scope" + means + " Its owner, " +
			"the other company, must publish the DNS record or file (documented).",
		own: "Verifying legacy.company.com" + claims + "0 users of this directory out of scope" + means + " The " +
			"sync can verify it instead of DNS (connector_settings.entra_domains), and then claims its accounts " +
			"(documented).",
		unowned: "Verifying spare.example" + claims + "0 users of this directory out of scope" + means,
	} {
		if f := effectOf(r, id); !strings.HasSuffix(f.Effect, want) {
			t.Errorf("got  %s\nwant %s", f.Effect, want)
		}
	}
	if f := effectOf(
		r,
		own,
	); !strings.Contains(f.Who, "or the sync itself") ||
		strings.Contains(f.Who, "other company") {
		t.Error(f.Who)
	}
	e.Organization.AccountsCovered = true
	e.Organization.Accounts = []directory.Account{
		{Email: "x@fabrikam.com", ClaimStatus: "unmanaged"}, {Email: "y@Fabrikam.com", ClaimStatus: "unmanaged"},
		{Email: "z@fabrikam.com", ClaimStatus: "managed"}, {Email: "x@sub.fabrikam.com", ClaimStatus: "unmanaged"},
	}
	if f := effectOf(e.Decide(), partner); !strings.Contains(f.Effect, "(known: 1 user of this directory out of "+
		"scope, 2 unmanaged accounts in the organization)") {
		t.Error(f.Effect)
	}
}

const inScopeOnlyByIt = "This user is in scope only by a dynamic group whose rule reads userType"

// In scope only by a dynamic group that reads userType, the change itself may
// cost the scope: a static group makes it safe.
func fixDisturbsDynamicGroup(t *testing.T) {
	w := directorytest.New()
	w.Group("Members", `(user.UserType -eq "Member")`)
	w.Nest("Staff", "Members")
	id := w.User(directorytest.External("a@fabrikam.com", decision.TypeMember), "Members")
	fixes := fixesOf(t, w, id)
	if len(fixes) < 3 || fixes[0].Change != "Set userType to Guest" ||
		!strings.Contains(fixes[0].Caveats, `"Members"`) ||
		!strings.Contains(fixes[0].Caveats, inScopeOnlyByIt) {
		t.Fatalf("%+v", fixes)
	}
	safe := fixes[len(fixes)-1]
	if !strings.HasPrefix(
		safe.Change,
		`Add the user to the group "Staff", which doesn't read userType, and set userType`,
	) ||
		strings.Contains(safe.Caveats, inScopeOnlyByIt) {
		t.Errorf("%+v", safe)
	}
}

// What is offered flips the decision, always: it was tried.
func offeredFixesFlip(t *testing.T) {
	w := directorytest.Base()
	w.User(directorytest.Employee("x@legacy.company.com"), "Other")
	w.User(directorytest.External("rosa@gmail.com", decision.TypeMember), "Child")
	r := decide(t, w, request())
	n := 0
	for i := range r.Decisions {
		for _, f := range r.Explain(int32(i)).Fixes {
			n++
			if !strings.HasPrefix(f.Effect, "sync: ") {
				t.Errorf("%s: %s", f.Change, f.Effect)
			}
		}
	}
	if n == 0 {
		t.Error("no fixes at all")
	}
}

func trace(t *testing.T) {
	w := directorytest.New()
	id := w.User(directorytest.External("a@fabrikam.com", decision.TypeMember), "Staff")
	r := decide(t, w, request())
	e := r.Explain(r.Directory.UserByID(id))
	var rules []string
	for _, s := range e.Trace {
		rules = append(rules, s.Rule+": "+s.Result)
		if s.Source == "" || s.Observed == "" {
			t.Errorf("%+v", s)
		}
	}
	want := "account enabled: doesn't apply | out of scope: doesn't apply | user identifier (e-mail is assumed): " +
		"noted | domain verified in the organization: doesn't apply | external users (guest): doesn't apply | not " +
		"looked at: noted"
	if got := strings.Join(rules, " | "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func homeOf(t *testing.T) {
	for upn, want := range map[string]string{
		"a@Company.COM": "company.com",
		"adele.vance_fabrikam.com#EXT#@company.onmicrosoft.com": "fabrikam.com",
		"_b.example#EXT#@company.onmicrosoft.com":               "b.example",
		"first_last_fabrikam.com#ext#@company.onmicrosoft.com":  "fabrikam.com",
		"x_bücher.example#EXT#@company.onmicrosoft.com":         "xn--bcher-kva.example",
		"nounderscore#EXT#@company.onmicrosoft.com":             "",
		"": "", "no address": "", "@company.com": "", "a@": "",
	} {
		if got := decision.HomeOf(upn); got != want {
			t.Errorf("%q: %q, want %q", upn, got, want)
		}
	}
	u := directory.User{UserPrincipalName: "x#EXT#@h", OtherMails: []string{"no", "a@Other.com"}}
	if got := decision.HomeDomain(&u); got != "other.com" {
		t.Error(got)
	}
}
