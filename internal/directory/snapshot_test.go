package directory

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// read reads a snapshot and everything in it; the first error is answered.
func read(path string) (*Snapshot, *Directory, error) {
	s, err := ReadSnapshot(path, []string{"department"})
	if err != nil {
		return nil, nil, err
	}
	d, err := s.Directory()
	return s, d, err
}

func TestSnapshotMistakes(t *testing.T) {
	part := func(name, value string) string { return tenantJSON(map[string]string{name: value}) }
	organizations := func(value string) string { return tenantJSON(map[string]string{"organizations": value}) }
	for name, c := range map[string]struct {
		file string
		path string
		line int
		want string
	}{
		"empty file":         {"", "", 1, "cut short, or is empty"},
		"not JSON":           {"version: 1\n", "", 1, "not JSON"},
		"HTML":               {"<html>", "", 1, "not JSON"},
		"another shape":      {"[]", "", 1, "expected an object, found an array"},
		"null":               {"null", "", 1, "expected an object, found null"},
		"no version":         {"{}", "/version", 0, "the version is missing; this provider reads version 1"},
		"newer version":      {"{\n\"version\": 2}", "/version", 2, "has version 2; this provider reads version 1"},
		"version as text":    {"{\n\n\"version\": \"1\"}", "/version", 3, "expected a whole number, found a string"},
		"broken version":     {`{"version": 1.5}`, "/version", 1, "expected a whole number, found a number 1.5"},
		"no time":            {"{\"version\":1,\n\"taken_at\":\"yesterday\"}", "/taken_at", 2, `"yesterday" is no time`},
		"time as number":     {`{"version":1,"taken_at":5}`, "/taken_at", 1, "expected a string, found a number"},
		"second object":      {"{\"version\":1}\n{}", "", 2, "expected the end of the file"},
		"second version":     {"{\"version\":1,\n\"version\":1}", "/version", 2, `"version" is here a second time`},
		"no entra":           {`{"version":1}`, "/entra", 0, "missing"},
		"entra is null":      {`{"version":1,"entra":null}`, "/entra", 1, "expected an object, found null"},
		"no tenant":          {part("tenant_id", ""), "/entra/tenant_id", 0, "missing"},
		"tenant is null":     {part("tenant_id", "null"), "/entra/tenant_id", 0, "missing"},
		"tenant is a number": {part("tenant_id", "5"), "/entra/tenant_id", 4, "expected a string, found a number"},
		"no users":           {part("users", ""), "/entra/users", 0, "write [] where it is empty"},
		"no groups":          {part("groups", ""), "/entra/groups", 0, "missing"},
		"no domains":         {part("domains", ""), "/entra/domains", 0, "missing"},
		"users is an object": {part("users", "{}"), "/entra/users", 6, "expected an array, found an object"},
		"users is null":      {part("users", "null"), "/entra/users", 6, "expected an array, found null"},
		"a user is text":     {part("users", "[\n{\"id\":\"a\"},\n\"b\"]"), "/entra/users/1", 8, "expected an object, found a string"},
		"no id":              {part("users", "[\n{\"userType\":\"Member\"}]"), "/entra/users/0", 7, "a user has no id"},
		"mail is a number":   {part("users", "[{\"id\":\"a\"},\n{\"id\":\"b\",\n\n\"mail\":\n7}]"), "/entra/users/1/mail", 10, "expected a string, found a number"},
		"enabled as text":    {part("users", "[{\"id\":\"a\",\n\"accountEnabled\":\"yes\"}]"), "/entra/users/0/accountEnabled", 7, "expected true or false, found a string"},
		"mails as text":      {part("users", "[{\"id\":\"a\",\n\"otherMails\":\"x\"}]"), "/entra/users/0/otherMails", 7, "expected an array of strings, found a string"},
		"mails of numbers":   {part("users", "[{\"id\":\"a\",\n\"otherMails\":[1]}]"), "/entra/users/0/otherMails", 7, "expected an array of strings"},
		"same user twice":    {part("users", "[{\"id\":\"a\"},\n{\"id\":\"A\"}]"), "/entra/users/1/id", 7, "a second user has the id a"},
		"same group twice":   {part("groups", "[{\"id\":\"a\",\"members\":[]},\n{\"id\":\"A\",\"members\":[]}]"), "/entra/groups/1/id", 6 + 2, "a second group has the id a"},
		"second users":       {part("users", "[],\n\"users\": []"), "/entra/users", 7, `"users" is here a second time`},
		"no members":         {part("groups", `[{"id":"g","displayName":"Sales"}]`), "/entra/groups", 0, `"Sales" has no "members"`},
		"member is text": {part("groups", "[{\"id\":\"g\",\"members\":[\n{\"id\":\"a\"},\n\n "+
			"\"b\"]}]"), "/entra/groups/0/members/1", 10, "expected an object, found a string"},
		"member without id":   {part("groups", "[{\"id\":\"g\",\n\"members\":[{}]}]"), "/entra/groups/0/members/0", 8, "a member has no id"},
		"members is null":     {part("groups", "[{\"id\":\"g\",\n\"members\":null}]"), "/entra/groups/0/members", 8, "expected an array, found null"},
		"domain is no name":   {part("domains", "[\n{\"id\":\"a b\"}]"), "/entra/domains/0/id", 6, `"a b" is no domain name`},
		"verified as text":    {part("domains", "[\n{\"id\":\"a.b\",\"isVerified\":\"yes\"}]"), "/entra/domains/0/isVerified", 6, "expected true or false, found a string"},
		"users don't say":     {part("users", `[{"id":"a","displayName":"x"}]`), "/entra/users", 0, "no user carries userType or accountEnabled, null included"},
		"users say half":      {part("users", `[{"id":"a","accountEnabled":true}]`), "/entra/users", 0, "no user carries userType, null"},
		"orgs is an array":    {organizations("[]"), "/organizations", 9, "expected an object, found an array"},
		"org is null":         {organizations("{\"main\":\nnull}"), "/organizations/main", 0, "expected an object, found null"},
		"org twice":           {organizations("{\"a/b\":{},\n\"a/b\":{}}"), "/organizations/a~1b", 10, "a second time"},
		"claim is text":       {organizations("{\"main\":{\"domains\":[\n{\"attributes\":{\"name\":\"a.b\",\n\"claim\":\"verified\"}}]}}"), "/organizations/main/domains/0/attributes/claim", 11, "expected an object, found a string"},
		"account without id":  {organizations("{\"main\":{\"accounts\":[\n{}]}}"), "/organizations/main/accounts/0", 10, "an account has no accountId"},
		"members are numbers": {organizations("{\"main\":{\"groups\":[\n{\"id\":\"g\",\"members\":[1]}]}}"), "/organizations/main/groups/0/members", 10, "expected a string, found a number"},
		"comma missing":       {"{\"version\":1\n\"entra\":{}}", "", 2, "not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			file := write(t, c.file)
			_, _, err := read(file)
			var e *SnapshotError
			if !errors.As(err, &e) {
				t.Fatalf("%T: %v", err, err)
			}
			if !strings.Contains(e.Problem, c.want) || c.path != "" && e.Path != c.path ||
				c.line != 0 && e.Line != c.line {
				t.Errorf(
					"got  line %d, at %s: %s\nwant line %d, at %s: %s",
					e.Line,
					e.Path,
					e.Problem,
					c.line,
					c.path,
					c.want,
				)
			}
			if !strings.HasPrefix(err.Error(), file) {
				t.Errorf("the file isn't named: %v", err)
			}
		})
	}
}

