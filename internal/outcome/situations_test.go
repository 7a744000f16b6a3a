package outcome

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// situation is something that somebody had, from a public report or a page, as a
// small tenant: steps that are planned one after the other, each accepted.
type situation struct {
	name string
	// over is the connector; SCIM where it is "".
	over  string
	setUp func(t *testing.T, w *directorytest.World)
	ask   func(q *decision.Request)
	steps []situationStep
}

type situationStep struct {
	change func(t *testing.T, w *directorytest.World)
	// ask changes what is asked from this step on.
	ask func(q *decision.Request)
	// who is decided how: by the principal name's beginning, parts of the decision.
	who map[string][]string
	// groups are the target's, with their members; -1 isn't there.
	groups map[string]int
	// says are parts of all that people read of the plan.
	says []string
	// severity is the plan's, "" where it doesn't matter.
	severity string
}

// Accounts and records of the target.
func accountOf(id, email string, set ...func(*directory.Account)) directory.Account {
	a := directory.Account{
		AccountID:        id,
		Email:            email,
		ClaimStatus:      "managed",
		AccountStatus:    "active",
		MembershipStatus: "active",
		Status:           "active",
	}
	for _, f := range set {
		f(&a)
	}
	return a
}

func recordOf(address, account string, active bool) directory.SCIMUser {
	return directory.SCIMUser{
		ID:        "r-" + address,
		UserName:  address,
		Emails:    []string{address},
		Active:    active,
		AccountID: account,
	}
}

func employees(w *directorytest.World, addresses ...string) {
	for _, a := range addresses {
		w.User(directorytest.Employee(a), "Staff")
	}
}

func withJob(t *testing.T, w *directorytest.World, mapping string) {
	w.Jobs = directorytest.SCIM(t, mapping).Jobs
}

const workMail = `emails[type eq "work"].value`

