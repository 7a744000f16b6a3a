package differential

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/scimapp"
)

const applicationID = "it"

// appStory is a drawn history of a job into a SCIM application.
type appStory struct {
	draws
	*world
	seen    occurred
	told    []string
	profile string
	// accepted is what was, whole what is accepted where no state is lost.
	accepted, whole *outcome.Outcome
}

// begin draws the tenant, the application's kind, and the job.
func (s *appStory) begin(t testing.TB, dir string) {
	s.profile = pick(s.draws, "profile", "generic", "aws_iam_identity_center", "github_enterprise_managed_user")
	rules := scimapp.Kinds()[s.profile]
	if s.profile == "github_enterprise_managed_user" {
		rules = scimapp.ManagedUsers(strings.Repeat("o", rapid.IntRange(3, 8).Draw(s.T, "short code")))
	}
	s.world = newWorld(t, dir, s.Fatalf, s.seed())
	if err := s.server.AddApplication(applicationID, "", rules); err != nil {
		s.Fatal(err)
	}
	s.call("PUT", "/secrets", fmt.Sprintf(
		`{"value":[{"key":"BaseAddress","value":%q},{"key":"SecretToken","value":%q}]}`,
		base+scimapp.Path(applicationID), simulator.DefaultSecretToken), nil)
	assigned := []string{"g-staff"}
	for _, id := range []string{"g-team", "g-mail", "ann"} {
		if s.chance("assigned", 2) {
			assigned = append(assigned, id)
		}
	}
	if err := s.server.SetAssigned("app", assigned...); err != nil {
		s.Fatal(err)
	}
	for _, id := range people {
		s.names(id)
	}
	s.rows(true)
}

// names draws what a user's names are at the application: mostly good ones.
func (s *appStory) names(id string) {
	u := map[string]any{"id": id}
	switch {
	case s.chance("odd login", 3):
		u["givenName"] = pick[any](
			s.draws,
			"login",
			nil,
			"The.Octocat",
			"the!octocat",
			"a..b",
			"-x",
			"no: one",
			strings.Repeat(
				"l",
				31,
			),
			strings.Repeat("l", 33),
			strings.Repeat("l", 36),
			"octo@one.example",
			"octo@two.example",
		)
	case s.chance("another's login", 3):
		u["givenName"] = pick(s.draws, "whose login", people...)
	default:
		u["givenName"] = id
	}
	u["surname"], u["displayName"] = "X", id
	if s.chance("odd name", 6) {
		u[pick(s.draws, "which", "surname", "displayName")] = pick[any](s.draws, "name", nil, "Semi;colon", "100 %")
	}
	s.put(u)
}

func (s *appStory) put(u map[string]any) {
	if _, err := s.server.PutUser(marshal(u)); err != nil {
		s.Fatal(err)
	}
}

// rows draws the job's mapping of users.
func (s *appStory) rows(active bool) {
	s.schema(func(users, groups map[string]any) {
		users["flowTypes"] = "Add, Update, Delete"
		if s.chance("odd actions", 5) {
			users["flowTypes"] = pick(s.draws, "actions", "Update, Delete", "Add, Delete", "Add, Update")
		}
		groups["enabled"] = !s.chance("no groups", 6)
		match := pick(
			s.draws,
			"matched by",
			"userName",
			"userName",
			"userName",
			"externalId",
			"externalId",
			"displayName",
		)
		row := func(target, source string) any {
			priority := 0
			if target == match {
				priority = 1
			}
			return attributeRow(target, source, priority)
		}
		rows := []any{
			row("userName", pick(s.draws, "userName of", "givenName", "givenName", "userPrincipalName")),
			row("externalId", "objectId"), row("displayName", "displayName"), row("name.familyName", "surname"),
			row("name.givenName", "givenName"),
		}
		switch {
		case s.chance("another e-mail", 10):
			rows = append(rows, row(`emails[type eq "other"].value`, "mail"))
		default:
			rows = append(rows, row(emailTarget, "mail"))
		}
		if s.chance("two telephones", 10) {
			rows = append(rows, row(`phoneNumbers[type eq "work"].value`, "department"),
				row(`phoneNumbers[type eq "mobile"].value`, "department"))
		}
		if active && !s.chance("no active", 8) {
			rows = append(rows, functionRow("active", "Not([IsSoftDeleted])", "Not"))
		}
		users["attributeMappings"] = rows
		scope := map[string]any{"groups": []any{}, "inputFilterGroups": []any{}, "categoryFilterGroups": []any{}}
		if s.chance("a filter", 5) {
			scope[pick(s.draws, "kind of filter", "groups", "inputFilterGroups")] = []any{map[string]any{
				"name": "f", "clauses": []any{map[string]any{
					"sourceOperandName": "department", "operatorName": "EQUALS",
					"targetOperand": map[string]any{"values": []string{"Sales"}},
				}},
			}}
		}
		users["scope"] = scope
	})
}

