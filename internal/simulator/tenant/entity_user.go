package tenant

// NewUserEntity is microsoft.graph.user: names and types from the metadata subset, notes from
// [graph 1.2], the columns of $filter from [graph 1.3, D]. Lines marked [?] have columns that it doesn't
// give; they follow the resource page's list of operators and are of low confidence.
func NewUserEntity() *Entity {
	const text = "DAADDDA"
	return newEntity(&Entity{
		Name: "user", Set: "users", Title: "User", keyed: "id",
		OrderBy:  []string{"displayName", "userPrincipalName", "createdDateTime"},
		Searches: []string{"displayName", "mail", "userPrincipalName", "givenName", "surname", "otherMails"},
		unbuilt:  unbuiltOfUsers,
		Props: []Property{
			{Name: "accountEnabled", Kind: KindBool, Caps: "DAA-D--", traits: Required | NotNull},
			{Name: "businessPhones", Kind: kindStrings, Caps: Unfilterable, traits: byDefault},
			{Name: "city", Caps: text, Max: 128}, // [?]
			{Name: "companyName", Caps: "AAAAAAA", Max: 64},
			{Name: "country", Caps: text, Max: 128},                                          // [?]
			{Name: "createdDateTime", Kind: KindDateTime, Caps: "DAADD--", traits: ReadOnly}, // [?]
			{Name: "creationType", Caps: "DAA-D--", traits: ReadOnly},
			{Name: "deletedDateTime", Kind: KindDateTime, Caps: "D--D---", traits: ReadOnly}, // [?]
			{Name: "department", Caps: text, Max: 64},
			{Name: "displayName", Caps: text, traits: byDefault | Required | NotNull, Max: 256},
			{Name: "employeeId", Caps: text, Max: 16},
			{Name: "employeeType", Caps: "AAAAAA-"},
			{Name: "externalUserState", Caps: "DAA----", traits: ReadOnly},
			{Name: "externalUserStateChangeDateTime", Kind: KindDateTime, Caps: Unfilterable, traits: ReadOnly},
			{Name: "faxNumber", Caps: "AAAAAAA"}, // [?]
			{Name: "givenName", Caps: text, traits: byDefault, Max: 64},
			{Name: "id", Caps: "DAA-D--", traits: byDefault | ReadOnly},
			{Name: "identities", Kind: KindIdentities, Caps: "D------"},
			{Name: "isResourceAccount", Kind: KindBool, Caps: Unfilterable, traits: ReadOnly},
			{Name: "jobTitle", Caps: text, traits: byDefault, Max: 128}, // [?]
			{Name: "mail", Caps: text, traits: byDefault},
			{Name: "mailNickname", Caps: text, traits: Required, Max: 64},
			{Name: "mobilePhone", Caps: "AAAAAAA", traits: byDefault | CloudOwn},   // [?]
			{Name: "officeLocation", Caps: "AAAAAAA", traits: byDefault, Max: 128}, // [?]
			{
				Name:   "onPremisesDistinguishedName",
				Caps:   Unfilterable,
				traits: ReadOnly,
			}, // [graph 1.2], not in the subset
			{Name: "onPremisesDomainName", Caps: Unfilterable, traits: ReadOnly},
			{Name: "onPremisesExtensionAttributes", Kind: KindExtensions, Caps: "AAAAA-A"},
			{Name: "onPremisesImmutableId", Caps: "DAADDD-"},
			// [graph 1.2], not in the subset
			{Name: "onPremisesLastSyncDateTime", Kind: KindDateTime, Caps: "DAADD--", traits: ReadOnly},
			{Name: "onPremisesSamAccountName", Caps: "AAAAAA-", traits: ReadOnly},
			{Name: "onPremisesSecurityIdentifier", Caps: "D---D--", traits: ReadOnly}, // [graph 1.2], not in the subset
			{Name: "onPremisesSyncEnabled", Kind: KindBool, Caps: "DAA-D--", traits: ReadOnly},
			{Name: "onPremisesUserPrincipalName", Caps: "DAADDD-", traits: ReadOnly},
			{Name: "otherMails", Kind: kindStrings, Caps: "D-ADDD-", traits: CloudOwn},
			{Name: "postalCode", Caps: text, Max: 40},                             // [?]
			{Name: "preferredLanguage", Caps: text, traits: byDefault | CloudOwn}, // [?]
			{Name: "proxyAddresses", Kind: kindStrings, Caps: "D-AD-D-", traits: ReadOnly},
			{Name: "showInAddressList", Kind: KindBool, Caps: Unfilterable},
			{Name: "state", Caps: text, Max: 128},          // [?]
			{Name: "streetAddress", Caps: text, Max: 1024}, // [?]
			{Name: "surname", Caps: text, traits: byDefault, Max: 64},
			{Name: "usageLocation", Caps: text, traits: CloudOwn},
			{Name: "userPrincipalName", Caps: "DAADDD-", traits: byDefault | Required | NotNull},
			{Name: "userType", Caps: "DAA-D-A", traits: CloudOwn},
		},
	})
}

// OtherService are properties of a user that another service holds: asking for them in a list of users
// is answered with 501 [graph 1.5, D].
var OtherService = map[string]bool{
	"aboutMe": true, "birthday": true, "hireDate": true, "interests": true, "mySite": true,
	"pastProjects": true, "preferredName": true, "responsibilities": true, "schools": true, "skills": true,
}

// unbuiltOfUsers are properties and relations that Graph has and the simulator hasn't.
const unbuiltOfUsers = `ageGroup assignedLicenses assignedPlans authorizationInfo consentProvidedForMinor
 customSecurityAttributes deviceEnrollmentLimit employeeHireDate employeeLeaveDateTime employeeOrgData imAddresses
 infoCatalogs isManagementRestricted lastPasswordChangeDateTime legalAgeGroupClassification licenseAssignmentStates
 mailboxSettings onPremisesProvisioningErrors passwordPolicies passwordProfile preferredDataLocation print
 provisionedPlans refreshTokensValidFromDateTime securityIdentifier serviceProvisioningErrors signInActivity
 signInSessionsValidFromDateTime manager directReports memberOf transitiveMemberOf ownedObjects createdObjects
 registeredDevices ownedDevices appRoleAssignments licenseDetails authentication sponsors`
