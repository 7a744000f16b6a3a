package provisioning

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func TestSchedule_Plan(t *testing.T) {
	l := newLab(t)
	const job = "customappsso.1.2"
	for name, x := range map[string]struct {
		config map[string]any
		want   []string
	}{
		"behind its mapping": {providertest.ScheduleConfig(job), nil},
		"behind nothing":     {providertest.With(providertest.ScheduleConfig(job), "start_after", []string{app}), []string{"WARNING (start_after): No mapping of this job comes first"}},
		"paused":             {providertest.With(providertest.ScheduleConfig(job), "start_after", []string{app}, "enabled", false), nil},
		"not yet known":      {providertest.With(providertest.ScheduleConfig(job), "start_after", providertest.Unknown), nil},
	} {
		t.Run(name, func(t *testing.T) {
			providertest.Wants(t, "plan", l.Plan(scheduleName, providertest.State{}, x.config).Said, x.want...)
		})
	}
	for name, config := range map[string]map[string]any{
		"nothing before":   providertest.With(providertest.ScheduleConfig(job), "start_after", []string{}),
		"another scope":    providertest.With(providertest.ScheduleConfig(job), "restart_scope", []string{"All"}),
		"another wait":     providertest.With(providertest.ScheduleConfig(job), "wait_for", "ever"),
		"a job with slash": providertest.With(providertest.ScheduleConfig(job), "job_id", "a/b"),
	} {
		if got := l.Validate(scheduleName, config); len(providertest.ErrorsOf(got)) == 0 {
			t.Errorf("%s: nothing is refused: %q", name, got)
		}
	}
}

func TestSchedule_Create(t *testing.T) {
	for name, x := range map[string]struct {
		more []any
		runs bool
	}{
		"starts":            {nil, true},
		"waits for nothing": {[]any{"wait_for", "nothing"}, true},
		"stays paused":      {[]any{"enabled", false}, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			_, job := l.Job()
			s := l.Make(
				scheduleName,
				providertest.State{},
				providertest.With(providertest.ScheduleConfig(job), x.more...),
			)
			if running, _ := l.Runs(); running != x.runs || s.Text("id") != job || s.Get("quarantine") != nil {
				t.Errorf("runs %t, got %v", running, s.Value)
			}
			again, said := l.Plan(scheduleName, providertest.State{}, providertest.With(providertest.ScheduleConfig(job), x.more...)).
				Apply()
			providertest.Wants(t, "a second resource", said, "ERROR: Conflicting resources")
			if again.Exists() {
				t.Errorf("there is a state: %v", again.Value)
			}
		})
	}
}

func TestSchedule_Create_FirstCycle(t *testing.T) {
	l := newLab(t)
	_, job := l.Job()
	looks := 0
	l.OnRequest(func(r simulator.Request) (before, after func()) {
		if r.Route != getJob {
			return nil, nil
		}
		if looks++; looks != 3 {
			return nil, nil
		}
		return func() {
			if err := l.FinishCycle(job); err != nil {
				t.Error(err)
			}
		}, nil
	})
	_, said := l.Plan(scheduleName, providertest.State{}, providertest.With(providertest.ScheduleConfig(job), "wait_for", "first_cycle")).
		Apply()
	if len(l.Cycles()) != 1 || l.Cycles()[0].Cycles == 0 {
		t.Errorf("no cycle ended: %s", said)
	}
}

func TestSchedule_Create_Refuses(t *testing.T) {
	for name, x := range map[string]struct {
		fault simulator.Fault
		more  []any
		want  []string
		state bool
	}{
		"the look":                {simulator.Fault{Match: getJob, Status: 403}, nil, []string{"ERROR: Starting the provisioning job failed", "403"}, false},
		"no such job":             {simulator.Fault{Match: getJob, Status: 404}, nil, []string{"ERROR: Starting the provisioning job failed", "404"}, false},
		"the order":               {simulator.Fault{Match: startJob, Status: 403}, nil, []string{"ERROR: Starting the provisioning job failed", "403"}, false},
		"the wait":                {simulator.Fault{Match: getJob, Status: 403, Nth: 2}, nil, []string{"ERROR: Waiting for the provisioning job failed", "The service took the order"}, true},
		"a lost answer, not done": {simulator.Fault{Kind: simulator.FaultDrop, Match: startJob}, nil, []string{"ERROR: Starting the provisioning job failed"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			_, job := l.Job()
			if x.fault.Kind == "" {
				x.fault.Kind = simulator.FaultStatus
			}
			x.fault.Times = -1
			providertest.Fault(t, l.Server, x.fault)
			s, said := l.Plan(scheduleName, providertest.State{}, providertest.With(providertest.ScheduleConfig(job), x.more...)).
				Apply()
			providertest.Wants(t, "apply", said, x.want...)
			if s.Exists() != x.state {
				t.Errorf("got %v, want a state: %t", s.Value, x.state)
			}
			l.ClearFaults()
			if again, _ := l.Read(scheduleName, s); x.state && !again.Value.Equal(s.Value) {
				t.Errorf("a refresh finds %v where the apply left %v", again.Value, s.Value)
			}
		})
	}
	// A start whose answer is lost, and which arrived.
	l := newLab(t)
	_, job := l.Job()
	providertest.Fault(t, l.Server, simulator.Fault{Kind: simulator.FaultDrop, Match: startJob, CarriedOut: true})
	l.Make(scheduleName, providertest.State{}, providertest.ScheduleConfig(job))
}

