package nestedgroups

import (
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// MaxGroupUsers is the most users that one group may have
// [atlassian 1.3, D]; what becomes of a larger one isn't documented.
const MaxGroupUsers = 10000

// Values of Service.Identifier [atlassian 1.3].
const (
	Email             = "email"
	UserPrincipalName = "user_principal_name"
)

// Service is the reader with its settings.
type Service struct {
	// Groups are the object ids of the selected groups; Everyone selects "Sync all
	// users and groups".
	Groups   []string
	Everyone bool
	// Identifier is the user identifier that is set, "" where nobody said.
	Identifier string
	// Manual says that sync is set to manual: nothing changes until somebody syncs.
	Manual bool
	// Obstacle says what keeps a group out of the target, "" for nothing.
	Obstacle func(v *tenant.View, group int32) tenant.Obstacle
}

// Health is not known: no API tells whether the sync runs, but the administrator knows that it
// is manual [atlassian row 43].
func (s *Service) Health() directory.Health {
	if s.Manual {
		return directory.Health{State: directory.ServicePaused, Detail: "sync is set to manual"}
	}
	return directory.Health{State: directory.ServiceNone}
}

// Scope is who is in the selected groups, at any depth [atlassian 1.4].
func (s *Service) Scope(v *tenant.View) *tenant.Scope {
	scope := tenant.NewScope(v)
	scope.Flattened, scope.Everyone = true, s.Everyone
	for _, id := range s.Groups {
		if g := v.GroupByID(id); g >= 0 {
			scope.Selected = append(scope.Selected, g)
		}
	}
	if s.Everyone {
		for i := range scope.Users {
			scope.Users[i] = tenant.Direct | tenant.Static
		}
		for g := range scope.Groups {
			scope.Groups[g] = true
		}
	}
	s.hold(v, scope)
	if !s.Everyone {
		s.reach(v, scope)
	}
	for g, in := range scope.Groups {
		_, held := scope.Held[int32(g)]
		scope.Exists[g] = in && !held
	}
	return scope
}

// reach marks who is below the selected groups. Who is only below groups that
// wait is marked so: whether they sync isn't documented
// ([atlassian row 26], [atlassian rows 49-50]).
func (s *Service) reach(v *tenant.View, scope *tenant.Scope) {
	var waiting []int32
	for _, g := range scope.Selected {
		if o, held := scope.Held[g]; held && o != tenant.SameName {
			waiting = append(waiting, g)
		} else {
			scope.Reach(v, g)
		}
	}
	for _, g := range waiting {
		t := tenant.NewScope(v)
		t.Reach(v, g)
		code := reason.GroupNameConflict
		if scope.Held[g] == tenant.OverLimit {
			code = reason.GroupTooLarge
		}
		for i, how := range t.Users {
			if how == 0 || scope.Users[i]&(tenant.Direct|tenant.Nested) != 0 {
				continue
			}
			if _, ok := scope.Blocked[int32(i)]; !ok {
				scope.Blocked[int32(i)] = tenant.Block{Group: g, Code: code}
			}
		}
		for id, at := range t.Unreadable {
			if _, ok := scope.Unreadable[id]; !ok {
				scope.Unreadable[id] = at
			}
		}
	}
	for i := range scope.Blocked {
		scope.Users[i] = tenant.Nested
	}
}

// hold finds the groups of the scope with an obstacle. A child group is held to
// the limit as well, since it becomes a group of its own.
func (s *Service) hold(v *tenant.View, scope *tenant.Scope) {
	list := scope.AllBelow(v)
	if s.Everyone {
		list = list[:0]
		for g := range v.Groups {
			list = append(list, int32(g))
		}
	}
	var count *tenant.Counter
	if len(v.Users) > MaxGroupUsers {
		count = scope.Counter(v)
	}
	for _, g := range list {
		if slices.Contains(v.WhatIf.Freed, v.Groups[g].ID) {
			continue
		}
		if o := s.Obstacle(v, g); o != "" {
			scope.Held[g] = o
		} else if count != nil && count.Below(g) > MaxGroupUsers {
			scope.Held[g] = tenant.OverLimit
		}
	}
}

// Send is what is read of a user, or why nothing is: disabled; scope; groups
// that wait; address.
func (s *Service) Send(v *tenant.View, scope *tenant.Scope, i int32) sent.User {
	u := s.address(v, i)
	switch {
	case v.Disabled(i):
		// [atlassian rows 18-20], the NG column.
		u.Nothing, u.Code, u.Confidence, u.Detail = true, reason.AccountDisabled, reason.Inferred, ""
		return u
	case scope.Everyone:
		return u
	}
	code := reason.NotInScope
	switch how := scope.Users[i]; {
	case how == tenant.Nested: // by no way that is known: reach marks so who is blocked
		code = scope.Blocked[i].Code
	case how&(tenant.Direct|tenant.Nested) != 0:
		return u
	case scope.Incomplete:
		code = reason.MembersUnreadable
	}
	u.Nothing, u.Code, u.Confidence, u.Detail = true, code, code.Info().Confidence, ""
	return u
}

// Address is the address that Send gives, without looking at anything else.
func (s *Service) Address(v *tenant.View, i int32) string {
	u := s.address(v, i)
	return u.Address
}

// address is the one place that derives the address that identifies a user:
// which it is, is a setting that no API shows [atlassian 1.3]. Where it is said, there is no
// fallback to the other; where it isn't, e-mail is assumed, and what rests on that is
// inferred ([atlassian rows 15-17], [atlassian rows 27-28]).
func (s *Service) address(v *tenant.View, i int32) sent.User {
	mail, mailDomain := v.Mail(i)
	upn, upnDomain := v.Users[i].UserPrincipalName, v.UPNDomain(i)
	u := sent.User{At: -1, Domain: -1}
	none := func(code reason.Code) sent.User {
		u.Nothing, u.Code, u.Confidence = true, code, reason.Inferred
		return u
	}
	if s.Identifier == UserPrincipalName {
		switch {
		case upnDomain >= 0:
			u.Address, u.Domain = upn, upnDomain
			return u
		case tenant.HasExtName(upn):
			return none(reason.ExtUPNAsAddress)
		case mailDomain >= 0:
			return none(reason.IdentifierUnknown)
		}
		return none(reason.NoUsableAddress)
	}
	switch {
	case mailDomain >= 0:
		u.Address, u.Domain = mail, mailDomain
		return u
	case tenant.HasExtName(upn):
		return none(reason.ExtUPNAsAddress)
	case upnDomain >= 0:
		u.Address, u.Domain = upn, upnDomain // what it would be, if it is
		if s.Identifier == "" {
			// By principal name they sync, by e-mail perhaps, too [atlassian row 15].
			u.Confidence = reason.Inferred
			return u
		}
		return none(reason.IdentifierUnknown)
	}
	return none(reason.NoUsableAddress)
}

// Differs reports that mail and principal name lie in domains of which verified says
// different things, so that the identifier decides [atlassian row 17].
func (s *Service) Differs(v *tenant.View, i int32, verified func(domain int32) bool) bool {
	_, mail := v.Mail(i)
	upn := v.UPNDomain(i)
	return mail >= 0 && upn >= 0 && mail != upn && verified(mail) != verified(upn)
}
