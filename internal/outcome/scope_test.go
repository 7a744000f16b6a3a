package outcome

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

func TestFlattening(t *testing.T) {
	w := directorytest.New()
	w.Group("Grandchild", "")
	w.Nest("Child", "Grandchild")
	w.Nest("Grandchild", "Child")      // a cycle
	w.Nest("Grandchild", "Grandchild") // a group that contains itself
	w.Nest("Other", "Grandchild")      // a parent that isn't in scope
	deep := w.User(directorytest.Employee("deep@company.com"), "Grandchild")
	top := w.User(directorytest.Employee("top@company.com"), "Staff", "Other")
	skipped := w.User(directorytest.External("p@fabrikam.com", decision.TypeMember), "Staff", "Child")
	r := decide(t, w, request())
	groups := func(id string) string { return strings.Join(r.GroupsOf(r.Directory.UserByID(id)), ",") }
	if got := groups(deep); got != "Child,Grandchild,Staff" {
		t.Errorf("a member of a child is in the child and each parent in scope: %s", got)
	}
	if got := groups(top); got != "Staff" {
		t.Errorf("a group that isn't in scope doesn't exist in Atlassian: %s", got)
	}
	if got := groups(skipped); got != "" {
		t.Errorf("a skipped user is skipped for every group: %s", got)
	}
	got, err := Of(r, nil).GroupsJSON()
	if err != nil || got != `{"Child":1,"Grandchild":1,"Staff":2}` {
		t.Error(got, err)
	}
}

func TestMembersUnreadable(t *testing.T) {
	w := directorytest.New()
	w.At("Child").Members = append(w.At("Child").Members, directory.GraphMember{Type: "user", ID: "bare"})
	seen := w.User(directorytest.Employee("a@company.com"), "Staff")
	out := w.User(directorytest.Employee("b@company.com"), "Other")
	o := Of(decide(t, w, request()), nil)
	if got := o.find("bare"); got == nil || got.Text != "unknown: members_unreadable (Child)" {
		t.Errorf("%+v", got)
	}
	if o.find(out) != nil {
		t.Error("ids are known, so who isn't among them isn't in scope")
	}
	// The whole membership withheld: who isn't seen may be in it.
	w.At("Child").HiddenMembership, w.At("Child").Members = true, nil
	r := decide(t, w, request())
	if got := decided(r, out); got != "unknown: members_unreadable (Child)" {
		t.Error(got)
	}
	if got := decided(r, seen); got != "sync: domain_verified (company.com, managed, inferred)" {
		t.Error(got)
	}
}

// A user who was accepted through a group whose members can't be read any more
// isn't lost: nobody knows.
func TestUnreadableIsNoLoss(t *testing.T) {
	w := directorytest.New()
	id := w.User(directorytest.Employee("a@company.com"), "Child")
	a := Of(decide(t, w, request()), nil)
	w.At("Child").HiddenMembership, w.At("Child").Members = true, nil
	r := decide(t, w, request())
	p := Of(r, a)
	c := Compare(a, p, p, Compared{Directory: r.Directory})
	if c.Total(Uncertain) != 1 || c.Total(Lost) != 0 || p.find(id) == nil {
		t.Errorf("%v", c.Counts)
	}
}

// decided is the decision of a user by id.
func decided(r *decision.Result, id string) string { return r.Text(r.Directory.UserByID(id)) }