// A wait that is over is a warning at create, and an error later.
func TestSchedule_Overdue(t *testing.T) {
	l := newLab(t)
	_, job := l.Job()
	ctx, use := providertest.Deadline(t, 2)
	providertest.Fault(
		t,
		l.Server,
		simulator.Fault{Kind: simulator.FaultStatus, Status: 404, Match: getJob, Nth: 2, Times: -1},
	)
	s, said := l.Another(use).Plan(scheduleName, providertest.State{}, providertest.ScheduleConfig(job)).ApplyIn(ctx)
	providertest.Wants(t, "create", said, "WARNING: The provisioning job isn't there yet")
	if !s.Exists() || len(providertest.ErrorsOf(said)) > 0 {
		t.Errorf("got %v, %s", s.Value, said)
	}
	l.ClearFaults()
	ctx, use = providertest.Deadline(t, 2)
	late := l.Another(use)
	p := late.Plan(scheduleName, s, providertest.With(providertest.ScheduleConfig(job), "enabled", false))
	providertest.Fault(
		t,
		l.Server,
		simulator.Fault{Kind: simulator.FaultStatus, Status: 404, Match: getJob, Nth: 2, Times: -1},
	)
	_, said = p.ApplyIn(ctx)
	providertest.Wants(t, "update", said, "ERROR: Waiting for the provisioning job failed", "the job goes on by itself")
}

func TestSchedule_Update(t *testing.T) {
	l := newLab(t)
	_, job := l.Job()
	triggered := providertest.With(providertest.ScheduleConfig(job), "restart_triggers", map[string]any{"a": "1"})
	s := l.Make(scheduleName, providertest.State{}, triggered)
	restarts := func() int { return l.Written()[restartJob] }
	if restarts() != 0 {
		t.Errorf("the first triggers restarted the job")
	}
	s = l.Make(
		scheduleName,
		s,
		providertest.With(providertest.ScheduleConfig(job), "restart_triggers", map[string]any{"a": "2"}),
	)
	if restarts() != 1 {
		t.Errorf("got %d restarts, want 1", restarts())
	}
	s = l.Make(scheduleName, s, providertest.With(triggered, "enabled", false))
	if running, _ := l.Runs(); running || restarts() != 1 {
		t.Errorf("paused: runs %t after %d restarts", running, restarts())
	}
	s = l.Make(scheduleName, s, providertest.With(triggered, "wait_for", "nothing"))
	if running, _ := l.Runs(); !running {
		t.Error("it doesn't run again")
	}
	p := l.Plan(scheduleName, s, providertest.With(triggered, "restart_scope", []string{"Full"}))
	if got := p.Planned.Get("quarantine"); got != nil {
		t.Errorf("quarantine where nothing is started: got %v, want what it was", got)
	}
}

func TestSchedule_Update_Refuses(t *testing.T) {
	for name, x := range map[string]struct {
		fault    simulator.Fault
		config   []any
		want     []string
		triggers string
	}{
		"a restart":          {simulator.Fault{Match: restartJob, Status: 403}, nil, []string{"ERROR: Changing the provisioning schedule failed", "403"}, "1"},
		"a restart's answer": {simulator.Fault{Match: restartJob, Status: 503}, nil, []string{"Whether the restart arrived all the same can't be seen"}, "1"},
		"the look after it":  {simulator.Fault{Match: getJob, Status: 403, Nth: 2}, nil, []string{"The service took the restart, and the state says so"}, "2"},
		"a pause":            {simulator.Fault{Match: pauseJob, Status: 403}, []any{"enabled", false}, []string{"ERROR: Changing the provisioning schedule failed"}, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			_, job := l.Job()
			s := l.Make(
				scheduleName,
				providertest.State{},
				providertest.With(providertest.ScheduleConfig(job), "restart_triggers", map[string]any{"a": "1"}),
			)
			p := l.Plan(
				scheduleName,
				s,
				providertest.With(
					providertest.With(providertest.ScheduleConfig(job), "restart_triggers", map[string]any{"a": "2"}),
					x.config...),
			)
			x.fault.Kind, x.fault.Times = simulator.FaultStatus, -1
			providertest.Fault(t, l.Server, x.fault)
			after, said := p.Apply()
			providertest.Wants(t, "apply", said, x.want...)
			if got := after.Text("restart_triggers.a"); got != x.triggers {
				t.Errorf("triggers in the state: got %q, want %q", got, x.triggers)
			}
		})
	}
}

