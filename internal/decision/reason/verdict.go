package reason

// Verdict is whether a user syncs.
type Verdict uint8

// The verdicts. Unknown is an answer: the sources don't tell.
const (
	Skip Verdict = iota
	Sync
	Unknown
)

func (v Verdict) String() string { return [...]string{"skip", "sync", "unknown"}[v] }

// Confidence says how sure a rule is.
type Confidence uint8

// The marks of the decision table [atlassian 5], strongest first.
const (
	Documented Confidence = iota
	Reported
	Inferred
)

func (c Confidence) String() string { return [...]string{"documented", "reported", "inferred"}[c] }

// Account is the kind of Atlassian account that a user gets: Managed by this
// organization, or External to it in Atlassian's sense (not managed), which is
// another thing than external in Entra's.
type Account uint8

// The kinds of account.
const (
	NoAccount Account = iota
	Managed
	External
	// GuestAccount is a user of the target tenant whose type is Guest; a Member there is
	// NoAccount.
	GuestAccount
)

func (a Account) String() string { return [...]string{"", "managed", "external", "guest"}[a] }

// Action is what the next run does with a user at the target.
type Action uint8

// The actions.
const (
	ActionNone Action = iota
	ActionCreate
	ActionUpdate
	ActionKeep
	// ActionCreateOrKeep: what the target holds isn't known.
	ActionCreateOrKeep
	ActionLink
	ActionUnlink
	ActionDeactivate
	ActionDelete
	ActionFail
	actionCount
)

var actionNames = [actionCount]string{
	"none",
	"create",
	"update",
	"keep",
	"create_or_keep",
	"link",
	"unlink",
	"deactivate",
	"delete",
	"fail",
}

func (a Action) String() string { return actionNames[a] }

// Decision is what happens to one user, in a form of which a million fit in
// memory.
type Decision struct {
	Code       Code
	Confidence Confidence
	Account    Account
	Action     Action
	Warnings   Warnings
	// Domain is the position of the domain that decided, -1 for none.
	Domain int32
}

// Weakest gives the weaker of two marks.
func Weakest(a, b Confidence) Confidence { return max(a, b) }
