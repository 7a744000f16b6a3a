package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// group is the key of what is tried in maps: one of them takes groups.
const group = "Atlassian users"

// unmerged are arguments of which this test knows a fault in a package that
// another branch rebuilds; empty when that is merged.
var unmerged = map[string]bool{}

// configTester asks the provider on the example tenant.
type configTester struct {
	t       *testing.T
	server  protocol
	schemas *tfprotov6.GetProviderSchemaResponse
	samples map[string]any
}

func newConfigTester(t *testing.T) *configTester {
	t.Helper()
	file, err := filepath.Abs("../../examples/tenant/company.json")
	if err != nil {
		t.Fatal(err)
	}
	l, _ := newLister(t)
	c := &configTester{t: t, server: l.server.(protocol), schemas: l.schemas}
	snap, err := directory.ReadSnapshot(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := snap.Directory()
	if err != nil {
		t.Fatal(err)
	}
	o, err := snap.Organization("main", false)
	if err != nil {
		t.Fatal(err)
	}
	tenant, errTenant := d.EncodeReading()
	organization, errOrganization := o.EncodeReading()
	if errTenant != nil || errOrganization != nil {
		t.Fatal(errTenant, errOrganization)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	jobs, err := snap.Jobs([]string{"Atlassian Cloud"})
	if err != nil {
		t.Fatal(err)
	}
	everyone := map[string]any{"connector": "atlassian_nested_groups", "scope": map[string]any{"everyone": true}}
	c.samples = map[string]any{
		"directory":                              tenant,
		"resource usersync_outcome.organization": organization,
		"resource usersync_outcome":              map[string]any{"organization": organization},
		"organization":                           "main",
		"connector":                              "atlassian_nested_groups",
		"everyone":                               true,
		"scope":                                  map[string]any{"groups": []any{group}},
		"user":                                   "amara.okafor@company.com",
		"from":                                   everyone,
		"to":                                     everyone,
		"data usersync_mapping_preview.users": []any{
			"amara.okafor@company.com",
		},
		"resource usersync_provisioning_mapping.expression": `[mail]`,
		"service_principals": []any{"Atlassian Cloud"},
		"match": map[string]any{
			"origin": "external",
		},
		"name":      "a rule",
		"user_type": "Guest",
		"mode":      "audit",
		"resource usersync_user_type_policy.rule": []any{
			map[string]any{"name": "a rule", "user_type": "Guest", "match": map[string]any{"origin": "external"}},
		},
		"file":                 file,
		"sha256":               hex.EncodeToString(sum[:]),
		"tenant_id":            "11111111-2222-4333-8444-555555555555",
		"domain":               "new.company.com",
		"service_principal_id": jobs[0].ServicePrincipalID,
		"job_id":               jobs[0].JobID,
		"service_principal":    "Atlassian Cloud",
		"data usersync_provisioning_log": map[string]any{
			"service_principal_id": "11111111-2222-4333-8444-555555555555",
		},
		"resource usersync_provisioning_secret": map[string]any{
			"credentials": map[string]any{group: "x"}, "credentials_version": "1",
		},
		"action usersync_provision_on_demand": map[string]any{"users": []any{"11111111-2222-4333-8444-555555555555"}},
		"operator":                            "EQUALS",
		"attribute":                           "department",
		"source_object":                       "User",
		"target_object":                       "User",
		"members":                             map[string]any{group: []any{}},
	}
	return c
}

// argumentsOf are the attributes of a block, and its blocks as if they were
// nested attributes: a configuration has the same values of both.
func argumentsOf(b *tfprotov6.SchemaBlock) []*tfprotov6.SchemaAttribute {
	out := slices.Clone(b.Attributes)
	for _, inner := range b.BlockTypes {
		nesting := tfprotov6.SchemaObjectNestingModeSingle
		if inner.Nesting == tfprotov6.SchemaNestedBlockNestingModeList {
			nesting = tfprotov6.SchemaObjectNestingModeList
		}
		out = append(out, &tfprotov6.SchemaAttribute{
			Name:       inner.TypeName,
			Optional:   true,
			NestedType: &tfprotov6.SchemaObject{Attributes: argumentsOf(inner.Block), Nesting: nesting},
		})
	}
	return out
}

func dynamic(t *testing.T, v tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	d, err := tfprotov6.NewDynamicValue(v.Type(), v)
	if err != nil {
		t.Fatal(err)
	}
	return &d
}

// sample is a value of an attribute: one that a name has, else one of its type.
func (c *configTester) sample(of string, name string, a *tfprotov6.SchemaAttribute) any {
	for _, key := range []string{of + "." + name, name} {
		if v, ok := c.samples[key]; ok {
			return v
		}
	}
	if a.NestedType != nil {
		inner := c.required(of, a.NestedType.Attributes, false)
		switch a.NestedType.Nesting {
		case tfprotov6.SchemaObjectNestingModeMap:
			return map[string]any{"key": inner}
		case tfprotov6.SchemaObjectNestingModeSingle:
			return inner
		default:
			return []any{inner}
		}
	}
	return sampleOf(a.Type)
}

func sampleOf(typ tftypes.Type) any {
	switch {
	case typ.Is(tftypes.Bool):
		return true
	case typ.Is(tftypes.Number):
		return big.NewFloat(1)
	case typ.Is(tftypes.Map{}):
		return map[string]any{"key": sampleOf(typ.(tftypes.Map).ElementType)}
	case typ.Is(tftypes.List{}):
		return []any{sampleOf(typ.(tftypes.List).ElementType)}
	case typ.Is(tftypes.Set{}):
		return []any{sampleOf(typ.(tftypes.Set).ElementType)}
	}
	return "x"
}

// spaced is read five times in ten seconds at most, by our own client: it is
// validated here, and read in its own tests.
const spaced = "usersync_provisioning_log"

// needed are optional attributes that something else than the schema wants.
var needed = []string{"scope", "match", "rule", "from", "to", "expression"}

// required are samples of the required attributes; of a configuration as a
// whole, also of those of which one at least must be set.
func (c *configTester) required(of string, attributes []*tfprotov6.SchemaAttribute, whole bool) map[string]any {
	out := map[string]any{}
	if more, ok := c.samples[of].(map[string]any); ok && whole {
		maps.Copy(out, more)
	}
	for _, a := range attributes {
		if a.Required ||
			a.Optional && (a.NestedType != nil || a.Name == "expression") && slices.Contains(needed, a.Name) {
			out[a.Name] = c.sample(of, a.Name, a)
		}
	}
	return out
}

// try is one value of one argument in a configuration that is otherwise
// complete.
type try struct {
	path   []string
	what   string
	config map[string]any
}

// raw is a value that is put into a configuration as it is.
type raw struct {
	make func(tftypes.Type) tftypes.Value
}

func isNull(t tftypes.Type) tftypes.Value    { return tftypes.NewValue(t, nil) }
func isUnknown(t tftypes.Type) tftypes.Value { return tftypes.NewValue(t, tftypes.UnknownValue) }

// values are what is tried of a type.
func values(typ tftypes.Type) map[string]any {
	out := map[string]any{"null": raw{isNull}, "unknown": raw{isUnknown}}
	switch {
	case typ.Is(tftypes.String):
		out[`""`] = ""
		out["a long text"] = strings.Repeat("ü\x1b[31m\n", 2000)
	case typ.Is(tftypes.Number):
		huge, _, _ := big.ParseFloat("1e4000", 10, 512, big.ToNearestEven)
		for name, n := range map[string]*big.Float{"1.5": big.NewFloat(1.5), "-1": big.NewFloat(-1), "0": big.NewFloat(0), "1e30": big.NewFloat(1e30), "1e4000": huge} {
			out[name] = n
		}
	case typ.Is(tftypes.List{}), typ.Is(tftypes.Set{}):
		out["[]"], out["[null]"], out["[unknown]"] = []any{}, []any{raw{isNull}}, []any{raw{isUnknown}}
	case typ.Is(tftypes.Map{}):
		out["{}"], out["{k = null}"], out["{k = unknown}"] = map[string]any{}, map[string]any{
			group: raw{isNull},
		}, map[string]any{
			group: raw{isUnknown},
		}
		if inner := typ.(tftypes.Map).ElementType; inner.Is(tftypes.List{}) {
			out["{k = []}"], out["{k = [null]}"], out["{k = [unknown]}"] = map[string]any{
				group: []any{},
			}, map[string]any{
				group: []any{raw{isNull}},
			}, map[string]any{
				group: []any{raw{isUnknown}},
			}
		}
	}
	return out
}

// tries are all values of all arguments of a schema. put makes the whole
// configuration of one value's object.
func (c *configTester) tries(
	of string,
	attributes []*tfprotov6.SchemaAttribute,
	at []string,
	put func(map[string]any) map[string]any,
) (out []try) {
	base := c.required(of, attributes, len(at) == 0)
	for _, a := range attributes {
		if !a.Required && !a.Optional {
			continue
		}
		with := func(v any) map[string]any {
			object := map[string]any{}
			maps.Copy(object, base)
			object[a.Name] = v
			return put(object)
		}
		path := append(slices.Clone(at), a.Name)
		typ := a.ValueType()
		for what, v := range values(typ) {
			out = append(out, try{path, what, with(v)})
		}
		if a.NestedType == nil {
			continue
		}
		inner := with
		switch a.NestedType.Nesting {
		case tfprotov6.SchemaObjectNestingModeList, tfprotov6.SchemaObjectNestingModeSet:
			inner = func(v any) map[string]any { return with([]any{v}) }
		case tfprotov6.SchemaObjectNestingModeMap:
			inner = func(v any) map[string]any { return with(map[string]any{"key": v}) }
		default: // a single object is given as it is
		}
		out = append(
			out,
			c.tries(
				of,
				a.NestedType.Attributes,
				path,
				func(object map[string]any) map[string]any { return inner(object) },
			)...)
	}
	return out
}

// ask sends a configuration to everything that takes it before something is
// written, and gives the diagnostics.
func (c *configTester) ask(
	kind, name string,
	s *tfprotov6.Schema,
	config tftypes.Value,
) (diagnostics []*tfprotov6.Diagnostic, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	ctx := c.t.Context()
	d := dynamic(c.t, config)
	switch kind {
	case "provider":
		resp, err := c.server.ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: d})
		if err != nil {
			return nil, err
		}
		return resp.Diagnostics, nil
	case "resource":
		resp, err := c.server.ValidateResourceConfig(
			ctx,
			&tfprotov6.ValidateResourceConfigRequest{
				TypeName: name,
				Config:   d,
				ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{
					WriteOnlyAttributesAllowed: true,
				},
			},
		)
		if err != nil {
			return nil, err
		}
		if diagnostics = resp.Diagnostics; failed(diagnostics) {
			return diagnostics, nil
		}
		none := dynamic(c.t, tftypes.NewValue(s.ValueType(), nil))
		plan, err := c.server.PlanResourceChange(
			ctx,
			&tfprotov6.PlanResourceChangeRequest{
				TypeName:         name,
				PriorState:       none,
				ProposedNewState: dynamic(c.t, proposed(argumentsOf(s.Block), config)),
				Config:           d,
			},
		)
		if err != nil {
			return nil, err
		}
		return append(diagnostics, plan.Diagnostics...), nil
	case "data":
		resp, err := c.server.ValidateDataResourceConfig(
			ctx,
			&tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: d},
		)
		if err != nil {
			return nil, err
		}
		if diagnostics = resp.Diagnostics; failed(diagnostics) || !config.IsFullyKnown() || name == spaced {
			return diagnostics, nil
		}
		read, err := c.server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: d})
		if err != nil {
			return nil, err
		}
		return append(diagnostics, read.Diagnostics...), nil
	case "ephemeral":
		resp, err := c.server.ValidateEphemeralResourceConfig(
			ctx,
			&tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: name, Config: d},
		)
		if err != nil {
			return nil, err
		}
		if diagnostics = resp.Diagnostics; failed(diagnostics) || !config.IsFullyKnown() {
			return diagnostics, nil
		}
		open, err := c.server.OpenEphemeralResource(
			ctx,
			&tfprotov6.OpenEphemeralResourceRequest{TypeName: name, Config: d},
		)
		if err != nil {
			return nil, err
		}
		return append(diagnostics, open.Diagnostics...), nil
	case "list":
		resp, err := c.server.ValidateListResourceConfig(
			ctx,
			&tfprotov6.ValidateListResourceConfigRequest{TypeName: name, Config: d},
		)
		if err != nil {
			return nil, err
		}
		if diagnostics = resp.Diagnostics; failed(diagnostics) || !config.IsFullyKnown() {
			return diagnostics, nil
		}
		stream, err := c.server.ListResource(ctx, &tfprotov6.ListResourceRequest{TypeName: name, Config: d, Limit: 1})
		if err != nil {
			return nil, err
		}
		for r := range stream.Results {
			diagnostics = append(diagnostics, r.Diagnostics...)
		}
		return diagnostics, nil
	case "action":
		resp, err := c.server.ValidateActionConfig(
			ctx,
			&tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: d},
		)
		if err != nil {
			return nil, err
		}
		if diagnostics = resp.Diagnostics; failed(diagnostics) {
			return diagnostics, nil
		}
		plan, err := c.server.PlanAction(ctx, &tfprotov6.PlanActionRequest{ActionType: name, Config: d})
		if err != nil {
			return nil, err
		}
		return append(diagnostics, plan.Diagnostics...), nil
	}
	return nil, fmt.Errorf("no kind %s", kind)
}

