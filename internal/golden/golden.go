// Package golden compares texts with files that keep them: for what is read as a
// whole, such as a table of many cases.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden texts anew")

// Text compares a text with the one that a file keeps, below the testdata folder of
// the caller's package. A change is read in the diff: "go test PACKAGE -args -update"
// writes it anew.
func Text(t *testing.T, name, got string) {
	t.Helper()
	_, caller, _, _ := runtime.Caller(1)
	file := filepath.Join(
		filepath.Dir(caller),
		"testdata",
		"golden",
		strings.NewReplacer(",", "", " ", "-", "'", "").Replace(name)+".txt",
	)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Error(diff)
	}
}
