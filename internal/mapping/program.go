package mapping

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

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
	programs []*expression.Program
	readers  []reader
	rows     [][]int
	filter   *scoping.Program
	scoped   []int
	env      expression.Env
	slotOf   map[string]int
}

// reader gives a source attribute of a user.
type reader func(i int32) expression.Value

// MissingAttributeError says that the reading lacks a source attribute.
type MissingAttributeError struct {
	// Where is the target attribute, or "scoping filter".
	Where string
	// Name is provisioning's name of the attribute.
	Name string
}

func (e *MissingAttributeError) Error() string {
	return fmt.Sprintf("%s uses %s, which the directory's reading lacks: add %q to \"attributes\" of usersync_directory", e.Where, Both(e.Name), GraphName(e.Name))
}

// Env is what expressions may depend on beside the user.
type Env struct {
	// Now is the clock; the zero time is "not known".
	Now time.Time
	// DefaultDomain is the tenant's default domain.
	DefaultDomain string
}

// Compile prepares a mapping for the users of a directory.
func Compile(m Mapping, d *directory.Directory, env Env) (*Program, error) {
	p := &Program{mapping: m, env: expression.Env{Now: env.Now, DefaultDomain: env.DefaultDomain}}
	slots := map[string]int{}
	p.slotOf = slots
	for target := range m.Attributes {
		p.Targets = append(p.Targets, target)
	}
	slices.Sort(p.Targets)
	for _, target := range p.Targets {
		e, err := expression.Parse(m.Attributes[target].Expression)
		if err != nil {
			return nil, &AttributeError{target, err}
		}
		prog, err := e.Compile(expression.Context{NoUniqueValue: true, EntraSource: true, Matching: m.Attributes[target].MatchingPriority > 0})
		if err != nil {
			return nil, &AttributeError{target, err}
		}
		row, err := p.slots(prog.Attributes(), target, d, slots)
		if err != nil {
			return nil, err
		}
		p.programs, p.rows = append(p.programs, prog), append(p.rows, row)
	}
	for i, target := range p.Targets {
		if m.Attributes[target].MatchingPriority > 0 {
			p.Matching = append(p.Matching, i)
		}
	}
	slices.SortStableFunc(p.Matching, func(a, b int) int {
		return m.Attributes[p.Targets[a]].MatchingPriority - m.Attributes[p.Targets[b]].MatchingPriority
	})
	return p, p.compileFilter(m, d, slots)
}

func (p *Program) compileFilter(m Mapping, d *directory.Directory, slots map[string]int) (err error) {
	if m.Filter == nil || len(m.Filter.AnyOf) == 0 {
		return nil
	}
	// A job's own filter may spell operators as the service does.
	p.filter, err = scoping.Compile(m.Filter.Filter().Groups, nil, scoping.Options{Spelling: scoping.LenientSpelling})
	if err != nil {
		return err
	}
	p.scoped, err = p.slots(p.filter.Attributes(), "scoping filter", d, slots)
	return err
}

// slots finds readers for attributes and gives their positions.
func (p *Program) slots(names []string, where string, d *directory.Directory, slots map[string]int) ([]int, error) {
	row := make([]int, len(names))
	for i, name := range names {
		at, ok := slots[name]
		if !ok {
			r, found := readerOf(name, d)
			if !found {
				return nil, &MissingAttributeError{where, name}
			}
			at = len(p.readers)
			slots[name] = at
			p.readers = append(p.readers, r)
		}
		row[i] = at
	}
	return row, nil
}

