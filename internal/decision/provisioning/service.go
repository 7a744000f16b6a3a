package provisioning

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// Config is what a service is made of.
type Config struct {
	Job *directory.Job
	// Planned are planned mappings in their traveling form, laid over the job's.
	Planned []string
	// Mapping is the mapping of users instead of the job's, nil for that.
	Mapping *mapping.Mapping
	Now     time.Time
	// Groups are object ids that count as assigned instead of the job's own
	// assignments; nil for those. Everyone takes all users.
	Groups   []string
	Everyone bool
	// Needs are what the target asks of what is sent.
	Needs sent.Needs
}

// Service is a job, compiled for one tenant.
type Service struct {
	Config
	program *mapping.Program
	mapping mapping.Mapping
	// groupsOn says that the job's mapping of groups is on.
	groupsOn bool
	// email, userName, externalID, active and typ are positions among the program's
	// targets, -1 where the job maps none.
	email, userName, externalID, active, typ int
	rules                                    rules
	// roles is the job by whose roles people are assigned, nil where that isn't known.
	roles *directory.Job
}

// ErrReading marks an error about what the directory's reading lacks.
type ErrReading struct{ Err error }

func (e *ErrReading) Error() string { return e.Err.Error() }
func (e *ErrReading) Unwrap() error { return e.Err }

// PlannedError is a mistake in a planned mapping.
type PlannedError struct {
	// Index is its place in the list, -1 where it isn't known.
	Index int
	Err   error
}

func (e *PlannedError) Error() string { return e.Err.Error() }
func (e *PlannedError) Unwrap() error { return e.Err }

// New compiles a job's mapping of users, with what is planned laid over it. The
// error is a *PlannedError, an *ErrReading, or about the job.
func New(t *tenant.Tenant, c Config) (*Service, error) {
	s := &Service{Config: c, email: -1, userName: -1, externalID: -1, active: -1, typ: -1}
	if err := s.covered(t); err != nil {
		return nil, &ErrReading{err}
	}
	var err error
	if c.Mapping != nil {
		s.mapping = *c.Mapping
	} else if s.mapping, err = UserMapping(c.Job, c.Planned); err != nil {
		return nil, err
	}
	s.groupsOn = groupMappingOn(c.Job, c.Planned)
	env := mapping.Env{Now: c.Now, Given: c.Needs.Given}
	switch {
	case c.Everyone: // people count as assigned who aren't, by no role
	case len(c.Groups) > 0:
		env.Job = c.Job.AsIfAssigned(c.Groups)
	default:
		env.Job = c.Job
	}
	s.roles = env.Job
	for _, d := range t.Domains {
		if d.IsDefault {
			env.DefaultDomain = d.Name
		}
	}
	s.program, err = mapping.Compile(s.mapping, t.Directory, env)
	var missing *mapping.MissingAttributesError
	if errors.As(err, &missing) {
		return nil, &ErrReading{err}
	}
	if err != nil {
		return nil, &PlannedError{-1, err}
	}
	s.findTargets()
	s.rules = newRules(c.Needs.Values, s.program.Targets)
	return s, s.evaluable(t)
}

// findTargets finds the targets that identify a user, by the target's own names.
func (s *Service) findTargets() {
	n := s.Needs
	for i, target := range s.program.Targets {
		switch {
		case n.Address != "" && SameTarget(target, n.Address):
			s.email = i
		case SameTarget(target, n.Name):
			s.userName = i
		case n.External != "" && SameTarget(target, n.External):
			s.externalID = i
		case SameTarget(target, n.Active):
			s.active = i
		case n.Type != "" && SameTarget(target, n.Type):
			s.typ = i
		}
	}
}

// SameTarget compares the names of two target attributes, ignoring case and spaces.
func SameTarget(a, b string) bool {
	return strings.EqualFold(strings.ReplaceAll(a, " ", ""), strings.ReplaceAll(b, " ", ""))
}

// WorkEmail is the target of an account's address over SCIM.
const WorkEmail = `emails[type eq "work"].value`

