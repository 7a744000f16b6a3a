package tfutil

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// What a service or a file said can't forge a line, obey a terminal or run on.
func TestFailure_TextFromOutside(t *testing.T) {
	forged := "\x1b[2J\nError: forged\n" + strings.Repeat("/very/long", 1<<18)
	for _, err := range []error{
		fmt.Errorf("x: %w", &directory.SnapshotError{File: "t.json", Path: "/entra/" + forged, Problem: "expected an object"}),
		&NotConfiguredError{Problem: "There is no organization", Advice: "The keys are: " + forged},
		&directory.ReadingError{Reason: forged},
		&url.Error{Op: "Get", URL: "https://x.example/" + forged, Err: errors.New("cut")},
		fmt.Errorf("%w: https://%s", transport.ErrOtherHost, forged),
		errors.New(forged),
	} {
		d := Failure("Reading", err)
		text := d.Summary() + d.Detail()
		if strings.Contains(text, "\x1b") || len(text) > 2*sanitize.MaxText {
			t.Errorf("%T: %d bytes, %.200q", err, len(text), text)
		}
		if strings.Contains(text, "t.json") && !strings.Contains(text, "expected an object") {
			t.Errorf("the problem is cut away: %q", text)
		}
		if lines := strings.Split(
			d.Detail(),
			"\n",
		); err.Error() != forged &&
			strings.HasPrefix(lines[min(1, len(lines)-1)], "Error:") {
			t.Errorf("%T: a forged line: %.200q", err, d.Detail())
		}
	}
}

// Only a deadline that the configuration set is told as one of timeouts.
func TestFailure_Deadlines(t *testing.T) {
	for _, c := range []struct {
		err  error
		says string
	}{
		{context.DeadlineExceeded, "timeouts"},
		{&entra.SignInError{Method: entra.BySecret, Detail: "the login service answered 502 Bad " +
			"Gateway", Err: context.DeadlineExceeded}, "502 Bad Gateway"},
		{&transport.StalledError{Host: "graph.example", Problem: "it answered 200 OK, and then stopped"}, "graph.example: it answered 200 OK"},
	} {
		d := Failure("Reading", c.err)
		if !strings.Contains(d.Detail(), c.says) || strings.Contains(d.Detail(), "timeouts") != (c.says == "timeouts") {
			t.Errorf("%v: %s: %s", c.err, d.Summary(), d.Detail())
		}
	}
}
