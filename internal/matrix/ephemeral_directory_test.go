package matrix

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

// pinned is the example tenant's file as an ephemeral resource.
func pinned(t *testing.T, lines string) string {
	t.Helper()
	return pinnedAs(examplePath(t), example(t), lines)
}

func example(t *testing.T) []byte {
	t.Helper()
	raw, err := os.ReadFile(examplePath(t))
	must(t, err)
	return raw
}

// pinnedAs is a file as an ephemeral resource, with the checksum of a content.
func pinnedAs(file string, content []byte, lines string) string {
	sum := sha256.Sum256(content)
	return fmt.Sprintf(`
ephemeral "usersync_directory" "pinned" {
  file   = %q
  sha256 = %q
%s
}
`, file, hex.EncodeToString(sum[:]), lines)
}

// What it gives is seen through a provider that keeps what it is configured with.
func TestEphemeralDirectory_Values(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI, resource.TestStep{
		Config: x.config(pinned(t, `  groups = ["Leadership"]`), `
provider "echo" {
  data = ephemeral.usersync_directory.pinned
}
resource "echo" "seen" {}
`),
		ConfigStateChecks: values("echo.seen", map[string]knownvalue.Check{
			"data.tenant_id": exact(x.TenantID()),
			"data.read_at":   exact("2026-11-20T08:00:00Z"),
			"data.reading":   knownvalue.NotNull(),
		}),
	})
}

// A resource that plans from it keeps nothing of it.
func TestEphemeralDirectory_LeavesNothing(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI, resource.TestStep{
		Config: x.config(pinned(t, ""), "data \"usersync_organization\" \"main\" {}\n", strings.ReplaceAll(
			outcome(decided+`  identify_users_by = "id"`),
			"data.usersync_directory.now", "ephemeral.usersync_directory.pinned")),
		ConfigStateChecks: append(
			values(outcomeAddress, map[string]knownvalue.Check{"directory": null, "summary.synced": whole(31)}),
			stateLacks(adele), stateLacks("Adele Vance")),
	})
}

func TestEphemeralDirectory_Errors(t *testing.T) {
	x := newTenant(t)
	x.run(nil, anyCLI,
		x.fails("it isn't the file that was reviewed", pinnedAs(examplePath(t), []byte("another"), "")),
		x.fails("no-such-file.json", pinnedAs("no-such-file.json", example(t), "")),
		x.fails("sha256 expected 64 hex digits", strings.Replace(pinned(t, ""), `sha256 = "`, `sha256 = "0`, 1)),
	)
}
