package acceptance

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What a configuration names as the place of a report or a recording, and is
// something else: it stays as it is, and the plan says what it is. A named pipe
// would hang a plan that opened it.
func TestFilesOfOthers(t *testing.T) {
	once(t, func(b *bench) {
		company, err := os.ReadFile(exampleFile(b))
		b.Must(err)
		other := strings.Replace(string(company), b.Server.TenantID(), "99999999-5b1d-4c7e-9a52-7d0c9be01a11", 1)
		if other == string(company) {
			b.Fatal("the example isn't of the simulator's tenant")
		}
		contents := map[string]string{"notes.tf": "# not ours\n", "other.json": other}
		for name, content := range contents {
			b.Must(os.WriteFile(filepath.Join(b.Dir, name), []byte(content), 0o644))
		}
		b.Must(os.Mkdir(filepath.Join(b.Dir, "folder"), 0o755))
		b.Must(os.Symlink("notes.tf", filepath.Join(b.Dir, "link")))
		b.Must(syscall.Mkfifo(filepath.Join(b.Dir, "pipe"), 0o600))
		// A device of our own: a provider that fails this test replaces it.
		special := map[string]string{"folder": "is a folder", "link": "is a symbolic link", "pipe": "is a named pipe"}
		if err := syscall.Mknod(filepath.Join(b.Dir, "device"), syscall.S_IFCHR|0o600, 1<<8|3); err == nil {
			special["device"] = "is a device"
		} else if !errors.Is(err, os.ErrPermission) {
			b.Fatal(err)
		}
		left := func() []string {
			b.Helper()
			hidden, err := filepath.Glob(filepath.Join(b.Dir, ".*usersync-part"))
			b.Must(err)
			return hidden
		}
		for name, says := range with(special, map[string]string{"notes.tf": "it isn't a report of this provider"}) {
			b.live(reported(`path = "` + name + `"`))
			b.says(b.fails(), "The report can't be written", says)
		}
		for name, says := range with(special, map[string]string{"notes.tf": "it isn't a snapshot", "other.json": "the snapshot of another tenant"}) {
			b.Write("main.tf", b.ProviderBlock(`snapshot {
  file = "`+name+`"
  mode = "record"
}`)+sources)
			b.says(b.fails(), "The snapshot can't be used", says)
		}
		for argument, provider := range map[string]string{
			"ca_file":                 block(b.entra(nil), `ca_file = "pipe"`),
			"client_secret_file_path": block(b.entra(map[string]string{"client_secret": "", "client_secret_file_path": "pipe"})),
			"client_certificate_path": block(b.entra(map[string]string{"client_secret": "", "client_certificate_path": "pipe"})),
			"oidc_token_file_path":    block(strings.Replace(b.entra(map[string]string{"client_secret": "", "oidc_token_file_path": "pipe"}), "{", "{\n  use_oidc = true", 1), ca),
		} {
			b.Write("main.tf", provider+`data "usersync_directory" "now" {}`)
			if out := b.fails(); !strings.Contains(strings.Join(strings.Fields(out), " "), "pipe is a named pipe") {
				b.Errorf("%s is a named pipe:\n%s", argument, out)
			}
		}
		b.snapshot("pipe", sources)
		b.says(b.fails(), "The snapshot can't be used", "this is a named pipe")
		for name, content := range contents {
			if readFile(b, name) != content {
				b.Errorf("%s is another now", name)
			}
		}
		if hidden := left(); len(hidden) > 0 {
			b.Errorf("left behind: %v", hidden)
		}
	})
}

func with(a, b map[string]string) map[string]string {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// Two aliases that record to one file don't take each other's parts away: the
// one may have ended before the other begins. Those of two tenants can't share.
func TestTwoAliasesRecord(t *testing.T) {
	once(t, func(b *bench) {
		recording := `snapshot {
  file = "tenant.json"
  mode = "record"
}`
		second := strings.Replace(
			b.ProviderBlock(recording),
			`provider "usersync" {`,
			"provider \"usersync\" {\n  alias = \"second\"",
			1,
		)
		_, second, _ = strings.Cut(second, `provider "usersync" {`)
		b.Write("main.tf", b.ProviderBlock(recording)+`provider "usersync" {`+second+`
data "usersync_organization" "main" {}
data "usersync_directory" "second" {
  provider = usersync.second
  groups   = ["Atlassian users"]
}
output "second" { value = data.usersync_directory.second.counts }
`)
		for range 2 { // over nothing, and over the recording of an earlier run
			b.Apply()
			if file := readFile(
				b,
				"tenant.json",
			); !strings.Contains(file, `"users"`) ||
				!strings.Contains(file, `"organizations"`) {
				b.Errorf("a part is lost:\n%.2000s", file)
			}
		}
	})
}

// What a killed run left half-written, people named in it, is gone after the
// next.
func TestFilesOfKilledRuns(t *testing.T) {
	once(t, func(b *bench) {
		parts := []string{
			filepath.Join(b.Dir, ".page.html.usersync-part"),
			filepath.Join(b.Dir, ".tenant.json.usersync-part"),
		}
		for _, part := range parts {
			b.Must(os.WriteFile(part, []byte(`{"users":["adele`), 0o400))
		}
		b.Write("main.tf", b.ProviderBlock(`snapshot {
  file = "tenant.json"
  mode = "record"
}`)+sources+reported(`path = "page.html"`))
		b.Apply()
		for _, part := range parts {
			if _, err := os.Lstat(part); err == nil {
				b.Errorf("%s is still there", part)
			}
		}
	})
}
