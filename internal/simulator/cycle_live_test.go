package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// Over HTTPS, as people use it: the job's BaseAddress is the started server's own directory, and the
// control plane runs the cycle and shows what is there.
func TestCycleOverHTTPS(t *testing.T) {
	server, err := New(
		strings.NewReader(
			fmt.Sprintf(
				scenarioSeed,
				seedUser("ann", "")+","+seedUser("bea", "")+","+seedUser("cid", "")+","+seedUser("dan", ""),
			),
		),
		WithClock(frozen),
	)
	if err != nil {
		t.Fatal(err)
	}
	https := startClient(t, server)
	token := server.IssueToken(
		server.URL(),
		login.App{ClientID: DefaultClientID, Roles: login.AllRoles()},
		server.URL(),
	)
	ask := func(method, path, body string, want int) rawjson.Object {
		t.Helper()
		r, err := http.NewRequest(method, server.URL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		answer, err := https.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		raw, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != want {
			t.Fatalf("%s %s: %d %v %s", method, path, answer.StatusCode, err, raw)
		}
		var out rawjson.Object
		_ = json.Unmarshal(raw, &out) // an empty one where there is none
		return out
	}
	const root = "/v1.0/servicePrincipals/app/synchronization"
	about := server.About().Organizations[0]
	base := server.URL() + "/scim/directory/" + about.DirectoryID
	job, _ := ask("POST", root+"/jobs", `{"templateId":"customappsso"}`, 201)["id"].(string)
	good := `[{"key":"BaseAddress","value":"` + base + `"},{"key":"SecretToken","value":"` + about.DirectoryToken + `"}]`
	ask("POST", root+"/jobs/"+job+"/validateCredentials", `{"credentials":`+good+`}`, 204)
	ask(
		"POST", root+"/jobs/"+job+"/validateCredentials",
		`{"credentials":`+strings.Replace(good, about.DirectoryID, "none", 1)+`}`, 400,
	)
	ask("PUT", root+"/secrets", `{"value":`+good+`}`, 204)
	ask("POST", "/_simulator/synchronization/service_principals/app/assigned", `{"ids":["ann","g-all"]}`, 204)
	ask("POST", root+"/jobs/"+job+"/start", "", 204)
	ask("POST", "/_simulator/synchronization", "", 204)
	there := ask("GET", "/_simulator/organizations/main/scim", "", 200)
	assert.Equal(t, "users", len(there["users"].([]any)), 3)
	assert.Equal(t, "groups", len(rawjson.Objects(there["groups"])[0]["members"].([]any)), 2)
	users, groups, err := server.Directory("org")
	if err != nil || len(users) != 3 || users[0].Email != "ann@company.com" || !users[0].Active ||
		users[0].ExternalID != "ann" || users[0].AccountID == "" || groups[0].DisplayName != "Staff" {
		t.Errorf("%v %v %v", users, groups, err)
	}
	assert.Equal(t, "requests", server.Requests().Routes["POST /scim/directory/{directoryId}/Users"], 3)
	ask("POST", "/_simulator/synchronization", `{"job":"none"}`, 400)
	ask("GET", "/_simulator/organizations/none/scim", "", 400)

	// Behind the provider's back.
	ask(
		"POST",
		"/_simulator/synchronization/service_principals/app/schema",
		`{"id":"x","synchronizationRules":[]}`,
		204,
	)
	assert.Equal(t, "schema", len(ask("GET", root+"/jobs/"+job+"/schema", "", 200)["synchronizationRules"].([]any)), 0)
	ask("POST", "/_simulator/synchronization/service_principals/app/schema", `[]`, 400)
}
