package decision

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// traveling is a mapping of userType as it travels.
func traveling(apply, expr string) string {
	if apply != "" {
		apply = `,"apply":"` + apply + `"`
	}
	return `{"version":1,"object":{"source":"User","target":"User"},"manage":"listed","attributes":{"userType":{"expression":"` + strings.ReplaceAll(
		expr,
		`"`,
		`\"`,
	) + `"` + apply + `}}}`
}

func sourceTenant(t *testing.T) *directory.Directory {
	t.Helper()
	b := directory.NewBuilder([]string{"department"})
	for _, u := range []struct{ id, upn, typ, department string }{
		{"s1", "ann@fabrikam.com", TypeMember, `"Sales"`}, {"s2", "bo@fabrikam.com", TypeMember, `"IT"`},
		{"s3", "new@fabrikam.com", TypeMember, `"IT"`}, {"s4", "guest@fabrikam.com", TypeGuest, `"IT"`},
	} {
		b.AddUser(
			directory.User{
				ID:                u.id,
				UserPrincipalName: u.upn,
				Mail:              u.upn,
				UserType:          u.typ,
				AccountEnabled:    directory.True,
			},
			[]string{u.department},
			directory.HasUserType|directory.HasAccountEnabled,
		)
	}
	b.AddDomain(directory.Domain{Name: "fabrikam.com", IsVerified: true})
	d := b.Build("source", nil)
	return d.WithJobs(
		[]directory.Job{
			{ServicePrincipalID: "sp", DisplayName: "Cross-tenant", Assigned: []string{"s1", "s2", "s3", "s4"}},
		},
	)
}

// What a source tenant writes, by flow type, expression and what is known of
// it [cross-tenant 3].
func TestCrossTenant(t *testing.T) {
	const home = "fabrikam.com"
	for name, c := range map[string]struct {
		cross  CrossTenant
		policy map[string]string
		want   map[string]string // user -> decision, or part of it
		notice string
		err    string
	}{
		"always Guest flips members": {cross: CrossTenant{HomeDomains: []string{home}, Mapping: traveling("", `"Guest"`)},
			want: map[string]string{"ann": "sync: guest", "bo": "sync: guest"}},
		"on create leaves who is there": {cross: CrossTenant{HomeDomains: []string{home}, Mapping: traveling("on_create", `"Guest"`)},
			want: map[string]string{"ann": "skip: external_member", "bo": "sync: guest"}},
		"always Member flips guests": {cross: CrossTenant{HomeDomains: []string{home}, Mapping: traveling("always", `"Member"`)},
			want: map[string]string{"ann": "skip: external_member", "bo": "skip: external_member"}},
		"a policy against the source is written back": {cross: CrossTenant{HomeDomains: []string{home}, Mapping: traveling("", `"Member"`)}, policy: map[string]string{"ann": TypeGuest, "bo": TypeGuest},
			want: map[string]string{"ann": "sync: guest (fabrikam.com, external, reported); warning: " +
				"reverted_by_source", "bo": "warning: reverted_by_source"}},
		"another company's people": {cross: CrossTenant{HomeDomains: []string{"other.com"}, Mapping: traveling("", `"Guest"`)},
			want: map[string]string{"ann": "skip: external_member"}, notice: "Nobody in this tenant has one of its " +
				"home domains (other.com)"},
		"a mapping of groups": {cross: CrossTenant{HomeDomains: []string{home}, Mapping: strings.Replace(traveling("", `"Guest"`), `"source":"User"`, `"source":"Group"`, 1)}, err: "the mapping of users is meant"},
		"an expression, on the source's users": {cross: CrossTenant{Mapping: traveling("", `IIF([department]="IT", "Member", "Guest")`), Source: nil},
			err: "set home_domains, or directory"},
		"an expression without the source": {cross: CrossTenant{HomeDomains: []string{home}, Mapping: traveling("", `IIF([department]="IT", "Member", "Guest")`)},
			want: map[string]string{"ann": "skip: external_member"}, notice: "The type of 2 users can't be told"},
		"no mapping": {cross: CrossTenant{HomeDomains: []string{home}, Mapping: "{}"}, err: "version"},
		"no domain":  {cross: CrossTenant{HomeDomains: []string{"a b"}, Mapping: traveling("", `"Guest"`)}, err: `"a b" is no domain name`},
	} {
		t.Run(name, func(t *testing.T) { crossTenantCase(t, c.cross, c.policy, c.want, c.notice, c.err) })
	}
	t.Run("an expression on the source's users, and who would newly come", func(t *testing.T) {
		crossTenantCase(
			t,
			CrossTenant{Mapping: traveling("", `IIF([department]="IT", "Member", "Guest")`), Source: sourceTenant(t)},
			nil,
			map[string]string{"ann": "sync: guest", "bo": "skip: external_member"},
			"1 user of the source tenant "+
				"would newly come: new@fabrikam.com",
			"",
		)
	})
	t.Run("whom the source's job doesn't take", func(t *testing.T) {
		s := sourceTenant(t)
		s.Jobs[0].Assigned = []string{"s2"}
		crossTenantCase(
			t,
			CrossTenant{Mapping: traveling("", `"Guest"`), Source: s},
			nil,
			map[string]string{"ann": "skip: external_member", "bo": "sync: guest"},
			"",
			"",
		)
		s.Jobs = nil
		crossTenantCase(
			t,
			CrossTenant{Mapping: traveling("", `"Guest"`), Source: s},
			nil,
			map[string]string{"ann": "sync: guest"},
			"Who is assigned to the source tenant's job isn't known",
			"",
		)
	})
	t.Run("users without a mail share none", func(t *testing.T) {
		s := sourceTenant(t)
		s.Users[0].Mail, s.Users[1].Mail = "", ""
		crossTenantCase(
			t,
			CrossTenant{Mapping: traveling("", `"Guest"`), Source: s},
			nil,
			map[string]string{"ann": "sync: guest", "bo": "sync: guest"},
			"1 user of the source tenant would newly come: new@fabrikam.com",
			"",
		)
	})
	t.Run("an attribute that the source's reading lacks", func(t *testing.T) {
		crossTenantCase(
			t,
			CrossTenant{Mapping: traveling("", `IIF([city]="x", "Member", "Guest")`), Source: sourceTenant(t)},
			nil,
			nil,
			"",
			`add "city" to "attributes"`,
		)
	})
}

