package usertype

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func TestPolicy_Validate(t *testing.T) {
	c := client(t, nil)
	both := rule("r", "Guest", partners)
	both["types"] = "{}"
	for name, x := range map[string]struct {
		rules any
		want  []string
	}{
		"a rule":        {[]any{rule("r", "Guest", partners)}, nil},
		"types alone":   {[]any{map[string]any{"name": "r", "types": "{}"}}, nil},
		"not yet known": {[]any{rule("r", "Guest", map[string]any{"groups": providertest.Unknown})}, nil},
		"no match": {[]any{rule("r", "Guest", nil)}, []string{"Invalid rule", "rule[0] (r): it needs user_type " +
			"and a match"}},
		"no type": {[]any{map[string]any{"name": "r", "match": partners}}, []string{"it needs user_type and a match"}},
		"types and more": {[]any{rule("first", "Guest", partners), both},
			[]string{"rule[1] (r): types stands alone"}},
		"an empty match": {[]any{rule("r", "Guest", map[string]any{})}, []string{"it needs user_type and a match"}},
		"no rules":       {[]any{}, []string{"rule", "must have a configuration value"}},
		"another type":   {[]any{rule("r", "Owner", partners)}, []string{`"Guest"`, `"Owner"`}},
		"another origin": {[]any{rule("r", "Guest", map[string]any{"origin": "abroad"})}, []string{`"external"`, `"abroad"`}},
		"an empty filter": {[]any{rule("r", "Guest", map[string]any{"filter": map[string]any{"any_of": []any{}}})},
			[]string{"at least 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.Validate(policyName, map[string]any{"directory": "x", "rule": x.rules})
			providertest.Wants(t, "validation", got, x.want...)
		})
	}
}

// What a plan refuses, each with what it says.
func TestPolicy_Plan_Refuses(t *testing.T) {
	l := newLab(t)
	filter := func(attribute, operator string, values ...string) map[string]any {
		clause := map[string]any{"attribute": attribute, "operator": operator, "values": values}
		return map[string]any{
			"filter": map[string]any{"any_of": []any{map[string]any{"name": "g", "all_of": []any{clause}}}},
		}
	}
	one := func(match map[string]any) []any { return []any{rule("r", "Guest", match)} }
	for name, x := range map[string]struct {
		more map[string]any
		want []string
	}{
		"a reading that is none": {map[string]any{"directory": "nonsense"},
			[]string{"ERROR (directory): The reading can't be used"}},
		"more than max_changes": {map[string]any{"max_changes": 1},
			[]string{"ERROR (max_changes): The policy would convert 2 users, more than max_changes " +
				"= 1", paulName, piaName, "-refresh=false"}},
		"a group that isn't there": {map[string]any{"rule": one(map[string]any{"groups": []string{"Nobody"}})},
			[]string{"ERROR (rule): Group not found", "rule[0].match.groups", `"Nobody"`}},
		"a user who isn't there": {map[string]any{"rule": one(map[string]any{"users": []string{"who@x.example"}})},
			[]string{"ERROR (rule): User not found", "rule[0].match.users", "who@x.example"}},
		"an attribute that isn't read": {map[string]any{"rule": one(filter("department", "EQUALS", "Sales"))},
			[]string{"ERROR (rule)", "rule[0].match.filter", "department"}},
		"an operator that isn't one": {map[string]any{"rule": one(filter("mail", "RESEMBLES", "x"))},
			[]string{"ERROR (rule)", "rule[0].match.filter", "RESEMBLES"}},
		"types that are no JSON": {map[string]any{"rule": []any{map[string]any{"name": "r", "types": "Guest"}}},
			[]string{"ERROR (rule): Invalid types", "rule[0].types", "JSON parser"}},
		"types of another kind": {map[string]any{"rule": []any{map[string]any{"name": "r", "types": `{"` + ann + `":"Owner"}`}}},
			[]string{"ERROR (rule): Invalid types", `"Owner"`, "Member or Guest alone"}},
		"a mapping that is none": {map[string]any{"cross_tenant": []any{map[string]any{"mapping": "nonsense"}}},
			[]string{"ERROR (cross_tenant)", "cross_tenant[0]"}},
		"a source's reading that is none": {map[string]any{"cross_tenant": []any{map[string]any{"mapping": "{}", "directory": "nonsense"}}},
			[]string{"ERROR (cross_tenant): The reading can't be used", "cross_tenant[0].directory"}},
		"a reading that isn't known": {map[string]any{"directory": providertest.Unknown},
			[]string{"ERROR (directory): Users to convert aren't known at plan", "directory won't be known", "-target"}},
		"rules and a limit that aren't known": {map[string]any{"rule": providertest.Unknown, "max_changes": providertest.Unknown},
			[]string{"ERROR (max_changes): Users to convert aren't known at plan", "max_changes, rule won't be known"}},
		"a mode that isn't known": {map[string]any{"mode": providertest.Unknown},
			[]string{"ERROR (mode): Users to convert aren't known at plan"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := l.Plan(policyName, providertest.State{}, l.policy(x.more))
			providertest.Wants(t, "plan", p.Said, x.want...)
			if p.Planned.Exists() {
				t.Errorf("there is a plan: %v", p.Planned.Value)
			}
		})
	}
	if writes := l.Written(); len(writes) > 0 {
		t.Errorf("planning wrote %v", writes)
	}
}

