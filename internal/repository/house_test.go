package repository

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/usersync/terraform-provider-usersync/"

// arrows says which packages of ours a package (and what is below it) may
// import. Data flows one way [CONTRIBUTING: The house].
var arrows = map[string][]string{
	"internal/guid":       {},
	"internal/packed":     {"internal/guid"},
	"internal/text":       {"internal/sanitize"},
	"internal/sanitize":   {},
	"internal/transport":  {},
	"internal/jsonscan":   {},
	"internal/safefile":   {},
	"internal/cache":      {"internal/safefile"},
	"internal/expression": {"internal/expression"},
	"internal/scoping":    {"internal/expression", "internal/scoping"},
	"internal/directory": {
		"internal/directory", "internal/guid", "internal/jsonscan", "internal/packed", "internal/safefile",
	},
	"internal/mapping": {"internal/directory", "internal/expression", "internal/scoping"},
	// The halves of a connector know nothing of each other.
	"internal/decision": {
		"internal/directory",
		"internal/expression",
		"internal/scoping",
		"internal/mapping",
		"internal/text",
		"internal/decision/reason",
		"internal/decision/tenant",
		"internal/decision/sent",
		"internal/decision/held",
		"internal/decision/provisioning",
		"internal/decision/nestedgroups",
		"internal/decision/atlassian",
		"internal/decision/scimapp",
		"internal/decision/entratenant",
	},
	"internal/decision/scimapp": {
		"internal/decision/reason",
		"internal/decision/tenant",
		"internal/decision/sent",
		"internal/decision/held",
	},
	"internal/decision/entratenant": {
		"internal/directory",
		"internal/text",
		"internal/decision/reason",
		"internal/decision/tenant",
		"internal/decision/sent",
		"internal/decision/held",
	},
	"internal/decision/reason": {},
	"internal/golden":          {},
	"internal/decision/tenant": {"internal/directory", "internal/decision/reason"},
	"internal/decision/sent":   {"internal/decision/reason"},
	"internal/decision/held":   {"internal/decision/reason"},
	"internal/decision/provisioning": {
		"internal/directory",
		"internal/mapping",
		"internal/expression",
		"internal/text",
		"internal/decision/reason",
		"internal/decision/tenant",
		"internal/decision/sent",
	},
	"internal/decision/nestedgroups": {
		"internal/directory",
		"internal/decision/reason",
		"internal/decision/tenant",
		"internal/decision/sent",
	},
	"internal/decision/atlassian": {
		"internal/directory",
		"internal/text",
		"internal/decision/reason",
		"internal/decision/tenant",
		"internal/decision/sent",
		"internal/decision/held",
	},
	// What the engine and its halves are expected to do: the tests of each run it.
	"internal/decision/decisiontest": {
		"internal/decision",
		"internal/directory",
		"internal/golden",
		"internal/expression",
		"internal/mapping",
		"internal/scoping",
	},
	"internal/outcome": {"internal/directory", "internal/packed", "internal/decision", "internal/text"},
	// What plans that follow one another are expected to do: the outcome's tests and
	// those of the engine's parts run it.
	"internal/outcome/outcometest": {
		"internal/outcome",
		"internal/decision",
		"internal/decision/atlassian",
		"internal/directory",
		"internal/golden",
	},
	"internal/usertype": {
		"internal/directory",
		"internal/expression",
		"internal/scoping",
		"internal/mapping",
		"internal/decision",
		"internal/text",
	},
	"internal/reconcile": {"internal/directory", "internal/decision", "internal/text"},
	"internal/report": {
		"internal/directory",
		"internal/decision",
		"internal/outcome",
		"internal/reconcile",
		"internal/text",
	},
	"internal/graph": {"internal/jsonscan", "internal/sanitize", "internal/transport", "internal/safefile"},
	"internal/entra": {
		"internal/directory",
		"internal/graph",
		"internal/sanitize",
		"internal/transport",
	},
	"internal/atlassian": {"internal/directory", "internal/sanitize", "internal/transport"},
	"internal/scim":      {"internal/sanitize", "internal/transport"},
	"internal/provider": {
		"internal/scim",
		"internal/provider",
		"internal/decision",
		"internal/directory",
		"internal/entra",
		"internal/atlassian",
		"internal/transport",
		"internal/packed",
		"internal/expression",
		"internal/scoping",
		"internal/mapping",
		"internal/usertype",
		"internal/reconcile",
		"internal/report",
		"internal/cache",
		"internal/safefile",
		"internal/sanitize",
		"internal/outcome",
		"internal/text",
	},
	// What belongs to a job stands on syncjob alone; its mapping knows nothing of how it runs, and the reverse.
	"internal/provider/syncjob": {
		"internal/provider/session",
		"internal/provider/tfutil",
		"internal/directory",
		"internal/entra",
		"internal/mapping",
	},
	"internal/provider/provisioning": {
		"internal/provider/session",
		"internal/provider/syncjob",
		"internal/provider/tfutil",
		"internal/directory",
		"internal/entra",
		"internal/expression",
		"internal/mapping",
		"internal/packed",
		"internal/sanitize",
		"internal/text",
	},
	"internal/provider/mapping": {
		"internal/provider/arguments",
		"internal/provider/session",
		"internal/provider/syncjob",
		"internal/provider/tfutil",
		"internal/decision",
		"internal/directory",
		"internal/entra",
		"internal/expression",
		"internal/mapping",
		"internal/scoping",
		"internal/text",
	},
	// What tests of the nouns share.
	"internal/provider/providertest": {
		"internal/provider/session",
		"internal/entra",
		"internal/atlassian",
		"internal/scim",
		"internal/simulator",
	},
	// The simulator is there to catch our mistakes: it shares nothing with us.
	"internal/simulator": {"internal/simulator"},
	"internal/clitest":   {"internal/simulator"},
	// outcome alone for what is packed in the state.
	"internal/acceptance": {"internal/simulator", "internal/clitest", "internal/outcome"},
	"internal/attack":     {"internal/simulator", "internal/clitest"},
	"internal/matrix":     {"internal/simulator", "internal/provider"},
	"internal/faults":     {"internal/simulator", "internal/clitest"},
	"internal/demo":       {"internal/simulator", "internal/clitest"},
	// The engine and the simulator, which know nothing of each other, side by side.
	"internal/differential": {
		"internal/simulator",
		"internal/directory",
		"internal/mapping",
		"internal/decision",
		"internal/outcome",
	},
	"internal/bench": {
		"internal/simulator",
		"internal/clitest",
		"internal/directory",
		"internal/decision",
		"internal/entra",
	},
	"internal/docs":       {"internal/provider", "internal/decision", "internal/decision/scimapp"},
	"internal/reference":  {},
	"internal/repository": {},
}

