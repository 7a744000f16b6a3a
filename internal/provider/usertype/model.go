// Package usertype is usersync_user_type_policy and usersync_user_type_record.
package usertype

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/provider/diagnose"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
	policy "github.com/usersync/terraform-provider-usersync/internal/usertype"
)

// policyModel is usersync_user_type_policy.
type policyModel struct {
	ID          types.String `tfsdk:"id"`
	Directory   types.String `tfsdk:"directory"`
	Mode        types.String `tfsdk:"mode"`
	Rules       types.List   `tfsdk:"rules"`
	Record      types.String `tfsdk:"record"`
	MaxChanges  types.Int64  `tfsdk:"max_changes"`
	WaveSize    types.Int64  `tfsdk:"wave_size"`
	Names       types.String `tfsdk:"names"`
	CrossTenant types.List   `tfsdk:"cross_tenant"`

	Desired     types.String   `tfsdk:"desired"`
	Assignments types.String   `tfsdk:"assignments"`
	Violations  types.String   `tfsdk:"violations"`
	Resolved    types.String   `tfsdk:"resolved"`
	Remaining   types.Int64    `tfsdk:"remaining"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`
}

type ruleModel struct {
	Name     types.String `tfsdk:"name"`
	Match    *matchModel  `tfsdk:"match"`
	UserType types.String `tfsdk:"user_type"`
	Types    types.String `tfsdk:"types"`
}

type matchModel struct {
	Users         types.Set    `tfsdk:"users"`
	HomeDomains   types.Set    `tfsdk:"home_domains"`
	CreationTypes types.Set    `tfsdk:"creation_types"`
	Groups        types.Set    `tfsdk:"groups"`
	Origin        types.String `tfsdk:"origin"`
	Filter        *filterModel `tfsdk:"filter"`
}

type filterModel struct {
	AnyOf []groupModel `tfsdk:"any_of"`
}

type groupModel struct {
	Name  types.String  `tfsdk:"name"`
	AllOf []clauseModel `tfsdk:"all_of"`
}

type clauseModel struct {
	Attribute types.String `tfsdk:"attribute"`
	Operator  types.String `tfsdk:"operator"`
	Values    types.List   `tfsdk:"values"`
}

// recordModel is usersync_user_type_record.
type recordModel struct {
	ID        types.String `tfsdk:"id"`
	Directory types.String `tfsdk:"directory"`
	Match     *matchModel  `tfsdk:"match"`
	Types     types.String `tfsdk:"types"`
	Users     types.Int64  `tfsdk:"users"`
	Differing types.Int64  `tfsdk:"differing"`
}

// Values of mode and names.
const (
	modeEnforce = "enforce"
	modeAudit   = "audit"
	namesUPN    = "principal_name"
	namesID     = "id"
)

// stringsOf reads a set or list of texts, nil where it is null.
func stringsOf(ctx context.Context, v interface {
	attr.Value
	ElementsAs(context.Context, any, bool) diag.Diagnostics
}, d *diag.Diagnostics) []string {
	if v.IsNull() || v.IsUnknown() {
		return nil
	}
	out := []string{}
	d.Append(v.ElementsAs(ctx, &out, false)...)
	return out
}

func (m *matchModel) match(ctx context.Context, d *diag.Diagnostics) *policy.Match {
	out := &policy.Match{
		Users: stringsOf(ctx, m.Users, d), HomeDomains: stringsOf(ctx, m.HomeDomains, d), CreationTypes: stringsOf(ctx, m.CreationTypes, d),
		Groups: stringsOf(ctx, m.Groups, d), Origin: m.Origin.ValueString(),
	}
	if m.Filter != nil {
		spec := scoping.Spec{AnyOf: []scoping.SpecGroup{}}
		for _, g := range m.Filter.AnyOf {
			group := scoping.SpecGroup{Name: g.Name.ValueString()}
			for _, c := range g.AllOf {
				group.AllOf = append(group.AllOf, scoping.SpecClause{Attribute: c.Attribute.ValueString(), Operator: c.Operator.ValueString(), Values: stringsOf(ctx, c.Values, d)})
			}
			spec.AnyOf = append(spec.AnyOf, group)
		}
		out.Filter = &spec
	}
	return out
}

// rules are the policy's rules; everything must be known.
func (m *policyModel) rules(ctx context.Context, d *diag.Diagnostics) []policy.Rule {
	var models []ruleModel
	d.Append(m.Rules.ElementsAs(ctx, &models, false)...)
	rules := make([]policy.Rule, len(models))
	for i, r := range models {
		rules[i] = policy.Rule{Name: r.Name.ValueString(), Type: r.UserType.ValueString()}
		if r.Match != nil {
			rules[i].Match = r.Match.match(ctx, d)
		}
		if !r.Types.IsNull() {
			rules[i].Types = typesOf(i, r.Types.ValueString(), d)
		}
	}
	return rules
}

