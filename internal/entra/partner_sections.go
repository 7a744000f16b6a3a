package entra

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// notSections are the properties that say which partner it is, and the one section
// that is managed.
var notSections = []string{"tenantId", "id", "automaticUserConsentSettings"}

// decodePartner reads a partner. A section counts as set by what it holds, not by
// its name: the type grows [graph 5]. The SDK's model is no help there: it drops
// values of an enumeration that it doesn't know, and with them what is set.
func decodePartner(raw []byte) (Partner, error) {
	var known struct {
		TenantID                  string  `json:"tenantId"`
		Consent                   Consent `json:"automaticUserConsentSettings"`
		ServiceProvider           *bool   `json:"isServiceProvider"`
		InMultiTenantOrganization *bool   `json:"isInMultiTenantOrganization"`
	}
	var all map[string]any
	if err := errors.Join(json.Unmarshal(raw, &known), json.Unmarshal(raw, &all)); err != nil {
		return Partner{}, err
	}
	if known.TenantID == "" {
		return Partner{}, errors.New("a partner without tenantId")
	}
	p := Partner{
		TenantID:                  strings.ToLower(known.TenantID),
		Consent:                   known.Consent,
		ServiceProvider:           known.ServiceProvider,
		InMultiTenantOrganization: known.InMultiTenantOrganization,
	}
	for name, value := range all {
		if !slices.Contains(notSections, name) && !strings.Contains(name, "@") && isConfigured(value) {
			p.Sections = append(p.Sections, name)
		}
	}
	slices.Sort(p.Sections)
	return p, nil
}

// isConfigured reports whether a section says anything: null inherits, and so does an
// object of nulls; a flag of the partner itself (isServiceProvider) is false
// by default.
func isConfigured(value any) bool {
	switch v := value.(type) {
	case nil:
		return false
	case bool:
		return v
	case map[string]any:
		for name, inner := range v {
			// false inside a section is a choice, unlike null.
			if _, flag := inner.(bool); !strings.Contains(name, "@") && (flag || isConfigured(inner)) {
				return true
			}
		}
		return false
	case []any:
		return len(v) > 0
	}
	return true
}
