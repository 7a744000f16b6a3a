package decision

import (
	"errors"
	"fmt"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
)

// UserMapping is a job's enabled mapping of users with planned ones, in their
// traveling form, laid over it. Errors are *ArgumentError.
func UserMapping(job *directory.Job, planned []string) (mapping.Mapping, error) {
	var out mapping.Mapping
	found := false
	for _, raw := range job.Mappings {
		m, enabled, err := mapping.FromGraph([]byte(raw))
		if err != nil {
			return out, wrong(-1, fmt.Errorf("the job's schema can't be read: %w", err), "service_principal")
		}
		if strings.EqualFold(m.Object.Source, "User") && enabled {
			out, found = m, true
		}
	}
	if !found {
		return out, wrong(-1, errors.New("the job has no enabled mapping of users"), "service_principal")
	}
	for i, text := range planned {
		p, err := mapping.ParseEffective(text)
		if err != nil {
			return out, wrong(i, err, "what_if", "mappings")
		}
		if p.Object == out.Object {
			out = mapping.Overlay(out, p)
		}
	}
	return out, nil
}
