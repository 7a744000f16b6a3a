package outcome

import (
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// request selects Staff.
func request() decision.Request {
	return decision.Request{Connector: decision.NestedGroups, Groups: []string{"Staff"}}
}

func decide(t testing.TB, w *directorytest.World, q decision.Request) *decision.Result {
	t.Helper()
	d := w.Directory()
	l := directory.NewLookup(d)
	s, _, err := q.Resolve(l, d)
	if err != nil {
		t.Fatal(err)
	}
	e, err := decision.NewEngine(d, l, w.Organization(), s)
	if err != nil {
		t.Fatal(err)
	}
	return e.Decide()
}
