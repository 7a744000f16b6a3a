package entra

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

var manyAttributes = []string{
	"department",
	"extensionAttribute1",
	"extensionAttribute15",
	"employeeType",
	"mail",
	"businessPhones",
	"onPremisesExtensionAttributes",
	"displayName",
	"identities",
	"id",
}

// What Graph answers is what the file says that it was made from.
func TestWholeTenantIsTheSnapshot(t *testing.T) {
	b := companyTenant(t)
	for _, attributes := range [][]string{nil, {"department"}, manyAttributes} {
		sameReading(t, b.mustRead(ReadOptions{Attributes: attributes}), fromFile(t, company, attributes))
	}
}

func TestBelowGroups(t *testing.T) {
	b := companyTenant(t)
	whole := fromFile(t, company, manyAttributes)
	for _, groups := range [][]string{
		{"Atlassian users"}, {"Engineering", "SRE"}, {"All staff", "Atlassian users", "All staff"}, {"Facilities"}, {"Facilities", "Nobody"}, {"Nobody"}, {},
	} {
		ids := directory.NewLookup(whole).GroupIDs(groups)
		for _, attributes := range [][]string{nil, {"department", "displayName"}, manyAttributes} {
			got := b.mustRead(ReadOptions{Groups: groups, Attributes: attributes})
			sameReading(t, got, whole.Project(ids, attributes))
			if got.WholeTenant() {
				t.Errorf("%q is taken for the whole tenant", groups)
			}
		}
		sameReading(t, b.mustRead(ReadOptions{Groups: ids}), whole.Project(ids, nil))
	}
}

// Extension attributes, as Graph keeps them, and a member of each kind.
func TestAttributes(t *testing.T) {
	b := tenantOf(
		t,
		`{"id":"11111111-0000-4000-8000-000000000001","userPrincipalName":"a@x.example","userType":"Member","accountEnabled":true,"employeeType":"Contractor","mail":"A@x.example",
		"businessPhones":["1","2"],"onPremisesExtensionAttributes":{"extensionAttribute1":"one","extensionAttribute2":null}}`,
		``,
	)
	d := b.mustRead(ReadOptions{Attributes: manyAttributes})
	for name, want := range map[string]string{
		"extensionAttribute1": `"one"`, "extensionAttribute15": "", "employeeType": `"Contractor"`, "mail": `"A@x.example"`, "businessPhones": `["1","2"]`,
		"id": `"11111111-0000-4000-8000-000000000001"`,
	} {
		if v, ok := d.Column(name); !ok || v[0] != want {
			t.Errorf("%s: %q", name, v)
		}
	}
	if v, _ := d.Column("onPremisesExtensionAttributes"); !strings.Contains(v[0], `"extensionAttribute1":"one"`) {
		t.Error(v)
	}
}

func TestPaging(t *testing.T) {
	s, err := simulator.NewSynthetic(simulator.Synthetic{Users: 2500, Groups: 60})
	b := start(t, s, err)
	seed := b.seed("department")
	b.ResetRequests()
	sameReading(t, b.mustRead(ReadOptions{Attributes: []string{"department"}}), seed)
	largest := 0
	items := 0
	for i := range seed.Groups {
		n := len(seed.Groups[i].Users) + len(seed.Groups[i].Groups)
		largest = max(largest, n)
		items += max(1, (n+998)/999)
	}
	asked := b.asked()
	if asked["GET /v1.0/users"] != 3 || asked["GET /v1.0/groups"] != 1 || asked["GET /v1.0/domains"] != 1 ||
		asked["batch GET /v1.0/groups/{id}/members"] != items {
		t.Errorf("%d member pages, the largest group has %d: %v", items, largest, asked)
	}
	if n := asked["POST /v1.0/$batch"]; n < (items+19)/20 || n > (items+19)/20+2 {
		t.Errorf("%d batches for %d items", n, items)
	}
}

