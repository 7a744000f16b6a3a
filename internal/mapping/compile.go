package mapping

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/expression"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
)

// MissingAttributesError says which source attributes the reading lacks.
type MissingAttributesError struct {
	Missing []MissingAttribute
}

// MissingAttribute is one of them.
type MissingAttribute struct {
	// Where is the target attribute, or the kind of filter.
	Where string
	// Name is provisioning's name of the attribute.
	Name string
}

// Names are Graph's names of the attributes, ascending, each once.
func (e *MissingAttributesError) Names() []string {
	var names []string
	for _, m := range e.Missing {
		names = append(names, GraphName(m.Name))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Uses says what uses which attribute, under both names of each.
func (e *MissingAttributesError) Uses() string {
	uses := make([]string, len(e.Missing))
	for i, m := range e.Missing {
		uses[i] = m.Where + " uses " + Both(m.Name)
	}
	return strings.Join(uses, ", ")
}

// Quoted are the Names as a list in HCL has them.
func (e *MissingAttributesError) Quoted() string {
	quoted := make([]string, 0, len(e.Missing))
	for _, n := range e.Names() {
		quoted = append(quoted, fmt.Sprintf("%q", n))
	}
	return strings.Join(quoted, ", ")
}

func (e *MissingAttributesError) Error() string {
	return fmt.Sprintf("%s, which the directory's reading lacks: add %s to \"attributes\" of "+
		"usersync_directory", e.Uses(), e.Quoted())
}

// Env is what expressions may depend on beside the user.
type Env struct {
	// Now is the clock; the zero time is "not known".
	Now time.Time
	// DefaultDomain is the tenant's default domain.
	DefaultDomain string
	// Given are source attributes that no reading holds, with the value that every user
	// whom it is about has.
	Given map[string]string
	// Job is the one whose assignments give users their app roles; nil where they
	// don't say which those are.
	Job *directory.Job
}

// Compile prepares a mapping for the users of a directory. A row or filter of
// the job's that can't be evaluated is unknown, and nothing else is; attributes
// that the reading lacks are a *MissingAttributesError.
func Compile(m Mapping, d *directory.Directory, env Env) (*Program, error) {
	p := &Program{
		given:   env.Given,
		mapping: m,
		users:   d,
		env:     expression.Env{Now: env.Now, DefaultDomain: env.DefaultDomain},
		slotOf:  map[string]int{},
	}
	p.Targets = slices.Sorted(maps.Keys(m.Attributes))
	c := compiler{Program: p, directory: d, job: env.Job}
	for i, target := range p.Targets {
		if err := c.row(i, target); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(p.Matching, func(a, b int) int {
		return m.Attributes[p.Targets[a]].MatchingPriority - m.Attributes[p.Targets[b]].MatchingPriority
	})
	c.filter(InputFilter, NameInputFilter, m.InputFilter)
	c.filter(ScopingFilter, NameFilter, m.Filter)
	c.filter(CategoryFilter, NameCategoryFilter, m.CategoryFilter)
	if len(c.missing) > 0 {
		return nil, &MissingAttributesError{c.missing}
	}
	return p, nil
}

// compiler collects what is missing while a mapping is compiled.
type compiler struct {
	*Program
	directory *directory.Directory
	job       *directory.Job
	missing   []MissingAttribute
}

func (c *compiler) row(i int, target string) error {
	a := c.mapping.Attributes[target]
	if a.MatchingPriority > 0 {
		c.Matching = append(c.Matching, i)
	}
	add := func(prog *expression.Program, slots []int, unread string) {
		c.programs, c.rows, c.unread = append(c.programs, prog), append(c.rows, slots), append(c.unread, unread)
	}
	switch {
	case a.Unreadable != "":
		add(nil, nil, "the job's row can't be read: "+a.Unreadable)
		return nil
	case a.Expression == "":
		add(nil, nil, "")
		c.cover(i, target, a)
		return nil
	}
	e, err := expression.Parse(a.Expression)
	if err != nil {
		return &AttributeError{target, err}
	}
	prog, err := e.Compile(expressionContext(a))
	if err != nil {
		return &AttributeError{target, err}
	}
	slots, unread := c.slots(prog.Attributes(), target)
	add(prog, slots, unread)
	if f := e.Facts(); unread == "" && !f.Clock && !f.Random && (!f.Directory || rolesAlone(f)) {
		c.cover(i, target, a)
	}
	return nil
}

// rolesAlone reports an expression that needs nothing of the directory but app
// roles, which a reading may hold.
func rolesAlone(f expression.Facts) bool {
	return !slices.ContainsFunc(f.Functions, func(name string) bool {
		return name == "SelectUniqueValue" || name == "DefaultDomain" || name == "AltSecIdFromNetId"
	}) && slices.Contains(f.Functions, "SingleAppRoleAssignment")
}

// cover takes a target into the hash of what is sent: what flows on create alone
// is no update, and active follows the scope.
func (c *compiler) cover(i int, target string, a Attribute) {
	if a.Apply == "on_create" || target == TargetActive {
		return
	}
	c.covered, c.sent = append(c.covered, target), append(c.sent, i)
}

// filter compiles a filter: a clause that can't be evaluated is unknown, and
// the others may decide without it.
func (c *compiler) filter(kind FilterKind, name string, spec *scoping.Spec) {
	if why := c.mapping.Unreadable[name]; why != "" {
		c.filters = append(c.filters, filter{kind: kind, unread: "the " + string(kind) + " can't be read: " + why})
		return
	}
	if spec == nil || len(spec.AnyOf) == 0 {
		return
	}
	options := FilterOptions(name)
	options.Spelling, options.Partly, options.Unread = scoping.LenientSpelling, true, c.notFiltered
	f := filter{kind: kind}
	prog, err := scoping.Compile(spec.Filter().Groups, nil, options)
	if err != nil {
		f.unread = "the " + string(kind) + " can't be read: " + err.Error()
	} else {
		f.program = prog
		f.slots, _ = c.slots(prog.Attributes(), string(kind))
	}
	c.filters = append(c.filters, f)
}

// notFiltered says why nothing is known of an attribute of a filter: of those that
// scoping filters can't take [expressions 6], nothing is, though they may be read.
func (c *compiler) notFiltered(name string) string {
	switch name {
	case AttributeManager, AttributeRoles:
		return "it reads " + name + ", which scoping filters can't take: what the service does then isn't documented"
	default:
		return c.notRead(name)
	}
}

// notRead says why nothing is known of an attribute, "" where it is read or can
// be.
func (c *compiler) notRead(name string) string {
	if _, found := c.readerOf(name); found {
		return ""
	}
	switch near := otherCase(name); {
	case reference(name):
		return unreadReference(name)
	case near != "":
		return fmt.Sprintf("it reads %s, and names of attributes are case-sensitive: did you mean %s?", name, near)
	case !inGraph(name):
		return "it reads " + name + ", which isn't among the properties of Graph's users"
	}
	return ""
}

// slots finds readers for attributes and gives their positions. unread says that
// nothing is known of one of them.
func (c *compiler) slots(names []string, where string) (slots []int, unread string) {
	slots = make([]int, len(names))
	for i, name := range names {
		at, ok := c.slotOf[name]
		if !ok {
			if why := c.notRead(name); why != "" {
				unread = why
				continue
			}
			r, found := c.readerOf(name)
			if !found {
				c.missing = append(c.missing, MissingAttribute{where, name})
				continue
			}
			at = len(c.readers)
			c.slotOf[name] = at
			c.readers = append(c.readers, r)
		}
		slots[i] = at
	}
	return slots, unread
}

// readerOf finds where a source attribute comes from: what is given, else the reading;
// app roles are those of the job's application.
func (c *compiler) readerOf(name string) (reader, bool) {
	if value, given := c.given[name]; given {
		v := expression.TextValue(value)
		return func(int32) expression.Value { return v }, true
	}
	if name != AttributeRoles {
		return readerOf(name, c.directory)
	}
	if c.job == nil || c.job.Roles == nil {
		return nil, false
	}
	return rolesReader(c.directory, c.job), true
}

// readerOf finds where the reading has a source attribute.
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
		return func(i int32) expression.Value { return optionalBool(d.Users[i].AccountEnabled) }, true
	case "dirSyncEnabled":
		return func(i int32) expression.Value { return optionalBool(d.Users[i].OnPremisesSyncEnabled) }, true
	case "otherMails":
		return func(i int32) expression.Value { return expression.ListValue(d.Users[i].OtherMails) }, true
	case "IsSoftDeleted":
		// True for who leaves scope or is disabled [expressions 7]; those
		// are decided before a mapping is looked at.
		return func(i int32) expression.Value {
			return expression.BoolValue(d.Users[i].AccountEnabled == directory.False)
		}, true
	}
	column, ok := d.Column(GraphName(name))
	if !ok || slices.Contains(Hidden, name) {
		return nil, false
	}
	if name == AttributeManager {
		return func(i int32) expression.Value {
			if column[i] == "" {
				return expression.Null()
			}
			return expression.ReferenceValue(directory.ManagerID(column[i]))
		}, true
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

func optionalBool(t directory.OptionalBool) expression.Value {
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
