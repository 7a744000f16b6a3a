package mapping

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
)

func object(pairs map[string]attr.Value) types.Dynamic {
	kinds := map[string]attr.Type{}
	for k, v := range pairs {
		kinds[k] = v.Type(context.Background())
	}
	return types.DynamicValue(types.ObjectValueMust(kinds, pairs))
}

func plain(s string) types.String { return types.StringValue(s) }

func TestEvaluate(t *testing.T) {
	user := object(map[string]attr.Value{
		"%DomainFQDN%": plain(
			"corp.example",
		),
		"givenName": plain("Adele"),
		"surname":   plain("Vance"),
		"none":      types.StringNull(),
		"on":        types.BoolValue(true),
		"many": types.TupleValueMust(
			[]attr.Type{types.StringType, types.StringType},
			[]attr.Value{plain("a"), plain("b")},
		),
	})
	cases := []struct {
		expression string
		now        types.String
		want       string
		bad        string
	}{
		{`Join(" ", [givenName], [surname])`, types.StringNull(), `"Adele Vance"`, ""},
		{`Split("a,b", ",")`, types.StringNull(), `["a","b"]`, ""},
		{`Count([many])`, types.StringNull(), `2`, ""},
		{`IgnoreFlowIfNullOrEmpty([none])`, types.StringNull(), `<null>`, ""},
		{`[absent]`, types.StringNull(), `<null>`, ""},
		{`IsPresent([on])`, types.StringNull(), `true`, ""},
		{
			`FormatDateTime(Now(), , "M/d/yyyy h:mm:ss tt", "yyyy-MM-dd")`,
			plain("2026-11-20T08:00:00Z"),
			`"2026-11-20"`,
			"",
		},
		{`Now()`, types.StringNull(), "", "can't be told in advance"},
		{`[GivenName]`, types.StringNull(), "", "case-sensitive"},
		{`Append("@", %DomainFQDN%)`, types.StringNull(), `"@corp.example"`, ""},
		{`Append("@", %DomainNetBios%)`, types.StringNull(), "", "can't be told in advance"},
		{`IIF(IsPresent([none]), "a", )`, types.StringNull(), `<null>`, ""},
		{`Guid()`, types.StringNull(), "", "can't be told in advance"},
		{`Joim([a])`, types.StringNull(), "", "Join"},
		{`Join("a"`, types.StringNull(), "", "column"},
		{`[a]`, plain("yesterday"), "", "is no time"},
	}
	for _, c := range cases {
		got, err := providertest.Call(t, evaluate{}, types.DynamicUnknown(), plain(c.expression), user, c.now)
		switch {
		case c.bad != "":
			if err == nil || !strings.Contains(err.Error(), c.bad) {
				t.Errorf("%s: want an error with %q, got %v", c.expression, c.bad, err)
			}
		case err != nil:
			t.Errorf("%s: %v", c.expression, err)
		case got.String() != c.want:
			t.Errorf("%s: %s, want %s", c.expression, got, c.want)
		}
	}
}

func TestInScope(t *testing.T) {
	clause := func(operator string, values ...string) types.Dynamic {
		list := make([]attr.Value, len(values))
		for i, v := range values {
			list[i] = plain(v)
		}
		c := map[string]attr.Value{
			"attribute": plain("department"),
			"operator":  plain(operator),
			"values":    types.ListValueMust(types.StringType, list),
		}
		inner := object(c).UnderlyingValue()
		group := object(
			map[string]attr.Value{
				"name":   plain("g"),
				"all_of": types.TupleValueMust([]attr.Type{inner.Type(context.Background())}, []attr.Value{inner}),
			},
		).UnderlyingValue()
		return object(
			map[string]attr.Value{
				"any_of": types.TupleValueMust([]attr.Type{group.Type(context.Background())}, []attr.Value{group}),
			},
		)
	}
	graph := types.DynamicValue(
		plain(
			`{"groups":[{"name":"g","clauses":[{"operatorName":"EQUALS","sourceOperandName":"department","targetOperand":{"values":["IT"]}}]}]}`,
		),
	)
	it := object(map[string]attr.Value{"department": plain("IT")})
	cases := []struct {
		filter, user types.Dynamic
		want         bool
		bad          string
	}{
		{clause("EQUALS", "IT"), it, true, ""},
		{clause("EQUALS", "HR"), it, false, ""},
		{graph, it, true, ""},
		{types.DynamicNull(), it, true, ""},
		{
			types.DynamicValue(
				plain(
					`{"groups":[],"inputFilterGroups":[{"name":"g","clauses":[{"operatorName":"NOT EQUALS","sourceOperandName":"department","targetOperand":{"values":["IT"]}}]}]}`,
				),
			),
			it,
			false,
			"",
		},
		{
			types.DynamicValue(
				plain(
					`{"inputFilterGroups":[{"name":"g","clauses":[{"operatorName":"NOT EQUALS","sourceOperandName":"city","targetOperand":{"values":["IT"]}}]}]}`,
				),
			),
			it,
			true,
			"",
		},
		{graph, object(map[string]attr.Value{"Department": plain("IT")}), false, "case-sensitive"},
		{clause("IS NULL"), object(map[string]attr.Value{}), true, ""},
		{clause("EQUALZ", "IT"), it, false, "EQUALS"},
		{types.DynamicValue(plain("{")), it, false, "JSON"},
	}
	for i, c := range cases {
		got, err := providertest.Call(t, inScope{}, types.BoolUnknown(), c.filter, c.user)
		switch {
		case c.bad != "":
			if err == nil || !strings.Contains(err.Error(), c.bad) {
				t.Errorf("%d: want an error with %q, got %v", i, c.bad, err)
			}
		case err != nil || got.String() != map[bool]string{true: "true", false: "false"}[c.want]:
			t.Errorf("%d: %v %v", i, got, err)
		}
	}
}
