package decision

import (
	"cmp"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
)

// Note is a consequence that isn't one user's.
type Note struct {
	Text       string
	Source     string
	Confidence Confidence
}

// pageLeaving is Atlassian's page on leaving the nested-groups integration.
const (
	pageLeaving = "https://support.atlassian.com/provisioning-users/docs/" +
		"switch-from-azure-ad-for-nested-groups-to-scim/"
	pageEntering = "https://support.atlassian.com/provisioning-users/docs/" +
		"switch-from-scim-to-azure-ad-for-nested-groups"
)

// SwitchNotes say what changing from one set of settings to another takes with
// it, strongest first.
func SwitchNotes(from, to *Result) []Note {
	if from.Settings.Connector == to.Settings.Connector || !OfAtlassian(from.Settings.Connector) ||
		!OfAtlassian(to.Settings.Connector) { // the notes are of Atlassian's two
		return nil
	}
	notes := []Note{
		{"The two connectors can't be used at the same time in one organization.", reason.PageLimits, Documented},
	}
	if from.Settings.Connector == NestedGroups {
		notes = append(notes, Note{"Leaving the nested-groups sync removes the domains that it verified in the " +
			"organization, and the accounts claimed through them; users and groups keep their " +
			"access.", pageLeaving, Documented})
		for _, d := range from.org.SyncVerified() {
			notes = append(notes, Note{d + " is verified by the nested-groups sync " +
				"(connector_settings.entra_domains): verify it by DNS or HTTPS before leaving.", pageLeaving, Inferred})
		}
		notes = append(notes, Note{"Over SCIM a group that later leaves the assignment is deleted in Atlassian with " +
			"its permissions; assigning it again doesn't restore them.", reason.PageTutorial, Documented})
	} else {
		notes = append(notes, Note{"Existing accounts are matched by primary e-mail address on the first " +
			"sync.", pageEntering, Documented})
	}
	slices.SortStableFunc(notes, func(a, b Note) int { return cmp.Compare(a.Confidence, b.Confidence) })
	return notes
}
