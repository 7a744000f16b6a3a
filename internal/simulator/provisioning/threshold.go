package provisioning

import (
	"fmt"
)

// leaves says whether a task would disable or delete what was provisioned.
func (c *cycle) leaves(t *task) bool {
	known := c.links[t.id]
	if c.cross != nil && known != nil && (known.Disabled || !c.users.delete || known.Fingerprint == outOfScope) {
		return false
	}
	if known == nil || t.purged {
		return known != nil
	}
	return !known.Disabled && t.verdict.Err == nil && !t.verdict.in() && !t.verdict.Early && !c.skipOut
}

// stageDeletions stages the deletions of a cycle in which more leave than may ([graph 3.3, D]; that as many as the
// threshold may is [?]).
func (c *cycle) stageDeletions() {
	if c.threshold < 0 {
		return
	}
	many := 0
	for _, t := range c.tasks {
		if c.leaves(t) {
			many++
		}
	}
	c.staged = many > c.threshold
}

// stagedOutcome is the entry of a deletion that waits for a word [graph 3.8].
func (c *cycle) stagedOutcome(t *task) *outcome {
	o := &outcome{action: "stagedDelete", status: "skipped", code: "TooManyDeletes", target: c.links[t.id].Target}
	o.reason = fmt.Sprintf("More than %d objects would be disabled or deleted.", c.threshold)
	o.step("EntrySynchronizationDelete", "processing", "skipped", o.reason, nil)
	return o
}
