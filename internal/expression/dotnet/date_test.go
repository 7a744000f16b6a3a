package dotnet

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func date(t *testing.T, s string) DateTime {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04:05.9999999", s)
	if err != nil {
		t.Fatal(err)
	}
	d, err := FromTime(at)
	if err != nil {
		t.Fatal(err)
	}
	d.kind = Unspecified
	return d
}

func TestFormat(t *testing.T) {
	d := date(t, "2009-06-15T13:45:30.6170000")
	for _, c := range []struct{ pattern, want string }{
		// The table of Microsoft's page on custom date and time format strings.
		{"%d", "15"}, {"dd", "15"}, {"ddd", "Mon"}, {"dddd", "Monday"},
		{"%f", "6"}, {"ff", "61"}, {"fff", "617"}, {"fffffff", "6170000"}, {"%F", "6"}, {"FFFFFFF", "617"},
		{"gg", "A.D."}, {"%h", "1"}, {"hh", "01"}, {"%H", "13"}, {"HH", "13"}, {"%K", ""},
		{"%m", "45"}, {"mm", "45"}, {"%M", "6"}, {"MM", "06"}, {"MMM", "Jun"}, {"MMMM", "June"},
		{"%s", "30"}, {"ss", "30"}, {"%t", "P"}, {"tt", "PM"},
		{"%y", "9"}, {"yy", "09"}, {"yyy", "2009"}, {"yyyy", "2009"}, {"yyyyy", "02009"},
		{"%z", "+0"}, {"zz", "+00"}, {"zzz", "+00:00"},
		{"'h:'m", "h:45"}, {`\h:m`, "h:45"}, {"hh' o''clock'", "01 oclock"}, {"%h%m", "145"}, {"h tt", "1 PM"},
		{"yyyy-MM-ddTHH:mm:ssZ", "2009-06-15T13:45:30Z"}, {"ss.FFF", "30.617"},
		// Standard formats, invariant culture.
		{"d", "06/15/2009"}, {"D", "Monday, 15 June 2009"}, {"f", "Monday, 15 June 2009 13:45"},
		{"F", "Monday, 15 June 2009 13:45:30"}, {"g", "06/15/2009 13:45"}, {"G", "06/15/2009 13:45:30"}, {"", "06/15/2009 13:45:30"},
		{"M", "June 15"}, {"o", "2009-06-15T13:45:30.6170000"}, {"R", "Mon, 15 Jun 2009 13:45:30 GMT"},
		{"s", "2009-06-15T13:45:30"}, {"t", "13:45"}, {"T", "13:45:30"}, {"u", "2009-06-15 13:45:30Z"}, {"Y", "2009 June"},
	} {
		f, err := NewFormatter(c.pattern)
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		if got := f.Format(d); got != c.want {
			t.Errorf("%q: got %q, want %q", c.pattern, got, c.want)
		}
	}
	whole := date(t, "2009-06-15T00:05:00")
	for pattern, want := range map[string]string{"h:mm tt": "12:05 AM", "ss.FFF": "00", "ss.fff": "00.000", "HH.F'x'": "00x"} {
		f, _ := NewFormatter(pattern)
		if got := f.Format(whole); got != want {
			t.Errorf("%q: got %q, want %q", pattern, got, want)
		}
	}
	if got := string(AppendGeneral(nil, whole)); got != "6/15/2009 12:05:00 AM" {
		t.Error(got)
	}
}

func TestFormatErrors(t *testing.T) {
	for _, pattern := range []string{"x", "%", "%%", "ffffffff", "'open", `"open`, `a\`, "é", `'a\`} {
		if _, err := NewFormatter(pattern); err == nil {
			t.Errorf("%q: no error", pattern)
		}
	}
	if _, err := NewParser(""); err == nil {
		t.Error("the empty format is no format to parse with")
	}
}

