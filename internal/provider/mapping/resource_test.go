package mapping

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func row(expression string, more ...any) map[string]any {
	return providertest.With(map[string]any{"expression": expression}, more...)
}

// mappingOf maps the title of users of a job.
func mappingOf(job string) map[string]any { return providertest.MappingConfig(job) }

func filter(attribute, operator string, values ...string) map[string]any {
	clause := map[string]any{"attribute": attribute, "operator": operator}
	if len(values) > 0 {
		clause["values"] = values
	}
	return map[string]any{"any_of": []any{map[string]any{"name": "g", "all_of": []any{clause}}}}
}

func TestMapping_Validate(t *testing.T) {
	c := client(t, nil)
	m := mappingOf("customappsso.1.2")
	many := map[string]any{}
	for i := range 30 {
		many[fmt.Sprintf("a%02d", i)] = row("Join(")
	}
	for name, x := range map[string]struct {
		config map[string]any
		want   []string
	}{
		"a mapping":              {m, nil},
		"an expression":          {providertest.With(m, "attributes", map[string]any{"title": row("Join(")}), []string{"ERROR (attributes): Invalid expression", `attributes["title"]`}},
		"many expressions":       {providertest.With(m, "attributes", many), []string{"Invalid expression", "and 10 more"}},
		"a filter":               {providertest.With(m, "scoping_filter", filter("mail", "RESEMBLES", "x")), []string{"ERROR (scoping_filter): Invalid scoping filter", "RESEMBLES"}},
		"nothing of all":         {providertest.With(m, "manage", "all", "attributes", map[string]any{}), []string{"ERROR (attributes): No attribute mappings"}},
		"an action":              {providertest.With(m, "actions", []string{"merge"}), []string{"ERROR", "merge"}},
		"rows that aren't known": {providertest.With(m, "attributes", providertest.Unknown, "scoping_filter", providertest.Unknown), nil},
		"one row that is known":  {providertest.With(m, "attributes", map[string]any{"title": row("Join("), "x": providertest.Unknown}), []string{"Invalid expression"}},
		"an object that isn't":   {providertest.With(m, "object", providertest.Unknown, "attributes", map[string]any{"title": row("Join(")}), nil},
	} {
		t.Run(name, func(t *testing.T) {
			providertest.Wants(t, "validation", c.Validate(mappingName, x.config), x.want...)
		})
	}
}

func TestMapping_Plan(t *testing.T) {
	l := newLab(t)
	m := mappingOf("customappsso.1.2")
	text := providertest.Reading(t, l.Server)
	for name, x := range map[string]struct {
		config map[string]any
		want   []string
	}{
		"a mapping":                    {m, []string{"WARNING: Saving a mapping starts a full cycle"}},
		"a job that isn't known":       {providertest.With(m, "job_id", providertest.Unknown), nil},
		"rows that aren't known":       {providertest.With(m, "attributes", providertest.Unknown), nil},
		"to whom nothing flows":        {providertest.With(m, "directory", text, "attributes", map[string]any{"title": row("[mail]")}), []string{"Nothing flows to more than 20 % of the users in scope", "nothing flows to 1 of 2 users"}},
		"a share that is let pass":     {providertest.With(m, "directory", text, "warn_empty_percent", 60, "attributes", map[string]any{"title": row("[mail]")}), []string{"full cycle"}},
		"an attribute that isn't read": {providertest.With(m, "directory", text, "attributes", map[string]any{"title": row("[employeeId]")}), []string{"ERROR (directory): Counting to whom nothing flows failed", "employeeId"}},
		"a reading that is none": {providertest.With(m, "directory", "nonsense"), []string{"ERROR (directory): The reading " +
			"can't be used"}},
		"a reading, and groups": {providertest.With(m, "directory", text, "object", map[string]any{"source": "Group", "target": "Group"}), []string{"full cycle"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := l.Plan(mappingName, providertest.State{}, x.config)
			providertest.Wants(t, "plan", p.Said, x.want...)
			if strings.Contains(name, "share") && strings.Contains(p.Said, "Nothing flows") {
				t.Errorf("got %q", p.Said)
			}
		})
	}
	if got := l.Plan(
		mappingName,
		providertest.State{},
		m,
	).Planned.Text(
		"effective",
	); !strings.Contains(
		got,
		`"[jobTitle]"`,
	) {
		t.Errorf("effective: got %q", got)
	}
}

