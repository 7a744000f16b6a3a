package synchronization

import (
	"net/http"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/odata"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

func listJobs(c *call) *kernel.Response {
	c.srv.Store.Mu.Lock()
	defer c.srv.Store.Mu.Unlock()
	p, refusal := c.principal()
	if refusal != nil {
		return refusal
	}
	value := []any{}
	for _, j := range p.Jobs {
		value = append(value, j.Body)
	}
	return c.Encode(http.StatusOK, map[string]any{"@odata.context": c.metadata(p, "jobs"), "value": value})
}

func createJob(c *call) *kernel.Response {
	var id string
	if refusal := c.into(map[string]*string{"templateId": &id}); refusal != nil {
		return refusal
	}
	c.srv.Store.Mu.Lock()
	defer c.srv.Store.Mu.Unlock()
	p, refusal := c.principal()
	if refusal != nil {
		return refusal
	}
	t, ok := p.Template(id)
	if !ok {
		return c.refuseSync("InvalidTemplate", "The template '"+id+"' was not found for the service principal.")
	}
	j := c.srv.Jobs.NewJob(t)
	p.Jobs = append(p.Jobs, j)
	return c.withContext(http.StatusCreated, p, j.Body, "jobs/$entity").
		With("Location", c.Root()+"/servicePrincipals/"+p.ID+"/synchronization/jobs/"+j.Text("id"))
}

// job finds the job that a path names; unknown ones are answered by the service behind
// [graph 3.9, F]. The caller holds the store's mutex for writing.
func (c *call) job() (*jobs.Principal, *jobs.Job, *kernel.Response) {
	p, refusal := c.principal()
	if refusal != nil {
		return nil, nil, refusal
	}
	j := p.Job(c.Param(1))
	if j == nil {
		return nil, nil, c.failSync(
			http.StatusNotFound, "ResourceNotFound", "The synchronization job "+c.Param(1)+" was not found.",
		)
	}
	return p, j, nil
}

// onJob wraps what is done to a job, under the store's mutex.
func onJob(do func(*call, *jobs.Principal, *jobs.Job) *kernel.Response) func(*call) *kernel.Response {
	return func(c *call) *kernel.Response {
		c.srv.Store.Mu.Lock()
		defer c.srv.Store.Mu.Unlock()
		p, j, refusal := c.job()
		if refusal != nil {
			return refusal
		}
		return do(c, p, j)
	}
}

var getJob = onJob(func(c *call, p *jobs.Principal, j *jobs.Job) *kernel.Response {
	return c.withContext(http.StatusOK, p, j.Body, "jobs/$entity")
})

var deleteJob = onJob(func(_ *call, p *jobs.Principal, j *jobs.Job) *kernel.Response {
	p.Jobs = slices.DeleteFunc(p.Jobs, func(x *jobs.Job) bool { return x == j })
	return kernel.NoContent()
})

// startJob resumes from where the job stood and ends its quarantine [graph 3.2, D]; on a running
// job it changes nothing, and answers 204 all the same [?].
var startJob = onJob(func(c *call, _ *jobs.Principal, j *jobs.Job) *kernel.Response {
	if !j.Active() || j.Quarantined() {
		rawjson.ObjectAt(j.Body, "status")["quarantine"] = nil
		c.srv.Jobs.Begin(j)
	}
	return kernel.NoContent()
})

// pauseJob keeps the state; the running cycle is let finish [graph 3.2, D]. The schedule's word
// for it, Paused rather than Disabled, is [?].
var pauseJob = onJob(func(_ *call, _ *jobs.Principal, j *jobs.Job) *kernel.Response {
	rawjson.ObjectAt(j.Body, "schedule")["state"] = "Paused"
	rawjson.ObjectAt(j.Body, "status")["code"] = "Paused"
	return kernel.NoContent()
})

// resetScopes are the flags of a restart [graph 3.2, D].
var resetScopes = []string{
	"None", "ConnectorDataStore", "Escrows", "Watermark", "QuarantineState", "Full", "ForceDeletes",
}

func restartJob(c *call) *kernel.Response {
	scopes, refusal := c.resetScopes()
	if refusal != nil {
		return refusal
	}
	return onJob(func(c *call, _ *jobs.Principal, j *jobs.Job) *kernel.Response {
		full := slices.Contains(scopes, "Full")
		if full || slices.Contains(scopes, "Watermark") {
			j.Pending = true
		}
		if full || slices.Contains(scopes, "ConnectorDataStore") {
			j.Links = nil
		}
		j.Forced = slices.Contains(scopes, "ForceDeletes")
		status := rawjson.ObjectAt(j.Body, "status")
		if full || slices.Contains(scopes, "QuarantineState") {
			status["quarantine"] = nil
		}
		if full || slices.Contains(scopes, "Escrows") {
			status["countSuccessiveCompleteFailures"] = 0
		}
		if j.Active() || !c.srv.Behavior.RestartLeavesPaused {
			c.srv.Jobs.Begin(j)
		}
		return kernel.NoContent()
	})(c)
}

// resetScopes reads the criteria; without any the service resets everything ([graph 3.2]; [?]).
func (c *call) resetScopes() ([]string, *kernel.Response) {
	if len(strings.TrimSpace(string(c.Body))) == 0 {
		return []string{"Full"}, nil
	}
	in := struct {
		Criteria *struct {
			ResetScope *string `json:"resetScope"`
		} `json:"criteria"`
	}{}
	if _, refusal := c.BodyFields(); refusal != nil {
		return nil, refusal
	}
	if err := c.Decode(&in); err != nil {
		return nil, c.Fail(odata.BadRequest("BadRequest", err.Error()))
	}
	if in.Criteria == nil || in.Criteria.ResetScope == nil {
		return []string{"Full"}, nil
	}
	var out []string
	for name := range strings.SplitSeq(*in.Criteria.ResetScope, ",") {
		at := slices.IndexFunc(
			resetScopes,
			func(s string) bool { return strings.EqualFold(s, strings.TrimSpace(name)) },
		)
		if at < 0 {
			return nil, c.Fail(
				odata.BadRequest("BadRequest", "Requested value '"+strings.TrimSpace(name)+"' was not found."),
			)
		}
		out = append(out, resetScopes[at])
	}
	return out, nil
}
