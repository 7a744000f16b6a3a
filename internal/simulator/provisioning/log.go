package provisioning

import (
	"encoding/json"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/naming"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
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
	details                         rawjson.Object
}

func (o *outcome) step(name, kind, status, description string, details rawjson.Object) {
	if details == nil {
		details = rawjson.Object{}
	}
	o.steps = append(o.steps, logStep{name, kind, status, description, details})
}

// skip ends with nothing done.
func (o *outcome) skip(code, reason string) *outcome {
	o.action, o.status, o.code, o.reason = "other", "skipped", code, reason
	o.step("EntrySynchronizationSkip", "processing", "skipped", reason, rawjson.Object{"SkipReason": code})
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
			out = append(out, rawjson.Object{"displayName": name, "oldValue": "[Redact]", "newValue": "[Redact]"})
			continue
		}
		out = append(
			out,
			rawjson.Object{
				"displayName": name,
				"oldValue":    logText(o.before[name]),
				"newValue":    logText(o.after[name]),
			},
		)
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
	return string(rawjson.Marshal(v))
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
		steps = append(
			steps,
			rawjson.Object{
				"name": s.name, "provisioningStepType": s.kind, "status": s.status, "description": s.description,
				"details": s.details,
			},
		)
	}
	var information any
	if o.status != "success" {
		category := map[string]string{"failure": "failure", "skipped": "nonServiceFailure"}[o.status]
		information = rawjson.Object{
			"errorCode": o.code, "reason": o.reason, "additionalDetails": nil, "errorCategory": category,
			"recommendedAction": nil,
		}
	}
	return rawjson.Marshal(rawjson.Object{
		"id": uuid.NewString(), "activityDateTime": now.Format("2006-01-02T15:04:05Z"), "tenantId": x.tenant,
		"jobId": x.job, "cycleId": x.cycle,
		"changeId": uuid.NewString(), "provisioningAction": o.action, "durationInMilliseconds": 0,
		"sourceSystem": rawjson.Object{
			"id": naming.StableID("system:" + jobs.EntraDirectory), "displayName": jobs.EntraDirectory,
			"details": rawjson.Object{},
		},
		"targetSystem": rawjson.Object{"id": naming.StableID(
			"system:" + x.name,
		), "displayName": x.name, "details": rawjson.Object{
			"ApplicationId": x.appID, "ServicePrincipalId": x.principal, "ServicePrincipalDisplayName": x.name,
		}},
		"initiatedBy": rawjson.Object{
			"id": "", "displayName": "Azure AD Provisioning Service", "initiatorType": "system",
		},
		"servicePrincipal": rawjson.Object{"id": x.principal, "displayName": x.name},
		"sourceIdentity": rawjson.Object{
			"id": t.id, "displayName": t.name, "identityType": t.kind, "details": rawjson.Object{},
		},
		"targetIdentity": rawjson.Object{
			"id": o.target, "displayName": t.shown(o), "identityType": t.kind, "details": rawjson.Object{},
		},
		"provisioningStatusInfo": rawjson.Object{"status": o.status, "errorInformation": information},
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
func (x logContext) onDemand(t *task, o *outcome, now string) rawjson.Object {
	capital := func(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
	steps := []any{}
	for _, s := range o.steps {
		steps = append(
			steps,
			rawjson.Object{
				"name": s.name, "type": capital(s.kind), "status": capital(s.status), "description": s.description,
				"timestamp": now, "details": s.details,
			},
		)
	}
	system := func(name string) rawjson.Object {
		return rawjson.Object{"id": naming.StableID("system:" + name), "displayName": name, "details": rawjson.Object{}}
	}
	return rawjson.Object{
		"action": capital(o.action), "changeId": uuid.NewString(), "startTime": now, "endTime": now, "jobId": x.job,
		"modifiedProperties": o.modified(),
		"provisioningSteps":  steps, "reportableIdentifier": t.name,
		"statusInfo": rawjson.Object{
			"status": capital(o.status), "errorCode": o.code, "reason": o.reason, "additionalDetails": "",
			"errorCategory": "None", "recommendedAction": "",
		},
		"sourceIdentity": rawjson.Object{
			"id": t.id, "displayName": t.name, "identityType": t.kind, "details": rawjson.Object{},
		},
		"targetIdentity": rawjson.Object{
			"id": o.target, "displayName": t.shown(o), "identityType": t.kind, "details": rawjson.Object{},
		},
		"sourceSystem": system(jobs.EntraDirectory), "targetSystem": system(x.name),
	}
}
