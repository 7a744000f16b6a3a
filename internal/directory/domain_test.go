package directory

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestASCIIDomain(t *testing.T) {
	long := strings.Repeat("a", 300) + ".example"
	for in, want := range map[string]string{
		"company.com":           "company.com",
		"Company.COM":           "company.com",
		" company.com\n":        "company.com",
		"company.com.":          "company.com",
		"company.com..":         "",
		".company.com":          "",
		"a..b":                  "",
		".":                     "",
		"":                      "",
		" ":                     "",
		"localhost":             "localhost",
		"bücher.example":        "xn--bcher-kva.example",
		"BÜCHER.example":        "xn--bcher-kva.example",
		"bu\u0308cher.example":  "xn--bcher-kva.example", // NFD
		"XN--BCHER-KVA.Example": "xn--bcher-kva.example",
		"xn--bcher-kva.example": "xn--bcher-kva.example",
		"straße.example":        "xn--strae-oqa.example",
		"例え。テスト":                "xn--r8jz45g.xn--zckzah",
		"ｃｏｍｐａｎｙ．com":           "company.com",
		"company。com。":          "company.com",
		"company。。com":          "",
		"a＠b.example":           "",
		"a\u00a0b.example":      "",
		"xn--.example":          "",
		"xn--\x00.example":      "",
		"_dmarc.company.com":    "_dmarc.company.com",
		"a_b.company.com":       "a_b.company.com",
		"-a.-b-.com":            "-a.-b-.com",
		"R3---sn-ab--c.com":     "r3---sn-ab--c.com",
		"user@company.com":      "",
		"two words.com":         "",
		"tab\tbed.com":          "",
		"nul\x00.com":           "",
		"del\x7f.com":           "",
		"\xff\xfe.com":          "",
		"\ufffd.com":            "",
		"1.2.3.4":               "1.2.3.4",
		long:                    long,
		"a\u200db.example":      "",
		"\u202ecipher.example":  "",
	} {
		if got := ASCIIDomain(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func checkDomain(t interface{ Errorf(string, ...any) }, name string) {
	got := ASCIIDomain(name)
	if again := ASCIIDomain(got); again != got {
		t.Errorf("%q is %q, which is %q", name, got, again)
	}
	if up := ASCIIDomain(strings.ToUpper(name)); isASCII(name) && up != got {
		t.Errorf("%q is %q, in upper case %q", name, got, up)
	}
	if !isASCII(got) || strings.ContainsAny(got, "@ \t\r\n\x00") || strings.HasPrefix(got, ".") ||
		strings.HasSuffix(got, ".") ||
		strings.Contains(got, "..") ||
		got != strings.ToLower(got) {
		t.Errorf("%q is %q", name, got)
	}
}

func TestASCIIDomainIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkDomain(
			t,
			rapid.OneOf(anyText, rapid.StringMatching(`(xn--)?[a-zA-Z0-9_.üßé。@ -]{0,12}\.[a-zX-]{1,5}`)).
				Draw(t, "name"),
		)
	})
}

func FuzzASCIIDomain(f *testing.F) {
	for _, s := range []string{"company.com", "BÜCHER.example.", "xn--bcher-kva.example", "a。b", "-a_b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) { checkDomain(t, name) })
}
