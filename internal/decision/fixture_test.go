package decision

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

const tenantID = "3f1c2a60-5b1d-4c7e-9a52-7d0c9be01a11"

// world is a small tenant and organisation for tests, described in Go.
type world struct {
	users   []directory.User
	groups  []directory.GraphGroup
	domains []directory.Domain
	claims  map[string]string
	taken   []directory.AccountGroup
	below   []string
	jobs    []directory.Job
}

// newWorld has company.com verified on both sides and the groups Staff (to be
// selected), Child (inside it) and Other (not in scope).
func newWorld() *world {
	w := &world{claims: map[string]string{"company.com": directory.ClaimVerified}}
	w.domains = []directory.Domain{{Name: "company.com", IsVerified: true, IsDefault: true}, {Name: "company.onmicrosoft.com", IsVerified: true, IsInitial: true}}
	w.group("Staff", "")
	w.group("Child", "")
	w.group("Other", "")
	w.nest("Staff", "Child")
	return w
}

func (w *world) group(name, rule string) {
	w.groups = append(w.groups, directory.GraphGroup{ID: "g-" + strings.ToLower(name), DisplayName: name, SecurityEnabled: true, MembershipRule: rule})
}

func (w *world) nest(parent, child string) {
	w.at(parent).Members = append(w.at(parent).Members, directory.GraphMember{Type: "group", ID: "g-" + strings.ToLower(child)})
}

func (w *world) at(group string) *directory.GraphGroup {
	for i := range w.groups {
		if w.groups[i].DisplayName == group {
			return &w.groups[i]
		}
	}
	panic("no group " + group)
}

// user adds a user to groups and gives the id.
func (w *world) user(u directory.User, groups ...string) string {
	if u.ID == "" {
		u.ID = fmt.Sprintf("u-%03d", len(w.users))
	}
	if u.AccountEnabled == directory.Absent {
		u.AccountEnabled = directory.True
	}
	w.users = append(w.users, u)
	for _, g := range groups {
		w.at(g).Members = append(w.at(g).Members, directory.GraphMember{Type: "user", ID: u.ID})
	}
	return u.ID
}

// employee is an internal Member with mail and principal name alike.
func employee(address string) directory.User {
	return directory.User{UserPrincipalName: address, Mail: address, UserType: TypeMember}
}

// external is a user from another tenant with the mail of their home.
func external(address, userType string) directory.User {
	return directory.User{
		UserPrincipalName: strings.ReplaceAll(address, "@", "_") + "#EXT#@company.onmicrosoft.com", Mail: address,
		UserType: userType, CreationType: "Invitation", ExternalUserState: "Accepted",
	}
}

func (w *world) directory() *directory.Directory {
	b := directory.NewBuilder(nil)
	for _, u := range w.users {
		b.AddUser(u, nil, directory.HasUserType|directory.HasAccountEnabled)
	}
	for _, g := range w.groups {
		b.AddGroup(g)
	}
	for _, d := range w.domains {
		b.AddDomain(d)
	}
	d := b.Build(tenantID, w.below)
	d.Jobs = w.jobs
	return d
}

func (w *world) organization() *directory.Organization {
	o := &directory.Organization{ID: "org", AccountsCovered: w.taken != nil, Groups: w.taken}
	for name, status := range w.claims {
		o.Domains = append(o.Domains, directory.Claim{Name: name, Type: "dns", Status: status})
	}
	o.Sort()
	return o
}

// request selects Staff.
func request() Request {
	return Request{Connector: NestedGroups, Groups: []string{"Staff"}, Rules: DefaultRules()}
}

func (w *world) decide(t testing.TB, q Request) *Result {
	t.Helper()
	d := w.directory()
	l := directory.NewLookup(d)
	s, _, err := q.Resolve(l, d)
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewEngine(d, l, w.organization(), s)
	if err != nil {
		t.Fatal(err)
	}
	return e.Decide()
}

// text is the decision of a user by id.
func text(t testing.TB, r *Result, id string) string {
	t.Helper()
	i := r.Directory.UserByID(id)
	if i < 0 {
		t.Fatalf("no user %s", id)
	}
	return r.Text(i)
}
