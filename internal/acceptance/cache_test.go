package acceptance

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const cachedTenant = `
data "usersync_directory" "now" {}
data "usersync_organization" "main" {}
output "source" { value = data.usersync_directory.now.source }
`

// With cache_dir a later plan reads only what changed: a few requests for a
// tenant that didn't, and the same plan as without a cache. A cache that can't
// be used costs a full read, and nobody else can read it.
func TestCacheDir(t *testing.T) {
	once(t, func(b *bench) {
		source := func() (s string) {
			b.Must(json.Unmarshal(b.outputs()["source"], &s))
			return s
		}
		kept := filepath.Join(b.Dir, "kept")
		block := b.ProviderBlock(`cache_dir = "kept"`)
		b.Write("main.tf", block+cachedTenant+guard())
		b.Apply()
		if s := source(); s != "live" {
			b.Errorf("the first reading is from %s", s)
		}
		files, err := filepath.Glob(filepath.Join(kept, "*"))
		b.Must(err)
		for _, f := range files {
			if info, err := os.Stat(f); err != nil || info.Mode().Perm()&0o077 != 0 {
				b.Errorf("%s: %v %v", f, info.Mode(), err)
			}
		}
		if len(files) == 0 {
			b.Fatal("nothing was kept")
		}

		b.Server.ResetRequests()
		b.Do(0, "apply", "-no-color", "-input=false", "-auto-approve") // takes up where the reading is from
		graph := 0
		for route, n := range b.Server.Requests().Routes {
			if strings.Contains(route, "/v1.0/") {
				graph += n
			}
		}
		if s := source(); s != "cache" || graph == 0 || graph > 4 {
			b.Errorf("an unchanged tenant: from %s, with %d requests: %v", s, graph, b.Server.Requests().Routes)
		}
		b.Plan(0)

		// What changed meanwhile is drift as ever.
		b.Must(b.Server.DeleteObject("amara.okafor@company.com", true))
		b.says(b.Plan(2).Output, "amara.okafor@company.com")
		b.Apply()
		b.Plan(0)

		for _, f := range files {
			b.Must(os.WriteFile(f, []byte("half"), 0o600))
		}
		b.says(b.Plan(2).Output, `source = "cache" -> "live"`, "without changing any real infrastructure")
		b.Plan(0) // and what was half is whole again
	})
}
