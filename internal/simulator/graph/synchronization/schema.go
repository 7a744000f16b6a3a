package synchronization

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// getSchema answers the whole schema, with its directories inline ([graph 3.5, D]; the metadata
// calls them a navigation property [M]).
var getSchema = onJob(func(c *call, p *jobs.Principal, j *jobs.Job) *kernel.Response {
	body := j.Schema
	given := bytes.TrimSpace(j.Given)
	if len(given) > 2 && !c.srv.Behavior.SchemaWithoutDirectories { // as it was set, byte for byte
		context := rawjson.Quote(c.metadata(p, "jobs('"+j.Text("id")+"')/schema/$entity"))
		return c.JSON(http.StatusOK, []byte(`{"@odata.context":`+context+","+string(given[1:])))
	}
	if c.srv.Behavior.SchemaWithoutDirectories && c.Query.Value("$expand") != "directories" {
		body = rawjson.Clone(body)
		delete(body, "directories")
	}
	return c.withContext(http.StatusOK, p, body, "jobs('"+j.Text("id")+"')/schema/$entity")
})

// putSchema replaces the schema; an old version in it is no conflict, the last one wins [graph 3.5],
// [graph question 5].
func putSchema(c *call) *kernel.Response {
	if _, refusal := c.BodyFields(); refusal != nil {
		return refusal
	}
	var schema rawjson.Object
	if err := json.Unmarshal(c.Body, &schema); err != nil {
		return c.Fail(odata.BadRequest("BadRequest", kernel.UnreadableBody))
	}
	return onJob(func(c *call, _ *jobs.Principal, j *jobs.Job) *kernel.Response {
		if schema["directories"] == nil { // a navigation property: left as it is
			schema["directories"] = j.Schema["directories"]
		}
		j.Received = bytes.Clone(c.Body)
		check := jobs.SchemaCheck{
			AsSent: c.srv.Behavior.KeepSchemaAsSent, Directories: schema["directories"], Stored: j.Schema,
		}
		if err := check.Schema(schema); err != nil {
			return c.refuseSync("SchemaInvalid", err.Error())
		}
		if j.Text("templateId") == "Azure2Azure" && jobs.MatchingOf(schema) != jobs.MatchingOf(j.Schema) {
			return c.refuseSync("schemaInvalid", "The matching attributes of cross-tenant synchronization can't be "+
				"changed.")
		}
		c.srv.Jobs.SaveSchema(j, schema)
		return kernel.NoContent()
	})(c)
}

var deleteSchema = onJob(func(c *call, p *jobs.Principal, j *jobs.Job) *kernel.Response {
	t, ok := p.Template(j.Text("templateId"))
	if !ok {
		t, _ = jobs.TemplateByID("customappsso")
	}
	c.srv.Jobs.SaveSchema(j, t.Schema())
	return kernel.NoContent()
})

// discoverDirectory answers a directory of the schema as found now; nothing new is ever found.
var discoverDirectory = onJob(func(c *call, p *jobs.Principal, j *jobs.Job) *kernel.Response {
	for _, d := range rawjson.Objects(j.Schema["directories"]) {
		if id, _ := d["id"].(string); strings.EqualFold(id, c.Param(2)) {
			d["discoverabilities"], d["discoveryDateTime"] = "AttributeNames, AttributeDataTypes", c.srv.Clock.Now().
				Format(
					time.RFC3339Nano,
				)
			return c.withContext(http.StatusOK, p, d, "jobs('"+j.Text("id")+"')/schema/directories/$entity")
		}
	}
	return c.failSync(http.StatusNotFound, "ResourceNotFound", "The directory definition "+c.Param(2)+" was not found.")
})
