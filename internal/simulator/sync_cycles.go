package simulator

import (
	"fmt"
	"net/http"
	"reflect"
	"time"
)

// JobCycles is what a job did so far, for whoever looks from outside.
type JobCycles struct {
	ServicePrincipalID string `json:"service_principal_id"`
	JobID              string `json:"job_id"`
	Cycles             int    `json:"cycles"`           // that began, initial ones included
	InitialCycles      int    `json:"initial_cycles"`   // everyone is looked at: the first, and those after a saved schema or a reset watermark
	SchemaWrites       int    `json:"schema_writes"`    // PUT and DELETE of the schema
	DefaultMappings    bool   `json:"default_mappings"` // a cycle ran with the template's own mappings
}

func (j *syncJob) active() bool { return member(j.body, "schedule")["state"] == "Active" }

func (j *syncJob) quarantined() bool { return member(j.body, "status")["quarantine"] != nil }

// begin starts a cycle. Until its end the last execution reads as a failure with the error None
// (graph.md 3.2 [D]).
func (s *Server) begin(j *syncJob) {
	member(j.body, "schedule")["state"] = "Active"
	status := member(j.body, "status")
	status["code"], status["quarantine"] = "NotRun", nil
	status["lastExecution"] = execution("Failed", neverYet, neverYet)
	j.started = s.clock.now()
	j.count()
}

// count counts a cycle that begins.
func (j *syncJob) count() {
	j.runs.Cycles++
	if j.pending {
		j.runs.InitialCycles++
	}
	j.pending = false
	if t, ok := templateByID(j.text("templateId")); ok && reflect.DeepEqual(j.schema["synchronizationRules"], t.schema()["synchronizationRules"]) {
		j.runs.DefaultMappings = true
	}
}

func execution(state, began, ended string) jsonObject {
	return jsonObject{
		"activityIdentifier": nil, "countEntitled": 0, "countEntitledForProvisioning": 0, "countEscrowed": 0,
		"countEscrowedRaw": 0, "countExported": 0, "countExports": 0, "countImported": 0, "countImportedDeltas": 0,
		"countImportedReferenceDeltas": 0, "state": state, "timeBegan": began, "timeEnded": ended,
		"error": jsonObject{"code": "None", "message": "", "tenantActionable": false},
	}
}

// settle ends the cycle of a job whose time has come.
func (s *Server) settle(j *syncJob) {
	if wait := s.behavior.CycleTime; wait > 0 && !j.started.IsZero() && s.clock.now().Sub(j.started) >= wait {
		j.finish(j.started, j.started.Add(wait))
	}
}

// finish ends a cycle well.
func (j *syncJob) finish(began, ended time.Time) {
	status := member(j.body, "status")
	end := ended.Format("2006-01-02T15:04:05Z")
	done := execution("Succeeded", began.Format("2006-01-02T15:04:05Z"), end)
	status["lastExecution"], status["lastSuccessfulExecution"] = done, done
	if j.active() {
		status["code"] = "Active"
	}
	if first, _ := status["steadyStateFirstAchievedTime"].(string); first == "" || first == neverYet {
		status["steadyStateFirstAchievedTime"] = end
	}
	status["steadyStateLastAchievedTime"] = end
	j.started = time.Time{}
}

// saved is what follows a saved schema: an initial cycle for everyone (graph.md 3.5 [D]), at once
// where the job runs, else with its start.
func (s *Server) saved(j *syncJob) {
	j.pending = true
	j.runs.SchemaWrites++
	if j.active() {
		s.begin(j)
	}
}

// Cycles is what the jobs did so far.
func (s *Server) Cycles() []JobCycles {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	out := []JobCycles{}
	for _, p := range s.sync.principals {
		for _, j := range p.jobs {
			runs := j.runs
			runs.ServicePrincipalID, runs.JobID = p.id, j.text("id")
			out = append(out, runs)
		}
	}
	return out
}

// FinishCycle ends the cycle of a running job; if none is under way, one begins and ends.
func (s *Server) FinishCycle(jobID string) error {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	for _, p := range s.sync.principals {
		j := p.job(jobID)
		if j == nil {
			continue
		}
		if !j.active() {
			return fmt.Errorf("the job %q doesn't run", jobID)
		}
		if j.started.IsZero() {
			s.begin(j)
		}
		j.finish(j.started, s.clock.now())
		return nil
	}
	return fmt.Errorf("no job %q", jobID)
}

func showCycles(c *call) *answer { return c.encode(http.StatusOK, c.srv.Cycles()) }
