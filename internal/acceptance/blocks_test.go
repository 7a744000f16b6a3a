package acceptance

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

// What a text refers to that another may declare.
var reference = regexp.MustCompile(`\b(?:(?:data\.)?usersync_\w+|var)\.\w+`)

// snippet is a piece of configuration, and where it stands.
type snippet struct {
	where, text string
	body        *hclsyntax.Body
}

func parse(t *testing.T, where, text string) snippet {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(text), where, hcl.InitialPos)
	if diags.HasErrors() {
		t.Errorf("%s isn't HCL: %v\n%s", where, diags, text)
		return snippet{where, text, &hclsyntax.Body{}}
	}
	return snippet{where, text, file.Body.(*hclsyntax.Body)}
}

// has reports a block of one of some types.
func (s snippet) has(types ...string) bool {
	for _, b := range s.body.Blocks {
		for _, t := range types {
			if b.Type == t {
				return true
			}
		}
	}
	return false
}

// byIdentity reports an import by identity, which older CLIs don't know.
func (s snippet) byIdentity() bool {
	for _, b := range s.body.Blocks {
		if _, ok := b.Body.Attributes["identity"]; ok && b.Type == "import" {
			return true
		}
	}
	return false
}

// address is what refers to a block, "" where nothing does.
func address(b *hclsyntax.Block) string {
	switch {
	case b.Type == "resource" && len(b.Labels) == 2:
		return b.Labels[0] + "." + b.Labels[1]
	case b.Type == "data" && len(b.Labels) == 2:
		return "data." + b.Labels[0] + "." + b.Labels[1]
	case b.Type == "variable" && len(b.Labels) == 1:
		return "var." + b.Labels[0]
	}
	return ""
}

// declared are a snippet's blocks by their addresses.
func (s snippet) declared() map[string]string {
	out := map[string]string{}
	for _, b := range s.body.Blocks {
		if at := address(b); at != "" {
			r := b.Range()
			end := b.CloseBraceRange.End.Byte
			out[at] = s.text[r.Start.Byte:end]
		}
	}
	return out
}

// completed adds what a snippet refers to and doesn't declare itself, from what
// the examples declare; what is added may refer to more.
func (s snippet) completed(t *testing.T, shared map[string]string) snippet {
	t.Helper()
	text := s.text
	if !s.has("terraform") {
		text = requires + text
	}
	for {
		now := parse(t, s.where, text)
		there := now.declared()
		added := false
		for _, ref := range reference.FindAllString(now.text, -1) {
			if block := shared[ref]; block != "" && there[ref] == "" {
				there[ref] = block
				text += "\n" + block + "\n"
				added = true
			}
		}
		if !added {
			return now
		}
	}
}

func repository(t *testing.T) string {
	t.Helper()
	root, err := clitest.Root()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// exampleSnippets are the example files of single things: they stand in the
// reference pages.
func exampleSnippets(t *testing.T) []snippet {
	t.Helper()
	root := repository(t)
	var out []snippet
	for _, kind := range []string{"provider", "data-sources", "resources", "ephemeral-resources", "functions", "actions"} {
		err := filepath.WalkDir(
			filepath.Join(root, "examples", kind),
			func(path string, d fs.DirEntry, err error) error {
				if err != nil || filepath.Ext(path) != ".tf" {
					return err
				}
				raw, err := os.ReadFile(path)
				rel, _ := filepath.Rel(root, path)
				out = append(out, parse(t, filepath.ToSlash(rel), string(raw)))
				return err
			},
		)
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(out) < 25 {
		t.Fatalf("only %d examples were found", len(out))
	}
	return out
}

// sharedBlocks are what the examples declare, by address: the first that does.
func sharedBlocks(snippets []snippet) map[string]string {
	out := map[string]string{}
	for _, s := range snippets {
		for at, block := range s.declared() {
			if out[at] == "" {
				out[at] = block
			}
		}
	}
	return out
}

// pages are the documentation: docs/, and what stands in the examples and the
// root.
func pages(t *testing.T) []string {
	t.Helper()
	root := repository(t)
	var out []string
	for _, dir := range []string{"docs", "examples"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if filepath.Ext(path) == ".md" {
				out = append(out, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return append(out, filepath.Join(root, "README.md"), filepath.Join(root, "CONTRIBUTING.md"))
}

var fenced = regexp.MustCompile("(?ms)^```(terraform|hcl)\n(.*?)^```")

// pageBlocks are the blocks of the documentation: complete ones (```terraform)
// and fragments (```hcl), which leave something out.
func pageBlocks(t *testing.T) (complete, fragments []snippet) {
	t.Helper()
	root := repository(t)
	for _, page := range pages(t) {
		raw, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel(root, page)
		for _, m := range fenced.FindAllStringSubmatchIndex(string(raw), -1) {
			line := strings.Count(string(raw[:m[0]]), "\n") + 1
			s := parse(t, filepath.ToSlash(rel)+":"+itoa(line), string(raw[m[4]:m[5]]))
			if string(raw[m[2]:m[3]]) == "hcl" {
				fragments = append(fragments, s)
			} else {
				complete = append(complete, s)
			}
		}
	}
	return complete, fragments
}
