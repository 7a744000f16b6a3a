package expression

import (
	"fmt"
	"slices"
	"strings"
)

// Source is Graph's attributeMappingSource: the stored form of an expression,
// as text and as a tree of its parts.
type Source struct {
	Expression string      `json:"expression"`
	Name       string      `json:"name"`
	Type       string      `json:"type"` // SourceAttribute, SourceConstant or SourceFunction
	Parameters []Parameter `json:"parameters"`
}

// Parameter is one argument of a Function source.
type Parameter struct {
	Key   string `json:"key"`
	Value Source `json:"value"`
}

// The types of a Source. Reading ignores their case: Microsoft's pages write
// them in lower case at times.
const (
	SourceAttribute = "Attribute"
	SourceConstant  = "Constant"
	SourceFunction  = "Function"
)

// Source converts the expression to Graph's form: the whole text at the top,
// constants as quoted text, skipped parameters left out, the others under the
// keys that the service stores [expressions 5.1, O].
func (e *Expression) Source() Source {
	s := sourceOf(e.root)
	s.Expression = e.String()
	return s
}

func sourceOf(n Node) Source {
	s := Source{Expression: string(printer{}.node(nil, n)), Parameters: []Parameter{}}
	switch n := n.(type) {
	case *Attribute:
		s.Type, s.Name = SourceAttribute, n.Name
	case *Call:
		s.Type, s.Name = SourceFunction, n.Name
		for i, a := range canonicalArgs(n) {
			if a != nil {
				s.Parameters = append(s.Parameters, parametersOf(n.Name, i, a)...)
			}
		}
	case *Text:
		s.Type, s.Name = SourceConstant, n.Value
	case *Number:
		s.Type, s.Name = SourceConstant, n.Raw
		if !strings.HasPrefix(n.Raw, "&") {
			s.Expression = string(appendQuoted(nil, n.Raw))
		}
	case *Comparison:
		// Outside IIF and CBool none was seen: this form is ours, and one that can't
		// be taken for anything else [?].
		s.Type, s.Name = SourceFunction, n.Op
		s.Parameters = append(s.Parameters, Parameter{"left", sourceOf(n.Left)}, Parameter{"right", sourceOf(n.Right)})
	default:
		s.Type, s.Name = SourceConstant, s.Expression
	}
	return s
}

// operators are those of comparisons [expressions 1].
var operators = []string{"<>", "<=", ">=", "=", "<", ">"}

// The keys under which a comparison stands as the first argument of a function:
// its operator is a constant [expressions 5.1, O]; that of CBool, which wasn't
// seen, is taken to be like IIF's [I].
const (
	keyOperator = "two"
	keyRight    = "three"
)

func parametersOf(function string, i int, n Node) []Parameter {
	c, ok := n.(*Comparison)
	key := parameterKey(function, i)
	if !ok || i > 0 || !comparing(function) {
		return []Parameter{{key, sourceOf(n)}}
	}
	return []Parameter{
		{key, sourceOf(c.Left)},
		{keyOperator, sourceOf(&Text{Value: c.Op})},
		{keyRight, sourceOf(c.Right)},
	}
}

// comparing reports a function that takes a comparison.
func comparing(function string) bool { return function == "IIF" || function == "CBool" }

func parameterKey(function string, i int) string {
	if def, ok := functionTable[function]; ok {
		if key := def.param(i).key(); key != "" {
			return key
		}
	}
	return fmt.Sprintf("parameter%d", i+1)
}

// FromSource reads Graph's form. The text is what counts; a Source without it
// is put together from its parts.
func FromSource(s Source) (*Expression, error) {
	text := s.Expression
	if strings.TrimSpace(text) == "" {
		var err error
		if text, err = s.text(0); err != nil {
			return nil, err
		}
	}
	return Parse(text)
}

// text writes a Source without its text.
func (s Source) text(depth int) (string, error) {
	if depth > MaxDepth {
		return "", fmt.Errorf("the mapping source is nested more than %d deep", MaxDepth)
	}
	if depth > 0 && strings.TrimSpace(s.Expression) != "" {
		return s.Expression, nil
	}
	switch {
	case strings.EqualFold(s.Type, SourceAttribute), s.Type == "" && len(s.Parameters) == 0:
		return "[" + s.Name + "]", nil
	case strings.EqualFold(s.Type, SourceConstant):
		if bareWord(s.Name) {
			return s.Name, nil
		}
		return string(appendQuoted(nil, s.Name)), nil
	case strings.EqualFold(s.Type, SourceFunction) && slices.Contains(operators, s.Name) && len(s.Parameters) == 2:
		return s.comparison(s.Parameters[0], s.Name, s.Parameters[1], depth)
	case strings.EqualFold(s.Type, SourceFunction):
		args, err := s.arguments(depth)
		return s.Name + "(" + strings.Join(args, ", ") + ")", err
	}
	return "", fmt.Errorf(
		"the mapping source has the type %q; the types are %s, %s and %s",
		s.Type,
		SourceAttribute,
		SourceConstant,
		SourceFunction,
	)
}

// bareWord reports a constant that stands without quotes: a word of the language,
// a variable of the job [expressions 1], a hexadecimal number.
func bareWord(name string) bool {
	if slices.Contains(keywords, name) {
		return true
	}
	l := lexer{src: name}
	tok, err := l.next()
	return err == nil && l.at == len(name) &&
		(tok.kind == tokenVariable || tok.kind == tokenNumber && strings.HasPrefix(name, "&"))
}

func (s Source) comparison(left Parameter, op string, right Parameter, depth int) (string, error) {
	a, err := left.Value.text(depth + 1)
	if err != nil {
		return "", err
	}
	b, err := right.Value.text(depth + 1)
	return a + " " + op + " " + b, err
}

// arguments puts the parameters in their places by name. Those of a repeated
// name follow one another; names that the function doesn't have are taken in
// their order.
func (s Source) arguments(depth int) ([]string, error) {
	var args []string
	next := 0
	def := functionTable[s.Name]
	parameters := s.Parameters
	if c, rest, err := s.compared(depth); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	} else if c != "" {
		args, next, parameters = []string{c}, 1, rest
	}
	for _, p := range parameters {
		at := next
		if def != nil {
			for i := next; i < len(def.params)+next; i++ {
				if def.param(i).called(p.Key) {
					at = i
					break
				}
			}
		}
		for len(args) < at {
			args = append(args, "")
		}
		text, err := p.Value.text(depth + 1)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		args = append(args, text)
		next = at + 1
	}
	return args, nil
}

// compared is the comparison that a function's first three parameters make, and
// the parameters behind it; "" where they make none.
func (s Source) compared(depth int) (text string, rest []Parameter, err error) {
	op, right := s.parameter(keyOperator), s.parameter(keyRight)
	if !comparing(s.Name) || op == nil || right == nil || !slices.Contains(operators, op.Value.Name) {
		return "", nil, nil
	}
	left := s.parameter(parameterKey(s.Name, 0))
	if left == nil {
		return "", nil, fmt.Errorf("the comparison %s has no left side", op.Value.Name)
	}
	for i := range s.Parameters {
		if p := &s.Parameters[i]; p != left && p != op && p != right {
			rest = append(rest, *p)
		}
	}
	text, err = s.comparison(*left, op.Value.Name, *right, depth)
	return text, rest, err
}

// parameter is one of a name, nil where there is none.
func (s Source) parameter(key string) *Parameter {
	for i := range s.Parameters {
		if strings.EqualFold(s.Parameters[i].Key, key) {
			return &s.Parameters[i]
		}
	}
	return nil
}
