package entra

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

var keptAt = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

// keep reads a tenant with what stays for later.
func (b *bench) cacheEntry(c *Client, attributes ...string) (*directory.Directory, *CacheEntry) {
	b.t.Helper()
	d, kept, err := c.ReadForCache(context.Background(), attributes, keptAt)
	if err != nil || kept == nil {
		b.t.Fatal(kept, err)
	}
	return d, b.reload(c, kept, attributes)
}

// reload is what another process finds.
func (b *bench) reload(c *Client, kept *CacheEntry, attributes []string) *CacheEntry {
	b.t.Helper()
	raw, err := kept.Pack()
	if err != nil {
		b.t.Fatal(err)
	}
	again, err := c.DecodeCacheEntry(raw, attributes, keptAt)
	if err != nil {
		b.t.Fatal(err)
	}
	return again
}

// refreshed brings up to date and compares with a full read.
func (b *bench) refreshed(c *Client, kept *CacheEntry, attributes ...string) *CacheEntry {
	b.t.Helper()
	d, err := c.Refresh(context.Background(), kept)
	if err != nil {
		b.t.Fatal(err)
	}
	sameReading(b.t, d, b.mustRead(ReadOptions{Attributes: attributes}))
	return b.reload(c, kept, attributes)
}

// withoutLogin leaves the login out of the counts.
func withoutLogin(asked map[string]int) map[string]int {
	for k := range asked {
		if strings.Contains(k, "{tenant}") {
			delete(asked, k)
		}
	}
	return asked
}

