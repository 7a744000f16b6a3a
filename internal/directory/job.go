package directory

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Job is the synchronization job of a service principal, as far as it decides.
type Job struct {
	ServicePrincipalID string `json:"service_principal_id"`
	DisplayName        string `json:"display_name"`
	JobID              string `json:"job_id"`
	// TemplateID is the job's template, such as "Azure2Azure".
	TemplateID string `json:"template_id,omitempty"`
	// Health is the state that the service reports.
	Health Health `json:"health,omitzero"`
	// Mappings are the objectMappings of the job's schema, each as canonical
	// JSON, in the schema's order.
	Mappings []string `json:"mappings"`
	// Assigned are the object ids of the groups and users that are assigned,
	// ascending.
	Assigned []string `json:"assigned"`
	// Roles are the app roles by which they are assigned, in ascending order of id;
	// nil where they weren't read.
	Roles []AppRole `json:"roles,omitempty"`
}

// ObjectMappings takes the object mappings out of a synchronization schema
// [graph 3.5]. The directories that the schema describes decide nothing.
func ObjectMappings(schema []byte) ([]string, error) {
	var s struct {
		Rules []struct {
			ObjectMappings []json.RawMessage `json:"objectMappings"`
		} `json:"synchronizationRules"`
	}
	if err := unmarshal(schema, &s); err != nil {
		return nil, err
	}
	out := []string{}
	for _, r := range s.Rules {
		for _, m := range r.ObjectMappings {
			v := jsontext.Value(slices.Clone(m))
			if err := v.Canonicalize(relaxed...); err != nil {
				return nil, &SyntaxError{Problem: err.Error()}
			}
			out = append(out, string(v))
		}
	}
	return out, nil
}

// DecodeJob decodes one entry of a snapshot's "synchronization".
func DecodeJob(raw []byte) (Job, error) {
	var s struct {
		ServicePrincipalID string          `json:"service_principal_id"`
		DisplayName        string          `json:"display_name"`
		Job                graphJob        `json:"job"`
		Schema             json.RawMessage `json:"schema"`
		AppRoles           []graphRole     `json:"app_roles"`
		Assigned           []assignment    `json:"assigned"`
	}
	if err := unmarshal(raw, &s); err != nil {
		return Job{}, err
	}
	j := Job{
		ServicePrincipalID: strings.ToLower(s.ServicePrincipalID),
		DisplayName:        s.DisplayName,
		JobID:              s.Job.ID,
		TemplateID:         s.Job.TemplateID,
		Health:             s.Job.health(),
		Mappings:           []string{},
		Assigned:           []string{},
	}
	if j.ServicePrincipalID == "" {
		return j, &SyntaxError{Path: "/service_principal_id", Problem: "a job has no service principal"}
	}
	if len(s.Schema) > 0 {
		var err error
		if j.Mappings, err = ObjectMappings(s.Schema); err != nil {
			return j, under("/schema", 0, err)
		}
	}
	for i, a := range s.Assigned {
		if a.PrincipalID == "" {
			return j, &SyntaxError{
				Path:    fmt.Sprintf("/assigned/%d", i),
				Problem: "expected an object id, or an object with principalId and appRoleId",
			}
		}
		j.Assigned = append(j.Assigned, strings.ToLower(a.PrincipalID))
	}
	slices.Sort(j.Assigned)
	j.Assigned = slices.Compact(j.Assigned)
	j.Roles = rolesOf(s.AppRoles, s.Assigned)
	return j, nil
}

// WithJobs gives the directory with some jobs beside it.
func (d *Directory) WithJobs(jobs []Job) *Directory {
	out := *d
	out.Jobs = jobs
	return &out
}

// SelectJobs picks the jobs of named service principals, by displayName or
// object id, in ascending order of id. The error is a *NotFoundError.
func SelectJobs(jobs []Job, names []string) ([]Job, error) {
	var out []Job
	for _, name := range names {
		var found []Job
		for _, j := range jobs {
			if j.DisplayName == name || strings.EqualFold(j.ServicePrincipalID, name) {
				found = append(found, j)
			}
		}
		if len(found) != 1 {
			e := &NotFoundError{Kind: "service principal", Name: name}
			for _, j := range found {
				e.IDs = append(e.IDs, j.ServicePrincipalID)
			}
			return nil, e
		}
		out = append(out, found[0])
	}
	slices.SortFunc(out, func(a, b Job) int { return strings.Compare(a.ServicePrincipalID, b.ServicePrincipalID) })
	return slices.CompactFunc(out, func(a, b Job) bool { return a.ServicePrincipalID == b.ServicePrincipalID }), nil
}
