package jobs

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// usualThreshold is how many may leave in a cycle where the settings name no number ([expressions 7]: 500
// is stated for cross-tenant jobs; for others [?]).
const usualThreshold = 500

// DeleteThreshold is how many objects may be disabled or deleted in a cycle; -1: any number. The number's
// name in the settings is [?].
func (p *Principal) DeleteThreshold() int {
	settings := struct {
		DeleteThresholdEnabled bool
		DeleteThresholdValue   *int
	}{}
	if json.Unmarshal([]byte(p.Secret("SyncNotificationSettings")), &settings) != nil ||
		!settings.DeleteThresholdEnabled {
		return -1
	}
	if settings.DeleteThresholdValue == nil {
		return usualThreshold
	}
	return *settings.DeleteThresholdValue
}

// HeldSecrets are the credentials that a service principal's synchronization holds, which no answer shows.
func (s *Registry) HeldSecrets(servicePrincipal string) map[string]string {
	s.store.Mu.RLock()
	defer s.store.Mu.RUnlock()
	out := map[string]string{}
	if p := s.Find(servicePrincipal, true); p != nil {
		for _, pair := range p.Secrets {
			out[pair.Key] = pair.Value
		}
	}
	return out
}

// PutSecrets gives a service principal's synchronization credentials, which a snapshot doesn't hold.
func (s *Registry) PutSecrets(servicePrincipal string, values map[string]string) error {
	return s.changePrincipal(servicePrincipal, func(p *Principal) error {
		p.Secrets = nil
		for _, key := range slices.Sorted(maps.Keys(values)) {
			p.Secrets = append(p.Secrets, KeyValue{key, values[key]})
		}
		return nil
	})
}

// PastPrincipal is what readers see of an application's synchronization while a write isn't seen yet
// ([graph 6]: a read after a write may be stale, or a 404, for seconds to minutes).
type PastPrincipal struct {
	Principal *Principal
	Until     int64 // the last read request that sees it
}

// Copy is a copy of an application that shares nothing with it that a request may change.
func (p *Principal) Copy() *Principal {
	out := *p
	out.Before, out.Assigned, out.Secrets, out.Jobs = nil, slices.Clone(p.Assigned), slices.Clone(p.Secrets), nil
	for _, j := range p.Jobs {
		was := *j
		was.Body, was.Schema = rawjson.Clone(j.Body), rawjson.Clone(j.Schema)
		out.Jobs = append(out.Jobs, &was)
	}
	return &out
}

// Body is a service principal with all its properties.
func (p *Principal) Body() map[string]any {
	var gallery any
	if p.Gallery != "" {
		gallery = p.Gallery
	}
	return map[string]any{
		"id": p.ID, "displayName": p.Name, "accountEnabled": true, "servicePrincipalType": "Application",
		"appId": p.AppID, "appDisplayName": p.Name, "applicationTemplateId": gallery, "appRoles": p.Roles(),
		"appRoleAssignmentRequired": true, "servicePrincipalNames": []string{p.AppID},
		"tags": []string{"WindowsAzureActiveDirectoryIntegratedApp"},
	}
}

// Application is the application that the service principal is of, with all its properties.
func (p *Principal) Application() map[string]any {
	var gallery, created any
	if p.Gallery != "" {
		gallery = p.Gallery
	}
	if p.Created != "" {
		created = p.Created
	}
	return map[string]any{
		"id": p.ApplicationID, "appId": p.AppID, "applicationTemplateId": gallery, "displayName": p.Name,
		"identifierUris": []any{}, "createdDateTime": created, "signInAudience": "AzureADMyOrg", "tags": []any{},
		"appRoles": p.Roles(),
	}
}
