// Package synchronization is applications, who is assigned to them, and their synchronization [graph 3].
package synchronization

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/provisioning"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// readSync and writeSync are the permissions of synchronization [graph 3.10, D].
var (
	readSync = []string{
		"Synchronization.Read.All", "Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy",
		"Directory.ReadWrite.All",
	}
	writeSync = []string{"Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy", "Directory.ReadWrite.All"}
)

// Operations are service principals, who is assigned to them, their jobs and schemas
// [graph 2], [graph 3].
func (s *Service) Operations() []graph.Operation {
	on := s.on
	const (
		sp   = "/v1.0/servicePrincipals"
		root = sp + "/{id}/synchronization"
		jobs = root + "/jobs"
		job  = jobs + "/{job}"
	)
	return []graph.Operation{
		graph.Get(sp, graph.ReadApps, on(listServicePrincipals)),
		graph.Get(sp+"/{id}", graph.ReadApps, on(getServicePrincipal)),
		graph.Get(sp+"/{id}/appRoleAssignedTo", graph.ReadApps, on(listAssigned)),
		graph.Post(sp+"/{id}/appRoleAssignedTo", writeAssignments, on(addAssigned)),
		graph.Get(sp+"/{id}/appRoleAssignedTo/{assignment}", graph.ReadApps, on(getAssigned)),
		graph.Delete(sp+"/{id}/appRoleAssignedTo/{assignment}", writeAssignments, on(deleteAssigned)),
		graph.Get(root+"/templates", readSync, on(listTemplates)),
		graph.Get(root+"/templates/{template}", readSync, on(getTemplate)),
		graph.Get(root+"/templates/{template}/schema", readSync, on(getTemplateSchema)),
		graph.Get(root+"/secrets", readSync, on(listSecrets)),
		graph.Put(root+"/secrets", writeSync, on(putSecrets)),
		graph.Get(jobs, readSync, on(listJobs)),
		graph.Post(jobs, writeSync, on(createJob)),
		graph.Post(jobs+"/validateCredentials", writeSync, on(validateCredentials)),
		graph.Post(job+"/validateCredentials", writeSync, on(validateCredentials)),
		graph.Get(job, readSync, on(getJob)),
		graph.Delete(job, writeSync, on(deleteJob)),
		graph.Post(job+"/start", writeSync, on(startJob)),
		graph.Post(job+"/pause", writeSync, on(pauseJob)),
		graph.Post(job+"/restart", writeSync, on(restartJob)),
		graph.Post(job+"/provisionOnDemand", writeSync, on(provisionOnDemand)),
		graph.Get(job+"/schema", readSync, on(getSchema)),
		graph.Put(job+"/schema", writeSync, on(putSchema)),
		graph.Patch(job+"/schema", writeSync, on(noSuchResource)),
		graph.Delete(job+"/schema", writeSync, on(deleteSchema)),
		graph.Get(job+"/schema/filterOperators", readSync, on(listFilterOperators)),
		graph.Get(job+"/schema/filterOperators()", readSync, on(listFilterOperators)),
		graph.Post(job+"/schema/directories/{directory}/discover", writeSync, on(discoverDirectory)),
		graph.Post(job+"/schema/parseExpression", readSync, on(parseExpression)),
		graph.Get("/v1.0/auditLogs/provisioning", readLogs, on(listLogs)),
		graph.Get(job+"/schema/functions", readSync, on(listFunctions)),
		graph.Get(job+"/schema/functions()", readSync, on(listFunctions)),
	}
}

// principal finds the application that a path names. The caller holds the store's mutex.
func (c *call) principal() (*jobs.Principal, *kernel.Response) {
	if p := c.srv.Jobs.Find(c.Param(0), false); p != nil {
		return c.lagging(p), nil
	}
	return nil, c.Fail(odata.NotFound(c.Param(0)))
}

// byProperty is the filters on service principals that are built: Graph compares without case.
var byProperty = regexp.MustCompile(`^(displayName|appId|applicationTemplateId|id) eq '((?:[^']|'')*)'$`)

func listServicePrincipals(c *call) *kernel.Response {
	if a := c.UnknownOptions([]string{"$select", "$filter", "$top", "$format", "$count"}); a != nil {
		return a
	}
	value := []any{}
	filter := c.Query.Value("$filter")
	by := byProperty.FindStringSubmatch(filter)
	if filter != "" && by == nil {
		return c.Fail(odata.NotBuilt("a filter on service principals other than displayName eq '…'"))
	}
	c.srv.Store.Mu.RLock()
	defer c.srv.Store.Mu.RUnlock()
	for _, p := range c.srv.Jobs.Principals {
		if by != nil {
			text, _ := p.Body()[by[1]].(string)
			if !strings.EqualFold(text, strings.ReplaceAll(by[2], "''", "'")) {
				continue
			}
		}
		item, refusal := c.selectOf("servicePrincipal", p.Body())
		if refusal != nil {
			return refusal
		}
		value = append(value, item)
	}
	return c.Encode(
		http.StatusOK, map[string]any{"@odata.context": c.ContextURL("servicePrincipals", nil), "value": value},
	)
}

