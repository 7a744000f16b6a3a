package scoping

import (
	"fmt"
	"strings"
)

// Error is a mistake in a clause, found when compiling or evaluating.
type Error struct {
	Group      int    // from 0
	GroupName  string // may be empty
	Clause     int    // from 0; -1 is the group as a whole
	Attribute  string
	Operator   string
	Message    string
	Suggestion string

	inner error
}

// Unwrap returns the cause, such as a regular expression that took too many
// steps.
func (e *Error) Unwrap() error { return e.inner }

// Error names the group, the clause and the operator.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "group %d", e.Group+1)
	if e.GroupName != "" {
		fmt.Fprintf(&b, " (%s)", e.GroupName)
	}
	if e.Clause >= 0 {
		fmt.Fprintf(&b, ", clause %d (%s %s)", e.Clause+1, e.Attribute, e.Operator)
	}
	b.WriteString(": " + e.Message)
	if e.Suggestion != "" {
		b.WriteString("; " + e.Suggestion)
	}
	return b.String()
}

// Errors are all the mistakes of a filter.
type Errors []*Error

// Error lists the mistakes, one a line.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find each mistake.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// WarningCode names a kind of warning.
type WarningCode string

// The kinds of warnings.
const (
	WarnUserType      WarningCode = "user-type"          // documented as unusable, yet seen in one job
	WarnAttribute     WarningCode = "unusable-attribute" // documented as unusable
	WarnNotEqualsNull WarningCode = "not-equals-null"    // two statements disagree
	WarnAnchoring     WarningCode = "regex-anchoring"    // matching anywhere or the whole value differ
	WarnNeverTrue     WarningCode = "never-true"         // EQUALS ""
)

// Warning is something legal whose effect isn't sure.
type Warning struct {
	Group     int // from 0
	GroupName string
	Clause    int // from 0
	Code      WarningCode
	Message   string
}

// String names the group and the clause.
func (w Warning) String() string {
	return fmt.Sprintf("group %d, clause %d: %s", w.Group+1, w.Clause+1, w.Message)
}
