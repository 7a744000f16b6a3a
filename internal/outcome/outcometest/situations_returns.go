package outcometest

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// changeJob changes the text of the job's mapping.
func changeJob(was, becomes string) func(t *testing.T, w *directorytest.World) {
	return func(t *testing.T, w *directorytest.World) {
		t.Helper()
		if !strings.Contains(w.Jobs[0].Mappings[0], was) {
			t.Fatalf("%s isn't in %s", was, w.Jobs[0].Mappings[0])
		}
		w.Jobs[0].Mappings[0] = strings.Replace(w.Jobs[0].Mappings[0], was, becomes, 1)
	}
}

// returnSituations are over jobs whose target isn't Atlassian, of what people left behind
// there and come back to.
var returnSituations = []situation{
	{
		name: "Update is off before anything is known of an application",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "zoe@company.com")
			w.Jobs[0].Mappings = awsRows(t, "!userName", "externalId")
			changeJob("Add, Update, Delete", "Add, Delete")(t, w)
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: provisioned; warning: updates_off"}}},
			{ // who was there keeps a name that isn't known, who was created has this one
				change: func(_ *testing.T, w *directorytest.World) {
					w.Named("ann").AccountEnabled = directory.False
					w.User(directorytest.Employee("ann@sub.company.com"), "Staff")
				},
				who: map[string][]string{"ann@sub": {"unknown: name_unknown (inferred)"}},
			},
		},
	},
	{
		name: "somebody is back under another name, and nothing brings back their record",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "ben@company.com", "zoe@company.com")
			w.Jobs[0].Mappings = awsRows(t, "!userName", "externalId")
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: provisioned"}}},
			{change: func(_ *testing.T, w *directorytest.World) {
				w.Leave("Staff", w.Named("ann").ID)
				w.Leave("Staff", w.Named("ben").ID)
			}},
			{ // looked for by another name, ann isn't found, and is made anew
				change: func(t *testing.T, w *directorytest.World) {
					t.Helper()
					w.Named("ann").UserPrincipalName = "anna@company.com"
					w.Join("Staff", w.Named("anna").ID)
					w.Join("Staff", w.Named("ben").ID)
					changeJob(`"active"`, `"title"`)(t, w)
				},
				who: map[string][]string{
					"anna": {"sync: provisioned; warning: restart_needed"},
					"ben":  {"skip: account_deactivated (inferred); warning: restart_needed"},
				},
			},
		},
	},
	{
		name: "whether somebody is back under a record that nothing brings back isn't known",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "zoe@company.com")
			w.Jobs[0].Mappings = []string{directorytest.Mapping(t, "", "userName", "[userPrincipalName]",
				"!displayName", "[mail]", "active", "Not([IsSoftDeleted])")}
		},
		ask: toApplication(""),
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: provisioned (inferred)"}}},
			{change: func(_ *testing.T, w *directorytest.World) { w.Leave("Staff", w.Named("ann").ID) }},
			{
				change: func(t *testing.T, w *directorytest.World) {
					t.Helper()
					w.Join("Staff", w.Named("ann").ID)
					changeJob(`"active"`, `"title"`)(t, w)
				},
				who: map[string][]string{
					"ann": {"unknown: link_unknown (inferred); warning: restart_needed"},
				},
			},
		},
	},
	{
		name: "somebody leaves an application where Update is off, and is back",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "zoe@company.com")
			w.Jobs[0].Mappings = awsRows(t, "userName", "!externalId")
			changeJob("Add, Update, Delete", "Add, Delete")(t, w)
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: provisioned; warning: updates_off"}}},
			{change: func(_ *testing.T, w *directorytest.World) { w.Leave("Staff", w.Named("ann").ID) }},
			{
				change: func(_ *testing.T, w *directorytest.World) { w.Join("Staff", w.Named("ann").ID) },
				who:    map[string][]string{"ann": {"sync: provisioned; warning: restart_needed, updates_off"}},
			},
		},
	},
	{
		name: "somebody who was disabled is back under a name that is taken",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "ben@company.com")
			w.Jobs[0].Mappings = awsRows(t, "userName", "!externalId")
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: provisioned"}}},
			{change: func(_ *testing.T, w *directorytest.World) { w.Named("ann").AccountEnabled = directory.False }},
			{ // the update that would bring them back is refused
				change: func(_ *testing.T, w *directorytest.World) {
					w.Named("ben").AccountEnabled = directory.False
					w.Named("ann").AccountEnabled = directory.True
					w.Named("ann").UserPrincipalName = "ben@sub.company.com"
				},
				who: map[string][]string{"ben@sub": {"skip: address_taken (inferred)"}},
			},
		},
	},
	{
		name: "somebody who was assigned through a nested group is back under a name that is taken",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "ben@company.com")
			w.Jobs[0].Mappings = awsRows(t, "!userName", "externalId")
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: provisioned"}}},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.Leave("Staff", w.Named("ann").ID)
					w.Join("Child", w.Named("ann").ID)
				},
				who: map[string][]string{"ann": {"skip: nested_only"}},
			},
			{ // they are looked for anew, and aren't found
				change: func(_ *testing.T, w *directorytest.World) {
					w.Named("ben").AccountEnabled = directory.False
					w.Named("ann").UserPrincipalName = "ben@sub.company.com"
					w.Join("Staff", w.Named("ben@sub").ID)
				},
				who: map[string][]string{"ben@sub": {"skip: address_taken (inferred); warning: restart_needed"}},
			},
		},
	},
	{
		name: "one of two with one name lacks what a new user needs",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "ann@sub.company.com")
			w.Jobs[0].Mappings = awsRows(t, "userName", "!externalId")
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann@company": {"skip: duplicate_address (2 users)"}}},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.Named("ann@company").UserPrincipalName, w.Named("ann@company").Mail = "anna@company.com", ""
				},
				who: map[string][]string{"anna": {"unknown: link_unknown (name.givenName, inferred)"}},
			},
		},
	},
	{
		name: "what is empty isn't sent, so that nothing refuses the update of who is there",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "zoe@company.com")
			w.Jobs[0].Mappings = awsRows(t, "userName", "!externalId")
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: provisioned"}}},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.Named("ann").UserPrincipalName, w.Named("ann").Mail = "anna@company.com", ""
					w.User(directorytest.Employee("ann@sub.company.com"), "Staff")
				},
				who: map[string][]string{
					"anna":    {"sync: provisioned (name.givenName, inferred)"},
					"ann@sub": {"unknown: name_unknown (inferred)"},
				},
			},
			{who: map[string][]string{"ann@sub": {"sync: provisioned"}}},
		},
	},
	{
		name: "a suspended user of GitHub takes a name that is looked for",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "zoe@company.com")
			w.Jobs[0].Mappings = []string{directorytest.Mapping(t, "", "!userName", "[userPrincipalName]",
				workMail, "[mail]", "active", "Not([IsSoftDeleted])")}
		},
		ask: toApplication("github_enterprise_managed_user"),
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: provisioned"}}},
			{change: func(_ *testing.T, w *directorytest.World) { w.Named("ann").AccountEnabled = directory.False }},
			{ // nothing brings them back, but their name is sent
				change: func(t *testing.T, w *directorytest.World) {
					t.Helper()
					w.Named("ann").AccountEnabled = directory.True
					w.User(directorytest.Employee("ann@sub.company.com"), "Staff")
					w.Jobs[0].Mappings = []string{directorytest.Mapping(t, "",
						"!userName", `Replace([userPrincipalName], , "@.*$", , "", , )`, workMail, "[mail]")}
				},
				who: map[string][]string{
					"ann@company": {"skip: account_deactivated (inferred)"},
					"ann@sub":     {"unknown: name_unknown (inferred)"},
				},
			},
		},
	},
	{
		name: "one of two with one name has it still, since Update is off",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "ann@sub.company.com")
			w.Jobs[0].Mappings = awsRows(t, "userName", "!externalId")
			changeJob("Add, Update, Delete", "Add, Delete")(t, w)
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann@company": {"skip: duplicate_address (2 users)"}}},
			{change: func(_ *testing.T, w *directorytest.World) {
				w.Named("ann@company").UserPrincipalName = "anna@company.com"
			}},
			{who: map[string][]string{"ann@sub": {"unknown: name_unknown (inferred)"}}},
			{who: map[string][]string{"ann@sub": {"unknown: name_unknown (inferred)"}}},
		},
	},
	{
		name: "somebody who is there is renamed to what two others share",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "zoe@company.com", "ann@company.com", "ann@sub.company.com")
			w.Jobs[0].Mappings = awsRows(t, "userName", "!externalId")
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"zoe": {"sync: provisioned"}, "ann@sub": {"skip: duplicate_address (2 users)"}}},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					zoe := w.Named("zoe")
					zoe.UserPrincipalName, zoe.Mail = "ann@zoe.company.com", "ann@zoe.company.com"
				},
				who: map[string][]string{"ann@zoe": {"sync: provisioned (inferred)"}},
			},
			{ // one of the two may have the name, so that the update was refused
				change: func(_ *testing.T, w *directorytest.World) {
					w.User(directorytest.Employee("zoe@company.com"), "Staff")
				},
				who: map[string][]string{"zoe@company": {"unknown: name_unknown (inferred)"}},
			},
		},
	},
	{
		name: "one of two with one name is renamed and disabled at once",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "ann@sub.company.com", "zoe@company.com")
			w.Jobs[0].Mappings = awsRows(t, "userName", "!externalId")
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann@company": {"skip: duplicate_address (2 users)"}}},
			{change: func(_ *testing.T, w *directorytest.World) {
				w.Named("ann@company").UserPrincipalName = "ben@company.com"
				w.Named("ben").AccountEnabled = directory.False
			}},
			{ // the name went along with the disable, if there was a record
				change: func(_ *testing.T, w *directorytest.World) {
					w.Named("ben").UserPrincipalName = "carl@company.com"
					w.User(directorytest.Employee("ben@sub.company.com"), "Staff")
				},
				who: map[string][]string{"ben@sub": {"unknown: name_unknown (inferred)"}},
			},
		},
	},
	{
		name: "somebody who is assigned is managed still, though nothing disables them",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "zoe@company.com")
			w.Jobs[0].Mappings = awsRows(t, "!userName", "externalId")
			changeJob(`"active"`, `"title"`)(t, w)
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: provisioned"}}},
			{change: func(_ *testing.T, w *directorytest.World) { w.Named("ann").AccountEnabled = directory.False }},
			{ // under another name they aren't looked for
				change: func(t *testing.T, w *directorytest.World) {
					t.Helper()
					w.Named("ann").AccountEnabled = directory.True
					w.Named("ann").UserPrincipalName = "anna@company.com"
					changeJob("Add, Update, Delete", "Update, Delete")(t, w)
				},
				who: map[string][]string{"anna": {"sync: provisioned"}},
			},
		},
	},
	{
		name: "somebody comes to the inactive record of who left, and nothing brings it back",
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
				change: func(t *testing.T, w *directorytest.World) {
					t.Helper()
					w.User(directorytest.Employee("ann@sub.company.com"), "Staff")
					changeJob("Add, Update, Delete", "Add, Delete")(t, w)
				},
				who: map[string][]string{"ann@sub": {"skip: account_deactivated (inferred); warning: updates_off"}},
			},
		},
	},
	{
		name: "one of two with one name leaves an application and is back",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "ann@sub.company.com")
			w.Jobs[0].Mappings = awsRows(t, "userName", "!externalId")
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann@company": {"skip: duplicate_address (2 users)"}}},
			{change: func(_ *testing.T, w *directorytest.World) { w.Leave("Staff", w.Named("ann@company").ID) }},
			{ // if they had the name, the service disabled their record
				change: func(_ *testing.T, w *directorytest.World) {
					w.Named("ann@company").UserPrincipalName = "anna@company.com"
					w.Join("Staff", w.Named("anna").ID)
				},
				who: map[string][]string{"anna": {"sync: provisioned; warning: restart_needed"}},
			},
		},
	},
	{
		name: "one of two with one name is disabled, and nothing brings them back",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "ann@sub.company.com")
			w.Jobs[0].Mappings = awsRows(t, "userName", "!externalId")
		},
		ask: toApplication("aws_iam_identity_center"),
		steps: []situationStep{
			{who: map[string][]string{"ann@company": {"skip: duplicate_address (2 users)"}}},
			{
				change: func(_ *testing.T, w *directorytest.World) {
					w.Named("ann@company").AccountEnabled = directory.False
				},
			},
			{ // if they had the name, their record is inactive, and stays so
				change: func(t *testing.T, w *directorytest.World) {
					t.Helper()
					w.Named("ann@company").AccountEnabled = directory.True
					w.Named("ann@company").UserPrincipalName = "anna@company.com"
					changeJob(`"active"`, `"title"`)(t, w)
				},
				who: map[string][]string{"anna": {"unknown: link_unknown (inferred)"}},
			},
		},
	},
}
