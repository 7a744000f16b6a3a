package synchronization

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// parseExpression checks an expression and tries it on a test object [graph 3.5, D]. What a wrong
// expression gets, 200 with an error inside, is [?].
var parseExpression = onJob(func(c *call, _ *jobs.Principal, _ *jobs.Job) *kernel.Response {
	if _, refusal := c.BodyFields(); refusal != nil {
		return refusal
	}
	var in struct {
		Expression string `json:"expression"`
		Test       *struct {
			Properties []struct {
				Key   string          `json:"key"`
				Value json.RawMessage `json:"value"`
			} `json:"properties"`
		} `json:"testInputObject"`
	}
	if err := json.Unmarshal(c.Body, &in); err != nil {
		return c.Fail(odata.BadRequest("BadRequest", kernel.UnreadableBody))
	}
	out := rawjson.Object{
		"@odata.context": c.Root() + "/$metadata#microsoft.graph.parseExpressionResponse",
		"error":          nil, "parsingSucceeded": true, "evaluationSucceeded": false, "evaluationResult": []any{},
		"parsedExpression": nil,
	}
	parsed, err := mapping.Parse(in.Expression)
	if err != nil {
		out["parsingSucceeded"] = false
		out["error"] = rawjson.Object{"code": "SchemaInvalid", "message": err.Error()}
		return c.Encode(http.StatusOK, out)
	}
	out["parsedExpression"] = parsed
	if in.Test == nil {
		return c.Encode(http.StatusOK, out)
	}
	values := map[string]mapping.Value{}
	for _, v := range in.Test.Properties {
		values[v.Key] = mapping.FromJSON(string(v.Value))
	}
	result, err := mapping.Evaluation{Values: values, Domain: c.srv.Store.DefaultDomain()}.Eval(parsed)
	switch {
	case errors.Is(err, mapping.ErrNotEvaluated):
		return c.Fail(odata.NotBuilt(err.Error()))
	case err != nil:
		out["error"] = rawjson.Object{"code": "EvaluationFailed", "message": err.Error()}
		return c.Encode(http.StatusOK, out)
	}
	out["evaluationSucceeded"], out["evaluationResult"] = true, append([]string{}, result.Texts...)
	return c.Encode(http.StatusOK, out)
})