// What a plan says beside what it does.
func TestPolicy_Plan_Warns(t *testing.T) {
	l := newLab(t)
	nobody := rule("nobody", "Guest", map[string]any{"home_domains": []string{"nobody.example"}})
	for name, x := range map[string]struct {
		more map[string]any
		want []string
		not  string
	}{
		"who is converted, and that it can't be undone": {nil, []string{
			"This apply converts 2 users", "2 Member to Guest: " + paulName + ", " + piaName, "1 user has the wanted type already",
			"All members", "The conversion can't be undone", "record = usersync_user_type_record"}, "no userType"},
		"a record": {map[string]any{"record": "some-id"}, []string{"This apply converts 2 users"}, "can't be undone"},
		"a wave":   {map[string]any{"wave_size": 1}, []string{"This apply converts 1 user", "1 more follow in later applies"}, ""},
		"by ids":   {map[string]any{"identify_users_by": "id"}, []string{"2 Member to Guest: " + pia + ", " + paul}, "#EXT#@x.example."},
		"nobody matched": {map[string]any{"rule": []any{nobody}},
			[]string{"Rules without effect", "rule[0] (nobody) matches nobody"}, "converts"},
		"nobody decided": {map[string]any{"rule": []any{rule("first", "Guest", partners), rule("second", "Member", partners)}},
			[]string{"rule[1] (second) decides nobody"}, ""},
		"types of who is gone": {map[string]any{"rule": []any{map[string]any{"name": "back", "types": `{"99999999-1111-4111-8111-000000000001":"Guest"}`}}},
			[]string{"rule[0] (back) has the types of 1 user who is no longer in the directory"}, ""},
		"mastered on premises": {map[string]any{"rule": []any{rule("r", "Guest", map[string]any{"users": []string{"olga@x.example"}})}},
			[]string{"1 user is mastered on premises and stays as is", "olga@x.example", "onPremisesSyncEnabled"}, "converts"},
		"without a type": {map[string]any{"rule": []any{rule("r", "Guest", map[string]any{"users": []string{nilsName}})}},
			[]string{"1 no type to Guest", "1 user can't be given back what they have now"}, ""},
		"a write-back that can't be told": {nil,
			[]string{"WARNING (cross_tenant): Whether types are written back can't be told", "partner.example (2)", "ObjectAddOnly"}, ""},
		"a write-back that isn't known": {map[string]any{"cross_tenant": providertest.Unknown},
			[]string{"Write-back isn't known at plan"}, "can't be told"},
		"an audit": {map[string]any{"mode": "audit"}, nil, ""},
		"an audit of what isn't known": {map[string]any{"mode": "audit", "directory": providertest.Unknown},
			[]string{"Users who differ from the policy aren't known at plan"}, "ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			got := l.Plan(policyName, providertest.State{}, l.policy(x.more)).Said
			providertest.Wants(t, "plan", got, x.want...)
			if x.not != "" && strings.Contains(got, x.not) {
				t.Errorf("got %q, want no %q in it", got, x.not)
			}
		})
	}
}