// selectOf is the properties that were selected of an object of a type.
func (c *call) selectOf(entity string, all map[string]any) (map[string]any, *kernel.Response) {
	selected := c.Query.Value("$select")
	if selected == "" {
		return all, nil
	}
	out := map[string]any{}
	for name := range strings.SplitSeq(selected, ",") {
		name = strings.TrimSpace(name)
		v, ok := all[name]
		switch {
		case ok:
			out[name] = v
		case slices.Contains(strings.Fields(unbuilt[entity]), name):
			return nil, c.Fail(odata.NotBuilt("the property " + name + " of a " + entity))
		default:
			return nil, c.Fail(odata.NoProperty(odata.InSelect, name, entity))
		}
	}
	return out, nil
}

// unbuilt are the properties that Graph has and the simulator hasn't, by type.
var unbuilt = map[string]string{
	"servicePrincipal": `addIns alternativeNames appDescription appOwnerOrganizationId createdByAppId
 customSecurityAttributes deletedDateTime description disabledByMicrosoftStatus homepage info isDisabled keyCredentials
 loginUrl logoutUrl notes notificationEmailAddresses oauth2PermissionScopes passwordCredentials
 preferredSingleSignOnMode preferredTokenSigningKeyThumbprint replyUrls resourceSpecificApplicationPermissions
 samlSingleSignOnSettings signInAudience tokenEncryptionKeyId verifiedPublisher owners memberOf appRoleAssignedTo
 appRoleAssignments synchronization`,
	"application": `addIns api certification createdByAppId defaultRedirectUri deletedDateTime description
 disabledByMicrosoftStatus groupMembershipClaims info isDeviceOnlyAuthSupported isDisabled isFallbackPublicClient
 keyCredentials nativeAuthenticationApisEnabled notes oauth2RequirePostResponse optionalClaims
 parentalControlSettings passwordCredentials publicClient publisherDomain requestSignatureVerification
 requiredResourceAccess samlMetadataUrl serviceManagementReference servicePrincipalLockConfiguration spa
 tokenEncryptionKeyId uniqueName verifiedPublisher web owners synchronization`,
}

func getServicePrincipal(c *call) *kernel.Response {
	c.srv.Store.Mu.RLock()
	defer c.srv.Store.Mu.RUnlock()
	p, refusal := c.principal()
	if refusal != nil {
		return refusal
	}
	out, refusal := c.selectOf("servicePrincipal", p.Body())
	if refusal != nil {
		return refusal
	}
	out["@odata.context"] = c.ContextURL("servicePrincipals", nil) + "/$entity"
	return c.Encode(http.StatusOK, out)
}

// metadata is the address that a context names below an application's synchronization.
func (c *call) metadata(p *jobs.Principal, path string) string {
	return c.Root() + "/$metadata#servicePrincipals('" + p.ID + "')/synchronization/" + path
}

func (c *call) withContext(status int, p *jobs.Principal, body rawjson.Object, path string) *kernel.Response {
	out := rawjson.Object{}
	for k, v := range body {
		out[k] = v
	}
	out["@odata.context"] = c.metadata(p, path)
	return c.Encode(status, out)
}

// into reads texts out of the body's members; others are refused as OData refuses them.
func (c *call) into(texts map[string]*string) *kernel.Response {
	list, refusal := c.BodyFields()
	if refusal != nil {
		return refusal
	}
	for _, f := range list {
		into := texts[f.Name]
		if strings.HasPrefix(f.Name, "@odata.") {
			continue
		}
		if into == nil {
			return c.Fail(odata.BadRequest("BadRequest", "The property '"+f.Name+"' does not exist on the type of "+
				"the request."))
		}
		if f.Raw != "null" && json.Unmarshal([]byte(f.Raw), into) != nil {
			return c.Fail(
				odata.BadRequest(
					"BadRequest",
					"Cannot convert the value of '"+f.Name+"' to the expected type 'Edm.String'.",
				),
			)
		}
	}
	return nil
}

// Service is applications, and their synchronization.
type Service struct {
	*graph.Service
	Jobs   *jobs.Registry
	Engine *provisioning.Engine
}

// call is a request for applications or their synchronization.
type call struct {
	*graph.Call
	srv *Service
}

// on runs the cycles that are due before anybody looks at them.
func (s *Service) on(h func(*call) *kernel.Response) func(*graph.Call) *kernel.Response {
	return func(c *graph.Call) *kernel.Response {
		s.Engine.RunDue()
		return h(&call{c, s})
	}
}
