package usertype

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// world has people of every kind: id, principal name, type, creation type.
func world(t interface{ Helper() }, more ...directory.User) (*directory.Directory, *directory.Lookup) {
	t.Helper()
	b := directory.NewBuilder([]string{"department"})
	add := func(u directory.User, department string) {
		if u.AccountEnabled == directory.Absent {
			u.AccountEnabled = directory.True
		}
		b.AddUser(u, []string{department}, directory.HasUserType|directory.HasAccountEnabled)
	}
	add(directory.User{ID: "1", UserPrincipalName: "ann@company.com", UserType: "Member"}, `"IT"`)
	add(
		directory.User{
			ID:                    "2",
			UserPrincipalName:     "bo@company.com",
			UserType:              "Guest",
			OnPremisesSyncEnabled: directory.True,
		},
		`"HR"`,
	)
	add(
		directory.User{
			ID:                "3",
			UserPrincipalName: "cy_fabrikam.example#EXT#@company.onmicrosoft.com",
			UserType:          "Member",
			CreationType:      "Invitation",
		},
		`"IT"`,
	)
	add(
		directory.User{
			ID:                "4",
			UserPrincipalName: "di_fabrikam.example#EXT#@company.onmicrosoft.com",
			UserType:          "Guest",
			CreationType:      "Invitation",
		},
		"",
	)
	add(
		directory.User{
			ID:                "5",
			UserPrincipalName: "ed_partner.example#EXT#@company.onmicrosoft.com",
			UserType:          "",
			CreationType:      "EmailVerified",
		},
		"",
	)
	for _, u := range more {
		add(u, "")
	}
	b.AddGroup(directory.GraphGroup{ID: "g1", DisplayName: "Outer", SecurityEnabled: true})
	b.AddGroup(directory.GraphGroup{ID: "g2", DisplayName: "Inner", MembershipRule: "user.userType -eq \"Guest\""})
	must(b.AddMember("g1", directory.GraphMember{ID: "g2", Type: "group"}))
	must(b.AddMember("g2", directory.GraphMember{ID: "g1", Type: "group"})) // a cycle
	must(b.AddMember("g2", directory.GraphMember{ID: "3", Type: "user"}))
	d := b.Build("tenant", nil)
	return d, directory.NewLookup(d)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func TestMatch(t *testing.T) {
	filter := func(attribute, operator, value string) *scoping.Spec {
		return &scoping.Spec{
			AnyOf: []scoping.SpecGroup{
				{AllOf: []scoping.SpecClause{{Attribute: attribute, Operator: operator, Values: []string{value}}}},
			},
		}
	}
	d, l := world(t)
	for name, c := range map[string]struct {
		match Match
		want  string // ids, or the error
	}{
		"users by name and id":    {Match{Users: []string{"ANN@company.com", "4"}}, "1 4"},
		"home domains":            {Match{HomeDomains: []string{"Fabrikam.Example", "partner.example"}}, "3 4 5"},
		"external":                {Match{Origin: External}, "3 4 5"},
		"internal":                {Match{Origin: Internal}, "1 2"},
		"creation types":          {Match{CreationTypes: []string{"EmailVerified"}}, "5"},
		"no creation type":        {Match{CreationTypes: []string{NoCreationType}}, "1 2"},
		"groups, nested, a cycle": {Match{Groups: []string{"Outer"}}, "3"},
		"filter":                  {Match{Filter: filter("department", "EQUALS", "IT")}, "1 3"},
		"filter on the raw name":  {Match{Filter: filter("userPrincipalName", "Includes", "#EXT#")}, "3 4 5"},
		"all keys hold":           {Match{Origin: External, Filter: filter("department", "EQUALS", "IT"), HomeDomains: []string{"fabrikam.example"}}, "3"},
		"nobody of a list":        {Match{Users: []string{}}, ""},
		"an unknown user":         {Match{Users: []string{"x@y.z"}}, `match.users: no user "x@y.z"`},
		"an unknown group":        {Match{Groups: []string{"outer"}}, `match.groups: no group "outer"`},
		"no domain":               {Match{HomeDomains: []string{"a b"}}, `match.home_domains: "a b" is no domain name`},
		"a property not read":     {Match{Filter: filter("city", "EQUALS", "x")}, `add "city" to "attributes"`},
		"Graph's names":           {Match{Filter: filter("mobilePhone", "EQUALS", "x")}, `add "mobilePhone" to "attributes"`},
	} {
		p, err := Evaluate([]Rule{{Name: "r", Match: &c.match, Type: "Guest"}}, d, l, 0, nil)
		if err != nil {
			got := strings.ToLower(err.Error())
			if !strings.Contains(got, strings.ToLower(c.want)) || c.want == "" {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		var ids []string
		for _, a := range p.Assignments {
			ids = append(ids, d.Users[a.User].ID)
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestFirstRuleDecides(t *testing.T) {
	d, l := world(t)
	p, err := Evaluate([]Rule{
		{Name: "board", Match: &Match{Users: []string{"3"}}, Type: "Member"},
		{Name: "external", Match: &Match{Origin: External}, Type: "Guest"},
		{Name: "shadowed", Match: &Match{HomeDomains: []string{"fabrikam.example"}}, Type: "Member"},
		{Name: "restore", Types: map[string]string{"2": "Member", "gone": "Guest", "1": "Member"}},
	}, d, l, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, a := range p.Assignments {
		got += fmt.Sprintf("%s %s>%s by %d wave %t %s; ", d.Users[a.User].ID, a.Have, a.Want, a.Rule, a.Wave, a.Blocked)
	}
	const want = "1 Member>Member by 3 wave false ; 2 Guest>Member by 3 wave false mastered on premises; 3 " +
		"Member>Member by 0 wave false ; 4 Guest>Guest by 1 wave false ; 5 >Guest by 1 wave true ; "
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if c := p.Rules; c[1] != (RuleCount{3, 2, 0}) || c[2] != (RuleCount{2, 0, 0}) || c[3] != (RuleCount{2, 2, 1}) {
		t.Errorf("%+v", c)
	}
	if p.Changes != 1 || p.Blocked != 1 || p.Remaining != 0 {
		t.Errorf("%d changes, %d blocked, %d remaining", p.Changes, p.Blocked, p.Remaining)
	}
	if got := ReadsUserType(d); !slices.Equal(got, []string{"Inner"}) {
		t.Errorf("dynamic groups: %v", got)
	}
}

// Waves take each differing user once, in ascending order of id, whatever
// their size; a record of the beginning gives every type back.
func TestWaveProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var users []directory.User
		for i := range rapid.IntRange(0, 40).Draw(t, "users") {
			users = append(
				users,
				directory.User{
					ID:                fmt.Sprintf("u%02d", i),
					UserPrincipalName: fmt.Sprintf("u%d_fabrikam.example#EXT#@company.onmicrosoft.com", i),
					UserType:          rapid.SampledFrom([]string{"Member", "Guest"}).Draw(t, "type"),
				},
			)
		}
		wave := rapid.IntRange(1, 12).Draw(t, "wave")
		d, l := world(t, users...)
		match := &Match{HomeDomains: []string{"fabrikam.example"}}
		record, _, err := RecordTypes(match, d, l)
		if err != nil {
			t.Fatal(err)
		}
		rules := []Rule{{Name: "r", Match: match, Type: "Guest"}}
		last, left := "", -1
		for round := 0; ; round++ {
			p, err := Evaluate(rules, d, l, wave, nil)
			if err != nil {
				t.Fatal(err)
			}
			if left >= 0 && p.Changes+p.Remaining != left {
				t.Fatalf("%d were to remain, now %d", left, p.Changes+p.Remaining)
			}
			left = p.Remaining
			if p.Changes == 0 {
				break
			}
			if p.Changes > wave || round > 60 {
				t.Fatalf("a wave of %d", p.Changes)
			}
			for i := range p.Assignments {
				if a := &p.Assignments[i]; a.Wave {
					if id := d.Users[a.User].ID; id <= last {
						t.Fatalf("%s after %s", id, last)
					} else {
						last = id
					}
					d.Users[a.User].UserType = a.Want
				}
			}
		}
		p, err := Evaluate([]Rule{{Name: "back", Types: record}}, d, l, 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range p.Assignments {
			if a := &p.Assignments[i]; a.After() != record[d.Users[a.User].ID] {
				t.Fatalf("%s isn't given back their type", d.Users[a.User].ID)
			}
		}
	})
}

// A name of a match means the object that it meant at the last apply, whoever
// bears it now.
func TestEvaluate_NamesKeepTheirMeaning(t *testing.T) {
	world := func() *directorytest.World {
		w := directorytest.New()
		w.User(directorytest.Employee("ann@company.com"), "Staff")
		w.User(directorytest.Employee("eve@company.com"), "Other")
		return w
	}
	rules := []Rule{
		{Name: "r", Match: &Match{Groups: []string{"Staff"}, Users: []string{"ann@company.com"}}, Type: "Guest"},
	}
	evaluate := func(w *directorytest.World, kept decision.Resolved) (*Plan, error) {
		d := w.Directory()
		return Evaluate(rules, d, directory.NewLookup(d), 0, kept)
	}
	first, err := evaluate(world(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := first.Resolved; got[argGroups]["Staff"] != "g-staff" || got[argUsers]["ann@company.com"] != "u-000" {
		t.Fatalf("resolved: got %v", got)
	}
	cases := map[string]struct {
		change         func(*directorytest.World)
		refused        string
		renamed, takes bool
	}{
		"the group renamed": {func(w *directorytest.World) { w.At("Staff").DisplayName = "Everybody" }, "", true, true},
		"the user renamed":  {func(w *directorytest.World) { w.Rename("ann", "anna@company.com") }, "", true, true},
		"the group's name taken": {func(w *directorytest.World) {
			w.Dissolve("Staff")
			w.At("Other").DisplayName = "Staff"
		}, "now g-other bears the name", false, false},
		"two groups swapped": {func(w *directorytest.World) {
			w.At("Staff").DisplayName = "swapping"
			w.At("Other").DisplayName = "Staff"
			w.At("swapping").DisplayName = "Other"
		}, "now g-other bears the name", false, false},
		"a second group of the name": {
			func(w *directorytest.World) { w.At("Other").DisplayName = "Staff" },
			"",
			false,
			true,
		},
		"the group deleted": {
			func(w *directorytest.World) { w.Dissolve("Staff") },
			"isn't in the tenant any more",
			false,
			false,
		},
		"the user's name taken": {func(w *directorytest.World) {
			w.Rename("ann", "anna@company.com")
			w.Rename("eve", "ann@company.com")
		}, "now u-001 bears the name", false, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := world()
			c.change(w)
			p, err := evaluate(w, first.Resolved)
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Fatalf("got %v, want an error with %q", err, c.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := len(p.Renamed) > 0; got != c.renamed {
				t.Errorf("renamed: got %v, want %v", p.Renamed, c.renamed)
			}
			if got := len(p.Assignments) == 1 && p.Assignments[0].Want == "Guest"; got != c.takes {
				t.Errorf("assignments: got %+v", p.Assignments)
			}
		})
	}
}
