package decision

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// scim is the Entra gallery app "Atlassian Cloud": SCIM in [atlassian 2], and
// its column of the decision table, [atlassian 5]. It has no rule about
// domains, but takes only direct members of assigned groups, applies scoping filters and
// mappings, and unlinks accounts that the organization doesn't manage when it
// updates them.
type scim struct {
	job     *directory.Job
	program *mapping.Program
	// email and userName are positions among the program's targets, -1 where the
	// job maps none.
	email, userName int
}

// maxSCIMGroupUsers is the most users of one group, as documented till
// 2022; [atlassian 2.4, D] has 290,000.
const maxSCIMGroupUsers = 35000

// newSCIM finds the job and compiles its mapping of users, with what is
// planned laid over it.
func newSCIM(e *Engine) (connector, error) {
	c := &scim{email: -1, userName: -1}
	for i := range e.Directory.Jobs {
		if e.Directory.Jobs[i].ServicePrincipalID == e.Settings.ServicePrincipal {
			c.job = &e.Directory.Jobs[i]
		}
	}
	if c.job == nil {
		return nil, wrong(-1, fmt.Errorf("the directory's reading holds no job of service principal %q: read it with the argument \"service_principals\" of usersync_directory", e.Settings.ServicePrincipal), "service_principal")
	}
	if err := c.covered(e); err != nil {
		return nil, err
	}
	m, err := UserMapping(c.job, e.Settings.WhatIf.Mappings)
	if err != nil {
		return nil, err
	}
	env := mapping.Env{Now: e.Settings.Now}
	for _, d := range e.Directory.Domains {
		if d.IsDefault {
			env.DefaultDomain = d.Name
		}
	}
	c.program, err = mapping.Compile(m, e.Directory, env)
	var missing *mapping.MissingAttributeError
	if errors.As(err, &missing) {
		return nil, wrong(-1, err, "directory")
	}
	if err != nil {
		return nil, wrong(-1, err, "what_if", "mappings")
	}
	for i, target := range c.program.Targets {
		switch {
		case isWorkEmail(target):
			c.email = i
		case target == "userName":
			c.userName = i
		}
	}
	return c, c.evaluable(e)
}

// evaluable fails where a regular expression takes too many steps for somebody
// whom the job takes: it isn't known then whether they are filtered out, and
// that is never a decision. Patterns on Go's engine can't, and need no look.
func (c *scim) evaluable(e *Engine) error {
	if !c.program.Counted() {
		return nil
	}
	r := &Result{Engine: e, WhatIf: e.Settings.WhatIf}
	r.overlay(r.WhatIf)
	row := c.program.NewRow()
	for i, how := range c.scope(e, r.WhatIf).users {
		if how&inDirect == 0 {
			continue
		}
		if m := c.evaluate(r, row, int32(i)); m.unknown != nil {
			return wrong(-1, fmt.Errorf("whether and how %s is provisioned can't be told: %w", text.Plain(e.Directory.Users[i].UserPrincipalName), m.unknown), "service_principal")
		}
	}
	return nil
}