// IsWorkEmail reports the target of the account's address, whatever its
// spacing.
func IsWorkEmail(target string) bool {
	return SameTarget(target, WorkEmail)
}

// Mapping is a job's mapping of users.
type Mapping = mapping.Mapping

// UserMapping is a job's enabled mapping of users with planned ones, in their
// traveling form, laid over it.
func UserMapping(job *directory.Job, planned []string) (mapping.Mapping, error) {
	out, found, err := mappingOf(job, planned, "User")
	if err == nil && !found {
		err = errors.New("the job has no enabled mapping of users")
	}
	return out, err
}

// mappingOf is a job's mapping of a kind of object that is on once planned ones
// are laid over it.
func mappingOf(job *directory.Job, planned []string, source string) (out mapping.Mapping, found bool, err error) {
	plans := make([]mapping.Mapping, len(planned))
	for i, effective := range planned {
		if plans[i], err = mapping.ParseEffective(effective); err != nil {
			return out, false, &PlannedError{i, err}
		}
	}
	for _, raw := range job.Mappings {
		m, on, err := mapping.FromGraph([]byte(raw))
		if err != nil || !strings.EqualFold(m.Object.Source, source) {
			continue
		}
		for _, p := range plans {
			if p.Object == m.Object {
				m = mapping.Overlay(m, p)
				on = !m.Off()
			}
		}
		if on {
			out, found = m, true
		}
	}
	return out, found, nil
}

// groupMappingOn reports whether groups are provisioned: "if group provisioning
// is enabled in the mappings" ([atlassian row 47], documented).
func groupMappingOn(job *directory.Job, planned []string) bool {
	_, on, err := mappingOf(job, planned, "Group")
	return err == nil && on
}

