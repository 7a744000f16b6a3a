package acceptance

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The modules take a reading that no state and no plan holds: an ephemeral one.
func TestModulesTakeEphemeralReadings(t *testing.T) {
	eachOffline(t, func(b *bench) {
		content, err := os.ReadFile(exampleFile(b))
		b.Must(err)
		sum := sha256.Sum256(content)
		b.Must(os.WriteFile(filepath.Join(b.Dir, "tenant.json"), content, 0o600))
		m := b.examples("modules/verified_domains", "modules/atlassian_sync", "modules/user_types")
		m.Dir = b.Dir
		m.snapshot("tenant.json", `
ephemeral "usersync_directory" "pinned" {
  file   = "tenant.json"
  sha256 = "`+hex.EncodeToString(sum[:])+`"
}

module "types" {
  source    = "./modules/user_types"
  directory = ephemeral.usersync_directory.pinned
  rules     = [{ name = "partners", user_type = "Guest", match = { origin = "external" } }]
}

module "sync" {
  source     = "./modules/atlassian_sync"
  directory  = ephemeral.usersync_directory.pinned
  scope      = { groups = ["Atlassian users"] }
  user_types = module.types.desired
}
`)
		m.Init()
		m.Apply()
		m.Plan(0)
		if state := m.State(); strings.Contains(state, `"type": "usersync_directory"`) ||
			!strings.Contains(state, "usersync_outcome") {
			b.Error("the state holds a reading, or no outcome")
		}
	})
}
