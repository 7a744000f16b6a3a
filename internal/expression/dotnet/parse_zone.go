package dotnet

import "errors"

// readOffset reads +h, +hh or +hh:mm, by the number of z.
func (st *parseState) readOffset(count int) bool {
	if st.s == "" || st.s[0] != '+' && st.s[0] != '-' {
		return false
	}
	sign := 1
	if st.s[0] == '-' {
		sign = -1
	}
	st.s = st.s[1:]
	lo, hi := 1, 2
	if count == 2 {
		lo = 2
	}
	hours, ok := st.digits(lo, hi)
	if !ok {
		return false
	}
	minutes := 0
	if count >= 3 {
		if st.s != "" && st.s[0] == ':' {
			st.s = st.s[1:]
		}
		if minutes, ok = st.digits(2, 2); !ok || minutes >= 60 {
			return false
		}
	}
	return st.setOffset(sign * (hours*60 + minutes))
}

func (st *parseState) setOffset(minutes int) bool {
	if st.zone && st.offset != minutes {
		return false
	}
	st.zone, st.offset = true, minutes
	return true
}

// readZone reads what K stands for: Z, an offset, or nothing.
func (st *parseState) readZone() bool {
	if st.s == "" {
		return true
	}
	switch st.s[0] {
	case 'Z':
		st.s = st.s[1:]
		st.zoneUTC = true
		return st.setOffset(0)
	case '+', '-':
		return st.readOffset(3)
	}
	return true
}

// readUTC reads what Z stands for when parsing: Z or GMT.
func (st *parseState) readUTC() bool {
	for _, name := range [...]string{"GMT", "Z"} {
		if hasPrefixFold(st.s, name) {
			st.s = st.s[len(name):]
			st.zoneUTC = true
			return st.setOffset(0)
		}
	}
	return false
}

// TwoDigitYearMax is the last year that two digits stand for: 00 to 29 are
// 2000 to 2029, 30 to 99 are 1930 to 1999. [N] .NET's long-standing default;
// newer Windows versions move it to 2049, and the service's isn't documented.
const TwoDigitYearMax = 2029

func fullYear(year int) int {
	year += TwoDigitYearMax / 100 * 100
	if year > TwoDigitYearMax {
		year -= 100
	}
	return year
}

// finish turns what was read into a date: it resolves two-digit years and
// twelve-hour clocks, fills in what is missing, and applies the zone.
func (st *parseState) finish(today DateTime) (DateTime, error) {
	if st.twoDigitYear {
		if st.year >= 100 {
			return DateTime{}, errNoFit
		}
		if st.year > 0 {
			st.year = fullYear(st.year)
		}
	}
	if !st.resolveHour() {
		return DateTime{}, errNoFit
	}
	if err := st.fillDate(today); err != nil {
		return DateTime{}, err
	}
	if st.hour > 23 || st.minute > 59 || st.second > 59 {
		return DateTime{}, errors.New("there is no such time of day")
	}
	clock := int64(
		st.hour,
	)*TicksPerHour + int64(
		st.minute,
	)*TicksPerMinute + int64(
		st.second,
	)*TicksPerSecond + max(
		st.fraction,
		0,
	)
	d, err := NewDate(st.year, st.month, st.day, clock, Unspecified)
	if err != nil {
		return DateTime{}, err
	}
	if st.weekday >= 0 && st.weekday != d.Weekday() {
		return DateTime{}, errors.New("the day of the week doesn't fit the date")
	}
	return st.applyZone(d)
}

// resolveHour joins the hour with AM and PM. Without them, hh means morning.
func (st *parseState) resolveHour() bool {
	switch {
	case st.hour12:
		if st.hour > 12 {
			return false
		}
		if st.mark == 1 {
			if st.hour < 12 {
				st.hour += 12
			}
		} else if st.hour == 12 {
			st.hour = 0
		}
	case st.mark == 0 && st.hour >= 12, st.mark == 1 && st.hour < 12:
		return false
	}
	st.hour, st.minute, st.second = max(st.hour, 0), max(st.minute, 0), max(st.second, 0)
	return true
}

func (st *parseState) fillDate(today DateTime) error {
	if st.month == -1 && st.day == -1 {
		if st.year == -1 {
			if st.styles&NoCurrentDateDefault != 0 {
				st.year, st.month, st.day = 1, 1, 1
				return nil
			}
			if today == (DateTime{}) {
				return ErrNeedsToday
			}
			st.year, st.month, st.day = today.Date()
			return nil
		}
		st.month, st.day = 1, 1
		return nil
	}
	if st.year == -1 {
		if today == (DateTime{}) {
			return ErrNeedsToday
		}
		st.year, _, _ = today.Date()
	}
	if st.month == -1 {
		st.month = 1
	}
	if st.day == -1 {
		st.day = 1
	}
	return nil
}

// applyZone follows DateTime's rules: a text with an offset becomes local time
// (here: UTC), with Z under RoundtripKind it stays as it is, and the styles
// say what a text without an offset is.
func (st *parseState) applyZone(d DateTime) (DateTime, error) {
	if st.offset < -14*60 || st.offset > 14*60 {
		return DateTime{}, errors.New("the offset is above 14 hours")
	}
	if !st.zone {
		switch {
		case st.styles&AssumeUniversal != 0 && st.styles&AdjustToUniversal != 0:
			d.kind = UTC
		case st.styles&assumeSomeZone != 0:
			d.kind = Local
			if st.styles&AdjustToUniversal != 0 {
				d.kind = UTC
			}
		}
		return d, nil
	}
	kind := Local
	if st.zoneUTC && st.styles&RoundtripKind != 0 || st.styles&AdjustToUniversal != 0 {
		kind = UTC
	}
	d, err := d.AddTicks(-int64(st.offset) * TicksPerMinute)
	d.kind = kind
	return d, err
}
