package simulator

import (
	"net/http"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
)

// tenantRoutes is what belongs to the tenant as a whole [graph 4], [graph 5], [graph 6].
func tenantOperations() []operation {
	return []operation{
		post(batchTemplate, nil, batch),
		get("/v1.0/organization", readTenant, listOrganization),
	}
}

// listOrganization is the tenant itself, as far as the snapshot tells: its id and verified domains.
func listOrganization(c *graphCall) *kernel.Response {
	st := c.srv.store
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
	return c.encode(http.StatusOK, map[string]any{
		"@odata.context": c.context("organization", nil),
		"value": []any{map[string]any{
			"id": c.srv.store.ID, "deletedDateTime": nil, "displayName": "Simulated tenant", "tenantType": "AAD",
			"businessPhones": []string{}, "onPremisesSyncEnabled": nil, "verifiedDomains": verified,
		}},
	})
}