// A source tenant whose mapping writes the type always writes it back.
func TestPolicy_Plan_WriteBack(t *testing.T) {
	l := newLab(t)
	effective := func(apply string) string {
		return `{"version":1,"object":{"source":"User","target":"User"},"manage":"all","attributes":{
 "alternativeSecurityIds":{"expression":"[objectId]","matching_priority":1},
 "userType":{"expression":"\"Member\"","apply":"` + apply + `"}}}`
	}
	for apply, want := range map[string]string{
		"always":    "The source tenant will write back the type of 2 users",
		"on_create": "This apply converts 2 users",
	} {
		t.Run(apply, func(t *testing.T) {
			source := map[string]any{"home_domains": []string{"Partner.Example"}, "mapping": effective(apply)}
			got := l.Plan(
				policyName,
				providertest.State{},
				l.policy(map[string]any{"cross_tenant": []any{source}}),
			).Said
			providertest.Wants(t, "plan", got, want)
			for _, not := range []string{"can't be told", "ERROR"} {
				if strings.Contains(got, not) {
					t.Errorf("got %q, want no %q in it", got, not)
				}
			}
			if back := strings.Contains(got, "will write back"); back != (apply == "always") {
				t.Errorf("got %q", got)
			}
		})
	}
}

// What a plan promises, by mode and names.
func TestPolicy_Plan_Values(t *testing.T) {
	l := newLab(t)
	for name, x := range map[string]struct {
		more                             map[string]any
		desired, assignments, violations map[string]string
		remaining                        int64
	}{
		"enforce": {nil, map[string]string{pia: "Guest", paul: "Guest", gus: "Guest"},
			map[string]string{piaName: "Guest", paulName: "Guest", "gus_partner.example#EXT#@x.example": "Guest"}, map[string]string{}, 0},
		"a wave by ids": {map[string]any{"wave_size": 1, "identify_users_by": "id"}, map[string]string{pia: "Guest", paul: "Member", gus: "Guest"},
			map[string]string{pia: "Guest", paul: "Member", gus: "Guest"}, map[string]string{paul: "Member, policy says Guest (partners are guests)"}, 1},
		"audit by ids": {map[string]any{"mode": "audit", "identify_users_by": "id", "wave_size": 1}, map[string]string{pia: "Guest", paul: "Guest", gus: "Guest"},
			map[string]string{pia: "Member", paul: "Member", gus: "Guest"},
			map[string]string{pia: "Member, policy says Guest (partners are guests)", paul: "Member, policy says Guest (partners are guests)"}, 0},
		"audit of who has no type": {map[string]any{"mode": "audit", "identify_users_by": "id", "rule": []any{rule("r", "Guest", map[string]any{"users": []string{nilsName}})}},
			map[string]string{nils: "Guest"}, map[string]string{}, map[string]string{nils: "no type, policy says Guest (r)"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := l.Plan(policyName, providertest.State{}, l.policy(x.more))
			for at, want := range map[string]map[string]string{"desired": x.desired, "assignments": x.assignments, "violations": x.violations} {
				if diff := cmp.Diff(want, object(t, p.Planned.Text(at))); diff != "" {
					t.Errorf("%s: got + beside want -\n%s", at, diff)
				}
			}
			if got := p.Planned.Get("remaining"); got != x.remaining {
				t.Errorf("remaining: got %v, want %d", got, x.remaining)
			}
			if p.Planned.Get("id") != providertest.Unknown || p.Planned.Get("directory") != nil ||
				p.Planned.Get("cross_tenant") != nil {
				t.Errorf("got %v", p.Planned.Value)
			}
		})
	}
}

