package expression

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

var testRow = map[string]Value{
	"empty": TextValue(
		"",
	),
	"a":     TextValue("abc"),
	"n":     TextValue("5"),
	"i":     IntValue(7),
	"t":     BoolValue(true),
	"f":     BoolValue(false),
	"list":  ListValue([]string{"x", "y", "x", ""}),
	"none":  ListValue(nil),
	"date":  TextValue("2020-02-29T12:00:00Z"),
	"emoji": TextValue("a😀b"),
	"pat":   TextValue("[b]"),
	"role":  RolesValue([]Role{{"1", "admin", "Administrator"}}),
	"roles": RolesValue([]Role{{"1", "admin", "Administrator"}, {"2", "user", ""}}),
}

var testEnv = &Env{Now: time.Date(2025, 7, 30, 1, 2, 3, 999, time.UTC), DefaultDomain: "contoso.com",
	Exists: func(s string) (bool, error) {
		if s == "broken" {
			return false, errors.New("the target doesn't answer")
		}
		return strings.HasPrefix(s, "taken"), nil
	}}

// evaluate gives a result as text: the value, or "null", "drop attribute",
// "unpredictable", or "error: ...".
func evaluate(src string, env *Env) string {
	expr, err := Parse(src)
	if err != nil {
		return "error: " + err.Error()
	}
	prog, err := expr.Compile(Context{})
	if err != nil {
		return "error: " + err.Error()
	}
	row := make(Row, 0, 4)
	for _, name := range prog.Attributes() {
		row = append(row, testRow[name])
	}
	r, err := prog.Eval(row, env)
	switch {
	case err != nil:
		return "error: " + err.Error()
	case r.Outcome != OutcomeValue:
		return r.Outcome.String()
	}
	return r.Value.String()
}

