package decision

import (
	"fmt"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// synthetic is a large tenant in memory: five memberships a user, nested
// groups, guests and members of partners.
func synthetic(users, groups int) (*directory.Directory, *directory.Organization) {
	b := directory.NewBuilder(nil)
	for g := range groups {
		gg := directory.GraphGroup{ID: fmt.Sprintf("00000000-0000-4000-a000-%012x", g), DisplayName: fmt.Sprintf("Group %d", g)}
		for _, child := range []int{2*g + 1, 2*g + 2} {
			if child < groups {
				gg.Members = append(gg.Members, directory.GraphMember{Type: "group", ID: fmt.Sprintf("00000000-0000-4000-a000-%012x", child)})
			}
		}
		for i := range 5 * users / groups {
			gg.Members = append(gg.Members, directory.GraphMember{Type: "user", ID: fmt.Sprintf("11111111-1111-4111-8111-%012x", (g*7919+i*31)%users)})
		}
		b.AddGroup(gg)
	}
	for i := range users {
		address := fmt.Sprintf("user%d@company.com", i)
		u := directory.User{ID: fmt.Sprintf("11111111-1111-4111-8111-%012x", i), UserPrincipalName: address, Mail: address, UserType: TypeMember, AccountEnabled: directory.True}
		switch i % 20 {
		case 0:
			u = external(fmt.Sprintf("user%d@partner%d.com", i, i%50), TypeGuest)
		case 1, 2:
			u = external(fmt.Sprintf("user%d@fabrikam.com", i), TypeMember)
		case 3:
			u.AccountEnabled = directory.False
		}
		u.ID = fmt.Sprintf("11111111-1111-4111-8111-%012x", i)
		if u.AccountEnabled == directory.Absent {
			u.AccountEnabled = directory.True
		}
		b.AddUser(u, nil, directory.HasUserType|directory.HasAccountEnabled)
	}
	b.AddDomain(directory.Domain{Name: "company.com", IsVerified: true})
	return b.Build(tenantID, nil), &directory.Organization{ID: "org", Domains: []directory.Claim{{Name: "company.com", Type: "dns", Status: "verified"}}}
}

// BenchmarkDecide decides a million users; the goal is a second on two cores
// (design 5). The sub-benchmarks show that it is linear.
func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		d, o := synthetic(n, 1000)
		l := directory.NewLookup(d)
		q := Request{Connector: NestedGroups, Groups: []string{"Group 0"}, Rules: DefaultRules()}
		s, _, err := q.Resolve(l, d)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("users=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e, err := NewEngine(d, l, o, s)
				if err != nil {
					b.Fatal(err)
				}
				r := e.Decide()
				if r.Decisions[0].Code == CodeNotInScope {
					b.Fatal("nobody in scope")
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "users/s")
		})
		b.Run(fmt.Sprintf("users=%d/outcome", n), func(b *testing.B) {
			e, err := NewEngine(d, l, o, s)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				r := e.Decide()
				if _, err := r.Outcome(nil).Encode(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "users/s")
		})
	}
}

// BenchmarkDomains reports on every domain of a tenant, each with what its
// verification decides, beside one decision of the same tenant: "decisions" is
// how many times as long it takes, which mustn't grow with the number of
// domains.
func BenchmarkDomains(b *testing.B) {
	for _, c := range []struct{ users, domains int }{{100_000, 10}, {100_000, 10_000}, {1_000_000, 10_000}} {
		b.Run(fmt.Sprintf("users=%d/domains=%d", c.users, 2*c.domains), func(b *testing.B) {
			e := manyDomains(b, c.users, c.domains)
			var deciding, reporting time.Duration
			b.ReportAllocs()
			for b.Loop() {
				start := time.Now()
				e, err := NewEngine(e.Directory, e.Lookup, e.Organization, e.Settings)
				if err != nil {
					b.Fatal(err)
				}
				r := e.Decide()
				decided := time.Now()
				if n := len(r.Domains(10, false)); n != 2*c.domains {
					b.Fatalf("%d reports", n)
				}
				deciding += decided.Sub(start)
				reporting += time.Since(decided)
			}
			b.ReportMetric(reporting.Seconds()/deciding.Seconds(), "decisions")
		})
	}
}
