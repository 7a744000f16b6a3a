package provisioning

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func TestJob_Validate(t *testing.T) {
	c := client(t, nil)
	for name, x := range map[string]struct {
		config map[string]any
		want   []string
	}{
		"a job":          {jobConfig, nil},
		"an import id":   {providertest.With(jobConfig, "service_principal_id", app+"/x"), []string{"ERROR (service_principal_id): Invalid ID", "Give the id alone"}},
		"capitals":       {providertest.With(jobConfig, "service_principal_id", strings.ToUpper(app)), []string{"Expected the GUID in lower case"}},
		"no template":    {providertest.With(jobConfig, "template_id", ""), []string{"ERROR (template_id)"}},
		"no time at all": {providertest.With(jobConfig, "timeouts", map[string]any{"create": "0s"}), []string{"Invalid duration"}},
	} {
		t.Run(name, func(t *testing.T) {
			providertest.Wants(t, "validation", c.Validate(jobName, x.config), x.want...)
		})
	}
}

func TestJob_Create(t *testing.T) {
	l := newLab(t)
	s := l.Make(jobName, providertest.State{}, jobConfig)
	if !strings.HasPrefix(s.Text("id"), scim+".") || s.Text("interval") != "PT40M" {
		t.Errorf("got %v", s.Value)
	}
	if running, _ := l.Runs(); running {
		t.Error("the new job runs")
	}
	// One that an interrupted apply left is taken over.
	if again := l.Another().Make(jobName, providertest.State{}, jobConfig); again.Text("id") != s.Text("id") {
		t.Errorf("got the job %s, want %s", again.Text("id"), s.Text("id"))
	}
	// Two resources of one job.
	twice, said := l.Plan(jobName, providertest.State{}, jobConfig).Apply()
	providertest.Wants(t, "apply", said, "ERROR: Conflicting resources")
	if twice.Exists() {
		t.Errorf("there is a state: %v", twice.Value)
	}
	// The time-outs alone change nothing.
	l.Make(jobName, s, providertest.With(jobConfig, "timeouts", map[string]any{"delete": "1m"}))
}

func TestJob_Create_Refuses(t *testing.T) {
	for name, x := range map[string]struct {
		config map[string]any
		before func(*lab)
		want   []string
	}{
		"a template that isn't there": {providertest.With(jobConfig, "template_id", "other"), nil,
			[]string{"ERROR (template_id): Creating the provisioning job failed", `no template "other"`, "customappsso (default), Azure2Azure"}},
		"a job that was started": {jobConfig, func(l *lab) {
			_, job := l.Job()
			l.Another().Make(scheduleName, providertest.State{}, providertest.ScheduleConfig(job))
		}, []string{"ERROR (service_principal_id)", "which was run or changed", "Import it"}},
		"a job that was changed": {jobConfig, func(l *lab) {
			_, job := l.Job()
			l.Another().Make(mappingName, providertest.State{}, providertest.MappingConfig(job))
		}, []string{"which was run or changed"}},
		"the list of jobs":      {jobConfig, func(l *lab) { l.Fails(getJobs, 403) }, []string{"ERROR (service_principal_id)", "403"}},
		"the templates":         {jobConfig, func(l *lab) { l.Fails(getTemplates, 403) }, []string{"ERROR (service_principal_id)", "403"}},
		"the order":             {jobConfig, func(l *lab) { l.Fails(postJob, 403) }, []string{"403", "Synchronization.ReadWrite.All"}},
		"an answer that's lost": {jobConfig, func(l *lab) { l.Fails(postJob, 503) }, []string{"a job that was made all the same, and never ran, is taken over"}},
		"the schema of what is there": {jobConfig, func(l *lab) {
			l.Job()
			l.Fails(getSchema, 403)
		}, []string{"ERROR (service_principal_id)", "403"}},
		"the template of what is there": {jobConfig, func(l *lab) {
			l.Job()
			l.Fails(getTemplateForm, 403)
		}, []string{"ERROR (service_principal_id)", "403"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			if x.before != nil {
				x.before(l)
			}
			s, said := l.Plan(jobName, providertest.State{}, x.config).Apply()
			providertest.Wants(t, "apply", said, x.want...)
			if s.Exists() {
				t.Errorf("there is a state: %v", s.Value)
			}
		})
	}
}

