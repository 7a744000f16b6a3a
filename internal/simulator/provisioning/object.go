package provisioning

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/elimity-com/scim/schema"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// leave is what becomes of someone who isn't in scope [graph 3.7, D]: one who was provisioned is
// disabled, or deleted where nothing tells the target to disable; a group is deleted [atlassian 2.2].
func (c *cycle) leave(t *task, o *outcome, f objectFlows, kind string, known *jobs.Link) *outcome {
	if c.cross != nil {
		return c.crossLeave(t, o, f, known)
	}
	code, reason := t.verdict.why()
	switch {
	case known == nil && !c.initial:
		return nil
	case known == nil:
		return o.skip(code, reason)
	case t.verdict.Early || c.skipOut:
		return o.skip(code, reason+" It is left alone in the target.")
	case known.Disabled:
		c.forgetUnassigned(t)
		if c.initial {
			return o.skip("RedundantExport", "The object is disabled in the target already.")
		}
		return nil
	case t.kind == "Group":
		return c.deleteTarget(t, o, kind)
	case !drivesDisable(f.flows):
		c.forgetUnassigned(t)
		return o.skip(code, reason+" No mapping of IsSoftDeleted tells the target.")
	case !f.update:
		c.forgetUnassigned(t)
		return o.skip(code, reason+" Updates are switched off.")
	}
	t.values["IsSoftDeleted"] = mapping.BoolValue(true)
	o.action = "disable"
	o.step("EntrySynchronizationDisable", "matching", "success", t.name+" will be disabled", nil)
	values, err := desired(f.flows, c.evaluation(t), false)
	if err != nil {
		return o.flowFailure(err)
	}
	if err := c.export(t, o, f, kind, known, values); err != nil {
		return o.fail("EntryExportUpdate", "export", CodeOf(err), err)
	}
	known.Disabled = true
	if !t.verdict.assigned { // no longer managed: a later deletion sends nothing [expressions 7, D]
		c.forget(t)
	}
	return o
}

// flowFailure is of a mapping that gives no value.
func (o *outcome) flowFailure(err error) *outcome {
	switch {
	case errors.Is(err, mapping.ErrSkipObject):
		return o.skip("EntrySynchronizationSkipped", "A mapping says that the object doesn't flow.")
	case errors.Is(err, mapping.ErrNotEvaluated):
		return o.fail(
			"EntrySynchronizationUpdate", "processing", "Simulator_NotEvaluated",
			fmt.Errorf("the simulator doesn't evaluate %w", err),
		)
	}
	return o.fail("EntrySynchronizationUpdate", "processing", "AttributeFlowFailed", err)
}

func (c *cycle) deleteTarget(t *task, o *outcome, kind string) *outcome {
	known := c.links[t.id]
	if c.cross != nil {
		return c.crossDelete(t, o, known)
	}
	if known == nil {
		return nil
	}
	if f := c.flowsOf(t); !f.delete {
		delete(c.links, t.id)
		if t.purged {
			return nil
		}
		return o.skip("EntrySynchronizationSkipped", "Deletions are switched off.")
	}
	o.action = "delete"
	if _, err := c.target.do(
		c.ctx, http.MethodDelete, kind+"/"+known.Target, nil,
	); err != nil && statusOf(err) != http.StatusNotFound {
		return o.fail("EntryExportDelete", "export", CodeOf(err), err)
	}
	delete(c.links, t.id)
	delete(c.taken, known.Target)
	o.step(
		"EntryExportDelete",
		"export",
		"success",
		t.name+" was deleted",
		rawjson.Object{"ReportableIdentifier": t.name},
	)
	return o
}

