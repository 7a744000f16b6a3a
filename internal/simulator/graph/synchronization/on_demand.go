package synchronization

import (
	"net/http"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/provisioning"
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
func provisionOnDemand(c *call) *kernel.Response {
	c.srv.Jobs.Running.Lock()
	defer c.srv.Jobs.Running.Unlock()
	var run *provisioning.OnDemandRun
	refusal := onJob(func(c *call, p *jobs.Principal, j *jobs.Job) *kernel.Response {
		if refusal := c.limited("provisionOnDemand"); refusal != nil {
			return refusal
		}
		ref, members, refusal := c.subject(j)
		if refusal == nil {
			run = c.srv.Engine.NewOnDemandRun(p, j, ref, members)
		}
		return refusal
	})(c)
	if refusal != nil {
		return refusal
	}
	return c.onDemandAnswer(run.Run())
}

// subject is whom a request names, and the members where it is a group.
func (c *call) subject(j *jobs.Job) (ref int32, members []string, refusal *kernel.Response) {
	if _, refusal := c.BodyFields(); refusal != nil {
		return 0, nil, refusal
	}
	var in struct {
		Parameters []struct {
			RuleID   string            `json:"ruleId"`
			Subjects []onDemandSubject `json:"subjects"`
		} `json:"parameters"`
	}
	if err := c.Decode(&in); err != nil {
		return 0, nil, c.Fail(odata.BadRequest("BadRequest", err.Error()))
	}
	if len(in.Parameters) != 1 || len(in.Parameters[0].Subjects) != 1 {
		return 0, nil, c.refuseSync("InvalidRequest", "Exactly one rule with one subject is expected.")
	}
	rule, subject := in.Parameters[0].RuleID, in.Parameters[0].Subjects[0]
	if !slices.ContainsFunc(
		rawjson.Objects(j.Schema["synchronizationRules"]), func(r rawjson.Object) bool { return r["id"] == rule },
	) {
		return 0, nil, c.refuseSync(
			"InvalidRequest",
			"The synchronization rule '"+rule+"' was not found in the schema.",
		)
	}
	if subject.Links != nil {
		for _, m := range subject.Links.Members {
			members = append(members, m.ObjectID)
		}
	}
	if len(members) > 5 {
		return 0, nil, c.refuseSync("InvalidRequest", "At most 5 members of a group can be provisioned on demand.")
	}
	st := c.srv.Store
	ref, ok := st.Lookup(subject.ObjectID)
	if !ok || st.View(ref, c.Tick) == nil {
		return 0, nil, c.refuseSync("InvalidRequest", "The object '"+subject.ObjectID+"' was not found.")
	}
	return ref, members, nil
}

// onDemandAnswer is key and value, texts that hold JSON. Two editions of them are documented.
func (c *call) onDemandAnswer(value rawjson.Object, code, reason string) *kernel.Response {
	result := rawjson.At(value["statusInfo"], "status")
	key := string(
		rawjson.Marshal(
			rawjson.Object{"result": result, "details": rawjson.Object{"errorCode": code, "errorMessage": reason}},
		),
	)
	text := string(rawjson.Marshal(value))
	if c.srv.Behavior.OnDemandAsList {
		key, text = "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo", "["+text+"]"
	}
	return c.Encode(http.StatusOK, rawjson.Object{
		"@odata.context": c.Root() + "/$metadata#microsoft.graph.stringKeyStringValuePair", "key": key, "value": text,
	})
}
