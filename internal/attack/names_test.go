package attack

import (
	"strings"
	"testing"
)

const (
	amara   = "amara.okafor@company.com"
	ravi    = "ravi.chandra@company.com"
	mei     = "mei.chen@company.com"
	hannah  = "hannah.keller@company.com"
	elena   = "elena.rossi@company.com"
	clara   = "clara.jensen@company.com" // in no group of the scope
	adele   = "adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com"
	dorothy = "dorothy.hughes@legacy.company.com" // doesn't sync: the domain

	elsewhere = "@legacy.company.com" // not verified in Atlassian
)

// A user whom must_sync names is gone, hidden, or somebody else by name.
func TestAttack_01_MustSync(t *testing.T) {
	const promise = "must_sync holds its user"
	must := func(who string, more ...string) string {
		return limits(append(more, `must_sync = ["`+who+`"]`)...)
	}
	lost := func(s *tenant) { s.rename(amara, "amara"+elsewhere) }
	taken := func(s *tenant) { lost(s); s.hire("People", amara) }
	stillSyncs := func(s *tenant) { s.rename(amara, "amara.bello@company.com").hire("People", amara) }
	one := func(does func(s *tenant)) []move { return []move{{does: does, want: blocked(promise, "must_sync")}} }
	remove, hide := func(s *tenant) { s.remove(amara) }, func(s *tenant) { s.hide(amara) }
	amaraID := "b70a0da1-1831-41f6-ab1a-b6c20508b5f2"
	tell(t, []story{
		{"Deleted", must(amara), nil, one(remove)},
		{"DeletedByNameInCapitals", must(strings.ToUpper(amara)), nil, one(remove)},
		{"DeletedAndError", must(amara, `on_drift = "error"`), nil, []move{{does: remove, want: func(n *night) {
			n.is(promise+`, and on_drift = "error" stops the plan`, "error").says(promise, "must_sync", "amara")
		}}}},
		{"Unreadable", must(amara), nil, one(hide)},
		{"UnreadableAndError", must(amara, `on_drift = "error"`), nil, []move{{does: hide, want: func(n *night) {
			n.is(promise+`, and on_drift = "error" stops the plan`, "error")
		}}}},
		{"UnreadableThenDeleted", must(amara), nil, []move{
			{does: hide, want: blocked(promise, "must_sync")},
			{does: func(s *tenant) { s.leave(amaraID) }, want: blocked(promise, "must_sync")},
		}},
		{"RenamedAndLost", must(amara), nil, one(lost)},
		{"RenamedToSync", must(amara), nil, []move{{
			does: func(s *tenant) { s.rename(amara, "amara.bello@company.com") },
			want: goesOn("renamed and still syncing is a warning", "amara.bello@company.com", "must_sync"),
		}}},
		{"NameTaken", must(amara), nil, []move{{does: taken, want: blocked(promise, amaraID)}}},
		{
			"NameTakenLater",
			must(amara),
			nil,
			[]move{
				{
					does: func(s *tenant) { s.rename(amara, "amara.bello@company.com") },
					want: goesOn("a rename is no violation"),
				},
				{does: func(s *tenant) { s.hire("People", amara) }, want: blocked("another who takes the name is "+
					"name_moved", amaraID)},
				{does: func(s *tenant) { s.remove("amara.bello@company.com") }, want: blocked(promise, amaraID)},
			},
		},
		{"NameTakenThenHidden", must(amara), nil, []move{
			{does: stillSyncs, want: blocked("another who takes the name is name_moved", amaraID)},
			{does: func(s *tenant) { s.hide("amara.bello@company.com") }, want: blocked(promise, amaraID)},
		}},
		{"NameTakenThenDisabled", must(amara), nil, []move{
			{does: stillSyncs, want: blocked("another who takes the name is name_moved", amaraID)},
			{does: func(s *tenant) { s.disable("amara.bello@company.com") }, want: blocked(promise, "amara.bello")},
		}},
		{"ReplacedByNamesake", must(amara), nil, []move{{does: func(s *tenant) {
			s.remove(amara).hire("People", amara)
		}, want: blocked(promise, "name_moved", amaraID)}}},
	})
}

// Somebody whom must_not_sync names syncs under another name.
func TestAttack_01_MustNotSync(t *testing.T) {
	const promise = "must_not_sync holds its user"
	not := func(who string, more ...string) string {
		return limits(append(more, `must_not_sync = ["`+who+`"]`)...)
	}
	in := func(name string) func(s *tenant) {
		return func(s *tenant) { s.rename(clara, name).join("People", s.user(name)["id"].(string)) }
	}
	tell(t, []story{
		{"Renamed", not(clara), nil, []move{{does: in("c.holm@company.com"), want: blocked(promise, "must_not_sync")}}},
		{"RenamedByMail", not(clara), nil, []move{{does: func(s *tenant) {
			s.edit("mail", "c.holm@company.com", clara).edit("userPrincipalName", "c.holm@company.com", clara)
			s.join("People", s.user("c.holm@company.com")["id"].(string))
		}, want: blocked(promise, "must_not_sync")}}},
		{"RenamedInCapitals", not(strings.ToUpper(clara)), nil, []move{
			{does: in("c.holm@company.com"), want: blocked(promise, "must_not_sync")},
		}},
		{"RenamedFirst", not(clara), nil, []move{
			{does: func(s *tenant) { s.rename(clara, "c.holm@company.com") }, want: func(n *night) {
				n.is("a rename out of scope is no violation", "none", "auto", "review")
			}},
			{does: func(s *tenant) {
				s.join("People", s.user("c.holm@company.com")["id"].(string))
			}, want: blocked(promise, "must_not_sync")},
		}},
		{
			"RenamedAndError",
			not(clara, `on_drift = "error"`),
			nil,
			[]move{{does: in("c.holm@company.com"), want: func(n *night) {
				n.is(promise+`, and on_drift = "error" stops the plan`, "error").says(promise, "must_not_sync")
			}}},
		},
		{"RenamedToSync", not(dorothy), nil, []move{{does: func(s *tenant) {
			s.rename(dorothy, "d.hughes@company.com")
		}, want: blocked(promise, "must_not_sync")}}},
	})
}

