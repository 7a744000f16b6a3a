package expression

import (
	"slices"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/expression/dotnet"
)

// Context is what Check and Compile know about the place of an expression.
type Context struct {
	// Attributes are the source attributes that exist, in the order of the rows'
	// slots. nil means any: then the slots are the expression's own attributes.
	Attributes []string

	// MultiValued names those of the attributes that hold lists; a function that
	// takes a single value is then an error at once.
	MultiValued []string

	// Matching says that the expression feeds a matching attribute: random values,
	// the clock and SelectUniqueValue are errors there. [D REF, and ours for the clock]
	Matching bool

	// NoUniqueValue says that the job isn't one of Workday, SuccessFactors or
	// API-driven provisioning to Active Directory, which alone support
	// SelectUniqueValue. [D REF#selectuniquevalue]
	NoUniqueValue bool

	// EntraSource says that the objects come from Entra ID, where the service has
	// a known fault with Switch; it adds a warning. [D REF#switch]
	EntraSource bool
}

// Program is a compiled expression. It is safe for concurrent use.
type Program struct {
	expr     *Expression
	root     evalNode
	attrs    []string
	patterns regexCache
	counted  bool
}

// Counted reports whether an evaluation may run out of a regular expression's
// steps (OutOfSteps): where a pattern is no constant, or one that Go's linear
// engine can't run.
func (p *Program) Counted() bool { return p.counted }

// Attributes lists the attribute of each slot of a Row.
func (p *Program) Attributes() []string { return p.attrs }

// Expression returns what was compiled.
func (p *Program) Expression() *Expression { return p.expr }

// evalNode is a compiled part.
type evalNode interface {
	eval(m *machine) (Value, error)
}

// callNode is a compiled call. args has an entry for each argument of the text
// up to the last given one; those not given are nil.
type callNode struct {
	call  *Call
	def   *function
	nodes []Node
	args  []evalNode
	// What prepare compiled from constant arguments, of the two functions that do.
	format  *formatStatic
	replace *replaceStatic
	each    bool // the first argument may be a list, each value of which is worked on
}

// compiler checks a tree and compiles it in one pass.
type compiler struct {
	ctx      Context
	slots    map[string]int
	attrs    []string
	root     Node
	open     bool // any attribute is accepted
	multi    map[string]bool
	errs     Errors
	warnings []Warning
	counted  bool // see Program.Counted
}

// Compile checks the expression and prepares it for evaluation: constants,
// regular expressions and date formats are compiled here, and attributes become
// slots of a Row. The error is of type Errors.
func (e *Expression) Compile(ctx Context) (*Program, error) {
	p, _, err := e.compile(ctx)
	return p, err
}

// Check checks functions, their arguments, and attributes. The warnings are
// there with and without an error, which is of type Errors.
func (e *Expression) Check(ctx Context) ([]Warning, error) {
	_, warnings, err := e.compile(ctx)
	return warnings, err
}

func (e *Expression) compile(ctx Context) (*Program, []Warning, error) {
	c := &compiler{
		ctx:   ctx,
		root:  e.root,
		slots: map[string]int{},
		open:  ctx.Attributes == nil,
		multi: map[string]bool{},
	}
	for i, name := range ctx.Attributes {
		c.slots[name] = i
	}
	c.attrs = slices.Clone(ctx.Attributes)
	for _, name := range ctx.MultiValued {
		c.multi[name] = true
	}
	root := c.node(e.root, nil)
	c.lint(e)
	if len(c.errs) > 0 {
		slices.SortStableFunc(c.errs, func(a, b *Error) int { return a.Pos.Offset - b.Pos.Offset })
		return nil, c.warnings, c.errs
	}
	return &Program{expr: e, root: root, attrs: c.attrs, counted: c.counted}, c.warnings, nil
}

func (c *compiler) report(e *Error) { c.errs = append(c.errs, e) }

// reportArg reports a mistake in the i-th argument.
func (c *compiler) reportArg(n *callNode, i int, message, suggestion string) {
	e := &Error{
		Pos:        n.call.Pos,
		Function:   n.call.Name,
		Argument:   n.def.param(i).name,
		Message:    message,
		Suggestion: suggestion,
	}
	if i < len(n.nodes) && n.nodes[i] != nil {
		e.Pos = n.nodes[i].Position()
	}
	c.report(e)
}

// node compiles a part; parent is the call that it is an argument of.
func (c *compiler) node(n Node, parent *Call) evalNode {
	switch n := n.(type) {
	case *Call:
		return c.call(n)
	case *Attribute:
		return c.attribute(n)
	case *Text:
		return constant{TextValue(n.Value)}
	case *Number:
		if strings.HasPrefix(n.Raw, "&") {
			v, _ := parseInt(n.Raw)
			return constant{IntValue(v)}
		}
		return constant{TextValue(n.Raw)}
	case *Keyword:
		return c.keyword(n, parent)
	case *Comparison:
		return &comparison{op: n.Op, left: c.node(n.Left, nil), right: c.node(n.Right, nil), node: n}
	}
	return constant{}
}

func (c *compiler) attribute(n *Attribute) evalNode {
	slot, ok := c.slots[n.Name]
	if !ok && c.open {
		slot = len(c.attrs)
		c.slots[n.Name] = slot
		c.attrs = append(c.attrs, n.Name)
	} else if !ok {
		e := fail(n.Pos, "the source has no attribute [%s]", n.Name)
		if near := Nearest(n.Name, c.attrs); near != "" {
			e.Suggestion = "did you mean [" + near + "]?"
			if strings.EqualFold(near, n.Name) {
				e.Suggestion += " Attribute names are case-sensitive"
			}
		}
		c.report(e)
	}
	return attributeNode(slot)
}