// A group that takes several pages of members, and groups of them in one read.
func TestManyMembers(t *testing.T) {
	var users, members []string
	for i := range 2100 {
		id := fmt.Sprintf("11111111-0000-4000-8000-%012d", i)
		users = append(
			users,
			fmt.Sprintf(
				`{"id":%q,"userPrincipalName":"u%d@x.example","userType":"Member","accountEnabled":true}`,
				id,
				i,
			),
		)
		members = append(members, fmt.Sprintf(`{"@odata.type":"#microsoft.graph.user","id":%q}`, id))
	}
	b := tenantOf(
		t,
		strings.Join(users, ","),
		fmt.Sprintf(
			`{"id":"aaaaaaaa-0000-4000-8000-000000000001","displayName":"Big","members":[%s]},{"id":"aaaaaaaa-0000-4000-8000-000000000002","displayName":"Also","members":[%s]}`,
			strings.Join(members, ","),
			strings.Join(members[:999], ","),
		),
	)
	for _, groups := range [][]string{nil, {"Big", "Also"}} {
		b.ResetRequests()
		d := b.mustRead(ReadOptions{Groups: groups})
		if len(d.Users) != 2100 || len(d.Groups[0].Users) != 2100 || len(d.Groups[1].Users) != 999 {
			t.Errorf("%d users, %d and %d members", len(d.Users), len(d.Groups[0].Users), len(d.Groups[1].Users))
		}
		if n := b.asked()["batch GET /v1.0/groups/{id}/members"]; n != 4 {
			t.Errorf("%d pages of members", n)
		}
	}
}

// Several batches side by side, each with pages that follow.
func TestManyLargeGroups(t *testing.T) {
	var users, members, groups []string
	for i := range 1001 {
		id := fmt.Sprintf("11111111-0000-4000-8000-%012d", i)
		users = append(
			users,
			fmt.Sprintf(
				`{"id":%q,"userPrincipalName":"u%d@x.example","userType":"Member","accountEnabled":true}`,
				id,
				i,
			),
		)
		members = append(members, fmt.Sprintf(`{"@odata.type":"#microsoft.graph.user","id":%q}`, id))
	}
	for i := range 110 {
		groups = append(
			groups,
			fmt.Sprintf(
				`{"id":"aaaaaaaa-0000-4000-8000-%012d","displayName":"g%d","members":[%s]}`,
				i,
				i,
				strings.Join(members, ","),
			),
		)
	}
	b := tenantOf(t, strings.Join(users, ","), strings.Join(groups, ","))
	for i, g := range b.mustRead(ReadOptions{}).Groups {
		if len(g.Users) != 1001 {
			t.Errorf("group %d lost members: it has %d", i, len(g.Users))
		}
	}
}

func TestRequestCounts(t *testing.T) {
	b := companyTenant(t)
	for _, c := range []struct {
		o    ReadOptions
		want map[string]int
	}{
		{ReadOptions{}, map[string]int{
			"GET /{tenant}/v2.0/.well-known/openid-configuration": 1, "POST /{tenant}/oauth2/v2.0/token": 1,
			"GET /v1.0/domains": 1, "GET /v1.0/users": 1, "GET /v1.0/groups": 1, "POST /v1.0/$batch": 1, "batch GET /v1.0/groups/{id}/members": 17,
		}},
		{ReadOptions{Groups: []string{"Facilities"}}, map[string]int{
			"GET /{tenant}/v2.0/.well-known/openid-configuration": 1, "POST /{tenant}/oauth2/v2.0/token": 1,
			"GET /v1.0/domains": 1, "GET /v1.0/groups": 1, "POST /v1.0/$batch": 1, "batch GET /v1.0/groups/{id}/members": 1,
		}},
	} {
		b.ResetRequests()
		b.mustRead(c.o)
		if diff := cmp.Diff(c.want, b.asked()); diff != "" {
			t.Errorf("%v:\n%s", c.o.Groups, diff)
		}
	}
}

