package outcome

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// maxChangesListed is how many changes the list for programs has.
const maxChangesListed = 2000

// ChangeList is a plan's changes as data: what a report shows as a table, and
// scripts read.
type ChangeList struct {
	Severity string `json:"severity"`
	// Total is how many changes there are, those included that aren't listed.
	Total   int            `json:"total"`
	Changes []ListedChange `json:"changes"`
	// Violations are what the guardrails say.
	Violations []string `json:"violations"`
}

// ListedChange is one change of a user, a group or the service.
type ListedChange struct {
	Who    string `json:"who"`
	Kind   string `json:"kind"`
	Cause  string `json:"cause"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// JSON are the changes as a ChangeList, by kind and name; the first two thousand.
// It names people.
func (c *Changes) JSON(severity string, violations []Violation, ids bool) (string, error) {
	list := c.byName(ids)
	out := ChangeList{Severity: severity, Total: len(list), Changes: []ListedChange{}, Violations: []string{}}
	for _, x := range list[:min(len(list), maxChangesListed)] {
		before, after := c.sides(x, ids, text.Plain)
		out.Changes = append(out.Changes, ListedChange{
			text.Plain(x.Shown(ids)), x.Kind.String(), causeWords[x.Cause], before, after,
		})
	}
	for i := range violations {
		mark := ""
		if violations[i].Held {
			mark = ", accepted before"
		}
		out.Violations = append(out.Violations, fmt.Sprintf(
			"%s (%s%s): %s", violations[i].Guardrail, causeWords[violations[i].Cause], mark, violations[i].Text))
	}
	raw, err := json.Marshal(out)
	return string(raw), err
}

// ParseChanges reads what JSON wrote.
func ParseChanges(s string) (*ChangeList, error) {
	out := &ChangeList{}
	if err := json.Unmarshal([]byte(s), out); err != nil {
		return nil, fmt.Errorf("it isn't an outcome's changes_json: %w", err)
	}
	return out, nil
}

// serviceSides are the service's state before and after.
func serviceSides(x *ServiceChange) (before, after string) {
	var was, is []string
	if x.Was != x.Is {
		was, is = append(was, healthText(x.Was)), append(is, healthText(x.Is))
	}
	if !slices.Equal(x.UncheckedWas, x.UncheckedIs) {
		was = append(was, "not looked at: "+listOr(x.UncheckedWas))
		is = append(is, "not looked at: "+listOr(x.UncheckedIs))
	}
	return strings.Join(was, "; "), strings.Join(is, "; ")
}

// groupSides are the group as it was and as it is: its name, and why it is held
// back.
func groupSides(x *Change) (before, after string) {
	held := func(name string, why decision.Obstacle) string {
		if why != "" {
			return name + " (held back: " + string(why) + ")"
		}
		return name
	}
	return held(x.GroupWas, x.ObstacleWas), held(x.GroupName, x.Obstacle)
}
