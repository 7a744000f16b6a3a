package atlassian

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

// SCIMDirectory is the SCIM directory of an organization. The organizations' mutex guards it.
type SCIMDirectory struct {
	Users, Groups []*SCIMResource          // in the order of their creation
	ByKey         map[string]*SCIMResource // users by what identifies them: see keys
}

// keys are what nobody else may have: the id, and a user's address and name, without case; and the
// externalId, which is only looked for.
func (r *SCIMResource) keys() []string {
	return []string{
		"id " + r.ID, "email " + strings.ToLower(r.Email()), "userName " + strings.ToLower(r.Text("userName")),
		"externalId " + r.Text("externalId"),
	}
}

// Index makes a user known by its keys; the first of two with one externalId keeps it.
func (d *SCIMDirectory) Index(u *SCIMResource) {
	if d.ByKey == nil {
		d.ByKey = map[string]*SCIMResource{}
	}
	for _, k := range u.keys() {
		if d.ByKey[k] == nil {
			d.ByKey[k] = u
		}
	}
}

// Forget makes a user unknown by its keys.
func (d *SCIMDirectory) Forget(u *SCIMResource) {
	for _, k := range u.keys() {
		if d.ByKey[k] == u {
			delete(d.ByKey, k)
		}
	}
}

// SCIMResource is a user or a group; the attributes are as a client would send them.
type SCIMResource struct {
	ID                string
	Attributes        map[string]any // externalId among them; id, schemas and meta not
	Created, Modified time.Time
}

// Text is an attribute's text, "" where it has none.
func (r *SCIMResource) Text(name string) string {
	s, _ := r.Attributes[name].(string)
	return s
}

// Email is the primary address, or the first.
func (r *SCIMResource) Email() string {
	out := ""
	for _, e := range rawjson.Objects(r.Attributes["emails"]) {
		if v, _ := e["value"].(string); out == "" || e["primary"] == true {
			out = v
		}
	}
	return out
}

// Account is the Atlassian account that a user is linked to, "" if none.
func (r *SCIMResource) Account() string {
	s, _ := rawjson.ObjectAt(r.Attributes, SCIMExtension)["atlassianAccountId"].(string)
	return s
}

// Members are the ids of a group's members.
func (r *SCIMResource) Members() []string {
	var out []string
	for _, m := range rawjson.Objects(r.Attributes["members"]) {
		id, _ := m["value"].(string)
		out = append(out, id)
	}
	return out
}

// load reads the part "scim" of an organization.
func (d *SCIMDirectory) load(raw json.RawMessage) error {
	var in struct{ Users, Groups []rawjson.Object }
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	for _, part := range []struct {
		list []rawjson.Object
		into *[]*SCIMResource
	}{{in.Users, &d.Users}, {in.Groups, &d.Groups}} {
		for i, m := range part.list {
			id, _ := m["id"].(string)
			if id == "" {
				return fmt.Errorf("scim: the resource %d has no id", i)
			}
			meta, _ := m["meta"].(rawjson.Object)
			r := &SCIMResource{ID: id, Attributes: m}
			r.Created, r.Modified = timeOf(meta["created"]), timeOf(meta["lastModified"])
			for _, name := range []string{"id", "meta", "schemas"} {
				delete(m, name)
			}
			*part.into = append(*part.into, r)
		}
	}
	for _, u := range d.Users {
		d.Index(u)
	}
	return nil
}

func timeOf(v any) time.Time {
	text, _ := v.(string)
	t, _ := time.Parse(time.RFC3339, text) // the zero time where there is none
	return t
}

// snapshot is the directory as a snapshot has it: resources by id.
func (d *SCIMDirectory) snapshot() any {
	part := func(list []*SCIMResource, uri string) []rawjson.Object {
		out := []rawjson.Object{}
		for _, r := range slices.SortedFunc(slices.Values(list), func(a, b *SCIMResource) int {
			return strings.Compare(a.ID, b.ID)
		}) {
			m := rawjson.Object{"id": r.ID, "schemas": []string{uri}}
			for k, v := range r.Attributes {
				m[k] = v
			}
			if !r.Created.IsZero() {
				m["meta"] = rawjson.Object{
					"created": r.Created.Format(time.RFC3339), "lastModified": r.Modified.Format(time.RFC3339),
				}
			}
			out = append(out, m)
		}
		return out
	}
	return rawjson.Object{"users": part(d.Users, schema.UserSchema), "groups": part(d.Groups, schema.GroupSchema)}
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
func (o *Organizations) Directory(organization string) ([]DirectoryUser, []DirectoryGroup, error) {
	o.Mu.Lock()
	defer o.Mu.Unlock()
	org := o.find(organization)
	if org == nil {
		return nil, nil, fmt.Errorf("no organization %q", organization)
	}
	users, groups := []DirectoryUser{}, []DirectoryGroup{}
	for _, u := range org.SCIM.Users {
		users = append(
			users,
			DirectoryUser{
				u.ID, u.Text("userName"), u.Text("externalId"), u.Email(), u.Attributes["active"] != false, u.Account(),
				rawjson.Clone(u.Attributes),
			},
		)
	}
	for _, g := range org.SCIM.Groups {
		groups = append(
			groups,
			DirectoryGroup{g.ID, g.Text("displayName"), g.Text("externalId"), append([]string{}, g.Members()...)},
		)
	}
	return users, groups, nil
}

// Mirror shows a group of the directory among the organization's: those of its members who have an
// account.
func (g *Organization) Mirror(from *SCIMResource) {
	accounts := []string{}
	in := map[string]bool{}
	for _, id := range from.Members() {
		in[id] = true
	}
	for _, u := range g.SCIM.Users {
		if in[u.ID] && u.Account() != "" {
			accounts = append(accounts, u.Account())
		}
	}
	for _, x := range g.Groups {
		if x.ExternalSynced && x.Name == from.Text("displayName") {
			x.Members = accounts
			return
		}
	}
	g.Groups = append(g.Groups, &Group{
		ID: naming.StableID("group " + g.ID + " " + from.ID), Name: from.Text("displayName"), ExternalSynced: true,
		ManagedBy: "external", Members: accounts,
	})
	slices.SortFunc(g.Groups, func(a, b *Group) int { return strings.Compare(a.ID, b.ID) })
}

// ByDirectory is the organization of a SCIM directory, nil if there is none.
func (o *Organizations) ByDirectory(id string) *Organization {
	for _, key := range o.Keys {
		if strings.EqualFold(o.ByKey[key].Directory(), id) {
			return o.ByKey[key]
		}
	}
	return nil
}

// The schemas of the directory: those of SCIM with what Atlassian adds [atlassian 2.4, C].
const (
	SCIMEnterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	SCIMExtension  = "urn:scim:schemas:extension:atlassian-external:1.0"
)
