package decision

import (
	"fmt"
	"sync"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Values of userType [graph 1.2]. Old objects have none.
const (
	TypeMember = "Member"
	TypeGuest  = "Guest"
)

// Decision is what happens to one user, in a form of which a million fit in
// memory; Result gives its text.
type Decision struct {
	Code       Code
	Confidence Confidence
	Account    Account
	Warnings   Warnings
	// domain is a position in Engine.domains, -1 for none.
	domain int32
}

// connector is what sets one connector apart from another; each is one file.
type connector interface {
	// scope says who is in scope.
	scope(e *Engine, w WhatIf) *scope
	// begin computes, before anybody is decided, what the connector needs of all
	// users; it may meet new domains.
	begin(r *Result)
	// decide decides one user. t is nil unless the rules looked at are wanted.
	decide(r *Result, user int32, t *tracer) Decision
	// addressOf is the address of the account that a user would get.
	addressOf(r *Result, user int32) string
	// testedDomain is the position of that address's domain, -1 for none.
	testedDomain(r *Result, user int32) int32
	// detail is a fact of a decision that only the connector knows, "" for none.
	detail(r *Result, user int32, d Decision) string
	// candidates are the changes worth trying for a user.
	candidates(r *Result, user int32) []candidate
	// other are the settings of the other connector for the same tenant, and what
	// leaving this one costs; false where the directory doesn't know enough.
	other(e *Engine) (s Settings, price string, known bool)
	// duplicates is how sure it is that two users with one address collide.
	duplicates() Confidence
	// maxGroupsLost is the default of the guardrail of that name; nil for none.
	maxGroupsLost() *int64
	// effectOfLoss says what happens to the account of a user who synced and no
	// longer does, and how sure that is.
	effectOfLoss(account Account, code Code, left bool) (string, Confidence)
}

// connectors make the connector of an engine, by name.
var connectors = map[string]func(e *Engine) (connector, error){
	NestedGroups: func(*Engine) (connector, error) { return nestedGroups{}, nil },
	SCIM:         newSCIM,
}

func knownConnector(name string) error {
	if _, ok := connectors[name]; !ok {
		return fmt.Errorf("unknown connector %q; the connectors are %q and %q", name, NestedGroups, SCIM)
	}
	return nil
}

// DefaultMaxGroupsLost is the default of the guardrail max_groups_lost for a
// connector; nil for none.
func (r *Result) DefaultMaxGroupsLost() *int64 { return r.connector.maxGroupsLost() }

// Engine decides over one directory and one organization under one set of
// settings, any number of times with different assumptions.
type Engine struct {
	Directory    *directory.Directory
	Organization *directory.Organization
	Lookup       *directory.Lookup
	Settings     Settings

	connector connector
	domains   []string
	domainAt  map[string]int32
	// mail and upn are, by user, the positions of the domains of mail and
	// principal name; -1 where the value is no address.
	mail, upn []int32
	external  []bool
	claims    map[string]directory.Claim
	// entra are the domains that the sync verifies by itself.
	entra map[string]bool

	scopeOnce sync.Once
	baseScope *scope
}

// NewEngine prepares an engine. It fails, with an *ArgumentError, for a
// connector that isn't known, or whose settings the directory can't serve.
func NewEngine(d *directory.Directory, l *directory.Lookup, o *directory.Organization, s Settings) (*Engine, error) {
	if err := knownConnector(s.Connector); err != nil {
		return nil, wrong(-1, err, "connector")
	}
	e := &Engine{Directory: d, Organization: o, Lookup: l, Settings: s,
		domainAt: map[string]int32{}, claims: map[string]directory.Claim{}, entra: map[string]bool{}}
	for _, claim := range o.Domains {
		// A domain that is listed twice counts by its best claim.
		if old, ok := e.claims[claim.Name]; !ok || claimRank(claim) > claimRank(old) {
			e.claims[claim.Name] = claim
		}
	}
	e.chosenDomains()
	for _, d := range d.Domains {
		e.intern(d.Name)
	}
	for _, c := range o.Domains {
		e.intern(c.Name)
	}
	e.addresses()
	var err error
	e.connector, err = connectors[s.Connector](e)
	return e, err
}

func claimRank(c directory.Claim) int {
	switch c.Status {
	case directory.ClaimVerified:
		return 2
	case directory.ClaimMissingToken:
		return 1
	}
	return 0
}

// chosenDomains are those that the sync verifies: chosen, and verified in
// Entra [atlassian 1.3, D].
func (e *Engine) chosenDomains() {
	for _, d := range e.Directory.Domains {
		for _, chosen := range e.Settings.ConnectorSettings.EntraDomains {
			if d.IsVerified && (chosen == "*" || chosen == d.Name) {
				e.entra[d.Name] = true
			}
		}
	}
}

// addresses finds the domain of each mail and principal name once.
func (e *Engine) addresses() {
	n := len(e.Directory.Users)
	e.mail, e.upn, e.external = make([]int32, n), make([]int32, n), make([]bool, n)
	raw := map[string]int32{}
	for i := range e.Directory.Users {
		u := &e.Directory.Users[i]
		e.mail[i] = e.domainPosition(u.Mail, raw)
		e.external[i] = IsExternal(u.UserPrincipalName)
		e.upn[i] = -1
		if !e.external[i] {
			e.upn[i] = e.domainPosition(u.UserPrincipalName, raw)
		}
	}
}

// domainPosition interns the domain of an address; raw remembers spellings.
func (e *Engine) domainPosition(address string, raw map[string]int32) int32 {
	at := -1
	for i := len(address) - 1; i > 0; i-- {
		if address[i] == '@' {
			at = i
			break
		}
	}
	if at <= 0 {
		return -1
	}
	spelled := address[at+1:]
	p, ok := raw[spelled]
	if !ok {
		p = e.intern(directory.ASCIIDomain(spelled))
		raw[spelled] = p
	}
	if p >= 0 && hasSpace(address[:at]) {
		return -1
	}
	return p
}

func hasSpace(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' {
			return true
		}
	}
	return false
}

