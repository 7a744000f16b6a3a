package directory

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"
)

// States of a provisioning service [graph 3.2], [graph 3.3].
const (
	ServiceRunning = "running"
	// ServiceStarting: the first cycle hasn't ended.
	ServiceStarting    = "starting"
	ServiceNotStarted  = "not_started"
	ServicePaused      = "paused"
	ServiceQuarantined = "quarantined"
	// ServiceDisabled: Entra switched the job off, after four weeks in quarantine.
	ServiceDisabled = "disabled"
	// ServiceNotRead: the reading doesn't say.
	ServiceNotRead = "not_read"
	// ServiceNone: no API tells (nested groups).
	ServiceNone = "none"
)

// Health is the state of a job, and nothing that changes while the state lasts.
type Health struct {
	// State is one of the Service constants; "" is ServiceNotRead.
	State string `json:"state,omitempty"`
	// Since is when the state began, as the service wrote it; "" where it doesn't say.
	Since string `json:"since,omitempty"`
	// Detail is the service's reason, such as "EncounteredQuarantineException:
	// InvalidCredentials".
	Detail string `json:"detail,omitempty"`
}

// Runs reports whether cycles run. What isn't known counts as running.
func (h Health) Runs() bool {
	switch h.State {
	case ServiceNotStarted, ServicePaused, ServiceQuarantined, ServiceDisabled:
		return false
	}
	return true
}

// graphJob is Graph's synchronizationJob, as far as it tells the health.
type graphJob struct {
	ID         string `json:"id"`
	TemplateID string `json:"templateId"`
	Schedule   *struct {
		State string `json:"state"`
	} `json:"schedule"`
	Status *struct {
		Code       string          `json:"code"`
		Quarantine *jobQuarantine  `json:"quarantine"`
		Last       json.RawMessage `json:"lastExecution"`
		LastGood   *struct {
			Ended string `json:"timeEnded"`
		} `json:"lastSuccessfulExecution"`
		Steady *string `json:"steadyStateFirstAchievedTime"`
	} `json:"status"`
}

type jobQuarantine struct {
	Reason       string `json:"reason"`
	CurrentBegan string `json:"currentBegan"`
	SeriesBegan  string `json:"seriesBegan"`
	Error        *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// zeroTime reports a time that Graph writes for "never".
func zeroTime(s string) bool {
	t, err := time.Parse(time.RFC3339, s)
	return err != nil || t.Year() <= 1
}

// health reads schedule, code and quarantine together, as [graph 3.2] asks.
func (j graphJob) health() Health {
	if j.Schedule == nil || j.Status == nil {
		return Health{State: ServiceNotRead}
	}
	s := j.Status
	never := (len(s.Last) == 0 || string(s.Last) == "null") && (s.Steady == nil || zeroTime(*s.Steady))
	active := strings.EqualFold(j.Schedule.State, "Active")
	switch {
	case s.Quarantine != nil || strings.EqualFold(s.Code, "Quarantine"):
		h := Health{State: ServiceQuarantined}
		if !active && strings.EqualFold(j.Schedule.State, "Disabled") {
			h.State = ServiceDisabled
		}
		h.fill(s.Quarantine)
		return h
	case strings.EqualFold(s.Code, "NotConfigured"), !active && (never || strings.EqualFold(s.Code, "NotRun")):
		return Health{State: ServiceNotStarted}
	case !active || strings.EqualFold(s.Code, "Paused"):
		h := Health{State: ServicePaused}
		if s.LastGood != nil && !zeroTime(s.LastGood.Ended) {
			h.Since = s.LastGood.Ended
		}
		return h
	case strings.EqualFold(s.Code, "NotRun"), s.Steady != nil && zeroTime(*s.Steady):
		return Health{State: ServiceStarting}
	}
	return Health{State: ServiceRunning}
}

// fill takes since and reason from a quarantine. Of an error the code is kept,
// or else the message, which a service may write anything into.
func (h *Health) fill(q *jobQuarantine) {
	if q == nil {
		return
	}
	for _, t := range []string{q.SeriesBegan, q.CurrentBegan} {
		if h.Since == "" && !zeroTime(t) {
			h.Since = t
		}
	}
	parts := []string{}
	if q.Reason != "" {
		parts = append(parts, q.Reason)
	}
	if q.Error != nil {
		if text := cmp.Or(q.Error.Code, q.Error.Message); text != "" && text != "None" {
			parts = append(parts, text)
		}
	}
	h.Detail = strings.Join(parts, ": ")
}