// keyword places the bare words: two drop what flows, the rest are options of
// one function each.
func (c *compiler) keyword(n *Keyword, parent *Call) evalNode {
	if strings.HasPrefix(n.Name, "%") {
		return variable(n.Name)
	}
	switch n.Name {
	case wordDropAttribute:
		return drop(signalDropAttribute)
	case wordDropObject:
		return drop(signalDropObject)
	}
	want := "ConvertFromBase64"
	if n.Name == wordTextCompare || n.Name == wordBinaryCompare {
		want = "InStr"
	}
	if parent == nil || parent.Name != want && !(want == "InStr" && parent.Name == "Instr") {
		c.report(fail(n.Pos, "%s is an option of %s only", n.Name, want))
	}
	return constant{TextValue(n.Name)}
}

// mayBeList reports a part that may give several values.
func mayBeList(n evalNode) bool {
	switch n := n.(type) {
	case attributeNode:
		return true
	case *callNode:
		return n.each || n.def.name == "Split" || n.def.name == "RemoveDuplicates"
	}
	return false
}

// variable is a variable of the job, whose value isn't in the schema.
type variable string

func (v variable) eval(m *machine) (Value, error) {
	if m.env != nil {
		if text, ok := m.env.Variables[string(v)]; ok {
			return TextValue(text), nil
		}
	}
	return Value{}, NeedsJobVariable
}

func (c *compiler) call(n *Call) evalNode {
	def, ok := functionTable[n.Name]
	if !ok {
		c.report(unknownFunction(n))
		for _, a := range n.Args { // mistakes inside are reported too
			c.node(a, n)
		}
		return constant{}
	}
	out := &callNode{call: n, def: def, nodes: givenArgs(n)}
	if isLegacyFormat(n.Name, out.nodes) {
		out.nodes = canonicalArgs(n)
	}
	out.args = make([]evalNode, len(out.nodes))
	for i, a := range out.nodes {
		if a != nil {
			out.args[i] = c.node(a, n)
		}
	}
	out.each = def.each && len(out.args) > 0 && mayBeList(out.args[0])
	if c.arity(out) {
		c.constants(out)
		if def.prepare != nil {
			def.prepare(c, out)
		}
	}
	c.place(n, def)
	return out
}

// arity checks the number of arguments and that the required ones are given.
func (c *compiler) arity(n *callNode) bool {
	got, least := len(n.nodes), n.def.minArgs()
	e := &Error{Pos: n.call.Pos, Function: n.call.Name}
	if limit := len(n.def.params); got > limit && n.def.repeat == 0 {
		e.Message = "too many arguments: " + strconv.Itoa(got) + " given, " + strconv.Itoa(limit) + " at most"
		e.Suggestion = signature(n.def)
		if a := n.nodes[limit]; a != nil {
			e.Pos = a.Position()
		}
		c.report(e)
		return false
	}
	for i := range max(got, least) {
		if n.def.param(i).required && (i >= got || n.nodes[i] == nil) {
			e.Argument = n.def.param(i).name
			e.Message = "the argument is missing"
			e.Suggestion = signature(n.def)
			c.report(e)
			return false
		}
	}
	return true
}

// signature prints how a function is called.
func signature(f *function) string {
	var b strings.Builder
	b.WriteString("it is called as " + f.name + "(")
	for i, p := range f.params {
		if i > 0 {
			b.WriteString(", ")
		}
		if p.required {
			b.WriteString(p.name)
		} else {
			b.WriteString("[" + p.name + "]")
		}
	}
	if f.repeat > 0 {
		b.WriteString(", …")
	}
	b.WriteString(")")
	return b.String()
}

// constants checks constant arguments against what they have to be, and lists
// against functions that take single values.
func (c *compiler) constants(n *callNode) {
	for i, a := range n.nodes {
		p := n.def.param(i)
		if at, ok := a.(*Attribute); ok && c.multi[at.Name] && p.kind != argAny && !(n.def.each && i == 0) {
			c.reportArg(
				n,
				i,
				"["+at.Name+"] is multi-valued, and this argument is a single value",
				"use Item, Join or Count on it",
			)
		}
		text, ok := constText(a)
		if !ok {
			continue
		}
		switch p.kind {
		case argInt:
			if _, ok := parseInt(text); !ok {
				c.reportArg(n, i, "a whole number is expected, not "+strconv.Quote(text), "")
			}
		case argInterval:
			if !slices.Contains(intervals, text) {
				c.reportArg(n, i, badInterval(text), "")
			}
		case argCulture:
			if _, err := dotnet.ParseCulture(text); err != nil {
				c.reportArg(n, i, strconv.Quote(text)+" is not a culture: "+err.Error(), "")
			}
		default: // any text will do
		}
	}
}

// place checks where a function stands.
func (c *compiler) place(n *Call, def *function) {
	if def.name == "SelectUniqueValue" {
		c.placeUnique(n)
	}
	if c.ctx.Matching && def.effects&(usesRandom|usesClock) != 0 {
		c.report(&Error{Pos: n.Pos, Function: n.Name,
			Message: "a matching attribute needs a value that stays the same, and this one changes by itself"})
	}
}

// constText returns a constant's text.
func constText(n Node) (string, bool) {
	switch n := n.(type) {
	case *Text:
		return n.Value, true
	case *Number:
		return n.Raw, true
	}
	return "", false
}
