package matrix

// readings are the two data sources that resources plan from.
const readings = `
data "usersync_directory" "now" {}
data "usersync_organization" "main" {}
`

// decided are the arguments of who syncs in most cases.
const decided = `
  connector = "atlassian_nested_groups"
  scope {
    groups = ["Atlassian users", "Fabrikam colleagues"]
  }
`

// People of the example tenant.
const (
	adele   = "adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com"
	adeleID = "13837514-2377-4953-a708-242bb3d1c394"
	sales   = "0b6df0a7-7f96-44b7-ac57-23890162878b"
)
