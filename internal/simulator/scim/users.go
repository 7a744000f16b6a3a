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
	taken := func(name, value string) error { // [atlassian 2.5], word for word [D]
		return scimError(
			http.StatusConflict, errors.ScimTypeUniqueness, "Resource [USER]: with "+name+"["+value+"] already exists.",
		)
	}
	for _, key := range []struct{ name, value, as string }{
		{"email", next.Email(), strings.ToLower(next.Email())},
		{"userName", next.Text("userName"), strings.ToLower(next.Text("userName"))},
		{"externalId", next.Text("externalId"), next.Text("externalId")},
	} {
		if key.value == "" || key.name == "externalId" && h.c.srv.Behavior.ExternalIDsRepeat {
			continue
		}
		if u := h.directory().ByKey[key.name+" "+key.as]; u != nil && u != self {
			return taken(key.name, key.value)
		}
	}
	if self != nil && self.Account() != "" && !strings.EqualFold(self.Email(), next.Email()) && h.heldByAnother(
		self, next.Email(),
	) {
		return taken("email", next.Email()) // [atlassian row 33]
	}
	if h.c.srv.Behavior.DirectoryVerifiedOnly && !h.managed(next.Email()) {
		// connections older than 15 Nov 2020 [atlassian 2.6]
		return scimError(
			http.StatusBadRequest,
			errors.ScimTypeInvalidValue,
			"The domain of "+next.Email()+" isn't verified.",
		)
	}
	return nil
}

// heldByAnother says whether an address is that of another account than the one a user is linked to.
func (h users) heldByAnother(u *atlassian.SCIMResource, email string) bool {
	return slices.ContainsFunc(h.c.org.Accounts, func(a *atlassian.Account) bool {
		return strings.EqualFold(a.Email, email) && a.AccountID != u.Account()
	})
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
	wasActive := a.AccountStatus != "inactive"
	if !wasActive && (a.ManagementSource == nil || *a.ManagementSource != "synced") {
		// by hand: an administrator's word stays
		wasActive = isActive(u)
	}
	if synced := "synced"; a.ClaimStatus == "managed" {
		a.ManagementSource = &synced
	}
	h.follow(u, wasActive)
}

// follow lets a managed account follow its user; others live on [atlassian 2.4, C], [atlassian row 19]. What
// administrators did to it isn't undone: it becomes active or inactive with the user alone, and who is suspended or
// about to be deleted stays so [atlassian 3.4].
func (h users) follow(u *atlassian.SCIMResource, wasActive bool) {
	a := h.account(u)
	if a == nil || a.ClaimStatus != "managed" {
		return
	}
	a.Name, a.Email = cmp.Or(u.Text("displayName"), a.Name), cmp.Or(u.Email(), a.Email)
	active := isActive(u)
	if active == wasActive || a.Status == "for_deletion" || a.AccountStatus == "closed" {
		return
	}
	a.AccountStatus = map[bool]string{true: "active", false: "inactive"}[active]
	if a.Status == "" || a.Status == "active" || a.Status == "deactivated" {
		a.Status = map[bool]string{true: "active", false: "deactivated"}[active]
	}
}

// account is the one that a user is linked to, nil if there is none.
func (h users) account(u *atlassian.SCIMResource) *atlassian.Account {
	i, ok := h.c.org.AccountAt(u.Account())
	if !ok {
		return nil
	}
	return h.c.org.Accounts[i]
}

func isActive(u *atlassian.SCIMResource) bool { return u.Attributes["active"] != false }

// change puts other attributes in the place of a user's. A change of someone whose account the organization doesn't
// manage, before it or after it, breaks the link and takes the user out of all groups [atlassian 2.6, D].
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
	account, wasActive := h.account(u), isActive(u)
	managed := account != nil && account.ClaimStatus == "managed"
	h.directory().Forget(u)
	u.Attributes = next
	h.directory().Index(u)
	h.touch(u)
	if attributes && !(managed && h.managed(u.Email())) && !h.c.srv.Behavior.DirectoryKeepsLinks {
		delete(u.Attributes, atlassian.SCIMExtension)
		h.leaveGroups(u)
		return resourceOf(u), nil
	}
	h.follow(u, wasActive)
	return resourceOf(u), nil
}

func (h users) leaveGroups(u *atlassian.SCIMResource) {
	for _, g := range h.directory().Groups {
		list, _ := g.Attributes["members"].([]any)
		if slices.Contains(g.Members(), u.ID) {
			g.Attributes["members"] = slices.DeleteFunc(
				list,
				func(m any) bool { return rawjson.At(m, "value") == u.ID },
			)
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
	next, err := Patched(u.Attributes, userSchema, operations)
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
	wasActive := isActive(u)
	u.Attributes["active"] = false
	h.follow(u, wasActive)
	h.leaveGroups(u)
	h.directory().Forget(u)
	*h.list = slices.DeleteFunc(*h.list, func(x *atlassian.SCIMResource) bool { return x == u })
	return nil
}
