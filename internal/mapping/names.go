package mapping

import (
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

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

// Attributes that are no properties of the user [expressions 5]: what refers to
// something else is read on request, and some are shown to nobody.
const (
	AttributeManager = directory.Manager
	AttributeRoles   = "appRoleAssignments"
)

// Hidden are the attributes that Graph doesn't show, so that nothing is ever
// known of them [cross-tenant 2].
var Hidden = []string{"netId", "alternativeSecurityIds"}

// reference reports an attribute that is no property of the user.
func reference(name string) bool {
	return name == AttributeManager || slices.Contains(Hidden, name) || strings.HasPrefix(name, "appRole")
}

// unreadReference says why nothing is known of a reference that the reading
// doesn't hold, and what to add where it could.
func unreadReference(name string) string {
	const lacks = ", which the directory's reading doesn't hold: "
	switch {
	case name == AttributeManager:
		return "it reads manager" + lacks + `add "manager" to "attributes" of usersync_directory, or to ` +
			`"directory_attributes" of another data source`
	case slices.Contains(Hidden, name):
		return "it reads " + name + ", which Graph doesn't show to anyone"
	case name == AttributeRoles:
		return "it reads appRoleAssignments" + lacks + `add "appRoleAssignments" to "attributes" of ` +
			`usersync_directory, beside the application in "service_principals"`
	}
	return "it reads " + name + ", which the directory's reading doesn't hold"
}

// computed reports an attribute that the service computes of the user's own
// facts, or that every reading holds: no argument adds it.
func computed(name string) bool {
	switch name {
	case "IsSoftDeleted",
		"objectId",
		"originalUserPrincipalName",
		"userPrincipalName",
		"mail",
		"userType",
		"userState",
		"accountEnabled",
		"dirSyncEnabled",
		"otherMails":
		return true
	}
	return false
}

// graphProperties are the properties of Graph's users that a listing gives
// [graph 1.2]. What a job reads beside them (attributes of another source, such as
// Workday) can't be asked of Graph: a listing that asks is refused whole.
var graphProperties = strings.Fields(
	`accountEnabled ageGroup assignedLicenses assignedPlans businessPhones city companyName consentProvidedForMinor
 country createdDateTime creationType deletedDateTime department displayName employeeHireDate employeeId
 employeeLeaveDateTime employeeOrgData employeeType externalUserState externalUserStateChangeDateTime faxNumber
 givenName id identities imAddresses isManagementRestricted isResourceAccount jobTitle lastPasswordChangeDateTime
 legalAgeGroupClassification mail mailNickname mobilePhone officeLocation onPremisesDistinguishedName
 onPremisesDomainName onPremisesImmutableId onPremisesLastSyncDateTime onPremisesSamAccountName
 onPremisesSecurityIdentifier onPremisesSyncEnabled onPremisesUserPrincipalName otherMails passwordPolicies postalCode
 preferredDataLocation preferredLanguage proxyAddresses securityIdentifier showInAddressList
 signInSessionsValidFromDateTime state streetAddress surname usageLocation userPrincipalName userType`,
)

// inGraph reports an attribute that Graph can be asked for: a property, an
// extension attribute, or an application's extension.
func inGraph(name string) bool {
	graph := GraphName(name)
	return slices.Contains(graphProperties, graph) || strings.HasPrefix(graph, "extensionAttribute") ||
		strings.HasPrefix(graph, "extension_")
}

// otherCase is what was meant by a name that differs from an attribute's in upper
// and lower case alone, "" for any other.
func otherCase(name string) string {
	for _, graph := range graphProperties {
		for _, known := range []string{graph, ProvisioningName(graph)} {
			if known != name && strings.EqualFold(known, name) {
				return ProvisioningName(graph)
			}
		}
	}
	return ""
}

// UsesRoles reports whether an enabled mapping of users among a job's object
// mappings reads app role assignments.
func UsesRoles(objectMappings []string) bool {
	found := false
	sourceNames(objectMappings, func(names []string) { found = found || slices.Contains(names, AttributeRoles) })
	return found
}

// SourceAttributes are Graph's names of the properties that a reading needs beyond
// what it always holds, for the enabled mappings of users among a job's object
// mappings; ascending. What can't be read needs nothing.
func SourceAttributes(objectMappings []string) []string {
	var needed []string
	sourceNames(objectMappings, func(names []string) {
		for _, n := range names {
			if !reference(n) && !computed(n) && inGraph(n) {
				needed = append(needed, GraphName(n))
			}
		}
	})
	slices.Sort(needed)
	return slices.Compact(needed)
}

// sourceNames gives the attributes that each row and filter of the enabled
// mappings of users reads.
func sourceNames(objectMappings []string, need func(names []string)) {
	for _, raw := range objectMappings {
		m, enabled, err := FromGraph([]byte(raw))
		if err != nil || !enabled || !strings.EqualFold(m.Object.Source, "User") {
			continue
		}
		for _, a := range m.Attributes {
			if e, err := expression.Parse(a.Expression); a.Unreadable == "" && a.Expression != "" && err == nil {
				need(e.Facts().Attributes)
			}
		}
		for _, f := range []*scoping.Spec{m.Filter, m.InputFilter, m.CategoryFilter} {
			if f != nil {
				need(scoping.Attributes(f.Filter().Groups))
			}
		}
	}
}

// TargetActive is the target that enables and disables [atlassian 2.1].
const TargetActive = "active"
