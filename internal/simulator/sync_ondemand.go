package simulator

import (
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// onDemandSubject is whom provisionOnDemand is asked for (graph.md 3.8).
type onDemandSubject struct {
	ObjectID   string `json:"objectId"`
	ObjectType string `json:"objectTypeName"`
	Links      *struct {
		Members []struct {
			ObjectID   string `json:"objectId"`
			ObjectType string `json:"objectTypeName"`
		} `json:"members"`
	} `json:"links"`
}

// provisionOnDemand says what would become of one subject: five times in ten seconds, a group with up
// to five members (graph.md 3.8 [D]). It writes nothing to a target.
var provisionOnDemand = onJob(func(c *call, p *principal, j *syncJob) *answer {
	if refusal := c.limited("provisionOnDemand"); refusal != nil {
		return refusal
	}
	if _, refusal := c.object(); refusal != nil {
		return refusal
	}
	var in struct {
		Parameters []struct {
			RuleID   string            `json:"ruleId"`
			Subjects []onDemandSubject `json:"subjects"`
		} `json:"parameters"`
	}
	if err := c.decode(&in); err != nil {
		return c.fail(badRequest("BadRequest", err.Error()))
	}
	if len(in.Parameters) != 1 || len(in.Parameters[0].Subjects) != 1 {
		return c.refuseSync("InvalidRequest", "Exactly one rule with one subject is expected.")
	}
	rule, subject := in.Parameters[0].RuleID, in.Parameters[0].Subjects[0]
	if !slices.ContainsFunc(listOf(j.schema["synchronizationRules"]), func(r jsonObject) bool { return r["id"] == rule }) {
		return c.refuseSync("InvalidRequest", "The synchronization rule '"+rule+"' was not found in the schema.")
	}
	if subject.Links != nil && len(subject.Links.Members) > 5 {
		return c.refuseSync("InvalidRequest", "At most 5 members of a group can be provisioned on demand.")
	}
	st := c.srv.store
	ref, ok := st.lookup(subject.ObjectID)
	if !ok || st.view(ref, c.tick) == nil {
		return c.refuseSync("InvalidRequest", "The object '"+subject.ObjectID+"' was not found.")
	}
	return c.onDemandAnswer(p, ref, st.view(ref, c.tick), j)
})

// inScope says whether someone is assigned, directly or by a group that has them directly as a
// member (graph.md part 2 [D]), or everyone is in scope.
func (c *call) inScope(p *principal, ref int32) bool {
	for _, k := range p.secrets {
		if k.Key == "SyncAll" && strings.EqualFold(k.Value, "true") {
			return true
		}
	}
	st := c.srv.store
	for _, g := range p.assigned {
		at, ok := st.lookup(g.principal)
		if ok && (at == ref || slices.Contains(st.slots[ref].parents, at)) {
			return true
		}
	}
	return false
}

// onDemandAnswer is key and value, texts that hold JSON. Two editions of them are documented.
func (c *call) onDemandAnswer(p *principal, ref int32, o *object, j *syncJob) *answer {
	now := c.srv.clock.now().Format("2006-01-02T15:04:05.0000000Z")
	name := o.text("displayName")
	step := func(n, kind, status, description string, details jsonObject) jsonObject {
		return jsonObject{"name": n, "type": kind, "status": status, "description": description, "timestamp": now, "details": details}
	}
	truth := map[bool]string{true: "True", false: "False"}
	assigned, active := c.inScope(p, ref), o.value("accountEnabled") != "false"
	steps := []jsonObject{step("EntryImport", "Import", "Success", "Received "+name+" from "+entraDirectory, jsonObject{"objectId": o.id})}
	details := jsonObject{"Active in the source system": truth[active], "Assigned to the application": truth[assigned], "User has the required role": truth[assigned], "Scoping filter evaluation passed": "True", "ScopeEvaluationResult": "{}"}
	result, action, code, reason := "Success", "Create", "", ""
	if assigned && active {
		steps = append(steps,
			step("EntrySynchronizationScoping", "Scoping", "Success", name+" is in scope", details),
			step("EntrySynchronizationAdd", "Matching", "Success", "No matching entry was found in the target", jsonObject{}),
			step("EntryExportAdd", "Export", "Success", name+" was created", jsonObject{"ReportableIdentifier": name}))
	} else {
		result, action, code = "Skipped", "Other", "NotEffectivelyEntitled"
		reason = "The object is not assigned to the application or not active."
		steps = append(steps, step("EntrySynchronizationScoping", "Scoping", "Skipped", name+" is not in scope", details),
			step("EntrySynchronizationSkip", "Processing", "Skipped", reason, jsonObject{"SkipReason": code}))
	}
	system := func(name string) jsonObject {
		return jsonObject{"id": stableID("system:" + name), "displayName": name, "details": jsonObject{}}
	}
	kind := "User"
	if o.ent == c.srv.store.group {
		kind = "Group"
	}
	value := jsonObject{
		"action": action, "changeId": uuid.NewString(), "startTime": now, "endTime": now, "jobId": j.text("id"), "modifiedProperties": []any{},
		"provisioningSteps": steps, "reportableIdentifier": name,
		"statusInfo":     jsonObject{"status": result, "errorCode": code, "reason": reason, "additionalDetails": "", "errorCategory": "None", "recommendedAction": ""},
		"sourceIdentity": jsonObject{"id": o.id, "displayName": name, "identityType": kind, "details": jsonObject{}},
		"targetIdentity": jsonObject{"id": "", "displayName": "", "identityType": kind, "details": jsonObject{}},
		"sourceSystem":   system(entraDirectory), "targetSystem": system(p.name),
	}
	key := string(marshal(jsonObject{"result": result, "details": jsonObject{"errorCode": code, "errorMessage": reason}}))
	text := string(marshal(value))
	if c.srv.behavior.OnDemandAsList {
		key, text = "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo", "["+text+"]"
	}
	return c.encode(http.StatusOK, jsonObject{"@odata.context": c.base + "/v1.0/$metadata#microsoft.graph.stringKeyStringValuePair", "key": key, "value": text})
}
