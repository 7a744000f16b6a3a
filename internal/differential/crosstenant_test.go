package differential

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const targetTenant = "22222222-bbbb-4bbb-8bbb-222222222222"

// crossStory is a drawn history of a job that fills another tenant.
type crossStory struct {
	draws
	*world // the source
	target *world
	seen   occurred
	told   []string
	// accepted is the source's outcome, whole what it is where no state is lost.
	accepted, whole *outcome.Outcome
	// last is whether users were enabled at the last cycle: only of who changed does the job
	// write anything [cross-tenant 5], and every job that is drawn maps that.
	last map[string]directory.OptionalBool
	// looked says that the prediction knows the target; assumed are those of whom an outcome
	// once didn't, so that what it expects of them may be otherwise.
	looked  bool
	assumed map[string]bool
}

// begin draws both tenants and the job.
func (s *crossStory) begin(t testing.TB, dir string) {
	now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	open := func(seed map[string]any, sub string) *world {
		server, err := simulator.New(
			strings.NewReader(string(marshal(seed))), simulator.WithClock(func() time.Time { return now }),
		)
		if err != nil {
			t.Fatal(err)
		}
		return &world{fail: s.Fatalf, server: server, dir: dir + "/" + sub}
	}
	var source map[string]any
	if err := json.Unmarshal([]byte(s.seed()), &source); err != nil {
		s.Fatal(err)
	}
	entra := source["entra"].(map[string]any)
	home := entra["tenant_id"].(string)
	entra["cross_tenant_partners"] = []any{map[string]any{
		"tenantId":                     targetTenant,
		"automaticUserConsentSettings": map[string]any{"outboundAllowed": true},
	}}
	s.world, s.target = open(source, "source"), open(s.targetSeed(home), "target")
	if err := s.server.LinkTenant(s.target.server); err != nil {
		s.Fatal(err)
	}
	var job struct{ ID string }
	s.call("POST", "/jobs", `{"templateId":"Azure2Azure"}`, &job)
	s.jobID = job.ID
	s.call("PUT", "/secrets", `{"value":[{"key":"CompanyId","value":"`+targetTenant+`"},`+
		`{"key":"AuthenticationType","value":"SyncPolicy"}]}`, nil)
	assigned := []string{"g-staff"}
	for _, id := range []string{"g-team", "g-mail", "ann"} {
		if s.chance("assigned", 2) {
			assigned = append(assigned, id)
		}
	}
	if err := s.server.SetAssigned("app", assigned...); err != nil {
		s.Fatal(err)
	}
	s.rows()
}

// targetSeed draws who was invited to the target before.
func (s *crossStory) targetSeed(source string) map[string]any {
	users := []any{map[string]any{
		"id": "own", "displayName": "Own", "userPrincipalName": "ann@host.example", "mail": "own@host.example",
		"userType": "Member", "accountEnabled": true,
	}}
	for _, id := range people {
		if s.chance("invited before", 4) {
			users = append(users, map[string]any{
				"id": "i-" + id, "displayName": id, "mail": id + "@company.com",
				"userPrincipalName": id + "_company.com#EXT#@host.onmicrosoft.com",
				"userType":          pick(s.draws, "invited as", "Guest", "Member"),
				"creationType":      "Invitation", "externalUserState": "Accepted", "accountEnabled": true,
			})
		}
	}
	return map[string]any{"version": 1, "entra": map[string]any{
		"tenant_id": targetTenant,
		"domains": []any{
			map[string]any{"id": "host.onmicrosoft.com", "isInitial": true, "isVerified": true},
			map[string]any{"id": "host.example", "isDefault": true, "isVerified": true},
		},
		"users": users, "groups": []any{},
		"cross_tenant_partners": []any{map[string]any{
			"tenantId":                     source,
			"automaticUserConsentSettings": map[string]any{"inboundAllowed": true},
			"identitySynchronization": map[string]any{
				"displayName": "Source", "userSyncInbound": map[string]any{"isSyncAllowed": true},
			},
		}},
	}, "organizations": map[string]any{organization: map[string]any{
		"organization_id": "org", "accounts": []any{}, "groups": []any{}, "domains": []any{},
	}}}
}

// rows draws how the type is written, what the job does, and a filter.
func (s *crossStory) rows() {
	s.schema(func(users, _ map[string]any) {
		users["flowTypes"] = "Add,Update,Delete"
		if s.chance("odd actions", 5) {
			users["flowTypes"] = pick(s.draws, "actions", "Update,Delete", "Add,Delete", "Add,Update")
		}
		keep := []string{
			"alternativeSecurityIds",
			"userPrincipalName",
			"accountEnabled",
			"IsSoftDeleted",
			"displayName",
		}
		if !s.chance("mail isn't mapped", 8) {
			keep = append(keep, "mail")
		}
		var rows []any
		for _, row := range users["attributeMappings"].([]any) {
			if slices.Contains(keep, fmt.Sprint(row.(map[string]any)["targetAttributeName"])) {
				rows = append(rows, row)
			}
		}
		if !s.chance("no userType", 12) {
			typ := pick(s.draws, "type as", `"Member"`, `"Guest"`, `IIF([department]="Sales", "Member", "Guest")`)
			row := functionRow("userType", typ, "IIF")
			row["flowType"] = pick(s.draws, "written", "ObjectAddOnly", "Always")
			rows = append(rows, row)
		}
		users["attributeMappings"] = rows
		scope := users["scope"].(map[string]any)
		scope["groups"] = []any{}
		if s.chance("a filter", 5) {
			scope["groups"] = []any{map[string]any{"name": "f", "clauses": []any{map[string]any{
				"sourceOperandName": "department", "operatorName": "EQUALS",
				"targetOperand": map[string]any{"values": []string{"Sales"}},
			}}}}
		}
	})
}

