package expression

import "time"

// Outcome says what an expression gives for one object.
type Outcome uint8

// The outcomes.
const (
	OutcomeFailed        Outcome = iota // the zero value: there is an error instead
	OutcomeValue                        // the value is exported
	OutcomeNull                         // null: nothing is exported, and nothing cleared [D CAA, known-issues]
	OutcomeDropAttribute                // the attribute is left out: IgnoreFlowIfNullOrEmpty, IgnoreAttributeFlow
	OutcomeDropObject                   // the whole object is left out: IgnoreObjectFlow [G WDG]
	OutcomeUnpredictable                // depends on something that wasn't injected; see the Reason
)

// String names the outcome.
func (o Outcome) String() string {
	return [...]string{"failed", "value", "null", "drop attribute", "drop object", "unpredictable"}[o]
}

// Reason says what an unpredictable value depends on.
type Reason uint8

// The reasons.
const (
	NoReason           Reason = iota
	NeedsClock                // Now, or a date format without a year, with no clock injected
	NeedsRandomness           // Guid, RandomString
	NeedsUniqueness           // SelectUniqueValue: what is taken in the target
	NeedsDefaultDomain        // DefaultDomain
	SeveralRoles              // SingleAppRoleAssignment of several roles: "no guarantee which" [D]
	NotDocumented             // a function whose result no page describes
	NeedsTargetID             // a reference used as text: what the service makes of it isn't documented
	NeedsRoles                // app roles of an assignment that the reading doesn't tell of
	NeedsJobVariable          // %DomainFQDN% and the like: a setting of the job
)

var reasonTexts = [...]string{
	"",
	"the value depends on the clock",
	"the value is random",
	"the value depends on what is taken in the target",
	"the value depends on the tenant's default domain",
	"the user has several app roles, and the service doesn't say which it takes",
	"the function's result isn't documented",
	"the value depends on the id that another object has at the target",
	"the user's app roles aren't known",
	"the value depends on a variable of the job, which the schema doesn't hold",
}

// String is a sentence without its full stop.
func (r Reason) String() string { return reasonTexts[r] }

// Result is what an expression gives for one object. Value is set with
// OutcomeValue, Reason with OutcomeUnpredictable.
type Result struct {
	Outcome Outcome
	Reason  Reason
	Value   Value
}

// Row holds an object's attributes, by the slots of Program.Attributes. A row
// that ends early has nulls at its end.
type Row []Value

// Random is a source of random numbers, such as those of math/rand/v2.
type Random interface {
	Uint64() uint64
}

// Env holds what an expression may depend on beside the object. What isn't set
// makes the expressions that need it unpredictable; nothing is guessed.
type Env struct {
	Now    time.Time // the clock; the zero time is "not known"
	Random Random

	// Exists tells whether a value is taken in the target, for SelectUniqueValue.
	Exists func(value string) (bool, error)

	// DefaultDomain is the tenant's default verified domain. NoDefaultDomain says
	// that it has none, which is an error where DefaultDomain() is evaluated.
	DefaultDomain   string
	NoDefaultDomain bool

	// Variables are the job's by their names, such as %DomainFQDN%; one that isn't
	// there isn't known.
	Variables map[string]string
}
