package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"
	"github.com/elimity-com/scim/optional"
	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// scimDirectory is the SCIM directory of an organization. The organizations' mutex guards it.
type scimDirectory struct {
	users, groups []*scimResource          // in the order of their creation
	byKey         map[string]*scimResource // users by what identifies them: see keys
}

// keys are what nobody else may have: the id, and a user's address and name, without case; and the
// externalId, which is only looked for.
func (r *scimResource) keys() []string {
	return []string{"id " + r.id, "email " + strings.ToLower(r.email()), "userName " + strings.ToLower(r.text("userName")), "externalId " + r.text("externalId")}
}

// index makes a user known by its keys; the first of two with one externalId keeps it.
func (d *scimDirectory) index(u *scimResource) {
	if d.byKey == nil {
		d.byKey = map[string]*scimResource{}
	}
	for _, k := range u.keys() {
		if d.byKey[k] == nil {
			d.byKey[k] = u
		}
	}
}

func (d *scimDirectory) forget(u *scimResource) {
	for _, k := range u.keys() {
		if d.byKey[k] == u {
			delete(d.byKey, k)
		}
	}
}

// scimResource is a user or a group; the attributes are as a client would send them.
type scimResource struct {
	id                string
	attributes        map[string]any // externalId among them; id, schemas and meta not
	created, modified time.Time
}

func (r *scimResource) text(name string) string {
	s, _ := r.attributes[name].(string)
	return s
}

// email is the primary address, or the first.
func (r *scimResource) email() string {
	out := ""
	for _, e := range rawjson.Objects(r.attributes["emails"]) {
		if v, _ := e["value"].(string); out == "" || e["primary"] == true {
			out = v
		}
	}
	return out
}

// account is the Atlassian account that a user is linked to, "" if none.
func (r *scimResource) account() string {
	s, _ := rawjson.ObjectAt(r.attributes, scimAtlassian)["atlassianAccountId"].(string)
	return s
}

// members are the ids of a group's members.
func (r *scimResource) members() []string {
	var out []string
	for _, m := range rawjson.Objects(r.attributes["members"]) {
		id, _ := m["value"].(string)
		out = append(out, id)
	}
	return out
}

// load reads the part "scim" of an organization.
func (d *scimDirectory) load(raw json.RawMessage) error {
	var in struct{ Users, Groups []rawjson.Object }
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	for _, part := range []struct {
		list []rawjson.Object
		into *[]*scimResource
	}{{in.Users, &d.users}, {in.Groups, &d.groups}} {
		for i, m := range part.list {
			id, _ := m["id"].(string)
			if id == "" {
				return fmt.Errorf("scim: the resource %d has no id", i)
			}
			meta, _ := m["meta"].(rawjson.Object)
			r := &scimResource{id: id, attributes: m}
			r.created, r.modified = timeOf(meta["created"]), timeOf(meta["lastModified"])
			for _, name := range []string{"id", "meta", "schemas"} {
				delete(m, name)
			}
			*part.into = append(*part.into, r)
		}
	}
	for _, u := range d.users {
		d.index(u)
	}
	return nil
}

func timeOf(v any) time.Time {
	text, _ := v.(string)
	t, _ := time.Parse(time.RFC3339, text) // the zero time where there is none
	return t
}

// snapshot is the directory as a snapshot has it: resources by id.
func (d *scimDirectory) snapshot() any {
	part := func(list []*scimResource, schema string) []rawjson.Object {
		out := []rawjson.Object{}
		for _, r := range list {
			m := rawjson.Object{"id": r.id, "schemas": []string{schema}}
			for k, v := range r.attributes {
				m[k] = v
			}
			if !r.created.IsZero() {
				m["meta"] = rawjson.Object{"created": r.created.Format(time.RFC3339), "lastModified": r.modified.Format(time.RFC3339)}
			}
			out = append(out, m)
		}
		slices.SortFunc(out, func(a, b rawjson.Object) int { return strings.Compare(a["id"].(string), b["id"].(string)) })
		return out
	}
	return rawjson.Object{"users": part(d.users, scimUserSchema.ID), "groups": part(d.groups, scimGroupSchema.ID)}
}

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

// DirectoryUser is a user of an organization's SCIM directory, in short.
type DirectoryUser struct {
	ID         string         `json:"id"`
	UserName   string         `json:"userName"`
	ExternalID string         `json:"externalId,omitempty"`
	Email      string         `json:"email"`
	Active     bool           `json:"active"`
	AccountID  string         `json:"accountId,omitempty"` // of the Atlassian account, if it is linked
	Attributes map[string]any `json:"attributes"`          // all of them
}

// DirectoryGroup is a group of an organization's SCIM directory, with the ids of its members.
type DirectoryGroup struct {
	ID          string   `json:"id"`
	DisplayName string   `json:"displayName"`
	ExternalID  string   `json:"externalId,omitempty"`
	Members     []string `json:"members"`
}

// Directory lists the SCIM directory of an organization, by its id or its key in the snapshot.
func (s *organizations) Directory(organization string) ([]DirectoryUser, []DirectoryGroup, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	org := s.find(organization)
	if org == nil {
		return nil, nil, fmt.Errorf("no organization %q", organization)
	}
	users, groups := []DirectoryUser{}, []DirectoryGroup{}
	for _, u := range org.scim.users {
		users = append(users, DirectoryUser{u.id, u.text("userName"), u.text("externalId"), u.email(), u.attributes["active"] != false, u.account(), rawjson.Clone(u.attributes)})
	}
	for _, g := range org.scim.groups {
		groups = append(groups, DirectoryGroup{g.id, g.text("displayName"), g.text("externalId"), append([]string{}, g.members()...)})
	}
	return users, groups, nil
}
