package provisioning

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
)

// send gives the first reason for which nothing is sent, in this order:
// disabled; scope; filters; matching; mappings; active; address; or else what is
// sent.
func (r *Results) send(row *mapping.Row, i int32) sent.User {
	in := r.Scope.Users[i]&tenant.Direct != 0
	u := sent.User{At: -1, Domain: -1, Rule: -1}
	if in {
		var err error
		if u, err = r.evaluate(r.View, r.Scope, row, i); err != nil {
			u = nothing(reason.AttributeUnknown, -1, err.Error())
		}
	}
	switch {
	case r.View.Disabled(i):
		// "The account must be active first" [atlassian row 20]; one that was there
		// is disabled [atlassian row 18].
		u.Nothing, u.Code, u.Confidence, u.Detail, u.At = true, reason.AccountDisabled, reason.Documented, "", -1
		u.Rule, u.Lacks, u.Unassigned = -1, false, !in
		return u
	case !in:
		return r.outOfScope(i)
	case r.entitled != nil && !r.entitled[i]:
		return nothing(reason.RoleMissing, -1, "")
	}
	return u
}

func nothing(code reason.Code, at int, detail string) sent.User {
	return sent.User{
		Nothing:    true,
		Code:       code,
		Confidence: code.Info().Confidence,
		At:         int16(at),
		Domain:     -1,
		Rule:       -1,
		Detail:     detail,
	}
}

func (r *Results) outOfScope(i int32) sent.User {
	if _, ok := r.Scope.NotReadable[i]; ok && r.Scope.Users[i]&(tenant.Static|tenant.Dynamic) == 0 {
		return unassigned(reason.GroupNotReadable)
	}
	switch {
	case r.Scope.Users[i]&tenant.Nested != 0:
		return unassigned(reason.NestedOnly)
	case r.Scope.Incomplete:
		return nothing(reason.MembersUnreadable, -1, "")
	}
	return unassigned(reason.NotInScope)
}

func unassigned(code reason.Code) sent.User {
	u := nothing(code, -1, "")
	u.Unassigned = true
	return u
}

// evaluate runs filters and mappings for one user. The error says that a regular
// expression ran out of steps, so that nothing is known.
func (s *Service) evaluate(v *tenant.View, scope *tenant.Scope, row *mapping.Row, i int32) (sent.User, error) {
	s.program.Load(row, i)
	if t, ok := v.AssumedType(i); ok {
		s.program.Override(row, "userType", expression.TextValue(t))
	}
	if m, ok := v.AssumedMail(i); ok {
		s.program.Override(row, "mail", expression.TextValue(m))
	}
	if !v.Disabled(i) {
		s.program.Override(row, "IsSoftDeleted", expression.BoolValue(false))
		s.program.Override(row, "accountEnabled", expression.BoolValue(true))
	}
	if assumesAssignment(v, i) {
		s.program.Override(row, mapping.AttributeRoles, mapping.UnknownRoles)
	}
	in, kind, err := s.program.InScope(row)
	switch {
	case expression.OutOfSteps(err):
		return sent.User{}, err
	case err != nil: // what can't be evaluated is unknown, and no failure
		return nothing(reason.AttributeUnknown, -1, string(kind)+": "+err.Error()), nil //nolint:nilerr // it is told
	case !in:
		return nothing(reason.ScopingFilter, -1, string(kind)), nil
	}
	return s.values(row, func(id string) bool {
		at := v.UserByID(id)
		return at >= 0 && scope.Users[at]&tenant.Direct != 0 && !v.Disabled(at)
	})
}

// assumesAssignment reports a view in which a user is assigned by more groups than
// they are: by which role isn't said.
func assumesAssignment(v *tenant.View, i int32) bool {
	for _, users := range v.WhatIf.Members {
		if slices.Contains(users, v.Users[i].ID) {
			return true
		}
	}
	return slices.ContainsFunc(v.WhatIf.Assigned, func(id string) bool {
		g := v.GroupByID(id)
		return g >= 0 && slices.Contains(v.Groups[g].Users, i)
	})
}

// evaluation is what the rows of one user have given so far.
type evaluation struct {
	user sent.User
	// failed and unknown are the first row of each sort.
	failed, unknown *sent.User
	matched         bool
	matchUnknown    string
	active          string
	rules           progress
}

// values evaluates the rows of a user who passes the filters; there says who else
// is in scope.
func (s *Service) values(row *mapping.Row, there func(id string) bool) (sent.User, error) {
	e := evaluation{user: sent.User{At: -1, Domain: -1, Rule: -1}}
	for k := range s.program.Targets {
		if err := s.value(row, k, &e); err != nil {
			return e.user, err
		}
	}
	e.user.Hash = s.program.SentHash(row, there)
	return s.verdict(&e), nil
}

// value evaluates one row. The error says that a regular expression ran out of steps.
func (s *Service) value(row *mapping.Row, k int, e *evaluation) error {
	res, err := s.program.Eval(row, k)
	var notKnown *mapping.UnknownError
	switch {
	case expression.OutOfSteps(err):
		return fmt.Errorf("%s: %w", s.program.Targets[k], err)
	case errors.As(err, &notKnown):
		s.notKnown(k, notKnown.Reason, e)
	case err != nil:
		e.fail(k, err.Error())
	case res.Outcome == expression.OutcomeUnpredictable:
		s.notKnown(k, "its value can't be told in advance: "+res.Reason.String(), e)
	case res.Outcome == expression.OutcomeDropObject:
		e.fail(k, "IgnoreObjectFlow leaves the user out")
	case res.Outcome == expression.OutcomeValue && res.Value.Kind() == expression.KindReference:
		s.notKnown(k, "its value is the id of another object at the target", e)
	case res.Outcome == expression.OutcomeValue:
		s.take(k, res.Value.String(), e)
	default:
		s.take(k, "", e)
	}
	return nil
}

