package attack

import (
	"encoding/json"
	"html"
	"testing"
)

// markdown is the comment that the outcome leaves.
func (n *night) markdown() string {
	n.b.Helper()
	var state struct {
		Resources []struct {
			Type      string
			Instances []struct{ Attributes map[string]any }
		}
	}
	n.b.Must(json.Unmarshal([]byte(n.b.State()), &state))
	for _, r := range state.Resources {
		if r.Type == "usersync_outcome" {
			text, _ := r.Instances[0].Attributes["changes_markdown"].(string)
			return html.UnescapeString(text)
		}
	}
	return ""
}

// One more colleague whom the sync leaves out: the seed's own case.
func TestAttack_03_Missed(t *testing.T) {
	const (
		promise = "who is newly in scope and doesn't sync is named, and held for a person"
		carol   = "carol_fabrikam.example#EXT#@company.onmicrosoft.com"
	)
	in := func(name string) []move {
		return []move{{
			does: func(s *tenant) { s.hire("Fabrikam colleagues", name) },
			want: held(promise, "missed", name),
		}}
	}
	tell(t, []story{
		{"ExternalMember", guard(), nil, in(carol)},
		{"ExternalMemberWithLimits", limits("max_lost = 0", "max_lost_percent = 0"), nil, in(carol)},
		{"UnverifiedDomain", guard(), nil, in("new" + elsewhere)},
		{"WithoutMail", guard(), nil, []move{{does: func(s *tenant) {
			s.hire("People", "new@company.onmicrosoft.com").edit("mail", nil, "new@company.onmicrosoft.com")
		}, want: held(promise, "missed")}}},
		{"ByNestedGroup", guard(), nil, []move{{does: func(s *tenant) {
			s.newGroup("Partners").hire("Partners", carol).join("People", s.group("Partners")["id"].(string), "group")
		}, want: held(promise, "missed", carol)}}},
		{"AmongHires", guard(), nil, []move{{does: func(s *tenant) {
			s.hire("People", "a@company.com", "b@company.com", carol, "c@company.com")
		}, want: held(promise, "missed", carol)}}},
		{"Hidden", guard(), nil, []move{{does: func(s *tenant) {
			s.join("People", id("hidden"))
		}, want: held(promise+": unknown, too", "missed")}}},
		{"EnabledLater", guard(), nil, []move{
			{does: func(s *tenant) { s.hire("People", carol).disable(carol) }, want: func(*night) {}},
			{does: func(s *tenant) { s.edit("accountEnabled", true, carol) }, want: held(promise, carol)},
		}},
		{
			"LeftAndBack",
			guard(),
			nil,
			[]move{
				{does: func(s *tenant) { s.leave(adele) }, want: func(*night) {}},
				{
					does: func(s *tenant) { s.join("Fabrikam colleagues", "13837514-2377-4953-a708-242bb3d1c394") },
					want: held(promise, adele),
				},
			},
		},
	})
}

// A difference that hides behind another, harmless one.
func TestAttack_03_EveryDifference(t *testing.T) {
	const promise = "severity looks at every difference"
	admins := func(name string) func(s *tenant) {
		return func(s *tenant) { s.join("jira-administrators", s.user(name)["id"].(string)) }
	}
	watching := guard(`watch_groups = ["jira-*"]`)
	tell(t, []story{
		{"RenamedAndOutOfAGroup", guard(), nil, []move{{does: func(s *tenant) {
			s.leave(ravi, "IT", "Finance", "People").rename(ravi, "r.chandra@company.com")
			s.join("Leadership", s.user("r.chandra@company.com")["id"].(string))
		}, want: held(promise, "r.chandra@company.com")}}},
		{"RenamedAndAdmin", guard(), nil, []move{{does: func(s *tenant) {
			s.rename(mei, "m.chen@company.com")
			admins("m.chen@company.com")(s)
		}, want: held(promise, "m.chen@company.com", "jira-administrators")}}},
		{"AdminBehindLeavers", guard(), nil, []move{{does: func(s *tenant) {
			s.disable(ravi, hannah)
			admins(mei)(s)
		}, want: held(promise, mei)}}},
		{"HireIntoWatchedGroup", watching, nil, []move{{does: func(s *tenant) {
			s.hire("jira-administrators", "new@company.com")
		}, want: held(promise, "jira-administrators", "new@company.com")}}},
		{"HireIntoWatchedGroupInCapitals", guard(`watch_groups = ["JIRA-ADMIN*"]`), nil, []move{{does: func(s *tenant) {
			s.hire("People", "other@company.com").hire("jira-administrators", "new@company.com")
		}, want: held(promise, "jira-administrators", "new@company.com")}}},
		{"GroupRenamed", guard(), nil, []move{{does: func(s *tenant) {
			s.group("People")["displayName"] = "site-admins"
		}, want: held(promise, "site-admins")}}},
		{"GroupRenamedBehindHire", guard(), nil, []move{{does: func(s *tenant) {
			s.hire("Sales", "new@company.com").group("People")["displayName"] = "site-admins"
		}, want: held(promise, "site-admins")}}},
		{"AnotherDomain", guard(), nil, []move{{does: func(s *tenant) {
			s.edit("mail", "mei.chen@eng.company.com", mei)
		}, want: held(promise, "mei.chen@eng.company.com", "mei.chen@company.com")}}},
		{"ManagedToExternal", guard(), nil, []move{{does: func(s *tenant) {
			s.edit("userType", "Guest", mei).edit("mail", "mei@gmail.example", mei)
		}, want: held(promise, "mei@gmail.example")}}},
		{"RenamedAndAnotherDomain", guard(), nil, []move{{does: func(s *tenant) {
			s.rename(mei, "mei.chen@eng.company.com")
		}, want: held(promise, "mei.chen@eng.company.com")}}},
		{"ExternalJoins", guard(), nil, []move{{does: func(s *tenant) {
			const dan = "dan_partner.example#EXT#@company.onmicrosoft.com"
			s.hire("People", dan).edit("userType", "Guest", dan)
		}, want: held(promise, "dan_partner.example")}}},
		{"LetInByTypeChange", guard(), nil, []move{{does: func(s *tenant) {
			s.edit("userType", "Guest", fabrikam...)
		}, want: held(promise, "gained")}}},
	})
}

// What a person is asked about is in the comment that they read.
func TestAttack_03_ReportRows(t *testing.T) {
	shows := func(words ...string) func(n *night) {
		return func(n *night) { says(n.b, "the report's rows show groups and addresses", n.markdown(), words...) }
	}
	tell(t, []story{
		{"Address", guard(), nil, []move{{does: func(s *tenant) {
			s.edit("mail", "mei.chen@eng.company.com", mei)
		}, want: shows("mei.chen@company.com", "mei.chen@eng.company.com")}}},
	})
}

// What review_when names is for a person.
func TestAttack_03_ReviewWhen(t *testing.T) {
	const promise = "review_when names what is for a person"
	tell(t, []story{
		{"Joined", limits(`review_when = ["joined"]`), nil, []move{
			{does: func(s *tenant) { s.hire("People", "new@company.com") }, want: held(promise)},
		}},
		{"NothingAndMustSync", limits(`review_when = []`, `must_sync = ["`+mei+`"]`), nil, []move{
			{does: func(s *tenant) { s.remove(mei) }, want: blocked("a guardrail holds whatever review_when "+
				"says", "must_sync")},
		}},
	})
}
