package outcometest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
	"github.com/usersync/terraform-provider-usersync/internal/golden"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
)

// situations plans each, step by step.
func situations(t *testing.T) {
	for _, s := range slices.Concat(scimSituations, jobSituations, heldSituations, nestedSituations, targetSituations,
		returnSituations, crossTenantSituations) {
		t.Run(s.name, s.run)
	}
}

func (s *situation) run(t *testing.T) {
	w, q := directorytest.SCIM(t, ""), overSCIM()
	if s.over == decision.NestedGroups {
		w, q = directorytest.New(), overNestedGroups()
	}
	if s.setUp != nil {
		s.setUp(t, w)
	}
	if s.ask != nil {
		s.ask(&q)
	}
	var a *outcome.Outcome
	var told strings.Builder
	for i, step := range s.steps {
		if step.change != nil {
			step.change(t, w)
		}
		if step.ask != nil {
			step.ask(&q)
		}
		r := Plan(t, w, q, a)
		step.check(t, i, r)
		fmt.Fprintf(&told, "=== step %d\n%s", i, r.whole(t, a))
		a = r.Outcome
	}
	golden.Text(t, s.name, told.String())
}

// marks fails where a decision is less sure than every step of its trace: what
// makes it so must stand there.
func (r Planned) marks(t *testing.T) {
	t.Helper()
	for i := range r.Result.Decisions {
		e := r.Result.Explain(int32(i))
		weakest := decision.Documented
		for _, step := range e.Trace {
			weakest = max(weakest, step.Confidence)
		}
		if e.Confidence > weakest {
			t.Errorf("%s is %s, and no step of its trace is", e.Text, e.Confidence)
		}
	}
}

