package provisioning

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// task is one object that a cycle looks at, with what it looks at.
type task struct {
	id, name, kind string
	values         map[string]mapping.Value
	verdict        verdict
	purged         bool
	members        []string // ids in the source, of a group
}

// cycle is one run of a job, or a request on demand. It holds copies: while it talks to the target, the
// directory isn't locked.
type cycle struct {
	ctx     context.Context
	target  *scimTarget
	cross   *CrossTarget // in its place: another tenant
	initial bool
	domain  string
	// verified are the source's domains that are verified, in lower case.
	verified []string
	skipOut  bool // SkipOutOfScopeDeletions

	threshold int  // of those who leave; -1: none
	staged    bool // it was exceeded

	users, groups objectFlows
	tasks         []*task
	links         map[string]*jobs.Link
	taken         map[string]string // targets by the source that has them
	log           logContext

	departed       map[string]bool // who left the scope, by the source's id
	returnsNoticed bool            // Behavior.ReturnsNoticed
	unmatchable    string          // Behavior.UnmatchableCharacters
	now            time.Time
	entries        []json.RawMessage
	counts         jobs.CycleCounts
}

// objectFlows is an object mapping in use.
type objectFlows struct {
	enabled             bool
	flows               []flow
	add, update, delete bool
}

func newObjectFlows(of rawjson.Object) objectFlows {
	if of == nil {
		return objectFlows{}
	}
	types, _ := of["flowTypes"].(string)
	return objectFlows{
		true, flows(of), strings.Contains(types, "Add"), strings.Contains(types, "Update"),
		strings.Contains(types, "Delete"),
	}
}

// newCycle copies what a run needs; nil if the job has no target that it may talk to. The caller holds
// the store's mutex.
func (s *Engine) newCycle(p *jobs.Principal, j *jobs.Job) *cycle {
	var target *scimTarget
	var cross *CrossTarget
	if j.CrossTenant() {
		cross = s.CrossTarget(p)
	} else {
		target = s.target(p.Secret("BaseAddress"), p.Secret("SecretToken"))
	}
	if target == nil && cross == nil {
		return nil
	}
	if target != nil && p.Token != "" && p.Token != target.token { // SetSecretToken: the target has another one now
		target.token = ""
	}
	c := &cycle{
		ctx: context.Background(), target: target, cross: cross, initial: j.Initial, domain: s.Store.DefaultDomain(),
		now:       s.Clock.Now(),
		threshold: p.DeleteThreshold(),
		skipOut:   cross == nil && strings.EqualFold(p.Secret("SkipOutOfScopeDeletions"), "true"),
		users:     newObjectFlows(j.ObjectMapping("User")), groups: newObjectFlows(j.ObjectMapping("Group")),
		links: maps.Clone(j.Links), taken: map[string]string{}, log: s.logContext(p, j),
	}
	if cross != nil {
		c.verified = s.Store.VerifiedDomains()
	}
	if j.Forced { // restart with ForceDeletes [graph 3.2, D]
		c.threshold = -1
	}
	if c.links == nil {
		c.links = map[string]*jobs.Link{}
	}
	c.returnsNoticed, c.unmatchable = s.Behavior.ReturnsNoticed, s.Behavior.UnmatchableCharacters
	if c.departed = maps.Clone(j.Departed); c.departed == nil || c.initial {
		c.departed = map[string]bool{}
	}
	for id, l := range c.links {
		c.taken[l.Target] = id
	}
	return c
}

func (s *Engine) logContext(p *jobs.Principal, j *jobs.Job) logContext {
	return logContext{
		tenant: s.Store.ID, job: j.Text("id"), cycle: uuid.NewString(), principal: p.ID, name: p.Name, appID: p.AppID,
	}
}

