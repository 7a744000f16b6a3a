package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The guide's headings are first lines that the provider prints.
func TestTroubleshooting_SummariesAreOurs(t *testing.T) {
	var code strings.Builder
	err := filepath.WalkDir(filepath.Join("..", "provider"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(path)
		code.Write(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// A text that runs on over lines is one.
	all := regexp.MustCompile(`"\s*\+\s*"`).ReplaceAllString(code.String(), "")
	page, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", "troubleshooting.md"))
	if err != nil {
		t.Fatal(err)
	}
	headings := regexp.MustCompile(`(?m)^### (.*)$`).FindAllStringSubmatch(string(page), -1)
	if len(headings) < 15 {
		t.Fatalf("only %d failures are told", len(headings))
	}
	for _, h := range headings {
		for _, part := range strings.Split(h[1], "…") {
			// The first word of a text that is put together is capitalized when it is made.
			if part = strings.TrimSpace(part); !strings.Contains(all, part) && !made[part] {
				t.Errorf("nothing says %q", h[1])
			}
		}
	}
}

// made are headings whose words are put together: of the kind of what wasn't
// found, or of what was being done.
var made = map[string]bool{
	"Group not found":                         true,
	"User name is ambiguous":                  true,
	"Waiting for the provisioning job failed": true,
}
