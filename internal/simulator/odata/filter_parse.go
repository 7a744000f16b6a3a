package odata

import (
	"slices"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// operator is what a node of a filter does.
type operator string

const (
	opAnd        operator = "and"
	opOr         operator = "or"
	opNot        operator = "not"
	opAny        operator = "any"
	opEq         operator = "eq"
	opNe         operator = "ne"
	opGe         operator = "ge"
	opLe         operator = "le"
	opGt         operator = "gt"
	opLt         operator = "lt"
	opIn         operator = "in"
	opStartsWith operator = "startswith"
	opEndsWith   operator = "endswith"
)

// literal is a value in a filter.
type literal struct {
	kind tenant.Kind // kindString, kindBool, kindDateTime or kindInt32
	null bool
	text string
}

// filter is a node of a parsed $filter.
type filter struct {
	op     operator
	kids   []*filter // of and, or, not, any
	path   []string  // property and, behind a slash, its part; inside any without the variable
	values []literal

	index int // of the property, once checked
}

// maxDepth is more nesting than Graph takes; it protects the stack.
const maxDepth = 50

type filterParser struct {
	text     string
	words    []word
	next     int
	depth    int
	variable string // of the any() around
}

// ParseFilter reads the part of OData's filter language that directory objects know.
func ParseFilter(text string) (*filter, error) {
	words, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &filterParser{text: text, words: words}
	f, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.peek().kind != tokenEnd {
		return nil, p.syntax()
	}
	return f, nil
}

func (p *filterParser) peek() word { return p.words[p.next] }

func (p *filterParser) take() word {
	w := p.words[p.next]
	if w.kind != tokenEnd {
		p.next++
	}
	return w
}

func (p *filterParser) syntax() error {
	return &filterError{p.peek().at, p.text, "Syntax error"}
}

// keyword takes a name if it is the one wanted; OData keywords are matched without case, as Graph does.
func (p *filterParser) keyword(name operator) bool {
	if w := p.peek(); w.kind == tokenName && strings.EqualFold(w.text, string(name)) {
		p.next++
		return true
	}
	return false
}

func (p *filterParser) punct(c string) bool {
	if w := p.peek(); w.kind == tokenPunct && w.text == c {
		p.next++
		return true
	}
	return false
}

func (p *filterParser) or() (*filter, error)  { return p.chain(opOr, (*filterParser).and) }
func (p *filterParser) and() (*filter, error) { return p.chain(opAnd, (*filterParser).unary) }

func (p *filterParser) chain(op operator, part func(*filterParser) (*filter, error)) (*filter, error) {
	first, err := part(p)
	if err != nil {
		return nil, err
	}
	kids := []*filter{first}
	for p.keyword(op) {
		k, err := part(p)
		if err != nil {
			return nil, err
		}
		kids = append(kids, k)
	}
	if len(kids) == 1 {
		return first, nil
	}
	return &filter{op: op, kids: kids}, nil
}

func (p *filterParser) unary() (*filter, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, &filterError{p.peek().at, p.text, "The filter is nested too deeply"}
	}
	defer func() { p.depth-- }()
	switch {
	case p.keyword(opNot):
		k, err := p.unary()
		if err != nil {
			return nil, err
		}
		return &filter{op: opNot, kids: []*filter{k}}, nil
	case p.punct("("):
		k, err := p.or()
		if err != nil {
			return nil, err
		}
		if !p.punct(")") {
			return nil, p.syntax()
		}
		return k, nil
	}
	return p.predicate()
}

