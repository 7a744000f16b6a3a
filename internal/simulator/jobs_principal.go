package simulator

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// usualThreshold is how many may leave in a cycle where the settings name no number ([expressions 7]: 500
// is stated for cross-tenant jobs; for others [?]).
const usualThreshold = 500

// deleteThreshold is how many objects may be disabled or deleted in a cycle; -1: any number. The number's
// name in the settings is [?].
func (p *principal) deleteThreshold() int {
	settings := struct {
		DeleteThresholdEnabled bool
		DeleteThresholdValue   *int
	}{}
	if json.Unmarshal([]byte(p.secret("SyncNotificationSettings")), &settings) != nil || !settings.DeleteThresholdEnabled {
		return -1
	}
	if settings.DeleteThresholdValue == nil {
		return usualThreshold
	}
	return *settings.DeleteThresholdValue
}

// HeldSecrets are the credentials that a service principal's synchronization holds, which no answer shows.
func (s *syncState) HeldSecrets(servicePrincipal string) map[string]string {
	s.store.Mu.RLock()
	defer s.store.Mu.RUnlock()
	out := map[string]string{}
	if p := s.find(servicePrincipal, true); p != nil {
		for _, pair := range p.secrets {
			out[pair.Key] = pair.Value
		}
	}
	return out
}

// PutSecrets gives a service principal's synchronization credentials, which a snapshot doesn't hold.
func (s *syncState) PutSecrets(servicePrincipal string, values map[string]string) error {
	return s.changePrincipal(servicePrincipal, func(p *principal) error {
		p.secrets = nil
		for _, key := range slices.Sorted(maps.Keys(values)) {
			p.secrets = append(p.secrets, keyValue{key, values[key]})
		}
		return nil
	})
}

// pastPrincipal is what readers see of an application's synchronization while a write isn't seen yet
// ([graph 6]: a read after a write may be stale, or a 404, for seconds to minutes).
type pastPrincipal struct {
	principal *principal
	until     int64 // the last read request that sees it
}

// copied is a copy of an application that shares nothing with it that a request may change.
func (p *principal) copied() *principal {
	out := *p
	out.before, out.assigned, out.secrets, out.jobs = nil, slices.Clone(p.assigned), slices.Clone(p.secrets), nil
	for _, j := range p.jobs {
		was := *j
		was.body, was.schema = rawjson.Clone(j.body), rawjson.Clone(j.schema)
		out.jobs = append(out.jobs, &was)
	}
	return &out
}

// body is a service principal with all its properties.
func (p *principal) body() map[string]any {
	var gallery any
	if p.gallery != "" {
		gallery = p.gallery
	}
	return map[string]any{
		"id": p.id, "displayName": p.name, "accountEnabled": true, "servicePrincipalType": "Application",
		"appId": p.appID, "appDisplayName": p.name, "applicationTemplateId": gallery, "appRoles": p.roles(),
		"appRoleAssignmentRequired": true, "servicePrincipalNames": []string{p.appID},
		"tags": []string{"WindowsAzureActiveDirectoryIntegratedApp"},
	}
}
