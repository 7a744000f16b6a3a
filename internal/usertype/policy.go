// Package usertype says which userType (Member or Guest) each user of a
// directory should have by ordered rules, and in which order people are
// converted. It is pure.
package usertype

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// Values of Match.Origin.
const (
	Internal = "internal"
	External = "external"
)

// NoCreationType stands in Match.CreationTypes for accounts made in the tenant
// itself, whose creationType is null [graph 1.2].
const NoCreationType = "None"

// Match says whom a rule is about: all that is set must hold, of each list one
// value.
type Match struct {
	// Users are principal names, mails or object ids.
	Users []string
	// HomeDomains are domains as decision.HomeDomain derives them.
	HomeDomains []string
	// CreationTypes are Graph's creationType, or NoCreationType.
	CreationTypes []string
	// Groups are displayNames or object ids; members of members count.
	Groups []string
	// Origin is Internal, External or "".
	Origin string
	// Filter has Graph's names of properties; nil for none.
	Filter *scoping.Spec
}

// Rule gives a type to those it matches, or by Types to each their own.
type Rule struct {
	Name  string
	Match *Match
	// Type is for all who match.
	Type string
	// Types are types by object id, as a record keeps them.
	Types map[string]string
}

// RuleError says which part of which rule is wrong.
type RuleError struct {
	// Rule is the place of the rule, from 0; -1 for a match by itself.
	Rule int
	// Key is the argument in the rule, dotted.
	Key string
	Err error
}

func (e *RuleError) Error() string {
	if e.Rule < 0 {
		return e.Key + ": " + e.Err.Error()
	}
	return fmt.Sprintf("rules[%d].%s: %v", e.Rule, e.Key, e.Err)
}

func (e *RuleError) Unwrap() error { return e.Err }

// matcher is a match compiled for a directory.
type matcher struct {
	d          *directory.Directory
	users      map[int32]bool
	domains    map[string]bool
	types      map[string]bool
	members    []bool
	origin     string
	filter     *mapping.Filter
	unreadable []string
}

// compile resolves names. Errors are *RuleError.
func (m *Match) compile(d *directory.Directory, n *names, rule int) (*matcher, error) {
	out := &matcher{d: d, origin: m.Origin}
	problem := func(key string, err error) error { return &RuleError{rule, "match." + key, err} }
	if m.Users != nil {
		out.users = map[int32]bool{}
		for _, name := range m.Users {
			i, err := n.user(d, name)
			if err != nil {
				return nil, problem("users", err)
			}
			out.users[i] = true
		}
	}
	if m.HomeDomains != nil {
		out.domains = map[string]bool{}
		for _, name := range m.HomeDomains {
			ascii := directory.ASCIIDomain(name)
			if ascii == "" {
				return nil, problem("home_domains", fmt.Errorf("%q is no domain name", name))
			}
			out.domains[ascii] = true
		}
	}
	if m.CreationTypes != nil {
		out.types = map[string]bool{}
		for _, t := range m.CreationTypes {
			if t == NoCreationType {
				t = ""
			}
			out.types[t] = true
		}
	}
	if m.Groups != nil {
		if err := out.reach(m.Groups, n); err != nil {
			return nil, problem("groups", err)
		}
	}
	if m.Filter != nil {
		f, err := mapping.CompileFilter(*m.Filter, d)
		if err != nil {
			return nil, problem("filter", err)
		}
		out.filter = f
	}
	return out, nil
}

// reach marks the members of groups and of the groups in them; cycles are
// legal.
func (m *matcher) reach(entries []string, n *names) error {
	m.members = make([]bool, len(m.d.Users))
	seen := make([]bool, len(m.d.Groups))
	var queue []int32
	for _, entry := range entries {
		g, err := n.group(m.d, entry)
		if err != nil {
			return err
		}
		queue = append(queue, g)
	}
	for len(queue) > 0 {
		g := queue[0]
		queue = queue[1:]
		if seen[g] {
			continue
		}
		seen[g] = true
		group := &m.d.Groups[g]
		for _, u := range group.Users {
			m.members[u] = true
		}
		if len(group.Unreadable) > 0 || group.Hidden {
			m.unreadable = append(m.unreadable, group.DisplayName)
		}
		queue = append(queue, group.Groups...)
	}
	return nil
}

func (m *matcher) match(i int32) (bool, error) {
	u := &m.d.Users[i]
	switch {
	case m.users != nil && !m.users[i],
		m.members != nil && !m.members[i],
		m.types != nil && !m.types[u.CreationType],
		m.origin != "" && decision.IsExternal(u) != (m.origin == External),
		m.domains != nil && !m.domains[decision.HomeDomain(u)]:
		return false, nil
	case m.filter != nil:
		return m.filter.Match(i)
	}
	return true, nil
}

// Assignment is what the policy wants of one user.
type Assignment struct {
	// User is the position in the directory, Rule that of the rule that decided.
	User, Rule int32
	// Have and Want are userTypes; Have may be "" on old objects.
	Have, Want string
	// Blocked says why the user can't be converted, "" where nothing is known.
	Blocked string
	// Wave says that this apply converts the user.
	Wave bool
}

