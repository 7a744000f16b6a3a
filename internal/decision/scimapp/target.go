package scimapp

import (
	"cmp"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
)

// Target is an application, prepared for one tenant.
type Target struct {
	*Profile
	History held.History
	// Restarts says that this plan starts or restarts the job, which then looks at
	// everybody.
	Restarts bool
	// RolesKnown says that the reading has the roles by which people are assigned.
	RolesKnown bool

	service    sent.Capabilities
	comparable bool
	users      func(i int32) string
}

// New prepares an application. Nothing of it is read: what it holds is what the history
// expects.
func New(t *tenant.Tenant, p *Profile, h held.History) *Target {
	return &Target{Profile: p, History: h, users: func(i int32) string { return t.Users[i].ID }}
}

// Serve tells what the service does with the application, and over which targets the
// hash of what is sent is.
func (t *Target) Serve(c sent.Capabilities, covered []string) {
	t.service = c
	t.comparable = t.History.User != nil && slices.Equal(t.History.Covered, covered)
}

// Creates reports that the service creates users.
func (t *Target) Creates() bool { return t.service.Creates }

// Unchecked are the parts of the application that aren't known.
func (t *Target) Unchecked() []string {
	out := []string{"scim_records"}
	if t.Role() != nil && !t.RolesKnown {
		out = append(out, "roles")
	}
	if t.History.User == nil {
		out = append(out, "history")
	}
	return out
}

// basis is what the history expects of a user; nil for nothing.
func (t *Target) basis(i int32) *held.Basis { return t.History.Of(t.users(i)) }

// Stays reports that the service comes to a user's record, which is active: they are there
// whatever becomes of what is sent.
func (t *Target) Stays(i int32, u *sent.User) bool {
	b := t.basis(i)
	return b.Present() && !b.Inactive && t.search(i, b, u) == found
}

// gaveExternalID reports that records were given one when the history was accepted.
func (t *Target) gaveExternalID() bool {
	return slices.ContainsFunc(t.History.Covered, func(target string) bool {
		return strings.EqualFold(target, t.Needs().External)
	})
}

// Receive decides what becomes of a user for whom something is sent, or says why
// nothing is.
func (t *Target) Receive(i int32, u *sent.User, how uint8, tr *reason.Trace) reason.Decision {
	b := t.basis(i)
	if u.Nothing {
		return t.nothing(i, b, u, how, tr)
	}
	d := t.provisioned(u)
	if tr != nil {
		tr.Add(false, "rules of "+t.Title, "the user breaks none of them", t.Provisioned.Source, d.Confidence)
	}
	if !t.service.Updates {
		d.Warnings |= reason.UpdatesOff
	}
	sought := t.search(i, b, u)
	if b.Present() && sought == found {
		return t.there(d, b, u, how, tr)
	}
	former := b.Present() || b != nil && t.mayBeThere(i)
	if former {
		d.Warnings |= t.restart(b, how)
	}
	switch {
	case !t.service.Creates:
		if tr != nil {
			tr.Add(true, "Create", "Create is off in the job's mapping of users: only who is there already is "+
				"provisioned, and what is there isn't known", reason.PageHow, reason.Documented)
		}
		d.Code, d.Confidence, d.Action = reason.LinkUnknown, reason.Inferred, reason.ActionNone
	case former && b.Inactive && sought == unsure && !t.service.Disables:
		if tr != nil {
			tr.Add(true, "expected at the target", "the user may be there as inactive, and the job sends nothing "+
				"that brings them back", reason.PageHow, reason.Inferred)
		}
		d.Code, d.Confidence, d.Action = reason.LinkUnknown, reason.Inferred, reason.ActionNone
	}
	return d
}

// finding says whether the service finds the record that a user had.
type finding uint8

const (
	found finding = iota
	notFound
	unsure
)

// search says whether the service comes to the record that is expected of a user: whom it
// manages no more, it looks for by what the job matches users by [graph 3.7].
func (t *Target) search(i int32, b *held.Basis, u *sent.User) finding {
	switch {
	case !b.Present():
		return unsure
	case !b.Left, t.comparable && b.Sent != 0 && b.Sent == u.Hash:
		return found
	case t.service.ByExternalID && strings.EqualFold(u.ExternalID, t.users(i)) && t.gaveExternalID():
		return found
	case b.Link == held.Unsure || !t.service.ByUserName:
		return unsure
	case t.History.SameAddress != nil && t.History.SameAddress(t.users(i), b.Address, u.UserName):
		return found
	case t.service.ByExternalID, t.service.ByOthers:
		return unsure
	default:
		return notFound
	}
}

func (t *Target) provisioned(u *sent.User) reason.Decision {
	return reason.Decision{
		Code:       reason.Provisioned,
		Confidence: reason.Weakest(confidences[t.Provisioned.Confidence], u.Confidence),
		Action:     reason.ActionCreateOrKeep,
		Warnings:   u.Warnings,
		Domain:     -1,
	}
}

// there decides somebody who is expected at the application already.
func (t *Target) there(
	d reason.Decision,
	b *held.Basis,
	u *sent.User,
	how uint8,
	tr *reason.Trace,
) reason.Decision {
	if tr != nil {
		tr.Note("expected at the target", "the user is there, as accepted last", reason.PageHow, reason.Inferred)
	}
	d.Action = reason.ActionKeep
	d.Warnings |= t.restart(b, how)
	switch {
	case b.Inactive && !t.service.Disables:
		d.Code, d.Confidence, d.Action = reason.AccountDeactivated, reason.Inferred, reason.ActionNone
	case b.Inactive, b.Left:
		d.Action = reason.ActionUpdate
	case t.service.Updates && t.comparable && b.Sent != 0 && b.Sent != u.Hash:
		d.Action = reason.ActionUpdate
	}
	return d
}

