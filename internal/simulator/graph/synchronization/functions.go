package synchronization

import (
	"net/http"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/mapping"
)

// listFunctions gives name and id both: the documentation shows the one, the metadata the other
// [graph 3.5].
var listFunctions = onJob(func(c *call, _ *jobs.Principal, _ *jobs.Job) *kernel.Response {
	value := []any{}
	for _, f := range mapping.Functions {
		parameters := []any{}
		for _, p := range f.Parameters {
			parameters = append(parameters, map[string]any{
				"name": p.Name, "required": !p.Optional, "allowMultipleOccurrences": p.Repeated, "type": "String",
			})
		}
		value = append(value, map[string]any{"id": f.Name, "name": f.Name, "parameters": parameters})
	}
	return c.Encode(http.StatusOK, map[string]any{"value": value})
})

var listFilterOperators = onJob(func(c *call, _ *jobs.Principal, _ *jobs.Job) *kernel.Response {
	value := []any{}
	for _, o := range mapping.Operators {
		value = append(value, map[string]any{
			"id": o.Name, "name": o.Name, "arity": o.Arity, "multivaluedComparisonType": "All",
			"supportedAttributeTypes": strings.Split(o.Types, ","),
		})
	}
	return c.Encode(http.StatusOK, map[string]any{"value": value})
})
