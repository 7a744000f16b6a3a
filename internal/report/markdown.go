package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/reconcile"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// Bounds of the Markdown's lists; what is left out is counted.
const (
	markdownUsers      = 100
	markdownMismatches = 20
)

// Markdown is the report for a pull-request comment: at most 60,000 characters.
// It names people.
func (r *Report) Markdown() string {
	b := &text.Bounded{}
	s := r.Summary
	b.Line(
		"### Who syncs to %s: %d of %s in scope",
		text.Markdown(r.Result.TargetName()),
		s.Synced,
		text.Plural(s.Users, "user"),
	)
	b.Line("")
	b.Line("Connector `%s`, scope: %s.", r.Result.Settings.Connector, text.Markdown(r.scopeText()))
	if r.TakenAt != "" {
		b.Line("The directory was read at %s.", text.Markdown(r.TakenAt))
	}
	if !r.Result.Settings.WhatIf.Empty() {
		b.Line("It assumes what isn't so yet: %s", text.Markdown(decision.AssumedLine(r.Result.Settings.WhatIf)))
	}
	b.Line("")
	b.Line("| sync | don't sync | aren't meant to | unknown | not in scope |")
	b.Line("| ---: | ---: | ---: | ---: | ---: |")
	b.Line("| %d | %d | %d | %d | %d |", s.Synced, s.Skipped-r.notMeant(), r.notMeant(), s.Unknown, s.NotInScope)
	r.markdownTodo(b)
	r.markdownReasons(b)
	if len(r.people) > 0 {
		b.Line("")
		b.Line("#### Home domain, user type, verdict")
		b.Line("")
		r.mermaid(b.Line)
	}
	r.markdownReconciliation(b)
	r.markdownPeople(b)
	return b.String()
}

// markdownTodo says what to do first, and how the service is.
func (r *Report) markdownTodo(b *text.Bounded) {
	b.Line("")
	b.Line("#### What to do first")
	b.Line("")
	if r.MaxFixes > 0 {
		r.domainReports() // before fixes are tried
	}
	for _, x := range r.todos() {
		b.Line("- %s: helps %s. Who: %s", sentences(x.Change), text.Plural(x.Users, "user"), sentences(x.Who))
	}
	b.Line("- %s", sentences(r.health().Text))
}

func (r *Report) markdownReasons(b *text.Bounded) {
	list := r.reasons()
	if len(list) == 0 {
		return
	}
	b.Line("")
	b.Line("#### Why")
	b.Line("")
	b.Line("| reason | users | what it says | what to do |")
	b.Line("| --- | ---: | --- | --- |")
	for _, x := range list {
		text := x.Description
		if x.Confidence != decision.Documented {
			text += " (" + x.Confidence.String() + " at best, not documented)"
		}
		if n := x.NotMeant; n > 0 {
			text += fmt.Sprintf(" %d of them aren't meant to sync.", n)
		}
		// The texts are longer than a name may be, so they are escaped in sentences.
		b.Line("| %s: `%s` | %d | %s | %s |", x.Verdict, x.Name, x.Users, sentences(text), sentences(x.Remedy))
	}
}

// sentences escapes a text of ours word by word: what is very long isn't cut.
func sentences(s string) string {
	words := strings.Fields(s)
	for i := range words {
		words[i] = text.Markdown(words[i])
	}
	return strings.Join(words, " ")
}

// markdownPeople lists who doesn't sync, reason by reason.
func (r *Report) markdownPeople(b *text.Bounded) {
	by := map[string][]*person{}
	for i := range r.people {
		if p := &r.people[i]; p.verdict != decision.Sync {
			by[p.code] = append(by[p.code], p)
		}
	}
	if len(by) == 0 {
		return
	}
	b.Line("")
	b.Line("#### Who doesn't sync")
	left := len(by)
	for _, x := range r.reasons() {
		list := by[x.Name]
		if len(list) == 0 {
			continue
		}
		if !b.Fits(1500) {
			b.Line("")
			b.Line("… and the users of %s.", text.Plural(left, "more reason"))
			return
		}
		left--
		b.Line("")
		b.Line("<details><summary>%s: %s (%d)</summary>", x.Verdict, x.Name, len(list))
		b.Line("")
		b.Line("| who | decision |")
		b.Line("| --- | --- |")
		for i, p := range list {
			line := fmt.Sprintf("| %s | %s |", text.Markdown(p.shown), text.Markdown(p.row.Text))
			if i == markdownUsers || !b.Fits(len(line)) {
				b.Line("")
				b.Line("… and %d more.", len(list)-i)
				break
			}
			b.Line("%s", line)
		}
		b.Line("")
		b.Line("</details>")
	}
}

