package simulator

// newDomainEntity is microsoft.graph.domain [graph 4].
func newDomainEntity() *entity {
	const d, r = byDefault, byDefault | readOnly
	return newEntity(&entity{
		name: "domain", set: "domains", title: "Domain", keyed: "id",
		props: []property{
			{name: "authenticationType", caps: unfilterable, traits: r, zero: `"Managed"`},
			{name: "availabilityStatus", caps: unfilterable, traits: r},
			{name: "id", caps: unfilterable, traits: r},
			{name: "isAdminManaged", kind: kindBool, caps: unfilterable, traits: r, zero: "true"},
			{name: "isDefault", kind: kindBool, caps: unfilterable, traits: d, zero: "false"},
			{name: "isInitial", kind: kindBool, caps: unfilterable, traits: r, zero: "false"},
			{name: "isRoot", kind: kindBool, caps: unfilterable, traits: r, zero: "true"},
			{name: "isVerified", kind: kindBool, caps: unfilterable, traits: r, zero: "false"},
			{name: "manufacturer", caps: unfilterable, traits: r},
			{name: "model", caps: unfilterable, traits: r},
			{name: "passwordNotificationWindowInDays", kind: kindInt32, caps: unfilterable, traits: d},
			{name: "passwordValidityPeriodInDays", kind: kindInt32, caps: unfilterable, traits: d},
			{name: "state", kind: kindObject, caps: unfilterable, traits: r},
			{name: "supportedServices", kind: kindStrings, caps: unfilterable, traits: d},
		},
	})
}

// newPartnerEntity is crossTenantAccessPolicyConfigurationPartner. The defaults of an unset section
// are those of a new partner in [graph 5]: null means that the default policy is inherited.
func newPartnerEntity() *entity {
	const d = byDefault
	return newEntity(&entity{
		name: "crossTenantAccessPolicyConfigurationPartner", title: "partner", keyed: "tenantId",
		set: "policies/crossTenantAccessPolicy/partners",
		props: []property{
			{name: "appServiceConnectInbound", kind: kindObject, caps: unfilterable},
			{name: "automaticUserConsentSettings", kind: kindObject, caps: unfilterable, traits: d, zero: `{"inboundAllowed":null,"outboundAllowed":null}`},
			{name: "b2bCollaborationInbound", kind: kindObject, caps: unfilterable, traits: d},
			{name: "b2bCollaborationOutbound", kind: kindObject, caps: unfilterable, traits: d},
			{name: "b2bDirectConnectInbound", kind: kindObject, caps: unfilterable, traits: d},
			{name: "b2bDirectConnectOutbound", kind: kindObject, caps: unfilterable, traits: d},
			{name: "inboundTrust", kind: kindObject, caps: unfilterable, traits: d},
			{name: "isInMultiTenantOrganization", kind: kindBool, caps: unfilterable, traits: d},
			{name: "isServiceProvider", kind: kindBool, caps: unfilterable, traits: d},
			{name: "m365CollaborationInbound", kind: kindObject, caps: unfilterable},
			{name: "m365CollaborationOutbound", kind: kindObject, caps: unfilterable},
			{name: "tenantId", caps: unfilterable, traits: d | readOnly},
			{name: "tenantRestrictions", kind: kindObject, caps: unfilterable, traits: d},
		},
	})
}

// newSyncEntity is crossTenantIdentitySyncPolicyPartner, read by its own GET only [graph 5].
func newSyncEntity() *entity {
	const d = byDefault
	return newEntity(&entity{
		name: "crossTenantIdentitySyncPolicyPartner", title: "identitySynchronization", keyed: "tenantId",
		set: "policies/crossTenantAccessPolicy/partners",
		props: []property{
			{name: "displayName", caps: unfilterable, traits: d},
			{name: "tenantId", caps: unfilterable, traits: d | readOnly},
			{name: "userSyncInbound", kind: kindObject, caps: unfilterable, traits: d},
		},
	})
}
