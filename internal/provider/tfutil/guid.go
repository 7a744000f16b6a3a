package tfutil

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// guids are GUIDs alone or within an id, with hyphens or without, as the ids of
// synchronization jobs have them.
var guids = regexp.MustCompile(`(?i)\b[0-9a-f]{8}(-?)[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b`)

// LowerGUIDs writes the GUIDs of an id in lower case, as the services answer
// them: one in capitals would be another id to Terraform. The rest of a job's id
// names a template, whose case counts.
func LowerGUIDs(id string) string { return guids.ReplaceAllStringFunc(id, strings.ToLower) }

// LowerCaseGUIDs refuses an id with a GUID in capitals, where Terraform keeps
// what the configuration says.
func LowerCaseGUIDs() validator.String { return lowerCaseGUIDs{} }

type lowerCaseGUIDs struct{}

func (lowerCaseGUIDs) Description(context.Context) string { return "must have its GUID in lower case" }

func (v lowerCaseGUIDs) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (lowerCaseGUIDs) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if id := req.ConfigValue.ValueString(); id != LowerGUIDs(id) {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid ID", fmt.Sprintf("Expected the GUID in lower case, as "+
			"Entra shows it, found %q. Write %q, or lower(…) around what gives it.", id, LowerGUIDs(id)))
	}
}
