package dotnet

import (
	"errors"
	"time"
)

// Kind says how a DateTime relates to UTC, as .NET's DateTimeKind does. It
// matters only to the format specifiers K and z.
type Kind uint8

// The kinds of DateTime.
const (
	Unspecified Kind = iota
	UTC
	Local // the service's own time zone, taken to be UTC
)

// DateTime is a point on the proleptic Gregorian calendar with the range and
// resolution of .NET's type: 100 nanoseconds, years 1 to 9999. The zero value
// is midnight of 1 January of the year 1.
type DateTime struct {
	ticks int64
	kind  Kind
}

// Units of a DateTime in ticks.
const (
	TicksPerSecond int64 = 10_000_000
	TicksPerMinute       = 60 * TicksPerSecond
	TicksPerHour         = 60 * TicksPerMinute
	TicksPerDay          = 24 * TicksPerHour

	maxTicks      = 3_155_378_975_999_999_999 // 9999-12-31T23:59:59.9999999
	unixEpochTick = 621_355_968_000_000_000   // 1970-01-01
	fileTimeTick  = 504_911_232_000_000_000   // 1601-01-01, where Active Directory starts to count
)

// ErrRange reports a date outside the years 1 to 9999.
var ErrRange = errors.New("the date is outside the years 1 to 9999")

// FromTicks returns the DateTime that lies the given ticks after the start of
// the year 1.
func FromTicks(ticks int64, kind Kind) (DateTime, error) {
	if ticks < 0 || ticks > maxTicks {
		return DateTime{}, ErrRange
	}
	return DateTime{ticks, kind}, nil
}

// FromTime converts an instant; the result is in UTC.
func FromTime(t time.Time) (DateTime, error) {
	sec := t.Unix()
	const minSec, maxSec = -unixEpochTick / TicksPerSecond, (maxTicks - unixEpochTick) / TicksPerSecond
	if sec < minSec || sec > maxSec {
		return DateTime{}, ErrRange
	}
	return FromTicks(unixEpochTick+sec*TicksPerSecond+int64(t.Nanosecond()/100), UTC)
}

// FromFileTime converts Active Directory's count of 100 nanoseconds since 1601.
func FromFileTime(v int64) (DateTime, error) {
	if v < 0 || v > maxTicks-fileTimeTick {
		return DateTime{}, ErrRange
	}
	return FromTicks(v+fileTimeTick, UTC)
}

// FileTime is the inverse of FromFileTime.
func (d DateTime) FileTime() (int64, error) {
	if d.ticks < fileTimeTick {
		return 0, errors.New("the date is before 1601, where Active Directory dates start")
	}
	return d.ticks - fileTimeTick, nil
}

// NewDate builds a date from its parts; a day that the month lacks is an error.
func NewDate(year, month, day int, timeOfDay int64, kind Kind) (DateTime, error) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month) {
		return DateTime{}, errors.New("there is no such day in the calendar")
	}
	return FromTicks(daysBefore(year, month, day)*TicksPerDay+timeOfDay, kind)
}

// Ticks is the count of 100 nanoseconds since the start of the year 1.
func (d DateTime) Ticks() int64 { return d.ticks }

// Kind says how the value relates to UTC.
func (d DateTime) Kind() Kind { return d.kind }

// Time converts to Go's type, in UTC.
func (d DateTime) Time() time.Time {
	t := d.ticks - unixEpochTick
	sec, rest := t/TicksPerSecond, t%TicksPerSecond
	return time.Unix(sec, rest*100).UTC()
}

// TruncateSecond drops what is below a second: dates travel between functions
// as text without fractions.
func (d DateTime) TruncateSecond() DateTime {
	d.ticks -= d.ticks % TicksPerSecond
	return d
}

// AddTicks moves the date.
func (d DateTime) AddTicks(n int64) (DateTime, error) {
	if n > maxTicks-d.ticks || n < -d.ticks {
		return DateTime{}, ErrRange
	}
	return DateTime{d.ticks + n, d.kind}, nil
}

// AddMonths moves the date by calendar months. As in .NET, a day that the
// resulting month lacks becomes that month's last day.
func (d DateTime) AddMonths(n int64) (DateTime, error) {
	if n < -120_000 || n > 120_000 {
		return DateTime{}, ErrRange
	}
	year, month, day := d.Date()
	total := int64(year)*12 + int64(month-1) + n
	year, month = int(total/12), int(total%12)+1
	if total < 12 || year > 9999 {
		return DateTime{}, ErrRange
	}
	day = min(day, DaysInMonth(year, month))
	return NewDate(year, month, day, d.ticks%TicksPerDay, d.kind)
}

// Date returns the calendar day.
func (d DateTime) Date() (year, month, day int) {
	// Days are counted from 1 March of the year 0, so that the leap day is the
	// last of its year (the usual civil-from-days method).
	z := d.ticks/TicksPerDay + 306
	era := z / 146097
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = int(doy - (153*mp+2)/5 + 1)
	month = int(mp + 3)
	year = int(yoe + era*400)
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// Clock returns the time of day.
func (d DateTime) Clock() (hour, minute, second int, fraction int64) {
	t := d.ticks % TicksPerDay
	return int(t / TicksPerHour), int(t / TicksPerMinute % 60), int(t / TicksPerSecond % 60), t % TicksPerSecond
}

// Weekday returns the day of the week, Sunday being 0.
func (d DateTime) Weekday() int { return int((d.ticks/TicksPerDay + 1) % 7) }

// DayNumber counts days since 1 January of the year 1.
func (d DateTime) DayNumber() int64 { return d.ticks / TicksPerDay }

// DaysInMonth returns the length of a month.
func DaysInMonth(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// daysBefore counts the days between 1 January of the year 1 and the given day.
func daysBefore(year, month, day int) int64 {
	y, m := int64(year), int64(month)
	if m <= 2 {
		y--
		m += 12
	}
	era := y / 400
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + int64(day) - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 306
}
