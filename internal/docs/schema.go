package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/usersync/terraform-provider-usersync/internal/provider"
)

// schemaJSON gives the provider's schemas in the form of "terraform providers
// schema -json", asked of the protocol server in this process.
func schemaJSON(ctx context.Context) ([]byte, error) {
	server := providerserver.NewProtocol6(provider.New("docs")())()
	resp, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	for _, d := range resp.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return nil, fmt.Errorf("%s: %s", d.Summary, d.Detail)
		}
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	p := map[string]any{
		"provider":                   schemaOf(resp.Provider),
		"resource_schemas":           schemasOf(resp.ResourceSchemas),
		"data_source_schemas":        schemasOf(resp.DataSourceSchemas),
		"functions":                  functionsOf(resp.Functions),
		"ephemeral_resource_schemas": schemasOf(resp.EphemeralResourceSchemas),
		"action_schemas":             actionsOf(resp.ActionSchemas),
		"list_resource_schemas":      schemasOf(resp.ListResourceSchemas),
		"resource_identity_schemas":  identitiesOf(identities.IdentitySchemas),
	}
	return json.MarshalIndent(map[string]any{
		"format_version":   "1.0",
		"provider_schemas": map[string]any{"usersync": p},
	}, "", " ")
}

func schemasOf(m map[string]*tfprotov6.Schema) map[string]any {
	out := make(map[string]any, len(m))
	for name, s := range m {
		out[name] = schemaOf(s)
	}
	return out
}

func schemaOf(s *tfprotov6.Schema) map[string]any {
	return map[string]any{"version": s.Version, "block": blockOf(s.Block)}
}

func blockOf(b *tfprotov6.SchemaBlock) map[string]any {
	out := map[string]any{
		"attributes":       attributesOf(b.Attributes),
		"description":      b.Description,
		"description_kind": "markdown",
	}
	if len(b.BlockTypes) == 0 {
		return out
	}
	blocks := make(map[string]any, len(b.BlockTypes))
	for _, inner := range b.BlockTypes {
		blocks[inner.TypeName] = map[string]any{
			"nesting_mode": strings.ToLower(inner.Nesting.String()),
			"block":        blockOf(inner.Block),
		}
	}
	out["block_types"] = blocks
	return out
}

func attributesOf(list []*tfprotov6.SchemaAttribute) map[string]any {
	out := make(map[string]any, len(list))
	for _, a := range list {
		m := map[string]any{"description": a.Description, "description_kind": "markdown"}
		for name, set := range map[string]bool{"required": a.Required, "optional": a.Optional, "computed": a.Computed,
			"sensitive": a.Sensitive, "write_only": a.WriteOnly, "deprecated": a.Deprecated} {
			if set {
				m[name] = true
			}
		}
		if a.NestedType != nil {
			m["nested_type"] = map[string]any{
				"attributes":   attributesOf(a.NestedType.Attributes),
				"nesting_mode": strings.ToLower(a.NestedType.Nesting.String()),
			}
		} else {
			m["type"] = typeOf(a.Type)
		}
		out[a.Name] = m
	}
	return out
}

func functionsOf(m map[string]*tfprotov6.Function) map[string]any {
	out := make(map[string]any, len(m))
	for name, f := range m {
		parameters := make([]any, len(f.Parameters))
		for i, p := range f.Parameters {
			parameters[i] = parameterOf(p)
		}
		one := map[string]any{
			"description": f.Description,
			"summary":     f.Summary,
			"return_type": typeOf(f.Return.Type),
			"parameters":  parameters,
		}
		if f.VariadicParameter != nil {
			one["variadic_parameter"] = parameterOf(f.VariadicParameter)
		}
		out[name] = one
	}
	return out
}

func parameterOf(p *tfprotov6.FunctionParameter) map[string]any {
	return map[string]any{"name": p.Name, "description": p.Description, "type": typeOf(p.Type)}
}

// typeOf writes a type as the CLI does: "string", ["list", "string"], ["object", {…}].
func typeOf(t tftypes.Type) any {
	switch x := t.(type) {
	case tftypes.List:
		return []any{"list", typeOf(x.ElementType)}
	case tftypes.Set:
		return []any{"set", typeOf(x.ElementType)}
	case tftypes.Map:
		return []any{"map", typeOf(x.ElementType)}
	case tftypes.Object:
		m := make(map[string]any, len(x.AttributeTypes))
		for name, t := range x.AttributeTypes {
			m[name] = typeOf(t)
		}
		return []any{"object", m}
	}
	switch {
	case t.Is(tftypes.String):
		return "string"
	case t.Is(tftypes.Bool):
		return "bool"
	case t.Is(tftypes.Number):
		return "number"
	}
	return "dynamic"
}

// actionsOf gives actions' schemas; an action has no version.
func actionsOf(m map[string]*tfprotov6.ActionSchema) map[string]any {
	out := make(map[string]any, len(m))
	for name, a := range m {
		out[name] = schemaOf(a.Schema)
	}
	return out
}

// identitiesOf gives the schemas of identities, by which imports name objects.
func identitiesOf(m map[string]*tfprotov6.ResourceIdentitySchema) map[string]any {
	out := make(map[string]any, len(m))
	for name, s := range m {
		attributes := make(map[string]any, len(s.IdentityAttributes))
		for _, a := range s.IdentityAttributes {
			one := map[string]any{"type": typeOf(a.Type), "description": a.Description}
			if a.RequiredForImport {
				one["required_for_import"] = true
			}
			if a.OptionalForImport {
				one["optional_for_import"] = true
			}
			attributes[a.Name] = one
		}
		out[name] = map[string]any{"version": s.Version, "attributes": attributes}
	}
	return out
}