// enter creates or updates someone in scope.
func (c *cycle) enter(t *task, o *outcome, f objectFlows, kind string, known *jobs.Link) *outcome {
	if c.cross != nil {
		return c.crossEnter(t, o, f, known)
	}
	if known != nil && c.initial { // everyone is compared again; who is gone in the target is looked for
		there, err := c.target.do(c.ctx, http.MethodGet, kind+"/"+known.Target, nil)
		switch {
		case statusOf(err) == http.StatusNotFound:
			delete(c.links, t.id)
			known, o.target = nil, ""
		case err != nil:
			return o.fail("EntryImport", "import", CodeOf(err), err)
		default:
			take(known, f.flows, there)
		}
	}
	values, err := desired(f.flows, c.evaluation(t), known == nil)
	if err != nil {
		return o.flowFailure(err)
	}
	delete(c.departed, t.id)
	if known == nil {
		var done bool
		if known, done = c.match(t, o, f, kind); done {
			return o
		}
	}
	if known == nil {
		return c.create(t, o, f, kind, values)
	}
	if !f.update {
		return o.skip("EntrySynchronizationSkipped", "Updates are switched off.")
	}
	if values, err = desired(f.flows, c.evaluation(t), false); err != nil {
		return o.flowFailure(err)
	}
	o.action = "update"
	if t.kind == "Group" {
		delete(values, "displayName") // names of groups aren't pushed [atlassian 2.1, D]
	}
	known.Disabled = false
	if err := c.export(t, o, f, kind, known, values); err != nil {
		if statusOf(err) == http.StatusNotFound {
			delete(c.links, t.id)
		}
		return o.fail("EntryExportUpdate", "export", CodeOf(err), err)
	}
	if len(o.after) > 0 {
		return o
	}
	if c.initial {
		return o.skip("RedundantExport", "The target is like the source.")
	}
	return nil
}

// take remembers what the target has.
func take(l *jobs.Link, list []flow, resource rawjson.Object) {
	l.Exported = map[string]any{}
	for _, f := range list {
		if v := f.path.get(resource); v != nil && f.target != "members" {
			l.Exported[f.target] = v
		}
	}
	l.Members = nil
	for _, m := range rawjson.Objects(resource["members"]) {
		id, _ := m["value"].(string)
		l.Members = append(l.Members, id)
	}
}

// match looks for who is there by each matching attribute; done: the outcome is what it is.
func (c *cycle) match(t *task, o *outcome, f objectFlows, kind string) (known *jobs.Link, done bool) {
	tried := false
	for i, m := range matchingFlows(f.flows) {
		v, err := m.value(c.evaluation(t))
		if err != nil {
			o.flowFailure(err)
			return nil, true
		}
		if v.Empty() {
			continue
		}
		tried = true
		if strings.ContainsAny(v.Text(), c.unmatchable) {
			err = fmt.Errorf("%s %q can't be looked for", m.target, v.Text())
			o.fail("EntrySynchronizationAdd", "matching", "EntrySynchronizationError", err)
			return nil, true
		}
		found, err := c.target.search(c.ctx, kind, m.target, v.Text())
		switch {
		case i > 0 && statusOf(err) == http.StatusBadRequest: // the first attribute decides [atlassian row 45]
			continue
		case err != nil:
			o.fail("EntrySynchronizationAdd", "matching", CodeOf(err), err)
			return nil, true
		case len(found) > 1:
			o.fail(
				"EntrySynchronizationAdd", "matching", "DuplicateTargetEntries",
				fmt.Errorf("several objects of the target have %s %q", m.target, v.Text()),
			)
			return nil, true
		case len(found) == 0:
			continue
		}
		id, _ := found[0]["id"].(string)
		if other := c.taken[id]; other != "" && other != t.id {
			o.fail(
				"EntrySynchronizationAdd", "matching", "DuplicateSourceEntries",
				fmt.Errorf("the object %s has the same %s", other, m.target),
			)
			return nil, true
		}
		known = &jobs.Link{Kind: t.kind, Target: id}
		take(known, f.flows, found[0])
		c.links[t.id], c.taken[id], o.target = known, t.id, id
		o.step("EntrySynchronizationUpdate", "matching", "success", t.name+" was found by "+m.target, nil)
		return known, false
	}
	if !tried { // [graph 3.7, D]
		o.skip("ImportSkipped", "No matching attribute has a value.")
		return nil, true
	}
	return nil, false
}

