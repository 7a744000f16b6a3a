package decision

import (
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
)

// target is the half of a connector that receives; each is one file here, over a
// package of its own.
type target interface {
	// title is what texts call the target: "Atlassian".
	title() string
	// needs are what it asks of what is sent.
	needs() sent.Needs
	// serve tells it what the service does with it, before anybody is decided.
	serve(c sent.Capabilities, covered []string)
	// under gives it under a view's assumptions.
	under(v *tenant.View) targetView
	// hold marks the groups of a scope that don't come as they are.
	hold(v *tenant.View, s *tenant.Scope)
	// unchecked are the parts of it that weren't read.
	unchecked() []string
	// maxGroupsLost is the default of the guardrail of that name, nil for none.
	maxGroupsLost() *int64
	// byAddress reports that one address is one account, so that users who share one
	// collide.
	byAddress() bool
	// nameKey is what two names have in common that are one at the target, "" where
	// names may repeat.
	nameKey(name string) string
	// keepsNames reports that names which records have from before count, as far as the
	// history knows them, and freesName that a record which is inactive has none.
	keepsNames() bool
	freesName() bool
	// records are what it may hold, once the result is accepted, beside what rows has.
	records(r *Result, rows func(id string) *Basis) []held.Record
	// duplicates is how sure it is that two users with one address or name collide,
	// and namesakes says what becomes of users with one name.
	duplicates() Confidence
	namesakes() string
	// sends says what matters of what is sent of a user, and the page on it.
	sends(u *sent.User) (text, source string)
	// unsupported says that it can't be asked for users by what the job matches them
	// by first.
	unsupported(matching []string) (text, source string)
	// cause says in a sentence why, for a user and a code, where the code's own
	// description isn't true of the target; "" else.
	cause(r *Result, i int32, d Decision, u *sent.User) string
	// source is the page and remedy what to do, where those of the code aren't the
	// target's; "" else.
	source(d Decision, u *sent.User) string
	remedy(d Decision, u *sent.User) string
	// warning is what a warning means at the target, and the page that says so.
	warning(w *WarningInfo) (text, source string)
	// disabled says what becomes of the account of somebody who is disabled, where
	// the job runs and disables.
	disabled() string
	// effectOfLoss says what happens to the account of a user who synced and no
	// longer does, where the service does something, and how sure that is.
	effectOfLoss(account Account, code Code, left bool, c sent.Capabilities) (string, Confidence)
	// groupLoss says what taking away a group's assignment does.
	groupLoss() string
	// credentials says what is most often wrong with the credentials when a job stops.
	credentials() string
}

// targetView is a target under assumptions.
type targetView interface {
	// Receive decides what becomes of a user for whom something is sent, or says why
	// nothing is.
	Receive(i int32, u *sent.User, how uint8, t *reason.Trace) reason.Decision
	// Expect is what it holds of a user once the decision is accepted.
	Expect(i int32, u *sent.User, d reason.Decision, runs bool) held.Basis
	// Detail is what a decision's own fields don't hold, "" for nothing.
	Detail(i int32) string
	// KeptAddress is the address that a user stays under, where another one is sent.
	KeptAddress(i int32) string
	// Expected reports that a record of a user is expected, Holds that it is expected
	// to hold an address.
	Expected(i int32) bool
	Holds(i int32, address string) bool
	// Taken is the decision of somebody whose address another user's record holds.
	Taken(i int32, u *sent.User, d reason.Decision) reason.Decision
}

// atlassianTarget is an Atlassian organization.
type atlassianTarget struct{ *atlassian.Target }

func (atlassianTarget) title() string { return "Atlassian" }

// needs: [atlassian 2.1] and [atlassian 2.4].
func (atlassianTarget) needs() sent.Needs {
	return sent.Needs{
		Name:            "userName",
		Address:         `emails[type eq "work"].value`,
		External:        "externalId",
		Active:          "active",
		AddressRequired: true,
		AskedBy:         []string{"userName", "externalId"},
		GroupLimit:      atlassian.MaxGroupUsers,
	}
}

