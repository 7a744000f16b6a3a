package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
)

// A verdict looks at what a case left.
type verdict struct {
	trial
	*testing.T
	world *world
	first clitest.Result
}

func (v *verdict) problem(what string, output string) {
	v.Helper()
	v.Errorf("%s\n%s at %s (request %d)\n%s", what, v.kind.name, v.request().Route, v.k, output)
}

// firstApply holds the apply that met the fault to what it may say, and its
// state to what was done.
func (v *verdict) firstApply() {
	v.Helper()
	out := flatten(v.first.Output)
	switch {
	case v.kind.dies:
		if v.first.Code != 1 {
			v.problem(fmt.Sprintf("the provider died, and the apply ended with %d", v.first.Code), v.first.Output)
		}
		if tainted(v.world.State()) {
			v.problem("something is tainted that a dead provider can't have reported", v.world.State())
		}
		return
	case v.first.Code > 1:
		v.problem(fmt.Sprintf("the apply ended with %d", v.first.Code), v.first.Output)
	}
	for _, bad := range untidy {
		if strings.Contains(out, bad) {
			v.problem("the output says "+bad, v.first.Output)
		}
	}
	if v.first.Code == 1 {
		v.clearError()
		if tainted(v.world.State()) && !strings.Contains(out, "tainted") {
			v.problem("something is tainted, and nothing says so", v.first.Output)
		}
	}
	if v.first.Code == 1 && !v.request().Writes {
		// Where the answer to a write is lost, nobody knows; else the state can say all that was done. A
		// resource stays in it as it was till its destroy is confirmed.
		r := v.world.run("plan", "-refresh-only")
		untrue := func(m []string) bool { return !follows[m[1]] && !strings.Contains(out, m[1]+": Destroying...") }
		if r.Code != 0 || slices.ContainsFunc(moved.FindAllStringSubmatch(r.Output, -1), untrue) {
			v.problem("the state after the error isn't true to what was done", v.first.Output+r.Output)
		}
	}
}

// moved is how the CLIs name what a refresh finds changed.
var moved = regexp.MustCompile(`# (\S+) has changed`)

// follows are resources that show what another one does: a domain shows whether
// it is verified, at its next refresh.
var follows = map[string]bool{"usersync_entra_domain.new": true}

// untidy is what no output may show.
var untidy = []string{
	"panic",
	"goroutine ",
	"bug in the provider",
	"inconsistent final plan",
	"inconsistent result",
	"%!",
	"0xc0",
	"&{",
	"<nil>",
}

// advice is how an error says what to do, or what follows.
var advice = regexp.MustCompile(
	`(?i)apply again|plan again|the next plan|the next apply|try again|later|nothing has to be undone|import it|nothing was written`,
)

// clearError holds errors to naming what failed and what to do.
func (v *verdict) clearError() {
	v.Helper()
	blocks := regexp.MustCompile(`(?m)^[│╷╵]?\s*Error: `).Split(v.first.Output, -1)[1:]
	if len(blocks) == 0 {
		v.problem("the apply failed without an error", v.first.Output)
	}
	for _, b := range blocks {
		summary, detail, _ := strings.Cut(b, "\n")
		clear := len(summary) >= 10 && len(flatten(detail)) >= 40 && advice.MatchString(flatten(detail))
		if !clear {
			v.problem("the error doesn't say what failed and what to do", b)
		}
		noted.add(v.trial, flatten(b))
	}
}

// convergence applies again where the first apply failed, once, and wants an
// empty plan. An apply that ended well leaves nothing to do.
func (v *verdict) convergence() {
	v.Helper()
	said := v.first.Output
	if v.first.Code != 0 {
		again := v.world.apply()
		if said += again.Output; again.Code != 0 {
			v.problem("the second apply fails", said)
			return
		}
	}
	if plan := v.world.plan(); plan.Code != 0 {
		v.problem(fmt.Sprintf("the plan after the apply isn't empty, but ends with %d", plan.Code), said+plan.Output)
	}
}

// end compares the tenant with that of the story without faults, and the
// writes with its writes.
func (v *verdict) end() {
	v.Helper()
	got := v.world.moment()
	if diff, same := sameTenant(got, v.want()); !same {
		v.problem("the tenant isn't as without a fault", diff)
	}
	if a, b := addresses(got.state), addresses(v.want().state); !slices.Equal(a, b) {
		v.problem("the state holds other things than without a fault", fmt.Sprint(a, b))
	}
	for _, c := range v.world.Server.Cycles() {
		if c.DefaultMappings {
			v.problem("a cycle ran with the template's mappings", v.first.Output)
		}
	}
	v.nothingTwice()
}

