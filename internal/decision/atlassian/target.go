package atlassian

import (
	"slices"
	"strings"
	"sync"

	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// MaxGroupUsers is the most users of one group in a directory filled over SCIM
// [atlassian 2.4, D].
const MaxGroupUsers = 290000

// Values of Config.ExternalUsers [atlassian question 1].
const (
	ExternalUsersGuest     = "guest"
	ExternalUsersNotMember = "not_member"
	ExternalUsersExternal  = "external"
)

// Values of Config.ClaimAccounts [atlassian 3.1].
const (
	ClaimAll  = "all"
	ClaimSome = "some"
)

// Config is what a target is made of.
type Config struct {
	Organization *directory.Organization
	// DomainRule says that only users on verified domains sync, but for external
	// users: the nested-groups sync [atlassian 1.3]. Over SCIM nobody is left out
	// for their domain [atlassian 2.6].
	DomainRule bool
	// ExternalUsers, ClaimAccounts, EntraDomains, DefaultAccessGroups and Relinked
	// (object ids) are the connector's settings.
	ExternalUsers, ClaimAccounts  string
	EntraDomains                  []string
	DefaultAccessGroups, Relinked []string
	// Service is what the service does with the target (SCIM).
	Service sent.Capabilities
	// Covered are the targets that the hash of what is sent is over.
	Covered []string
	// Restarts says that this plan restarts the job, so that everything is sent.
	Restarts bool
	History  held.History
}

// Target is an Atlassian organization, prepared for one tenant.
type Target struct {
	Config
	tenant *tenant.Tenant
	claims map[string]directory.Claim
	// entra are the domains that the sync verifies by itself.
	entra    map[string]bool
	relinked map[string]bool
	// comparable says that the history's hashes are over what is sent now.
	comparable bool

	accounts *accounts
	records  *records
}

// New prepares an organization.
func New(t *tenant.Tenant, c Config) *Target {
	out := &Target{
		Config:     c,
		tenant:     t,
		claims:     map[string]directory.Claim{},
		entra:      map[string]bool{},
		relinked:   map[string]bool{},
		comparable: c.History.User != nil && slices.Equal(c.History.Covered, c.Covered),
	}
	for _, claim := range c.Organization.Domains {
		// A domain that is listed twice counts by its best claim.
		if old, ok := out.claims[claim.Name]; !ok || rank(claim) > rank(old) {
			out.claims[claim.Name] = claim
		}
		t.Intern(claim.Name)
	}
	// The sync verifies what is chosen and verified in Entra [atlassian 1.3, D];
	// that it can't prove onmicrosoft.com is inferred.
	for _, d := range t.Domains {
		for _, chosen := range c.EntraDomains {
			if d.IsVerified && (chosen == "*" || chosen == d.Name) && !strings.HasSuffix(d.Name, tenant.InitialSuffix) {
				out.entra[d.Name] = true
			}
		}
	}
	for _, id := range c.Relinked {
		out.relinked[id] = true
	}
	for _, id := range c.History.Relinked {
		delete(out.relinked, id) // accepted already: it doesn't mend what was unlinked since
	}
	out.accounts = indexAccounts(c.Organization)
	out.records = indexRecords(c.Organization.Records)
	out.internKept()
	return out
}

// Serve tells what the service does with the target, and over which targets the hash of
// what is sent is.
func (t *Target) Serve(c sent.Capabilities, covered []string) {
	t.Service, t.Covered = c, covered
	t.comparable = t.History.User != nil && slices.Equal(t.History.Covered, covered)
}

// internKept makes known, before anybody is decided, the domains of the addresses that
// users may stay under ([expressions 5]): those of records, and those of the history.
func (t *Target) internKept() {
	for _, d := range t.History.Domains {
		t.tenant.Intern(d)
	}
	if t.records == nil {
		return
	}
	p := t.tenant.Positions()
	for i := range t.records.list {
		p.Of(primary(&t.records.list[i]))
	}
}

func rank(c directory.Claim) int {
	switch c.Status {
	case directory.ClaimVerified:
		return 2
	case directory.ClaimMissingToken:
		return 1
	}
	return 0
}

// Claim is how the organization lists a domain.
func (t *Target) Claim(domain string) (directory.Claim, bool) {
	c, ok := t.claims[domain]
	return c, ok
}

// VerifiedBySync reports a domain that the sync verifies by itself;
// SyncVerified are all of them, in no order.
func (t *Target) VerifiedBySync(domain string) bool { return t.entra[domain] }

// SyncVerified are the domains that the sync verifies by itself, ascending.
func (t *Target) SyncVerified() []string {
	out := make([]string, 0, len(t.entra))
	for d := range t.entra {
		out = append(out, d)
	}
	slices.Sort(out)
	return out
}

// State is what is known of a domain in this organization.
type State uint8

// The parts of a State.
const (
	Verified State = 1 << iota
	Expiring
	Public
)

// StateOf is what is known of a domain by its name.
func (t *Target) StateOf(name string, assumed map[string]bool) (s State) {
	claim, listed := t.claims[name]
	switch {
	case assumed[name], t.entra[name], listed && claim.Status == directory.ClaimVerified:
		s = Verified
	case listed && claim.Counts():
		s = Verified | Expiring
	}
	if tenant.PublicMail(name) {
		s |= Public
	}
	return s
}

// View is the target under assumptions.
type View struct {
	*Target
	Tenant *tenant.View
	// States are by the position of a domain.
	States []State
	// Asked collects the domains whose state is looked at, where it is set.
	Asked *[]int32

	// found are facts of single decisions that few users have.
	found *found
}

type found struct {
	sync.Mutex
	details   map[int32]string
	addresses map[int32]string
}

// Under gives the target under a view's assumptions.
func (t *Target) Under(v *tenant.View) *View {
	w := &View{Target: t, Tenant: v, found: &found{details: map[int32]string{}, addresses: map[int32]string{}}}
	assumed := AssumedDomains(v.WhatIf)
	names := v.DomainNames()
	w.States = make([]State, len(names))
	for i, name := range names {
		w.States[i] = t.StateOf(name, assumed)
	}
	return w
}

// Fork gives a view with states of its own, in which domains can be turned round.
func (w *View) Fork() *View {
	out := *w
	out.States = slices.Clone(w.States)
	out.found = &found{details: map[int32]string{}, addresses: map[int32]string{}}
	return &out
}

// AssumedDomains are the domains that are assumed verified.
func AssumedDomains(w tenant.WhatIf) map[string]bool {
	assumed := map[string]bool{}
	for _, d := range w.VerifiedDomains {
		assumed[d] = true
	}
	return assumed
}

// State is what is known of a domain. A domain that was first met by a later
// trial (a mail that a fix sets) is neither claimed nor the tenant's: those are
// all known from the start.
func (w *View) State(domain int32) State {
	if domain < 0 || int(domain) >= len(w.States) {
		return 0
	}
	if w.Asked != nil {
		*w.Asked = append(*w.Asked, domain)
	}
	return w.States[domain]
}

// Detail is what a decision's own fields don't hold, "" for nothing.
func (w *View) Detail(i int32) string { return w.found.details[i] }

// KeptAddress is the address that a user stays under, where another one is sent;
// "" where there is none.
func (w *View) KeptAddress(i int32) string { return w.found.addresses[i] }

func (w *View) note(i int32, detail, address string) {
	w.found.Lock()
	defer w.found.Unlock()
	if detail != "" {
		w.found.details[i] = detail
	}
	if address != "" {
		w.found.addresses[i] = address
	}
}

// MaxGroupsLost is the default of the guardrail of that name: over SCIM a group
// that leaves scope is deleted with its permissions [atlassian 2.2, D]; over
// nested groups what happens isn't documented, and there is none.
func (t *Target) MaxGroupsLost() *int64 {
	if t.DomainRule {
		return nil
	}
	return new(int64)
}

// Unchecked are the parts of the organization that weren't read.
func (t *Target) Unchecked() []string {
	var out []string
	if !t.Organization.AccountsCovered {
		out = append(out, "accounts", "groups")
	}
	if !t.DomainRule {
		if t.records == nil {
			out = append(out, "scim_records")
		}
		if t.History.User == nil {
			out = append(out, "history")
		}
	}
	return out
}
