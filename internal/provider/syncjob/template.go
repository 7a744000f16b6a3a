package syncjob

import (
	"context"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
)

// Looks is how many looks in a row have to show what was written: a write of
// somebody else's may still be under way, and replicas differ [graph 6].
const Looks = 2

// TemplateOf reads the schema that the job had when it was made.
func TemplateOf(ctx context.Context, c *entra.Client, sp, job string) (*mapping.Schema, error) {
	j, err := c.Job(ctx, sp, job)
	if err != nil {
		return nil, err
	}
	raw, err := c.TemplateSchema(ctx, sp, j.TemplateID)
	if err != nil {
		return nil, err
	}
	return mapping.ParseSchema(raw)
}
