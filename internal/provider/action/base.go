// Package action holds what is done once, outside of any state: provisioning
// somebody now, restarting a job. Terraform has actions since 1.14.
package action

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/usersync/terraform-provider-usersync/internal/provider/diagnose"
	"github.com/usersync/terraform-provider-usersync/internal/provider/reading"
)

// base is what the actions share: the session, and how it is had.
type base struct{ session *reading.Session }

// Configure takes the session; it is nil while the CLI only validates.
func (b *base) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	b.session, _ = req.ProviderData.(*reading.Session)
}

// objectID is the form of an object's id.
var objectID = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// noSlash keeps out addresses and import ids.
func noSlash() validator.String {
	return stringvalidator.RegexMatches(regexp.MustCompile(`^[^/]+$`), "must be an id alone, without a slash")
}

func servicePrincipalArgument() schema.StringAttribute {
	return schema.StringAttribute{
		Required: true, Validators: []validator.String{noSlash()},
		MarkdownDescription: "The object id of the service principal (the enterprise application), not its application id.",
	}
}

func jobArgument() schema.StringAttribute {
	return schema.StringAttribute{
		Required: true, Validators: []validator.String{noSlash()},
		MarkdownDescription: "The id of the synchronization job: `id` of `usersync_provisioning_job`.",
	}
}

// wrote makes the diagnostic of an error of a request that may have changed
// something; unsure says what isn't known when it was interrupted.
func wrote(ctx context.Context, doing, unsure string, err error) diag.Diagnostic {
	if ctx.Err() != nil {
		return diag.NewErrorDiagnostic(doing+" was interrupted", unsure)
	}
	return diagnose.Error(doing, err)
}

// teller sends lines to whoever watches.
type teller func(action.InvokeProgressEvent)

func (t teller) say(format string, args ...any) {
	t(action.InvokeProgressEvent{Message: fmt.Sprintf(format, args...)})
}

// maxWords bounds what is shown of one text of the service's.
const maxWords = 600

// words is a text of the service's on one line, without what a terminal would
// obey.
func words(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	}), " ")
	if runes := []rune(s); len(runes) > maxWords {
		return string(runes[:maxWords]) + "…"
	}
	return s
}
