package decisiontest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/golden"
)

// goldenTenants is the whole of what the engine says of some tenants, to be read by people.
func goldenTenants(t *testing.T) {
	for name, engine := range Tenants {
		t.Run(name, func(t *testing.T) { golden.Text(t, name, whole(engine(t))) })
	}
}

// whole is everything that a result says.
func whole(e *decision.Engine) string {
	var b strings.Builder
	r := e.Decide()
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("service: %s %s", e.Health().State, r.ServiceText())
	say("not looked at: %s", strings.Join(e.Unchecked(), ", "))
	say("covered: %s", strings.Join(e.Covered(), ", "))
	for _, n := range e.Notes() {
		say("note: %s", n)
	}
	r.WarnAssumptions(func(argument, text string) { say("assumed: %s: %s", argument, text) })
	for _, g := range r.Groups() {
		say("group %s: %d", g.Name, g.Members)
	}
	for _, g := range r.HeldGroups() {
		say("held back: %s: %s", g.Name, g.Obstacle)
	}
	if n := r.DefaultMaxGroupsLost(); n != nil {
		say("max_groups_lost: %d", *n)
	}
	for g := range r.Directory.Groups {
		say("group %d: %q, if unreadable %q", g, r.GroupName(int32(g)), r.UnreadableText(int32(g)))
	}
	say("incomplete: %t", r.Incomplete())
	unreadable := r.Unreadable()
	for _, id := range slices.Sorted(maps.Keys(unreadable)) {
		say("unreadable: %s: %d", id, unreadable[id])
	}
	for _, d := range r.Domains(3, false) {
		say("domain %+v if verified %+v, if not %+v", d.Name, d.IfVerified, d.IfNotVerified)
		say(
			"    %d synced, %d skipped, %d unknown, %d not in scope, verified %t, public %t",
			d.Synced,
			d.Skipped,
			d.Unknown,
			d.NotInScope,
			d.Verified,
			d.PublicMail,
		)
	}
	for _, d := range r.Expiring(3, false) {
		say("expiring: %+v", d)
	}
	for i := range r.Directory.Users {
		user(say, r, int32(i))
	}
	return b.String()
}

func user(say func(string, ...any), r *decision.Result, i int32) {
	u, e := &r.Directory.Users[i], r.Explain(i)
	say("\n%s %s", u.ID, u.UserPrincipalName)
	say("  %s", e.Text)
	say("  %s", e.Sentence)
	if by := r.Sentence(i, true); by != r.Sentence(i, false) {
		say("  by ids: %s", by)
	}
	say(
		"  type %q, domain %q, seeks fixes %t, directly in %v",
		r.UserType(i),
		r.Domain(e.Decision),
		r.SeeksFixes(i),
		r.DirectGroupsOf(i),
	)
	say(
		"  in scope %t, action %s, account %q, address %s, expected %+v",
		r.InScope(i),
		e.Action,
		e.Account,
		r.Address(i),
		r.Expect(i),
	)
	if len(e.Groups) > 0 {
		say("  in %s", strings.Join(e.Groups, ", "))
	}
	if s := r.EffectOfLoss(e.Decision.Account, e.Decision.Code.String(), false, e.UserID); s != "" {
		say("  lost: %s", s)
	}
	if s := r.EffectOfLoss(e.Decision.Account, e.Decision.Code.String(), true, e.UserID); s != "" {
		say("  left: %s", s)
	}
	if s := r.BlockedBy(i); s != "" {
		say("  blocked by %s", s)
	}
	for _, s := range e.Trace {
		say("  - %s: %s: %s (%s)", s.Rule, s.Result, s.Observed, s.Confidence)
	}
	for _, f := range e.Fixes {
		say("  + %s | %s | %s | %s | %d others", f.Change, f.Who, f.Effect, f.Caveats, f.OthersChanged)
	}
}
