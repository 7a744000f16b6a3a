package acceptance

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// outcomeChange is an outcome's change in a plan's JSON: hires, unless more says else.
func outcomeChange(more map[string]any) map[string]any {
	side := func(accepted string) map[string]any {
		return map[string]any{
			"accepted": accepted, "fingerprint": accepted, "connector": "atlassian_nested_groups",
			"changes": map[string]any{"severity": "auto"}, "guardrails": map[string]any{"max_lost": 5},
		}
	}
	change := map[string]any{"actions": []any{"update"}, "before": side("old"), "after": side("new"), "after_unknown": map[string]any{"groups": false}}
	for key, v := range more {
		if at, ok := strings.CutPrefix(key, "after."); ok {
			change["after"].(map[string]any)[at] = v
		} else {
			change[key] = v
		}
	}
	return map[string]any{"address": "usersync_outcome.guard", "mode": "managed", "type": "usersync_outcome", "change": change}
}

// What each kind of plan asks for. Whatever isn't known to be harmless is for a
// person.
func TestVerdicts(t *testing.T) {
	eachOffline(t, func(b *bench) {
		unchanged := map[string]any{"address": "usersync_user_type_record.before", "mode": "managed", "type": "usersync_user_type_record", "change": map[string]any{"actions": []any{"no-op"}}}
		other := func(actions ...any) map[string]any {
			return map[string]any{"address": "usersync_user_type_policy.p", "mode": "managed", "type": "usersync_user_type_policy", "change": map[string]any{"actions": actions}}
		}
		moved := map[string]any{"address": "a.b", "previous_address": "a.c", "mode": "managed", "type": "a", "change": map[string]any{"actions": []any{"no-op"}}}
		data := map[string]any{"address": "data.usersync_directory.now", "mode": "data", "type": "usersync_directory", "change": map[string]any{"actions": []any{"read"}}}
		imported := other("no-op")
		imported["change"].(map[string]any)["importing"] = map[string]any{"id": "x"}
		auto := func() map[string]any { return outcomeChange(nil) }
		for _, c := range []struct {
			what    string
			changes []any
			more    map[string]any
			want    string // "" for a failure
		}{
			{"nothing", []any{unchanged}, nil, "none"},
			{"nothing at all", nil, nil, "none"},
			{"hires", []any{auto(), unchanged}, nil, "auto"},
			{"hires in two organisations", []any{auto(), auto()}, nil, "auto"},
			{"an output follows", []any{auto()}, map[string]any{"output_changes": map[string]any{"n": map[string]any{"actions": []any{"update"}}}}, "auto"},
			{"an output is new", []any{auto()}, map[string]any{"output_changes": map[string]any{"n": map[string]any{"actions": []any{"create"}}}}, "review"},
			{"an output alone", nil, map[string]any{"output_changes": map[string]any{"n": map[string]any{"actions": []any{"update"}}}}, "review"},
			{"a loss", []any{outcomeChange(map[string]any{"after.changes": map[string]any{"severity": "review"}})}, nil, "review"},
			{"hires here, a loss there", []any{auto(), outcomeChange(map[string]any{"after.changes": map[string]any{"severity": "review"}})}, nil, "review"},
			{"hires here, blocked there", []any{auto(), outcomeChange(map[string]any{"after.changes": map[string]any{"severity": "blocked"}})}, nil, "blocked"},
			{"blocked beside another change", []any{other("update"), outcomeChange(map[string]any{"after.changes": map[string]any{"severity": "blocked"}})}, nil, "blocked"},
			{"a severity of tomorrow", []any{outcomeChange(map[string]any{"after.changes": map[string]any{"severity": "harmless"}})}, nil, "review"},
			{"no severity", []any{outcomeChange(map[string]any{"after.changes": nil})}, nil, "review"},
			{"the severity of last night", []any{outcomeChange(map[string]any{"after.accepted": "old"})}, nil, "review"},
			{"a limit", []any{outcomeChange(map[string]any{"after.guardrails": map[string]any{"max_lost": 500}})}, nil, "review"},
			{"an argument of tomorrow", []any{outcomeChange(map[string]any{"after.quiet": true})}, nil, "review"},
			{"not known yet", []any{outcomeChange(map[string]any{"after_unknown": map[string]any{"changes": map[string]any{"severity": true}}})}, nil, "review"},
			{"a create", []any{outcomeChange(map[string]any{"actions": []any{"create"}, "before": nil})}, nil, "review"},
			{"a destroy", []any{outcomeChange(map[string]any{"actions": []any{"delete"}, "after": nil})}, nil, "review"},
			{"a replacement", []any{outcomeChange(map[string]any{"actions": []any{"delete", "create"}})}, nil, "review"},
			{"forgotten", []any{outcomeChange(map[string]any{"actions": []any{"forget"}})}, nil, "review"},
			{"a policy too", []any{auto(), other("update")}, nil, "review"},
			{"an import too", []any{auto(), imported}, nil, "review"},
			{"a move too", []any{auto(), moved}, nil, "review"},
			{"a reading put off to apply", []any{auto(), data}, nil, "review"},
			{"an action", []any{auto()}, map[string]any{"action_invocations": []any{map[string]any{}}}, "review"},
			{"deferred", []any{auto()}, map[string]any{"deferred_changes": []any{map[string]any{}}}, "review"},
			{"half a plan", []any{auto()}, map[string]any{"complete": false}, "review"},
			{"a check that fails", []any{auto()}, map[string]any{"checks": []any{map[string]any{"status": "fail"}}}, "review"},
			{"a check that holds", []any{auto()}, map[string]any{"checks": []any{map[string]any{"status": "pass"}}}, "auto"},
			{"a run that failed", []any{auto()}, map[string]any{"errored": true}, ""},
			{"no plan", nil, map[string]any{"format_version": nil, "resource_changes": nil}, ""},
		} {
			document := map[string]any{"format_version": "1.2", "resource_changes": c.changes, "complete": true, "errored": false}
			for key, v := range c.more {
				document[key] = v
				if v == nil {
					delete(document, key)
				}
			}
			raw, err := json.Marshal(document)
			b.Must(err)
			cmd := exec.CommandContext(b.Context(), b.jq(), "-r", "-f", filepath.Join(repository(b.T), "examples", "pipelines", "scripts", "verdict.jq"))
			cmd.Stdin = bytes.NewReader(raw)
			out, err := cmd.Output()
			if got := strings.TrimSpace(string(out)); got != c.want || (err == nil) != (c.want != "") {
				b.Errorf("%s: %q instead of %q (%v)", c.what, got, c.want, err)
			}
		}
	})
}

// jq is the program that the make targets built, else the one on PATH.
func (b *bench) jq() string {
	b.Helper()
	if path := os.Getenv(envJQ); path != "" {
		return path
	}
	path, err := exec.LookPath("jq")
	if err != nil {
		b.Fatalf("the pipelines' scripts need jq; run through make, which builds one: %v", err)
	}
	return path
}
