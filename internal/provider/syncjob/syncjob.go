// Package syncjob is what all that belongs to a provisioning job shares: how a
// configuration names the job, how jobs are listed, and the schema that a job
// starts with.
package syncjob

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// Resource is what the resources share: the session, and how it is had.
type Resource struct{ session.Resource }

// NotRefreshed reports, with a warning, that the state isn't refreshed because a
// snapshot stands in the service's place.
func (r *Resource) NotRefreshed(d *diag.Diagnostics) bool {
	if r.Session == nil || !r.Session.Offline() {
		return false
	}
	d.AddWarning("Not refreshed: the provider reads a snapshot",
		"What the state says of provisioning jobs is taken as it is: a snapshot stands in place of the services.")
	return true
}

// ServicePrincipal is the argument service_principal_id.
func ServicePrincipal() schema.StringAttribute {
	return schema.StringAttribute{
		Required: true,
		MarkdownDescription: "The object id of the service principal (the enterprise application), not its " +
			"application id. Changing it makes another one.",
		PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		Validators:    IDValidators(),
	}
}

// Job is the argument job_id.
func Job() schema.StringAttribute {
	return schema.StringAttribute{
		Required: true,
		MarkdownDescription: "The id of the synchronization job: `id` of `usersync_provisioning_job`. Changing it " +
			"makes another one.",
		PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		Validators:    IDValidators(),
	}
}

// ID is the attribute id, which doesn't change.
func ID(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: description,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

// IDValidators are of the id of a service principal or of a job: there, in one
// spelling, and one part of an import id.
func IDValidators() []validator.String {
	return []validator.String{stringvalidator.LengthAtLeast(1), notSlashed{}, tfutil.LowerCaseGUIDs()}
}

// notSlashed keeps out what would make two parts of an import id.
type notSlashed struct{}

func (notSlashed) Description(context.Context) string         { return "must not contain a slash" }
func (notSlashed) MarkdownDescription(context.Context) string { return "must not contain a slash" }
func (notSlashed) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if strings.Contains(req.ConfigValue.ValueString(), "/") {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid ID", fmt.Sprintf("%q isn't an id. Give the id alone, "+
			"not an address or an import id.", req.ConfigValue.ValueString()))
	}
}