// restart warns of somebody who is back as a member of a group: [atlassian row 37], of the
// service.
func (t *Target) restart(b *held.Basis, how uint8) reason.Warnings {
	if b.Left && !t.Restarts && how&tenant.Alone == 0 {
		return reason.RestartNeeded
	}
	return 0
}

// nothing is the decision of somebody of whom nothing is sent. Who is there already stays
// where an update is refused: only a create fails for good.
func (t *Target) nothing(i int32, b *held.Basis, u *sent.User, how uint8, tr *reason.Trace) reason.Decision {
	d := reason.Decision{Code: u.Code, Confidence: u.Confidence, Warnings: u.Warnings, Domain: -1}
	if u.Rule >= 0 && tr != nil {
		r := t.ValueRule(u.Rule)
		tr.Add(true, "rules of "+t.Title, r.Says, r.Source, u.Confidence)
	}
	if u.Code == reason.RoleMissing {
		d.Confidence = t.Role().Mark()
		if tr != nil {
			tr.Add(true, "rules of "+t.Title, t.Role().Says, t.Role().Source, d.Confidence)
		}
	}
	switch {
	case u.Lacks && u.Code.Verdict() == reason.Skip && b.Present() && t.service.Updates && t.search(i, b, u) == found:
		d = t.there(t.provisioned(u), b, u, how, tr)
		d.Confidence = reason.Inferred
	case u.Rule >= 0 && u.Code.Verdict() == reason.Skip && b.Present() && !b.Inactive:
		d = t.provisioned(u)
		d.Confidence, d.Action = reason.Inferred, reason.ActionFail
		d.Warnings |= reason.UpdateRefused | t.restart(b, how)
	case u.Rule >= 0 && u.Code.Verdict() == reason.Skip && b != nil && t.mayBeThere(i) && t.service.Updates:
		d.Code, d.Confidence, d.Action = reason.LinkUnknown, reason.Inferred, reason.ActionNone
		if tr != nil {
			tr.Add(true, "expected at the target", "the user may be there already, and of who is there less is asked",
				reason.PageHow, reason.Inferred)
		}
	case u.Rule >= 0:
		d.Action = reason.ActionFail
	case u.Code == reason.AccountDisabled && b.Present() && !b.Inactive && t.service.Disables:
		d.Action = reason.ActionDeactivate
	}
	return d
}

// Expect gives what the application holds of a user once the outcome is accepted: where
// the service runs, as the decision without what-if expects it; else what was known
// before. d is the decision without what-if.
func (t *Target) Expect(i int32, u *sent.User, d reason.Decision, runs bool) held.Basis {
	var old held.Basis
	if b := t.basis(i); b != nil {
		old = *b
		old.Read = false
	}
	switch {
	case !runs:
	case d.Code.Verdict() == reason.Sync && d.Warnings&(reason.UpdateRefused|reason.RestartNeeded) != 0:
	case d.Code.Verdict() == reason.Sync && old.Present() && !t.service.Updates && t.search(i, &old, u) == found:
		old.Left = false // nothing else of what is there changes
	case d.Code.Verdict() == reason.Sync && !old.Present() && !t.service.Updates:
		// Who was there before anything was known of them keeps the name that they had.
		return held.Basis{Link: held.Unsure, Address: u.UserName, Sent: u.Hash}
	case d.Code.Verdict() == reason.Sync:
		// A name that is empty isn't sent, and the record keeps its own.
		return held.Basis{Link: held.Linked, Address: cmp.Or(u.UserName, old.Address), Sent: u.Hash}
	case d.Code == reason.AccountDisabled && u.At >= 0 && old.Present() && !t.service.Updates:
	case d.Code == reason.AccountDisabled && u.At >= 0 && t.service.Creates:
		// The mapping of active gives False: a record is made, or kept, inactive.
		return held.Basis{Link: held.Linked, Address: u.UserName, Sent: u.Hash, Inactive: true}
	case (old.Present() || t.mayBeThere(i)) && (u.Deprovisions(d.Code) || d.Code == reason.NotInScope):
		// The service no longer manages who isn't assigned, disabled or not [graph 3.7].
		old.Left = old.Left || u.Unassigned
		old.Inactive = old.Inactive || t.service.Disables
	}
	return old
}

// mayBeThere reports that a user may have a record, though none is expected.
func (t *Target) mayBeThere(i int32) bool {
	rec := t.History.Record(t.users(i))
	return rec != nil && len(rec.Names) > 0
}

// Detail is what a decision's own fields don't hold: all of it is in what is sent.
func (*Target) Detail(int32) string { return "" }

// KeptAddress is the name that a user stays under, "" where it is the one that is sent.
func (*Target) KeptAddress(int32) string { return "" }

// Expected reports that a user is expected there.
func (t *Target) Expected(i int32) bool { return t.basis(i).Present() }

// Holds reports that a user's record is expected to hold an address: addresses may
// repeat.
func (*Target) Holds(int32, string) bool { return false }

// Taken doesn't occur: addresses may repeat.
func (*Target) Taken(_ int32, _ *sent.User, d reason.Decision) reason.Decision { return d }
