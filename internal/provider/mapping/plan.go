package mapping

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// maxLines is how many findings a diagnostic shows.
const maxLines = 20

// validateMapping reports what is wrong in the configuration alone, in one
// diagnostic for the expressions and one for the filter.
func validateMapping(ctx context.Context, m *mappingModel, d *diag.Diagnostics) {
	if !m.Attributes.IsUnknown() && m.Manage.ValueString() == mapping.ManageAll && len(m.Attributes.Elements()) == 0 {
		d.AddAttributeError(path.Root("attributes"), "No attribute mappings", "With manage = \"all\" every row that "+
			"isn't listed is removed, so that nothing would flow. List the rows, or leave manage out.")
	}
	check := *m
	if !tfutil.Known(ctx, check.Attributes) {
		check.Attributes = onlyKnown(ctx, check.Attributes)
	}
	for _, f := range check.filters() {
		if !tfutil.Known(ctx, *f.model) {
			*f.model = types.ObjectNull(filterTypes)
		}
	}
	if !tfutil.Known(ctx, check.Object, check.Enabled, check.Actions, check.Manage) {
		return
	}
	problems, _ := check.mapping(ctx, d).Check()
	if d.HasError() {
		return
	}
	report(problems, func(where string, lines string) {
		switch {
		case where == mapping.NameFilter:
			d.AddAttributeError(path.Root(where), "Invalid scoping filter", lines)
			return
		case mapping.IsFilterName(where):
			d.AddAttributeError(path.Root(where), "Invalid filter", lines)
			return
		}
		d.AddAttributeError(path.Root("attributes"), "Invalid expression", lines)
	})
}

// onlyKnown leaves out rows that aren't known yet.
func onlyKnown(ctx context.Context, m types.Map) types.Map {
	if m.IsUnknown() {
		return types.MapNull(m.ElementType(ctx))
	}
	rows := m.Elements()
	for target, v := range rows {
		if !tfutil.Known(ctx, v) {
			delete(rows, target)
		}
	}
	return types.MapValueMust(m.ElementType(ctx), rows)
}

// report gives the findings on attributes and those on each filter, each as one
// text.
func report(findings []mapping.Finding, say func(where, lines string)) {
	var rows []string
	filters := map[string][]string{}
	for _, f := range findings {
		if mapping.IsFilterName(f.Where) {
			filters[f.Where] = append(filters[f.Where], f.String())
			continue
		}
		rows = append(rows, fmt.Sprintf("attributes[%q]: %s", f.Where, f.Message))
	}
	if len(rows) > 0 {
		say("attributes", bounded(rows))
	}
	for _, where := range slices.Sorted(maps.Keys(filters)) {
		say(where, bounded(filters[where]))
	}
}

func bounded(lines []string) string {
	more := ""
	if len(lines) > maxLines {
		more = fmt.Sprintf("\nand %d more", len(lines)-maxLines)
		lines = lines[:maxLines]
	}
	return strings.Join(lines, "\n") + more
}

// planMapping fills in what is known before the apply, and advises. Offline, nothing
// will be saved.
func planMapping(
	ctx context.Context, config, plan, state *mappingModel, seen mapping.Attributes, offline bool, d *diag.Diagnostics,
) {
	if !plan.complete(ctx) {
		plan.Effective = types.StringUnknown()
		return
	}
	planned := plan.mapping(ctx, d)
	plan.Effective = effectiveOf(planned, d)
	if d.HasError() {
		return
	}
	if state != nil && plan.sameAs(state) {
		return // nothing changes: no advice a second time
	}
	fresh, held := planned, mapping.Mapping{}
	if state != nil { // a row that the job has already may stay: it knows better
		held = state.mapping(ctx, d)
		fresh = planned.Without(held)
	}
	targets, sources := fresh.Unknown(seen)
	targets = slices.DeleteFunc(targets, held.Maps)
	if err := refused(seen, fresh, sources); err != nil {
		d.Append(tfutil.FailureAt(path.Root("attributes"), "Planning the mapping", err))
		return
	}
	if len(targets) > 0 {
		adviseTargets(targets, seen.Target, d)
	}
	// Only of what is written here: rows that the job has already are its own.
	_, advice := fresh.Check()
	report(advice, func(where, lines string) {
		// The CLIs print only the first of several warnings with one summary.
		d.AddAttributeWarning(
			path.Root(where),
			fmt.Sprintf("Advice on the mapping of %s to %s: %s", planned.Object.Source,
				planned.Object.Target, where),
			lines,
		)
	})
	adviseYield(config, planned, d)
	if state != nil {
		adviseDropped(ctx, state, planned, d)
	}
	if !plan.JobID.IsUnknown() && !offline {
		d.AddWarning("Saving a mapping starts a full cycle",
			"Once this is applied, the job looks at all users in scope again (an initial cycle) when it runs next, "+
				"which takes much longer than a usual cycle.")
	}
}

