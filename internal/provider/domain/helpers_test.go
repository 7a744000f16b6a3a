package domain

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	domainName   = "usersync_entra_domain"
	entraProof   = "usersync_entra_domain_verification"
	orgProof     = "usersync_atlassian_domain_verification"
	newDomain    = "new.example"
	recordsRoute = "GET /v1.0/domains/{id}/verificationDnsRecords"
	domainRoute  = "GET /v1.0/domains/{id}"
	verifyRoute  = "POST /v1.0/domains/{id}/verify"
)

// domains is a tenant with its initial domain, a verified one that is the
// default and that Ann uses, a verified one below it, and one that isn't
// verified; its organization has verified one, and lists another.
const domains = `{"version":1,"entra":{"tenant_id":"` + simulator.DefaultTenantID + `",
 "domains":[{"id":"company.onmicrosoft.com","isVerified":true,"isInitial":true},
  {"id":"company.example","isVerified":true,"isDefault":true,"isRoot":true,"supportedServices":["Email"]},
  {"id":"eng.company.example","isVerified":true,"isRoot":false},
  {"id":"open.example","isVerified":false,"isRoot":true}],
 "users":[{"id":"11111111-1111-4111-8111-000000000001","userPrincipalName":"ann@company.example","mail":"ann@company.example","displayName":"Ann","userType":"Member","accountEnabled":true}],
 "groups":[]},
 "organizations":{"main":{"organization_id":"org-1","domains":[
  {"id":"d1","type":"domains","attributes":{"name":"company.example","claim":{"type":"dns","status":"verified"}}},
  {"id":"d2","type":"domains","attributes":{"name":"open.example","claim":{"type":"dns","status":"unverified"}}}]}}}`

type lab struct {
	*providertest.CLI
	*simulator.Server
	t *testing.T
}

func newLab(t *testing.T, change ...func(*session.Setup)) *lab {
	t.Helper()
	return newLabOn(t, domains, change...)
}

func newLabOn(t *testing.T, snapshot string, change ...func(*session.Setup)) *lab {
	t.Helper()
	s := providertest.Tenant(t, snapshot)
	noDNS := func(s *session.Setup) { s.Resolver = fakeDNS{} }
	return &lab{client(t, providertest.Session(s, append([]func(*session.Setup){noDNS}, change...)...)), s, t}
}

func client(t *testing.T, session *session.Session) *providertest.CLI {
	t.Helper()
	return providertest.New(t, session, providertest.Offers{
		Resources: []func() resource.Resource{NewEntraDomain, NewEntraVerification, NewOrganizationVerification},
		Lists: []func() list.ListResource{
			NewEntraDomainList,
			NewEntraVerificationList,
			NewOrganizationVerificationList,
		},
	})
}

func (l *lab) fails(match string, status int, more ...func(*simulator.Fault)) {
	l.t.Helper()
	providertest.Fails(l.t, l.Server, match, status, more...)
}

func of(name string, more ...any) map[string]any {
	return providertest.With(map[string]any{"domain": name}, more...)
}

// lacks fails where a text has a part.
func lacks(t *testing.T, what, got string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(got, part) {
			t.Errorf("%s: got %q, want no %q in it", what, got, part)
		}
	}
}
