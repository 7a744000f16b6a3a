package simulator

// newUserEntity is microsoft.graph.user: names and types from the metadata subset, notes from
// [graph 1.2], the columns of $filter from [graph 1.3, D]. Lines marked [?] have columns that it doesn't
// give; they follow the resource page's list of operators and are of low confidence.
func newUserEntity() *entity {
	const text = "DAADDDA"
	return newEntity(&entity{
		name: "user", set: "users", title: "User", keyed: "id",
		orderBy:  []string{"displayName", "userPrincipalName", "createdDateTime"},
		searches: []string{"displayName", "mail", "userPrincipalName", "givenName", "surname", "otherMails"},
		props: []property{
			{name: "accountEnabled", kind: kindBool, caps: "DAA-D--", traits: required | notNull},
			{name: "businessPhones", kind: kindStrings, caps: unfilterable, traits: byDefault},
			{name: "city", caps: text, max: 128}, // [?]
			{name: "companyName", caps: "AAAAAAA", max: 64},
			{name: "country", caps: text, max: 128},                                          // [?]
			{name: "createdDateTime", kind: kindDateTime, caps: "DAADD--", traits: readOnly}, // [?]
			{name: "creationType", caps: "DAA-D--", traits: readOnly},
			{name: "deletedDateTime", kind: kindDateTime, caps: "D--D---", traits: readOnly}, // [?]
			{name: "department", caps: text, max: 64},
			{name: "displayName", caps: text, traits: byDefault | required | notNull, max: 256},
			{name: "employeeId", caps: text, max: 16},
			{name: "employeeType", caps: "AAAAAA-"},
			{name: "externalUserState", caps: "DAA----", traits: readOnly},
			{name: "externalUserStateChangeDateTime", kind: kindDateTime, caps: unfilterable, traits: readOnly},
			{name: "faxNumber", caps: "AAAAAAA"}, // [?]
			{name: "givenName", caps: text, traits: byDefault, max: 64},
			{name: "id", caps: "DAA-D--", traits: byDefault | readOnly},
			{name: "identities", kind: kindIdentities, caps: "D------"},
			{name: "isResourceAccount", kind: kindBool, caps: unfilterable, traits: readOnly},
			{name: "jobTitle", caps: text, traits: byDefault, max: 128}, // [?]
			{name: "mail", caps: text, traits: byDefault},
			{name: "mailNickname", caps: text, traits: required, max: 64},
			{name: "mobilePhone", caps: "AAAAAAA", traits: byDefault | cloudOwn},        // [?]
			{name: "officeLocation", caps: "AAAAAAA", traits: byDefault, max: 128},      // [?]
			{name: "onPremisesDistinguishedName", caps: unfilterable, traits: readOnly}, // [graph 1.2], not in the subset
			{name: "onPremisesDomainName", caps: unfilterable, traits: readOnly},
			{name: "onPremisesExtensionAttributes", kind: kindExtensions, caps: "AAAAA-A"},
			{name: "onPremisesImmutableId", caps: "DAADDD-"},
			{name: "onPremisesLastSyncDateTime", kind: kindDateTime, caps: "DAADD--", traits: readOnly}, // [graph 1.2], not in the subset
			{name: "onPremisesSamAccountName", caps: "AAAAAA-", traits: readOnly},
			{name: "onPremisesSecurityIdentifier", caps: "D---D--", traits: readOnly}, // [graph 1.2], not in the subset
			{name: "onPremisesSyncEnabled", kind: kindBool, caps: "DAA-D--", traits: readOnly},
			{name: "onPremisesUserPrincipalName", caps: "DAADDD-", traits: readOnly},
			{name: "otherMails", kind: kindStrings, caps: "D-ADDD-", traits: cloudOwn},
			{name: "postalCode", caps: text, max: 40},                             // [?]
			{name: "preferredLanguage", caps: text, traits: byDefault | cloudOwn}, // [?]
			{name: "proxyAddresses", kind: kindStrings, caps: "D-AD-D-", traits: readOnly},
			{name: "showInAddressList", kind: kindBool, caps: unfilterable},
			{name: "state", caps: text, max: 128},          // [?]
			{name: "streetAddress", caps: text, max: 1024}, // [?]
			{name: "surname", caps: text, traits: byDefault, max: 64},
			{name: "usageLocation", caps: text, traits: cloudOwn},
			{name: "userPrincipalName", caps: "DAADDD-", traits: byDefault | required | notNull},
			{name: "userType", caps: "DAA-D-A", traits: cloudOwn},
		},
	})
}

// elsewhere are properties of a user that another service holds: asking for them in a list of users
// is answered with 501 [graph 1.5, D].
var elsewhere = map[string]bool{
	"aboutMe": true, "birthday": true, "hireDate": true, "interests": true, "mySite": true,
	"pastProjects": true, "preferredName": true, "responsibilities": true, "schools": true, "skills": true,
}
