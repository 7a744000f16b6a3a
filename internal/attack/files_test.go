package attack

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const notOurs = "# somebody else's\n"

func report(path string) string {
	return `data "usersync_report" "r" {
  connector = "atlassian_nested_groups"
  scope { groups = ["Sales"] }
  path      = "` + path + `"
}
`
}

// What stands where a report is to be written stays as it is.
func TestAttack_10_Report(t *testing.T) {
	t.Parallel()
	const promise = "a file is replaced only where it is missing or ours"
	place := map[string]func(b *bench, at string) error{
		"Configuration": func(_ *bench, at string) error { return os.WriteFile(at, []byte(notOurs), 0o600) },
		"Empty":         func(_ *bench, at string) error { return os.WriteFile(at, nil, 0o600) },
		"Page": func(_ *bench, at string) error {
			return os.WriteFile(at, []byte("<!DOCTYPE html><html>"+notOurs), 0o600)
		},
		"Snapshot": func(b *bench, at string) error { return os.WriteFile(at, b.example().bytes(b), 0o600) },
		"Link": func(b *bench, at string) error {
			b.Write("target", notOurs)
			return os.Symlink("target", at)
		},
		"DanglingLink": func(_ *bench, at string) error { return os.Symlink("target", at) },
		"Pipe":         func(_ *bench, at string) error { return syscall.Mkfifo(at, 0o600) },
		"Device":       func(_ *bench, at string) error { return syscall.Mknod(at, syscall.S_IFCHR|0o600, 1<<8|3) },
	}
	for name, make := range place {
		t.Run(name, func(t *testing.T) {
			attack(t, func(b *bench) {
				at := filepath.Join(b.Dir, "place.html")
				if err := make(b, at); errors.Is(err, os.ErrPermission) {
					t.Skip("LEFT OUT: only root makes devices")
				} else if err != nil {
					b.Fatal(err)
				}
				before, err := os.Lstat(at)
				b.Must(err)
				b.save(b.example())
				b.configure(report("place.html"))
				ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
				defer cancel()
				r, err := b.Workspace.Run(ctx, "plan", "-no-color", "-input=false")
				if ctx.Err() != nil {
					b.Fatalf("BROKEN: nothing opens a pipe or a device: the plan hangs:\n%s", r.Output)
				}
				b.Must(err)
				after, err := os.Lstat(at)
				b.Must(err)
				if !os.SameFile(before, after) || before.Mode() != after.Mode() || before.Size() != after.Size() ||
					r.Code == 0 {
					b.Errorf("BROKEN: %s: %s, code %d:\n%s", promise, name, r.Code, r.Output)
				}
				if _, err := os.Stat(filepath.Join(b.Dir, "target")); name == "DanglingLink" && err == nil {
					b.Errorf("BROKEN: %s: what a link leads to is made", promise)
				}
			})
		})
	}
}

// start is a workspace with a simulated tenant.
func start(t *testing.T, name string) *bench {
	t.Helper()
	b := &bench{clitest.Start(t, program(t, name))}
	b.initialized()
	return b
}

// record is a live configuration that records.
func (b *bench) record(file string, parts ...string) {
	b.Helper()
	b.Write("main.tf", b.ProviderBlock(`snapshot {
  file = "`+file+`"
  mode = "record"
}`)+strings.Join(parts, "\n"))
}

// What stands where a recording is to be written.
func TestAttack_10_Record(t *testing.T) {
	t.Parallel()
	const promise = "a recording replaces a snapshot of the same tenant alone"
	other := func(b *bench) string {
		return strings.ReplaceAll(
			string(b.example().bytes(b)),
			b.Server.TenantID(),
			"99999999-5b1d-4c7e-9a52-7d0c9be01a11",
		)
	}
	for name, content := range map[string]func(b *bench) string{
		"AnotherTenants": other,
		"AnotherVersion": func(b *bench) string {
			return strings.Replace(string(b.example().bytes(b)), `"version": 1`, `"version": 7`, 1)
		},
		"Configuration":   func(*bench) string { return notOurs },
		"AnyJSON":         func(*bench) string { return `{"version": 1, "packages": {}}` },
		"ArrayOfVersions": func(*bench) string { return `[1]` },
	} {
		t.Run(name, func(t *testing.T) {
			b := start(t, "tofu")
			text := content(b)
			b.Write("place.json", text)
			b.record("place.json", sources)
			n := b.try(promise)
			if n.Code == 0 || b.read("place.json") != text {
				b.Errorf("BROKEN: %s: %s, code %d:\n%s", promise, name, n.Code, n.Output)
			}
		})
	}
}

