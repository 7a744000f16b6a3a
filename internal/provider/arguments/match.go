package arguments

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
	"github.com/usersync/terraform-provider-usersync/internal/usertype"
)

type match struct {
	Users         types.Set    `tfsdk:"users"`
	HomeDomains   types.Set    `tfsdk:"home_domains"`
	CreationTypes types.Set    `tfsdk:"creation_types"`
	Groups        types.Set    `tfsdk:"groups"`
	Origin        types.String `tfsdk:"origin"`
	Filter        types.Object `tfsdk:"filter"`
}

type filter struct {
	AnyOf []filterGroup `tfsdk:"any_of"`
}

type filterGroup struct {
	Name  types.String   `tfsdk:"name"`
	AllOf []filterClause `tfsdk:"all_of"`
}

type filterClause struct {
	Attribute types.String `tfsdk:"attribute"`
	Operator  types.String `tfsdk:"operator"`
	Values    types.List   `tfsdk:"values"`
}

// MatchBlock is match.
func MatchBlock() Block {
	return Block{
		Name:        "match",
		Description: "Whom it is about. All that is set must hold, of each list one value; at least one must be set.",
		Arguments: []Argument{
			names("users", "Users by principal name, mail or object id."),
			names("home_domains", "Domains of the users' homes: of an `#EXT#` principal name the domain in it, else "+
				"that of the mail or the principal name."),
			names("creation_types", "Graph's `creationType`: `Invitation`, `EmailVerified`, `LocalAccount`; `None` "+
				"for accounts made in the tenant itself."),
			names("groups", "Groups by `displayName` or object id; members of groups in them count."),
			oneOf("origin", "`internal` or `external`: whether the home is this tenant (no `#EXT#` in the principal "+
				"name) or another.", usertype.Internal, usertype.External),
			{
				Name: "filter",
				Description: "A filter as in `scoping_filter` of `usersync_provisioning_mapping`, with Graph's names " +
					"of properties. Those beyond what is always read must be in `attributes` of `usersync_directory`.",
				Object: []Argument{filterGroups()},
			},
		},
	}
}

// filterGroups is any_of of a filter.
func filterGroups() Argument {
	notEmpty := []validator.List{listvalidator.SizeAtLeast(1)}
	clauses := Argument{
		Name:        "all_of",
		Description: "Clauses, which must all hold.",
		Required:    true,
		Lists:       notEmpty,
		Objects: []Argument{
			{Name: "attribute", Type: types.StringType, Required: true, Description: "Graph's name of a property."},
			{
				Name:        "operator",
				Type:        types.StringType,
				Required:    true,
				Description: "An operator, as in `scoping_filter`.",
			},
			{
				Name:        "values",
				Type:        stringList,
				Description: "The value to compare with.",
				Lists:       []validator.List{listvalidator.SizeAtMost(1)},
			},
		},
	}
	return Argument{
		Name:        "any_of",
		Description: "Groups of clauses, of which one must hold.",
		Required:    true,
		Lists:       notEmpty,
		Objects:     []Argument{text("name", "A name, for the reader."), clauses},
	}
}

// Match reads a block match; nil where nothing is set in it. It must be known.
func Match(ctx context.Context, o types.Object, d *diag.Diagnostics) *usertype.Match {
	var m match
	if !tfutil.Object(ctx, o, &m, d) {
		return nil
	}
	out := &usertype.Match{
		Users:         tfutil.Strings(ctx, m.Users, d),
		HomeDomains:   tfutil.Strings(ctx, m.HomeDomains, d),
		CreationTypes: tfutil.Strings(ctx, m.CreationTypes, d),
		Groups:        tfutil.Strings(ctx, m.Groups, d),
		Origin:        m.Origin.ValueString(),
		Filter:        filterSpec(ctx, m.Filter, d),
	}
	if out.Empty() {
		return nil
	}
	return out
}

func filterSpec(ctx context.Context, o types.Object, d *diag.Diagnostics) *scoping.Spec {
	var f filter
	if !tfutil.Object(ctx, o, &f, d) {
		return nil
	}
	spec := scoping.Spec{AnyOf: []scoping.SpecGroup{}}
	for _, g := range f.AnyOf {
		group := scoping.SpecGroup{Name: g.Name.ValueString()}
		for _, c := range g.AllOf {
			group.AllOf = append(group.AllOf, scoping.SpecClause{
				Attribute: c.Attribute.ValueString(),
				Operator:  c.Operator.ValueString(),
				Values:    tfutil.Strings(ctx, c.Values, d),
			})
		}
		spec.AnyOf = append(spec.AnyOf, group)
	}
	return &spec
}