// What was recorded reads as what was read.
func TestRecordedReadsTheSame(t *testing.T) {
	const alice, bob, secret, inner = "11111111-0000-4000-8000-00000000000a", "11111111-0000-4000-8000-00000000000b", "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"
	odd := func(t *testing.T) *bench {
		b := tenantOf(
			t,
			`{"id":"`+alice+`","userPrincipalName":"alice@x.example","userType":null,"accountEnabled":true,"department":"\u0000\"<ü>"},{"id":"`+bob+`","userPrincipalName":"bob@x.example","userType":"Guest","accountEnabled":false}`,
			`{"id":"`+secret+`","displayName":"Top \"secret\" <&>","visibility":"HiddenMembership","members":[]},
			{"id":"`+inner+`","displayName":"Inner","members":[{"@odata.type":"#microsoft.graph.group","id":"`+secret+`"},{"@odata.type":"#microsoft.graph.user","id":"`+alice+`"},{"@odata.type":"#microsoft.graph.device","id":"dddddddd-0000-4000-8000-000000000001"},{"@odata.type":"#microsoft.graph.user","id":"eeeeeeee-0000-4000-8000-000000000001"}]}`,
		)
		if err := b.SetUnreadable(true, bob); err != nil {
			t.Fatal(err)
		}
		return b
	}
	withheld := func(t *testing.T) *bench {
		b := odd(t)
		b.fault(
			simulator.Fault{
				Kind:   simulator.FaultStatus,
				Match:  "GET /v1.0/groups/{id}/members",
				Status: 403,
				Times:  -1,
			},
		)
		return b
	}
	gone := func(t *testing.T) *bench {
		b := odd(t)
		b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/groups/{id}/members", Status: 404})
		return b
	}
	for name, tenant := range map[string]func(*testing.T) *bench{
		"company": func(t *testing.T) *bench { return companyTenant(t) }, "odd": odd, "withheld": withheld, "gone": gone,
	} {
		for _, groups := range [][]string{nil, {"Inner"}, {"Atlassian users"}} {
			if (name == "company") == slices.Contains(groups, "Inner") ||
				(name != "company") == slices.Contains(groups, "Atlassian users") {
				if groups != nil {
					continue
				}
			}
			t.Run(fmt.Sprint(name, groups), func(t *testing.T) {
				b := tenant(t)
				path := filepath.Join(t.TempDir(), "record.json")
				recorder := directory.NewRecorder()
				attributes := []string{"department", "displayName"}
				live := b.mustRead(ReadOptions{Groups: groups, Attributes: attributes, Recorder: recorder})
				written(t, path, recorder, b.TenantID())
				sameReading(t, fromFile(t, path, attributes).Project(live.Below, attributes), live)
				if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
					t.Error(info.Mode(), err)
				}
				raw, err := os.ReadFile(path)
				if err != nil || strings.Contains(string(raw), simulator.DefaultClientSecret) {
					t.Error("a secret is in the file", err)
				}
				if live.WholeTenant() && name == "company" &&
					!strings.Contains(string(raw), `"identitySynchronization"`) {
					t.Error("the partners' synchronization isn't recorded")
				}
			})
		}
	}
}

func written(t *testing.T, path string, r *directory.Recorder, tenant string) {
	t.Helper()
	if err := directory.NewRecording(path, "run").Add(t.Context(), r, tenant, "2026-11-20T08:00:00Z"); err != nil {
		t.Fatal(err)
	}
}

// Without the permission to read partners, that part of a record isn't covered.
func TestRecordWithoutPartners(t *testing.T) {
	b := companyTenant(
		t,
		simulator.WithApp(
			simulator.App{
				ClientID: "few",
				Secret:   "x",
				Roles:    []string{"User.Read.All", "GroupMember.Read.All", "Domain.Read.All"},
			},
		),
	)
	path := filepath.Join(t.TempDir(), "record.json")
	recorder := directory.NewRecorder()
	c := b.client(func(c *Config) { c.ClientID, c.ClientSecret = "few", "x" })
	if _, err := c.ReadDirectory(context.Background(), ReadOptions{Recorder: recorder}); err != nil {
		t.Fatal(err)
	}
	written(t, path, recorder, b.TenantID())
	if raw, err := os.ReadFile(path); err != nil || strings.Contains(string(raw), "cross_tenant_partners") {
		t.Error("partners that weren't read are covered", err)
	}
}

