package expression

import (
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenAttribute
	tokenText
	tokenNumber
	tokenOperator // = <> < <= > >=
	tokenOpen
	tokenClose
	tokenComma
	tokenVariable // %Name%
)

// token is a word of the language; text is its value: a constant without its
// quotes and escapes, an attribute without its brackets.
type token struct {
	kind tokenKind
	text string
	at   int // byte offset
}

// lexer splits an expression into tokens.
type lexer struct {
	src  string
	at   int
	last place
}

func (l *lexer) fail(at int, format string, args ...any) *Error {
	return fail(l.positionAt(at), format, args...)
}

func (l *lexer) next() (token, *Error) {
	for l.at < len(l.src) && strings.IndexByte(" \t\r\n", l.src[l.at]) >= 0 {
		l.at++
	}
	start := l.at
	if start == len(l.src) {
		return token{kind: tokenEnd, at: start}, nil
	}
	switch c := l.src[start]; {
	case c == '"':
		return l.text()
	case c == '[':
		return l.attribute()
	case c == '(' || c == ')' || c == ',':
		l.at++
		return token{
			map[byte]tokenKind{'(': tokenOpen, ')': tokenClose, ',': tokenComma}[c],
			l.src[start:l.at],
			start,
		}, nil
	case c == '=' || c == '<' || c == '>':
		return l.operator()
	case isLetter(c):
		for l.at < len(l.src) && (isLetter(l.src[l.at]) || isDigit(l.src[l.at])) {
			l.at++
		}
		return token{tokenName, l.src[start:l.at], start}, nil
	case isDigit(c), c == '-', c == '&':
		return l.number()
	case c == '%':
		return l.variable()
	}
	return token{}, l.unexpected()
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// text reads a constant. A backslash escapes a backslash and a quote [D REF];
// before anything else it stays, as in a sample that writes "\+". [G WDG]
func (l *lexer) text() (token, *Error) {
	start := l.at
	var b strings.Builder
	for i := start + 1; i < len(l.src); i++ {
		switch c := l.src[i]; {
		case c == '"':
			l.at = i + 1
			return token{tokenText, b.String(), start}, nil
		case c == '\\' && i+1 < len(l.src) && (l.src[i+1] == '"' || l.src[i+1] == '\\'):
			i++
			b.WriteByte(l.src[i])
		default:
			b.WriteByte(c)
		}
	}
	e := l.fail(start, "this string constant has no closing quote")
	if strings.HasSuffix(l.src, `\"`) {
		e.Suggestion = `a backslash before a quote makes the quote part of the text; write \\ for a backslash`
	}
	return token{}, e
}

// attribute reads a reference. Brackets may nest, as SCIM paths have them:
// [emails[type eq "work"].value].
func (l *lexer) attribute() (token, *Error) {
	start := l.at
	depth := 0
	for i := start; i < len(l.src); i++ {
		switch c := l.src[i]; c {
		case '[':
			depth++
		case ']':
			depth--
			if depth == 0 {
				l.at = i + 1
				name := l.src[start+1 : i]
				if strings.TrimSpace(name) == "" {
					return token{}, l.fail(start, "an attribute's name is missing between the brackets")
				}
				return token{tokenAttribute, name, start}, nil
			}
		case ',', '"', '(', ')', '\n':
			if depth == 1 {
				return token{}, l.fail(start, "this attribute reference has no closing bracket")
			}
		}
	}
	return token{}, l.fail(start, "this attribute reference has no closing bracket")
}

func (l *lexer) operator() (token, *Error) {
	start := l.at
	if strings.HasPrefix(l.src[start:], "==") {
		e := l.fail(start, "== is not an operator")
		e.Suggestion = "write ="
		return token{}, e
	}
	for _, op := range operators {
		if strings.HasPrefix(l.src[start:], op) {
			l.at += len(op)
			return token{tokenOperator, op, start}, nil
		}
	}
	return token{}, l.unexpected()
}

// number reads [-]digits[.digits] and &H with hexadecimal digits.
func (l *lexer) number() (token, *Error) {
	start := l.at
	i := start
	if l.src[i] == '&' {
		if !strings.HasPrefix(l.src[i:], "&H") {
			return token{}, l.unexpected()
		}
		for i += 2; i < len(l.src) && (isDigit(l.src[i]) || l.src[i]|0x20 >= 'a' && l.src[i]|0x20 <= 'f'); i++ {
		}
		if n := i - start - 2; n == 0 || n > 16 {
			return token{}, l.fail(start, "a hexadecimal number is &H with 1 to 16 digits")
		}
	} else {
		if l.src[i] == '-' {
			i++
		}
		digits := i
		for i < len(l.src) && isDigit(l.src[i]) {
			i++
		}
		if i == digits {
			return token{}, l.unexpected()
		}
		if i+1 < len(l.src) && l.src[i] == '.' && isDigit(l.src[i+1]) {
			for i++; i < len(l.src) && isDigit(l.src[i]); i++ {
			}
		}
	}
	if i < len(l.src) && (isLetter(l.src[i]) || l.src[i] == '.') {
		e := l.fail(start, "%q is not a number", l.src[start:i+1])
		e.Suggestion = "text goes in double quotes"
		return token{}, e
	}
	l.at = i
	return token{tokenNumber, l.src[start:i], start}, nil
}

// variable reads a variable of the job: %DomainFQDN%. [O ADS]
func (l *lexer) variable() (token, *Error) {
	start := l.at
	i := start + 1
	for i < len(l.src) && (isLetter(l.src[i]) || isDigit(l.src[i])) {
		i++
	}
	if i == start+1 || i == len(l.src) || l.src[i] != '%' {
		return token{}, l.unexpected()
	}
	l.at = i + 1
	return token{tokenVariable, l.src[start:l.at], start}, nil
}

// unexpected explains a character that starts nothing, with the usual reason
// why it is there.
func (l *lexer) unexpected() *Error {
	r, _ := utf8.DecodeRuneInString(l.src[l.at:])
	e := l.fail(l.at, "the character %q is not part of the language here", r)
	switch r {
	case '\'', '“', '”', '„', '‘', '’':
		e.Suggestion = `constants go in straight double quotes: "text"`
	case '&', '+':
		e.Suggestion = "there is no operator to join text; use Append or Join"
	case '!':
		e.Suggestion = "use <> for not equal, Not(...) for not"
	case '-', '*', '/', '%', '^':
		e.Suggestion = "there is no arithmetic in this language"
	case '{':
		e.Suggestion = "attributes go in square brackets: [mail]"
	}
	return e
}
