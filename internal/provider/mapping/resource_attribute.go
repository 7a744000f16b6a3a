package mapping

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/syncjob"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var (
	_ resource.ResourceWithConfigure   = (*attributeResource)(nil)
	_ resource.ResourceWithIdentity    = (*attributeResource)(nil)
	_ resource.ResourceWithImportState = (*attributeResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*attributeResource)(nil)
)

// attributeResource is usersync_provisioning_attribute.
type attributeResource struct{ syncjob.Resource }

// NewAttribute makes the resource usersync_provisioning_attribute.
func NewAttribute() resource.Resource { return &attributeResource{} }

var attributeIdentity = []string{"service_principal_id", "job_id", "directory", "object", "name"}

func (r *attributeResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_provisioning_attribute"
}

func (r *attributeResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = tfutil.IdentitySchema(attributeIdentity...)
}

// ModifyPlan says what saving starts.
func (r *attributeResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	if req.Plan.Raw.Equal(req.State.Raw) || r.Session.Offline() {
		return
	}
	if !req.Plan.Raw.IsNull() {
		var job types.String
		resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("job_id"), &job)...)
		if job.IsUnknown() {
			return // a job that is made now has a first cycle before it in any case
		}
	}
	resp.Diagnostics.AddWarning("Saving the attribute list starts a full cycle",
		"Once this is applied, the job looks at everyone in scope again (an initial cycle) when it runs next, "+
			"which takes much longer than a usual cycle.")
}

// Create adds the attribute to the list, or takes over one that is there as planned.
func (r *attributeResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan attributeResourceModel
	d := &resp.Diagnostics
	d.Append(req.Plan.Get(ctx, &plan)...)
	if d.HasError() {
		return
	}
	defer r.Session.Lock(lockOf(&plan))()
	ctx, _, cancel := tfutil.Limit(ctx, plan.Timeouts.Create, mappingTimeout, d)
	defer cancel()
	if r.write(ctx, "Creating the attribute", &plan, true, d) {
		r.Claim("attribute/"+plan.ID.ValueString(), "The attribute "+plan.ID.ValueString(), d)
		r.store(ctx, &plan, &resp.State, resp.Identity, d)
	}
}

// Update writes what differs.
func (r *attributeResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan attributeResourceModel
	d := &resp.Diagnostics
	d.Append(req.Plan.Get(ctx, &plan)...)
	if d.HasError() {
		return
	}
	defer r.Session.Lock(lockOf(&plan))()
	ctx, _, cancel := tfutil.Limit(ctx, plan.Timeouts.Update, mappingTimeout, d)
	defer cancel()
	if r.write(ctx, "Changing the attribute", &plan, false, d) {
		r.store(ctx, &plan, &resp.State, resp.Identity, d)
	}
}

// lockOf keeps other writes to the job away, those of mappings included.
func lockOf(m *attributeResourceModel) string {
	return m.ServicePrincipalID.ValueString() + "/" + m.JobID.ValueString()
}

// write puts the attribute into the job's schema. It reports whether the schema has it
// as planned now.
func (r *attributeResource) write(
	ctx context.Context, operation string, plan *attributeResourceModel, create bool, d *diag.Diagnostics,
) bool {
	c := r.Session.Client(ctx, operation, d)
	want, key := plan.definition(ctx, d), plan.key()
	if d.HasError() {
		return false
	}
	plan.ID = types.StringValue(plan.identifier())
	edit := func(s *mapping.Schema, _ func() (*mapping.Schema, error)) (mapping.Change, error) {
		have, err := s.Definition(key)
		if err == nil && create && have != nil && !mapping.EqualDefinition(*have, want) {
			err = &tfutil.ExistsError{
				Problem: "the job's schema has the attribute " + key.String() + " already, and says something " +
					"else of it",
				ImportID: plan.ID.ValueString(),
			}
		}
		if err != nil {
			return mapping.Change{}, err
		}
		return changed(s.SetDefinition(key, want))
	}
	there := func(s *mapping.Schema) bool {
		have, err := s.Definition(key)
		return err == nil && have != nil && mapping.EqualDefinition(*have, want)
	}
	w := &schemaWrite{c, plan.ServicePrincipalID.ValueString(), plan.JobID.ValueString(), "attribute", edit, there}
	if err := replace(ctx, r.Session, w, d); err != nil {
		d.Append(attributeFailure(operation, err))
		return false
	}
	return true
}

// placeError is the error of a schema that has no place for an attribute.
func placeError(err error) (*mapping.PlaceError, bool) {
	var e *mapping.PlaceError
	ok := errors.As(err, &e)
	return e, ok
}

// changed says of an edit whether there is something to save.
func changed(wrote bool, err error) (mapping.Change, error) {
	if !wrote || err != nil {
		return mapping.Change{}, err
	}
	return mapping.Change{Set: []string{"attribute"}}, nil
}

// attributeFailure is the diagnostic of a write, on the argument that is wrong.
func attributeFailure(operation string, err error) diag.Diagnostic {
	if place, ok := placeError(err); ok {
		return tfutil.FailureAt(path.Root(place.Argument), operation, tfutil.WithAdvice(err, "Nothing was written. "+
			"directories of the data source usersync_provisioning_schema lists what the job has."))
	}
	return tfutil.Failure(operation, err)
}

