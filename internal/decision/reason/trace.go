package reason

// Step is one rule that was looked at.
type Step struct {
	Rule string
	// Observed is what the rule found.
	Observed string
	// Result is "applies", "doesn't apply" or "noted".
	Result     string
	Source     string
	Confidence Confidence
}

// Trace collects the rules that a decision looks at. A nil Trace collects
// nothing; who has one builds texts only for it.
type Trace struct{ Steps []Step }

// Add adds a rule that applies, or doesn't.
func (t *Trace) Add(applies bool, rule, observed, source string, c Confidence) {
	result := "doesn't apply"
	if applies {
		result = "applies"
	}
	t.Steps = append(t.Steps, Step{Rule: rule, Observed: observed, Result: result, Source: source, Confidence: c})
}

// Note adds a fact that decides nothing by itself.
func (t *Trace) Note(rule, observed, source string, c Confidence) {
	t.Steps = append(t.Steps, Step{Rule: rule, Observed: observed, Result: "noted", Source: source, Confidence: c})
}
