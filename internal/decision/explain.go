package decision

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// Explanation is everything that is known of one user's decision.
type Explanation struct {
	UserID     string
	Decision   Decision
	Text       string
	Sentence   string
	Confidence Confidence
	// Action is what the next run does with the user, Account the kind of account.
	Action  string
	Account string
	Groups  []string
	Trace   []Step
	Fixes   []Fix
}

// Explain explains one user: the decision, the rules looked at, the groups,
// and, for a user who doesn't sync, fixes that were tried.
func (r *Result) Explain(i int32) Explanation {
	t := &reason.Trace{}
	r.decideOne(i, t)
	d := r.Decisions[i]
	r.traceShared(i, t)
	for _, w := range reason.WarningCodes {
		if d.Warnings&w.Warning != 0 {
			text, source := r.Engine.target.warning(&w)
			t.Note("warning "+w.Name, text, source, w.Confidence)
		}
	}
	r.traceMark(i, d, t)
	if list := r.Unchecked(); len(list) > 0 {
		t.Note("not looked at", strings.Join(list, ", "), reason.PageHow, reason.Documented)
	}
	e := Explanation{
		UserID:     r.Directory.Users[i].ID,
		Decision:   d,
		Text:       r.Text(i),
		Confidence: d.Confidence,
		Action:     d.Action.String(),
		Account:    d.Account.String(),
		Groups:     r.GroupsOf(i),
		Trace:      t.Steps,
	}
	e.Sentence = r.sentence(i, false)
	var own int
	// What to do is said beside a switch of the connector, too, which is the dearest.
	if e.Fixes, own = r.fixes(i); own == 0 && d.Code.Verdict() != Sync {
		e.Sentence += r.whyNoFix(i, d)
	}
	return e
}

// traceShared tells who else has a user's address, which is found only once everybody
// is decided.
func (r *Result) traceShared(i int32, t *reason.Trace) {
	switch {
	case len(r.heldNames[i]) > 0:
		t.Add(
			r.Decisions[i].Code.Verdict() != Sync,
			ruleNameFree,
			"as accepted last, another user's record has this userName, or may have: "+r.holders(i, false),
			cmp.Or(r.ownSource(i, r.Decisions[i]), reason.PageConflict409),
			reason.Inferred,
		)
	case r.taken[i]:
		t.Add(
			true,
			atlassian.RuleAddressFree,
			"as accepted last, the record of another user with this address holds it: "+r.sharing(i, false),
			reason.PageConflict409,
			reason.Inferred,
		)
	case r.matchmates(i) != "":
		t.Add(
			true,
			r.namesakes[i]+" shared",
			"the job matches users by it, and "+r.sharing(i, false)+" would be found by it, too",
			reason.PageHow,
			reason.Inferred,
		)
	case r.namesakes[i] != "":
		t.Add(
			true,
			r.namesakes[i]+" shared",
			r.sharing(i, false)+" would sync to this "+r.namesakes[i]+", too",
			cmp.Or(r.ownSource(i, r.Decisions[i]), reason.PageConflict409),
			r.Engine.target.duplicates(),
		)
	case r.Decisions[i].Code == reason.DuplicateAddress:
		t.Add(
			true,
			"address shared",
			r.sharing(i, false)+" would sync to this address, too",
			cmp.Or(r.ownSource(i, r.Decisions[i]), reason.PageConflict409),
			r.Engine.target.duplicates(),
		)
	}
}

// traceMark says why a decision is less sure than the rules that it names: two
// users of equal traces have equal marks.
func (r *Result) traceMark(i int32, d Decision, t *reason.Trace) {
	for _, step := range t.Steps {
		if step.Confidence >= d.Confidence {
			return
		}
	}
	why := "the code rests on a rule that no documentation states"
	switch list := r.Unchecked(); {
	case d.Account == reason.Managed:
		why = "that the organization has claimed the account is assumed: neither was the account read as claimed, " +
			"nor is it said that all of the domain's are (connector_settings.claim_accounts)"
	case d.Account == reason.External:
		why = "that the account is external to the organization is assumed: it wasn't read"
	case len(list) > 0:
		why = "it rests on what wasn't looked at: " + strings.Join(list, ", ")
	}
	t.Note("weakest mark ("+d.Confidence.String()+")", why, cmp.Or(r.ownSource(i, d), reason.PageHow), d.Confidence)
}