// nothingTwice compares how often what isn't idempotent was carried out. What is
// made anew must have been deleted in between, by the apply after a failure.
func (v *verdict) nothingTwice() {
	v.Helper()
	base, got := v.base.steps[v.step].written, v.world.Server.Written()
	for route, n := range got {
		if !strings.HasPrefix(route, http.MethodPost+" ") || repeatable(route) {
			continue
		}
		allowed := base[route]
		if v.blind(route) {
			allowed++
		}
		for _, undo := range undoes[route] {
			if v.first.Code == 0 {
				break
			}
			allowed += max(0, got[undo]-base[undo])
		}
		if n > allowed {
			v.problem(
				fmt.Sprintf("%s was carried out %d times instead of %d", route, n, base[route]),
				fmt.Sprint(got, base),
			)
		}
	}
}

const jobs = "/v1.0/servicePrincipals/{id}/synchronization/jobs"

// undoes says what lets a POST be carried out once more.
var undoes = map[string][]string{
	"POST " + jobs:                  {"DELETE " + jobs + "/{job}"},
	"POST " + jobs + "/{job}/start": {"DELETE " + jobs + "/{job}", "POST " + jobs + "/{job}/pause"},
	"POST /v1.0/policies/crossTenantAccessPolicy/partners": {
		"DELETE /v1.0/policies/crossTenantAccessPolicy/partners/{id}",
	},
	"POST /v1.0/domains": {"DELETE /v1.0/domains/{id}"},
}

// repeatable are POSTs that do nothing the second time.
func repeatable(route string) bool {
	return strings.HasSuffix(route, "/pause") || strings.HasSuffix(route, "/verify")
}

// blind are POSTs of which nothing shows whether they arrived, so that they are
// sent again where their own answer was lost, and the error says so.
func (v *verdict) blind(route string) bool {
	return strings.HasSuffix(route, "/restart") && v.kind.done && v.request().Route == route &&
		(v.kind.dies || strings.Contains(flatten(v.first.Output), "can't be seen"))
}

// tainted says whether the state has something that the CLI will make anew.
func tainted(state string) bool { return strings.Contains(state, `"status": "tainted"`) }

// addresses are the managed resources of a state.
func addresses(state []byte) []string {
	var s struct {
		Resources []struct {
			Mode, Type, Name string
			Instances        []json.RawMessage
		}
	}
	if len(state) == 0 || json.Unmarshal(state, &s) != nil {
		return nil
	}
	var out []string
	for _, r := range s.Resources {
		if r.Mode == "managed" && len(r.Instances) > 0 {
			out = append(out, r.Type+"."+r.Name)
		}
	}
	slices.Sort(out)
	return out
}

// What differs between two runs of one story: ids that the service makes, its
// times, and the versions of its schemas.
var (
	jobID     = regexp.MustCompile(`customappsso\.[0-9a-f]{32}\.[0-9a-f-]{36}`)
	version   = regexp.MustCompile(`"v1\.\d+ \| [^"]*"`)
	instant   = regexp.MustCompile(`"\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)"`)
	requestID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
)

// normal is a tenant without what differs from run to run, with its
// credentials.
func normal(m moment) []byte {
	out := jobID.ReplaceAll(m.tenant, []byte("JOB"))
	out = version.ReplaceAll(out, []byte(`"VERSION"`))
	out = instant.ReplaceAll(out, []byte(`"TIME"`))
	for _, key := range slices.Sorted(maps.Keys(m.secrets)) {
		if m.secrets[key] != "" {
			out = fmt.Appendf(out, "secret %s=%s\n", key, m.secrets[key])
		}
	}
	return out
}

// difference is where two texts part.
func difference(a, b []byte) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	from := max(0, i-200)
	return fmt.Sprintf("got  …%s…\nwant …%s…", clip(a[from:]), clip(b[from:]))
}

func clip(b []byte) []byte { return bytes.TrimSpace(b[:min(len(b), 600)]) }

var boxes = regexp.MustCompile(`(?m)^[│╷╵]\s?`)
var blanks = regexp.MustCompile(`\s+`)

// flatten undoes what the CLIs do to a diagnostic's text: boxes and wrapping.
func flatten(s string) string {
	return strings.TrimSpace(blanks.ReplaceAllString(boxes.ReplaceAllString(s, ""), " "))
}
