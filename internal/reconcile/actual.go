package reconcile

import (
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Actual is what the organization has of a user.
type Actual uint8

// What the organization may have.
const (
	// Absent: no account of the address, and no record.
	Absent Actual = iota
	// Present: an account, and nothing that shows that a sync holds it.
	Present
	// Synced: an account or record that the sync holds.
	Synced
	// Unlinked: a SCIM record without an account.
	Unlinked
	// Inactive: what the sync holds is deactivated.
	Inactive
	// Deactivated: the record is active and linked, and the account itself is
	// deactivated in Atlassian.
	Deactivated
	// Ambiguous: several users or several accounts have the address.
	Ambiguous
)

var actualNames = [...]string{"absent", "present", "synced", "unlinked", "inactive", "deactivated", "ambiguous"}

func (a Actual) String() string { return actualNames[a] }

// Values of v2 user fields [atlassian 3.2].
const (
	sourceSynced  = "synced"
	statusActive  = "active"
	deactivated   = "deactivated"
	accountClosed = "closed"
	inactive      = "inactive"
	managed       = "managed"
)

// Normal gives an address in the one form in which addresses are compared; ""
// for what is none.
func Normal(address string) string {
	address = strings.TrimSpace(address)
	at := strings.LastIndexByte(address, '@')
	if at <= 0 {
		return ""
	}
	domain := directory.ASCIIDomain(address[at+1:])
	if domain == "" {
		return ""
	}
	return strings.ToLower(address[:at]) + "@" + domain
}

// holding is one account or SCIM record.
type holding struct {
	id, address, externalID string
	// synced: something shows that a sync holds it.
	synced, active, linked bool
	// deactivated: the account behind an active record is; managed: the
	// organization manages it.
	deactivated, managed bool
	// groups are the names of synced groups that it is in, ascending.
	groups []string
	// user is whose it is, -1 for nobody's; other says that it has another address
	// of the user's than the tested one.
	user  int32
	other bool
}

// holdings are what the organization has, and its synced groups by name.
type holdings struct {
	list []holding
	// synced counts the synced groups of each name: more than one can't be told
	// apart.
	synced map[string]int
	scim   bool
	// others are accounts that no record is linked to, where records were read.
	others []holding
}

// holdingsOf takes the SCIM directory where it was read, else accounts and
// groups.
func holdingsOf(o *directory.Organization, s *directory.SCIMDirectory) *holdings {
	h := &holdings{synced: map[string]int{}, scim: s != nil}
	memberOf := map[string][]string{}
	add := func(name string, members []string) {
		h.synced[name]++
		for _, m := range members {
			memberOf[m] = append(memberOf[m], name)
		}
	}
	accounts := map[string]*directory.Account{}
	for i := range o.Accounts {
		if a := &o.Accounts[i]; a.AccountStatus != accountClosed {
			accounts[a.AccountID] = a
		}
	}
	if s != nil {
		for i := range s.Groups {
			add(s.Groups[i].DisplayName, s.Groups[i].Members)
		}
		for i := range s.Users {
			u := &s.Users[i]
			x := holding{
				id:         u.ID,
				address:    Normal(u.UserName),
				externalID: u.ExternalID,
				synced:     true,
				active:     u.Active,
				linked:     u.AccountID != "",
				groups:     memberOf[u.ID],
				user:       -1,
			}
			if len(u.Emails) > 0 {
				if a := Normal(u.Emails[0]); a != "" {
					x.address = a
				}
			}
			if a := accounts[u.AccountID]; a != nil {
				x.deactivated, x.managed = isDeactivated(a), a.ClaimStatus == managed
				delete(accounts, u.AccountID)
			}
			h.add(x)
		}
		for _, a := range accounts {
			h.others = append(h.others, holdingOf(a, nil))
		}
		return h
	}
	for i := range o.Groups {
		if g := &o.Groups[i]; g.ExternalSynced {
			add(g.Name, g.Members)
		}
	}
	for i := range o.Accounts {
		a := &o.Accounts[i]
		if a.AccountStatus == accountClosed {
			continue
		}
		h.add(holdingOf(a, memberOf[a.AccountID]))
	}
	return h
}

func holdingOf(a *directory.Account, groups []string) holding {
	return holding{
		id:      a.AccountID,
		address: Normal(a.Email),
		groups:  groups,
		linked:  true,
		user:    -1,
		managed: a.ClaimStatus == managed,
		synced:  len(groups) > 0 || a.ManagementSource == sourceSynced,
		active:  !isDeactivated(a),
	}
}

func isDeactivated(a *directory.Account) bool {
	return a.AccountStatus == inactive || a.Status == deactivated
}

func (h *holdings) add(x holding) {
	slices.Sort(x.groups)
	x.groups = slices.Compact(x.groups)
	h.list = append(h.list, x)
}

func (x *holding) actual() Actual {
	switch {
	case x.synced && !x.active:
		return Inactive
	case x.synced && x.linked && x.deactivated:
		return Deactivated
	case x.synced && !x.linked:
		return Unlinked
	case x.synced:
		return Synced
	}
	return Present
}
