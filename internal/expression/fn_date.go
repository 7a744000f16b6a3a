package expression

import (
	"errors"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/expression/dotnet"
)

// intervals are the units of DateAdd and DateDiff; Visual Basic's q, y and w
// aren't among them. [D]
var intervals = []string{"yyyy", "m", "d", "ww", "h", "n", "s"}

func badInterval(s string) string {
	return "the interval must be one of " + strings.Join(intervals, " ") + ", not " + strconv.Quote(shorten(s))
}

func init() {
	define(
		function{name: "CDate", params: []parameter{req("Expression").of(argText)}, eval: evalCDate},
		function{name: "Now", effects: usesClock, eval: evalNow},
		function{name: "DateAdd", params: dates(reqInt("value"), req("dateTime").of(argText)), eval: evalDateAdd},
		function{
			name:   "DateDiff",
			params: dates(req("date1").of(argText), req("date2").of(argText)),
			eval:   evalDateDiff,
		},
		function{name: "DateFromNum", params: []parameter{reqInt("value").keyed("source")}, eval: evalDateFromNum},
		function{name: "NumFromDate", params: []parameter{req("value").of(argText)}, eval: evalNumFromDate},
		function{
			name: "FormatDateTime",
			params: []parameter{req("source").of(argText), textOf("dateTimeStyles", argText).keyed("dateTimeStyle"),
				textOf("inputFormat", argText), req("outputFormat").of(argText)},
			prepare: prepareFormat,
			eval:    evalFormat,
		},
	)
}

// evalCDate reads a date and moves it to UTC; the result is text in the form
// M/d/yyyy h:mm:ss tt. [D] Text without an offset is UTC [?, as all samples have
// it]; null and "" are errors.
func evalCDate(m *machine, n *callNode) (Value, error) {
	d, err := n.date(m, 0)
	if err != nil {
		return Value{}, err
	}
	return dateValue(d), nil
}

func evalNow(m *machine, n *callNode) (Value, error) {
	if m.env.Now.IsZero() {
		return Value{}, NeedsClock
	}
	d, err := dotnet.FromTime(m.env.Now)
	if err != nil {
		return Value{}, n.fail(-1, err)
	}
	return dateValue(d), nil
}

// evalDateAdd: a day that the resulting month lacks becomes its last. [N]
func evalDateAdd(m *machine, n *callNode) (Value, error) {
	interval, err := n.text(m, 0)
	if err != nil {
		return Value{}, err
	}
	count, err := n.integer(m, 1)
	if err != nil {
		return Value{}, err
	}
	d, err := n.date(m, 2)
	if err != nil {
		return Value{}, err
	}
	const limit = 1 << 40 // beyond all dates, and safe to multiply
	count = max(min(count, limit), -limit)
	switch interval {
	case "yyyy":
		d, err = d.AddMonths(count * 12)
	case "m":
		d, err = d.AddMonths(count)
	default:
		unit, ok := unitTicks(interval)
		if !ok {
			return Value{}, n.failf(0, "%s", badInterval(interval))
		}
		if count > 1<<62/unit || count < -(1<<62)/unit {
			return Value{}, n.fail(1, dotnet.ErrRange)
		}
		d, err = d.AddTicks(count * unit)
	}
	if err != nil {
		return Value{}, n.fail(1, err)
	}
	return dateValue(d), nil
}

func unitTicks(interval string) (int64, bool) {
	switch interval {
	case "d":
		return dotnet.TicksPerDay, true
	case "ww":
		return 7 * dotnet.TicksPerDay, true
	case "h":
		return dotnet.TicksPerHour, true
	case "n":
		return dotnet.TicksPerMinute, true
	case "s":
		return dotnet.TicksPerSecond, true
	}
	return 0, false
}

// evalDateDiff is positive where date2 is later. As in Visual Basic, and as
// the page's table shows, years and months count the boundaries of the
// calendar, weeks count Sundays, and the rest truncate the elapsed time. [D]
func evalDateDiff(m *machine, n *callNode) (Value, error) {
	interval, err := n.text(m, 0)
	if err != nil {
		return Value{}, err
	}
	from, err := n.date(m, 1)
	if err != nil {
		return Value{}, err
	}
	to, err := n.date(m, 2)
	if err != nil {
		return Value{}, err
	}
	y1, m1, _ := from.Date()
	y2, m2, _ := to.Date()
	switch interval {
	case "yyyy":
		return IntValue(int64(y2 - y1)), nil
	case "m":
		return IntValue(int64(12*(y2-y1) + m2 - m1)), nil
	case "ww":
		return IntValue(week(to) - week(from)), nil
	}
	unit, ok := unitTicks(interval)
	if !ok {
		return Value{}, n.failf(0, "%s", badInterval(interval))
	}
	return IntValue((to.Ticks() - from.Ticks()) / unit), nil
}

// week numbers the weeks, which start on Sunday: 1 January of the year 1 was a
// Monday.
func week(d dotnet.DateTime) int64 { return (d.DayNumber() + 1) / 7 }

