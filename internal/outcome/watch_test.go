package outcome

import (
	"strings"
	"testing"
)

// A glob that fits a group of one of the outcomes is nothing to speak of; of one that fits none, what it may mean is
// named.
func TestUnmatchedWatch(t *testing.T) {
	before := &Outcome{Groups: []Group{{Name: "jira-administrators"}}}
	now := &Outcome{Groups: []Group{{Name: "Sales"}}}
	for glob, want := range map[string]string{
		"jira-*": "", "sal?s": "", "*": "",
		"jira_*":  `"jira_*" fits none of the 2 groups that sync, so that nobody's gain or loss is named by it. Groups are named as in the target, for instance jira-administrators.`,
		"finance": `"finance" fits none of the 2 groups that sync, so that nobody's gain or loss is named by it. Groups are named as in the target.`,
	} {
		advice := strings.Join(UnmatchedWatch([]string{glob}, before, now, nil), "\n")
		if want != "" {
			want = "watch_groups: " + want
		}
		if advice != want {
			t.Errorf("%s: got %q, want %q", glob, advice, want)
		}
	}
	if advice := UnmatchedWatch(nil, now); advice != nil {
		t.Errorf("without globs: %q", advice)
	}
}