func (t atlassianTarget) serve(c sent.Capabilities, covered []string) { t.Serve(c, covered) }

func (t atlassianTarget) under(v *tenant.View) targetView { return t.Under(v) }

func (t atlassianTarget) hold(v *tenant.View, s *tenant.Scope) { t.HoldGroups(v, s) }

func (t atlassianTarget) unchecked() []string { return t.Unchecked() }

func (t atlassianTarget) maxGroupsLost() *int64 { return t.MaxGroupsLost() }

func (atlassianTarget) byAddress() bool { return true }

func (atlassianTarget) nameKey(name string) string { return name }

// keepsNames: records that were read tell it themselves.
func (atlassianTarget) keepsNames() bool { return false }

func (atlassianTarget) freesName() bool { return false }

func (atlassianTarget) records(*Result, func(id string) *Basis) []held.Record { return nil }

// duplicates: [atlassian row 24], a 409 of the service; [atlassian 1.5] for nested
// groups.
func (t atlassianTarget) duplicates() Confidence {
	if t.DomainRule {
		return Inferred
	}
	return Documented
}

func (atlassianTarget) namesakes() string {
	return "Several users have one userName at the target, and one userName is one record: the second is refused " +
		"(409). Which of them gets it isn't known."
}

func (atlassianTarget) sends(u *sent.User) (text, source string) {
	return "the account's address would be at " + tenant.DomainOf(u.Address), reason.PageTutorial
}

func (atlassianTarget) unsupported(matching []string) (text, source string) {
	return "users are matched by " + strings.Join(matching, ", then ") + " first; Atlassian can be asked for users " +
		"by userName and externalId alone, and answers 400 (invalidFilter)", reason.PageMatching
}

func (atlassianTarget) cause(*Result, int32, Decision, *sent.User) string { return "" }

func (atlassianTarget) source(Decision, *sent.User) string { return "" }

func (atlassianTarget) remedy(Decision, *sent.User) string { return "" }

func (atlassianTarget) warning(w *WarningInfo) (text, source string) { return w.Description, w.Source }

func (atlassianTarget) disabled() string {
	return "An account that this job provisioned is deactivated where the organization manages it, and else lives " +
		"on; who never synced isn't created (documented)."
}

// effectOfLoss: [atlassian 2.2], [atlassian 2.6], [atlassian rows 18-23] and
// [atlassian row 48].
func (atlassianTarget) effectOfLoss(account Account, code Code, left bool, c sent.Capabilities) (string, Confidence) {
	outOfScope := !left && code != reason.AccountDisabled
	switch {
	case !c.Disables && code != reason.Unlinked && code != reason.AccountDeactivated:
		return staysActive, Documented
	case code == reason.Unlinked:
		return "the link to the account breaks and it leaves all synced groups, with the access they give; it keeps " +
			"its old address", Documented
	case code == reason.AccountDeactivated:
		return "the account is deactivated in Atlassian; an administrator has to reactivate it there", Reported
	case account == Managed && outOfScope:
		return "the Atlassian account is deactivated, unless the job has SkipOutOfScopeDeletions set; after that " +
			"nothing more is sent, also when the Entra account is deleted", Documented
	case account == Managed && !c.Deletes:
		return "the Atlassian account is deactivated; Delete is off, so it isn't deleted from the directory " +
			"later", Documented
	case account == Managed:
		return "the Atlassian account is deactivated; when the Entra account is deleted for good, it is deleted from " +
			"the directory", Documented
	case !outOfScope:
		return "the account isn't managed here, so it lives on; its record becomes inactive and it leaves the synced " +
			"groups", Inferred
	}
	return "leaves the synced groups; the account isn't managed here, so it isn't deactivated", Inferred
}

func (atlassianTarget) groupLoss() string {
	return "Taking the assignment away deletes the group in Atlassian with its permissions."
}

func (atlassianTarget) credentials() string {
	return "a SCIM API key expires after a year, without a mail"
}