func TestFunctions(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		// Texts.
		{`Append([missing], "x")`, "x"}, {`Append([i], [t])`, "7True"}, {`Prepend("x", [a])`, "xabc"},
		{`Join("-", [list], "z", [missing], [i])`, "x-y-x-z-7"}, {`Join("-", [missing])`, ""}, {`Join([missing], "a", "b")`, "ab"},
		{`Left("John Doe", 3)`, "Joh"}, {`Left("abc", -1)`, "abc"}, {`Left([missing], 2)`, ""}, {`Left([emoji], 2)`, "a\uFFFD"}, {`Left([emoji], 3)`, "a😀"},
		{`Mid("abc", 2, 0)`, ""}, {`Mid("abc", 0, 1)`, "abc"}, {`Mid("abc", 4, 1)`, "abc"}, {`Mid("abc", 1, -1)`, "abc"}, {`Mid([missing], 1, 2)`, ""},
		{`Mid([emoji], 4, 1)`, "b"}, {`Mid([emoji], 3, 2)`, "\uFFFDb"}, {`Mid([emoji], 3, 1)`, "\uFFFD"}, {`Mid("abc", " 2 ", "+1")`, "b"},
		{`Mid("abc", 2, 9223372036854775807)`, "bc"}, {`Mid("abc", "x", 1)`, "error: column 12: Mid, argument start: " +
			"a whole number is expected, not \"x\""},
		{`Len([emoji])`, "4"}, {`Len([missing])`, "0"}, {`Len([t])`, "4"}, {`Len(-1.50)`, "5"},
		{`InStr("repEated","e",3,vbBinaryCompare)`, "7"}, {`InStr("repEated","e",3,vbTextCompare)`, "4"}, {`InStr("repEated","E",,"vbTextCompare")`, "2"},
		{`InStr([missing], "x")`, "0"}, {`InStr("abc", "", 2)`, "2"}, {`InStr("abc", "c", 9)`, "0"}, {`InStr([emoji], "b")`, "4"}, {`InStr("ÀB", "àb", 1, vbTextCompare)`, "1"},
		{`Word("The quick brown fox",3," ")`, "brown"}, {`Word("a,,b", 2, ",")`, "b"}, {`Word("abc", 1, " ")`, "abc"}, {`Word("a b", 0, " ")`, ""}, {`Word([missing], 1, " ")`, ""},
		{`Word(" a b", 1, " ")`, "a"}, {`Word("a b", -1, " ")`, ""}, {`Word("a b", 2, " ")`, "b"},
		{`StripSpaces(" a	b c ")`, "a\tbc"}, {`Trim("	 a b ")`, "a b"}, {`ToUpper("straße")`, "STRAßE"}, {`ToLower("I", "tr")`, "ı"}, {`ToLower("ABC", )`, "abc"},
		{`ToLower([missing])`, ""}, {`PCase("st john's")`, "St John's"}, {`PCase("o'neil", "'")`, "O'Neil"}, {`PCase("ABC DEF", "")`, "Abc def"},
		{`NormalizeDiacritics("Łódź ıİ œ đ がẞ")`, "Lodz iI oe đ かSS"}, {`NormalizeDiacritics("한글")`, "한글"},
		{`CStr(42)`, "42"}, {`CStr([missing])`, "null"}, {`CStr([list])`, "error: column 6: CStr, argument value: " +
			"the value is multi-valued, and this function takes a single value; use Item, Join or Count on it"},
		{`Redact([a])`, "abc"}, {`Redact([missing])`, "null"},
		// Replace.
		{`Replace([missing], "x", , , "y")`, ""}, {`Replace("abc", , [pat], , "x")`, "axc"}, {`Replace("abc", , "(?<x>b)", "x", [n])`, "a5c"},
		{`Replace("", , "(?<x>b)", "x", , "abc")`, "b"}, {`Replace([missing], , "(?<x>q)", "x", , [a])`, "null"}, {`Replace([missing], , "(?<x>q)", "x", , [missing2])`, "null"},
		{`Replace("abc", , "b", , [missing])`, "ac"}, {`Replace([missing], "<u>", , , , , "<u>@x")`, "@x"}, {`Replace("x", "<u>", , , , , "none")`, "none"},
		// Logic.
		{`IIF([missing] = "x", "T", "F")`, "F"}, {`IIF([missing] = "", "T", "F")`, "T"}, {`IIF([empty] = "", "T", "F")`, "T"}, {`IIF([missing] > 1, "T", "F")`, "F"},
		{`IIF(CDate([missing]) = "x", "T", "F")`, "F"}, {`IIF(DateDiff("d", Now(), CDate([missing])) <= 14, "T", "F")`, "F"},
		{`IIF(BitAnd([missing], 2) = 2, "T", "F")`, "F"}, {`IIF("1.0" = 1, "T", "F")`, "T"}, {`IIF("a" = "A", "T", "F")`, "F"}, {`IIF(10 > "9", "T", "F")`, "T"},
		{`IIF("9.5" < 10, "T", "F")`, "T"}, {`IIF("abc" > 1, "T", "F")`, `error: column 5: > compares numbers, and "abc" is none; use DateDiff for dates`},
		{`IIF([t], "T", "F")`, "T"}, {`IIF("false", "T", "F")`, "F"}, {`IIF([missing], "T", "F")`, "F"}, {`IIF(2, "T", "F")`, "T"}, {`IIF("0.0", "T", "F")`, "F"},
		{`IIF("yes", "T", "F")`, `error: column 5: IIF, argument condition: "yes" is neither True nor False, nor a number`},
		{`IIF([t] = "True", CDate("bad"), "F")`, `error: column 25: CDate, argument Expression: "bad" is not a date: the text isn't a date that the service is known to read; FormatDateTime reads other formats`},
		{`IIF([f], CDate("bad"), "F")`, "F"}, {`IIF([a]<>"abc", "T", IgnoreAttributeFlow)`, "drop attribute"}, {`IIF([t], IgnoreObjectFlow, "F")`, "drop object"},
		{`Switch([missing], "d", "", "null is empty")`, "null is empty"}, {`Switch([missing], , "x", "y")`, "null"}, {`Switch([t], "d", "True", "yes")`, "yes"},
		{`Switch("k", CDate("bad"), "k", "v")`, "v"}, {`Switch("k", "d", "k", "first", "k", "second")`, "first"}, {`Switch([i], "d", 7, "seven")`, "seven"},
		{`Switch("x", "d", "k", CDate("bad"))`, "d"}, {`Switch([list], "d", "k", "v")`, "error: column 8: Switch, argument source: the value is multi-valued, and this function takes a single value; use Item, Join or Count on it"},
		{`Coalesce([missing], [empty], "x")`, ""}, {`Coalesce([none], [list])`, `["x","y","x",""]`}, {`Coalesce([missing], , "x")`, "x"}, {`Coalesce([missing])`, "null"},
		{`IsNull([missing])`, "True"}, {`IsNull([empty])`, "False"}, {`IsNull([none])`, "True"}, {`IsNullOrEmpty([empty])`, "True"}, {`IsPresent([i])`, "True"}, {`IsNothing([missing])`, "True"},
		{`IsString([a])`, "True"}, {`IsString(5)`, "True"}, {`IsString([i])`, "False"}, {`IsString([missing])`, "False"}, {`IsString([list])`, "False"}, {`IsString(Now())`, "True"},
		{`Not([t])`, "False"}, {`Not("True")`, "False"}, {`Not("true")`, "True"}, {`Not([missing])`, "True"}, {`Not(Not([t]))`, "True"},
		{`CBool("0")`, "False"}, {`CBool("-1")`, "True"}, {`CBool("TRUE")`, "True"}, {`CBool([missing])`, "False"}, {`CBool(1 < 2)`, "True"},
		{`IgnoreFlowIfNullOrEmpty([missing])`, "drop attribute"}, {`IgnoreFlowIfNullOrEmpty([empty])`, "drop attribute"}, {`IgnoreFlowIfNullOrEmpty([none])`, "drop attribute"},
		{`Append(IgnoreFlowIfNullOrEmpty([missing]), "x")`, "drop attribute"}, {`IgnoreAttributeFlow`, "drop attribute"}, {`IgnoreObjectFlow`, "drop object"},
		// Numbers and lists.
		{`BitAnd(-1, &HFF)`, "255"}, {`BitAnd("&HF", " 3 ")`, "3"}, {`&HFF`, "255"}, {`-12.50`, "-12.50"},
		{`Count([list])`, "4"}, {`Count([a])`, "1"}, {`Count([none])`, "0"}, {`Count([roles])`, "2"}, {`Count(Split("a,b", ","))`, "2"},
		{`Item([list], 1)`, "x"}, {`Item([a], 1)`, "abc"}, {`Item([list], 0)`, "error: column 14: Item, argument " +
			"index: index out of bounds: there is no item 0 among 4; the first item is 1"},
		{`Item([missing], 1)`, "error: column 17: Item, argument index: index out of bounds: there is no item 1 " +
			"among 0"}, {`Item([roles], 2)`, "user"},
		{`RemoveDuplicates([list])`, `["x","y",""]`}, {`RemoveDuplicates([missing])`, "null"}, {`RemoveDuplicates([a])`, "abc"},
		{`Join(",", RemoveDuplicates(Split("b,a,b,B", ",")))`, "b,a,B"}, {`Item(Split(Append("a,", "b"), ","), 2)`, "b"},
		{`Split("a , b,,", ",")`, `["a","b","",""]`}, {`Split("", ",")`, `[""]`}, {`Split([missing], ",")`, "null"}, {`Split("aßb", "ß")`, `["a","b"]`},
		{`ConvertFromBase64(ConvertToBase64("a😀é"))`, "a😀é"}, {`ConvertFromBase64("w6k=", UTF8)`, "é"}, {`ConvertFromBase64("w6k=", "ASCII")`, "??"}, {`ConvertFromBase64("!")`, `error: column 19: ConvertFromBase64, argument source: "!" is not base64`},
		{`ConvertToUTF8Hex([missing])`, ""}, {`ConvertToBase64("")`, ""},
		// Dates.
		{`Now()`, "7/30/2025 1:02:03 AM"}, {`CDate([date])`, "2/29/2020 12:00:00 PM"}, {`CDate(CDate("2020-01-02"))`, "1/2/2020 12:00:00 AM"},
		{`CDate([missing])`, "error: column 7: CDate, argument Expression: a date is expected, and the value is null " +
			"or empty"},
		{`DateAdd("yyyy", 1, CDate([date]))`, "2/28/2021 12:00:00 PM"}, {`DateAdd("m", "-1", "3/31/2021")`, "2/28/2021 12:00:00 AM"},
		{`DateAdd("s", 86400, "2020-02-28")`, "2/29/2020 12:00:00 AM"}, {`DateAdd("yyyy", 99999, "2020-02-28")`, "error: column 17: DateAdd, argument value: the date is outside the years 1 to 9999"},
		{`DateAdd("ww", 9223372036854775807, "2020-02-28")`, "error: column 15: DateAdd, argument value: the date is " +
			"outside the years 1 to 9999"},
		{`DateDiff("yyyy", "2020-12-31", "2021-01-01")`, "1"}, {`DateDiff("m", "2020-01-31", "2020-02-01")`, "1"}, {`DateDiff("ww", "2021-08-07", "2021-08-08")`, "1"},
		{`DateDiff("ww", "2021-08-08", "2021-08-14")`, "0"}, {`DateDiff("d", "2021-08-08T23:00:00Z", "2021-08-09T01:00:00Z")`, "0"}, {`DateDiff("n", "2021-08-24", "2021-08-25")`, "1440"},
		{`DateDiff("d", "8/25/2021 5:41:18 PM", CDate("2012-03-16-07:00"))`, "-3449"}, {`DateDiff("ww", "8/25/2021 5:41:18 PM", CDate("2012-03-16-07:00"))`, "-493"},
		{`DateDiff([a], Now(), Now())`, `error: column 10: DateDiff, argument interval: the interval must be one of yyyy m d ww h n s, not "abc"`},
		{`NumFromDate(DateFromNum("132539615990000000"))`, "132539615990000000"}, {`DateFromNum(-1)`, "error: column 13: DateFromNum, argument value: the date is outside the years 1 to 9999"},
		{`NumFromDate("12/31/9999 23:59:59-08:00")`, `error: column 13: NumFromDate, argument value: "12/31/9999 23:59:59-08:00" is not a date: the date is outside the years 1 to 9999; FormatDateTime reads other formats`},
		{`NumFromDate("1600-01-01")`, "error: column 13: NumFromDate, argument value: the date is before 1601, where " +
			"Active Directory dates start"},
		{`FormatDateTime("09:30", , "HH:mm", "yyyy-MM-dd HH:mm")`, "2025-07-30 09:30"}, {`FormatDateTime("2020-01-01", "AssumeUniversal, AdjustToUniversal", "yyyy-MM-dd", "o")`, "2020-01-01T00:00:00.0000000Z"},
		{`FormatDateTime(Now(), "M/d/yyyy h:mm:ss tt", "yyyy", )`, "2025"}, {`FormatDateTime("5", , Append("%", "d"), "yyyy-MM-dd")`, "2025-01-05"},
		{`FormatDateTime([missing], , "yyyy", "yy")`, `error: column 16: FormatDateTime, argument source: "" can't be read: the text doesn't fit the date format`},
		// The directory.
		{`DefaultDomain()`, "contoso.com"}, {`SelectUniqueValue("taken1", [missing], "free")`, "free"}, {`SelectUniqueValue("taken1", "taken2")`, "error: column 1: SelectUniqueValue: all candidate values are taken in the target"},
		{`SelectUniqueValue("broken", "x")`, "error: column 19: SelectUniqueValue, argument uniqueValueRule: the " +
			"target doesn't answer"},
		{`SingleAppRoleAssignment([role])`, "Administrator"}, {`SingleAppRoleAssignment([roles])`, "unpredictable"}, {`SingleAppRoleAssignment([missing])`, "null"},
		{`AppRoleAssignmentsComplex([role])`, `[{"id":"1","value":"admin","displayName":"Administrator"}]`}, {`AppRoleAssignments([roles])`, `["Administrator","user"]`},
		{`AssertiveAppRoleAssignmentsComplex([a])`, `[{"id":"","value":"abc","displayName":"abc"}]`}, {`ToLower([roles])`, "error: column 9: ToLower, argument source: the value is multi-valued, and this function takes a single value; use Item, Join or Count on it"},
		{`Guid()`, "unpredictable"}, {`IIF([f], Guid(), "x")`, "x"}, {`Append(Guid(), "x")`, "unpredictable"}, {`IsPresent(Guid())`, "unpredictable"}, {`AltSecIdFromNetId([a])`, "unpredictable"},
		{`Redact(RandomString(6,3,0,0,3))`, "unpredictable"}, {`SelectUniqueValue(Guid(), "x")`, "unpredictable"},
	} {
		if got := evaluate(c.src, testEnv); got != c.want {
			t.Errorf("%s: got %s, want %s", c.src, got, c.want)
		}
	}
}

