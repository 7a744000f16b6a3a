package acceptance

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

var (
	pinned  = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	scripts = regexp.MustCompile(`[\w./$-]*scripts/([\w-]+\.sh)`)
)

// walk calls a function for every value of a YAML document with its key.
func walk(n *yaml.Node, key string, see func(key string, n *yaml.Node)) {
	see(key, n)
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			walk(n.Content[i+1], n.Content[i].Value, see)
		}
	default:
		for _, c := range n.Content {
			walk(c, key, see)
		}
	}
}

// weekend is how many days a plan of Friday night must be there.
const weekend = 4

// kept is for how many days a setting keeps an artifact.
func kept(key, value string) (days int, ok bool) {
	switch key {
	case "retention-days":
	case "expire_in":
		value, ok = strings.CutSuffix(value, " days")
		if !ok {
			return 0, true
		}
	default:
		return 0, false
	}
	days, err := strconv.Atoi(value)
	return days, err == nil
}

// Each script says what it is for and takes, and does nothing else.
func TestPipelineScripts_help(t *testing.T) {
	root, err := clitest.Root()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(root, "examples", "pipelines", "scripts", "*.sh"))
	if err != nil || len(files) != 5 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		for _, flag := range []string{"--help", "-h"} {
			cmd := exec.CommandContext(t.Context(), "sh", file, flag)
			cmd.Dir, cmd.Env = t.TempDir(), []string{"PATH=" + os.Getenv("PATH"), "TF=false", "JQ=false"}
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "  "+name) || strings.Contains(string(out), "set -eu") {
				t.Errorf("%s %s: %v\n%s", name, flag, err, out)
			}
			if left, err := os.ReadDir(cmd.Dir); err != nil || len(left) != 0 {
				t.Errorf("%s %s left %v, %v", name, flag, left, err)
			}
		}
	}
}

// The pipelines' files are YAML, call scripts that are there, pin what they use,
// and neither hold a client secret nor run a fork's code with secrets.
func TestPipelineFiles(t *testing.T) {
	root, err := clitest.Root()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "examples", "pipelines")
	var files []string
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".yml" {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) < 4 {
		t.Fatalf("%d pipelines: %v", len(files), err)
	}
	for _, file := range files {
		name, _ := filepath.Rel(dir, file)
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var document yaml.Node
		if err := yaml.Unmarshal(raw, &document); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		calls := 0
		walk(&document, "", func(key string, n *yaml.Node) {
			if n.Kind != yaml.ScalarNode {
				if n.Anchor != "" || n.Kind == yaml.AliasNode {
					t.Errorf("%s uses an anchor, which Azure DevOps doesn't know", name)
				}
				return
			}
			if days, ok := kept(key, n.Value); ok && days < weekend {
				t.Errorf("%s keeps an artifact for %d days: one of Friday night is gone on Tuesday", name, days)
			}
			if key == "uses" && !pinned.MatchString(n.Value) {
				t.Errorf("%s: %s isn't pinned by a commit", name, n.Value)
			}
			for _, m := range scripts.FindAllStringSubmatch(n.Value, -1) {
				calls++
				if _, err := os.Stat(filepath.Join(dir, "scripts", m[1])); err != nil {
					t.Errorf("%s calls a script that isn't there: %v", name, err)
				}
			}
			if strings.Contains(n.Value, "CLIENT_SECRET") || key == "pull_request_target" {
				t.Errorf("%s has %s: %s", name, key, n.Value)
			}
		})
		if regexp.MustCompile(`(?m)^concurrency:`).Match(raw) {
			t.Errorf(
				"%s has one concurrency group for the whole workflow: a plan that waits holds up the next night",
				name,
			)
		}
		if calls == 0 {
			t.Errorf("%s calls no script", name)
		}
		if !regexp.MustCompile(`ARM_USE_OIDC: "true"`).Match(raw) {
			t.Errorf("%s doesn't sign in by OIDC", name)
		}
		if regexp.MustCompile(`(?m)^\s*pull_request_target:`).Match(raw) {
			t.Errorf("%s runs a fork's code with secrets", name)
		}
	}
}
