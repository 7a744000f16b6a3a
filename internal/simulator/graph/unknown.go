package graph

import (
	"net/http"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
)

// roots are the collections and singletons that Graph has at its root.
var roots = strings.Fields(
	`admin agreements agreementAcceptances appCatalogs applications applicationTemplates auditLogs
 authenticationMethodConfigurations authenticationMethodsPolicy branding certificateBasedAuthConfiguration chats
 communications compliance connections contacts contracts dataPolicyOperations deviceAppManagement deviceManagement
 devices directory directoryObjects directoryRoles directoryRoleTemplates domainDnsRecords domains drive drives
 education employeeExperience external filterOperators functions groupLifecyclePolicies groups groupSettings
 groupSettingTemplates identity identityGovernance identityProtection identityProviders informationProtection
 invitations localizations me oauth2PermissionGrants organization permissionGrants places planner policies print privacy
 reports roleManagement schemaExtensions scopedRoleMemberships search security servicePrincipals shares sites solutions
 storage subscribedSkus subscriptions teams teamsTemplates teamwork tenantRelationships users $metadata`,
)

// segments are what Graph has below those of them that the simulator knows.
var segments = strings.Fields(
	`acceptedSenders activities addKey addPassword addTokenSigningCertificate agreementAcceptances appManagementPolicies
 appRoleAssignedTo appRoleAssignments assignLicense authentication calendar calendars calendarView changePassword chats
 checkMemberGroups checkMemberObjects claimsMappingPolicies contacts conversations count createdObjects
 createdOnBehalfOf delegatedPermissionClassifications deletedItems delta deviceManagementTroubleshootingEvents
 directReports directoryAudits drive drives endpoints employeeExperience events extensionProperties extensions
 federatedIdentityCredentials federationConfiguration followedSites getAvailableExtensionProperties getByIds
 getMemberGroups getMemberObjects groupLifecyclePolicies homeRealmDiscoveryPolicies inferenceClassification insights
 instantiate joinedTeams licenseDetails logo mailboxSettings mailFolders managedDevices manager members
 membersWithLicenseErrors memberOf messages oauth2PermissionGrants onenote onlineMeetings onPremisesSyncBehavior outlook
 ownedDevices ownedObjects owners people permissionGrants photo photos planner presence print provisioning reauthorize
 registeredDevices rejectedSenders remoteDesktopSecurityConfiguration removeKey removePassword renew
 reprocessLicenseAssignment restore retryServiceProvisioning revokeSignInSessions rootDomain scopedRoleMemberOf settings
 setVerifiedPublisher signIns sites sponsors synchronization team teamwork threads todo tokenIssuancePolicies
 tokenLifetimePolicies transitiveMemberOf transitiveMembers transitiveReports unsetVerifiedPublisher validateProperties
 validatePassword administrativeUnits attributeSets customSecurityAttributeDefinitions deviceLocalCredentials
 federationConfigurations onPremisesSynchronization subscriptions objectConnections bulkUpload
 activityBasedTimeoutPolicies adminConsentRequestPolicy appManagementPolicies authenticationFlowsPolicy
 authenticationMethodsPolicy authenticationStrengthPolicies authorizationPolicy conditionalAccessPolicies
 crossTenantAccessPolicy defaultAppManagementPolicy deviceRegistrationPolicy featureRolloutPolicies
 identitySecurityDefaultsEnforcementPolicy permissionGrantPolicies roleManagementPolicies
 roleManagementPolicyAssignments delegatedAdminCustomers delegatedAdminRelationships multiTenantOrganization $ref $count
 $value`,
)

// UnknownPath answers a path that no service has: what Graph has is 501, never Graph's own 400.
func (s *Service) UnknownPath(k *kernel.Call, path, allowed []string) *kernel.Response {
	c := &Call{Call: k, Service: s}
	if len(allowed) > 0 {
		return c.Fail(odata.Error{
			Status: http.StatusMethodNotAllowed, Code: "Request_BadRequest",
			Message: "Specified HTTP method is not allowed for the request target.",
		}).With("Allow", strings.Join(allowed, ", "))
	}
	last := ""
	if len(path) > 0 {
		last = path[len(path)-1]
	}
	if known(path) {
		return c.Fail(odata.NotBuilt(strings.Join(path[1:], "/")))
	}
	return c.Fail(odata.BadRequest("BadRequest", "Resource not found for the segment '"+last+"'."))
}

// known says whether a path is one of Graph's: the root, and below it every other segment, which isn't a key.
func known(path []string) bool {
	if len(path) < 2 || path[0] != "v1.0" || !slices.Contains(roots, path[1]) {
		return false
	}
	if !slices.Contains(built, path[1]) {
		return true
	}
	for _, s := range path[2:] {
		if slices.Contains(segments, s) || strings.HasPrefix(s, "microsoft.graph.") {
			return true
		}
	}
	return false
}

// built are the roots of which the simulator has a part, so that a misspelled segment below them is told apart.
var built = strings.Fields(
	`applications applicationTemplates auditLogs directory directoryObjects domains groups organization
 policies servicePrincipals tenantRelationships users`,
)
