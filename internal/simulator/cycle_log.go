package simulator

import (
	"encoding/json"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"
)

// outcome is what became of one object in a cycle or on demand, in the words of the logs [graph 3.8].
type outcome struct {
	action string // create, update, delete, disable, other
	status string // success, failure, skipped
	code   string
	reason string
	target string // the id in the target
	steps  []logStep
	// What was exported, by target attribute, with what was there before.
	before, after map[string]any
	hidden        map[string]bool // by Redact [expressions 3.1, D]
}

type logStep struct {
	name, kind, status, description string
	details                         jsonObject
}

func (o *outcome) step(name, kind, status, description string, details jsonObject) {
	if details == nil {
		details = jsonObject{}
	}
	o.steps = append(o.steps, logStep{name, kind, status, description, details})
}

// skip ends with nothing done.
func (o *outcome) skip(code, reason string) *outcome {
	o.action, o.status, o.code, o.reason = "other", "skipped", code, reason
	o.step("EntrySynchronizationSkip", "processing", "skipped", reason, jsonObject{"SkipReason": code})
	return o
}

// fail ends with an error, in the step that it happened in.
func (o *outcome) fail(step, kind, code string, err error) *outcome {
	o.status, o.code, o.reason = "failure", code, err.Error()
	o.step(step, kind, "failure", err.Error(), nil)
	return o
}

// modified is the list of what was exported.
func (o *outcome) modified() []any {
	out := []any{}
	names := make([]string, 0, len(o.after))
	for name := range o.after {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if o.hidden[name] {
			out = append(out, jsonObject{"displayName": name, "oldValue": "[Redact]", "newValue": "[Redact]"})
			continue
		}
		out = append(out, jsonObject{"displayName": name, "oldValue": logText(o.before[name]), "newValue": logText(o.after[name])})
	}
	return out
}

func logText(v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return v
	case bool:
		return map[bool]string{true: "True", false: "False"}[v]
	}
	return string(marshal(v))
}

// logContext is what the entries of a cycle have in common.
type logContext struct {
	tenant, job, cycle string
	principal, name    string
	appID              string
}

// entry is a line of the log.
func (x logContext) entry(t *task, o *outcome, now time.Time) json.RawMessage {
	steps := []any{}
	for _, s := range o.steps {
		steps = append(steps, jsonObject{"name": s.name, "provisioningStepType": s.kind, "status": s.status, "description": s.description, "details": s.details})
	}
	var information any
	if o.status != "success" {
		category := map[string]string{"failure": "failure", "skipped": "nonServiceFailure"}[o.status]
		information = jsonObject{"errorCode": o.code, "reason": o.reason, "additionalDetails": nil, "errorCategory": category, "recommendedAction": nil}
	}
	return marshal(jsonObject{
		"id": uuid.NewString(), "activityDateTime": now.Format("2006-01-02T15:04:05Z"), "tenantId": x.tenant, "jobId": x.job, "cycleId": x.cycle,
		"changeId": uuid.NewString(), "provisioningAction": o.action, "durationInMilliseconds": 0,
		"sourceSystem": jsonObject{"id": stableID("system:" + entraDirectory), "displayName": entraDirectory, "details": jsonObject{}},
		"targetSystem": jsonObject{"id": stableID("system:" + x.name), "displayName": x.name, "details": jsonObject{
			"ApplicationId": x.appID, "ServicePrincipalId": x.principal, "ServicePrincipalDisplayName": x.name,
		}},
		"initiatedBy":            jsonObject{"id": "", "displayName": "Azure AD Provisioning Service", "initiatorType": "system"},
		"servicePrincipal":       jsonObject{"id": x.principal, "displayName": x.name},
		"sourceIdentity":         jsonObject{"id": t.id, "displayName": t.name, "identityType": t.kind, "details": jsonObject{}},
		"targetIdentity":         jsonObject{"id": o.target, "displayName": t.shown(o), "identityType": t.kind, "details": jsonObject{}},
		"provisioningStatusInfo": jsonObject{"status": o.status, "errorInformation": information},
		"provisioningSteps":      steps, "modifiedProperties": o.modified(),
	})
}

// shown is an object's name in the target, if it is there.
func (t *task) shown(o *outcome) string {
	if o.target == "" {
		return ""
	}
	return t.name
}

// onDemand is the value of provisionOnDemand: the same in other words, with capitals.
func (x logContext) onDemand(t *task, o *outcome, now string) jsonObject {
	capital := func(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
	steps := []any{}
	for _, s := range o.steps {
		steps = append(steps, jsonObject{"name": s.name, "type": capital(s.kind), "status": capital(s.status), "description": s.description, "timestamp": now, "details": s.details})
	}
	system := func(name string) jsonObject {
		return jsonObject{"id": stableID("system:" + name), "displayName": name, "details": jsonObject{}}
	}
	return jsonObject{
		"action": capital(o.action), "changeId": uuid.NewString(), "startTime": now, "endTime": now, "jobId": x.job, "modifiedProperties": o.modified(),
		"provisioningSteps": steps, "reportableIdentifier": t.name,
		"statusInfo":     jsonObject{"status": capital(o.status), "errorCode": o.code, "reason": o.reason, "additionalDetails": "", "errorCategory": "None", "recommendedAction": ""},
		"sourceIdentity": jsonObject{"id": t.id, "displayName": t.name, "identityType": t.kind, "details": jsonObject{}},
		"targetIdentity": jsonObject{"id": o.target, "displayName": t.shown(o), "identityType": t.kind, "details": jsonObject{}},
		"sourceSystem":   system(entraDirectory), "targetSystem": system(x.name),
	}
}

// maxLogs is how many entries of cycles are kept, the newest; the service keeps them for 30 days.
const maxLogs = 10_000

func (s *syncState) keepLogs(entries []json.RawMessage) {
	s.logs = append(s.logs, entries...)
	if more := len(s.logs) - maxLogs; more > 0 {
		s.logs = slices.Delete(s.logs, 0, more)
	}
}

// allLogs are those of cycles, the newest first, and then those of the snapshot.
func (s *Server) allLogs() ([]json.RawMessage, error) {
	out := slices.Clone(s.sync.logs)
	slices.Reverse(out)
	if len(s.extra.logs) == 0 {
		return out, nil
	}
	var old []json.RawMessage
	if err := json.Unmarshal(s.extra.logs, &old); err != nil {
		return nil, err
	}
	return append(out, old...), nil
}

// logsPart is the logs as a snapshot has them.
func (s *Server) logsPart() json.RawMessage {
	all, err := s.allLogs()
	if err != nil || len(s.sync.logs) == 0 {
		return s.extra.logs
	}
	return marshal(all)
}
