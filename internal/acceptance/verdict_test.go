package acceptance

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

// A plan as `show -json` has it: an outcome took hires, and nothing else changes.
const hiresPlan = `{
  "format_version": "1.2", "terraform_version": "1.11.4", "timestamp": "2026-11-20T02:00:00Z", "errored": false, "applyable": true, "complete": true,
  "planned_values": {}, "prior_state": {}, "configuration": {}, "relevant_attributes": [], "variables": {},
  "output_changes": {"synced": {"actions": ["update"], "before": 30, "after": 31, "after_unknown": false, "before_sensitive": false, "after_sensitive": false}},
  "checks": [{"address": {"to_display": "check.x"}, "status": "pass"}],
  "resource_changes": [
    {"address": "usersync_outcome.guard", "mode": "managed", "type": "usersync_outcome", "name": "guard", "provider_name": "registry.terraform.io/usersync/usersync", "change": {
      "actions": ["update"],
      "before": {"id": "1", "accepted": "old", "resolved": {}, "severity": "review", "summary": {"synced": 30}, "connector": "atlassian_nested_groups", "guardrails": {"max_lost": 5}, "what_if": null},
      "after":  {"id": "1", "accepted": "new", "resolved": {}, "severity": "auto", "summary": {"synced": 31}, "connector": "atlassian_nested_groups", "guardrails": {"max_lost": 5}, "what_if": null},
      "before_sensitive": {"accepted": true}, "after_sensitive": {"accepted": true, "resolved": true}, "after_unknown": {"summary": {}}}},
    {"address": "usersync_user_type_record.before", "mode": "managed", "type": "usersync_user_type_record", "name": "before", "provider_name": "registry.opentofu.org/usersync/usersync", "change": {
      "actions": ["no-op"], "before": {}, "after": {}, "before_sensitive": {}, "after_sensitive": {}, "after_unknown": {}}}
  ]
}`

// verdictOf runs verdict.jq on a plan that a jq program makes of another.
func (b *bench) verdictOf(plan, change string) (verdict string, err error) {
	b.Helper()
	if change == "" {
		change = "."
	}
	edit := exec.CommandContext(b.Context(), b.jq(), change)
	edit.Stdin = strings.NewReader(plan)
	raw, err := edit.Output()
	if err != nil {
		b.Fatalf("%s: %v", change, err)
	}
	cmd := exec.CommandContext(
		b.Context(),
		b.jq(),
		"-r",
		"-f",
		filepath.Join(repository(b.T), "examples", "pipelines", "scripts", "verdict.jq"),
	)
	cmd.Stdin = bytes.NewReader(raw)
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}

// The plans that the gate lets through, or holds for a known reason.
func TestVerdicts(t *testing.T) {
	eachOffline(t, func(b *bench) {
		const change = `.resource_changes[0].change`
		for _, c := range []struct{ what, change, want string }{
			{"hires", ``, "auto"},
			{"hires, by OpenTofu", `.resource_changes[].provider_name = "registry.opentofu.org/usersync/usersync" | del(.complete, .applyable, .checks)`, "auto"},
			{"hires in two organizations", `.resource_changes += [.resource_changes[0] | .address = "usersync_outcome.emea"]`, "auto"},
			{"hires in a module's outcomes", `.resource_changes[0] += {"module_address": "module.m", "index": "emea"}`, "auto"},
			{"another provider's resource that stays", `.resource_changes[1].provider_name = "registry.terraform.io/hashicorp/azuread"`, "auto"},
			{"what moved outside", `.resource_drift = [{"address": "usersync_user_type_policy.p"}]`, "auto"},
			{"nothing", `.resource_changes |= .[1:] | .output_changes.synced.actions = ["no-op"]`, "none"},
			{"nothing at all", `del(.resource_changes, .output_changes, .checks)`, "none"},
			{"blocked", change + `.after.severity = "blocked"`, "blocked"},
			{"blocked beside another change", change + `.after.severity = "blocked" | .resource_changes[1].change.actions = ["update"]`, "blocked"},
			{"blocked here, hires there", `.resource_changes += [.resource_changes[0]] | ` + change + `.after.severity = "blocked"`, "blocked"},
			{"a loss", change + `.after.severity = "review"`, "review"},
			{"a create", change + `.actions = ["create"] | ` + change + `.before = null`, "review"},
		} {
			if got, err := b.verdictOf(hiresPlan, c.change); got != c.want {
				b.Errorf("%s: got %q, want %q (%v)", c.what, got, c.want, err)
			}
		}
		for what, change := range map[string]string{"a run that failed": `.errored = true`, "no plan": `{}`, "no object": `[.]`} {
			if got, err := b.verdictOf(hiresPlan, change); err == nil {
				b.Errorf("%s: got %q, want an error", what, got)
			}
		}
	})
}

