package graph

import (
	"net/http"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
)

// TenantOperations are what belongs to the tenant as a whole [graph 4], [graph 5], [graph 6].
func TenantOperations() []Operation {
	return []Operation{
		Post(batchTemplate, nil, batch),
		Get("/v1.0/organization", readTenant, listOrganization),
	}
}

// listOrganization is the tenant itself, as far as the snapshot tells: its id and verified domains.
func listOrganization(c *Call) *kernel.Response {
	st := c.Service.Store
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	type verifiedDomain struct {
		Capabilities string `json:"capabilities"`
		IsDefault    bool   `json:"isDefault"`
		IsInitial    bool   `json:"isInitial"`
		Name         string `json:"name"`
		Type         string `json:"type"`
	}
	verified := []verifiedDomain{}
	for _, d := range st.Domains.All() {
		if d.Value("isVerified") == "true" {
			verified = append(verified, verifiedDomain{
				Capabilities: "Email, OfficeCommunicationsOnline", Name: d.ID, Type: d.Text("authenticationType"),
				IsDefault: d.Value("isDefault") == "true", IsInitial: d.Value("isInitial") == "true",
			})
		}
	}
	return c.Encode(http.StatusOK, map[string]any{
		"@odata.context": c.ContextURL("organization", nil),
		"value": []any{map[string]any{
			"id": c.Service.Store.ID, "deletedDateTime": nil, "displayName": "Simulated tenant", "tenantType": "AAD",
			"businessPhones": []string{}, "onPremisesSyncEnabled": nil, "verifiedDomains": verified,
		}},
	})
}
