package directory

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const ledUsers = `[
 {"id":"U1","userPrincipalName":"ada@company.example","userType":"Member","accountEnabled":true,"manager":{"@odata.type":"#microsoft.graph.user","id":"U2"}},
 {"id":"U2","userPrincipalName":"ben@company.example","userType":"Member","accountEnabled":true,"manager":null},
 {"id":"U3","userPrincipalName":"cyd@company.example","userType":"Member","accountEnabled":true}]`

func snapshotWith(t *testing.T, parts map[string]string, attributes ...string) (*Snapshot, error) {
	t.Helper()
	return ReadSnapshot(write(t, tenantJSON(parts)), attributes)
}

// A file holds managers as Graph gives them; a reading keeps their ids, and the same facts are the same bytes.
func TestSnapshot_Managers(t *testing.T) {
	snap, err := snapshotWith(t, map[string]string{"users": ledUsers}, Manager)
	if err != nil {
		t.Fatal(err)
	}
	d, err := snap.Directory()
	if err != nil || snap.Warning() != "" && !strings.Contains(snap.Warning(), "mail") {
		t.Fatal(err, snap.Warning())
	}
	back, err := DecodeDirectory(mustEncode(t, d))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []*Directory{d, back, d.Project(nil, []string{Manager})} {
		column, _ := one.Column(Manager)
		if diff := cmp.Diff([]string{`"u2"`, "", ""}, column); diff != "" {
			t.Error(diff)
		}
	}
	if mustEncode(t, back) != mustEncode(t, d) {
		t.Error("the same facts give other bytes")
	}
}

// A file whose users carry none wasn't read with them: they aren't covered, and that is said.
func TestSnapshot_ManagersNotRead(t *testing.T) {
	snap, err := snapshotWith(t, nil, Manager)
	if err != nil {
		t.Fatal(err)
	}
	d, err := snap.Directory()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := d.Column(Manager); ok || len(d.Columns) != 0 {
		t.Error("what the file doesn't cover is taken for nobody")
	}
	if w := snap.Warning(); !strings.Contains(w, `carries "manager"`) {
		t.Errorf("got %q", w)
	}
	if p := d.Project(nil, []string{Manager}); len(p.Attributes) != 0 {
		t.Errorf("got %v", p.Attributes)
	}
	if snap, err = snapshotWith(t, nil); err != nil || strings.Contains(snap.Warning(), "manager") {
		t.Errorf("nobody asked: got %q, %v", snap.Warning(), err)
	}
}

func TestSnapshot_ManagerMistakes(t *testing.T) {
	for manager, want := range map[string]string{
		`"u2"`: "expected", `{}`: "the manager's id", `[]`: "expected", `{"id":7}`: "expected a string",
	} {
		users := `[{"id":"U1","userType":"Member","accountEnabled":true,"manager":` + manager + `}]`
		_, err := snapshotWith(t, map[string]string{"users": users}, Manager)
		if err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "/entra/users/0/manager") {
			t.Errorf("%s: got %v", manager, err)
		}
		if _, err := snapshotWith(t, map[string]string{"users": users}); err != nil {
			t.Errorf("%s: nobody asked, and got %v", manager, err)
		}
	}
}

// A round leaves the manager open of whoever changed, and of those who were led by somebody who left or came.
func TestApplyUsers_Managers(t *testing.T) {
	b := NewBuilder([]string{Manager})
	for _, u := range []string{"a", "b", "c", "d"} {
		b.AddUser(User{ID: u}, []string{""}, 0)
	}
	b.SetManager("a", "B")
	b.SetManager("c", "gone")
	b.SetManager("nobody", "b")
	unresolved, err := b.ApplyUsers(roundOf(t, `{"id":"b","@removed":{"reason":"changed"}}`, `{"id":"d","mail":"x"}`,
		`{"id":"gone","mail":"y"}`))
	if err != nil {
		t.Fatal(err)
	}
	got := slices.DeleteFunc(unresolved.Managers, func(id string) bool { return !b.HasUser(id) })
	if !slices.Equal(got, []string{"a", "c", "d", "gone"}) {
		t.Errorf("got %v", got)
	}
	plain := known(t)
	if unresolved, err = plain.ApplyUsers(
		roundOf(t, `{"id":"u1","mail":"x"}`),
	); err != nil ||
		unresolved.Managers != nil {
		t.Errorf("without managers: got %v, %v", unresolved.Managers, err)
	}
	if user, manager, err := ExpandedManager(
		[]byte(`{"id":"A","manager":{"id":"B"}}`),
	); user != "a" ||
		manager != "b" ||
		err != nil {
		t.Errorf("got %q, %q, %v", user, manager, err)
	}
	if _, manager, err := ExpandedManager([]byte(`{"id":"A"}`)); manager != "" || err != nil {
		t.Errorf("got %q, %v", manager, err)
	}
}

