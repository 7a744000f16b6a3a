package entra

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// BenchmarkReadUsers_Partitions reads 100 pages of users at 100 milliseconds for
// each request: as one chain, by fixed ranges of the first character, and by the
// ranges that the partitioned reader finds. Fixed ranges are what it has to beat:
// they know nothing of how names are spread.
func BenchmarkReadUsers_Partitions(b *testing.B) {
	const pages, perPage = 100, 20
	tenants := map[string]func() (*simulator.Server, error){
		"synthetic": func() (*simulator.Server, error) {
			return simulator.NewSynthetic(simulator.Synthetic{Users: pages * perPage})
		},
	}
	names := maps.Clone(namings)
	names["first and last names"] = personName
	for name, naming := range names {
		tenants[name] = func() (*simulator.Server, error) { return named(pages*perPage, naming) }
	}
	for name, tenant := range tenants {
		s, err := tenant()
		t := start(b, s, err)
		if err := t.client().SignIn(b.Context()); err != nil {
			b.Fatal(err)
		}
		t.SetLatency(100 * time.Millisecond)
		for method, read := range map[string]func(c *Client, ctx context.Context) (users int, err error){
			"chain":           func(c *Client, ctx context.Context) (int, error) { return readUserRanges(ctx, c, [][2]string{{}}) },
			"first-character": func(c *Client, ctx context.Context) (int, error) { return readUserRanges(ctx, c, firstCharacters()) },
			"partitioned": func(c *Client, ctx context.Context) (int, error) {
				r := c.newRead(ReadOptions{}, directory.NewBuilder(nil))
				_, err := r.users(ctx)
				return r.b.UserCount(), err
			},
		} {
			b.Run(name+"/"+method, func(b *testing.B) {
				requests := 0
				for b.Loop() {
					c := t.small(perPage, false)
					if err := c.SignIn(b.Context()); err != nil {
						b.Fatal(err)
					}
					t.ResetRequests()
					if users, err := read(c, b.Context()); err != nil || users < pages*perPage {
						b.Fatalf("got %d users (%v), want %d", users, err, pages*perPage)
					}
					requests = t.Requests().Total
				}
				b.ReportMetric(float64(requests), "requests")
			})
		}
	}
}

// personName is a name like those of people, the best case of fixed ranges.
func personName(i int) string {
	first := strings.Fields("james mary michael patricia robert jennifer john linda david elizabeth william barbara " +
		"richard susan joseph jessica thomas karen christopher sarah charles lisa daniel nancy matthew sandra " +
		"anthony ashley mark emily steven kimberly paul donna andrew michelle joshua carol kenneth amanda kevin " +
		"betty brian melissa timothy deborah ronald stephanie george rebecca jason sharon edward laura frank gary " +
		"henry ida oscar peter quentin ulrich victor walter xavier yvonne zoe")
	last := strings.Fields("smith johnson williams brown jones garcia miller davis rodriguez martinez")
	n := int(uint32(i) * 2654435761 >> 8)
	return fmt.Sprintf("%s.%s%d@x.example", first[n%len(first)], last[n/len(first)%len(last)], i)
}

// firstCharacters are the ranges between the characters that names begin with.
func firstCharacters() [][2]string {
	var ranges [][2]string
	lo := ""
	for _, c := range keyAlphabet[1:] {
		ranges = append(ranges, [2]string{lo, string(c)})
		lo = string(c)
	}
	return append(ranges, [2]string{lo, ""})
}

// readUserRanges reads the users of some ranges side by side, and counts them.
func readUserRanges(ctx context.Context, c *Client, ranges [][2]string) (int, error) {
	l := &collection{
		path:     "/users",
		query:    url.Values{"$select": {"id,userPrincipalName"}, "$top": {c.pageSize}},
		property: "userPrincipalName",
	}
	found := make([]map[string]bool, len(ranges))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(graph.MaxConcurrent)
	for i, ends := range ranges {
		found[i] = map[string]bool{}
		g.Go(func() error {
			r := graph.Request{
				Method:    http.MethodGet,
				URL:       l.address(ends[0], ends[1]),
				Operation: "reading users",
				Need:      NeedUsers,
			}
			return c.eachObject(ctx, r, func(raw []byte) error {
				found[i][string(raw[:60])] = true
				return nil
			})
		})
	}
	err := g.Wait()
	all := map[string]bool{}
	for _, m := range found {
		for id := range m {
			all[id] = true
		}
	}
	return len(all), err
}
