package attack

import "testing"

var (
	three = []string{ravi, mei, hannah}
	six   = []string{
		ravi, mei, hannah, elena, "sofia.almeida@company.com", "james.whitaker@company.com",
	}
	fabrikam = []string{adele, "alex.wilber_fabrikam.example#EXT#@company.onmicrosoft.com"}
)

// A plan that makes guests members: they sync no longer.
const loses = `what_if { user_types = jsonencode({ "anita.sharma@partner.example" = "Member" }) }`

// A plan that makes a member of fabrikam.example a guest: they sync.
const gains = `what_if { user_types = jsonencode({ "adele.vance@fabrikam.example" = "Guest" }) }`

func (s *tenant) away(names ...string) { // to a domain that isn't verified
	for _, n := range names {
		s.edit("mail", n[:len(n)-len("@company.com")]+elsewhere, n)
	}
}

// moves puts users out of every group of the scope.
func (s *tenant) moves(names ...string) {
	for _, n := range names {
		s.leave(n)
	}
}

// A loss in two steps, each of which looks harmless.
func TestAttack_02_LossThroughUnknown(t *testing.T) {
	const promise = "who synced before the unknown and is gone after it is lost"
	config := limits("max_lost = 0")
	ids := map[string]string{ravi: "98914b1f-4c7c-4a89-a617-fc6c4bf65d4a"}
	hidden := move{
		does: func(s *tenant) { s.hide(ravi) },
		want: held("who isn't known is uncertain", "uncertain", ravi),
	}
	back := func(then func(s *tenant)) func(s *tenant) {
		return func(s *tenant) {
			s.set("users", append(s.list("users"), map[string]any{
				"id":                ids[ravi],
				"displayName":       "Ravi Chandra",
				"userPrincipalName": ravi,
				"mail":              ravi,
				"userType":          "Member",
				"accountEnabled":    true,
			}))
			then(s)
		}
	}
	gone := move{does: func(s *tenant) { s.leave(ids[ravi]) }, want: blocked(promise, "max_lost", "lost", ravi)}
	tell(t, []story{
		{"HiddenThenGone", config, nil, []move{hidden, gone}},
		{"HiddenForTwoNights", config, nil, []move{
			hidden,
			{does: func(s *tenant) { s.hire("People", "new.hire@company.com") }, want: func(n *night) {
				n.is("a hire passes beside them", "auto")
			}},
			gone,
		}},
		{"HiddenThenOutOfScope", config, nil, []move{
			hidden, {does: back(func(s *tenant) { s.moves(ravi) }), want: blocked(promise, "max_lost", ravi)},
		}},
		{"HiddenThenMoved", config, nil, []move{
			hidden, {does: back(func(s *tenant) { s.away(ravi) }), want: blocked(promise, "max_lost", ravi)},
		}},
		{
			"HiddenThenUnmailed",
			config,
			nil,
			[]move{
				hidden,
				{
					does: back(func(s *tenant) { s.edit("mail", "ravi@gmail.example", ravi) }),
					want: blocked(promise, "max_lost", ravi),
				},
			},
		},
		{"HiddenThenBack", limits("max_gained = 0"), nil, []move{
			hidden, {does: back(func(*tenant) {}), want: func(n *night) {
				n.is("unknown and back is no change", "none", "auto").
					says("it is a line of its own", "known again", ravi)
			}},
		}},
		{"Unknown", config, nil, []move{{does: func(s *tenant) { s.hide(six...) }, want: func(n *night) {
			n.held("unknown is asked first, left after it").says("unknown is asked first", "uncertain")
			saysNot(n.b, "who is unknown hasn't left", n.Output, "  left (")
		}}}},
	})
}

// A loss behind a leaver: disabled for a night, and back without syncing.
func TestAttack_02_LossThroughDisabled(t *testing.T) {
	const promise = "nobody is lost in silence by being disabled for a night"
	disabled := move{
		does: func(s *tenant) { s.disable(ravi) },
		want: func(n *night) { n.is("one leaver passes", "auto") },
	}
	enabled := func(then func(s *tenant)) func(s *tenant) {
		return func(s *tenant) { s.edit("accountEnabled", true, ravi); then(s) }
	}
	tell(t, []story{
		{"BackWithAnotherAddress", limits("max_lost = 0"), nil, []move{
			disabled, {does: enabled(func(s *tenant) { s.away(ravi) }), want: held(promise, ravi)},
		}},
		{
			"MovedWhileDisabled",
			limits("max_lost = 0"),
			nil,
			[]move{
				{
					does: func(s *tenant) { s.disable(ravi).away(ravi) },
					want: func(n *night) { n.is("one leaver passes", "auto", "review") },
				},
				{does: enabled(func(*tenant) {}), want: held(promise, ravi)},
			},
		},
	})
}