func TestMapping_Create(t *testing.T) {
	l := newLab(t)
	_, job := l.Job()
	config := providertest.With(
		mappingOf(job),
		"actions",
		[]string{"create", "update"},
		"scoping_filter",
		filter("mail", "IS NOT NULL"),
		"attributes",
		map[string]any{
			"title":    row("[jobTitle]", "default", "none", "apply", "on_create"),
			"userName": row("[mail]", "matching_priority", 1),
		},
	)
	s := l.Make(mappingName, providertest.State{}, config)
	if want := strings.Join(
		[]string{app, job, rule, "User", target},
		"/",
	); s.Text("id") != want ||
		s.Text("rule") != rule {
		t.Errorf("got %v, want the id %s", s.Value, want)
	}
	now, said := l.Read(mappingName, s)
	if said != "" || !now.Value.Equal(s.Value) {
		t.Errorf("read: got %v, %s, want %v", now.Value, said, s.Value)
	}
	_, writes := l.Runs()
	// Another spelling of the same is no change.
	same := providertest.With(
		config,
		"attributes",
		map[string]any{
			"title":    row(" [jobTitle] ", "default", "none", "apply", "on_create"),
			"userName": row("[mail]", "matching_priority", 1),
		},
	)
	p := l.Plan(mappingName, now, same)
	if p.Said != "" || !p.Planned.Value.Equal(s.Value) {
		t.Errorf("another spelling: got %v, %s", p.Planned.Value, p.Said)
	}
	// A row less stays in the job, and the plan says so.
	p = l.Plan(
		mappingName,
		now,
		providertest.With(
			config,
			"attributes",
			map[string]any{"title": row("[department]")},
			"actions",
			nil,
			"scoping_filter",
			nil,
		),
	)
	providertest.Wants(t, "plan", p.Said, "WARNING (attributes): Rows that are no longer listed stay in the "+
		"job", "actions, scoping_filter, userName")
	if _, said := p.Apply(); len(providertest.ErrorsOf(said)) > 0 {
		t.Errorf("update: %s", said)
	}
	if _, after := l.Runs(); after != writes+1 {
		t.Errorf("got %d writes of the schema, want %d", after, writes+1)
	}
	if p := l.Plan(
		mappingName,
		now,
		providertest.With(config, "object", map[string]any{"source": "Group", "target": "x"}),
	); len(
		p.Replaces,
	) == 0 {
		t.Errorf("another object replaces nothing: %s", p.Said)
	}
}