func TestNothingInjected(t *testing.T) {
	for src, want := range map[string]string{
		`Now()`: "unpredictable", `Guid()`: "unpredictable", `DefaultDomain()`: "unpredictable", `SelectUniqueValue("a", "b")`: "unpredictable",
		`FormatDateTime("09:30", , "HH:mm", "yyyy")`: "unpredictable", `FormatDateTime("2020", , "yyyy", "yy")`: "20", `IgnoreFlowIfNullOrEmpty(Guid())`: "unpredictable",
	} {
		if got := evaluate(src, nil); got != want {
			t.Errorf("%s: %s, want %s", src, got, want)
		}
	}
	if got := evaluate(`DefaultDomain()`, &Env{NoDefaultDomain: true}); !strings.HasPrefix(got, "error: ") {
		t.Error(got)
	}
}

func TestRandomString(t *testing.T) {
	env := &Env{Random: rand.New(rand.NewPCG(7, 7))}
	for range 200 {
		got := evaluate(`RandomString(10,2,2,2,1,"?,aA0")`, env)
		if len(got) != 10 || strings.ContainsAny(got, "?,aA0") {
			t.Fatal(got)
		}
	}
	if a, b := evaluate("Guid()", env), evaluate("Guid()", env); a == b || !guidShape.MatchString(a) {
		t.Error(a, b)
	}
	for _, src := range []string{`RandomString(-1,0,0,0,0)`, `RandomString(5,3,3,0,0)`, `RandomString(5,-1,0,0,0)`, `RandomString([i],8,0,0,0)`,
		`RandomString(5,1,0,0,0,"0123456789")`, `RandomString(5,0,0,0,6)`} {
		if got := evaluate(src, env); !strings.HasPrefix(got, "error: ") {
			t.Errorf("%s: %s", src, got)
		}
	}
	if got := evaluate(`RandomString(0,0,0,0,0)`, env); got != "" {
		t.Error(got)
	}
}

