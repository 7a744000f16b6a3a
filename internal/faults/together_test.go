package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// pair is two workspaces on one tenant, through different CLIs where there are
// two.
type pair struct {
	*testing.T
	a, b *world
}

// twoOf makes a pair from a tenant without any of the stories' things.
func twoOf(t *testing.T, s *story) *pair {
	t.Helper()
	if os.Getenv(clitest.EnvAcceptance) == "" {
		t.Skip("runs real CLIs: make faults, or set " + clitest.EnvAcceptance + "=1")
	}
	clis, err := clitest.CLIs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a := newWorld(t, s, clis[0], moment{tenant: []byte(seed())})
	b := &world{clitest.Offline(t, clis[len(clis)-1]), s}
	b.Server = a.Server
	b.Must(a.Server.WriteCA(filepath.Join(b.Dir, "ca.pem")))
	b.initialized()
	return &pair{t, a, b}
}

// outcome is how two applies ended.
type outcome struct{ a, b clitest.Result }

// applyBoth applies both at once.
func (p *pair) applyBoth() (out outcome) {
	var wg sync.WaitGroup
	wg.Go(func() { out.a = p.a.apply() })
	wg.Go(func() { out.b = p.b.apply() })
	wg.Wait()
	return out
}

// patience is how long one waits for the other before it goes on alone.
const patience = 20 * time.Second

// meet holds the first request of a route until the second one has come, so
// that neither saw what the other did.
func (p *pair) meet(route string) {
	both := make(chan struct{})
	var mu sync.Mutex
	came := 0
	p.a.Server.OnRequest(func(r simulator.Request) (before, after func()) {
		if r.Route != route {
			return nil, nil
		}
		mu.Lock()
		defer mu.Unlock()
		if came++; came == 2 {
			close(both)
		}
		if came > 2 {
			return nil, nil
		}
		return func() { waitFor(both) }, nil
	})
}

// follow is meet, and holds the second request on until the first client has
// seen what it did: until its next request of another route is answered.
func (p *pair) follow(held, seen string) {
	both, looked := make(chan struct{}), make(chan struct{})
	var mu sync.Mutex
	var first string
	writes, looks := 0, 0
	p.a.Server.OnRequest(func(r simulator.Request) (before, after func()) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case r.Route == held:
			switch writes++; writes {
			case 1:
				first = r.RemoteAddr
				return func() { waitFor(both) }, nil
			case 2:
				close(both)
				return func() { waitFor(looked) }, nil
			}
		case r.Route == seen && r.RemoteAddr == first && writes > 1:
			if looks++; looks == 1 {
				return nil, func() { close(looked) }
			}
		}
		return nil, nil
	})
}

func waitFor(done <-chan struct{}) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// clear holds what both said to what the matrix holds a single apply to.
func (p *pair) clear(o outcome) {
	p.Helper()
	for _, r := range []clitest.Result{o.a, o.b} {
		out := flatten(r.Output)
		for _, bad := range untidy {
			if strings.Contains(out, bad) {
				p.Errorf("the output says %s:\n%s", bad, r.Output)
			}
		}
		if r.Code == 0 {
			continue
		}
		if r.Code != 1 || !advice.MatchString(out) {
			p.Errorf("it ended with %d, and doesn't say what to do:\n%s", r.Code, r.Output)
		}
	}
}

// wantNoChanges applies a workspace once more, and wants an empty plan.
func (p *pair) wantNoChanges(w *world) {
	p.Helper()
	if r := w.apply(); r.Code != 0 {
		p.Fatalf("the next apply fails:\n%s", r.Output)
	}
	if r := w.plan(); r.Code != 0 {
		p.Errorf("the plan after it isn't empty:\n%s", r.Output)
	}
}

const (
	putSchema = "PUT " + jobs + "/{job}/schema"
	getSchema = "GET " + jobs + "/{job}/schema"
)

var mappingBlock = regexp.MustCompile(`(?s)resource "usersync_provisioning_mapping" "(users|groups)" \{.*?\n\}\n`)

// parts are the blocks of the provisioning story.
func parts() (job, users, groups string) {
	whole := provisioningOf("[originalUserPrincipalName]", "1", "one", true)
	blocks := mappingBlock.FindAllString(whole, -1)
	job, _, _ = strings.Cut(whole, "resource \"usersync_provisioning_mapping\"")
	return job, blocks[0], blocks[1]
}

// Two mappings of one job, written at once from two workspaces: the service
// takes schemas whole and compares no versions, and still neither is lost.
func TestTwoMappingsAtOnce(t *testing.T) {
	for how, arrange := range map[string]func(*pair){
		"neither saw the other": func(p *pair) { p.meet(putSchema) },
		"one is slow":           func(p *pair) { p.follow(putSchema, getSchema) },
		"one after the other":   nil,
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			p := twoOf(t, &provisioning)
			job, users, groups := parts()
			p.a.configure(step{config: job})
			if r := p.a.apply(); r.Code != 0 {
				t.Fatal(r.Output)
			}
			id := p.a.Server.Cycles()[0].JobID
			p.a.configure(step{config: job + users})
			p.b.configure(
				step{
					config: fmt.Sprintf(
						"locals { sp = %q }\n",
						principal,
					) + strings.ReplaceAll(
						groups,
						"usersync_provisioning_job.atlassian.id",
						fmt.Sprintf("%q", id),
					),
				},
			)
			if arrange == nil {
				p.wantNoChanges(p.a)
				p.wantNoChanges(p.b)
			} else {
				arrange(p)
				o := p.applyBoth()
				p.clear(o)
				if o.a.Code != 0 || o.b.Code != 0 {
					t.Errorf("two mappings aren't each other's trouble:\n%s\n%s", o.a.Output, o.b.Output)
				}
			}
			for _, w := range []*world{p.a, p.b} {
				if r := w.plan(); r.Code != 0 {
					t.Errorf("a mapping is lost:\n%s", r.Output)
				}
			}
		})
	}
}

