package atlassian

import (
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Values of v2 user fields [atlassian 3.2].
const (
	ClaimManaged   = "managed"
	ClaimUnmanaged = "unmanaged"

	accountClosed   = "closed"
	accountInactive = "inactive"
	deactivated     = "deactivated"
	suspended       = "suspended"
	forDeletion     = "for_deletion"
)

// accounts are an organization's accounts, by address and id; nil where they
// weren't read.
type accounts struct {
	list    []directory.Account
	byEmail map[string][]int32
	byID    map[string]int32
}

func indexAccounts(o *directory.Organization) *accounts {
	if !o.AccountsCovered {
		return nil
	}
	a := &accounts{
		list:    o.Accounts,
		byEmail: make(map[string][]int32, len(o.Accounts)),
		byID:    make(map[string]int32, len(o.Accounts)),
	}
	for i := range o.Accounts {
		if o.Accounts[i].AccountStatus == accountClosed {
			continue // deleted: it holds nothing
		}
		email := strings.ToLower(o.Accounts[i].Email)
		a.byEmail[email] = append(a.byEmail[email], int32(i))
		a.byID[o.Accounts[i].AccountID] = int32(i)
	}
	return a
}

// of finds an account of an address, but not the one with another id; nil for
// none.
func (a *accounts) of(address, except string) *directory.Account {
	if a == nil || address == "" {
		return nil
	}
	for _, i := range a.byEmail[strings.ToLower(address)] {
		if a.list[i].AccountID != except {
			return &a.list[i]
		}
	}
	return nil
}

func (a *accounts) withID(id string) *directory.Account {
	if a == nil || id == "" {
		return nil
	}
	if i, ok := a.byID[id]; ok {
		return &a.list[i]
	}
	return nil
}

func isInactive(a *directory.Account) bool {
	return a.AccountStatus == accountInactive || a.Status == deactivated
}

// warningsOf are the states of an account that provisioning doesn't show
// [atlassian 3.4].
func warningsOf(a *directory.Account) (w reason.Warnings) {
	if a.Status == suspended || a.MembershipStatus == suspended {
		w |= reason.AccessSuspended
	}
	if a.Status == forDeletion {
		w |= reason.UpForDeletion
	}
	return w
}

// records are the SCIM directory's, by what the target can be asked for and by
// address; nil where they weren't read.
type records struct {
	list                          []directory.SCIMUser
	byName, byExternalID, byEmail map[string]int32
	groupByName, groupByID        map[string]string
}

func indexRecords(d *directory.SCIMDirectory) *records {
	if d == nil {
		return nil
	}
	n := len(d.Users)
	r := &records{
		list:         d.Users,
		byName:       make(map[string]int32, n),
		byExternalID: make(map[string]int32, n),
		byEmail:      make(map[string]int32, n),
		groupByName:  map[string]string{},
		groupByID:    map[string]string{},
	}
	for i := range d.Users {
		u := &d.Users[i]
		set(r.byName, strings.ToLower(u.UserName), int32(i))
		set(r.byExternalID, u.ExternalID, int32(i))
		for _, e := range u.Emails {
			set(r.byEmail, strings.ToLower(e), int32(i))
		}
	}
	for _, g := range d.Groups {
		r.groupByName[strings.ToLower(g.DisplayName)] = g.DisplayName
		if g.ExternalID != "" {
			r.groupByID[strings.ToLower(g.ExternalID)] = g.DisplayName
		}
	}
	return r
}

// set keeps the first of a key.
func set(m map[string]int32, key string, i int32) {
	if _, taken := m[key]; key != "" && !taken {
		m[key] = i
	}
}

func (r *records) at(m map[string]int32, key string) *directory.SCIMUser {
	if i, ok := m[key]; ok && key != "" {
		return &r.list[i]
	}
	return nil
}

// primary is a record's address.
func primary(u *directory.SCIMUser) string {
	if len(u.Emails) > 0 {
		return u.Emails[0]
	}
	return u.UserName
}
