package simulator

import (
	"cmp"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// schemaOf is a job's schema as it is answered.
func schemaOf(c *client, job string) rawjson.Object {
	c.t.Helper()
	var out rawjson.Object
	if err := json.Unmarshal(c.get(job+"/schema").want(c.t, 200).raw, &out); err != nil {
		c.t.Fatal(err)
	}
	return out
}

// users is the object mapping of users of a schema.
func users(schema rawjson.Object) rawjson.Object {
	return (&jobs.Job{Schema: schema}).ObjectMapping("User")
}

func mappingOf(schema rawjson.Object, target string) rawjson.Object {
	for _, m := range rawjson.Objects(users(schema)["attributeMappings"]) {
		if m["targetAttributeName"] == target {
			return m
		}
	}
	return nil
}

func addMapping(schema rawjson.Object, m rawjson.Object) {
	u := users(schema)
	u["attributeMappings"] = append(u["attributeMappings"].([]any), m)
}

func TestPutSchema(t *testing.T) {
	c, job := newJob(t)
	schema := schemaOf(c, job)
	before := schema["version"]
	assert.Equal(
		t, "context", schema["@odata.context"],
		any(
			"https://graph.test/v1.0/$metadata#servicePrincipals('"+appID+"')/synchronization/jobs('"+
				job[strings.LastIndexByte(job, '/')+1:]+"')/schema/$entity",
		),
	)

	mappingOf(schema, "name.givenName")["source"] = rawjson.Object{
		"type": "Attribute", "name": "displayName", "expression": "[displayName]", "parameters": []any{},
	}
	users(schema)["metadata"] = []any{rawjson.Object{"key": "EscrowBehavior", "value": "Default"}}
	c.do("PUT", job+"/schema", string(rawjson.Marshal(schema))).want(t, 204)
	after := schemaOf(c, job)
	if after["version"] == before || !strings.HasPrefix(
		after["version"].(string), "v1.1 | Date:2026-11-20T08:00:00Z, ActivityId:",
	) {
		t.Errorf("the version is %v", after["version"])
	}
	schema["version"] = after["version"]
	if !reflect.DeepEqual(schema, after) {
		t.Errorf(
			"what was sent in the service's own form came back otherwise:\n%s\n%s", rawjson.Marshal(schema),
			rawjson.Marshal(after),
		)
	}

	// It replaces: a mapping that isn't sent is gone; directories stay (a navigation property).
	bare := rawjson.Clone(after)
	delete(bare, "directories")
	users(bare)["attributeMappings"] = listless(users(bare)["attributeMappings"], "name.familyName")
	c.do("PUT", job+"/schema", string(rawjson.Marshal(bare))).want(t, 204)
	after = schemaOf(c, job)
	if mappingOf(after, "name.familyName") != nil || mappingOf(after, "name.givenName") == nil ||
		after["directories"] == nil {
		t.Errorf("%s", rawjson.Marshal(after))
	}

	// DELETE gives back the template's.
	c.do("DELETE", job+"/schema", "").want(t, 204)
	again := schemaOf(c, job)
	var template rawjson.Object
	_ = json.Unmarshal(c.get(appRoot+"/templates/customappsso/schema").raw, &template)
	if !reflect.DeepEqual(
		again["synchronizationRules"], template["synchronizationRules"],
	) || again["version"] == after["version"] {
		t.Errorf("after DELETE: %s", rawjson.Marshal(again))
	}
}

func listless(list any, target string) []any {
	out := []any{}
	for _, m := range rawjson.Objects(list) {
		if m["targetAttributeName"] != target {
			out = append(out, m)
		}
	}
	return out
}

// The service writes a mapping in its own words: the text of expressions anew, its parts, the defaults.
func TestPutSchemaNormalizes(t *testing.T) {
	put := func(keep bool) rawjson.Object {
		c, job := newJob(t, WithBehavior(func(b *env.Behavior) { b.KeepSchemaAsSent = keep }))
		schema := schemaOf(c, job)
		addMapping(
			schema,
			rawjson.Object{
				"targetAttributeName": "title", "flowType": "objectaddonly",
				"source": rawjson.Object{"expression": `Switch([jobTitle],,"a",Mid([mail],1,8))`},
			},
		)
		users(schema)["flowTypes"] = "add,UPDATE"
		c.do("PUT", job+"/schema", string(rawjson.Marshal(schema))).want(t, 204)
		got := schemaOf(c, job)
		assert.Equal(t, "flowTypes", users(got)["flowTypes"], any("Add, Update"))
		return mappingOf(got, "title")
	}
	want := `{"defaultValue":null,"exportMissingReferences":false,"flowBehavior":"FlowWhenChanged","flowType":"ObjectAddOnly","matchingPriority":0,` +
		`"source":{"expression":"Switch([jobTitle], , \"a\", Mid([mail], \"1\", \"8\"))","name":"Switch","parameters":[` +
		`{"key":"source","value":{"expression":"[jobTitle]","name":"jobTitle","parameters":[],"type":"Attribute"}},` +
		`{"key":"key","value":{"expression":"\"a\"","name":"a","parameters":[],"type":"Constant"}},` +
		`{"key":"value","value":{"expression":"Mid([mail], \"1\", \"8\")","name":"Mid","parameters":[` +
		`{"key":"source","value":{"expression":"[mail]","name":"mail","parameters":[],"type":"Attribute"}},` +
		`{"key":"start","value":{"expression":"\"1\"","name":"1","parameters":[],"type":"Constant"}},` +
		`{"key":"length","value":{"expression":"\"8\"","name":"8","parameters":[],"type":"Constant"}}],"type":"Function"}}],"type":"Function"},"targetAttributeName":"title"}`
	assert.Equal(t, "normalized", string(rawjson.Marshal(put(false))), want)
	assert.Equal(
		t,
		"as sent",
		string(rawjson.Marshal(put(true))),
		`{"flowType":"ObjectAddOnly","source":{"expression":"Switch([jobTitle],,\"a\",Mid([mail],1,8))"},"targetAttributeName":"title"}`,
	)
}

// Members that a rule or an object mapping lacks are given to it.
func TestPutSchemaFillsRules(t *testing.T) {
	c, job := newJob(t)
	c.do(
		"PUT", job+"/schema",
		`{"synchronizationRules":[{"name":"R","objectMappings":[{"name":"o","sourceObjectName":"User"}]}]}`,
	).want(t, 204)
	rule := rawjson.Objects(schemaOf(c, job)["synchronizationRules"])[0]
	if id, _ := rule["id"].(string); len(id) != 36 {
		t.Errorf("the rule's id is %v", rule["id"])
	}
	delete(rule, "id")
	assert.Equal(
		t,
		"rule",
		string(rawjson.Marshal(rule)),
		`{"containerFilter":null,"editable":true,"groupFilter":null,"metadata":[],"name":"R","objectMappings":[{"attributeMappings":[],"metadata":[],"name":"o","scope":null,"sourceObjectName":"User"}],"priority":0}`,
	)
}

// Every documented expression may stand in a schema.
func TestPutSchemaAcceptsDocumented(t *testing.T) {
	c, job := newJob(t)
	original := schemaOf(c, job)
	raw, err := os.ReadFile("mapping/testdata/documented.json")
	if err != nil {
		t.Fatal(err)
	}
	var documented [][2]string
	if err := json.Unmarshal(raw, &documented); err != nil {
		t.Fatal(err)
	}
	for _, d := range documented {
		if d[1] == "!" {
			continue
		}
		schema := rawjson.Clone(original)
		addMapping(
			schema,
			rawjson.Object{
				"targetAttributeName": "title",
				"source":              rawjson.Object{"expression": d[0], "type": "Function"},
			},
		)
		if r := c.do("PUT", job+"/schema", string(rawjson.Marshal(schema))); r.status != 204 {
			t.Errorf("%s: %s", d[0], r.raw)
			continue
		}
		source, _ := mappingOf(schemaOf(c, job), "title")["source"].(rawjson.Object)
		assert.Equal(t, d[0], source["expression"], any(cmp.Or(d[1], d[0])))
	}
}

func TestPutSchemaRefuses(t *testing.T) {
	c, job := newJob(t)
	original := schemaOf(c, job)
	constant := rawjson.Object{"type": "Constant", "name": "x", "expression": `"x"`}
	for what, change := range map[string]func(rawjson.Object){
		"unknown target": func(s rawjson.Object) {
			addMapping(s, rawjson.Object{"targetAttributeName": "noSuch", "source": constant})
		},
		"the same target twice": func(s rawjson.Object) {
			addMapping(s, rawjson.Object{"targetAttributeName": "USERNAME", "source": constant})
		},
		"no target": func(s rawjson.Object) { addMapping(s, rawjson.Object{"source": constant}) },
		"no source": func(s rawjson.Object) { addMapping(s, rawjson.Object{"targetAttributeName": "title"}) },
		"a wrong expression": func(s rawjson.Object) {
			mappingOf(s, "userName")["source"].(rawjson.Object)["expression"] = "NoSuch([a])"
		},
		"a wrong case": func(s rawjson.Object) {
			mappingOf(s, "userName")["source"].(rawjson.Object)["expression"] = "ToLower([UserPrincipalName])"
		},
		"a wrong flowType":         func(s rawjson.Object) { mappingOf(s, "userName")["flowType"] = "Never" },
		"a wrong flowBehavior":     func(s rawjson.Object) { mappingOf(s, "userName")["flowBehavior"] = "Never" },
		"a broken priority":        func(s rawjson.Object) { mappingOf(s, "userName")["matchingPriority"] = 1.5 },
		"wrong flowTypes":          func(s rawjson.Object) { users(s)["flowTypes"] = "Add, Remove" },
		"an unknown operator":      func(s rawjson.Object) { users(s)["scope"] = scopeOf("department", "IsMemberOf", "x") },
		"a filter on userType":     func(s rawjson.Object) { users(s)["scope"] = scopeOf("userType", "EQUALS", "Member") },
		"a rule without a name":    func(s rawjson.Object) { delete(rawjson.Objects(s["synchronizationRules"])[0], "name") },
		"synchronizationRules not": func(s rawjson.Object) { delete(s, "synchronizationRules") },
	} {
		schema := rawjson.Clone(original)
		change(schema)
		r := c.do("PUT", job+"/schema", string(rawjson.Marshal(schema)))
		if r.status != 400 {
			t.Errorf("%s: %d %s", what, r.status, r.raw)
			continue
		}
		r.wantInner(t, 400, "SchemaInvalid")
	}
	c.do("PUT", job+"/schema", `[]`).want(t, 400, "BadRequest")
	c.do("PUT", job+"/schema", "").want(t, 400, "BadRequest")
	if !reflect.DeepEqual(schemaOf(c, job), original) || c.server.Cycles()[0].SchemaWrites != 0 {
		t.Error("a refused schema changed something")
	}
	r := c.do("PATCH", job+"/schema", `{}`).want(t, 404, "UnknownError")
	want := "No HTTP resource was found that matches the request URI " +
		"'https://syncfabric.windowsazure.com/api/servicePrincipals('" + appID + "')/synchronization/jobs"
	if _, message := r.inner(t); !strings.HasPrefix(
		message, want,
	) || !strings.HasSuffix(message, "/schema?api-version=2.0'.") {
		t.Errorf("%s", message)
	}
	c.as("Synchronization.Read.All").do("PUT", job+"/schema", string(rawjson.Marshal(original))).want(t, 403)
}

func scopeOf(attribute, operator string, values ...any) rawjson.Object {
	return rawjson.Object{
		"inputFilterGroups":    []any{},
		"categoryFilterGroups": []any{},
		"groups": []any{rawjson.Object{"name": "g", "clauses": []any{
			rawjson.Object{
				"sourceOperandName": attribute,
				"operatorName":      operator,
				"targetOperand":     rawjson.Object{"values": values},
			},
		}}},
	}
}

// A saved schema begins an initial cycle: at once where the job runs, else with its start.
func TestSchemaBeginsInitialCycle(t *testing.T) {
	c, job := newJob(t)
	schema := string(rawjson.Marshal(schemaOf(c, job)))
	c.do("PUT", job+"/schema", schema).want(t, 204)
	cycles := func() jobs.JobCycles { return c.server.Cycles()[0] }
	assert.Equal(t, "of a job that rests", cycles().Cycles, 0)
	c.do("POST", job+"/start", "").want(t, 204)
	assert.Equal(t, "with the start", cycles().InitialCycles, 1)
	if err := c.server.FinishCycle(cycles().JobID); err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(schema, `"[surname]"`, `"[mailNickname]"`, 1)
	c.do("PUT", job+"/schema", changed).want(t, 204)
	assert.Equal(t, "code", at(c.get(job).body, "status", "code"), any("NotRun"))
	assert.Equal(t, "at once", cycles().InitialCycles, 2)
	assert.Equal(t, "writes", cycles().SchemaWrites, 2)
	c.do("DELETE", job+"/schema", "").want(t, 204)
	assert.Equal(t, "after DELETE", cycles().InitialCycles, 3)
}

// DefaultMappings tells whether a cycle ever ran with the template's mappings.
func TestDefaultMappings(t *testing.T) {
	c, job := newJob(t)
	schema := schemaOf(c, job)
	addMapping(
		schema, rawjson.Object{"targetAttributeName": "title", "source": rawjson.Object{"expression": "[jobTitle]"}},
	)
	c.do("PUT", job+"/schema", string(rawjson.Marshal(schema))).want(t, 204)
	c.do("POST", job+"/start", "").want(t, 204)
	assert.Equal(t, "with others", c.server.Cycles()[0].DefaultMappings, false)
	c.do("DELETE", job+"/schema", "").want(t, 204)
	assert.Equal(t, "with its own", c.server.Cycles()[0].DefaultMappings, true)
}

func TestCrossTenantSchema(t *testing.T) {
	c := newClient(t)
	r := c.do("POST", appRoot+"/jobs", `{"templateId":"Azure2Azure"}`).want(t, 201)
	job := appRoot + "/jobs/" + r.text("id")
	schema := schemaOf(c, job)
	users(schema)["attributeMappings"] = listless(users(schema)["attributeMappings"], "department")
	c.do("PUT", job+"/schema", string(rawjson.Marshal(schema))).want(t, 204)
	mappingOf(schema, "mail")["matchingPriority"] = 2
	c.do("PUT", job+"/schema", string(rawjson.Marshal(schema))).wantInner(t, 400, "schemaInvalid")
}

func TestParseExpression(t *testing.T) {
	c, job := newJob(t)
	parse := func(body string) reply {
		return c.do("POST", job+"/schema/parseExpression", body).want(t, 200)
	}
	r := parse(
		`{"expression":"IIF([a]=\"x\", \"1\", \"2\")","testInputObject":{"properties":[{"key":"a","value":"x"}]}}`,
	)
	assert.Equal(t, "evaluated", string(rawjson.Marshal(r.body["evaluationResult"])), `["1"]`)
	assert.Equal(t, "as it is written", at(r.body, "parsedExpression", "expression"), any(`IIF([a] = "x", "1", "2")`))
	r = parse(`{"expression":"Append("}`)
	assert.Equal(t, "parsed", r.body["parsingSucceeded"], any(false))
	assert.Equal(t, "error", at(r.body, "error", "code"), any("SchemaInvalid"))
	r = parse(
		`{"expression":"Item([m], 3)","testInputObject":{"properties":[{"key":"m","value@odata.type":"#Collection(String)","value":["x"]}]}}`,
	)
	assert.Equal(t, "evaluation", at(r.body, "error", "code"), any("EvaluationFailed"))
	assert.Equal(t, "parsed well", r.body["parsingSucceeded"], any(true))
	r = parse(`{"expression":"[m]","testInputObject":{"properties":[{"key":"m","value":["x","y"]}]}}`)
	assert.Equal(t, "a list", string(rawjson.Marshal(r.body["evaluationResult"])), `["x","y"]`)
	c.do("POST", job+"/schema/parseExpression", `{"expression":"Now()","testInputObject":{"properties":[]}}`).want(
		t, 501, "Simulator_NotBuilt",
	)
	c.do("POST", job+"/schema/parseExpression", "").want(t, 400)
}
