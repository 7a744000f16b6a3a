package provider

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
)

// acting is a protocol of one action, which does what a test says.
type acting struct {
	protocol
	do func(tell func(tfprotov6.InvokeActionEvent) bool)
}

func (a acting) InvokeAction(
	context.Context, *tfprotov6.InvokeActionRequest,
) (*tfprotov6.InvokeActionServerStream, error) {
	return &tfprotov6.InvokeActionServerStream{
		Events: func(push func(tfprotov6.InvokeActionEvent) bool) { a.do(push) },
	}, nil
}

func (a acting) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func progress(text string) tfprotov6.InvokeActionEvent {
	return tfprotov6.InvokeActionEvent{Type: tfprotov6.ProgressInvokeActionEventType{Message: text}}
}

func completed(text string) tfprotov6.InvokeActionEvent {
	return tfprotov6.InvokeActionEvent{
		Type: tfprotov6.CompletedInvokeActionEventType{
			Diagnostics: []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: text}},
		},
	}
}

// invoked runs an action and gives what it told, line by line; each line is in
// told before the next can be.
func invoked(t *testing.T, s *server) (told chan string) {
	t.Helper()
	stream, err := s.InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{})
	if err != nil {
		t.Fatal(err)
	}
	told = make(chan string)
	go func() {
		defer close(told)
		stream.Events(func(e tfprotov6.InvokeActionEvent) bool {
			switch x := e.Type.(type) {
			case tfprotov6.ProgressInvokeActionEventType:
				told <- x.Message
			case tfprotov6.CompletedInvokeActionEventType:
				told <- "ended: " + x.Diagnostics[0].Summary
			}
			return true
		})
	}()
	return told
}

// stop stops a provider; the channel is closed when that returns.
func stop(t *testing.T, s *server) <-chan struct{} {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := s.StopProvider(context.Background(), &tfprotov6.StopProviderRequest{}); err != nil {
			t.Error(err)
		}
	}()
	return done
}

// A provider that is stopped waits for an action's end, and lets nothing but
// that through: the protocol's server drops what comes after StopProvider.
func TestStopWaitsForActions(t *testing.T) {
	canceled, asked := make(chan struct{}), make(chan time.Duration, 1)
	s := newServer(acting{do: func(push func(tfprotov6.InvokeActionEvent) bool) {
		push(progress("begun with hidden-value"))
		<-canceled
		push(progress("still at it"))
		push(completed("The action was interrupted"))
	}}, sanitize.New("hidden-value"), func(d time.Duration) <-chan time.Time { asked <- d; return nil })
	told := invoked(t, s)
	if got := <-told; got != "begun with (redacted)" {
		t.Errorf("got %q", got)
	}
	stopped := stop(t, s)
	if d := <-asked; d != lastWords {
		t.Errorf("it waits for %s", d)
	}
	select {
	case <-stopped:
		t.Fatal("the provider stopped before the action had ended")
	default:
	}
	close(canceled)
	var rest []string
	for line := range told {
		rest = append(rest, line)
	}
	if got := strings.Join(rest, "|"); got != "ended: The action was interrupted" {
		t.Errorf("after the interrupt it told %q", got)
	}
	<-stopped
}

// An action that doesn't end is ended by an error.
func TestStopEndsAnAction(t *testing.T) {
	clock, never := make(chan time.Time), make(chan struct{})
	defer close(never)
	s := newServer(acting{do: func(push func(tfprotov6.InvokeActionEvent) bool) { push(progress("begun")); <-never }},
		nil, func(time.Duration) <-chan time.Time { return clock })
	told := invoked(t, s)
	<-told
	stopped := stop(t, s)
	clock <- time.Time{}
	if got := <-told; got != "ended: The action was interrupted" {
		t.Errorf("got %q", got)
	}
	<-stopped
	if more, ok := <-told; ok {
		t.Errorf("after its end it told %q", more)
	}
}

// One that begins after another was stopped runs to its end.
func TestStopIsOfThoseThatRun(t *testing.T) {
	s := newServer(
		acting{
			do: func(push func(tfprotov6.InvokeActionEvent) bool) { push(progress("begun")); push(completed("end")) },
		},
		nil,
		nil,
	)
	<-stop(t, s)
	var all []string
	for line := range invoked(t, s) {
		all = append(all, line)
	}
	if got := strings.Join(all, "|"); got != "begun|ended: end" {
		t.Errorf("got %q", got)
	}
}