// A partner that can't be read whole leaves that part of a record out, and the rest in.
func TestRecordUnreadablePartner(t *testing.T) {
	b := companyTenant(t)
	b.fault(simulator.Fault{
		Kind:   simulator.FaultStatus,
		Match:  "GET /v1.0/policies/crossTenantAccessPolicy/partners/{id}/identitySynchronization",
		Status: 400,
		Times:  -1,
	})
	path := filepath.Join(t.TempDir(), "record.json")
	recorder := directory.NewRecorder()
	live := b.mustRead(ReadOptions{Recorder: recorder})
	written(t, path, recorder, b.TenantID())
	raw, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(raw), "cross_tenant_partners") {
		t.Error("a partner that wasn't read is covered", err)
	}
	sameReading(t, fromFile(t, path, nil), live)
}

func TestUnreadableMembers(t *testing.T) {
	const users = `{"id":"11111111-0000-4000-8000-000000000001","userPrincipalName":"a@x.example","userType":"Member","accountEnabled":true},
		{"id":"11111111-0000-4000-8000-000000000002","userPrincipalName":"b@x.example","userType":"Member","accountEnabled":true}`
	const groups = `{"id":"aaaaaaaa-0000-4000-8000-000000000001","displayName":"Outer","members":[
			{"@odata.type":"#microsoft.graph.user","id":"11111111-0000-4000-8000-000000000001"},{"@odata.type":"#microsoft.graph.user","id":"11111111-0000-4000-8000-000000000002"},
			{"@odata.type":"#microsoft.graph.user","id":"eeeeeeee-0000-4000-8000-000000000003"},{"@odata.type":"#microsoft.graph.group","id":"aaaaaaaa-0000-4000-8000-000000000002"}]},
		{"id":"aaaaaaaa-0000-4000-8000-000000000002","displayName":"Inner","members":[]},
		{"id":"aaaaaaaa-0000-4000-8000-000000000003","displayName":"Itself","members":[{"@odata.type":"#microsoft.graph.group","id":"aaaaaaaa-0000-4000-8000-000000000003"}]}`
	for _, asNull := range []bool{true, false} {
		b := tenantOf(
			t,
			users,
			groups,
			simulator.WithBehavior(func(b *simulator.Behavior) { b.UnreadableAsNull = asNull }),
		)
		if err := b.SetUnreadable(true, "b@x.example", "aaaaaaaa-0000-4000-8000-000000000002"); err != nil {
			t.Fatal(err)
		}
		d := b.mustRead(ReadOptions{Groups: []string{"Outer"}})
		outer := d.Groups[0]
		if len(d.Users) != 1 || len(d.Groups) != 1 || !outer.Hidden ||
			!slices.Equal(
				outer.Unreadable,
				[]string{"11111111-0000-4000-8000-000000000002", "eeeeeeee-0000-4000-8000-000000000003"},
			) {
			t.Errorf("null %t: %+v, %d users", asNull, d.Groups, len(d.Users))
		}
		// The whole tenant lists them elsewhere, so that they are known.
		d = b.mustRead(ReadOptions{})
		if o := d.Groups[0]; len(o.Users) != 2 || len(o.Groups) != 1 || o.Hidden || len(o.Unreadable) != 1 {
			t.Errorf("null %t: %+v", asNull, o)
		}
		if d = b.mustRead(
			ReadOptions{Groups: []string{"Itself"}},
		); len(d.Groups) != 1 ||
			!slices.Equal(d.Groups[0].Groups, []int32{0}) {
			t.Errorf("a group that contains itself: %+v", d.Groups)
		}
	}
}

