package outcome

import (
	"fmt"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// BenchmarkPlan does what a plan does with a tenant that was accepted before:
// decide, compare, encode. The sub-benchmarks show that it is linear.
func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("users=%d", n), func(b *testing.B) {
			d, o := directorytest.Synthetic(n, 1000)
			l := directory.NewLookup(d)
			q := decision.Request{Connector: decision.NestedGroups, Groups: []string{"Group 0"}}
			s, _, err := q.Resolve(l, d)
			if err != nil {
				b.Fatal(err)
			}
			e, err := decision.NewEngine(d, l, o, s)
			if err != nil {
				b.Fatal(err)
			}
			a := Of(e.Decide(), nil)
			b.ReportAllocs()
			for b.Loop() {
				p := Of(e.Decide(), a)
				if Compare(a, p, p, Compared{Directory: d}).Any() {
					b.Fatal("nothing moved")
				}
				text, err := p.Encode()
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(text))/float64(n), "bytes/user")
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "users/s")
		})
	}
}
