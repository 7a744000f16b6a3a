package synchronization

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
)

// writeAssignments are the permissions to assign people to an application; those of readApps are
// needed too [graph 6, D].
var writeAssignments = []string{"AppRoleAssignment.ReadWrite.All", "Directory.ReadWrite.All"}

// listAssigned is who is assigned to the application, users and groups alike [graph 2, D].
func listAssigned(c *call) *kernel.Response {
	st := c.srv.Store
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	p, refusal := c.principal()
	if refusal != nil {
		return refusal
	}
	value := []any{}
	for _, g := range p.Assigned {
		if item := c.assignmentBody(p, g); item != nil {
			value = append(value, item)
		}
	}
	return c.Encode(
		http.StatusOK, map[string]any{"@odata.context": c.ContextURL("appRoleAssignments", nil), "value": value},
	)
}

// assignmentBody is nil for someone who isn't there any more.
func (c *call) assignmentBody(p *jobs.Principal, g jobs.Assignment) map[string]any {
	item := map[string]any{
		"id":                   g.ID,
		"deletedDateTime":      nil,
		"appRoleId":            g.Role,
		"createdDateTime":      g.Created,
		"principalId":          g.Principal,
		"principalType":        "Group",
		"principalDisplayName": nil,
		"resourceDisplayName":  p.Name,
		"resourceId":           p.ID,
	}
	st := c.srv.Store
	ref, ok := st.Lookup(g.Principal)
	if !ok {
		return item
	}
	o := st.Seen(ref, c.Tick)
	if o == nil {
		return nil
	}
	item["principalDisplayName"] = o.Text("displayName")
	switch o.Entity {
	case st.UserType:
		item["principalType"] = "User"
	case st.GroupType:
	default:
		item["principalType"] = "ServicePrincipal"
	}
	return item
}

func addAssigned(c *call) *kernel.Response {
	if !c.May(graph.ReadApps) {
		return c.Fail(odata.ErrDenied)
	}
	var in struct{ PrincipalID, ResourceID, AppRoleID string }
	if refusal := c.into(
		map[string]*string{"principalId": &in.PrincipalID, "resourceId": &in.ResourceID, "appRoleId": &in.AppRoleID},
	); refusal != nil {
		return refusal
	}
	for name, value := range map[string]string{
		"principalId": in.PrincipalID, "resourceId": in.ResourceID, "appRoleId": in.AppRoleID,
	} {
		if _, err := uuid.Parse(value); err != nil {
			return c.Fail(odata.Invalid("Invalid value specified for property '%s' of resource "+
				"'AppRoleAssignment'.", name))
		}
	}
	st := c.srv.Store
	st.Mu.Lock()
	defer st.Mu.Unlock()
	p, refusal := c.principal()
	if refusal != nil {
		return refusal
	}
	if !strings.EqualFold(in.ResourceID, p.ID) {
		return c.Fail(odata.Invalid("Invalid value specified for property 'resourceId' of resource " +
			"'AppRoleAssignment'."))
	}
	ref, ok := st.Lookup(in.PrincipalID)
	if !ok || st.Seen(ref, c.Tick) == nil {
		return c.Fail(odata.NotFound(in.PrincipalID))
	}
	if !c.srv.Jobs.KnownRole(p, in.AppRoleID) {
		return c.Fail(odata.Invalid("Permission being assigned was not found on application '%s'.", p.AppID))
	}
	for _, g := range p.Assigned {
		if strings.EqualFold(g.Principal, in.PrincipalID) && strings.EqualFold(g.Role, in.AppRoleID) {
			return c.Fail(odata.Invalid("Permission being assigned already exists on the object")) // [F]
		}
	}
	g := p.NewAssignment(
		strings.ToLower(in.PrincipalID), strings.ToLower(in.AppRoleID), c.srv.Clock.Now().Format(time.RFC3339Nano),
	)
	p.Assigned = append(p.Assigned, g)
	body := c.assignmentBody(p, g)
	body["@odata.context"] = c.Root() + "/$metadata#servicePrincipals('" + p.ID + "')/appRoleAssignedTo/$entity"
	return c.Encode(http.StatusCreated, body).With(
		"Location", c.Root()+"/servicePrincipals/"+p.ID+"/appRoleAssignedTo/"+g.ID,
	)
}

// assigned finds the assignment that a path names.
func (c *call) assigned() (p *jobs.Principal, at int, refusal *kernel.Response) {
	p, refusal = c.principal()
	if refusal != nil {
		return nil, 0, refusal
	}
	at = slices.IndexFunc(p.Assigned, func(g jobs.Assignment) bool { return g.ID == c.Param(1) })
	if at < 0 {
		return nil, 0, c.Fail(odata.NotFound(c.Param(1)))
	}
	return p, at, nil
}

func getAssigned(c *call) *kernel.Response {
	c.srv.Store.Mu.RLock()
	defer c.srv.Store.Mu.RUnlock()
	p, at, refusal := c.assigned()
	if refusal != nil {
		return refusal
	}
	body := c.assignmentBody(p, p.Assigned[at])
	if body == nil {
		return c.Fail(odata.NotFound(c.Param(1)))
	}
	return c.Encode(http.StatusOK, body)
}

func deleteAssigned(c *call) *kernel.Response {
	c.srv.Store.Mu.Lock()
	defer c.srv.Store.Mu.Unlock()
	p, at, refusal := c.assigned()
	if refusal != nil {
		return refusal
	}
	p.Assigned = slices.Delete(p.Assigned, at, at+1)
	return kernel.NoContent()
}
