package scimapp

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"
	"github.com/elimity-com/scim/optional"
	"github.com/elimity-com/scim/schema"
	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	atlassianscim "github.com/usersync/terraform-provider-usersync/internal/simulator/scim"
)

// collection is /Users or /Groups of an application.
type collection struct {
	c    *call
	app  *application
	list *[]*atlassian.SCIMResource
	core schema.Schema
}

func shown(r *atlassian.SCIMResource) scim.Resource {
	out := scim.Resource{
		ID:         r.ID,
		Attributes: scim.ResourceAttributes{},
		Meta:       scim.Meta{Created: &r.Created, LastModified: &r.Modified},
	}
	for k, v := range r.Attributes {
		out.Attributes[k] = v
	}
	if id := r.Text("externalId"); id != "" {
		out.ExternalID = optional.NewString(id)
	}
	return out
}

func (l collection) find(id string) (*atlassian.SCIMResource, error) {
	for _, r := range *l.list {
		if r.ID == id {
			return r, nil
		}
	}
	return nil, errors.ScimErrorResourceNotFound(id)
}

// Get implements [scim.ResourceHandler], as what follows does.
func (l collection) Get(_ *http.Request, id string) (scim.Resource, error) {
	r, err := l.find(id)
	if err != nil {
		return scim.Resource{}, err
	}
	return shown(r), nil
}

// GetAll lists those whom the filter asks for, which was checked.
func (l collection) GetAll(_ *http.Request, params scim.ListRequestParams) (scim.Page, error) {
	page := scim.Page{Resources: []scim.Resource{}}
	attribute, value, asked := filter(l.c.Query.Value("filter"))
	for _, r := range *l.list {
		if asked && !has(r, attribute, value) {
			continue
		}
		page.TotalResults++
		if page.TotalResults >= params.StartIndex && len(page.Resources) < params.Count {
			page.Resources = append(page.Resources, shown(r))
		}
	}
	return page, nil
}

// has compares as the schema says: externalId and id with their case, the others without (RFC 7643, 3.1, 4.1, 4.2).
func has(r *atlassian.SCIMResource, attribute, value string) bool {
	switch attribute {
	case "externalid":
		return r.Text("externalId") == value
	case "username":
		return strings.EqualFold(r.Text("userName"), value)
	case "displayname":
		return strings.EqualFold(r.Text("displayName"), value)
	}
	return slices.ContainsFunc(rawjson.Objects(r.Attributes["emails"]), func(e rawjson.Object) bool {
		text, _ := e["value"].(string)
		return strings.EqualFold(text, value)
	})
}

// free says whether what tells a user or a group from others is nobody else's.
func (l collection) free(next rawjson.Object, self *atlassian.SCIMResource) error {
	users := l.core.ID == schema.UserSchema
	attribute := "displayName" // of groups: two of a name can't be told apart by what Entra asks for
	if users {
		attribute = "userName"
	}
	name := l.nameOf(next, attribute)
	if name == "" {
		return nil
	}
	for _, r := range *l.list {
		if r != self && strings.EqualFold(l.nameOf(r.Attributes, attribute), name) {
			return refusal(http.StatusConflict, errors.ScimTypeUniqueness, attribute+" "+name+" is taken.")
		}
	}
	return nil
}

// nameOf is the name by which a user or group is told from others; "": none.
func (l collection) nameOf(attributes rawjson.Object, attribute string) string {
	text := textAt(attributes, attribute)
	if attribute != "userName" {
		return text
	}
	if l.app.rules.InactiveFreesName && attributes["active"] == false {
		return ""
	}
	name, err := l.app.rules.name(text)
	if err != nil {
		return ""
	}
	return name
}

func (l collection) check(next rawjson.Object, self *atlassian.SCIMResource) error {
	if l.core.ID == schema.UserSchema {
		if err := l.app.rules.check(next, self == nil); err != nil {
			return err
		}
	}
	return l.free(next, self)
}

// Create adds a user or group.
func (l collection) Create(_ *http.Request, attributes scim.ResourceAttributes) (scim.Resource, error) {
	next := rawjson.Clone(attributes)
	if _, ok := next["active"]; !ok && l.core.ID == schema.UserSchema {
		next["active"] = true
	}
	if err := l.check(next, nil); err != nil {
		return scim.Resource{}, err
	}
	now := l.c.srv.clock.Now().Truncate(time.Second)
	r := &atlassian.SCIMResource{ID: uuid.NewString(), Attributes: next, Created: now, Modified: now}
	*l.list = append(*l.list, r)
	return shown(r), nil
}

func (l collection) change(r *atlassian.SCIMResource, next rawjson.Object) (scim.Resource, error) {
	if err := l.check(next, r); err != nil {
		return scim.Resource{}, err
	}
	r.Attributes, r.Modified = next, l.c.srv.clock.Now().Truncate(time.Second)
	return shown(r), nil
}

// Replace puts other attributes in the place of those that are there.
func (l collection) Replace(_ *http.Request, id string, attributes scim.ResourceAttributes) (scim.Resource, error) {
	r, err := l.find(id)
	if err != nil {
		return scim.Resource{}, err
	}
	return l.change(r, rawjson.Clone(attributes))
}

// Patch changes some attributes.
func (l collection) Patch(_ *http.Request, id string, operations []scim.PatchOperation) (scim.Resource, error) {
	r, err := l.find(id)
	if err != nil {
		return scim.Resource{}, err
	}
	next, err := atlassianscim.Patched(r.Attributes, l.core, operations)
	if err != nil {
		return scim.Resource{}, err
	}
	return l.change(r, next)
}

// Delete removes a user or group.
func (l collection) Delete(_ *http.Request, id string) error {
	r, err := l.find(id)
	if err != nil {
		return err
	}
	if l.core.ID == schema.UserSchema {
		l.app.remove(r)
		return nil
	}
	*l.list = slices.DeleteFunc(*l.list, func(x *atlassian.SCIMResource) bool { return x == r })
	return nil
}
