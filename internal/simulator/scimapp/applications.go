// Package scimapp is SCIM applications, which jobs of the gallery and jobs of one's own provision into: RFC 7643 and
// 7644, and beside them what an application's own pages say it asks for.
package scimapp

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// Applications are those that a server answers for, by the id in their address: /apps/{id}/scim/v2.
type Applications struct {
	mu    sync.Mutex
	clock *env.Clock
	byID  map[string]*application
}

// New is no applications.
func New(clock *env.Clock) *Applications {
	return &Applications{clock: clock, byID: map[string]*application{}}
}

// application is one of them, with what it holds.
type application struct {
	id, token     string
	rules         Rules
	users, groups []*atlassian.SCIMResource
}

// Person is a user whom an application holds.
type Person struct {
	ID, UserName, ExternalID, DisplayName string
	Active                                bool
	Groups                                []string // by name, ascending
}

// Path is the path of an application's SCIM service on the server.
func Path(id string) string { return "/apps/" + id + "/scim/v2" }

// AddApplication adds an application; with the token "" it takes [atlassian.DefaultSecretToken].
func (a *Applications) AddApplication(id, token string, rules Rules) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if id == "" || a.byID[id] != nil {
		return fmt.Errorf("an application %q can't be added", id)
	}
	a.byID[id] = &application{id: id, token: cmp.Or(token, atlassian.DefaultSecretToken), rules: rules}
	return nil
}

// Kinds are the kinds of application by their names, for those who look from outside.
func Kinds() map[string]Rules {
	return map[string]Rules{
		"generic": Plain(), "aws_iam_identity_center": IdentityCenter(),
		"github_enterprise_managed_user": ManagedUsers("octo"),
	}
}

// ApplicationToken is what an application at a path accepts; false: there is none.
func (a *Applications) ApplicationToken(path string) (string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, app := range a.byID {
		if strings.HasSuffix(path, Path(id)) {
			return app.token, true
		}
	}
	return "", false
}

// People are those whom an application holds, by user name.
func (a *Applications) People(id string) []Person {
	a.mu.Lock()
	defer a.mu.Unlock()
	app := a.byID[id]
	if app == nil {
		return nil
	}
	byID := map[string]*Person{}
	for _, u := range app.users {
		byID[u.ID] = &Person{
			ID:          u.ID,
			UserName:    u.Text("userName"),
			ExternalID:  u.Text("externalId"),
			DisplayName: u.Text("displayName"),
			Active:      u.Attributes["active"] != false,
		}
	}
	for _, g := range app.groups {
		for _, m := range g.Members() {
			if p := byID[m]; p != nil {
				p.Groups = append(p.Groups, g.Text("displayName"))
			}
		}
	}
	out := make([]Person, 0, len(byID))
	for _, p := range slices.Collect(maps.Values(byID)) {
		slices.Sort(p.Groups)
		out = append(out, *p)
	}
	slices.SortFunc(out, func(x, y Person) int {
		return cmp.Or(strings.Compare(x.UserName, y.UserName), strings.Compare(x.ID, y.ID))
	})
	return out
}

// ApplicationGroups are the names of the groups that an application holds.
func (a *Applications) ApplicationGroups(id string) (names []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if app := a.byID[id]; app != nil {
		for _, g := range app.groups {
			names = append(names, g.Text("displayName"))
		}
	}
	slices.Sort(names)
	return names
}

// EditUser changes attributes of a user whom an application holds, by user name, as an administrator of the
// application would; no attributes: the user is deleted there.
func (a *Applications) EditUser(id, userName string, attributes map[string]any) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	app := a.byID[id]
	if app == nil {
		return fmt.Errorf("no application %q", id)
	}
	for _, u := range app.users {
		if !strings.EqualFold(u.Text("userName"), userName) {
			continue
		}
		if attributes == nil {
			app.remove(u)
			return nil
		}
		maps.Copy(u.Attributes, rawjson.Clone(attributes))
		return nil
	}
	return fmt.Errorf("no user %q", userName)
}

// remove takes a user out, and out of the groups.
func (app *application) remove(u *atlassian.SCIMResource) {
	for _, g := range app.groups {
		list, _ := g.Attributes["members"].([]any)
		g.Attributes["members"] = slices.DeleteFunc(list, func(m any) bool { return rawjson.At(m, "value") == u.ID })
	}
	app.users = slices.DeleteFunc(app.users, func(x *atlassian.SCIMResource) bool { return x == u })
}
