package simulator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
)

func newAdmin(t *testing.T, options ...Option) *client {
	c := newClient(t, options...)
	c.bearer = atlassian.DefaultAPIKey
	return c
}

func (r reply) adminCode() string {
	list, _ := r.body["errors"].([]any)
	if len(list) == 0 {
		return ""
	}
	e := list[0].(map[string]any)
	for _, name := range []string{"id", "status", "code", "title", "detail"} {
		if s, ok := e[name].(string); !ok || s == "" {
			return "an error without " + name
		}
	}
	return e["code"].(string)
}

func (r reply) wantAdmin(t *testing.T, status int, code string) reply {
	t.Helper()
	if r.status != status || r.adminCode() != code {
		t.Fatalf("got %d %s, want %d %s\n%s", r.status, r.adminCode(), status, code, r.raw)
	}
	return r
}

func (r reply) data() []map[string]any {
	var out []map[string]any
	list, _ := r.body["data"].([]any)
	for _, v := range list {
		out = append(out, v.(map[string]any))
	}
	return out
}

func (r reply) link(name string) string {
	l, _ := r.body["links"].(map[string]any)
	s, _ := l[name].(string)
	return s
}

func TestOrganizationDomains(t *testing.T) {
	c := newAdmin(t, WithBehavior(func(b *env.Behavior) { b.AtlassianPageSize = 1 }))
	at := "/admin/v1/orgs/" + orgMain + "/domains"
	r := c.get(at).want(t, 200)
	assert.Equal(
		t, "first", fmt.Sprint(r.data()[0]["attributes"]), "map[claim:map[status:verified type:dns] name:company.com]",
	)
	next := r.link("next")
	if !strings.HasPrefix(next, testBase+at+"?cursor=") {
		t.Fatalf("next is %q, want a full URL", next)
	}
	r = c.follow(next).want(t, 200)
	assert.Equal(t, "second", r.data()[0]["id"], any("dom-2"))
	assert.Equal(t, "next", r.link("next"), "")
	if r.link("prev") == "" || r.link("self") == "" {
		t.Errorf("%s", r.raw)
	}
	c.get(at+"/dom-2").want(t, 200)
	c.get(at+"/dom-9").wantAdmin(t, 404, "ADMIN-404-3")
	c.get(at+"?cursor=nonsense").wantAdmin(t, 400, "ADMIN-400-1")
	c.get("/admin/v1/orgs/nobody/domains").wantAdmin(t, 404, "ADMIN-404-2")
	c.do("POST", at, `{}`).wantAdmin(t, 405, "ADMIN-405-1")
	c.get(at, "Authorization", "").wantAdmin(t, 401, "ADMIN-401-1")
	c.get(at, "Authorization", "Bearer wrong").wantAdmin(t, 401, "ADMIN-401-1")
}

func TestAPIKeys(t *testing.T) {
	c := newAdmin(t, WithAPIKey("emea", "its-own-key"))
	const emea = "/admin/v1/orgs/e0000000-0000-4000-8000-000000000002/domains"
	c.get(emea).wantAdmin(t, 403, "ADMIN-403-3")
	r := c.get(emea, "Authorization", "Bearer its-own-key").want(t, 200)
	assert.Equal(t, "data", fmt.Sprint(r.body["data"]), "[]")
	assert.Equal(t, "organizations of a key", len(c.get("/admin/v1/orgs").want(t, 200).data()), 1)
	c.server.Behavior.EmptyOrganizations = true
	assert.Equal(t, "organizations, as in ACCESS-966", len(c.get("/admin/v1/orgs").want(t, 200).data()), 0)
}

func TestAccountsAndGroups(t *testing.T) {
	c := newAdmin(t)
	r := c.get("/admin/v1/orgs/"+orgMain+"/users").want(t, 200)
	assert.Equal(t, "managed accounts alone", len(r.data()), 1)
	assert.Equal(t, "account_id", r.data()[0]["account_id"], any("acc-1"))
	directories := "/admin/v2/orgs/" + orgMain + "/directories"
	dir := c.get(directories).want(t, 200).data()[0]["directoryId"].(string)
	for body, want := range map[string]string{
		`{}`:                                      "acc-1 acc-2",
		`{"emails":["GUS@fabrikam.com"]}`:         "acc-2",
		`{"searchTerm":"oscar"}`:                  "acc-1",
		`{"emailDomains":["fabrikam.com"]}`:       "acc-2",
		`{"claimStatus":"managed"}`:               "acc-1",
		`{"claimStatus":["unmanaged"]}`:           "acc-2",
		`{"groupIds":["og-1"]}`:                   "acc-1",
		`{"groupIds":["og-9"]}`:                   "",
		`{"status":["active"],"groupIds":[]}`:     "acc-1 acc-2",
		`{"accountStatus":["closed"]}`:            "",
		`{"limit":5,"membershipStatus":"active"}`: "acc-1 acc-2",
	} {
		for _, d := range []string{"-", dir} {
			r := c.do("POST", directories+"/"+d+"/users/search", body).want(t, 200)
			var got []string
			for _, a := range r.data() {
				got = append(got, a["accountId"].(string))
			}
			assert.Equal(t, body, strings.Join(got, " "), want)
		}
	}
	r = c.do("POST", directories+"/-/users/search", `{"limit":1}`).want(t, 200)
	cursor := r.link("next")
	if cursor == "" || strings.Contains(cursor, "/") {
		t.Fatalf("next is %q, want a bare cursor", cursor)
	}
	r = c.do("POST", directories+"/-/users/search", `{"limit":1,"cursor":"`+cursor+`"}`).want(t, 200)
	assert.Equal(t, "second", r.data()[0]["accountId"], any("acc-2"))
	for _, bad := range []string{
		`{"emails":["a@b"],"searchTerm":"x"}`, `{"email":["x"]}`, `[]`, `{"limit":0}`, `{"limit":"1"}`, ``,
	} {
		c.do("POST", directories+"/-/users/search", bad).wantAdmin(t, 400, "ADMIN-400-24")
	}
	c.do("POST", directories+"/-/users/search", `{"cursor":"x"}`).wantAdmin(t, 400, "ADMIN-400-1")
	c.do("POST", directories+"/wrong/users/search", `{}`).want(t, 404)
	r = c.do("POST", directories+"/-/groups/search", `{"searchTerm":"atlassian"}`).want(t, 200)
	assert.Equal(
		t, "group", fmt.Sprintf("%v %v %v", r.data()[0]["id"], r.data()[0]["externalSynced"], r.data()[0]["managedBy"]),
		"og-1 true external",
	)
}

func TestAtlassianThrottling(t *testing.T) {
	c := newAdmin(
		t, WithClock(frozen), WithFault(faults.Fault{Kind: faults.Status, Match: "GET /admin/*", RetryAfter: "5"}),
	)
	r := c.get("/admin/v1/orgs/"+orgMain+"/domains").wantAdmin(t, 429, "ADMIN-429-1")
	assert.Equal(t, "reset", r.header.Get("X-RateLimit-Reset"), "2026-11-20T08:00:05.000Z")
	assert.Equal(t, "remaining", r.header.Get("X-RateLimit-Remaining"), "0")
	c.get("/admin/v1/orgs/"+orgMain+"/domains").want(t, 200)
}
