package simulator

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
)

// writeAssignments are the permissions to assign people to an application; those of readApps are
// needed too [graph 6, D].
var writeAssignments = []string{"AppRoleAssignment.ReadWrite.All", "Directory.ReadWrite.All"}

// assignment is an app role assignment; its id is opaque, 43 characters [graph 2, D].
type assignment struct {
	id, principal, role, created string
}

// noRole is the role of an assignment to an application without roles [graph 2, D].
const noRole = "00000000-0000-0000-0000-000000000000"

// appRole is a role that an application declares.
type appRole struct {
	ID                 string   `json:"id"`
	DisplayName        string   `json:"displayName"`
	Description        string   `json:"description"`
	AllowedMemberTypes []string `json:"allowedMemberTypes"`
	IsEnabled          bool     `json:"isEnabled"`
	Origin             string   `json:"origin"`
	Value              *string  `json:"value"`
}

// roles are those of a gallery app: User and msiam_access [graph 2, D].
func (p *principal) roles() []appRole {
	var out []appRole
	for _, name := range []string{"User", "msiam_access"} {
		out = append(out, appRole{
			ID: naming.StableID("role:" + p.appID + ":" + name), DisplayName: name, Description: name,
			AllowedMemberTypes: []string{"User"}, IsEnabled: true, Origin: "Application",
		})
	}
	return out
}

func (p *principal) newAssignment(who, role, created string) assignment {
	sum := sha256.Sum256([]byte(p.id + " " + strings.ToLower(who) + " " + role + " " + created))
	return assignment{id: base64.RawURLEncoding.EncodeToString(sum[:]), principal: who, role: role, created: created}
}

// assign replaces who is assigned, without a role.
func (p *principal) assign(ids []string) {
	p.assigned = nil
	for _, id := range ids {
		p.assigned = append(p.assigned, p.newAssignment(id, noRole, "2024-03-04T09:00:00Z"))
	}
}

// listAssigned is who is assigned to the application, users and groups alike [graph 2, D].
func listAssigned(c *call) *answer {
	st := c.srv.store
	st.mu.RLock()
	defer st.mu.RUnlock()
	p, refusal := c.principal()
	if refusal != nil {
		return refusal
	}
	value := []any{}
	for _, g := range p.assigned {
		if item := c.assignmentBody(p, g); item != nil {
			value = append(value, item)
		}
	}
	return c.encode(http.StatusOK, map[string]any{"@odata.context": c.context("appRoleAssignments", nil), "value": value})
}

// assignmentBody is nil for someone who isn't there any more.
func (c *call) assignmentBody(p *principal, g assignment) map[string]any {
	item := map[string]any{
		"id": g.id, "deletedDateTime": nil, "appRoleId": g.role, "createdDateTime": g.created,
		"principalId": g.principal, "principalType": "Group", "principalDisplayName": nil, "resourceDisplayName": p.name, "resourceId": p.id,
	}
	st := c.srv.store
	ref, ok := st.lookup(g.principal)
	if !ok {
		return item
	}
	o := st.seen(ref, c.tick)
	if o == nil {
		return nil
	}
	item["principalDisplayName"] = o.text("displayName")
	switch o.ent {
	case st.user:
		item["principalType"] = "User"
	case st.group:
	default:
		item["principalType"] = "ServicePrincipal"
	}
	return item
}

func addAssigned(c *call) *answer {
	if !c.may(readApps) {
		return c.fail(errDenied)
	}
	var in struct{ PrincipalID, ResourceID, AppRoleID string }
	if refusal := c.into(map[string]*string{"principalId": &in.PrincipalID, "resourceId": &in.ResourceID, "appRoleId": &in.AppRoleID}); refusal != nil {
		return refusal
	}
	for name, value := range map[string]string{"principalId": in.PrincipalID, "resourceId": in.ResourceID, "appRoleId": in.AppRoleID} {
		if _, err := uuid.Parse(value); err != nil {
			return c.fail(invalid("Invalid value specified for property '%s' of resource 'AppRoleAssignment'.", name))
		}
	}
	st := c.srv.store
	st.mu.Lock()
	defer st.mu.Unlock()
	p, refusal := c.principal()
	if refusal != nil {
		return refusal
	}
	if !strings.EqualFold(in.ResourceID, p.id) {
		return c.fail(invalid("Invalid value specified for property 'resourceId' of resource 'AppRoleAssignment'."))
	}
	ref, ok := st.lookup(in.PrincipalID)
	if !ok || st.seen(ref, c.tick) == nil {
		return c.fail(notFound(in.PrincipalID))
	}
	if !c.srv.knownRole(p, in.AppRoleID) {
		return c.fail(invalid("Permission being assigned was not found on application '%s'.", p.appID))
	}
	for _, g := range p.assigned {
		if strings.EqualFold(g.principal, in.PrincipalID) && strings.EqualFold(g.role, in.AppRoleID) {
			return c.fail(invalid("Permission being assigned already exists on the object")) // [F]
		}
	}
	g := p.newAssignment(strings.ToLower(in.PrincipalID), strings.ToLower(in.AppRoleID), c.srv.clock.Now().Format(time.RFC3339Nano))
	p.assigned = append(p.assigned, g)
	body := c.assignmentBody(p, g)
	body["@odata.context"] = c.base + "/v1.0/$metadata#servicePrincipals('" + p.id + "')/appRoleAssignedTo/$entity"
	return c.encode(http.StatusCreated, body).with("Location", c.base+"/v1.0/servicePrincipals/"+p.id+"/appRoleAssignedTo/"+g.id)
}

// knownRole says whether an application has a role. The zero role where others are declared is [?].
func (s *Server) knownRole(p *principal, role string) bool {
	if role == noRole {
		return !s.behavior.RefuseNoRole
	}
	return slices.ContainsFunc(p.roles(), func(r appRole) bool { return strings.EqualFold(r.ID, role) })
}

// assigned finds the assignment that a path names.
func (c *call) assigned() (p *principal, at int, refusal *answer) {
	p, refusal = c.principal()
	if refusal != nil {
		return nil, 0, refusal
	}
	at = slices.IndexFunc(p.assigned, func(g assignment) bool { return g.id == c.param(1) })
	if at < 0 {
		return nil, 0, c.fail(notFound(c.param(1)))
	}
	return p, at, nil
}

func getAssigned(c *call) *answer {
	c.srv.store.mu.RLock()
	defer c.srv.store.mu.RUnlock()
	p, at, refusal := c.assigned()
	if refusal != nil {
		return refusal
	}
	body := c.assignmentBody(p, p.assigned[at])
	if body == nil {
		return c.fail(notFound(c.param(1)))
	}
	return c.encode(http.StatusOK, body)
}

func deleteAssigned(c *call) *answer {
	c.srv.store.mu.Lock()
	defer c.srv.store.mu.Unlock()
	p, at, refusal := c.assigned()
	if refusal != nil {
		return refusal
	}
	p.assigned = slices.Delete(p.assigned, at, at+1)
	return noContent()
}
