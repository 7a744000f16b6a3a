package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// scimGroups is /Groups.
type scimGroups struct{ scimHandler }

func (h scimGroups) checkMembers(next *scimResource) error {
	limit := h.c.srv.behavior.DirectoryGroupUsers
	members := next.members()
	if len(members) > limit { // [atlassian 2.4, D]; the answer is [U]
		return scimError(http.StatusBadRequest, errors.ScimTypeTooMany, fmt.Sprintf("A group has at most %d users.", limit))
	}
	for _, id := range members {
		if h.directory().byKey["id "+id] == nil {
			return scimError(http.StatusBadRequest, errors.ScimTypeInvalidValue, "The member "+id+" doesn't exist.")
		}
	}
	return nil
}

// Create refuses a name that a group of the organization has [atlassian 1.8], [atlassian 2.4].
func (h scimGroups) Create(_ *http.Request, attributes scim.ResourceAttributes) (scim.Resource, error) {
	next := asJSON(attributes)
	name := (&scimResource{attributes: next}).text("displayName")
	for _, g := range h.directory().groups {
		if strings.EqualFold(g.text("displayName"), name) {
			return scim.Resource{}, scimError(http.StatusConflict, errors.ScimTypeUniqueness, "Resource [GROUP]: with displayName["+name+"] already exists.")
		}
	}
	for _, g := range h.c.org.groups {
		if strings.EqualFold(g.Name, name) && !g.ExternalSynced {
			return scim.Resource{}, scimError(http.StatusConflict, errors.ScimTypeUniqueness,
				"Failed to create group of name "+name+" for OrgId "+h.c.org.id+" due to existing group with same name in organization")
		}
	}
	if err := h.checkMembers(&scimResource{attributes: next}); err != nil {
		return scim.Resource{}, err
	}
	g := h.add(next)
	h.c.org.mirror(g)
	return g.resource(), nil
}

func (h scimGroups) change(g *scimResource, next rawjson.Object) (scim.Resource, error) {
	after := &scimResource{attributes: next}
	if after.text("displayName") != g.text("displayName") { // renaming is unsupported [atlassian 2.4, C]
		return scim.Resource{}, scimError(http.StatusBadRequest, errors.ScimTypeMutability, "A group can't be renamed.")
	}
	if err := h.checkMembers(after); err != nil {
		return scim.Resource{}, err
	}
	g.attributes = next
	h.touch(g)
	h.c.org.mirror(g)
	return g.resource(), nil
}

func (h scimGroups) Replace(_ *http.Request, id string, attributes scim.ResourceAttributes) (scim.Resource, error) {
	g, err := h.find(id)
	if err != nil {
		return scim.Resource{}, err
	}
	return h.change(g, asJSON(attributes))
}

func (h scimGroups) Patch(_ *http.Request, id string, operations []scim.PatchOperation) (scim.Resource, error) {
	g, err := h.find(id)
	if err != nil {
		return scim.Resource{}, err
	}
	next, err := patched(g.attributes, scimGroupSchema, operations)
	if err != nil {
		return scim.Resource{}, err
	}
	return h.change(g, next)
}

// Delete takes the group out of the organization, with what it gave access to [atlassian 2.2].
func (h scimGroups) Delete(_ *http.Request, id string) error {
	g, err := h.find(id)
	if err != nil {
		return err
	}
	*h.list = slices.DeleteFunc(*h.list, func(x *scimResource) bool { return x == g })
	org := h.c.org
	org.groups = slices.DeleteFunc(org.groups, func(x *orgGroup) bool { return x.ExternalSynced && x.Name == g.text("displayName") })
	return nil
}
