package reconcile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// user compares one user in scope.
func (j *joined) user(r *Report, i int32) {
	d := j.Result.Decisions[i]
	verdict, actual := d.Code.Verdict(), j.actual(i)
	row := verdict.String() + ": " + d.Code.String()
	if r.Confusion[row] == nil {
		r.Confusion[row] = map[string]int{}
	}
	r.Confusion[row][actual.String()]++
	switch {
	case actual == Ambiguous && len(j.of[i]) > 1:
		r.Ambiguous++
		j.report(r, i, Duplicate, actual, j.named(j.of[i]), fmt.Sprintf("The organization has %d of this user: %s. "+
			"Perhaps the address or the name changed and a second account was made.",
			len(j.of[i]), strings.Join(j.named(j.of[i]), ", ")))
	case actual == Ambiguous:
		r.Ambiguous++
		j.report(r, i, AmbiguousJoin, actual, nil, "Several users in scope have this address, so whose account it is "+
			"can't be told.")
	case verdict == decision.Unknown:
		r.Unknown++
	case actual == Deactivated:
		r.Compared++
		if d.Code == reason.AccountDeactivated {
			r.Agreed++
		}
		j.report(r, i, AccountDeactivated, actual, nil, "The record is active and linked, and the account itself is "+
			"deactivated in Atlassian: no sync brings it back; an administrator has to reactivate it at "+
			"admin.atlassian.com.")
	case d.Code == reason.AccountDeactivated && actual == Absent:
		r.Compared++
		j.report(r, i, AccountDeactivated, actual, nil, "No record is there, and the account of the address is "+
			"deactivated in Atlassian: an administrator has to reactivate it at admin.atlassian.com."+j.logged(i))
	case d.Code == reason.AddressTaken, d.Warnings&reason.UpdateRefused != 0:
		r.Compared++
		j.report(r, i, Blocked, actual, nil, "Refused (409): "+j.Result.BlockedBy(i)+". Where somebody "+
			"still works with it, give this user an address of their own; else free the address, or delete the "+
			"record that holds it, then restart provisioning.")
	case actual == Unlinked:
		r.Compared++
		j.report(r, i, UnlinkedRecord, actual, nil, "The SCIM record isn't linked to an account: an update of a user "+
			"outside the verified domains unlinks it (documented), or its e-mail changed.")
	case verdict == decision.Sync && actual == Synced && !j.list[j.of[i][0]].other:
		r.Compared++
		r.Agreed++
		j.memberships(r, i)
	case verdict == decision.Skip && actual != Synced:
		r.Compared++
		r.Agreed++
	case verdict == decision.Sync && actual == Present && !j.scim && len(j.Result.GroupsOf(i)) == 0:
		// Nothing would show it: an external account in no group.
		r.Compared++
		r.Agreed++
	default:
		r.Compared++
		j.wrong(r, i, actual)
	}
}

// wrong classes a user who isn't as predicted.
func (j *joined) wrong(r *Report, i int32, actual Actual) {
	class, cause := j.when(i)
	switch {
	case j.Result.Decisions[i].Code == reason.AccountDisabled && actual == Synced:
		j.report(r, i, Leaver, actual, nil, "The account is disabled in Entra, and what the sync holds is still "+
			"active: the next run deactivates it, where the job does that."+j.stopped())
		return
	case !j.Result.Health().Runs():
		class, cause = ServiceStopped, j.Result.ServiceText()+j.logged(i)
	case class == Pending:
	case actual == Synced && j.list[j.of[i][0]].other:
		cause += " The account has another address of the user's than the one that is predicted to be tested."
	case actual == Inactive:
		cause += " The account is deactivated in Atlassian."
	case actual == Present:
		cause += " An account is there, and nothing shows that the sync holds it: perhaps it was invited."
	}
	j.report(r, i, class, actual, nil, cause)
}

// when tells a change that the last sync hasn't seen from a wrong prediction.
func (j *joined) when(i int32) (Class, string) {
	changed, text := j.Changed(i), j.logged(i)
	switch {
	case j.LastSync.IsZero():
		return PendingOrWrong, "Either the user changed after the last sync, or the prediction is wrong: with " +
			"last_sync it can be told." + text
	case changed.After(j.LastSync):
		return Pending, "The user changed after the last sync (" + changed.UTC().
			Format("2006-01-02 15:04") +
			" UTC)." + text
	}
	return PredictedWrong, "No change after the last sync is known; one of type, address or groups has no date in " +
		"Graph." + text
}

// logged is what the provisioning log has last of a user.
func (j *joined) logged(i int32) string {
	if j.Log == nil {
		return ""
	}
	if said := j.Log(i); said != "" {
		return " The provisioning log says: " + said + "."
	}
	return ""
}

// stopped says that the service doesn't run.
func (j *joined) stopped() string {
	if s := j.Result.ServiceText(); s != "" {
		return " " + s
	}
	return ""
}