// turn changes one thing in the tenant or in the job.
func (s *appStory) turn() string {
	id := pick(s.draws, "whom", people...)
	group := pick(s.draws, "which group", "g-staff", "g-below", "g-team", "g-mail")
	what := pick(
		s.draws,
		"what",
		"names",
		"names",
		"enabled",
		"department",
		"join",
		"leave",
		"mail",
		"job",
		"successor",
		"nothing brings back",
		"out",
		"all in",
	)
	switch what {
	case "names":
		s.names(id)
	case "enabled":
		s.put(map[string]any{"id": id, "accountEnabled": pick(s.draws, "enabled", true, false)})
	case "department":
		s.put(map[string]any{"id": id, "department": pick(s.draws, "department", "Sales", "Legal")})
	case "mail":
		s.put(map[string]any{"id": id, "mail": pick[any](s.draws, "mail", nil, id+"@company.com")})
	case "join":
		_ = s.server.AddMember(group, id)
	case "leave":
		_ = s.server.RemoveMember(group, id)
	case "successor": // somebody comes by the login of another, who is disabled, or leaves
		heir := pick(s.draws, "who comes", people...)
		s.put(map[string]any{"id": heir, "givenName": id, "accountEnabled": true})
		_ = s.server.AddMember("g-staff", heir)
		if s.chance("disabled", 2) {
			s.put(map[string]any{"id": id, "givenName": id, "accountEnabled": false})
		} else {
			_ = s.server.RemoveMember("g-staff", id)
		}
	case "job":
		s.rows(true)
	case "out":
		for _, g := range []string{"g-staff", "g-below", "g-team", "g-mail"} {
			_ = s.server.RemoveMember(g, id)
		}
	case "all in":
		for _, u := range people {
			_ = s.server.AddMember("g-staff", u)
		}
	case "nothing brings back": // who was disabled is enabled, and the job maps active no more
		for _, u := range people {
			s.put(map[string]any{"id": u, "accountEnabled": true})
		}
		s.rows(false)
	}
	return what + " " + id
}

// predict decides after what was accepted last.
func (s *appStory) predict(before state, accepted *outcome.Outcome) (*decision.Result, *outcome.Outcome) {
	l := directory.NewLookup(before.directory)
	q := decision.Request{Connector: decision.SCIMApplication, Application: s.profile, Kept: accepted.Kept()}
	settings, _, err := q.Resolve(l, before.directory)
	if err != nil {
		s.Fatalf("%v", err)
	}
	e, err := decision.NewEngineAfter(before.directory, l, &directory.Organization{}, settings, accepted.History())
	if err != nil {
		s.Fatalf("%v", err)
	}
	r := e.Decide()
	o := outcome.Of(r, accepted)
	o.Expect(r)
	text, err := o.Encode()
	if err == nil {
		o, err = outcome.DecodeOutcome(text)
	}
	if err != nil {
		s.Fatalf("%v", err)
	}
	return r, o
}

// there are the users at the application, by the object id that the job sends. Of somebody who has several, since
// they weren't found when they came back, it is the one that the job manages.
func (s *appStory) there() map[string]scimapp.Person {
	out := map[string]scimapp.Person{}
	links := s.server.Registry.Find("app", false).Job(s.jobID).Links
	for _, p := range s.server.People(applicationID) {
		if l := links[p.ExternalID]; l == nil || l.Target == p.ID || out[p.ExternalID].ID == "" {
			out[p.ExternalID] = p
		}
	}
	return out
}

// told are what a prediction says of who is there, in which groups.
func told(r *decision.Result, i int32) string {
	return fmt.Sprint(r.Decisions[i].Code.Verdict(), r.Decisions[i].Warnings&reason.RestartNeeded, r.GroupsOf(i))
}

