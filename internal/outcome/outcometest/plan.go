package outcometest

import (
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
)

// Planned is what one plan gives.
type Planned struct {
	Result  *decision.Result
	Outcome *outcome.Outcome
	Changes *outcome.Changes
	// Drifted is D, the reading under the accepted settings.
	Drifted *outcome.Outcome
}

func overSCIM() decision.Request { return decision.Request{Connector: decision.SCIM} }

func overNestedGroups() decision.Request {
	return decision.Request{Connector: decision.NestedGroups, Groups: []string{"Staff"}}
}

// Plan decides after a, which may be nil, compares, and gives what would be accepted,
// as it comes back from the state.
func Plan(t *testing.T, w *directorytest.World, q decision.Request, a *outcome.Outcome) Planned {
	t.Helper()
	d := w.Directory()
	l := directory.NewLookup(d)
	q.Kept = a.Kept()
	s, _, err := q.Resolve(l, d)
	if err != nil {
		t.Fatal(err)
	}
	e, err := decision.NewEngineAfter(d, l, w.Organization(), s, a.History())
	if err != nil {
		t.Fatal(err)
	}
	r := e.Decide()
	p := outcome.Of(r, a)
	drifted := p
	if a != nil {
		old, err := decision.NewEngineAfter(d, l, w.Organization(), a.Settings, a.History())
		if err != nil {
			t.Fatal(err)
		}
		drifted = outcome.Of(old.Decide(), a)
	}
	changes := outcome.Compare(a, drifted, p, outcome.Compared{Directory: d})
	p.Expect(e.DecideAsRead())
	p.Remember(a, nil, nil, false)
	text, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if p, err = outcome.DecodeOutcome(text); err != nil {
		t.Fatal(err)
	}
	return Planned{r, p, changes, drifted}
}

// rowOf is a user's row.
func rowOf(t *testing.T, o *outcome.Outcome, id string) *outcome.Row {
	t.Helper()
	for i := range o.Rows {
		if o.Rows[i].ID == id {
			return &o.Rows[i]
		}
	}
	t.Fatalf("no row of %s", id)
	return nil
}