// pure packages reach neither the network, nor the clock, nor the environment.
var pure = []string{
	"internal/outcome",
	"internal/text",
	"internal/sanitize",
	"internal/reconcile",
	"internal/report",
	"internal/usertype",
	"internal/packed",
	"internal/decision",
	"internal/expression",
	"internal/scoping",
	"internal/mapping",
}

// below Terraform: these know nothing of it.
var withoutTerraform = []string{
	"internal/outcome",
	"internal/text",
	"internal/sanitize",
	"internal/reconcile",
	"internal/report",
	"internal/usertype",
	"internal/packed",
	"internal/transport",
	"internal/safefile",
	"internal/cache",
	"internal/directory",
	"internal/decision",
	"internal/expression",
	"internal/scoping",
	"internal/mapping",
	"internal/graph",
	"internal/entra",
	"internal/atlassian",
	"internal/simulator",
}

type listed struct {
	ImportPath string
	Imports    []string
	GoFiles    []string
	Dir        string
}

func packages(t *testing.T) []listed {
	t.Helper()
	all := listPackages[listed](t, "-json=ImportPath,Imports,GoFiles,Dir")
	for _, p := range all {
		if _, err := os.ReadDir(p.Dir); err != nil { // so that the go command knows on what a cached result rests
			t.Fatal(err)
		}
	}
	return all
}

// home is the entry of arrows that a package belongs to.
func home(path string) string {
	best := ""
	for p := range arrows {
		if (path == p || strings.HasPrefix(path, p+"/")) && len(p) > len(best) {
			best = p
		}
	}
	return best
}

func within(path string, list []string) bool {
	for _, p := range list {
		if path == p || strings.HasPrefix(path, p+"/") {
			return true
		}
	}
	return false
}

func TestArrows(t *testing.T) {
	for _, p := range packages(t) {
		path := strings.TrimPrefix(p.ImportPath, module)
		if path == strings.TrimSuffix(module, "/") {
			continue // main serves the provider
		}
		at := home(path)
		if at == "" {
			t.Errorf("%s isn't part of the house: say in internal/repository/house_test.go what it may import", path)
			continue
		}
		for _, imported := range p.Imports {
			if ours, ok := strings.CutPrefix(imported, module); ok && !within(ours, arrows[at]) {
				t.Errorf("%s must not import %s", path, ours)
			}
			if within(at, withoutTerraform) && strings.HasPrefix(imported, "github.com/hashicorp/terraform-") {
				t.Errorf("%s must not import Terraform's %s", path, imported)
			}
			if within(path, pure) && path != "internal/decision/decisiontest" {
				for _, bad := range []string{"net/http", "net", "os", "os/exec", "syscall"} {
					if imported == bad {
						t.Errorf("%s is pure and must not import %s", path, bad)
					}
				}
			}
		}
	}
}

// A pure package may know time's types, but not ask what time it is.
func TestPurePackagesAskNoClock(t *testing.T) {
	for _, p := range packages(t) {
		if !within(strings.TrimPrefix(p.ImportPath, module), pure) {
			continue
		}
		for _, call := range []string{"time.Now(", "time.Since(", "time.Until(", "time.Local", "time.After", "time.NewTimer(", "time.NewTicker(", "MatchTimeout", "rand.Int", "rand.Read("} {
			args := append([]string{"-nF", call}, prefixed(p.Dir, p.GoFiles)...)
			if out, err := exec.CommandContext(t.Context(), "grep", args...).Output(); err == nil {
				t.Errorf("%s is pure and must not use %s:\n%s", p.ImportPath, call, out)
			}
		}
	}
}

func prefixed(dir string, files []string) []string {
	out := make([]string, len(files))
	for i, f := range files {
		out[i] = dir + "/" + f
	}
	return out
}