// compare holds a prediction against what came of it. whole is that of an outcome which knows all of the history,
// r itself where no state was lost: one that is made anew says "history" among what it didn't look at, and
// assumes no obstacle there.
func (s *appStory) compare(r, whole *decision.Result, before, after map[string]scimapp.Person) (problems []string) {
	for i := range int32(len(r.Decisions)) {
		u, d := &r.Directory.Users[i], r.Decisions[i]
		if !r.InScope(i) {
			continue
		}
		otherwise := told(r, i) != told(whole, i)
		s.seen[d.Code.String()]++
		s.seen["action "+d.Action.String()]++
		for _, w := range d.Warnings.Names() {
			s.seen["warning "+w]++
		}
		was, had := before[u.ID]
		is, has := after[u.ID]
		basis := ""
		if h := s.whole.History(); h.User != nil {
			basis = fmt.Sprintf("%+v %+v", h.User(u.ID), h.Records)
		}
		say := func(format string, args ...any) {
			problems = append(problems, fmt.Sprintf(
				"%s at %s: predicted %s [%s], was %t %+v, is %t %+v, history %s: ",
				u.ID,
				s.profile,
				r.Text(i),
				d.Action,
				had,
				was,
				has,
				is,
				basis,
			)+s.logged(u.ID)+fmt.Sprintf(format, args...))
		}
		switch d.Code.Verdict() {
		case decision.Unknown:
		case decision.Sync:
			switch {
			case d.Warnings&reason.RestartNeeded != 0:
				// Whether the service notices somebody who comes back isn't known, and the warning says so.
			case otherwise:
				// The obstacle went with the state: who knows the history says so.
			case is.Active && !slices.Equal(r.GroupsOf(i), come(r, is.Groups)):
				say("groups: want %v", r.GroupsOf(i))
			case is.Active:
			default:
				say("not there")
			}
		case decision.Skip:
			switch {
			case !is.Active, had && was.Active, d.Code == reason.DuplicateAddress:
			case otherwise && slices.ContainsFunc(slices.Collect(maps.Values(before)),
				func(p scimapp.Person) bool { return p.ID == is.ID }):
				// The record of somebody who left: that it is there went with the state.
			default:
				say("there")
			}
		}
	}
	return problems
}

// logged is what the job's log says last of a user.
func (s *appStory) logged(id string) string {
	logs := s.server.Registry.Logs
	for k := len(logs) - 1; k >= 0; k-- {
		var e struct {
			ProvisioningAction string
			SourceIdentity     struct{ ID string }
			Info               struct {
				ErrorInformation struct{ ErrorCode, Reason string }
			} `json:"provisioningStatusInfo"`
		}
		if json.Unmarshal(logs[k], &e) == nil && e.SourceIdentity.ID == id {
			why := e.Info.ErrorInformation
			return fmt.Sprintf("log %s %s %s: ", e.ProvisioningAction, why.ErrorCode, why.Reason)
		}
	}
	return ""
}

// come are groups without those that the job's mapping of groups is off for: they stay at
// the application as they are, and nothing is said of them.
func come(r *decision.Result, groups []string) []string {
	return slices.DeleteFunc(slices.Clone(groups), func(name string) bool {
		return slices.ContainsFunc(r.HeldGroups(), func(g decision.HeldGroup) bool {
			return g.Name == name && g.Obstacle == "mapping_off"
		})
	})
}

// TestDifferential_Application is [TestDifferential] for SCIM applications.
func TestDifferential_Application(t *testing.T) {
	sameHistories(t)
	seen := occurred{}
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		s := &appStory{draws: draws{rt}, seen: seen}
		s.begin(t, dir)
		s.start()
		for n := range rapid.IntRange(2, 4).Draw(rt, "rounds") {
			if n > 0 {
				for range rapid.IntRange(0, 3).Draw(rt, "changes") {
					s.told = append(s.told, s.turn())
				}
			}
			before := s.there()
			now := s.read()
			whole, all := s.predict(now, s.whole)
			r, o := whole, all
			if s.accepted != s.whole {
				r, o = s.predict(now, s.accepted)
			}
			for i := range int32(len(r.Decisions)) {
				s.told = append(
					s.told,
					fmt.Sprintf("\n  %s: %s, %s", r.Directory.Users[i].ID, r.Text(i), r.UserName(i)),
				)
			}
			s.told = append(s.told, "; cycle: ")
			s.cycle()
			problems := s.compare(whole, whole, before, s.there())
			if r != whole {
				problems = append(problems, s.compare(r, whole, before, s.there())...)
			}
			if len(problems) > 0 {
				rt.Fatalf("round %d after %v:\n%s", n, s.told, strings.Join(problems, "\n"))
			}
			s.accepted, s.whole = o, all
			if s.chance("state lost", 6) {
				s.accepted = nil
			}
		}
		seen["histories"]++
	})
	t.Logf("occurred: %v", seen)
	if seen["histories"] < 5000 {
		return
	}
	for _, c := range applicationCanOccur() {
		if seen[c.String()] < 50 {
			t.Errorf("%s occurs %d times in %d histories, want 50", c, seen[c.String()], seen["histories"])
		}
	}
}

// applicationCanOccur are the codes that a history over a SCIM application can have.
func applicationCanOccur() []reason.Code {
	return []reason.Code{
		reason.Provisioned, reason.RequiredAttributeMissing, reason.ValueNotAccepted, reason.ValueTooLong,
		reason.AttributeUnknown, reason.DuplicateAddress, reason.MatchingUnsupported, reason.AccountDisabled,
		reason.ScopingFilter, reason.NestedOnly, reason.LinkUnknown, reason.AddressTaken, reason.NameUnknown,
		reason.AccountDeactivated,
	}
}
