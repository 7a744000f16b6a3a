package decisiontest

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// alone is a tenant of one group and one user, who come first in every list.
func alone(u directory.User) *directorytest.World {
	w := directorytest.New()
	w.Groups = nil
	w.Group("Staff", "")
	w.User(u, "Staff")
	return w
}

// firstOfAll: whoever and whatever is first in its list is like the others.
func firstOfAll(t *testing.T) {
	const id = "u-000"
	member := directorytest.External("a@fabrikam.com", decision.TypeMember)
	q := request()
	q.UserTypes = map[string]string{id: decision.TypeGuest}
	r := decide(t, alone(member), q)
	if got := decided(t, r, id); got != "sync: guest (fabrikam.com, external, reported)" {
		t.Errorf("assumed type: got %s", got)
	}
	var assumed []string
	r.WarnAssumptions(func(_, text string) { assumed = append(assumed, text) })
	if got := strings.Join(assumed, " "); got != "It assumes another userType for 1 user than the reading shows (for "+
		"one, u-000 is Member, assumed Guest)." {
		t.Errorf("assumptions: got %q", got)
	}
	assumed = nil
	q.UserTypes[id] = decision.TypeMember
	decide(t, alone(member), q).WarnAssumptions(func(_, text string) { assumed = append(assumed, text) })
	if assumed != nil {
		t.Errorf("an assumption that the reading shows: got %q", assumed)
	}

	mailless := directorytest.External("k@company.com", decision.TypeGuest)
	mailless.Mail = ""
	r = decide(t, alone(mailless), request())
	if fixes := r.Fixes(0); len(fixes) == 0 || !strings.HasPrefix(fixes[0].Change, "Set mail") {
		t.Errorf("a mail is tried: got %+v", fixes)
	}
	q = request()
	q.Groups = []string{"Staff"}
	w := alone(directorytest.Employee("a@company.com"))
	w.Leave("Staff", id)
	q.Members = map[string][]string{"Staff": {"a@company.com"}}
	r = decide(t, w, q)
	if got := decided(t, r, id); !strings.HasPrefix(got, "sync") {
		t.Errorf("assumed member: got %s", got)
	}
	r.WarnAssumptions(func(_, text string) { assumed = append(assumed, text) })
	if len(assumed) != 1 || !strings.Contains(assumed[0], "member") {
		t.Errorf("assumed member: got %q", assumed)
	}

	scim := directorytest.SCIM(t, "")
	scim.Groups = nil
	scim.Group("Staff", "")
	scim.User(directorytest.Employee("a@company.com"))
	scim.Jobs[0].Assigned = []string{id}
	if got := decided(t, decide(t, scim, scimRequest()), id); !strings.HasPrefix(got, "sync") {
		t.Errorf("assigned by themselves: got %s", got)
	}
}

// factsHash tells a change of what decided from a change of the rules.
func factsHash(t *testing.T) {
	hash := func(change func(w *directorytest.World)) uint64 {
		w := alone(directorytest.Employee("a@company.com"))
		if change != nil {
			change(w)
		}
		return decide(t, w, request()).FactsHash(0)
	}
	same := hash(nil)
	if hash(nil) != same {
		t.Error("the same facts hash otherwise")
	}
	for name, change := range map[string]func(w *directorytest.World){
		"mail": func(w *directorytest.World) { w.Users[0].Mail = "b@company.com" },
		"type": func(w *directorytest.World) { w.Users[0].UserType = decision.TypeGuest },
		"verification": func(w *directorytest.World) {
			w.Claims["company.com"] = directory.ClaimUnverified
		},
		"enabled": func(w *directorytest.World) { w.Users[0].AccountEnabled = directory.False },
		"scope":   func(w *directorytest.World) { w.Leave("Staff", "u-000") },
	} {
		if hash(change) == same {
			t.Errorf("%s: the hash stays", name)
		}
	}
}

// ids are told from names by their form.
func ids(t *testing.T) {
	w := alone(directorytest.Employee("a@company.com"))
	for entry, gone := range map[string]bool{
		"11111111-2222-4333-8444-555555555555": true, "11111111-2222-4333-8444-55555555555A": true,
		"11111111-2222-4333-8444-55555555555g": false, "11111111x2222-4333-8444-555555555555": false,
		"11111111-2222x4333-8444-555555555555": false, "11111111-2222-4333x8444-555555555555": false,
		"11111111-2222-4333-8444x555555555555": false, "11111111-2222-4333-8444-5555555555": false,
	} {
		d := w.Directory()
		m, err := decision.UserMeaning(directory.NewLookup(d), d, nil, decision.ArgMustSync, entry)
		if err != nil {
			t.Fatal(err)
		}
		if m.Gone != gone || (m.ID != "") != gone {
			t.Errorf("%s: got %+v", entry, m)
		}
	}
}

