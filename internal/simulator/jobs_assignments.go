package simulator

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
)

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

// knownRole says whether an application has a role. The zero role where others are declared is [?].
func (s *syncState) knownRole(p *principal, role string) bool {
	if role == noRole {
		return !s.behavior.RefuseNoRole
	}
	return slices.ContainsFunc(p.roles(), func(r appRole) bool { return strings.EqualFold(r.ID, role) })
}

func (p *principal) roleName(id string) string {
	for _, r := range p.roles() {
		if strings.EqualFold(r.ID, id) {
			return r.DisplayName
		}
	}
	return "Default Assignment"
}
