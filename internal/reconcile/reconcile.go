package reconcile

import (
	"cmp"
	"slices"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Input is what is compared.
type Input struct {
	// Result is the prediction, without what-if.
	Result *decision.Result
	// Organization was read with accounts.
	Organization *directory.Organization
	// SCIM is the directory that the SCIM connector fills; nil where it isn't
	// used or wasn't read.
	SCIM *directory.SCIMDirectory
	// Evidence is what a target other than Atlassian holds; nil for Atlassian, whose
	// organization and SCIM directory tell it.
	Evidence *Evidence
	// LastSync is when the last sync began; zero where nobody said.
	LastSync time.Time
	// Changed gives when a user is known to have changed last, zero for unknown.
	// Only part of the changes can be dated.
	Changed func(user int32) time.Time
	// Log says what the provisioning log has last of a user, "" for nothing.
	Log func(user int32) string
}

// Class is the likely cause of a mismatch.
type Class string

// The classes of mismatches.
const (
	// Pending: the user changed after the last sync.
	Pending Class = "pending"
	// PendingOrWrong: nobody said when the last sync was, so either.
	PendingOrWrong Class = "pending_or_predicted_wrong"
	// PredictedWrong: the prediction doesn't hold.
	PredictedWrong Class = "predicted_wrong"
	// ServiceStopped: the connector's service doesn't run, so nothing came.
	ServiceStopped Class = "service_not_running"
	// Leaver: disabled in Entra, and what the sync holds is still active.
	Leaver Class = "leaver"
	// AccountDeactivated: the account behind a record is deactivated in Atlassian.
	AccountDeactivated Class = "account_deactivated"
	// Blocked: another account or record holds the address.
	Blocked Class = "blocked"
	// OutOfScope: a managed account whose Entra user isn't in scope; NoUser: one
	// without an Entra user.
	OutOfScope Class = "account_out_of_scope"
	NoUser     Class = "account_without_user"
	// Orphan: what the sync holds of nobody in scope.
	Orphan Class = "orphan"
	// Duplicate: several accounts or records of one user.
	Duplicate Class = "duplicate"
	// UnlinkedRecord: a SCIM record without an account.
	UnlinkedRecord Class = "unlinked"
	// MissingFromGroup and ExtraInGroup: synced, but not in the groups predicted.
	MissingFromGroup Class = "missing_from_group"
	ExtraInGroup     Class = "extra_in_group"
	// AmbiguousJoin: several users have the address.
	AmbiguousJoin Class = "ambiguous"
	// GroupMissing: a predicted group isn't there as a synced one; GroupExtra: a
	// synced group that isn't predicted.
	GroupMissing Class = "group_missing"
	GroupExtra   Class = "group_extra"
)

// Mismatch is one thing that isn't as predicted.
type Mismatch struct {
	Class Class
	// ID is the user's object id, Name the principal name; of an orphan the
	// account's or record's id and address, of a group "" and its name.
	ID, Name string
	// Predicted is the decision, Actual what the organization has.
	Predicted, Actual string
	// Groups are those that differ, ascending.
	Groups []string
	// Cause says what is likely.
	Cause string
}

// Report is a reconciliation.
type Report struct {
	// Compared are the users in scope of whom prediction and organization both
	// say something; Agreed those of them where both say the same.
	Compared, Agreed int
	// Unknown are predicted as unknown; Ambiguous can't be joined.
	Unknown, Ambiguous int
	// NoEvidence are users in scope of whom the provisioning log says nothing.
	NoEvidence int
	// Confusion counts users in scope by decision code ("sync: guest") and by
	// what the organization has.
	Confusion map[string]map[string]int
	// Mismatches are by class, then name.
	Mismatches []Mismatch
}

// Percent is how many of the compared users agree, rounded down to hundredths of
// a percent, so that 100 is all of them; 100 where nobody is compared.
func (r *Report) Percent() float64 { return percent(r.Agreed, r.Compared) }

// percent counts in whole numbers: 57 of 100 are 57, not a little less.
func percent(part, whole int) float64 {
	if whole == 0 {
		return 100
	}
	return float64(part*10_000/whole) / 100
}

// Reconcile compares.
func Reconcile(in Input) *Report { return join(in).compare() }

func (j *joined) compare() *Report {
	r := &Report{Confusion: map[string]map[string]int{}}
	if j.Evidence != nil {
		j.evidence(r)
	} else {
		j.organization(r)
	}
	slices.SortFunc(r.Mismatches, func(a, b Mismatch) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return r
}

// organization compares with an Atlassian organization.
func (j *joined) organization(r *Report) {
	for i := range int32(len(j.Result.Decisions)) {
		if j.Result.InScope(i) {
			j.user(r, i)
		}
	}
	j.orphans(r)
	j.managedOutside(r)
	j.groupsCompared(r)
}

// joined is the join of users and holdings.
type joined struct {
	Input
	*holdings
	// of gives the positions of a user's holdings.
	of map[int32][]int
	// shared are the users in scope who share their address with another one.
	shared map[int32]bool
	// addressed are the addresses of holdings.
	addressed map[string]bool
	// predicted are the groups that would stand in Atlassian.
	predicted map[string]bool
}

func join(in Input) *joined {
	if in.Evidence != nil {
		return &joined{Input: in}
	}
	j := &joined{
		Input:     in,
		holdings:  holdingsOf(in.Organization, in.SCIM),
		of:        map[int32][]int{},
		shared:    map[int32]bool{},
		addressed: map[string]bool{},
		predicted: map[string]bool{},
	}
	for _, g := range in.Result.Groups() {
		j.predicted[g.Name] = true
	}
	owner, others := j.addresses()
	for at := range j.list {
		x := &j.list[at]
		j.addressed[x.address] = true
		if i := in.Result.Directory.UserByID(x.externalID); j.scim && i >= 0 {
			x.user = i
		} else if i, ok := owner[x.address]; ok {
			x.user = i
		} else if i, ok := others[x.address]; ok && i >= 0 {
			x.user, x.other = i, true
		} else {
			continue
		}
		j.of[x.user] = append(j.of[x.user], at)
	}
	return j
}

// addresses give the users in scope by their tested address, and by what else
// is an address of theirs, -1 for several users.
func (j *joined) addresses() (owner, others map[string]int32) {
	owner, others = map[string]int32{}, map[string]int32{}
	for i := range int32(len(j.Result.Decisions)) {
		if !j.Result.InScope(i) {
			continue
		}
		u, tested := &j.Result.Directory.Users[i], Normal(j.Result.Address(i))
		if first, taken := owner[tested]; taken && tested != "" {
			j.shared[first], j.shared[i] = true, true
		} else if tested != "" {
			owner[tested] = i
		}
		for _, other := range []string{Normal(u.Mail), Normal(u.UserPrincipalName)} {
			if first, taken := others[other]; taken && first != i {
				others[other] = -1
			} else if other != "" && other != tested {
				others[other] = i
			}
		}
	}
	return owner, others
}

// actual is what the organization has of a user.
func (j *joined) actual(i int32) Actual {
	list := j.of[i]
	switch {
	case len(list) > 1:
		return Ambiguous
	case len(list) == 1 && j.scim && j.list[list[0]].externalID == j.Result.Directory.Users[i].ID:
		return j.list[list[0]].actual() // joined by id: a shared address doesn't matter
	case j.shared[i] && j.addressed[Normal(j.Result.Address(i))]:
		return Ambiguous
	case len(list) == 1:
		return j.list[list[0]].actual()
	}
	return Absent
}
