package acceptance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

// Every list block of examples/ finds what the example tenant has; a CLI that
// doesn't know lists isn't disturbed by a provider that has them.
func TestQuery(t *testing.T) {
	each(t, func(b *bench) {
		b.Write("main.tf", b.ProviderBlock())
		b.Plan(0)
		if !b.CLI.Queries() {
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
			if kind := filepath.Base(
				filepath.Dir(f),
			); !strings.Contains(out, kind) &&
				!strings.Contains(kind, "partner") {
				b.Errorf("%s finds nothing:\n%s", kind, out)
			}
		}
	})
}
