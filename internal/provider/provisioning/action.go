package provisioning

import (
	"context"
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// actionBase is what the actions share: the session, and how it is had.
type actionBase struct{ session.Action }

// objectID is the form of an object's id.
var objectID = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// noSlash keeps out addresses and import ids.
func noSlash() validator.String {
	return stringvalidator.RegexMatches(regexp.MustCompile(`^[^/]+$`), "must be an id alone, without a slash")
}

func actionServicePrincipal() schema.StringAttribute {
	return schema.StringAttribute{
		Required:   true,
		Validators: []validator.String{noSlash()},
		MarkdownDescription: "The object id of the service principal (the enterprise application), not its " +
			"application id.",
	}
}

func actionJob() schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		Validators:          []validator.String{noSlash()},
		MarkdownDescription: "The id of the synchronization job: `id` of `usersync_provisioning_job`.",
	}
}

// failed makes the diagnostic of an error; known says, where the error is that
// of an interrupt, what was done until then.
func failed(ctx context.Context, operation, known string, err error) diag.Diagnostic {
	if ctx.Err() != nil {
		return diag.NewErrorDiagnostic(operation+" was interrupted", known)
	}
	return tfutil.Failure(operation, err)
}

// checkReady finds at plan what would only fail once the rest of the run was
// applied: that the provider can't speak to the tenant. It asks nobody. A plan
// from a snapshot is somebody's who only looks; what isn't known yet is asked
// for when the action runs.
func (b *actionBase) checkReady(operation string, d *diag.Diagnostics) {
	if b.Session == nil || b.Session.Offline() || !b.Session.Known() {
		return
	}
	if _, err := b.Session.Entra(); err != nil {
		d.Append(tfutil.Failure(operation, err))
	}
}

// progress sends lines to whoever watches.
type progress func(action.InvokeProgressEvent)

func (t progress) say(format string, args ...any) {
	t(action.InvokeProgressEvent{Message: fmt.Sprintf(format, args...)})
}