func TestParseExact(t *testing.T) {
	today := date(t, "2025-07-30T10:00:00")
	for _, c := range []struct {
		pattern, text, want string
		styles              Styles
	}{
		{"yyyyMMddHHmmss.fZ", "20150123105347.1Z", "2015-01-23T10:53:47.1", DefaultStyles},
		{"yyyy-MM-dd", "2021-03-09", "2021-03-09T00:00:00", DefaultStyles},
		{"yyyy-MM-dd", "  2021-03-09 ", "2021-03-09T00:00:00", DefaultStyles},
		{"yyyy-MM-dd", " 2021-03-09", "error", NoStyles},
		{"yyyy-MM-dd", "2021-3-9", "error", DefaultStyles},
		{"yyyy-M-d", "2021-03-09", "2021-03-09T00:00:00", DefaultStyles},
		{"yyyy-MM-dd", "2021-02-29", "error", DefaultStyles},
		{"yyyy-MM-dd", "2021-03-09x", "error", DefaultStyles},
		{"M/d/yyyy hh:mm:ss tt", "12/31/2020 12:00:00 AM", "2020-12-31T00:00:00", DefaultStyles},
		{"M/d/yyyy hh:mm:ss tt", "3/9/2021 12:05:00 PM", "2021-03-09T12:05:00", DefaultStyles},
		{"M/d/yyyy h:mm:ss tt", "7/30/2025 12:00:00 am", "2025-07-30T00:00:00", DefaultStyles},
		{"M/d/yyyy hh:mm:ss tt", "3/9/2021 7:05:00 PM", "error", DefaultStyles},
		{"M/d/yyyy hh:mm", "3/9/2021 07:05", "2021-03-09T07:05:00", DefaultStyles},
		{"HH:mm tt yyyyMMdd", "07:05 PM 20210309", "error", DefaultStyles},
		{"yyyy-MM-ddzzz", "2020-12-31-08:00", "2020-12-31T08:00:00", DefaultStyles},
		{"yyyy-MM-ddzzz", "2020-12-31+08:00", "2020-12-30T16:00:00", DefaultStyles},
		{"yyyy-MM-ddzzz", "2020-12-31-0830", "2020-12-31T08:30:00", DefaultStyles},
		{"yyyy-MM-ddzz", "2020-12-31-08", "2020-12-31T08:00:00", DefaultStyles},
		{"yyyy-MM-ddz", "2020-12-31-8", "2020-12-31T08:00:00", DefaultStyles},
		{"yyyy-MM-ddzzz", "2020-12-31-15:00", "error", DefaultStyles},
		{"yyyy-MM-ddzzz", "2020-12-31", "error", DefaultStyles},
		{"yyyy-MM-ddK", "2020-12-31", "2020-12-31T00:00:00", DefaultStyles},
		{"yyyy-MM-ddK", "2020-12-31Z", "2020-12-31T00:00:00", DefaultStyles},
		{"yyyy-MM-ddK", "2020-12-31-01:00", "2020-12-31T01:00:00", DefaultStyles},
		{"d MMMM yyyy", "5 june 2020", "2020-06-05T00:00:00", DefaultStyles},
		{"ddd, d MMM yyyy", "Mon, 15 Jun 2009", "2009-06-15T00:00:00", DefaultStyles},
		{"ddd, d MMM yyyy", "Tue, 15 Jun 2009", "error", DefaultStyles},
		{"dd.MM.yy", "05.06.29", "2029-06-05T00:00:00", DefaultStyles},
		{"dd.MM.yy", "05.06.30", "1930-06-05T00:00:00", DefaultStyles},
		{"yyyy", "2020", "2020-01-01T00:00:00", DefaultStyles},
		{"MM-dd", "03-09", "2025-03-09T00:00:00", DefaultStyles},
		{"HH:mm", "09:30", "2025-07-30T09:30:00", DefaultStyles},
		{"HH:mm", "09:30", "0001-01-01T09:30:00", NoCurrentDateDefault},
		{"HH:mm:ss.FFF", "09:30:01", "0001-01-01T09:30:01", NoCurrentDateDefault},
		{"HH:mm:ss.FFF", "09:30:01.5", "0001-01-01T09:30:01.5", NoCurrentDateDefault},
		{"HH:mm:ss.fff", "09:30:01.5", "error", NoCurrentDateDefault},
		{"HH:mm", "24:00", "error", NoCurrentDateDefault},
		{"yyyy'-year'", "2020-year", "2020-01-01T00:00:00", DefaultStyles},
		{`yyyy\d`, "2020d", "2020-01-01T00:00:00", DefaultStyles},
		{"yyyy MM", "2020   05", "2020-05-01T00:00:00", AllowWhite},
		{"yyyy MM", "2020   05", "error", DefaultStyles},
		{"s", "2009-06-15T13:45:30", "2009-06-15T13:45:30", DefaultStyles},
		{"o", "2009-06-15T13:45:30.6170000Z", "2009-06-15T13:45:30.617", DefaultStyles},
		{"r", "Mon, 15 Jun 2009 20:45:30 GMT", "2009-06-15T20:45:30", DefaultStyles},
		{"ddd dd MMM yyyy HH:mm GMT", "Mon 15 Jun 2009 20:45 GMT", "2009-06-15T20:45:00", DefaultStyles},
		{"yyyy-MM-dd yyyy", "2020-01-02 2021", "error", DefaultStyles},
		{"g yyyy", "A.D. 2020", "2020-01-01T00:00:00", DefaultStyles},
		{"yyyyMMdd t", "20200101 P", "error", DefaultStyles},
		{"hhmm t yyyyMMdd", "0130 P 20200101", "2020-01-01T13:30:00", DefaultStyles},
	} {
		p, err := NewParser(c.pattern)
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		d, err := p.Parse(c.text, c.styles, today)
		if err != nil {
			if c.want != "error" {
				t.Errorf("%q of %q: %v", c.pattern, c.text, err)
			}
			continue
		}
		if got := d.Time().Format("2006-01-02T15:04:05.9999999"); got != c.want {
			t.Errorf("%q of %q: got %s, want %s", c.pattern, c.text, got, c.want)
		}
	}
}