func TestMapping_Create_Refuses(t *testing.T) {
	for name, x := range map[string]struct {
		more   []any
		before func(*lab, string)
		want   []string
	}{
		"no such rule":   {[]any{"rule", "OTHER"}, nil, []string{"ERROR (rule): Creating the mapping failed", "OTHER"}},
		"no such object": {[]any{"object", map[string]any{"source": "User", "target": "Thing"}}, nil, []string{"ERROR (object): Creating the mapping failed", "Thing"}},
		"no such target": {[]any{"attributes", map[string]any{"titel": row("[jobTitle]")}}, nil, []string{"ERROR (attributes): Creating the mapping failed", `no attribute "titel"`, `did you mean "title"?`}},
		"somebody's row": {nil, func(l *lab, job string) {
			l.Another().Make(mappingName, providertest.State{}, providertest.With(mappingOf(job), "attributes", map[string]any{"title": row("[department]")}))
		}, []string{"ERROR (attributes): Creating the mapping failed", "title"}},
		"the look":      {nil, func(l *lab, _ string) { l.Fails(getSchema, 403) }, []string{"ERROR: Creating the mapping failed", "403"}},
		"a second look": {nil, func(l *lab, _ string) { l.Fails(getSchema, 403, providertest.Second) }, []string{"ERROR: Creating the mapping failed", "403"}},
		"the write":     {nil, func(l *lab, _ string) { l.Fails(putSchema, 403) }, []string{"ERROR: Creating the mapping failed", "403"}},
		"the template": {nil, func(l *lab, job string) {
			l.Another().Make(mappingName, providertest.State{}, providertest.With(mappingOf(job), "attributes", map[string]any{"title": row("[department]")}))
			l.Fails(getTemplateForm, 403)
		}, []string{"ERROR: Creating the mapping failed", "403"}},
		"a schema that moves": {nil, func(l *lab, job string) {
			n := 0
			l.OnRequest(func(r simulator.Request) (before, after func()) {
				if r.Route != getSchema {
					return nil, nil
				}
				return func() { n++; l.schema(job, fmt.Sprintf("moved.%d", n)) }, nil
			})
		}, []string{"ERROR: Creating the mapping failed", "changed by somebody else again and again", "Apply again when nothing else changes it"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			_, job := l.Job()
			if x.before != nil {
				x.before(l, job)
			}
			s, said := l.Plan(mappingName, providertest.State{}, providertest.With(mappingOf(job), x.more...)).Apply()
			providertest.Wants(t, "apply", said, x.want...)
			if s.Exists() {
				t.Errorf("there is a state: %v", s.Value)
			}
		})
	}
	// Somebody's row is replaced where that is asked for.
	l := newLab(t)
	_, job := l.Job()
	l.Another().
		Make(mappingName, providertest.State{}, providertest.With(mappingOf(job), "attributes", map[string]any{"title": row("[department]")}))
	l.Make(mappingName, providertest.State{}, providertest.With(mappingOf(job), "adopt", true))
}

// schema writes the job's schema as somebody else would, with another version.
func (l *lab) schema(_, version string) {
	l.t.Helper()
	raw := `{"id":"x","version":"` + version + `","directories":[],"synchronizationRules":[{"id":"r","name":"` + rule + `","objectMappings":[
 {"enabled":true,"flowTypes":"Add","name":"Users","sourceObjectName":"User","targetObjectName":"` + target + `","attributeMappings":[]}]}]}`
	if err := l.SetSchema(app, []byte(raw)); err != nil {
		l.t.Error(err)
	}
}

// What was saved and doesn't show is a warning, and the next mapping of the job
// in this run isn't written.
func TestMapping_Create_DoesNotShow(t *testing.T) {
	ctx, use := providertest.Deadline(t, 3)
	l := newLab(t)
	_, job := l.Job()
	late := l.Another(use)
	p := late.Plan(mappingName, providertest.State{}, mappingOf(job))
	providertest.Fault(
		t,
		l.Server,
		simulator.Fault{Kind: simulator.FaultStatus, Match: getSchema, Status: 404, Nth: 3, Times: -1},
	)
	s, said := p.ApplyIn(ctx)
	providertest.Wants(t, "apply", said, "WARNING: The mapping was saved but doesn't show yet")
	if !s.Exists() {
		t.Error("there is no state")
	}
	l.ClearFaults()
	groups := providertest.With(
		mappingOf(job),
		"object",
		map[string]any{"source": "Group", "target": "urn:ietf:params:scim:schemas:core:2.0:Group"},
		"attributes",
		map[string]any{"displayName": row("[mail]")},
	)
	_, said = late.Plan(mappingName, providertest.State{}, groups).Apply()
	providertest.Wants(t, "the next", said, "ERROR: Creating the mapping failed", "doesn't show yet: writing the "+
		"schema now could lose it", "Apply again in a while")
}

// What somebody writes over at the same time is written again.
func TestMapping_Create_WrittenOver(t *testing.T) {
	l := newLab(t)
	_, job := l.Job()
	done := false
	l.OnRequest(func(r simulator.Request) (before, after func()) {
		if r.Route != putSchema || done {
			return nil, nil
		}
		done = true
		return nil, func() { l.schema(job, "theirs") }
	})
	s, said := l.Plan(mappingName, providertest.State{}, mappingOf(job)).Apply()
	providertest.Wants(t, "apply", said)
	if _, writes := l.Runs(); !s.Exists() || writes < 2 {
		t.Errorf("got %v, %d writes, %s, want it written again", s.Value, writes, said)
	}
}

