package simulator

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/world"
)

func synthetic(t testing.TB, users int) *client {
	t.Helper()
	server, err := NewSynthetic(world.Synthetic{Users: users, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	c := &client{
		server: server,
		bearer: server.IssueToken(testBase, login.App{ClientID: "x", Roles: login.AllRoles()}, testBase),
	}
	c.t, _ = t.(*testing.T)
	return c
}

func TestSyntheticTenant(t *testing.T) {
	tenant := world.Synthetic{Users: 2000, Groups: 40, NestingDepth: 5, Seed: 3}
	var first, second bytes.Buffer
	for _, out := range []*bytes.Buffer{&first, &second} {
		if err := tenant.WriteSnapshot(out); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same description makes two tenants")
	}
	loaded, err := New(&first)
	if err != nil {
		t.Fatal(err)
	}
	st := loaded.Store
	assert.Equal(t, "users", st.Users.Live, 2000)
	assert.Equal(t, "groups", st.Groups.Live, 40)
	kinds, memberships := map[string]int{}, 0
	for _, ref := range st.Users.Refs {
		o := st.Slots[ref].Object
		memberships += len(st.Slots[ref].Parents)
		switch {
		case o.Value("accountEnabled") == "false":
			kinds["disabled"]++
		case o.Value("mail") == "null":
			kinds["no mail"]++
		case o.Text("creationType") == "Invitation" && o.Text("userType") == "Member":
			kinds["external member"]++
		case o.Text("userType") == "Guest":
			kinds["guest"]++
		}
		_, domain, _ := naming.CutLast(o.Text("userPrincipalName"), "@")
		if !st.Verified(domain) {
			t.Fatalf("%s isn't on a verified domain", o.Text("userPrincipalName"))
		}
	}
	for _, kind := range []string{"disabled", "no mail", "external member", "guest"} {
		if kinds[kind] == 0 {
			t.Errorf("nobody is %s", kind)
		}
	}
	if mean := float64(memberships) / 2000; mean < 3 || mean > 7 {
		t.Errorf("%.1f memberships on average", mean)
	}
	assert.Equal(t, "levels under the scope group", levels(st), 5)
	for _, tenant := range []world.Synthetic{
		{}, {Users: 1, Groups: 1}, {Users: 3, Groups: 2, NestingDepth: 1}, {Groups: 5, NestingDepth: 9},
	} {
		if _, err := NewSynthetic(tenant); err != nil {
			t.Errorf("%+v: %v", tenant, err)
		}
	}
}

// levels is how deep groups are nested under the scope group.
func levels(st *tenant.Store) int {
	var level []int32
	for _, ref := range st.Groups.Refs {
		if st.Slots[ref].Object.Text("displayName") == world.SyntheticScopeGroup {
			level = []int32{ref}
		}
	}
	seen := map[int32]bool{level[0]: true}
	for depth := 0; ; depth++ {
		var next []int32
		for _, ref := range level {
			for _, m := range st.Slots[ref].Object.Members {
				if st.Slots[m].Object.Entity == st.GroupType && !seen[m] {
					seen[m] = true
					next = append(next, m)
				}
			}
		}
		if len(next) == 0 {
			return depth
		}
		level = next
	}
}

// Readers see whole states while writers change them; the race detector watches.
func TestConcurrentUse(t *testing.T) {
	c := synthetic(t, 500)
	if err := c.server.AddFault(
		faults.Fault{Kind: faults.Stale, Match: "PATCH *", Times: -1, Probability: 0.5, Reads: 3},
	); err != nil {
		t.Fatal(err)
	}
	ids := strings.Fields(c.get("/v1.0/users?$select=id&$top=500").column("id"))
	groups := strings.Fields(c.get("/v1.0/groups?$select=id").column("id"))
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 1))
			for range 60 {
				id, group := ids[random.IntN(len(ids))], groups[random.IntN(len(groups))]
				switch random.IntN(8) {
				case 0:
					r := c.get(
						"/v1.0/users?$top=100&$select=id,extension_" + fmt.Sprintf("%032x", random.IntN(4)) + "_x",
					)
					if r.status != 200 || len(r.values()) == 0 {
						t.Errorf("%d %s", r.status, r.raw)
					}
				case 1:
					c.do("PATCH", "/v1.0/users/"+id, `{"userType":"Guest","mail":"x@y.example"}`)
				case 2:
					c.do(
						"POST",
						"/v1.0/groups/"+group+"/members/$ref",
						`{"@odata.id":"`+testBase+`/v1.0/users/`+id+`"}`,
					)
				case 3:
					c.do("DELETE", "/v1.0/groups/"+group+"/members/"+id+"/$ref", "")
				case 4:
					c.get("/v1.0/groups/" + group + "/transitiveMembers?$top=50")
				case 5:
					c.get("/v1.0/users/delta?$select=userType")
				case 6:
					c.do("DELETE", "/v1.0/users/"+id, "")
				case 7:
					if err := c.server.Snapshot(io.Discard); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
}

// discard is a response writer that costs nothing.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(int)             {}

// One page of 999 users with ten properties, and the same compressed.
func BenchmarkUserPage(b *testing.B) {
	const page = "/v1.0/users?$top=999&$select=id,userPrincipalName,mail,userType,accountEnabled,creationType,externalUserState,displayName,department,identities"
	for _, encoding := range []string{"identity", "gzip"} {
		b.Run(encoding, func(b *testing.B) {
			c := synthetic(b, 10_000)
			r := httptest.NewRequest(http.MethodGet, testBase+page, nil)
			r.Header.Set("Authorization", "Bearer "+c.bearer)
			r.Header.Set("Accept-Encoding", encoding)
			b.ReportAllocs()
			for b.Loop() {
				c.server.ServeHTTP(&discard{http.Header{}}, r)
			}
		})
	}
}

// A million users: how long they take to make, and how much memory they keep.
func BenchmarkMillionUsers(b *testing.B) {
	for b.Loop() {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		server, err := NewSynthetic(world.Synthetic{Users: 1_000_000, Seed: 1})
		if err != nil {
			b.Fatal(err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
		runtime.KeepAlive(server)
	}
}

func BenchmarkLoadSnapshot(b *testing.B) {
	var file bytes.Buffer
	if err := (world.Synthetic{Users: 100_000, Seed: 1}).WriteSnapshot(&file); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		if _, err := New(bytes.NewReader(file.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
}
