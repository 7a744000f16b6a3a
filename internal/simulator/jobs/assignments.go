package jobs

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
)

// Assignment is an app role assignment; its id is opaque, 43 characters [graph 2, D].
type Assignment struct {
	ID, Principal, Role, Created string
}

// NoRole is the role of an assignment to an application without roles [graph 2, D].
const NoRole = "00000000-0000-0000-0000-000000000000"

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

// Roles are those of a gallery app: User and msiam_access [graph 2, D].
func (p *Principal) Roles() []appRole {
	var out []appRole
	for _, name := range []string{"User", "msiam_access"} {
		out = append(out, appRole{
			ID: naming.StableID("role:" + p.AppID + ":" + name), DisplayName: name, Description: name,
			AllowedMemberTypes: []string{"User"}, IsEnabled: true, Origin: "Application",
		})
	}
	return out
}

// NewAssignment is someone's assignment to the application.
func (p *Principal) NewAssignment(who, role, created string) Assignment {
	sum := sha256.Sum256([]byte(p.ID + " " + strings.ToLower(who) + " " + role + " " + created))
	return Assignment{ID: base64.RawURLEncoding.EncodeToString(sum[:]), Principal: who, Role: role, Created: created}
}

// assign replaces who is assigned, without a role.
func (p *Principal) assign(ids []string) {
	p.Assigned = nil
	for _, id := range ids {
		p.Assigned = append(p.Assigned, p.NewAssignment(id, NoRole, "2024-03-04T09:00:00Z"))
	}
}

// KnownRole says whether an application has a role. The zero role where others are declared is [?].
func (s *Registry) KnownRole(p *Principal, role string) bool {
	if role == NoRole {
		return !s.behavior.RefuseNoRole
	}
	return slices.ContainsFunc(p.Roles(), func(r appRole) bool { return strings.EqualFold(r.ID, role) })
}

// RoleName is the name of a role, by its id.
func (p *Principal) RoleName(id string) string {
	for _, r := range p.Roles() {
		if strings.EqualFold(r.ID, id) {
			return r.DisplayName
		}
	}
	return "Default Assignment"
}