func TestParseNeedsToday(t *testing.T) {
	p, _ := NewParser("HH:mm")
	if _, err := p.Parse("10:00", DefaultStyles, DateTime{}); !errors.Is(err, ErrNeedsToday) {
		t.Error(err)
	}
}

func TestKinds(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		styles        Styles
		want          string
	}{
		{"yyyy-MM-ddK", "2020-01-01Z", DefaultStyles, "2020-01-01Z"},
		{"yyyy-MM-ddK", "2020-01-01", DefaultStyles, "2020-01-01"},
		{"yyyy-MM-ddK", "2020-01-01+00:00", DefaultStyles, "2020-01-01+00:00"},
		{"yyyy-MM-ddK", "2020-01-01", AssumeUniversal | AdjustToUniversal, "2020-01-01Z"},
		{"yyyy-MM-ddK", "2020-01-01", AssumeLocal, "2020-01-01+00:00"},
	} {
		p, _ := NewParser(c.pattern)
		f, _ := NewFormatter(c.pattern)
		d, err := p.Parse(c.text, c.styles, DateTime{})
		if err != nil || f.Format(d) != c.want {
			t.Errorf("%q: got %q, %v; want %q", c.text, f.Format(d), err, c.want)
		}
	}
}

func TestStyles(t *testing.T) {
	s, err := ParseStyles("DateTimeStyles.RoundtripKind, DateTimeStyles.AllowLeadingWhite, AllowTrailingWhite")
	if err != nil || s != DefaultStyles {
		t.Error(s, err)
	}
	for _, bad := range []string{"Nonsense", "AssumeLocal, AssumeUniversal", "RoundtripKind,AssumeLocal", "RoundtripKind,AdjustToUniversal"} {
		if _, err := ParseStyles(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

func TestParseUniversal(t *testing.T) {
	for text, want := range map[string]string{
		"2020-03-16-07:00":               "3/16/2020 7:00:00 AM",
		"2021-06-30+08:00":               "6/29/2021 4:00:00 PM",
		"2009-06-15T01:45:30-07:00":      "6/15/2009 8:45:30 AM",
		"2009-06-15T01:45:30Z":           "6/15/2009 1:45:30 AM",
		"2009-06-15T01:45:30.1234567Z":   "6/15/2009 1:45:30 AM",
		"2009-06-15 01:45":               "6/15/2009 1:45:00 AM",
		"2009-06-15 01:45:30 +0200":      "6/14/2009 11:45:30 PM",
		"2009-06-15T01:45:30 +02":        "6/14/2009 11:45:30 PM",
		"2009/06/15":                     "6/15/2009 12:00:00 AM",
		"8/25/2021 5:41:18 PM":           "8/25/2021 5:41:18 PM",
		"8/25/2021":                      "8/25/2021 12:00:00 AM",
		"08-25-2021":                     "8/25/2021 12:00:00 AM",
		"8/25/21":                        "8/25/2021 12:00:00 AM",
		"June 15, 2009 1:45:30 PM":       "6/15/2009 1:45:30 PM",
		"15 Jun 2009":                    "6/15/2009 12:00:00 AM",
		"15-Jun-2009":                    "6/15/2009 12:00:00 AM",
		"June 2009":                      "6/1/2009 12:00:00 AM",
		"2009 June 15":                   "6/15/2009 12:00:00 AM",
		"Mon, 15 Jun 2009 20:45:30 GMT":  "6/15/2009 8:45:30 PM",
		"Monday, June 15, 2009":          "6/15/2009 12:00:00 AM",
		"2020-05":                        "5/1/2020 12:00:00 AM",
		"9999-12-31":                     "12/31/9999 12:00:00 AM",
		"2020-02-29T23:30:00-01:00":      "3/1/2020 12:30:00 AM",
		" 2020-02-29\t":                  "2/29/2020 12:00:00 AM",
		"1/1/1601 12:00:00 AM":           "1/1/1601 12:00:00 AM",
		"2012-01-01 11 PM":               "1/1/2012 11:00:00 PM",
		"2012-01-01T10:00:00.999999999Z": "1/1/2012 10:00:00 AM",
		"":                               "error", "x": "error", "13:45": "error", "20200101": "error", "42": "error", "2020": "error",
		"2020-13-01": "error", "2020-02-30": "error", "13/13/2020": "error", "2020-01-01T": "error", "2020-01-01T25:00": "error",
		"2020-01-01 13:00 PM": "error", "2020-01-01T10:00:00.": "error", "2020-01-01 10": "error", "2020-01-01 12:00:00 +15:00": "error",
		"9999-12-31 23:59:59-08:00": "error", "Tue, 15 Jun 2009": "error", "2020-01-01 trailing": "error", "1/2/3/4": "error", "0000-01-01": "error",
	} {
		d, err := ParseUniversal(text)
		got := string(AppendGeneral(nil, d))
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("%q: got %s (%v), want %s", text, got, err, want)
		}
	}
}

func TestArithmetic(t *testing.T) {
	for _, c := range []struct {
		from   string
		months int64
		want   string
	}{
		{"2020-01-31T00:00:00", 1, "2020-02-29T00:00:00"}, {"2021-01-31T00:00:00", 1, "2021-02-28T00:00:00"},
		{"2020-02-29T00:00:00", 12, "2021-02-28T00:00:00"}, {"2020-03-31T10:00:00", -1, "2020-02-29T10:00:00"},
		{"2020-01-15T00:00:00", -13, "2018-12-15T00:00:00"},
	} {
		d, err := date(t, c.from).AddMonths(c.months)
		if got := d.Time().Format("2006-01-02T15:04:05"); err != nil || got != c.want {
			t.Errorf("%s + %d: %s, %v", c.from, c.months, got, err)
		}
	}
	if _, err := date(t, "9999-12-31T00:00:00").AddMonths(1); err == nil {
		t.Error("no error past the year 9999")
	}
	if _, err := date(t, "0001-01-01T00:00:00").AddMonths(-1); err == nil {
		t.Error("no error before the year 1")
	}
	if _, err := FromFileTime(-1); err == nil {
		t.Error("no error before 1601")
	}
	if _, err := FromFileTime(1<<63 - 1); err == nil {
		t.Error("no error for never")
	}
}

// TestCalendar compares the calendar with Go's over all days of 800 years.
func TestCalendar(t *testing.T) {
	at := time.Date(1600, 1, 1, 0, 0, 0, 0, time.UTC)
	for range 800 * 365 {
		d, _ := FromTime(at)
		y, m, day := d.Date()
		if y != at.Year() || m != int(at.Month()) || day != at.Day() || d.Weekday() != int(at.Weekday()) {
			t.Fatalf("%v: %d-%d-%d %d", at, y, m, day, d.Weekday())
		}
		back, err := NewDate(y, m, day, 0, UTC)
		if err != nil || back != d {
			t.Fatalf("%v: %v", at, err)
		}
		at = at.AddDate(0, 0, 1)
	}
}

// TestRoundTrip: what a format with all parts writes, it reads.
func TestRoundTrip(t *testing.T) {
	patterns := []string{
		"yyyy-MM-dd HH:mm:ss.fffffff",
		"dddd, d MMMM yyyy h:mm:ss.fffffff tt",
		"M/d/yyyy hh:mm:ss.FFFFFFF t",
		"o",
		"yyyyMMddHHmmssfffffff",
		"ddd dd MMM yyyy HH'h'mm'm'ss.fffffff",
	}
	rapid.Check(t, func(t *rapid.T) {
		d := DateTime{ticks: rapid.Int64Range(0, maxTicks).Draw(t, "ticks")}
		pattern := rapid.SampledFrom(patterns).Draw(t, "pattern")
		f, err := NewFormatter(pattern)
		if err != nil {
			t.Fatal(err)
		}
		p, err := NewParser(pattern)
		if err != nil {
			t.Fatal(err)
		}
		text := f.Format(d)
		back, err := p.Parse(text, DefaultStyles, DateTime{})
		if err != nil || back.ticks != d.ticks {
			t.Fatalf("%q: %v, %d for %d", text, err, back.ticks, d.ticks)
		}
		if any, err := ParseUniversal(
			string(AppendGeneral(nil, d)),
		); err != nil ||
			any.ticks != d.TruncateSecond().ticks {
			t.Fatalf("general form: %v", err)
		}
	})
}

func FuzzDotNetDate(f *testing.F) {
	for _, seed := range [][2]string{{"yyyyMMddHHmmss.fZ", "20150123105347.1Z"}, {"M/d/yyyy hh:mm:ss tt", "3/9/2021 12:05:00 AM"}, {"yyyy-MM-ddzzz", "2020-12-31-08:00"},
		{"o", "2009-06-15T13:45:30.6170000Z"}, {"dddd, d MMMM yyyy", "Monday, 15 June 2009"}, {"K", "Z"}, {"%%", ""}, {"'a\\", "x"}, {"ss.FFF", "30"}, {"GMT", "GMT"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if d, err := ParseUniversal(text); err == nil {
			if again, err := ParseUniversal(string(AppendGeneral(nil, d))); err != nil || again != d.TruncateSecond() {
				t.Fatalf("%q: the general form isn't read back: %v", text, err)
			}
		}
		p, perr := NewParser(pattern)
		fm, ferr := NewFormatter(pattern)
		if perr == nil && ferr != nil && pattern != "" {
			t.Fatalf("%q is a format to parse with and not to format with: %v", pattern, ferr)
		}
		if perr != nil {
			return
		}
		for _, styles := range []Styles{NoStyles, DefaultStyles, AllowWhite | AssumeUniversal, AdjustToUniversal | AssumeLocal, NoCurrentDateDefault} {
			d, err := p.Parse(text, styles, DateTime{ticks: 1 << 59})
			if err != nil {
				continue
			}
			if d.ticks < 0 || d.ticks > maxTicks {
				t.Fatalf("%q of %q: out of range", pattern, text)
			}
			if out := fm.Format(d); strings.ContainsRune(out, 0) && !strings.ContainsRune(pattern, 0) {
				t.Fatalf("%q: a NUL in %q", pattern, out)
			}
		}
	})
}
