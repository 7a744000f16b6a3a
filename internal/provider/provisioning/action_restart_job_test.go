package provisioning_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	restart     = "usersync_restart_job"
	anyRestart  = "POST /v1.0/servicePrincipals/*/synchronization/jobs/*/restart"
	missingPart = "isn't configured"
)

func restartOf(more map[string]any) map[string]any {
	config := map[string]any{"service_principal_id": app, "job_id": jobID}
	for k, v := range more {
		config[k] = v
	}
	return config
}

// posts counts requests to an address's end.
func posts(s *simulator.Server, end string) (n int) {
	for route, count := range s.Requests().Routes {
		if strings.HasPrefix(route, "POST ") && strings.HasSuffix(route, end) {
			n += count
		}
	}
	return n
}

// The CLIs see the actions through the server that wraps the framework's.
func TestProtocol(t *testing.T) {
	p := newProtocol(t, nil)
	meta, err := p.GetMetadata(t.Context(), &tfprotov6.GetMetadataRequest{})
	if err != nil {
		t.Fatal(err)
	}
	names := ""
	for _, a := range meta.Actions {
		names += a.TypeName + " "
	}
	wants(t, "metadata", names, restart+" ", onDemand+" ")
	for _, name := range []string{restart, onDemand} {
		if s := p.schemas.ActionSchemas[name]; s == nil ||
			!strings.Contains(s.Schema.Block.Description, "Terraform 1.14") {
			t.Errorf("%s: %+v", name, s)
		}
	}
	// terraform-plugin-go asks a server for these.
	if _, ok := p.ProviderServer.(tfprotov6.ProviderServerWithActions); !ok { //nolint:staticcheck // its replacement isn't there yet
		t.Error("the server hides its actions")
	}
	if _, ok := p.ProviderServer.(tfprotov6.ProviderServerWithListResource); !ok { //nolint:staticcheck // its replacement isn't there yet
		t.Error("the server hides its list resources")
	}
	wants(
		t,
		"alternative",
		p.schemas.ActionSchemas[restart].Schema.Block.Description,
		"`restart_triggers` of `usersync_provisioning_schedule`",
	)
}

func TestRestartValidates(t *testing.T) {
	p := newProtocol(t, nil)
	for _, c := range []struct {
		config map[string]any
		want   string
	}{
		{restartOf(nil), ""},
		{restartOf(map[string]any{"reset_scope": []string{"Full"}, "start": true}), ""},
		{restartOf(map[string]any{"reset_scope": []string{"Everything"}}), "Everything"},
		{restartOf(map[string]any{"reset_scope": []string{}}), "at least 1"},
		{restartOf(map[string]any{"job_id": app + "/" + jobID}), "without a slash"},
	} {
		resp, err := p.actions().
			ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: restart, Config: p.config(restart, c.config)})
		if err != nil {
			t.Fatal(err)
		}
		if got := texts(resp.Diagnostics); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%v: %s", c.config, got)
		}
	}
}

// A plan asks nothing of the tenant.
func TestPlanIsPure(t *testing.T) {
	s := tenant(t, active, ruleOne)
	p := of(t, s)
	for name, config := range map[string]map[string]any{restart: restartOf(nil), onDemand: onDemandOf(map[string]any{"users": []string{"ann@x.example"}})} {
		resp, err := p.actions().
			PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: name, Config: p.config(name, config)})
		if err != nil || len(resp.Diagnostics) > 0 {
			t.Error(err, texts(resp.Diagnostics))
		}
	}
	if n := s.Requests().Total; n != 0 {
		t.Errorf("%d requests", n)
	}
}

// What would only fail after the rest of the run was applied fails the plan.
func TestPlanFindsWhatIsWrong(t *testing.T) {
	for name, config := range map[string]map[string]any{restart: restartOf(nil), onDemand: onDemandOf(map[string]any{"users": []string{ann}})} {
		for _, c := range []struct {
			what     string
			provider map[string]any
			says     string
		}{
			{"no tenant", map[string]any{}, missingPart},
			{"no client id", map[string]any{"entra": map[string]any{"tenant_id": app, "client_secret": "secret-value"}}, "client_id"},
			{"a snapshot to look at", map[string]any{"snapshot": map[string]any{"file": "none.json"}}, ""},
		} {
			p := newProtocol(t, c.provider)
			resp, err := p.actions().
				PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: name, Config: p.config(name, config)})
			if err != nil {
				t.Fatal(err)
			}
			if got := texts(resp.Diagnostics); (got == "") != (c.says == "") || !strings.Contains(got, c.says) {
				t.Errorf("%s, %s: %s", name, c.what, got)
			}
		}
	}
	p := newProtocol(t, map[string]any{})
	resp, err := p.actions().
		PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: onDemand, Config: p.config(onDemand, onDemandOf(nil))})
	if err != nil {
		t.Fatal(err)
	}
	wants(t, "nobody, once it is known", texts(resp.Diagnostics), "No users to provision")
}

