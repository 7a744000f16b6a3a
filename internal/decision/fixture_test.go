package decision

import (
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// request selects Staff.
func request() Request {
	return Request{Connector: NestedGroups, Groups: []string{"Staff"}}
}

func decide(t testing.TB, w *directorytest.World, q Request) *Result {
	t.Helper()
	d := w.Directory()
	l := directory.NewLookup(d)
	s, _, err := q.Resolve(l, d)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEngine(d, l, w.Organization(), s)
	if err != nil {
		t.Fatal(err)
	}
	return e.Decide()
}

// decided is the decision of a user by id.
func decided(t testing.TB, r *Result, id string) string {
	t.Helper()
	i := r.Directory.UserByID(id)
	if i < 0 {
		t.Fatalf("no user %s", id)
	}
	return r.Text(i)
}