// An application that isn't found, for ever.
func TestJob_Create_NoPrincipal(t *testing.T) {
	ctx, use := providertest.Deadline(t, 3)
	l := newLab(t, use)
	s, said := l.Plan(jobName, providertest.State{}, providertest.With(jobConfig, "service_principal_id", nobody)).
		ApplyIn(ctx)
	providertest.Wants(t, "apply", said, "ERROR (service_principal_id): Creating the provisioning job failed", "404")
	if s.Exists() {
		t.Errorf("there is a state: %v", s.Value)
	}
}

// What doesn't show in time is in the state, and the error says so.
func TestJob_Create_Overdue(t *testing.T) {
	ctx, use := providertest.Deadline(t, 4)
	l := newLab(t, use)
	l.Fails(getJob, 404)
	s, said := l.Plan(jobName, providertest.State{}, jobConfig).ApplyIn(ctx)
	providertest.Wants(
		t,
		"apply",
		said,
		"ERROR: Waiting for the new provisioning job failed",
		"It took too long",
		"The job exists and is in the state",
		"terraform untaint",
	)
	if !s.Exists() || s.Text("id") == "" {
		t.Errorf("got %v", s.Value)
	}
}

// Of two applies that made one at the same time, the job with the smaller id
// stays.
func TestJob_Create_Twin(t *testing.T) {
	l := newLab(t)
	c, err := providertest.Session(l.Server).Entra()
	if err != nil {
		t.Fatal(err)
	}
	var made atomic.Bool // the twin is made by the same route
	l.OnRequest(func(r simulator.Request) (before, after func()) {
		if r.Route != postJob || made.Swap(true) {
			return nil, nil
		}
		return nil, func() { smaller(t, c) }
	})
	s := l.Make(jobName, providertest.State{}, jobConfig)
	if left := l.Cycles(); len(left) != 1 || left[0].JobID != s.Text("id") {
		t.Errorf("got %d jobs, want the twin alone, %s in the state", len(left), s.Text("id"))
	}
}

// smaller makes a job whose id is smaller than that of the one that is there.
func smaller(t *testing.T, c *entra.Client) {
	jobs, err := c.Jobs(t.Context(), app)
	if err != nil || len(jobs) != 1 {
		t.Errorf("%d jobs, %v", len(jobs), err)
		return
	}
	for {
		twin, err := c.CreateJob(t.Context(), app, scim)
		if err != nil {
			t.Error(err)
			return
		}
		if twin.ID < jobs[0].ID {
			return
		}
		if err := c.DeleteJob(t.Context(), app, twin.ID); err != nil {
			t.Error(err)
			return
		}
	}
}

func TestJob_Read(t *testing.T) {
	l := newLab(t)
	s, _ := l.Job()
	if now, said := l.Read(jobName, s); said != "" || !now.Value.Equal(s.Value) {
		t.Errorf("got %v, %s, want %v", now.Value, said, s.Value)
	}
	kept, said := client(t, providertest.Offline(t, tenant)).Read(jobName, s)
	if !kept.Value.Equal(s.Value) || !strings.Contains(said, "WARNING: Not refreshed: the provider reads a snapshot") {
		t.Errorf("with a snapshot: got %v, %s", kept.Value, said)
	}
	_, said = client(t, nil).Read(jobName, s)
	providertest.Wants(t, "not configured", said, "The provider isn't configured yet")
	l.Fails(getJob, 403, providertest.Once)
	_, said = l.Read(jobName, s)
	providertest.Wants(t, "refused", said, "ERROR: Reading the provisioning job failed")
	l.ClearFaults()
	if gone, said := l.Read(jobName, s.With("id", "customappsso.gone")); gone.Exists() || said != "" {
		t.Errorf("gone: got %v, %s", gone.Value, said)
	}
}

