package dotnet

import (
	"errors"
	"strings"
)

// errNotDate reports text that no reading makes a date of.
var errNotDate = errors.New("the text isn't a date that the service is known to read")

// ParseUniversal reads a date as DateTime.Parse does in the invariant culture
// with the styles AssumeUniversal and AdjustToUniversal: ISO 8601 and its
// relatives (a space for T, an offset after a bare date), month/day/year with
// or without a time, and forms with the month's name. Text without an offset
// is UTC. [D for the ISO forms and M/d/yyyy, N for the rest]
func ParseUniversal(s string) (DateTime, error) {
	st := newParseState(strings.Trim(s, whiteSpace), AssumeUniversal|AdjustToUniversal)
	if st.s == "" {
		return DateTime{}, errNotDate
	}
	if !st.looseDate() || !st.looseTime() || !st.looseZone() || st.s != "" {
		return DateTime{}, errNotDate
	}
	if st.hour > 12 && st.mark != -1 {
		return DateTime{}, errNotDate
	}
	st.hour12 = st.mark != -1
	return st.finish(DateTime{})
}

func (st *parseState) space() { st.s = strings.TrimLeft(st.s, whiteSpace) }

// word returns the letters at the front without consuming them.
func (st *parseState) word() string {
	n := 0
	for n < len(st.s) && (st.s[n]|0x20 >= 'a' && st.s[n]|0x20 <= 'z') {
		n++
	}
	return st.s[:n]
}

// nameAt finds a month's or day's name, full or of three letters.
func nameAt(word string, names []string) int {
	for i, name := range names {
		if strings.EqualFold(word, name) || strings.EqualFold(word, name[:3]) {
			return i
		}
	}
	return -1
}

// looseDate reads the date part. Numbers come as year-month-day when the first
// has more than two digits, as month/day/year otherwise.
func (st *parseState) looseDate() bool {
	if w := st.word(); w != "" {
		if i := nameAt(w, dayNames[:]); i >= 0 {
			st.weekday = i
			st.s = st.s[len(w):]
			st.separator()
		}
	}
	var numbers, widths [3]int
	n, monthAt := 0, -1
	for n < 3 {
		if w := st.word(); w != "" {
			i := nameAt(w, monthNames[:])
			if i < 0 || monthAt >= 0 {
				break
			}
			st.month, monthAt = i+1, n
			st.s = st.s[len(w):]
		} else {
			before := len(st.s)
			v, ok := st.digits(1, 4)
			if !ok {
				break
			}
			numbers[n], widths[n] = v, before-len(st.s)
			n++
		}
		if n == 3 || n == 2 && monthAt >= 0 {
			break
		}
		if !st.separator() {
			break
		}
	}
	return st.assignDate(numbers, widths, n, monthAt)
}

// separator skips what may stand between the parts of a date.
func (st *parseState) separator() bool {
	before := st.s
	st.space()
	if st.s != "" && strings.IndexByte("/-.,", st.s[0]) >= 0 {
		if st.s[0] != ',' && st.s != before && st.zoneAhead() {
			return false
		}
		st.s = st.s[1:]
		st.space()
		return true
	}
	if len(st.s) == len(before) {
		return false
	}
	return st.word() != "" || st.s != "" && st.s[0] >= '0' && st.s[0] <= '9'
}

// zoneAhead tells an offset after white space from a dash between numbers.
func (st *parseState) zoneAhead() bool {
	return len(st.s) > 2 && st.s[0] == '-' && strings.IndexByte(st.s, ':') > 0
}

func (st *parseState) assignDate(v, width [3]int, n, monthAt int) bool {
	switch {
	case monthAt >= 0:
		return st.assignNamed(v, width, n, monthAt)
	case n == 3 && width[0] > 2:
		st.year, st.month, st.day = v[0], v[1], v[2]
		return width[0] == 4 && width[1] <= 2 && width[2] <= 2
	case n == 3:
		st.month, st.day, st.year = v[0], v[1], v[2]
		st.twoDigitYear = width[2] <= 2
		return width[1] <= 2 && (width[2] == 4 || width[2] <= 2)
	case n == 2 && width[0] == 4: // a month: its first day
		st.year, st.month, st.day = v[0], v[1], 1
		return width[1] <= 2
	}
	return false
}

// assignNamed places the numbers around a month's name: 15 June 2009,
// June 15, 2009, 2009 June 15, June 2009.
func (st *parseState) assignNamed(v, width [3]int, n, monthAt int) bool {
	switch {
	case n == 1 && width[0] == 4:
		st.year, st.day = v[0], 1
	case n == 2 && width[0] == 4 && monthAt < 2 && width[1] <= 2:
		st.year, st.day = v[0], v[1]
	case n == 2 && width[0] <= 2:
		st.day, st.year = v[0], v[1]
		st.twoDigitYear = width[1] <= 2
		return width[1] == 4 || width[1] <= 2
	default:
		return false
	}
	return true
}

// looseTime reads an optional time: h:mm, h:mm:ss, fractions, AM and PM.
func (st *parseState) looseTime() bool {
	if st.s == "" {
		return true
	}
	mustFollow := false
	if st.s[0] == 'T' || st.s[0] == 't' {
		st.s, mustFollow = st.s[1:], true
	} else {
		st.s = strings.TrimPrefix(st.s, ",")
		st.space()
	}
	if st.s == "" || st.s[0] < '0' || st.s[0] > '9' {
		return !mustFollow
	}
	var ok bool
	if st.hour, ok = st.digits(1, 2); !ok {
		return false
	}
	if strings.HasPrefix(st.s, ":") {
		st.s = st.s[1:]
		if st.minute, ok = st.digits(1, 2); !ok {
			return false
		}
		if strings.HasPrefix(st.s, ":") {
			st.s = st.s[1:]
			if st.second, ok = st.digits(1, 2); !ok || !st.looseFraction() {
				return false
			}
		}
	}
	hasMinutes := st.minute >= 0
	st.space()
	for i, mark := range [...]string{"AM", "PM"} {
		if w := st.word(); strings.EqualFold(w, mark) || strings.EqualFold(w, mark[:1]) {
			st.mark = i
			st.s = st.s[len(w):]
			break
		}
	}
	return hasMinutes || st.mark >= 0
}

func (st *parseState) looseFraction() bool {
	if !strings.HasPrefix(st.s, ".") {
		return true
	}
	st.s = st.s[1:]
	n := 0
	for n < len(st.s) && st.s[n] >= '0' && st.s[n] <= '9' {
		n++
	}
	rest := st.s[n:]
	st.s = st.s[:min(n, 7)]
	ok := n > 0 && st.readFraction(element{op: 'F', count: 7})
	st.s = rest
	return ok
}

// looseZone reads an optional zone: Z, GMT, UTC, or an offset.
func (st *parseState) looseZone() bool {
	st.space()
	switch w := st.word(); {
	case strings.EqualFold(w, "Z"), strings.EqualFold(w, "GMT"), strings.EqualFold(w, "UTC"):
		st.s = st.s[len(w):]
		st.zoneUTC = true
		st.zone = true
		return true
	case st.s != "" && (st.s[0] == '+' || st.s[0] == '-'):
		if len(st.s) <= 3 {
			return st.readOffset(2)
		}
		return st.readOffset(3)
	}
	return true
}
