package acceptance

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var link = regexp.MustCompile(`\]\(([^)\s#]+)(?:#[^)]*)?\)`)

const tree = "https://github.com/usersync/terraform-provider-usersync/tree/main/"

// What a page links to within the repository is there.
func TestLinks(t *testing.T) {
	root := repository(t)
	seen := 0
	for _, page := range pages(t) {
		raw, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel(root, page)
		for _, m := range link.FindAllStringSubmatch(string(raw), -1) {
			target := filepath.Join(filepath.Dir(page), filepath.FromSlash(m[1]))
			if ours, ok := strings.CutPrefix(m[1], tree); ok {
				target = filepath.Join(root, filepath.FromSlash(ours))
			} else if strings.Contains(m[1], "://") {
				continue
			}
			seen++
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which isn't there", rel, m[1])
			}
		}
	}
	if seen < 40 {
		t.Errorf("only %d links were found", seen)
	}
}
