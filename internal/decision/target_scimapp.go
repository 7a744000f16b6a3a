package decision

import (
	"fmt"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/scimapp"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// appTarget is a SCIM application, by its profile.
type appTarget struct {
	*scimapp.Target
	// name is what the tenant calls it.
	name string
}

func newApp(e *Engine) (appTarget, error) {
	name := e.Settings.Application
	if name == "" {
		name = scimapp.Generic
	}
	p, err := scimapp.Get(name)
	if err != nil {
		return appTarget{}, argumentError(-1, err, "application")
	}
	a := appTarget{Target: scimapp.New(e.Tenant, p, e.history), name: p.Title}
	a.Restarts = e.Settings.WhatIf.Running
	for i := range e.Directory.Jobs {
		j := &e.Directory.Jobs[i]
		if j.ServicePrincipalID != e.Settings.ServicePrincipal {
			continue
		}
		if name == scimapp.Generic && j.DisplayName != "" {
			a.name = text.Plain(j.DisplayName)
		}
		a.RolesKnown = j.Roles != nil
	}
	return a, nil
}

func (a appTarget) title() string { return a.name }

func (a appTarget) needs() sent.Needs { return a.Needs() }

func (a appTarget) serve(c sent.Capabilities, covered []string) { a.Serve(c, covered) }

func (a appTarget) under(*tenant.View) targetView { return a.Target }

func (appTarget) hold(*tenant.View, *tenant.Scope) {}

func (a appTarget) unchecked() []string { return a.Unchecked() }

// maxGroupsLost: a group that leaves the assignment is deleted [atlassian 2.2], as the
// service does it for every application.
func (appTarget) maxGroupsLost() *int64 { return new(int64) }

func (appTarget) byAddress() bool { return false }

func (a appTarget) nameKey(name string) string { return a.NameKey(name) }

func (a appTarget) keepsNames() bool { return a.Unique() != nil }

// freesName: a user who was disabled is there still, unless the application frees the
// name.
func (a appTarget) freesName() bool {
	r := a.Disable()
	return r != nil && r.FreesName
}

func (a appTarget) records(r *Result, rows func(id string) *Basis) []held.Record {
	if !a.keepsNames() {
		return nil
	}
	return r.nameRecords(rows)
}

func (a appTarget) duplicates() Confidence {
	if r := a.Unique(); r != nil {
		return r.Mark()
	}
	return Inferred
}

func (a appTarget) namesakes() string {
	return a.Unique().Says + " Which of them gets it isn't known."
}

func (appTarget) sends(*sent.User) (text, source string) {
	return "they give a value to all that decides", reason.PageMappings
}

func (a appTarget) unsupported(matching []string) (text, source string) {
	r := a.Match()
	return "users are matched by " + strings.Join(matching, ", then ") + " first. " +
		strings.TrimSuffix(r.Says, "."), r.Source
}

func (a appTarget) cause(r *Result, i int32, d Decision, u *sent.User) string {
	switch {
	case u.Rule >= 0 && d.Code == reason.LinkUnknown:
		return "Whether the user is there already isn't known: who is, stays. " + a.ValueRule(u.Rule).Says +
			a.where(r, u)
	case u.Rule >= 0 && d.Code != reason.Provisioned:
		return a.ValueRule(u.Rule).Says + a.where(r, u)
	case u.Rule >= 0 && d.Warnings&reason.UpdateRefused == 0:
		return "The user is there, and keeps what they have of it, since what is empty isn't sent. " +
			a.ValueRule(u.Rule).Says + a.where(r, u)
	case u.Rule >= 0:
		return "The user is there, and stays as they are. " + a.ValueRule(u.Rule).Says + a.where(r, u)
	case d.Code == reason.Provisioned && d.Warnings&reason.UpdateRefused != 0:
		return "The user is there, and stays as they are. " + r.heldSentence(i)
	}
	switch d.Code {
	case reason.Provisioned:
		return a.Provisioned.Says
	case reason.DuplicateAddress:
		return a.namesakes()
	case reason.AddressTaken, reason.NameUnknown:
		return r.heldSentence(i)
	case reason.RoleMissing:
		return a.Role().Says
	case reason.LinkUnknown:
		if a.Creates() {
			return "The user may be there as inactive, and the job sends nothing that brings them back. Whether the " +
				"service finds that record, or makes another one, isn't known."
		}
		return "Whether the user is there already isn't known, and Create is off in the job's mapping of users, so " +
			"only who is there already is provisioned."
	case reason.AccountDeactivated:
		return "The user is expected there as inactive, and the job sends nothing that brings them back."
	case reason.MatchingUnsupported:
		s, _ := a.unsupported(r.jobOf().Matching())
		return "Nobody is provisioned: " + s + "."
	default:
		return ""
	}
}

// where says what gives the value that a rule is about.
func (appTarget) where(r *Result, u *sent.User) string {
	j := r.jobOf()
	if u.At < 0 {
		return " The job maps nothing to it."
	}
	target := j.Target(u.At)
	return fmt.Sprintf(" The job maps %s to %s.", text.Plain(j.Source(u.At)), target)
}

func (a appTarget) source(d Decision, u *sent.User) string {
	switch {
	case u.Rule >= 0:
		return a.ValueRule(u.Rule).Source
	case d.Code == reason.Provisioned:
		return a.Provisioned.Source
	case d.Code == reason.DuplicateAddress, d.Code == reason.AddressTaken, d.Code == reason.NameUnknown:
		return a.Unique().Source
	case d.Code == reason.RoleMissing:
		return a.Role().Source
	case d.Code == reason.AccountDeactivated, d.Code == reason.LinkUnknown:
		return reason.PageHow
	}
	return ""
}

func (a appTarget) remedy(d Decision, u *sent.User) string {
	switch {
	case u.Rule >= 0:
		return a.ValueRule(u.Rule).Remedy
	case d.Code == reason.DuplicateAddress:
		return a.Unique().Remedy
	case d.Code == reason.RoleMissing:
		return a.Role().Remedy
	case d.Code == reason.AccountDeactivated:
		return "Turn on Update and map active, such as by Not([IsSoftDeleted]), or activate the user at " + a.name + "."
	case d.Code == reason.LinkUnknown && a.Creates():
		return "Map active in the job, such as by Not([IsSoftDeleted]), or look the user up at " + a.name + "."
	case d.Code == reason.LinkUnknown:
		return "Turn on Create in the job's mapping of users, or look the user up at " + a.name + "."
	}
	return ""
}

func (a appTarget) warning(w *WarningInfo) (text, source string) {
	if w.Warning == reason.UpdateRefused {
		return a.name + " refuses the update at every cycle, so what is there stays as it was until that is mended.",
			reason.PageHow
	}
	return w.Description, w.Source
}

func (a appTarget) disabled() string {
	if r := a.Disable(); r != nil {
		return fmt.Sprintf(
			"Of somebody who was provisioned, %s (%s); who never was isn't created.",
			r.Says,
			r.Confidence,
		)
	}
	return "Somebody who was provisioned is set inactive; who never was isn't created (documented)."
}

// effectOfLoss: [atlassian 2.2] of the service.
func (a appTarget) effectOfLoss(_ Account, code Code, left bool, c sent.Capabilities) (string, Confidence) {
	says, sure := "its user is set inactive (active = false)", Documented
	if r := a.Disable(); r != nil {
		says, sure = r.Says, r.Mark()
	}
	switch {
	case !c.Disables && code != reason.AccountDeactivated:
		return staysActive, Documented
	case code == reason.AccountDeactivated:
		return "the user is inactive at " + a.name + ", and the job sends nothing that brings them back", Inferred
	case left && c.Deletes && a.Disable() != nil && a.Disable().Deleted != "":
		return says + "; when the Entra account is deleted for good, " + a.Disable().Deleted, sure
	}
	return says, sure
}

func (a appTarget) groupLoss() string {
	if r := a.GroupLoss(); r != nil {
		return r.Says
	}
	return "Taking the assignment away deletes the group at " + a.name + "."
}

func (appTarget) credentials() string {
	return "a token of the application expires, or was renewed there"
}
