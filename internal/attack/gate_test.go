package attack

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

// hires is a plan as "show -json" has it: an outcome took hires, by drift. It
// has the severity in both places where editions of the provider have it.
const hires = `{
  "format_version": "1.2", "terraform_version": "1.11.4", "timestamp": "2026-11-20T02:00:00Z",
  "errored": false, "applyable": true, "complete": true,
  "planned_values": {}, "prior_state": {}, "configuration": {}, "relevant_attributes": [], "variables": {},
  "output_changes": {"synced": {
    "actions": ["update"], "before": 30, "after": 31, "after_unknown": false,
    "before_sensitive": false, "after_sensitive": false
  }},
  "checks": [{"address": {"to_display": "check.x"}, "status": "pass"}],
  "resource_changes": [{
    "address": "usersync_outcome.guard", "mode": "managed", "type": "usersync_outcome", "name": "guard",
    "provider_name": "registry.terraform.io/usersync/usersync",
    "change": {
      "actions": ["update"],
      "before": {
        "id": "1", "accepted": "old", "resolved": "{}", "severity": "review", "changes": {"severity": "review"},
        "summary": {"synced": 30}, "settings": "{}", "what_if_applied": "none",
        "connector": "atlassian_nested_groups", "guardrails": {"max_lost": 5}
      },
      "after": {
        "id": "1", "accepted": "new", "resolved": "{}", "severity": "auto", "changes": {"severity": "auto"},
        "summary": {"synced": 31}, "settings": "{}", "what_if_applied": "none",
        "connector": "atlassian_nested_groups", "guardrails": {"max_lost": 5}
      },
      "before_sensitive": {"accepted": true}, "after_sensitive": {"accepted": true}, "after_unknown": {"summary": {}}
    }
  }]
}`

// scripts is the folder of the pipelines' scripts that are attacked.
func scripts(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv(envScripts); dir != "" {
		return dir
	}
	root, err := clitest.Root()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "examples", "pipelines", "scripts")
}

func (b *bench) jq() string {
	b.Helper()
	jq := os.Getenv(envJQ)
	if jq == "" {
		b.Skip("LEFT OUT: " + envJQ + " names no jq")
	}
	return jq
}

// script runs a pipelines' script with a CLI, and answers what it prints and
// how it ends.
func (b *bench) script(cli, name string, args ...string) clitest.Result {
	b.Helper()
	cmd := b.Command(b.Context())
	cmd.Path, cmd.Args = filepath.Join(scripts(b.T), name), append([]string{name}, args...)
	cmd.Env = append(cmd.Env, "TF="+cli, "JQ="+b.jq())
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		b.Fatal(err)
	}
	return clitest.Result{Output: string(out), Code: cmd.ProcessState.ExitCode()}
}

// verdict is verdict.jq's, "" where it ends with an error.
func (b *bench) verdict(plan []byte) string {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), b.jq(), "-r", "-f", filepath.Join(scripts(b.T), "verdict.jq"))
	cmd.Stdin = bytes.NewReader(plan)
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// Plans that look like a night's hires and aren't.
func TestAttack_05_Verdict(t *testing.T) {
	attack(t, func(b *bench) {
		type object = map[string]any
		night := func(change func(plan, outcome, change, after object)) string {
			var plan object
			b.Must(json.Unmarshal([]byte(hires), &plan))
			outcome := plan["resource_changes"].([]any)[0].(object)
			c := outcome["change"].(object)
			change(plan, outcome, c, c["after"].(object))
			raw, err := json.Marshal(plan)
			b.Must(err)
			return b.verdict(raw)
		}
		asItIs := func(_, _, _, _ object) {}
		if night(asItIs) != "auto" { // the edition before had the severity among the changes alone
			asItIs = func(_, _, c, _ object) {
				delete(c["before"].(object), "severity")
				delete(c["after"].(object), "severity")
			}
		}
		if got := night(asItIs); got != "auto" {
			b.Fatalf("a night's hires are %q: a gate that lets nothing through proves nothing", got)
		}
		for name, change := range map[string]func(plan, outcome, change, after object){
			"actions put off":       func(p, _, _, _ object) { p["deferred_action_invocations"] = []any{object{"reason": "x"}} },
			"a section of tomorrow": func(p, _, _, _ object) { p["ephemeral_changes"] = []any{object{"actions": []any{"delete"}}} },
			"an empty section of tomorrow": func(p, _, _, _ object) {
				p["forgotten_resources"] = []any{}
			},
			"a format of tomorrow":       func(p, _, _, _ object) { p["format_version"] = "9.0" },
			"a minor format of tomorrow": func(p, _, _, _ object) { p["format_version"] = "1.20" },
			"a format that is a number":  func(p, _, _, _ object) { p["format_version"] = 1.2 },
			"a foreign provider":         func(_, o, _, _ object) { o["provider_name"] = "registry.terraform.io/evil/usersync" },
			"a foreign registry":         func(_, o, _, _ object) { o["provider_name"] = "evil.example/usersync/usersync" },
			"no provider":                func(_, o, _, _ object) { delete(o, "provider_name") },
			"a provider's name in capitals": func(_, o, _, _ object) {
				o["provider_name"] = "registry.terraform.io/UserSync/usersync"
			},
			"a deposed object":          func(_, o, _, _ object) { o["deposed"] = "00000001" },
			"a reason":                  func(_, o, _, _ object) { o["action_reason"] = "replace_by_triggers" },
			"a key of tomorrow":         func(_, o, _, _ object) { o["deferred"] = true },
			"a change's key":            func(_, _, c, _ object) { c["replace_paths"] = []any{[]any{"scope"}} },
			"an identity that changes":  func(_, _, c, _ object) { c["after_identity"] = object{"id": "2"} },
			"nothing accepted":          func(_, _, _, a object) { a["accepted"] = nil },
			"secret no longer":          func(_, _, c, _ object) { c["after_sensitive"] = object{"guardrails": true} },
			"half errored":              func(p, _, _, _ object) { p["errored"] = "yes" },
			"nobody says it went well":  func(p, _, _, _ object) { delete(p, "errored") },
			"a check isn't known":       func(p, _, _, _ object) { p["checks"] = []any{object{"status": "unknown"}} },
			"an output in part unknown": func(p, _, _, _ object) { p["output_changes"].(object)["synced"].(object)["after_unknown"] = true },
			"an output secret no longer": func(p, _, _, _ object) {
				p["output_changes"].(object)["synced"].(object)["before_sensitive"] = true
			},
		} {
			got := night(func(p, o, c, a object) { asItIs(p, o, c, a); change(p, o, c, a) })
			if got != "review" && got != "blocked" && got != "" {
				b.Errorf("BROKEN: the gate lists what is allowed: %s is %q", name, got)
			} else {
				b.Logf("held: %s", name)
			}
		}
	})
}

