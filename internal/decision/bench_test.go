package decision

import (
	"fmt"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// BenchmarkDecide decides a million users; the goal is a second on two cores
// [CONTRIBUTING: Rules of speed]. The sub-benchmarks show that it is linear.
func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		d, o := directorytest.Synthetic(n, 1000)
		l := directory.NewLookup(d)
		q := Request{Connector: NestedGroups, Groups: []string{"Group 0"}}
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
				if r.Decisions[0].Code == reason.NotInScope {
					b.Fatal("nobody in scope")
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "users/s")
		})
	}
}

// BenchmarkDecide_Job decides a million users over a provisioning job with five
// mappings, one of them an expression and one with a filter; the goal is two seconds on
// two cores.
func BenchmarkDecide_Job(b *testing.B) {
	const n = 1_000_000
	d, o := directorytest.Synthetic(n, 1000)
	filter := `{"groups":[{"name":"people","clauses":[{"sourceOperandName":"mail","operatorName":"IS NOT NULL",` +
		`"targetOperand":{"values":[]}}]}]}`
	mapping := directorytest.Mapping(
		b,
		filter,
		"!userName",
		"[userPrincipalName]",
		`emails[type eq "work"].value`,
		"[mail]",
		"active",
		"Not([IsSoftDeleted])",
		"displayName",
		`Coalesce([mail], [userPrincipalName])`,
		"externalId",
		"[objectId]",
	)
	d = d.WithJobs([]directory.Job{{
		ServicePrincipalID: "sp", DisplayName: "Atlassian Cloud", JobID: "job",
		Mappings: []string{mapping, directorytest.GroupMapping}, Assigned: groupIDs(d),
	}})
	l := directory.NewLookup(d)
	s, _, err := Request{Connector: SCIM}.Resolve(l, d)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		e, err := NewEngine(d, l, o, s)
		if err != nil {
			b.Fatal(err)
		}
		in := 0
		for _, one := range e.Decide().Decisions {
			if one.Code != reason.NotInScope {
				in++
			}
		}
		if in < n/2 {
			b.Fatalf("%d in scope", in)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "users/s")
}

func groupIDs(d *directory.Directory) (ids []string) {
	for i := range d.Groups {
		ids = append(ids, d.Groups[i].ID)
	}
	return ids
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
