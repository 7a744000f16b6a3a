package simulator

import (
	"cmp"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// scimUsers is /Users.
type scimUsers struct{ scimHandler }

// checkUser is what may not be, for a new user or a changed one (self).
func (h scimUsers) checkUser(attributes rawjson.Object, self *scimResource) error {
	next := &scimResource{attributes: attributes}
	if next.email() == "" { // emails are required [atlassian 2.4, C]
		return scimError(http.StatusBadRequest, errors.ScimTypeInvalidValue, "emails: a primary email is required")
	}
	for name, value := range map[string]string{"email": next.email(), "userName": next.text("userName")} { // [atlassian 2.5], word for word [D]
		if u := h.directory().byKey[name+" "+strings.ToLower(value)]; u != nil && u != self {
			return scimError(http.StatusConflict, errors.ScimTypeUniqueness, "Resource [USER]: with "+name+"["+value+"] already exists.")
		}
	}
	if h.c.srv.behavior.DirectoryVerifiedOnly && !h.managed(next.email()) { // connections older than 15 Nov 2020 [atlassian 2.6]
		return scimError(http.StatusBadRequest, errors.ScimTypeInvalidValue, "The domain of "+next.email()+" isn't verified.")
	}
	return nil
}

// managed says whether an address is of a domain that the organization has verified.
func (h scimUsers) managed(email string) bool {
	_, domain, _ := strings.Cut(email, "@")
	return h.c.org.verifiedDomain(domain)
}

func (h scimUsers) Create(_ *http.Request, attributes scim.ResourceAttributes) (scim.Resource, error) {
	next := asJSON(attributes)
	if _, ok := next["active"]; !ok {
		next["active"] = true
	}
	if limit := h.c.srv.behavior.DirectoryUsers; len(*h.list) >= limit { // [atlassian 2.4, D]; the answer is [U]
		return scim.Resource{}, scimError(http.StatusBadRequest, errors.ScimTypeTooMany, "The directory is full.")
	}
	delete(next, scimAtlassian)
	if err := h.checkUser(next, nil); err != nil {
		return scim.Resource{}, err
	}
	u := h.add(next)
	h.directory().index(u)
	h.link(u)
	return u.resource(), nil
}

// link gives a user the account of its address, which is made if there is none [atlassian 2.4]; that
// of a domain that isn't verified stays unmanaged [atlassian 2.6, D].
func (h scimUsers) link(u *scimResource) {
	org := h.c.org
	email := u.email()
	i := slices.IndexFunc(org.accounts, func(a *account) bool { return strings.EqualFold(a.Email, email) })
	if i < 0 {
		claim := map[bool]string{true: "managed", false: "unmanaged"}[h.c.srv.orgs.claimsNew(org, email)]
		id := naming.StableID("account " + org.id + " " + strings.ToLower(email))
		i, _ = org.accountAt(id)
		org.accounts = slices.Insert(org.accounts, i, &account{
			AccountID: id, AccountType: "atlassian", Email: email,
			Name: u.text("displayName"), ClaimStatus: claim, Status: "active", AccountStatus: "active", MembershipStatus: "active",
		})
	}
	a := org.accounts[i]
	rawjson.ObjectAt(u.attributes, scimAtlassian)["atlassianAccountId"] = a.AccountID
	synced := "synced"
	if a.ClaimStatus == "managed" {
		a.ManagementSource = &synced
	}
	h.activate(u)
}

// activate lets a managed account follow its user; others live on [atlassian 2.4, C], [atlassian row 19].
func (h scimUsers) activate(u *scimResource) {
	i, ok := h.c.org.accountAt(u.account())
	if !ok || h.c.org.accounts[i].ClaimStatus != "managed" {
		return
	}
	a, active := h.c.org.accounts[i], u.attributes["active"] != false
	a.AccountStatus = map[bool]string{true: "active", false: "inactive"}[active]
	a.Status = map[bool]string{true: "active", false: "deactivated"}[active]
	a.Name = cmp.Or(u.text("displayName"), a.Name)
}

// change puts other attributes in the place of a user's. A change of someone whose domain isn't verified
// breaks the link and takes the user out of all groups [atlassian 2.6, D].
func (h scimUsers) change(u *scimResource, next rawjson.Object) (scim.Resource, error) {
	if old := u.attributes[scimAtlassian]; old != nil {
		next[scimAtlassian] = old // read-only
	} else {
		delete(next, scimAtlassian)
	}
	if err := h.checkUser(next, u); err != nil {
		return scim.Resource{}, err
	}
	if reflect.DeepEqual(asJSON(u.attributes), asJSON(next)) {
		return u.resource(), nil
	}
	onlyActive := rawjson.Clone(next)
	onlyActive["active"] = u.attributes["active"]
	attributes := !reflect.DeepEqual(asJSON(u.attributes), onlyActive)
	h.directory().forget(u)
	u.attributes = next
	h.directory().index(u)
	h.touch(u)
	if attributes && !h.managed(u.email()) && !h.c.srv.behavior.DirectoryKeepsLinks {
		delete(u.attributes, scimAtlassian)
		h.leaveGroups(u)
		return u.resource(), nil
	}
	h.activate(u)
	return u.resource(), nil
}

func (h scimUsers) leaveGroups(u *scimResource) {
	for _, g := range h.directory().groups {
		list, _ := g.attributes["members"].([]any)
		if slices.Contains(g.members(), u.id) {
			g.attributes["members"] = slices.DeleteFunc(list, func(m any) bool { return rawjson.At(m, "value") == u.id })
			h.c.org.mirror(g)
		}
	}
}

func (h scimUsers) Replace(_ *http.Request, id string, attributes scim.ResourceAttributes) (scim.Resource, error) {
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

func (h scimUsers) Patch(_ *http.Request, id string, operations []scim.PatchOperation) (scim.Resource, error) {
	u, err := h.find(id)
	if err != nil {
		return scim.Resource{}, err
	}
	next, err := patched(u.attributes, scimUserSchema, operations)
	if err != nil {
		return scim.Resource{}, err
	}
	return h.change(u, next)
}

// Delete breaks the link, and deactivates a managed account [atlassian 2.4, C].
func (h scimUsers) Delete(_ *http.Request, id string) error {
	u, err := h.find(id)
	if err != nil {
		return err
	}
	u.attributes["active"] = false
	h.activate(u)
	h.leaveGroups(u)
	h.directory().forget(u)
	*h.list = slices.DeleteFunc(*h.list, func(x *scimResource) bool { return x == u })
	return nil
}