// sameAs reports whether nothing of the mapping itself changes.
func (m *mappingModel) sameAs(state *mappingModel) bool {
	before := state.filters()
	for i, f := range m.filters() {
		if !f.model.Equal(*before[i].model) {
			return false
		}
	}
	return m.Effective.Equal(state.Effective) && m.Manage.Equal(state.Manage) && m.Attributes.Equal(state.Attributes) &&
		m.Actions.Equal(state.Actions) && m.Enabled.Equal(state.Enabled)
}

func effectiveOf(m mapping.Mapping, d *diag.Diagnostics) types.String {
	text, err := m.Effective()
	if err == nil {
		return types.StringValue(text)
	}
	var a *mapping.AttributeError
	if !errors.As(err, &a) {
		d.Append(tfutil.Failure("Writing the mapping down", err))
		return types.StringNull()
	}
	// Someone else's row isn't of the documented language: what is known of the
	// rest can't be told apart from a whole mapping, so nothing is.
	where := fmt.Sprintf("attributes[%q]", a.Target)
	if mapping.IsFilterName(a.Target) {
		where = a.Target
	}
	d.AddWarning("Unreadable attribute mapping", fmt.Sprintf("%s: %v. The service has it; effective is empty until "+
		"it is replaced.", where, a.Err))
	return types.StringValue("")
}

// adviseDropped names what leaves the list and stays in the job.
func adviseDropped(ctx context.Context, state *mappingModel, planned mapping.Mapping, d *diag.Diagnostics) {
	if planned.Manage == mapping.ManageAll {
		return
	}
	before := state.mapping(ctx, d)
	var names []string
	for target := range before.Attributes {
		if _, ok := planned.Attributes[target]; !ok {
			names = append(names, target)
		}
	}
	if before.Actions != nil && planned.Actions == nil {
		names = append(names, mapping.NameActions)
	}
	for _, f := range state.filters() {
		if *f.of(&before) != nil && *f.of(&planned) == nil {
			names = append(names, f.name)
		}
	}
	if len(names) == 0 {
		return
	}
	d.AddAttributeWarning(path.Root("attributes"), "Rows that are no longer listed stay in the job",
		tfutil.Names(slices.Sorted(slices.Values(names)))+": with manage = \"listed\" what the list leaves out is "+
			"left as it is, here and at the service. With manage = \"all\" such rows are removed.")
}

// targetError says that target attributes don't exist.
type targetError struct{ names, have []string }

func (e *targetError) Error() string {
	lines := make([]string, len(e.names))
	for i, n := range e.names {
		lines[i] = "the target has no attribute " + fmt.Sprintf("%q", n)
		if near := expression.Nearest(n, e.have); near != "" {
			lines[i] += fmt.Sprintf(" (did you mean %q?)", near)
		}
	}
	return strings.Join(lines, "; ")
}

// Advice says what to do about it.
func (e *targetError) Advice() string {
	return "Nothing was written. The job's schema lists the attributes (data source usersync_provisioning_schema); a " +
		"custom one is added first, by usersync_provisioning_attribute or in the portal."
}

