package outcome

import "strings"

// Kind is a kind of change against the accepted outcome. A user counts in the
// first that fits, in the order of the constants.
type Kind uint8

// The kinds of change.
const (
	Uncertain Kind = iota
	Left
	Lost
	Unmanaged
	Joined
	JoinedExternal
	Missed
	Gained
	Readdressed
	Groups
	Renamed
	Reason
	Service
	kindCount
)

// KindInfo describes a kind of change.
type KindInfo struct {
	Kind Kind
	// Name is what configurations, counts and scripts call it.
	Name, Description string
	// Review says that a person must see it unless a configuration says otherwise.
	Review bool
}

// Kinds is the one list of kinds, in order.
var Kinds = [kindCount]KindInfo{
	{Uncertain, "uncertain", "Synced, and it is unknown now.", true},
	{Left, "left", "Synced, and the Entra account is deleted or disabled now.", false},
	{Lost, "lost", "Synced, and no longer does, though the Entra account is there and enabled.", true},
	{Unmanaged, "unmanaged", "Syncs before and after, but the Atlassian account is no longer managed by the " +
		"organization.", true},
	{Joined, "joined", "Newly in scope and syncs, with their home in this tenant.", false},
	{JoinedExternal, "joined_external", "Newly in scope and syncs, with their home elsewhere.", true},
	{
		Missed, "missed",
		"Newly in scope, and doesn't sync or it is unknown. Not those whose account is disabled, whom a filter " +
			"leaves out, " +
			"or whom `expect_skipped` names; they count once they are enabled, or the filter takes them, and they " +
			"still don't sync.", true,
	},
	{Gained, "gained", "Was in scope without syncing, and syncs now.", true},
	{
		Readdressed, "readdressed",
		"Syncs before and after, but the address that identifies the account changes (not where only its part before " +
			"the @ " +
			"changes, within one verified domain).", true,
	},
	{Groups, "groups", "Syncs before and after, in other groups. Groups that appear, vanish or are renamed count " +
		"here, too.", true},
	{Renamed, "renamed", "Only the principal name changes, or the part of the address before the @ within one " +
		"verified domain.", false},
	{Reason, "reason", "Every other difference: code, facts or warnings.", false},
	{Service, "service", "The state of the connector's service changed, or what of the target was read.", true},
}

func (k Kind) String() string { return Kinds[k].Name }

// KindSet is a set of kinds.
type KindSet uint16

// Beside the kinds, what only the severity looks at: access that was taken or given
// back to somebody who syncs before and after. It is as good as lost or gained, though
// such a user isn't counted so.
const (
	accessTaken KindSet = 1 << (kindCount + iota)
	accessBack
)

// SetOf makes a set of kinds by their names; others are left out.
func SetOf(names []string) KindSet {
	var s KindSet
	for _, k := range Kinds {
		for _, n := range names {
			if n == k.Name {
				s = s.with(k.Kind)
			}
		}
	}
	return s
}

// DefaultReview are the kinds that a person must see by default.
func DefaultReview() []string {
	var names []string
	for _, k := range Kinds {
		if k.Review {
			names = append(names, k.Name)
		}
	}
	return names
}

func (s KindSet) with(k Kind) KindSet { return s | 1<<k }

// Has reports whether a kind is in the set.
func (s KindSet) Has(k Kind) bool { return s&(1<<k) != 0 }

// first is the kind in which a user with these counts.
func (s KindSet) first() Kind {
	for k := range kindCount {
		if s.Has(k) {
			return k
		}
	}
	return Reason
}

func (s KindSet) String() string {
	var names []string
	for _, k := range Kinds {
		if s.Has(k.Kind) {
			names = append(names, k.Name)
		}
	}
	return strings.Join(names, "+")
}

// Cause is who caused a change.
type Cause uint8

// The causes.
const (
	Drift     Cause = iota // it has already happened in the tenant or the organization
	ThisPlan               // this plan's configuration
	NewRules               // a newer provider decides otherwise
	causeSize              // how many there are
)

func (c Cause) String() string { return [...]string{"drift", "this_plan", "rules"}[c] }

// Severity of a plan's changes, for a pipeline.
const (
	SeverityNone    = "none"
	SeverityAuto    = "auto"
	SeverityReview  = "review"
	SeverityBlocked = "blocked"
)

// Severity is blocked where a guardrail is violated under warn; none where nobody
// changes; review for a first outcome, for what this plan or a newer provider
// changes, where something else is assumed than before, and where any difference
// belongs to a kind in review; else auto.
func (c *Changes) Severity(blocked bool, review KindSet) string {
	switch {
	case blocked:
		return SeverityBlocked
	case c.first:
		return SeverityReview
	case len(c.List) == 0 && len(c.KnownAgain) == 0:
		return SeverityNone
	}
	if c.assumed {
		return SeverityReview
	}
	if review.Has(Lost) {
		review |= accessTaken
	}
	if review.Has(Gained) {
		review |= accessBack
	}
	for i := range c.List {
		if x := &c.List[i]; x.Cause != Drift || x.Planned || x.Kinds&review != 0 {
			return SeverityReview
		}
	}
	for i := range c.KnownAgain {
		if c.KnownAgain[i].Cause != Drift {
			return SeverityReview
		}
	}
	return SeverityAuto
}