func (c *cycle) create(t *task, o *outcome, f objectFlows, kind string, values map[string]any) *outcome {
	if !f.add {
		return o.skip("EntrySynchronizationSkipped", "No object was found, and creating is switched off.")
	}
	o.action = "create"
	o.step(
		"EntrySynchronizationAdd", "matching", "success", t.name+" will be created: nothing was found in the "+
			"target", nil,
	)
	schemas := []string{schema.UserSchema}
	if t.kind == "Group" {
		schemas = []string{schema.GroupSchema}
	}
	body := rawjson.Object{}
	for _, m := range f.flows {
		if v, ok := values[m.target]; ok {
			m.path.put(body, v)
			if m.path.schema != "" && !slices.Contains(schemas, m.path.schema) {
				schemas = append(schemas, m.path.schema)
			}
		}
	}
	body["schemas"] = schemas
	known := &jobs.Link{Kind: t.kind, Exported: values}
	if t.kind == "Group" {
		known.Members = c.membersOf(t, f)
		list := []any{}
		for _, id := range known.Members {
			list = append(list, rawjson.Object{"value": id})
		}
		body["members"] = list
	}
	o.after = values
	made, err := c.target.do(c.ctx, http.MethodPost, kind, body)
	if err != nil {
		return o.fail("EntryExportAdd", "export", CodeOf(err), err)
	}
	known.Target, _ = made["id"].(string)
	c.links[t.id], c.taken[known.Target], o.target = known, t.id, known.Target
	o.step("EntryExportAdd", "export", "success", t.name+" was created", rawjson.Object{"ReportableIdentifier": t.name})
	return o
}

// membersOf are a group's direct members who are in the target.
func (c *cycle) membersOf(t *task, f objectFlows) []string {
	var out []string
	if !slices.ContainsFunc(f.flows, func(m flow) bool { return m.target == "members" }) {
		return nil
	}
	for _, id := range t.members {
		if l := c.links[id]; l != nil && l.Kind == "User" {
			out = append(out, l.Target)
		}
	}
	return out
}

// export sends what differs from what the target was given last.
func (c *cycle) export(t *task, o *outcome, f objectFlows, kind string, known *jobs.Link, values map[string]any) error {
	o.before, o.after = map[string]any{}, map[string]any{}
	var operations []rawjson.Object
	for _, m := range f.flows {
		v, ok := values[m.target]
		if !ok || reflect.DeepEqual(known.Exported[m.target], v) {
			continue
		}
		o.before[m.target], o.after[m.target] = known.Exported[m.target], v
		operations = append(operations, rawjson.Object{"op": "Replace", "path": m.target, "value": m.path.patched(v)})
	}
	if t.kind == "Group" && slices.ContainsFunc(f.flows, func(m flow) bool { return m.target == "members" }) {
		operations = append(operations, c.memberOperations(t, o, f, known)...)
	}
	if len(operations) == 0 {
		return nil
	}
	if err := c.target.patch(c.ctx, kind, known.Target, operations); err != nil {
		return err
	}
	if known.Exported == nil {
		known.Exported = map[string]any{}
	}
	for name, v := range values {
		known.Exported[name] = v
	}
	if t.kind == "Group" {
		known.Members = c.membersOf(t, f)
	}
	o.step(
		"EntryExportUpdate",
		"export",
		"success",
		t.name+" was updated",
		rawjson.Object{"ReportableIdentifier": t.name},
	)
	return nil
}

// memberOperations add and remove who changed.
func (c *cycle) memberOperations(t *task, o *outcome, f objectFlows, known *jobs.Link) []rawjson.Object {
	var out []rawjson.Object
	want := c.membersOf(t, f)
	added := []any{}
	for _, id := range want {
		if !slices.Contains(known.Members, id) {
			added = append(added, rawjson.Object{"value": id})
		}
	}
	if len(added) > 0 {
		out = append(out, rawjson.Object{"op": "Add", "path": "members", "value": added})
	}
	for _, id := range known.Members {
		if !slices.Contains(want, id) {
			out = append(out, rawjson.Object{"op": "Remove", "path": `members[value eq "` + id + `"]`})
		}
	}
	if len(out) > 0 {
		o.before["members"], o.after["members"] = known.Members, want
	}
	return out
}

// forget ends the management of someone who left the scope.
func (c *cycle) forget(t *task) {
	delete(c.links, t.id)
	c.departed[t.id] = true
}

// forgetUnassigned forgets someone who isn't assigned any more, whatever became of them in the target: "After
// unassign the engine forgets the user" [graph 3.7, D].
func (c *cycle) forgetUnassigned(t *task) {
	if !t.verdict.assigned {
		c.forget(t)
	}
}

// unnoticed says whether someone came back into scope in a way that an incremental cycle doesn't notice: as a group's
// member [atlassian 2.1, D].
func (c *cycle) unnoticed(t *task) bool {
	return c.departed[t.id] && c.links[t.id] == nil && !c.initial && !c.returnsNoticed && c.cross == nil &&
		t.kind == "User" &&
		!t.verdict.direct
}
