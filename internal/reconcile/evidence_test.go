package reconcile

import "testing"

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
