package reconcile

import (
	"strings"
	"testing"
)

// Ids are one whatever their case: an application and the log may write them in capitals.
func TestEvidence_IDsInCapitals(t *testing.T) {
	r := newFixture().input(t).Result
	capital := strings.ToUpper(id(0))
	for name, e := range map[string]*Evidence{
		"users": FromUsers(r, []TargetUser{{ID: "x", ExternalID: capital, UserName: "other", Active: true}}),
		"log":   FromLog(r, []Entry{{SourceID: capital, Action: "create"}}),
	} {
		if len(e.strangers) != 0 || e.of[r.Directory.UserByID(id(0))] != Synced {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

// What entries of a log come to, the oldest first.
func TestFolded(t *testing.T) {
	for name, x := range map[string]struct {
		entries []Entry
		want    Actual
		said    bool
	}{
		"created":            {[]Entry{{Action: "create"}}, Synced, true},
		"created inactive":   {[]Entry{{Action: "create", Active: "False"}}, Inactive, true},
		"blocked":            {[]Entry{{Action: "create"}, {Action: "update", Active: "False"}}, Inactive, true},
		"stays blocked":      {[]Entry{{Action: "disable"}, {Action: "update"}}, Inactive, true},
		"back":               {[]Entry{{Action: "disable"}, {Action: "update", Active: "True"}}, Synced, true},
		"deleted":            {[]Entry{{Action: "create"}, {Action: "delete"}}, Absent, true},
		"restored":           {[]Entry{{Action: "delete"}, {Action: "restore"}}, Synced, true},
		"redacted":           {[]Entry{{Action: "update", Active: "[Redact]"}}, Synced, true},
		"nothing was done":   {[]Entry{{Action: "other"}}, Absent, false},
		"a staged deletion":  {[]Entry{{Action: "create"}, {Action: "stagedDelete"}}, Synced, true},
		"after the deletion": {[]Entry{{Action: "delete"}, {Action: "update"}}, Synced, true},
	} {
		t.Run(name, func(t *testing.T) {
			var state Actual
			known := false
			for k := range x.entries {
				if now, said := folded(state, known, &x.entries[k]); said {
					state, known = now, true
				}
			}
			if state != x.want || known != x.said {
				t.Errorf("got %s, %t, want %s, %t", state, known, x.want, x.said)
			}
		})
	}
}