// store writes the state and the identity.
func (r *attributeResource) store(
	ctx context.Context, m *attributeResourceModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity,
	d *diag.Diagnostics,
) {
	d.Append(state.Set(ctx, m)...)
	tfutil.SetIdentity(ctx, identity, d, "service_principal_id", m.ServicePrincipalID, "job_id", m.JobID,
		"directory", m.Directory, "object", m.Object, "name", m.Name)
}

// Read refreshes what is managed.
func (r *attributeResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	const operation = "Reading the attribute"
	var state attributeResourceModel
	d := &resp.Diagnostics
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	if r.NotRefreshed(d) {
		r.store(ctx, &state, &resp.State, resp.Identity, d)
		return
	}
	if r.Session.Client(ctx, operation, d) == nil {
		return
	}
	raw, err := r.Session.Schema(ctx, state.ServicePrincipalID.ValueString(), state.JobID.ValueString())
	var have *mapping.Definition
	if err == nil {
		have, err = definitionIn(raw, state.key())
	}
	if entra.NotFound(err) || err == nil && have == nil {
		r.store(ctx, &state, &resp.State, resp.Identity, d) // for the identity
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
		return
	}
	state.fill(ctx, *have, state.ID.IsNull(), d)
	r.store(ctx, &state, &resp.State, resp.Identity, d)
}

// definitionIn finds an attribute in a schema. One whose directory or object is gone is
// gone, too.
func definitionIn(raw []byte, key mapping.AttributeKey) (*mapping.Definition, error) {
	s, err := mapping.ParseSchema(raw)
	if err != nil {
		return nil, err
	}
	have, err := s.Definition(key)
	if place, ok := placeError(err); ok && place.Found == 0 {
		return nil, nil //nolint:nilnil // it isn't there
	}
	return have, err
}

// Delete gives the template's definition back, or takes the attribute away.
func (r *attributeResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	const operation = "Destroying the attribute"
	var state attributeResourceModel
	d := &resp.Diagnostics
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	c := r.Session.Client(ctx, operation, d)
	if d.HasError() {
		return
	}
	defer r.Session.Lock(lockOf(&state))()
	ctx, _, cancel := tfutil.Limit(ctx, state.Timeouts.Delete, mappingTimeout, d)
	defer cancel()
	if r.ClaimedElsewhere("attribute/"+state.ID.ValueString(), "The attribute "+state.ID.ValueString(), d) {
		return
	}
	key := state.key()
	var own *mapping.Schema // the template's
	remove := func(s *mapping.Schema) (mapping.Change, error) {
		change, err := changed(s.RemoveDefinition(key, own))
		if place, ok := placeError(err); ok && place.Found == 0 {
			return mapping.Change{}, nil // its directory or object is gone, and it with that
		}
		return change, err
	}
	edit := func(s *mapping.Schema, template func() (*mapping.Schema, error)) (mapping.Change, error) {
		var err error
		if own, err = template(); err != nil {
			return mapping.Change{}, err
		}
		if kept, err := own.Definition(key); err != nil || kept == nil {
			if rows := s.Rows(key); len(rows) > 0 {
				return mapping.Change{}, &usedError{key, rows}
			}
		}
		return remove(s)
	}
	there := func(s *mapping.Schema) bool {
		change, err := remove(s)
		return err == nil && change.None()
	}
	w := &schemaWrite{c, state.ServicePrincipalID.ValueString(), state.JobID.ValueString(), "attribute", edit, there}
	if err := replace(ctx, r.Session, w, d); err != nil && !entra.NotFound(err) {
		d.Append(attributeFailure(operation, err))
	}
}

// usedError says that rows still write to an attribute that is to go.
type usedError struct {
	key  mapping.AttributeKey
	rows []string
}

func (e *usedError) Error() string {
	return fmt.Sprintf("the attribute %s is the target of a row of %s", e.key, strings.Join(e.rows, ", "))
}

// Advice says what to do about it.
func (e *usedError) Advice() string {
	return "Nothing was written: the service wouldn't take a row without its attribute. Take the row away first (a " +
		"usersync_provisioning_mapping with manage = \"listed\" leaves rows that it no longer lists), and let the " +
		"mapping depend on this attribute, so that it goes first."
}

// ImportState takes service_principal_id/job_id/directory/object/name.
func (r *attributeResource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	ids, ok := tfutil.ImportIDs(ctx, req, resp, attributeIdentity...)
	if !ok {
		return
	}
	if req.ID != "" {
		ids[2], ids[3] = unescaped(ids[2]), unescaped(ids[3])
		tfutil.SetIdentity(ctx, resp.Identity, &resp.Diagnostics, "directory", ids[2], "object", ids[3])
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &attributeResourceModel{
		ServicePrincipalID: types.StringValue(ids[0]),
		JobID:              types.StringValue(ids[1]),
		Directory:          types.StringValue(ids[2]),
		Object:             types.StringValue(ids[3]),
		Name:               types.StringValue(ids[4]),
		APIExpressions:     types.MapNull(types.StringType),
		Timeouts:           tfutil.NoTimeouts("create", "update", "delete"),
	})...)
}