// newTask copies what is to be known of an object. The caller holds the store's mutex.
func (s *Engine) newTask(p *jobs.Principal, j *jobs.Job, ref int32) *task {
	o := s.Store.Slots[ref].Object
	t := &task{id: o.ID, name: o.Text("displayName"), kind: "User", purged: o.Life == tenant.Purged}
	if o.Entity == s.Store.GroupType {
		t.kind = "Group"
	}
	if t.purged {
		return t
	}
	t.values = SourceValues(s.Store, o)
	if j.CrossTenant() && t.kind == "User" {
		crossValues(o, t.values)
	}
	t.verdict = s.scopeOf(p, j, ref, o, t.values)
	roles := []string{}
	for _, g := range p.Assigned {
		if at, ok := s.Store.Lookup(g.Principal); ok && (at == ref || slices.Contains(s.Store.Slots[ref].Parents, at)) {
			roles = append(roles, p.RoleName(g.Role))
		}
	}
	t.values["appRoleAssignments"] = mapping.ListValue(roles)
	if m := s.Store.Manager(ref, math.MaxInt64); m != nil && t.kind == "User" {
		t.values["manager"] = mapping.RefValue(m.ID)
	}
	for _, m := range o.Members {
		t.members = append(t.members, s.Store.Slots[m].Object.ID)
	}
	return t
}

// collect lists whom a cycle looks at: everyone in an initial one; else those in scope, and those
// that it provisioned. The caller holds the store's mutex.
func (s *Engine) collect(c *cycle, p *jobs.Principal, j *jobs.Job) {
	for _, e := range []struct {
		ent *tenant.Entity
		on  bool
	}{{s.Store.UserType, c.users.enabled}, {s.Store.GroupType, c.groups.enabled}} {
		if !e.on {
			continue
		}
		for ref := range s.Store.Slots {
			o := s.Store.Slots[ref].Object
			known := c.links[o.ID] != nil
			if o.Entity != e.ent || o.Life == tenant.Stub || o.Life != tenant.Live && !known {
				continue
			}
			if e.ent == s.Store.GroupType && !known && !s.inScope(p, int32(ref)) {
				continue
			}
			if t := s.newTask(p, j, int32(ref)); (t.verdict.in() || known || c.initial) && !c.unnoticed(t) {
				c.tasks = append(c.tasks, t)
			}
		}
	}
}

// run provisions. The error is of a target that can't be talked to at all.
func (c *cycle) run() error {
	if err := c.connect(); err != nil {
		return err
	}
	c.stageDeletions()
	for _, t := range c.tasks {
		var o *outcome
		if c.staged && c.leaves(t) {
			o = c.stagedOutcome(t)
		} else {
			o = c.provision(t)
		}
		if o == nil {
			continue
		}
		c.counts.Imported++
		switch o.status {
		case "success":
			c.counts.Exported++
		case "failure":
			c.counts.Escrowed++
		}
		c.entries = append(c.entries, c.log.entry(t, o, c.now))
	}
	c.linkReferences()
	return nil
}

// linkReferences gives the target what refers to someone who was created behind them: "additional updates on the
// target system to create and link the referenced objects" [graph 3.5, D].
func (c *cycle) linkReferences() {
	if c.cross != nil || !c.users.update {
		return
	}
	for _, t := range c.tasks {
		known := c.links[t.id]
		if t.kind != "User" || !t.values["manager"].Ref || known == nil || known.Disabled || !t.verdict.in() {
			continue
		}
		o := &outcome{action: "update", status: "success", hidden: redacted(c.users.flows), target: known.Target}
		values, err := desired(c.users.flows, c.evaluation(t), false)
		if err == nil {
			values = referencesIn(c.users.flows, values)
			err = c.export(t, o, c.users, "/Users", known, values)
		}
		if err != nil {
			o = o.fail("EntryExportUpdate", "export", CodeOf(err), err)
		}
		if err != nil || len(o.after) > 0 {
			c.entries = append(c.entries, c.log.entry(t, o, c.now))
		}
	}
}

// referencesIn are the values of attributes that refer to a manager.
func referencesIn(list []flow, values map[string]any) map[string]any {
	out := map[string]any{}
	for _, f := range list {
		mapping.Walk(f.source, func(s mapping.Source) {
			if v, ok := values[f.target]; ok && s.Type == "Attribute" && s.Name == "manager" {
				out[f.target] = v
			}
		})
	}
	return out
}

// evaluation is what a user's or group's expressions look at.
func (c *cycle) evaluation(t *task) mapping.Evaluation {
	return mapping.Evaluation{Values: t.values, Domain: c.domain, Resolve: func(id string) (string, bool) {
		l := c.links[id]
		if l == nil || l.Kind != "User" || l.Target == "" {
			return "", false
		}
		return l.Target, true
	}}
}

// connect asks whether the target is there and lets us in.
func (c *cycle) connect() error {
	if c.cross != nil {
		return c.cross.Check()
	}
	_, err := c.target.do(c.ctx, http.MethodGet, "/Users?count=1", nil)
	return err
}

