package reconcile

import (
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// Evidence is what a target other than Atlassian is known to hold of users.
type Evidence struct {
	// of are the states of users by position in the directory.
	of map[int32]Actual
	// complete says that who isn't there is absent; else nothing is known of them.
	complete bool
	// strangers are active users of the target of whom the directory has nobody.
	strangers []stranger
}

type stranger struct{ id, name string }

// Entry is what a provisioning log says of one user.
type Entry struct {
	// SourceID is the user's object id, Name their name in the log.
	SourceID, Name string
	// Action is what was done: create, update, disable, delete, restore.
	Action string
	// Active is "True" or "False" where the entry gave the target's attribute of that name
	// (accountEnabled in a tenant) a value, "" else.
	Active string
}

// FromLog folds the successful entries of a provisioning log, the newest first, to what
// the target holds. Of whom they say nothing, nothing is known.
func FromLog(r *decision.Result, entries []Entry) *Evidence {
	e := &Evidence{of: map[int32]Actual{}}
	gone := map[string]Actual{}
	names := map[string]string{}
	var order []string
	for k := len(entries) - 1; k >= 0; k-- {
		x := &entries[k]
		id := strings.ToLower(x.SourceID)
		i := r.Directory.UserByID(id)
		before, known := gone[id]
		if i >= 0 {
			before, known = e.of[i]
		}
		now, said := folded(before, known, x)
		switch {
		case !said:
		case i >= 0:
			e.of[i] = now
		default:
			if !known {
				order = append(order, id)
			}
			gone[id], names[id] = now, x.Name
		}
	}
	for _, id := range order {
		if gone[id] == Synced {
			e.strangers = append(e.strangers, stranger{id, names[id]})
		}
	}
	return e
}

// folded is the state after an entry.
func folded(before Actual, known bool, x *Entry) (now Actual, said bool) {
	switch strings.ToLower(x.Action) {
	case "delete":
		return Absent, true
	case "disable":
		return Inactive, true
	case "create", "restore":
		before = Synced
	case "update":
		if !known || before == Absent {
			before = Synced
		}
	default: // nothing was done
		return before, false
	}
	switch {
	case strings.EqualFold(x.Active, "false"):
		return Inactive, true
	case strings.EqualFold(x.Active, "true"):
		return Synced, true
	}
	return before, true
}

// TargetUser is a user as the target's own SCIM service answers.
type TargetUser struct {
	ID, UserName, ExternalID string
	Active                   bool
}

// FromUsers joins all users of a target: by externalId where that is an object id, else
// by the userName that is sent, ignoring case.
func FromUsers(r *decision.Result, users []TargetUser) *Evidence {
	e := &Evidence{of: map[int32]Actual{}, complete: true}
	owner := map[string]int32{}
	for i := range int32(len(r.Decisions)) {
		name := strings.ToLower(r.UserName(i))
		if name == "" || !r.InScope(i) {
			continue
		}
		if _, taken := owner[name]; taken {
			owner[name] = -1
		} else {
			owner[name] = i
		}
	}
	for k := range users {
		u := &users[k]
		i := r.Directory.UserByID(strings.ToLower(u.ExternalID))
		if i < 0 {
			at, ok := owner[strings.ToLower(u.UserName)]
			if i = at; !ok {
				i = -1
			} else if i < 0 {
				continue // several users in scope have the name: it is told with them
			}
		}
		state := Inactive
		if u.Active {
			state = Synced
		}
		_, twice := e.of[i]
		switch {
		case i < 0 && u.Active:
			e.strangers = append(e.strangers, stranger{u.ID, u.UserName})
		case i < 0:
		case twice:
			e.of[i] = Ambiguous
		default:
			e.of[i] = state
		}
	}
	for i := range int32(len(r.Decisions)) {
		if at, ok := owner[strings.ToLower(r.UserName(i))]; ok && at < 0 && r.InScope(i) {
			if _, joined := e.of[i]; !joined {
				e.of[i] = Ambiguous
			}
		}
	}
	return e
}

// evidence compares with what a target other than Atlassian holds.
func (j *joined) evidence(r *Report) {
	for i := range int32(len(j.Result.Decisions)) {
		actual, known := j.Evidence.of[i]
		switch {
		case j.Result.InScope(i) && (known || j.Evidence.complete):
			j.held(r, i, actual)
		case j.Result.InScope(i):
			r.NoEvidence++
		case actual == Synced:
			u := &j.Result.Directory.Users[i]
			j.stray(r, u.ID, u.UserPrincipalName, "Its user isn't in scope")
		}
	}
	for _, s := range j.Evidence.strangers {
		j.stray(r, s.id, s.name, "The directory has no such user")
	}
}

// held compares one user in scope.
func (j *joined) held(r *Report, i int32, actual Actual) {
	d := j.Result.Decisions[i]
	verdict := d.Code.Verdict()
	row := verdict.String() + ": " + d.Code.String()
	if r.Confusion[row] == nil {
		r.Confusion[row] = map[string]int{}
	}
	r.Confusion[row][actual.String()]++
	target := j.Result.TargetName()
	switch {
	case actual == Ambiguous:
		r.Ambiguous++
		j.report(r, i, AmbiguousJoin, actual, nil, "Several users in scope have one userName, or several users of "+
			target+" are this one, so it can't be told who is who.")
	case verdict == decision.Unknown:
		r.Unknown++
	case verdict == decision.Sync && actual == Synced, verdict == decision.Skip && actual != Synced:
		r.Compared++
		r.Agreed++
	case d.Code == reason.AccountDisabled:
		r.Compared++
		j.report(r, i, Leaver, actual, nil, "The account is disabled in Entra, and its user is still active at "+target+
			": the next run disables it, where the job does that."+j.stopped())
	default:
		r.Compared++
		class, cause := j.when(i)
		if !j.Result.Health().Runs() {
			class, cause = ServiceStopped, j.Result.ServiceText()+j.logged(i)
		} else if actual == Inactive && class != Pending {
			cause += " The user is inactive at " + target + "."
		}
		j.report(r, i, class, actual, nil, cause)
	}
}

// stray is an active user of the target who belongs to nobody in scope.
func (j *joined) stray(r *Report, id, name, cause string) {
	if name == "" {
		name = id
	}
	r.Mismatches = append(r.Mismatches, Mismatch{
		Class: Orphan, ID: id, Name: text.Plain(name), Predicted: "not in scope", Actual: Synced.String(),
		Cause: cause + ": the job may not have disabled it yet, or it was made by hand.",
	})
}