func TestMapping_Update_Refuses(t *testing.T) {
	l := newLab(t)
	_, job := l.Job()
	s := l.Make(mappingName, providertest.State{}, mappingOf(job))
	p := l.Plan(
		mappingName,
		s,
		providertest.With(mappingOf(job), "attributes", map[string]any{"title": row("[department]")}),
	)
	l.Another().
		Make(mappingName, s, providertest.With(mappingOf(job), "attributes", map[string]any{"title": row("[city]")}))
	after, said := p.Apply()
	providertest.Wants(t, "apply", said, "ERROR (attributes): Changing the mapping failed", "title")
	if got := after.Text("attributes.title.expression"); got != "[jobTitle]" {
		t.Errorf("the state: got %q", got)
	}
	// With what the schema has, an unknown target is told at plan. One in another case is wrong for sure; another
	// may be added in the same apply.
	read, _ := l.Another().Read(mappingName, s)
	for _, c := range [][2]string{
		{"Title", "ERROR (attributes): Planning the mapping failed"},
		{"titel", "WARNING (attributes): The job's schema doesn't list a target attribute yet"},
	} {
		p = l.Plan(
			mappingName,
			read,
			providertest.With(mappingOf(job), "attributes", map[string]any{c[0]: row("[city]")}),
		)
		providertest.Wants(t, "plan", p.Said, c[1], `did you mean "title"?`)
	}
	_, said = p.Apply()
	providertest.Wants(t, "apply", said, "ERROR (attributes): Changing the mapping failed")
}

func TestMapping_Read(t *testing.T) {
	l := newLab(t)
	_, job := l.Job()
	s := l.Another().Make(mappingName, providertest.State{}, mappingOf(job))
	l.Another().
		Make(mappingName, s, providertest.With(mappingOf(job), "attributes", map[string]any{"title": row("[city]")}))
	now, said := l.Another().Read(mappingName, s)
	if said != "" || now.Text("attributes.title.expression") != "[city]" {
		t.Errorf("what somebody changed: got %v, %s", now.Value, said)
	}
	kept, said := client(t, providertest.Offline(t, tenant)).Read(mappingName, s)
	if !kept.Value.Equal(s.Value) || !strings.Contains(said, "Not refreshed") {
		t.Errorf("with a snapshot: got %v, %s", kept.Value, said)
	}
	_, said = client(t, nil).Read(mappingName, s)
	providertest.Wants(t, "not configured", said, "The provider isn't configured yet")
	for name, x := range map[string]providertest.State{"a job that is gone": s.With("job_id", "customappsso.gone"), "a rule that is gone": s.With("rule", "OTHER")} {
		if gone, said := l.Another().Read(mappingName, x); gone.Exists() || said != "" {
			t.Errorf("%s: got %v, %s", name, gone.Value, said)
		}
	}
	l.Fails(getSchema, 403)
	_, said = l.Another().Read(mappingName, s)
	providertest.Wants(t, "refused", said, "ERROR: Reading the mapping failed")
}