func TestNoSnapshot(t *testing.T) {
	_, err := ReadSnapshot("nowhere/tenant.json", nil)
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "nowhere/tenant.json: the file doesn't "+
		"exist. Relative paths start at the folder in which the CLI runs") {
		t.Error(err)
	}
	if _, err := ReadSnapshot(t.TempDir(), nil); err == nil {
		t.Error("a folder was read")
	}
}

// A file cut anywhere is an error that says so.
func TestEveryCutSnapshot(t *testing.T) {
	whole := tenantJSON(
		map[string]string{
			"organizations": `{"main":{"organization_id":"o","domains":[{"attributes":{"name":"ü.example","claim":{"type":"dns","status":"verified"}}}]}}`,
		},
	)
	end := len(strings.TrimRight(whole, "\n"))
	path := write(t, "")
	for n := range end {
		if err := os.WriteFile(path, []byte(whole[:n]), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := read(path)
		var e *SnapshotError
		if !errors.As(err, &e) || !strings.Contains(e.Problem, "cut short") {
			t.Fatalf("%d of %d bytes: %v", n, end, err)
		}
		if want := strings.Count(whole[:n], "\n") + 1; e.Line > want || e.Line < 1 {
			t.Errorf("%d bytes have %d lines, the error is on line %d", n, want, e.Line)
		}
	}
}

func TestSnapshotFacts(t *testing.T) {
	path := write(t, tenantJSON(map[string]string{
		"domains": `[{"id":"BÜCHER.example","isVerified":true,"isDefault":true},{"id":"a.example.","isInitial":true,"supportedServices":["Email"]}]`,
		"users": `[
			{"id":"U2","userPrincipalName":"zoë@bücher.example","mail":null,"otherMails":[],"userType":null,"accountEnabled":false,"onPremisesSyncEnabled":null,"department":"\u0052&D","unknown":{"deep":[1,{"x":null}]}},
			{"id":"U1","userType":"Guest","creationType":"Invitation","externalUserState":"Accepted","accountEnabled":true,"otherMails":["a@b.example","\ud800"],"onPremisesSyncEnabled":false}]`,
		"groups": `[
			{"id":"G2","displayName":"Child","securityEnabled":true,"membershipRule":"user.userType -eq \"Guest\"","members":[{"@odata.type":"#microsoft.graph.group","id":"G1"},{"@odata.type":"#microsoft.graph.user","id":"U2"}]},
			{"id":"G1","displayName":"Parent","members":[
				{"@odata.type":"#microsoft.graph.group","id":"G1"},{"@odata.type":"#microsoft.graph.group","id":"g2"},
				{"@odata.type":"#microsoft.graph.user","id":"U1"},{"@odata.type":"#microsoft.graph.user","id":"u1"},
				{"@odata.type":"#microsoft.graph.user","id":"U9"},{"id":"U8"},
				{"@odata.type":"#microsoft.graph.device","id":"D1"}]},
			{"id":"G3","displayName":"Secret","visibility":"HiddenMembership","members":[]},
			{"id":"G4","displayName":"Seen all the same","visibility":"HiddenMembership","members":[{"@odata.type":"#microsoft.graph.user","id":"U1"}]},
			{"id":"G5","displayName":"Holds one that can't be read","members":[{"@odata.type":"#microsoft.graph.group","id":"G9"}]}]`,
		"organizations": `{"main":{"anything":1}}`,
	}))
	_, d, err := read(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(
		[]Domain{
			{Name: "a.example", IsInitial: true},
			{Name: "xn--bcher-kva.example", IsVerified: true, IsDefault: true},
		},
		d.Domains,
	); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]User{
		{
			ID:                    "u1",
			UserType:              "Guest",
			CreationType:          "Invitation",
			ExternalUserState:     "Accepted",
			AccountEnabled:        True,
			OnPremisesSyncEnabled: False,
			OtherMails:            []string{"a@b.example", "\ufffd"},
		},
		{ID: "u2", UserPrincipalName: "zoë@bücher.example", AccountEnabled: False},
	}, d.Users); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Group{
		{ID: "g1", DisplayName: "Parent", Users: []int32{0}, Groups: []int32{0, 1}, Unreadable: []string{"u8", "u9"}},
		{
			ID:              "g2",
			DisplayName:     "Child",
			SecurityEnabled: true,
			MembershipRule:  `user.userType -eq "Guest"`,
			Users:           []int32{1},
			Groups:          []int32{0},
		},
		{ID: "g3", DisplayName: "Secret", Hidden: true},
		{ID: "g4", DisplayName: "Seen all the same", Users: []int32{0}},
		{ID: "g5", DisplayName: "Holds one that can't be read", Hidden: true},
	}, d.Groups); diff != "" {
		t.Error(diff)
	}
	if v, ok := d.Column("department"); !ok || !slices.Equal(v, []string{"", `"R&D"`}) {
		t.Errorf("department: %q", v)
	}
	if d.TenantID != "t-1" || !d.WholeTenant() {
		t.Errorf("tenant %q, below %v", d.TenantID, d.Below)
	}
}

