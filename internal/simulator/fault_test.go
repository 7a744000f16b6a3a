package simulator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
)

func TestFaultsOnSchedule(t *testing.T) {
	c := newClient(
		t,
		WithFault(
			faults.Fault{
				Kind:       faults.Status,
				Match:      "GET /v1.0/users",
				Nth:        2,
				Times:      2,
				Status:     503,
				RetryAfter: "0.01",
			},
		),
	)
	var got []int
	for range 5 {
		c.get("/v1.0/groups").want(t, 200)
		got = append(got, c.get("/v1.0/users").status)
	}
	assert.Equal(t, "statuses", fmt.Sprint(got), "[200 503 503 200 200]")
	if err := c.server.AddFault(faults.Fault{Kind: faults.Status, Times: -1}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		r := c.get("/v1.0/groups").want(t, 429, "TooManyRequests")
		assert.Equal(t, "Retry-After", r.header.Get("Retry-After"), "")
	}
	c.get("/_simulator/requests").want(t, 200) // never hit
	c.get("/"+testTenant+"/v2.0/.well-known/openid-configuration").want(t, 200)
	c.server.ClearFaults()
	c.get("/v1.0/groups").want(t, 200)
}

func TestFaultsWithProbabilityRepeat(t *testing.T) {
	run := func(seed uint64) string {
		c := newClient(
			t, WithSeed(seed), WithFault(faults.Fault{Kind: faults.Status, Times: -1, Probability: 0.3, Status: 500}),
		)
		out := ""
		for range 40 {
			out += fmt.Sprint(c.get("/v1.0/users").status / 100)
		}
		return out
	}
	assert.Equal(t, "same seed", run(7), run(7))
	if run(7) == run(8) || !strings.Contains(run(7), "5") || !strings.Contains(run(7), "2") {
		t.Errorf("%s, %s", run(7), run(8))
	}
}

func TestStaleReads(t *testing.T) {
	c := newClient(t, WithFault(faults.Fault{Kind: faults.Stale, Match: "PATCH /v1.0/users/*", Reads: 2}),
		WithFault(faults.Fault{Kind: faults.Stale, Match: "DELETE /v1.0/users/*", Reads: 1}),
		WithFault(faults.Fault{Kind: faults.Stale, Match: "POST /v1.0/groups", Reads: 1}))
	read := func() string { return c.get("/v1.0/users/" + gus + "?$select=userType").text("userType") }
	c.do("PATCH", "/v1.0/users/"+gus, `{"userType":"Member"}`).want(t, 204)
	assert.Equal(t, "first read", read(), "Guest")
	assert.Equal(t, "in a list", c.get("/v1.0/users?$filter=userType eq 'Guest'&$select=id").column("id"), gus)
	assert.Equal(t, "third read", read(), "Member")
	c.do("DELETE", "/v1.0/users/"+gus, "").want(t, 204)
	assert.Equal(t, "deleted, still there", read(), "Member")
	c.get("/v1.0/users/"+gus).want(t, 404)
	id := c.do(
		"POST", "/v1.0/groups", `{"displayName":"New","mailEnabled":false,"mailNickname":"n","securityEnabled":true}`,
	).text("id")
	c.get("/v1.0/groups/"+id).want(t, 404)
	c.get("/v1.0/groups/"+id).want(t, 200)
}

func TestBentLinks(t *testing.T) {
	c := newClient(t)
	add := func(f faults.Fault) {
		t.Helper()
		if err := c.server.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	add(faults.Fault{Kind: faults.NextLoop, Match: "GET /v1.0/users", Times: -1})
	r := c.get("/v1.0/users?$top=2&$select=id").want(t, 200)
	first := r.text("@odata.nextLink")
	r = c.follow(first).want(t, 200)
	assert.Equal(t, "the same page again", r.column("id")+r.text("@odata.nextLink"), oscar+" "+ada+first)
	c.server.ClearFaults()
	add(faults.Fault{Kind: faults.NextEndless, Match: "GET /v1.0/users", Times: -1})
	seen := map[string]bool{}
	for link := "/v1.0/users?$top=2"; len(seen) < 5; {
		r = c.get(strings.TrimPrefix(link, testBase)).want(t, 200)
		link = r.text("@odata.nextLink")
		if seen[link] || len(r.values()) != 2 {
			t.Fatalf("%s after %v", link, seen)
		}
		seen[link] = true
	}
	c.server.ClearFaults()
	add(faults.Fault{Kind: faults.NextForeign})
	link := c.get("/v1.0/users?$top=2").want(t, 200).text("@odata.nextLink")
	if !strings.HasPrefix(link, "https://attacker.example/v1.0/users?") {
		t.Error(link)
	}
}

func TestLatencyIsInjected(t *testing.T) {
	var slept []time.Duration
	c := newClient(t, WithSleep(func(_ context.Context, d time.Duration) { slept = append(slept, d) }),
		WithLatency(func(method, route string) time.Duration {
			return map[string]time.Duration{"GET /v1.0/users": time.Hour}[method+" "+route]
		}), WithFault(faults.Fault{Kind: faults.Latency, Match: "GET /v1.0/groups", Latency: env.Duration(time.Minute)}))
	c.get("/v1.0/users").want(t, 200)
	c.get("/v1.0/groups").want(t, 200)
	c.get("/v1.0/groups").want(t, 200)
	assert.Equal(t, "slept", fmt.Sprint(slept), "[1h0m0s 1m0s]")
}

func TestBadFaults(t *testing.T) {
	c := newClient(t)
	for _, f := range []faults.Fault{
		{}, {Kind: "x"}, {Kind: faults.Stale}, {Kind: faults.Latency}, {Kind: faults.Status, Status: 200},
		{Kind: faults.Cut, Match: "[", Nth: 1}, {Kind: faults.Cut, Probability: 2},
	} {
		if c.server.AddFault(f) == nil {
			t.Errorf("%+v is accepted", f)
		}
	}
}

func TestCutConnection(t *testing.T) {
	c := newClient(t)
	live := startClient(t, c.server)
	if err := c.server.AddFault(faults.Fault{Kind: faults.Cut, Match: "GET /v1.0/users", AfterBytes: 100}); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodGet, c.server.URL()+"/v1.0/users", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(
		"Authorization",
		"Bearer "+c.server.IssueToken(c.server.URL(), login.App{Roles: login.AllRoles()}, c.server.URL()),
	)
	answer, err := live.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err == nil || len(raw) > 100 || errors.Is(err, io.EOF) {
		t.Errorf("read %d bytes, error %v", len(raw), err)
	}
	again, err := live.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Body.Close()
	if raw, err := io.ReadAll(again.Body); err != nil || len(raw) < 200 {
		t.Errorf("the next request: %d bytes, %v", len(raw), err)
	}
}