// An unchanged tenant costs three requests, whatever its size; a changed one
// what changed.
func TestRefreshCostsWhatChanged(t *testing.T) {
	for _, users := range []int{100, 5000} {
		s, err := simulator.NewSynthetic(simulator.Synthetic{Users: users, Groups: 30})
		b := start(t, s, err)
		c := b.client()
		d, kept := b.cacheEntry(c, "department")
		sameReading(t, d, b.mustRead(ReadOptions{Attributes: []string{"department"}}))
		unchanged := map[string]int{"GET /v1.0/domains": 1, "GET /v1.0/users/delta": 1, "GET /v1.0/groups/delta": 1}
		for range 2 {
			b.ResetRequests()
			if _, err := c.Refresh(context.Background(), kept); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(unchanged, withoutLogin(b.asked())); diff != "" {
				t.Errorf("%d users:\n%s", users, diff)
			}
			kept = b.reload(c, kept, []string{"department"})
		}
		group, user := d.Groups[3].ID, d.Users[5].ID
		for _, err := range []error{
			b.RemoveMember(group, d.Users[d.Groups[3].Users[0]].ID), b.DeleteObject(d.Users[7].ID, true),
			put(b.PutUser, `{"id":%q,"department":null,"userType":"Guest"}`, user), put(b.PutGroup, `{"id":%q,"displayName":"Renamed"}`, group),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		b.ResetRequests()
		if _, err := c.Refresh(context.Background(), kept); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(unchanged, withoutLogin(b.asked())); diff != "" {
			t.Errorf("%d users, some changed:\n%s", users, diff)
		}
		kept = b.refreshed(c, b.reload(c, kept, []string{"department"}), "department")
		id, err := b.PutUser(
			[]byte(`{"userPrincipalName":"new@bigcorp.example","userType":"Member","accountEnabled":true}`),
		)
		if err = errors.Join(err, b.AddMember(group, id)); err != nil {
			t.Fatal(err)
		}
		b.ResetRequests()
		if _, err := c.Refresh(context.Background(), kept); err != nil {
			t.Fatal(err)
		}
		if asked := withoutLogin(
			b.asked(),
		); asked[sendBatch] != 1 || asked["batch GET /v1.0/users/{id}/memberOf"] != 1 ||
			asked[listUsers] != 0 {
			t.Errorf("one user more: %v", asked)
		}
		b.refreshed(c, b.reload(c, kept, []string{"department"}), "department")
	}
}

func put(f func([]byte) (string, error), format string, args ...any) error {
	_, err := f(fmt.Appendf(nil, format, args...))
	return err
}

// Deleted users keep their memberships, unseen, and bring them back; even those
// who were deleted before anything was read.
func TestRestoredUsers(t *testing.T) {
	b := companyTenant(t)
	c := b.client()
	seed := b.mustRead(ReadOptions{})
	early, late := seed.Users[seed.Groups[0].Users[0]].ID, seed.Users[seed.Groups[0].Users[1]].ID
	must(t, b.DeleteObject(early, true))
	_, kept := b.cacheEntry(c)
	must(t, b.DeleteObject(late, true))
	kept = b.refreshed(c, kept)
	must(t, b.RestoreUser(early))
	kept = b.refreshed(c, kept)
	must(t, b.RestoreUser(late))
	kept = b.refreshed(c, kept)
	must(t, b.DeleteObject(late, false))
	kept = b.refreshed(c, kept)
	if d, err := c.Refresh(context.Background(), kept); err != nil || len(d.Users) != len(seed.Users)-1 {
		t.Error(err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Groups whose members are withheld or hidden, and members that can't be read,
// are as in a full read, at each refresh.
func TestOpaqueGroups(t *testing.T) {
	const user = "11111111-0000-4000-8000-000000000001"
	b := tenantOf(
		t,
		`{"id":"`+user+`","userPrincipalName":"a@x.example","userType":"Member","accountEnabled":true}`,
		`{"id":"aaaaaaaa-0000-4000-8000-000000000001","displayName":"Hidden","visibility":"HiddenMembership","members":[]},
		{"id":"aaaaaaaa-0000-4000-8000-000000000002","displayName":"Open","members":[{"@odata.type":"#microsoft.graph.user","id":"eeeeeeee-0000-4000-8000-000000000001"},{"@odata.type":"#microsoft.graph.device","id":"dddddddd-0000-4000-8000-000000000001"}]}`,
	)
	c := b.client()
	_, kept := b.cacheEntry(c)
	b.ResetRequests()
	kept = b.refreshed(c, kept)
	must(t, b.AddMember("aaaaaaaa-0000-4000-8000-000000000001", user))
	kept = b.refreshed(c, kept)
	b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: listMembers, Status: 403, Times: -1})
	kept = b.withheld(c, kept)
	b.ClearFaults()
	kept = b.refreshed(c, kept)
	must(t, b.RemoveMember("aaaaaaaa-0000-4000-8000-000000000001", user))
	b.refreshed(c, kept)
}

// withheld is refreshed while members are refused: the hidden group alone is
// asked for.
func (b *bench) withheld(c *Client, kept *CacheEntry) *CacheEntry {
	b.t.Helper()
	d, err := c.Refresh(context.Background(), kept)
	if err != nil || !d.Groups[0].Hidden || d.Groups[1].Hidden {
		b.t.Fatal(d, err)
	}
	return b.reload(c, kept, nil)
}

// A token that is expired, lost or foreign: everything is read, and says so.
func TestStaleLinks(t *testing.T) {
	for name, break_ := range map[string]func(b *bench, k *CacheEntry){
		"gone":              func(b *bench, _ *CacheEntry) { b.ExpireDeltaTokens(simulator.DeltaGone) },
		"syncStateNotFound": func(b *bench, _ *CacheEntry) { b.ExpireDeltaTokens(simulator.DeltaState) },
		"resyncRequired":    func(b *bench, _ *CacheEntry) { b.ExpireDeltaTokens(simulator.DeltaResync) },
		"of another tenant": func(_ *bench, k *CacheEntry) { k.usersLink = k.usersLink[:len(k.usersLink)-20] },
		"of groups":         func(_ *bench, k *CacheEntry) { k.usersLink = strings.Replace(k.groupsLink, "groups/", "users/", 1) },
		"refused": func(b *bench, _ *CacheEntry) {
			b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/users/delta", Status: 403})
		},
		"not there": func(b *bench, _ *CacheEntry) {
			b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/groups/delta", Status: 404})
		},
		"broken": func(b *bench, _ *CacheEntry) {
			b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/groups/delta", Status: 500, Times: -1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := companyTenant(t)
			c := b.client()
			_, kept := b.cacheEntry(c)
			break_(b, kept)
			if _, err := c.Refresh(context.Background(), kept); !errors.Is(err, ErrStale) {
				t.Error(err)
			}
		})
	}
}

// Throttling and strangers aren't passed over by reading everything.
func TestRefreshThatFails(t *testing.T) {
	b := companyTenant(t)
	c := b.client()
	_, kept := b.cacheEntry(c)
	b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/users/delta", Times: -1})
	var e *Error
	if _, err := c.Refresh(
		context.Background(),
		kept,
	); errors.Is(err, ErrStale) || !errors.As(err, &e) ||
		e.Status != 429 {
		t.Error(err)
	}
	for _, kind := range []simulator.FaultKind{simulator.FaultNextForeign, simulator.FaultNextLoop} {
		b := paged(t)
		c := b.client()
		_, kept := b.cacheEntry(c)
		for i := range 500 { // more than a page of changes
			must(
				t,
				put(
					b.PutUser,
					`{"userPrincipalName":"n%d@bigcorp.example","userType":"Member","accountEnabled":true}`,
					i,
				),
			)
		}
		b.fault(
			simulator.Fault{
				Kind:  kind,
				Match: "GET /v1.0/users/delta",
				Host:  strings.TrimPrefix(b.stranger().URL, "https://"),
				Times: -1,
			},
		)
		if _, err := c.Refresh(context.Background(), kept); !isProtocolViolation(err) || errors.Is(err, ErrStale) {
			t.Error(kind, err)
		}
	}
}

// A deltaLink that leads elsewhere is refused when it comes, and when it is
// found in what was kept.
func TestForeignDeltaLinks(t *testing.T) {
	b := companyTenant(t)
	foreign := b.stranger().URL
	for _, link := range []string{foreign + "/v1.0/users/delta?x", "http://HOST/v1.0/users/delta?x", "/users/delta?x", "https://HOST@evil.example/v1.0/users"} {
		s := b.front(func(r *http.Request, body []byte) (int, string, []byte) {
			if r.URL.Path != "/v1.0/users/delta" {
				return 0, "", nil
			}
			return 200, "application/json", []byte(
				`{"value":[],"@odata.deltaLink":"` + strings.ReplaceAll(link, "HOST", r.Host) + `"}`,
			)
		})
		c := b.clientAt(s.URL)
		_, kept, err := c.ReadForCache(context.Background(), nil, keptAt)
		if !isProtocolViolation(err) || kept != nil {
			t.Error(link, err)
		}
	}
	c := b.client()
	_, kept := b.cacheEntry(c)
	for _, link := range []string{foreign + "/v1.0/users/delta?x", "/users/delta?x", "", strings.Replace(kept.usersLink, "https", "http", 1)} {
		kept.usersLink = link
		raw, err := kept.Pack()
		must(t, err)
		if _, err := c.DecodeCacheEntry(raw, nil, keptAt); !errors.Is(err, ErrStale) {
			t.Error(link, err)
		}
	}
}

// What can't be gone on from.
func TestUnpackKept(t *testing.T) {
	b := companyTenant(t)
	c := b.client()
	_, kept := b.cacheEntry(c, "department")
	raw, err := kept.Pack()
	must(t, err)
	for name, f := range map[string]func() (*CacheEntry, error){
		"too old": func() (*CacheEntry, error) {
			return c.DecodeCacheEntry(raw, []string{"department"}, keptAt.Add(CacheLifetime+time.Second))
		},
		"to come": func() (*CacheEntry, error) {
			return c.DecodeCacheEntry(raw, []string{"department"}, keptAt.Add(-time.Second))
		},
		"attributes": func() (*CacheEntry, error) { return c.DecodeCacheEntry(raw, nil, keptAt) },
		"empty":      func() (*CacheEntry, error) { return c.DecodeCacheEntry(nil, nil, keptAt) },
		"cut": func() (*CacheEntry, error) {
			return c.DecodeCacheEntry(raw[:len(raw)-1], []string{"department"}, keptAt)
		},
		"longer":     func() (*CacheEntry, error) { return c.DecodeCacheEntry(append(raw, 0), []string{"department"}, keptAt) },
		"head alone": func() (*CacheEntry, error) { return c.DecodeCacheEntry([]byte("{}\n"), nil, keptAt) },
	} {
		if k, err := f(); !errors.Is(err, ErrStale) || k != nil {
			t.Error(name, err)
		}
	}
	if _, err := c.DecodeCacheEntry(raw, []string{"department", "department"}, keptAt.Add(CacheLifetime)); err != nil {
		t.Error(err)
	}
}

// Without delta there is a reading, and nothing to keep.
func TestNothingToKeep(t *testing.T) {
	b := companyTenant(t)
	b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/groups/delta", Status: 403, Times: -1})
	d, kept, err := b.client().ReadForCache(context.Background(), nil, keptAt)
	if err != nil || kept != nil {
		t.Fatal(kept, err)
	}
	sameReading(t, d, b.seed())
}

// Who reads decides what is seen.
func TestScope(t *testing.T) {
	b := companyTenant(
		t,
		simulator.WithApp(
			simulator.App{
				ClientID: "few",
				Secret:   "x",
				Roles:    []string{"User.Read.All", "GroupMember.Read.All", "Domain.Read.All"},
			},
		),
	)
	one, err := b.client().Scope(context.Background())
	must(t, err)
	two, err := b.client(func(c *Config) { c.ClientID, c.ClientSecret = "few", "x" }).Scope(context.Background())
	must(t, err)
	again, err := b.client().Scope(context.Background())
	must(t, err)
	if one == two || one != again || !strings.Contains(one, b.TenantID()) || !strings.Contains(one, b.URL()) ||
		strings.Contains(one, simulator.DefaultClientSecret) {
		t.Errorf("%q %q", one, two)
	}
}

// What changed while the tenant was read, and can't be asked for in the end, doesn't
// leave half of it in the reading.
func TestAppliedInPart(t *testing.T) {
	const user, group = "eeeeeeee-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000001"
	followed := 0
	for nth := 1; nth <= 6; nth++ {
		b := tenantOf(
			t,
			`{"id":"`+user+`","userPrincipalName":"a@x.example","userType":"Member","accountEnabled":true},
			{"id":"eeeeeeee-0000-4000-8000-000000000002","userPrincipalName":"b@x.example","userType":"Member"}`,
			`{"id":"`+group+`","displayName":"Staff","members":[
				{"@odata.type":"#microsoft.graph.user","id":"`+user+`"}]}`,
		)
		once := sync.OnceFunc(func() { must(t, b.AddMember(group, "eeeeeeee-0000-4000-8000-000000000002")) })
		remove := b.OnRequest(func(r simulator.Request) (func(), func()) {
			if strings.Contains(r.Route, "/domains") {
				return once, nil
			}
			return nil, nil
		})
		b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: listMembers, Status: 400, Nth: nth})
		d, kept, err := b.client().ReadForCache(context.Background(), nil, keptAt)
		remove()
		b.ClearFaults()
		if err != nil {
			continue // it failed clearly
		}
		sameReading(t, d, b.mustRead(ReadOptions{}))
		if kept != nil {
			followed++
		}
	}
	if followed == 0 {
		t.Error("nothing was followed")
	}
}
