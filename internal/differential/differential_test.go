package differential

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/held"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
)

// prediction is what the engine says before a cycle.
type prediction struct {
	engine  *decision.Engine
	result  *decision.Result
	outcome *outcome.Outcome
	// accounts says that the organization's accounts and groups were looked at.
	accounts, records bool
	// looked says that they were in every round.
	looked bool
	// stale says that the history doesn't know of every cycle.
	stale bool
	// shared are who shared an address: which of them has a record isn't known.
	shared  map[string]bool
	history decision.History
}

func (p prediction) basis(id string) *decision.Basis {
	if p.history.User == nil {
		return nil
	}
	return p.history.User(id)
}

// knows reports that the history knows what was sent of a user.
func (p prediction) knows(id string) bool {
	if p.stale || p.history.User == nil || !slices.Equal(p.history.Covered, p.engine.Covered()) {
		return false
	}
	b := p.basis(id)
	return b != nil && b.Link == held.Linked && b.Sent != 0
}

// predict decides with what of the target is looked at, after the last accepted
// outcome.
func (w *world) predict(s state, accounts, records bool, accepted *outcome.Outcome) prediction {
	org := *s.organization
	if !accounts {
		org.AccountsCovered, org.Accounts, org.Groups = false, nil, nil
	}
	if records {
		org.Records = s.records
	}
	l := directory.NewLookup(s.directory)
	q := decision.Request{Connector: decision.SCIM, Kept: accepted.Kept()}
	settings, _, err := q.Resolve(l, s.directory)
	if err != nil {
		w.fail("%v", err)
	}
	e, err := decision.NewEngineAfter(s.directory, l, &org, settings, accepted.History())
	if err != nil {
		w.fail("%v", err)
	}
	r := e.Decide()
	o := outcome.Of(r, accepted)
	o.Expect(r)
	o.Remember(accepted, nil, nil, false)
	text, err := o.Encode()
	if err == nil {
		o, err = outcome.DecodeOutcome(text)
	}
	if err != nil {
		w.fail("%v", err)
	}
	return prediction{
		engine:   e,
		result:   r,
		outcome:  o,
		accounts: accounts,
		records:  records,
		history:  accepted.History(),
	}
}

// count counts the kinds of change against what was accepted, and the job's state.
func (p prediction) count(accepted *outcome.Outcome, seen occurred) {
	seen["service "+p.result.Health().State]++
	if accepted == nil {
		return
	}
	// What happened is drift: the settings are those of before.
	changes := outcome.Compare(accepted, p.outcome, p.outcome, outcome.Compared{Directory: p.result.Directory})
	for _, k := range outcome.Kinds {
		seen["kind "+k.Name] += changes.Total(k.Kind)
	}
}

// actual is what the target holds of a user after a cycle.
type actual struct {
	record, linked, active bool
	address                string
	groups                 []string
}

// actualOf joins by externalId, and by userName where the record has none.
func actualOf(s state, id string) actual {
	accounts := map[string]directory.Account{}
	for _, a := range s.organization.Accounts {
		accounts[a.AccountID] = a
	}
	var a actual
	name := ""
	if i := s.directory.UserByID(id); i >= 0 {
		name = s.directory.Users[i].UserPrincipalName
	}
	for i := range s.records.Users {
		u := &s.records.Users[i]
		// Where a job cleared the externalId, the record is still who it was.
		if !strings.EqualFold(u.ExternalID, id) && (u.ExternalID != "" || !strings.EqualFold(u.UserName, name)) {
			continue
		}
		account := accounts[u.AccountID]
		a.record, a.linked = true, u.AccountID != ""
		a.active = u.Active && account.AccountStatus != "inactive"
		if len(u.Emails) > 0 {
			a.address = u.Emails[0]
		}
		for _, g := range s.records.Groups {
			if slices.Contains(g.Members, u.ID) {
				a.groups = append(a.groups, g.DisplayName)
			}
		}
	}
	slices.Sort(a.groups)
	return a
}

// occurred counts codes and actions over all histories.
type occurred map[string]int