func TestPolicy_Create(t *testing.T) {
	l := newLab(t)
	s := l.Make(policyName, providertest.State{}, l.policy(nil))
	if s.Text("id") == "" || s.Get("directory") != nil {
		t.Errorf("got %v", s.Value)
	}
	want := map[string]string{ann: "Member", pia: "Guest", paul: "Guest", gus: "Guest", olga: "Member", nils: ""}
	if diff := cmp.Diff(want, l.types()); diff != "" {
		t.Errorf("types: got + beside want -\n%s", diff)
	}
	// The same again writes nothing.
	before := maps.Clone(l.Written())
	p := l.Plan(policyName, s, l.policy(nil))
	providertest.Wants(t, "second plan", p.Said)
	if after, said := p.Apply(); said != "" || !after.Value.Equal(s.Value) {
		t.Errorf("second apply: got %s %v, want %v", said, after.Value, s.Value)
	}
	if diff := cmp.Diff(before, l.Written()); diff != "" {
		t.Errorf("the second apply wrote: %s", diff)
	}
}

// Who has the type already, since the plan, isn't written.
func TestPolicy_Create_DoneMeanwhile(t *testing.T) {
	l := newLab(t)
	p := l.Plan(policyName, providertest.State{}, l.policy(nil))
	if _, err := l.PutUser([]byte(`{"id":"` + pia + `","userType":"Guest"}`)); err != nil {
		t.Fatal(err)
	}
	s, said := p.Apply()
	if n := l.Written()["PATCH /v1.0/users/{id}"]; said != "" || !s.Exists() || n != 1 {
		t.Errorf("got %d writes, %s, want 1 and nothing said", n, said)
	}
}

