package reason

// Warnings is a set of warnings beside a decision.
type Warnings uint32

// The warnings.
const (
	MailUPNDomainDiffer Warnings = 1 << iota
	VerificationExpiring
	UnlinksOnUpdate
	RevertedBySource
	DynamicGroup
	AccessSuspended
	UpForDeletion
	RestartNeeded
	SpecialCharactersInMatch
	UpdatePending
	UpdateRefused
	UpdatesOff
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
	{
		MailUPNDomainDiffer, "mail_upn_domain_differ",
		"Mail and principal name lie in different domains of which one is verified, and the sync's user identifier " +
			"isn't known: say it (connector_settings.user_identifier).",
		Inferred, PageSync,
	},
	{
		VerificationExpiring, "verification_expiring",
		"The organization no longer finds the proof of the domain (claim status missing_token): within 14 days the " +
			"verification lapses, and who syncs because of it no longer does.",
		Inferred, PageVerify,
	},
	{
		UnlinksOnUpdate, "unlinks_on_update",
		"An update of an account that the organization doesn't manage unlinks it and takes it out of the synced " +
			"groups.", Documented, PageUnlink,
	},
	{
		RevertedBySource, "reverted_by_source",
		"The source tenant's cross-tenant synchronization writes userType always, so a change here lasts until the " +
			"source user changes next.", Documented, PageWriteBack,
	},
	{
		DynamicGroup, "dynamic_group",
		"The user is in scope through a dynamic group whose rule reads userType, so changing the type may change the " +
			"membership.", Documented, PageDynamic,
	},
	{
		AccessSuspended, "access_suspended",
		"Access to the site or the organization is suspended in Atlassian. Nothing in Entra gives it back; an " +
			"administrator restores it at admin.atlassian.com.",
		Documented, PageSuspended,
	},
	{
		UpForDeletion, "up_for_deletion",
		"The Atlassian account is up for deletion: for 14 days it can be restored, and its address stays " +
			"taken.", Reported, PageDeletion,
	},
	{
		RestartNeeded, "restart_needed",
		"The user came back into scope as a member of a group. The service may not notice that until provisioning is " +
			"restarted (usersync_provisioning_schedule's restart_triggers, or the action that restarts a job).",
		Documented, PageKnownIssues,
	},
	{
		SpecialCharactersInMatch, "special_characters_in_match",
		"The value that users are matched by has special characters. With some of them the service's look-up fails; " +
			"which ones isn't documented.", Documented, PageKnownIssues,
	},
	{
		UpdatePending, "update_pending",
		"The record at the target has other values than would be sent. Entra sends what changes at the source, so " +
			"this may stay until the user changes or provisioning is restarted.",
		Documented, PageKnownIssues,
	},
	{
		UpdateRefused, "update_refused",
		"Another Atlassian account, or another SCIM record, holds the new address, so the update is refused (409) at " +
			"every cycle and the user stays under the old address. Free the address there.",
		Documented, PageConflict409,
	},
	{
		UpdatesOff, "updates_off",
		"Update is off among the target object actions of the job's mapping of users: changes aren't sent, and who " +
			"is disabled or leaves stays active.", Documented, PageHow,
	},
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
