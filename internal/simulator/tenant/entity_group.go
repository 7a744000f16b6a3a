package tenant

// NewGroupEntity is microsoft.graph.group, all of whose properties are answered without $select.
// The columns of $filter follow the resource page's list of operators; [graph 1.3] has no table for
// groups, so they are of low confidence [?].
func NewGroupEntity() *Entity {
	const text = "DAADDD-"
	return newEntity(&Entity{
		Name: "group", Set: "groups", Title: "Group", keyed: "id",
		OrderBy:  []string{"displayName", "createdDateTime"},
		Searches: []string{"displayName", "description", "mail"},
		unbuilt: `allowExternalSenders assignedLabels assignedLicenses autoSubscribeNewMembers classification
 expirationDateTime hasMembersWithLicenseErrors hideFromAddressLists hideFromOutlookClients infoCatalogs isArchived
 isManagementRestricted isSubscribedByMail licenseProcessingState onPremisesDomainName onPremisesLastSyncDateTime
 onPremisesNetBiosName onPremisesProvisioningErrors onPremisesSamAccountName preferredDataLocation preferredLanguage
 renewedDateTime resourceBehaviorOptions resourceProvisioningOptions serviceProvisioningErrors theme uniqueName
 unseenCount members owners memberOf transitiveMembers transitiveMemberOf appRoleAssignments`,
		Props: []Property{
			{Name: "createdDateTime", Kind: KindDateTime, Caps: "DAADD--", traits: byDefault | ReadOnly},
			{Name: "deletedDateTime", Kind: KindDateTime, Caps: "D--D---", traits: byDefault | ReadOnly},
			{Name: "description", Caps: "AAAAAAA", traits: byDefault, Max: 1024},
			{Name: "displayName", Caps: "DAADDDA", traits: byDefault | Required | NotNull, Max: 256},
			{Name: "groupTypes", Kind: kindStrings, Caps: "D-A----", traits: byDefault},
			{Name: "id", Caps: "DAA-D--", traits: byDefault | ReadOnly},
			{Name: "isAssignableToRole", Kind: KindBool, Caps: "DAA----", traits: byDefault},
			{Name: "mail", Caps: "DAADDDA", traits: byDefault | ReadOnly},
			{Name: "mailEnabled", Kind: KindBool, Caps: "DAA----", traits: byDefault | Required | NotNull},
			{Name: "mailNickname", Caps: text, traits: byDefault | Required | NotNull, Max: 64},
			{Name: "membershipRule", Caps: Unfilterable, traits: byDefault},
			{Name: "membershipRuleProcessingState", Caps: "AAA-A--", traits: byDefault},
			{Name: "onPremisesSyncEnabled", Kind: KindBool, Caps: "DAA-D-A", traits: byDefault | ReadOnly},
			{Name: "proxyAddresses", Kind: kindStrings, Caps: "D-AD-D-", traits: byDefault | ReadOnly},
			{Name: "securityEnabled", Kind: KindBool, Caps: "DAA-D--", traits: byDefault | Required | NotNull},
			{Name: "securityIdentifier", Caps: "A---A--", traits: byDefault | ReadOnly},
			{Name: "visibility", Caps: Unfilterable, traits: byDefault},
		},
	})
}

// newOtherEntity is a directory object that the simulator knows as a member only: its type and id.
func newOtherEntity(name string) *Entity {
	return newEntity(&Entity{
		Name: name, Set: name + "s", Title: name, keyed: "id",
		Props: []Property{
			{Name: "displayName", Caps: Unfilterable, traits: byDefault},
			{Name: "id", Caps: Unfilterable, traits: byDefault | ReadOnly},
		},
	})
}
