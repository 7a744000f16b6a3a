package main

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// The page of personal data lists every fact that is kept of a user: a new one
// needs a row.
func TestPersonalDataIsListed(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("templates", "guides", "personal-data.md"))
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(string(page), -1) {
		listed = append(listed, m[1])
	}
	var kept []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[directory.User]()) {
		name := strings.ToLower(f.Name[:1]) + f.Name[1:] // Graph's name
		if f.Name == "ID" {
			name = "id"
		}
		kept = append(kept, name)
	}
	slices.Sort(listed)
	slices.Sort(kept)
	if !slices.Equal(listed, kept) {
		t.Errorf("the page lists %v, and kept are %v", listed, kept)
	}
}
