package reason

import "fmt"

// Code is the reason of a decision. Codes are stable: scripts compare them.
type Code uint8

// The reason codes.
const (
	NotInScope Code = iota
	DomainVerified
	Guest
	ExternalSCIM
	ExternalMember
	DomainNotVerified
	DomainNotVerifiable
	NestedOnly
	GroupNotReadable
	AccountDisabled
	NoUsableAddress
	DuplicateAddress
	ScopingFilter
	MappingError
	MatchingAttributeEmpty
	MatchingUnsupported
	CreateDisabled
	AddressTaken
	Unlinked
	AccountDeactivated
	GroupTooLarge
	GroupNameConflict
	ExtUPNAsAddress
	MembersUnreadable
	AttributeUnknown
	IdentifierUnknown
	LinkUnknown
	UpdateExpected
	NameUnknown
	Provisioned
	RequiredAttributeMissing
	ValueTooLong
	ValueNotAccepted
	RoleMissing
	MemberCreated
	GuestCreated
	NotInternalMember
	MailDomainNotVerified
	codeCount
)

// CodeInfo describes a reason code.
type CodeInfo struct {
	Code        Code
	Name        string
	Verdict     Verdict
	Description string
	// Confidence is the strongest that a decision with the code can have.
	Confidence Confidence
	// Source is where the behavior is described.
	Source string
	// Remedy is what to do, "" where nothing need be done.
	Remedy string
}

