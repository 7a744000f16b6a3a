package dotnet

import (
	"errors"
	"strings"
)

// ErrNeedsToday reports a parse that takes its day from the current date,
// because neither the format nor the styles give one.
var ErrNeedsToday = errors.New("the date has no year of its own, and the current date isn't known")

// errNoFit is the usual failure: the text isn't in the format.
var errNoFit = errors.New("the text doesn't fit the date format")

// Parser reads dates in one .NET format, as DateTime.ParseExact does with the
// invariant culture. It is safe for concurrent use.
type Parser struct {
	elements  []element
	universal bool // the standard format U: the text is in UTC
}

// NewParser reads a format string.
func NewParser(pattern string) (*Parser, error) {
	if pattern == "" {
		return nil, errors.New("the date format is empty")
	}
	pattern, universal, err := expandStandard(pattern)
	if err != nil {
		return nil, err
	}
	elements, err := readPattern(pattern, true)
	if err != nil {
		return nil, err
	}
	return &Parser{elements, universal}, nil
}

// parseState collects what the text says. Values that the text doesn't give
// are -1.
type parseState struct {
	s      string
	styles Styles

	year, month, day, weekday int
	hour, minute, second      int
	fraction                  int64
	mark                      int // 0 AM, 1 PM
	twoDigitYear, hour12      bool

	zone    bool // an offset was read
	zoneUTC bool // it was written as Z or GMT
	offset  int  // minutes
}

func newParseState(s string, styles Styles) parseState {
	return parseState{s: s, styles: styles, year: -1, month: -1, day: -1, weekday: -1,
		hour: -1, minute: -1, second: -1, fraction: -1, mark: -1}
}

// Parse reads the text. today is the current date for formats without a year
// or day; it may be zero, and then such a parse is ErrNeedsToday.
func (p *Parser) Parse(s string, styles Styles, today DateTime) (DateTime, error) {
	elements := p.elements
	if styles&AllowTrailingWhite != 0 {
		elements = trimElements(elements, false)
		s = strings.TrimRight(s, whiteSpace)
	}
	if styles&AllowLeadingWhite != 0 {
		elements = trimElements(elements, true)
		s = strings.TrimLeft(s, whiteSpace)
	}
	if s == "" {
		return DateTime{}, errNoFit
	}
	st := newParseState(s, styles)
	if p.universal {
		st.zone, st.zoneUTC = true, true
	}
	if err := st.readAll(elements); err != nil {
		return DateTime{}, err
	}
	return st.finish(today)
}

const whiteSpace = " \t\n\v\f\r\u0085\u00a0"

// trimElements drops white space at one end of the format, where the styles
// allow it in the text.
func trimElements(es []element, leading bool) []element {
	for len(es) > 0 {
		i := len(es) - 1
		if leading {
			i = 0
		}
		if es[i].op != opLiteral || es[i].count != 0 || !strings.Contains(whiteSpace, es[i].text) {
			break
		}
		if leading {
			es = es[1:]
		} else {
			es = es[:i]
		}
	}
	return es
}

func (st *parseState) readAll(es []element) error {
	for i := 0; i < len(es); i++ {
		if st.styles&AllowInnerWhite != 0 {
			st.s = strings.TrimLeft(st.s, whiteSpace)
		}
		switch e := es[i]; e.op {
		case opLiteral:
			skip, err := st.readLiteral(es, i)
			if err != nil {
				return err
			}
			i += skip
		case opQuoted:
			if err := st.readText(e.text); err != nil {
				return err
			}
		default:
			if !st.readField(e) {
				return errNoFit
			}
		}
	}
	if st.s != "" {
		return errNoFit
	}
	return nil
}

// readLiteral matches one character, and says how many elements to skip beside
// it: a missing decimal point takes an optional fraction (.F) with it.
func (st *parseState) readLiteral(es []element, i int) (skip int, err error) {
	text := es[i].text
	if text == " " && st.styles&AllowInnerWhite != 0 {
		return 0, nil
	}
	if rest, ok := strings.CutPrefix(st.s, text); ok {
		st.s = rest
		return 0, nil
	}
	if text == "." && i+1 < len(es) && es[i+1].op == 'F' {
		return 1, nil
	}
	return 0, errNoFit
}