// Differs reports whether the user has another type than wanted.
func (a *Assignment) Differs() bool { return a.Have != a.Want }

// After is the type once this wave is through.
func (a *Assignment) After() string {
	if a.Wave {
		return a.Want
	}
	return a.Have
}

// RuleCount is what became of one rule.
type RuleCount struct {
	// Matched are all whom the rule fits, Decided those whom no earlier one
	// took.
	Matched, Decided int
	// Gone are ids of Types that the directory doesn't have.
	Gone int
}

// Plan is what a policy makes of a directory.
type Plan struct {
	// Assignments are ascending by object id: the order of conversion.
	Assignments []Assignment
	Rules       []RuleCount
	// Resolved is what the names of matches mean, to be kept; Renamed says which
	// entries aren't the names of what they mean any more.
	Resolved decision.Resolved
	Renamed  []string
	// Unreadable are groups of matches whose members can't all be read.
	Unreadable []string
	// Changes are converted by this apply, Remaining by later ones, Blocked
	// can't be.
	Changes, Remaining, Blocked int
}

// BlockedOnPremises is why a user who is mastered on premises isn't converted
// ([graph 1.7]: 400 where the attribute is mastered there).
const BlockedOnPremises = "mastered on premises"

// Evaluate applies the rules: the first that fits decides. wave is how many
// users one apply converts, 0 for all; kept is what names meant at the last one.
// Errors are *RuleError; of a name that leads to another object now, with a
// *MovedError in it.
func Evaluate(
	rules []Rule, d *directory.Directory, l *directory.Lookup, wave int, kept decision.Resolved,
) (*Plan, error) {
	p := &Plan{Rules: make([]RuleCount, len(rules)), Resolved: decision.Resolved{}}
	n := &names{lookup: l, kept: kept, meant: p.Resolved}
	decided := make([]int32, len(d.Users)) // rule + 1
	want := make([]string, len(d.Users))
	for r := range rules {
		take := func(i int32, t string) {
			p.Rules[r].Matched++
			if decided[i] == 0 {
				p.Rules[r].Decided++
				decided[i], want[i] = int32(r)+1, t
			}
		}
		if rules[r].Match == nil {
			for _, id := range slices.Sorted(maps.Keys(rules[r].Types)) {
				t := rules[r].Types[id]
				if i := d.UserByID(strings.ToLower(id)); i >= 0 {
					take(i, t)
				} else {
					p.Rules[r].Gone++
				}
			}
			continue
		}
		m, err := rules[r].Match.compile(d, n, r)
		if err != nil {
			return nil, err
		}
		p.Unreadable = append(p.Unreadable, m.unreadable...)
		for i := range d.Users {
			ok, err := m.match(int32(i))
			if err != nil {
				return nil, &RuleError{
					r,
					"match.filter",
					fmt.Errorf("%s: %w", text.Plain(d.Users[i].UserPrincipalName), err),
				}
			}
			if ok {
				take(int32(i), rules[r].Type)
			}
		}
	}
	p.assign(d, decided, want, wave)
	slices.Sort(p.Unreadable)
	p.Unreadable = slices.Compact(p.Unreadable)
	slices.Sort(n.renamed)
	p.Renamed = slices.Compact(n.renamed)
	return p, nil
}

// assign says what each user who is decided gets, ascending by object id, and
// who is in this wave; decided are the rules, counted from 1.
func (p *Plan) assign(d *directory.Directory, decided []int32, want []string, wave int) {
	for i := range d.Users {
		if decided[i] == 0 {
			continue
		}
		a := Assignment{User: int32(i), Rule: decided[i] - 1, Have: d.Users[i].UserType, Want: want[i]}
		if a.Differs() {
			switch {
			case d.Users[i].OnPremisesSyncEnabled == directory.True:
				a.Blocked = BlockedOnPremises
				p.Blocked++
			case wave > 0 && p.Changes == wave:
				p.Remaining++
			default:
				a.Wave = true
				p.Changes++
			}
		}
		p.Assignments = append(p.Assignments, a)
	}
}

// ErrNobody says that a match leaves everything open.
var ErrNobody = errors.New("set at least one of users, home_domains, creation_types, groups, origin and filter: a " +
	"match that says nothing would take all users")

// Empty reports whether nothing is set.
func (m *Match) Empty() bool {
	return m.Users == nil && m.HomeDomains == nil && m.CreationTypes == nil && m.Groups == nil && m.Origin == "" &&
		m.Filter == nil
}

// ReadsUserType names the dynamic groups whose rule reads userType: a
// conversion may change who is in them.
func ReadsUserType(d *directory.Directory) []string {
	var out []string
	for i := range d.Groups {
		if strings.Contains(strings.ToLower(d.Groups[i].MembershipRule), "usertype") {
			out = append(out, d.Groups[i].DisplayName)
		}
	}
	slices.Sort(out)
	return out
}