// A user who is blocked in the target tenant is unblocked by the job, whose mapping of
// accountEnabled isn't looked at here: who shares a mail with them still does.
func TestCrossTenant_Blocked(t *testing.T) {
	for _, blocked := range []bool{false, true} {
		w := directorytest.New()
		w.User(directorytest.External("ann@fabrikam.com", TypeMember), "Staff")
		if blocked {
			w.Named("ann").AccountEnabled = directory.False
		}
		s := sourceTenant(t)
		s.Users[2].Mail = "ann@fabrikam.com"
		d := w.Directory()
		l := directory.NewLookup(d)
		q := Request{Connector: NestedGroups, Groups: []string{"Staff"}, CrossTenant: []CrossTenant{
			{Mapping: traveling("", `"Guest"`), Source: s},
		}}
		_, notices, err := q.Resolve(l, d)
		const want = "would newly come: bo@fabrikam.com. "
		if text := joinNotices(notices); err != nil || !strings.Contains(text, want) {
			t.Errorf("blocked %t: %s (%v)", blocked, text, err)
		}
	}
}

func crossTenantCase(t *testing.T, cross CrossTenant, policy, want map[string]string, notice, wantErr string) {
	t.Helper()
	w := directorytest.New()
	ids := map[string]string{
		"ann": w.User(directorytest.External("ann@fabrikam.com", TypeMember), "Staff"),
		"bo":  w.User(directorytest.External("bo@fabrikam.com", TypeGuest), "Staff"),
	}
	q := Request{Connector: NestedGroups, Groups: []string{"Staff"}, CrossTenant: []CrossTenant{cross}}
	for name, typ := range policy {
		if q.UserTypes == nil {
			q.UserTypes = map[string]string{}
		}
		q.UserTypes[ids[name]] = typ
	}
	d := w.Directory()
	l := directory.NewLookup(d)
	s, notices, err := q.Resolve(l, d)
	if wantErr != "" {
		if err == nil || !strings.Contains(err.Error(), wantErr) {
			t.Fatalf("%v, want %s", err, wantErr)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if text := joinNotices(notices); notice != "" && !strings.Contains(text, notice) || notice == "" && text != "" {
		t.Errorf("notices: %s", text)
	}
	e, err := NewEngine(d, l, w.Organization(), s)
	if err != nil {
		t.Fatal(err)
	}
	r := e.Decide()
	for name, part := range want {
		i := d.UserByID(ids[name])
		if got := r.Text(i); !strings.Contains(got, part) {
			t.Errorf("%s: %s, want %s", name, got, part)
		}
	}
	if cross.Mapping == traveling("", `"Member"`) {
		q.UserTypes = nil
		s, _, _ := q.Resolve(l, d)
		e, _ := NewEngine(d, l, w.Organization(), s)
		fixes := e.Decide().Fixes(d.UserByID(ids["ann"]))
		if len(fixes) < 2 || !strings.Contains(fixes[0].Change, "source tenant's cross-tenant mapping") ||
			!strings.Contains(fixes[1].Caveats, "doesn't last") {
			t.Errorf("the lasting fix isn't first: %+v", fixes)
		}
	}
}

func joinNotices(list []Notice) (s string) {
	for _, n := range list {
		s += n.Text + "\n"
	}
	return s
}
