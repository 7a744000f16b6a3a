package outcometest

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// jobSituations are over the provisioning service, of its job and its groups.
var jobSituations = []situation{
	{
		name: "Create is off",
		setUp: func(t *testing.T, w *directorytest.World) {
			withJob(t, w, strings.Replace(directorytest.Gallery(t), "Add, Update, Delete", "Update, Delete", 1))
			employees(w, "ann@company.com", "ben@company.com")
			w.Accounts = []directory.Account{accountOf("2", "ben@company.com")}
		},
		steps: []situationStep{
			{
				who:  map[string][]string{"ann": {"skip: create_disabled"}, "ben": {"unknown: link_unknown"}},
				says: []string{"Create is off"},
			},
		},
	},
	{
		name: "a group inside an assigned one, over SCIM",
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com")
			w.User(directorytest.Employee("ben@company.com"), "Child")
		},
		steps: []situationStep{
			{
				who:    map[string][]string{"ann": {"sync"}, "ben": {"skip: nested_only"}},
				groups: map[string]int{"Staff": 1, "Child": -1},
			},
		},
	},
	{
		name: "most sync and a few don't",
		setUp: func(_ *testing.T, w *directorytest.World) {
			w.Group("Mail", "")
			w.At("Mail").SecurityEnabled = false
			w.Jobs[0].Assigned = []string{"g-mail", "g-staff"}
			employees(w, "ann@company.com")
			w.User(directorytest.Employee("out@company.com"), "Other")
			w.User(directorytest.Employee("chat@company.com"), "Mail")
			off := directorytest.Employee("off@company.com")
			off.AccountEnabled = directory.False
			w.User(off, "Staff")
			for _, name := range []string{"one", "two"} {
				u := directorytest.Employee(name + "@company.com")
				if u.Mail = "Shared@company.com"; name == "two" {
					u.Mail = "shared@company.com"
				}
				w.User(u, "Staff")
			}
		},
		steps: []situationStep{
			{
				who: map[string][]string{
					"ann": {
						"sync",
					},
					"chat": {"skip: group_not_readable", "Mail"},
					"off":  {"skip: account_disabled"},
					"one":  {"duplicate_address"},
					"two":  {"duplicate_address"},
				},
				says: []string{
					"Mail: not_security_enabled",
					"With the same address: one@company.com",
					"With the same address: two@company.com",
				},
			},
		},
	},
	{
		name: "a group is renamed",
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com")
			w.Records = &directory.SCIMDirectory{
				Users: []directory.SCIMUser{
					recordOf("ann@company.com", "1", true),
				},
				Groups: []directory.SCIMGroup{{ID: "s", DisplayName: "Staff", ExternalID: "g-staff"}},
			}
		},
		steps: []situationStep{
			{groups: map[string]int{"Staff": 1}},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.At("Staff").DisplayName = "Everybody" },
				groups: map[string]int{"Staff": 1, "Everybody": -1}, says: []string{"rename_unsupported"},
			},
		},
	},
	{
		name: "matched by e-mail",
		setUp: func(t *testing.T, w *directorytest.World) {
			withJob(t, w, directorytest.Mapping(t, "", "userName", "[userPrincipalName]", "!"+workMail, "[mail]"))
			employees(w, "ann@company.com")
			w.User(directorytest.External("tim@supplier.example", "Guest"), "Staff")
		},
		steps: []situationStep{
			{
				who: map[string][]string{
					"ann": {"matching_unsupported"},
					"tim": {"matching_unsupported"},
				},
				groups: map[string]int{"Staff": 0},
				says:   []string{"Match users by userName"},
			},
		},
	},
	{
		name: "an input filter",
		setUp: func(t *testing.T, w *directorytest.World) {
			filter := `{"inputFilterGroups":[{"name":"f","clauses":[{"sourceOperandName":"userType","operatorName":"EQUALS","targetOperand":{"values":["Member"]}}]}]}`
			withJob(
				t,
				w,
				directorytest.Mapping(
					t,
					filter,
					"!userName",
					"[userPrincipalName]",
					workMail,
					"[mail]",
					"active",
					"Not([IsSoftDeleted])",
				),
			)
			employees(w, "ann@company.com")
			w.User(directorytest.External("tim@supplier.example", "Guest"), "Staff")
			w.User(directorytest.External("uma@supplier.example", ""), "Staff")
		},
		steps: []situationStep{
			{
				who: map[string][]string{
					"ann": {"sync"},
					"tim": {"skip: scoping_filter"},
					"uma": {"skip: scoping_filter"},
				},
				groups: map[string]int{"Staff": 1},
			},
		},
	},
	{
		name: "two groups of one name",
		setUp: func(_ *testing.T, w *directorytest.World) {
			w.Group("Second", "")
			w.At("Second").DisplayName = "Staff"
			w.Jobs[0].Assigned = []string{"g-second", "g-staff"}
			employees(w, "ann@company.com")
		},
		steps: []situationStep{{who: map[string][]string{"ann": {"sync"}}, says: []string{"same_name"}}},
	},
	{
		name: "a setting holds a group back",
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com")
			w.User(directorytest.Employee("ben@company.com"), "Other")
			w.Jobs[0].Assigned = []string{"g-other", "g-staff"}
		},
		steps: []situationStep{
			{groups: map[string]int{"Staff": 1, "Other": 1}},
			{
				ask: func(q *decision.Request) { q.ConnectorSettings.DefaultAccessGroups = []string{"Other"} },
				groups: map[string]int{
					"Staff": 1,
					"Other": -1,
				},
				severity: "review",
				says:     []string{"Other: default_access_group"},
			},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.Taken = []directory.AccountGroup{{ID: "t", Name: "Staff"}}
				},
				groups: map[string]int{"Staff": -1, "Other": -1}, severity: "review",
			},
		},
	},
	{
		name:  "a leaver is no alarm",
		setUp: func(_ *testing.T, w *directorytest.World) { employees(w, "ann@company.com", "ben@company.com") },
		steps: []situationStep{
			{},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Named("ben").AccountEnabled = directory.False },
				who: map[string][]string{
					"ben": {"skip: account_disabled"},
				},
				severity: "auto",
				says:     []string{"left", "ben@company.com"},
			},
		},
	},
	{
		name: "accepted twice before any cycle",
		setUp: func(t *testing.T, w *directorytest.World) {
			w.Jobs = directorytest.SCIM(
				t,
				directorytest.Mapping(t, "", "!userName", "[userPrincipalName]", workMail, "[mail]",
					"title", "[userType]", "active", "Not([IsSoftDeleted])"),
			).Jobs
			w.User(directorytest.External("tim@supplier.example", "Guest"), "Staff")
		},
		steps: []situationStep{
			{who: map[string][]string{"tim": {"sync: external_scim"}}},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Users[0].UserType = "Member" },
				who:    map[string][]string{"tim": {"skip: unlinked"}}, severity: "review",
			},
			{
				// Nothing of the record shows which of both was sent.
				change: func(_ *testing.T, w *directorytest.World) {
					w.Records = &directory.SCIMDirectory{
						Users: []directory.SCIMUser{recordOf("tim@supplier.example", "a", true)},
					}
				},
				who: map[string][]string{"tim": {"unknown: update_expected"}},
			},
			{who: map[string][]string{"tim": {"unknown: update_expected"}}, severity: "none"},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Records = nil },
				who:    map[string][]string{"tim": {"unknown: update_expected"}},
			},
			{
				ask: func(q *decision.Request) {
					q.ConnectorSettings.Relinked = []string{"tim_supplier.example#EXT#@company.onmicrosoft.com"}
				},
				who: map[string][]string{"tim": {"sync: external_scim"}},
			},
		},
	},
}
