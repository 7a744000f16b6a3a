package tenant

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

const ruleUser = `{"id":"u","userPrincipalName":"u@company.com","userType":"Guest","department":"Sales","mail":"u@partner.com","accountEnabled":true,
 "otherMails":["a@b.c"],"officeLocation":"Berlin","onPremisesExtensionAttributes":{"extensionAttribute3":"blue"}}`

func TestMembershipRules(t *testing.T) {
	ent := NewUserEntity()
	list, err := rawjson.Fields([]byte(ruleUser))
	if err != nil {
		t.Fatal(err)
	}
	o, err := Describe(ent, list)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		`user.userType -eq "Guest"`:                                       true,
		`user.userType -eq "guest"`:                                       true,
		`user.userType -ne "Guest"`:                                       false,
		`user.userType -eq "Member"`:                                      false,
		`(user.userType -eq "Member") and (user.accountEnabled -eq true)`: false,
		`(user.userType -eq "Guest") -and (user.accountEnabled -eq true)`: true,
		`user.userType -eq "Member" -or user.department -eq "Sales" -and user.accountEnabled -eq false`:  false,
		`(user.userType -eq "Member" -or user.department -eq "Sales") -and user.accountEnabled -eq true`: true,
		`-not (user.department -startsWith "Sal")`:                                                       false,
		`not(user.department -contains "x")`:                                                             true,
		`user.mail -contains "@partner"`:                                                                 true,
		`user.mail -notContains "@partner"`:                                                              false,
		`user.mail -endsWith ".com"`:                                                                     true,
		`user.mail -match "^u@.*\.com$"`:                                                                 true,
		`user.mail -notMatch "^x"`:                                                                       true,
		`user.department -in ["Legal", "Sales"]`:                                                         true,
		`user.department -notIn ["Legal","Sales"]`:                                                       false,
		`user.jobTitle -eq null`:                                                                         true,
		`user.jobTitle -ne null`:                                                                         false,
		`user.department -ne $null`:                                                                      true,
		`user.jobTitle -ne "Lead"`:                                                                       true,
		`user.jobTitle -contains "a"`:                                                                    false,
		`user.accountEnabled -eq false`:                                                                  false,
		`user.physicalDeliveryOfficeName -eq "Berlin"`:                                                   true,
		`user.extensionAttribute3 -eq "blue"`:                                                            true,
		`user.extensionAttribute4 -eq "blue"`:                                                            false,
	} {
		r, err := parseRule(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		assert.Equal(t, text, r.holds(o), want)
	}
	for _, text := range []string{
		``, `user.userType`, `user.userType -eq`, `user.userType -is "Guest"`, `device.x -eq "a"`,
		`(user.userType -eq "Guest"`, `user.userType -eq "Guest")`,
		`user.userType -eq Guest`, `user.assignedPlans -any (assignedPlan.service -eq "SCO")`, `user.department -in ["a"`,
		`user.mail -match "("`,
		`user.userType -eq "Guest" user.department`, `Direct Reports for "x"`, strings.Repeat("(", 100), `user.a -eq "b`,
	} {
		if _, err := parseRule(text); err == nil {
			t.Errorf("%q is understood", text)
		}
	}
}