func (st *parseState) readText(text string) error {
	for _, r := range text {
		if r == ' ' && st.styles&AllowInnerWhite != 0 {
			st.s = strings.TrimLeft(st.s, whiteSpace)
			continue
		}
		rest, ok := strings.CutPrefix(st.s, string(r))
		if !ok {
			return errNoFit
		}
		st.s = rest
	}
	return nil
}

// readField reads what one specifier stands for.
func (st *parseState) readField(e element) bool {
	switch e.op {
	case 'y':
		if e.count <= 2 {
			st.twoDigitYear = true
		}
		return st.readNumber(&st.year, e.count)
	case 'M':
		if e.count <= 2 {
			return st.readNumber(&st.month, e.count)
		}
		return st.readName(&st.month, monthNames[:], e.count, 1)
	case 'd':
		if e.count <= 2 {
			return st.readNumber(&st.day, e.count)
		}
		return st.readName(&st.weekday, dayNames[:], e.count, 0)
	case 'h':
		st.hour12 = true
		return st.readNumber(&st.hour, min(e.count, 2))
	case 'H':
		return st.readNumber(&st.hour, min(e.count, 2))
	case 'm':
		return st.readNumber(&st.minute, min(e.count, 2))
	case 's':
		return st.readNumber(&st.second, min(e.count, 2))
	case 'f', 'F':
		return st.readFraction(e)
	case 't':
		return st.readMark(e.count)
	case 'g':
		return st.readEra()
	case 'z':
		return st.readOffset(e.count)
	case 'K':
		return st.readZone()
	case 'Z':
		return st.readUTC()
	case opGMT:
		rest, ok := strings.CutPrefix(st.s, "GMT")
		st.s, st.zone, st.offset = rest, true, 0
		return ok
	}
	return false
}

// digits reads between lo and hi decimal digits; it fails below lo.
func (st *parseState) digits(lo, hi int) (v int, ok bool) {
	n := 0
	for n < len(st.s) && n < hi && st.s[n] >= '0' && st.s[n] <= '9' {
		if v > 99_999_999 {
			return 0, false
		}
		v = v*10 + int(st.s[n]-'0')
		n++
	}
	if n < lo {
		return 0, false
	}
	st.s = st.s[n:]
	return v, true
}

// readNumber reads a number of the given width; width 1 takes one or two
// digits. A value given twice must agree.
func (st *parseState) readNumber(field *int, width int) bool {
	hi := width
	if width == 1 {
		hi = 2
	}
	v, ok := st.digits(width, hi)
	return ok && setField(field, v)
}

func setField(field *int, v int) bool {
	if *field != -1 && *field != v {
		return false
	}
	*field = v
	return true
}

func (st *parseState) readName(field *int, names []string, count, first int) bool {
	for i, name := range names {
		if count == 3 {
			name = name[:3]
		}
		if hasPrefixFold(st.s, name) {
			st.s = st.s[len(name):]
			return setField(field, i+first)
		}
	}
	return false
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func (st *parseState) readFraction(e element) bool {
	v, n := int64(0), 0
	for n < len(st.s) && n < e.count && st.s[n] >= '0' && st.s[n] <= '9' {
		v = v*10 + int64(st.s[n]-'0')
		n++
	}
	if n < e.count && e.op == 'f' {
		return false
	}
	st.s = st.s[n:]
	for i := n; i < 7; i++ {
		v *= 10
	}
	if st.fraction >= 0 && st.fraction != v {
		return false
	}
	st.fraction = v
	return true
}

func (st *parseState) readMark(count int) bool {
	if count == 1 {
		if st.s == "" || st.s[0] != 'A' && st.s[0] != 'P' {
			return false
		}
		mark := 0
		if st.s[0] == 'P' {
			mark = 1
		}
		st.s = st.s[1:]
		return setField(&st.mark, mark)
	}
	for i, mark := range [...]string{"AM", "PM"} {
		if hasPrefixFold(st.s, mark) {
			st.s = st.s[2:]
			return setField(&st.mark, i)
		}
	}
	return false
}

func (st *parseState) readEra() bool {
	for _, era := range [...]string{"A.D.", "AD"} {
		if hasPrefixFold(st.s, era) {
			st.s = st.s[len(era):]
			return true
		}
	}
	return false
}
