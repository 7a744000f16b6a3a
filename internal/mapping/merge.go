package mapping

import (
	"fmt"
	"maps"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// The names under which a Change or an error speaks of what isn't a target
// attribute.
const (
	NameActions = "actions"
	NameFilter  = "scoping_filter"
)

// EqualAttribute reports whether two rows mean the same: spacing, quoting and
// the defaults of arguments make no difference.
func EqualAttribute(a, b Attribute) bool {
	if ApplyOf(flowOf(a.Apply)) != ApplyOf(flowOf(b.Apply)) || a.MatchingPriority != b.MatchingPriority || text(a.Default) != text(b.Default) {
		return false
	}
	return EqualExpression(a.Expression, b.Expression)
}

func flowOf(apply string) string {
	flow, err := FlowType(apply)
	if err != nil {
		return apply // one that we don't know: as it came
	}
	return flow
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
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
	Actions, Filter      bool
}

// None reports whether nothing is to be written.
func (c Change) None() bool {
	return len(c.Set)+len(c.Remove)+len(c.Restore) == 0 && !c.Actions && !c.Filter
}

// Write changes a section of the live schema to what is planned. prior is what
// the state says of it, nil before the create; template is the template's
// section, nil where there is none. Others' rows stay. Where the live section
// differs both from prior and from what is planned, the error is a
// *ChangedError; where something would be taken over that nobody gave us, and
// adopt isn't set, a *ForeignError. On an error nothing is changed.
func Write(live, template *Section, prior *Mapping, planned Mapping, adopt bool) (Change, error) {
	if _, readable := live.groups(); !readable && planned.Filter != nil {
		return Change{}, errUnreadableFilter
	}
	w := writer{have: live.Mapping(), prior: prior, planned: planned}
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
	for _, target := range w.change.Set {
		if err := live.set(target, planned.Attributes[target]); err != nil {
			return Change{}, err
		}
	}
	for _, target := range w.change.Remove {
		live.restore(target, nil)
	}
	if w.change.Actions {
		live.setActions(planned.Actions)
	}
	if w.change.Filter {
		live.setFilter(planned.Filter)
	}
	return w.change, nil
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
		w.judgeRow(target, have, there)
	}
	if w.planned.Manage != ManageAll {
		return
	}
	for _, target := range slices.Sorted(maps.Keys(w.have.Attributes)) {
		if _, ok := w.planned.Attributes[target]; !ok {
			w.change.Remove = append(w.change.Remove, target)
			w.judgeRow(target, w.have.Attributes[target], true)
		}
	}
}

// judgeRow says whether a row may be replaced that differs from the plan's.
func (w *writer) judgeRow(target string, have Attribute, there bool) {
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
			if p := w.planned.Attributes[target].MatchingPriority; p == w.have.Attributes[other].MatchingPriority {
				return &PriorityError{target, other, p}
			}
		}
	}
	return nil
}

func (w *writer) rest() {
	if w.planned.Actions != nil && !equalActions(w.have.Actions, w.planned.Actions) {
		w.change.Actions = true
		w.judge(NameActions, w.prior != nil && w.prior.Actions != nil, func(m Mapping) bool { return equalActions(w.have.Actions, m.Actions) })
	}
	if w.planned.Filter != nil && !EqualFilter(w.have.Filter, w.planned.Filter) {
		w.change.Filter = true
		w.judge(NameFilter, w.prior != nil && w.prior.Filter != nil, func(m Mapping) bool { return EqualFilter(w.have.Filter, m.Filter) })
	}
}

func (w *writer) judge(name string, managed bool, same func(Mapping) bool) {
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
	if template != nil && prior.Actions != nil && !equalActions(have.Actions, own.Actions) {
		c.Actions = true
		if !equalActions(have.Actions, prior.Actions) {
			changed = append(changed, NameActions)
		}
	}
	if template != nil && prior.Filter != nil && !EqualFilter(have.Filter, own.Filter) {
		c.Filter = true
		if !EqualFilter(have.Filter, prior.Filter) {
			changed = append(changed, NameFilter)
		}
	}
	if len(changed) > 0 {
		return Change{}, &ChangedError{changed}
	}
	for _, target := range c.Restore {
		live.restore(target, template)
	}
	if c.Actions {
		live.setActions(own.Actions)
	}
	if c.Filter {
		live.setFilter(own.Filter)
	}
	return c, nil
}

// Refresh is what the state says of a section: of what it manages, what is
// there, in the state's own words where they mean the same.
func Refresh(live *Section, state Mapping) Mapping {
	have := live.Mapping()
	out := Mapping{Object: state.Object, Manage: state.Manage, Attributes: map[string]Attribute{}}
	for target, row := range have.Attributes {
		before, managed := state.Attributes[target]
		switch {
		case managed && EqualAttribute(row, before):
			out.Attributes[target] = before
		case managed || state.Manage == ManageAll:
			if managed && EqualExpression(row.Expression, before.Expression) {
				row.Expression = before.Expression
			}
			out.Attributes[target] = row
		}
	}
	if state.Actions != nil {
		out.Actions = have.Actions
	}
	switch {
	case state.Filter == nil:
	case EqualFilter(have.Filter, state.Filter):
		out.Filter = state.Filter
	case have.Filter == nil:
		out.Filter = &scoping.Spec{AnyOf: []scoping.SpecGroup{}}
	default:
		out.Filter = have.Filter
	}
	return out
}

// Unknown lists planned target attributes, and source attributes with where
// they are used, that the schema's directories don't have. Lists that the
// schema lacks find nothing.
func (m Mapping) Unknown(a Attributes) (targets []string, sources []UnknownSource) {
	for _, target := range slices.Sorted(maps.Keys(m.Attributes)) {
		if a.Target != nil && !slices.Contains(a.Target, target) {
			targets = append(targets, target)
		}
		e, err := expression.Parse(m.Attributes[target].Expression)
		if err != nil || a.Source == nil {
			continue
		}
		for _, name := range e.Attributes() {
			if !slices.Contains(a.Source, name) {
				sources = append(sources, UnknownSource{target, name, expression.Nearest(name, a.Source)})
			}
		}
	}
	if m.Filter != nil && a.Source != nil {
		for _, name := range scoping.Attributes(m.Filter.Filter().Groups) {
			if !slices.Contains(a.Source, name) {
				sources = append(sources, UnknownSource{NameFilter, name, expression.Nearest(name, a.Source)})
			}
		}
	}
	return targets, sources
}

// UnknownSource is a source attribute that the schema doesn't have.
type UnknownSource struct {
	// Where is the target attribute, or NameFilter.
	Where, Name string
	// Nearest is what was probably meant, or "".
	Nearest string
}

func (u UnknownSource) String() string {
	s := fmt.Sprintf("%s uses the source attribute %s", u.Where, u.Name)
	if u.Nearest != "" {
		s += fmt.Sprintf(" (did you mean %s?)", u.Nearest)
	}
	return s
}
