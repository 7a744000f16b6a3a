package expression

import (
	"strings"
	"unicode/utf8"
)

// Limits of an expression.
const (
	MaxLength = 10_000 // characters [D REF, known-issues]
	MaxDepth  = 200    // functions inside functions; ours, so that no text exhausts the stack
)

// Parse reads an expression: a function, an attribute, or a constant. It
// checks the syntax only; the error is an *Error with a position.
func Parse(src string) (*Expression, error) {
	if n := utf8.RuneCountInString(src); n > MaxLength {
		e := fail(Position{Offset: MaxLength, Line: 1, Column: MaxLength + 1},
			"the expression has %d characters; the service takes at most %d", n, MaxLength)
		return nil, e
	}
	if !utf8.ValidString(src) {
		return nil, fail(Position{Line: 1, Column: 1}, "the expression isn't valid UTF-8 text")
	}
	p := parser{lexer: lexer{src: src}}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == tokenEnd {
		return nil, p.fail(p.tok, "the expression is empty")
	}
	root, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if p.tok.kind != tokenEnd {
		return nil, p.trailing()
	}
	return &Expression{root: root, source: src}, nil
}

// MustParse is Parse for constants of the program; it panics on an error.
func MustParse(src string) *Expression {
	e, err := Parse(src)
	if err != nil {
		panic(err)
	}
	return e
}

// parser reads by recursive descent, one token ahead.
type parser struct {
	lexer
	tok token
}

func (p *parser) advance() *Error {
	tok, err := p.lexer.next()
	p.tok = tok
	return err
}

func (p *parser) fail(at token, format string, args ...any) *Error {
	return p.lexer.fail(at.at, format, args...)
}

func (p *parser) pos(at token) Position { return p.positionAt(at.at) }

// expression = operand [ compareOp operand ]
func (p *parser) expression(depth int) (Node, *Error) {
	left, err := p.operand(depth)
	if err != nil || p.tok.kind != tokenOperator {
		return left, err
	}
	op := p.tok
	if err := p.advance(); err != nil {
		return nil, err
	}
	right, err := p.operand(depth)
	if err != nil {
		return nil, err
	}
	if p.tok.kind == tokenOperator {
		return nil, p.fail(p.tok, "a comparison has two sides; nest IIF for more")
	}
	return &Comparison{Op: op.text, Left: left, Right: right, OpPos: p.pos(op)}, nil
}

// operand = call | attribute | string | number | keyword
func (p *parser) operand(depth int) (Node, *Error) {
	tok := p.tok
	var n Node
	switch tok.kind {
	case tokenName:
		return p.word(depth)
	case tokenAttribute:
		n = &Attribute{Name: tok.text, Pos: p.pos(tok)}
	case tokenText:
		n = &Text{Value: tok.text, Pos: p.pos(tok)}
	case tokenNumber:
		n = &Number{Raw: tok.text, Pos: p.pos(tok)}
	case tokenVariable:
		n = &Keyword{Name: tok.text, Pos: p.pos(tok)}
	case tokenEnd:
		return nil, p.fail(tok, "the expression ends where a value is expected")
	default:
		return nil, p.fail(tok, "a value is expected here, not %q", tok.text)
	}
	return n, p.advance()
}

// word reads a function or a bare word.
func (p *parser) word(depth int) (Node, *Error) {
	name := p.tok
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == tokenOpen {
		return p.call(name, depth)
	}
	for _, k := range keywords {
		if k == name.text {
			return &Keyword{Name: k, Pos: p.pos(name)}, nil
		}
	}
	e := p.fail(name, "%s is neither a function with its parentheses nor a word of the language", name.text)
	switch near := Nearest(name.text, append(FunctionNames(), keywords...)); near {
	case "":
		e.Suggestion = `text goes in double quotes ("` + name.text + `"), attributes in brackets ([` + name.text + `])`
	case name.text:
		e.Suggestion = "write " + near + "(...)"
	default:
		e.Suggestion = "did you mean " + near + "?"
	}
	return nil, e
}

// call = name "(" [ arg *( "," arg ) ] ")", where an arg may be empty.
func (p *parser) call(name token, depth int) (Node, *Error) {
	if depth >= MaxDepth {
		return nil, p.fail(name, "functions are nested more than %d deep", MaxDepth)
	}
	open := p.tok
	if err := p.advance(); err != nil {
		return nil, err
	}
	n := &Call{Name: name.text, Pos: p.pos(name)}
	if p.tok.kind == tokenClose {
		return n, p.advance()
	}
	for {
		var arg Node
		if p.tok.kind != tokenComma && p.tok.kind != tokenClose {
			var err *Error
			if arg, err = p.expression(depth + 1); err != nil {
				return nil, err
			}
		}
		n.Args = append(n.Args, arg)
		switch p.tok.kind {
		case tokenComma:
			if err := p.advance(); err != nil {
				return nil, err
			}
		case tokenClose:
			return n, p.advance()
		case tokenEnd:
			e := p.fail(open, "unbalanced parenthesis: this one isn't closed")
			e.Function = name.text
			return nil, e
		default:
			e := p.trailing()
			e.Function = name.text
			return nil, e
		}
	}
}

// trailing explains a token that follows a complete value.
func (p *parser) trailing() *Error {
	switch p.tok.kind {
	case tokenClose:
		return p.fail(p.tok, "unbalanced parenthesis: nothing is open here")
	case tokenName:
		e := p.fail(p.tok, "%s is not expected after a value", p.tok.text)
		if w := strings.ToUpper(p.tok.text); w == "AND" || w == "OR" {
			e.Suggestion = "there is no " + w + " in this language; nest IIF in its second argument for AND, in its " +
				"third for OR"
		}
		return e
	case tokenOperator:
		return p.fail(p.tok, "a comparison has two sides; nest IIF for more")
	default:
		e := p.fail(p.tok, "%q is not expected after a value", p.tok.text)
		e.Suggestion = "a comma divides arguments"
		return e
	}
}
