package dotnet

import "strconv"

// Formatter writes dates in one .NET format, standard or custom, with the
// names of the invariant culture. It is safe for concurrent use.
type Formatter struct {
	elements []element
}

// NewFormatter reads a format string. The empty format is the general one, as
// in .NET.
func NewFormatter(pattern string) (*Formatter, error) {
	if pattern == "" {
		pattern = "G"
	}
	pattern, _, err := expandStandard(pattern)
	if err != nil {
		return nil, err
	}
	elements, err := readPattern(pattern, false)
	if err != nil {
		return nil, err
	}
	return &Formatter{elements}, nil
}

// Append writes the date at the end of dst.
func (f *Formatter) Append(dst []byte, d DateTime) []byte {
	year, month, day := d.Date()
	hour, minute, second, fraction := d.Clock()
	for _, e := range f.elements {
		switch e.op {
		case 'y':
			if e.count <= 2 {
				dst = appendPadded(dst, int64(year%100), e.count)
			} else {
				dst = appendPadded(dst, int64(year), e.count)
			}
		case 'M':
			dst = appendNamed(dst, month, e.count, monthNames[month-1])
		case 'd':
			if e.count <= 2 {
				dst = appendPadded(dst, int64(day), e.count)
			} else {
				dst = appendNamed(dst, 0, e.count, dayNames[d.Weekday()])
			}
		case 'h':
			h := hour % 12
			if h == 0 {
				h = 12
			}
			dst = appendPadded(dst, int64(h), min(e.count, 2))
		case 'H':
			dst = appendPadded(dst, int64(hour), min(e.count, 2))
		case 'm':
			dst = appendPadded(dst, int64(minute), min(e.count, 2))
		case 's':
			dst = appendPadded(dst, int64(second), min(e.count, 2))
		case 'f', 'F':
			dst = appendFraction(dst, fraction, e)
		case 't':
			dst = appendMark(dst, hour, e.count)
		case 'g':
			dst = append(dst, "A.D."...)
		case 'z':
			dst = appendOffset(dst, e.count)
		case 'K':
			switch d.kind {
			case UTC:
				dst = append(dst, 'Z')
			case Local:
				dst = appendOffset(dst, 3)
			default: // a date without a kind has no zone to write
			}
		default:
			dst = append(dst, e.text...)
		}
	}
	return dst
}

// Format returns the date as text.
func (f *Formatter) Format(d DateTime) string { return string(f.Append(nil, d)) }

// AppendGeneral writes the form in which the service's date functions exchange
// dates: M/d/yyyy h:mm:ss tt. [D REF#cdate, #now]
func AppendGeneral(dst []byte, d DateTime) []byte {
	year, month, day := d.Date()
	hour, minute, second, _ := d.Clock()
	dst = strconv.AppendInt(dst, int64(month), 10)
	dst = append(dst, '/')
	dst = strconv.AppendInt(dst, int64(day), 10)
	dst = append(dst, '/')
	dst = appendPadded(dst, int64(year), 4)
	dst = append(dst, ' ')
	h := hour % 12
	if h == 0 {
		h = 12
	}
	dst = strconv.AppendInt(dst, int64(h), 10)
	dst = append(dst, ':')
	dst = appendPadded(dst, int64(minute), 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, int64(second), 2)
	dst = append(dst, ' ')
	return appendMark(dst, hour, 2)
}

// appendPadded writes a number with leading zeros up to a width.
func appendPadded(dst []byte, v int64, width int) []byte {
	digits := 1
	for x := v / 10; x > 0; x /= 10 {
		digits++
	}
	for ; digits < width; digits++ {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, v, 10)
}

// appendNamed writes a number for one or two letters, the short name for
// three, the full name for more.
func appendNamed(dst []byte, v, count int, name string) []byte {
	switch {
	case count <= 2:
		return appendPadded(dst, int64(v), count)
	case count == 3:
		return append(dst, name[:3]...)
	}
	return append(dst, name...)
}

// appendFraction writes fractions of a second. F drops trailing zeros, and
// with them a decimal point that it leaves bare.
func appendFraction(dst []byte, fraction int64, e element) []byte {
	digits := e.count
	for i := 7; i > e.count; i-- {
		fraction /= 10
	}
	if e.op == 'F' {
		for digits > 0 && fraction%10 == 0 {
			fraction /= 10
			digits--
		}
		if digits == 0 {
			if n := len(dst); n > 0 && dst[n-1] == '.' {
				dst = dst[:n-1]
			}
			return dst
		}
	}
	return appendPadded(dst, fraction, digits)
}

func appendMark(dst []byte, hour, count int) []byte {
	mark := "AM"
	if hour >= 12 {
		mark = "PM"
	}
	if count == 1 {
		mark = mark[:1]
	}
	return append(dst, mark...)
}

// appendOffset writes the offset of the service's own zone, which is taken to
// be UTC: the page doesn't say where its servers think they are.
func appendOffset(dst []byte, count int) []byte {
	switch count {
	case 1:
		return append(dst, "+0"...)
	case 2:
		return append(dst, "+00"...)
	}
	return append(dst, "+00:00"...)
}
