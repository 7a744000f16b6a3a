package providertest

import (
	"maps"
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Unknown stands in a configuration for what isn't known at plan.
var Unknown any = unknown{}

type unknown struct{}

// value fills a type with what is given: maps, lists, texts, numbers, truth
// values; the rest is null.
func value(typ tftypes.Type, v any) tftypes.Value {
	if v == Unknown {
		return tftypes.NewValue(typ, tftypes.UnknownValue)
	}
	switch t := typ.(type) {
	case tftypes.Object:
		given, ok := v.(map[string]any)
		if !ok || given == nil {
			return tftypes.NewValue(typ, nil)
		}
		out := map[string]tftypes.Value{}
		for name, of := range t.AttributeTypes {
			out[name] = value(of, given[name])
		}
		return tftypes.NewValue(typ, out)
	case tftypes.Map:
		given, ok := v.(map[string]any)
		if !ok {
			return tftypes.NewValue(typ, nil)
		}
		out := map[string]tftypes.Value{}
		for name, x := range given {
			out[name] = value(t.ElementType, x)
		}
		return tftypes.NewValue(typ, out)
	case tftypes.List:
		return elements(typ, t.ElementType, v)
	case tftypes.Set:
		return elements(typ, t.ElementType, v)
	}
	return tftypes.NewValue(typ, v)
}

func elements(typ, of tftypes.Type, v any) tftypes.Value {
	var given []any
	switch x := v.(type) {
	case []any:
		given = x
	case []string:
		for _, s := range x {
			given = append(given, s)
		}
	default:
		return tftypes.NewValue(typ, nil)
	}
	out := []tftypes.Value{}
	for _, x := range given {
		out = append(out, value(of, x))
	}
	return tftypes.NewValue(typ, out)
}

// proposed is what the CLI proposes: what is configured, and of what the
// provider computes what was.
func proposed(schema *tfprotov6.Schema, prior State, config tftypes.Value) tftypes.Value {
	if config.IsNull() {
		return config
	}
	var was map[string]tftypes.Value
	if prior.Exists() {
		_ = prior.Value.As(&was) // an object, as the schema says
	}
	return proposedBlock(schema.Block, was, config)
}

func proposedBlock(block *tfprotov6.SchemaBlock, was map[string]tftypes.Value, config tftypes.Value) tftypes.Value {
	var now map[string]tftypes.Value
	if config.IsNull() || !config.IsKnown() || config.As(&now) != nil {
		return config
	}
	for _, a := range block.Attributes {
		switch {
		case a.WriteOnly:
			now[a.Name] = tftypes.NewValue(a.ValueType(), nil)
		case now[a.Name].IsNull() && a.Computed && was != nil:
			now[a.Name] = was[a.Name]
		}
	}
	for _, b := range block.BlockTypes {
		if b.Nesting == tfprotov6.SchemaNestedBlockNestingModeSingle {
			now[b.TypeName] = proposedBlock(b.Block, nil, now[b.TypeName])
		}
	}
	return tftypes.NewValue(config.Type(), now)
}

func (c *CLI) encode(v tftypes.Value) *tfprotov6.DynamicValue {
	c.t.Helper()
	d, err := tfprotov6.NewDynamicValue(v.Type(), v)
	if err != nil {
		c.t.Fatal(err)
	}
	return &d
}

func (c *CLI) dynamic(typ tftypes.Type, config map[string]any) *tfprotov6.DynamicValue {
	c.t.Helper()
	return c.encode(value(typ, config))
}

func (c *CLI) stateOf(s State, typ tftypes.Type) *tfprotov6.DynamicValue {
	c.t.Helper()
	if !s.Exists() {
		return c.encode(tftypes.NewValue(typ, nil))
	}
	return c.encode(s.Value)
}

func (c *CLI) decode(d *tfprotov6.DynamicValue, typ tftypes.Type) tftypes.Value {
	c.t.Helper()
	if d == nil {
		return tftypes.NewValue(typ, nil)
	}
	v, err := d.Unmarshal(typ)
	if err != nil {
		c.t.Fatal(err)
	}
	return v
}

// Get is an attribute as plain data, by its name, or names and indices with
// dots between them: nil for null, Unknown for unknown, int64 for a whole number.
func (s State) Get(at string) any {
	v := plain(s.Value)
	for _, step := range strings.Split(at, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			i := 0
			for _, digit := range step {
				i = 10*i + int(digit-'0')
			}
			if i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

// Text is an attribute that is a text; "" for null.
func (s State) Text(at string) string {
	text, _ := s.Get(at).(string)
	return text
}

// With is the state with another value of an attribute, as another version of
// the provider, or somebody's hand, would have left it; without an identity,
// which would be another one then.
func (s State) With(name string, v any) State {
	object := maps.Clone(as[map[string]tftypes.Value](s.Value))
	object[name] = value(object[name].Type(), v)
	return State{Value: tftypes.NewValue(s.Value.Type(), object), private: s.private}
}

func plain(v tftypes.Value) any {
	if v.Type() == nil || v.IsNull() {
		return nil
	}
	if !v.IsKnown() {
		return Unknown
	}
	switch t := v.Type(); {
	case t.Is(tftypes.String):
		return as[string](v)
	case t.Is(tftypes.Bool):
		return as[bool](v)
	case t.Is(tftypes.Number):
		n := as[*big.Float](v)
		if i, exact := n.Int64(); exact == big.Exact {
			return i
		}
		f, _ := n.Float64()
		return f
	case t.Is(tftypes.List{}), t.Is(tftypes.Set{}), t.Is(tftypes.Tuple{}):
		out := []any{}
		for _, x := range as[[]tftypes.Value](v) {
			out = append(out, plain(x))
		}
		return out
	}
	out := map[string]any{}
	for name, x := range as[map[string]tftypes.Value](v) {
		out[name] = plain(x)
	}
	return out
}

func as[T any](v tftypes.Value) T {
	var out T
	if err := v.As(&out); err != nil {
		panic(err) // the type was looked at
	}
	return out
}

func failed(list []*tfprotov6.Diagnostic) bool {
	for _, d := range list {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return true
		}
	}
	return false
}

// said writes diagnostics down: severity, argument, summary, detail.
func said(list []*tfprotov6.Diagnostic) string {
	var b strings.Builder
	for _, d := range list {
		b.WriteString(d.Severity.String())
		if d.Attribute != nil {
			b.WriteString(
				" (" + strings.NewReplacer(`AttributeName("`, "", `")`, "").Replace(d.Attribute.String()) + ")",
			)
		}
		b.WriteString(": " + d.Summary + "\n" + d.Detail + "\n")
	}
	return b.String()
}

// Wants fails where a text lacks one of the parts; without parts, where there
// is a text.
func Wants(t *testing.T, what, got string, parts ...string) {
	t.Helper()
	if len(parts) == 0 && got != "" {
		t.Errorf("%s: got %q, want nothing said", what, got)
	}
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%s: got %q, want %q in it", what, got, part)
		}
	}
}
