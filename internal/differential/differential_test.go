package differential

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/atlassian"
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
	looked  bool
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
	if p.history.User == nil || !slices.Equal(p.history.Covered, p.engine.Covered()) {
		return false
	}
	b := p.basis(id)
	return b != nil && b.Link == atlassian.Linked
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
	return prediction{engine: e, result: r, outcome: o, accounts: accounts, records: records, history: accepted.History()}
}

// actual is what the target holds of a user after a cycle.
type actual struct {
	record, linked, active bool
	address                string
	groups                 []string
}

// actualOf joins by externalId, which every drawn job maps.
func actualOf(s state, id string) actual {
	accounts := map[string]directory.Account{}
	for _, a := range s.organization.Accounts {
		accounts[a.AccountID] = a
	}
	var a actual
	for i := range s.records.Users {
		u := &s.records.Users[i]
		if !strings.EqualFold(u.ExternalID, id) {
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
			problems = append(problems, fmt.Sprintf("%s: predicted %s [%s], was %+v, is %+v, history %+v over %v, now %+v over %v: ", u.ID, p.result.Text(int32(i)), d.Action, was, is,
				p.basis(u.ID), p.history.Covered, p.result.Expect(int32(i)), p.engine.Covered())+fmt.Sprintf(format, args...))
		}
		if b := p.basis(u.ID); !p.records && b != nil && (b.Link == atlassian.Linked) != was.linked {
			continue // what wasn't looked at earlier was otherwise than assumed
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
			case !there && d.Account == decision.External && d.Action == reason.ActionUpdate && !p.knows(u.ID):
				continue // whether the source changed isn't known: it is shown as pending
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
			if there && !stays(d.Code, was) && d.Code != reason.DuplicateAddress { // one of them gets it
				say("there")
			}
		}
	}
	return problems
}

// freed reports an address that another record held before the cycle.
func freed(before, after state, address string) bool {
	holder := func(s state) string {
		for i := range s.records.Users {
			if e := s.records.Users[i].Emails; len(e) > 0 && strings.EqualFold(e[0], address) {
				return s.records.Users[i].ID
			}
		}
		return ""
	}
	was := holder(before)
	return was != "" && was != holder(after)
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
	}
	if !was.record || !was.linked || !was.active {
		return false
	}
	switch c {
	case reason.Unlinked, reason.AccountDeactivated, reason.AddressTaken:
		return false
	}
	return true
}

// TestDifferential predicts before each cycle of drawn histories, and compares.
// -rapid.checks says how many histories.
func TestDifferential(t *testing.T) {
	seen := occurred{}
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		d := draws{rt}
		w := newWorld(t, dir, rt.Fatalf, d.seed())
		d.job(w)
		w.start()
		var accepted *outcome.Outcome
		var told []string
		looked := true
		for round := range rapid.IntRange(2, 4).Draw(rt, "rounds") {
			if round > 0 {
				for range rapid.IntRange(0, 3).Draw(rt, "changes") {
					told = append(told, d.change(w))
				}
			}
			before := w.read()
			told = append(told, "; cycle: ")
			accounts := d.chance("accounts", 2)
			looked = looked && accounts
			p := w.predict(before, accounts, d.chance("records", 2), accepted)
			p.looked = looked
			w.cycle()
			after := w.read()
			if problems := p.compare(before, after, seen); len(problems) > 0 {
				rt.Fatalf("round %d after %v:\n%s", round, told, strings.Join(problems, "\n"))
			}
			accepted = p.outcome
			for i := range p.result.Decisions {
				if u := p.result.Directory.Users[i].ID; p.result.InScope(int32(i)) {
					told = append(told, fmt.Sprintf("\n  %s: %s (accounts %t, records %t)", u, p.result.Text(int32(i)), p.accounts, p.records))
				}
			}
		}
	})
	t.Logf("occurred: %v", seen)
}