func TestPolicy_Create_Gone(t *testing.T) {
	for name, between := range map[string]func(*lab){
		"before the apply looks": func(l *lab) {
			if err := l.DeleteObject(pia, false); err != nil {
				l.t.Fatal(err)
			}
		},
		"when it writes": func(l *lab) {
			providertest.Fault(l.t, l.Server, simulator.Fault{Kind: simulator.FaultStatus, Status: 404, Match: "PATCH /v1.0/users/*"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			p := l.Plan(policyName, providertest.State{}, l.policy(nil))
			between(l)
			s, said := p.Apply()
			providertest.Wants(t, "apply", said, "WARNING: Users are gone since the plan", "stay in assignments")
			if !s.Exists() || strings.Contains(said, "ERROR") {
				t.Errorf("got %v: %s", s.Value, said)
			}
		})
	}
}

// What the service refuses; no state is kept, and what was done is said.
func TestPolicy_Create_ServiceRefuses(t *testing.T) {
	for name, x := range map[string]struct {
		fault simulator.Fault
		want  []string
	}{
		"one user": {simulator.Fault{Kind: simulator.FaultStatus, Status: 403, Match: "PATCH /v1.0/users/*"},
			[]string{"ERROR: The service refused to convert 1 user", "Administrators can only be changed", "What was written before the failure", "1 user was converted", "No state is kept"}},
		"all users": {simulator.Fault{Kind: simulator.FaultStatus, Status: 400, Match: "PATCH /v1.0/users/*", Times: -1},
			[]string{"ERROR: The service refused to convert 2 users", paulName + ", " + piaName}},
		"every read": {simulator.Fault{Kind: simulator.FaultStatus, Status: 403, Match: "GET /v1.0/users", Times: -1},
			[]string{"ERROR", "Converting users failed"}},
		"the batch": {simulator.Fault{Kind: simulator.FaultStatus, Status: 400, Match: "POST /v1.0/$batch", Nth: 2},
			[]string{"ERROR: Converting users failed"}},
		"the look afterwards": {simulator.Fault{Kind: simulator.FaultStatus, Status: 400, Match: "POST /v1.0/$batch", Nth: 3},
			[]string{"ERROR: Waiting for the conversions to show failed", "2 users were converted"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			p := l.Plan(policyName, providertest.State{}, l.policy(nil))
			providertest.Fault(t, l.Server, x.fault)
			s, said := p.Apply()
			providertest.Wants(t, "apply", said, x.want...)
			if s.Exists() {
				t.Errorf("a state is kept: %v", s.Value)
			}
		})
	}
}

// The list lags behind what was written: no error, a warning.
func TestPolicy_Create_ListLags(t *testing.T) {
	ctx, use := providertest.Deadline(t, 2)
	s := providertest.Tenant(t, people, simulator.WithBehavior(func(b *simulator.Behavior) { b.ListLag = 100 }))
	l := &lab{client(t, providertest.Session(s, use)), s, t}
	state, said := l.Plan(policyName, providertest.State{}, l.policy(nil)).ApplyIn(ctx)
	providertest.Wants(t, "apply", said, "WARNING: Entra's list of users isn't up to date yet")
	if !state.Exists() || strings.Contains(said, "ERROR") {
		t.Errorf("got %v: %s", state.Value, said)
	}
}

func TestPolicy_Apply_WithoutEntra(t *testing.T) {
	l := newLab(t)
	offline := client(t, providertest.Session(l.Server, func(s *session.Setup) { s.SnapshotFile = "tenant.json" }))
	planned := offline.Plan(policyName, providertest.State{}, l.policy(nil)).Said
	providertest.Wants(t, "plan", planned, "By the snapshot, the policy wants another type for 2 users", piaName)
	for _, word := range []string{"convert", "undone", "written"} {
		if strings.Contains(strings.ReplaceAll(planned, "types are written back", ""), word) {
			t.Errorf("a plan from a snapshot speaks of writing (%s): %s", word, planned)
		}
	}
	for name, x := range map[string]struct {
		session *session.Session
		want    string
	}{
		"not configured": {nil, "The provider isn't configured yet"},
		"no credentials": {providertest.Session(l.Server, func(s *session.Setup) {
			s.Entra = func() (*entra.Client, error) {
				return nil, &tfutil.NotConfiguredError{Problem: "There is no tenant"}
			}
		}), "There is no tenant"},
		"a snapshot": {providertest.Session(l.Server, func(s *session.Setup) { s.SnapshotFile = "tenant.json" }), "nothing can be written"},
	} {
		t.Run(name, func(t *testing.T) {
			s, said := client(t, x.session).Plan(policyName, providertest.State{}, l.policy(nil)).Apply()
			providertest.Wants(t, "apply", said, "ERROR: Converting users needs more", x.want)
			if s.Exists() {
				t.Errorf("a state is kept: %v", s.Value)
			}
		})
	}
}

// An audit that isn't known at plan is looked at in the apply, and writes
// nothing.
func TestPolicy_Create_AuditUnknown(t *testing.T) {
	l := newLab(t)
	rules := l.policy(nil)["rule"]
	p := l.Plan(policyName, providertest.State{}, map[string]any{"directory": providertest.Unknown, "rule": rules})
	if got := p.Planned.Get("violations"); got != providertest.Unknown {
		t.Errorf("violations: got %v, want unknown", got)
	}
	p = p.Known(map[string]any{"directory": l.reading(), "rule": rules})
	s, said := p.Apply()
	if got := object(t, s.Text("violations")); said != "" || len(got) != 2 {
		t.Errorf("violations: got %v, %s, want two", got, said)
	}
	if writes := l.Written(); len(writes) > 0 {
		t.Errorf("an audit wrote %v", writes)
	}
	// A reading that turns out to be none.
	if _, said := p.Known(map[string]any{"directory": "nonsense", "rule": rules}).
		Apply(); !strings.Contains(
		said,
		"The reading can't be used",
	) {
		t.Errorf("got %q", said)
	}
}

// After a failure the state says what was written.
func TestPolicy_Update_ServiceRefuses(t *testing.T) {
	l := newLab(t)
	audit := l.Make(
		policyName,
		providertest.State{},
		l.policy(map[string]any{"mode": "audit", "identify_users_by": "id"}),
	)
	p := l.Plan(policyName, audit, l.policy(map[string]any{"identify_users_by": "id"}))
	providertest.Fault(
		t,
		l.Server,
		simulator.Fault{Kind: simulator.FaultStatus, Status: 403, Match: "PATCH /v1.0/users/*", Nth: 2},
	)
	s, said := p.Apply()
	providertest.Wants(
		t,
		"apply",
		said,
		"ERROR: The service refused to convert 1 user",
		"1 user was converted",
		"The state says so",
	)
	now := l.types()
	want := map[string]string{pia: now[pia], paul: now[paul], gus: "Guest"}
	if diff := cmp.Diff(want, object(t, s.Text("assignments"))); diff != "" || now[pia] == now[paul] {
		t.Errorf("assignments: got + beside want -\n%s", diff)
	}
	if got := s.Text("mode"); got != "audit" {
		t.Errorf("mode: got %q, want that of before", got)
	}
}

func TestPolicy_Update_Converts(t *testing.T) {
	l := newLab(t)
	first := l.Make(policyName, providertest.State{}, l.policy(map[string]any{"wave_size": 1}))
	second := l.Make(policyName, first, l.policy(map[string]any{"wave_size": 1}))
	if got := l.types(); got[pia] != "Guest" || got[paul] != "Guest" {
		t.Errorf("types: got %v, want both guests", got)
	}
	if first.Get("remaining") != int64(1) || second.Get("remaining") != int64(0) ||
		first.Text("id") != second.Text("id") {
		t.Errorf("got %v, then %v", first.Value, second.Value)
	}
}

// A name of the rules goes on meaning what it meant.
func TestPolicy_Plan_NameTaken(t *testing.T) {
	l := newLab(t)
	rules := map[string]any{
		"mode": "audit",
		"rule": []any{rule("r", "Guest", map[string]any{"groups": []string{"Team"}})},
	}
	s := l.Make(policyName, providertest.State{}, l.policy(rules))
	if err := l.DeleteObject(team, false); err != nil {
		t.Fatal(err)
	}
	if _, err := l.PutGroup(
		[]byte(`{"id":"22222222-2222-4222-8222-000000000009","displayName":"Team","securityEnabled":true}`),
	); err != nil {
		t.Fatal(err)
	}
	p := l.Plan(policyName, s, l.policy(rules))
	providertest.Wants(t, "plan", p.Said, "ERROR (rule)", "Team", team)
	// A state of an edition that kept no names is planned anew.
	if got := l.Plan(policyName, s.With("resolved", nil), l.policy(rules)).Said; strings.Contains(got, "ERROR") {
		t.Errorf("without kept names: got %q", got)
	}
}

// Who was changed back since the last apply is drift, and the plan says by
// whom as far as it can.
func TestPolicy_Plan_Drift(t *testing.T) {
	source := func(homes ...string) []any {
		return []any{
			map[string]any{"home_domains": homes, "mapping": `{"version":1,"object":{"source":"User","target":"User"},
 "manage":"all","attributes":{"userType":{"expression":"\"Member\""}}}`},
		}
	}
	for name, x := range map[string]struct {
		cross any
		want  string
	}{
		"nobody knows": {nil, "Somebody else wrote it, another policy perhaps"},
		"the source wrote": {source("partner.example", "old.example"), "As far as can be told, the source tenant " +
			"wrote it back"},
		"some of both": {source("partner.example"), "Of 1 of them, as far as can be told"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			rules := []any{
				rule("all", "Guest", map[string]any{"home_domains": []string{"partner.example", "old.example"}}),
			}
			s := l.Make(policyName, providertest.State{}, l.policy(map[string]any{"rule": rules}))
			for _, id := range []string{pia, nils} {
				if _, err := l.PutUser([]byte(`{"id":"` + id + `","userType":"Member"}`)); err != nil {
					t.Fatal(err)
				}
			}
			got := l.Plan(policyName, s, l.policy(map[string]any{"rule": rules, "cross_tenant": x.cross})).Said
			providertest.Wants(t, "plan", got, "Drift: the type of 2 users changed since the last "+
				"apply", piaName, x.want)
		})
	}
}