// typesOf reads a JSON object from object id to type.
func typesOf(rule int, text string, d *diag.Diagnostics) map[string]string {
	var out map[string]string
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		d.AddAttributeError(path.Root("rules"), "Invalid types", fmt.Sprintf("rules[%d].types: expected the types of a usersync_user_type_record, a JSON object from object id to Member or Guest. The JSON parser says: %v.", rule, err))
	}
	for id, t := range out {
		if t != decision.TypeMember && t != decision.TypeGuest {
			d.AddAttributeError(path.Root("rules"), "Invalid types", fmt.Sprintf("rules[%d].types: %q is given the type %q; a policy gives Member or Guest alone. Pass the types of a usersync_user_type_record, or write those two.", rule, id, t))
			return nil
		}
	}
	return out
}

// ruleError puts a *policy.RuleError on its argument.
func ruleError(doing string, err error) diag.Diagnostic {
	var r *policy.RuleError
	if !errors.As(err, &r) {
		return diagnose.Error(doing, err)
	}
	root, key := "match", r.Key
	if r.Rule >= 0 {
		root, key = "rules", fmt.Sprintf("rules[%d].%s", r.Rule, r.Key)
	}
	at := diagnose.At(path.Root(root), doing, r.Err)
	return diag.NewAttributeErrorDiagnostic(path.Root(root), at.Summary(), key+": "+at.Detail())
}

// jsonOf is a JSON object with sorted keys, on one line.
func jsonOf[M ~map[string]V, V any](m M) types.String {
	raw, err := json.Marshal(m)
	if err != nil {
		return types.StringValue("{}") // texts alone: it can't fail
	}
	return types.StringValue(string(raw))
}

// kept is what the names of the rules meant at the last apply; nil before it.
func (m *policyModel) kept() decision.Resolved {
	if m == nil {
		return nil
	}
	var kept decision.Resolved
	if json.Unmarshal([]byte(m.Resolved.ValueString()), &kept) != nil {
		return nil // of an older edition, which kept none
	}
	return kept
}

func mapOf(v types.String) map[string]string {
	out := map[string]string{}
	if v.IsNull() || v.IsUnknown() || json.Unmarshal([]byte(v.ValueString()), &out) != nil {
		return map[string]string{}
	}
	return out
}

// matchArgument is the argument match of policies and records.
func matchArgument(required bool) schema.SingleNestedAttribute {
	list := func(description string) schema.SetAttribute {
		return schema.SetAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: description}
	}
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: []validator.String{stringvalidator.LengthAtLeast(1)}}
	}
	origin := text("`internal` or `external`: whether the home is this tenant (no `#EXT#` in the principal name) or another.")
	origin.Validators = append(origin.Validators, stringvalidator.OneOf(policy.Internal, policy.External))
	return schema.SingleNestedAttribute{
		Required: required, Optional: !required,
		MarkdownDescription: "Whom it is about. All that is set must hold, of each list one value; at least one must be set.",
		Attributes: map[string]schema.Attribute{
			"users":          list("Users by principal name, mail or object id."),
			"home_domains":   list("Domains of the users' homes: of an `#EXT#` principal name the domain in it, else that of the mail or the principal name."),
			"creation_types": list("Graph's `creationType`: `Invitation`, `EmailVerified`, `LocalAccount`; `None` for accounts made in the tenant itself."),
			"groups":         list("Groups by `displayName` or object id; members of groups in them count."),
			"origin":         origin,
			"filter": schema.SingleNestedAttribute{Optional: true, MarkdownDescription: "A filter as in `scoping_filter` of `usersync_provisioning_mapping`, with Graph's names of properties. Those beyond what is always read must be in `attributes` of `usersync_directory`.",
				Attributes: map[string]schema.Attribute{"any_of": schema.ListNestedAttribute{Required: true, MarkdownDescription: "Groups of clauses, of which one must hold.", Validators: []validator.List{listvalidator.SizeAtLeast(1)}, NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name": text("A name, for the reader."),
					"all_of": schema.ListNestedAttribute{Required: true, MarkdownDescription: "Clauses, which must all hold.", Validators: []validator.List{listvalidator.SizeAtLeast(1)}, NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
						"attribute": schema.StringAttribute{Required: true, MarkdownDescription: "Graph's name of a property."},
						"operator":  schema.StringAttribute{Required: true, MarkdownDescription: "An operator, as in `scoping_filter`."},
						"values":    schema.ListAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: "The value to compare with.", Validators: []validator.List{listvalidator.SizeAtMost(1)}},
					}}},
				}}}}},
		},
	}
}
