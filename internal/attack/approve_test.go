package attack

import (
	"testing"
)

// offers is the hash that a plan of a tenant offers, without an apply.
func (b *bench) offers(s *tenant, parts ...string) string {
	b.Helper()
	b.save(s)
	b.configure(parts...)
	r, err := b.Workspace.Run(b.Context(), "plan", "-no-color", "-input=false")
	b.Must(err)
	return (&night{b: b, Result: r}).hash()
}

// One hash that stands for two things: each way to violate a guardrail, and
// each set of people, has its own.
func TestAttack_04_OneHashOneThing(t *testing.T) {
	t.Parallel()
	ways := map[string]func(s *tenant){
		"finance":  func(s *tenant) { s.dissolve("Finance") },
		"people":   func(s *tenant) { s.dissolve("People") },
		"both":     func(s *tenant) { s.dissolve("Finance").dissolve("People") },
		"disabled": func(s *tenant) { s.disable(ravi) },
		"deleted":  func(s *tenant) { s.remove(ravi) },
		"hidden":   func(s *tenant) { s.hide(ravi) },
		"moved":    func(s *tenant) { s.moves(ravi) },
		"away":     func(s *tenant) { s.away(ravi) },
		"external": func(s *tenant) { s.edit("mail", "ravi@fabrikam.example", ravi) },
		"another too": func(s *tenant) {
			s.away(ravi, mei)
		},
	}
	for name, c := range map[string]struct {
		config string
		ways   []string
	}{
		"MustSync": {limits(`must_sync = ["` + ravi + `", "` + mei + `"]`), []string{"disabled", "deleted", "hidden", "moved", "away", "external", "another too"}},
		"MaxLost":  {limits(`max_lost = 0`), []string{"moved", "away", "external", "another too"}},
		"MaxLeft":  {limits(`max_left = 0`), []string{"disabled", "deleted"}},
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(b *bench) {
				b.accept(b.example(), c.config)
				seen := map[string]string{}
				for _, way := range c.ways {
					s := b.example()
					ways[way](s)
					h := b.offers(s, c.config)
					if h == "" {
						b.Errorf("BROKEN: a violation prints its hash: %s has none", way)
					} else if other := seen[h]; other != "" {
						b.Errorf("BROKEN: approve accepts exactly that: %s stands for %s and for %s", h, other, way)
					}
					seen[h] = way
				}
			})
		})
	}
}

// A hash that was given for one thing, and is used for another.
func TestAttack_04_HashOfAnother(t *testing.T) {
	t.Parallel()
	const promise = "approve accepts exactly what would happen, once"
	for name, c := range map[string]struct {
		config      string
		more        string
		given, used func(s *tenant)
	}{
		"AnotherCause": {
			`must_sync = ["` + ravi + `"]`, "",
			func(s *tenant) { s.away(ravi) }, func(s *tenant) { s.disable(ravi) },
		},
		"DeletedInstead": {
			`must_sync = ["` + ravi + `"]`, "",
			func(s *tenant) { s.hide(ravi) }, func(s *tenant) { s.remove(ravi) },
		},
		"AnotherCauseOfALoss": {
			"max_lost = 0", "",
			func(s *tenant) { s.edit("mail", "ravi@fabrikam.example", ravi) }, func(s *tenant) { s.moves(ravi) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(b *bench) {
				b.accept(b.example(), limits(c.config))
				s := b.example()
				c.given(s)
				h := b.offers(s, limits(c.config))
				s = b.example()
				c.used(s)
				b.configure(limits(c.config, c.more, `approve = "`+h+`"`))
				b.night(s).blocked(promise)
			})
		})
	}
}

// A hash that stays in the configuration after it was used.
func TestAttack_04_Once(t *testing.T) {
	attack(t, func(b *bench) {
		const promise = "approve accepts once"
		b.accept(b.example(), limits("max_left = 0"))
		bad := b.example().disable(ravi)
		h := b.offers(bad, limits("max_left = 0"))
		b.configure(limits("max_left = 0", `approve = "`+h+`"`))
		b.night(bad).is("what was approved passes", "review", "auto")
		b.night(b.example())
		b.night(bad).blocked(promise)
	})
}

// What a person accepted is held until it changes, and not a night longer.
func TestAttack_04_HeldUntilItChanges(t *testing.T) {
	config := limits(`must_sync = ["` + ravi + `"]`)
	hire := move{does: func(s *tenant) { s.hire("People", "new@company.com") }, want: func(n *night) {
		n.is("what was accepted is shown, not blocked", "auto").says("it is shown", "must_sync", ravi)
	}}
	tell(t, []story{
		{"ThenDeleted", config, nil, []move{
			{does: func(s *tenant) { s.away(ravi) }, want: blocked("must_sync holds", "must_sync")},
			hire,
			{does: func(s *tenant) { s.remove(ravi) }, want: blocked("held until it changes", "must_sync")},
		}},
		{"MovedThenDisabled", config, nil, []move{
			{does: func(s *tenant) { s.away(ravi) }, want: blocked("must_sync holds", "must_sync")},
			{does: func(s *tenant) { s.disable(ravi) }, want: blocked("held until it changes", "must_sync")},
		}},
	})
}

// Two guardrails at once: the hash of the one isn't that of both.
func TestAttack_04_TwoGuardrails(t *testing.T) {
	attack(t, func(b *bench) {
		one, both := `must_sync = ["`+ravi+`"]`, "max_left = 0"
		b.accept(b.example(), limits(one))
		s := b.example().disable(ravi)
		h := b.offers(s, limits(one))
		if h == "" {
			b.Error("BROKEN: a violation prints its hash")
		}
		b.configure(limits(one, both, `approve = "`+h+`"`))
		b.night(s).blocked("approve accepts exactly that: another guardrail is another set", "max_left")
	})
}

// The new meaning of a user's name, approved, doesn't open the way back.
func TestAttack_04_NameMovedBack(t *testing.T) {
	attack(t, func(b *bench) {
		const moved, other = "name_moved", "r.chandra@company.com"
		must := `must_sync = ["` + ravi + `"]`
		s := b.example()
		b.accept(s, limits(must))
		s.rename(ravi, other).hire("People", ravi)
		h := b.offers(s, limits(must))
		if h == "" {
			b.Error("BROKEN: a name that moved prints a hash")
		}
		b.configure(limits(must, `approve = "`+h+`"`))
		b.night(s).is("what was approved passes", "review", "auto")
		s.remove(ravi).rename(other, ravi)
		b.night(s).blocked("approve takes the new meaning, once: the way back is another move", moved)
	})
}
