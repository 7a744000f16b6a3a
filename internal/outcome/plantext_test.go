package outcome

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
	"github.com/usersync/terraform-provider-usersync/internal/golden"
)

// The one warning that tells a plan, read as a person reads it: each golden text
// is a night that happens.
func TestPlanText(t *testing.T) {
	many := func(w *directorytest.World) {
		for i := range 30 {
			w.User(directorytest.Employee(fmt.Sprintf("new%02d@company.com", i)), "Staff")
		}
	}
	nothing := func(*directorytest.World) {}
	cases := map[string]struct {
		before, after func(*directorytest.World)
		plan          func(*decision.Request)
		ids, first    bool
	}{
		"create": {before: nothing, after: nothing, first: true},
		"one-leaver": {
			before: nothing,
			after:  func(w *directorytest.World) { w.Named("ann").AccountEnabled = directory.False },
		},
		"wave-of-30": {before: many, after: func(w *directorytest.World) {
			for i := range 30 {
				w.Named(fmt.Sprintf("new%02d", i)).AccountEnabled = directory.False
			}
		}},
		"hires":         {before: nothing, after: many},
		"rename":        {before: nothing, after: func(w *directorytest.World) { w.Rename("ann", "anna@company.com") }},
		"domain-lapses": {before: nothing, after: func(w *directorytest.World) { delete(w.Claims, "company.com") }},
		"missed": {before: nothing, after: func(w *directorytest.World) {
			w.User(directorytest.External("new.colleague@fabrikam.com", decision.TypeMember), "Staff")
		}},
		"hidden-members": {before: nothing, after: func(w *directorytest.World) {
			w.At("Child").HiddenMembership, w.At("Child").Members = true, nil
		}},
		"groups": {before: nothing, after: func(w *directorytest.World) {
			w.Join("Team", w.Named("ben").ID)
			w.At("Child").DisplayName = "jira-admins"
		}},
		"another-address": {
			before: nothing,
			after:  func(w *directorytest.World) { w.Named("guest").Mail = "other@partner.com" },
		},
		"lost-by-address": {
			before: nothing,
			after:  func(w *directorytest.World) { w.Named("ann").Mail = "ann@other.example" },
		},
		"one-gained-among-hires": {before: nothing, after: func(w *directorytest.World) {
			many(w)
			w.Named("member").UserType = "Guest"
		}},
		"this-plan": {
			before: nothing,
			after:  nothing,
			plan:   func(q *decision.Request) { q.VerifiedDomains = []string{"fabrikam.com"} },
		},
		"by-ids": {
			before: nothing,
			after:  func(w *directorytest.World) { w.Rename("ann", "anna@company.com") },
			ids:    true,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := directorytest.Base()
			c.before(w)
			var a *Outcome
			if !c.first {
				a = Of(decide(t, w, request()), nil)
			}
			c.after(w)
			q := request()
			if c.plan != nil {
				c.plan(&q)
			}
			r := decide(t, w, q)
			p, d := Of(r, a), Of(decide(t, w, request()), a)
			if c.ids {
				a, p, d = a.WithoutNames(), p.WithoutNames(), d.WithoutNames()
			}
			changes := Compare(a, d, p, Compared{Directory: r.Directory, Watch: []string{"jira-*"}})
			text := PlanText{
				Target:    "Atlassian",
				Connector: r.Settings.Connector,
				Watch:     []string{"jira-*"},
				IDs:       c.ids,
				Effect: func(x *Change) string {
					code := ""
					if x.After != nil {
						code = x.After.Code
					}
					return r.EffectOfLoss(x.Before.Account, code, x.Kind == Left, x.ID)
				},
			}
			got := text.Headline(changes) + "\n\n" + text.Body(changes) + "\n"
			if strings.Contains(got, "\x00") || c.ids && strings.Contains(got, "@") {
				t.Errorf("a name where none is wanted:\n%s", got)
			}
			golden.Text(t, name, got)
		})
	}
}
