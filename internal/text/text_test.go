package text

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"Jira admins":            "Jira admins",
		"a\nb\x1b[2J":            `a b\u001b[2J`,
		"\u202egnp":              `\u202egnp`,
		"\xff":                   "\ufffd",
		strings.Repeat("x", 300): strings.Repeat("x", sanitize.MaxName) + "…",
	} {
		if got := Plain(in); got != want {
			t.Errorf("Plain(%q): got %q, want %q", in, got, want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	if got := Markdown("|a_b <x> @c"); strings.ContainsAny(got, "|<>@") || !strings.Contains(got, "a_b") {
		t.Errorf("got %q", got)
	}
}

func TestPlural(t *testing.T) {
	if got := Plural(1, "user") + ", " + Plural(0, "group"); got != "1 user, 0 groups" {
		t.Errorf("got %q", got)
	}
}
