package outcometest

import (
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// toApplication has the job fill an application by its profile.
func toApplication(application string) func(q *decision.Request) {
	return func(q *decision.Request) {
		q.Connector, q.Application = decision.SCIMApplication, application
	}
}

// crossTenantRows are what of a cross-tenant job's mapping decides [cross-tenant 2].
func crossTenantRows(t *testing.T, userType string) []string {
	t.Helper()
	return []string{directorytest.Mapping(t, "", "userPrincipalName", "[userPrincipalName]", "mail", "[mail]",
		"accountEnabled", "[accountEnabled]", "userType", `"`+userType+`"`)}
}

// awsRows are what AWS asks for; userName is what stands before the @.
func awsRows(t *testing.T, userName, externalID string) []string {
	t.Helper()
	return []string{directorytest.Mapping(
		t, "",
		userName, `Replace([userPrincipalName], , "@.*$", , "", , )`,
		externalID, "[objectId]",
		"displayName", "[mail]",
		"name.givenName", "[mail]",
		"name.familyName", "[mail]",
		"active", "Not([IsSoftDeleted])",
	)}
}

// targetSituations are over jobs whose target isn't Atlassian.
var targetSituations = []situation{
	{
		name: "names at GitHub",
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com", "ben@company.com")
		},
		ask: toApplication("github_enterprise_managed_user"),
		steps: []situationStep{
			{
				who:    map[string][]string{"ann": {"sync: provisioned"}, "ben": {"sync: provisioned"}},
				groups: map[string]int{"Staff": 2},
			},
			{severity: "none", groups: map[string]int{"Staff": 2}},
			{ // who is there stays as they are, under a name that GitHub would refuse
				change: func(_ *testing.T, w *directorytest.World) { w.Named("ann").UserPrincipalName = "-ann@company.com" },
				who: map[string][]string{
					"-ann": {"sync: provisioned (userName, inferred); warning: update_refused"},
				},
				severity: "review",
				groups:   map[string]int{"Staff": 2},
			},
			{ // a newcomer whose name is taken isn't created, and who has it keeps it
				change: func(_ *testing.T, w *directorytest.World) {
					w.User(directorytest.Employee("ben@sub.company.com"), "Staff")
				},
				who: map[string][]string{
					"ben@company": {"sync: provisioned"},
					"ben@sub":     {"skip: duplicate_address (2 users)"},
				},
				severity: "review",
				says:     []string{"missed", "ben@sub.company.com", "Map userName by an expression that differs"},
				groups:   map[string]int{"Staff": 2},
			},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.Named("ben@company").AccountEnabled = directory.False
				},
				// GitHub makes a hash of the name, before or after the newcomer is looked at
				who: map[string][]string{
					"ben@company": {"skip: account_disabled"},
					"ben@sub":     {"unknown: name_unknown (inferred)"},
				},
				says:   []string{"left", "suspended"},
				groups: map[string]int{"Staff": 1},
			},
			{ // at the next run it is free
				who:    map[string][]string{"ben@sub": {"sync: provisioned"}},
				groups: map[string]int{"Staff": 2},
			},
			{ // and comes back: which of them has the name then isn't known
				change: func(_ *testing.T, w *directorytest.World) { w.Named("ben@company").AccountEnabled = directory.True },
				who: map[string][]string{
					"ben@company": {"skip: duplicate_address (2 users)"},
					"ben@sub":     {"skip: duplicate_address (2 users)"},
				},
			},
		},
	},
	{
		name: "somebody is to be assigned",
		setUp: func(_ *testing.T, w *directorytest.World) {
			employees(w, "ann@company.com")
			w.User(directorytest.Employee("out@company.com"), "Other")
		},
		ask: toApplication(""),
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: provisioned (inferred)"}}, groups: map[string]int{"Staff": 1}},
			{
				ask:    func(q *decision.Request) { q.Assignments = map[string]string{"Other": ""} },
				who:    map[string][]string{"out": {"sync: provisioned (inferred)"}},
				groups: map[string]int{"Staff": 1, "Other": 1},
				says:   []string{"newly", "out@company.com"},
			},
			{ // until it is so, it isn't expected to be there
				ask:      func(q *decision.Request) { q.Assignments = nil },
				groups:   map[string]int{"Staff": 1},
				severity: "review",
			},
		},
	},
	{
		name: "a name at AWS is still somebody's who was disabled",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com")
			w.Jobs[0].Mappings = awsRows(t, "!userName", "externalId")
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: provisioned"}}},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.Named("ann").AccountEnabled = directory.False
					again := directorytest.Employee("ann@sub.company.com")
					w.User(again, "Staff")
				},
				who: map[string][]string{
					"ann@company": {"skip: account_disabled"},
					"ann@sub":     {"skip: address_taken (inferred)"},
				},
				severity: "review",
				says:     []string{"ann@sub.company.com", "address_taken"},
			},
		},
	},
	{
		name: "a name at AWS is still somebody's who left",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com")
			w.Jobs[0].Mappings = awsRows(t, "userName", "!externalId")
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: provisioned"}}},
			{ // the same run disables the one and comes to the other
				change: func(_ *testing.T, w *directorytest.World) {
					w.Leave("Staff", w.Named("ann").ID)
					w.User(directorytest.Employee("ann@sub.company.com"), "Staff")
				},
				who: map[string][]string{"ann@sub": {"skip: address_taken (inferred)"}},
			},
			{who: map[string][]string{"ann@sub": {"skip: address_taken (inferred)"}}},
			{ // who is deleted is deleted at AWS a month later
				change: func(_ *testing.T, w *directorytest.World) { w.Delete(w.Named("ann@company").ID) },
				who:    map[string][]string{"ann@sub": {"unknown: name_unknown (inferred)"}},
			},
		},
	},
	{
		name: "a job that matches by userName finds the record of somebody who left",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "zoe@company.com")
			w.Jobs[0].Mappings = awsRows(t, "!userName", "externalId")
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: provisioned"}}},
			{change: func(_ *testing.T, w *directorytest.World) { w.Leave("Staff", w.Named("ann").ID) }},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.User(directorytest.Employee("ann@sub.company.com"), "Staff")
				},
				who: map[string][]string{"ann@sub": {"sync: provisioned"}},
			},
			{ // and who comes back finds it another's
				change: func(_ *testing.T, w *directorytest.World) { w.Join("Staff", w.Named("ann@company").ID) },
				who:    map[string][]string{"ann@company": {"skip: duplicate_address (2 users)"}},
			},
		},
	},
	{
		name: "a job finds the record of somebody who was disabled and then left",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "zoe@company.com")
			w.Jobs[0].Mappings = awsRows(t, "!userName", "externalId")
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: provisioned"}}},
			{change: func(_ *testing.T, w *directorytest.World) { w.Named("ann").AccountEnabled = directory.False }},
			{change: func(_ *testing.T, w *directorytest.World) { w.Leave("Staff", w.Named("ann").ID) }},
			{ // the service manages them no more [graph 3.7]
				change: func(_ *testing.T, w *directorytest.World) {
					w.User(directorytest.Employee("ann@sub.company.com"), "Staff")
				},
				who: map[string][]string{"ann@sub": {"sync: provisioned"}},
			},
		},
	},
	{
		name: "two of one name at AWS stay two of one name",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "ann@sub.company.com")
			w.Jobs[0].Mappings = awsRows(t, "!userName", "externalId")
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann@sub": {"skip: duplicate_address (2 users)"}}},
			{who: map[string][]string{"ann@sub": {"skip: duplicate_address (2 users)"}}, severity: "none"},
		},
	},
	{
		name: "a name at AWS passes from one to another",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "ben@company.com")
			w.Jobs[0].Mappings = awsRows(t, "userName", "!externalId")
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: provisioned"}, "ben": {"sync: provisioned"}}},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.Named("ann").UserPrincipalName = "anna@company.com"
					w.User(directorytest.Employee("ann@sub.company.com"), "Staff")
				},
				who: map[string][]string{
					"anna": {"sync: provisioned"}, "ann@sub": {"unknown: name_unknown (inferred)"},
				},
			},
			{who: map[string][]string{"ann@sub": {"sync: provisioned"}}},
		},
	},
	{
		name: "somebody who left an application is back",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "zoe@company.com")
			w.Jobs[0].Mappings = awsRows(t, "userName", "!externalId")
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: provisioned"}}},
			{change: func(_ *testing.T, w *directorytest.World) { w.Leave("Staff", w.Named("ann").ID) }},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Join("Staff", w.Named("ann").ID) },
				who:    map[string][]string{"ann": {"sync: provisioned; warning: restart_needed"}},
			},
			{who: map[string][]string{"ann": {"sync: provisioned; warning: restart_needed"}}},
			{
				ask: func(q *decision.Request) { q.Running = true },
				who: map[string][]string{"ann": {"sync: provisioned"}},
			},
			{
				ask: func(q *decision.Request) { q.Running = false },
				who: map[string][]string{"ann": {"sync: provisioned"}},
			},
		},
	},
	{
		name: "a job of cross-tenant synchronization changes its type",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com")
			w.User(directorytest.External("x@partner.example", "Member"), "Staff")
			w.Jobs[0].Mappings = crossTenantRows(t, "Member")
		},
		ask: func(q *decision.Request) { q.Connector = decision.CrossTenantSync },
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: member_created"}, "x_partner": {"skip: not_internal_member"}}},
			{severity: "none"},
			{ // the job writes userType always, so that the next change converts
				change: func(t *testing.T, w *directorytest.World) {
					t.Helper()
					w.Jobs[0].Mappings = crossTenantRows(t, "Guest")
				},
				who: map[string][]string{"ann": {"sync: guest_created"}},
			},
			{severity: "none"},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Leave("Staff", w.Named("ann").ID) },
				says:   []string{"lost", "ann@company.com", "deleted, and can be restored for 30 days"},
			},
		},
	},
}
