package simulator

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// JobCycles is what a job did so far, for whoever looks from outside.
type JobCycles struct {
	ServicePrincipalID string `json:"service_principal_id"`
	JobID              string `json:"job_id"`
	Cycles             int    `json:"cycles"`           // that began, initial ones included
	InitialCycles      int    `json:"initial_cycles"`   // everyone is looked at: the first, and those after a saved schema or a reset watermark
	SchemaWrites       int    `json:"schema_writes"`    // PUT and DELETE of the schema
	Running            bool   `json:"running"`          // its schedule is active
	DefaultMappings    bool   `json:"default_mappings"` // a cycle ran with the template's own mappings
}

func (j *syncJob) active() bool { return rawjson.ObjectAt(j.body, "schedule")["state"] == "Active" }

func (j *syncJob) quarantined() bool { return rawjson.ObjectAt(j.body, "status")["quarantine"] != nil }

// begin starts a cycle. Until its end the last execution reads as a failure with the error None
// [graph 3.2, D].
func (s *syncState) begin(j *syncJob) {
	rawjson.ObjectAt(j.body, "schedule")["state"] = "Active"
	status := rawjson.ObjectAt(j.body, "status")
	status["code"], status["quarantine"] = "NotRun", nil
	status["lastExecution"] = execution("Failed", neverYet, neverYet)
	j.started = s.clock.Now()
	j.began = j.started
	j.count()
}

// count counts a cycle that begins.
func (j *syncJob) count() {
	j.runs.Cycles++
	if j.pending {
		j.runs.InitialCycles++
	}
	j.initial, j.pending = j.pending, false
	if t, ok := templateByID(j.text("templateId")); ok && reflect.DeepEqual(inOrder(j.schema["synchronizationRules"]), inOrder(t.schema()["synchronizationRules"])) {
		j.runs.DefaultMappings = true
	}
}

// inOrder is a part of a schema with its attribute mappings by target: their order means nothing.
func inOrder(part any) any {
	switch v := part.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			out[k] = inOrder(x)
		}
		if rows, ok := out["attributeMappings"].([]any); ok {
			slices.SortStableFunc(rows, func(a, b any) int { return strings.Compare(targetOf(a), targetOf(b)) })
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = inOrder(x)
		}
		return out
	}
	return part
}

func targetOf(row any) string {
	m, _ := row.(map[string]any)
	s, _ := m["targetAttributeName"].(string)
	return s
}

func execution(state, began, ended string) rawjson.Object {
	return rawjson.Object{
		"activityIdentifier": nil, "countEntitled": 0, "countEntitledForProvisioning": 0, "countEscrowed": 0,
		"countEscrowedRaw": 0, "countExported": 0, "countExports": 0, "countImported": 0, "countImportedDeltas": 0,
		"countImportedReferenceDeltas": 0, "state": state, "timeBegan": began, "timeEnded": ended,
		"error": rawjson.Object{"code": "None", "message": "", "tenantActionable": false},
	}
}

// finish ends a cycle well, or with errors of entries; c is nil where nothing was provisioned.
func (j *syncJob) finish(began, ended time.Time, c *cycle) {
	status := rawjson.ObjectAt(j.body, "status")
	end := ended.Format("2006-01-02T15:04:05Z")
	done := execution("Succeeded", began.Format("2006-01-02T15:04:05Z"), end)
	if c != nil {
		done["activityIdentifier"] = c.log.cycle
		done["countImported"], done["countImportedDeltas"] = c.counts.imported, c.counts.imported
		done["countExported"], done["countExports"] = c.counts.exported, c.counts.exported
		done["countEscrowed"], done["countEscrowedRaw"] = c.counts.escrowed, c.counts.escrowed
		if c.counts.escrowed > 0 {
			done["state"] = "EntryLevelErrors"
		}
		if c.counts.exported > 0 {
			status["lastSuccessfulExecutionWithExports"] = done
		}
		status["synchronizedEntryCountByType"] = j.entryCounts()
	}
	status["lastExecution"], status["lastSuccessfulExecution"] = done, done
	status["countSuccessiveCompleteFailures"] = 0
	if j.active() {
		status["code"] = "Active"
	}
	if first, _ := status["steadyStateFirstAchievedTime"].(string); first == "" || first == neverYet {
		status["steadyStateFirstAchievedTime"] = end
	}
	status["steadyStateLastAchievedTime"] = end
	j.started = time.Time{}
}

// entryCounts is how many objects of each type are provisioned [graph 3.2].
func (j *syncJob) entryCounts() []any {
	out := []any{}
	for _, kind := range []string{"Group", "User"} {
		many := 0
		for _, l := range j.links {
			if l.kind == kind {
				many++
			}
		}
		if m := j.objectMappingFor(kind); m != nil && many > 0 {
			out = append(out, rawjson.Object{"key": fmt.Sprintf("%s to %v", kind, m["targetObjectName"]), "value": many})
		}
	}
	return out
}

// quarantine ends a cycle that went wrong as a whole [graph 3.3].
func (j *syncJob) quarantine(began, ended time.Time, reason, code, message string) {
	status := rawjson.ObjectAt(j.body, "status")
	begin, end := began.Format("2006-01-02T15:04:05Z"), ended.Format("2006-01-02T15:04:05Z")
	trouble := rawjson.Object{"code": code, "message": message, "tenantActionable": true}
	done := execution("Failed", begin, end)
	done["error"] = trouble
	failures, _ := status["countSuccessiveCompleteFailures"].(int)
	status["lastExecution"], status["countSuccessiveCompleteFailures"] = done, failures+1
	status["code"] = "Quarantine"
	status["quarantine"] = rawjson.Object{
		"currentBegan": end, "nextAttempt": ended.Add(6 * time.Hour).Format("2006-01-02T15:04:05Z"), "reason": reason,
		"seriesBegan": end, "seriesCount": 1, "error": trouble,
	}
	j.started = time.Time{}
}

// saved is what follows a saved schema: an initial cycle for everyone [graph 3.5, D], at once
// where the job runs, else with its start.
func (s *syncState) saved(j *syncJob) {
	j.pending = true
	j.runs.SchemaWrites++
	if j.active() {
		s.begin(j)
	}
}
