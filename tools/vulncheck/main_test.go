package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

const finding = `{"config":{}}
{"osv":{"id":"GO-2026-0001"}}
{"finding":{"osv":"GO-2026-0001","trace":[{"module":"example.com/a","version":"v1.0.0"}]}}
{"finding":{"osv":"GO-2026-0002","trace":[{"module":"example.com/a","version":"v1.0.0","package":"example.com/a/b"}]}}
{"finding":{"osv":"GO-2026-0002","trace":[{"module":"example.com/a","version":"v1.0.0","package":"example.com/a/c"}]}}
`

// of makes a check whose govulncheck ends with a code for each database, and
// whose live database can be reached or not.
func of(out *strings.Builder, exits map[string]int, reached error) *check {
	return &check{
		out:       out,
		pinned:    database{"the pinned database", "file:///pinned"},
		live:      database{"the live database", "https://live"},
		reachable: func(context.Context, string) error { return reached },
		run: func(_ context.Context, _ string, args ...string) ([]byte, int, error) {
			if slices.Contains(args, "-format=json") {
				return []byte(finding), exits["tool"], nil
			}
			return []byte("what was found"), exits[strings.TrimPrefix(args[0], "-db=")], nil
		},
	}
}

// The pinned database is asked whether or not the live one can be reached; what
// either knows of the provider fails; of tools, it is only said.
func TestCheck(t *testing.T) {
	unreachable := errors.New("no route to host")
	for _, c := range []struct {
		what    string
		exits   map[string]int
		reached error
		fails   bool
		says    []string
	}{
		{"nothing known", nil, nil, false, []string{"By the pinned database, the provider " +
			"reaches no", "By the live database, the provider reaches no"}},
		{"pinned, without the network", map[string]int{"file:///pinned": exitFound}, unreachable, true, []string{"LEFT OUT", "no route to host", "By the pinned database:\nwhat was found"}},
		{"nothing known, without the network", nil, unreachable, false, []string{"LEFT OUT", "By the pinned database, the provider reaches no"}},
		{"live alone", map[string]int{"https://live": exitFound}, nil, true, []string{"By the live database:\nwhat was found"}},
		{"a check that failed", map[string]int{"file:///pinned": 1}, nil, true, nil},
		{"a check of a tool that failed", map[string]int{"tool": 1}, nil, true, nil},
	} {
		var out strings.Builder
		err := of(&out, c.exits, c.reached).all(t.Context(), []string{"tools/x"})
		if (err != nil) != c.fails {
			t.Errorf("%s: %v", c.what, err)
		}
		for _, part := range c.says {
			if !strings.Contains(out.String(), part) {
				t.Errorf("%s doesn't say %q:\n%s", c.what, part, out.String())
			}
		}
		if err == nil && !strings.Contains(out.String(), "tools/x: 1 in packages that it builds: GO-2026-0002\n") {
			t.Errorf("%s: the tool isn't reported:\n%s", c.what, out.String())
		}
	}
}

// The program is asked in its folder, and how it ends is no error.
func TestProgram(t *testing.T) {
	said, exit, err := program("false")(t.Context(), ".")
	if err != nil || exit != 1 || len(said) != 0 {
		t.Errorf("%q %d %v", said, exit, err)
	}
	if _, _, err := program("no-such-program")(t.Context(), "."); err == nil {
		t.Error("a program that isn't there is no error")
	}
}