// memberships compares the groups of a synced user.
func (j *joined) memberships(r *Report, i int32) {
	want, have := j.Result.GroupsOf(i), j.list[j.of[i][0]].groups
	var missing, extra []string
	for _, g := range want {
		if j.synced[g] == 1 && !slices.Contains(have, g) { // a group that isn't there is said once
			missing = append(missing, g)
		}
	}
	for _, g := range have {
		if j.predicted[g] && j.synced[g] == 1 && !slices.Contains(want, g) {
			extra = append(extra, g)
		}
	}
	for _, x := range []struct {
		class  Class
		groups []string
		text   string
	}{
		{MissingFromGroup, missing, "Synced, but not in these groups."},
		{ExtraInGroup, extra, "Synced, and in groups that aren't predicted for this user."},
	} {
		if len(x.groups) == 0 {
			continue
		}
		_, cause := j.when(i)
		j.report(r, i, x.class, Synced, x.groups, x.text+" "+cause)
	}
}

func (j *joined) report(r *Report, i int32, class Class, actual Actual, groups []string, cause string) {
	u := &j.Result.Directory.Users[i]
	r.Mismatches = append(r.Mismatches, Mismatch{
		Class:     class,
		ID:        u.ID,
		Name:      u.UserPrincipalName,
		Predicted: j.Result.Text(i),
		Actual:    actual.String(),
		Groups:    groups,
		Cause:     strings.TrimSpace(cause),
	})
}

// named are the ids of holdings.
func (j *joined) named(list []int) []string {
	out := make([]string, len(list))
	for k, at := range list {
		out[k] = j.list[at].id
	}
	slices.Sort(out)
	return out
}

// orphans are what a sync holds of nobody in scope.
func (j *joined) orphans(r *Report) {
	for at := range j.list {
		x := &j.list[at]
		if !x.synced || !x.active || x.user >= 0 && j.Result.InScope(x.user) {
			continue
		}
		cause := "No user of the directory's scope has this address"
		if x.user >= 0 {
			cause = "Its user is no longer in scope"
		} else if i, err := j.Result.Lookup.User(x.address); err == nil && !j.Result.InScope(i) {
			cause = "Its user isn't in scope"
		}
		name := x.address
		if name == "" {
			name = x.id
		}
		r.Mismatches = append(r.Mismatches, Mismatch{
			Class:     Orphan,
			ID:        x.id,
			Name:      name,
			Predicted: "not in scope",
			Actual:    x.actual().String(),
			Groups:    x.groups,
			Cause:     cause + ": the sync may not have removed it yet, or it was made by hand.",
		})
	}
}

// managedOutside lists managed, active accounts that no sync holds and that belong
// to nobody in scope: accounts from before stay active, and Entra knows nothing of
// them [atlassian 3.4].
func (j *joined) managedOutside(r *Report) {
	list := j.others
	if !j.scim {
		list = j.list
	}
	for at := range list {
		x := &list[at]
		if !x.managed || !x.active || !j.scim && (x.synced || x.user >= 0) {
			continue
		}
		i, err := j.Result.Lookup.User(x.address)
		switch {
		case err == nil && j.Result.InScope(i):
			continue // theirs: told with them
		case err == nil:
			r.Mismatches = append(r.Mismatches, Mismatch{
				Class: OutOfScope, ID: x.id, Name: x.address, Predicted: "not in scope", Actual: Present.String(),
				Cause: "A managed, active account from outside the sync: its Entra user isn't in scope, so nothing " +
					"of Entra's ends its access.",
			})
		default:
			r.Mismatches = append(r.Mismatches, Mismatch{
				Class: NoUser, ID: x.id, Name: x.address, Predicted: "no Entra user", Actual: Present.String(),
				Cause: "A managed, active account without an Entra user of its address: nothing of Entra's ends its " +
					"access. Perhaps somebody left; deactivate it at admin.atlassian.com.",
			})
		}
	}
}

// groupsCompared compares the groups that are predicted with those that the
// organization shows as externally synced.
func (j *joined) groupsCompared(r *Report) {
	for name := range j.predicted {
		if n := j.synced[name]; n != 1 {
			cause := "No externally synced group has this name: the next sync makes it, or a conflict of names waits " +
				"for an administrator."
			if n > 1 {
				cause = "Several synced groups have this name, so their members can't be compared."
			}
			r.Mismatches = append(
				r.Mismatches,
				Mismatch{
					Class:     GroupMissing,
					Name:      name,
					Predicted: "synced",
					Actual:    text.Plural(n, "group"),
					Cause:     cause,
				},
			)
		}
	}
	for name, n := range j.synced {
		if !j.predicted[name] {
			r.Mismatches = append(
				r.Mismatches,
				Mismatch{
					Class:     GroupExtra,
					Name:      name,
					Predicted: "not in scope",
					Actual:    text.Plural(n, "group"),
					Cause: "An externally synced group that isn't in this scope: another scope's or directory's, or " +
						"left " +
						"from before.",
				},
			)
		}
	}
}