func TestMapping_Delete(t *testing.T) {
	for name, x := range map[string]struct {
		before func(*lab)
		want   []string
		writes int
	}{
		"gives the template's rows back": {nil, []string{"WARNING: Destroying a mapping restores the template's " +
			"rows"}, 2},
		"pauses a job that runs": {func(l *lab) { l.start() }, []string{"WARNING: The job was paused"}, 2},
		"a pause that is refused": {func(l *lab) {
			l.start()
			l.Fails(pauseJob, 403)
		}, []string{"ERROR: Destroying the mapping failed"}, 1},
		"the look":     {func(l *lab) { l.Fails(getSchema, 403) }, []string{"ERROR: Destroying the mapping failed"}, 1},
		"the template": {func(l *lab) { l.Fails(getTemplateForm, 403) }, []string{"ERROR: Destroying the mapping failed"}, 1},
		"the write":    {func(l *lab) { l.Fails(putSchema, 403) }, []string{"ERROR: Destroying the mapping failed"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			_, job := l.Job()
			s := l.Make(mappingName, providertest.State{}, mappingOf(job))
			_, said := l.Destroy(mappingName, s)
			providertest.Wants(t, "in the run that made it", said, "WARNING: Not changed: another resource manages "+
				"it now")
			if x.before != nil {
				x.before(l)
			}
			_, said = l.Another().Destroy(mappingName, s)
			providertest.Wants(t, "destroy", said, x.want...)
			if _, writes := l.Runs(); writes != x.writes {
				t.Errorf("writes of the schema: got %d, want %d", writes, x.writes)
			}
			if failed := len(providertest.ErrorsOf(said)) > 0; failed != strings.HasPrefix(x.want[0], "ERROR") {
				t.Errorf("got %q", said)
			}
		})
	}
	// What is gone already is no error.
	l := newLab(t)
	made, job := l.Job()
	s := l.Another().Make(mappingName, providertest.State{}, mappingOf(job))
	l.schemaWithout()
	if _, said := l.Destroy(mappingName, s); len(providertest.ErrorsOf(said)) > 0 {
		t.Errorf("an object mapping that is gone: got %q", said)
	}
	l.Another().Destroy(jobName, made)
	if _, said := l.Destroy(mappingName, s); len(providertest.ErrorsOf(said)) > 0 {
		t.Errorf("a job that is gone: got %q", said)
	}
}

func (l *lab) start() {
	l.t.Helper()
	l.Another().Make(scheduleName, providertest.State{}, providertest.ScheduleConfig(l.Cycles()[0].JobID))
}

func (l *lab) schemaWithout() {
	l.t.Helper()
	if err := l.SetSchema(
		app,
		[]byte(`{"id":"x","version":"v9","directories":[],"synchronizationRules":[]}`),
	); err != nil {
		l.t.Fatal(err)
	}
}

func TestMapping_Import(t *testing.T) {
	l := newLab(t)
	_, job := l.Job()
	id := strings.Join([]string{app, job, rule, "User", target}, "/")
	s, said := l.Import(mappingName, id)
	if said != "" || s.Text("attributes.userName.expression") == "" || s.Text("effective") == "" {
		t.Errorf("got %v, %s", s.Value, said)
	}
	_, said = l.Import(mappingName, app+"/"+job)
	providertest.Wants(
		t,
		"half an id",
		said,
		"ERROR: Invalid import ID",
		"service_principal_id/job_id/rule/source/target",
	)
}

func TestPreview_Read(t *testing.T) {
	l := newLab(t)
	l.Job()
	config := map[string]any{"service_principal": "Atlassian", "users": []string{"ann@x.example", "ben@x.example"},
		"directory_attributes": []string{"surname", "givenName"}}
	s, said := l.ReadData(previewName, config)
	providertest.Wants(t, "read", said)
	providertest.Wants(t, "values", s.Text("values"), `"in_scope":true`, `"value":"ann@x.example"`, `"dropped":`)
	planned := l.Plan(mappingName, providertest.State{}, mappingOf("customappsso.1.2")).Planned.Text("effective")
	for name, x := range map[string]struct {
		config map[string]any
		want   []string
	}{
		"a planned mapping":            {providertest.With(config, "mappings", []string{planned}, "directory_attributes", []string{"jobTitle", "surname", "givenName"}, "read_at", "2026-11-20T08:00:00Z"), nil},
		"a mapping that is none":       {providertest.With(config, "mappings", []string{"nonsense"}), []string{"ERROR (mappings): Previewing the mapping failed"}},
		"a user who isn't there":       {providertest.With(config, "users", []string{"who@x.example"}), []string{"ERROR (users): User not found"}},
		"no such service principal":    {providertest.With(config, "service_principal", "Nobody"), []string{"ERROR (service_principal)", "Nobody"}},
		"the job's own attributes":     {providertest.With(config, "directory_attributes", nil), nil},
		"an attribute that isn't read": {providertest.With(config, "mappings", []string{planned}, "directory_attributes", nil), []string{"ERROR (directory_attributes)", `add "jobTitle"`}},
		"no time":                      {providertest.With(config, "read_at", "now"), []string{"ERROR (read_at)", `"now" is no time`}},
		"no users":                     {providertest.With(config, "users", []string{}), []string{"ERROR (users)"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, said := l.ReadData(previewName, x.config)
			providertest.Wants(t, "read", said, x.want...)
		})
	}
	_, said = client(t, nil).ReadData(previewName, config)
	providertest.Wants(t, "not configured", said, "The provider isn't configured yet")
	l.Fails("GET /v1.0/users", 403)
	_, said = l.Another().ReadData(previewName, config)
	providertest.Wants(t, "refused", said, "ERROR: Reading the directory failed")
}

