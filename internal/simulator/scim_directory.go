package simulator

import (
	"net/http"
	"strings"
	"time"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"
	"github.com/elimity-com/scim/optional"
	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// scimHandler is what users and groups have in common.
type scimHandler struct {
	c    *scimCall
	list *[]*scimResource
}

func (h scimHandler) directory() *scimDirectory { return &h.c.org.scim }

func (h scimHandler) find(id string) (*scimResource, error) {
	for _, r := range *h.list {
		if r.id == id {
			return r, nil
		}
	}
	return nil, errors.ScimErrorResourceNotFound(id)
}

func (r *scimResource) resource() scim.Resource {
	out := scim.Resource{ID: r.id, Attributes: scim.ResourceAttributes{}}
	for k, v := range r.attributes {
		if m, ok := v.(rawjson.Object); ok && len(m) == 0 {
			continue
		}
		out.Attributes[k] = v
	}
	if id := r.text("externalId"); id != "" {
		out.ExternalID = optional.NewString(id)
	}
	if !r.created.IsZero() {
		out.Meta = scim.Meta{Created: &r.created, LastModified: &r.modified}
	}
	return out
}

func (h scimHandler) Get(_ *http.Request, id string) (scim.Resource, error) {
	r, err := h.find(id)
	if err != nil {
		return scim.Resource{}, err
	}
	return r.resource(), nil
}

func (h scimHandler) GetAll(_ *http.Request, params scim.ListRequestParams) (scim.Page, error) {
	page := scim.Page{Resources: []scim.Resource{}}
	var attribute, value string
	if m := eqFilter.FindStringSubmatch(strings.TrimSpace(h.c.Query.Value("filter"))); m != nil { // it was checked
		attribute, value = strings.ToLower(m[1]), rawjson.Unquote(m[2])
	}
	for _, r := range *h.list {
		if attribute != "" && !r.passes(attribute, value) {
			continue
		}
		page.TotalResults++
		if page.TotalResults >= params.StartIndex && len(page.Resources) < params.Count {
			page.Resources = append(page.Resources, r.resource())
		}
	}
	return page, nil
}

// passes compares names without case and external ids with it, as their schemas say.
func (r *scimResource) passes(attribute, value string) bool {
	switch attribute {
	case "username":
		return strings.EqualFold(r.text("userName"), value)
	case "displayname":
		return strings.EqualFold(r.text("displayName"), value)
	}
	return r.text("externalId") == value
}

// add makes a resource of attributes that were checked.
func (h scimHandler) add(attributes map[string]any) *scimResource {
	now := h.c.srv.clock.Now().Truncate(time.Second)
	r := &scimResource{id: uuid.NewString(), attributes: asJSON(attributes), created: now, modified: now}
	*h.list = append(*h.list, r)
	h.c.org.cover("scim")
	return r
}

func (h scimHandler) touch(r *scimResource) { r.modified = h.c.srv.clock.Now().Truncate(time.Second) }

// asJSON is attributes as JSON has them, whatever types the library made of them.
func asJSON(attributes map[string]any) rawjson.Object { return rawjson.Clone(attributes) }