// meanings: a name keeps the object that it meant.
func meanings(t *testing.T) {
	const entry = "ann@company.com"
	kept := decision.Resolved{}
	kept.Set(decision.ArgMustSync, entry, "u-000")
	cases := map[string]struct {
		kept   decision.Resolved
		change func(w *directorytest.World)
		want   decision.Meaning
		moved  bool
		fails  bool
	}{
		"new":  {want: decision.Meaning{ID: "u-000", New: true}},
		"kept": {kept: kept, want: decision.Meaning{ID: "u-000"}},
		"renamed": {
			kept: kept, change: func(w *directorytest.World) { w.Rename("ann@", "ann.b@company.com") },
			want: decision.Meaning{ID: "u-000", Now: "ann.b@company.com"},
		},
		"gone": {
			kept:   kept,
			change: func(w *directorytest.World) { w.Delete("u-000") },
			want:   decision.Meaning{ID: "u-000", Gone: true},
		},
		"gone, and another bears the name": {
			kept: kept, moved: true,
			change: func(w *directorytest.World) {
				w.Delete("u-000")
				u := directorytest.Employee(entry)
				u.ID = "u-9"
				w.User(u, "Staff")
			},
			want: decision.Meaning{ID: "u-000", Gone: true, Others: []string{"u-9"}},
		},
		"renamed, and another bears the name": {
			kept: kept, moved: true,
			change: func(w *directorytest.World) {
				w.Rename("ann@", "ann.b@company.com")
				u := directorytest.Employee(entry)
				u.ID = "u-9"
				w.User(u, "Staff")
			},
			want: decision.Meaning{ID: "u-000", Now: "ann.b@company.com", Others: []string{"u-9"}},
		},
		"nobody": {change: func(w *directorytest.World) { w.Delete("u-000") }, want: decision.Meaning{New: true}},
		"several": {change: func(w *directorytest.World) {
			w.User(directory.User{UserPrincipalName: "x@company.com", Mail: entry}, "Staff")
			w.Users[0].UserPrincipalName = "y@company.com"
		}, fails: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := directorytest.New()
			w.User(directorytest.Employee(entry), "Staff")
			w.User(directorytest.Employee("ben@company.com"), "Staff")
			if c.change != nil {
				c.change(w)
			}
			d := w.Directory()
			m, err := decision.UserMeaning(directory.NewLookup(d), d, c.kept, decision.ArgMustSync, entry)
			if (err != nil) != c.fails {
				t.Fatalf("got %v", err)
			}
			if c.fails {
				return
			}
			if m.ID != c.want.ID || m.New != c.want.New || m.Gone != c.want.Gone || m.Now != c.want.Now ||
				strings.Join(m.Others, " ") != strings.Join(c.want.Others, " ") ||
				m.Moved() != c.moved {
				t.Errorf("got %+v, moved %t, want %+v, %t", m, m.Moved(), c.want, c.moved)
			}
		})
	}
}

// addressParts are how addresses and names are taken apart.
func addressParts(t *testing.T) {
	for address, want := range map[string]string{
		"a@b.example": "a", "@b.example": "", "a@c@b.example": "a@c", "none": "none",
	} {
		if got := tenant.LocalPart(address); got != want {
			t.Errorf("local part of %s: got %q, want %q", address, got, want)
		}
	}
	for upn, want := range map[string]string{
		"a_b.example#EXT#@host": "a@b.example", "a_b_c.example#EXT#@host": "a_b@c.example",
		"_b.example#EXT#@host": "", "a@b.example": "", "a#EXT#@host": "", "#EXT#@host": "",
	} {
		if got := tenant.HomeAddress(upn); got != want {
			t.Errorf("home address of %s: got %q, want %q", upn, got, want)
		}
	}
}

