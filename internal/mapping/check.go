package mapping

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// Finding is something about a mapping: a mistake, or advice.
type Finding struct {
	// Where is the target attribute, or NameFilter.
	Where string
	// Message names the place in the expression or filter, and what was
	// probably meant.
	Message string
}

func (f Finding) String() string { return f.Where + ": " + f.Message }

// mutable are source attributes that change when a person is renamed, marries
// or moves: matching by them makes a second object then ([atlassian 2.1],
// reported). Which ones count as mutable is our choice.
var mutable = []string{
	"userPrincipalName",
	"originalUserPrincipalName",
	"mail",
	"mailNickname",
	"displayName",
	"givenName",
	"surname",
	"otherMails",
	"proxyAddresses",
	"mobile",
	"telephoneNumber",
	"department",
	"jobTitle",
}

// Check looks at a mapping by itself. Mistakes are what the service would
// refuse, or what can't work; advice is what is legal and yet likely to hurt.
func (m Mapping) Check() (mistakes, advice []Finding) {
	priorities := map[int]string{}
	for _, target := range slices.Sorted(maps.Keys(m.Attributes)) {
		a := m.Attributes[target]
		wrong, hints := m.checkRow(target, a)
		mistakes, advice = append(mistakes, wrong...), append(advice, hints...)
		if other, taken := priorities[a.MatchingPriority]; taken && a.MatchingPriority > 0 {
			mistakes = append(mistakes, Finding{target, fmt.Sprintf("its matching_priority %d is %s's too; the "+
				"attributes are tried one after another, so each needs its own", a.MatchingPriority, other)})
		}
		priorities[a.MatchingPriority] = target
	}
	if m.Manage == ManageAll && len(m.Attributes) > 0 &&
		!slices.ContainsFunc(
			slices.Collect(maps.Values(m.Attributes)),
			func(a Attribute) bool { return a.MatchingPriority > 0 },
		) {
		advice = append(advice, Finding{"(none)", "no attribute has a matching_priority: nobody is found at the " +
			"target, and all users would be made anew or fail"})
	}
	for _, part := range filterParts {
		f := *part.of(&m)
		if f == nil {
			continue
		}
		warnings, err := scoping.Check(f.Filter().Groups, nil, FilterOptions(part.name))
		if err != nil {
			mistakes = append(mistakes, Finding{part.name, err.Error()})
		}
		for _, w := range warnings {
			advice = append(advice, Finding{part.name, w.Message})
		}
	}
	return mistakes, advice
}

// FilterOptions is how a filter is understood, by its name. Null under a NOT
// operator is contested: it has to pass in the input filters that Microsoft
// ships, as one of several values has to suffice there, and fails in the filters
// that people write [expressions 6].
func FilterOptions(name string) scoping.Options {
	if name != NameInputFilter {
		return scoping.Options{}
	}
	return scoping.Options{NullUnderNot: scoping.NullUnderNotPasses, MultiValued: scoping.MultiValuedAny}
}

// checkRow looks at one row by itself.
func (m Mapping) checkRow(target string, a Attribute) (mistakes, advice []Finding) {
	if a.Expression == "" {
		if a.Default == nil {
			mistakes = append(mistakes, Finding{target, "it has neither an expression nor a default, so that nothing " +
				"would flow. The keys of a row are expression, matching_priority, apply and default; a CLI drops any " +
				"other without a word"})
		}
		return mistakes, nil
	}
	e, err := expression.Parse(a.Expression)
	if err != nil {
		return []Finding{{target, err.Error()}}, nil
	}
	// Whether the job takes SelectUniqueValue is its schema's to say.
	warnings, err := e.Check(expression.Context{EntraSource: true, Matching: a.MatchingPriority > 0})
	if err != nil {
		mistakes = append(mistakes, Finding{target, err.Error()})
	}
	for _, w := range warnings {
		if !w.Shipped {
			advice = append(advice, Finding{target, w.String()})
		}
	}
	return mistakes, append(advice, m.adviceOn(target, a, e.Facts())...)
}

