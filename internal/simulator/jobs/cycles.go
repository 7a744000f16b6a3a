package jobs

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
	Cycles             int    `json:"cycles"` // that began, initial ones included
	// everyone is looked at: the first, and those after a saved schema or a reset watermark
	InitialCycles   int  `json:"initial_cycles"`
	SchemaWrites    int  `json:"schema_writes"`    // PUT and DELETE of the schema
	Running         bool `json:"running"`          // its schedule is active
	DefaultMappings bool `json:"default_mappings"` // a cycle ran with the template's own mappings
}

// Active says whether the job's schedule runs.
func (j *Job) Active() bool { return rawjson.ObjectAt(j.Body, "schedule")["state"] == "Active" }

// Quarantined says whether the job is in quarantine.
func (j *Job) Quarantined() bool { return rawjson.ObjectAt(j.Body, "status")["quarantine"] != nil }

// Begin starts a cycle; in quarantine it is an attempt, and only a good end of it ends the quarantine [graph 3.3].
// Until its end the last execution reads as a failure with the error None [graph 3.2, D].
func (s *Registry) Begin(j *Job) { s.beginAt(j, s.clock.Now()) }

func (s *Registry) beginAt(j *Job, at time.Time) {
	rawjson.ObjectAt(j.Body, "schedule")["state"] = "Active"
	if status := rawjson.ObjectAt(j.Body, "status"); !j.Quarantined() {
		status["code"] = "NotRun"
		status["lastExecution"] = execution("Failed", Never, Never)
	}
	j.Started, j.Began = at, at
	j.count()
}

// Interval is the time from one cycle to the next [graph 3.2, D].
const Interval = 40 * time.Minute

// BeginDue begins the cycle that is due by the clock: 40 minutes after the last, in quarantine at the next attempt.
func (s *Registry) BeginDue(j *Job) {
	now := s.clock.Now()
	if j.Began.IsZero() {
		j.Began = now
	}
	switch next := j.time("nextAttempt"); {
	case !j.Started.IsZero() || !j.Active():
	case !j.Quarantined() && now.Sub(j.Began) >= Interval:
		s.Begin(j)
	case j.Quarantined() && !now.Before(next):
		s.beginAt(j, next)
	}
}

// quarantineLife is how long a job is tried in quarantine before it is disabled [graph 3.3, D].
const quarantineLife = 28 * 24 * time.Hour

// Expire disables a job that was in quarantine for four weeks. What its code is then is [?].
func (s *Registry) Expire(j *Job) {
	began := j.time("seriesBegan")
	if j.Active() && j.Quarantined() && j.Started.IsZero() && !began.IsZero() &&
		s.clock.Now().Sub(began) >= quarantineLife {
		rawjson.ObjectAt(j.Body, "schedule")["state"] = "Disabled"
	}
}

// time is a time of the quarantine, zero if there is none.
func (j *Job) time(name string) time.Time {
	text, _ := rawjson.At(rawjson.ObjectAt(j.Body, "status")["quarantine"], name).(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at
}

// count counts a cycle that begins.
func (j *Job) count() {
	j.Runs.Cycles++
	if j.Pending {
		j.Runs.InitialCycles++
	}
	j.Initial, j.Pending = j.Pending, false
	if t, ok := TemplateByID(
		j.Text("templateId"),
	); ok && reflect.DeepEqual(inOrder(j.Schema["synchronizationRules"]), inOrder(t.Schema()["synchronizationRules"])) {
		j.Runs.DefaultMappings = true
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

// Finish ends a cycle well, or with errors of entries; c is nil where nothing was provisioned.
func (j *Job) Finish(began, ended time.Time, c *CycleCounts) {
	status := rawjson.ObjectAt(j.Body, "status")
	end := ended.Format("2006-01-02T15:04:05Z")
	done := execution("Succeeded", began.Format("2006-01-02T15:04:05Z"), end)
	if c != nil {
		done["activityIdentifier"] = c.ID
		done["countImported"], done["countImportedDeltas"] = c.Imported, c.Imported
		done["countExported"], done["countExports"] = c.Exported, c.Exported
		done["countEscrowed"], done["countEscrowedRaw"] = c.Escrowed, c.Escrowed
		if c.Escrowed > 0 {
			done["state"] = "EntryLevelErrors"
		}
		if c.Exported > 0 {
			status["lastSuccessfulExecutionWithExports"] = done
		}
		status["synchronizedEntryCountByType"] = j.entryCounts()
	}
	status["lastExecution"], status["lastSuccessfulExecution"] = done, done
	status["countSuccessiveCompleteFailures"] = 0
	status["quarantine"] = nil
	if j.Active() {
		status["code"] = "Active"
	}
	if first, _ := status["steadyStateFirstAchievedTime"].(string); first == "" || first == Never {
		status["steadyStateFirstAchievedTime"] = end
	}
	status["steadyStateLastAchievedTime"] = end
	j.Started = time.Time{}
}

// entryCounts is how many objects of each type are provisioned [graph 3.2].
func (j *Job) entryCounts() []any {
	out := []any{}
	for _, kind := range []string{"Group", "User"} {
		many := 0
		for _, l := range j.Links {
			if l.Kind == kind {
				many++
			}
		}
		if m := j.ObjectMapping(kind); m != nil && many > 0 {
			out = append(
				out,
				rawjson.Object{"key": fmt.Sprintf("%s to %v", kind, m["targetObjectName"]), "value": many},
			)
		}
	}
	return out
}

// Quarantine ends a cycle that went wrong as a whole [graph 3.3].
func (j *Job) Quarantine(began, ended time.Time, reason, code, message string) {
	status := rawjson.ObjectAt(j.Body, "status")
	begin, end := began.Format("2006-01-02T15:04:05Z"), ended.Format("2006-01-02T15:04:05Z")
	trouble := rawjson.Object{"code": code, "message": message, "tenantActionable": true}
	done := execution("Failed", begin, end)
	done["error"] = trouble
	failures := number(status["countSuccessiveCompleteFailures"])
	status["lastExecution"], status["countSuccessiveCompleteFailures"] = done, failures+1
	status["code"] = "Quarantine"
	series, count, wait := end, 1, quarantineWaits[0]
	if old, ok := status["quarantine"].(rawjson.Object); ok { // another attempt of the same series
		series, _ = old["seriesBegan"].(string)
		count = number(old["seriesCount"]) + 1
		wait = quarantineWaits[min(count, len(quarantineWaits))-1]
	}
	status["quarantine"] = rawjson.Object{
		"currentBegan": end, "nextAttempt": ended.Add(wait).Format("2006-01-02T15:04:05Z"), "reason": reason,
		"seriesBegan": series, "seriesCount": count, "error": trouble,
	}
	j.Started = time.Time{}
}

// saved is what follows a saved schema: an initial cycle for everyone [graph 3.5, D], at once
// where the job runs, else with its start.
func (s *Registry) saved(j *Job) {
	j.Pending = true
	j.Runs.SchemaWrites++
	if j.Active() {
		s.Begin(j)
	}
}

// CycleCounts is what a cycle did: its id, and how many objects it read, wrote, and failed with.
type CycleCounts struct {
	ID                           string
	Imported, Exported, Escrowed int
}

// quarantineWaits are the times between attempts, the last again and again [graph 3.3, D].
var quarantineWaits = []time.Duration{6 * time.Hour, 12 * time.Hour, 24 * time.Hour}

// number is a number of a body, which is a float where it came from JSON.
func number(v any) int {
	switch n := v.(type) {
	case int:
		return n
	case float64:
		return int(n)
	}
	return 0
}
