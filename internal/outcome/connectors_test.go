package outcome

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

func TestCompareConnectors(t *testing.T) {
	w := directorytest.SCIM(t, "")
	w.User(directorytest.Employee("direct@company.com"), "Staff")
	w.User(directorytest.Employee("nested@company.com"), "Child")
	member := w.User(directorytest.External("m@fabrikam.com", decision.TypeMember), "Staff")
	guest := w.User(directorytest.External("g@fabrikam.com", decision.TypeGuest), "Staff")
	from := request()
	from.ConnectorSettings.EntraDomains = []string{"company.com"}
	s := CompareConnectors(decide(t, w, from), decide(t, w, decision.Request{Connector: decision.SCIM}))
	if s.Changes.Total(Lost) != 1 || s.Changes.Total(Gained) != 1 {
		t.Errorf("%v", s.Changes.Counts)
	}
	if got := strings.Join(s.Changes.Names(Lost, false, ThisPlan), ","); got != "nested@company.com" {
		t.Error(got)
	}
	if got := strings.Join(s.GroupsToAssign, ","); got != "Child" {
		t.Error(got)
	}
	if len(s.Unlinked) != 2 || s.Unlinked[0].ID != member || s.Unlinked[1].ID != guest {
		t.Errorf("%+v", s.Unlinked)
	}
	if len(s.Notes) != 4 || !strings.Contains(s.Notes[3].Text, "company.com is verified by the nested-groups sync") {
		t.Errorf("%+v", s.Notes)
	}
	back := CompareConnectors(decide(t, w, decision.Request{Connector: decision.SCIM}), decide(t, w, request()))
	if back.Changes.Total(Gained) != 1 || back.Changes.Total(Lost) != 1 || len(back.GroupsToAssign) != 0 {
		t.Errorf("%v %v", back.Changes.Counts, back.GroupsToAssign)
	}
}
