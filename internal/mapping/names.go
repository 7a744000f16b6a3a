package mapping

import "strings"

// graphNames says where provisioning's names of user attributes differ from
// Graph's ([graph 3.5], "legacy"; [expressions 5]). It is the one table
// of them.
var graphNames = map[string]string{
	"objectId":                   "id",
	"originalUserPrincipalName":  "userPrincipalName",
	"mobile":                     "mobilePhone",
	"telephoneNumber":            "businessPhones",
	"physicalDeliveryOfficeName": "officeLocation",
	"facsimileTelephoneNumber":   "faxNumber",
	"dirSyncEnabled":             "onPremisesSyncEnabled",
	"userState":                  "externalUserState",
	"immutableId":                "onPremisesImmutableId",
}

// GraphName is Graph's name of a source attribute in provisioning.
func GraphName(name string) string {
	if g, ok := graphNames[name]; ok {
		return g
	}
	return name
}

// ProvisioningName is provisioning's name of a Graph property.
func ProvisioningName(name string) string {
	for p, g := range graphNames {
		if g == name && p != "originalUserPrincipalName" {
			return p
		}
	}
	return name
}

// Both shows an attribute under both names where they differ.
func Both(name string) string {
	if g := GraphName(name); g != name {
		return name + " (Graph: " + g + ")"
	}
	return name
}

// derived are attributes that the engine computes: they are no properties of
// the user [expressions 5], [expressions 7].
func derived(name string) bool {
	switch name {
	case "IsSoftDeleted", "appRoleAssignments", "manager", "netId", "alternativeSecurityIds":
		return true
	}
	return strings.HasPrefix(name, "appRole")
}