func policyFor(name string, from, to int, typ string) string {
	var names []string
	for i := from; i < to; i++ {
		names = append(names, fmt.Sprintf("%q", fmt.Sprintf("a0000000-0000-4000-8000-%012d", i)))
	}
	return directoryNow + fmt.Sprintf(`
resource "usersync_user_type_policy" %q {
  directory = data.usersync_directory.now.reading
  mode      = "enforce"
  rule {
    name = %q
    user_type = %q

    match {
      users = [%s]
    }
  }
  timeouts  = { create = "5s", update = "5s" }
}
`, name, name, typ, strings.Join(names, ", "))
}

var userTypePattern = regexp.MustCompile(`"userType":"(\w+)"`)

func (p *pair) types() map[string]int {
	out := map[string]int{}
	for _, m := range userTypePattern.FindAllSubmatch(p.a.moment().tenant, -1) {
		out[string(m[1])]++
	}
	return out
}

// Two policies on other people don't disturb each other; on the same people
// each says what it couldn't do, and the next apply of one has its way.
func TestTwoPoliciesAtOnce(t *testing.T) {
	t.Run("other people", func(t *testing.T) {
		t.Parallel()
		p := twoOf(t, &userTypes)
		p.a.configure(step{config: policyFor("a", 0, people/2, "Guest")})
		p.b.configure(step{config: policyFor("b", people/2, people, "Guest")})
		p.meet("PATCH /v1.0/users/{id}")
		o := p.applyBoth()
		p.clear(o)
		if o.a.Code+o.b.Code != 0 || p.types()["Guest"] != people {
			t.Errorf("types %v\n%s%s", p.types(), o.a.Output, o.b.Output)
		}
		p.wantNoChanges(p.a)
		p.wantNoChanges(p.b)
	})
	t.Run("the same people", func(t *testing.T) {
		t.Parallel()
		p := twoOf(t, &userTypes)
		p.a.configure(step{config: policyFor("a", 0, people, "Guest")})
		p.b.configure(step{config: policyFor("b", 0, people, "Member")})
		p.meet("PATCH /v1.0/users/{id}")
		p.clear(p.applyBoth())
		if got := p.types(); got["Guest"]+got["Member"] != people {
			t.Errorf("types %v", got)
		}
		p.wantNoChanges(p.a)
		if got := p.types(); got["Guest"] != people {
			t.Errorf("types %v", got)
		}
	})
}

// One thing, made by two workspaces at once, is there once; who comes second
// takes it over where it is as planned, or says what is in the way.
func TestSameThingAtOnce(t *testing.T) {
	job, _, _ := parts()
	for _, c := range []struct {
		name, route string
		story       *story
		a, b        string
		count       string
		differ      bool // they want different things of an object that is there
	}{
		{"partner", "POST /v1.0/policies/crossTenantAccessPolicy/partners", &partners, partnerOf(contoso, "inbound_user_sync = true"), partnerOf(contoso, "inbound_user_sync = true"), `{"tenantId":"` + contoso, false},
		{"partner of two minds", "POST /v1.0/policies/crossTenantAccessPolicy/partners", &partners, partnerOf(contoso, "inbound_user_sync = true"), partnerOf(contoso, "inbound_user_sync = false"), "", false},
		{"partner in use", "PUT /v1.0/policies/crossTenantAccessPolicy/partners/{id}/identitySynchronization", &partners, partnerOf(contoso, "inbound_user_sync = true", "automatic_redemption = { inbound = true }"), partnerOf(contoso, "adopt = true", "inbound_user_sync = false", "automatic_redemption = { outbound = true }"), "", true},
		{"job", "POST " + jobs, &provisioning, job, job, `"templateId":"customappsso"`, false},
		{"domain", "POST /v1.0/domains", &domains, domainOf("one.example"), domainOf("one.example"), `{"id":"one.example"`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := twoOf(t, c.story)
			p.a.configure(step{config: c.a})
			p.b.configure(step{config: c.b})
			p.meet(c.route)
			o := p.applyBoth()
			p.clear(o)
			// Two who want different things of one object may each overwrite a part of
			// what the other wrote; then both say that somebody else did.
			undone := func(output string) bool {
				return c.differ &&
					strings.Contains(strings.Join(strings.Fields(output), " "), "somebody else changed it back")
			}
			if o.a.Code != 0 && o.b.Code != 0 && !(undone(o.a.Output) && undone(o.b.Output)) {
				t.Errorf("both fail:\n%s\n%s", o.a.Output, o.b.Output)
			}
			if n := strings.Count(string(p.a.moment().tenant), c.count); c.count != "" && n != 1 {
				t.Errorf("it is there %d times:\n%s\n%s", n, o.a.Output, o.b.Output)
			}
			// Whoever did it has nothing left to do, or does it now.
			if w := p.a; o.a.Code != 0 {
				w = p.b
				p.wantNoChanges(w)
			} else {
				p.wantNoChanges(w)
			}
		})
	}
}