// specialCharacters in a value that users are matched by are warned of, a digit isn't.
func specialCharacters(t *testing.T) {
	for name, warns := range map[string]bool{
		"a1.b-c_d@company.com": false, "azAZ09@company.com": false,
		"o'hara@company.com": true, "a`b@company.com": true, "a[b@company.com": true, "a{b@company.com": true,
		"a+b@company.com": true, "a/b@company.com": true, "a:b@company.com": true,
	} {
		w := directorytest.SCIM(t, "")
		id := w.User(directorytest.Employee(name), "Staff")
		if got := decided(
			t,
			decide(t, w, scimRequest()),
			id,
		); strings.Contains(
			got,
			"special_characters_in_match",
		) != warns {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

// groupNamesBefore: of two groups of one name, the one that stands in the target
// keeps it.
func groupNamesBefore(t *testing.T) {
	held := func(records ...directory.SCIMGroup) string {
		w := directorytest.SCIM(t, "")
		w.Group("Second", "")
		w.Group("Third", "")
		w.At("Second").DisplayName = "Staff"
		w.Jobs[0].Assigned = []string{"g-second", "g-staff", "g-third"}
		w.Taken = []directory.AccountGroup{}
		w.Records = &directory.SCIMDirectory{Groups: records}
		var out []string
		r := decide(t, w, scimRequest())
		for _, g := range r.HeldGroups() {
			out = append(out, g.ID+" "+string(g.Obstacle))
		}
		for _, g := range r.Groups() {
			out = append(out, "there: "+g.Name)
		}
		return strings.Join(out, ", ")
	}
	first := directory.SCIMGroup{ID: "s1", DisplayName: "Staff", ExternalID: "g-staff"}
	second := directory.SCIMGroup{ID: "s2", DisplayName: "Staff", ExternalID: "g-second"}
	for want, got := range map[string]string{
		"g-second same_name, g-staff same_name, there: Third":      held(),
		"g-second same_name, there: Staff (g-staff), there: Third": held(first),
		"g-staff same_name, there: Staff (g-second), there: Third": held(second),
		"g-second same_name, g-staff same_name, there: Third ":     held(first, second) + " ",
	} {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// matchByHistory: a record is found by the address that is expected of its user.
func matchByHistory(t *testing.T) {
	w := directorytest.SCIM(
		t,
		directorytest.Mapping(
			t,
			"",
			"!externalId",
			"[objectId]",
			"userName",
			"[userPrincipalName]",
			`emails[type eq "work"].value`,
			"[mail]",
			"active",
			"Not([IsSoftDeleted])",
		),
	)
	id := w.User(directorytest.Employee("ann@company.com"), "Staff")
	old := record("ann.old@company.com", "1")
	w.Records = &directory.SCIMDirectory{Users: []directory.SCIMUser{old}}
	w.Accounts = []directory.Account{account("1", "ann.old@company.com")}
	before := engineOf(t, w, scimRequest())
	for _, c := range []struct {
		link held.Link
		want string
	}{
		{held.Linked, "sync: domain_verified (company.com, managed); warning: update_pending"},
		{held.NotLinked, "sync: domain_verified (company.com, managed, inferred)"},
	} {
		history := decision.History{Covered: before.Covered(), User: func(string) *decision.Basis {
			return &decision.Basis{Link: c.link, Account: decision.Managed, Address: "ann.old@company.com"}
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
			t.Errorf("link %d: got  %s\nwant %s", c.link, got, c.want)
		}
	}
}

// disabledSharing: somebody disabled may hold the address of another.
func disabledSharing(t *testing.T) {
	w := directorytest.New()
	w.Accounts = []directory.Account{account("1", "ann@company.com")}
	off := directorytest.Employee("ann.old@company.com")
	off.Mail, off.AccountEnabled = "Ann@company.com", directory.False
	w.User(off, "Staff")
	id := w.User(directorytest.Employee("ann@company.com"), "Staff")
	other := w.User(directorytest.Employee("ben@company.com"), "Staff")
	w.Accounts = append(w.Accounts, account("2", "ben@company.com"))
	r := decide(t, w, request())
	for who, want := range map[string]string{id: "sync: domain_verified (company.com, managed, " +
		"inferred)", other: "sync: domain_verified (company.com, managed)"} {
		if got := decided(t, r, who); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// budget: a pattern that runs out of steps is an error that names whom, and only for
// whom the job takes.
func budget(t *testing.T) {
	filter := `{"groups":[{"name":"f","clauses":[{"sourceOperandName":"userPrincipalName",` +
		`"operatorName":"REGEX MATCH","targetOperand":{"values":["(?=(a+)+$)(a+)+$x"]}}]}]}`
	for _, in := range []bool{false, true} {
		w := directorytest.SCIM(
			t,
			directorytest.Mapping(
				t,
				filter,
				"!userName",
				"[userPrincipalName]",
				`emails[type eq "work"].value`,
				"[mail]",
			),
		)
		w.User(directorytest.Employee("out@company.com"))
		u := directorytest.Employee("zoe@company.com")
		u.UserPrincipalName = strings.Repeat("a", 60) + "!zoe@company.com"
		if in {
			w.User(u, "Staff")
		} else {
			w.User(u)
		}
		d := w.Directory()
		l := directory.NewLookup(d)
		s, _, err := scimRequest().Resolve(l, d)
		if err == nil {
			_, err = decision.NewEngine(d, l, w.Organization(), s)
		}
		if in != (err != nil) || in && !strings.Contains(err.Error(), "zoe@company.com") {
			t.Errorf("in scope %t: got %v", in, err)
		}
	}
}

// inactiveByHistory: whom the sync has deactivated it brings back.
func inactiveByHistory(t *testing.T) {
	cases := map[string]struct {
		address  string // that is expected
		inactive bool   // as expected
		accounts []directory.Account
		want     string
	}{
		"deactivated by the sync": {
			"ann@company.com",
			true,
			[]directory.Account{account("1", "ann@company.com", inactive)},
			"sync: domain_verified (company.com, managed)",
		},
		"by somebody": {
			"ann@company.com", false, []directory.Account{account("1", "ann@company.com", inactive)},
			"unknown: link_unknown (the account is deactivated, company.com, managed, inferred)",
		},
		"the account of the new address counts where the old one is gone": {
			"ann.old@company.com", false, []directory.Account{account("1", "ann@company.com", suspended)},
			"sync: domain_verified (company.com, managed); warning: access_suspended",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := directorytest.SCIM(t, "")
			id := w.User(directorytest.Employee("ann@company.com"), "Staff")
			w.Accounts = c.accounts
			before := engineOf(t, w, scimRequest())
			history := decision.History{Covered: before.Covered(), User: func(string) *decision.Basis {
				return &decision.Basis{
					Link:     held.Linked,
					Account:  decision.Managed,
					Address:  c.address,
					Inactive: c.inactive,
				}
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
		})
	}
}

// ownDomain: the mail that is tried lies in a domain that both sides have verified.
func ownDomain(t *testing.T) {
	w := directorytest.New()
	w.Domains = append(
		[]directory.Domain{{Name: "first.example", IsVerified: true}, {Name: "second.example"}},
		w.Domains...)
	w.Domains[2].IsDefault = false
	w.Claims["second.example"] = directory.ClaimVerified
	u := directorytest.Employee("ann@legacy.example")
	id := w.User(u, "Staff")
	r := decide(t, w, request())
	found := ""
	for _, f := range r.Fixes(r.Directory.UserByID(id)) {
		if strings.HasPrefix(f.Change, "Set mail") {
			found = f.Change
		}
	}
	if found != "Set mail to an address at company.com" {
		t.Errorf("got %q", found)
	}
}

// spaces in an address: it isn't one.
func spaces(t *testing.T) {
	for mail, want := range map[string]string{
		"an n@company.com": "no_usable_address", "ann@company.com": "domain_verified",
	} {
		w := directorytest.SCIM(t, "")
		u := directorytest.Employee("ann@company.com")
		u.Mail = mail
		id := w.User(u, "Staff")
		if got := decided(t, decide(t, w, scimRequest()), id); !strings.Contains(got, want) {
			t.Errorf("%q: got %s", mail, got)
		}
	}
}

// failingRows: what fails or isn't known is named by its target.
func failingRows(t *testing.T) {
	cases := map[string]struct {
		rows []string
		want string
	}{
		"the first row fails": {
			[]string{
				"!userName",
				"[userPrincipalName]",
				"aFirst",
				`Item([otherMails], 3)`,
				`emails[type eq "work"].value`,
				"[mail]",
			},
			"skip: mapping_error (aFirst",
		},
		"the address isn't known": {
			[]string{
				"!userName",
				"[userPrincipalName]",
				`emails[type eq "work"].value`,
				`Mystery([mail])`,
			},
			`unknown: attribute_unknown (emails[type eq "work"].value`,
		},
		"what decides nothing isn't known": {
			[]string{
				"!userName",
				"[userPrincipalName]",
				`emails[type eq "work"].value`,
				"[mail]",
				"title",
				`Mystery([mail])`,
			},
			"sync: domain_verified",
		},
		"the match isn't known": {
			[]string{
				"!externalId",
				"Mystery([mail])",
				"userName",
				"[userPrincipalName]",
				`emails[type eq "work"].value`,
				"[mail]",
			},
			"unknown: attribute_unknown (externalId",
		},
		"the match is empty": {
			[]string{
				"!externalId",
				"Trim(\" \")",
				"userName",
				"[userPrincipalName]",
				`emails[type eq "work"].value`,
				"[mail]",
			},
			"skip: matching_attribute_empty (externalId",
		},
		"no row matches": {
			[]string{
				"userName",
				"[userPrincipalName]",
				`emails[type eq "work"].value`,
				"[mail]",
			},
			"unknown: attribute_unknown",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := directorytest.SCIM(t, directorytest.Mapping(t, "", c.rows...))
			id := w.User(directorytest.Employee("ann@company.com"), "Staff")
			if got := decided(t, decide(t, w, scimRequest()), id); !strings.HasPrefix(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
