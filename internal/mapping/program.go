package mapping

import (
	"cmp"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// Program is a mapping compiled for the users of one directory. It is safe for
// concurrent use, each goroutine with a Row of its own.
type Program struct {
	// Targets are the target attributes, sorted.
	Targets []string
	// Matching are positions in Targets of the matching attributes, in the order
	// in which they are tried.
	Matching []int

	mapping  Mapping
	users    *directory.Directory
	programs []*expression.Program
	// unread is, by target, why what it gives isn't known; "" where it is.
	unread  []string
	readers []reader
	rows    [][]int
	filters []filter
	env     expression.Env
	given   map[string]string
	slotOf  map[string]int
	// covered are the targets that SentHash is over, sent their positions.
	covered []string
	sent    []int
}

// filter is one of a mapping's filters.
type filter struct {
	kind    FilterKind
	program *scoping.Program
	slots   []int
	// unread is why nothing of it can be evaluated, "" where something can.
	unread string
}

// FilterKind names one of the three filters of a mapping [expressions 6].
type FilterKind string

// The kinds, in the order in which they are looked at.
const (
	InputFilter    FilterKind = "input filter"
	ScopingFilter  FilterKind = "scoping filter"
	CategoryFilter FilterKind = "category filter"
)

// reader gives a source attribute of a user.
type reader func(i int32) expression.Value

// UnknownError says that what a row or a filter gives isn't known.
type UnknownError struct{ Reason string }

func (e *UnknownError) Error() string { return e.Reason }

// Row is the scratch space of one goroutine.
type Row struct {
	values []expression.Value
	args   expression.Row
}

// NewRow makes a row for the program.
func (p *Program) NewRow() *Row { return &Row{values: make([]expression.Value, len(p.readers))} }

// Load reads a user's source attributes into the row.
func (p *Program) Load(r *Row, i int32) {
	for k, read := range p.readers {
		r.values[k] = read(i)
	}
}

func (r *Row) take(slots []int) expression.Row {
	r.args = r.args[:0]
	for _, s := range slots {
		r.args = append(r.args, r.values[s])
	}
	return r.args
}

// Counted reports whether a filter or an expression may run out of a regular
// expression's steps: then expression.OutOfSteps is true of the error, and
// nothing is known of the user.
func (p *Program) Counted() bool {
	return slices.ContainsFunc(p.filters, func(f filter) bool { return f.program != nil && f.program.Counted() }) ||
		slices.ContainsFunc(p.programs, func(e *expression.Program) bool { return e != nil && e.Counted() })
}

// InScope reports whether the loaded user passes all filters; if not, kind is
// the first that leaves them out. With an error it isn't known, and kind is the
// filter that can't be evaluated: another one that leaves the user out decides.
func (p *Program) InScope(r *Row) (in bool, kind FilterKind, err error) {
	for i := range p.filters {
		f := &p.filters[i]
		ok, failure := f.match(r)
		switch {
		case failure != nil && err == nil:
			kind, err = f.kind, failure
		case failure == nil && !ok:
			return false, f.kind, nil
		}
	}
	return err == nil, kind, err
}

func (f *filter) match(r *Row) (bool, error) {
	if f.unread != "" {
		return false, &UnknownError{f.unread}
	}
	return f.program.Match(r.take(f.slots))
}

// Eval evaluates the target attribute at a position for the loaded user; the
// default stands where the expression gives null, or where there is none. An
// *UnknownError says that what it gives isn't known. A reference comes as the id in
// the source: what is sent is the target's, of which a mapping knows nothing.
func (p *Program) Eval(r *Row, target int) (expression.Result, error) {
	if p.unread[target] != "" {
		return expression.Result{}, &UnknownError{p.unread[target]}
	}
	res := expression.Result{Outcome: expression.OutcomeNull}
	if prog := p.programs[target]; prog != nil {
		var err error
		if res, err = prog.Eval(r.take(p.rows[target]), &p.env); err != nil {
			return res, err
		}
	}
	if d := p.mapping.Attributes[p.Targets[target]].Default; d != nil && *d != "" &&
		res.Outcome == expression.OutcomeNull {
		return expression.Result{Outcome: expression.OutcomeValue, Value: expression.TextValue(*d)}, nil
	}
	return res, nil
}

// Covered are the targets that SentHash is over. Hashes over different ones
// aren't comparable.
func (p *Program) Covered() []string { return p.covered }

// SentHash is a hash of what the loaded user is sent, over the targets of
// Covered: FNV-1a over each target's outcome and value. It is never 0, which stands
// for a hash that isn't known. there says whether an object of the source is
// provisioned, too: of another nothing is sent that refers to it.
func (p *Program) SentHash(r *Row, there func(id string) bool) uint32 {
	h := uint32(2166136261)
	mix := func(c byte) { h = (h ^ uint32(c)) * 16777619 }
	for _, k := range p.sent {
		res, err := p.Eval(r, k)
		if id, ok := res.Value.Reference(); ok && !there(id) {
			res.Outcome = expression.OutcomeNull
		}
		mix(byte(res.Outcome))
		if err != nil || res.Outcome != expression.OutcomeValue {
			continue
		}
		s := res.Value.String()
		for i := range len(s) {
			mix(s[i])
		}
		mix(0xff)
	}
	return max(h, 1)
}

// referenceText says what is sent of a reference: the id that its object has at the
// target, which must be provisioned, too [graph 3.5, D].
func (p *Program) referenceText(id string) string {
	who := "the object " + id
	if i := p.users.UserByID(id); i >= 0 {
		who = cmp.Or(p.users.Users[i].UserPrincipalName, who)
	}
	return "the id that " + who + " has at the target: known there alone, and nothing flows until they are " +
		"provisioned, too"
}

// Override puts another value in place of one that Load read.
func (p *Program) Override(r *Row, name string, v expression.Value) {
	if at, ok := p.slotOf[name]; ok {
		r.values[at] = v
	}
}
