package scim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// groups is /Groups.
type groups struct{ handler }

func (h groups) checkMembers(next *atlassian.SCIMResource) error {
	limit := h.c.srv.Behavior.DirectoryGroupUsers
	members := next.Members()
	if len(members) > limit { // [atlassian 2.4, D]; the answer is [U]
		return scimError(
			http.StatusBadRequest,
			errors.ScimTypeTooMany,
			fmt.Sprintf("A group has at most %d users.", limit),
		)
	}
	for _, id := range members {
		if h.directory().ByKey["id "+id] == nil {
			return scimError(http.StatusBadRequest, errors.ScimTypeInvalidValue, "The member "+id+" doesn't exist.")
		}
	}
	return nil
}

// Create refuses a name that a group of the organization has [atlassian 1.8], [atlassian 2.4].
func (h groups) Create(_ *http.Request, attributes scim.ResourceAttributes) (scim.Resource, error) {
	next := asJSON(attributes)
	name := (&atlassian.SCIMResource{Attributes: next}).Text("displayName")
	for _, g := range h.directory().Groups {
		if strings.EqualFold(g.Text("displayName"), name) {
			return scim.Resource{}, scimError(
				http.StatusConflict,
				errors.ScimTypeUniqueness,
				"Resource [GROUP]: with displayName["+name+"] already exists.",
			)
		}
	}
	if limit := h.c.srv.Behavior.DirectoryGroups; len(*h.list) >= limit { // [atlassian 2.4, D]; the answer is [U]
		return scim.Resource{}, scimError(
			http.StatusBadRequest, errors.ScimTypeTooMany, fmt.Sprintf("A directory has at most %d groups.", limit),
		)
	}
	for _, g := range h.c.org.Groups {
		if strings.EqualFold(g.Name, name) && g.DefaultAccess { // [atlassian 1.4, D]; the words are [U]
			return scim.Resource{}, scimError(
				http.StatusConflict, errors.ScimTypeUniqueness,
				"The group "+name+" is a default access group, which can't be synced.",
			)
		}
		if strings.EqualFold(g.Name, name) && !g.ExternalSynced {
			return scim.Resource{}, scimError(http.StatusConflict, errors.ScimTypeUniqueness,
				"Failed to create group of name "+name+" for OrgId "+h.c.org.ID+
					" due to existing group with same name in organization")
		}
	}
	if err := h.checkMembers(&atlassian.SCIMResource{Attributes: next}); err != nil {
		return scim.Resource{}, err
	}
	g := h.add(next)
	h.c.org.Mirror(g)
	return resourceOf(g), nil
}

func (h groups) change(g *atlassian.SCIMResource, next rawjson.Object) (scim.Resource, error) {
	after := &atlassian.SCIMResource{Attributes: next}
	if after.Text("displayName") != g.Text("displayName") { // renaming is unsupported [atlassian 2.4, C]
		return scim.Resource{}, scimError(http.StatusBadRequest, errors.ScimTypeMutability, "A group can't be renamed.")
	}
	if err := h.checkMembers(after); err != nil {
		return scim.Resource{}, err
	}
	g.Attributes = next
	h.touch(g)
	h.c.org.Mirror(g)
	return resourceOf(g), nil
}

func (h groups) Replace(_ *http.Request, id string, attributes scim.ResourceAttributes) (scim.Resource, error) {
	g, err := h.find(id)
	if err != nil {
		return scim.Resource{}, err
	}
	return h.change(g, asJSON(attributes))
}

func (h groups) Patch(_ *http.Request, id string, operations []scim.PatchOperation) (scim.Resource, error) {
	g, err := h.find(id)
	if err != nil {
		return scim.Resource{}, err
	}
	next, err := Patched(g.Attributes, groupSchema, operations)
	if err != nil {
		return scim.Resource{}, err
	}
	return h.change(g, next)
}

// Delete takes the group out of the organization, with what it gave access to [atlassian 2.2].
func (h groups) Delete(_ *http.Request, id string) error {
	g, err := h.find(id)
	if err != nil {
		return err
	}
	*h.list = slices.DeleteFunc(*h.list, func(x *atlassian.SCIMResource) bool { return x == g })
	org := h.c.org
	org.Groups = slices.DeleteFunc(
		org.Groups, func(x *atlassian.Group) bool { return x.ExternalSynced && x.Name == g.Text("displayName") },
	)
	return nil
}