// compare holds a prediction against what came of it.
func (p prediction) compare(before, after state, seen occurred) (problems []string) {
	for i := range p.result.Decisions {
		u := &p.result.Directory.Users[i]
		if !p.result.InScope(int32(i)) {
			continue
		}
		d := p.result.Decisions[i]
		seen[d.Code.String()]++
		seen["action "+d.Action.String()]++
		was, is := actualOf(before, u.ID), actualOf(after, u.ID)
		there := is.record && is.linked && is.active
		say := func(format string, args ...any) {
			problems = append(problems, fmt.Sprintf(
				"%s: predicted %s [%s], was %+v, is %+v, history %+v over %v, "+
					"now %+v over %v: ",
				u.ID,
				p.result.Text(int32(i)),
				d.Action,
				was,
				is,
				p.basis(
					u.ID,
				),
				p.history.Covered,
				p.result.Expect(int32(i)),
				p.engine.Covered(),
			)+fmt.Sprintf(format, args...))
		}
		if b := p.basis(
			u.ID,
		); !p.records && (!p.looked || p.stale) && b != nil &&
			((b.Link == held.Linked) != was.linked || was.linked && !strings.EqualFold(b.Address, was.address)) {
			continue // what wasn't looked at earlier was otherwise than assumed
		}
		if !p.records && p.shared[u.ID] {
			continue
		}
		if p.stale && (!p.records || d.Code == reason.Unlinked) {
			continue // what became of them in a cycle that the history doesn't know
		}
		switch d.Code.Verdict() {
		case decision.Unknown:
			continue
		case decision.Sync:
			switch {
			case !there && d.Action == reason.ActionCreateOrKeep:
				continue // no obstacle is assumed where the target isn't known
			case !there && !p.accounts && was.linked && (!was.active || d.Confidence == reason.Inferred):
				continue // accounts weren't looked at: their state, and whose they are
			case !there && !p.accounts && d.Action == reason.ActionCreate && is.linked && !is.active:
				continue // an account of the address wasn't looked at: it is deactivated
			case !there && d.Confidence == reason.Inferred && taken(before, after, p.result.Address(int32(i))):
				continue // by an update in the same cycle that happened to come first
			case !there && d.Warnings&reason.UpdatePending != 0:
				continue // a record that differs: whether the source changed isn't known
			case !there && d.Account == decision.External && (d.Action == reason.ActionUpdate || d.Action == reason.ActionKeep) && !p.knows(u.ID):
				continue // whether the source changed isn't known; it is warned of
			case !there:
				say("not there")
				continue
			case !p.looked || p.held():
				continue // whether a group's name is taken isn't known
			}
			if want := p.result.GroupsOf(int32(i)); !slices.Equal(want, is.groups) {
				say("groups: want %v", want)
			}
		case decision.Skip:
			if !p.accounts && d.Code == reason.Unlinked {
				continue // another account may hold the new address, and the update be refused
			}
			if there && d.Code == reason.AddressTaken && freed(before, after, is.address) {
				continue // by an update in the same cycle that happened to come first
			}
			if there && d.Code == reason.NoUsableAddress && !p.records && p.basis(u.ID) == nil {
				continue // whether they have a record, which keeps its address, wasn't looked at
			}
			if there && !stays(d.Code, was) && d.Code != reason.DuplicateAddress { // one of them gets it
				say("there")
			}
		}
	}
	return problems
}

// freed reports an address that another record held before the cycle.
func freed(before, after state, address string) bool {
	was := before.holder(address)
	return was != "" && was != after.holder(address)
}

// taken reports an address that a record which was there before the cycle holds after
// it, and didn't before.
func taken(before, after state, address string) bool {
	is := after.holder(address)
	return is != "" && is != before.holder(address) &&
		slices.ContainsFunc(before.records.Users, func(u directory.SCIMUser) bool { return u.ID == is })
}

// holder is the record that holds an address, "" for none.
func (s state) holder(address string) string {
	for i := range s.records.Users {
		if e := s.records.Users[i].Emails; len(e) > 0 && strings.EqualFold(e[0], address) {
			return s.records.Users[i].ID
		}
	}
	return ""
}