// Codes is the one list of reason codes, in order of their numbers.
var Codes = [codeCount]CodeInfo{
	{
		NotInScope, "not_in_scope", Skip,
		"The user isn't in the connector's scope: in none of its groups, and not assigned.", Documented, PageSync,
		"Add the user to a group in scope.",
	},
	{
		DomainVerified, "domain_verified", Sync,
		"The domain of the user's address is verified in the Atlassian organization.", Documented, PageSync, "",
	},
	{
		Guest, "guest", Sync,
		"The domain isn't verified in the organization, but the user is a guest, and external users always sync. " +
			"The account is external to the organization, in Atlassian's sense: it isn't managed " +
			"there.", Reported, PageSync + " and " + PageSeed, "",
	},
	{
		ExternalSCIM, "external_scim", Sync,
		"The SCIM connector takes users outside the verified domains too; the account is external to the " +
			"organization, in Atlassian's sense.",
		Documented, PageUnmanaged, "",
	},
	{
		ExternalMember, "external_member", Skip,
		"The user's home is in another tenant, the type isn't Guest, and the domain isn't verified in the " +
			"organization: " +
			"colleagues who came by cross-tenant synchronization look like this. The user is missing from every " +
			"group as well.", Reported, PageSeed,
		"Set userType to Guest (lasting only at the source of the synchronization where its mapping always writes " +
			"the type), " +
			"or verify the domain in the organization.",
	},
	{
		DomainNotVerified, "domain_not_verified", Skip,
		"The user belongs to this tenant, but the domain of their address isn't verified in the " +
			"organization.", Documented, PageSync,
		"Verify the domain in the organization, or let the sync verify it (connector_settings.entra_domains), or " +
			"give the user a mail on a verified domain.",
	},
	{
		DomainNotVerifiable, "domain_not_verifiable", Skip,
		"The user's address lies with a public mail provider, whose domain nobody can verify.", Documented, PageVerify,
		"Give the user a mail on a domain of the company.",
	},
	{
		NestedOnly, "nested_only", Skip,
		"The user is only in a group inside an assigned group, and the provisioning service reads direct members " +
			"alone.", Documented, PageHow,
		"Assign the child group to the application as well.",
	},
	{
		GroupNotReadable, "group_not_readable", Skip,
		"Every assigned group that the user is in isn't security-enabled, such as a Microsoft 365 group or a " +
			"distribution list: the provisioning service doesn't read those.",
		Documented, PageHow, "Assign a security group that has the user, or make the group security-enabled.",
	},
	{
		AccountDisabled, "account_disabled", Skip,
		"The Entra account is disabled. If it synced before, the target's account is deactivated, if the service and " +
			"the target do that; one that the organization doesn't manage lives on and at most loses its groups. " +
			"If it never synced, it isn't created.", Documented, PageHow, "Enable the account in Entra, if the user " +
			"is to sync.",
	},
	{
		NoUsableAddress,
		"no_usable_address",
		Skip,
		"The user has nothing that is an address to make an account of.",
		Inferred,
		PageLimits,
		"Set the user's mail.",
	},
	{
		DuplicateAddress, "duplicate_address", Skip,
		"Several users resolve to one address, and one address is one Atlassian account. Which of them gets it isn't " +
			"known.", Documented, PageConflict409,
		"Give each user an address of their own, and over SCIM a userName.",
	},
	{
		ScopingFilter,
		"scoping_filter",
		Skip,
		"A filter of the provisioning job leaves the user out.",
		Documented,
		PageScoping,
		"Change the filter or the attribute that it reads.",
	},
	{
		MappingError,
		"mapping_error",
		Skip,
		"An attribute mapping of the provisioning job fails for the user.",
		Documented,
		PageMappings,
		"Correct the expression.",
	},
	{
		MatchingAttributeEmpty,
		"matching_attribute_empty",
		Skip,
		"The attribute by which the provisioning job matches users is empty.",
		Documented,
		PageMappings,
		"Fill the attribute, or match by another.",
	},
	{
		MatchingUnsupported, "matching_unsupported", Skip,
		"The job matches users by an attribute that the target can't be asked for: Atlassian answers every look-up " +
			"but one by userName or externalId with 400 (invalidFilter), so nobody is provisioned. " +
			"Microsoft's tutorial contradicts that; Atlassian's own pages agree with each other.",
		Documented, PageMatching,
		"Match by userName or externalId first.",
	},
	{
		CreateDisabled, "create_disabled", Skip,
		"Create is off among the target object actions of the job's mapping of users: who has no record yet isn't " +
			"created.", Documented, PageHow,
		"Turn on Create in the job's mapping, or create the user at the target by hand.",
	},
	{
		AddressTaken,
		"address_taken",
		Skip,
		"Another account or record at the target holds the user's address or name, so it refuses this one " +
			"(409).",
		Documented,
		PageConflict409,
		"See whose it is. Where somebody still works with it, give this user an address and a name of their own; " +
			"else free the address, or delete the record that holds it, and restart provisioning.",
	},
	{
		Unlinked, "unlinked", Skip,
		"The SCIM record isn't linked to an Atlassian account, or the next update unlinks it: any update of an " +
			"account that the organization doesn't manage, before or after the change, " +
			"breaks the link and takes the account out of all synced groups. The account keeps its old " +
			"address.", Documented, PageUnlink,
		"Verify and claim the address's domain before the change. Afterwards Atlassian's support has to link the " +
			"account again (connector_settings.relinked).",
	},
	{
		AccountDeactivated, "account_deactivated", Skip,
		"The Atlassian account is deactivated, and a sync of an unchanged, active user doesn't reactivate " +
			"it.", Reported, PageDeactivated,
		"An administrator has to reactivate the account at admin.atlassian.com.",
	},
	{
		GroupTooLarge, "group_too_large", Unknown,
		"Every selected group through which the user is in scope has more than 10,000 users. Such a group must be " +
			"split; what becomes of its users until then isn't documented.",
		Inferred, PageSync, "Split the group.",
	},
	{
		GroupNameConflict, "group_name_conflict", Unknown,
		"Every selected group through which the user is in scope has the name of a group that exists in Atlassian " +
			"and isn't synced, or is a default access group. " +
			"The group waits; whether its users sync meanwhile isn't documented.", Inferred, PageConflicts,
		"Accept the change of members in the sync settings, or rename one of the groups. A default access group " +
			"can't be accepted: take its default access away first.",
	},
	{
		ExtUPNAsAddress, "ext_upn_as_address", Unknown,
		"The user comes from another tenant, and the address that identifies them would be the principal name with " +
			"#EXT#. What the connector makes of it isn't documented.",
		Inferred, PageLimits, "Set the user's mail, and let the sync identify users by e-mail address.",
	},
	{
		MembersUnreadable, "members_unreadable", Unknown,
		"The application may not read the members of a group in scope, so who is in it is not known. This is never " +
			"taken for a loss.", Documented, PageMembers,
		"Grant the application the permission that reads them (Member.Read.Hidden for hidden membership; " +
			"User.Read.All for users).",
	},
	{
		AttributeUnknown, "attribute_unknown", Unknown,
		"A filter or an attribute that decides can't be evaluated for the user. What Entra makes of it isn't known, " +
			"so it is never taken for left out.", Inferred, PageScoping,
		"Correct the filter or the mapping, or let the reading take the attribute that it reads.",
	},
	{
		IdentifierUnknown, "identifier_unknown", Unknown,
		"The user has a principal name that is an address, and no mail. Whether the sync identifies them by it " +
			"depends on its user identifier, which no API shows.",
		Inferred, PageSync, "Say which one is set on the sync's page: connector_settings.user_identifier.",
	},
	{
		LinkUnknown, "link_unknown", Unknown,
		"Whether the target holds a record of the user, linked to an account, isn't known.", Inferred, PageRelink,
		"Read the SCIM records (scim_records = true).",
	},
	{
		UpdateExpected,
		"update_expected",
		Unknown,
		"An update of the user may be to come: a restart of the job sends their values anew, or one that was " +
			"expected shows nowhere. The account isn't managed by the organization, so the update may unlink it.",
		Inferred,
		PageUnlink,
		"Compare the user's values with the record's before the next run or a restart; verify and " +
			"claim the domain first. Of an update that was sent, connector_settings.relinked takes the doubt away.",
	},
	{
		NameUnknown, "name_unknown", Unknown,
		"Another user's record at the target has the user's name from before, or may have: whether it is free when " +
			"this user comes isn't known.", Inferred, PageConflict409,
		"Look at the target whose record has the name. Else wait for the next run, and see who got it.",
	},
	{
		Provisioned, "provisioned", Sync,
		"The job sends the user, and nothing that is known of the application keeps them out.", Documented, PageHow, "",
	},
	{
		RequiredAttributeMissing,
		"required_attribute_missing",
		Skip,
		"The application requires an attribute of every user, and the job sends none for this one.",
		Documented,
		PageHow,
		"Fill the source attribute, or map an expression that never is empty.",
	},
	{
		ValueTooLong, "value_too_long", Skip,
		"The application refuses a value of the user that is longer than it takes.", Documented, PageHow,
		"Shorten the source attribute, or map an expression that gives less (Left).",
	},
	{
		ValueNotAccepted, "value_not_accepted", Skip,
		"The application refuses a value of the user: its characters, its form, or that there is more than one.",
		Documented, PageHow, "Change the source attribute, or the expression that is mapped.",
	},
	{
		RoleMissing,
		"role_missing",
		Skip,
		"The user is assigned with the role Default Access alone, and the application has other roles: the " +
			"provisioning " +
			"service leaves them out as not effectively entitled.",
		Reported,
		PageHow,
		"Assign the user, or their group, with one of the application's own roles.",
	},
	{
		MemberCreated, "member_created", Sync,
		"Cross-tenant synchronization brings the user to the target tenant, where they are an external user of type " +
			"Member.", Documented, PageCrossTenant, "",
	},
	{
		GuestCreated, "guest_created", Sync,
		"Cross-tenant synchronization brings the user to the target tenant, where they are an external user of type " +
			"Guest.", Documented, PageCrossTenant, "",
	},
	{
		NotInternalMember, "not_internal_member", Skip,
		"Cross-tenant synchronization takes internal members of the source tenant alone: neither external users nor " +
			"internal guests.", Documented, PageCrossTenant,
		"An external user must come from their own home tenant. Of an internal user, set userType to Member.",
	},
	{
		MailDomainNotVerified,
		"mail_domain_not_verified",
		Skip,
		"The user's mail isn't on a verified domain, so the external user isn't created. Where it must be verified, " +
			"no " +
			"page says; the source tenant is assumed.",
		Inferred,
		PageKnownIssues,
		"Give the user a mail on a verified domain of the tenant.",
	},
}

// Info describes a code.
func (c Code) Info() *CodeInfo { return &Codes[c] }

func (c Code) String() string { return Codes[c].Name }

// Verdict is the verdict that a code stands for.
func (c Code) Verdict() Verdict { return Codes[c].Verdict }

// CodeByName finds a code by its name.
func CodeByName(name string) (Code, error) {
	for i := range Codes {
		if Codes[i].Name == name {
			return Codes[i].Code, nil
		}
	}
	return 0, fmt.Errorf("unknown reason code %q", name)
}