func (m Mapping) adviceOn(target string, a Attribute, f expression.Facts) (advice []Finding) {
	if slices.Contains(f.Attributes, "userType") {
		advice = append(advice, Finding{target, "userType is documented as unusable as a source attribute, yet seen " +
			"in one exported job: check that a value arrives"})
	}
	if a.MatchingPriority == 0 {
		return advice
	}
	if len(f.Attributes) > 1 {
		// [expressions 5, R]: "Joining property … has more than one SourceName".
		advice = append(
			advice,
			Finding{target, "it matches by an expression of " + strings.Join(f.Attributes, " and ") +
				": jobs were seen to refuse the schema then (SchemaInvalid), for it matches by one source attribute"},
		)
	}
	if strings.HasPrefix(m.Object.Target, scimSchemas) && strings.HasSuffix(m.Object.Target, ":User") &&
		!askedFor(target) {
		advice = append(advice, Finding{target, "it matches, and Atlassian can be asked for a user by userName and " +
			"externalId alone: where it is the target, every look-up fails"})
	}
	var names []string
	for _, name := range f.Attributes {
		if slices.Contains(mutable, name) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		second := "who is renamed before the first match gets a second account"
		if strings.EqualFold(m.Object.Source, "Group") {
			second = "a group that is renamed before the first match is made a second time"
		}
		advice = append(
			advice,
			Finding{
				target,
				"it matches by " + strings.Join(
					names,
					" and ",
				) + ", which can change: " + second + "; objectId never changes",
			},
		)
	}
	return advice
}

// scimSchemas is how the names of SCIM's objects begin.
const scimSchemas = "urn:ietf:params:scim:schemas:"

// askedFor reports a target by which Atlassian can be asked for a user
// ([atlassian 2.1], documented, contested).
func askedFor(target string) bool {
	return strings.EqualFold(target, "userName") || strings.EqualFold(target, "externalId")
}

// Yield counts, of some users, those who pass the scoping filter, and for each
// of the program's Targets those of them to whom nothing flows. nil users are
// all of the directory's who aren't disabled.
func (p *Program) Yield(d *directory.Directory, users []int32) (inScope int, empty []int) {
	empty = make([]int, len(p.Targets))
	row := p.NewRow()
	count := func(i int32) {
		p.Load(row, i)
		if in, _, err := p.InScope(row); err != nil || !in {
			return
		}
		inScope++
		for k := range p.Targets {
			res, err := p.Eval(row, k)
			var unknown *UnknownError
			if errors.As(err, &unknown) {
				continue // what isn't known isn't nothing
			}
			nothing := err != nil ||
				res.Outcome != expression.OutcomeValue && res.Outcome != expression.OutcomeUnpredictable
			if nothing || res.Outcome == expression.OutcomeValue && res.Value.String() == "" {
				empty[k]++
			}
		}
	}
	if users != nil {
		for _, i := range users {
			count(i)
		}
		return inScope, empty
	}
	for i := range d.Users {
		if d.Users[i].AccountEnabled != directory.False {
			count(int32(i))
		}
	}
	return inScope, empty
}

// Assigned are the positions of the users whom a job takes: those assigned, and
// direct members of assigned security groups [graph 3.7], without the
// disabled.
func Assigned(d *directory.Directory, job *directory.Job) []int32 {
	out := []int32{}
	for _, id := range job.Assigned {
		if u := d.UserByID(id); u >= 0 {
			out = append(out, u)
		}
		if g := d.GroupByID(id); g >= 0 && d.Groups[g].SecurityEnabled {
			out = append(out, d.Groups[g].Users...)
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(
		slices.Compact(out),
		func(i int32) bool { return d.Users[i].AccountEnabled == directory.False },
	)
}
