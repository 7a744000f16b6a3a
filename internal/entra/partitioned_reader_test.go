package entra

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// userID is the id of the i-th user of a made-up tenant.
func userID(i int) string { return fmt.Sprintf("11111111-0000-4000-8000-%012d", i) }

// named is a tenant of users with given names, in that order.
func named(n int, name func(i int) string, options ...simulator.Option) (*simulator.Server, error) {
	users := make([]string, n)
	for i := range users {
		users[i] = fmt.Sprintf(
			`{"id":%q,"userPrincipalName":%q,"userType":"Member","accountEnabled":true}`,
			userID(i),
			name(i),
		)
	}
	return simulator.New(
		strings.NewReader(
			fmt.Sprintf(
				`{"version":1,"entra":{"tenant_id":%q,"domains":[{"id":"x.example","isVerified":true,"isInitial":true,"isDefault":true}],"users":[%s],
		"groups":[{"id":"aaaaaaaa-0000-4000-8000-000000000001","displayName":"One","members":[{"@odata.type":"#microsoft.graph.user","id":%q}]}]}}`,
				simulator.DefaultTenantID,
				strings.Join(users, ","),
				userID(0),
			),
		),
		options...)
}

func namedTenant(t testing.TB, n int, name func(i int) string, options ...simulator.Option) *bench {
	t.Helper()
	s, err := named(n, name, options...)
	return start(t, s, err)
}

// names in the orders and shapes of real tenants, by position.
var namings = map[string]func(i int) string{
	"numbers in order": func(i int) string { return fmt.Sprintf("e%06d@x.example", i) },
	"a long beginning": func(i int) string { return fmt.Sprintf("contractor-emea-%05d@x.example", i) },
	"shuffled":         func(i int) string { return fmt.Sprintf("u%x@x.example", uint32(i)*2654435761) },
	"clusters": func(i int) string {
		if i%20 == 0 {
			return fmt.Sprintf("%c.person%d@x.example", 'a'+i%26, i)
		}
		return fmt.Sprintf("svc-%d@x.example", i)
	},
	"guests": func(i int) string { return fmt.Sprintf("o'neil%d_fabrikam.example#EXT#@x.example", i) },
	"no ASCII": func(i int) string {
		if i%3 == 0 {
			return fmt.Sprintf("ü%d@x.example", i)
		}
		return fmt.Sprintf("z%d@x.example", i)
	},
}

// small is a client with small pages; alone reads the chain.
func (b *bench) small(top int, alone bool) *Client {
	c := b.client()
	c.pageSize, c.sequential, c.fastPage = fmt.Sprint(top), alone, 0
	return c
}

