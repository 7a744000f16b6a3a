package mapping

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
)

// drawnSchemas is how many schemas are drawn; each kind of what is in them
// occurs at least leastOfKind times.
const (
	drawnSchemas = 500
	leastOfKind  = 20
)

// Whatever a schema has, it is read without an error, printed as configuration,
// imported by that and then planned without a change or a warning; and after a
// change of one row the service receives the bytes that it gave, but for that
// row.
func TestSchema_Property(t *testing.T) {
	gen := schemas(t)
	many := drawnSchemas
	if testing.Short() {
		many /= 10
	}
	const parts = 4
	var mu sync.Mutex
	seen, changed, imported := map[string]int{}, 0, 0
	t.Run("parts", func(t *testing.T) {
		for part := range parts {
			t.Run(fmt.Sprint(part), func(t *testing.T) {
				t.Parallel()
				l := newLab(t)
				_, job := l.Job()
				for seed := part; seed < many && !t.Failed(); seed += parts {
					s := gen.Example(seed)
					if err := l.SetSchema(app, s.raw); err != nil {
						t.Fatal(err)
					}
					p := &roundTrip{lab: l, cli: l.Another(), job: job, raw: s.raw}
					t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { p.run(t) })
					mu.Lock()
					for kind := range s.kinds {
						seen[kind]++
					}
					imported += p.imported
					if p.changed {
						changed++
					}
					mu.Unlock()
					if t.Failed() {
						t.Fatalf("seed %d: the schema:\n%s", seed, s.raw)
					}
				}
			})
		}
	})
	if changed < many/2 || imported < many {
		t.Errorf("of %d schemas %d mappings were imported, and a row of %d was changed", many, imported, changed)
	}
	for kind, n := range seen {
		if n < leastOfKind && !testing.Short() {
			t.Errorf("%s occurs %d times", kind, n)
		}
	}
}

// roundTrip is what is done with one schema.
type roundTrip struct {
	*lab
	cli      *providertest.CLI
	job      string
	raw      []byte
	imported int
	changed  bool
}

func (p *roundTrip) run(t *testing.T) {
	t.Helper()
	data, said := p.cli.ReadData(schemaName, map[string]any{"service_principal_id": app, "job_id": p.job})
	if said != "" {
		t.Fatalf("reading it: %s", said)
	}
	ids, configs := configurations(t, data.Text("hcl"))
	for name, config := range configs {
		state, said := p.cli.Import(mappingName, ids[name])
		if said != "" || !state.Exists() {
			t.Fatalf("importing %s (%s): %s\n%s", name, ids[name], said, data.Text("hcl"))
		}
		if said := p.cli.Validate(mappingName, config); said != "" {
			t.Fatalf("validating %s: %s\n%s", name, said, data.Text("hcl"))
		}
		plan := p.cli.Plan(mappingName, state, config)
		if plan.Said != "" || !plan.Planned.Exists() || !plan.Planned.Value.Equal(state.Value) {
			diff, _ := state.Value.Diff(plan.Planned.Value)
			t.Fatalf("%s plans a change: %s\n%v\n%s", name, plan.Said, diff, data.Text("hcl"))
		}
		p.imported++
	}
	for _, name := range sortedNames(configs) {
		rows, _ := configs[name]["attributes"].(map[string]any)
		for _, target := range sortedNames(rows) {
			p.change(t, ids[name], configs[name], target)
			return
		}
	}
}

func short(text []byte) []byte { return text[:min(len(text), 500)] }

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// change gives a row another default, and looks at what the service received.
func (p *roundTrip) change(t *testing.T, id string, config map[string]any, target string) {
	t.Helper()
	state, _ := p.cli.Import(mappingName, id)
	rows := providertest.With(config["attributes"].(map[string]any))
	row := providertest.With(rows[target].(map[string]any), "default", "another \"value\"")
	rows[target] = row
	_, said := p.cli.Plan(mappingName, state, providertest.With(config, "attributes", rows)).Apply()
	if len(providertest.ErrorsOf(said)) > 0 {
		t.Fatalf("changing %q of %s: %s", target, id, said)
	}
	p.changed = true
	_, received, err := p.Schemas(app)
	if err != nil {
		t.Fatal(err)
	}
	before := bytes.TrimSpace(p.raw)
	at := 0 // the first byte that differs
	for at < len(before) && at < len(received) && before[at] == received[at] {
		at++
	}
	end := 0 // and how many at the end don't
	for end < len(before)-at && end < len(received)-at && before[len(before)-1-end] == received[len(received)-1-end] {
		end++
	}
	old := before[at : len(before)-end]
	if len(old) > len(`null`)+len(`"defaultValue":  "ISO-8859-1 ${x}",`) {
		t.Fatalf(
			"changing %q of %s, the service received other bytes: instead of\n%s\nit got\n%s",
			target,
			id,
			short(old),
			short(received[at:len(received)-end]),
		)
	}
	var now any
	if err := json.Unmarshal(received, &now); err != nil || !strings.Contains(string(received), `another \"value\"`) {
		t.Fatalf("changing %q of %s: %v, the service received %s", target, id, err, received)
	}
}

// configurations are the import blocks' ids and the resources of a
// configuration, by label.
func configurations(t *testing.T, text string) (ids map[string]string, resources map[string]map[string]any) {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(text), "import.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("the configuration can't be read: %v\n%s", diags, text)
	}
	ids, resources = map[string]string{}, map[string]map[string]any{}
	for _, b := range file.Body.(*hclsyntax.Body).Blocks {
		if b.Type == "import" {
			to, diags := hcl.AbsTraversalForExpr(b.Body.Attributes["to"].Expr)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			ids[to[1].(hcl.TraverseAttr).Name] = evaluated(t, b.Body.Attributes["id"]).(string)
			continue
		}
		config := map[string]any{}
		for name, a := range b.Body.Attributes {
			config[name] = evaluated(t, a)
		}
		if resources[b.Labels[1]] != nil {
			t.Fatalf("two resources are called %s:\n%s", b.Labels[1], text)
		}
		resources[b.Labels[1]] = config
	}
	if len(ids) != len(resources) {
		t.Fatalf("%d imports of %d resources:\n%s", len(ids), len(resources), text)
	}
	return ids, resources
}

func evaluated(t *testing.T, a *hclsyntax.Attribute) any {
	t.Helper()
	v, diags := a.Expr.Value(nil)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return goValue(v)
}

func goValue(v cty.Value) any {
	switch {
	case v.IsNull():
		return nil
	case v.Type() == cty.String:
		return v.AsString()
	case v.Type() == cty.Number:
		f := v.AsBigFloat()
		return new(big.Float).Set(f)
	case v.Type() == cty.Bool:
		return v.True()
	case v.Type().IsObjectType():
		out := map[string]any{}
		for name, x := range v.AsValueMap() {
			out[name] = goValue(x)
		}
		return out
	}
	out := []any{}
	for _, x := range v.AsValueSlice() {
		out = append(out, goValue(x))
	}
	return out
}
