package main

import (
	"os"
	"strings"
	"testing"
)

func TestWithoutVerbs(t *testing.T) {
	for format, want := range map[string]string{
		"%d of %s":                    "… of …",
		"100 %% of %+v, %.2f, %-5q.":  "100 % of …, …, ….",
		"no verb":                     "no verb",
		"ends with %":                 "ends with %",
		"from %[2]s to %[1]s at %08x": "from … to … at …",
	} {
		if got := withoutVerbs(format); got != want {
			t.Errorf("%q: %q, want %q", format, got, want)
		}
	}
}

// The page has what packages say by each of the ways to say it, and no error
// whose text is known says too little.
func TestErrorsPage(t *testing.T) {
	t.Chdir("../..")
	page, err := errorsPage()
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	for _, want := range []string{
		"### The file holds no certificate\n\nError, on `ca_file`.",       // of the provider block
		"### Empty match\n\nError, on `match`. Set at least one of users", // a literal
		"… won't be known before the apply, so decisions are made then",   // a format
		"- **What was being done took too long**: It didn't end",          // an ending
		"- Deleting the domain\n",                                         // what was being done
		"The client secret has expired. Make a new one",                   // a typed error's advice
		"**The tenant has no domain ….** Add it with",                     // an error with advice, made where it happens
		"- unknown connector …; the connectors are … and …",               // a mistake that a pure package finds
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q isn't on the page", want)
		}
	}
	if strings.Contains(text, "\ufffd") || strings.Contains(text, "%!") || strings.Contains(text, "%s") {
		t.Error("the page has what a template left")
	}
	sources, err := sourcesBelow("internal/provider")
	if err != nil || len(sources) < 10 {
		t.Fatal(len(sources), err)
	}
	for _, s := range sources {
		for _, m := range messagesOf(s) {
			if !empty(m.detail) && !strings.Contains(m.detail, gap) && len(m.detail) < 25 {
				t.Errorf("%s: %q says too little: %q", s.dir, m.summary, m.detail)
			}
		}
	}
	if _, err := os.Stat("docs/guides/troubleshooting.md"); err != nil {
		t.Error(err)
	}
}
