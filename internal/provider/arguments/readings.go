package arguments

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// Readings say what a data source that decides reads: it shares the provider's
// own reading of this plan.
type Readings struct {
	Organization        types.String `tfsdk:"organization"`
	Accounts            types.Bool   `tfsdk:"accounts"`
	SCIMRecords         types.Bool   `tfsdk:"scim_records"`
	DirectoryGroups     types.Set    `tfsdk:"directory_groups"`
	DirectoryAttributes types.Set    `tfsdk:"directory_attributes"`
	ReadAt              types.String `tfsdk:"read_at"`
}

// ReadingsArguments are the arguments of Readings.
func ReadingsArguments() []Argument {
	return append(OrganizationArguments(), DirectoryArguments()...)
}

// OrganizationArguments say which organization is read, and what of it.
func OrganizationArguments() []Argument {
	return []Argument{
		text("organization", "The organization's key in the provider's `organizations`. Optional while there is "+
			"exactly one."),
		flag("accounts", "Whether to read the organization's accounts and groups too: who holds an address already, "+
			"whose account is inactive, which group names are taken. Default `false`. The same value as on a "+
			"`usersync_organization` shares its read."),
		flag("scim_records", "Whether to read the organization's SCIM directory too: who was provisioned, as what, "+
			"linked or not. It needs `scim_directory_id` and `scim_token` of the organization. Default `false`."),
	}
}

// DirectoryArguments say what of the tenant is read.
func DirectoryArguments() []Argument {
	return []Argument{
		names("directory_groups", "Read only what is below these groups, as `groups` of `usersync_directory` does. "+
			"Default: the whole tenant. The same value as there shares its read."),
		names("directory_attributes", "Graph names of user properties to read beyond those that the connectors and "+
			"the job need, as `attributes` of `usersync_directory`: `manager` too.",
			setvalidator.ValueStringsAre(tfutil.UserAttribute())),
		ReadAt(),
	}
}
