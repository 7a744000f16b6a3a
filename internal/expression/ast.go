package expression

// Node is a part of a parsed expression: *Call, *Attribute, *Text, *Number,
// *Keyword or *Comparison.
type Node interface {
	// Position is where the part starts.
	Position() Position
}

// Call is a function with its arguments. An argument that the text leaves
// empty is nil: "not given", which differs from "".
type Call struct {
	Name string
	Args []Node
	Pos  Position
}

// Attribute is a reference to an attribute of the source object.
type Attribute struct {
	Name string
	Pos  Position
}

// Text is a constant in double quotes; Value has its escapes resolved.
type Text struct {
	Value string
	Pos   Position
}

// Number is a bare number or a hexadecimal &H constant, as it was written.
// The service stores it as the text of the same characters. [D GAS]
type Number struct {
	Raw string
	Pos Position
}

// Keyword is one of the bare words of the language.
type Keyword struct {
	Name string
	Pos  Position
}

// Comparison is Left Op Right, seen as the condition of IIF and in CBool.
type Comparison struct {
	Op          string
	Left, Right Node
	OpPos       Position
}

// Position is where the function's name starts.
func (n *Call) Position() Position { return n.Pos }

// Position is where the opening bracket stands.
func (n *Attribute) Position() Position { return n.Pos }

// Position is where the opening quote stands.
func (n *Text) Position() Position { return n.Pos }

// Position is where the number starts.
func (n *Number) Position() Position { return n.Pos }

// Position is where the word starts.
func (n *Keyword) Position() Position { return n.Pos }

// Position is where the left operand starts.
func (n *Comparison) Position() Position { return n.Left.Position() }

// The bare words of the language.
const (
	wordTextCompare   = "vbTextCompare"
	wordBinaryCompare = "vbBinaryCompare"
	wordDropAttribute = "IgnoreAttributeFlow"
	wordDropObject    = "IgnoreObjectFlow"
)

var keywords = []string{
	wordTextCompare,
	wordBinaryCompare,
	"Unicode",
	"ASCII",
	"UTF8",
	wordDropAttribute,
	wordDropObject,
}

// Expression is a parsed expression. Parsing knows nothing of attributes and
// functions; Check and Compile do.
type Expression struct {
	root   Node
	source string
}

// Root returns the syntax tree. It must not be changed.
func (e *Expression) Root() Node { return e.root }

// Raw returns the text as it was given to Parse.
func (e *Expression) Raw() string { return e.source }

// walk visits a node and what is below it, parents first.
func walk(n Node, visit func(Node)) {
	if n == nil {
		return
	}
	visit(n)
	switch n := n.(type) {
	case *Call:
		for _, a := range n.Args {
			walk(a, visit)
		}
	case *Comparison:
		walk(n.Left, visit)
		walk(n.Right, visit)
	}
}
