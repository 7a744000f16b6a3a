package jobs

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
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

// Roles are those that a snapshot says, else those of a gallery app: User and msiam_access [graph 2, D].
func (p *Principal) Roles() []appRole {
	if p.Declared != nil {
		return p.Declared
	}
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
		p.assignBy(assigned{Principal: id})
	}
}

// assignBy adds somebody; without a role, by none.
func (p *Principal) assignBy(a assigned) {
	role := cmp.Or(strings.ToLower(a.Role), NoRole)
	p.Assigned = append(p.Assigned, p.NewAssignment(a.Principal, role, "2024-03-04T09:00:00Z"))
}

// assigned is an entry of a snapshot's "assigned": an id, or an object of id and role.
type assigned struct {
	Principal string `json:"principalId"`
	Role      string `json:"appRoleId"`
}

// UnmarshalJSON reads both forms.
func (a *assigned) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte(`"`)) {
		return json.Unmarshal(raw, &a.Principal)
	}
	type object assigned
	return json.Unmarshal(raw, (*object)(a))
}

// MarshalJSON writes the id alone where there is no role.
func (a assigned) MarshalJSON() ([]byte, error) {
	if a.Role == "" {
		return json.Marshal(a.Principal)
	}
	type object assigned
	return json.Marshal(object(a))
}

// snapshotAssigned is who is assigned as a snapshot has it: by ids, unless somebody has a role.
func (p *Principal) snapshotAssigned() (list []assigned, roles bool) {
	roles = p.Declared != nil || slices.ContainsFunc(p.Assigned, func(g Assignment) bool { return g.Role != NoRole })
	for _, g := range p.Assigned {
		a := assigned{Principal: g.Principal}
		if roles {
			a.Role = g.Role
		}
		if !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	return list, roles
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
