package sanitize

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestLine(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"  plain\ttext \r\n of two lines ", "plain text of two lines"},
		{"\x1b[31mred\x1b]0;title\x07", `\u001b[31mred\u001b]0;title\u0007`},
		{"right\u202eto left\u200b", `right\u202eto left\u200b`},
		{"a\u2028b", "a b"},
		{"bad \xff utf-8", "bad \ufffd utf-8"},
		{"::error file=x::forged\nError: forged", "::error file=x::forged Error: forged"},
		{strings.Repeat("é", MaxLine+1), strings.Repeat("é", MaxLine) + "…"},
	} {
		if got := Line(c.in); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

func TestText(t *testing.T) {
	if got := Text("a\n\tb\x1b[0m\r"); got != "a\n\tb\\u001b[0m\\u000d" {
		t.Errorf("%q", got)
	}
}

// Whatever comes, it is valid, bounded and printable.
func TestLine_Bounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.SampledFrom([]rune("ab \n\x1b\u202e\u2028é😀")), 0, 3000, -1)).
			Draw(t, "in")
		got := Line(in)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > MaxLine+1 || strings.ContainsFunc(got, hidden) ||
			strings.Contains(got, "\n") {
			t.Fatalf("%q", got)
		}
	})
}

func TestSecrets(t *testing.T) {
	s := New(`pa"ss\word`, "with space ", "long secret", "long secret and more", "abc", "")
	s.Add("token/+=")
	for _, c := range []struct{ in, want string }{
		{`the value pa"ss\word`, "the value (redacted)"},
		{`{"v":"pa\"ss\\word"}`, `{"v":"(redacted)"}`},
		{`{"v":"{\"v\":\"pa\\\"ss\\\\word\"}"}`, `{"v":"{\"v\":\"(redacted)\"}"}`},
		{"https://x/?t=token%2F%2B%3D&u=with+space", "https://x/?t=(redacted)&u=(redacted)"},
		{"with space", "(redacted)"},
		{"long secret and more", "(redacted)"},
		{"abc is too short to be a secret", "abc is too short to be a secret"},
	} {
		if got := s.Hide(c.in); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
	if got := (*Secrets)(nil).Hide("x"); got != "x" {
		t.Errorf("a nil set changes a text into %q", got)
	}
	(*Secrets)(nil).Add("abcd")
}

// A secret across the bound leaves no part of it.
func TestSecrets_BeforeTheCut(t *testing.T) {
	s := New("0123456789abcdef")
	got := s.Line(strings.Repeat("x", MaxLine-5) + "0123456789abcdef")
	if strings.Contains(got, "0123") {
		t.Errorf("a part of the secret is left: %q", got[MaxLine-20:])
	}
}