// Attacks on the gate: none of these is auto, nor none.
func TestVerdictAttacks(t *testing.T) {
	eachOffline(t, func(b *bench) {
		const first, change = `.resource_changes[0]`, `.resource_changes[0].change`
		for what, attack := range map[string]string{
			"actions that the plan puts off":     `.deferred_action_invocations = [{"reason": "x"}]`,
			"actions":                            `.action_invocations = [{"address": "action.a.b"}]`,
			"changes that the plan puts off":     `.deferred_changes = [{"reason": "x"}]`,
			"a section of tomorrow":              `.ephemeral_invocations = []`,
			"a format of tomorrow":               `.format_version = "9.0"`,
			"a minor format of tomorrow":         `.format_version = "1.3"`,
			"a format that is a number":          `.format_version = 1.2`,
			"half a plan":                        `.complete = false`,
			"errored isn't said":                 `del(.errored)`,
			"errored is a text":                  `.errored = "false"`,
			"changes that aren't a list":         `.resource_changes = {"a": .resource_changes[0]}`,
			"outputs that aren't an object":      `.output_changes = [{"actions": ["create"]}]`,
			"a check that fails":                 `.checks[0].status = "fail"`,
			"a check with an error":              `.checks[0].status = "error"`,
			"a check that isn't known":           `.checks[0].status = "unknown"`,
			"checks of another shape":            `.checks = {"a": "fail"}`,
			"a new output":                       `.output_changes.more = {"actions": ["create"], "before": null, "after": 1}`,
			"an output that goes":                `.output_changes.more = {"actions": ["delete"], "before": 1, "after": null}`,
			"an output that isn't known":         `.output_changes.synced.after_unknown = true`,
			"an output that is part unknown":     `.output_changes.synced.after_unknown = {"a": [true]}`,
			"an output that isn't secret longer": `.output_changes.synced.before_sensitive = true`,
			"an output of tomorrow":              `.output_changes.synced.deferred = true`,
			"an output alone":                    `.resource_changes |= .[1:]`,

			"another provider":            first + `.provider_name = "registry.terraform.io/evil/usersync"`,
			"another registry":            first + `.provider_name = "evil.example/usersync/usersync"`,
			"no provider":                 `del(` + first + `.provider_name)`,
			"a resource of another type":  first + `.type = "usersync_user_type_policy"`,
			"a data source":               first + `.mode = "data"`,
			"a deposed object":            first + `.deposed = "abcd1234"`,
			"a move":                      first + `.previous_address = "usersync_outcome.old"`,
			"a reason":                    first + `.action_reason = "replace_because_tainted"`,
			"a key of tomorrow":           first + `.defers = {}`,
			"an import":                   change + `.importing = {"id": "x"}`,
			"generated configuration":     change + `.generated_config = "x"`,
			"paths to replace":            change + `.replace_paths = [["scope"]]`,
			"a change's key of tomorrow":  change + `.forgets = true`,
			"a destroy":                   change + `.actions = ["delete"] | ` + change + `.after = null`,
			"a replacement":               change + `.actions = ["delete", "create"]`,
			"a replacement the other way": change + `.actions = ["create", "delete"]`,
			"forgotten":                   change + `.actions = ["forget"]`,
			"a read":                      change + `.actions = ["read"]`,
			"two updates":                 change + `.actions = ["update", "update"]`,
			"no action":                   change + `.actions = []`,
			"a text for actions":          change + `.actions = "update"`,
			"no change":                   `del(` + change + `)`,
			"an identity that changes":    change + ` += {"before_identity": {"id": "a"}, "after_identity": {"id": "b"}}`,

			"a severity of tomorrow":          change + `.after.severity = "harmless"`,
			"a severity that isn't known":     change + `.after.severity = null | ` + change + `.after_unknown.severity = true`,
			"no severity":                     `del(` + change + `.after.severity)`,
			"a severity in changes":           `del(` + change + `.after.severity) | ` + change + `.after.changes.severity = "auto"`,
			"the severity of last night":      change + `.after.accepted = "old"`,
			"nothing accepted":                change + `.after.accepted = null`,
			"a limit":                         change + `.after.guardrails.max_lost = 500`,
			"a limit that goes":               `del(` + change + `.after.guardrails.max_lost)`,
			"guardrails that go":              change + `.after.guardrails = null`,
			"an argument that comes":          change + `.after.quiet = true`,
			"an argument that comes as null":  change + `.after.quiet = null`,
			"an argument that goes":           `del(` + change + `.after.what_if)`,
			"a block that comes":              change + `.after.scope = [{"everyone": true}]`,
			"another id":                      change + `.after.id = "2"`,
			"an argument that isn't secret":   change + `.before_sensitive.connector = true`,
			"an argument that isn't known":    change + `.after_unknown.connector = true`,
			"a limit that isn't known":        change + `.after_unknown.guardrails = {"max_lost": true}`,
			"all of it isn't known":           change + `.after_unknown = true`,
			"hires here, a loss there":        `.resource_changes += [.resource_changes[0] | .change.after.severity = "review"]`,
			"hires here, a create there":      `.resource_changes += [.resource_changes[0] | .change.actions = ["create"]]`,
			"another resource is updated":     `.resource_changes[1].change.actions = ["update"]`,
			"another resource is imported":    `.resource_changes[1].change.importing = {}`,
			"another resource is moved":       `.resource_changes[1].previous_address = "a.b"`,
			"another resource is put off":     `.resource_changes[1].deferred = {"reason": "x"}`,
			"another resource isn't known":    `.resource_changes[1].change.after_unknown = {"id": true}`,
			"another resource has no actions": `del(.resource_changes[1].change.actions)`,
			"a text for a resource":           `.resource_changes += ["usersync_outcome.guard"]`,
			"null for a resource":             `.resource_changes += [null]`,
		} {
			if got, err := b.verdictOf(hiresPlan, attack); got != "review" {
				b.Errorf("%s: got %q, want review (%v)", what, got, err)
			}
		}
	})
}