// turn changes one thing in one of the tenants, or in the job.
func (s *crossStory) turn() string {
	id := pick(s.draws, "whom", people...)
	group := pick(s.draws, "which group", "g-staff", "g-below", "g-team", "g-mail")
	what := pick(s.draws, "what", "enabled", "department", "join", "leave", "mail", "type", "job", "there")
	put := func(name string, value any) {
		if _, err := s.server.PutUser(marshal(map[string]any{"id": id, name: value})); err != nil {
			s.Fatal(err)
		}
	}
	switch what {
	case "enabled":
		put("accountEnabled", pick(s.draws, "enabled", true, false))
	case "department":
		put("department", pick(s.draws, "department", "Sales", "Legal"))
	case "mail":
		put("mail", pick[any](s.draws, "mail", nil, id+"@company.com", id+"@gmail.com"))
	case "type":
		put("userType", pick(s.draws, "type", "Member", "Guest"))
	case "join":
		_ = s.server.AddMember(group, id)
	case "leave":
		_ = s.server.RemoveMember(group, id)
	case "job":
		s.rows()
	case "there": // somebody converts a user in the target
		if u, found := s.people()[id]; found {
			typ := pick(s.draws, "converted to", "Member", "Guest")
			if _, err := s.target.server.PutUser(marshal(map[string]any{"id": u.id, "userType": typ})); err != nil {
				s.Fatal(err)
			}
			s.assumed[id] = true
		}
	}
	return what + " " + id
}

// foreign is a user of the target who comes from the source.
type foreign struct {
	id, typ string
	enabled bool
}

// people are the users of the target by the object id that they have in the source.
func (s *crossStory) people() map[string]foreign {
	out := map[string]foreign{}
	d := s.target.readTenant().directory
	for i := range d.Users {
		u := &d.Users[i]
		id, err := s.target.server.AlternativeSecurityID(u.ID)
		if err != nil {
			s.Fatal(err)
		}
		if home, _, found := strings.Cut(u.UserPrincipalName, "_company.com#EXT#"); id == "" && found {
			id = home
		}
		if id != "" {
			out[id] = foreign{u.ID, u.UserType, u.AccountEnabled == directory.True}
		}
	}
	return out
}