// readerOf finds where a source attribute comes from.
func readerOf(name string, d *directory.Directory) (reader, bool) {
	text := func(get func(*directory.User) string) reader {
		return func(i int32) expression.Value { return textOrNull(get(&d.Users[i])) }
	}
	switch name {
	case "objectId":
		return text(func(u *directory.User) string { return u.ID }), true
	case "originalUserPrincipalName":
		return text(func(u *directory.User) string { return u.UserPrincipalName }), true
	case "userPrincipalName":
		// The engine sees a B2B user's name as at home [graph 1.6, D].
		return text(func(u *directory.User) string { return Stripped(u.UserPrincipalName) }), true
	case "mail":
		return text(func(u *directory.User) string { return u.Mail }), true
	case "userType":
		return text(func(u *directory.User) string { return u.UserType }), true
	case "userState":
		return text(func(u *directory.User) string { return u.ExternalUserState }), true
	case "accountEnabled":
		return func(i int32) expression.Value { return tri(d.Users[i].AccountEnabled) }, true
	case "dirSyncEnabled":
		return func(i int32) expression.Value { return tri(d.Users[i].OnPremisesSyncEnabled) }, true
	case "otherMails":
		return func(i int32) expression.Value { return expression.ListValue(d.Users[i].OtherMails) }, true
	case "IsSoftDeleted":
		// True for who leaves scope or is disabled [expressions 7]; those
		// are decided before a mapping is looked at.
		return func(i int32) expression.Value {
			return expression.BoolValue(d.Users[i].AccountEnabled == directory.False)
		}, true
	}
	if derived(name) {
		return func(int32) expression.Value { return expression.Null() }, true
	}
	column, ok := d.Column(GraphName(name))
	if !ok {
		return nil, false
	}
	first := name == "telephoneNumber" // Graph has a list of business phones
	return func(i int32) expression.Value { return fromColumn(column[i], first) }, true
}

func textOrNull(s string) expression.Value {
	if s == "" {
		return expression.Null()
	}
	return expression.TextValue(s)
}

func tri(t directory.Tri) expression.Value {
	if t == directory.Absent {
		return expression.Null()
	}
	return expression.BoolValue(t == directory.True)
}

// fromColumn reads a value that a reading keeps as JSON.
func fromColumn(raw string, first bool) expression.Value {
	if raw == "" {
		return expression.Null()
	}
	var v any
	dec := json.NewDecoder(strings.NewReader(raw))
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return expression.Null()
	}
	if list, ok := v.([]any); ok && first {
		if len(list) == 0 {
			return expression.Null()
		}
		v = list[0]
	}
	value, err := expression.ValueFromJSON(v)
	if err != nil {
		return expression.Null() // an object: no expression can use it
	}
	return value
}

// Stripped is a principal name as provisioning's expressions see it:
// alias_home.tld#EXT#@host is alias@home.tld ([graph 1.6]; how-provisioning-works).
func Stripped(upn string) string {
	at := strings.Index(strings.ToUpper(upn), "#EXT#")
	if at < 0 {
		return upn
	}
	home := upn[:at]
	if us := strings.LastIndexByte(home, '_'); us > 0 {
		return home[:us] + "@" + home[us+1:]
	}
	return home
}

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

// Counted reports whether the filter or an expression may run out of a regular
// expression's steps: then expression.OutOfSteps is true of the error, and
// nothing is known of the user.
func (p *Program) Counted() bool {
	return p.filter != nil && p.filter.Counted() ||
		slices.ContainsFunc(p.programs, func(e *expression.Program) bool { return e != nil && e.Counted() })
}

// InScope reports whether the loaded user passes the scoping filter.
func (p *Program) InScope(r *Row) (bool, error) {
	if p.filter == nil {
		return true, nil
	}
	return p.filter.Match(r.take(p.scoped))
}

// Eval evaluates the target attribute at a position for the loaded user; the
// default stands where the expression gives null.
func (p *Program) Eval(r *Row, target int) (expression.Result, error) {
	res, err := p.programs[target].Eval(r.take(p.rows[target]), &p.env)
	if err != nil {
		return res, err
	}
	if d := p.mapping.Attributes[p.Targets[target]].Default; d != nil && *d != "" && res.Outcome == expression.OutcomeNull {
		return expression.Result{Outcome: expression.OutcomeValue, Value: expression.TextValue(*d)}, nil
	}
	return res, nil
}

// Override puts another value in place of one that Load read.
func (p *Program) Override(r *Row, name string, v expression.Value) {
	if at, ok := p.slotOf[name]; ok {
		r.values[at] = v
	}
}