func TestPolicy_Read(t *testing.T) {
	l := newLab(t)
	s := l.Make(policyName, providertest.State{}, l.policy(map[string]any{"identify_users_by": "id"}))
	if _, err := l.PutUser([]byte(`{"id":"` + pia + `","userType":"Member"}`)); err != nil {
		t.Fatal(err)
	}
	if err := l.DeleteObject(gus, false); err != nil {
		t.Fatal(err)
	}
	now, said := l.Read(policyName, s)
	providertest.Wants(t, "read", said)
	if diff := cmp.Diff(
		map[string]string{pia: "Member", paul: "Guest"},
		object(t, now.Text("assignments")),
	); diff != "" {
		t.Errorf("assignments: got + beside want -\n%s", diff)
	}
	for name, x := range map[string]struct {
		cli   *providertest.CLI
		state providertest.State
	}{
		"not configured": {client(t, nil), s},
		"holds nobody":   {l.CLI, s.With("desired", "{}")},
		"unreadable":     {l.CLI, s.With("desired", "nonsense")},
	} {
		got, said := x.cli.Read(policyName, x.state)
		if said != "" || !got.Value.Equal(x.state.Value) {
			t.Errorf("%s: got %v, %s, want the state as it was", name, got.Value, said)
		}
	}
	providertest.Fault(
		t,
		l.Server,
		simulator.Fault{Kind: simulator.FaultStatus, Status: 403, Match: "POST /v1.0/$batch", Times: -1},
	)
	if _, said := l.Read(policyName, s); !strings.Contains(said, "ERROR: Reading the types of users failed") {
		t.Errorf("the service refuses: got %q", said)
	}
}

