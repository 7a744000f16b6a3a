package decision

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/usersync/terraform-provider-usersync/internal/decision/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// service is the half of a connector that sends; each is one file here, over a
// package of its own.
type service interface {
	// health is the state of the service.
	health(running bool) directory.Health
	// scope says who is in scope, and by which groups.
	scope(v *tenant.View) *tenant.Scope
	// prepare computes, before anybody is decided, what is needed of all users; it
	// may meet new domains.
	prepare(r *Result)
	// sent is what is sent of a user.
	sent(r *Result, user int32) sent.User
	// address is sent's Address alone, which is asked for most.
	address(r *Result, user int32) string
	// adjust is a user's decision with what only the service knows: warnings, and how
	// sure it is.
	adjust(r *Result, user int32, d Decision) Decision
	// trace tells which of the service's rules were looked at.
	trace(r *Result, user int32, u *sent.User, t *reason.Trace)
	// detail is a fact of a decision that only the service knows, "" for none.
	detail(r *Result, user int32, d Decision) string
	// cause says in a sentence why, for a user and a code, where the code's own
	// description isn't true or not enough; "" else.
	cause(r *Result, user int32, d Decision) string
	// candidates are the changes worth trying for a user, in the order of fitness.
	candidates(r *Result, user int32) []candidate
	// mappingFixes are changes of the job's mapping worth trying for a user's code.
	mappingFixes(code Code) []mappingFix
	// other are the settings of the other connector for the same tenant, and what
	// leaving this one costs; false where the directory doesn't know enough.
	other(e *Engine) (s Settings, cost string, known bool)
	// sharesNames reports that several users may be sent with one userName.
	sharesNames() bool
	// matchedBy is the target attribute other than the userName by which users are
	// matched first, "" for none: two who share its value are one user at the target.
	matchedBy() string
	// effectOfLoss says what happens to the account of a user who synced and no
	// longer does, and how sure that is; ignored says that a filter has the service
	// leave alone who is there.
	effectOfLoss(account Account, code Code, left, ignored bool) (string, Confidence)
	// notes are what a plan should know of the service as a whole.
	notes() []string
}

// Connectors are the names of the connectors, in order.
func Connectors() []string { return []string{NestedGroups, SCIM, SCIMApplication, CrossTenantSync} }

func knownConnector(name string) error {
	for _, c := range Connectors() {
		if c == name {
			return nil
		}
	}
	return fmt.Errorf("unknown connector %q; the connectors are %s", name, strings.Join(Connectors(), ", "))
}

// Engine decides over one directory and one organization under one set of
// settings, any number of times with different assumptions.
type Engine struct {
	Tenant       *tenant.Tenant
	Directory    *directory.Directory
	Organization *directory.Organization
	Lookup       *directory.Lookup
	Settings     Settings

	history History
	service service
	target  target
	// org is the Atlassian organization; for other targets one of which nothing is
	// known.
	org *atlassian.Target

	scopeOnce sync.Once
	baseScope *tenant.Scope
}

// NewEngine prepares an engine that knows no history. It fails, with an
// *ArgumentError, for a connector that isn't known, or whose settings the
// directory can't serve.
func NewEngine(d *directory.Directory, l *directory.Lookup, o *directory.Organization, s Settings) (*Engine, error) {
	return NewEngineAfter(d, l, o, s, History{})
}

// NewEngineAfter prepares an engine that knows what the last accepted outcome
// expects the target to hold.
func NewEngineAfter(
	d *directory.Directory,
	l *directory.Lookup,
	o *directory.Organization,
	s Settings,
	h History,
) (*Engine, error) {
	if err := knownConnector(s.Connector); err != nil {
		return nil, argumentError(-1, err, "connector")
	}
	if h.Connector != "" && h.Connector != s.Connector {
		h = History{}
	}
	e := &Engine{Tenant: tenant.New(d, l), Directory: d, Organization: o, Lookup: l, Settings: s, history: h}
	c := atlassian.Config{
		Organization: o, DomainRule: s.Connector == NestedGroups, ExternalUsers: s.ConnectorSettings.ExternalUsers,
		ClaimAccounts: s.ConnectorSettings.ClaimAccounts, EntraDomains: s.ConnectorSettings.EntraDomains,
		DefaultAccessGroups: s.ConnectorSettings.DefaultAccessGroups, Relinked: s.ConnectorSettings.Relinked,
		Restarts: s.WhatIf.Running, History: h,
	}
	e.org = atlassian.New(e.Tenant, c)
	e.target = atlassianTarget{e.org}
	var err error
	switch s.Connector {
	case NestedGroups:
		e.service = newNested(e)
		return e, nil
	case SCIMApplication:
		e.target, err = newApp(e)
	case CrossTenantSync:
		e.target = newTenantTarget(e)
	}
	if err != nil {
		return nil, err
	}
	job, err := newJob(e)
	if err != nil {
		return nil, err
	}
	e.target.serve(job.Capabilities(), job.Covered())
	e.service = job
	return e, nil
}