// predicate is a function call, a lambda or a comparison.
func (p *filterParser) predicate() (*filter, error) {
	w := p.peek()
	if w.kind != tokenName {
		return nil, p.syntax()
	}
	if after := p.words[p.next+1]; after.kind == tokenPunct && after.text == "(" {
		return p.call()
	}
	path, err := p.propertyPath()
	if err != nil {
		return nil, err
	}
	if len(path) > 0 && path[len(path)-1] == "any" && p.peek().text == "(" {
		return p.lambda(path[:len(path)-1])
	}
	if p.keyword(opIn) {
		values, err := p.list()
		return &filter{op: opIn, path: path, values: values}, err
	}
	for _, op := range []operator{opEq, opNe, opGe, opLe, opGt, opLt} {
		if p.keyword(op) {
			v, err := p.literal()
			return &filter{op: op, path: path, values: []literal{v}}, err
		}
	}
	return nil, p.syntax()
}

// propertyPath is name/part; inside any() the variable in front of it is left out.
func (p *filterParser) propertyPath() ([]string, error) {
	var path []string
	for {
		w := p.peek()
		if w.kind != tokenName {
			return nil, p.syntax()
		}
		p.next++
		path = append(path, w.text)
		if !p.punct("/") {
			break
		}
	}
	if p.variable != "" {
		if path[0] != p.variable {
			return nil, &filterError{
				p.peek().at,
				p.text,
				"Only the range variable '" + p.variable + "' can be used inside any",
			}
		}
		path = path[1:]
	}
	return path, nil
}

// call is startswith(path,'…') or endswith(path,'…'), which may be followed by eq true.
func (p *filterParser) call() (*filter, error) {
	w := p.take()
	op := operator(strings.ToLower(w.text))
	if op != opStartsWith && op != opEndsWith {
		return nil, &filterError{w.at, p.text, "An unknown function with name '" + w.text + "' was found"}
	}
	p.take() // the parenthesis
	path, err := p.propertyPath()
	if err != nil {
		return nil, err
	}
	if !p.punct(",") {
		return nil, p.syntax()
	}
	v, err := p.literal()
	if err != nil {
		return nil, err
	}
	if v.null || v.kind != tenant.KindString || !p.punct(")") {
		return nil, p.syntax()
	}
	f := &filter{op: op, path: path, values: []literal{v}}
	if p.keyword(opEq) {
		switch truth, err := p.literal(); {
		case err != nil:
			return nil, err
		case truth.kind != tenant.KindBool:
			return nil, p.syntax()
		case truth.text == "false":
			return &filter{op: opNot, kids: []*filter{f}}, nil
		}
	}
	return f, nil
}

// lambda is path/any(x:condition on x).
func (p *filterParser) lambda(path []string) (*filter, error) {
	if p.variable != "" || len(path) == 0 {
		return nil, p.syntax()
	}
	p.take() // the parenthesis
	w := p.take()
	if w.kind != tokenName || !p.punct(":") {
		return nil, p.syntax()
	}
	p.variable = w.text
	defer func() { p.variable = "" }()
	k, err := p.or()
	if err != nil {
		return nil, err
	}
	if !p.punct(")") {
		return nil, p.syntax()
	}
	return &filter{op: opAny, path: path, kids: []*filter{k}}, nil
}

func (p *filterParser) list() ([]literal, error) {
	if !p.punct("(") {
		return nil, p.syntax()
	}
	var out []literal
	for {
		v, err := p.literal()
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		if p.punct(")") {
			return out, nil
		}
		if !p.punct(",") {
			return nil, p.syntax()
		}
	}
}

func (p *filterParser) literal() (literal, error) {
	w := p.peek()
	switch {
	case w.kind == tokenString:
		p.next++
		return literal{kind: tenant.KindString, text: w.text}, nil
	case w.kind == tokenName && w.text == "null":
		p.next++
		return literal{null: true}, nil
	case w.kind == tokenName && slices.Contains([]string{"true", "false"}, w.text):
		p.next++
		return literal{kind: tenant.KindBool, text: w.text}, nil
	case w.kind == tokenOther:
		p.next++
		if _, err := time.Parse(time.RFC3339, w.text); err == nil {
			return literal{kind: tenant.KindDateTime, text: w.text}, nil
		}
		return literal{kind: tenant.KindInt32, text: w.text}, nil
	}
	return literal{}, p.syntax()
}
