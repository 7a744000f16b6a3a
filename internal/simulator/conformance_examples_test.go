package simulator

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
)

// example is a file of the documented requests and answers.
type example struct {
	Path     string          `json:"path"`
	Status   string          `json:"status"`
	Request  json.RawMessage `json:"request_body"`
	Response json.RawMessage `json:"response_body"`
}

// The documented answers, and ours to requests of the same kind, are alike in shape: the same status,
// the same pattern of the context, the same annotations, and each of their properties is there.
func TestDocumentedExamples(t *testing.T) {
	const partner = "/v1.0/policies/crossTenantAccessPolicy/partners/9c5d131d-b1c3-4fc4-9e3f-c6557947d551"
	eventual := []string{"ConsistencyLevel", "eventual"}
	requests := map[string]struct {
		target  string
		headers []string
	}{
		"domain-verificationdnsrecords":        {target: "/v1.0/domains/company.com/verificationDnsRecords"},
		"domain-verify":                        {target: "/v1.0/domains/unverified.com/verify"},
		"error-count-without-consistencylevel": {target: "/v1.0/users/$count"},
		"error-endswith-without-advanced":      {target: "/v1.0/users?$filter=endsWith(mail,'@outlook.com')"},
		"error-filter-not-indexed": {
			target: "/v1.0/users?$filter=id ge '398164b1-5196-49dd-ada2-364b49f99b27'&$count=true",
		},
		"error-search-without-consistencylevel": {target: `/v1.0/users?$search="displayName:Browser"`},
		"group-members-list": {
			target: "/v1.0/groups/" + groupPartners + "/members/microsoft.graph.user?$select=id,mail",
		},
		"groups-delta-members-3": {target: "/v1.0/groups/delta?$select=displayName,description,members"},
		"user-get":               {target: "/v1.0/users/" + oscar},
		"user-memberof":          {target: "/v1.0/users/" + oscar + "/memberOf"},
		"users-count":            {"/v1.0/users/$count", eventual},
		"users-delta-concept-1":  {target: "/v1.0/users/delta?$select=displayName,givenName,surname"},
		"users-delta-concept-3":  {target: "/v1.0/users/delta?$select=displayName,givenName,surname"},
		"users-delta-concept-5":  {target: "/v1.0/users/delta?$select=displayName,givenName,surname"},
		"users-delta-minimal":    {target: "/v1.0/users/delta?$select=displayName,jobTitle,mobilePhone"},
		"users-filter-orderby-count": {
			"/v1.0/users?$filter=startswith(displayName,'O')&$orderby=displayName&$count=true&$top=1&$select=displayName,mail,mailNickname,otherMails,proxyAddresses,userPrincipalName",
			eventual,
		},
		"users-search": {
			`/v1.0/users?$search="displayName:wa"&$orderby=displayName&$count=true&$select=displayName,givenName,mail,mailNickname,userPrincipalName`,
			eventual,
		},
		"xtap-identitysync-get": {target: partner + "/identitySynchronization"},
		"xtap-partner-get":      {target: partner},
	}
	files, err := filepath.Glob("testdata/examples/*.json")
	if err != nil || len(files) != len(requests) {
		t.Fatalf("%d files, %d requests, %v", len(files), len(requests), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var doc example
			if err := json.Unmarshal(raw, &doc); err != nil {
				t.Fatal(err)
			}
			c := exampleClient(t, name)
			method := "GET"
			if name == "domain-verify" {
				method = "POST"
			}
			r := c.do(method, exampleTarget(c, name, requests[name].target), "", requests[name].headers...)
			assert.Equal(t, "status", fmt.Sprint(r.status), doc.Status)
			alike(t, doc.Response, r)
		})
	}
}

// exampleClient brings the server into the situation that an example shows.
func exampleClient(t *testing.T, name string) *client {
	if name == "users-delta-concept-1" || name == "users-delta-minimal" {
		return newClient(t, WithBehavior(func(b *env.Behavior) { b.DeltaPageSize = 1 }))
	}
	return newClient(t)
}

