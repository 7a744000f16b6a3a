package simulator

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// readSync are the permissions to read synchronization (graph.md 3.10 [D]).
var readSync = []string{"Synchronization.Read.All", "Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.ReadWrite.All"}

// synchronizationRoutes are the reads of service principals, their jobs, schemas and assignments
// (graph.md parts 2 and 3). What writes them isn't built yet.
func synchronizationRoutes() []route {
	const jobs = "/v1.0/servicePrincipals/{id}/synchronization/jobs"
	return []route{
		get("/v1.0/servicePrincipals", readApps, listServicePrincipals),
		get("/v1.0/servicePrincipals/{id}", readApps, getServicePrincipal),
		get("/v1.0/servicePrincipals/{id}/appRoleAssignedTo", readApps, listAssigned),
		get(jobs, readSync, listJobs),
		get(jobs+"/{job}", readSync, getJob),
		get(jobs+"/{job}/schema", readSync, getSchema),
	}
}

// application is a service principal with its job, as a snapshot's "synchronization" has it.
type application struct {
	ID          string          `json:"service_principal_id"`
	DisplayName string          `json:"display_name"`
	Job         json.RawMessage `json:"job"`
	Schema      json.RawMessage `json:"schema"`
	Assigned    []string        `json:"assigned"`
}

func (a *application) jobID() string {
	var j struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(a.Job, &j) // no job: no id
	return j.ID
}

// applications decodes what the snapshot says; it is small, and changes with the control plane only.
func (c *call) applications() []application {
	c.srv.store.mu.RLock()
	raw := c.srv.extra.synchronization
	c.srv.store.mu.RUnlock()
	var list []application
	if len(raw) > 0 {
		_ = json.Unmarshal(raw, &list) // checked when it was loaded
	}
	return list
}

func (c *call) application() (*application, *answer) {
	for _, a := range c.applications() {
		if strings.EqualFold(a.ID, c.param(0)) {
			return &a, nil
		}
	}
	return nil, c.fail(notFound(c.param(0)))
}

// byName is the one filter on service principals that is built: Graph compares names without case.
var byName = regexp.MustCompile(`^displayName eq '((?:[^']|'')*)'$`)

func listServicePrincipals(c *call) *answer {
	if a := c.unknownOptions([]string{"$select", "$filter", "$top", "$format"}); a != nil {
		return a
	}
	value := []any{}
	filter := c.query.value("$filter")
	name := byName.FindStringSubmatch(filter)
	if filter != "" && name == nil {
		return c.fail(notBuilt("a filter on service principals other than displayName eq '…'"))
	}
	for _, a := range c.applications() {
		if name == nil || strings.EqualFold(a.DisplayName, strings.ReplaceAll(name[1], "''", "'")) {
			value = append(value, c.principal(&a))
		}
	}
	return c.encode(http.StatusOK, map[string]any{"@odata.context": c.context("servicePrincipals", nil), "value": value})
}

// principal is a service principal with the properties that were selected.
func (c *call) principal(a *application) map[string]any {
	all := map[string]any{"id": a.ID, "displayName": a.DisplayName, "accountEnabled": true, "servicePrincipalType": "Application"}
	selected := c.query.value("$select")
	if selected == "" {
		return all
	}
	out := map[string]any{}
	for name := range strings.SplitSeq(selected, ",") {
		if v, ok := all[strings.TrimSpace(name)]; ok {
			out[strings.TrimSpace(name)] = v
		}
	}
	return out
}

func getServicePrincipal(c *call) *answer {
	a, refusal := c.application()
	if refusal != nil {
		return refusal
	}
	out := c.principal(a)
	out["@odata.context"] = c.context("servicePrincipals", nil) + "/$entity"
	return c.encode(http.StatusOK, out)
}

// listAssigned is who is assigned to the application, users and groups alike (graph.md part 2 [D]).
func listAssigned(c *call) *answer {
	a, refusal := c.application()
	if refusal != nil {
		return refusal
	}
	st := c.srv.store
	st.mu.RLock()
	defer st.mu.RUnlock()
	value := []any{}
	for _, id := range a.Assigned {
		item := map[string]any{
			"id": "assignment-" + id, "deletedDateTime": nil, "appRoleId": "00000000-0000-0000-0000-000000000000", "createdDateTime": "2024-03-04T09:00:00Z",
			"principalId": id, "principalType": "Group", "principalDisplayName": nil, "resourceDisplayName": a.DisplayName, "resourceId": a.ID,
		}
		if ref, ok := st.lookup(id); ok {
			o := st.seen(ref, c.tick)
			if o == nil {
				continue
			}
			item["principalDisplayName"] = o.text("displayName")
			if o.ent == st.user {
				item["principalType"] = "User"
			}
		}
		value = append(value, item)
	}
	return c.encode(http.StatusOK, map[string]any{"@odata.context": c.context("appRoleAssignments", nil), "value": value})
}

func listJobs(c *call) *answer {
	a, refusal := c.application()
	if refusal != nil {
		return refusal
	}
	value := []json.RawMessage{}
	if a.jobID() != "" {
		value = append(value, a.Job)
	}
	return c.encode(http.StatusOK, map[string]any{"@odata.context": c.base + "/v1.0/$metadata#servicePrincipals('" + a.ID + "')/synchronization/jobs", "value": value})
}

// job finds the job that a path names; unknown ones are answered by the service behind
// (graph.md 3.9 [F]).
func (c *call) job() (*application, *answer) {
	a, refusal := c.application()
	if refusal != nil {
		return nil, refusal
	}
	if a.jobID() == "" || a.jobID() != c.param(1) {
		return nil, c.fail(graphError{status: http.StatusNotFound, code: "ResourceNotFound", message: "The synchronization job " + c.param(1) + " was not found."})
	}
	return a, nil
}

func getJob(c *call) *answer {
	a, refusal := c.job()
	if refusal != nil {
		return refusal
	}
	return c.withContext(a, a.Job, "jobs/$entity")
}

// getSchema answers the whole schema, with its directories inline (graph.md 3.5 [D]; the metadata
// calls them a navigation property [M]).
func getSchema(c *call) *answer {
	a, refusal := c.job()
	if refusal != nil {
		return refusal
	}
	return c.withContext(a, a.Schema, "jobs('"+a.jobID()+"')/schema/$entity")
}

func (c *call) withContext(a *application, raw json.RawMessage, path string) *answer {
	body := map[string]json.RawMessage{}
	_ = json.Unmarshal(raw, &body) // an absent part is an empty object
	context, _ := json.Marshal(c.base + "/v1.0/$metadata#servicePrincipals('" + a.ID + "')/synchronization/" + path)
	body["@odata.context"] = context
	return c.encode(http.StatusOK, body)
}

// SetAssigned replaces who is assigned to a service principal, as an administrator would.
func (s *Server) SetAssigned(servicePrincipal string, ids ...string) error {
	return s.changeApplication(servicePrincipal, func(a *application) { a.Assigned = slices.Clone(ids) })
}

// SetSchema replaces the schema of a service principal's job.
func (s *Server) SetSchema(servicePrincipal string, schema []byte) error {
	if !json.Valid(schema) {
		return errNotJSON
	}
	return s.changeApplication(servicePrincipal, func(a *application) { a.Schema = slices.Clone(schema) })
}