func (b *bench) mustReadBy(c *Client, o ReadOptions) *directory.Directory {
	b.t.Helper()
	d, err := c.ReadDirectory(context.Background(), o)
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

// The bytes are those of the chain, whatever the names, and the requests stay
// within about twice its.
func TestRangesGiveWhatTheChainGives(t *testing.T) {
	for name, naming := range namings {
		t.Run(name, func(t *testing.T) {
			b := namedTenant(t, 1000, naming)
			want := b.mustReadBy(b.small(20, true), ReadOptions{})
			chain := b.asked()[listUsers]
			for range 3 {
				b.ResetRequests()
				sameReading(t, b.mustReadBy(b.small(20, false), ReadOptions{}), want)
				asked := b.asked()
				if asked["GET /v1.0/users/delta"] != 2 || asked[listUsers] > 2*chain+2*graph.MaxConcurrent {
					t.Errorf("the chain has %d pages: %v", chain, asked)
				}
			}
		})
	}
}

// Few pages are read as they always were.
func TestSmallTenantsAreChains(t *testing.T) {
	for _, users := range []int{0, 1, 20, 21, 60} {
		b := namedTenant(t, users+1, namings["shuffled"])
		b.mustReadBy(b.small(20, false), ReadOptions{})
		asked := b.asked()
		if pages := (users + 1 + 19) / 20; asked[listUsers] != min(pages, pagesBeforeRanges) &&
			pages <= pagesBeforeRanges ||
			asked["GET /v1.0/users/delta"] != 0 && pages <= pagesBeforeRanges {
			t.Errorf("%d users: %v", users+1, asked)
		}
	}
}

// teams is a tenant of 400 groups, whose names several share, each with one member.
func teams(t *testing.T) *bench {
	t.Helper()
	var groups []string
	for i := range 400 {
		groups = append(
			groups,
			fmt.Sprintf(
				`{"id":"aaaaaaaa-0000-4000-8000-%012d","displayName":"Team %d","members":[{"@odata.type":"#microsoft.graph.user","id":%q}]}`,
				i,
				i/3,
				userID(0),
			),
		)
	}
	return tenantOf(
		t,
		`{"id":"`+userID(0)+`","userPrincipalName":"a@x.example","userType":"Member","accountEnabled":true}`,
		strings.Join(groups, ","),
	)
}

// Groups are divided by their names, which several may share.
func TestRangesOfGroups(t *testing.T) {
	b := teams(t)
	want := b.mustReadBy(b.small(20, true), ReadOptions{})
	sameReading(t, b.mustReadBy(b.small(20, false), ReadOptions{}), want)
	if b.asked()["GET /v1.0/groups/delta"] != 2 {
		t.Error(b.asked())
	}
}

// Groups that ranges leave out, or whose changes can't be followed, have their members
// all the same.
func TestRangesOfGroupsThatDontWork(t *testing.T) {
	for name, answer := range map[string]func(r *http.Request) (int, string){
		"ranges are empty": func(r *http.Request) (int, string) {
			if r.URL.Path == "/v1.0/groups" && strings.Contains(r.URL.RawQuery, "filter") {
				return 200, `{"value":[]}`
			}
			return 0, ""
		},
		"delta fails in the end": func(r *http.Request) (int, string) {
			if r.URL.Path == "/v1.0/groups" && strings.Contains(r.URL.RawQuery, "filter") {
				return 200, `{"value":[]}`
			}
			if r.URL.Path == "/v1.0/groups/delta" && !strings.Contains(r.URL.RawQuery, "latest") {
				return 410, `{"error":{"code":"resyncRequired","message":"Gone."}}`
			}
			return 0, ""
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := teams(t)
			want := b.mustReadBy(b.small(20, true), ReadOptions{})
			s := b.front(func(r *http.Request, _ []byte) (int, string, []byte) {
				if status, body := answer(r); status != 0 {
					return status, "application/json", []byte(body)
				}
				return 0, "", nil
			})
			c := b.clientAt(s.URL)
			c.pageSize, c.fastPage = "20", 0
			sameReading(t, b.mustReadBy(c, ReadOptions{}), want)
		})
	}
}

// A service that refuses ranges, or delta, or forgets somebody in the ranges:
// the chain goes on.
func TestRangesThatDontWork(t *testing.T) {
	isRange := func(r *http.Request) bool {
		return r.URL.Path == "/v1.0/users" && strings.Contains(r.URL.RawQuery, "filter")
	}
	for name, change := range map[string]func(r *http.Request, body []byte) (int, string, []byte){
		"ranges are refused": func(r *http.Request, _ []byte) (int, string, []byte) {
			if isRange(r) {
				return 400, "application/json", []byte(`{"error":{"code":"Request_UnsupportedQuery","message":"Unsupported Query."}}`)
			}
			return 0, "", nil
		},
		"delta is refused": func(r *http.Request, _ []byte) (int, string, []byte) {
			if r.URL.Path == "/v1.0/users/delta" {
				return 403, "application/json", []byte(`{"error":{"code":"Authorization_RequestDenied","message":"No."}}`)
			}
			return 0, "", nil
		},
		"delta fails in the end": func(r *http.Request, _ []byte) (int, string, []byte) {
			if r.URL.Path == "/v1.0/users/delta" && !strings.Contains(r.URL.RawQuery, "latest") {
				return 410, "application/json", []byte(`{"error":{"code":"resyncRequired","message":"Gone."}}`)
			}
			return 0, "", nil
		},
		"ranges are empty": func(r *http.Request, _ []byte) (int, string, []byte) {
			if isRange(r) {
				return 200, "application/json", []byte(`{"value":[]}`)
			}
			return 0, "", nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := namedTenant(t, 400, namings["shuffled"])
			want := b.mustReadBy(b.small(20, true), ReadOptions{})
			s := b.front(change)
			c := b.clientAt(s.URL)
			c.pageSize, c.fastPage = "20", 0
			sameReading(t, b.mustReadBy(c, ReadOptions{}), want)
		})
	}
}

