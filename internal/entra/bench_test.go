package entra

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const benchUsers = 100_000

func large(b *testing.B) *bench {
	b.Helper()
	s, err := simulator.NewSynthetic(simulator.Synthetic{Users: benchUsers})
	return start(b, s, err)
}

func report(b *testing.B, requests int) {
	b.ReportAllocs() // the simulator's in this process, too
	b.ReportMetric(float64(benchUsers)*float64(b.N)/b.Elapsed().Seconds(), "users/s")
	b.ReportMetric(float64(requests), "requests")
}

// Side by side, and as one chain of pages; at a latency for each request that is
// like that of Graph, and without.
func BenchmarkReadDirectory(b *testing.B) {
	tenant := large(b)
	for _, latency := range []time.Duration{0, 50 * time.Millisecond, 200 * time.Millisecond} {
		tenant.SetLatency(latency)
		for name, alone := range map[string]bool{"side-by-side": false, "chain": true} {
			b.Run(fmt.Sprint(latency, "/", name), func(b *testing.B) {
				requests := 0
				for b.Loop() {
					tenant.ResetRequests()
					c := tenant.client()
					c.sequential = alone
					tenant.mustReadBy(c, ReadOptions{Attributes: []string{"department", "jobTitle"}})
					requests = tenant.Requests().Total
				}
				report(b, requests)
			})
		}
	}
}

// An unchanged tenant that was kept.
func BenchmarkRefresh(b *testing.B) {
	tenant := large(b)
	c := tenant.client()
	_, kept, err := c.ReadForCache(context.Background(), nil, keptAt)
	if err != nil {
		b.Fatal(err)
	}
	raw, err := kept.Pack()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		again, err := c.DecodeCacheEntry(raw, nil, keptAt)
		if err == nil {
			_, err = c.Refresh(context.Background(), again)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadBelowGroup(b *testing.B) {
	tenant := large(b)
	requests := 0
	for b.Loop() {
		tenant.ResetRequests()
		tenant.mustRead(ReadOptions{Groups: []string{simulator.SyntheticScopeGroup}})
		requests = tenant.Requests().Total
	}
	report(b, requests)
}

// The baseline: the same pages of users, groups and members, one after
// another, into maps, and nothing made of them.
func BenchmarkReadDirectoryBaselineMaps(b *testing.B) {
	tenant := large(b)
	token := tokenOf(b, tenant.Handler(), tenant.URL(), tenant.TenantID())
	plain := &http.Client{
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: tenant.roots}, ForceAttemptHTTP2: true},
	}
	ask := func(method, url string, body []byte) map[string]any {
		r, err := http.NewRequest(method, url, bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		resp, err := plain.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		defer resp.Body.Close()
		raw, err := io.ReadAll(resp.Body)
		if err != nil {
			b.Fatal(err)
		}
		var page map[string]any
		if err := json.Unmarshal(raw, &page); err != nil {
			b.Fatal(err)
		}
		return page
	}
	follow := func(url string, each func(page map[string]any)) {
		for url != "" {
			page := ask(http.MethodGet, url, nil)
			each(page)
			url, _ = page["@odata.nextLink"].(string)
		}
	}
	requests := 0
	for b.Loop() {
		tenant.ResetRequests()
		base := tenant.URL() + "/v1.0"
		follow(
			base+"/users?$top=999&$select=id,userPrincipalName,mail,otherMails,userType,creationType,externalUserState,accountEnabled,onPremisesSyncEnabled,department,jobTitle",
			func(map[string]any) {},
		)
		var items []map[string]string
		flush := func() {
			for len(items) > 0 {
				part := items[:min(20, len(items))]
				items = items[len(part):]
				body, err := json.Marshal(map[string]any{"requests": part})
				if err != nil {
					b.Fatal(err)
				}
				answer := ask(http.MethodPost, base+"/$batch", body)
				for _, x := range answer["responses"].([]any) {
					page := x.(map[string]any)["body"].(map[string]any)
					if next, ok := page["@odata.nextLink"].(string); ok {
						items = append(
							items,
							map[string]string{
								"id":     "n" + x.(map[string]any)["id"].(string) + next[max(0, len(next)-20):],
								"method": "GET",
								"url":    next[len(base):],
							},
						)
					}
				}
			}
		}
		follow(
			base+"/groups?$top=999&$select=id,displayName,securityEnabled,membershipRule,visibility",
			func(page map[string]any) {
				for _, g := range page["value"].([]any) {
					id := g.(map[string]any)["id"].(string)
					items = append(
						items,
						map[string]string{
							"id":     id,
							"method": "GET",
							"url":    "/groups/" + id + "/members?$select=id&$top=999",
						},
					)
				}
			},
		)
		flush()
		requests = tenant.Requests().Total
	}
	report(b, requests)
}
