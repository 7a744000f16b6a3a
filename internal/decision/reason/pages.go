package reason

// Atlassian's and Microsoft's pages that the rules copy.
const (
	PageSync        = "https://support.atlassian.com/provisioning-users/docs/set-up-sync-settings/"
	PageLimits      = "https://support.atlassian.com/provisioning-users/docs/limitations-of-azure-ad-for-nested-groups"
	PageManage      = "https://support.atlassian.com/provisioning-users/docs/manage-sync-settings"
	PageVerify      = "https://support.atlassian.com/user-management/docs/verify-a-domain-to-manage-accounts"
	PageManaged     = "https://support.atlassian.com/user-management/docs/what-are-managed-accounts"
	PageNested      = "https://support.atlassian.com/provisioning-users/docs/what-are-nested-groups"
	PageConflicts   = "https://support.atlassian.com/provisioning-users/docs/resolve-group-conflicts-when-syncing-users"
	PageGroupLimits = "https://support.atlassian.com/provisioning-users/docs/users-and-groups-limits"
	PageSeed        = "https://community.atlassian.com/forums/Jira-Service-Management/" +
		"Atlassian-Guard-Issue-Syncing-Cross-Tenant-Users-from-Entra-ID/qaq-p/3253285"
	PageDeactivated = "https://community.atlassian.com/t5/Atlassian-Access-questions/" +
		"Access-amp-Azure-Disable-existing-users/qaq-p/1249887"
	PageSuspended = "https://jira.atlassian.com/browse/ID-7848"
	PageDeletion  = "https://community.atlassian.com/forums/Jira-questions/qaq-p/3115857"
	PageUnmanaged = "https://jira.atlassian.com/browse/ACCESS-648"
	PageUnlink    = "https://support.atlassian.com/atlassian-cloud/kb/" +
		"email-address-change-via-user-provisioning-is-not-reflected-on-atlassian/"
	PageRelink      = "https://jira.atlassian.com/browse/ACCESS-1737"
	PageConflict409 = "https://confluence.atlassian.com/cloudkb/" +
		"409-error-when-attempting-to-update-email-address-via-user-provisioning-1035734019.html"
	PageMatching = "https://confluence.atlassian.com/cloudkb/" +
		"user-provisioning-failing-with-resource-user-invalid-filter-in-azure-ad-1071827946.html"
	PageHow         = "https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works"
	PageKnownIssues = "https://learn.microsoft.com/entra/identity/app-provisioning/known-issues"
	PageQuarantine  = "https://learn.microsoft.com/entra/identity/app-provisioning/" +
		"application-provisioning-quarantine-status"
	PageTutorial = "https://learn.microsoft.com/entra/identity/saas-apps/atlassian-cloud-provisioning-tutorial"
	PageScoping  = "https://learn.microsoft.com/entra/identity/app-provisioning/" +
		"define-conditional-rules-for-provisioning-user-accounts"
	PageMappings  = "https://learn.microsoft.com/entra/identity/app-provisioning/customize-application-attributes"
	PageMembers   = "https://learn.microsoft.com/graph/api/group-list-members"
	PageWriteBack = "https://learn.microsoft.com/entra/identity/multi-tenant-organizations/" +
		"cross-tenant-synchronization-overview"
	PageCrossTenant = "https://learn.microsoft.com/entra/identity/multi-tenant-organizations/" +
		"cross-tenant-synchronization-overview"
	PageDynamic = "https://learn.microsoft.com/entra/identity/users/groups-dynamic-membership"
)