// exampleTarget is the request of an example, for some of which others have to come first.
func exampleTarget(c *client, name, target string) string {
	if name == "domain-verify" {
		if err := c.server.PublishDomain("unverified.com", true); err != nil {
			c.t.Fatal(err)
		}
	}
	if name != "users-delta-concept-5" && name != "groups-delta-members-3" {
		return target
	}
	_, link, _ := round(c, target)
	c.do("PATCH", "/v1.0/users/"+oscar, `{"displayName":"O"}`).want(c.t, 204)
	c.do("DELETE", "/v1.0/users/"+ada, "").want(c.t, 204)
	c.do("PATCH", "/v1.0/groups/"+groupPartners, `{"description":"new"}`).want(c.t, 204)
	if err := c.server.AddMember(groupPartners, maryam); err != nil {
		c.t.Fatal(err)
	}
	if err := c.server.RemoveMember(groupPartners, gus); err != nil {
		c.t.Fatal(err)
	}
	return link
}

// alike compares a documented body with an answer.
func alike(t *testing.T, want json.RawMessage, got reply) {
	t.Helper()
	var doc any
	if err := json.Unmarshal(want, &doc); err != nil {
		t.Fatal(err)
	}
	object, ok := doc.(map[string]any)
	if !ok { // the bare number of /$count
		assert.Equal(t, "type", got.header.Get("Content-Type"), kernel.PlainText)
		return
	}
	hasKeys(t, "", object, got.body)
	if e, ok := object["error"].(map[string]any); ok {
		assert.Equal(t, "code", got.code(), e["code"].(string))
		assert.Equal(t, "message", got.message(), e["message"].(string))
	}
	if context, ok := object["@odata.context"].(string); ok {
		_, set, _ := strings.Cut(context, "#")
		set, _, _ = strings.Cut(set, "(")
		_, ours, _ := strings.Cut(got.text("@odata.context"), "$metadata#")
		ours, _, _ = strings.Cut(ours, "(")
		if set != ours && set != "directoryObjects" {
			t.Errorf("context: got %s, want %s", ours, set)
		}
	}
	for _, link := range []string{"@odata.nextLink", "@odata.deltaLink"} {
		theirs, _ := object[link].(string)
		_, theirs, _ = strings.Cut(theirs, "/v1.0/")
		theirs, _, _ = strings.Cut(theirs, "=")
		_, ours, _ := strings.Cut(got.text(link), "/v1.0/")
		ours, _, _ = strings.Cut(ours, "=")
		assert.Equal(t, link, ours, theirs)
	}
}

// hasKeys wants each member of a documented object in the answer, and of a list some element that has
// all members of the documented one.
func hasKeys(t *testing.T, path string, want, got map[string]any) {
	t.Helper()
	for name, w := range want {
		g, ok := got[name]
		if !ok {
			t.Errorf("%s/%s is missing in %v", path, name, got)
			continue
		}
		switch w := w.(type) {
		case map[string]any:
			if inner, ok := g.(map[string]any); ok {
				hasKeys(t, path+"/"+name, w, inner)
			}
		case []any:
			list, _ := g.([]any)
			for i, element := range w {
				doc, ok := element.(map[string]any)
				if ok && !slices.ContainsFunc(list, func(v any) bool { return covers(doc, v) }) {
					t.Errorf("%s/%s[%d]: nothing like %v in %v", path, name, i, doc, list)
				}
			}
		}
	}
}

func covers(doc map[string]any, value any) bool {
	object, ok := value.(map[string]any)
	for name, w := range doc {
		g, there := object[name]
		ok = ok && there
		for _, element := range elements(w) {
			inner, isObject := element.(map[string]any)
			ok = ok && (!isObject || slices.ContainsFunc(elements(g), func(v any) bool { return covers(inner, v) }))
		}
	}
	return ok
}

func elements(v any) []any {
	list, _ := v.([]any)
	return list
}
