package attack

import (
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

const fabrikamGuests = `
resource "usersync_user_type_policy" "p" {
  directory = data.usersync_directory.now.reading
  mode      = "enforce"
  rule {
    name = "guests"
    user_type = "Guest"

    match {
      origin = "external"
      home_domains = ["fabrikam.example"]
    }
  }
}
`

// Whom a policy can't give back what they have is named before it converts.
func TestAttack_15_NoTypeBefore(t *testing.T) {
	attack(t, func(b *bench) {
		b.save(b.example())
		b.configure(sources, fabrikamGuests)
		n := b.try("before converting, the plan names whom it can't give back")
		_, warnings, _ := strings.Cut(n.Output, "Warning:")
		says(
			b,
			"before converting, the plan names whom it can't give back",
			warnings,
			"can't be given back",
			"grady.archie",
		)
	})
}

// A partner that may sync in may write types back.
func TestAttack_15_WriteBack(t *testing.T) {
	attack(t, func(b *bench) {
		b.save(b.example())
		b.configure(sources, fabrikamGuests)
		n := b.try("without cross_tenant, write-back can't be told")
		_, warnings, _ := strings.Cut(n.Output, "Warning:")
		says(
			b,
			"an enforce policy over a partner's people says that write-back can't be told",
			warnings,
			"cross_tenant",
		)
	})
}

// A record goes while people differ from it.
func TestAttack_15_RecordGoes(t *testing.T) {
	b := start(t, "tofu")
	record := `
resource "usersync_user_type_record" "before" {
  directory = data.usersync_directory.now.reading
  match {
    origin = "external"
    home_domains = ["fabrikam.example"]
  }
}
`
	b.Write("main.tf", b.ProviderBlock()+sources+record)
	b.Apply()
	b.Write("main.tf", b.ProviderBlock()+sources+record+fabrikamGuests)
	b.Apply()
	r, err := b.Workspace.Run(
		b.Context(),
		"destroy",
		"-no-color",
		"-input=false",
		"-auto-approve",
		"-target=usersync_user_type_record.before",
	)
	b.Must(err)
	_, warnings, _ := strings.Cut(r.Output, "Warning:")
	says(b, "destroying a record while people differ from it is a warning with the count", warnings, "users")
}

// The attacked program itself: what it is built of has no known hole that is
// reached. The whole check is make vulncheck.
func TestAttack_16_Dependencies(t *testing.T) {
	t.Parallel()
	provider := os.Getenv(clitest.EnvProvider)
	if os.Getenv(envAttack) == "" || provider == "" {
		t.Skip("attacks a built provider: make attack")
	}
	info, err := buildinfo.ReadFile(provider)
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, m := range info.Deps {
		versions[m.Path] = m.Version
	}
	for module, broken := range map[string][]string{
		"google.golang.org/grpc":                           {"v1.79.3", "v1.80.0"},
		"github.com/microsoft/kiota-http-go":               {"v1.5.4", "v1.5.3"},
		"go.opentelemetry.io/otel":                         {},
		"github.com/Azure/azure-sdk-for-go/sdk/azidentity": {},
	} {
		for _, v := range broken {
			if versions[module] == v {
				t.Errorf("BROKEN: what is built has no known vulnerability that it reaches: %s %s", module, v)
			}
		}
	}
	for _, old := range []string{"go1.26.7", "go1.26.8", "go1.26.9"} {
		if info.GoVersion == old {
			t.Errorf("BROKEN: what we build is built by a mended Go: %s", old)
		}
	}
}

// The repository asks for a mended Go whatever the environment insists on.
func TestAttack_16_Toolchain(t *testing.T) {
	t.Parallel()
	if os.Getenv(envAttack) == "" {
		t.Skip("attacks run with make attack")
	}
	root := filepath.Dir(filepath.Dir(filepath.Dir(scripts(t))))
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(mod), "\ntoolchain go") {
		t.Error("BROKEN: go.mod has a toolchain line")
	}
	cmd := exec.CommandContext(t.Context(), "make", "-n", "lint")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("make -n lint: %v\n%s", err, out)
	}
	if !strings.Contains(string(out), "-pinned") {
		t.Errorf("BROKEN: make lint always runs the check against the pinned database:\n%s", out)
	}
}
