package simulator

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// errNoEvaluation is of what parses well and can't be evaluated here: a table of functions, by
// intent no second evaluator.
var errNoEvaluation = errors.New("evaluating such an expression")

// parseExpression checks an expression and tries it on a test object (graph.md 3.5 [D]). What a wrong
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
	out := jsonObject{
		"@odata.context": c.base + "/v1.0/$metadata#microsoft.graph.parseExpressionResponse",
		"error":          nil, "parsingSucceeded": true, "evaluationSucceeded": false, "evaluationResult": []any{}, "parsedExpression": nil,
	}
	parsed, err := parseMapping(in.Expression)
	if err != nil {
		out["parsingSucceeded"] = false
		out["error"] = jsonObject{"code": "SchemaInvalid", "message": err.Error(), "tenantActionable": true}
		return c.encode(http.StatusOK, out)
	}
	out["parsedExpression"] = parsed
	if in.Test == nil {
		return c.encode(http.StatusOK, out)
	}
	values := map[string]string{}
	for _, v := range in.Test.Properties {
		if strings.HasPrefix(string(v.Value), `"`) {
			values[v.Key] = unquote(string(v.Value))
		}
	}
	result, err := evaluate(parsed, values)
	if err != nil {
		return c.fail(notBuilt(err.Error()))
	}
	out["evaluationSucceeded"], out["evaluationResult"] = true, []string{result}
	return c.encode(http.StatusOK, out)
})

// evaluate knows attributes, constants and the plainest functions, on texts alone.
func evaluate(s mappingSource, values map[string]string) (string, error) {
	switch s.Type {
	case "Constant":
		return s.Name, nil
	case "Attribute":
		return values[s.Name], nil
	}
	var texts []string
	given := map[string]string{}
	for _, a := range s.Parameters {
		text, err := evaluate(a.Value, values)
		if err != nil {
			return "", err
		}
		texts, given[a.Key] = append(texts, text), text
	}
	return apply(s, texts, given)
}

func apply(s mappingSource, texts []string, given map[string]string) (string, error) {
	switch {
	case s.Name == "Replace" && len(texts) == 3 && given["Find"] != "":
		if _, ok := given["Replacement"]; ok {
			return strings.ReplaceAll(given["source"], given["Find"], given["Replacement"]), nil
		}
	case s.Name == "Join" && len(texts) > 1:
		var parts []string
		for _, t := range texts[1:] {
			if t != "" {
				parts = append(parts, t)
			}
		}
		return strings.Join(parts, texts[0]), nil
	case s.Name == "Append" && len(texts) == 2:
		return texts[0] + texts[1], nil
	case s.Name == "ToLower" && len(texts) == 1:
		return strings.ToLower(texts[0]), nil
	case s.Name == "ToUpper" && len(texts) == 1:
		return strings.ToUpper(texts[0]), nil
	case s.Name == "Not" && len(texts) == 1:
		if strings.EqualFold(texts[0], "true") {
			return "False", nil
		}
		return "True", nil
	case s.Name == "Coalesce":
		for _, t := range texts {
			if t != "" {
				return t, nil
			}
		}
		return "", nil
	}
	return "", errNoEvaluation
}
