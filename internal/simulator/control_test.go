package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
)

func TestRequestCounts(t *testing.T) {
	c := newClient(t)
	c.get("/v1.0/users/" + oscar)
	c.get("/v1.0/users/" + ada)
	c.get("/v1.0/users?$top=1")
	c.get("/v1.0/nothing")
	var counts faults.Counts
	if err := json.Unmarshal(c.get("/_simulator/requests").want(t, 200).raw, &counts); err != nil {
		t.Fatal(err)
	}
	assert.Equal(
		t, "counts", fmt.Sprint(counts), "{4 map[GET (no such route):1 GET /v1.0/users:1 GET /v1.0/users/{id}:2] "+
			"map[]}",
	)
	c.do("POST", "/_simulator/requests/reset", "").want(t, 204)
	assert.Equal(t, "total", c.server.Requests().Total, 0)
}

func TestControlPlane(t *testing.T) {
	c := newClient(t, WithClock(frozen))
	admin := *c
	admin.bearer = atlassian.DefaultAPIKey
	order := func(method, path, body string, status int) reply {
		t.Helper()
		return c.do(method, "/_simulator"+path, body).want(t, status)
	}
	claim := func(name string) string {
		t.Helper()
		for _, d := range admin.get("/admin/v1/orgs/"+orgMain+"/domains").want(t, 200).data() {
			a := d["attributes"].(map[string]any)
			if a["name"] == name {
				return a["claim"].(map[string]any)["status"].(string)
			}
		}
		return "none"
	}
	order("POST", "/organizations/main/domains/company.com", `{"status":"missing_token"}`, 204)
	assert.Equal(t, "claim", claim("company.com"), "missing_token")
	order("POST", "/organizations/"+orgMain+"/domains/new.example", `{"status":"unverified"}`, 204)
	assert.Equal(t, "new claim", claim("new.example"), "unverified")
	order("DELETE", "/organizations/main/domains/new.example", "", 204)
	assert.Equal(t, "removed claim", claim("new.example"), "none")
	order("POST", "/organizations/main/domains/company.com", `{"status":"excellent"}`, 400)
	order("POST", "/organizations/none/domains/company.com", `{"status":"verified"}`, 400)
	order("POST", "/organizations/main/domains/company.com", `{"state":"verified"}`, 400)

	id := order(
		"POST",
		"/users",
		`{"displayName":"Outsider","userPrincipalName":"out@company.com","creationType":"Invitation"}`,
		200,
	).text("id")
	assert.Equal(t, "made", c.get("/v1.0/users/"+id+"?$select=creationType").text("creationType"), "Invitation")
	order("POST", "/users", `{"userPrincipalName":"OUT@company.com","userType":"Guest"}`, 200)
	assert.Equal(t, "changed by name", c.get("/v1.0/users/"+id+"?$select=userType").text("userType"), "Guest")
	order("POST", "/users", `{"accountEnabled":1}`, 400)
	order("POST", "/groups/"+groupAtlassian+"/members", `{"id":"`+id+`"}`, 204)
	order("DELETE", "/groups/"+groupAtlassian+"/members/"+oscar, "", 204)
	assert.Equal(
		t, "members", c.get("/v1.0/groups/"+groupAtlassian+"/members?$select=id").column("id"), groupPartners+" "+id,
	)
	order(
		"POST",
		"/groups",
		`{"id":"`+groupAtlassian+`","members":[{"@odata.type":"#microsoft.graph.user","id":"`+ada+`"}]}`,
		200,
	)
	assert.Equal(t, "members replaced", c.get("/v1.0/groups/"+groupAtlassian+"/members?$select=id").column("id"), ada)
	order("DELETE", "/users/"+id, "", 204)
	c.get("/v1.0/users/"+id).want(t, 404)
	assert.Equal(t, "hard", len(c.get("/v1.0/directory/deletedItems/microsoft.graph.user").values()), 0)
	order("DELETE", "/users/"+gus+"?soft=true", "", 204)
	assert.Equal(t, "soft", len(c.get("/v1.0/directory/deletedItems/microsoft.graph.user").values()), 1)
	order("DELETE", "/users/nobody", "", 400)
	order("POST", "/unreadable", `{"ids":["`+ada+`"]}`, 204)
	order("POST", "/domains", `{"id":"unverified.com","isVerified":true}`, 204)
	assert.Equal(t, "domain", c.get("/v1.0/domains/unverified.com").body["isVerified"], any(true))
	order("DELETE", "/domains/unverified.com", "", 204)
	order("POST", "/partners", `{"tenantId":"9c5d131d-b1c3-4fc4-9e3f-c6557947d559"}`, 204)
	order("DELETE", "/partners/9c5d131d-b1c3-4fc4-9e3f-c6557947d559", "", 204)
	order("POST", "/clock", `{"advance":"1h"}`, 200)
	assert.Equal(t, "clock", order("GET", "/clock", "", 200).text("now"), "2026-11-20T09:00:00Z")
	order("POST", "/apps", `{"client_id":"new","client_secret":"s","roles":["User.Read.All"]}`, 201)
	code, _ := askToken(t, c, testTenant, map[string]string{"client_id": "new", "client_secret": "s"})
	assert.Equal(t, "new app", code, 0)
	order("POST", "/faults", `{"kind":"status","match":"GET /v1.0/domains","status":503}`, 201)
	order("POST", "/faults", `{"kind":"stutter"}`, 400)
	c.bearer = c.server.IssueToken(testBase, login.App{Roles: login.AllRoles()}, testBase)
	c.get("/v1.0/domains").want(t, 503)
	order("DELETE", "/faults", "", 204)
	order("POST", "/latency", `{"latency":"0s"}`, 204)
	order("POST", "/latency", `{"latency":5}`, 400)
	order("POST", "/delta/expire", `{"how":"gone"}`, 204)
	order("POST", "/delta/expire", `{"how":"slowly"}`, 400)
	order("POST", "/organizations/main/accounts", `{"accountId":"acc-3","email":"x@company.com"}`, 204)
	order("POST", "/organizations/main/groups", `{"id":"og-2","name":"x"}`, 204)
	assert.Equal(t, "about", order("GET", "", "", 200).body["users"], any(4.0))
}

