package login

import (
	"slices"
	"strings"
	"sync"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
)

// azureCLI is the client id of the Azure CLI, which is an application of Microsoft's own.
const azureCLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"

// cliScopes is what the Azure CLI's tokens for Graph are for [R]: with Directory.AccessAsUser.All, what the person's
// directory roles allow.
const cliScopes = "AuditLog.Read.All Directory.AccessAsUser.All email Group.ReadWrite.All openid profile " +
	"User.ReadWrite.All"

// Person is somebody who signs in by the Azure CLI.
type Person struct {
	Name string `json:"name"`
	// May is what their directory roles allow, by the names of application permissions. Tokens don't say it.
	May []string `json:"may"`
}

type people struct {
	mu  sync.Mutex
	may map[string][]string // by object id
}

// PersonToken signs somebody in: the token that "az account get-access-token" prints for the Graph at an address.
func (s *Service) PersonToken(base string, p Person) string {
	id := naming.StableID("person " + strings.ToLower(p.Name))
	s.people.mu.Lock()
	s.people.may[id] = slices.Clone(p.May)
	s.people.mu.Unlock()
	now := s.clock.Now()
	return s.Signer.Sign(Claims{
		Audience: base,
		Issuer:   base + "/" + s.store.ID + "/v2.0",
		IssuedAt: now.Unix(),
		NotUntil: now.Unix(),
		Expires:  now.Add(TokenLife).Unix(),
		AppID:    azureCLI,
		ObjectID: id,
		Subject:  id,
		TenantID: s.store.ID,
		Scopes:   cliScopes,
		Version:  "1.0",
	})
}

// Permissions is what the caller with a token may do: an application by the token, a person by their directory roles.
func (s *Service) Permissions(c *Claims) []string {
	if c.Scopes == "" {
		return c.Roles
	}
	s.people.mu.Lock()
	defer s.people.mu.Unlock()
	return s.people.may[c.ObjectID]
}