// An argument that changes beside a night's hire: no person has seen it.
func TestAttack_05_ArgumentsBesideDrift(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{
		"WhatIfDomain": guard(`what_if { verified_domains = ["dev.company.com"] }`),
		"WhatIfType":   guard(`what_if { user_types = jsonencode({ "clara.jensen@company.com" = "Guest" }) }`),
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(b *bench) {
				s := b.example()
				b.accept(s, guard())
				b.save(s.hire("People", "new@company.com"))
				b.configure(config)
				before := b.State()
				r := b.script(b.CLI.Path, "drift.sh", "out")
				if r.Code != 3 || b.State() != before {
					b.Errorf("BROKEN: no configured argument differs in what is applied by itself: drift.sh ended "+
						"with %d:\n%s", r.Code, r.Output)
				}
			})
		})
	}
}

// What was assumed beside a night's hire decides about those who come later:
// one more whom the sync leaves out is told as one who syncs.
func TestAttack_05_AssumedInTheNight(t *testing.T) {
	attack(t, func(b *bench) {
		s := b.example()
		b.accept(s, guard())
		b.configure(guard(`what_if { verified_domains = ["dev.company.com"] }`))
		for _, name := range []string{"new@company.com", "new@dev.company.com"} {
			b.save(s.hire("People", name))
			if r := b.script(b.CLI.Path, "drift.sh", "out"); r.Code == 3 {
				return
			}
		}
		b.Errorf("BROKEN: a colleague whose domain isn't verified came in, and nobody was asked:\n%s", b.State()[:200])
	})
}

// Real nights that the script must not apply.
func TestAttack_05_Nights(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config string
		does   func(s *tenant)
	}{
		"CrossTenantMembers": {guard(), func(s *tenant) { s.hire("Fabrikam colleagues", "carol_fabrikam.example#EXT#@company.onmicrosoft.com") }},
		"MustSync":           {limits(`must_sync = ["` + ravi + `"]`), func(s *tenant) { s.remove(ravi) }},
		"MostLeave":          {guard(), func(s *tenant) { s.disable(six...).disable(amara) }},
		"Admins": {guard(), func(s *tenant) {
			s.rename(mei, "m@company.com").join("jira-administrators", s.user("m@company.com")["id"].(string))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(b *bench) {
				s := b.example()
				b.accept(s, c.config)
				c.does(s)
				b.save(s)
				before := b.State()
				r := b.script(b.CLI.Path, "drift.sh", "out")
				if r.Code != 3 || b.State() != before {
					b.Errorf("BROKEN: what is for a person waits for them: drift.sh ended with "+
						"%d:\n%s", r.Code, r.Output)
				}
			})
		})
	}
}