// One more lost than max_lost allows, in parts that each are within it.
func TestAttack_02_MaxLost(t *testing.T) {
	const promise = "max_lost holds against both where the plan adds to drift"
	drift := func(s *tenant) { s.away(ravi) }
	tell(t, []story{
		{"DriftAndPlan", limits("max_lost = 1"), nil, []move{{
			config: guard(`guardrails { max_lost = 1 }`, loses), does: drift, want: blocked(promise, "max_lost"),
		}}},
		{"DriftAndPlanWarn", limits("max_lost = 1", `on_plan = "warn"`), nil, []move{{
			config: guard(`guardrails {
			  max_lost = 1
			  on_plan  = "warn"
			}`, loses), does: drift, want: blocked(promise, "max_lost"),
		}}},
		{"HiddenByThrees", limits("max_lost = 2"), nil, []move{
			{does: func(s *tenant) { s.hide(three...) }, want: held("who isn't known is uncertain")},
			{does: func(s *tenant) {
				for _, id := range []string{
					"98914b1f-4c7c-4a89-a617-fc6c4bf65d4a", "7a1fe749-3411-4428-a36e-7e2a66d4623f",
					"51bec6d4-aef7-4310-a563-db6d3a11d9ea",
				} {
					s.leave(id)
				}
			}, want: blocked("three are lost, two allowed", "max_lost")},
		}},
	})
}

// The same in percent: 31 people sync.
func TestAttack_02_MaxLostPercent(t *testing.T) {
	const promise = "max_lost_percent holds against both where the plan adds to drift"
	drift := func(s *tenant) { s.away(ravi) }
	tell(t, []story{
		{
			"DriftAndPlan",
			limits("max_lost_percent = 4"),
			nil,
			[]move{
				{
					config: guard(
						`guardrails { max_lost_percent = 4 }`,
						loses,
					),
					does: drift,
					want: blocked(promise, "max_lost_percent"),
				},
			},
		},
		{
			"Hidden",
			limits("max_lost_percent = 3"),
			nil,
			[]move{
				{does: func(s *tenant) { s.hide(ravi) }, want: held("who isn't known is uncertain")},
				{
					does: func(s *tenant) { s.leave("98914b1f-4c7c-4a89-a617-fc6c4bf65d4a") },
					want: blocked("one of 31 is more than 3 %", "max_lost_percent"),
				},
			},
		},
		{
			"Zero",
			limits("max_lost_percent = 0"),
			nil,
			[]move{
				{does: func(s *tenant) { s.hide(ravi) }, want: held("who isn't known is uncertain")},
				{
					does: func(s *tenant) { s.leave("98914b1f-4c7c-4a89-a617-fc6c4bf65d4a") },
					want: blocked("nobody may be lost", "max_lost_percent"),
				},
			},
		},
	})
}

// More leavers in a night than a limit allows.
func TestAttack_03_MaxLeft(t *testing.T) {
	const promise, max = "max_left holds", "max_left"
	config := limits("max_left = 2")
	tell(t, []story{
		{"Disabled", config, nil, []move{{does: func(s *tenant) { s.disable(three...) }, want: blocked(promise, max)}}},
		{"Deleted", config, nil, []move{{does: func(s *tenant) { s.remove(three...) }, want: blocked(promise, max)}}},
		{
			"Both",
			config,
			nil,
			[]move{{does: func(s *tenant) { s.disable(ravi, mei).remove(hannah) }, want: blocked(promise, max)}},
		},
		{
			"AtTheLimitThenOver",
			config,
			nil,
			[]move{
				{
					does: func(s *tenant) { s.disable(ravi, mei) },
					want: func(n *night) { n.is("two leavers are within the limit", "auto") },
				},
				{does: func(s *tenant) { s.disable(hannah, elena, amara) }, want: blocked(promise, max)},
			},
		},
		{"DisabledAndRenamed", config, nil, []move{{does: func(s *tenant) {
			s.disable(three...)
			for _, n := range three {
				s.rename(n, "x."+n)
			}
		}, want: blocked(promise, max)}}},
		{"DisabledAndOutOfScope", limits("max_left = 0"), nil, []move{{does: func(s *tenant) {
			s.disable(ravi).moves(ravi)
		}, want: blocked(promise, max)}}},
		{
			"Error",
			limits("max_left = 2", `on_drift = "error"`),
			nil,
			[]move{{does: func(s *tenant) { s.disable(three...) }, want: func(n *night) {
				n.is(promise+`, and on_drift = "error" stops the plan`, "error").says(promise, max)
			}}},
		},
	})
}