func (c *cycle) close() {
	if c.target != nil {
		c.target.client.CloseIdleConnections()
	}
}

// flowsOf is the object mapping that a task goes by.
func (c *cycle) flowsOf(t *task) objectFlows {
	if t.kind == "Group" {
		return c.groups
	}
	return c.users
}

// provision does what is to be done for one object; nil: there is nothing to say of it.
func (c *cycle) provision(t *task) *outcome {
	f, kind := c.flowsOf(t), "/Users"
	if t.kind == "Group" {
		kind = "/Groups"
	}
	o := &outcome{action: "other", status: "success", hidden: redacted(f.flows)}
	o.step(
		"EntryImport",
		"import",
		"success",
		fmt.Sprintf("Received %s '%s' from %s", t.kind, t.name, jobs.EntraDirectory),
		rawjson.Object{"objectId": t.id},
	)
	known := c.links[t.id]
	if known != nil {
		o.target = known.Target
	}
	if t.purged {
		return c.deleteTarget(t, o, kind)
	}
	if t.verdict.Err != nil {
		return o.fail("EntrySynchronizationScoping", "scoping", "ScopeEvaluationFailed", t.verdict.Err)
	}
	if !t.verdict.in() {
		o.step("EntrySynchronizationScoping", "scoping", "skipped", t.name+" is not in scope", t.verdict.details())
		return c.leave(t, o, f, kind, known)
	}
	o.step("EntrySynchronizationScoping", "scoping", "success", t.name+" is in scope", t.verdict.details())
	return c.enter(t, o, f, kind, known)
}

// runCycle runs a job's cycle and ends it. Nobody else runs one meanwhile.
func (s *Engine) runCycle(p *jobs.Principal, j *jobs.Job, ended time.Time) {
	s.Store.Mu.Lock()
	c := s.newCycle(p, j)
	if c != nil {
		s.collect(c, p, j)
	}
	s.Store.Mu.Unlock()
	var err error
	if c != nil {
		err = c.run()
		c.close()
	}
	s.Store.Mu.Lock()
	defer s.Store.Mu.Unlock()
	if p.Job(j.Text("id")) != j || j.Started.IsZero() {
		return // deleted meanwhile
	}
	if err != nil {
		j.Quarantine(j.Started, ended, "EncounteredQuarantineException", CodeOf(err), err.Error())
		return
	}
	if c != nil {
		j.Links, j.Departed = c.links, c.departed
		s.Jobs.AddLogs(c.entries)
	}
	j.Forced = false
	if c != nil && c.staged {
		j.Quarantine(
			j.Started, ended, "TooManyDeletes", "TooManyDeletes", "More objects would be disabled or deleted than "+
				"may be.",
		)
		return
	}
	if c == nil {
		j.Finish(j.Started, ended, nil)
		return
	}
	c.counts.ID = c.log.cycle
	j.Finish(j.Started, ended, &c.counts)
}

// RunDue runs and ends the cycles whose time has come, and begins those that are due again.
func (s *Engine) RunDue() {
	defer s.expire()
	if s.Behavior.CycleTime <= 0 {
		return
	}
	s.Jobs.Running.Lock()
	defer s.Jobs.Running.Unlock()
	for {
		p, j, ended := s.due()
		if j == nil {
			return
		}
		s.runCycle(p, j, ended)
	}
}

// expire disables the jobs whose quarantine was too long.
func (s *Engine) expire() {
	s.Store.Mu.Lock()
	defer s.Store.Mu.Unlock()
	for _, p := range s.Jobs.Principals {
		for _, j := range p.Jobs {
			s.Jobs.Expire(j)
		}
	}
}

// due is a job whose cycle is over by the clock.
func (s *Engine) due() (*jobs.Principal, *jobs.Job, time.Time) {
	s.Store.Mu.Lock()
	defer s.Store.Mu.Unlock()
	now := s.Clock.Now()
	for _, p := range s.Jobs.Principals {
		for _, j := range p.Jobs {
			s.Jobs.BeginDue(j)
			if !j.Started.IsZero() && now.Sub(j.Started) >= s.Behavior.CycleTime {
				return p, j, j.Started.Add(s.Behavior.CycleTime)
			}
		}
	}
	return nil, nil, now
}