// TargetName is what texts call the target: "Atlassian", the application's name, or "the
// target tenant".
func (e *Engine) TargetName() string { return e.target.title() }

// Health is the state of the connector's service.
func (e *Engine) Health() directory.Health { return e.service.health(e.Settings.WhatIf.Running) }

// Unchecked are the parts of the target that weren't read, and therefore not
// looked at, and whether the service's state was.
func (e *Engine) Unchecked() []string {
	list := e.target.unchecked()
	if e.Health().State == directory.ServiceNotRead {
		list = append(list, "service")
	}
	return list
}

// Covered are the target attributes that a hash of what is sent is over.
func (e *Engine) Covered() []string {
	if j, ok := e.service.(*jobService); ok {
		return j.Covered()
	}
	return nil
}

// Notes are what a plan should know of the connector as a whole.
func (e *Engine) Notes() []string { return e.service.notes() }

// Decide decides every user under the settings' own assumptions.
func (e *Engine) Decide() *Result { return e.decide(e.Settings.WhatIf) }

// DecideAsRead decides every user as the readings are, without what-if.
func (e *Engine) DecideAsRead() *Result {
	return e.decide(WhatIf{Mappings: e.Settings.WhatIf.Mappings})
}

// decide decides every user under some assumptions.
func (e *Engine) decide(w WhatIf) *Result {
	r := e.prepare(w)
	r.Decisions = make([]Decision, len(e.Directory.Users))
	e.inParts(func(from, to int) {
		var u sent.User // one for all: the target takes what it keeps of it
		for i := from; i < to; i++ {
			u = r.service.sent(r, int32(i))
			r.Decisions[i] = r.receive(int32(i), &u, nil)
		}
	})
	r.duplicates()
	r.revert()
	return r
}

// decideOne is the one way to a user's decision: the service sends, the target
// receives.
func (r *Result) decideOne(i int32, t *reason.Trace) Decision {
	u := r.service.sent(r, i)
	if t != nil {
		r.service.trace(r, i, &u, t)
	}
	return r.receive(i, &u, t)
}

// receive is what becomes of a user at the target, as far as the service's warnings.
func (r *Result) receive(i int32, u *sent.User, t *reason.Trace) Decision {
	return r.service.adjust(r, i, r.target.Receive(i, u, r.scope.Users[i], t))
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
	r := &Result{Engine: e, WhatIf: w, view: e.Tenant.Under(w)}
	if len(w.Members) == 0 && len(w.Assigned) == 0 && len(w.Assignments) == 0 && len(w.Freed) == 0 {
		e.scopeOnce.Do(func() { e.baseScope = e.scoped(e.Tenant.Under(WhatIf{})) })
		r.scope = e.baseScope
	} else {
		r.scope = e.scoped(r.view)
	}
	e.service.prepare(r)
	r.target = e.target.under(r.view)
	if org, is := r.target.(*atlassian.View); is {
		r.org = org
	} else {
		r.org = e.org.Under(r.view)
	}
	return r
}

func (e *Engine) scoped(v *tenant.View) *tenant.Scope {
	s := e.service.scope(v)
	e.target.hold(v, s)
	return s
}

// DefaultMaxGroupsLost is the default of the guardrail max_groups_lost for a
// connector; nil for none.
func (r *Result) DefaultMaxGroupsLost() *int64 { return r.Engine.target.maxGroupsLost() }

// argumentOf puts an error of a job under the argument that it is about.
func argumentOf(err error) error {
	var planned *plannedError
	var read *readingError
	switch {
	case errors.As(err, &planned):
		return argumentError(planned.Index, planned.Err, "what_if", "mappings")
	case errors.As(err, &read):
		return argumentError(-1, read.Err, "directory")
	}
	return argumentError(-1, err, "service_principal")
}