func TestJob_Delete(t *testing.T) {
	l := newLab(t)
	s, _ := l.Job()
	if after, said := l.Destroy(jobName, s); said != "" || after.Exists() || len(l.Cycles()) != 0 {
		t.Errorf("got %v, %s, and %d jobs", after.Value, said, len(l.Cycles()))
	}
	if _, said := l.Destroy(jobName, s); said != "" {
		t.Errorf("one that is gone already: got %q", said)
	}
	made := l.Make(jobName, providertest.State{}, jobConfig)
	_, said := l.Destroy(jobName, made)
	providertest.Wants(t, "one that this run made", said, "WARNING: Not changed: another resource manages it now")
	for name, fault := range map[string]string{"the order": deleteJob, "the wait": getJob} {
		l := newLab(t)
		s, _ := l.Job()
		l.Fails(fault, 403)
		after, said := l.Destroy(jobName, s)
		providertest.Wants(t, name, said, "ERROR: Deleting the provisioning job failed")
		if !after.Exists() {
			t.Errorf("%s: there is no state", name)
		}
	}
}

func TestJob_Import(t *testing.T) {
	l := newLab(t)
	_, job := l.Job()
	for name, x := range map[string]func() (providertest.State, string){
		"by id": func() (providertest.State, string) { return l.Import(jobName, strings.ToUpper(app)+"/"+job) },
		"by identity": func() (providertest.State, string) {
			return l.ImportByIdentity(jobName, map[string]any{"service_principal_id": app, "job_id": job})
		},
	} {
		if s, said := x(); said != "" || s.Text("template_id") != scim || s.Text("service_principal_id") != app {
			t.Errorf("%s: got %v, %s", name, s.Value, said)
		}
	}
	for _, id := range []string{app, app + "/", "/" + job} {
		_, said := l.Import(jobName, id)
		providertest.Wants(t, id, said, "ERROR: Invalid import ID", "Expected service_principal_id/job_id")
	}
}

// Without a tenant, or with a snapshot in its place, nothing is written.
func TestWithoutEntra(t *testing.T) {
	l := newLab(t)
	s, job := l.Job()
	configs := map[string]map[string]any{
		jobName:      jobConfig,
		scheduleName: providertest.ScheduleConfig(job),
		mappingName:  providertest.MappingConfig(job),
		secretName:   secretConfig,
	}
	states := map[string]providertest.State{jobName: s}
	for _, name := range []string{mappingName, secretName, scheduleName} {
		states[name] = l.Another().Make(name, providertest.State{}, configs[name])
	}
	changes := map[string]map[string]any{
		scheduleName: providertest.With(
			providertest.ScheduleConfig(job),
			"enabled",
			false,
		),
		secretName:  providertest.With(secretConfig, "credentials_version", "2"),
		mappingName: providertest.With(providertest.MappingConfig(job), "actions", []string{"create"}),
	}
	for name, x := range map[string]struct {
		session *session.Session
		want    string
	}{
		"not configured": {nil, "The provider isn't configured yet"},
		"a snapshot":     {providertest.Offline(t, tenant), "nothing can be written"},
	} {
		c := client(t, x.session)
		for noun, config := range configs {
			_, said := c.Plan(noun, providertest.State{}, config).Apply()
			providertest.Wants(t, name+", create "+noun, said, "ERROR", x.want)
			_, said = c.Destroy(noun, states[noun])
			providertest.Wants(t, name+", delete "+noun, said, "ERROR", x.want)
			if changes[noun] != nil {
				_, said = c.Plan(noun, states[noun], changes[noun]).Apply()
				providertest.Wants(t, name+", update "+noun, said, "ERROR", x.want)
			}
		}
	}
}

func TestLists(t *testing.T) {
	l := newLab(t)
	_, job := l.Job()
	config := map[string]any{"service_principals": []string{"Atlassian"}}
	for name, want := range map[string]string{jobName: "Atlassian " + job, mappingName: "Atlassian " + rule + ": User to " + target} {
		got, said := l.List(name, config)
		if said != "" || !strings.Contains(strings.Join(got, "\n"), want) {
			t.Errorf("%s: got %v, %s, want %s", name, got, said, want)
		}
		_, said = l.List(name, map[string]any{"service_principals": []string{"Nobody"}})
		providertest.Wants(t, name, said, "ERROR", "Nobody")
		_, said = client(t, nil).List(name, config)
		providertest.Wants(t, name, said, "The provider isn't configured yet")
	}
	l.Fails(getSchema, 403)
	_, said := l.Another().List(mappingName, config)
	providertest.Wants(t, "the schema is refused", said, "ERROR")
}