func TestSnapshotRoundTrip(t *testing.T) {
	c := newClient(t, WithClock(frozen))
	var first, second bytes.Buffer
	if err := c.server.Snapshot(&first); err != nil {
		t.Fatal(err)
	}
	again, err := New(bytes.NewReader(first.Bytes()), WithClock(frozen))
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Snapshot(&second); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("the second snapshot differs:\n%s\n%s", first.Bytes(), second.Bytes())
	}
	for _, want := range []string{
		`"missing_token"`, `"service_principal_id"`, `"isSyncAllowed":true`, `a0000000-0000-4000-8000-00000000ffff`,
		`"membershipRule":"user.userType -eq \"Guest\""`, `"emea":{"domains":[],`,
	} {
		if !bytes.Contains(first.Bytes(), []byte(want)) {
			t.Errorf("%s is missing in\n%s", want, first.Bytes())
		}
	}
	if bytes.Contains(first.Bytes(), []byte(`provisioning_logs`)) {
		t.Error("a part that wasn't there is there now")
	}
}

func TestBadSnapshots(t *testing.T) {
	for text, want := range map[string]string{
		``:                "ends too early",
		`[]`:              "expected an object",
		`{}`:              "no version",
		`{"version":2}`:   "version (line 1): version 2, expected 1",
		`{"version":"1"}`: "version",
		"{\"version\":1,\n\"entra\":{\"users\":[\n{\"id\":\"a\"},\n{\"id\":5}]}}":                                     "entra.users[1] (line 4): id: expected Edm.String, found a number",
		"{\"version\":1,\"entra\":{\"users\":[{\"id\":\"a\"":                                                          "ends too early",
		`{"version":1,"entra":{"users":{}}}`:                                                                          "entra.users (line 1): expected an array",
		`{"version":1,"entra":{"users":[{}]}}`:                                                                        "id is missing",
		`{"version":1,"entra":{"users":[{"id":"a"},{"id":"A"}]}}`:                                                     "there twice",
		`{"version":1,"entra":{"users":[{"id":"a","userPrincipalName":"x@y"},{"id":"b","userPrincipalName":"X@y"}]}}`: "there twice",
		`{"version":1,"entra":{"users":["a"]}}`:                                                                       "expected an object, found a string",
		`{"version":1,"entra":{"groups":[{"id":"g","members":["a"]}]}}`:                                               "members",
		`{"version":1,"organizations":{"x":{}}}`:                                                                      "organization_id is missing",
		`{"version":1,"organizations":{"x":{"organization_id":"o","domains":[{"id":1}]}}}`:                            "organizations.x.domains[0]",
		`{"version":1,}`: "line 1",
	} {
		_, err := New(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

func TestEmptyTenant(t *testing.T) {
	server, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{
		t:      t,
		server: server,
		bearer: server.IssueToken(testBase, login.App{Roles: login.AllRoles()}, testBase),
	}
	assert.Equal(
		t, "users", string(c.get("/v1.0/users?$select=id").want(t, 200).raw),
		`{"@odata.context":"https://graph.test/v1.0/$metadata#users(id)","value":[]}`,
	)
	_, link, _ := round(c, "/v1.0/users/delta")
	id, err := server.PutUser([]byte(`{"displayName":"First","userPrincipalName":"a@b.example"}`))
	if err != nil {
		t.Fatal(err)
	}
	values, _, _ := round(c, link)
	assert.Equal(t, "new", values[0]["id"], any(id))
}
