package simulator

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// parseExpression checks an expression and tries it on a test object [graph 3.5, D]. What a wrong
// expression gets, 200 with an error inside, is [?].
var parseExpression = onJob(func(c *call, _ *principal, _ *syncJob) *answer {
	if _, refusal := c.object(); refusal != nil {
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
	if err := json.Unmarshal(c.body, &in); err != nil {
		return c.fail(badRequest("BadRequest", unreadable))
	}
	out := rawjson.Object{
		"@odata.context": c.base + "/v1.0/$metadata#microsoft.graph.parseExpressionResponse",
		"error":          nil, "parsingSucceeded": true, "evaluationSucceeded": false, "evaluationResult": []any{}, "parsedExpression": nil,
	}
	parsed, err := parseMapping(in.Expression)
	if err != nil {
		out["parsingSucceeded"] = false
		out["error"] = rawjson.Object{"code": "SchemaInvalid", "message": err.Error()}
		return c.encode(http.StatusOK, out)
	}
	out["parsedExpression"] = parsed
	if in.Test == nil {
		return c.encode(http.StatusOK, out)
	}
	values := map[string]mapped{}
	for _, v := range in.Test.Properties {
		values[v.Key] = mappedJSON(string(v.Value))
	}
	result, err := evaluation{values: values, domain: c.srv.store.defaultDomain()}.of(parsed)
	switch {
	case errors.Is(err, errNoEvaluation):
		return c.fail(notBuilt(err.Error()))
	case err != nil:
		out["error"] = rawjson.Object{"code": "EvaluationFailed", "message": err.Error()}
		return c.encode(http.StatusOK, out)
	}
	out["evaluationSucceeded"], out["evaluationResult"] = true, append([]string{}, result.texts...)
	return c.encode(http.StatusOK, out)
})

// mappedJSON is a value of JSON on its way through a mapping: truths are written True and False
// [expressions 2].
func mappedJSON(raw string) mapped {
	switch {
	case strings.HasPrefix(raw, `"`):
		return textValue(rawjson.Unquote(raw))
	case strings.HasPrefix(raw, "["):
		return listValue(rawjson.Strings(raw))
	case raw == "true" || raw == "false":
		return truthValue(raw == "true")
	case raw == "" || raw == "null" || strings.HasPrefix(raw, "{"):
		return mapped{}
	}
	return textValue(raw)
}
