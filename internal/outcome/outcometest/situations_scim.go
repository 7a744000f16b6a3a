package outcometest

import (
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// scimSituations are over the provisioning service.
var scimSituations = []situation{
	{
		name: "guests over SCIM, one without a mail",
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com")
			w.User(directorytest.External("tim@supplier.example", "Guest"), "Staff")
			mailless := directorytest.External("uma@supplier.example", "Guest")
			mailless.Mail = ""
			w.User(mailless, "Staff")
			moved := directorytest.External("val@before.example", "Guest")
			moved.Mail = "val@after.example"
			w.User(moved, "Staff")
		},
		steps: []situationStep{{
			who: map[string][]string{
				"ann": {
					"sync",
				},
				"tim": {"sync", "external"},
				"uma": {"no_usable_address", "work"},
				"val": {"sync", "after.example"},
			},
			groups: map[string]int{"Staff": 3},
		}},
	},
	{
		name:  "a mail moves to an unverified domain over SCIM",
		setUp: func(_ *testing.T, w *directorytest.World) { employees(w, "ann@company.com", "ben@company.com") },
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync"}}, groups: map[string]int{"Staff": 2}},
			{groups: map[string]int{"Staff": 2}, severity: "none"},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Named("ann").Mail = "ann@new.example" },
				who:    map[string][]string{"ann": {"skip: unlinked", "new.example"}, "ben": {"sync"}},
				groups: map[string]int{"Staff": 1}, severity: "review", says: []string{"lost", "ann@company.com"},
			},
		},
	},
	{
		name: "the company's own domain lapses",
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com")
			w.User(directorytest.External("tim@supplier.example", "Guest"), "Staff")
		},
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync", "managed"}, "tim": {"sync", "external"}}},
			{
				change:   func(_ *testing.T, w *directorytest.World) { w.Claims["company.com"] = directory.ClaimUnverified },
				who:      map[string][]string{"ann": {"sync", "external", "unlinks_on_update"}, "tim": {"sync"}},
				severity: "review",
				says:     []string{"no longer managed", "company.com"},
			},
		},
	},
	{
		name: "the new address is another account's",
		setUp: func(_ *testing.T, w *directorytest.World) {
			u := directorytest.Employee("ann@company.com")
			u.Mail = "ann.new@company.com"
			w.User(u, "Staff")
			old := recordOf("ann@company.com", "1", true)
			w.Records = &directory.SCIMDirectory{Users: []directory.SCIMUser{old}}
			w.Accounts = []directory.Account{accountOf("1", "ann@company.com"), accountOf("2", "ann.new@company.com")}
		},
		steps: []situationStep{{
			who:  map[string][]string{"ann": {"sync", "another account holds", "update_refused"}},
			says: []string{"ann.new@company.com", "ann@company.com", "409"},
		}},
	},
	{
		name: "somebody returns beside their old, disabled account",
		setUp: func(_ *testing.T, w *directorytest.World) {
			old := directorytest.Employee("ann.old@company.com")
			old.Mail, old.AccountEnabled = "ann@company.com", directory.False
			w.User(old, "Staff")
			employees(w, "ann@company.com", "ben@company.com")
			r := recordOf("ann@company.com", "1", false)
			r.UserName, r.ExternalID = "ann.old@company.com", "u-000"
			w.Records = &directory.SCIMDirectory{Users: []directory.SCIMUser{r}}
			w.Accounts = []directory.Account{
				accountOf("1", "ann@company.com", func(a *directory.Account) { a.AccountStatus = "inactive" }),
			}
		},
		steps: []situationStep{
			{
				who: map[string][]string{
					"ann.old": {"account_disabled"},
					"ann@":    {"address_taken", "another record"},
					"ben":     {"sync"},
				},
				groups: map[string]int{"Staff": 1},
				says:   []string{"ann.old@company.com"},
			},
		},
	},
	{
		name: "an account is deactivated by hand",
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com", "ben@company.com")
			w.Records = &directory.SCIMDirectory{
				Users: []directory.SCIMUser{
					recordOf("ann@company.com", "1", true),
					recordOf("ben@company.com", "2", true),
				},
			}
			w.Accounts = []directory.Account{
				accountOf(
					"1",
					"ann@company.com",
					func(a *directory.Account) { a.AccountStatus = "inactive" },
				),
				accountOf("2", "ben@company.com"),
			}
		},
		steps: []situationStep{{
			who: map[string][]string{"ann": {"skip: account_deactivated"}, "ben": {"sync: domain_verified " +
				"(company.com, managed)"}}, says: []string{"reactivate"},
		}},
	},
	{
		name: "access to the site is revoked",
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com")
			w.Records = &directory.SCIMDirectory{Users: []directory.SCIMUser{recordOf("ann@company.com", "1", true)}}
			w.Accounts = []directory.Account{
				accountOf("1", "ann@company.com", func(a *directory.Account) { a.Status = "suspended" }),
			}
		},
		steps: []situationStep{
			{
				who: map[string][]string{
					"ann": {"sync", "access_suspended"},
				},
				groups: map[string]int{"Staff": 1},
				says:   []string{"suspended"},
			},
		},
	},
	{
		name: "a group's name is taken",
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com")
			w.User(directorytest.Employee("ben@company.com"), "Other")
			w.Jobs[0].Assigned = []string{"g-other", "g-staff"}
			w.Taken = []directory.AccountGroup{{ID: "t", Name: "Staff"}}
		},
		steps: []situationStep{
			{
				who: map[string][]string{
					"ann": {"sync"},
					"ben": {"sync"},
				},
				groups: map[string]int{"Staff": -1, "Other": 1},
				says:   []string{"Staff: name_taken"},
			},
		},
	},
	{
		name: "the job is in quarantine, though the configuration schedules it",
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com")
			w.Jobs[0].Health = directory.Health{
				State:  directory.ServiceQuarantined,
				Since:  "2026-11-10T00:00:00Z",
				Detail: "EncounteredQuarantineException: Unauthorized",
			}
		},
		ask: func(q *decision.Request) { q.Running = true },
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync"}}, says: []string{"quarantine", "credentials", "2026-11-10"}},
		},
	},
	{
		name:  "the job is paused, and runs again",
		setUp: func(_ *testing.T, w *directorytest.World) { employees(w, "ann@company.com") },
		steps: []situationStep{
			{severity: "review"},
			{
				change:   func(_ *testing.T, w *directorytest.World) { w.Jobs[0].Health.State = directory.ServicePaused },
				says:     []string{"paused"},
				severity: "review",
			},
			{severity: "none", says: []string{"paused"}},
			{
				change:   func(_ *testing.T, w *directorytest.World) { w.Jobs[0].Health.State = directory.ServiceRunning },
				severity: "review",
			},
		},
	},
}
