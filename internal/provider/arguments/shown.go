package arguments

import "github.com/hashicorp/terraform-plugin-framework/types"

// Values of show.
const (
	ShowSkipped = "skipped"
	ShowAll     = "all"
	ShowSummary = "summary"
)

// Values of identify_users_by.
const (
	ByPrincipalName = "principal_name"
	ByID            = "id"
)

// Shown says how decisions are shown.
type Shown struct {
	Show            types.String `tfsdk:"show"`
	IdentifyUsersBy types.String `tfsdk:"identify_users_by"`
}

// IDs reports that users are named by their object ids.
func (s *Shown) IDs() bool { return IDs(s.IdentifyUsersBy) }

// IDs reports that identify_users_by says that users are named by their object
// ids.
func IDs(identifyUsersBy types.String) bool { return identifyUsersBy.ValueString() == ByID }

// Show is show.
func Show() Argument {
	return oneOf("show", "Whom `decisions` lists: `skipped` (default: who doesn't sync, or of whom it is unknown), "+
		"`all`, or `summary`: of each reason at most twenty users, the first by object "+
		"id.", ShowSkipped, ShowAll, ShowSummary)
}

// IdentifyUsersBy is identify_users_by; more is what else a noun says of it.
func IdentifyUsersBy(more string) Argument {
	description := "How users are named in decisions, messages and reports: `principal_name` (default), or `id`, " +
		"where they are read by people who shouldn't see names."
	if more != "" {
		description += " " + more
	}
	return oneOf("identify_users_by", description, ByPrincipalName, ByID)
}
