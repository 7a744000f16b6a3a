package expression

import (
	"fmt"
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
// constants as quoted text, parameters by the names of Graph's list of
// functions, skipped ones left out. [D GAS] How Graph stores a comparison isn't
// documented: it is written as a constant that holds its text [?], and reading
// goes by the text anyway.
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
				s.Parameters = append(s.Parameters, Parameter{Key: parameterKey(n.Name, i), Value: sourceOf(a)})
			}
		}
	case *Text:
		s.Type, s.Name = SourceConstant, n.Value
	case *Number:
		s.Type, s.Name = SourceConstant, n.Raw
		s.Expression = string(appendQuoted(nil, n.Raw))
	default:
		s.Type, s.Name = SourceConstant, s.Expression
	}
	return s
}

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
		return string(appendQuoted(nil, s.Name)), nil
	case strings.EqualFold(s.Type, SourceFunction):
		args, err := s.arguments(depth)
		return s.Name + "(" + strings.Join(args, ", ") + ")", err
	}
	return "", fmt.Errorf("the mapping source has the type %q; the types are %s, %s and %s", s.Type, SourceAttribute, SourceConstant, SourceFunction)
}

// arguments puts the parameters in their places by name. Those of a repeated
// name follow one another; names that the function doesn't have are taken in
// their order.
func (s Source) arguments(depth int) ([]string, error) {
	var args []string
	next := 0
	def := functionTable[s.Name]
	for _, p := range s.Parameters {
		at := next
		if def != nil {
			for i := next; i < len(def.params)+next; i++ {
				if strings.EqualFold(def.param(i).key(), p.Key) || strings.EqualFold(def.param(i).name, p.Key) {
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
