package decision

import "fmt"

// RulesVersion counts the changes of the rules after which the same facts may
// be decided otherwise. An outcome remembers the version under which it was
// accepted, so that what a newer provider decides otherwise isn't taken for
// drift.
const RulesVersion = 2

// Verdict is whether a user syncs.
type Verdict uint8

// The verdicts. Unknown is an answer: the sources don't tell.
const (
	Skip Verdict = iota
	Sync
	Unknown
)

func (v Verdict) String() string { return [...]string{"skip", "sync", "unknown"}[v] }

// Confidence says how sure a rule is.
type Confidence uint8

// The marks of the decision table [atlassian 5], strongest first.
const (
	Documented Confidence = iota
	Reported
	Inferred
)

func (c Confidence) String() string { return [...]string{"documented", "reported", "inferred"}[c] }

// Account is the kind of Atlassian account that a user gets: Managed by this
// organization, or External to it in Atlassian's sense (not managed), which is
// another thing than external in Entra's.
type Account uint8

// The kinds of account.
const (
	NoAccount Account = iota
	Managed
	External
)

func (a Account) String() string { return [...]string{"", "managed", "external"}[a] }

// Code is the reason of a decision. Codes are stable: scripts compare them.
type Code uint8

// The reason codes.
const (
	CodeNotInScope Code = iota
	CodeDomainVerified
	CodeGuest
	CodeExternalSCIM
	CodeExternalMember
	CodeDomainNotVerified
	CodeDomainNotVerifiable
	CodeNestedOnly
	CodeAccountDisabled
	CodeNoUsableAddress
	CodeDuplicateAddress
	CodeGroupTooLarge
	CodeGroupNameConflict
	CodeScopingFilter
	CodeMappingError
	CodeMatchingAttributeEmpty
	CodeExtUPNAsAddress
	CodeMembersUnreadable
	CodeAttributeUnknown
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

// Atlassian's and Microsoft's pages that the rules copy.
const (
	pageSync        = "https://support.atlassian.com/provisioning-users/docs/set-up-sync-settings/"
	pageLimits      = "https://support.atlassian.com/provisioning-users/docs/limitations-of-azure-ad-for-nested-groups"
	pageManage      = "https://support.atlassian.com/provisioning-users/docs/manage-sync-settings"
	pageVerify      = "https://support.atlassian.com/user-management/docs/verify-a-domain-to-manage-accounts"
	pageManaged     = "https://support.atlassian.com/user-management/docs/what-are-managed-accounts"
	pageNested      = "https://support.atlassian.com/provisioning-users/docs/what-are-nested-groups"
	pageSeed        = "https://community.atlassian.com/forums/Jira-Service-Management/Atlassian-Guard-Issue-Syncing-Cross-Tenant-Users-from-Entra-ID/qaq-p/3253285"
	pageHow         = "https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works"
	pageTutorial    = "https://learn.microsoft.com/entra/identity/saas-apps/atlassian-cloud-provisioning-tutorial"
	pageScoping     = "https://learn.microsoft.com/entra/identity/app-provisioning/define-conditional-rules-for-provisioning-user-accounts"
	pageMappings    = "https://learn.microsoft.com/entra/identity/app-provisioning/customize-application-attributes"
	pageMembers     = "https://learn.microsoft.com/graph/api/group-list-members"
	pageConflict409 = "https://confluence.atlassian.com/cloudkb/409-error-when-attempting-to-update-email-address-via-user-provisioning-1035734019.html"
	pageUnmanaged   = "https://jira.atlassian.com/browse/ACCESS-648"
)

// Codes is the one list of reason codes, in order of their numbers.
var Codes = [codeCount]CodeInfo{
	{CodeNotInScope, "not_in_scope", Skip, "The user is in none of the groups that the connector is set to sync, at any depth.", Documented, pageSync,
		"Add the user to a group in scope."},
	{CodeDomainVerified, "domain_verified", Sync, "The domain of the address that the connector tests is verified in the Atlassian organization.", Documented, pageSync, ""},
	{CodeGuest, "guest", Sync, "The domain isn't verified in the organization, but the user is a guest, and external users always sync. The account is external to the organization, in Atlassian's sense: it isn't managed there.", Reported, pageSync + " and " + pageSeed, ""},
	{CodeExternalSCIM, "external_scim", Sync, "The SCIM connector takes users outside the verified domains too; the account is external to the organization, in Atlassian's sense.", Documented, pageUnmanaged, ""},
	{CodeExternalMember, "external_member", Skip, "The user's home is in another tenant (#EXT#), the type isn't Guest, and the domain isn't verified in the organization: colleagues who came by cross-tenant synchronization look like this. The user is missing from every group as well.", Reported, pageSeed,
		"Set userType to Guest (lasting only at the source of the synchronization where its mapping always writes the type), or verify the domain in the organization."},
	{CodeDomainNotVerified, "domain_not_verified", Skip, "The user belongs to this tenant, but the domain of the address that the connector tests isn't verified in the organization.", Documented, pageSync,
		"Verify the domain in the organization, or let the sync verify it (entra_domains), or give the user a mail on a verified domain."},
	{CodeDomainNotVerifiable, "domain_not_verifiable", Skip, "The address that the connector tests lies with a public mail provider, whose domain nobody can verify.", Documented, pageVerify,
		"Give the user a mail on a domain of the company."},
	{CodeNestedOnly, "nested_only", Skip, "The user is only in a group inside an assigned group, and the SCIM connector reads direct members alone.", Documented, pageHow,
		"Assign the child group to the application as well."},
	{CodeAccountDisabled, "account_disabled", Skip, "The Entra account is disabled. If it synced before, a managed Atlassian account is deactivated; an external one lives on and at most loses its groups. If it never synced, it is probably not created.", Inferred, pageLimits,
		"Enable the account in Entra."},
	{CodeNoUsableAddress, "no_usable_address", Skip, "Neither mail nor principal name is an e-mail address, so there is nothing to make an Atlassian account of.", Inferred, pageLimits,
		"Set the user's mail."},
	{CodeDuplicateAddress, "duplicate_address", Skip, "Several users resolve to one address, and one address is one Atlassian account. Which of them gets it isn't known.", Inferred, pageConflict409,
		"Give each user an address of their own."},
	{CodeGroupTooLarge, "group_too_large", Skip, "Every selected group through which the user is in scope has more than 10,000 users, and such a group doesn't sync.", Documented, pageSync,
		"Split the group."},
	{CodeGroupNameConflict, "group_name_conflict", Skip, "Every selected group through which the user is in scope has the name of a group that exists in Atlassian and isn't synced: it waits until an administrator accepts the change.", Inferred, pageManage,
		"Accept the change of members in the sync settings, or rename one of the groups."},
	{CodeScopingFilter, "scoping_filter", Skip, "A scoping filter of the provisioning job leaves the user out.", Documented, pageScoping,
		"Change the filter or the attribute that it reads."},
	{CodeMappingError, "mapping_error", Skip, "An attribute mapping of the provisioning job fails for the user.", Documented, pageMappings,
		"Correct the expression."},
	{CodeMatchingAttributeEmpty, "matching_attribute_empty", Skip, "The attribute by which the provisioning job matches users is empty.", Documented, pageMappings,
		"Fill the attribute, or match by another."},
	{CodeExtUPNAsAddress, "ext_upn_as_address", Unknown, "The user comes from another tenant and has no mail, so the only candidate for an address is the principal name with #EXT#. What the connector makes of it isn't documented.", Inferred, pageLimits,
		"Set the user's mail."},
	{CodeMembersUnreadable, "members_unreadable", Unknown, "The application may not read the members of a group in scope, so who is in it is not known. This is never taken for a loss.", Documented, pageMembers,
		"Grant the application the permission that reads them (Member.Read.Hidden for hidden membership; User.Read.All for users)."},
	{CodeAttributeUnknown, "attribute_unknown", Unknown, "A scoping filter of the provisioning job can't be evaluated for the user, for instance an integer comparison of a text. What Entra makes of it isn't documented, so it is never taken for filtered out.", Inferred, pageScoping,
		"Correct the filter, or the attribute that it reads."},
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

// Warnings is a set of warnings beside a decision.
type Warnings uint16

// The warnings.
const (
	WarnMailUPNDomainDiffer Warnings = 1 << iota
	WarnVerificationExpiring
	WarnUnlinksOnUpdate
	WarnRevertedBySource
	WarnDynamicGroup
	warningEnd
)

// WarningInfo describes a warning code.
type WarningInfo struct {
	Warning     Warnings
	Name        string
	Description string
	Confidence  Confidence
	Source      string
}

// WarningCodes is the one list of warnings, in order of their bits.
var WarningCodes = []WarningInfo{
	{WarnMailUPNDomainDiffer, "mail_upn_domain_differ", "Mail and principal name lie in different domains of which one is verified: which of them the connector tests isn't documented (connector_rules.tested_address).", Inferred, pageLimits},
	{WarnVerificationExpiring, "verification_expiring", "The organization no longer finds the proof of the domain (claim status missing_token): within 14 days the verification lapses, and who syncs because of it no longer does.", Inferred, pageVerify},
	{WarnUnlinksOnUpdate, "unlinks_on_update", "An update of an account that the organization doesn't manage unlinks it and takes it out of the synced groups.", Documented, "https://support.atlassian.com/atlassian-cloud/kb/email-address-change-via-user-provisioning-is-not-reflected-on-atlassian/"},
	{WarnRevertedBySource, "reverted_by_source", "The source tenant's cross-tenant synchronization writes userType always, so a change here lasts until the source user changes next.", Documented, "https://learn.microsoft.com/entra/identity/multi-tenant-organizations/cross-tenant-synchronization-overview"},
	{WarnDynamicGroup, "dynamic_group", "The user is in scope through a dynamic group whose rule reads userType, so changing the type may change the membership.", Documented, "https://learn.microsoft.com/entra/identity/users/groups-dynamic-membership"},
}

// Names are the names of the warnings in a set, in the list's order.
func (w Warnings) Names() []string {
	var names []string
	for _, i := range WarningCodes {
		if w&i.Warning != 0 {
			names = append(names, i.Name)
		}
	}
	return names
}
