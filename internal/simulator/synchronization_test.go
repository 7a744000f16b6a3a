package simulator

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
)

const jobSeed = `{"version":1,"taken_at":"2026-11-20T08:00:00Z","entra":{"tenant_id":"3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a11",
 "domains":[],"users":[{"id":"11111111-1111-4111-8111-000000000001","userPrincipalName":"a@company.com","displayName":"Ann","userType":"Member","accountEnabled":true}],
 "groups":[{"id":"22222222-2222-4222-8222-000000000001","displayName":"Staff","members":[]}],
 "synchronization":[{"service_principal_id":"5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90","display_name":"O'Brien's app","job":{"id":"customappsso.1.2","templateId":"customappsso"},
  "schema":{"id":"customappsso.1.2","synchronizationRules":[{"objectMappings":[]}],"directories":[]},"assigned":["22222222-2222-4222-8222-000000000001","11111111-1111-4111-8111-000000000001"]}]}}`

func TestSynchronizationReads(t *testing.T) {
	s, err := New(strings.NewReader(jobSeed))
	if err != nil {
		t.Fatal(err)
	}
	c := &client{
		t: t, server: s,
		bearer: s.IssueToken(testBase, login.App{ClientID: DefaultClientID, Roles: login.AllRoles()}, testBase),
	}
	const sp = "/v1.0/servicePrincipals/5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"
	cases := []struct {
		path   string
		status int
		want   string
	}{
		{
			"/v1.0/servicePrincipals?$select=id,displayName&$filter=displayName eq 'o''brien''s APP'", 200,
			`"value":[{"displayName":"O'Brien's app","id":"5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"}]`,
		},
		{"/v1.0/servicePrincipals?$filter=displayName eq 'x'", 200, `"value":[]`},
		{"/v1.0/servicePrincipals?$filter=startswith(displayName,'x')", 501, "Simulator_NotBuilt"},
		{sp + "?$select=id", 200, `"id":"5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"`},
		{"/v1.0/servicePrincipals/00000000-0000-0000-0000-000000000009", 404, "Request_ResourceNotFound"},
		{sp + "/synchronization/jobs", 200, `"templateId":"customappsso"`},
		{sp + "/synchronization/jobs/customappsso.1.2", 200, `synchronization/jobs/$entity`},
		{sp + "/synchronization/jobs/other", 404, "was not found"},
		{sp + "/synchronization/jobs/customappsso.1.2/schema", 200, `"synchronizationRules"`},
		{sp + "/appRoleAssignedTo?$top=999", 200, `"principalType":"User"`},
	}
	for _, x := range cases {
		r := c.get(x.path)
		if r.status != x.status || !strings.Contains(string(r.raw), x.want) {
			t.Errorf("%s: %d %s", x.path, r.status, r.raw)
		}
	}
	if err := s.SetAssigned("O'Brien's app"); err != nil {
		t.Fatal(err)
	}
	if r := c.get(sp + "/appRoleAssignedTo"); !strings.Contains(string(r.raw), `"value":[]`) {
		t.Errorf("%s", r.raw)
	}
}