// maxSharing is how many others of an address are named.
const maxSharing = 5

// sharing names the others who have a user's address, by object id with ids.
func (r *Result) sharing(i int32, ids bool) string {
	var names []string
	for _, other := range r.shared[i] {
		if other != i && len(names) < maxSharing {
			names = append(names, text.Plain(r.shownUser(other, ids)))
		}
	}
	s := strings.Join(names, ", ")
	if more := len(r.shared[i]) - 1 - len(names); more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// sentence is the decision in words.
func (r *Result) sentence(i int32, ids bool) string {
	d := r.Decisions[i]
	info := d.Code.Info()
	s := [...]string{"Doesn't sync", "Syncs", "Unknown whether this user syncs"}[info.Verdict] + ". "
	if cause := r.service.cause(r, i, d); cause != "" {
		s += cause
	} else {
		s += info.Description
	}
	if len(r.shared[i]) > 0 {
		what := "address"
		if r.namesakes[i] != "" {
			what = r.namesakes[i]
		}
		s += " With the same " + what + ": " + r.sharing(i, ids) + "."
	}
	if len(r.heldNames[i]) > 0 {
		s += " The record is that of " + r.holders(i, ids) + "."
	}
	if d.Domain >= 0 && showsDomain(d.Code) {
		s += " The domain is " + text.Plain(r.Tenant.DomainName(d.Domain)) + "."
	}
	if d.Account != NoAccount && info.Verdict == Sync {
		s += " The Atlassian account is " + d.Account.String()
		if d.Account == Managed {
			s += " once the organization has claimed it."
		} else {
			s += "."
		}
	}
	for _, w := range reason.WarningCodes {
		const told = reason.AccessSuspended | reason.UpForDeletion | reason.UpdateRefused | reason.UpdatePending |
			reason.RestartNeeded
		if d.Warnings&w.Warning&told != 0 {
			text, _ := r.Engine.target.warning(&w)
			s += " " + text
		}
	}
	if d.Confidence != Documented {
		s += " At best " + d.Confidence.String() + ", not documented (" + r.source(i, d) + ")."
	}
	if h := r.Health(); !h.Runs() {
		if r.Settings.Connector == NestedGroups {
			return s + " That is for the next sync: it is set to manual, so until somebody syncs nothing changes."
		}
		s += " That is for the next run of the service: the job " + stateText(h) + ", so until then nothing changes."
	}
	return s
}

// source is the page that a decision rests on: the target's own, else the code's.
func (r *Result) source(i int32, d Decision) string {
	return cmp.Or(r.ownSource(i, d), d.Code.Info().Source)
}

// ownSource is the page where it is the target's own, "" else.
func (r *Result) ownSource(i int32, d Decision) string {
	if r.matchmates(i) != "" {
		return reason.PageHow
	}
	u := r.service.sent(r, i)
	return r.Engine.target.source(d, &u)
}

// remedy is what to do about a decision.
func (r *Result) remedy(i int32, d Decision) string {
	if what := r.matchmates(i); what != "" {
		return "Give each user a value of their own in what the job maps to " + what + ", or match users by another " +
			"attribute."
	}
	u := r.service.sent(r, i)
	if s := r.Engine.target.remedy(d, &u); s != "" {
		return s
	}
	return d.Code.Info().Remedy
}

// RemedyOf is what to do about the decision of a user by object id, "" for nothing.
func (r *Result) RemedyOf(id string) string {
	i := r.Directory.UserByID(id)
	if i < 0 {
		return ""
	}
	return r.remedy(i, r.Decisions[i])
}

// whyNoFix says why no change was found that makes a user sync.
func (r *Result) whyNoFix(i int32, d Decision) string {
	switch {
	case r.view.Disabled(i):
		return " For somebody who left there is nothing to do."
	case d.Code == reason.DomainNotVerified && strings.HasSuffix(r.Domain(d), tenant.InitialSuffix):
		return " Nobody can verify a domain of Microsoft's zone; the user needs a mail on another one."
	case r.remedy(i, d) != "":
		return " No change in Entra or of a domain, tried by itself, makes this user sync. What to " +
			"do: " + r.remedy(i, d)
	}
	return " No change that was tried makes this user sync."
}