func TestSchedule_Read(t *testing.T) {
	l := newLab(t)
	_, job := l.Job()
	s := l.Make(scheduleName, providertest.State{}, providertest.ScheduleConfig(job))
	l.Make(scheduleName, s, providertest.With(providertest.ScheduleConfig(job), "enabled", false))
	now, said := l.Read(scheduleName, s)
	if said != "" || now.Get("enabled") != false {
		t.Errorf("paused since: got %v, %s", now.Value, said)
	}
	kept, said := client(t, providertest.Offline(t, tenant)).Read(scheduleName, s)
	if !kept.Value.Equal(s.With("starts", false).Value) || !strings.Contains(said, "Not refreshed") {
		t.Errorf("with a snapshot: got %v, %s", kept.Value, said)
	}
	_, said = client(t, nil).Read(scheduleName, s)
	providertest.Wants(t, "not configured", said, "The provider isn't configured yet")
	l.Fails(getJob, 403, providertest.Once)
	_, said = l.Read(scheduleName, s)
	providertest.Wants(t, "refused", said, "ERROR: Reading the provisioning schedule failed")
	l.ClearFaults()
	if gone, said := l.Read(scheduleName, s.With("job_id", "customappsso.gone")); gone.Exists() || said != "" {
		t.Errorf("gone: got %v, %s", gone.Value, said)
	}
}

// A job in quarantine is a warning at each refresh, with why.
func TestSchedule_Read_Quarantine(t *testing.T) {
	const job = "customappsso.1.2"
	s := providertest.Tenant(
		t,
		strings.Replace(
			tenant,
			`"assigned":`,
			`"job":{"id":"`+job+`","templateId":"customappsso","schedule":{"state":"Active"},"status":{"code":"Quarantine",
 "quarantine":{"reason":"EncounteredQuarantineException","currentBegan":"2026-11-01T08:00:00Z","nextAttempt":"2026-11-02T08:00:00Z","error":{"code":"Gone","message":"no"}}}},"schema":{},"assigned":`,
			1,
		),
	)
	c := client(t, providertest.Session(s))
	state, said := c.Import(scheduleName, app+"/"+job)
	providertest.Wants(
		t,
		"read",
		said,
		"WARNING: The provisioning job is in quarantine",
		"EncounteredQuarantineException",
		"Gone no",
		"tries again at 2026-11-02T08:00:00Z",
	)
	if state.Text("quarantine.since") != "2026-11-01T08:00:00Z" || state.Get("enabled") != true {
		t.Errorf("got %v", state.Value)
	}
	_, said = c.Plan(scheduleName, providertest.State{}, providertest.With(providertest.ScheduleConfig(job), "wait_for", "first_cycle")).
		Apply()
	providertest.Wants(t, "a wait for its cycle", said, "ERROR: Waiting for the provisioning job "+
		"failed", "went into quarantine", "usersync_provisioning_log")
}

func TestSchedule_Delete(t *testing.T) {
	for name, x := range map[string]struct {
		fault  string
		status int
		want   []string
		runs   bool
	}{
		"pauses":                   {"", 0, nil, false},
		"the look":                 {getJob, 403, []string{"ERROR: Pausing the provisioning job failed"}, true},
		"the order":                {pauseJob, 403, []string{"ERROR: Pausing the provisioning job failed"}, true},
		"one that is gone already": {getJob, 404, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			_, job := l.Job()
			s := l.Make(scheduleName, providertest.State{}, providertest.ScheduleConfig(job))
			_, said := l.Destroy(scheduleName, s)
			providertest.Wants(t, "in the run that made it", said, "WARNING: Not changed: another resource manages "+
				"it now")
			if x.fault != "" {
				l.Fails(x.fault, x.status)
			}
			_, said = l.Another().Destroy(scheduleName, s)
			providertest.Wants(t, "destroy", said, x.want...)
			if running, _ := l.Runs(); running != x.runs {
				t.Errorf("runs: got %t, want %t", running, x.runs)
			}
		})
	}
}

func TestSchedule_Import(t *testing.T) {
	l := newLab(t)
	_, job := l.Job()
	s, said := l.Import(scheduleName, app+"/"+job)
	after, _ := s.Get("start_after").([]any)
	if len(after) == 0 || !strings.HasPrefix(fmt.Sprint(after[0]), app+"/"+job+"/") {
		t.Errorf("start_after: got %v, want the ids of the job's mappings", s.Get("start_after"))
	}
	if said != "" || s.Get("enabled") != false || s.Text("wait_for") != "started" {
		t.Errorf("got %v, %s", s.Value, said)
	}
	_, said = l.Import(scheduleName, app)
	providertest.Wants(t, "half an id", said, "ERROR: Invalid import ID")
}
