package decision_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/scimapp"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// profileCases are the cases of one profile, a file of scimapp/testdata.
type profileCases struct {
	// Mapping is the job's: target (with ! the matching one) -> expression.
	Mapping map[string]*string `json:"mapping"`
	// User is what every user has, as Graph answers it.
	User  map[string]any `json:"user"`
	Cases []struct {
		Name string `json:"name"`
		// Rule is what the case holds, as ruleName has it.
		Rule string `json:"rule"`
		// Mapping and Users are laid over those of the file.
		Mapping map[string]*string `json:"mapping"`
		Users   []map[string]any   `json:"users"`
		// Nested puts the users into a group inside the assigned one, Role assigns the
		// group by an app role of that name.
		Nested bool     `json:"nested"`
		Role   string   `json:"role"`
		Want   []string `json:"want"`
	} `json:"cases"`
}

// ruleName names a rule for a case.
func ruleName(r *scimapp.Rule) string {
	name := strings.TrimSpace(r.Kind + " " + r.Attribute)
	if r.Length > 0 {
		name += fmt.Sprint(" ", r.Length)
	}
	return name
}

// Every profile has cases, each rule that decides is held by one, and who is left out
// for it is told so with its source.
func TestProfiles(t *testing.T) {
	for _, name := range scimapp.Names() {
		t.Run(name, func(t *testing.T) {
			p, err := scimapp.Get(name)
			if err != nil {
				t.Fatal(err)
			}
			rules := map[string]*scimapp.Rule{}
			for i := range p.Rules {
				if r := &p.Rules[i]; r.Kind != "disable" && r.Kind != "group_loss" {
					rules[ruleName(r)] = r
				}
			}
			held := map[string]bool{}
			file := readCases(t, name)
			for _, c := range file.Cases {
				held[c.Rule] = true
				t.Run(c.Name, func(t *testing.T) {
					for _, mistake := range mistakesOf(len(c.Users), c.Rule, c.Want) {
						t.Error(mistake)
					}
					r := decideApp(t, name, file.appSnapshot(t, file.Mapping, c.Mapping, c.Users, c.Nested, c.Role))
					for i, want := range c.Want {
						at := r.Directory.UserByID(userID(i))
						got := r.Text(at)
						if got != want {
							t.Errorf("user %d: got %s, want %s", i+1, got, want)
						}
						if rule := rules[c.Rule]; rule != nil && !strings.HasPrefix(want, "sync") {
							checkTold(t, r, at, rule)
						}
					}
				})
			}
			for n := range rules {
				if !held[n] {
					t.Errorf("no case of scimapp/testdata/%s.json holds the rule %q", name, n)
				}
			}
		})
	}
}

// Who shares what the job matches users by is told that, and not about userName.
func TestApplication_SharedMatch(t *testing.T) {
	match, name := "[displayName]", "[userPrincipalName]"
	file := &profileCases{User: map[string]any{"displayName": "Ann"}}
	r := decideApp(t, "generic", file.appSnapshot(
		t,
		map[string]*string{"!displayName": &match, "userName": &name},
		nil,
		[]map[string]any{{"userPrincipalName": "a@company.com"}, {"userPrincipalName": "b@company.com"}},
		false,
		"",
	))
	e := r.Explain(r.Directory.UserByID(userID(0)))
	told := fmt.Sprintf("%+v", e)
	for _, want := range []string{
		"The job matches users by displayName", "With the same displayName: b@company.com", "displayName shared",
		"Give each user a value of their own in what the job maps to displayName", "how-provisioning-works",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("%q isn't in %s", want, told)
		}
	}
	if strings.Contains(told, "userName of their own") {
		t.Errorf("it is told about userName: %s", told)
	}
}

// mistakesOf is why a case holds nothing, or less than it says.
func mistakesOf(users int, rule string, want []string) (mistakes []string) {
	if len(want) != users || users == 0 {
		mistakes = append(mistakes, fmt.Sprintf("%d users have %d decisions in want", users, len(want)))
	}
	kept := func(text string) bool { return strings.HasPrefix(text, "sync") }
	if rule != "" && !slices.ContainsFunc(want, func(text string) bool { return !kept(text) }) {
		mistakes = append(mistakes, fmt.Sprintf("nobody breaks the rule %q", rule))
	}
	return mistakes
}

func TestMistakesOf(t *testing.T) {
	for _, c := range []struct {
		users int
		rule  string
		want  []string
		n     int
	}{
		{1, "", []string{"sync: provisioned"}, 0},
		{1, "match", []string{"skip: matching_unsupported (displayName)"}, 0},
		{1, "match", nil, 2},
		{2, "match", []string{"skip: matching_unsupported (displayName)"}, 1},
		{1, "match", []string{"sync: provisioned"}, 1},
		{0, "", nil, 1},
	} {
		if got := mistakesOf(c.users, c.rule, c.want); len(got) != c.n {
			t.Errorf("%+v: got %q", c, got)
		}
	}
}

