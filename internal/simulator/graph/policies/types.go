package policies

import (
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// ComplexTypes are the complex types of the cross-tenant access policy, as the metadata has them: members
// by name, with their types. A list is in brackets, an enumeration is its values.
var ComplexTypes = map[string]map[string]string{
	"inboundOutboundPolicyConfiguration": {"inboundAllowed": Boolean, "outboundAllowed": Boolean},
	"crossTenantAccessPolicyInboundTrust": {
		"isCompliantDeviceAccepted": Boolean, "isHybridAzureADJoinedDeviceAccepted": Boolean, "isMfaAccepted": Boolean,
	},
	"crossTenantAccessPolicyB2BSetting": {
		"applications": targetsType, "usersAndGroups": targetsType,
	},
	"crossTenantAccessPolicyTenantRestrictions": {
		"applications": targetsType, "usersAndGroups": targetsType, "devices": "devicesFilter",
	},
	"crossTenantAccessPolicyAppServiceConnectSetting":         {"applications": targetsType},
	"crossTenantAccessPolicyM365CollaborationInboundSetting":  {"users": targetsType},
	"crossTenantAccessPolicyM365CollaborationOutboundSetting": {"usersAndGroups": targetsType},
	targetsType:                     {"accessType": accessTypes, "targets": "[crossTenantAccessPolicyTarget]"},
	"crossTenantAccessPolicyTarget": {"target": "string", "targetType": "user|group|application"},
	"devicesFilter":                 {"mode": accessTypes, "rule": "string"},
	"crossTenantUserSyncInbound":    {"isSyncAllowed": Boolean},
}

const (
	// Boolean is the type of truths.
	Boolean     = "bool"
	accessTypes = "allowed|blocked"
	targetsType = "crossTenantAccessPolicyTargetConfiguration"
)

// PropertyTypes are the types of the properties that hold them.
var PropertyTypes = map[string]string{
	"automaticUserConsentSettings": "inboundOutboundPolicyConfiguration",
	"inboundTrust":                 "crossTenantAccessPolicyInboundTrust",
	"b2bCollaborationInbound":      "crossTenantAccessPolicyB2BSetting",
	"b2bCollaborationOutbound":     "crossTenantAccessPolicyB2BSetting",
	"b2bDirectConnectInbound":      "crossTenantAccessPolicyB2BSetting",
	"b2bDirectConnectOutbound":     "crossTenantAccessPolicyB2BSetting",
	"tenantRestrictions":           "crossTenantAccessPolicyTenantRestrictions",
	"appServiceConnectInbound":     "crossTenantAccessPolicyAppServiceConnectSetting",
	"m365CollaborationInbound":     "crossTenantAccessPolicyM365CollaborationInboundSetting",
	"m365CollaborationOutbound":    "crossTenantAccessPolicyM365CollaborationOutboundSetting",
	"userSyncInbound":              "crossTenantUserSyncInbound",
}

// checkPolicyValue refuses what isn't of a type: an unknown member, a value of another kind.
func checkPolicyValue(edm, raw string) *odata.Error {
	wrong := func(text string, args ...any) *odata.Error {
		e := odata.BadRequest("BadRequest", fmt.Sprintf(text, args...))
		return &e
	}
	members, complexType := ComplexTypes[edm]
	inner, list := strings.CutPrefix(edm, "[")
	switch {
	case raw == "null":
		return nil
	case complexType:
		object, err := rawjson.Split([]byte(raw))
		if err != nil {
			return wrong("Cannot convert the literal '%s' to the expected type "+
				"'microsoft.graph.%s'.", graph.Clip(raw), edm)
		}
		for _, f := range object {
			if strings.HasPrefix(f.Name, "@odata.") {
				continue
			}
			of, ok := members[f.Name]
			if !ok {
				return wrong(
					"The property '%s' does not exist on type 'microsoft.graph.%s'. Make sure to only use property "+
						"names that are defined by the type.",
					f.Name, edm,
				)
			}
			if err := checkPolicyValue(of, f.Raw); err != nil {
				return err
			}
		}
		return nil
	case list:
		var found *odata.Error
		if !rawjson.Each(raw, func(element string) bool {
			if found == nil {
				found = checkPolicyValue(strings.TrimSuffix(inner, "]"), element)
			}
			return true
		}) {
			return wrong("Cannot convert the literal '%s' to a collection.", graph.Clip(raw))
		}
		return found
	case edm == Boolean:
		if raw != "true" && raw != "false" {
			return wrong("Cannot convert the literal '%s' to the expected type 'Edm.Boolean'.", graph.Clip(raw))
		}
	case raw[0] != '"':
		return wrong("Cannot convert the literal '%s' to the expected type 'Edm.String'.", graph.Clip(raw))
	case edm != "string" && !slices.Contains(strings.Split(edm, "|"), rawjson.Unquote(raw)):
		return wrong("Requested value '%s' was not found.", graph.Clip(raw))
	}
	return nil
}

// mergePolicyValue is a complex value after a PATCH: members that the request doesn't name stay, lists are
// replaced [?].
func mergePolicyValue(edm, now, raw string) string {
	members, complexType := ComplexTypes[edm]
	if !complexType || !strings.HasPrefix(now, "{") || !strings.HasPrefix(raw, "{") || edm == targetsType {
		return raw
	}
	old, err := rawjson.Split([]byte(now))
	if err != nil {
		return raw
	}
	change, err := rawjson.Split([]byte(raw))
	if err != nil {
		return raw
	}
	for _, f := range change {
		at := slices.IndexFunc(old, func(o rawjson.Field) bool { return o.Name == f.Name })
		switch {
		case members[f.Name] == "": // an annotation
		case at < 0:
			old = append(old, f)
		default:
			old[at].Raw = mergePolicyValue(members[f.Name], old[at].Raw, f.Raw)
		}
	}
	return rawjson.Join(old)
}