func TestTooLong(t *testing.T) {
	src := strings.Repeat(`Replace(`, 30) + `"aaaaaaaaaa"` + strings.Repeat(`, "a", , , "aaaaaaaaaa")`, 30)
	if got := evaluate(src, nil); !strings.Contains(got, "longer than") {
		t.Error(shorten(got))
	}
}

// TestResultsLive: results stay valid when the machine's memory is used again.
func TestResultsLive(t *testing.T) {
	prog, err := MustParse(
		`Split(Join(",", ToUpper([a]), ToUpper([b])), ",")`,
	).Compile(Context{Attributes: []string{"a", "b"}})
	if err != nil {
		t.Fatal(err)
	}
	var results [][]string
	for i := range 50 {
		s := strings.Repeat(string(rune('a'+i%26)), i)
		r, err := prog.Eval(Row{TextValue(s), TextValue("x")}, nil)
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, r.Value.Strings())
	}
	for i, got := range results {
		want := []string{strings.ToUpper(strings.Repeat(string(rune('a'+i%26)), i)), "X"}
		if i == 0 {
			want = []string{"X"}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d: %q, want %q", i, got, want)
		}
	}
}

// TestAllocations: an evaluation allocates its result and nothing else.
func TestAllocations(t *testing.T) {
	rows := syntheticUsers(10)
	row := rows[1]
	for _, src := range typicalMappings {
		prog, err := MustParse(src).Compile(Context{Attributes: benchAttributes})
		if err != nil {
			t.Fatal(err)
		}
		limit := 1.0
		if strings.Contains(src, "${") {
			limit = 16 // groups of a match: the regular expression library allocates them
		}
		if got := testing.AllocsPerRun(200, func() {
			if _, err := prog.Eval(row, benchEnv); err != nil {
				t.Fatal(err)
			}
		}); got > limit {
			t.Errorf("%s: %v allocations", src, got)
		}
	}
}

func TestValues(t *testing.T) {
	for _, c := range []struct {
		in   any
		want string
	}{{nil, ""}, {"x", "x"}, {true, "True"}, {3.0, "3"}, {2.5, "2.5"}, {[]any{"a", 1.0, true}, `["a","1","True"]`}, {[]any{}, "null"}, {int64(4), "4"}, {[]string{"q"}, `["q"]`}} {
		v, err := ValueFromJSON(c.in)
		if err != nil || v.String() != c.want && !(c.want == "null" && v.IsNull()) {
			t.Errorf("%v: %q, %v", c.in, v.String(), err)
		}
	}
	for _, bad := range []any{map[string]any{}, []any{[]any{"x"}}, []any{"x", map[string]any{}}} {
		if _, err := ValueFromJSON(bad); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
}
