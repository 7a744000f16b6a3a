package provider

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/usersync/terraform-provider-usersync/internal/provider/configcheck"
)

// checked refuses, for every configuration that comes, what configcheck finds:
// in one place, so that no argument is forgotten. The CLIs validate when values
// are known, too, but for what is known at apply only.
type checked struct {
	protocol
	types func() *configTypes
}

func newChecked(inner protocol, p *usersync) *checked {
	return &checked{inner, sync.OnceValue(func() *configTypes { return typesOf(context.Background(), p) })}
}

// kind is what has a configuration of a name of its own.
type kind int

const (
	kindProvider kind = iota
	kindResource
	kindData
	kindEphemeral
	kindList
	kindAction
)

type configType struct {
	attr.Type
	// sensitive are arguments that no diagnostic is put on: the CLIs would print
	// their source.
	sensitive map[string]bool
}

type configTypes map[kind]map[string]configType

// typed is what all kinds of schema are.
type typed interface {
	Type() attr.Type
}

func (t configTypes) add(of kind, name string, s typed, sensitive map[string]bool) {
	if t[of] == nil {
		t[of] = map[string]configType{}
	}
	t[of][name] = configType{s.Type(), sensitive}
}

// sensitiveOf are the names of a schema's sensitive attributes.
func sensitiveOf[T interface{ IsSensitive() bool }](attributes map[string]T) map[string]bool {
	out := map[string]bool{}
	for name, a := range attributes {
		out[name] = a.IsSensitive()
	}
	return out
}

func typesOf(ctx context.Context, p *usersync) *configTypes {
	out := configTypes{}
	var named provider.MetadataResponse
	p.Metadata(ctx, provider.MetadataRequest{}, &named)
	var own provider.SchemaResponse
	p.Schema(ctx, provider.SchemaRequest{}, &own)
	// Errors about the provider block carry no path at all: secrets are beside
	// whatever is wrong.
	all := map[string]bool{}
	for name := range own.Schema.Attributes {
		all[name] = true
	}
	for name := range own.Schema.Blocks {
		all[name] = true
	}
	out.add(kindProvider, "", own.Schema, all)
	for _, newOne := range p.Resources(ctx) {
		r := newOne()
		var m resource.MetadataResponse
		var s resource.SchemaResponse
		r.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: named.TypeName}, &m)
		r.Schema(ctx, resource.SchemaRequest{}, &s)
		out.add(kindResource, m.TypeName, s.Schema, sensitiveOf(s.Schema.Attributes))
	}
	for _, newOne := range p.DataSources(ctx) {
		r := newOne()
		var m datasource.MetadataResponse
		var s datasource.SchemaResponse
		r.Metadata(ctx, datasource.MetadataRequest{ProviderTypeName: named.TypeName}, &m)
		r.Schema(ctx, datasource.SchemaRequest{}, &s)
		out.add(kindData, m.TypeName, s.Schema, sensitiveOf(s.Schema.Attributes))
	}
	for _, newOne := range p.EphemeralResources(ctx) {
		r := newOne()
		var m ephemeral.MetadataResponse
		var s ephemeral.SchemaResponse
		r.Metadata(ctx, ephemeral.MetadataRequest{ProviderTypeName: named.TypeName}, &m)
		r.Schema(ctx, ephemeral.SchemaRequest{}, &s)
		out.add(kindEphemeral, m.TypeName, s.Schema, sensitiveOf(s.Schema.Attributes))
	}
	for _, newOne := range p.ListResources(ctx) {
		r := newOne()
		var m resource.MetadataResponse
		var s list.ListResourceSchemaResponse
		r.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: named.TypeName}, &m)
		r.ListResourceConfigSchema(ctx, list.ListResourceSchemaRequest{}, &s)
		out.add(kindList, m.TypeName, s.Schema, nil)
	}
	for _, newOne := range p.Actions(ctx) {
		r := newOne()
		var m action.MetadataResponse
		var s action.SchemaResponse
		r.Metadata(ctx, action.MetadataRequest{ProviderTypeName: named.TypeName}, &m)
		r.Schema(ctx, action.SchemaRequest{}, &s)
		out.add(kindAction, m.TypeName, s.Schema, nil)
	}
	return &out
}

// find gives the diagnostics of a configuration. What can't be read at all is
// left to the framework.
func (s *checked) find(
	ctx context.Context, of kind, name string, config *tfprotov6.DynamicValue,
) []*tfprotov6.Diagnostic {
	t, ok := (*s.types())[of][name]
	if !ok || config == nil {
		return nil
	}
	v, err := config.Unmarshal(t.TerraformType(ctx))
	if err != nil {
		return nil
	}
	var out []*tfprotov6.Diagnostic
	for _, found := range configcheck.Find(ctx, t.Type, v) {
		d := &tfprotov6.Diagnostic{
			Severity: tfprotov6.DiagnosticSeverityError,
			Summary:  found.Summary(),
			Detail:   found.Detail(),
		}
		if at, ok := found.(diag.DiagnosticWithPath); ok && !t.sensitive[at.Path().String()] {
			d.Attribute = tftypes.NewAttributePath().WithAttributeName(at.Path().String())
		}
		out = append(out, d)
	}
	return out
}

