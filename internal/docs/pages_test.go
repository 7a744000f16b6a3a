package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/usersync/terraform-provider-usersync/internal/provider"
)

var permission = regexp.MustCompile("`(\\w+\\.\\w+(?:\\.\\w+)*|read:\\w+:admin)`")

// A permission at the top of a page is one that the guide lists.
func TestPages_permissionsAreInTheGuide(t *testing.T) {
	guide, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", "permissions.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range pages {
		for _, m := range permission.FindAllStringSubmatch(p.permissions, -1) {
			if !strings.Contains(string(guide), "`"+m[1]+"`") {
				t.Errorf("%s asks for %s, which the guide on permissions doesn't know", name, m[1])
			}
		}
	}
}

func TestPage_begin(t *testing.T) {
	p := page{"Domains", "`Domain.Read.All`"}
	got, err := p.begin("---\nsubcategory: \"\"\n---\n\nWhat it is.\n\n\n\n## Example Usage\n\nrest")
	want := "---\nsubcategory: \"Domains\"\n---\n\nWhat it is.\n\n**Permissions:** `Domain.Read.All`.\n\n## Example Usage\n\nrest"
	if err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
	for _, text := range []string{"## Example Usage\n", "subcategory: \"\"\n"} {
		if _, err := p.begin(text); err == nil {
			t.Errorf("%q is taken for a page", text)
		}
	}
}

// The example of an import by identity has what the identity needs, and no more.
func TestImportsByIdentity(t *testing.T) {
	server := providerserver.NewProtocol6(provider.New("docs")())()
	resp, err := server.GetResourceIdentitySchemas(context.Background(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil || len(resp.IdentitySchemas) < 9 {
		t.Fatal(err, len(resp.IdentitySchemas))
	}
	for name, s := range resp.IdentitySchemas {
		file := filepath.Join("..", "..", "examples", "resources", name, "import-by-identity.tf")
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
			continue
		}
		have := identityKeys(t, file, raw)
		for _, a := range s.IdentityAttributes {
			if at := slices.Index(have, a.Name); at >= 0 {
				have = slices.Delete(have, at, at+1)
			} else if a.RequiredForImport {
				t.Errorf("%s lacks %s", file, a.Name)
			}
		}
		if len(have) > 0 {
			t.Errorf("%s has %v, which the identity lacks", file, have)
		}
	}
}

// identityKeys are the keys of identity in the import block of a file.
func identityKeys(t *testing.T, name string, raw []byte) (keys []string) {
	t.Helper()
	file, diags := hclsyntax.ParseConfig(raw, name, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	identity, ok := file.Body.(*hclsyntax.Body).Blocks[0].Body.Attributes["identity"]
	if !ok {
		t.Fatalf("%s has no identity", name)
	}
	pairs, diags := hcl.ExprMap(identity.Expr)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	for _, p := range pairs {
		keys = append(keys, hcl.ExprAsKeyword(p.Key))
	}
	return keys
}