// The verdict is the same where the CLIs' own plans are attacked.
func TestVerdictOfRealPlans(t *testing.T) {
	each(t, func(b *bench) {
		b.signedIn()
		m := b.pipeline()
		m.Plan(2, "-out=first.tfplan")
		m.Do(0, "apply", "-input=false", "first.tfplan")
		b.user(
			`{"userPrincipalName":"` + nora + `","displayName":"Nora Lund","mail":"` + nora + `","userType":"Member","accountEnabled":true}`,
		)
		b.Must(b.Server.AddMember(sales, nora))
		m.Plan(2, "-out=second.tfplan")
		const severity = `.resource_changes[0].change.after |= (.severity //= .changes.severity) | `
		plan := m.Do(0, "show", "-json", "second.tfplan").Output
		if got, err := b.verdictOf(plan, severity+"."); got != "auto" {
			b.Errorf("a hire: got %q, want auto (%v)", got, err)
		}
		for _, attack := range []string{
			`.deferred_action_invocations = [{}]`, `.more = []`, `.format_version = "9.0"`, `.resource_changes[0].provider_name = "x"`, `.resource_changes[0].deposed = "x"`,
			`.resource_changes[0].change.after.guardrails.max_lost = 500`, `.resource_changes[0].change.after.guardrails = null`,
		} {
			if got, _ := b.verdictOf(plan, severity+attack); got != "review" {
				b.Errorf("%s: got %q, want review", attack, got)
			}
		}
		m.Do(0, "apply", "-input=false", "second.tfplan")
		m.Plan(0, "-out=third.tfplan")
		if got, err := b.verdictOf(m.Do(0, "show", "-json", "third.tfplan").Output, ""); got != "none" {
			b.Errorf("nothing: got %q, want none (%v)", got, err)
		}
	})
}

// plainly filters a text as the scripts filter what the CLI prints.
func (b *bench) plainly(text string) string {
	b.Helper()
	cmd := exec.CommandContext(
		b.Context(),
		"sh",
		filepath.Join(repository(b.T), "examples", "pipelines", "scripts", "plain.sh"),
	)
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.Output()
	b.Must(err)
	return string(out)
}

// What hosts take for commands doesn't come through, however it is hidden.
func TestLogCommands(t *testing.T) {
	eachOffline(t, func(b *bench) {
		for _, text := range []string{
			"##vso[task.setvariable variable=x]y", "a group ##vso[task.complete result=Succeeded;]", "##[error]x", "###[x]", "####vso[x]",
			"#\x1b[0m#vso[x]", "\x1b[31m#\x1b[1;31m#\x1b[0mvso[x]", "#\r#vso[x]", "#\x00#vso[x]", "#\x08#vso[x]", "#\x1b#vso[x]", "#\x1b[3\x1b[1m1m#vso[x]",
			"::add-mask::x", " ::set-output name=x::y", ":::", "::::warning::x", ":\x1b[0m:error::x", ":\r:error::x", "x\r::error::x", "\x1b]0;t\x07::error::x", ":\x7f:error::x",
			"section_start:1:x\r\x1b[0Ky", "section_\x1b[0mend:1:x",
		} {
			got := b.plainly(text + "\n")
			for _, command := range []string{"##", "::", "section_start:", "section_end:", "\r", "\x1b", "\x00", "\x07", "\x08"} {
				if strings.Contains(got, command) {
					b.Errorf("%q came through as %q", text, got)
				}
			}
		}
		const harmless = "  # usersync_outcome.guard will be updated in-place\n  ~ a = \"Zoë: ü\" -> null # (b)\n"
		if got := b.plainly(harmless); got != harmless {
			b.Errorf("a plan's text became %q", got)
		}
	})
}

