package acceptance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every module's page has each of its inputs and outputs, and each of these is
// described and has a type.
func TestModulePages(t *testing.T) {
	root := repository(t)
	for _, folder := range allModules {
		dir := filepath.Join(root, "examples", filepath.FromSlash(folder))
		page, err := os.ReadFile(filepath.Join(dir, "README.md"))
		if err != nil {
			t.Error(err)
		}
		seen := 0
		for _, file := range []string{"variables.tf", "outputs.tf"} {
			raw, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			for _, block := range parse(t, folder+"/"+file, string(raw)).body.Blocks {
				seen++
				name := block.Labels[0]
				if !strings.Contains(string(page), "`"+name+"`") {
					t.Errorf("%s/README.md doesn't tell of %s %s", folder, block.Type, name)
				}
				for argument, of := range map[string]string{"description": "variable output", "type": "variable", "value": "output"} {
					if _, ok := block.Body.Attributes[argument]; strings.Contains(of, block.Type) && !ok {
						t.Errorf("%s/%s: %s has no %s", folder, file, name, argument)
					}
				}
			}
		}
		if seen < 8 {
			t.Errorf("%s has %d inputs and outputs", folder, seen)
		}
	}
	modules, err := filepath.Glob(filepath.Join(root, "examples", "modules", "*", "main.tf"))
	if err != nil || len(modules) != len(allModules) {
		t.Errorf("there are %d modules and %d are listed: %v", len(modules), len(allModules), err)
	}
}
