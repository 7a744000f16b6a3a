package simulator

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// readSync and writeSync are the permissions of synchronization [graph 3.10, D].
var (
	readSync  = []string{"Synchronization.Read.All", "Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.ReadWrite.All"}
	writeSync = []string{"Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.ReadWrite.All"}
)

// synchronizationRoutes are service principals, who is assigned to them, their jobs and schemas
// [graph 2], [graph 3].
func synchronizationRoutes() []route {
	const (
		sp   = "/v1.0/servicePrincipals"
		root = sp + "/{id}/synchronization"
		jobs = root + "/jobs"
		job  = jobs + "/{job}"
	)
	return []route{
		get(sp, readApps, listServicePrincipals),
		get(sp+"/{id}", readApps, getServicePrincipal),
		get(sp+"/{id}/appRoleAssignedTo", readApps, listAssigned),
		post(sp+"/{id}/appRoleAssignedTo", writeAssignments, addAssigned),
		get(sp+"/{id}/appRoleAssignedTo/{assignment}", readApps, getAssigned),
		del(sp+"/{id}/appRoleAssignedTo/{assignment}", writeAssignments, deleteAssigned),
		get(root+"/templates", readSync, listTemplates),
		get(root+"/templates/{template}", readSync, getTemplate),
		get(root+"/templates/{template}/schema", readSync, getTemplateSchema),
		get(root+"/secrets", readSync, listSecrets),
		put(root+"/secrets", writeSync, putSecrets),
		get(jobs, readSync, listJobs),
		post(jobs, writeSync, createJob),
		post(jobs+"/validateCredentials", writeSync, validateCredentials),
		post(job+"/validateCredentials", writeSync, validateCredentials),
		get(job, readSync, getJob),
		del(job, writeSync, deleteJob),
		post(job+"/start", writeSync, startJob),
		post(job+"/pause", writeSync, pauseJob),
		post(job+"/restart", writeSync, restartJob),
		post(job+"/provisionOnDemand", writeSync, provisionOnDemand),
		get(job+"/schema", readSync, getSchema),
		put(job+"/schema", writeSync, putSchema),
		patch(job+"/schema", writeSync, noSuchResource),
		del(job+"/schema", writeSync, deleteSchema),
		get(job+"/schema/filterOperators", readSync, listFilterOperators),
		get(job+"/schema/filterOperators()", readSync, listFilterOperators),
		post(job+"/schema/directories/{directory}/discover", writeSync, discoverDirectory),
		post(job+"/schema/parseExpression", readSync, parseExpression),
		get("/v1.0/auditLogs/provisioning", readLogs, listLogs),
		get(job+"/schema/functions", readSync, listFunctions),
		get(job+"/schema/functions()", readSync, listFunctions),
	}
}

// principal finds the application that a path names. The caller holds the store's mutex.
func (c *call) principal() (*principal, *answer) {
	if p := c.srv.sync.find(c.param(0), false); p != nil {
		return c.lagging(p), nil
	}
	return nil, c.fail(notFound(c.param(0)))
}

// byProperty is the filters on service principals that are built: Graph compares without case.
var byProperty = regexp.MustCompile(`^(displayName|appId|applicationTemplateId|id) eq '((?:[^']|'')*)'$`)

func listServicePrincipals(c *call) *answer {
	if a := c.unknownOptions([]string{"$select", "$filter", "$top", "$format", "$count"}); a != nil {
		return a
	}
	value := []any{}
	filter := c.query.value("$filter")
	by := byProperty.FindStringSubmatch(filter)
	if filter != "" && by == nil {
		return c.fail(notBuilt("a filter on service principals other than displayName eq '…'"))
	}
	c.srv.store.mu.RLock()
	defer c.srv.store.mu.RUnlock()
	for _, p := range c.srv.sync.principals {
		if by != nil {
			text, _ := p.body()[by[1]].(string)
			if !strings.EqualFold(text, strings.ReplaceAll(by[2], "''", "'")) {
				continue
			}
		}
		value = append(value, c.selectOf(p.body()))
	}
	return c.encode(http.StatusOK, map[string]any{"@odata.context": c.context("servicePrincipals", nil), "value": value})
}

// body is a service principal with all its properties.
func (p *principal) body() map[string]any {
	var gallery any
	if p.gallery != "" {
		gallery = p.gallery
	}
	return map[string]any{
		"id": p.id, "displayName": p.name, "accountEnabled": true, "servicePrincipalType": "Application",
		"appId": p.appID, "appDisplayName": p.name, "applicationTemplateId": gallery, "appRoles": p.roles(),
		"appRoleAssignmentRequired": true, "servicePrincipalNames": []string{p.appID},
		"tags": []string{"WindowsAzureActiveDirectoryIntegratedApp"},
	}
}

// selectOf is the properties that were selected.
func (c *call) selectOf(all map[string]any) map[string]any {
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
	c.srv.store.mu.RLock()
	defer c.srv.store.mu.RUnlock()
	p, refusal := c.principal()
	if refusal != nil {
		return refusal
	}
	out := c.selectOf(p.body())
	out["@odata.context"] = c.context("servicePrincipals", nil) + "/$entity"
	return c.encode(http.StatusOK, out)
}

// metadata is the address that a context names below an application's synchronization.
func (c *call) metadata(p *principal, path string) string {
	return c.base + "/v1.0/$metadata#servicePrincipals('" + p.id + "')/synchronization/" + path
}

func (c *call) withContext(status int, p *principal, body rawjson.Object, path string) *answer {
	out := rawjson.Object{}
	for k, v := range body {
		out[k] = v
	}
	out["@odata.context"] = c.metadata(p, path)
	return c.encode(status, out)
}

// into reads texts out of the body's members; others are refused as OData refuses them.
func (c *call) into(texts map[string]*string) *answer {
	list, refusal := c.object()
	if refusal != nil {
		return refusal
	}
	for _, f := range list {
		into := texts[f.Name]
		if strings.HasPrefix(f.Name, "@odata.") {
			continue
		}
		if into == nil {
			return c.fail(badRequest("BadRequest", "The property '"+f.Name+"' does not exist on the type of the request."))
		}
		if f.Raw != "null" && json.Unmarshal([]byte(f.Raw), into) != nil {
			return c.fail(badRequest("BadRequest", "Cannot convert the value of '"+f.Name+"' to the expected type 'Edm.String'."))
		}
	}
	return nil
}