// fakeCLI prints commands for a host's log wherever a CLI prints, and ends as its
// environment says.
const fakeCLI = `#!/bin/sh
printf 'out ##vso[task.complete] ::add-mask::x \033[31m#\033[0m#[error]\r\n'
printf 'err ##vso[task.complete] ::add-mask::x \r::error::y\n' >&2
case $1 in
  plan)
    for a in "$@"; do case $a in -out=*) : >"${a#-out=}" ;; esac; done
    exit "$PLAN_CODE" ;;
  show) sed 1q "$PLAN_JSON" >/dev/null; exec cat "$PLAN_JSON" ;;
  apply) exit "$APPLY_CODE" ;;
esac
`

// The scripts print nothing that a host takes for its commands, from neither
// stream of the CLI, and end as the CLI does.
func TestScriptsKeepCodes(t *testing.T) {
	eachOffline(t, func(b *bench) {
		scripts := b.examples("pipelines/scripts")
		fake := filepath.Join(b.Dir, "fake")
		b.Must(
			os.WriteFile(
				fake,
				[]byte(strings.Replace(fakeCLI, `printf 'out`, "[ \"$1\" = show ] || printf 'out", 1)),
				0o700,
			),
		)
		b.Must(os.WriteFile(filepath.Join(b.Dir, "hires.json"), []byte(hiresPlan), 0o600))
		b.Must(os.WriteFile(filepath.Join(b.Dir, "bad.json"), []byte("##vso[x] is no JSON ::error::"), 0o600))
		for _, c := range []struct {
			what, plan, json, apply string
			code                    int
		}{
			{"hires, applied", "2", "hires.json", "0", 0},
			{"an apply that fails", "2", "hires.json", "1", 1},
			{"a plan that fails", "1", "hires.json", "0", 1},
			{"a CLI that was killed", "137", "hires.json", "0", 1},
			{"a plan that can't be shown", "2", "absent.json", "0", 1},
			{"a plan that is no JSON", "2", "bad.json", "0", 1},
			{"the CLI says nothing changes", "0", "hires.json", "0", 3},
		} {
			w := *scripts.Workspace
			w.Env = append(
				slices.Clone(scripts.Env),
				"TF="+fake,
				"JQ="+b.jq(),
				"PLAN_CODE="+c.plan,
				"PLAN_JSON="+filepath.Join(b.Dir, c.json),
				"APPLY_CODE="+c.apply,
			)
			night := &bench{&clitest.Bench{T: b.T, Workspace: &w}}
			out := night.script(c.code, "drift.sh", "out").Output
			if !strings.Contains(out, "err # #vso[") {
				b.Errorf("%s: the CLI's messages don't come through:\n%s", c.what, out)
			}
			for _, command := range []string{"##", "::", "\r", "\x1b"} {
				if strings.Contains(out, command) {
					b.Errorf("%s: %q is in the log:\n%q", c.what, command, out)
				}
			}
		}
	})
}

// A name can't end the code span that it stands in.
func TestReportEscapesNames(t *testing.T) {
	eachOffline(t, func(b *bench) {
		cmd := exec.CommandContext(
			b.Context(),
			b.jq(),
			"-r",
			"--arg",
			"verdict",
			"review",
			"-f",
			filepath.Join(repository(b.T), "examples", "pipelines", "scripts", "report.jq"),
		)
		cmd.Stdin = strings.NewReader("{\"resource_changes\": [{\"address\": \"module.m[\\\"a`b``c\\n# x <img " +
			"src=x>\\\"].a.b\", \"mode\": \"managed\", \"type\": \"a\", \"change\": {\"actions\": [\"delete\"]}}]}")
		out, err := cmd.Output()
		b.Must(err)
		if want := "- ``` module.m[\"a`b``c # x <img src=x>\"].a.b ```: delete\n"; !strings.HasSuffix(
			string(out),
			want,
		) {
			b.Errorf("got %q, want %q at its end", out, want)
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
