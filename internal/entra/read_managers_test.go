package entra

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// ledTenant has n users, each but the first led by the one before; the group has the first three.
func ledTenant(t testing.TB, n int) *bench {
	t.Helper()
	users := make([]string, n)
	for i := range users {
		manager := "null"
		if i > 0 {
			manager = fmt.Sprintf(`{"@odata.type":"#microsoft.graph.user","id":%q}`, userID(i-1))
		}
		users[i] = fmt.Sprintf(`{"id":%q,"userPrincipalName":"u%03d@x.example","userType":"Member",`+
			`"accountEnabled":true,"manager":%s}`, userID(i), i, manager)
	}
	var members []string
	for i := range 3 {
		members = append(members, fmt.Sprintf(`{"@odata.type":"#microsoft.graph.user","id":%q}`, userID(i)))
	}
	return tenantOf(t, strings.Join(users, ","), fmt.Sprintf(
		`{"id":"aaaaaaaa-0000-4000-8000-000000000001","displayName":"Led","securityEnabled":true,"members":[%s]}`,
		strings.Join(members, ",")))
}

func managersOf(t testing.TB, d *directory.Directory) []string {
	t.Helper()
	column, ok := d.Column(directory.Manager)
	if !ok {
		t.Fatal("the directory has no managers")
	}
	out := make([]string, len(column))
	for i, v := range column {
		out[i] = directory.ManagerID(v)
	}
	return out
}

// Managers are asked for in filters of ids, twenty of them a batch, and not at all by who doesn't want them.
func TestReadManagers(t *testing.T) {
	const users = 330
	b := ledTenant(t, users)
	d := b.mustRead(ReadOptions{Attributes: []string{directory.Manager}})
	got := managersOf(t, d)
	for i, id := range got {
		if want := map[bool]string{true: userID(i - 1)}[i > 0]; id != want {
			t.Fatalf("user %d: got %q, want %q", i, id, want)
		}
	}
	b.ResetRequests()
	b.mustRead(ReadOptions{Attributes: []string{directory.Manager}})
	asked := b.asked()
	if asked["batch "+listUsers] != 22 || asked[listUsers] != 1 {
		t.Errorf("got %v", asked)
	}
	b.ResetRequests()
	b.mustRead(ReadOptions{})
	if asked := b.asked(); asked["batch "+listUsers] != 0 {
		t.Errorf("without managers: got %v", asked)
	}
}

// Below groups they are read alike: the manager may be elsewhere.
func TestReadManagers_BelowGroups(t *testing.T) {
	b := ledTenant(t, 9)
	if _, err := b.PutUser(fmt.Appendf(nil, `{"id":%q,"manager":{"id":%q}}`, userID(0), userID(8))); err != nil {
		t.Fatal(err)
	}
	d := b.mustRead(ReadOptions{Groups: []string{"Led"}, Attributes: []string{directory.Manager, "department"}})
	if got := managersOf(t, d); !slices.Equal(got, []string{userID(8), userID(0), userID(1)}) {
		t.Errorf("got %v", got)
	}
	whole := b.mustRead(ReadOptions{Attributes: []string{directory.Manager, "department"}})
	sameReading(t, d, whole.Project(d.Below, d.Attributes))
}

// A cached tenant takes two requests more for whoever changed, and misses no manager: not one who is set, taken
// away, deleted, or back.
func TestRefreshManagers(t *testing.T) {
	b := ledTenant(t, 40)
	c := b.client()
	_, kept := b.cacheEntry(c, directory.Manager)
	kept = b.refreshed(c, kept, directory.Manager)
	b.ResetRequests()
	if _, err := c.Refresh(context.Background(), kept); err != nil {
		t.Fatal(err)
	}
	if asked := withoutLogin(b.asked()); len(asked) != 3 {
		t.Errorf("nothing changed: got %v", asked)
	}
	kept = b.reload(c, kept, []string{directory.Manager})
	for _, change := range []func() error{
		func() error { return put(b.PutUser, `{"id":%q,"manager":{"id":%q}}`, userID(5), userID(20)) },
		func() error { return put(b.PutUser, `{"id":%q,"manager":null}`, userID(6)) },
		func() error { return b.DeleteObject(userID(20), true) },
		func() error { return b.RestoreUser(userID(20)) },
		func() error { return b.DeleteObject(userID(21), false) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		kept = b.refreshed(c, kept, directory.Manager)
	}
}

// A record holds managers as $expand gives them, and null where there is none, so that it reads alike.
func TestReadManagers_Recorded(t *testing.T) {
	b := ledTenant(t, 3)
	r := directory.NewRecorder()
	d := b.mustRead(ReadOptions{Attributes: []string{directory.Manager}, Recorder: r})
	path := t.TempDir() + "/tenant.json"
	recording := directory.NewRecording(path, "run")
	if err := recording.Add(context.Background(), r, d.TenantID, "2026-11-20T08:00:00Z"); err != nil {
		t.Fatal(err)
	}
	snap, err := directory.ReadSnapshot(path, []string{directory.Manager})
	if err != nil {
		t.Fatal(err)
	}
	again, err := snap.Directory()
	if err != nil {
		t.Fatal(err)
	}
	sameReading(t, again, d)
	if w := snap.Warning(); w != "" {
		t.Error(w)
	}
}

// The roles of assignments come with a job, and cost nothing.
func TestReadJobs_Roles(t *testing.T) {
	b, c, _ := job(t)
	jobs, err := c.ReadJobs(context.Background(), []string{app}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := jobs[0].Roles
	if len(got) != 1 || got[0].ID != directory.NoRole || !slices.Equal(got[0].Assigned, []string{ann}) {
		t.Errorf("got %+v", got)
	}
	role := b.Registry.Find(app, false).Roles()[0]
	if err := b.AssignRole(app, ann, role.ID); err != nil {
		t.Fatal(err)
	}
	b.ResetRequests()
	if jobs, err = c.ReadJobs(context.Background(), []string{app}, nil); err != nil {
		t.Fatal(err)
	}
	if n := b.Requests().Total; n > 4 {
		t.Errorf("got %d requests", n)
	}
	names := map[string]string{}
	for _, r := range jobs[0].Roles {
		names[r.ID] = r.DisplayName
	}
	if len(names) != 2 || names[role.ID] != "User" || !slices.Equal(jobs[0].Assigned, []string{ann}) {
		t.Errorf("got %+v", jobs[0])
	}
}
