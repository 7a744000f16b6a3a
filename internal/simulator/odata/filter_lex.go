package odata

import (
	"fmt"
	"strings"
)

// tokenKind is a kind of word in a $filter.
type tokenKind uint8

const (
	tokenEnd  tokenKind = iota
	tokenName           // a property, operator, function, true, false, null
	tokenString
	tokenOther // a number or a date
	tokenPunct // ( ) , / :
)

type word struct {
	kind tokenKind
	text string
	at   int
}

// filterError is a mistake in the text of a filter, with its place.
type filterError struct {
	at   int
	text string
	what string
}

func (e *filterError) Error() string {
	return fmt.Sprintf("%s at position %d in '%s'.", e.what, e.at, e.text)
}

// lex splits a filter into words.
func lex(text string) ([]word, error) {
	var out []word
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case strings.IndexByte("(),/:", c) >= 0:
			out = append(out, word{tokenPunct, string(c), i})
			i++
		case c == '\'':
			value, end, ok := lexString(text, i)
			if !ok {
				return nil, &filterError{i, text, "There is an unterminated string literal"}
			}
			out = append(out, word{tokenString, value, i})
			i = end
		case nameByte(c):
			end := i
			for end < len(text) && (nameByte(text[end]) || lexDigit(text[end])) {
				end++
			}
			out = append(out, word{tokenName, text[i:end], i})
			i = end
		case lexDigit(c) || c == '-' || c == '+':
			end := i + 1
			for end < len(text) &&
				(nameByte(text[end]) || lexDigit(text[end]) || strings.IndexByte("-+:.", text[end]) >= 0) {
				end++
			}
			out = append(out, word{tokenOther, text[i:end], i})
			i = end
		default:
			return nil, &filterError{i, text, "Syntax error: character '" + string(rune(c)) + "' is not valid"}
		}
	}
	return append(out, word{kind: tokenEnd, at: len(text)}), nil
}

// lexString reads a string in single quotes, where two of them stand for one.
func lexString(text string, i int) (value string, end int, ok bool) {
	var b strings.Builder
	for i++; i < len(text); i++ {
		if text[i] != '\'' {
			b.WriteByte(text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		return b.String(), i + 1, true
	}
	return "", i, false
}

func nameByte(c byte) bool {
	return c == '_' || c == '@' || c == '$' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func lexDigit(c byte) bool { return c >= '0' && c <= '9' }
