package mapping

import (
	"maps"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// The names under which a Change or an error speaks of what isn't a target
// attribute.
const (
	NameEnabled        = "enabled"
	NameActions        = "actions"
	NameFilter         = "scoping_filter"
	NameInputFilter    = "input_filter"
	NameCategoryFilter = "category_filter"
)

// IsFilterName reports the name of one of the three filters.
func IsFilterName(name string) bool {
	return slices.ContainsFunc(filterParts, func(f filterPart) bool { return f.name == name })
}

// EqualAttribute reports whether two rows mean the same: spacing, quoting and
// the defaults of arguments make no difference. The default "" and none are two
// values [expressions 5].
func EqualAttribute(a, b Attribute) bool {
	return flowOf(a.Apply) == flowOf(b.Apply) && a.MatchingPriority == b.MatchingPriority &&
		equalDefault(a.Default, b.Default) && EqualExpression(a.Expression, b.Expression)
}

func equalDefault(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func flowOf(apply string) string {
	flow, err := FlowType(ApplyOf(apply))
	if err != nil {
		return apply // one that we don't know: as it came
	}
	return flow
}

// EqualExpression reports whether two texts are the same expression.
func EqualExpression(a, b string) bool {
	if a == b {
		return true
	}
	x, err := expression.Parse(a)
	if err != nil {
		return false
	}
	y, err := expression.Parse(b)
	return err == nil && expression.Equal(x, y)
}

// EqualFilter reports whether two filters mean the same; nil takes everything,
// as one without groups does.
func EqualFilter(a, b *scoping.Spec) bool {
	if a == nil {
		a = &scoping.Spec{}
	}
	if b == nil {
		b = &scoping.Spec{}
	}
	// A job's own filter may spell operators as the service does.
	lenient := scoping.Options{Spelling: scoping.LenientSpelling}
	return scoping.Equal(a.Filter().Groups, b.Filter().Groups, lenient)
}

func equalActions(a, b []string) bool { return FlowTypes(a) == FlowTypes(b) }

// Change is what a write does to a section.
type Change struct {
	// Set are the rows to write, Remove the rows to take away, Restore the rows
	// that become the template's; each ascending.
	Set, Remove, Restore []string
	Enabled, Actions     bool
	// Filters are the names of the filters to write.
	Filters []string
}

// None reports whether nothing is to be written.
func (c Change) None() bool {
	return len(c.Set)+len(c.Remove)+len(c.Restore)+len(c.Filters) == 0 && !c.Actions && !c.Enabled
}

// Write changes a section of the live schema to what is planned. prior is what
// the state says of it, nil before the create; template is the template's
// section, nil where there is none. Others' rows stay. Where the live section
// differs both from prior and from what is planned, the error is a
// *ChangedError; where something would be taken over that nobody gave us, and
// adopt isn't set, a *ForeignError. On an error nothing is changed.
func Write(live, template *Section, prior *Mapping, planned Mapping, adopt bool) (Change, error) {
	w := writer{have: live.Mapping(), prior: prior, planned: planned}
	for _, part := range filterParts {
		if w.have.Unreadable[part.name] != "" && *part.of(&planned) != nil {
			return Change{}, &unreadableFilterError{part.name}
		}
	}
	if template != nil {
		w.template = template.Mapping()
	}
	w.rows()
	w.rest()
	switch {
	case len(w.changed) > 0:
		return Change{}, &ChangedError{w.changed}
	case len(w.foreign) > 0 && !adopt:
		return Change{}, &ForeignError{w.foreign, prior != nil}
	}
	if err := w.priorities(); err != nil {
		return Change{}, err
	}
	return w.change, w.write(live)
}

// write carries out what was found.
func (w *writer) write(live *Section) error {
	for _, target := range w.change.Set {
		if err := live.set(target, w.planned.Attributes[target]); err != nil {
			return err
		}
	}
	for _, target := range w.change.Remove {
		if err := live.restore(target, nil); err != nil {
			return err
		}
	}
	return live.setRest(w.change, w.planned)
}

// setRest writes what isn't rows.
func (m *Section) setRest(c Change, from Mapping) error {
	if c.Enabled {
		if err := m.setEnabled(!from.Off()); err != nil {
			return err
		}
	}
	if c.Actions {
		if err := m.setActions(from.Actions); err != nil {
			return err
		}
	}
	return m.setFilters(c.Filters, from)
}

// writer compares what is there, what the state says and what is planned.
type writer struct {
	have, template, planned Mapping
	prior                   *Mapping
	change                  Change
	changed, foreign        []string
}

func (w *writer) rows() {
	for _, target := range slices.Sorted(maps.Keys(w.planned.Attributes)) {
		have, there := w.have.Attributes[target]
		if there && EqualAttribute(have, w.planned.Attributes[target]) {
			continue
		}
		w.change.Set = append(w.change.Set, target)
		w.compareRow(target, have, there)
	}
	if w.planned.Manage != ManageAll {
		return
	}
	for _, target := range slices.Sorted(maps.Keys(w.have.Attributes)) {
		if _, ok := w.planned.Attributes[target]; !ok {
			w.change.Remove = append(w.change.Remove, target)
			w.compareRow(target, w.have.Attributes[target], true)
		}
	}
}

// compareRow says whether a row may be replaced that differs from the plan's.
func (w *writer) compareRow(target string, have Attribute, there bool) {
	if w.prior != nil {
		before, managed := w.prior.Attributes[target]
		switch {
		case managed && (!there || !EqualAttribute(have, before)), !managed && there && w.prior.Manage == ManageAll:
			w.changed = append(w.changed, target)
			return
		case managed || w.prior.Manage == ManageAll:
			return
		}
	}
	if own, ok := w.template.Attributes[target]; there && (!ok || !EqualAttribute(have, own)) {
		w.foreign = append(w.foreign, target)
	}
}

// priorities compares planned rows with those that stay.
func (w *writer) priorities() error {
	if w.planned.Manage == ManageAll || len(w.change.Set) == 0 {
		return nil
	}
	for _, other := range slices.Sorted(maps.Keys(w.have.Attributes)) {
		if _, listed := w.planned.Attributes[other]; listed || w.have.Attributes[other].MatchingPriority == 0 {
			continue
		}
		for _, target := range w.change.Set {
			p := w.planned.Attributes[target].MatchingPriority
			have, there := w.have.Attributes[target]
			if p == w.have.Attributes[other].MatchingPriority && (!there || have.MatchingPriority != p) {
				return &PriorityError{target, other, p}
			}
		}
	}
	return nil
}

func (w *writer) rest() {
	if w.planned.Actions != nil && !equalActions(w.have.Actions, w.planned.Actions) {
		w.change.Actions = true
		w.compare(
			NameActions,
			w.prior != nil && w.prior.Actions != nil,
			func(m Mapping) bool { return equalActions(w.have.Actions, m.Actions) },
		)
	}
	if w.planned.Enabled != nil && w.have.Off() != w.planned.Off() {
		w.change.Enabled = true
		w.compare(NameEnabled, w.prior != nil && w.prior.Enabled != nil, func(m Mapping) bool {
			return m.Enabled != nil && w.have.Off() == m.Off()
		})
	}
	for _, part := range filterParts {
		have, planned := *part.of(&w.have), *part.of(&w.planned)
		if planned == nil || EqualFilter(have, planned) {
			continue
		}
		w.change.Filters = append(w.change.Filters, part.name)
		managed := w.prior != nil && *part.of(w.prior) != nil
		w.compare(part.name, managed, func(m Mapping) bool { return EqualFilter(have, *part.of(&m)) })
	}
}

// compare says whether a part may be replaced that differs from the plan's.
func (w *writer) compare(name string, managed bool, same func(Mapping) bool) {
	switch {
	case managed && !same(*w.prior):
		w.changed = append(w.changed, name)
	case !managed && !same(w.template):
		w.foreign = append(w.foreign, name)
	}
}

// Reset gives the template's rows, actions and filter back to what a mapping
// managed. The template's section is nil where the template has no such object
// mapping: then rows are taken away, and actions and filter stay. What someone
// else changed since the state was read is a *ChangedError.
func Reset(live, template *Section, prior Mapping) (Change, error) {
	have := live.Mapping()
	var own Mapping
	if template != nil {
		own = template.Mapping()
	}
	var c Change
	var changed []string
	targets := slices.Collect(maps.Keys(prior.Attributes))
	for target := range own.Attributes {
		// A row of the template's that is gone may have been ours: a refresh drops
		// what somebody removed.
		if _, there := have.Attributes[target]; !there {
			targets = append(targets, target)
		}
	}
	if prior.Manage == ManageAll {
		targets = slices.AppendSeq(targets, maps.Keys(have.Attributes))
		targets = slices.AppendSeq(targets, maps.Keys(own.Attributes))
	}
	slices.Sort(targets)
	for _, target := range slices.Compact(targets) {
		row, there := have.Attributes[target]
		back, known := own.Attributes[target]
		if there == known && (!there || EqualAttribute(row, back)) {
			continue
		}
		before, managed := prior.Attributes[target]
		if there && (!managed || !EqualAttribute(row, before)) {
			changed = append(changed, target)
			continue
		}
		c.Restore = append(c.Restore, target)
	}
	if template != nil {
		changed = append(changed, c.resetRest(have, own, prior)...)
	}
	if len(changed) > 0 {
		return Change{}, &ChangedError{changed}
	}
	for _, target := range c.Restore {
		if err := live.restore(target, template); err != nil {
			return Change{}, err
		}
	}
	return c, live.setRest(c, own)
}

// resetRest finds what is to become the template's of what isn't rows, and what
// of it somebody else changed.
func (c *Change) resetRest(have, own, prior Mapping) (changed []string) {
	if prior.Enabled != nil && have.Off() != own.Off() {
		c.Enabled = true
		if have.Off() != prior.Off() {
			changed = append(changed, NameEnabled)
		}
	}
	if prior.Actions != nil && !equalActions(have.Actions, own.Actions) {
		c.Actions = true
		if !equalActions(have.Actions, prior.Actions) {
			changed = append(changed, NameActions)
		}
	}
	for _, part := range filterParts {
		before, now := *part.of(&prior), *part.of(&have)
		if before == nil || EqualFilter(now, *part.of(&own)) {
			continue
		}
		c.Filters = append(c.Filters, part.name)
		if !EqualFilter(now, before) {
			changed = append(changed, part.name)
		}
	}
	return changed
}