func failed(diagnostics []*tfprotov6.Diagnostic) bool {
	return slices.ContainsFunc(
		diagnostics,
		func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError },
	)
}

func said(diagnostics []*tfprotov6.Diagnostic) (text string) {
	for _, d := range diagnostics {
		text += d.Summary + ": " + d.Detail + "\n"
	}
	return text
}

// proposed is a configuration as the CLI proposes it: what is computed and not
// set is unknown, what is write-only is null.
func proposed(attributes []*tfprotov6.SchemaAttribute, config tftypes.Value) tftypes.Value {
	var object map[string]tftypes.Value
	if config.IsNull() || !config.IsKnown() || config.As(&object) != nil {
		return config
	}
	out := map[string]tftypes.Value{}
	for _, a := range attributes {
		v := object[a.Name]
		switch {
		case a.WriteOnly:
			v = tftypes.NewValue(a.ValueType(), nil)
		case a.Computed && v.IsNull():
			v = tftypes.NewValue(a.ValueType(), tftypes.UnknownValue)
		case a.NestedType != nil && a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle:
			v = proposed(a.NestedType.Attributes, v)
		case a.NestedType != nil && v.IsKnown() && !v.IsNull():
			var list []tftypes.Value
			var byKey map[string]tftypes.Value
			if v.As(&list) == nil {
				for i := range list {
					list[i] = proposed(a.NestedType.Attributes, list[i])
				}
				v = tftypes.NewValue(v.Type(), list)
			} else if v.As(&byKey) == nil {
				for k := range byKey {
					byKey[k] = proposed(a.NestedType.Attributes, byKey[k])
				}
				v = tftypes.NewValue(v.Type(), byKey)
			}
		}
		out[a.Name] = v
	}
	return tftypes.NewValue(config.Type(), out)
}