// Who is assigned is read in both shapes; roles where the file has them for everybody.
func TestDecodeJob_Roles(t *testing.T) {
	const roles = `"app_roles":[{"id":"R1","value":"admin","displayName":"Administrator"},{"id":"R2","displayName":"User"}],`
	for name, c := range map[string]struct {
		part     string
		assigned []string
		roles    []AppRole
	}{
		"ids":     {`"assigned":["B","a","B"]`, []string{"a", "b"}, nil},
		"nothing": {roles + `"assigned":[]`, []string{}, []AppRole{}},
		"objects": {
			roles + `"assigned":[{"principalId":"B","appRoleId":"r1"},{"principalId":"a","appRoleId":"R1"},
			 {"principalId":"b","appRoleId":"R1"},{"principalId":"a","appRoleId":"` + NoRole + `"},{"principalId":"c","appRoleId":"R9"}]`,
			[]string{"a", "b", "c"},
			[]AppRole{
				{ID: NoRole, Assigned: []string{"a"}},
				{ID: "r1", Value: "admin", DisplayName: "Administrator", Assigned: []string{"a", "b"}},
				{ID: "r9", Assigned: []string{"c"}},
			},
		},
		"both shapes":        {roles + `"assigned":["a",{"principalId":"b","appRoleId":"R1"}]`, []string{"a", "b"}, nil},
		"no role named":      {roles + `"assigned":[{"principalId":"b"}]`, []string{"b"}, nil},
		"no roles declared":  {`"assigned":[{"principalId":"b","appRoleId":"R1"}]`, []string{"b"}, nil},
		"roles that are nil": {`"app_roles":null,"assigned":[{"principalId":"b","appRoleId":"R1"}]`, []string{"b"}, nil},
	} {
		j, err := DecodeJob([]byte(`{"service_principal_id":"sp",` + c.part + `}`))
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(c.assigned, j.Assigned); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff(c.roles, j.Roles); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, assigned := range []string{`[{}]`, `[""]`, `[7]`, `[[]]`, `{}`} {
		_, err := DecodeJob([]byte(`{"service_principal_id":"sp","assigned":` + assigned + `}`))
		if err == nil || !strings.Contains(err.Error(), "expected") {
			t.Errorf("%s: got %v", assigned, err)
		}
	}
}

// A role of a group's holds for its direct members, and where the group can be assigned.
func TestJob_RolesOf(t *testing.T) {
	b := NewBuilder(nil)
	for _, u := range []string{"a", "b", "c", "d"} {
		b.AddUser(User{ID: u}, nil, 0)
	}
	member := func(ids ...string) (out []GraphMember) {
		for _, id := range ids {
			out = append(out, GraphMember{Type: "user", ID: id})
		}
		return out
	}
	b.AddGroup(
		GraphGroup{
			ID:              "g",
			SecurityEnabled: true,
			Members:         append(member("a", "b"), GraphMember{Type: "group", ID: "below"}),
		},
	)
	b.AddGroup(GraphGroup{ID: "below", SecurityEnabled: true, Members: member("c")})
	b.AddGroup(GraphGroup{ID: "mail", Members: member("d")})
	d := b.Build("t", nil)
	j := Job{
		Roles: []AppRole{{ID: "1", Assigned: []string{"a", "g"}}, {ID: "2", Assigned: []string{"a", "gone", "mail"}}},
	}
	got := j.RolesOf(d)
	if diff := cmp.Diff(map[int32][]int{0: {0, 1}, 1: {0}, 3: {RoleUnsure}}, got); diff != "" {
		t.Error(diff)
	}
	text := mustEncode(t, d.WithJobs([]Job{j}))
	back, err := DecodeDirectory(text)
	if err != nil || cmp.Diff(j.Roles, back.Jobs[0].Roles) != "" {
		t.Errorf("got %+v, %v", back.Jobs[0].Roles, err)
	}
}
