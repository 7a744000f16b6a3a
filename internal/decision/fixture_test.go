package decision

import (
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// request selects Staff.
func request() Request {
	return Request{Connector: NestedGroups, Groups: []string{"Staff"}}
}

func scimRequest() Request { return Request{Connector: SCIM} }

func decide(t testing.TB, w *directorytest.World, q Request) *Result {
	t.Helper()
	return engineOf(t, w, q).Decide()
}
