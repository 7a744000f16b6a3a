package decision

import (
	"strings"
	"testing"
)

func TestCompareConnectors(t *testing.T) {
	w := scimWorld(t, "")
	w.user(employee("direct@company.com"), "Staff")
	w.user(employee("nested@company.com"), "Child")
	member := w.user(external("m@fabrikam.com", TypeMember), "Staff")
	guest := w.user(external("g@fabrikam.com", TypeGuest), "Staff")
	from := request()
	from.EntraDomains = []string{"company.com"}
	s := CompareConnectors(w.decide(t, from), w.decide(t, scimRequest()))
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
	back := CompareConnectors(w.decide(t, scimRequest()), w.decide(t, request()))
	if back.Changes.Total(Gained) != 1 || back.Changes.Total(Lost) != 1 || len(back.GroupsToAssign) != 0 {
		t.Errorf("%v %v", back.Changes.Counts, back.GroupsToAssign)
	}
}
