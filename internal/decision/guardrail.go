package decision

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Guardrails limit what a plan may change. A nil limit isn't set.
type Guardrails struct {
	MaxLost        *int64
	MaxLostPercent *float64
	MaxGroupsLost  *int64
	// MustSync and MustNotSync name users by principal name, mail or object id.
	MustSync, MustNotSync []string
	// HeldMustSync and HeldMustNotSync are the entries under which the accepted
	// outcome was accepted: what they complain of then has been seen.
	HeldMustSync, HeldMustNotSync []string
}

// Violation is a guardrail that a plan violates.
type Violation struct {
	// Guardrail is the name of the argument.
	Guardrail string
	Cause     Cause
	// IDs are the object ids concerned, Names how they are shown, in one order.
	IDs, Names []string
	// Held says that the accepted outcome violates it already: it is a warning.
	Held bool
	Text string
}

// Check holds the changes and the present outcome against the guardrails. An
// error is an *ArgumentError: a name that fits several users.
func (g Guardrails) Check(c *Changes, d *Outcome, l *directory.Lookup, dir *directory.Directory, ids bool) ([]Violation, error) {
	var out []Violation
	if !c.first {
		for _, causes := range [][]Cause{{Drift}, {ThisPlan, NewRules}} {
			out = append(out, g.losses(c, ids, causes)...)
		}
	}
	for _, must := range []struct {
		name        string
		users, held []string
		want        bool
	}{{"must_sync", g.MustSync, g.HeldMustSync, true}, {"must_not_sync", g.MustNotSync, g.HeldMustNotSync, false}} {
		v, err := checkUsers(c, d, l, dir, must.name, must.users, must.held, must.want, ids)
		if err != nil {
			return nil, err
		}
		out = append(out, v...)
	}
	return out, nil
}

// losses checks the limits on what is lost, for drift and for the plan apart:
// many leavers by drift must not block the plan that repairs them.
func (g Guardrails) losses(c *Changes, ids bool, causes []Cause) []Violation {
	var out []Violation
	var users, groups []*Change
	for i := range c.List {
		x := &c.List[i]
		if !slices.Contains(causes, x.Cause) {
			continue
		}
		if x.Kind == Lost {
			users = append(users, x)
		}
		if x.Kind == Groups && x.Group && x.GroupName == "" {
			groups = append(groups, x)
		}
	}
	n := len(users)
	if g.MaxLost != nil && int64(n) > *g.MaxLost {
		out = append(out, violationOf("max_lost", causes[0], users, ids, fmt.Sprintf("%s would no longer sync; at most %d may be lost", plural(n, "user"), *g.MaxLost)))
	}
	if g.MaxLostPercent != nil && c.Before > 0 && float64(n)*100 > *g.MaxLostPercent*float64(c.Before) {
		out = append(out, violationOf("max_lost_percent", causes[0], users, ids, fmt.Sprintf(
			"%s of %d who sync would no longer (%.1f %%); at most %g %% may be lost", plural(n, "user"), c.Before, float64(n)*100/float64(c.Before), *g.MaxLostPercent)))
	}
	if g.MaxGroupsLost != nil && int64(len(groups)) > *g.MaxGroupsLost {
		out = append(out, violationOf("max_groups_lost", causes[0], groups, ids, fmt.Sprintf("%s would leave; at most %d may be lost", plural(len(groups), "group"), *g.MaxGroupsLost)))
	}
	return out
}

func violationOf(guardrail string, cause Cause, list []*Change, ids bool, text string) Violation {
	v := Violation{Guardrail: guardrail, Cause: cause, Text: text}
	slices.SortFunc(list, func(x, y *Change) int { return strings.Compare(x.Shown(ids), y.Shown(ids)) })
	for _, x := range list {
		v.IDs = append(v.IDs, x.ID)
		v.Names = append(v.Names, x.Shown(ids))
	}
	return v
}

// checkUsers checks users who must or must not sync. Unknown satisfies
// neither: who must not sync and perhaps does is a violation as well.
func checkUsers(c *Changes, d *Outcome, l *directory.Lookup, dir *directory.Directory, guardrail string, users, held []string, want, ids bool) ([]Violation, error) {
	byCause := map[Cause]*Violation{}
	heldV := &Violation{Guardrail: guardrail, Cause: Drift, Held: true}
	for i, name := range users {
		p, err := l.User(name)
		var nf *directory.NotFoundError
		if errors.As(err, &nf) && len(nf.IDs) > 0 {
			return nil, wrong(i, err, "guardrails", guardrail)
		}
		id, text := strings.ToLower(name), "isn't in the directory's reading"
		row := (*Row)(nil)
		if p >= 0 {
			id = dir.Users[p].ID
			text = "is not in scope"
			if row = c.p.find(id); row != nil {
				text = row.Text
			}
		}
		if verdictFits(row, want) {
			continue
		}
		if p < 0 && !want {
			continue // who isn't there doesn't sync
		}
		shown := name
		if ids {
			shown = id
		}
		v := heldV
		switch {
		case c.first || verdictFits(d.find(id), want):
			v = causeViolation(byCause, guardrail, ThisPlan)
		case verdictFits(c.a.find(id), want):
			v = causeViolation(byCause, guardrail, Drift)
		case !slices.Contains(held, name):
			v = causeViolation(byCause, guardrail, ThisPlan)
		}
		v.IDs = append(v.IDs, id)
		v.Names = append(v.Names, shown+" ("+text+")")
	}
	var out []Violation
	for _, v := range []*Violation{byCause[Drift], byCause[ThisPlan], heldV} {
		if v != nil && len(v.IDs) > 0 {
			verb := map[bool]string{true: "must sync and doesn't, or isn't known to", false: "must not sync and does, or may"}[want]
			v.Text = plural(len(v.IDs), "user") + " " + verb
			out = append(out, *v)
		}
	}
	return out, nil
}

func verdictFits(r *Row, want bool) bool {
	if r == nil {
		return !want
	}
	if want {
		return r.Verdict() == Sync
	}
	return r.Verdict() == Skip
}

func causeViolation(m map[Cause]*Violation, guardrail string, c Cause) *Violation {
	if m[c] == nil {
		m[c] = &Violation{Guardrail: guardrail, Cause: c}
	}
	return m[c]
}

// ApprovalHash is the hash that accepts exactly these violations: the first 16
// hex digits of SHA-256 over the sorted object ids and kinds.
func ApprovalHash(violations []Violation) string {
	var lines []string
	for _, v := range violations {
		if v.Held {
			continue
		}
		for _, id := range v.IDs {
			lines = append(lines, id+" "+v.Guardrail)
		}
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(lines), "\n")))
	return hex.EncodeToString(sum[:])[:16]
}
