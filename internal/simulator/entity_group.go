package simulator

// newGroupEntity is microsoft.graph.group, all of whose properties are answered without $select.
// The columns of $filter follow the resource page's list of operators; [graph 1.3] has no table for
// groups, so they are of low confidence [?].
func newGroupEntity() *entity {
	const text = "DAADDD-"
	return newEntity(&entity{
		name: "group", set: "groups", title: "Group", keyed: "id",
		orderBy:  []string{"displayName", "createdDateTime"},
		searches: []string{"displayName", "description", "mail"},
		props: []property{
			{name: "createdDateTime", kind: kindDateTime, caps: "DAADD--", traits: byDefault | readOnly},
			{name: "deletedDateTime", kind: kindDateTime, caps: "D--D---", traits: byDefault | readOnly},
			{name: "description", caps: "AAAAAAA", traits: byDefault, max: 1024},
			{name: "displayName", caps: "DAADDDA", traits: byDefault | required | notNull, max: 256},
			{name: "groupTypes", kind: kindStrings, caps: "D-A----", traits: byDefault},
			{name: "id", caps: "DAA-D--", traits: byDefault | readOnly},
			{name: "isAssignableToRole", kind: kindBool, caps: "DAA----", traits: byDefault},
			{name: "mail", caps: "DAADDDA", traits: byDefault | readOnly},
			{name: "mailEnabled", kind: kindBool, caps: "DAA----", traits: byDefault | required | notNull},
			{name: "mailNickname", caps: text, traits: byDefault | required | notNull, max: 64},
			{name: "membershipRule", caps: unfilterable, traits: byDefault},
			{name: "membershipRuleProcessingState", caps: "AAA-A--", traits: byDefault},
			{name: "onPremisesSyncEnabled", kind: kindBool, caps: "DAA-D-A", traits: byDefault | readOnly},
			{name: "proxyAddresses", kind: kindStrings, caps: "D-AD-D-", traits: byDefault | readOnly},
			{name: "securityEnabled", kind: kindBool, caps: "DAA-D--", traits: byDefault | required | notNull},
			{name: "securityIdentifier", caps: "A---A--", traits: byDefault | readOnly},
			{name: "visibility", caps: unfilterable, traits: byDefault},
		},
	})
}

// newOtherEntity is a directory object that the simulator knows as a member only: its type and id.
func newOtherEntity(name string) *entity {
	return newEntity(&entity{
		name: name, set: name + "s", title: name, keyed: "id",
		props: []property{
			{name: "displayName", caps: unfilterable, traits: byDefault},
			{name: "id", caps: unfilterable, traits: byDefault | readOnly},
		},
	})
}