func (e *Engine) intern(domain string) int32 {
	if domain == "" {
		return -1
	}
	if p, ok := e.domainAt[domain]; ok {
		return p
	}
	p := int32(len(e.domains))
	e.domainAt[domain] = p
	e.domains = append(e.domains, domain)
	return p
}

// Decide decides every user under the settings' own assumptions.
func (e *Engine) Decide() *Result { return e.decide(e.Settings.WhatIf) }

// decide decides every user under some assumptions.
func (e *Engine) decide(w WhatIf) *Result {
	r := e.prepare(w)
	r.Decisions = make([]Decision, len(e.Directory.Users))
	e.inParts(func(from, to int) {
		for i := from; i < to; i++ {
			r.Decisions[i] = e.connector.decide(r, int32(i), nil)
		}
	})
	r.duplicates()
	r.revert()
	return r
}

// inParts runs over the users on both of the cores that the goals are set for.
// Each user is decided alone, so the parts don't matter.
func (e *Engine) inParts(run func(from, to int)) {
	n := len(e.Directory.Users)
	if n < 10000 {
		run(0, n)
		return
	}
	var wg sync.WaitGroup
	wg.Go(func() { run(0, n/2) })
	run(n/2, n)
	wg.Wait()
}

// prepare sets up a result without decisions.
func (e *Engine) prepare(w WhatIf) *Result {
	r := &Result{Engine: e, WhatIf: w}
	r.overlay(w)
	if len(w.Members) == 0 && len(w.assigned) == 0 {
		e.scopeOnce.Do(func() { e.baseScope = e.connector.scope(e, WhatIf{}) })
		r.scope = e.baseScope
	} else {
		r.scope = e.connector.scope(e, w)
	}
	e.connector.begin(r)
	r.domainStates()
	return r
}

// domainState is what is known of a domain in this organization.
type domainState uint8

const (
	domainVerified domainState = 1 << iota
	domainExpiring
	domainPublic
)

// overlay turns the assumptions about single users into positions.
func (r *Result) overlay(w WhatIf) {
	for id, t := range w.UserTypes {
		if i := r.Directory.UserByID(id); i >= 0 {
			if r.types == nil {
				r.types = make(map[int32]string, len(w.UserTypes))
			}
			r.types[i] = t
		}
	}
	for id, m := range w.Mails {
		if i := r.Directory.UserByID(id); i >= 0 {
			if r.mails == nil {
				r.mails = map[int32]string{}
			}
			r.mails[i] = m
			r.intern(domainOf(m))
		}
	}
	for id, on := range w.Enabled {
		if i := r.Directory.UserByID(id); i >= 0 {
			if r.enabled == nil {
				r.enabled = map[int32]bool{}
			}
			r.enabled[i] = on
		}
	}
}

func (r *Result) domainStates() {
	assumed := r.WhatIf.assumedDomains()
	r.states = make([]domainState, len(r.domains))
	for i, name := range r.domains {
		r.states[i] = r.stateOf(name, assumed)
	}
}

func (w WhatIf) assumedDomains() map[string]bool {
	assumed := map[string]bool{}
	for _, d := range w.VerifiedDomains {
		assumed[d] = true
	}
	return assumed
}

// stateOf is what is known of a domain by its name.
func (e *Engine) stateOf(name string, assumed map[string]bool) (s domainState) {
	claim, listed := e.claims[name]
	switch {
	case assumed[name], e.entra[name], listed && claim.Status == directory.ClaimVerified:
		s = domainVerified
	case listed && claim.Counts():
		s = domainVerified | domainExpiring
	}
	if PublicMail(name) {
		s |= domainPublic
	}
	return s
}

// state is what is known of a domain. A domain that was first met by a later
// trial (a mail that a fix sets) is neither claimed nor the tenant's: those are
// all known from the start.
func (r *Result) state(domain int32) domainState {
	if int(domain) >= len(r.states) {
		return 0
	}
	if r.asked != nil {
		*r.asked = append(*r.asked, domain)
	}
	return r.states[domain]
}

// typeOf is a user's type under the assumptions.
func (r *Result) typeOf(i int32) string {
	if r.types != nil {
		if t, ok := r.types[i]; ok {
			return t
		}
	}
	return r.Directory.Users[i].UserType
}

// assumedGuest reports whether the assumptions make the user a guest. It
// doesn't ask what they are: before and after the policy that converts him is
// applied, the answer is the same, and so is the decision's text.
func (r *Result) assumedGuest(i int32) bool { return r.types[i] == TypeGuest }

// mailOf is a user's mail, and the position of its domain.
func (r *Result) mailOf(i int32) (string, int32) {
	if r.mails != nil {
		if m, ok := r.mails[i]; ok {
			if p, ok := r.domainAt[domainOf(m)]; ok {
				return m, p
			}
			return m, -1
		}
	}
	return r.Directory.Users[i].Mail, r.Engine.mail[i]
}

func (r *Result) isDisabled(i int32) bool {
	if r.enabled != nil {
		if on, ok := r.enabled[i]; ok {
			return !on
		}
	}
	return r.Directory.Users[i].AccountEnabled == directory.False
}