func (r *Report) markdownReconciliation(b *text.Bounded) {
	x := r.Reconciliation
	if x == nil {
		return
	}
	b.Line("")
	b.Line("#### Predicted against actual")
	b.Line("")
	b.Line("%s", agreementText(x))
	if classes := classesOf(x); len(classes) > 0 {
		b.Line("")
		b.Line("| mismatch | number |")
		b.Line("| --- | ---: |")
		for _, c := range classes {
			b.Line("| `%s` | %d |", c.Class, c.Number)
		}
		b.Line("")
		b.Line("<details><summary>Mismatches (%d)</summary>", len(x.Mismatches))
		b.Line("")
		b.Line("| who | class | predicted | actual |")
		b.Line("| --- | --- | --- | --- |")
		for i, m := range x.Mismatches {
			if i == markdownMismatches {
				b.Line("")
				b.Line("… and %d more.", len(x.Mismatches)-i)
				break
			}
			b.Line(
				"| %s | `%s` | %s | %s |",
				text.Markdown(r.mismatchName(&m)),
				m.Class,
				text.Markdown(m.Predicted),
				text.Markdown(m.Actual),
			)
		}
		b.Line("")
		b.Line("</details>")
	}
	if text := calibrationText(r.Calibration); text != "" {
		b.Line("")
		b.Line("%s", sentences(text))
	}
}

// mismatchName is how a mismatch names whom or what it is about.
func (r *Report) mismatchName(m *reconcile.Mismatch) string {
	if (r.IDs || m.Name == "") && m.ID != "" {
		return m.ID
	}
	return m.Name
}

func agreementText(x *reconcile.Report) string {
	s := fmt.Sprintf(
		"%d of %s that could be compared agree with the prediction: %s %%.",
		x.Agreed,
		text.Plural(x.Compared, "user"),
		number(x.Percent()),
	)
	if x.Unknown > 0 {
		s += fmt.Sprintf(" Of %s it is unknown whether they sync.", text.Plural(x.Unknown, "user"))
	}
	if x.Ambiguous > 0 {
		s += fmt.Sprintf(" %s can't be told from others, or from several accounts.", text.Plural(x.Ambiguous, "user"))
	}
	return s
}

// class counts the mismatches of one class.
type class struct {
	Class  reconcile.Class
	Number int
}

func classesOf(x *reconcile.Report) []class {
	var list []class
	for _, m := range x.Mismatches { // by class already
		if len(list) == 0 || list[len(list)-1].Class != m.Class {
			list = append(list, class{Class: m.Class})
		}
		list[len(list)-1].Number++
	}
	return list
}

// calibrationText says which reading of the rules fits best.
func calibrationText(c *reconcile.Calibration) string {
	if c == nil || len(c.Readings) == 0 {
		return ""
	}
	best := c.Readings[0]
	if c.Decided() {
		s := fmt.Sprintf("Of the readings of the undocumented rules external_users = %q with user_identifier = %q "+
			"fits best (%s %%)",
			best.ExternalUsers, best.UserIdentifier, number(best.Percent()))
		if best.Default {
			return s + "; it is the default."
		}
		return s + "; set it in connector_settings."
	}
	alike := slices.IndexFunc(c.Readings, func(x reconcile.Reading) bool { return x.Agreed < best.Agreed })
	if alike < 0 {
		alike = len(c.Readings)
	}
	return fmt.Sprintf("%d readings of the undocumented rules fit equally well: this organization doesn't tell them "+
		"apart.", alike)
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
