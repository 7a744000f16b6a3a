package tfutil

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/usersync/terraform-provider-usersync/internal/mapping"
)

type userAttribute struct{}

// UserAttribute is a validator of a name of a user's property that is to be read:
// not one that Graph shows to nobody.
func UserAttribute() validator.String { return userAttribute{} }

func (userAttribute) Description(context.Context) string {
	return "expected a property of Graph's users, not " + strings.Join(mapping.Hidden, " or ")
}

func (v userAttribute) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements [validator.String].
func (userAttribute) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if name := req.ConfigValue.ValueString(); slices.Contains(mapping.Hidden, name) {
		resp.Diagnostics.AddAttributeError(
			req.Path,
			"Attribute can't be read",
			fmt.Sprintf("Graph shows %s to nobody, so "+
				"no reading can hold it, and what a mapping or filter makes of it stays unknown. Leave it out.", name),
		)
	}
}