func evalDateFromNum(m *machine, n *callNode) (Value, error) {
	v, err := n.integer(m, 0)
	if err != nil {
		return Value{}, err
	}
	d, err := dotnet.FromFileTime(v)
	if err != nil {
		e := n.fail(0, err)
		if v == 1<<63-1 {
			e.Suggestion = "9223372036854775807 means that the account never expires"
		}
		return Value{}, e
	}
	return dateValue(d), nil
}

// evalNumFromDate counts 100 nanoseconds since 1601. [D] A date that an offset
// carries beyond the year 9999 fails, as the guide says of 12/31/9999. [G SFG]
func evalNumFromDate(m *machine, n *callNode) (Value, error) {
	d, err := n.date(m, 0)
	if err != nil {
		return Value{}, err
	}
	v, err := d.FileTime()
	if err != nil {
		return Value{}, n.fail(0, err)
	}
	return IntValue(v), nil
}

// The arguments of FormatDateTime.
const (
	formatSource = iota
	formatStyles
	formatInput
	formatOutput
)

// formatStatic holds what constant arguments were compiled to.
type formatStatic struct {
	styles    dotnet.Styles
	hasStyles bool
	// dates says that no input format is given: the source is a date already, as
	// DateFromNum gives it [O ADS].
	dates     bool
	parser    *dotnet.Parser
	formatter *dotnet.Formatter
}

func prepareFormat(c *compiler, n *callNode) {
	st := &formatStatic{
		styles:    dotnet.DefaultStyles,
		hasStyles: n.nodes[formatStyles] == nil,
		dates:     n.nodes[formatInput] == nil,
	}
	n.format = st
	var err error
	if s, ok := constText(n.nodes[formatStyles]); ok {
		st.hasStyles = true
		if st.styles, err = parseStyles(s); err != nil {
			c.reportArg(n, formatStyles, err.Error(), "")
		}
	}
	if s, ok := constText(n.nodes[formatInput]); ok {
		if st.parser, err = dotnet.NewParser(s); err != nil {
			c.reportArg(n, formatInput, err.Error(), "")
		}
	}
	if s, ok := constText(n.nodes[formatOutput]); ok {
		if st.formatter, err = dotnet.NewFormatter(s); err != nil {
			c.reportArg(n, formatOutput, err.Error(), "")
		}
	}
}

// parseStyles: "if left empty", the default. [D]
func parseStyles(s string) (dotnet.Styles, error) {
	if strings.TrimSpace(s) == "" {
		return dotnet.DefaultStyles, nil
	}
	return dotnet.ParseStyles(s)
}

// compiled returns the styles and formats, reading those that aren't constant.
func (n *callNode) compiled(m *machine) (st formatStatic, err error) {
	st = *n.format
	text := func(i int, use func(string) error) {
		if err != nil {
			return
		}
		var s string
		if s, err = n.text(m, i); err == nil {
			if cause := use(s); cause != nil {
				err = n.fail(i, cause)
			}
		}
	}
	if !st.hasStyles {
		text(formatStyles, func(s string) (err error) { st.styles, err = parseStyles(s); return err })
	}
	if st.parser == nil && !st.dates {
		text(formatInput, func(s string) (err error) { st.parser, err = dotnet.NewParser(s); return err })
	}
	if st.formatter == nil {
		text(formatOutput, func(s string) (err error) { st.formatter, err = dotnet.NewFormatter(s); return err })
	}
	return st, err
}

// evalFormat reads a date in one format and writes it in another, as .NET's
// ParseExact and ToString do. [D] An offset (zzz) moves the date to the server's
// time, which is taken to be UTC: it may shift the day. [?]
func evalFormat(m *machine, n *callNode) (Value, error) {
	st := *n.format
	if !st.hasStyles || st.parser == nil && !st.dates || st.formatter == nil {
		var err error
		if st, err = n.compiled(m); err != nil {
			return Value{}, err
		}
	}
	if st.dates {
		d, err := n.date(m, formatSource)
		if err != nil {
			return Value{}, err
		}
		s, err := n.build(m, 64, func(dst []byte) []byte { return st.formatter.Append(dst, d) })
		return TextValue(s), err
	}
	s, err := n.text(m, formatSource)
	if err != nil {
		return Value{}, err
	}
	var today dotnet.DateTime
	if !m.env.Now.IsZero() {
		today, _ = dotnet.FromTime(m.env.Now)
	}
	d, err := st.parser.Parse(s, st.styles, today)
	switch {
	case errors.Is(err, dotnet.ErrNeedsToday):
		return Value{}, NeedsClock
	case err != nil:
		e := n.failf(formatSource, "%q can't be read: %v", shorten(s), err)
		e.nullInput = s == ""
		return Value{}, e
	}
	s, err = n.build(m, 64, func(dst []byte) []byte { return st.formatter.Append(dst, d) })
	return TextValue(s), err
}