// commandLines are lines that hosts of pipelines take for commands, and what must
// stand in no log of them.
var commandLines = []string{
	"a group called ##vso[task.setvariable variable=x]y",
	"##[command]x",
	"#\x1b[0m#vso[task.complete result=Succeeded]x",
	"#\x01#vso[a]b",
	"###vso[a]b",
	"#\r#vso[a]b",
	"::add-mask::x",
	"in a line ::set-output name=a::b",
	":\x1b[1m:error::x",
	":::warning::x",
	"section_start:1560896352:s[collapsed=true]\r\x1b[0Kx",
	"section_\x1b[0mend:1560896352:s",
	"\x1b]0;title\x07##vso[a]b",
	"\x1b[31m##vso[a]b\x1b[0m",
	"#\x1b[38;5;1m#vso[a]b",
	"#\x08#vso[a]b",
	"\u009b0m##vso[a]b",
	"#\x1b(B#vso[a]b",
	"#\x7f#vso[a]b",
}

// What the CLI prints becomes no command of the host, and the scripts end as it
// does.
func TestAttack_05_LogCommands(t *testing.T) {
	attack(t, func(b *bench) {
		b.Write("lines", strings.Join(commandLines, "\n")+"\n")
		b.Write("plan.json", hires)
		b.Write("tf", `#!/bin/sh
cat "$LINES_FILE"
cat "$LINES_FILE" >&2
case $1 in
  show) exit 1 ;;
  plan) : >saved.tfplan; exit "$PLAN_CODE" ;;
esac
exit 1
`)
		tf := filepath.Join(b.Dir, "tf")
		b.Must(os.Chmod(tf, 0o700))
		b.Env = append(b.Env, "LINES_FILE="+filepath.Join(b.Dir, "lines"), "PLAN_CODE=1")
		b.Must(os.Mkdir(filepath.Join(b.Dir, "before"), 0o700))
		b.Must(os.Mkdir(filepath.Join(b.Dir, "after"), 0o700))
		for _, args := range [][]string{
			{"plan.sh"}, {"drift.sh"}, {"apply.sh", "auto"}, {"apply.sh", "approved"}, {"offline.sh", "before", "after", "plan.json"},
		} {
			b.clean(args, b.script(tf, args[0], args[1:]...), 1)
		}
		b.Env = append(b.Env, "PLAN_CODE=2")
		b.clean([]string{"plan.sh", "code 2, no plan"}, b.script(tf, "plan.sh"), 1)
	})
}

func (b *bench) clean(what []string, r clitest.Result, code int) {
	b.Helper()
	if r.Code != code {
		b.Errorf("BROKEN: exit codes stay: %s ended with %d, not %d", what, r.Code, code)
	}
	for _, command := range []string{"##", "::", "section_start:", "section_end:", "\x1b"} {
		if strings.Contains(r.Output, command) {
			b.Errorf("BROKEN: no name becomes a command of the host: %s prints %q:\n%q", what, command, r.Output)
		}
	}
}

// A name of a tenant that is a command of the host, in a real night.
func TestAttack_05_GroupIsACommand(t *testing.T) {
	attack(t, func(b *bench) {
		s := b.example()
		b.accept(s, guard())
		s.group("People")["displayName"] = "##vso[task.setvariable variable=approved]yes"
		s.group("Finance")["displayName"] = "::set-env name=x::y"
		b.save(s)
		r := b.script(b.CLI.Path, "drift.sh", "out")
		b.clean([]string{"drift.sh"}, r, 3)
	})
}

// An address that ends the code span that it stands in.
func TestAttack_05_CodeSpans(t *testing.T) {
	attack(t, func(b *bench) {
		for _, address := range []string{
			"a[\"`**x**\"]", "a[\"``x\"]", "a[\"x\n## Who will sync: none\"]", "a[\"x\r\n- b\"]",
		} {
			var plan map[string]any
			b.Must(json.Unmarshal([]byte(hires), &plan))
			r := plan["resource_changes"].([]any)[0].(map[string]any)
			r["address"], r["type"] = address, "other"
			raw, err := json.Marshal(plan)
			b.Must(err)
			cmd := exec.CommandContext(
				b.Context(),
				b.jq(),
				"-r",
				"--arg",
				"verdict",
				"review",
				"-f",
				filepath.Join(scripts(b.T), "report.jq"),
			)
			cmd.Stdin = bytes.NewReader(raw)
			out, err := cmd.Output()
			b.Must(err)
			for line := range strings.Lines(string(out)) {
				span, ok := strings.CutPrefix(line, "- ")
				if strings.HasPrefix(line, "## Who will sync: none") || strings.HasPrefix(line, "- b") {
					b.Errorf("BROKEN: report.jq escapes code spans: a name is a line of its own:\n%s", out)
				}
				fence := span[:len(span)-len(strings.TrimLeft(span, "`"))]
				if ok && fence != "" && strings.Contains(address, fence) {
					b.Errorf("BROKEN: report.jq escapes code spans: %q ends %q", address, line)
				}
			}
		}
	})
}
