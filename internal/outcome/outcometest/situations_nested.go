package outcometest

import (
	"fmt"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// nestedSituations are over Atlassian's own reader.
var nestedSituations = []situation{
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
}
