package entra

import (
	"encoding/json"
	"fmt"
	"time"
)

// ScheduleActive is the state of a job that runs.
const ScheduleActive = "Active"

// SynchronizationJob is a job as Graph shows it [graph 3.2].
type SynchronizationJob struct {
	ID, TemplateID string
	// ScheduleState is Active, Disabled or Paused.
	ScheduleState string
	// Interval is an ISO 8601 duration.
	Interval string
	// StatusCode is NotConfigured, NotRun, Active, Paused or Quarantine.
	StatusCode string
	// Quarantine is nil where there is none.
	Quarantine *Quarantine
	// LastExecution is nil where nothing was executed. What Graph shows
	// between a start and the end of the first cycle, a failure with the error
	// None at the year 1, isn't one.
	LastExecution *Execution
	// SteadyStateFirstAchieved is zero where it never was.
	SteadyStateFirstAchieved time.Time
	// Failures is how many cycles failed one after another.
	Failures           int64
	TroubleshootingURL string
	Settings           map[string]string

	succeeded bool // once, whatever LastExecution says
}

// NeverRan reports whether no cycle of the job has ended, one way or another.
// The first may be under way: see ScheduleState.
func (j SynchronizationJob) NeverRan() bool {
	return j.LastExecution == nil && j.Quarantine == nil && !j.succeeded && j.SteadyStateFirstAchieved.IsZero()
}

// Quarantine says why and since when a job is held back [graph 3.3].
type Quarantine struct {
	Reason, ErrorCode, ErrorMessage string
	CurrentBegan, NextAttempt       time.Time
	SeriesCount                     int64
}

// Execution is one cycle of a job that ended.
type Execution struct {
	// State is Succeeded, Failed or EntryLevelErrors.
	State        string
	Began, Ended time.Time
	// Exported and Escrowed count entries written and entries held back.
	Exported, Escrowed      int64
	ErrorCode, ErrorMessage string
}

// noError is the code of an error that is none [graph 3.2].
const noError = "None"

// jobBody is a job as the service writes it. The SDK's model isn't used to read it:
// it drops the values of enumerations that it doesn't know (the reason of a
// quarantine), writes an interval in another way, and takes a time without a zone
// for local time.
type jobBody struct {
	ID         string `json:"id"`
	TemplateID string `json:"templateId"`
	Schedule   struct {
		State    string `json:"state"`
		Interval string `json:"interval"`
	} `json:"schedule"`
	Status struct {
		Code                string          `json:"code"`
		Failures            int64           `json:"countSuccessiveCompleteFailures"`
		Quarantine          *quarantineBody `json:"quarantine"`
		LastExecution       *executionBody  `json:"lastExecution"`
		LastSuccess         *executionBody  `json:"lastSuccessfulExecution"`
		LastSuccessExported *executionBody  `json:"lastSuccessfulExecutionWithExports"`
		SteadyStateFirst    graphTime       `json:"steadyStateFirstAchievedTime"`
		TroubleshootingURL  string          `json:"troubleshootingUrl"`
	} `json:"status"`
	Settings []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"synchronizationJobSettings"`
}

type syncErrorBody struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// text is the error's code and message; "" where it is none.
func (e *syncErrorBody) text() (code, message string) {
	if e == nil || e.Code == noError {
		return "", ""
	}
	return e.Code, e.Message
}

type quarantineBody struct {
	Reason       string         `json:"reason"`
	Error        *syncErrorBody `json:"error"`
	CurrentBegan graphTime      `json:"currentBegan"`
	NextAttempt  graphTime      `json:"nextAttempt"`
	SeriesCount  int64          `json:"seriesCount"`
}

type executionBody struct {
	State    string         `json:"state"`
	Began    graphTime      `json:"timeBegan"`
	Ended    graphTime      `json:"timeEnded"`
	Exported int64          `json:"countExported"`
	Escrowed int64          `json:"countEscrowed"`
	Error    *syncErrorBody `json:"error"`
}

// execution is nil for what was never executed.
func (b *executionBody) execution() *Execution {
	if b == nil || b.Began.IsZero() && b.Ended.IsZero() {
		return nil
	}
	e := &Execution{
		State:    b.State,
		Began:    b.Began.Time,
		Ended:    b.Ended.Time,
		Exported: b.Exported,
		Escrowed: b.Escrowed,
	}
	e.ErrorCode, e.ErrorMessage = b.Error.text()
	return e
}

func decodeJob(raw []byte) (SynchronizationJob, error) {
	var b jobBody
	if err := json.Unmarshal(raw, &b); err != nil {
		return SynchronizationJob{}, err
	}
	if b.ID == "" {
		return SynchronizationJob{}, fmt.Errorf("a job without id")
	}
	s := b.Status
	j := SynchronizationJob{
		ID:                       b.ID,
		TemplateID:               b.TemplateID,
		ScheduleState:            b.Schedule.State,
		Interval:                 b.Schedule.Interval,
		StatusCode:               s.Code,
		LastExecution:            s.LastExecution.execution(),
		SteadyStateFirstAchieved: s.SteadyStateFirst.Time,
		Failures:                 s.Failures,
		TroubleshootingURL:       s.TroubleshootingURL,
		Settings:                 map[string]string{},
		succeeded:                s.LastSuccess.execution() != nil || s.LastSuccessExported.execution() != nil,
	}
	for _, x := range b.Settings {
		j.Settings[x.Name] = x.Value
	}
	if q := s.Quarantine; q != nil {
		j.Quarantine = &Quarantine{
			Reason:       q.Reason,
			CurrentBegan: q.CurrentBegan.Time,
			NextAttempt:  q.NextAttempt.Time,
			SeriesCount:  q.SeriesCount,
		}
		j.Quarantine.ErrorCode, j.Quarantine.ErrorMessage = q.Error.text()
	}
	return j, nil
}

// graphTime is a time as the service writes it: zero for null and the year 1, in
// UTC where it names no zone.
type graphTime struct{ time.Time }

func (m *graphTime) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil || text == "" {
		m.Time = time.Time{}
		return err
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t, err = time.Parse("2006-01-02T15:04:05", text)
	}
	m.Time = t.UTC()
	return err
}
