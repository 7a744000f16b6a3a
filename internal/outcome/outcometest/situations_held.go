package outcometest

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// heldSituations are over the provisioning service, of what the target holds already:
// addresses, names and links.
var heldSituations = []situation{
	{
		name: "a mail moves to an address of another record",
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com", "ben@company.com")
			w.Named("ann").Mail = "a.lee@company.com"
			ann := recordOf("a.lee@company.com", "1", true)
			ann.UserName = "ann@company.com"
			w.Records = &directory.SCIMDirectory{
				Users: []directory.SCIMUser{ann, recordOf("ben@company.com", "2", true)},
			}
		},
		steps: []situationStep{
			{},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Named("ben").Mail = "a.lee@company.com" },
				who: map[string][]string{
					"ann": {"sync: domain_verified"},
					"ben": {"sync: domain_verified", "another record holds the new address", "update_refused"},
				},
				groups: map[string]int{"Staff": 2},
			},
			{severity: "none"},
		},
	},
	{
		name: "a mail moves to an unverified domain, where another account holds it",
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com")
			w.Records = &directory.SCIMDirectory{Users: []directory.SCIMUser{recordOf("ann@company.com", "1", true)}}
			w.Accounts = []directory.Account{accountOf("1", "ann@company.com")}
		},
		steps: []situationStep{
			{},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.Named("ann").Mail = "ann@new.example"
					w.Accounts = append(w.Accounts, accountOf("2", "ann@new.example"))
				},
				// The update fails, so the account stays as it is, and managed.
				who:    map[string][]string{"ann": {"sync: domain_verified", "company.com, managed", "update_refused"}},
				groups: map[string]int{"Staff": 1},
			},
			{severity: "none"},
			{
				// Freed, the update comes, and breaks the link.
				change: func(_ *testing.T, w *directorytest.World) { w.Accounts = w.Accounts[:1] },
				who:    map[string][]string{"ann": {"skip: unlinked"}}, severity: "review",
			},
		},
	},
	{
		name: "the mail is cleared of the only one on a domain",
		setUp: func(t *testing.T, w *directorytest.World) {
			w.User(directorytest.External("tim@supplier.example", "Guest"), "Staff")
		},
		steps: []situationStep{
			{who: map[string][]string{"tim": {"sync: external_scim (supplier.example"}}},
			{
				// Null isn't exported: whether anything else is sent isn't known.
				change: func(_ *testing.T, w *directorytest.World) { w.Named("tim").Mail = "" },
				who:    map[string][]string{"tim": {"unknown: update_expected (supplier.example"}},
			},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.Records = &directory.SCIMDirectory{
						Users: []directory.SCIMUser{recordOf("tim@supplier.example", "1", true)},
					}
				},
				who: map[string][]string{"tim": {"supplier.example"}},
			},
		},
	},
	{
		name: "an address that isn't sent since Update is off",
		setUp: func(t *testing.T, w *directorytest.World) {
			withJob(t, w, strings.Replace(directorytest.Gallery(t), "Add, Update, Delete", "Add, Delete", 1))
			employees(w, "ann@company.com")
			w.Named("ann").Mail = "ann@partner.example"
		},
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: external_scim (partner.example"}}},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Named("ann").Mail = "ann@company.com" },
				who:    map[string][]string{"ann": {"sync: external_scim (partner.example"}}, severity: "none",
			},
		},
	},
	{
		name: "a group takes the name that another one keeps",
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com")
			w.User(directorytest.Employee("ben@company.com"), "Other")
		},
		steps: []situationStep{
			{groups: map[string]int{"Staff": 1}},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.At("Staff").DisplayName = "Former"
					w.At("Other").DisplayName = "Staff"
					w.Jobs[0].Assigned = []string{"g-other", "g-staff"}
				},
				who:    map[string][]string{"ben": {"sync"}},
				groups: map[string]int{"Staff": 1},
				says:   []string{"Former: rename_unsupported", "Staff: same_name"},
			},
			{severity: "none"},
			{
				// Its own name in Entra doesn't matter: the one it keeps does.
				change: func(_ *testing.T, w *directorytest.World) {
					w.At("Staff").DisplayName = "Third"
					w.Group("Fourth", "")
					w.At("Fourth").DisplayName = "Former"
					w.Jobs[0].Assigned = []string{"g-fourth", "g-other", "g-staff"}
				},
				groups: map[string]int{"Staff": 1, "Former": 0, "Third": 1},
			},
		},
	},
	{
		name: "linked again, and unlinked once more",
		setUp: func(_ *testing.T, w *directorytest.World) {
			w.User(directorytest.External("tim@supplier.example", "Guest"), "Staff")
		},
		steps: []situationStep{
			{},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Named("tim").Mail = "tim@second.example" },
				who:    map[string][]string{"tim": {"skip: unlinked"}},
			},
			{
				ask: func(q *decision.Request) {
					q.ConnectorSettings.Relinked = []string{"tim_supplier.example#EXT#@company.onmicrosoft.com"}
				},
				who: map[string][]string{"tim": {"sync: external_scim"}},
			},
			{severity: "none"},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Named("tim").Mail = "tim@third.example" },
				who:    map[string][]string{"tim": {"skip: unlinked"}}, severity: "review",
			},
			// The entry was meant for the first time.
			{who: map[string][]string{"tim": {"skip: unlinked"}}, severity: "none"},
			{
				ask: func(q *decision.Request) { q.ConnectorSettings.Relinked = nil },
				who: map[string][]string{"tim": {"skip: unlinked"}},
			},
			{
				ask: func(q *decision.Request) {
					q.ConnectorSettings.Relinked = []string{"tim_supplier.example#EXT#@company.onmicrosoft.com"}
				},
				who: map[string][]string{"tim": {"sync: external_scim"}}, severity: "review",
			},
		},
	},
	{
		name: "linked again while the job is paused",
		setUp: func(_ *testing.T, w *directorytest.World) {
			w.User(directorytest.External("tim@supplier.example", "Guest"), "Staff")
		},
		steps: []situationStep{
			{},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Named("tim").Mail = "tim@second.example" },
				who:    map[string][]string{"tim": {"skip: unlinked"}},
			},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Jobs[0].Health.State = directory.ServicePaused },
				ask: func(q *decision.Request) {
					q.ConnectorSettings.Relinked = []string{"tim_supplier.example#EXT#@company.onmicrosoft.com"}
				},
				who: map[string][]string{"tim": {"sync: external_scim"}},
			},
			{who: map[string][]string{"tim": {"sync: external_scim"}}, severity: "none"},
		},
	},
	{
		name: "a record that is read as gone isn't expected any more",
		setUp: func(t *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com")
		},
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync"}}},
			{
				change: func(t *testing.T, w *directorytest.World) {
					withJob(t, w, strings.Replace(directorytest.Gallery(t), "Add, Update, Delete", "Update, Delete", 1))
					w.Records = &directory.SCIMDirectory{}
				},
				who: map[string][]string{"ann": {"skip: create_disabled"}}, severity: "review",
			},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Records = nil },
				who:    map[string][]string{"ann": {"unknown: link_unknown"}},
			},
		},
	},
	{
		name:  "somebody returns, and nothing of the target is read",
		setUp: func(_ *testing.T, w *directorytest.World) { employees(w, "ann@company.com", "ben@company.com") },
		steps: []situationStep{
			{},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.Named("ann").AccountEnabled = directory.False
					w.Named("ann").UserPrincipalName = "left.ann@company.com"
					u := directorytest.Employee("ann@company.com")
					u.UserPrincipalName = "new.ann@company.com"
					w.User(u, "Staff")
				},
				who: map[string][]string{
					"left.ann": {"skip: account_disabled"},
					"new.ann":  {"skip: address_taken (another record is expected to hold the address", "inferred"},
				},
				severity: "review",
				says:     []string{"With the same address: left.ann@company.com", "See whose it is"},
			},
			{severity: "none"},
			{
				// Once the old one is gone for good, nothing of it is known.
				change: func(_ *testing.T, w *directorytest.World) {
					w.Leave("Staff", "u-000")
					w.Users = w.Users[1:]
				},
				who: map[string][]string{"new.ann": {"sync: domain_verified"}},
			},
		},
	},
	{
		name: "somebody comes with the address of somebody who syncs",
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com", "ben@company.com", "cleo@company.com")
			w.Named("ann").Mail = "a.lee@company.com"
		},
		steps: []situationStep{
			{},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					u := directorytest.Employee("dan@company.com")
					u.Mail = "a.lee@company.com"
					w.User(u, "Staff")
					w.Named("ben").Mail = "A.Lee@company.com"
				},
				who: map[string][]string{
					"ann": {"sync: domain_verified (company.com, managed, inferred)"},
					"ben": {
						"sync: domain_verified",
						"another record is expected to hold the new address",
						"update_refused",
					},
					"dan": {"skip: address_taken"},
				},
				groups: map[string]int{"Staff": 3},
			},
			{severity: "none"},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Named("ann").Mail = "ann@company.com" },
				who: map[string][]string{
					"ann": {"sync"},
					"ben": {"duplicate_address"},
					"dan": {"duplicate_address"},
				},
			},
		},
	},
	{
		name: "a filter on input, and then a match by e-mail, leave alone who is there",
		setUp: func(t *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com")
			w.User(directorytest.External("tim@supplier.example", "Guest"), "Staff")
		},
		steps: []situationStep{
			{},
			{
				change: func(t *testing.T, w *directorytest.World) {
					filter := `{"inputFilterGroups":[{"name":"f","clauses":[{"sourceOperandName":"userType",` +
						`"operatorName":"EQUALS","targetOperand":{"values":["Guest"]}}]}]}`
					withJob(
						t,
						w,
						directorytest.Mapping(t, filter, "!userName", "[userPrincipalName]", workMail, "[mail]",
							"active", "Not([IsSoftDeleted])"),
					)
				},
				who:      map[string][]string{"ann": {"skip: scoping_filter (input filter"}},
				severity: "review",
				says:     []string{"has the job leave the user alone, so the account stays as it is (documented)"},
			},
			{
				change: func(t *testing.T, w *directorytest.World) {
					withJob(
						t,
						w,
						directorytest.Mapping(t, "", "userName", "[userPrincipalName]", "!"+workMail, "[mail]",
							"active", "Not([IsSoftDeleted])"),
					)
				},
				who:  map[string][]string{"tim": {"skip: matching_unsupported"}},
				says: []string{"what is there stays as it is until that is mended (inferred)"},
			},
		},
	},
	{
		name:  "somebody is taken out of the group, and somebody is disabled",
		setUp: func(_ *testing.T, w *directorytest.World) { employees(w, "ann@company.com", "ben@company.com") },
		steps: []situationStep{
			{},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.Leave("Staff", "u-000")
					w.Named("ben").AccountEnabled = directory.False
				},
				says: []string{
					"unless the job has SkipOutOfScopeDeletions set; after that nothing more is sent",
					"when the Entra account is deleted for good, it is deleted from the directory",
				},
				severity: "review",
			},
		},
	},
	{
		name: "access is suspended while somebody syncs, and given back",
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com", "ben@company.com")
			w.Accounts = []directory.Account{accountOf("1", "ann@company.com"), accountOf("2", "ben@company.com")}
		},
		steps: []situationStep{
			{},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Accounts[0].Status = "suspended" },
				who:    map[string][]string{"ann": {"sync", "access_suspended"}}, severity: "review",
				says: []string{"other reason: 1"},
			},
			{severity: "none"},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Accounts[0].Status = "active" },
				who:    map[string][]string{"ann": {"sync"}}, severity: "review",
			},
			{
				change:   func(_ *testing.T, w *directorytest.World) { w.Accounts[1].Status = "for_deletion" },
				severity: "review",
			},
		},
	},
	{
		name: "several users have one userName",
		setUp: func(t *testing.T, w *directorytest.World) {
			withJob(t, w, directorytest.Mapping(t, "", "!userName", "[userType]", workMail, "[mail]",
				"active", "Not([IsSoftDeleted])"))
			employees(w, "ann@company.com")
		},
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync"}}},
			{
				change: func(_ *testing.T, w *directorytest.World) { employees(w, "ben@company.com") },
				who: map[string][]string{
					"ann": {"sync: domain_verified"}, "ben": {"skip: duplicate_address (2 users"},
				},
				groups: map[string]int{"Staff": 1},
				says: []string{
					"one userName is one record", "With the same userName: ann@company.com", "userName shared",
				},
			},
			{severity: "none"},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.Records = &directory.SCIMDirectory{}
					w.User(directorytest.Employee("cleo@company.com"), "Staff")
				},
				who: map[string][]string{"cleo": {"skip: duplicate_address (3 users"}},
			},
		},
	},
	{
		name: "the connector is switched",
		over: decision.NestedGroups,
		setUp: func(t *testing.T, w *directorytest.World) {
			w.Jobs = directorytest.SCIM(t, strings.Replace(directorytest.Gallery(t), "Add, ", "", 1)).Jobs
			employees(w, "ann@company.com")
		},
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync"}}},
			{
				// Nothing that nested groups brought is a SCIM record, or a SCIM group's name.
				change: func(_ *testing.T, w *directorytest.World) { w.At("Staff").DisplayName = "Everybody" },
				ask:    func(q *decision.Request) { *q = overSCIM() },
				who:    map[string][]string{"ann": {"unknown: link_unknown"}},
				groups: map[string]int{"Everybody": 0}, severity: "review",
				says: []string{"assumed from now on (settings, what_if): other settings"},
			},
		},
	},
	{
		name: "a start that was assumed didn't come",
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com")
			w.Jobs[0].Health.State = directory.ServiceNotStarted
		},
		ask: func(q *decision.Request) { q.Running = true },
		steps: []situationStep{
			{},
			{
				ask:      func(q *decision.Request) { q.Running = false },
				severity: "review",
				says:     []string{"has never been started", "nothing, the what_if is gone"},
			},
		},
	},
	{
		name: "the sync of nested groups is manual",
		over: decision.NestedGroups,
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com")
		},
		ask:   func(q *decision.Request) { q.ConnectorSettings.Sync = decision.SyncManual },
		steps: []situationStep{{says: []string{"it is set to manual, so until somebody syncs nothing changes"}}},
	},
}
