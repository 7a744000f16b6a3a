package differential

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var tryMutations = flag.Bool("mutations", false, "try the mutations of mutations/list.txt")

// mutation is one place that is changed.
type mutation struct {
	file, was, becomes string
}

func (m mutation) name() string { return filepath.Base(m.file) + ": " + m.was }

// mutations are the list's, each of which must be in its file once.
func mutations(t *testing.T) (list []mutation) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("mutations", "list.txt"))
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.NewReplacer(`\|`, "|", `\n`, "\n", `\t`, "\t")
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, " | ")
		if len(parts) != 3 {
			t.Fatalf("not FILE | was | becomes: %s", line)
		}
		list = append(list, mutation{parts[0], plain.Replace(parts[1]), plain.Replace(parts[2])})
	}
	return list
}

// Every mutation of the list still fits the code.
func TestMutations_Fit(t *testing.T) {
	engine, simulated := 0, 0
	for _, m := range mutations(t) {
		source, err := os.ReadFile(filepath.Join("..", "..", m.file))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(source), m.was); n != 1 {
			t.Errorf("%s: %q is there %d times, want once", m.file, m.was, n)
		}
		if strings.HasPrefix(m.file, "internal/simulator/") {
			simulated++
		} else {
			engine++
		}
	}
	if engine < 30 || simulated < 10 {
		t.Errorf("got %d mutations of the engine and %d of the simulator, want 30 and 10", engine, simulated)
	}
}

// Every mutation is found within 2,000 histories. It takes long: "make mutations".
func TestMutations(t *testing.T) {
	if !*tryMutations {
		t.Skip("make mutations")
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutations(t) {
		t.Run(m.name(), func(t *testing.T) {
			dir := t.TempDir()
			source, err := os.ReadFile(filepath.Join(root, m.file))
			if err != nil {
				t.Fatal(err)
			}
			changed, overlay := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json")
			if err := os.WriteFile(
				changed,
				[]byte(strings.Replace(string(source), m.was, m.becomes, 1)),
				0o600,
			); err != nil {
				t.Fatal(err)
			}
			raw, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, m.file): changed}})
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(overlay, raw, 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(
				t.Context(),
				"go",
				"test",
				"-failfast",
				"-overlay",
				overlay,
				"-timeout",
				"30m",
				"-run",
				"^TestDifferential",
				"./internal/differential",
				"-rapid.checks",
				"2000",
				"-rapid.shrinktime",
				"0s",
				"-rapid.nofailfile",
			)
			cmd.Dir = root
			switch out, err := cmd.CombinedOutput(); {
			case err == nil:
				t.Error("2,000 histories don't find it")
			case !strings.Contains(string(out), "[rapid] failed after") && !strings.Contains(string(out), "[rapid] panic"):
				t.Errorf("it doesn't run: %s", out)
			}
		})
	}
}