// An entry that fits nobody is said at each plan, not at the first alone.
func TestAttack_01_EntryFitsNobody(t *testing.T) {
	said := func(n *night) { n.says("an entry that fits nobody is a warning at each plan", "nobody@company.com") }
	tell(t, []story{{"must_not_sync", limits(`must_not_sync = ["nobody@company.com"]`), nil, []move{
		{want: said},
		{does: func(s *tenant) { s.hire("People", "new.hire@company.com") }, want: said},
		{want: said},
	}}})
}

// A scope's groups keep their meaning whatever others are called.
func TestAttack_01_ScopeGroups(t *testing.T) {
	const (
		promise = "a group of the scope stays that group"
		moved   = "name_moved"
		sales   = "0b6df0a7-7f96-44b7-ac57-23890162878b"
	)
	config := guard(`scope { groups = ["Sales", "People"] }`)
	rename := func(from, to string) func(s *tenant) { return func(s *tenant) { s.group(from)["displayName"] = to } }
	second := func(s *tenant) { s.newGroup("Sales", elena, mei) }
	swap := func(from, to string) func(s *tenant) {
		return func(s *tenant) {
			a, b := s.group(from), s.group(to)
			a["displayName"], b["displayName"] = to, from
		}
	}
	tell(t, []story{
		{"SecondOfTheName", config, nil, []move{
			{does: second, want: goesOn("anybody can make a second group of that name: plans go on")},
			{does: second, want: goesOn("a third one, too")},
			{does: func(s *tenant) { s.remove(hannah) }, want: goesOn("and later plans go on")},
		}},
		{"SecondOfTheNameAndEmpty", config, nil, []move{
			{does: func(s *tenant) { s.newGroup("Sales") }, want: goesOn("an empty namesake stops no plan")},
		}},
		{"Renamed", config, nil, []move{{does: rename("Sales", "Revenue"), want: func(n *night) {
			n.held("a renamed group is for a person").says(promise, "Sales", "Revenue")
			saysNot(n.b, promise, n.Output, "  lost:")
		}}}},
		{"Swapped", config, nil, []move{{does: swap("Sales", "Finance"), want: blocked(promise, moved, sales)}}},
		{"SwappedInside", config, nil, []move{{does: swap("Sales", "People"), want: blocked(promise, moved)}}},
		{"Replaced", config, nil, []move{{does: func(s *tenant) {
			s.dissolve("Sales")
			second(s)
		}, want: blocked(promise, moved, sales)}}},
		{"ReplacedByASameOne", config, nil, []move{{does: func(s *tenant) {
			members := s.group("Sales")["members"]
			s.dissolve("Sales").newGroup("Sales")
			s.group("Sales")["members"] = members
		}, want: blocked("a group that was made anew with the same members is another group", moved, sales)}}},
		{"ReplacedInThreeNights", config, nil, []move{
			{does: rename("Sales", "Revenue"), want: held("a renamed group is for a person")},
			{does: second, want: func(n *night) { n.says("the name is another's now", moved, sales) }},
			{does: func(s *tenant) { s.dissolve("Revenue") }, want: blocked(promise, moved, sales)},
		}},
		{"AcceptedThenDeleted", config, nil, []move{
			{does: func(s *tenant) {
				rename("Sales", "Revenue")(s)
				second(s)
				s.hire("Revenue", "new@company.com")
			}, want: blocked("the name is another's now", moved, sales)},
			{does: func(s *tenant) { s.dissolve("Revenue") }, want: blocked(promise, sales)},
		}},
		{
			"Deleted",
			config,
			nil,
			[]move{{does: func(s *tenant) { s.dissolve("Sales") }, want: blocked(promise, moved, sales)}},
		},
		{
			"DeletedAndError",
			guard(`scope { groups = ["Sales", "People"] }`, `guardrails { on_drift = "error" }`),
			nil,
			[]move{
				{does: func(s *tenant) {
					s.dissolve("Sales")
					second(s)
				}, want: func(n *night) { n.is(`on_drift = "error" stops the plan`, "error").says(promise, moved) }},
			},
		},
	})
}

// A policy converts the people of the group that it meant, and of no other.
func TestAttack_01_MatchGroups(t *testing.T) {
	const promise = "match.groups means the group that it meant"
	policy := sources + `
resource "usersync_user_type_policy" "p" {
  directory = data.usersync_directory.now.reading
  rule {
    name = "sales are guests"
    user_type = "Guest"

    match {
      groups = ["Sales"]
    }
  }
}
`
	refused := func(n *night) { n.is(promise+": the policy refuses at plan", "error").says(promise, "object id") }
	tell(t, []story{
		{"NameTaken", policy, nil, []move{{does: func(s *tenant) {
			s.dissolve("Sales").newGroup("Sales", elena, mei)
		}, want: refused}}},
		{"Swapped", policy, nil, []move{{does: func(s *tenant) {
			a, b := s.group("Sales"), s.group("Finance")
			a["displayName"], b["displayName"] = "Finance", "Sales"
		}, want: refused}}},
		{"RenamedThenTaken", policy, nil, []move{{does: func(s *tenant) {
			s.group("Sales")["displayName"] = "Revenue"
			s.newGroup("Sales", elena, mei)
		}, want: refused}}},
	})
}
