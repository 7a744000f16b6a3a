package repository

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// root is the repository. Tests open files by it and don't change into it: a
// change that comes before the tests is unknown to the go command, which would
// then answer from its cache although files have changed.
const root = "../.."

// listPackages asks the go command about all packages.
func listPackages[T any](t *testing.T, args ...string) (all []T) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append(append([]string{"list"}, args...), "./...")...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p T
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
