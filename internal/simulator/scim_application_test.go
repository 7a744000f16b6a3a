package simulator

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/scimapp"
)

// application is a client of an application's SCIM service.
func application(t *testing.T, rules scimapp.Rules) *client {
	t.Helper()
	server, err := New(nil, WithClock(frozen), WithApplication("it", rules))
	if err != nil {
		t.Fatal(err)
	}
	return &client{t: t, server: server, bearer: DefaultSecretToken}
}

const usersOfApp = "/apps/it/scim/v2/Users"

func newcomer(more map[string]any) string {
	u := rawjson.Object{
		"schemas": []string{
			"urn:ietf:params:scim:schemas:core:2.0:User",
		},
		"userName":    "ann@company.com",
		"active":      true,
		"displayName": "Ann",
		"name":        map[string]any{"givenName": "Ann", "familyName": "X"},
		"emails":      []any{map[string]any{"type": "work", "value": "ann@company.com", "primary": true}},
	}
	for k, v := range more {
		if u[k] = v; v == nil {
			delete(u, k)
		}
	}
	return string(rawjson.Marshal(u))
}

// What each kind refuses of a user who is created, in SCIM's form.
func TestApplication_Create(t *testing.T) {
	kinds := scimapp.Kinds()
	two := []any{
		map[string]any{"type": "work", "value": "1", "primary": true}, map[string]any{"type": "mobile", "value": "2"},
	}
	for name, x := range map[string]struct {
		kind string
		user map[string]any
		want int
	}{
		"plain":                           {"generic", nil, 201},
		"no userName":                     {"generic", map[string]any{"userName": nil}, 400},
		"no last name":                    {"generic", map[string]any{"name": nil}, 201},
		"AWS, plain":                      {"aws_iam_identity_center", nil, 201},
		"AWS, no first name":              {"aws_iam_identity_center", map[string]any{"name": map[string]any{"familyName": "X"}}, 400},
		"AWS, no last name":               {"aws_iam_identity_center", map[string]any{"name": map[string]any{"givenName": "A"}}, 400},
		"AWS, no displayName":             {"aws_iam_identity_center", map[string]any{"displayName": nil}, 400},
		"AWS, two telephones":             {"aws_iam_identity_center", map[string]any{"phoneNumbers": two}, 400},
		"AWS, no primary e-mail":          {"aws_iam_identity_center", map[string]any{"emails": []any{map[string]any{"type": "work", "value": "a@b.c"}}}, 400},
		"AWS, a character":                {"aws_iam_identity_center", map[string]any{"displayName": "Ann: X"}, 400},
		"GitHub, plain":                   {"github_enterprise_managed_user", nil, 201},
		"GitHub, no e-mail":               {"github_enterprise_managed_user", map[string]any{"emails": nil}, 400},
		"GitHub, a dash at the beginning": {"github_enterprise_managed_user", map[string]any{"userName": "!ann@company.com"}, 400},
		"GitHub, two dashes":              {"github_enterprise_managed_user", map[string]any{"userName": "a..n@company.com"}, 400},
		"GitHub, too long": {
			"github_enterprise_managed_user",
			map[string]any{"userName": strings.Repeat("a", 35) + "@company.com"}, 400,
		},
		"GitHub, as long as may be": {
			"github_enterprise_managed_user",
			map[string]any{"userName": strings.Repeat("a", 34) + "@company.com"}, 201,
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := application(t, kinds[x.kind]).do("POST", usersOfApp, newcomer(x.user)).want(t, x.want)
			if x.want == 400 && !strings.Contains(string(r.raw), "urn:ietf:params:scim:api:messages:2.0:Error") {
				t.Errorf("got %s", r.raw)
			}
		})
	}
}

// Names that GitHub's page says become one.
func TestApplication_OneName(t *testing.T) {
	c := application(t, scimapp.ManagedUsers("octo"))
	first := c.do("POST", usersOfApp, newcomer(map[string]any{"userName": "bob@contoso.com"})).want(t, 201)
	for _, name := range []string{
		"BOB@contoso.com", "bob@fabrikam.com", "bob#EXT#fabrikamcom@contoso.com",
		"bob_example#EXT#fabrikamcom@contoso.com", "bob_example.com#EXT#fabrikamcom@contoso.com", `internal\bob`,
	} {
		c.do("POST", usersOfApp, newcomer(map[string]any{"userName": name})).want(t, 409)
	}
	c.do("POST", usersOfApp, newcomer(map[string]any{"userName": "bob_example@contoso.com"})).want(t, 201)
	at := usersOfApp + "/" + first.text("id")
	set := func(active bool) string {
		return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
			"Operations":[{"op":"Replace","path":"active","value":%t}]}`, active)
	}
	c.do("PATCH", at, set(false)).want(t, 200) // suspended: the name is a hash
	c.do("POST", usersOfApp, newcomer(map[string]any{"userName": "bob@fabrikam.com"})).want(t, 201)
	c.do("PATCH", at, set(true)).want(t, 409)
}

func TestApplication_List(t *testing.T) {
	rules := scimapp.IdentityCenter()
	rules.Page = 2
	c := application(t, rules)
	for i := range 5 {
		c.do("POST", usersOfApp, newcomer(map[string]any{"userName": fmt.Sprintf("u%d", i), "externalId": fmt.Sprint(i)})).
			want(t, 201)
	}
	c.do("GET", usersOfApp+"?filter="+"displayName%20eq%20%22Ann%22", "").want(t, 400)
	if r := c.do("GET", usersOfApp+"?filter=userName%20eq%20%22U3%22", "").want(t, 200); r.body["totalResults"] != 1.0 {
		t.Errorf("got %s", r.raw)
	}
	var pages []int
	for cursor := ""; ; {
		r := c.do("GET", usersOfApp+"?cursor="+cursor, "").want(t, 200)
		pages = append(pages, len(rawjson.Objects(r.body["Resources"])))
		if cursor = r.text("nextCursor"); cursor == "" {
			break
		}
	}
	if want := []int{2, 2, 1}; !reflect.DeepEqual(pages, want) {
		t.Errorf("pages: got %v, want %v", pages, want)
	}
	c.bearer = "another"
	c.do("GET", usersOfApp, "").want(t, 401)
	c.do("GET", "/apps/none/scim/v2/Users", "").want(t, 404)
}

// A job provisions into an application, with groups, and disables there.
func TestApplication_Cycle(t *testing.T) {
	p := newScenario(t, WithApplication("it", scimapp.Plain()))
	secrets := map[string]string{"BaseAddress": testBase + scimapp.Path("it"), "SecretToken": DefaultSecretToken}
	if err := p.server.PutSecrets("app", secrets); err != nil {
		t.Fatal(err)
	}
	p.assign("g-all", "ann")
	p.cycle()
	people := func() (out []string) {
		for _, u := range p.server.People("it") {
			out = append(out, fmt.Sprintf("%s %t %v", u.UserName, u.Active, u.Groups))
		}
		return out
	}
	want := []string{
		"ann@company.com true []", "bea@company.com true [Staff]", "cid@company.com true [Staff]",
	}
	if got := people(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	p.assign("g-all")
	p.cycle()
	want[0] = "ann@company.com false []"
	if got := people(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := p.server.ApplicationGroups("it"); !reflect.DeepEqual(got, []string{"Staff"}) {
		t.Errorf("groups: got %v", got)
	}
}