// checkTold holds that who is left out learns the rule, its page, and what to do.
func checkTold(t *testing.T, r *decision.Result, at int32, rule *scimapp.Rule) {
	t.Helper()
	e := r.Explain(at)
	told := slices.ContainsFunc(e.Trace, func(s decision.Step) bool { return s.Source == rule.Source })
	if !told {
		t.Errorf("no step of the trace names %s: %+v", rule.Source, e.Trace)
	}
	if !strings.Contains(e.Sentence, strings.TrimSuffix(rule.Says, ".")) {
		t.Errorf("the rule isn't said: %s", e.Sentence)
	}
	if rule.Remedy != "" && !strings.Contains(e.Sentence, rule.Remedy) && len(e.Fixes) == 0 {
		t.Errorf("what to do isn't said: %s", e.Sentence)
	}
	if strings.Contains(e.Sentence, "Atlassian") {
		t.Errorf("it speaks of Atlassian: %s", e.Sentence)
	}
}

func readCases(t *testing.T, name string) *profileCases {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("scimapp", "testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var file profileCases
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return &file
}

func userID(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", i+1) }

// appSnapshot is a snapshot with a job to which a group of the users is assigned.
func (file *profileCases) appSnapshot(
	t *testing.T,
	base, over map[string]*string,
	users []map[string]any,
	nested bool, role string) string {
	rows := maps.Clone(base)
	for target, expression := range over {
		bare := strings.TrimPrefix(target, "!")
		delete(rows, bare)
		delete(rows, "!"+bare)
		if expression != nil {
			rows[target] = expression
		}
	}
	var list []string
	for _, target := range slices.Sorted(maps.Keys(rows)) {
		list = append(list, target, *rows[target])
	}
	var people, members []any
	for i, u := range users {
		user := map[string]any{"id": userID(i), "userType": "Member", "accountEnabled": true}
		maps.Copy(user, file.User)
		maps.Copy(user, u)
		people = append(people, user)
		members = append(members, map[string]any{"@odata.type": "#microsoft.graph.user", "id": userID(i)})
	}
	const assigned, child = "10000000-0000-4000-8000-000000000001", "10000000-0000-4000-8000-000000000002"
	groups := []any{map[string]any{
		"id": assigned, "displayName": "Staff", "securityEnabled": true, "members": members,
	}}
	if nested {
		inner := []any{map[string]any{"@odata.type": "#microsoft.graph.group", "id": child}}
		groups = []any{
			map[string]any{"id": assigned, "displayName": "Staff", "securityEnabled": true, "members": inner},
			map[string]any{"id": child, "displayName": "Child", "securityEnabled": true, "members": members},
		}
	}
	const appRole = "30000000-0000-4000-8000-000000000001"
	byRole := directory.NoRole
	if role != "" {
		byRole = appRole
	}
	text, err := json.Marshal(map[string]any{"version": 1, "entra": map[string]any{
		"tenant_id": directorytest.TenantID,
		"domains":   []any{map[string]any{"id": "company.com", "isVerified": true, "isDefault": true}},
		"users":     people,
		"groups":    groups,
		"synchronization": []any{map[string]any{
			"service_principal_id": "20000000-0000-4000-8000-000000000001",
			"display_name":         "The app",
			"job":                  map[string]any{"id": "job", "schedule": map[string]any{"state": "Active"}},
			"app_roles":            []any{map[string]any{"id": appRole, "displayName": role, "value": role}},
			"assigned":             []any{map[string]any{"principalId": assigned, "appRoleId": byRole}},
			"schema": map[string]any{"synchronizationRules": []any{map[string]any{
				"objectMappings": []json.RawMessage{json.RawMessage(directorytest.Mapping(t, "", list...))},
			}}},
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// decideApp decides over a snapshot with one job.
func decideApp(t *testing.T, application, snapshot string) *decision.Result {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tenant.json")
	if err := os.WriteFile(path, []byte(snapshot), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := directory.ReadSnapshot(path, []string{
		"displayName", "givenName", "surname", "mailNickname", "businessPhones", "mobilePhone", "city", "country",
		"employeeId",
	})
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Directory()
	if err != nil {
		t.Fatal(err)
	}
	if d.Jobs, err = s.Jobs([]string{"The app"}); err != nil {
		t.Fatal(err)
	}
	l := directory.NewLookup(d)
	settings, _, err := decision.Request{Connector: decision.SCIMApplication, Application: application}.Resolve(l, d)
	if err != nil {
		t.Fatal(err)
	}
	e, err := decision.NewEngine(d, l, &directory.Organization{}, settings)
	if err != nil {
		t.Fatal(err)
	}
	return e.Decide()
}