func TestSchema_Read(t *testing.T) {
	l := newLab(t)
	_, job := l.Job()
	config := map[string]any{"service_principal_id": strings.ToUpper(app), "job_id": job}
	s, said := l.ReadData(schemaName, config)
	providertest.Wants(t, "read", said)
	providertest.Wants(
		t,
		"hcl",
		s.Text("hcl"),
		`resource "usersync_provisioning_mapping"`,
		`"[userPrincipalName]"`,
		"import {",
	)
	if got := len(s.Get("mappings").([]any)); got != 2 {
		t.Errorf("got %d mappings, want 2", got)
	}
	_, said = l.ReadData(schemaName, providertest.With(config, "job_id", "customappsso.gone"))
	providertest.Wants(t, "no such job", said, "ERROR (job_id): Reading the provisioning schema failed")
	_, said = client(t, nil).ReadData(schemaName, config)
	providertest.Wants(t, "not configured", said, "The provider isn't configured yet")
	l.Fails(getSchema, 403)
	_, said = l.Another().ReadData(schemaName, config)
	providertest.Wants(t, "refused", said, "ERROR: Reading the provisioning schema failed")
}

// switched replaces "enabled" of the users' mapping, as the portal does.
func (l *lab) switched(job string, enabled bool) {
	l.t.Helper()
	var schema map[string]any
	if err := json.Unmarshal(l.Schema(), &schema); err != nil {
		l.t.Fatal(err)
	}
	for _, r := range schema["synchronizationRules"].([]any) {
		for _, m := range r.(map[string]any)["objectMappings"].([]any) {
			if m := m.(map[string]any); m["sourceObjectName"] == "User" {
				m["enabled"] = enabled
			}
		}
	}
	raw, err := json.Marshal(schema)
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.SetSchema(app, raw); err != nil {
		l.t.Fatal(err)
	}
}

// A mapping that somebody switches off is drift, and switched on again.
func TestMapping_Enabled(t *testing.T) {
	l := newLab(t)
	_, job := l.Job()
	s := l.Another().Make(mappingName, providertest.State{}, mappingOf(job))
	l.switched(job, false)
	now, said := l.Another().Read(mappingName, s)
	if said != "" || now.Get("enabled") != false {
		t.Errorf("switched off: got %v, %s", now.Value, said)
	}
	p := l.Another().Plan(mappingName, now, mappingOf(job))
	if p.Planned.Get("enabled") != true {
		t.Errorf("the plan: got %v, %s", p.Planned.Value, p.Said)
	}
	on, said := p.Apply()
	if len(providertest.ErrorsOf(said)) > 0 || on.Get("enabled") != true {
		t.Errorf("switched on: got %v, %s", on.Value, said)
	}
	off := l.Another().Make(mappingName, on, providertest.With(mappingOf(job), "enabled", false))
	if !strings.Contains(off.Text("effective"), `"enabled":false`) ||
		!strings.Contains(string(l.Schema()), `"enabled":false`) {
		t.Errorf("off: got %s and %s", off.Text("effective"), l.Schema())
	}
	// One that is off when it is first managed isn't switched on in passing.
	_, said = l.Another().Plan(mappingName, providertest.State{}, mappingOf(job)).Apply()
	providertest.Wants(t, "create", said, "ERROR (enabled): Creating the mapping failed", "adopt")
	l.Another().Make(mappingName, providertest.State{}, providertest.With(mappingOf(job), "enabled", false))
	l.Another().Make(mappingName, providertest.State{}, providertest.With(mappingOf(job), "adopt", true))
}