// complain says what is wrong with what a provider says of a value.
func complain(x try, diagnostics []*tfprotov6.Diagnostic, err error) string {
	if err != nil {
		return err.Error()
	}
	if want, ok := map[string]string{"[null]": "must not contain null", "{k = [null]}": "must not contain null", "1e4000": "too large"}[x.what]; ok &&
		!strings.Contains(said(diagnostics), want) {
		return "it isn't refused: " + said(diagnostics)
	}
	for _, d := range diagnostics {
		text := d.Summary + ": " + d.Detail
		for _, bad := range []string{"always an error in the provider", "Please report", "report this issue", "Provider produced", "Value Conversion Error"} {
			if strings.Contains(text, bad) {
				return text
			}
		}
		if d.Severity == tfprotov6.DiagnosticSeverityError && !names(d, x.path) {
			return "it doesn't name the argument: " + text
		}
	}
	return ""
}

// names reports whether an error is on an argument, or names one of those on the
// way to what was tried.
func names(d *tfprotov6.Diagnostic, path []string) bool {
	if d.Attribute != nil && len(d.Attribute.Steps()) > 0 {
		return true
	}
	return slices.ContainsFunc(path, func(name string) bool { return strings.Contains(d.Summary+d.Detail, name) })
}

// Every argument of everything that has any, nested ones, too, is tried with
// null, nothing, null elements, empty texts, unknown values and numbers that
// aren't whole: never a panic, never the framework's "this is always an error
// in the provider", and no error that doesn't say which argument it is about.
// (Sensitive and ephemeral values look like others here: marks don't cross the
// protocol.)
func TestEveryArgument(t *testing.T) {
	c := newConfigTester(t)
	t.Chdir(t.TempDir()) // a report may be written
	total := 0
	one := func(kind, name string, s *tfprotov6.Schema) {
		base := fillIn(s.ValueType(), c.required(kind+" "+name, argumentsOf(s.Block), true))
		if diagnostics, err := c.ask(kind, name, s, base); err != nil || failed(diagnostics) {
			t.Errorf("%s %s: what is tried is tried of a configuration with an error of its own: "+
				"%v %s", kind, name, err, said(diagnostics))
		}
		for _, x := range c.tries(kind+" "+name, argumentsOf(s.Block), nil, func(object map[string]any) map[string]any { return object }) {
			total++
			config := fillIn(s.ValueType(), x.config)
			diagnostics, err := c.ask(kind, name, s, config)
			if wrong := complain(x, diagnostics, err); wrong != "" && !unmerged[name+"."+strings.Join(x.path, ".")] {
				t.Errorf("%s %s: %s = %s: %.400s", kind, name, strings.Join(x.path, "."), x.what, wrong)
			}
		}
	}
	one("provider", "usersync", c.schemas.Provider)
	for kind, schemas := range map[string]map[string]*tfprotov6.Schema{
		"resource": c.schemas.ResourceSchemas, "data": c.schemas.DataSourceSchemas, "ephemeral": c.schemas.EphemeralResourceSchemas, "list": c.schemas.ListResourceSchemas,
	} {
		for name, s := range schemas {
			one(kind, name, s)
		}
	}
	for name, s := range c.schemas.ActionSchemas {
		one("action", name, s.Schema)
	}
	if total < 1500 {
		t.Errorf("only %d values were tried", total)
	}
}

