package expression

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Position is a place in an expression. It counts characters, not bytes.
type Position struct {
	Offset int // characters before it in the whole text
	Line   int // from 1
	Column int // from 1, within the line
}

// String names the place: "column 12", or "line 3, column 5" below the first
// line.
func (p Position) String() string {
	if p.Line > 1 {
		return fmt.Sprintf("line %d, column %d", p.Line, p.Column)
	}
	return fmt.Sprintf("column %d", p.Column)
}

// place remembers a position, so that the next one needn't count from the start.
type place struct {
	at  int // byte offset
	pos Position
}

// positionAt counts characters up to a byte offset.
func (l *lexer) positionAt(offset int) Position {
	if offset < l.last.at || l.last.pos.Line == 0 {
		l.last = place{pos: Position{Line: 1, Column: 1}}
	}
	pos, between := l.last.pos, l.src[l.last.at:offset]
	pos.Offset += utf8.RuneCountInString(between)
	if lines := strings.Count(between, "\n"); lines > 0 {
		pos.Line += lines
		pos.Column = 1
		between = between[strings.LastIndexByte(between, '\n')+1:]
	}
	pos.Column += utf8.RuneCountInString(between)
	l.last = place{offset, pos}
	return pos
}