// adviseTargets tells of targets that the schema didn't list when it was read. Names
// that differ from one in case alone are mistakes; another may be added by this apply.
func adviseTargets(names, have []string, d *diag.Diagnostics) {
	var wrong, fresh []string
	for _, n := range names {
		if slices.ContainsFunc(have, func(h string) bool { return strings.EqualFold(h, n) }) {
			wrong = append(wrong, n)
		} else {
			fresh = append(fresh, n)
		}
	}
	if len(wrong) > 0 {
		d.Append(tfutil.FailureAt(path.Root("attributes"), "Planning the mapping", &targetError{wrong, have}))
	}
	if len(fresh) > 0 {
		d.AddAttributeWarning(
			path.Root("attributes"),
			"The job's schema doesn't list a target attribute yet",
			(&targetError{fresh, have}).Error()+". Where a usersync_provisioning_attribute adds it in this apply, let "+
				"the mapping depend on that one. Otherwise the apply will be refused, and nothing of the mapping "+
				"written.")
	}
}

// sourceError says what of the expressions the job refuses.
type sourceError struct{ lines []string }

func (e *sourceError) Error() string { return strings.Join(e.lines, "; ") }

// Advice says what to do about it.
func (e *sourceError) Advice() string {
	return "Nothing was written. Names of attributes are case-sensitive; the job's schema lists them (data source " +
		"usersync_provisioning_schema)."
}

// pendingError says that the schema can't be read safely in this run.
type pendingError struct{ job string }

func (e *pendingError) Error() string {
	return "another change of the schema of job " + e.job + " was saved in this run and doesn't show yet: writing " +
		"the schema now could lose it"
}

// Advice says what to do about it.
func (e *pendingError) Advice() string { return "Nothing was written. Apply again in a while." }

// movingError says that the schema doesn't hold still.
type movingError struct{ job string }

func (e *movingError) Error() string {
	return "the schema of job " + e.job + " was changed by somebody else again and again while it was to be written"
}

// Advice says what to do about it.
func (e *movingError) Advice() string {
	return "Nothing was written. Apply again when nothing else changes it."
}

// argumentOf is the argument that an error of a write is about.
func argumentOf(err error) string {
	var (
		section  *mapping.SectionError
		foreign  *mapping.ForeignError
		changed  *mapping.ChangedError
		priority *mapping.PriorityError
		row      *mapping.AttributeError
		target   *targetError
		source   *sourceError
	)
	switch {
	case errors.As(err, &section) && section.Rule != "" || errors.As(err, &section) && len(section.Found) > 1:
		return "rule"
	case errors.As(err, &section):
		return "object"
	case errors.As(err, &foreign) && len(foreign.Names) == 1 && (foreign.Names[0] == mapping.NameActions ||
		foreign.Names[0] == mapping.NameEnabled || mapping.IsFilterName(foreign.Names[0])):
		return foreign.Names[0]
	case errors.As(err, &foreign), errors.As(err, &changed),
		errors.As(err, &priority), errors.As(err, &row), errors.As(err, &target), errors.As(err, &source):
		return "attributes"
	}
	return "" // the service's: no argument of ours is wrong
}

// privateKey holds the attributes that the schema had when it was read: only
// for checks, since private state may be lost.
const privateKey = "attributes"

type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func seenAttributes(ctx context.Context, p privateReader, d *diag.Diagnostics) (out mapping.Attributes) {
	raw, diags := p.GetKey(ctx, privateKey)
	d.Append(diags...)
	if len(raw) > 0 && json.Unmarshal(raw, &out) != nil {
		return mapping.Attributes{}
	}
	return out
}

func rememberAttributes(ctx context.Context, p privateWriter, a mapping.Attributes, d *diag.Diagnostics) {
	raw, err := json.Marshal(a)
	if err != nil {
		return // names only: it can't fail, and the check is all that is lost
	}
	d.Append(p.SetKey(ctx, privateKey, raw)...)
}
