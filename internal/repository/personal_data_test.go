package repository

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/report"
)

// The page of personal data lists every fact that is kept of a user: a new one
// needs a row.
func TestPersonalDataIsListed(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "templates", "guides", "personal-data.md"))
	if err != nil {
		t.Fatal(err)
	}
	before, _, found := strings.Cut(string(page), "| column of the page's data |") // its table is another test's
	if !found {
		t.Fatal("the page has no table of the report's columns")
	}
	var listed []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(before, -1) {
		listed = append(listed, m[1])
	}
	var kept []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[directory.User]()) {
		name := strings.ToLower(f.Name[:1]) + f.Name[1:] // Graph's name
		switch f.Name {
		case "ID":
			name = "id"
		case "FederatedElsewhere": // all that is kept of them
			name = "identities"
		}
		kept = append(kept, name)
	}
	slices.Sort(listed)
	slices.Sort(kept)
	if !slices.Equal(listed, kept) {
		t.Errorf("the page lists %v, and kept are %v", listed, kept)
	}
}

// The page of personal data lists every column that the report's page has of
// users.
func TestPersonalDataOfReports(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "templates", "guides", "personal-data.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| column of the page's data |")
	table, _, _ = strings.Cut(table, "\n\n")
	var listed []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(table, -1) {
		listed = append(listed, m[1])
	}
	if kept := report.Columns(); !slices.Equal(listed, kept) {
		t.Errorf("the page lists %v, and a report has %v", listed, kept)
	}
}
