// Package mapping is the language of attribute mappings and scoping filters, as the provisioning service reads and
// evaluates it : the simulator's own, by intent no copy of the provider's.
package mapping

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Source is where a mapped value comes from, with the members of [graph 3.5].
type Source struct {
	Expression string     `json:"expression"`
	Name       string     `json:"name"`
	Type       string     `json:"type"` // Attribute, Constant, Function
	Parameters []Argument `json:"parameters"`
}

// Argument is a parameter of a function with its value.
type Argument struct {
	Key   string `json:"key"`
	Value Source `json:"value"`
}

// maxExpression is how long an expression may be [expressions 1, D].
const maxExpression = 10_000

// The words that stand bare in an expression, and the comparisons, which IIF and CBool take alone
// [expressions 1, D].
var (
	bareWords = []string{
		"vbTextCompare", "vbBinaryCompare", "Unicode", "ASCII", "UTF8", "IgnoreAttributeFlow", "IgnoreObjectFlow",
	}
	bareNumber  = regexp.MustCompile(`^-?\d+(\.\d+)?$`)
	variable    = regexp.MustCompile(`^%\w+%$`) // of the job [expressions 1, O]
	bareHex     = regexp.MustCompile(`^&H[0-9A-Fa-f]+$`)
	Comparisons = []string{"<>", ">=", "<=", "=", ">", "<"} // the longer ones first
)

// Parse reads an expression and writes it as the service does: one blank behind a comma, numbers
// as constants [expressions 2, D], blanks around a comparison [?]. Arguments that are left out
// keep their place in the text and have none in the parameters [graph 3.5, D].
func Parse(text string) (Source, error) {
	if len(text) > maxExpression {
		return Source{}, fmt.Errorf("the expression is longer than %d characters", maxExpression)
	}
	p := &expressionParser{text: text}
	out, err := p.value()
	if err != nil {
		return out, err
	}
	if p.space(); p.at < len(text) {
		return out, fmt.Errorf("unexpected text at position %d", p.at+1)
	}
	return out, nil
}

type expressionParser struct {
	text  string
	at    int
	depth int
}

func (p *expressionParser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// next is the character that comes next, 0 at the end.
func (p *expressionParser) next() byte {
	if p.space(); p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *expressionParser) value() (Source, error) {
	switch p.next() {
	case 0:
		return Source{}, fmt.Errorf("the expression ends too early")
	case '[':
		end := strings.IndexByte(p.text[p.at:], ']')
		if end < 2 {
			return Source{}, fmt.Errorf("no attribute's name at position %d", p.at+1)
		}
		name := p.text[p.at+1 : p.at+end]
		p.at += end + 1
		return AttributeSource(name), nil
	case '"':
		return p.constant()
	}
	begin := p.at
	for p.at < len(p.text) && strings.IndexByte("(),[]\"=<> \t\r\n", p.text[p.at]) < 0 {
		p.at++
	}
	word := p.text[begin:p.at]
	switch {
	case word == "":
		return Source{}, fmt.Errorf("unexpected %q at position %d", p.text[p.at], p.at+1)
	case p.next() == '(':
		return p.call(word)
	case bareNumber.MatchString(word):
		return ConstantSource(word), nil
	case bareHex.MatchString(word) || variable.MatchString(word) || slices.Contains(bareWords, word):
		return Source{Expression: word, Name: word, Type: "Constant", Parameters: []Argument{}}, nil
	}
	return Source{}, fmt.Errorf(
		"'%s' at position %d is neither a function, an attribute in [] nor a constant in quotes", word, begin+1,
	)
}

// constant reads a text in quotes; the backslash of an unknown escape stays [expressions 1, G].
func (p *expressionParser) constant() (Source, error) {
	var b strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		switch ch := p.text[p.at]; {
		case ch == '"':
			p.at++
			return ConstantSource(b.String()), nil
		case ch == '\\' && p.at+1 < len(p.text) && strings.IndexByte(`"\`, p.text[p.at+1]) >= 0:
			p.at++
			b.WriteByte(p.text[p.at])
		default:
			b.WriteByte(ch)
		}
	}
	return Source{}, fmt.Errorf("a constant isn't closed")
}

// call reads a function's arguments.
func (p *expressionParser) call(name string) (Source, error) {
	f, ok := FunctionByName(name)
	if !ok {
		return Source{}, fmt.Errorf("the function '%s' is unknown", name)
	}
	if p.depth++; p.depth > 100 {
		return Source{}, fmt.Errorf("functions are nested too deeply")
	}
	defer func() { p.depth-- }()
	if name == "SelectUniqueValue" && p.depth > 1 { // [expressions 1, D]
		return Source{}, fmt.Errorf("the function '%s' must be the outermost", name)
	}
	var given []*Source    // nil: left out
	for p.at++; ; p.at++ { // behind ( or ,
		var v *Source
		if ch := p.next(); ch != ',' && ch != ')' {
			one, err := p.argument(f, len(given))
			if err != nil {
				return Source{}, err
			}
			v = &one
		}
		given = append(given, v)
		if ch := p.next(); ch == ')' {
			break
		} else if ch == 0 {
			return Source{}, fmt.Errorf("')' is missing")
		} else if ch != ',' {
			return Source{}, fmt.Errorf("expected ',' at position %d", p.at+1)
		}
	}
	p.at++
	if len(given) == 1 && given[0] == nil {
		given = nil
	}
	return f.source(given)
}

// argument reads one, which may be a comparison where a condition stands.
func (p *expressionParser) argument(f Function, at int) (Source, error) {
	left, err := p.value()
	if err != nil || at > 0 || f.Name != "IIF" && f.Name != "CBool" {
		return left, err
	}
	p.space()
	for _, operator := range Comparisons {
		if !strings.HasPrefix(p.text[p.at:], operator) {
			continue
		}
		p.at += len(operator)
		right, err := p.value()
		return Comparison(operator, left, right), err
	}
	return left, nil
}

// Comparison is one as a function with the operator's name; how the service writes the parts of one is
// [?].
func Comparison(operator string, left, right Source) Source {
	return Source{
		Expression: left.Expression + " " + operator + " " + right.Expression, Name: operator, Type: "Function",
		Parameters: []Argument{{"value1", left}, {"value2", right}},
	}
}

// AttributeSource is an attribute as a source.
func AttributeSource(name string) Source {
	return Source{Expression: "[" + name + "]", Name: name, Type: "Attribute", Parameters: []Argument{}}
}

// ConstantSource is a constant as a source.
func ConstantSource(text string) Source {
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
	return Source{Expression: `"` + escaped + `"`, Name: text, Type: "Constant", Parameters: []Argument{}}
}