// Destroying leaves people as they are.
func TestPolicy_Delete(t *testing.T) {
	l := newLab(t)
	s := l.Make(policyName, providertest.State{}, l.policy(nil))
	before := maps.Clone(l.Written())
	after, said := l.Destroy(policyName, s)
	if said != "" || after.Exists() || !maps.Equal(before, l.Written()) {
		t.Errorf("got %v, %s, writes %v, want none beside %v", after.Value, said, l.Written(), before)
	}
}

// A context that ends says that it was interrupted.
func TestPolicy_Create_Interrupted(t *testing.T) {
	l := newLab(t)
	p := l.Plan(policyName, providertest.State{}, l.policy(nil))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, said := p.ApplyIn(ctx)
	providertest.Wants(t, "apply", said, "ERROR: Converting users was interrupted")
	if s.Exists() {
		t.Errorf("a state is kept: %v", s.Value)
	}
}

func TestRefusedUsers(t *testing.T) {
	got := refusedUsers(
		map[string]error{
			"b": &entra.Error{Status: http.StatusBadRequest, Message: "two"},
			"a": &entra.Error{Status: http.StatusConflict, Message: "one"},
		},
	)
	if got.Summary() != "The service refused to convert 2 users" ||
		!strings.HasPrefix(got.Detail(), "a, b. The first: ") ||
		strings.Contains(got.Detail(), "Administrators") {
		t.Errorf("got %q: %q", got.Summary(), got.Detail())
	}
}