func TestHiddenMembership(t *testing.T) {
	const groups = `{"id":"aaaaaaaa-0000-4000-8000-000000000001","displayName":"Secret","visibility":"HiddenMembership","members":[{"@odata.type":"#microsoft.graph.user","id":"11111111-0000-4000-8000-000000000001"}]},
		{"id":"aaaaaaaa-0000-4000-8000-000000000002","displayName":"Empty","visibility":"HiddenMembership","members":[]}`
	b := tenantOf(
		t,
		`{"id":"11111111-0000-4000-8000-000000000001","userPrincipalName":"a@x.example","userType":"Member","accountEnabled":true}`,
		groups,
		simulator.WithApp(
			simulator.App{
				ClientID: "few",
				Secret:   "x",
				Roles:    []string{"User.Read.All", "GroupMember.Read.All", "Domain.Read.All"},
			},
		),
	)
	c := b.client(func(c *Config) { c.ClientID, c.ClientSecret = "few", "x" })
	d, err := c.ReadDirectory(context.Background(), ReadOptions{Groups: []string{"Secret", "Empty"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Users) != 0 || len(d.Groups[0].Unreadable) != 1 || !d.Groups[1].Hidden {
		t.Errorf("%+v", d.Groups)
	}
}

// 403 and 404 for one group's members, among others that are read.
func TestRefusedMembers(t *testing.T) {
	whole := fromFile(t, company, nil)
	for status, hidden := range map[int]int{403: 1, 404: 0} {
		b := companyTenant(t)
		b.fault(
			simulator.Fault{
				Kind:   simulator.FaultStatus,
				Match:  "GET /v1.0/groups/{id}/members",
				Nth:    3,
				Status: status,
			},
		)
		d := b.mustRead(ReadOptions{})
		emptied, marked := 0, 0
		for i := range d.Groups {
			g, w := &d.Groups[i], &whole.Groups[i]
			if g.Hidden {
				marked++
			}
			if len(g.Users)+len(g.Groups) == 0 && len(w.Users)+len(w.Groups) > 0 {
				emptied++
			}
		}
		if marked != hidden || emptied != 1 {
			t.Errorf("%d: %d groups hidden, %d without members", status, marked, emptied)
		}
	}
}

func TestFindingGroups(t *testing.T) {
	const id, odd = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-0000000000ff"
	b := tenantOf(
		t,
		``,
		`{"id":"`+id+`","displayName":"Sales","members":[]},{"id":"aaaaaaaa-0000-4000-8000-000000000002","displayName":"Twice","members":[]},{"id":"aaaaaaaa-0000-4000-8000-000000000003","displayName":"Twice","members":[]},
		{"id":"aaaaaaaa-0000-4000-8000-000000000004","displayName":"O'Brien & Söhne + $5 100% #1/2 \"x\"","members":[]},
		{"id":"aaaaaaaa-0000-4000-8000-000000000005","displayName":"`+odd+`","members":[]}`,
	)
	for _, name := range []string{"Sales", id, strings.ToUpper(id), `O'Brien & Söhne + $5 100% #1/2 "x"`, odd} {
		if d, err := b.read(
			ReadOptions{Groups: []string{name}},
		); err != nil || len(d.Groups) != 1 || len(d.Below) != 1 ||
			d.Below[0] != d.Groups[0].ID {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, ids := range map[string]int{"sales": 0, "Nobody": 0, "Twice": 2, "": 0, "aaaaaaaa-0000-4000-8000-00000000000f": 0} {
		d, err := b.read(ReadOptions{Groups: []string{name}})
		if err != nil || len(d.Groups) != ids || len(d.Below) != ids || d.WholeTenant() {
			t.Errorf("%q: got %v, %v, want %d groups of that name", name, d, err, ids)
		}
	}
}

func TestEmptyTenant(t *testing.T) {
	b := tenantOf(t, ``, ``)
	d := b.mustRead(ReadOptions{})
	if !d.WholeTenant() || len(d.Users)+len(d.Groups) != 0 || len(d.Domains) != 1 {
		t.Errorf("%+v", d)
	}
	sameReading(t, d, b.seed())
}

// The same tenant gives the same bytes, in whatever order batches come back.
func TestReadIsCanonical(t *testing.T) {
	s, err := simulator.NewSynthetic(simulator.Synthetic{Users: 1200, Groups: 150})
	b := start(t, s, err)
	want := encoded(t, b.mustRead(ReadOptions{}))
	for range 3 {
		if encoded(t, b.mustRead(ReadOptions{})) != want {
			t.Error("other bytes")
		}
	}
}
