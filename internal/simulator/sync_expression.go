package simulator

import (
	"fmt"
	"strings"
)

// mappingSource is where a mapped value comes from, with the members of graph.md 3.5.
type mappingSource struct {
	Expression string           `json:"expression"`
	Name       string           `json:"name"`
	Type       string           `json:"type"` // Attribute, Constant, Function
	Parameters []sourceArgument `json:"parameters"`
}

type sourceArgument struct {
	Key   string        `json:"key"`
	Value mappingSource `json:"value"`
}

// parseMapping reads an expression: [attribute], "constant" with \ escapes, a bare number or word,
// and Function(…) whose empty arguments are left out of the parameters (graph.md 3.5 [D]).
func parseMapping(text string) (mappingSource, error) {
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

func (p *expressionParser) value() (mappingSource, error) {
	p.space()
	if p.at == len(p.text) {
		return mappingSource{}, fmt.Errorf("the expression ends too early")
	}
	switch p.text[p.at] {
	case '[':
		end := strings.IndexByte(p.text[p.at:], ']')
		if end < 2 {
			return mappingSource{}, fmt.Errorf("no attribute's name at position %d", p.at+1)
		}
		name := p.text[p.at+1 : p.at+end]
		p.at += end + 1
		return attributeSource(name), nil
	case '"':
		return p.constant()
	}
	begin := p.at
	for p.at < len(p.text) && strings.IndexByte("(),[]\" \t\r\n", p.text[p.at]) < 0 {
		p.at++
	}
	word := p.text[begin:p.at]
	if word == "" {
		return mappingSource{}, fmt.Errorf("unexpected %q at position %d", p.text[p.at], p.at+1)
	}
	if p.space(); p.at < len(p.text) && p.text[p.at] == '(' {
		return p.call(word)
	}
	return constantSource(word), nil
}

func (p *expressionParser) constant() (mappingSource, error) {
	var b strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		switch ch := p.text[p.at]; {
		case ch == '"':
			p.at++
			return constantSource(b.String()), nil
		case ch == '\\' && p.at+1 < len(p.text) && strings.IndexByte(`"\`, p.text[p.at+1]) >= 0:
			p.at++
			b.WriteByte(p.text[p.at])
		default:
			b.WriteByte(ch)
		}
	}
	return mappingSource{}, fmt.Errorf("a constant isn't closed")
}

// call reads a function's arguments.
func (p *expressionParser) call(name string) (mappingSource, error) {
	f, ok := functionNamed(name)
	if !ok {
		return mappingSource{}, fmt.Errorf("the function '%s' is unknown", name)
	}
	if p.depth++; p.depth > 100 {
		return mappingSource{}, fmt.Errorf("functions are nested too deeply")
	}
	defer func() { p.depth-- }()
	out := mappingSource{Name: name, Type: "Function", Parameters: []sourceArgument{}}
	var written []string
	for p.at++; ; p.at++ { // behind ( or ,
		p.space()
		if p.at == len(p.text) {
			return out, fmt.Errorf("')' is missing")
		}
		if ch := p.text[p.at]; ch == ',' || ch == ')' {
			written = append(written, "")
		} else {
			v, err := p.value()
			if err != nil {
				return out, err
			}
			key := f.parameter(len(written))
			if key == "" {
				return out, fmt.Errorf("too many arguments of '%s'", name)
			}
			out.Parameters = append(out.Parameters, sourceArgument{key, v})
			written = append(written, v.Expression)
		}
		if p.space(); p.at == len(p.text) {
			return out, fmt.Errorf("')' is missing")
		}
		if p.text[p.at] == ')' {
			break
		}
		if p.text[p.at] != ',' {
			return out, fmt.Errorf("expected ',' at position %d", p.at+1)
		}
	}
	p.at++
	if len(written) == 1 && written[0] == "" {
		written = nil
	}
	out.Expression = name + "(" + strings.Join(written, ", ") + ")"
	return out, nil
}

func attributeSource(name string) mappingSource {
	return mappingSource{Expression: "[" + name + "]", Name: name, Type: "Attribute", Parameters: []sourceArgument{}}
}

func constantSource(text string) mappingSource {
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
	return mappingSource{Expression: `"` + escaped + `"`, Name: text, Type: "Constant", Parameters: []sourceArgument{}}
}
