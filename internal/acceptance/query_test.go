package acceptance

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

// queries reports a CLI that has the command "query": Terraform from 1.14 on.
// List resources are tested through the protocol server, too (package provider).
func queries(cli clitest.CLI) bool {
	parts := strings.SplitN(cli.Version, ".", 3)
	if cli.Name != "terraform" || len(parts) < 2 {
		return false
	}
	major, _ := strconv.Atoi(parts[0])
	minor, _ := strconv.Atoi(parts[1])
	return major > 1 || major == 1 && minor >= 14
}

// Every list block of examples/ finds what the example tenant has; a CLI that
// doesn't know lists isn't disturbed by a provider that has them.
func TestQuery(t *testing.T) {
	each(t, func(b *bench) {
		b.Write("main.tf", b.ProviderBlock())
		b.Plan(0)
		if !queries(b.CLI) {
			b.Logf("%s %s has no command query", b.CLI.Name, b.CLI.Version)
			return
		}
		root, err := clitest.Root()
		b.Must(err)
		files, err := filepath.Glob(filepath.Join(root, "examples", "list-resources", "*", "*.tfquery.hcl"))
		b.Must(err)
		if len(files) < 6 {
			b.Fatalf("%d list blocks", len(files))
		}
		for _, f := range files {
			raw, err := os.ReadFile(f)
			b.Must(err)
			b.Write("all.tfquery.hcl", string(raw))
			out := b.Do(0, "query", "-no-color").Output
			if kind := filepath.Base(filepath.Dir(f)); !strings.Contains(out, kind) && !strings.Contains(kind, "partner") {
				b.Errorf("%s finds nothing:\n%s", kind, out)
			}
		}
	})
}
