package simulator

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph"
)

func (c *client) batch(items ...string) map[string]graph.BatchResponse {
	c.t.Helper()
	r := c.do("POST", "/v1.0/$batch", `{"requests":[`+strings.Join(items, ",")+`]}`).want(c.t, 200)
	var out struct{ Responses []graph.BatchResponse }
	if err := json.Unmarshal(r.raw, &out); err != nil {
		c.t.Fatal(err)
	}
	assert.Equal(c.t, "answers", len(out.Responses), len(items))
	byID := map[string]graph.BatchResponse{}
	for _, a := range out.Responses {
		byID[a.ID] = a
	}
	return byID
}

func patchItem(id, user, body string, more ...string) string {
	return fmt.Sprintf(
		`{"id":%q,"method":"PATCH","url":"/users/%s","headers":{"Content-Type":"application/json"},"body":%s%s}`,
		id,
		user,
		body,
		strings.Join(more, ""),
	)
}

func TestBatch(t *testing.T) {
	c := newClient(t)
	r := c.batch(
		`{"id":"1","method":"GET","url":"/users/`+gus+`?$select=id,userType"}`,
		patchItem("2", oscar, `{"userType":"Guest"}`),
		patchItem("3", "nobody", `{"userType":"Guest"}`),
		patchItem("4", ada, `{"userType":"Guest"}`, `,"dependsOn":["3"]`),
		patchItem("5", maryam, `{"userType":"Guest"}`, `,"dependsOn":["2"]`),
		`{"id":"6","method":"GET","url":"users/$count","headers":{"ConsistencyLevel":"eventual"}}`,
		`{"id":"7","method":"GET","url":"/users?$top=1&$select=id"}`,
	)
	for id, status := range map[string]int{"1": 200, "2": 204, "3": 404, "4": 424, "5": 204, "6": 200, "7": 200} {
		assert.Equal(t, "status of "+id, r[id].Status, status)
	}
	if !strings.Contains(string(r["7"].Body), testBase+"/v1.0/users?") {
		t.Errorf("nextLink of an item: %s", r["7"].Body)
	}
	if r["1"].Headers["Request-Id"] == "" || r["2"].Body != nil {
		t.Errorf("%+v", r)
	}
	assert.Equal(t, "ada is left alone", c.get("/v1.0/users/"+ada+"?$select=userType").text("userType"), "Member")
	assert.Equal(t, "counted", c.server.Requests().Batch["PATCH /v1.0/users/{id}"], 3)
	assert.Equal(t, "and not twice", c.server.Requests().Routes["PATCH /v1.0/users/{id}"], 0)
}

func TestBatchItemsAreThrottledByThemselves(t *testing.T) {
	c := newClient(
		t, WithFault(faults.Fault{Kind: faults.Status, Match: "PATCH /v1.0/users/*", Nth: 2, RetryAfter: "2.128"}),
	)
	r := c.batch(
		patchItem("1", oscar, `{"userType":"Guest"}`), patchItem("2", ada, `{"userType":"Guest"}`),
		patchItem("3", gus, `{"userType":"Guest"}`),
	)
	assert.Equal(t, "first", r["1"].Status, 204)
	assert.Equal(t, "second", r["2"].Status, 429)
	assert.Equal(t, "Retry-After", r["2"].Headers["Retry-After"], "2.128")
	assert.Equal(t, "third", r["3"].Status, 204)
	assert.Equal(t, "unchanged", c.get("/v1.0/users/"+ada+"?$select=userType").text("userType"), "Member")
}

func TestMalformedBatches(t *testing.T) {
	c := newClient(t)
	var many []string
	for i := range 21 {
		many = append(many, fmt.Sprintf(`{"id":"%d","method":"GET","url":"/users"}`, i))
	}
	for _, items := range []string{
		``, strings.Join(many, ","),
		`{"id":"1","method":"GET","url":"/users"},{"id":"1","method":"GET","url":"/users"}`,
		`{"method":"GET","url":"/users"}`,
		`{"id":"1","method":"PATCH","url":"/users/x","body":{}}`,
		`{"id":"1","method":"GET","url":"/users","dependsOn":["2"]}`,
		`{"id":"1","method":"GET","url":"/users","dependsOn":["2"]},{"id":"2","method":"GET","url":"/users","dependsOn":["1"]}`,
		`{"id":"1","method":"POST","url":"/$batch"}`,
	} {
		c.do("POST", "/v1.0/$batch", `{"requests":[`+items+`]}`).want(t, 400, "BadRequest")
	}
	r := c.batch(`{"id":"1","method":"GET","url":"https://graph.microsoft.com/v1.0/users"}`)
	assert.Equal(t, "absolute", r["1"].Status, 400)
}
