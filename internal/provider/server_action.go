package provider

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// lastWords is how long a stopped provider waits for running actions to say
// what became of them. What they wait for is canceled, so that they need no
// time; a person waits who pressed Ctrl-C.
const lastWords = 5 * time.Second

// running knows the actions that run. The protocol's server drops what an
// action says after the provider was stopped, its end included, and Terraform
// takes an action without an end for one that succeeded: StopProvider returns
// only when every action has said its end.
type running struct {
	after func(time.Duration) <-chan time.Time

	mu   sync.Mutex
	wait *sync.WaitGroup // of those that run
	stop chan struct{}   // closed when the provider is stopped
}

func newRunning(after func(time.Duration) <-chan time.Time) *running {
	return &running{after: after, wait: &sync.WaitGroup{}, stop: make(chan struct{})}
}

// begin counts an action in, until it calls ended.
func (r *running) begin() (stopped <-chan struct{}, ended func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	wait := r.wait
	wait.Add(1)
	return r.stop, wait.Done
}

// stopAll tells those that run, and waits until they have ended. Whoever begins
// afterwards isn't stopped.
func (r *running) stopAll() {
	r.mu.Lock()
	wait := r.wait
	close(r.stop)
	r.wait, r.stop = &sync.WaitGroup{}, make(chan struct{})
	r.mu.Unlock()
	wait.Wait()
}

// StopProvider cancels what runs, and returns when running actions have ended.
func (s *server) StopProvider(
	ctx context.Context, r *tfprotov6.StopProviderRequest,
) (*tfprotov6.StopProviderResponse, error) {
	a, err := s.protocol.StopProvider(ctx, r)
	s.running.stopAll()
	return a, err
}

// InvokeAction ends each action with an end of its own: after an interrupt it
// tells no more progress, and one that doesn't end within lastWords is ended by
// an error.
func (s *server) InvokeAction(
	ctx context.Context, r *tfprotov6.InvokeActionRequest,
) (*tfprotov6.InvokeActionServerStream, error) {
	stopped, ended := s.running.begin()
	a, err := s.protocol.InvokeAction(ctx, r)
	if a == nil || a.Events == nil {
		ended()
		return a, err
	}
	events := a.Events
	a.Events = func(push func(tfprotov6.InvokeActionEvent) bool) {
		defer ended()
		s.relay(events, stopped, push)
	}
	return a, err
}

// pushEvent takes an event, and reports whether more are wanted.
type pushEvent = func(tfprotov6.InvokeActionEvent) bool

// relay passes events on until the last.
func (s *server) relay(events func(pushEvent), stopped <-chan struct{}, push pushEvent) {
	told, gone := make(chan tfprotov6.InvokeActionEvent), make(chan struct{})
	defer close(gone)
	go func() {
		defer close(told)
		events(func(e tfprotov6.InvokeActionEvent) bool {
			select {
			case told <- e:
				return true
			case <-gone:
				return false
			}
		})
	}()
	var overdue <-chan time.Time
	interrupted := false
	for {
		select {
		case <-stopped:
			stopped, interrupted, overdue = nil, true, s.running.after(lastWords)
		case <-overdue:
			push(cutShort())
			return
		case e, more := <-told:
			if !more {
				return
			}
			switch x := e.Type.(type) {
			case tfprotov6.ProgressInvokeActionEventType:
				if interrupted {
					continue
				}
				x.Message = s.secrets.Text(x.Message)
				e.Type = x
			case tfprotov6.CompletedInvokeActionEventType:
				s.tidied(x.Diagnostics)
			}
			if !push(e) {
				return
			}
		}
	}
}

// cutShort is the end of an action that didn't end by itself.
func cutShort() tfprotov6.InvokeActionEvent {
	return tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{
		Diagnostics: []*tfprotov6.Diagnostic{{
			Severity: tfprotov6.DiagnosticSeverityError,
			Summary:  "The action was interrupted",
			Detail: "It hadn't ended when the provider was stopped, so that it isn't known how much of it was done. " +
				"Look at the job and its log (usersync_provisioning_log) before running it again.",
		}},
	}}
}
