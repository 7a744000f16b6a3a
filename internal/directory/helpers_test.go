package directory

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const company = "../../examples/tenant/company.json"

// anyText is what an attacker or a careless person puts into a name.
var anyText = rapid.OneOf(
	rapid.String(),
	rapid.StringMatching(`[a-z]{1,8}@[a-z]{1,8}\.example`),
	rapid.SampledFrom([]string{
		"", " ", "\"quoted\"", "a\nb\tc\r\x00\x1f\x7f", "\u202emoc.live\u202c", "مرحبا", "👩‍👩‍👧‍👦", "\xff\xfe\x80",
		"{}[],:", "<script>&amp;", "O'Brien", "a\u2028b", strings.Repeat("long ", 500), "null", "\\u0000",
	}),
)

// objectID is mostly a GUID.
var objectID = rapid.OneOf(
	rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}`),
	rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}`),
	rapid.SampledFrom([]string{"u1", "not a guid", "ü", "\xff"}),
)

// facts are a tenant before it is put together.
type facts struct {
	tenant     string
	attributes []string
	users      []User
	values     [][]string
	groups     []GraphGroup
	domains    []Domain
}

func drawFacts(t *rapid.T) facts {
	f := facts{
		tenant: rapid.SampledFrom([]string{"7d0f2a4c-9b1e-4c35-8a67-d2e4f6a8b0c1", "t", "ü\"\n"}).Draw(t, "tenant"),
		attributes: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"department", "mail", "extensionAttribute1", "b"}), 0, 3, rapid.ID).
			Draw(t, "attributes"),
	}
	slices.Sort(f.attributes)
	ids := rapid.SliceOfNDistinct(objectID, 0, 12, rapid.ID).Draw(t, "ids")
	cut := rapid.IntRange(0, len(ids)).Draw(t, "users")
	optional := rapid.SampledFrom([]OptionalBool{Absent, False, True})
	for _, id := range ids[:cut] {
		f.users = append(f.users, User{
			ID:                id,
			UserPrincipalName: anyText.Draw(t, "upn"),
			Mail:              anyText.Draw(t, "mail"),
			OtherMails:        rapid.SliceOfN(anyText, 0, 3).Draw(t, "otherMails"),
			UserType: rapid.SampledFrom([]string{"Member", "Guest", "", "\xff"}).
				Draw(t, "type"),
			CreationType: anyText.Draw(t, "creation"),
			ExternalUserState: anyText.Draw(
				t,
				"state",
			),
			AccountEnabled:        optional.Draw(t, "enabled"),
			OnPremisesSyncEnabled: optional.Draw(t, "synced"),
		})
		row := make([]string, len(f.attributes))
		for i := range row {
			row[i] = anyText.Draw(t, "value")
		}
		f.values = append(f.values, row)
	}
	member := rapid.Custom(func(t *rapid.T) GraphMember {
		known := append(slices.Clone(ids), "gone-1", "gone-2")
		return GraphMember{
			ID:   rapid.SampledFrom(known).Draw(t, "member"),
			Type: rapid.SampledFrom([]string{"user", "group", "device", ""}).Draw(t, "memberType"),
		}
	})
	for _, id := range ids[cut:] {
		f.groups = append(f.groups, GraphGroup{
			ID: id, DisplayName: anyText.Draw(t, "name"), SecurityEnabled: rapid.Bool().Draw(t, "security"),
			MembershipRule: anyText.Draw(t, "rule"), HiddenMembership: rapid.Bool().Draw(t, "hidden"),
			Members: rapid.SliceOfN(member, 0, 8).Draw(t, "members"),
		})
	}
	for _, name := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,6}\.example`), 0, 4, rapid.ID).Draw(t, "domains") {
		f.domains = append(
			f.domains,
			Domain{
				Name:       name,
				IsVerified: rapid.Bool().Draw(t, "verified"),
				IsInitial:  rapid.Bool().Draw(t, "initial"),
			},
		)
	}
	return f
}

// build puts facts together in an order of arrival, some of them twice and
// the members in parts.
func (f facts) build(random *rand.Rand) *Directory {
	b := NewBuilder(append(slices.Clone(f.attributes), f.attributes...))
	order := func(n int) []int {
		list := make([]int, 0, 2*n)
		for i := range n {
			list = append(list, i)
		}
		if random == nil {
			return list
		}
		for range n {
			list = append(list, random.IntN(n))
		}
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		return list
	}
	for _, i := range order(len(f.domains)) {
		b.AddDomain(f.domains[i])
	}
	for _, i := range order(len(f.users)) {
		b.AddUser(f.users[i], f.values[i], HasUserType|HasAccountEnabled)
	}
	for _, i := range order(len(f.groups)) {
		g := f.groups[i]
		if random == nil || random.IntN(2) == 0 {
			b.AddGroup(g)
			continue
		}
		members := g.Members
		g.Members = nil
		b.AddGroup(g)
		for _, at := range order(len(members)) {
			if err := b.AddMember(g.ID, members[at]); err != nil {
				panic(err)
			}
		}
	}
	return b.Build(f.tenant, nil)
}

func mustEncode(t interface {
	Helper()
	Fatal(...any)
}, d *Directory) string {
	t.Helper()
	text, err := d.EncodeReading()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// write puts a snapshot into a file.
func write(t testing.TB, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tenant.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// tenantJSON is a small snapshot whose parts tests replace; a part given as ""
// is left out.
func tenantJSON(parts map[string]string) string {
	entra := []string{}
	for _, p := range []struct{ name, value string }{
		{"tenant_id", `"T-1"`},
		{"domains", `[{"id":"Company.example","isVerified":true}]`},
		{"users", `[{"id":"U1","userPrincipalName":"ada@company.example","userType":"Member","accountEnabled":true}]`},
		{"groups", `[{"id":"G1","displayName":"All","members":[{"@odata.type":"#microsoft.graph.user","id":"u1"}]}]`},
	} {
		if v, ok := parts[p.name]; ok {
			p.value = v
		}
		if p.value != "" {
			entra = append(entra, fmt.Sprintf("    %q: %s", p.name, p.value))
		}
	}
	file := fmt.Sprintf("{\n  \"version\": 1,\n  \"entra\": {\n%s\n  }", strings.Join(entra, ",\n"))
	if o := parts["organizations"]; o != "" {
		file += ",\n  \"organizations\": " + o
	}
	return file + "\n}\n"
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}