// A hundred pages of users take at most a quarter of the chain's time, at 200
// milliseconds for each request.
func TestAQuarterOfTheTime(t *testing.T) {
	for name, tenant := range map[string]func() (*simulator.Server, error){
		"synthetic": func() (*simulator.Server, error) {
			return simulator.NewSynthetic(simulator.Synthetic{Users: 10_000, Groups: 1000, NestingDepth: 10})
		},
		"numbers in order": func() (*simulator.Server, error) { return named(10_000, namings["numbers in order"]) },
		"clusters":         func() (*simulator.Server, error) { return named(10_000, namings["clusters"]) },
		"shuffled":         func() (*simulator.Server, error) { return named(10_000, namings["shuffled"]) },
	} {
		t.Run(name, func(t *testing.T) {
			s, err := tenant()
			if err != nil {
				t.Fatal(err)
			}
			chain, want := timed(t, s, "100", true)
			asked := s.Requests().Routes[listUsers]
			s.ResetRequests()
			sideBySide, got := timed(t, s, "100", false)
			t.Logf("%v and %d pages instead of %v and %d", sideBySide, s.Requests().Routes[listUsers], chain, asked)
			if 4*sideBySide > chain || s.Requests().Routes[listUsers] > 2*asked+2*graph.MaxConcurrent {
				t.Error("too slow, or too many")
			}
			if got != want {
				t.Error("another reading")
			}
		})
	}
}

// While the tenant is read, people are renamed from the end of the alphabet to
// its beginning and back, come, and go: whoever was there all the time is in the
// reading, once, by a name that they had.
func TestNobodyIsLostWhileTheTenantMoves(t *testing.T) {
	for seed := range uint64(8) {
		b := namedTenant(
			t,
			600,
			namings["shuffled"],
			simulator.WithBehavior(func(b *simulator.Behavior) { b.DeltaPageSize = 7 }),
		)
		random := rand.New(rand.NewPCG(seed, 1))
		had := map[string]map[string]bool{}
		for i := range 600 {
			had[userID(i)] = map[string]bool{namings["shuffled"](i): true}
		}
		gone := map[string]bool{}
		var mu sync.Mutex
		n := 600
		move := func() {
			mu.Lock()
			defer mu.Unlock()
			for range 6 {
				id := userID(random.IntN(600))
				switch dice := random.IntN(10); {
				case gone[id]:
				case dice == 0:
					gone[id] = true
					_ = b.DeleteObject(id, random.IntN(2) == 0)
				case dice == 1:
					n++
					_, _ = b.PutUser(
						fmt.Appendf(
							nil,
							`{"id":%q,"userPrincipalName":"new%d@x.example","userType":"Member","accountEnabled":true}`,
							userID(n),
							n,
						),
					)
				default:
					name := fmt.Sprintf("%c%d-%s@x.example", "0az"[random.IntN(3)], random.IntN(1000), id[30:])
					had[id][name] = true
					_, _ = b.PutUser(fmt.Appendf(nil, `{"id":%q,"userPrincipalName":%q}`, id, name))
				}
			}
		}
		remove := b.OnRequest(func(r simulator.Request) (func(), func()) {
			if r.Route == listUsers {
				return move, nil
			}
			return nil, nil
		})
		c := b.small(10, false)
		d := b.mustReadBy(c, ReadOptions{})
		remove()
		seen := map[string]bool{}
		for _, u := range d.Users {
			seen[u.ID] = true
			if had[u.ID] != nil && !had[u.ID][u.UserPrincipalName] {
				t.Errorf("%s never was %s", u.ID, u.UserPrincipalName)
			}
		}
		for id := range had {
			if !seen[id] && !gone[id] {
				t.Errorf("seed %d: %s is lost", seed, id)
			}
		}
		if len(seen) != len(d.Users) {
			t.Error("somebody is there twice")
		}
	}
}