// covered refuses a reading that is limited to some groups and lacks what the
// job assigns: who is assigned there would be taken for out of scope. In a
// reading of the whole tenant, what is missing is gone.
func (s *Service) covered(t *tenant.Tenant) error {
	if t.WholeTenant() || len(s.Groups) > 0 || s.Everyone {
		return nil
	}
	var missing []string
	for _, id := range s.Job.Assigned {
		if t.GroupByID(id) < 0 && t.UserByID(id) < 0 {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("the reading is limited to some groups and lacks %d of the %d groups and users that are "+
		"assigned to the application (the first is %s): "+
		"add them to \"groups\" of usersync_directory, or leave that out to read the whole tenant",
		len(missing), len(s.Job.Assigned), missing[0])
}

// evaluable fails where a regular expression takes too many steps for somebody
// whom the job takes: it isn't known then whether they are filtered out, and
// that is never a decision. Patterns on Go's engine can't, and need no look.
func (s *Service) evaluable(t *tenant.Tenant) error {
	if !s.program.Counted() {
		return nil
	}
	v := t.Under(tenant.WhatIf{})
	row := s.program.NewRow()
	scope := s.Scope(v)
	for i, how := range scope.Users {
		if how&tenant.Direct == 0 {
			continue
		}
		if _, err := s.evaluate(v, scope, row, int32(i)); err != nil {
			return fmt.Errorf(
				"whether and how %s is provisioned can't be told: %w",
				text.Plain(t.Users[i].UserPrincipalName),
				err,
			)
		}
	}
	return nil
}

// Capabilities are what the job does with its target.
func (s *Service) Capabilities() sent.Capabilities {
	actions := s.mapping.Actions
	c := sent.Capabilities{
		Creates: slices.Contains(actions, mapping.ActionCreate),
		Updates: slices.Contains(actions, mapping.ActionUpdate),
		Deletes: slices.Contains(actions, mapping.ActionDelete),
	}
	// Without a mapping of active nothing disables [atlassian 2.2].
	c.Disables = c.Updates && s.active >= 0
	if s.typ >= 0 {
		a := s.mapping.Attributes[s.program.Targets[s.typ]]
		c.TypeAlways = a.Apply == "" || a.Apply == "always"
	}
	for _, k := range s.program.Matching {
		switch k {
		case s.userName:
			c.ByUserName = true
		case s.externalID:
			c.ByExternalID = true
		default:
			c.ByOthers = true
		}
	}
	return c
}

// Covered are the targets that the hash of what is sent is over.
func (s *Service) Covered() []string { return s.program.Covered() }

// Health is the job's state. running says that this plan starts or restarts it,
// which lifts a pause and nothing worse.
func (s *Service) Health(running bool) directory.Health {
	h := s.Job.Health
	if h.State == "" {
		h.State = directory.ServiceNotRead
	}
	if running && (h.State == directory.ServiceNotStarted || h.State == directory.ServicePaused) {
		return directory.Health{State: directory.ServiceStarting}
	}
	return h
}

// Matching are the targets by which users are matched, in order.
func (s *Service) Matching() []string {
	var out []string
	for _, k := range s.program.Matching {
		out = append(out, s.program.Targets[k])
	}
	return out
}

// MatchedBy is the target attribute by which users are matched first, where that isn't
// the userName; "" else.
func (s *Service) MatchedBy() string {
	if len(s.program.Matching) == 0 || s.Needs.MatchesItself || s.program.Matching[0] == s.userName {
		return ""
	}
	return s.program.Targets[s.program.Matching[0]]
}

// Askable reports that the target can be asked for users by what the job matches them by
// first, or that the job matches by nothing, which is another fault.
func (s *Service) Askable() bool {
	return len(s.program.Matching) == 0 || s.Needs.MatchesItself || s.asked(s.program.Matching[0])
}

// Target is the name of the target attribute at a position, "" for -1.
func (s *Service) Target(at int16) string {
	if at < 0 {
		return ""
	}
	return s.program.Targets[at]
}

// Source is what is mapped to the target attribute at a position.
func (s *Service) Source(at int16) string { return s.mapping.Attributes[s.Target(at)].Expression }

// EmailTarget is the target of the account's address, that of the name where the job
// maps none.
func (s *Service) EmailTarget() string {
	if s.email >= 0 {
		return s.program.Targets[s.email]
	}
	return s.Needs.Name
}

// UserNameSource is the expression that gives the userName, "" for none.
func (s *Service) UserNameSource() string {
	if s.userName < 0 {
		return ""
	}
	return s.mapping.Attributes[s.program.Targets[s.userName]].Expression
}

// EmailSource is the expression that gives the account's address.
func (s *Service) EmailSource() string { return s.mapping.Attributes[s.EmailTarget()].Expression }

// Results are what is sent of every user under one view.
type Results struct {
	*Service
	View  *tenant.View
	Scope *tenant.Scope
	list  []sent.User
	// entitled are the users with a role of the application's own; nil where roles
	// don't matter or aren't known.
	entitled []bool
}

// Send evaluates the mapping for everybody who is directly in scope; each(from,
// to) runs over parts of the users, side by side.
func (s *Service) Send(v *tenant.View, scope *tenant.Scope, parts func(each func(from, to int))) *Results {
	r := &Results{Service: s, View: v, Scope: scope, list: make([]sent.User, len(v.Users)), entitled: s.entitled(v)}
	rows := sync.Pool{New: func() any { return s.program.NewRow() }}
	parts(func(from, to int) {
		row, _ := rows.Get().(*mapping.Row)
		for i := from; i < to; i++ {
			r.list[i] = r.send(row, int32(i))
		}
		rows.Put(row)
	})
	p := v.Positions()
	for i := range r.list {
		u := &r.list[i]
		u.Domain = -1
		if u.Address == "" {
			continue
		}
		if u.Domain = p.Of(u.Address); u.Domain < 0 && !u.Nothing && s.Needs.AddressRequired {
			r.list[i] = s.noAddress(u)
		}
	}
	return r
}

// Of is what is sent of a user.
func (r *Results) Of(i int32) *sent.User { return &r.list[i] }