// An interrupt says what is known: nothing before the request, and then that it
// may have arrived. The last line of progress has what is a warning, too.
func TestRestartInterrupted(t *testing.T) {
	for _, c := range []struct {
		method, at string
		says       []string
	}{
		{http.MethodGet, "/jobs/" + jobID, []string{"was interrupted", "wasn't restarted"}},
		{http.MethodPost, "/restart", []string{"was interrupted", "It isn't known whether the service restarted " +
			"job " + jobID}},
	} {
		s := tenant(t, active, ruleOne)
		ctx, cancel := context.WithCancel(t.Context())
		p := between(t, s, func(r *http.Request) (int, string) {
			if r.Method == c.method && strings.HasSuffix(r.URL.Path, c.at) {
				cancel()
			}
			return 0, ""
		})
		wants(t, "diagnostics", texts(p.invokeIn(ctx, restart, restartOf(nil)).diagnostics), c.says...)
		cancel()
	}
	s := tenant(
		t,
		paused,
		ruleOne,
		simulator.WithBehavior(func(b *simulator.Behavior) { b.RestartLeavesPaused = true }),
	)
	got := of(t, s).invoke(restart, restartOf(nil))
	wants(
		t,
		"the last line",
		got.progress[len(got.progress)-1],
		"was restarted: schedule Paused",
		"; it doesn't run until it is started",
	)
}

func TestRestart(t *testing.T) {
	s := tenant(t, quarantined, ruleOne)
	var body string
	p := between(t, s, func(r *http.Request) (int, string) {
		if strings.HasSuffix(r.URL.Path, "/restart") {
			body = bodyOf(r)
		}
		return 0, ""
	})
	got := p.invoke(restart, restartOf(nil))
	if len(got.diagnostics) > 0 {
		t.Fatal(texts(got.diagnostics))
	}
	wants(t, "request", body, `"resetScope":"Watermark, Escrows, QuarantineState"`)
	wants(t, "progress", got.told(), "in quarantine since 2026-11-01T08:00:00Z (EncounteredQuarantineException)",
		"restart accepted, reset of Watermark, Escrows, QuarantineState", "schedule Active, status NotRun")
	if c := s.Cycles()[0]; c.Cycles != 1 || c.InitialCycles != 1 {
		t.Errorf("%+v", c)
	}
	if posts(s, "/restart") != 1 || posts(s, "/start") != 0 {
		t.Error(s.Requests().Routes)
	}
	lacks(t, "progress", got.told(), simulator.DefaultClientSecret)
}

func TestRestartScope(t *testing.T) {
	s := tenant(t, quarantined, ruleOne)
	got := of(t, s).invoke(restart, restartOf(map[string]any{"reset_scope": []string{"ForceDeletes", "Escrows"}}))
	wants(t, "progress", got.told(), "reset of Escrows, ForceDeletes")
	if c := s.Cycles()[0]; c.Cycles != 1 || c.InitialCycles != 0 {
		t.Errorf("%+v", c)
	}
}

// Whether a restart starts a paused job isn't documented.
func TestRestartOfPaused(t *testing.T) {
	leaves := simulator.WithBehavior(func(b *simulator.Behavior) { b.RestartLeavesPaused = true })
	for _, c := range []struct {
		name    string
		options []simulator.Option
		start   any
		starts  int
		warning string
		cycles  int
	}{
		{"starts by itself", nil, nil, 0, "", 1},
		{"starts by itself, asked to", nil, true, 0, "", 1},
		{"stays paused", []simulator.Option{leaves}, nil, 0, "The restarted job doesn't run", 0},
		{"is started", []simulator.Option{leaves}, true, 1, "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := tenant(t, paused, ruleOne, c.options...)
			got := of(t, s).invoke(restart, restartOf(map[string]any{"start": c.start}))
			if text := texts(
				got.diagnostics,
			); (text == "") != (c.warning == "") || !strings.Contains(text, c.warning) ||
				strings.Contains(text, "ERROR") {
				t.Error(text)
			}
			if n := posts(s, "/start"); n != c.starts || s.Cycles()[0].Cycles != c.cycles {
				t.Errorf("%d starts, %+v", n, s.Cycles())
			}
		})
	}
}

func TestRestartErrors(t *testing.T) {
	s := tenant(t, active, ruleOne)
	got := of(t, s).invoke(restart, restartOf(map[string]any{"job_id": "other"}))
	wants(t, "another job", texts(got.diagnostics), "ERROR", "Restarting the provisioning job failed", "other")
	if err := s.AddFault(simulator.Fault{Kind: simulator.FaultStatus, Match: anyRestart, Status: 403}); err != nil {
		t.Fatal(err)
	}
	got = of(t, s).invoke(restart, restartOf(nil))
	wants(t, "refused", texts(got.diagnostics), "ERROR", "Synchronization.ReadWrite.All")
	if s.Cycles()[0].Cycles != 0 {
		t.Error(s.Cycles())
	}
	got = newProtocol(t, nil).invoke(restart, restartOf(nil))
	wants(t, "without a provider", texts(got.diagnostics), "ERROR", missingPart)
	got = newProtocol(
		t,
		map[string]any{"snapshot": map[string]any{"file": "none.json"}},
	).invoke(restart, restartOf(nil))
	wants(t, "with a snapshot", texts(got.diagnostics), "ERROR", "none.json", "nothing can be written")
}
