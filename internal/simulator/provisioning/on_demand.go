package provisioning

import (
	"encoding/json"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// OnDemandRun provisions one object of a job.
type OnDemandRun struct {
	engine *Engine
	job    *jobs.Job
	cycle  *cycle // nil: the job has no target that is talked to
	task   *task
	log    logContext
}

// NewOnDemandRun copies what is to be known of the object, and of a group's members those that are named. The caller
// holds the store's mutex.
func (s *Engine) NewOnDemandRun(p *jobs.Principal, j *jobs.Job, ref int32, members []string) *OnDemandRun {
	r := &OnDemandRun{engine: s, job: j, cycle: s.newCycle(p, j), task: s.newTask(p, j, ref), log: s.logContext(p, j)}
	if r.cycle != nil {
		r.cycle.initial = true
		r.task.onlyMembers(members, r.cycle.links)
	}
	return r
}

// Run provisions the object, and answers the value of provisionOnDemand. No mutex is held.
func (r *OnDemandRun) Run() (value rawjson.Object, code, reason string) {
	s, o := r.engine, r.task.wouldBe()
	if r.cycle != nil {
		if err := r.cycle.connect(); err != nil {
			o = (&outcome{action: "other"}).fail("EntryImport", "import", CodeOf(err), err)
		} else if o = r.cycle.provision(r.task); o == nil {
			o = (&outcome{}).skip("RedundantExport", "There is nothing to do.")
		}
		r.cycle.close()
	}
	s.Store.Mu.Lock()
	defer s.Store.Mu.Unlock()
	if r.cycle != nil {
		r.job.Links, r.job.Departed = r.cycle.links, r.cycle.departed
		s.Jobs.AddLogs([]json.RawMessage{r.log.entry(r.task, o, s.Clock.Now())})
	}
	return r.log.onDemand(r.task, o, s.Clock.Now().Format("2006-01-02T15:04:05.0000000Z")), o.code, o.reason
}

// onlyMembers leaves of a group's members those that are named, and those that are in the target.
func (t *task) onlyMembers(named []string, links map[string]*jobs.Link) {
	known := links[t.id]
	t.members = slices.DeleteFunc(t.members, func(id string) bool {
		l := links[id]
		return !slices.Contains(named, id) && (known == nil || l == nil || !slices.Contains(known.Members, l.Target))
	})
}

// wouldBe is what would become of an object whose target nobody asks.
func (t *task) wouldBe() *outcome {
	o := &outcome{action: "create", status: "success"}
	o.step(
		"EntryImport", "import", "success", "Received "+t.name+" from "+jobs.EntraDirectory,
		rawjson.Object{"objectId": t.id},
	)
	if !t.verdict.in() {
		o.step("EntrySynchronizationScoping", "scoping", "skipped", t.name+" is not in scope", t.verdict.details())
		code, reason := t.verdict.why()
		return o.skip(code, reason)
	}
	o.step("EntrySynchronizationScoping", "scoping", "success", t.name+" is in scope", t.verdict.details())
	o.step("EntrySynchronizationAdd", "matching", "success", "No matching entry was found in the target", nil)
	o.step("EntryExportAdd", "export", "success", t.name+" was created", rawjson.Object{"ReportableIdentifier": t.name})
	return o
}