// fillIn is value that knows raw values.
func fillIn(typ tftypes.Type, v any) tftypes.Value {
	if r, ok := v.(raw); ok {
		return r.make(typ)
	}
	switch t := typ.(type) {
	case tftypes.Object:
		given, ok := v.(map[string]any)
		if !ok {
			return tftypes.NewValue(typ, nil)
		}
		out := map[string]tftypes.Value{}
		for name, of := range t.AttributeTypes {
			out[name] = fillIn(of, given[name])
		}
		return tftypes.NewValue(typ, out)
	case tftypes.Map:
		given, ok := v.(map[string]any)
		if !ok {
			return tftypes.NewValue(typ, nil)
		}
		out := map[string]tftypes.Value{}
		for name, x := range given {
			out[name] = fillIn(t.ElementType, x)
		}
		return tftypes.NewValue(typ, out)
	case tftypes.List:
		return filledList(typ, t.ElementType, v)
	case tftypes.Set:
		return filledList(typ, t.ElementType, v)
	}
	return tftypes.NewValue(typ, v)
}

func filledList(typ, of tftypes.Type, v any) tftypes.Value {
	given, ok := v.([]any)
	if !ok {
		return tftypes.NewValue(typ, nil)
	}
	out := []tftypes.Value{}
	for _, x := range given {
		out = append(out, fillIn(of, x))
	}
	return tftypes.NewValue(typ, out)
}

