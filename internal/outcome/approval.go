package outcome

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
)

// ApprovalHash is the hash that accepts exactly these violations, once: the
// first 16 hex digits of SHA-256 over what each would do, by which cause, and
// over the accepted outcome's revision. It is "" where none is to be accepted.
func (c *Changes) ApprovalHash(violations []Violation) string {
	var lines []string
	for i := range violations {
		v := &violations[i]
		if v.Held {
			continue
		}
		for _, x := range v.Items {
			lines = append(lines, fmt.Sprintf("%s, %s, %s -> %s, %s", v.Guardrail, x.ID, x.From, x.To, x.Cause))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	revision := 0
	if !c.first {
		revision = c.a.Memory.Revision
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(lines), "\n") + fmt.Sprintf("\nrevision %d", revision)))
	return hex.EncodeToString(sum[:])[:16]
}

// Remember puts into an outcome that is to be accepted what it is accepted with:
// the next revision, what names mean, and what it violates. Where the violations
// are approved, a user's name that moved to one other object means that one.
func (o *Outcome) Remember(a *Outcome, list []decision.Meaning, violations []Violation, approved bool) {
	o.Memory = Memory{Resolved: decision.Resolved{}}
	if a != nil {
		o.Memory.Revision = a.Memory.Revision
	}
	o.Memory.Revision++
	for _, m := range sortedMeanings(slices.Clone(list)) {
		o.Memory.Resolved.Set(m.Argument, m.Entry, m.ID)
	}
	held := map[string]bool{}
	for i := range violations {
		for _, x := range violations[i].Items {
			if approved && x.argument != "" && x.argument != decision.ArgScopeGroups && len(x.others) == 1 {
				o.Memory.Resolved.Set(x.argument, x.entry, x.others[0])
				o.hold(held, x.argument, x.others[0])
				continue
			}
			if x.key != "" {
				held[x.key] = true
			}
		}
	}
	o.Memory.Held = slices.Sorted(maps.Keys(held))
}

// hold accepts what is decided of the object that an approved name means from
// now on: who approved it has seen that.
func (o *Outcome) hold(held map[string]bool, argument, id string) {
	row := o.find(id)
	if argument == decision.ArgExpectSkipped || verdictFits(row, argument == decision.ArgMustSync) {
		return
	}
	held[heldKey(guardrailOf(argument), &decision.Meaning{ID: id}, row)] = true
}

// guardrailOf is the name of a guardrail by the argument's path.
func guardrailOf(argument string) string { return strings.TrimPrefix(argument, "guardrails.") }
