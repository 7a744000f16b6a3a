package mapping

import (
	"errors"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
)

// Preview is what one target attribute would receive.
type Preview struct {
	Target string
	// Value is set where Why is "".
	Value expression.Value
	// Why says why nothing flows, "" where something does.
	Why string
	// Failed says that the expression failed, Unknown that what it gives isn't
	// known.
	Failed, Unknown bool
	// Sensitive says that the expression uses Redact.
	Sensitive bool
}

// Preview evaluates every target attribute for a user, and whether the user
// passes the scoping filter.
func (p *Program) Preview(r *Row, i int32) (list []Preview, inScope bool, err error) {
	p.Load(r, i)
	inScope, _, err = p.InScope(r)
	for k, target := range p.Targets {
		out := Preview{Target: target}
		if prog := p.programs[k]; prog != nil {
			out.Sensitive = prog.Expression().Facts().Redacted
		}
		res, err := p.Eval(r, k)
		var unknown *UnknownError
		switch {
		case errors.As(err, &unknown):
			out.Why, out.Unknown = unknown.Reason, true
		case err != nil:
			out.Why, out.Failed = err.Error(), true
		case res.Outcome == expression.OutcomeValue:
			out.Value = res.Value
			if id, ok := res.Value.Reference(); ok {
				out.Value, out.Why, out.Unknown = expression.Null(), p.referenceText(id), true
			}
		case res.Outcome == expression.OutcomeUnpredictable:
			out.Why = "can't be told in advance: " + res.Reason.String()
			out.Unknown = res.Reason == expression.NeedsRoles || res.Reason == expression.NeedsTargetID
		case res.Outcome == expression.OutcomeNull:
			out.Why = "null: nothing flows, and nothing is cleared"
		case res.Outcome == expression.OutcomeDropAttribute:
			out.Why = "the expression leaves the attribute out"
		case res.Outcome == expression.OutcomeDropObject:
			out.Why = "the expression leaves the user out"
		}
		list = append(list, out)
	}
	return list, inScope, err
}
