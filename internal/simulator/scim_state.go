package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/elimity-com/scim/schema"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
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
	part := func(list []*scimResource, uri string) []rawjson.Object {
		out := []rawjson.Object{}
		for _, r := range list {
			m := rawjson.Object{"id": r.id, "schemas": []string{uri}}
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
	return rawjson.Object{"users": part(d.users, schema.UserSchema), "groups": part(d.groups, schema.GroupSchema)}
}

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

// mirror shows a group of the directory among the organization's: those of its members who have an
// account.
func (g *organization) mirror(from *scimResource) {
	accounts := []string{}
	in := map[string]bool{}
	for _, id := range from.members() {
		in[id] = true
	}
	for _, u := range g.scim.users {
		if in[u.id] && u.account() != "" {
			accounts = append(accounts, u.account())
		}
	}
	for _, x := range g.groups {
		if x.ExternalSynced && x.Name == from.text("displayName") {
			x.Members = accounts
			return
		}
	}
	g.groups = append(g.groups, &orgGroup{
		ID: naming.StableID("group " + g.id + " " + from.id), Name: from.text("displayName"), ExternalSynced: true, ManagedBy: "external", Members: accounts,
	})
	slices.SortFunc(g.groups, func(a, b *orgGroup) int { return strings.Compare(a.ID, b.ID) })
}

func (o *organizations) byDirectory(id string) *organization {
	for _, key := range o.keys {
		if strings.EqualFold(o.byKey[key].directory(), id) {
			return o.byKey[key]
		}
	}
	return nil
}

// The schemas of the directory: those of SCIM with what Atlassian adds [atlassian 2.4, C].
const (
	scimEnterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	scimAtlassian  = "urn:scim:schemas:extension:atlassian-external:1.0"
)
