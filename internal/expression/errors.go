package expression

import (
	"errors"
	"fmt"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/expression/dotnet"
)

// Error is one mistake in an expression, found while reading, checking or
// evaluating it.
type Error struct {
	Pos        Position
	Function   string // the function it is in, if any
	Argument   string // the argument's documented name, if it is one argument's fault
	Message    string // what is wrong, as a sentence without its full stop
	Suggestion string // what was probably meant: a name, or a way to write it

	nullInput bool // an attribute's missing value is the cause; see IIF
	inner     error
}

// Error gives the place, the function and argument, the message and the
// suggestion, in this order.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Pos.String())
	b.WriteString(": ")
	if e.Function != "" {
		b.WriteString(e.Function)
		if e.Argument != "" {
			b.WriteString(", argument ")
			b.WriteString(e.Argument)
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Message)
	if e.Suggestion != "" {
		b.WriteString("; ")
		b.WriteString(e.Suggestion)
	}
	return b.String()
}

// Unwrap returns the cause, such as the failure of an injected test.
func (e *Error) Unwrap() error { return e.inner }

// Errors are all the mistakes that Check found, in the order of the text.
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

// Warning is something legal that the documentation advises against, or that
// no page describes.
type Warning struct {
	Pos     Position
	Code    WarningCode
	Message string
	// Shipped says that Microsoft's own default mappings have what is warned of.
	Shipped bool
}

// String gives the place and the message.
func (w Warning) String() string { return w.Pos.String() + ": " + w.Message }

// signals travel as errors while an expression is evaluated, and become the
// Result's outcome at the top.
type signal uint8

const (
	signalDropAttribute signal = iota
	signalDropObject
)

func (signal) Error() string { return "no flow" }

// Error makes a Reason travel as the signal "unpredictable".
func (r Reason) Error() string { return reasonTexts[r] }

// OutOfSteps reports whether a value isn't known because a regular expression
// took more steps than are allowed: neither that it matches nor that it doesn't.
// The error names the pattern; the caller knows whose value it was.
func OutOfSteps(err error) bool {
	var e *dotnet.StepsError
	return errors.As(err, &e)
}

// isSignal tells control flow from failures.
func isSignal(err error) bool {
	if _, ok := errors.AsType[signal](err); ok {
		return true
	}
	_, ok := errors.AsType[Reason](err)
	return ok
}

// isNullInput tells whether a failure comes from an attribute without a value.
func isNullInput(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.nullInput
}

func fail(at Position, format string, args ...any) *Error {
	return &Error{Pos: at, Message: fmt.Sprintf(format, args...)}
}