// Half a company disabled in one night, without any limit written.
func TestAttack_03_MaxLeftPercent(t *testing.T) {
	const promise, max = "max_left_percent is 10 unless set, from six leavers on", "max_left_percent"
	all := func(s *tenant) {
		for _, u := range s.list("users") {
			if u := u.(map[string]any); u["userPrincipalName"] != amara {
				u["accountEnabled"] = false
			}
		}
	}
	sixLeave := func(s *tenant) { s.disable(six...) }
	tell(t, []story{
		{"AllButOne", guard(), nil, []move{{does: all, want: blocked(promise, max)}}},
		{"AllButOneAndEmptyGuardrails", guard(`guardrails {}`), nil, []move{{does: all, want: blocked(promise, max)}}},
		{"AllButOneAndNull", limits("max_left_percent = null"), nil, []move{{does: all, want: blocked(promise, max)}}},
		{"Six", guard(), nil, []move{{does: sixLeave, want: blocked(promise, max)}}},
		{"SixDeleted", guard(), nil, []move{{does: func(s *tenant) { s.remove(six...) }, want: blocked(promise, max)}}},
		{
			"FiveThenSix",
			guard(),
			nil,
			[]move{
				{
					does: func(s *tenant) { s.disable(six[:5]...) },
					want: func(n *night) { n.is("five leavers pass", "auto") },
				},
				{does: func(s *tenant) {
					s.disable(
						six[5],
						amara,
						"clara.jensen@company.com",
						"bob.nyberg@company.com",
						"omar.haddad@company.com",
						"nadia.petrova@company.com",
						"chloe.dubois@company.com",
					)
				}, want: blocked(promise, max)},
			},
		},
		{"Error", limits(`on_drift = "error"`), nil, []move{{does: sixLeave, want: func(n *night) {
			n.is(`on_drift = "error" stops the plan`, "error").says(promise, max)
		}}}},
		{
			"Lower",
			limits("max_left_percent = 18"),
			nil,
			[]move{{does: sixLeave, want: blocked("six of 31 are more than 18 %", max)}},
		},
	})
}

// More people let in than a limit allows.
func TestAttack_03_MaxGained(t *testing.T) {
	const promise, max = "max_gained holds", "max_gained"
	config := limits("max_gained = 1")
	tell(t, []story{
		{
			"TypeChange",
			config,
			nil,
			[]move{{does: func(s *tenant) { s.edit("userType", "Guest", fabrikam...) }, want: blocked(promise, max)}},
		},
		{"Hires", config, nil, []move{{does: func(s *tenant) {
			s.hire("People", "one@company.com", "two@company.com")
		}, want: blocked(promise, max)}}},
		{"Verified", config, nil, []move{{does: func(s *tenant) {
			for _, n := range []string{dorothy, "walter.schmidt@legacy.company.com"} {
				s.rename(n, n[:6]+"@company.com")
			}
		}, want: blocked(promise, max)}}},
		{"EnabledLater", config, nil, []move{
			{does: func(s *tenant) {
				s.hire("People", "one@company.com", "two@company.com").disable("one@company.com", "two@company.com")
			}, want: func(n *night) { n.is("disabled newcomers don't sync", "none", "auto", "review") }},
			{does: func(s *tenant) {
				s.edit("accountEnabled", true, "one@company.com", "two@company.com")
			}, want: blocked(promise, max)},
		}},
		{"HiddenFirst", config, nil, []move{
			{does: func(s *tenant) {
				s.join("People", id("one@company.com")).join("People", id("two@company.com"))
			}, want: held("newcomers who aren't known are missed")},
			{does: func(s *tenant) {
				s.leave(id("one@company.com")).
					leave(id("two@company.com")).
					hire("People", "one@company.com", "two@company.com")
			}, want: blocked(promise, max)},
		}},
		{"Plan", config, nil, []move{{
			config: guard(`guardrails { max_gained = 0 }`, gains),
			want:   func(n *night) { n.is(promise+" against the plan", "error").says(promise, max) },
		}}},
		{"DriftAndPlan", config, nil, []move{{
			config: guard(`guardrails { max_gained = 1 }`, gains),
			does:   func(s *tenant) { s.hire("People", "one@company.com") },
			want:   blocked(promise+" against both where the plan adds to drift", max),
		}}},
	})
}

// Groups that leave in parts that each are within the limit.
func TestAttack_01_MaxGroupsLost(t *testing.T) {
	const promise, max = "max_groups_lost holds against both where the plan adds to drift", "max_groups_lost"
	scoped := func(groups string, limits string) string {
		return guard(`scope { groups = [`+groups+`] }`, "guardrails { \n    max_groups_lost = "+limits+"\n }")
	}
	tell(t, []story{
		{"DriftAndPlan", scoped(`"Engineering", "People", "Sales"`, "1"), nil, []move{{
			config: scoped(`"Engineering", "Sales"`, "1"),
			does:   func(s *tenant) { s.dissolve("Platform") },
			want:   blocked(promise, max),
		}}},
		{"DriftAndPlanWarn", scoped(`"Engineering", "People", "Sales"`, "1\n on_plan = \"warn\""), nil, []move{{
			config: scoped(`"Engineering", "Sales"`, "1\n on_plan = \"warn\""),
			does:   func(s *tenant) { s.dissolve("Platform") },
			want:   blocked(promise, max),
		}}},
		{"OneAndTwo", scoped(`"Engineering", "People", "Sales", "Leadership"`, "2"), nil, []move{{
			config: scoped(`"Engineering", "Sales"`, "2"),
			does:   func(s *tenant) { s.dissolve("Platform") },
			want:   blocked(promise, max),
		}}},
	})
}
