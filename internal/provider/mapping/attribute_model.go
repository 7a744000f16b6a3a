package mapping

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/syncjob"
)

// attributeResourceModel is usersync_provisioning_attribute.
type attributeResourceModel struct {
	ID                 types.String   `tfsdk:"id"`
	ServicePrincipalID types.String   `tfsdk:"service_principal_id"`
	JobID              types.String   `tfsdk:"job_id"`
	Directory          types.String   `tfsdk:"directory"`
	Object             types.String   `tfsdk:"object"`
	Name               types.String   `tfsdk:"name"`
	Type               types.String   `tfsdk:"type"`
	Required           types.Bool     `tfsdk:"required"`
	Multivalued        types.Bool     `tfsdk:"multivalued"`
	CaseExact          types.Bool     `tfsdk:"case_exact"`
	Mutability         types.String   `tfsdk:"mutability"`
	Default            types.String   `tfsdk:"default"`
	APIExpressions     types.Map      `tfsdk:"api_expressions"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
}

// key names the attribute within its job.
func (m *attributeResourceModel) key() mapping.AttributeKey {
	return mapping.AttributeKey{
		Directory: m.Directory.ValueString(), Object: m.Object.ValueString(), Name: m.Name.ValueString(),
	}
}

// identifier is the id. The name stands last, so that slashes in it divide nothing.
func (m *attributeResourceModel) identifier() string {
	return strings.Join([]string{
		m.ServicePrincipalID.ValueString(), m.JobID.ValueString(), syncjob.Escaped(m.Directory.ValueString()),
		syncjob.Escaped(m.Object.ValueString()), m.Name.ValueString(),
	}, "/")
}

// definition is what is managed of the attribute.
func (m *attributeResourceModel) definition(ctx context.Context, d *diag.Diagnostics) mapping.Definition {
	out := mapping.Definition{
		Name:        m.Name.ValueString(),
		Type:        m.Type.ValueString(),
		Mutability:  m.Mutability.ValueString(),
		Required:    m.Required.ValueBoolPointer(),
		Multivalued: m.Multivalued.ValueBoolPointer(),
		CaseExact:   m.CaseExact.ValueBoolPointer(),
		Default:     m.Default.ValueStringPointer(),
	}
	if !m.APIExpressions.IsNull() {
		d.Append(m.APIExpressions.ElementsAs(ctx, &out.APIExpressions, false)...)
	}
	return out
}

// fill takes what the schema has. API expressions that aren't managed stay so, but an
// import takes those that are there.
func (m *attributeResourceModel) fill(ctx context.Context, a mapping.Definition, imported bool, d *diag.Diagnostics) {
	is := func(b *bool) types.Bool { return types.BoolValue(b != nil && *b) }
	m.ID = types.StringValue(m.identifier())
	m.Type, m.Mutability = types.StringValue(a.TypeOrZero()), types.StringValue(a.MutabilityOrZero())
	m.Required, m.Multivalued, m.CaseExact = is(a.Required), is(a.Multivalued), is(a.CaseExact)
	m.Default = types.StringPointerValue(a.Default)
	if m.APIExpressions.IsNull() && (!imported || len(a.APIExpressions) == 0) {
		return
	}
	expressions, diags := types.MapValueFrom(ctx, types.StringType, a.APIExpressions)
	d.Append(diags...)
	m.APIExpressions = expressions
}