func TestEmptyTenant(t *testing.T) {
	_, d, err := read(write(t, tenantJSON(map[string]string{"users": "[]", "groups": "[]", "domains": "[]"})))
	if err != nil || len(d.Users)+len(d.Groups)+len(d.Domains) != 0 {
		t.Fatal(err)
	}
	got, err := DecodeDirectory(mustEncode(t, d))
	if err != nil || !got.WholeTenant() {
		t.Error(err)
	}
}

func TestSnapshotOrganizations(t *testing.T) {
	s, err := ReadSnapshot(write(t, tenantJSON(map[string]string{"organizations": `{
		"emea.x": {"organization_id":"o1","domains":[
			{"attributes":{"name":"Z.example","claim":{"type":"dns","status":"missing_token"}}},
			{"attributes":{"name":"a.example","claim":{"type":"entra","status":"whatever"}}},
			{"attributes":{"name":"not a domain"}},
			{"attributes":{"name":"a.example","claim":{"type":"entra","status":"whatever"}}}]},
		"main": {"organization_id":"o2","domains":[],
			"accounts":[{"accountId":"b","email":null,"claimStatus":"new"},{"accountId":"a"}],
			"groups":[{"id":"g","members":["y","x","y"],"externalSynced":true},{"id":"e","members":[]},{"id":"f"}]},
		"bare": {}, "noid": {"organization_id":"","domains":[]}}`})), nil)
	if err != nil {
		t.Fatal(err)
	}
	if keys := s.OrganizationKeys(); !slices.Equal(keys, []string{"bare", "emea.x", "main", "noid"}) {
		t.Error(keys)
	}
	o, err := s.Organization("emea.x", false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(
		[]Claim{
			{Name: "a.example", Type: "entra", Status: "whatever"},
			{Name: "z.example", Type: "dns", Status: "missing_token"},
		},
		o.Domains,
	); diff != "" {
		t.Error(diff)
	}
	if o.Domains[0].Counts() || !o.Domains[1].Counts() {
		t.Error("which claims count as verified")
	}
	o, err = s.Organization("main", true)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&Organization{ID: "o2", AccountsCovered: true,
		Accounts: []Account{{AccountID: "a"}, {AccountID: "b", ClaimStatus: "new"}},
		Groups:   []AccountGroup{{ID: "e"}, {ID: "f"}, {ID: "g", ExternalSynced: true, Members: []string{"x", "y"}}},
	}, o); diff != "" {
		t.Error(diff)
	}
	if o, err := s.Organization(
		"main",
		false,
	); err != nil || o.AccountsCovered || o.Accounts != nil ||
		o.Groups != nil {
		t.Errorf("accounts that weren't asked for: %v, %v", o, err)
	}
	for key, want := range map[string]string{
		"absent": `has no organization "absent"; it has: bare, emea.x, main, noid`,
		"emea.x": "/organizations/emea.x/accounts: this part is missing",
		"bare":   "/organizations/bare/organization_id: the id is missing",
		"noid":   "/organizations/noid/organization_id: the id is missing",
	} {
		var e *SnapshotError
		if _, err := s.Organization(key, true); !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

// Several data sources ask one snapshot at once.
func TestSnapshotSideBySide(t *testing.T) {
	s, err := ReadSnapshot(company, nil)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			if _, err := s.Directory(); err != nil {
				t.Error(err)
			}
			if o, err := s.Organization("main", i%2 == 0); err != nil {
				t.Error(err)
			} else if _, err := o.EncodeReading(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// Strings of any kind come through a file into a reading and out again.
func TestAdversarialNames(t *testing.T) {
	for _, name := range []string{"\"q\" \\ /", "line\nbreak\r\t\x00\x1f", "\u202ecipher\u202c", "👩‍👩‍👧‍👦", "O'Brien <&>", strings.Repeat("ü", 5000), " "} {
		path := write(t, tenantJSON(map[string]string{
			"users": fmt.Sprintf(
				`[{"id":"u","userPrincipalName":%s,"userType":"Member","accountEnabled":true,"department":%[1]s}]`,
				quoted(name),
			),
			"groups": fmt.Sprintf(`[{"id":"g","displayName":%s,"members":[{"id":"u"}]}]`, quoted(name)),
		}))
		_, d, err := read(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeDirectory(mustEncode(t, d))
		if err != nil {
			t.Fatal(err)
		}
		if got.Users[0].UserPrincipalName != name || got.Groups[0].DisplayName != name {
			t.Errorf("%q became %q and %q", name, got.Users[0].UserPrincipalName, got.Groups[0].DisplayName)
		}
		if i, err := NewLookup(got).User(name); err != nil || i != 0 {
			t.Errorf("%q isn't found: %v", name, err)
		}
		if i, err := NewLookup(got).Group(name); err != nil || i != 0 {
			t.Errorf("group %q isn't found: %v", name, err)
		}
	}
}

// The same value written in other ways is the same fact.
func TestAttributesAreCanonical(t *testing.T) {
	reading := func(value string) string {
		s, err := ReadSnapshot(write(t, tenantJSON(map[string]string{
			"users": `[{"id":"u","userType":null,"accountEnabled":true,` + value + `}]`, "groups": "[]",
		})), []string{"department", "extensionAttribute3", "mail"})
		if err != nil {
			t.Fatal(err)
		}
		d, err := s.Directory()
		if err != nil {
			t.Fatal(err)
		}
		return mustEncode(t, d)
	}
	for _, same := range [][]string{
		{`"department":"é<"`, `"department":"\u00e9\u003c"`, `"department" : "\u00E9<"`},
		{`"department":["a","b"]`, `"department":[ "a" , "\u0062" ]`},
		{`"department":{"a":1,"b":[]}`, `"department":{ "b":[ ], "a":1.0 }`},
		{`"department":null`, `"mail":null`, `"x":1`, `"onPremisesExtensionAttributes":null`, `"onPremisesExtensionAttributes":{"extensionAttribute3":null}`},
		{`"department":"\ufffd<"`, `"department":"\ud800<"`, "\"department\":\"\xff<\""},
		{`"onPremisesExtensionAttributes":{"extensionAttribute3":"x","extensionAttribute1":"y"}`, `"onPremisesExtensionAttributes":{"extensionAttribute3":"\u0078"}`},
	} {
		for _, other := range same[1:] {
			if reading(same[0]) != reading(other) {
				t.Errorf("%s and %s differ", same[0], other)
			}
		}
	}
	if reading(`"department":"1"`) == reading(`"department":1`) ||
		reading(`"department":""`) == reading(`"department":null`) ||
		reading(`"department":[]`) == reading(`"department":null`) {
		t.Error("different values are the same")
	}
}

func FuzzSnapshot(f *testing.F) {
	f.Add([]byte(tenantJSON(nil)))
	f.Add(
		[]byte(
			tenantJSON(
				map[string]string{
					"organizations": `{"main":{"organization_id":"o","domains":[{"attributes":{"name":"a.example"}}],"accounts":[{"accountId":"a"}],"groups":[{"id":"g"}]}}`,
				},
			),
		),
	)
	f.Add(
		[]byte(
			`{"version":1,"taken_at":"2026-11-20T08:00:00Z","entra":{"tenant_id":"t","users":[],"groups":[],"domains":[]}}`,
		),
	)
	f.Fuzz(func(t *testing.T, content []byte) {
		s, err := decodeSnapshot(strings.NewReader(string(content)), []string{"department", "extensionAttribute1"})
		if err != nil {
			var e *SnapshotError
			if err := locate(
				strings.NewReader(string(content)),
				"file",
				err,
			); !errors.As(err, &e) || e.Problem == "" ||
				e.Line > strings.Count(string(content), "\n")+1 {
				t.Fatalf("%#v", err)
			}
			return
		}
		for _, key := range s.OrganizationKeys() {
			if o, err := s.Organization(key, true); err == nil {
				if _, err := o.EncodeReading(); err != nil {
					t.Fatal(err)
				}
			}
		}
		d, err := s.Directory()
		if err != nil {
			return
		}
		again, err := DecodeDirectory(mustEncode(t, d))
		if err != nil {
			t.Fatal(err)
		}
		if diff := difference(d, again); diff != "" {
			t.Fatal(diff)
		}
	})
}
