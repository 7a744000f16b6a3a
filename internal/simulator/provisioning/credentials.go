package provisioning

import (
	"cmp"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
)

// CheckCredentials says what a target says of credentials; "" is well.
func (s *Engine) CheckCredentials(p *jobs.Principal, template string, pairs []jobs.KeyValue) (code, message string) {
	value := func(key string) string {
		for _, k := range pairs {
			if k.Key == key {
				return k.Value
			}
		}
		return ""
	}
	const invalid = "You appear to have entered invalid credentials. Please confirm you are using the correct " +
		"information for an administrative account."
	if template == "Azure2Azure" {
		if value("AuthenticationType") != "SyncPolicy" || value("CompanyId") == "" {
			return "InvalidCredentials", invalid
		}
		if !s.Store.Allows(value("CompanyId"), "outboundAllowed") {
			return policyCheckFailure, noRedemption
		}
		return "", ""
	}
	token, known := s.targetToken(value("BaseAddress"))
	if !known || value("SecretToken") != cmp.Or(p.Token, token) ||
		!strings.HasPrefix(value("BaseAddress"), "https://") {
		return "InvalidCredentials", invalid
	}
	return "", ""
}

// targetToken is what the target at an address accepts; false: there is no such directory here.
func (s *Engine) targetToken(base string) (string, bool) {
	base = plainAddress(base)
	if !s.ownAddress(base) {
		return s.Jobs.Token, true
	}
	if token, known := s.Applications.ApplicationToken(base); known {
		return token, true
	}
	_, id, _ := strings.Cut(base, "/scim/directory/")
	s.Orgs.Mu.Lock()
	defer s.Orgs.Mu.Unlock()
	if org := s.Orgs.ByDirectory(id); org != nil {
		return s.Orgs.DirectoryToken(org), true
	}
	return "", false
}