// A recording holds what one run has read, and nothing of an earlier one.
func TestAttack_10_OneRun(t *testing.T) {
	t.Parallel()
	const promise = "a recorded snapshot holds one run's reads"
	t.Run("OldPeopleStay", func(t *testing.T) {
		b := start(t, "tofu")
		s := b.example()
		s.doc["taken_at"] = "2020-01-01T00:00:00Z"
		b.Write("place.json", string(s.bytes(b)))
		b.record("place.json", organizationAlone)
		n := b.try(promise)
		if strings.Contains(b.read("place.json"), amara) && !strings.Contains(b.read("place.json"), "2020-01-01") {
			b.Errorf("BROKEN: %s: people of 2020 have a new date:\n%s", promise, n.Output)
		}
	})
	t.Run("FailedRun", func(t *testing.T) {
		b := start(t, "tofu")
		s := b.example()
		s.doc["taken_at"] = "2020-01-01T00:00:00Z"
		b.Write("place.json", string(s.bytes(b)))
		b.Must(
			b.Server.AddFault(
				simulator.Fault{
					Kind:   simulator.FaultStatus,
					Match:  "GET /v1.0/users",
					Status: http.StatusForbidden,
					Times:  -1,
				},
			),
		)
		b.record("place.json", sources)
		n := b.try(promise)
		text := b.read("place.json")
		if n.Code == 0 || strings.Contains(text, amara) && !strings.Contains(text, "2020-01-01") {
			b.Errorf(
				"BROKEN: %s: people of 2020 have a new date after a run that failed (%d):\n%s",
				promise,
				n.Code,
				n.Output,
			)
		}
	})
	t.Run("PartOfAKilledRun", func(t *testing.T) {
		b := start(t, "tofu")
		part := filepath.Join(b.Dir, ".place.json.usersync-part")
		b.Must(os.WriteFile(part, []byte(`{"users":["adele`), 0o400))
		b.record("place.json", sources)
		b.try(promise)
		if text := b.read("place.json"); !strings.Contains(text, amara) {
			b.Error("the attack is none: nothing is recorded")
		}
		if left, err := filepath.Glob(filepath.Join(b.Dir, ".place.json*part")); err != nil || len(left) > 0 {
			b.Errorf("BROKEN: what a killed run leaves half-written is gone after the next: %v", left)
		}
	})
}

// A lock of somebody else's in the cache's folder.
func TestAttack_10_CacheLock(t *testing.T) {
	b := start(t, "tofu")
	cached := func() *night {
		b.Write("main.tf", b.ProviderBlock(`cache_dir = "cache"`)+directoryAlone)
		return b.try("a lock is a file of ours")
	}
	b.Must(os.MkdirAll(filepath.Join(b.Dir, "cache"), 0o700))
	cached()
	kept, err := filepath.Glob(filepath.Join(b.Dir, "cache", "*.cache"))
	b.Must(err)
	if len(kept) == 0 {
		b.Error("the attack is none: nothing is kept")
	}
	victim := filepath.Join(b.Dir, "victim")
	for _, at := range kept {
		b.Must(os.RemoveAll(strings.TrimSuffix(at, ".cache") + ".lock"))
		b.Must(os.Symlink(victim, strings.TrimSuffix(at, ".cache")+".lock"))
		b.Must(os.Symlink(victim, at+".lock"))
		b.Must(os.Symlink(victim, filepath.Join(filepath.Dir(at), "."+filepath.Base(at)+".usersync-lock")))
	}
	n := cached()
	if _, err := os.Lstat(victim); err == nil {
		b.Errorf("BROKEN: a lock follows no link: what it leads to is made:\n%s", n.Output)
	}
}
