package dotnet

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func mustRegex(t testing.TB, pattern string) *Regex {
	t.Helper()
	re, err := CompileRegex(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return re
}

func TestReplace(t *testing.T) {
	for _, c := range []struct{ pattern, by, in, want string }{
		{`\+(?<isd>\d* )(?<num>\d{10})`, "${num}", "+91 9998887777", "9998887777"},
		{`[a-zA-Z_]*`, "", "john_doe72", "72"},
		{`[a-z]*`, "x", "ab1", "xx1x"}, // an empty match after a match counts, as in .NET
		{`a*`, "-", "aab", "--b-"},
		{`(a)(b)?`, "[$1$2$3]", "ab a", "[ab$3] [a$3]"},
		{`(?<n>\w+)`, "${n}${m}$", "hi", "hi${m}$"},
		{`b`, "$$|$&|$`|$'|$_|$+", "abc", "a$|b|a|c|abc|bc"},
		{`(\d)(\d)`, "$+$01", "12", "21"},
		{`^`, ">", "a\nb", ">a\nb"},
		{`(?m)^`, ">", "a\nb", ">a\n>b"},
		{`$`, "!", "a\n", "a!\n!"}, // $ also matches before a final newline
		{`\d`, "#", "٣4", "##"},    // digits of all scripts
		{`(?i)straße`, "x", "STRAßE", "x"},
		{`(?<=@)\w+`, "x", "a@b", "a@x"},
		{`(?>a+)b`, "x", "aab", "x"},
		{`(\w)\1`, "x", "hello", "hexo"},
		{`(.*?)(?<id>.{0,8})$`, "${id}", "0000000012345", "00012345"},
		{`[()\s-]+`, "", "+1 (555) 123-4567", "+15551234567"},
		{`[^a-z]`, "_", "aÉ b", "a__b"},
		{`\s+`, " ", "a \t b\u00a0\u2003c", "a b c"},
	} {
		re := mustRegex(t, c.pattern)
		out, changed, err := re.Replace([]byte("kept"), c.in, re.Replacement(c.by))
		got := c.in
		if changed {
			got = strings.TrimPrefix(string(out), "kept")
		}
		if err != nil || got != c.want {
			t.Errorf("%q by %q in %q: got %q, %v; want %q", c.pattern, c.by, c.in, got, err, c.want)
		}
	}
}

func TestReplaceGroup(t *testing.T) {
	for _, c := range []struct{ pattern, group, by, in, want string }{
		{`(?<streetNumber>^\d*)`, "streetNumber", "888", "545 Tremont Street", "888 Tremont Street"},
		{`(?<Suffix>@(.)*)`, "Suffix", "", "jsmith@contoso.com", "jsmith"},
		{`a(?<x>\d)b`, "x", "$0", "a1b a2b", "a$0b a$0b"},
		{`a(?<x>\d)?b`, "x", "9", "ab a2b", "ab a9b"},
		{`(a)(b)`, "2", "X", "abab", "aXaX"},
	} {
		re := mustRegex(t, c.pattern)
		out, _, err := re.ReplaceGroup(nil, c.in, c.group, c.by)
		if err != nil || string(out) != c.want {
			t.Errorf("%q: got %q, %v; want %q", c.pattern, out, err, c.want)
		}
	}
}

func TestMatch(t *testing.T) {
	re := mustRegex(t, `[1-9][0-9]`)
	any, _ := re.Match("x42y")
	whole, _ := re.MatchWhole("x42y")
	exact, _ := re.MatchWhole("42")
	if !any || whole || !exact {
		t.Error(any, whole, exact)
	}
	text, found, err := mustRegex(t, `(?<n>\d)(?<o>x)?`).Group("a7", "n")
	if text != "7" || !found || err != nil {
		t.Error(text, found, err)
	}
	if _, found, _ := mustRegex(t, `(?<n>\d)(?<o>x)?`).Group("a7", "o"); found {
		t.Error("a group that took no part was found")
	}
}

func TestRegexErrors(t *testing.T) {
	for _, pattern := range []string{"([a-z", "(", `\`, "a{2,1}", "*", "(?<n", `(?i)[a-z-[aeiou]]`, "a++", `\Qa\E`, `\R`, `\X`, strings.Repeat("a", MaxPattern+1)} {
		if _, err := CompileRegex(pattern); err == nil {
			t.Errorf("%q: no error", pattern)
		}
	}
}

// What would run for ages ends after so many steps, the same everywhere, with
// an error that names the pattern; Go's engine just answers.
func TestRegexSteps(t *testing.T) {
	text := strings.Repeat("a", 5000) + "!"
	if ok, err := mustRegex(t, `^(a+)+$`).Match(text); ok || err != nil {
		t.Error(ok, err)
	}
	const slow = `^(a+)+$(?!x)`
	var first *StepsError
	for range 3 {
		var e *StepsError
		re := mustRegex(t, slow)
		_, err := re.Match(text)
		if !errors.As(err, &e) || e.Total || !strings.Contains(err.Error(), slow) {
			t.Fatal(err)
		}
		if first == nil {
			first = e
		}
		if *e != *first || re.budget.used.Load() != mustUse(t, slow, text) {
			t.Errorf("%v took %d steps", e, re.budget.used.Load())
		}
	}
	if _, err := mustRegex(t, `a`).Match(strings.Repeat("a", MaxInput+1)); !errors.Is(err, ErrTooLong) {
		t.Error(err)
	}
	if _, err := mustRegex(t, `[ab]{900}[cd]{900}`).Match(strings.Repeat("a", MaxInput)); err == nil {
		t.Error("a large program on a large text is no error")
	}
	big := mustRegex(t, `a`)
	if _, _, err := big.Replace(
		nil,
		strings.Repeat("a", 1<<12),
		big.Replacement(strings.Repeat("b", 1<<12)),
	); !errors.Is(
		err,
		ErrTooLong,
	) {
		t.Error(err)
	}
}

func mustUse(t *testing.T, pattern, text string) int64 {
	t.Helper()
	re := mustRegex(t, pattern)
	_, _ = re.Match(text)
	return re.budget.used.Load()
}

// All the matches of a pattern together are bounded too: those of every user.
func TestRegexTotalSteps(t *testing.T) {
	re := mustRegex(t, `(?<=@)\w+`)
	if ok, err := re.Match("ann@x.example"); !ok || err != nil {
		t.Fatal(ok, err)
	}
	re.budget.used.Store(MaxTotalSteps)
	var e *StepsError
	if _, err := re.Match("ann@x.example"); !errors.As(err, &e) || !e.Total {
		t.Error(err)
	}
	other := mustRegex(t, `(?<=x)\w+`)
	other.Share(re.budget) // as patterns that differ from user to user do
	if _, err := other.Match("ann@x.example"); !errors.As(err, &e) || !e.Total {
		t.Error(err)
	}
}

// TestCharset: the short cut for sets of characters gives what the engine gives.
func TestCharset(t *testing.T) {
	patterns := []string{
		`[()\s-]+`,
		`[a-zA-Z_]*`,
		`[^0-9]`,
		`\D+`,
		`\w`,
		`[\w.]+`,
		`[\]x]+`,
		`\S*`,
		`[a-z-[aeiou]]+`,
		`a+`,
		`\p{L}+`,
		`.`,
		`[^é]*`,
		`[]a]`,
	}
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.SampledFrom(patterns).Draw(t, "pattern")
		in := rapid.StringOf(rapid.RuneFrom([]rune("ab_Z09 ()-.]\té٣\u00a0😀"))).Draw(t, "in")
		by := rapid.SampledFrom([]string{"", "x", "$$"}).Draw(t, "by")
		re, err := CompileRegex(pattern)
		if err != nil || re.set == nil {
			t.Fatalf("%q isn't recognized as a set: %v", pattern, err)
		}
		slow, _ := CompileRegex(pattern)
		slow.set = nil
		a, changedA, errA := re.Replace(nil, in, re.Replacement(by))
		b, changedB, errB := slow.Replace(nil, in, slow.Replacement(by))
		if !changedA {
			a = []byte(in)
		}
		if !changedB {
			b = []byte(in)
		}
		if string(a) != string(b) || errA != nil || errB != nil {
			t.Fatalf("%q by %q in %q: %q %v %v and %q %v %v", pattern, by, in, a, changedA, errA, b, changedB, errB)
		}
	})
	for _, pattern := range []string{`[ab]{2}`, `[ab]+?`, `[^]`, `(a)`, `[ab][cd]`, `(?<=a)`, `$`} {
		if re, err := CompileRegex(pattern); err == nil && re.set != nil {
			t.Errorf("%q is taken for a set", pattern)
		}
	}
}

func TestCase(t *testing.T) {
	for _, c := range []struct {
		culture, in, upper, lower string
	}{
		{"", "iIıİß", "IIıİß", "iiıİß"},
		{"en-US", "iIıİ", "IIIİ", "iiıi"},
		{"tr-TR", "iIıİ", "İIIİ", "iııi"},
		{"az", "i", "İ", "i"},
		{"", "àÉǆ", "ÀÉǄ", "àéǆ"},
	} {
		casing, err := ParseCulture(c.culture)
		up, low := string(casing.AppendUpper(nil, c.in)), string(casing.AppendLower(nil, c.in))
		if err != nil || up != c.upper || low != c.lower {
			t.Errorf("%s: %q %q %v", c.culture, up, low, err)
		}
	}
	for _, bad := range []string{"english", "e", "tr-T", "12", "tr-TR!", "-"} {
		if _, err := ParseCulture(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
	for in, want := range map[string]string{
		"PABLO GONSALVES (SECOND)": "Pablo Gonsalves (Second)", "john's o'brien": "John's O'brien", "anne-marie": "Anne-Marie",
		"3com a3b_c": "3Com A3b_C", "ǆx": "ǅx", "ß": "ß", "x\u0301y": "X\u0301y",
	} {
		if got := string(AppendTitle(nil, in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzRegex(f *testing.F) {
	for _, seed := range [][3]string{{`\+(?<isd>\d* )(?<num>\d{10})`, "${num}", "+91 9998887777"}, {`(a|b)*c`, "$1$+$_", "ababc"}, {`[()\s-]+`, "", "(1) 2"},
		{`(?<a>x)(?<-a>y)`, "$&", "xy"}, {`(?=a)`, "$'", "aa"}, {`\p{L}`, "$$", "é"}, {`(?<0>a)`, "${0}", "a"}, {`(?<5>a)`, "$5", "a"}} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, pattern, by, in string) {
		if len(pattern) > 60 || len(in) > 60 {
			return // long inputs only find slow patterns, which have their limit
		}
		re, err := CompileRegex(pattern)
		if err != nil {
			return
		}
		ok, err := re.Match(in)
		if err != nil {
			return
		}
		_, changed, err := re.Replace(nil, in, re.Replacement(by))
		if err == nil && ok != changed && re.set == nil {
			t.Fatalf("%q in %q: match %v, replace %v", pattern, in, ok, changed)
		}
		for _, name := range re.GroupNames() {
			_, _, _ = re.Group(in, name)
			_, _, _ = re.ReplaceGroup(nil, in, name, by)
		}
	})
}
