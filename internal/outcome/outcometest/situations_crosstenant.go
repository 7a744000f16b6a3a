package outcometest

import (
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// crossTenantSituations are over cross-tenant synchronization, of who left the target tenant
// or is blocked there.
var crossTenantSituations = []situation{
	{
		name: "somebody whom a job of cross-tenant synchronization deleted is back",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "ben@company.com", "cid@company.com", "zoe@company.com")
			w.Jobs[0].Mappings = crossTenantRows(t, "Member")
		},
		ask: func(q *decision.Request) { q.Connector = decision.CrossTenantSync },
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: member_created"}}},
			{change: func(_ *testing.T, w *directorytest.World) {
				for _, name := range []string{"ann", "ben", "cid"} {
					w.Leave("Staff", w.Named(name).ID)
				}
			}},
			{ // restored or created anew, they are the same
				change: func(_ *testing.T, w *directorytest.World) {
					w.Named("ben").Mail = "ben@gmail.com"
					w.Join("Staff", w.Named("ann").ID)
					w.Join("Staff", w.Named("ben").ID)
				},
				who: map[string][]string{
					"ann": {"sync: member_created"},
					"ben": {"unknown: link_unknown (gmail.com, inferred)"}, // no new user could have the mail
				},
			},
			{ // on create alone, a type isn't written of who is restored
				change: func(t *testing.T, w *directorytest.World) {
					t.Helper()
					w.Jobs[0].Mappings = crossTenantRows(t, "Guest")
					changeJob(`"flowType":"Always","matchingPriority":0,"source":{"expression":"\"Guest\""`,
						`"flowType":"ObjectAddOnly","matchingPriority":0,"source":{"expression":"\"Guest\""`)(t, w)
					w.Join("Staff", w.Named("cid").ID)
				},
				who: map[string][]string{"cid": {"unknown: link_unknown (company.com, inferred)"}},
			},
		},
	},
	{
		name: "a blocked user of cross-tenant synchronization, whom nothing unblocks",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "zoe@company.com")
			w.Jobs[0].Mappings = crossTenantRows(t, "Member")
		},
		ask: func(q *decision.Request) { q.Connector = decision.CrossTenantSync },
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: member_created"}}},
			{change: func(_ *testing.T, w *directorytest.World) { w.Named("ann").AccountEnabled = directory.False }},
			{
				change: func(t *testing.T, w *directorytest.World) {
					t.Helper()
					w.Named("ann").AccountEnabled = directory.True
					changeJob("Add, Update, Delete", "Add, Delete")(t, w)
				},
				who: map[string][]string{"ann": {"skip: account_deactivated (company.com, inferred)"}},
			},
		},
	},
	{
		name: "a user of cross-tenant synchronization is disabled and then leaves",
		setUp: func(t *testing.T, w *directorytest.World) {
			t.Helper()
			employees(w, "ann@company.com", "ben@company.com", "zoe@company.com")
			w.Jobs[0].Mappings = crossTenantRows(t, "Member")
		},
		ask: func(q *decision.Request) { q.Connector = decision.CrossTenantSync },
		steps: []situationStep{
			{who: map[string][]string{"ann": {"sync: member_created"}}},
			{change: func(_ *testing.T, w *directorytest.World) { w.Named("ann").AccountEnabled = directory.False }},
			{change: func(_ *testing.T, w *directorytest.World) {
				w.Leave("Staff", w.Named("ann").ID)
				w.Leave("Staff", w.Named("ben").ID)
				w.Named("ben").AccountEnabled = directory.False
			}},
			{ // the one isn't deleted, the other is [cross-tenant 6]
				change: func(_ *testing.T, w *directorytest.World) {
					for _, name := range []string{"ann", "ben"} {
						w.Named(name).AccountEnabled = directory.True
						w.Named(name).Mail = name + "@gmail.com"
						w.Join("Staff", w.Named(name).ID)
					}
				},
				who: map[string][]string{
					"ann": {"sync: member_created"}, "ben": {"unknown: link_unknown (gmail.com, inferred)"},
				},
			},
		},
	},
}
