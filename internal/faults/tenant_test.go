package faults

import (
	"fmt"
	"strings"
)

// What the stories name of the tenant.
const (
	principal = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"
	token     = "the-token-of-the-directory"
	contoso   = "3d0f5dec-5d3d-455c-8016-e2af1ae4d31a"
	northwind = "6c1f5dec-5d3d-455c-8016-e2af1ae4d31b"
)

// people are enough for two batches of conversions.
const people = 26

// seed is the tenant in which every story begins: small, since each case of
// the matrix reads it several times.
func seed() string {
	var users, members []string
	for i := range people {
		id := fmt.Sprintf("a0000000-0000-4000-8000-%012d", i)
		users = append(
			users,
			fmt.Sprintf(
				`{"id":%q,"userPrincipalName":"p%02d_fabrikam.example#EXT#@company.onmicrosoft.com","mail":"p%02d@fabrikam.example","userType":%q,"creationType":"Invitation","accountEnabled":true}`,
				id,
				i,
				i,
				[]string{"Member", "Member", "Member", "Member", "Guest"}[i%5],
			),
		)
		members = append(members, fmt.Sprintf(`{"@odata.type":"#microsoft.graph.user","id":%q}`, id))
	}
	return `{"version":1,
"entra":{"tenant_id":"3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a11",
 "domains":[{"id":"company.onmicrosoft.com","isVerified":true,"isInitial":true,"isDefault":true,"authenticationType":"Managed"},{"id":"company.com","isVerified":true,"authenticationType":"Managed"}],
 "users":[` + strings.Join(users, ",\n") + `],
 "groups":[{"id":"b0000000-0000-4000-8000-000000000001","displayName":"Atlassian users","securityEnabled":true,"mailEnabled":false,"members":[` + strings.Join(members, ",") + `]}],
 "cross_tenant_partners":[],
 "synchronization":[{"service_principal_id":"` + principal + `","display_name":"Atlassian Cloud"}]},
"organizations":{"main":{"organization_id":"9d3a1b52-7c44-4e0a-b1d5-0f6e2c8a4b90","domains":[
 {"id":"a0131cf8-58ef-41c9-a79c-895d68a8f687","type":"domains","attributes":{"name":"company.com","claim":{"type":"dns","status":"verified"}}},
 {"id":"0550acbd-56bd-41d6-acf8-893371eb099c","type":"domains","attributes":{"name":"eng.company.com","claim":{"type":"dns","status":"verified"}}}]}}}`
}