// notKnown notes a row whose value isn't known, as far as it decides.
func (s *Service) notKnown(k int, why string, e *evaluation) {
	if slices.Contains(s.program.Matching, k) && !s.Needs.MatchesItself {
		e.matchUnknown = why
	}
	if s.decides(k) && e.unknown == nil {
		x := nothing(reason.AttributeUnknown, k, why)
		e.unknown = &x
	}
}

// fail notes the first row that leaves the user out.
func (e *evaluation) fail(k int, why string) {
	if e.failed == nil {
		x := nothing(reason.MappingError, k, why)
		e.failed = &x
	}
}

// take takes what a row gives.
func (s *Service) take(k int, text string, e *evaluation) {
	if text != "" && slices.Contains(s.program.Matching, k) {
		e.matched = true
		if k == s.program.Matching[0] {
			e.user.Match = text
			if specialCharacters(text) {
				e.user.Warnings |= reason.SpecialCharactersInMatch
			}
		}
	}
	switch k {
	case s.userName:
		e.user.UserName = text
	case s.externalID:
		e.user.ExternalID = text
	case s.active:
		e.active = text
	case s.typ:
		e.user.Type = sent.TypeOf(text)
	}
	s.rules.take(k, text, &e.rules)
	if k == s.email || s.email < 0 && k == s.userName {
		e.user.Address = text
	}
}

// verdict weighs what the rows of a user gave.
func (s *Service) verdict(e *evaluation) sent.User {
	u := e.user
	const noRow = "no row of the mapping matches users; what the service then does isn't documented"
	keep := func(x sent.User) sent.User {
		x.Address, x.UserName, x.ExternalID, x.Hash, x.Type = u.Address, u.UserName, u.ExternalID, u.Hash, u.Type
		return x
	}
	switch {
	case e.failed != nil:
		return keep(*e.failed)
	case s.Needs.MatchesItself:
	case len(s.program.Matching) == 0:
		return keep(nothing(reason.AttributeUnknown, -1, noRow))
	case !s.asked(s.program.Matching[0]):
		// Every look-up fails [atlassian row 45].
		return keep(nothing(reason.MatchingUnsupported, s.program.Matching[0], ""))
	}
	switch {
	case e.unknown != nil:
		return keep(*e.unknown)
	case s.Needs.MatchesItself:
	case !e.matched && e.matchUnknown != "":
		return keep(nothing(reason.AttributeUnknown, s.program.Matching[0], e.matchUnknown))
	case !e.matched:
		return keep(nothing(reason.MatchingAttributeEmpty, s.program.Matching[0], ""))
	}
	broken, lacks := s.rules.broken(&e.rules)
	switch {
	case strings.EqualFold(e.active, "false"):
		return keep(nothing(reason.AccountDisabled, s.active, "the mapping of active gives False, so the user is "+
			"provisioned as inactive"))
	case broken >= 0:
		rule := &s.Needs.Values[broken]
		x := nothing(rule.Code, s.rules.at(broken), "")
		x.Rule, x.Lacks, x.Confidence = int16(broken), lacks, rule.Confidence
		return keep(x)
	case u.Address == "" && s.Needs.AddressRequired:
		return s.noAddress(&u)
	}
	return u
}

// noAddress: a create without a primary e-mail is expected to fail
// ([atlassian row 15], [atlassian 2.1], inferred).
func (s *Service) noAddress(u *sent.User) sent.User {
	at := s.email
	if at < 0 {
		at = s.userName
	}
	x := nothing(reason.NoUsableAddress, at, "")
	x.Confidence = reason.Inferred
	x.UserName, x.ExternalID, x.Hash = u.UserName, u.ExternalID, u.Hash
	return x
}

// decides reports a target without which nothing can be said of a user.
func (s *Service) decides(k int) bool {
	if s.rules.of(k) {
		return true
	}
	return k == s.email && s.Needs.AddressRequired || k == s.userName || k == s.active || k == s.typ
}

// asked reports whether the target can be asked for users by one of its attributes.
func (s *Service) asked(k int) bool {
	return s.Needs.AskedBy == nil || slices.ContainsFunc(s.Needs.AskedBy, func(by string) bool {
		return SameTarget(by, s.program.Targets[k])
	})
}

// NameOf is the userName that is sent, or would go along with a disable, of a user in
// scope or not; false where it isn't known.
func (r *Results) NameOf(i int32) (string, bool) {
	if u := r.Of(i); u.UserName != "" {
		return u.UserName, true
	}
	if r.userName < 0 {
		return "", true
	}
	row := r.program.NewRow()
	r.program.Load(row, i)
	res, err := r.program.Eval(row, r.userName)
	switch {
	case err != nil:
		return "", false
	case res.Outcome == expression.OutcomeNull:
		return "", true
	}
	return res.Value.String(), res.Outcome == expression.OutcomeValue
}

// specialCharacters reports a value of which the look-up may fail. Which
// characters do isn't documented: all but letters, digits and those of ordinary
// addresses count.
func specialCharacters(s string) bool {
	return strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune(".-_@", c)
	})
}