// held reports groups whose lot isn't told exactly: two of one name, and what is
// there of a mapping that is off.
func (p prediction) held() bool {
	return slices.ContainsFunc(p.result.HeldGroups(), func(g decision.HeldGroup) bool {
		return g.Obstacle == "same_name" || g.Obstacle == "mapping_off"
	})
}

// stays reports a user who was there and stays, though nothing is sent of them:
// a filter on input, a disable that the job doesn't send, and what fails leave who is
// there as they are.
func stays(c decision.Code, was actual) bool {
	switch c {
	case reason.MatchingUnsupported, reason.MatchingAttributeEmpty:
		return was.record // whom the service knows already needs no look-up
	default: // who isn't there doesn't stay
	}
	if !was.record || !was.linked || !was.active {
		return false
	}
	switch c {
	case reason.Unlinked, reason.AccountDeactivated, reason.AddressTaken:
		return false
	default:
		return true
	}
}

// story is one drawn history: the world, what is accepted, and what the outcomes
// have seen of it.
type story struct {
	draws
	*world
	seen     occurred
	told     []string
	accepted *outcome.Outcome
	// looked says that accounts were looked at in every round.
	looked bool
	// stale says that a cycle ran whose prediction wasn't accepted, and that the
	// SCIM records weren't read since.
	stale  bool
	shared map[string]bool
}

func (s *story) changes() {
	for range rapid.IntRange(0, 3).Draw(s.T, "changes") {
		s.told = append(s.told, s.change(s.world))
	}
}

// predict predicts from what is there, with what is drawn looked at.
func (s *story) predict(before state) prediction {
	accounts := s.chance("accounts", 2)
	s.looked = s.looked && accounts
	p := s.world.predict(before, accounts, s.chance("records", 2), s.accepted)
	p.looked, p.shared = s.looked, s.shared
	p.count(s.accepted, s.seen)
	for i := range p.result.Decisions {
		if u := p.result.Directory.Users[i].ID; p.result.InScope(int32(i)) {
			s.shared[u] = !p.records && s.shared[u] || p.result.Decisions[i].Code == reason.DuplicateAddress
			s.told = append(
				s.told,
				fmt.Sprintf("\n  %s: %s (accounts %t, records %t)", u, p.result.Text(int32(i)), p.accounts, p.records),
			)
		}
	}
	return p
}

// round is changes, a prediction, what becomes of its plan, and a cycle.
func (s *story) round(n int) {
	if n > 0 {
		s.changes()
	}
	before := s.read()
	p := s.predict(before)
	if n > 0 && s.chance("twice", 6) { // accepted, and changed again before any cycle
		s.accept(p, true)
		s.changes()
		before = s.read()
		p = s.predict(before)
	}
	if n > 0 && s.chance("stopped", 6) {
		s.stopped(&p, before)
		before = s.read()
	}
	s.told = append(s.told, "; cycle: ")
	s.cycle()
	after := s.read()
	p.stale = s.stale
	if problems := p.compare(before, after, s.seen); len(problems) > 0 {
		s.Fatalf("round %d after %v:\n%s", n, s.told, strings.Join(problems, "\n"))
	}
	switch pick(s.draws, "plan", "accepted", "accepted", "accepted", "not accepted", "state lost") {
	case "accepted":
		s.accept(p, false)
	case "not accepted":
		s.told = append(s.told, "(not accepted)")
		s.seen["plan not accepted"]++
		s.stale = true
	case "state lost":
		s.told = append(s.told, "(state lost)")
		s.seen["plan lost"]++
		s.accepted, s.stale, s.looked = nil, false, false
	}
}

// accept takes a prediction as what holds. What was sent is known anew where the
// records were read.
func (s *story) accept(p prediction, again bool) {
	if again { // no cycle ran, so that what the plan expects to be sent wasn't: nothing tells that
		s.stale = true
	} else {
		s.stale = s.stale && !p.records
	}
	s.accepted = p.outcome
	if again {
		s.told = append(s.told, "(accepted, and once more)")
		s.seen["plan accepted twice"]++
	}
}

