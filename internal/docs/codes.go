package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
)

// reasonCodes makes the page of reason codes from the one list of them.
func reasonCodes() []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("---\npage_title: \"Reason codes\"\nsubcategory: \"\"\ndescription: |-\n  Every reason code of a decision: " +
		"what it means, where the rule is described, how sure it is, and what to do.\n---\n")
	line("# Reason codes\n")
	line("A decision reads `verdict: code (facts)`, such as `skip: external_member (fabrikam.example, Member, " +
		"reported)`. The facts in parentheses are those that decided. ")
	line("`managed` or `external` says which kind of Atlassian account it makes: managed by this organization, or " +
		"not. That is Atlassian's sense of *external*; in Entra's sense a user is external whose home is another " +
		"tenant (`#EXT#`).\n")
	line("`reported` or `inferred` stands where the rule isn't documented: reported by users or Atlassian's support, " +
		"or concluded from what is documented. The codes are stable; the text behind them isn't.\n")
	for _, v := range []decision.Verdict{decision.Sync, decision.Skip, decision.Unknown} {
		line("## %s%s\n", strings.ToUpper(v.String()[:1]), v.String()[1:])
		for _, c := range decision.Codes {
			if c.Verdict != v {
				continue
			}
			line("### `%s`\n", c.Name)
			line("%s\n", c.Description)
			line("- Confidence: %s", atBest(c.Confidence))
			line("- Source: %s", c.Source)
			if c.Remedy != "" {
				line("- What to do: %s", c.Remedy)
			}
			line("")
		}
	}
	line("## Warnings beside a decision\n")
	for _, w := range decision.WarningCodes {
		line("### `%s`\n", w.Name)
		line("%s\n", w.Description)
		line("- Confidence: %s", w.Confidence)
		line("- Source: %s\n", w.Source)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// atBest is the strongest mark that a decision with a code can bear: it is as sure
// as its weakest step.
func atBest(c decision.Confidence) string {
	if c == decision.Inferred {
		return c.String()
	}
	return c.String() + " at best: a decision is as sure as its weakest step, and its trace shows which that is"
}
