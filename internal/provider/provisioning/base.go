package provisioning

import (
	"context"
	"errors"
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

// base is what the resources share: the session, and how it is had.
type base struct{ session.Resource }

// offline reports, with a warning, that the state isn't refreshed because a
// snapshot stands in the service's place.
func (b *base) offline(d *diag.Diagnostics) bool {
	if b.Session == nil || !b.Session.Offline() {
		return false
	}
	d.AddWarning("Not refreshed: the provider reads a snapshot",
		"What the state says of provisioning jobs is taken as it is: a snapshot stands in place of the services.")
	return true
}

// the arguments that name a job.
func servicePrincipalArgument() schema.StringAttribute {
	return schema.StringAttribute{
		Required: true,
		MarkdownDescription: "The object id of the service principal (the enterprise application), not its " +
			"application id. Changing it makes another one.",
		PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		Validators:    []validator.String{stringvalidator.LengthAtLeast(1), notSlashed{}, tfutil.LowerCaseGUIDs()},
	}
}

func jobArgument() schema.StringAttribute {
	return schema.StringAttribute{
		Required: true,
		MarkdownDescription: "The id of the synchronization job: `id` of `usersync_provisioning_job`. Changing it " +
			"makes another one.",
		PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		Validators:    []validator.String{stringvalidator.LengthAtLeast(1), notSlashed{}, tfutil.LowerCaseGUIDs()},
	}
}

func idAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: description,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
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

// overdueError is a wait whose time was over.
type overdueError struct{ late *session.TimeoutError }

func (e *overdueError) Error() string {
	text := "it took too long: the service took the order, and didn't show it within the time that timeouts allows"
	if e.late.Last != nil {
		text += "; its last answer was: " + e.late.Last.Error()
	}
	return text
}

// Advice says what to do about it.
func (e *overdueError) Advice() string {
	return "Nothing has to be undone: the next plan shows what is there. Apply again, and the rest follows."
}

// overdue says more of a wait whose time was over; other errors stay.
func overdue(err error) error {
	if late := new(session.TimeoutError); errors.As(err, &late) {
		return &overdueError{late}
	}
	return err
}
