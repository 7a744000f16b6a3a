package atlassian

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
)

// maxSearch is the largest limit of a search [?].
const maxSearch = 1000

// accountSearch is the body of users/search [atlassian 3.2]. An unknown member is refused, so
// that a misspelled one doesn't pass for "everyone" [?].
type accountSearch struct {
	Emails           []string  `json:"emails"`
	SearchTerm       string    `json:"searchTerm"`
	EmailDomains     []string  `json:"emailDomains"`
	AccountIDs       []string  `json:"accountIds"`
	ClaimStatus      OneOrMany `json:"claimStatus"`
	AccountStatus    OneOrMany `json:"accountStatus"`
	MembershipStatus OneOrMany `json:"membershipStatus"`
	Status           OneOrMany `json:"status"`
	GroupIDs         []string  `json:"groupIds"`
	RoleIDs          []string  `json:"roleIds"`
	Expand           []string  `json:"expand"`
	Limit            *int      `json:"limit"`
	Cursor           string    `json:"cursor"`
}

type groupSearch struct {
	SearchTerm string   `json:"searchTerm"`
	GroupIDs   []string `json:"groupIds"`
	GroupNames []string `json:"groupNames"`
	Expand     []string `json:"expand"`
	Limit      *int     `json:"limit"`
	Cursor     string   `json:"cursor"`
}

// OneOrMany is one word or a list of them: the page doesn't say which [?].
type OneOrMany []string

// UnmarshalJSON implements json.Unmarshaler.
func (w *OneOrMany) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*w = OneOrMany{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(w))
}

func (w OneOrMany) allow(value string) bool { return len(w) == 0 || slices.Contains(w, value) }

// readAdminBody decodes a search and checks the directory of the path; - stands for all of them.
func (c *call) readAdminBody(into any) *kernel.Response {
	dec := json.NewDecoder(bytes.NewReader(c.Body))
	dec.DisallowUnknownFields()
	if !strings.HasPrefix(c.Header.Get("Content-Type"), kernel.PlainJSON) || dec.Decode(into) != nil {
		return c.failAdmin(http.StatusBadRequest, "ADMIN-400-24", "Invalid request body")
	}
	if d := c.Param(1); d != "-" && d != c.org.Directory() {
		return c.failAdmin(http.StatusNotFound, "ADMIN-404-11", "Directory not found")
	}
	return nil
}

// limit is the page size of a search.
func (c *call) limit(asked *int) (int, *kernel.Response) {
	if asked == nil {
		return c.srv.Behavior.AtlassianPageSize, nil
	}
	if *asked < 1 || *asked > maxSearch {
		return 0, c.failAdmin(http.StatusBadRequest, "ADMIN-400-24", "limit is out of range")
	}
	return *asked, nil
}

func searchAccounts(c *call) *kernel.Response {
	var q accountSearch
	if a := c.readAdminBody(&q); a != nil {
		return a
	}
	if len(q.Emails) > 0 && q.SearchTerm != "" {
		return c.failAdmin(http.StatusBadRequest, "ADMIN-400-24", "emails and searchTerm exclude each other")
	}
	size, a := c.limit(q.Limit)
	if a != nil {
		return a
	}
	c.srv.Orgs.Mu.Lock()
	defer c.srv.Orgs.Mu.Unlock()
	var in map[string]bool
	if len(q.GroupIDs) > 0 {
		in = c.org.membersOf(q.GroupIDs)
	}
	var found []*Account
	for _, acc := range c.org.Accounts {
		if q.finds(acc) && (in == nil || in[acc.AccountID]) {
			found = append(found, acc)
		}
	}
	return pageV2(c, found, q.Cursor, size, func(a *Account) any { return a.shown() })
}

// finds says whether an account passes everything but the groups.
func (q *accountSearch) finds(a *Account) bool {
	email := strings.ToLower(a.Email)
	_, domain, _ := naming.CutLast(email, "@")
	exact := func(list []string, value string) bool {
		return len(list) == 0 || slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, value) })
	}
	term := strings.ToLower(q.SearchTerm)
	return exact(q.Emails, email) && exact(q.EmailDomains, domain) && exact(q.AccountIDs, a.AccountID) &&
		(term == "" || strings.Contains(email, term) || strings.Contains(strings.ToLower(a.Name), term)) &&
		q.ClaimStatus.allow(a.ClaimStatus) && q.AccountStatus.allow(a.AccountStatus) &&
		q.MembershipStatus.allow(a.MembershipStatus) && q.Status.allow(a.Status)
}

// membersOf is the accounts in any of some groups.
func (g *Organization) membersOf(ids []string) map[string]bool {
	in := map[string]bool{}
	for _, group := range g.Groups {
		if slices.Contains(ids, group.ID) {
			for _, m := range group.Members {
				in[m] = true
			}
		}
	}
	return in
}

// shown is an account as v2 answers it, every field there.
func (a *Account) shown() any {
	verified := a.EmailVerified == nil || *a.EmailVerified
	return map[string]any{
		"accountId": a.AccountID, "accountType": cmp.Or(a.AccountType, "atlassian"), "name": a.Name, "email": a.Email,
		"emailVerified": verified, "claimStatus": a.ClaimStatus, "managementSource": a.ManagementSource,
		"status": a.Status, "accountStatus": a.AccountStatus, "membershipStatus": a.MembershipStatus,
	}
}

func searchGroups(c *call) *kernel.Response {
	var q groupSearch
	if a := c.readAdminBody(&q); a != nil {
		return a
	}
	size, a := c.limit(q.Limit)
	if a != nil {
		return a
	}
	c.srv.Orgs.Mu.Lock()
	defer c.srv.Orgs.Mu.Unlock()
	var found []*Group
	for _, g := range c.org.Groups {
		if (len(q.GroupIDs) == 0 || slices.Contains(q.GroupIDs, g.ID)) &&
			(len(q.GroupNames) == 0 || slices.Contains(q.GroupNames, g.Name)) &&
			strings.Contains(strings.ToLower(g.Name), strings.ToLower(q.SearchTerm)) {
			found = append(found, g)
		}
	}
	return pageV2(c, found, q.Cursor, size, func(g *Group) any {
		managedBy := g.ManagedBy
		if managedBy == "" {
			managedBy = "admins"
			if g.ExternalSynced {
				managedBy = "external"
			}
		}
		return map[string]any{
			"id": g.ID, "name": g.Name, "description": g.Description, "directoryId": c.org.Directory(),
			"externalSynced": g.ExternalSynced, "managedBy": managedBy,
		}
	})
}
