package tenant

// NewDomainEntity is microsoft.graph.domain [graph 4].
func NewDomainEntity() *Entity {
	const d, r = byDefault, byDefault | ReadOnly
	return newEntity(&Entity{
		Name: "domain", Set: "domains", Title: "Domain", keyed: "id",
		Props: []Property{
			{Name: "authenticationType", Caps: Unfilterable, traits: r, Zero: `"Managed"`},
			{Name: "availabilityStatus", Caps: Unfilterable, traits: r},
			{Name: "id", Caps: Unfilterable, traits: r},
			{Name: "isAdminManaged", Kind: KindBool, Caps: Unfilterable, traits: r, Zero: "true"},
			{Name: "isDefault", Kind: KindBool, Caps: Unfilterable, traits: d, Zero: "false"},
			{Name: "isInitial", Kind: KindBool, Caps: Unfilterable, traits: r, Zero: "false"},
			{Name: "isRoot", Kind: KindBool, Caps: Unfilterable, traits: r, Zero: "true"},
			{Name: "isVerified", Kind: KindBool, Caps: Unfilterable, traits: r, Zero: "false"},
			{Name: "manufacturer", Caps: Unfilterable, traits: r},
			{Name: "model", Caps: Unfilterable, traits: r},
			{Name: "passwordNotificationWindowInDays", Kind: KindInt32, Caps: Unfilterable, traits: d},
			{Name: "passwordValidityPeriodInDays", Kind: KindInt32, Caps: Unfilterable, traits: d},
			{Name: "state", Kind: KindObject, Caps: Unfilterable, traits: r},
			{Name: "supportedServices", Kind: kindStrings, Caps: Unfilterable, traits: d},
		},
	})
}

// NewPartnerEntity is crossTenantAccessPolicyConfigurationPartner. The defaults of an unset section
// are those of a new partner in [graph 5]: null means that the default policy is inherited.
func NewPartnerEntity() *Entity {
	const d = byDefault
	return newEntity(&Entity{
		Name: "crossTenantAccessPolicyConfigurationPartner", Title: "partner", keyed: "tenantId",
		Set: "policies/crossTenantAccessPolicy/partners",
		Props: []Property{
			{Name: "appServiceConnectInbound", Kind: KindObject, Caps: Unfilterable},
			{
				Name: "automaticUserConsentSettings", Kind: KindObject, Caps: Unfilterable, traits: d,
				Zero: `{"inboundAllowed":null,"outboundAllowed":null}`,
			},
			{Name: "b2bCollaborationInbound", Kind: KindObject, Caps: Unfilterable, traits: d},
			{Name: "b2bCollaborationOutbound", Kind: KindObject, Caps: Unfilterable, traits: d},
			{Name: "b2bDirectConnectInbound", Kind: KindObject, Caps: Unfilterable, traits: d},
			{Name: "b2bDirectConnectOutbound", Kind: KindObject, Caps: Unfilterable, traits: d},
			{Name: "inboundTrust", Kind: KindObject, Caps: Unfilterable, traits: d},
			{Name: "isInMultiTenantOrganization", Kind: KindBool, Caps: Unfilterable, traits: d},
			{Name: "isServiceProvider", Kind: KindBool, Caps: Unfilterable, traits: d},
			{Name: "m365CollaborationInbound", Kind: KindObject, Caps: Unfilterable},
			{Name: "m365CollaborationOutbound", Kind: KindObject, Caps: Unfilterable},
			{Name: "tenantId", Caps: Unfilterable, traits: d | ReadOnly},
			{Name: "tenantRestrictions", Kind: KindObject, Caps: Unfilterable, traits: d},
		},
	})
}

// NewSyncEntity is crossTenantIdentitySyncPolicyPartner, read by its own GET only [graph 5].
func NewSyncEntity() *Entity {
	const d = byDefault
	return newEntity(&Entity{
		Name: "crossTenantIdentitySyncPolicyPartner", Title: "identitySynchronization", keyed: "tenantId",
		Set: "policies/crossTenantAccessPolicy/partners",
		Props: []Property{
			{Name: "displayName", Caps: Unfilterable, traits: d},
			{Name: "tenantId", Caps: Unfilterable, traits: d | ReadOnly},
			{Name: "userSyncInbound", Kind: KindObject, Caps: Unfilterable, traits: d},
		},
	})
}
