package decisiontest

import (
	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// request selects Staff.
func request() decision.Request {
	return decision.Request{Connector: decision.NestedGroups, Groups: []string{"Staff"}}
}

func decide(t testing.TB, w *directorytest.World, q decision.Request) *decision.Result {
	t.Helper()
	return engineOf(t, w, q).Decide()
}

func engineOf(t testing.TB, w *directorytest.World, q decision.Request) *decision.Engine {
	t.Helper()
	return engineAfter(t, w, q, decision.History{})
}

func engineAfter(t testing.TB, w *directorytest.World, q decision.Request, h decision.History) *decision.Engine {
	t.Helper()
	d := w.Directory()
	l := directory.NewLookup(d)
	s, _, err := q.Resolve(l, d)
	if err != nil {
		t.Fatal(err)
	}
	e, err := decision.NewEngineAfter(d, l, w.Organization(), s, h)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// decided is the decision of a user by id.
func decided(t testing.TB, r *decision.Result, id string) string {
	t.Helper()
	i := r.Directory.UserByID(id)
	if i < 0 {
		t.Fatalf("no user %s", id)
	}
	return r.Text(i)
}