// predict decides in the source, with the target read or not, after what was accepted.
func (s *crossStory) predict(
	before state, there *directory.Directory, accepted *outcome.Outcome,
) (*decision.Result, *outcome.Outcome) {
	l := directory.NewLookup(before.directory)
	q := decision.Request{Connector: decision.CrossTenantSync, TargetDirectory: there, Kept: accepted.Kept()}
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

// typeOf is the type that a decision gives, "" for none.
func typeOf(d decision.Decision) string {
	switch d.Code {
	case reason.MemberCreated:
		return decision.TypeMember
	case reason.GuestCreated:
		return decision.TypeGuest
	default:
		return ""
	}
}

// compare holds a prediction against what came of it. whole is that of an outcome which knows all of the history,
// r itself where no state was lost: one that is made anew says "history" among what it didn't look at.
func (s *crossStory) compare(r, whole *decision.Result, before, after map[string]foreign) (problems []string) {
	for i := range int32(len(r.Decisions)) {
		u, d := &r.Directory.Users[i], r.Decisions[i]
		if !r.InScope(i) {
			continue
		}
		s.seen[d.Code.String()]++
		s.seen["action "+d.Action.String()]++
		was, had := before[u.ID]
		is, has := after[u.ID]
		otherwise := d.Code != whole.Decisions[i].Code
		say := func(format string, args ...any) {
			problems = append(problems, fmt.Sprintf("%s: predicted %s [%s], was %t %+v, is %t %+v: ", u.ID, r.Text(i),
				d.Action, had, was, has, is)+fmt.Sprintf(format, args...))
		}
		switch d.Code.Verdict() {
		case decision.Unknown:
		case decision.Sync:
			switch {
			case otherwise:
				// Whether the job deleted them went with the state: who knows the history says so.
			case !is.enabled:
				say("not there")
			case is.typ == typeOf(d):
			case had && is.typ == was.typ && s.last[u.ID] == u.AccountEnabled && d.Action == reason.ActionUpdate:
				// "At the next change" [cross-tenant 3]: there was none.
			case had && is.typ == was.typ && !s.looked && (d.Action == reason.ActionCreateOrKeep || s.assumed[u.ID]):
				// The target wasn't read ("target_tenant" is what the outcome says it didn't look at): who
				// was invited before, or was converted there, isn't known.
			default:
				say("not of that type")
			}
		case decision.Skip:
			switch {
			case !is.enabled, had && was.enabled, d.Code == reason.DuplicateAddress:
			case otherwise && whole.Decisions[i].Code == reason.LinkUnknown:
				// Whether the job deleted them, so that they are restored, went with the state.
			case had && !s.looked && d.Code == reason.MailDomainNotVerified && s.assumed[u.ID]:
				// Of who is there already no verified domain is asked, and the target wasn't read.
			default:
				say("there")
			}
		}
	}
	return problems
}

// agree holds what the target's outcome is told of the job against what the source's says.
func (s *crossStory) agree(r *decision.Result, before state, there *directory.Directory) (problems []string) {
	job := &before.directory.Jobs[0]
	m, err := decision.UserMapping(job, nil)
	if err != nil {
		s.Fatalf("%v", err)
	}
	effective, err := m.Effective()
	if err != nil {
		s.Fatalf("%v", err)
	}
	types, texts, err := decision.WrittenBack(
		[]decision.CrossTenant{{Mapping: effective, Source: before.directory}}, there)
	if err != nil {
		s.Fatalf("%v", err)
	}
	a := m.Attributes["userType"]
	always := m.Maps("userType") && (a.Apply == "" || a.Apply == "always") &&
		slices.Contains(m.Actions, mapping.ActionUpdate)
	want, comes := map[string]string{}, []string{}
	pairs := s.people()
	for i := range r.Decisions {
		u, d := &r.Directory.Users[i], r.Decisions[i]
		f, found := pairs[u.ID]
		switch {
		case d.Code.Verdict() != decision.Sync:
			if d.Code == reason.AccountDisabled || d.Code == reason.AccountDeactivated ||
				d.Code == reason.DuplicateAddress {
				delete(types, f.id) // its type is written all the same
			}
		case found && always:
			want[f.id] = typeOf(d)
		case !found && d.Action == reason.ActionCreate:
			comes = append(comes, u.UserPrincipalName)
		}
	}
	if !maps.Equal(types, want) {
		problems = append(problems, fmt.Sprintf("the target is told %v, the source says %v", types, want))
	}
	slices.Sort(comes)
	told := ""
	for _, text := range texts {
		if _, names, found := strings.Cut(text, "would newly come: "); found {
			told, _, _ = strings.Cut(names, ". They")
		}
	}
	if names := strings.Join(comes, ", "); told != names {
		problems = append(problems, fmt.Sprintf("the target is told that %q come, the source says %q", told, names))
	}
	return problems
}

// round is a prediction, which both tenants share, and a cycle.
func (s *crossStory) round(n int) {
	if n > 0 {
		for range rapid.IntRange(0, 3).Draw(s.T, "changes") {
			s.told = append(s.told, s.turn())
		}
	}
	before, there := s.world.read(), s.target.readTenant().directory
	was := s.people()
	alone, _ := s.predict(before, there, nil) // the target's side knows nothing of the source's history
	problems := s.agree(alone, before, there)
	if s.looked = !s.chance("target not read", 2); !s.looked {
		there = nil
	}
	whole, all := s.predict(before, there, s.whole)
	r, o := whole, all
	if s.accepted != s.whole {
		r, o = s.predict(before, there, s.accepted)
	}
	for i := range whole.Decisions {
		if whole.InScope(int32(i)) {
			s.told = append(s.told, fmt.Sprintf("\n  %s: %s", whole.Directory.Users[i].ID, whole.Text(int32(i))))
		}
	}
	s.told = append(s.told, "; cycle: ")
	s.cycle()
	problems = append(problems, s.compare(whole, whole, was, s.people())...)
	if r != whole {
		problems = append(problems, s.compare(r, whole, was, s.people())...)
	}
	if len(problems) > 0 {
		s.Fatalf("round %d after %v:\n%s", n, s.told, strings.Join(problems, "\n"))
	}
	s.accepted, s.whole, s.last = o, all, map[string]directory.OptionalBool{}
	for i := range before.directory.Users {
		s.last[before.directory.Users[i].ID] = before.directory.Users[i].AccountEnabled
	}
	for id := range was {
		s.assumed[id] = s.assumed[id] || !s.looked
	}
	if s.chance("state lost", 6) {
		s.accepted = nil
	}
}

// TestDifferential_CrossTenant is [TestDifferential] for cross-tenant synchronization,
// and holds what an outcome of the source says against what one of the target is told.
func TestDifferential_CrossTenant(t *testing.T) {
	sameHistories(t)
	seen := occurred{}
	dir := t.TempDir()
	for _, sub := range []string{"source", "target"} {
		if err := os.Mkdir(dir+"/"+sub, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		s := &crossStory{draws: draws{rt}, seen: seen, assumed: map[string]bool{}}
		s.begin(t, dir)
		s.start()
		for n := range rapid.IntRange(2, 4).Draw(rt, "rounds") {
			s.round(n)
		}
		seen["histories"]++
	})
	t.Logf("occurred: %v", seen)
}
