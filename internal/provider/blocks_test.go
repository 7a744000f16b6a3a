package provider

import (
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// blockPaths are the paths to the blocks that stand once, nested ones too.
func blockPaths(b *tfprotov6.SchemaBlock, at []string) (out [][]string) {
	for _, inner := range b.BlockTypes {
		path := append(slices.Clone(at), inner.TypeName)
		if inner.Nesting == tfprotov6.SchemaNestedBlockNestingModeSingle {
			out = append(out, path)
		}
		out = append(out, blockPaths(inner.Block, path)...)
	}
	return out
}

// replaced is a configuration with another value at a path; of a list, in its
// first element.
func replaced(config map[string]any, path []string, v any) map[string]any {
	out := maps.Clone(config)
	if len(path) == 1 {
		if out[path[0]] = v; v == nil {
			delete(out, path[0])
		}
		return out
	}
	switch inner := out[path[0]].(type) {
	case map[string]any:
		out[path[0]] = replaced(inner, path[1:], v)
	case []any:
		out[path[0]] = []any{replaced(inner[0].(map[string]any), path[1:], v)}
	default:
		out[path[0]] = replaced(map[string]any{}, path[1:], v)
	}
	return out
}

// An absent block, an empty one and one of nulls mean the same: a module passes
// what it was given, null or not, in a block that is always there.
func TestBlocks_AbsentEmptyNull(t *testing.T) {
	c := newConfigTester(t)
	t.Chdir(t.TempDir())
	tried := 0
	one := func(kind, name string, s *tfprotov6.Schema) {
		base := c.required(kind+" "+name, argumentsOf(s.Block), true)
		for _, path := range blockPaths(s.Block, nil) {
			said := map[string]string{}
			// On the wire, an empty block is one of nulls.
			for what, v := range map[string]any{"absent": nil, "of nulls": map[string]any{}} {
				diagnostics, err := c.ask(kind, name, s, fillIn(s.ValueType(), replaced(base, path, v)))
				if err != nil {
					t.Errorf("%s %s, %v %s: %v", kind, name, path, what, err)
				}
				said[what] = saidWithPaths(diagnostics)
			}
			tried++
			if said["absent"] != said["of nulls"] {
				t.Errorf("%s %s, %v: got %q", kind, name, path, said)
			}
		}
	}
	one("provider", "usersync", c.schemas.Provider)
	for name, s := range c.schemas.ResourceSchemas {
		one("resource", name, s)
	}
	for name, s := range c.schemas.DataSourceSchemas {
		one("data", name, s)
	}
	if tried < 20 {
		t.Errorf("only %d blocks were tried", tried)
	}
}

func saidWithPaths(diagnostics []*tfprotov6.Diagnostic) (text string) {
	for _, d := range diagnostics {
		text += d.Attribute.String() + " " + d.Summary + ": " + d.Detail + "\n"
	}
	return text
}