var situations = []situation{
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
		name: "the same over nested groups", over: decision.NestedGroups,
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com")
			w.User(directorytest.External("tim@supplier.example", "Guest"), "Child")
		},
		steps: []situationStep{
			{
				who:    map[string][]string{"ann": {"sync"}, "tim": {"sync: guest"}},
				groups: map[string]int{"Staff": 2, "Child": 1},
			},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Named("ann").Mail = "ann@new.example" },
				who: map[string][]string{
					"ann": {"skip: domain_not_verified", "new.example"},
					"tim": {"sync: guest"},
				},
				groups: map[string]int{
					"Staff": 1,
					"Child": 1,
				},
				severity: "review",
				says:     []string{"lost", "ann@company.com"},
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
		name: "a default access group over nested groups", over: decision.NestedGroups,
		setUp: func(_ *testing.T, w *directorytest.World) { employees(w, "ann@company.com") },
		ask:   func(q *decision.Request) { q.ConnectorSettings.DefaultAccessGroups = []string{"Staff"} },
		steps: []situationStep{{
			who: map[string][]string{"ann": {"unknown: group_name_conflict"}}, groups: map[string]int{"Staff": -1},
			says: []string{"Staff: default_access_group", "Take the default access away"},
		}},
	},
	{
		name: "internal accounts that were converted",
		over: decision.NestedGroups,
		setUp: func(_ *testing.T, w *directorytest.World) {
			member := directorytest.Employee("ola@company.com")
			member.Mail, member.FederatedElsewhere = "ola@partner.example", true
			guest := directorytest.Employee("sia@company.com")
			guest.Mail, guest.FederatedElsewhere, guest.UserType = "sia@partner.example", true, "Guest"
			w.User(member, "Staff")
			w.User(guest, "Staff")
		},
		steps: []situationStep{
			{who: map[string][]string{"ola": {"skip: external_member", "partner.example"}, "sia": {"sync: guest"}}},
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
		name: "a new cross-tenant colleague is missed", over: decision.NestedGroups,
		setUp: func(_ *testing.T, w *directorytest.World) { employees(w, "ann@company.com") },
		steps: []situationStep{
			{groups: map[string]int{"Staff": 1}},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.User(directorytest.External("lena@fabrikam.com", "Member"), "Staff")
				},
				who: map[string][]string{
					"lena": {"skip: external_member"},
				},
				groups:   map[string]int{"Staff": 1},
				severity: "review",
				says:     []string{"missed", "lena_fabrikam.com"},
			},
		},
	},
	{
		name: "a wave moves away", over: decision.NestedGroups,
		setUp: func(_ *testing.T, w *directorytest.World) {
			for i := range 14 {
				w.User(directorytest.Employee(fmt.Sprintf("u%02d@company.com", i)), "Staff", "Child")
			}
		},
		steps: []situationStep{
			{groups: map[string]int{"Staff": 14}},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					for i := range 12 {
						w.Users[i].Mail = fmt.Sprintf("u%02d@new.example", i)
					}
				},
				groups: map[string]int{"Staff": 2}, severity: "review", says: []string{"lost: 12", "and 2 more"},
			},
			{
				change:   func(_ *testing.T, w *directorytest.World) { w.Claims["new.example"] = directory.ClaimVerified },
				groups:   map[string]int{"Staff": 14},
				severity: "review",
			},
		},
	},
	{
		name: "names, addresses and groups change", over: decision.NestedGroups,
		setUp: func(_ *testing.T, w *directorytest.World) {
			w.Claims["second.example"] = directory.ClaimVerified
			employees(w, "ann@company.com", "ben@company.com", "cleo@company.com", "dan@company.com")
			w.User(directorytest.Employee("eve@company.com"), "Child")
		},
		steps: []situationStep{
			{},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.Named("ann").Mail = "ann.new@company.com"
					w.Named("ben").UserPrincipalName = "benjamin@company.com"
					w.Named("cleo").Mail = "cleo@second.example"
					w.Join("Child", "u-003")
					w.Leave("Child", "u-004")
					w.Join("Staff", "u-004")
				},
				severity: "review", says: []string{"renamed", "readdressed", "Child"},
			},
			{
				change:   func(_ *testing.T, w *directorytest.World) { w.At("Child").DisplayName = "Renamed child" },
				severity: "review",
			},
			{change: func(_ *testing.T, w *directorytest.World) { w.RemoveGroup("Renamed child") }, severity: "review"},
		},
	},
	{
		name: "newcomers from everywhere", over: decision.NestedGroups,
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com")
			w.User(directorytest.External("mia@fabrikam.com", "Member"), "Staff")
			w.User(directorytest.Employee("zed@company.com"), "Other")
		},
		steps: []situationStep{
			{},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					employees(w, "new@company.com", "out@legacy.example")
					w.User(directorytest.External("gus@fabrikam.com", "Guest"), "Staff")
					w.Join("Staff", "u-002")
				},
				severity: "review", says: []string{"joined", "missed"},
			},
			{
				ask:      func(q *decision.Request) { q.UserTypes = map[string]string{"mia@fabrikam.com": "Guest"} },
				severity: "review", says: []string{"this plan", "mia"},
			},
			{ask: func(q *decision.Request) { q.UserTypes = nil }, severity: "review", says: []string{"lost"}},
		},
	},
	{
		name:  "members that can't be read, and can again",
		over:  decision.NestedGroups,
		setUp: func(_ *testing.T, w *directorytest.World) { w.User(directorytest.Employee("ann@company.com"), "Child") },
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync"}}},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.At("Child").HiddenMembership = true
					w.Leave("Child", "u-000")
				},
				severity: "review",
			},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.At("Child").HiddenMembership = false
					w.Join("Child", "u-000")
				},
				who: map[string][]string{"ann": {"sync"}},
			},
		},
	},
	{
		name: "unknown, and known again", over: decision.NestedGroups,
		setUp: func(_ *testing.T, w *directorytest.World) {
			w.User(directorytest.External("gus@fabrikam.com", "Guest"), "Staff")
			w.User(directorytest.External("ida@fabrikam.com", "Member"), "Staff")
		},
		steps: []situationStep{
			{who: map[string][]string{"gus": {"sync"}, "ida": {"skip"}}},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Users[0].Mail, w.Users[1].Mail = "", "" },
				who: map[string][]string{
					"gus": {"unknown"},
					"ida": {"unknown"},
				},
				severity: "review",
				says:     []string{"uncertain"},
			},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.Users[0].Mail, w.Users[1].Mail = "gus@fabrikam.com", "ida@fabrikam.com"
				},
				who: map[string][]string{"gus": {"sync"}}, says: []string{"known again"},
			},
		},
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
		name: "an account is found to be another's", over: decision.NestedGroups,
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com", "ben@company.com")
			w.Accounts = []directory.Account{accountOf("1", "ann@company.com"), accountOf("2", "ben@company.com")}
		},
		steps: []situationStep{
			{who: map[string][]string{"ann": {"managed"}}},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.Accounts[0].ClaimStatus = "unmanaged"
					w.Accounts[1].Status = "suspended"
				},
				who: map[string][]string{"ann": {"external"}, "ben": {"access_suspended"}}, severity: "review",
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
}

