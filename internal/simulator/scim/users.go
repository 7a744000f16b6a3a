package scim

import (
	"cmp"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// users is /Users.
type users struct{ handler }

// checkUser is what may not be, for a new user or a changed one (self).
func (h users) checkUser(attributes rawjson.Object, self *atlassian.SCIMResource) error {
	next := &atlassian.SCIMResource{Attributes: attributes}
	if next.Email() == "" { // emails are required [atlassian 2.4, C]
		return scimError(http.StatusBadRequest, errors.ScimTypeInvalidValue, "emails: a primary email is required")
	}
	for name, value := range map[string]string{"email": next.Email(), "userName": next.Text("userName")} {
		// [atlassian 2.5], word for word [D]
		if u := h.directory().ByKey[name+" "+strings.ToLower(value)]; u != nil && u != self {
			return scimError(
				http.StatusConflict, errors.ScimTypeUniqueness, "Resource [USER]: with "+name+"["+value+"] already exists.",
			)
		}
	}
	if h.c.srv.Behavior.DirectoryVerifiedOnly && !h.managed(next.Email()) {
		// connections older than 15 Nov 2020 [atlassian 2.6]
		return scimError(http.StatusBadRequest, errors.ScimTypeInvalidValue, "The domain of "+next.Email()+" isn't verified.")
	}
	return nil
}

// managed says whether an address is of a domain that the organization has verified.
func (h users) managed(email string) bool {
	_, domain, _ := strings.Cut(email, "@")
	return h.c.org.VerifiedDomain(domain)
}

func (h users) Create(_ *http.Request, attributes scim.ResourceAttributes) (scim.Resource, error) {
	next := asJSON(attributes)
	if _, ok := next["active"]; !ok {
		next["active"] = true
	}
	if limit := h.c.srv.Behavior.DirectoryUsers; len(*h.list) >= limit { // [atlassian 2.4, D]; the answer is [U]
		return scim.Resource{}, scimError(http.StatusBadRequest, errors.ScimTypeTooMany, "The directory is full.")
	}
	delete(next, atlassian.SCIMExtension)
	if err := h.checkUser(next, nil); err != nil {
		return scim.Resource{}, err
	}
	u := h.add(next)
	h.directory().Index(u)
	h.link(u)
	return resourceOf(u), nil
}

// link gives a user the account of its address, which is made if there is none [atlassian 2.4]; that
// of a domain that isn't verified stays unmanaged [atlassian 2.6, D].
func (h users) link(u *atlassian.SCIMResource) {
	org := h.c.org
	email := u.Email()
	i := slices.IndexFunc(org.Accounts, func(a *atlassian.Account) bool { return strings.EqualFold(a.Email, email) })
	if i < 0 {
		claim := map[bool]string{true: "managed", false: "unmanaged"}[h.c.srv.Orgs.ClaimsNew(org, email)]
		id := naming.StableID("account " + org.ID + " " + strings.ToLower(email))
		i, _ = org.AccountAt(id)
		org.Accounts = slices.Insert(org.Accounts, i, &atlassian.Account{
			AccountID: id, AccountType: "atlassian", Email: email,
			Name: u.Text("displayName"), ClaimStatus: claim, Status: "active", AccountStatus: "active",
			MembershipStatus: "active",
		})
	}
	a := org.Accounts[i]
	rawjson.ObjectAt(u.Attributes, atlassian.SCIMExtension)["atlassianAccountId"] = a.AccountID
	synced := "synced"
	if a.ClaimStatus == "managed" {
		a.ManagementSource = &synced
	}
	h.activate(u)
}

// activate lets a managed account follow its user; others live on [atlassian 2.4, C], [atlassian row 19].
func (h users) activate(u *atlassian.SCIMResource) {
	i, ok := h.c.org.AccountAt(u.Account())
	if !ok || h.c.org.Accounts[i].ClaimStatus != "managed" {
		return
	}
	a, active := h.c.org.Accounts[i], u.Attributes["active"] != false
	a.AccountStatus = map[bool]string{true: "active", false: "inactive"}[active]
	a.Status = map[bool]string{true: "active", false: "deactivated"}[active]
	a.Name = cmp.Or(u.Text("displayName"), a.Name)
}

// change puts other attributes in the place of a user's. A change of someone whose domain isn't verified
// breaks the link and takes the user out of all groups [atlassian 2.6, D].
func (h users) change(u *atlassian.SCIMResource, next rawjson.Object) (scim.Resource, error) {
	if old := u.Attributes[atlassian.SCIMExtension]; old != nil {
		next[atlassian.SCIMExtension] = old // read-only
	} else {
		delete(next, atlassian.SCIMExtension)
	}
	if err := h.checkUser(next, u); err != nil {
		return scim.Resource{}, err
	}
	if reflect.DeepEqual(asJSON(u.Attributes), asJSON(next)) {
		return resourceOf(u), nil
	}
	onlyActive := rawjson.Clone(next)
	onlyActive["active"] = u.Attributes["active"]
	attributes := !reflect.DeepEqual(asJSON(u.Attributes), onlyActive)
	h.directory().Forget(u)
	u.Attributes = next
	h.directory().Index(u)
	h.touch(u)
	if attributes && !h.managed(u.Email()) && !h.c.srv.Behavior.DirectoryKeepsLinks {
		delete(u.Attributes, atlassian.SCIMExtension)
		h.leaveGroups(u)
		return resourceOf(u), nil
	}
	h.activate(u)
	return resourceOf(u), nil
}

func (h users) leaveGroups(u *atlassian.SCIMResource) {
	for _, g := range h.directory().Groups {
		list, _ := g.Attributes["members"].([]any)
		if slices.Contains(g.Members(), u.ID) {
			g.Attributes["members"] = slices.DeleteFunc(list, func(m any) bool { return rawjson.At(m, "value") == u.ID })
			h.c.org.Mirror(g)
		}
	}
}

func (h users) Replace(_ *http.Request, id string, attributes scim.ResourceAttributes) (scim.Resource, error) {
	u, err := h.find(id)
	if err != nil {
		return scim.Resource{}, err
	}
	next := asJSON(attributes)
	if _, ok := next["active"]; !ok {
		next["active"] = true
	}
	return h.change(u, next)
}

func (h users) Patch(_ *http.Request, id string, operations []scim.PatchOperation) (scim.Resource, error) {
	u, err := h.find(id)
	if err != nil {
		return scim.Resource{}, err
	}
	next, err := patched(u.Attributes, userSchema, operations)
	if err != nil {
		return scim.Resource{}, err
	}
	return h.change(u, next)
}

// Delete breaks the link, and deactivates a managed account [atlassian 2.4, C].
func (h users) Delete(_ *http.Request, id string) error {
	u, err := h.find(id)
	if err != nil {
		return err
	}
	u.Attributes["active"] = false
	h.activate(u)
	h.leaveGroups(u)
	h.directory().Forget(u)
	*h.list = slices.DeleteFunc(*h.list, func(x *atlassian.SCIMResource) bool { return x == u })
	return nil
}