// whole is all that a plan says and keeps, by names and by ids, with guardrails that
// most changes violate.
func (r Planned) whole(t *testing.T, a *outcome.Outcome) string {
	r.marks(t)
	t.Helper()
	var b strings.Builder
	must := func(text string, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	zero := int64(0)
	guardrails := outcome.Guardrails{
		MaxLost:       &zero,
		MaxLeft:       &zero,
		MaxGained:     &zero,
		MaxGroupsLost: &zero,
		MustSync:      []string{r.Outcome.Rows[0].Name, "nobody@company.com"},
	}
	guardrails.ExpectSkipped = []string{"nobody@else.example", r.Outcome.Rows[len(r.Outcome.Rows)-1].Name}
	for i := range r.Outcome.Rows[1:] {
		if name := r.Outcome.Rows[1+i].Name; len(r.Result.Lookup.Users(name)) == 1 {
			guardrails.MustNotSync = append(guardrails.MustNotSync, name)
		}
	}
	meanings, err := guardrails.Meanings(r.Result.Lookup, r.Result.Directory, a.Kept())
	if err != nil {
		t.Fatal(err)
	}
	violations := guardrails.Check(outcome.Check{Changes: r.Changes, Drifted: r.Drifted, Meanings: meanings})
	for _, v := range guardrails.Check(outcome.Check{Changes: r.Changes, Drifted: r.Drifted, Meanings: meanings, IDs: true}) {
		fmt.Fprintf(&b, "by ids: %v\n", v.Names())
	}
	fmt.Fprintf(&b, "expected skipped: %v\n", outcome.ExpectedSkipped(meanings))
	for _, ids := range []bool{false, true} {
		text := outcome.PlanText{
			Connector: r.Result.Settings.Connector,
			Target:    r.Result.TargetName(),
			Remedy:    func(x *outcome.Change) string { return r.Result.RemedyOf(x.ID) },
			IDs:       ids,
			Watch:     []string{"st*"},
		}
		fmt.Fprintf(
			&b,
			"%s\n%s\n%s\n",
			text.Headline(r.Changes),
			text.Body(r.Changes),
			r.Changes.Markdown("review", violations, []string{"st*"}, ids),
		)
		for _, skipped := range []bool{false, true} {
			fmt.Fprintln(&b, must(r.Outcome.Decisions(skipped, ids)))
		}
		fmt.Fprintln(&b, r.Changes.Watched([]string{"ST*"}, ids))
		for _, k := range outcome.Kinds {
			if names := r.Changes.Names(k.Kind, ids); len(names) > 0 {
				fmt.Fprintf(&b, "%s: %v\n", k.Name, names)
			}
		}
		for _, text := range outcome.Advise(meanings, r.Outcome, violations, ids) {
			fmt.Fprintln(&b, text)
		}
	}
	for _, v := range violations {
		fmt.Fprintf(&b, "violated: %+v\n", v)
	}
	fmt.Fprintln(&b, must(r.Outcome.GroupsJSON()), must(r.Outcome.HeldJSON()))
	fmt.Fprintf(&b, "summary %+v\n", r.Outcome.Summary(r.Result))
	for i := range r.Changes.List {
		x := &r.Changes.List[i]
		gained, lost := r.Changes.GroupMoves(x)
		fmt.Fprintf(
			&b,
			"change of %s: %s, %s, of %s; gains %v, loses %v\n",
			x.ID,
			x.Kind,
			x.Cause,
			x.Kinds,
			gained,
			lost,
		)
	}
	for _, review := range []outcome.KindSet{0, outcome.SetOf(outcome.DefaultReview())} {
		fmt.Fprintf(&b, "severity %s %s\n", r.Changes.Severity(false, review), r.Changes.Severity(true, review))
	}
	for i := range r.Outcome.Rows {
		row := &r.Outcome.Rows[i]
		fmt.Fprintf(
			&b,
			"row %s %s %s %s %s %s %v %v %+v\n",
			row.ID,
			row.Name,
			row.Address,
			row.Code,
			row.Account,
			row.Action,
			row.Text,
			groupsOf(r.Outcome, row),
			row.Basis,
		)
	}
	return b.String()
}

// groupsOf are the groups that a row names.
func groupsOf(o *outcome.Outcome, row *outcome.Row) (names []string) {
	for _, g := range o.Sets[row.Set] {
		names = append(names, o.Groups[g].ID+" "+o.Groups[g].Name)
	}
	return names
}

func (s *situationStep) check(t *testing.T, n int, r Planned) {
	t.Helper()
	for who, parts := range s.who {
		got := ""
		for i := range r.Outcome.Rows {
			if row := &r.Outcome.Rows[i]; strings.HasPrefix(row.Name, who) {
				got = row.Text
			}
		}
		for _, part := range parts {
			if !strings.Contains(got, part) {
				t.Errorf("step %d: %s is %q, want %q", n, who, got, part)
			}
		}
	}
	groups := map[string]int{}
	for _, g := range r.Result.Groups() {
		groups[g.Name] = g.Members
	}
	for name, want := range s.groups {
		got, there := groups[name]
		if want < 0 && there || want >= 0 && got != want {
			t.Errorf("step %d: group %s has %d (there %t), want %d", n, name, got, there, want)
		}
	}
	text := r.told()
	for _, part := range s.says {
		if !strings.Contains(text, part) {
			t.Errorf("step %d: nothing says %q:\n%s", n, part, text)
		}
	}
	if got := r.Changes.Severity(
		false,
		outcome.SetOf(outcome.DefaultReview()),
	); s.severity != "" && got != s.severity &&
		(s.severity != "none" || r.Changes.Any()) {
		t.Errorf("step %d: severity %s, want %s", n, got, s.severity)
	}
}

// told is all that people read of a plan.
func (r Planned) told() string {
	var b strings.Builder
	text := outcome.PlanText{
		Connector: r.Result.Settings.Connector,
		Target:    r.Result.TargetName(),
		Effect: func(x *outcome.Change) string {
			code := ""
			if x.After != nil {
				code = x.After.Code
			}
			return r.Result.EffectOfLoss(x.Before.Account, code, x.Kind == outcome.Left, x.ID)
		},
	}
	for _, s := range []string{text.Headline(r.Changes), text.Body(r.Changes), r.Result.ServiceText(), r.Changes.Markdown("review", nil, nil, false)} {
		b.WriteString(s + "\n")
	}
	for _, g := range r.Result.HeldGroups() {
		b.WriteString(g.Name + ": " + string(g.Obstacle) + "\n")
	}
	for i := range r.Result.Decisions {
		e := r.Result.Explain(int32(i))
		b.WriteString(e.Sentence + "\n")
		for _, s := range e.Trace {
			b.WriteString(s.Rule + " " + s.Observed + "\n")
		}
		for _, f := range e.Fixes {
			b.WriteString(f.Change + "\n" + f.Caveats + "\n")
		}
	}
	return b.String()
}