// covered refuses a reading that is limited to some groups and lacks what the
// job assigns: who is assigned there would be taken for out of scope. In a
// reading of the whole tenant, what is missing is gone.
func (c *scim) covered(e *Engine) error {
	if e.Directory.WholeTenant() || len(e.Settings.Groups) > 0 || e.Settings.Everyone {
		return nil
	}
	var missing []string
	for _, id := range c.job.Assigned {
		if e.Directory.GroupByID(id) < 0 && e.Directory.UserByID(id) < 0 {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return wrong(-1, fmt.Errorf("the reading is limited to some groups and lacks %d of the %d groups and users that are assigned to the application (the first is %s): "+
		"add them to \"groups\" of usersync_directory, or leave that out to read the whole tenant", len(missing), len(c.job.Assigned), missing[0]), "directory")
}

// isWorkEmail reports the target of the account's address, whatever its
// spacing.
func isWorkEmail(target string) bool {
	return strings.EqualFold(strings.ReplaceAll(target, " ", ""), `emails[typeeq"work"].value`)
}

// scope: direct members of assigned groups, and users assigned themselves
// [graph 2, D]. Groups that aren't security-enabled aren't
// read.
func (c *scim) scope(e *Engine, w WhatIf) *scope {
	s := newScope(e, w)
	s.exists = make([]bool, len(s.groups))
	c.assign(e, s, w)
	if e.Settings.Everyone {
		for i := range s.users {
			s.users[i] = inDirect | inStatic
		}
	}
	s.findBlocked(e, maxSCIMGroupUsers)
	for _, g := range s.selected {
		if _, ok := s.blockedGroups[g]; ok {
			continue
		}
		s.exists[g] = true
		s.reach(e, g)
	}
	for _, g := range s.selected {
		if code, ok := s.blockedGroups[g]; ok {
			c.blockMembers(e, s, g, code)
		}
	}
	// reach marks child groups; over SCIM they are no groups of Atlassian's.
	for g := range s.groups {
		s.groups[g] = s.exists[g]
	}
	return s
}

// assign finds the assigned groups and users: those of the scope where it
// names groups, else the job's.
func (c *scim) assign(e *Engine, s *scope, w WhatIf) {
	ids := w.assigned
	if len(e.Settings.Groups) == 0 {
		ids = slices.Concat(ids, c.job.Assigned)
	}
	for _, id := range ids {
		if g := e.Directory.GroupByID(id); g >= 0 {
			s.selected = append(s.selected, g)
		} else if u := e.Directory.UserByID(id); u >= 0 {
			s.users[u] |= inDirect | inStatic
		}
	}
	s.selected = slices.DeleteFunc(s.selected, func(g int32) bool { return !e.Directory.Groups[g].SecurityEnabled })
	slices.Sort(s.selected)
	s.selected = slices.Compact(s.selected)
}

func (c *scim) blockMembers(e *Engine, s *scope, g int32, code Code) {
	for _, u := range e.Directory.Groups[g].Users {
		if s.users[u]&inDirect == 0 {
			if _, ok := s.blocked[u]; !ok {
				s.blocked[u] = block{g, code}
				s.users[u] |= inNested
			}
		}
	}
}

// mapped is what the job's mapping gives for one user.
type mapped struct {
	// code is CodeDomainVerified where everything flows, else why not.
	code Code
	// at is the target attribute of a failure, -1 for none.
	at      int32
	domain  int32
	address string
	message string
	// unknown is why nothing is known, nil where something is.
	unknown error
}

// begin evaluates the mapping for everybody who is directly in scope.
func (c *scim) begin(r *Result) {
	list := make([]mapped, len(r.Directory.Users))
	rows := sync.Pool{New: func() any { return c.program.NewRow() }}
	r.inParts(func(from, to int) {
		row, _ := rows.Get().(*mapping.Row)
		for i := from; i < to; i++ {
			list[i].domain = -1
			if r.scope.users[i]&inDirect != 0 {
				list[i] = c.evaluate(r, row, int32(i))
			}
		}
		rows.Put(row)
	})
	raw := map[string]int32{}
	for i := range list {
		if list[i].address != "" {
			list[i].domain = r.domainPosition(list[i].address, raw)
		}
	}
	r.own = list
}

// evaluate runs filter and mappings for one user.
func (c *scim) evaluate(r *Result, row *mapping.Row, i int32) mapped {
	c.program.Load(row, i)
	if t, ok := r.types[i]; ok {
		c.program.Override(row, "userType", expression.TextValue(t))
	}
	if m, ok := r.mails[i]; ok {
		c.program.Override(row, "mail", expression.TextValue(m))
	}
	out := mapped{code: CodeDomainVerified, at: -1, domain: -1}
	in, err := c.program.InScope(row)
	if expression.OutOfSteps(err) {
		return mapped{at: -1, domain: -1, unknown: err}
	}
	if err != nil {
		return mapped{code: CodeAttributeUnknown, at: -1, domain: -1, message: err.Error()}
	}
	if !in {
		return mapped{code: CodeScopingFilter, at: -1, domain: -1}
	}
	matched := len(c.program.Matching) == 0
	for k := range c.program.Targets {
		res, err := c.program.Eval(row, k)
		switch {
		case expression.OutOfSteps(err):
			return mapped{at: -1, domain: -1, unknown: fmt.Errorf("%s: %w", c.program.Targets[k], err)}
		case err != nil:
			return mapped{code: CodeMappingError, at: int32(k), domain: -1, message: err.Error()}
		case res.Outcome == expression.OutcomeDropObject:
			return mapped{code: CodeMappingError, at: int32(k), domain: -1, message: "IgnoreObjectFlow leaves the user out"}
		}
		text := ""
		if res.Outcome == expression.OutcomeValue {
			text = res.Value.String()
		}
		if slices.Contains(c.program.Matching, k) && (text != "" || res.Outcome == expression.OutcomeUnpredictable) {
			matched = true
		}
		if k == c.email || c.email < 0 && k == c.userName {
			out.address = text
		}
	}
	if !matched {
		out.code = CodeMatchingAttributeEmpty
		out.at = int32(c.program.Matching[0])
	}
	return out
}

func (c *scim) of(r *Result, i int32) *mapped {
	list, _ := r.own.([]mapped)
	return &list[i]
}

func (c *scim) addressOf(r *Result, i int32) string { return c.of(r, i).address }

// testedDomain is known of those whose mapping was evaluated: the users who
// are directly in scope.
func (c *scim) testedDomain(r *Result, i int32) int32 { return c.of(r, i).domain }

// decide gives the first reason that applies, in this order: disabled; scope;
// groups that don't sync; filter; mappings; matching; address; domain.
func (c *scim) decide(r *Result, i int32, t *tracer) Decision {
	m := c.of(r, i)
	off := r.isDisabled(i)
	if t != nil {
		t.add(off, "account enabled", fmt.Sprintf("accountEnabled is %t", !off), pageHow, Documented)
	}
	if off {
		return Decision{Code: CodeAccountDisabled, Confidence: Inferred, Account: r.accountKind(m.domain), domain: m.domain}
	}
	if d, done := c.outOfScope(r, i, t); done {
		return d
	}
	if t != nil {
		c.traceMapping(t, m)
	}
	if m.code != CodeDomainVerified {
		return Decision{Code: m.code, Confidence: m.code.Info().Confidence, domain: -1}
	}
	if m.domain < 0 {
		return Decision{Code: CodeNoUsableAddress, Confidence: Inferred, domain: -1} // [atlassian row 15]
	}
	if t != nil {
		t.domain(r, m.domain)
	}
	return c.byDomain(r, i, m.domain)
}

func (c *scim) outOfScope(r *Result, i int32, t *tracer) (Decision, bool) {
	s := r.scope
	if t != nil {
		t.scope(r, i)
	}
	b, blocked := s.blocked[i]
	switch {
	case blocked:
		return Decision{Code: b.code, Confidence: Documented, domain: -1}, true
	case s.users[i]&inDirect != 0:
		return Decision{}, false
	case s.users[i]&inNested != 0:
		return Decision{Code: CodeNestedOnly, Confidence: Documented, domain: -1}, true
	case s.incomplete:
		return Decision{Code: CodeMembersUnreadable, Confidence: Documented, domain: -1}, true
	}
	return Decision{Code: CodeNotInScope, Confidence: Documented, domain: -1}, true
}

func (c *scim) traceMapping(t *tracer, m *mapped) {
	where := ""
	if m.at >= 0 {
		where = c.program.Targets[m.at]
	}
	switch m.code {
	case CodeScopingFilter:
		t.add(true, "scoping filter", "the filter leaves the user out", pageScoping, Documented)
		return
	case CodeAttributeUnknown:
		t.add(true, "scoping filter", "the filter can't be evaluated: "+m.message, pageScoping, Inferred)
		return
	}
	t.add(false, "scoping filter", "the filter lets the user through", pageScoping, Documented)
	switch m.code {
	case CodeMappingError:
		t.add(true, "attribute mappings", where+": "+m.message, pageMappings, Documented)
	case CodeMatchingAttributeEmpty:
		t.add(true, "matching attribute", where+" is empty", pageMappings, Documented)
	default:
		t.info("attribute mappings", "the account's address would be at "+domainOf(m.address), pageTutorial, Documented)
	}
}

// byDomain: [atlassian rows 1-12], the SCIM column: a domain that isn't verified
// only makes another kind of account.
func (c *scim) byDomain(r *Result, i, domain int32) Decision {
	typ, state := r.typeOf(i), r.state(domain)
	d := Decision{domain: domain}
	if state&domainVerified != 0 {
		d.Code, d.Account = CodeDomainVerified, Managed
		if typ == "" || typ == TypeMember && r.external[i] {
			d.Confidence = Inferred // [atlassian rows 4-5]
		}
		if state&domainExpiring != 0 {
			d.Warnings |= WarnVerificationExpiring
		}
		return d
	}
	d.Code, d.Account, d.Warnings = CodeExternalSCIM, External, WarnUnlinksOnUpdate
	// [atlassian row 6] and [atlassian row 11] are documented; [atlassian rows 8-10]
	// and [atlassian row 12] are inferred.
	if typ == "" || r.external[i] && (typ != TypeGuest || r.Directory.Users[i].ExternalUserState == "PendingAcceptance") {
		d.Confidence = Inferred
	}
	return d
}

// detail names the target attribute or the filter that failed.
func (c *scim) detail(r *Result, i int32, d Decision) string {
	if d.Code == CodeAttributeUnknown {
		return "scoping filter"
	}
	if d.Code == CodeMappingError || d.Code == CodeMatchingAttributeEmpty {
		return c.program.Targets[c.of(r, i).at]
	}
	return ""
}

// other: nested groups, with the assigned groups selected.
func (c *scim) other(e *Engine) (Settings, string, bool) {
	s := e.Settings
	s.Connector, s.ServicePrincipal, s.WhatIf.Mappings = NestedGroups, "", nil
	if len(s.Groups) == 0 && !s.Everyone {
		for _, id := range c.job.Assigned {
			if g := e.Directory.GroupByID(id); g >= 0 {
				s.Groups = append(s.Groups, GroupRef{Name: e.Directory.Groups[g].DisplayName, ID: id})
			}
		}
	}
	return s, "Child groups then become groups of their own, and the job's mappings and filters no longer apply (documented).", true
}

// duplicates: [atlassian row 24], a 409 of the service.
func (*scim) duplicates() Confidence { return Documented }

// maxGroupsLost: a group that leaves scope is deleted with its permissions
// [atlassian 2.2, D].
func (*scim) maxGroupsLost() *int64 { return new(int64) }

// effectOfLoss: [atlassian 2.2] and [atlassian rows 18-23].
func (*scim) effectOfLoss(account Account, code Code, left bool) (string, Confidence) {
	switch {
	case account == Managed:
		return "the Atlassian account is deactivated; when the Entra account is deleted for good, it is deleted from the directory", Documented
	case left || code == CodeAccountDisabled:
		return "the account isn't managed here, so it lives on; its record becomes inactive and it leaves the synced groups", Inferred
	}
	return "leaves the synced groups; the account isn't managed here, so it isn't deactivated", Inferred
}