func (s *checked) ValidateProviderConfig(
	ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	if d := s.find(ctx, kindProvider, "", req.Config); d != nil {
		return &tfprotov6.ValidateProviderConfigResponse{Diagnostics: d}, nil
	}
	return s.protocol.ValidateProviderConfig(ctx, req)
}

func (s *checked) ConfigureProvider(
	ctx context.Context, req *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	if d := s.find(ctx, kindProvider, "", req.Config); d != nil {
		return &tfprotov6.ConfigureProviderResponse{Diagnostics: d}, nil
	}
	return s.protocol.ConfigureProvider(ctx, req)
}

func (s *checked) ValidateResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	if d := s.find(ctx, kindResource, req.TypeName, req.Config); d != nil {
		return &tfprotov6.ValidateResourceConfigResponse{Diagnostics: d}, nil
	}
	return s.protocol.ValidateResourceConfig(ctx, req)
}

func (s *checked) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	if d := s.find(ctx, kindResource, req.TypeName, req.Config); d != nil {
		return &tfprotov6.PlanResourceChangeResponse{Diagnostics: d, PlannedState: req.PriorState}, nil
	}
	return s.protocol.PlanResourceChange(ctx, req)
}

func (s *checked) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	if d := s.find(ctx, kindResource, req.TypeName, req.Config); d != nil {
		return &tfprotov6.ApplyResourceChangeResponse{
			Diagnostics: d,
			NewState:    req.PriorState,
			Private:     req.PlannedPrivate,
		}, nil
	}
	return s.protocol.ApplyResourceChange(ctx, req)
}

func (s *checked) ValidateDataResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	if d := s.find(ctx, kindData, req.TypeName, req.Config); d != nil {
		return &tfprotov6.ValidateDataResourceConfigResponse{Diagnostics: d}, nil
	}
	return s.protocol.ValidateDataResourceConfig(ctx, req)
}

func (s *checked) ReadDataSource(
	ctx context.Context, req *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	if d := s.find(ctx, kindData, req.TypeName, req.Config); d != nil {
		return &tfprotov6.ReadDataSourceResponse{Diagnostics: d, State: req.Config}, nil
	}
	return s.protocol.ReadDataSource(ctx, req)
}

func (s *checked) ValidateEphemeralResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest,
) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	if d := s.find(ctx, kindEphemeral, req.TypeName, req.Config); d != nil {
		return &tfprotov6.ValidateEphemeralResourceConfigResponse{Diagnostics: d}, nil
	}
	return s.protocol.ValidateEphemeralResourceConfig(ctx, req)
}

func (s *checked) OpenEphemeralResource(
	ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest,
) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	if d := s.find(ctx, kindEphemeral, req.TypeName, req.Config); d != nil {
		return &tfprotov6.OpenEphemeralResourceResponse{Diagnostics: d, Result: req.Config}, nil
	}
	return s.protocol.OpenEphemeralResource(ctx, req)
}

func (s *checked) ValidateListResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest,
) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	if d := s.find(ctx, kindList, req.TypeName, req.Config); d != nil {
		return &tfprotov6.ValidateListResourceConfigResponse{Diagnostics: d}, nil
	}
	return s.protocol.ValidateListResourceConfig(ctx, req)
}

func (s *checked) ListResource(
	ctx context.Context, req *tfprotov6.ListResourceRequest,
) (*tfprotov6.ListResourceServerStream, error) {
	if d := s.find(ctx, kindList, req.TypeName, req.Config); d != nil {
		return &tfprotov6.ListResourceServerStream{Results: func(push func(tfprotov6.ListResourceResult) bool) {
			push(tfprotov6.ListResourceResult{Diagnostics: d})
		}}, nil
	}
	return s.protocol.ListResource(ctx, req)
}

func (s *checked) ValidateActionConfig(
	ctx context.Context, req *tfprotov6.ValidateActionConfigRequest,
) (*tfprotov6.ValidateActionConfigResponse, error) {
	if d := s.find(ctx, kindAction, req.ActionType, req.Config); d != nil {
		return &tfprotov6.ValidateActionConfigResponse{Diagnostics: d}, nil
	}
	return s.protocol.ValidateActionConfig(ctx, req)
}

func (s *checked) PlanAction(
	ctx context.Context, req *tfprotov6.PlanActionRequest,
) (*tfprotov6.PlanActionResponse, error) {
	if d := s.find(ctx, kindAction, req.ActionType, req.Config); d != nil {
		return &tfprotov6.PlanActionResponse{Diagnostics: d}, nil
	}
	return s.protocol.PlanAction(ctx, req)
}

func (s *checked) InvokeAction(
	ctx context.Context, req *tfprotov6.InvokeActionRequest,
) (*tfprotov6.InvokeActionServerStream, error) {
	if d := s.find(ctx, kindAction, req.ActionType, req.Config); d != nil {
		return &tfprotov6.InvokeActionServerStream{Events: func(push func(tfprotov6.InvokeActionEvent) bool) {
			push(tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{Diagnostics: d}})
		}}, nil
	}
	return s.protocol.InvokeAction(ctx, req)
}
