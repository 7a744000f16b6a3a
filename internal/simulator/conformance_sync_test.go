package simulator

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph/synchronization"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// Answers of synchronization hold what the metadata has, with its types and enumerations.
func TestSynchronizationConforms(t *testing.T) {
	metadata := withNavigation(readMetadata(t))
	c, job := newJob(t)
	running := func() {
		c.do("POST", job+"/start", "").want(t, 204)
		if err := c.server.FinishCycle(c.get(job).text("id")); err != nil {
			t.Fatal(err)
		}
	}
	c.do("PUT", appRoot+"/secrets", goodSecrets).want(t, 204)
	check := func(r reply, entity string) {
		t.Helper()
		values := r.values()
		if r.body["value"] == nil {
			values = []map[string]any{r.body}
		}
		if len(values) == 0 {
			t.Errorf("no %s", entity)
		}
		for _, v := range values {
			conforms(t, metadata, entity, entity, v)
		}
	}
	check(c.get(job), "synchronizationJob")
	running()
	check(c.get(job), "synchronizationJob")
	check(c.get(appRoot+"/jobs"), "synchronizationJob")
	check(c.get(appRoot+"/templates"), "synchronizationTemplate")
	check(c.get(appRoot+"/secrets"), "synchronizationSecretKeyStringValuePair")
	check(c.get(job+"/schema"), "synchronizationSchema")
	check(c.get(appRoot+"/templates/Azure2Azure/schema"), "synchronizationSchema")
	check(c.get(job+"/schema/functions"), "attributeMappingFunctionSchema")
	check(c.get(job+"/schema/filterOperators"), "filterOperatorSchema")
	check(c.do("POST", job+"/schema/parseExpression", `{"expression":"Append("}`), "parseExpressionResponse")
	check(
		c.do("POST", job+"/schema/parseExpression", `{"expression":"Not([a])","testInputObject":{"properties":[]}}`),
		"parseExpressionResponse",
	)
}

// The secrets' keys are those of the metadata, all of them.
func TestSecretKeysAreTheMetadata(t *testing.T) {
	members := readMetadata(t)[enumPrefix+"synchronizationSecret"]
	for _, key := range strings.Fields(synchronization.SecretKeys) {
		if _, ok := members[key]; !ok && key != "|" {
			t.Errorf("%s isn't in the metadata", key)
		}
		delete(members, key)
	}
	for key := range members {
		t.Errorf("%s is missing", key)
	}
}

// The documented examples of synchronization: their request, sent to a job here, is answered alike.
func TestSynchronizationExamples(t *testing.T) {
	files, err := filepath.Glob("testdata/examples/synchronization/*.json")
	if err != nil || len(files) != len(syncExamples) {
		t.Fatalf("%d files, %d requests, %v", len(files), len(syncExamples), err)
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
			c, job := newJob(t)
			body := string(doc.Request)
			if body == "null" {
				body = ""
			}
			r := syncExamples[name](c, job, body)
			assert.Equal(t, "status", fmt.Sprint(r.status), doc.Status)
			if string(doc.Response) == "null" {
				assert.Equal(t, "body", len(r.raw), 0)
				return
			}
			var want map[string]any
			if err := json.Unmarshal(doc.Response, &want); err != nil {
				t.Fatal(err)
			}
			hasKeys(t, "", want, r.body)
			if name == "sync-schema-parseexpression" {
				delete(r.body, "@odata.context")
				assert.Equal(t, "answer", string(rawjson.Marshal(r.body)), string(rawjson.Marshal(want)))
			}
		})
	}
}

// syncExamples is how each is sent, with what its placeholders stand for here.
var syncExamples = map[string]func(c *client, job, body string) reply{
	"auditlogs-provisioning-failure": func(c *client, _, _ string) reply {
		p := newScenario(c.t)
		p.assign("ann", "bea")
		p.user("bea", `"mail":"ann@company.com"`)
		p.cycle()
		p.server.Advance(time.Minute)
		return p.get(
			"/v1.0/auditLogs/provisioning?$filter=provisioningAction eq 'create' and provisioningStatusInfo/status " +
				"eq 'failure'",
		)
	},
	"sp-approleassignedto-post": func(c *client, _, body string) reply {
		body = strings.NewReplacer(
			"33ad69f9-da99-4bed-acd0-3f24235cb296", groupAtlassian, "9028d19c-26a9-4809-8e3f-20ff73e2d75e", appID,
			"ef7437e6-4f94-4a0a-a110-a439eb2aa8f7", jobs.NoRole,
		).Replace(body)
		return c.do("POST", "/v1.0/servicePrincipals/"+appID+"/appRoleAssignedTo", body)
	},
	"sync-directory-discover": func(c *client, job, body string) reply {
		id := rawjson.Objects(schemaOf(c, job)["directories"])[1]["id"].(string)
		return c.do("POST", job+"/schema/directories/"+id+"/discover", body)
	},
	"sync-job-create": func(c *client, _, body string) reply {
		return c.do("POST", appRoot+"/jobs", strings.ReplaceAll(body, "BoxOutDelta", "customappsso"))
	},
	"sync-job-get-notrun": func(c *client, job, _ string) reply {
		c.do("POST", job+"/start", "").want(c.t, 204)
		r := c.get(job)
		assert.Equal(c.t, "state", at(r.body, "schedule", "state"), any("Active"))
		assert.Equal(c.t, "code", at(r.body, "status", "code"), any("NotRun"))
		return r
	},
	"sync-job-restart":            func(c *client, job, body string) reply { return c.do("POST", job+"/restart", body) },
	"sync-schema-filteroperators": func(c *client, job, _ string) reply { return c.get(job + "/schema/filterOperators") },
	"sync-schema-get-full":        func(c *client, job, _ string) reply { return c.get(job + "/schema") },
	"sync-schema-parseexpression": func(c *client, job, body string) reply {
		return c.do("POST", job+"/schema/parseExpression", body)
	},
	"sync-secrets-put-scim": func(c *client, _, body string) reply { return c.do("PUT", appRoot+"/secrets", body) },
	"sync-validatecredentials-crosstenant": func(c *client, _, body string) reply {
		if err := c.server.PutPartner(
			[]byte(`{"tenantId":"{targetTenantId}","automaticUserConsentSettings":{"outboundAllowed":true}}`),
		); err != nil {
			c.t.Fatal(err)
		}
		return c.do("POST", appRoot+"/jobs/validateCredentials", body)
	},
}
