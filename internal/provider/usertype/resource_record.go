package usertype

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	policy "github.com/usersync/terraform-provider-usersync/internal/usertype"
)

var (
	_ resource.ResourceWithConfigure      = (*recordResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*recordResource)(nil)
	_ resource.ResourceWithValidateConfig = (*recordResource)(nil)
)

// recordResource is usersync_user_type_record.
type recordResource struct{ session.Resource }

// NewRecord makes the resource usersync_user_type_record.
func NewRecord() resource.Resource { return &recordResource{} }

func (r *recordResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_user_type_record"
}

func (r *recordResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A snapshot of users' types before a change. It is taken at create and never changes; " +
			"it writes nothing. A policy that names it (`record`) converts nobody before it is in the state, and a " +
			"rule with `types = usersync_user_type_record.before.types` gives all users back the type that they had.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "An opaque id, made at create.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"directory": schema.StringAttribute{
				Required:  true,
				WriteOnly: true,
				Sensitive: true,
				MarkdownDescription: "The `reading` of a `usersync_directory`. It is looked at when the record is " +
					"made, and not again.",
			},
			"types": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "A JSON object, object id to type, frozen at create. Who had no type is left out.",
			},
			"users": schema.Int64Attribute{Computed: true, MarkdownDescription: "How many users it holds."},
			"differing": schema.Int64Attribute{
				Computed: true,
				MarkdownDescription: "How many of them had another type at the last refresh than the record holds; " +
					"who is gone isn't counted. Destroying the record while it isn't 0 is a warning: what they were " +
					"is known nowhere else.",
			},
		},
		Blocks: map[string]schema.Block{"match": arguments.ResourceBlock(arguments.MatchBlock(), false)},
	}
}

// ValidateConfig refuses a match that takes everyone by saying nothing.
func (r *recordResource) ValidateConfig(
	ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse,
) {
	var match types.Object
	d := &resp.Diagnostics
	d.Append(req.Config.GetAttribute(ctx, path.Root("match"), &match)...)
	if d.HasError() || !tfutil.Known(ctx, match) {
		return
	}
	if arguments.Match(ctx, match, d) == nil && !d.HasError() {
		d.AddAttributeError(path.Root("match"), "Empty match", "Set at least one of users, home_domains, "+
			"creation_types, groups, origin and filter: a match that says nothing would take all users.")
	}
}

// ModifyPlan records the types, so that it is known at plan; later it is
// kept, whatever the reading says.
func (r *recordResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	d := &resp.Diagnostics
	if req.Plan.Raw.IsNull() {
		warnLost(ctx, req.State, d)
		return
	}
	if !req.State.Raw.IsNull() {
		r.keepTypes(ctx, req, resp)
		return
	}
	var match types.Object
	var text types.String
	d.Append(req.Config.GetAttribute(ctx, path.Root("match"), &match)...)
	d.Append(req.Config.GetAttribute(ctx, path.Root("directory"), &text)...)
	if d.HasError() || !tfutil.Known(ctx, match) || text.IsUnknown() {
		return // taken at apply
	}
	m := recordedTypes(ctx, req.Config, d)
	if d.HasError() {
		return
	}
	d.Append(resp.Plan.SetAttribute(ctx, path.Root("types"), m.Types)...)
	d.Append(resp.Plan.SetAttribute(ctx, path.Root("users"), m.Users)...)
	d.Append(resp.Plan.SetAttribute(ctx, path.Root("differing"), m.Differing)...)
}

// warnLost says how many people have another type than the record that goes.
func warnLost(ctx context.Context, state tfsdk.State, d *diag.Diagnostics) {
	var m recordModel
	d.Append(state.Get(ctx, &m)...)
	if n := m.Differing.ValueInt64(); !d.HasError() && n > 0 {
		d.AddWarning(
			fmt.Sprintf("The record of %s another type now goes", count(int(n), "user who has", "users who have")),
			fmt.Sprintf("It holds the types of %s, of whom %d differ by now. Once it is destroyed, nothing says what "+
				"to give them back. To keep that, write its types down first: terraform state show prints them.",
				count(int(m.Users.ValueInt64()), "user", "users"), n),
		)
	}
}

