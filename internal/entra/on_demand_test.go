package entra

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// ruleOf is the first rule of a schema.
func ruleOf(t *testing.T, c *Client, jobID string) string {
	t.Helper()
	raw, err := c.Schema(context.Background(), app, jobID)
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Rules []struct{ ID string } `json:"synchronizationRules"`
	}
	if err := json.Unmarshal(raw, &schema); err != nil || len(schema.Rules) == 0 {
		t.Fatal(string(raw), err)
	}
	return schema.Rules[0].ID
}

func TestProvisionOnDemand(t *testing.T) {
	for _, list := range []bool{false, true} {
		_, c, j := job(t, simulator.WithBehavior(func(b *simulator.Behavior) { b.OnDemandAsList = list }))
		rule := ruleOf(t, c, j.ID)
		ask := func(id string) (OnDemandResult, error) {
			return c.ProvisionOnDemand(
				context.Background(),
				app,
				j.ID,
				rule,
				[]OnDemandSubject{{ObjectID: id, ObjectTypeName: "User"}},
			)
		}
		got, err := ask(ann)
		if err != nil || got.Result != "Success" || got.ErrorCode != "" || got.Action != "Create" ||
			got.SourceDisplayName != "Ann" ||
			len(got.Steps) < 3 {
			t.Fatalf("%+v, %v", got, err)
		}
		if s := got.Steps[1]; s.Name != "EntrySynchronizationScoping" || s.Type != "Scoping" || s.Status != "Success" ||
			s.Details["Assigned to the application"] != "True" {
			t.Errorf("%+v", s)
		}
		if got, err = ask(
			ben,
		); err != nil || got.Result != "Skipped" || got.ErrorCode == "" || got.Reason == "" ||
			got.ErrorMessage == "" {
			t.Errorf("%+v, %v", got, err)
		}
		_, err = ask(other)
		var e *Error
		if !errors.As(err, &e) || e.Status != 400 || e.Code != "InvalidRequest" || !strings.Contains(e.Message, other) {
			t.Error(err)
		}
	}
}

// Five in ten seconds: the sixth waits.
func TestProvisionOnDemand_RateLimit(t *testing.T) {
	b, c, j := job(t)
	rule := ruleOf(t, c, j.ID)
	var waits []time.Duration
	c, err := New(b.config(), func(_ int, asked time.Duration) time.Duration {
		waits = append(waits, asked)
		b.Advance(asked)
		return 0
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 6 {
		if _, err := c.ProvisionOnDemand(
			context.Background(),
			app,
			j.ID,
			rule,
			[]OnDemandSubject{{ObjectID: ann, ObjectTypeName: "User"}},
		); err != nil {
			t.Fatal(err)
		}
	}
	if len(waits) != 1 || waits[0] < 8*time.Second || waits[0] > 11*time.Second {
		t.Error(waits)
	}
}

func TestOnDemandRequest(t *testing.T) {
	s := cannedTenant(t, always(200, `{"key":"{\"result\":\"Success\"}","value":"{}"}`))
	_, err := s.client.ProvisionOnDemand(
		context.Background(),
		app,
		"a.b",
		"rule",
		[]OnDemandSubject{{ObjectID: "g", ObjectTypeName: "Group", Members: []string{"m", "n"}}},
	)
	want := "POST /v1.0/servicePrincipals/" + app + "/synchronization/jobs/a.b/provisionOnDemand " +
		`{"parameters":[{"ruleId":"rule","subjects":[{"links":{"members":[{"objectId":"m","objectTypeName":"User"},{"objectId":"n","objectTypeName":"User"}]},"objectId":"g","objectTypeName":"Group"}]}]}`
	if err != nil || s.asked[0] != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, s.asked[0], want)
	}
}

// pairOf is an answer whose key and value are texts.
func pairOf(key, value string) string {
	raw, _ := json.Marshal(map[string]string{"@odata.context": "c", "key": key, "value": value})
	return string(raw)
}

func TestDecodeOnDemand(t *testing.T) {
	const name = "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo"
	const value = `{"action":"Other","modifiedProperties":[{"displayName":"active","oldValue":null,"newValue":"True"},{"displayName":"n","oldValue":1,"newValue":{"a": [1]}}],
 "provisioningSteps":[{"name":"EntryExportAdd","type":"Export","status":"Failure","description":"d","details":{"a":"b","n":2,"z":null}},{"name":"x","details":null}],
 "statusInfo":{"status":"Failure","errorCode":"EntryConflict","reason":"there is one","recommendedAction":"look"},
 "sourceIdentity":{"displayName":"Ann"},"targetIdentity":{"id":"t1"}}`
	full := OnDemandResult{
		Result:            "Failure",
		ErrorCode:         "EntryConflict",
		ErrorMessage:      "there is one",
		Action:            "Other",
		Reason:            "there is one",
		RecommendedAction: "look",
		SourceDisplayName: "Ann",
		TargetID:          "t1",
		Steps: []OnDemandStep{
			{"EntryExportAdd", "Export", "Failure", "d", map[string]string{"a": "b", "n": "2", "z": ""}},
			{Name: "x", Details: map[string]string{}},
		},
		Modified: []ModifiedProperty{{"active", "", "True"}, {"n", "1", `{"a":[1]}`}},
	}
	keyed := full
	keyed.Result, keyed.ErrorCode, keyed.ErrorMessage = "Skipped", "NotEffectivelyEntitled", "not assigned"
	none := OnDemandResult{Result: "Success", Steps: []OnDemandStep{}, Modified: []ModifiedProperty{}}
	for what, c := range map[string]struct {
		body string
		want OnDemandResult
	}{
		"a type's name and a list":    {pairOf(name, "["+value+"]"), full},
		"a type's name and an object": {pairOf(name, value), full},
		"a result and an object":      {pairOf(`{"result":"Skipped","details":{"errorCode":"NotEffectivelyEntitled","errorMessage":"not assigned"}}`, value), keyed},
		"a result and a list":         {pairOf(`{"result":"Skipped","details":{"errorCode":"NotEffectivelyEntitled","errorMessage":"not assigned"}}`, " ["+value+"]"), keyed},
		"JSON that is no text":        {`{"key":"` + name + `","value":[` + value + `]}`, full},
		"success, lists null":         {pairOf(`{"result":"success","details":{"errorCode":"None","errorMessage":""}}`, `{"provisioningSteps":null,"modifiedProperties":null,"statusInfo":null,"sourceIdentity":null}`), none},
		"success without details":     {pairOf(`{"result":"Success","details":null}`, `{}`), none},
		"a status in lower case":      {pairOf(name, `[{"statusInfo":{"status":"success","errorCode":"None"}}]`), none},
	} {
		got, err := decodeOnDemand([]byte(c.body))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v\ngot  %+v\nwant %+v", what, err, got, c.want)
		}
	}
	for what, body := range map[string]string{
		"no JSON": `<html>`, "no value": `{"key":"{\"result\":\"Success\"}"}`, "no result": pairOf(name, `{}`), "an empty list": pairOf(name, `[]`), "two": pairOf(name, `[{},{}]`),
		"a bad key": pairOf(`{"result":1}`, `{}`), "a bad value": pairOf(name, `{`), "a bad list": pairOf(name, `[`), "text": pairOf(name, "fine"),
	} {
		if got, err := decodeOnDemand([]byte(body)); err == nil {
			t.Errorf("%s: %+v", what, got)
		}
	}
}
