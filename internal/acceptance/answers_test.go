package acceptance

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const answersPage = "docs/guides/answers.md"

// answers are the sections of the page of answers: heading to text.
func answers(t *testing.T) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(repository(t), filepath.FromSlash(answersPage)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, part := range strings.Split(string(raw), "\n## ")[1:] {
		heading, text, _ := strings.Cut(part, "\n")
		out[heading] = strings.TrimSpace(text)
	}
	return out
}

// What people ask is a heading that a search finds, and is answered on one screen.
func TestAnswers_Headings(t *testing.T) {
	const screen = 45
	sections := answers(t)
	for heading, text := range sections {
		if n := strings.Count(text, "\n") + 1; n > screen {
			t.Errorf("%q has %d lines: more than a screen", heading, n)
		}
	}
	for _, words := range []string{
		"service accounts", "exclude", "unlinked", "suspended", "address taken", "restart needed", "access review", "csv",
		"licenses", "seats", "checks", "notification", "department", "other applications", "destroy", "hcp terraform",
		"remote state", "permissions", "several tenants", "mock_provider",
	} {
		found := false
		for heading := range sections {
			found = found || strings.Contains(strings.ToLower(heading), words)
		}
		if !found {
			t.Errorf("no heading of %s has %q", answersPage, words)
		}
	}
}

// The configuration of each answer plans on the example tenant, and gives what it
// says.
func TestAnswers_Plan(t *testing.T) {
	each(t, func(b *bench) {
		b.signedIn()
		examples := exampleSnippets(b.T)
		shared := sharedBlocks(examples)
		shared["usersync_outcome.guard"] = guard()
		var snippets []snippet
		for i, text := range b.blocksOf(answersPage, "terraform") {
			snippets = append(snippets, parse(b.T, fmt.Sprintf("answer %d", i+1), text).completed(b.T, shared))
		}
		b.together(snippets, b.ProviderBlock())
		main := readFile(b, "main.tf")
		for i, s := range snippets {
			for _, block := range s.body.Blocks {
				if block.Type == "output" {
					main += fmt.Sprintf("output %q {\n  value = nonsensitive(module.s%03d.%s)\n}\n",
						block.Labels[0], i, block.Labels[0])
				}
			}
		}
		b.Write("main.tf", main)
		b.tidy(b.plan(2).Output)
		b.apply()
		outputs := b.outputs()
		b.says(string(outputs["access"]), `chloe.dubois@company.com,\"Sales\"`)
		b.saysNot(string(outputs["access"]), "adele.vance")
		b.says(
			string(outputs["skipped_csv"]),
			`user,decision\nadele.vance_fabrikam.example#EXT#@company.onmicrosoft.com,\"skip: `,
		)
	})
}

// The answer about mock_provider: a module of somebody's, tested without a tenant.
func TestAnswers_MockProvider(t *testing.T) {
	eachOffline(t, func(b *bench) {
		for heading, text := range answers(b.T) {
			if !strings.Contains(heading, "mock_provider") {
				continue
			}
			_, text, _ = strings.Cut(text, "```hcl\n")
			text, _, _ = strings.Cut(text, "```")
			b.Must(os.MkdirAll(filepath.Join(b.Dir, "tests"), 0o755))
			b.Write("tests/mocked.tftest.hcl", text)
		}
		b.Write("main.tf", requires+sources+guard()+
			"output \"skipped\" {\n  value = keys(jsondecode(usersync_outcome.guard.decisions))\n}\n")
		b.Init()
		b.says(b.Do(0, "test", "-no-color").Output, "1 passed, 0 failed")
	})
}

// The answer about notifications, with a plan.sh and a curl of the test's own: a
// verdict is sent, and nothing where nothing changes.
func TestAnswers_Notification(t *testing.T) {
	onceOffline(t, func(b *bench) {
		var snippet string
		for heading, text := range answers(b.T) {
			if strings.Contains(heading, "notification") {
				_, text, _ = strings.Cut(text, "```shell\n")
				snippet, _, _ = strings.Cut(text, "```")
			}
		}
		b.executable("scripts/plan.sh", "#!/bin/sh\nmkdir -p out\necho \"$VERDICT\" >out/verdict\n")
		b.executable("bin/curl", "#!/bin/sh\necho \"$*\" >>sent\ncat >>sent\n")
		b.Must(os.Symlink(b.jq(), filepath.Join(b.Dir, "bin", "jq")))
		b.Must(os.MkdirAll(filepath.Join(b.Dir, "tenant"), 0o755))
		env := []string{
			"PATH=" + filepath.Join(b.Dir, "bin") + ":" + os.Getenv("PATH"), "WEBHOOK_URL=https://hooks.example/x",
			"RUN_URL=https://runs.example/7",
		}
		run := func(verdict string) {
			b.shell(filepath.Join(b.Dir, "tenant"), append(env, "VERDICT="+verdict), snippet)
		}
		run("none")
		if _, err := os.Stat(filepath.Join(b.Dir, "tenant", "sent")); err == nil {
			b.Error("a plan without changes is told")
		}
		run("review")
		b.says(
			readFile(b, "tenant/sent"),
			"https://hooks.example/x",
			`"Who syncs to Atlassian: review. https://runs.example/7"`,
		)
	})
}
