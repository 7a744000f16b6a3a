package decision

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/scimapp"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
)

// What becomes of somebody whose Entra account is deleted for good is said by the profile,
// and of who deletes nobody it isn't said.
func TestEffectOfLoss_Deleted(t *testing.T) {
	for application, want := range map[string]string{
		"aws_iam_identity_center":        "deletes the user",
		"generic":                        "sends a DELETE",
		"slack":                          "",
		"github_enterprise_managed_user": "",
	} {
		p, err := scimapp.Get(application)
		if err != nil {
			t.Fatal(err)
		}
		a := appTarget{Target: scimapp.New(nil, p, History{}), name: p.Title}
		does := sent.Capabilities{Creates: true, Updates: true, Deletes: true, Disables: true}
		got, _ := a.effectOfLoss(NoAccount, reason.NotInScope, true, does)
		if told := strings.Contains(got, "deleted for good"); told != (want != "") || !strings.Contains(got, want) {
			t.Errorf("%s: %s", application, got)
		}
		does.Deletes = false
		if got, _ = a.effectOfLoss(NoAccount, reason.NotInScope, true, does); strings.Contains(got, "for good") {
			t.Errorf("%s without deletes: %s", application, got)
		}
	}
}
