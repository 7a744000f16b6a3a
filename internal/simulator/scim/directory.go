package scim

import (
	"net/http"
	"strings"
	"time"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"
	"github.com/elimity-com/scim/optional"
	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// handler is what users and groups have in common.
type handler struct {
	c    *call
	list *[]*atlassian.SCIMResource
}

func (h handler) directory() *atlassian.SCIMDirectory { return &h.c.org.SCIM }

func (h handler) find(id string) (*atlassian.SCIMResource, error) {
	for _, r := range *h.list {
		if r.ID == id {
			return r, nil
		}
	}
	return nil, errors.ScimErrorResourceNotFound(id)
}

func resourceOf(r *atlassian.SCIMResource) scim.Resource {
	out := scim.Resource{ID: r.ID, Attributes: scim.ResourceAttributes{}}
	for k, v := range r.Attributes {
		if m, ok := v.(rawjson.Object); ok && len(m) == 0 {
			continue
		}
		out.Attributes[k] = v
	}
	if id := r.Text("externalId"); id != "" {
		out.ExternalID = optional.NewString(id)
	}
	if !r.Created.IsZero() {
		out.Meta = scim.Meta{Created: &r.Created, LastModified: &r.Modified}
	}
	return out
}

func (h handler) Get(_ *http.Request, id string) (scim.Resource, error) {
	r, err := h.find(id)
	if err != nil {
		return scim.Resource{}, err
	}
	return resourceOf(r), nil
}

func (h handler) GetAll(_ *http.Request, params scim.ListRequestParams) (scim.Page, error) {
	page := scim.Page{Resources: []scim.Resource{}}
	var attribute, value string
	if m := eqFilter.FindStringSubmatch(strings.TrimSpace(h.c.Query.Value("filter"))); m != nil { // it was checked
		attribute, value = strings.ToLower(m[1]), rawjson.Unquote(m[2])
	}
	for _, r := range *h.list {
		if attribute != "" && !passes(r, attribute, value) {
			continue
		}
		page.TotalResults++
		if page.TotalResults >= params.StartIndex && len(page.Resources) < params.Count {
			page.Resources = append(page.Resources, resourceOf(r))
		}
	}
	return page, nil
}

// passes compares names without case and external ids with it, as their schemas say.
func passes(r *atlassian.SCIMResource, attribute, value string) bool {
	switch attribute {
	case "username":
		return strings.EqualFold(r.Text("userName"), value)
	case "displayname":
		return strings.EqualFold(r.Text("displayName"), value)
	}
	return r.Text("externalId") == value
}

// add makes a resource of attributes that were checked.
func (h handler) add(attributes map[string]any) *atlassian.SCIMResource {
	now := h.c.srv.Clock.Now().Truncate(time.Second)
	r := &atlassian.SCIMResource{ID: uuid.NewString(), Attributes: asJSON(attributes), Created: now, Modified: now}
	*h.list = append(*h.list, r)
	h.c.org.Cover("scim")
	return r
}

func (h handler) touch(r *atlassian.SCIMResource) {
	r.Modified = h.c.srv.Clock.Now().Truncate(time.Second)
}

// asJSON is attributes as JSON has them, whatever types the library made of them.
func asJSON(attributes map[string]any) rawjson.Object { return rawjson.Clone(attributes) }