// TestSituations plans each, step by step.
func TestSituations(t *testing.T) {
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			w, q := directorytest.SCIM(t, ""), overSCIM()
			if s.over == decision.NestedGroups {
				w, q = directorytest.New(), request()
			}
			if s.setUp != nil {
				s.setUp(t, w)
			}
			if s.ask != nil {
				s.ask(&q)
			}
			var a *Outcome
			var told strings.Builder
			for i, step := range s.steps {
				if step.change != nil {
					step.change(t, w)
				}
				if step.ask != nil {
					step.ask(&q)
				}
				r := plan(t, w, q, a)
				step.check(t, i, r)
				fmt.Fprintf(&told, "=== step %d\n%s", i, r.whole(t, a))
				a = r.outcome
			}
			file := filepath.Join(
				"testdata",
				"situations",
				strings.NewReplacer(" ", "-", ",", "", "'", "").Replace(s.name)+".txt",
			)
			if *update {
				if err := os.WriteFile(file, []byte(told.String()), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(told.String(), "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// whole is all that a plan says and keeps, by names and by ids, with guardrails that
// most changes violate.
func (r run) whole(t *testing.T, a *Outcome) string {
	t.Helper()
	var b strings.Builder
	must := func(text string, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	zero := int64(0)
	guardrails := Guardrails{
		MaxLost:       &zero,
		MaxLeft:       &zero,
		MaxGained:     &zero,
		MaxGroupsLost: &zero,
		MustSync:      []string{r.outcome.Rows[0].Name, "nobody@company.com"},
	}
	guardrails.ExpectSkipped = []string{"nobody@else.example", r.outcome.Rows[len(r.outcome.Rows)-1].Name}
	for i := range r.outcome.Rows[1:] {
		if name := r.outcome.Rows[1+i].Name; len(r.result.Lookup.Users(name)) == 1 {
			guardrails.MustNotSync = append(guardrails.MustNotSync, name)
		}
	}
	meanings, err := guardrails.Meanings(r.result.Lookup, r.result.Directory, a.Kept())
	if err != nil {
		t.Fatal(err)
	}
	violations := guardrails.Check(Check{Changes: r.changes, Drifted: r.drifted, Meanings: meanings})
	for _, v := range guardrails.Check(Check{Changes: r.changes, Drifted: r.drifted, Meanings: meanings, IDs: true}) {
		fmt.Fprintf(&b, "by ids: %v\n", v.Names())
	}
	fmt.Fprintf(&b, "expected skipped: %v\n", ExpectedSkipped(meanings))
	for _, ids := range []bool{false, true} {
		text := PlanText{Connector: r.result.Settings.Connector, IDs: ids, Watch: []string{"st*"}}
		fmt.Fprintf(
			&b,
			"%s\n%s\n%s\n",
			text.Headline(r.changes),
			text.Body(r.changes),
			r.changes.Markdown("review", violations, []string{"st*"}, ids),
		)
		for _, skipped := range []bool{false, true} {
			fmt.Fprintln(&b, must(r.outcome.Decisions(skipped, ids)))
		}
		fmt.Fprintln(&b, r.changes.Watched([]string{"ST*"}, ids))
		for _, k := range Kinds {
			if names := r.changes.Names(k.Kind, ids); len(names) > 0 {
				fmt.Fprintf(&b, "%s: %v\n", k.Name, names)
			}
		}
		for _, text := range Advise(meanings, r.outcome, violations, ids) {
			fmt.Fprintln(&b, text)
		}
	}
	for _, v := range violations {
		fmt.Fprintf(&b, "violated: %+v\n", v)
	}
	fmt.Fprintln(&b, must(r.outcome.GroupsJSON()), must(r.outcome.HeldJSON()))
	fmt.Fprintf(&b, "summary %+v\n", r.outcome.Summary(r.result))
	for i := range r.changes.List {
		x := &r.changes.List[i]
		gained, lost := r.changes.GroupMoves(x)
		fmt.Fprintf(
			&b,
			"change of %s: %s, %s, of %s; gains %v, loses %v\n",
			x.ID,
			x.Kind,
			x.Cause,
			x.Kinds,
			gained,
			lost,
		)
	}
	for _, review := range []KindSet{0, SetOf(DefaultReview())} {
		fmt.Fprintf(&b, "severity %s %s\n", r.changes.Severity(false, review), r.changes.Severity(true, review))
	}
	for i := range r.outcome.Rows {
		row := &r.outcome.Rows[i]
		fmt.Fprintf(
			&b,
			"row %s %s %s %s %s %s %v %v %+v\n",
			row.ID,
			row.Name,
			row.Address,
			row.Code,
			row.Account,
			row.Action,
			row.Text,
			r.outcome.groupsOf(row, false),
			row.Basis,
		)
	}
	return b.String()
}

func (s *situationStep) check(t *testing.T, n int, r run) {
	t.Helper()
	for who, parts := range s.who {
		got := ""
		for i := range r.outcome.Rows {
			if row := &r.outcome.Rows[i]; strings.HasPrefix(row.Name, who) {
				got = row.Text
			}
		}
		for _, part := range parts {
			if !strings.Contains(got, part) {
				t.Errorf("step %d: %s is %q, want %q", n, who, got, part)
			}
		}
	}
	groups := map[string]int{}
	for _, g := range r.result.Groups() {
		groups[g.Name] = g.Members
	}
	for name, want := range s.groups {
		got, there := groups[name]
		if want < 0 && there || want >= 0 && got != want {
			t.Errorf("step %d: group %s has %d (there %t), want %d", n, name, got, there, want)
		}
	}
	text := r.told()
	for _, part := range s.says {
		if !strings.Contains(text, part) {
			t.Errorf("step %d: nothing says %q:\n%s", n, part, text)
		}
	}
	if got := r.changes.Severity(
		false,
		SetOf(DefaultReview()),
	); s.severity != "" && got != s.severity &&
		(s.severity != "none" || r.changes.Any()) {
		t.Errorf("step %d: severity %s, want %s", n, got, s.severity)
	}
}

// told is all that people read of a plan.
func (r run) told() string {
	var b strings.Builder
	text := PlanText{Connector: r.result.Settings.Connector, Effect: func(x *Change) string {
		return r.result.EffectOfLoss(x.Before.Account, x.After.Code, false)
	}}
	for _, s := range []string{text.Headline(r.changes), text.Body(r.changes), r.result.ServiceText(), r.changes.Markdown("review", nil, nil, false)} {
		b.WriteString(s + "\n")
	}
	for _, g := range r.result.HeldGroups() {
		b.WriteString(g.Name + ": " + string(g.Obstacle) + "\n")
	}
	for i := range r.result.Decisions {
		e := r.result.Explain(int32(i))
		b.WriteString(e.Sentence + "\n")
		for _, s := range e.Trace {
			b.WriteString(s.Rule + " " + s.Observed + "\n")
		}
		for _, f := range e.Fixes {
			b.WriteString(f.Change + "\n" + f.Caveats + "\n")
		}
	}
	return b.String()
}