// What is wrong beside a credential isn't put on the argument: the CLIs would
// print its source, with the other credentials in it. Nor is anything of the
// provider's own block.
func TestProblemsBesideSecretsHaveNoPath(t *testing.T) {
	c := newConfigTester(t)
	secret := c.schemas.ResourceSchemas["usersync_provisioning_secret"]
	config := c.required("resource usersync_provisioning_secret", argumentsOf(secret.Block), true)
	config["credentials"] = map[string]any{"SecretToken": raw{isNull}, "Other": "hunter2"}
	inProvider := map[string]any{
		"organizations": map[string]any{"main": raw{isNull}, "other": map[string]any{"api_key": "hunter2"}},
	}
	for what, x := range map[string]struct {
		kind, name string
		schema     *tfprotov6.Schema
		config     map[string]any
	}{
		"a credential":    {"resource", "usersync_provisioning_secret", secret, config},
		"an organization": {"provider", "usersync", c.schemas.Provider, inProvider},
	} {
		diagnostics, err := c.ask(x.kind, x.name, x.schema, fillIn(x.schema.ValueType(), x.config))
		if err != nil || len(diagnostics) != 1 || !strings.Contains(said(diagnostics), "must not contain null") {
			t.Errorf("%s: %v %s", what, err, said(diagnostics))
			continue
		}
		if diagnostics[0].Attribute != nil || strings.Contains(said(diagnostics), "hunter2") {
			t.Errorf("%s is on %s: %s", what, diagnostics[0].Attribute, said(diagnostics))
		}
	}
}