// keepTypes holds the state against a changed match.
func (r *recordResource) keepTypes(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	d := &resp.Diagnostics
	var plan, state types.Object
	d.Append(req.Plan.GetAttribute(ctx, path.Root("match"), &plan)...)
	d.Append(req.State.GetAttribute(ctx, path.Root("match"), &state)...)
	if d.HasError() {
		return
	}
	if tfutil.Known(ctx, plan) && !plan.Equal(state) {
		d.AddAttributeError(path.Root("match"), "Record can't be changed",
			"It says what the users were when it was made, and taking it anew would lose that. Leave its match as it "+
				"is, and make another usersync_user_type_record, under another name, for other users. To throw this "+
				"one away, remove it from the configuration.")
		return
	}
	var held recordModel
	d.Append(req.State.Get(ctx, &held)...)
	d.Append(resp.Plan.SetAttribute(ctx, path.Root("types"), held.Types)...)
	d.Append(resp.Plan.SetAttribute(ctx, path.Root("users"), held.Users)...)
	d.Append(resp.Plan.SetAttribute(ctx, path.Root("differing"), held.Differing)...)
}

// recordedTypes takes the types of whom the configuration matches.
func recordedTypes(ctx context.Context, config tfsdk.Config, d *diag.Diagnostics) recordModel {
	const operation = "Recording the user types"
	var m recordModel
	d.Append(config.Get(ctx, &m)...)
	if d.HasError() {
		return m
	}
	tenant, err := session.Decode(m.Directory.ValueString())
	if err != nil {
		d.Append(tfutil.FailureAt(path.Root("directory"), operation, err))
		return m
	}
	held, unreadable, err := policy.RecordTypes(arguments.Match(ctx, m.Match, d), tenant.Directory, tenant.Lookup)
	if err != nil {
		d.Append(tfutil.RuleFailure("match", operation, err))
		return m
	}
	if len(unreadable) > 0 {
		d.AddAttributeWarning(path.Root("match"), "Group members can't all be read", tfutil.Names(unreadable)+": "+
			"whom the application may not read isn't recorded, so their types can't be given back. It needs "+
			"Member.Read.Hidden for hidden memberships: grant it, and make another record.")
	}
	if len(held) == 0 {
		d.AddAttributeWarning(path.Root("match"), "Record matches no users", "No user matches. A policy that names it "+
			"could not be undone with it.")
	}
	m.Types, m.Users, m.Differing = tfutil.JSONMap(held), types.Int64Value(int64(len(held))), types.Int64Value(0)
	return m
}

// Create keeps what was planned.
func (r *recordResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	d := &resp.Diagnostics
	var plan recordModel
	d.Append(req.Plan.Get(ctx, &plan)...)
	if d.HasError() {
		return
	}
	if plan.Types.IsUnknown() {
		m := recordedTypes(ctx, req.Config, d)
		if d.HasError() {
			return
		}
		plan.Types, plan.Users, plan.Differing = m.Types, m.Users, m.Differing
	}
	plan.ID = types.StringValue(uuid.NewString())
	d.Append(resp.State.Set(ctx, &plan)...)
}

// Read keeps the record, and counts who has another type by now.
func (r *recordResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	d := &resp.Diagnostics
	var m recordModel
	d.Append(req.State.Get(ctx, &m)...)
	held := mapOf(m.Types)
	if d.HasError() || r.Session == nil || len(held) == 0 {
		return
	}
	users, err := r.Session.Users(ctx, slices.Sorted(maps.Keys(held)))
	if err != nil {
		d.Append(tfutil.Failure("Comparing the recorded types with those of now", err))
		return
	}
	differing := int64(0)
	for id, u := range users {
		if u.UserType != held[id] {
			differing++
		}
	}
	m.Differing = types.Int64Value(differing)
	d.Append(resp.State.Set(ctx, &m)...)
}

// Update can't happen: ModifyPlan refuses what would change.
func (r *recordResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state recordModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if !plan.Match.Equal(state.Match) {
		resp.Diagnostics.AddError("Record can't be changed", fmt.Sprintf("Make another usersync_user_type_record; "+
			"this one (%s) keeps what it holds.", state.ID.ValueString()))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// Delete forgets the record.
func (r *recordResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
