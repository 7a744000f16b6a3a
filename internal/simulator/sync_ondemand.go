package simulator

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// onDemandSubject is whom provisionOnDemand is asked for [graph 3.8].
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

// provisionOnDemand provisions one subject: five times in ten seconds, a group with up to five members
// [graph 3.8, D]. Without a target that the server talks to, it says what would be done.
func provisionOnDemand(c *syncCall) *kernel.Response {
	c.srv.jobs.Running.Lock()
	defer c.srv.jobs.Running.Unlock()
	var run *cycle
	var job *jobs.Job
	var t *task
	var log logContext
	refusal := onJob(func(c *syncCall, p *jobs.Principal, j *jobs.Job) *kernel.Response {
		if refusal := c.limited("provisionOnDemand"); refusal != nil {
			return refusal
		}
		ref, members, refusal := c.subject(j)
		if refusal != nil {
			return refusal
		}
		job, run, t = j, c.srv.engine.newCycle(p, j), c.srv.engine.newTask(p, j, ref)
		log = c.srv.engine.logContext(p, j)
		if run != nil {
			run.initial = true
			t.onlyMembers(members, run.links)
		}
		return nil
	})(c)
	if refusal != nil {
		return refusal
	}
	o := t.wouldBe()
	if run != nil {
		if err := run.connect(); err != nil {
			o = (&outcome{action: "other"}).fail("EntryImport", "import", codeOf(err), err)
		} else if o = run.provision(t); o == nil {
			o = (&outcome{}).skip("RedundantExport", "There is nothing to do.")
		}
		run.close()
	}
	c.srv.store.Mu.Lock()
	defer c.srv.store.Mu.Unlock()
	if run != nil {
		job.Links = run.links
		c.srv.jobs.AddLogs([]json.RawMessage{log.entry(t, o, c.srv.clock.Now())})
	}
	return c.onDemandAnswer(log, t, o)
}

// subject is whom a request names, and the members where it is a group.
func (c *syncCall) subject(j *jobs.Job) (ref int32, members []string, refusal *kernel.Response) {
	if _, refusal := c.object(); refusal != nil {
		return 0, nil, refusal
	}
	var in struct {
		Parameters []struct {
			RuleID   string            `json:"ruleId"`
			Subjects []onDemandSubject `json:"subjects"`
		} `json:"parameters"`
	}
	if err := c.Decode(&in); err != nil {
		return 0, nil, c.fail(odata.BadRequest("BadRequest", err.Error()))
	}
	if len(in.Parameters) != 1 || len(in.Parameters[0].Subjects) != 1 {
		return 0, nil, c.refuseSync("InvalidRequest", "Exactly one rule with one subject is expected.")
	}
	rule, subject := in.Parameters[0].RuleID, in.Parameters[0].Subjects[0]
	if !slices.ContainsFunc(rawjson.Objects(j.Schema["synchronizationRules"]), func(r rawjson.Object) bool { return r["id"] == rule }) {
		return 0, nil, c.refuseSync("InvalidRequest", "The synchronization rule '"+rule+"' was not found in the schema.")
	}
	if subject.Links != nil {
		for _, m := range subject.Links.Members {
			members = append(members, m.ObjectID)
		}
	}
	if len(members) > 5 {
		return 0, nil, c.refuseSync("InvalidRequest", "At most 5 members of a group can be provisioned on demand.")
	}
	st := c.srv.store
	ref, ok := st.Lookup(subject.ObjectID)
	if !ok || st.View(ref, c.tick) == nil {
		return 0, nil, c.refuseSync("InvalidRequest", "The object '"+subject.ObjectID+"' was not found.")
	}
	return ref, members, nil
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
	o.step("EntryImport", "import", "success", "Received "+t.name+" from "+jobs.EntraDirectory, rawjson.Object{"objectId": t.id})
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

// onDemandAnswer is key and value, texts that hold JSON. Two editions of them are documented.
func (c *syncCall) onDemandAnswer(log logContext, t *task, o *outcome) *kernel.Response {
	value := log.onDemand(t, o, c.srv.clock.Now().Format("2006-01-02T15:04:05.0000000Z"))
	result := rawjson.At(value["statusInfo"], "status")
	key := string(rawjson.Marshal(rawjson.Object{"result": result, "details": rawjson.Object{"errorCode": o.code, "errorMessage": o.reason}}))
	text := string(rawjson.Marshal(value))
	if c.srv.behavior.OnDemandAsList {
		key, text = "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo", "["+text+"]"
	}
	return c.encode(http.StatusOK, rawjson.Object{"@odata.context": c.Base + "/v1.0/$metadata#microsoft.graph.stringKeyStringValuePair", "key": key, "value": text})
}