// stopped stops the job after a prediction: while it doesn't run, nothing changes
// at the target, and the decisions stay those of its next run.
func (s *story) stopped(p *prediction, before state) {
	how := pick(s.draws, "how", "paused", "quarantined", "disabled")
	s.told = append(s.told, "; "+how)
	s.stop(how)
	q := s.predict(s.read())
	if got := q.result.Health().State; got != how {
		s.Fatalf("after %v: the job is %s, want %s", s.told, got, how)
	}
	if got := q.outcome.Service.Runs(); got {
		s.Fatalf("after %v: a job that is %s runs", s.told, how)
	}
	s.accept(q, true)
	s.idle(how)
	for id := range before.people() {
		if was, is := actualOf(before, id), actualOf(s.read(), id); !cmp.Equal(was, is, cmp.AllowUnexported(actual{})) {
			s.Fatalf("after %v: %s changes while the job is %s: was %+v, is %+v", s.told, id, how, was, is)
		}
	}
	s.resume(how)
	*p = s.predict(s.read())
}

// TestDifferential predicts before each cycle of drawn histories, and compares.
// -rapid.checks says how many histories; from 5,000 on everything that can occur
// must have.
func TestDifferential(t *testing.T) {
	seen := occurred{}
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		s := &story{draws: draws{rt}, seen: seen, looked: true, shared: map[string]bool{}}
		s.world = newWorld(t, dir, rt.Fatalf, s.seed())
		s.job(s.world)
		if s.chance("not started", 4) {
			s.predict(s.read()) // the decisions are those of its first run
		}
		s.start()
		for n := range rapid.IntRange(2, 4).Draw(rt, "rounds") {
			s.round(n)
		}
		seen["histories"]++
	})
	t.Logf("occurred: %v", seen)
	if seen["histories"] < 5000 {
		return
	}
	for _, name := range scimCanOccur() {
		if seen[name] < 50 {
			t.Errorf("%s occurs %d times in %d histories, want 50", name, seen[name], seen["histories"])
		}
	}
}

// scimCanOccur are the codes, actions, kinds and states of a job that a history over
// SCIM can have.
func scimCanOccur() (names []string) {
	nestedGroups := []reason.Code{
		reason.Guest, reason.ExternalMember, reason.DomainNotVerified, reason.DomainNotVerifiable, reason.GroupTooLarge,
		reason.GroupNameConflict, reason.ExtUPNAsAddress, reason.IdentifierUnknown,
	}
	// What a reading lacks, and a restart that this plan makes, aren't the cycle's.
	notDrawn := []reason.Code{reason.MembersUnreadable, reason.UpdateExpected, reason.NotInScope}
	otherTargets := []reason.Code{
		reason.NameUnknown, reason.Provisioned, reason.RequiredAttributeMissing, reason.ValueTooLong,
		reason.ValueNotAccepted, reason.RoleMissing, reason.MemberCreated, reason.GuestCreated,
		reason.NotInternalMember, reason.MailDomainNotVerified,
	}
	notDrawn = append(notDrawn, otherTargets...)
	for _, c := range reason.Codes {
		if !slices.Contains(nestedGroups, c.Code) && !slices.Contains(notDrawn, c.Code) {
			names = append(names, c.Name)
		}
	}
	for _, a := range []reason.Action{
		reason.ActionCreate, reason.ActionUpdate, reason.ActionKeep, reason.ActionCreateOrKeep, reason.ActionLink,
		reason.ActionUnlink, reason.ActionDeactivate, reason.ActionNone, reason.ActionFail,
	} {
		names = append(names, "action "+a.String())
	}
	for _, k := range outcome.Kinds {
		names = append(names, "kind "+k.Name)
	}
	for _, state := range []string{
		directory.ServiceRunning, directory.ServiceStarting, directory.ServiceNotStarted, directory.ServicePaused,
		directory.ServiceQuarantined, directory.ServiceDisabled,
	} {
		names = append(names, "service "+state)
	}
	return append(names, "plan not accepted", "plan accepted twice", "plan lost")
}
