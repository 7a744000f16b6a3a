package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/usersync/terraform-provider-usersync/internal/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// Offline reports whether everything is read from a snapshot, so that nothing
// can be asked of the services, and nothing is written. There is no session where the CLI only validates.
func (s *Session) Offline() bool { return s != nil && s.offline() }

// Known reports whether no argument of the provider waits for something that
// this run creates.
func (s *Session) Known() bool { return s.known() == nil }

// Entra is the tenant's client, for what isn't shared: writes, and the reads
// that must be fresh. With a snapshot in its place there is none.
func (s *Session) Entra() (*entra.Client, error) {
	if err := s.known(); err != nil {
		return nil, err
	}
	if s.offline() {
		return nil, &tfutil.NotConfiguredError{
			Problem: "The provider reads the snapshot " + s.setup.SnapshotFile + " instead of the services, so " +
				"nothing can be written",
			Advice: "Plan from the snapshot as you like; to apply, leave snapshot out of the provider block, or set " +
				"its mode to \"record\".",
		}
	}
	return s.client()
}

// Client is the tenant's client as Entra gives it, with what is needed granted;
// nil where there is none, with a diagnostic. The session itself is nil while
// the CLI only validates.
func (s *Session) Client(
	ctx context.Context, operation string, d *diag.Diagnostics, needs ...entra.Need,
) *entra.Client {
	if s == nil {
		d.Append(tfutil.NotConfigured(operation))
		return nil
	}
	c, err := s.Entra()
	if err == nil && len(needs) > 0 {
		err = c.SignIn(ctx, needs...)
	}
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
		return nil
	}
	return c
}

// Atlassian is the client of an organization, by its key, for what must be
// fresh. With a snapshot in its place there is none.
func (s *Session) Atlassian(key string) (*atlassian.Client, error) {
	if err := s.known(); err != nil {
		return nil, err
	}
	if s.offline() {
		return nil, &tfutil.NotConfiguredError{
			Problem: "The provider reads the snapshot " + s.setup.SnapshotFile + " instead of the services, so there " +
				"is nobody to wait for",
			Advice: "Plan from the snapshot as you like; to apply, leave snapshot out of the provider block, or set " +
				"its mode to \"record\".",
		}
	}
	if _, ok := s.setup.Declared[key]; ok {
		return nil, declaredError(key, "claims", "verify its domains at admin.atlassian.com and list them in "+
			"verified_domains")
	}
	newClient, ok := s.setup.Organizations[key]
	if !ok {
		return nil, fmt.Errorf("there is no organization %q", key)
	}
	return newClient()
}

// Resolver asks the machine's DNS.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
}

// Resolver is the machine's, or what the setup has in its place.
func (s *Session) Resolver() Resolver {
	if s.setup.Resolver != nil {
		return s.setup.Resolver
	}
	return net.DefaultResolver
}

// Lock keeps other writes to the same thing of this provider away until the
// returned function is called.
func (s *Session) Lock(key string) (unlock func()) {
	s.mu.Lock()
	if s.locks == nil {
		s.locks = map[string]*sync.Mutex{}
	}
	lock, ok := s.locks[key]
	if !ok {
		lock = &sync.Mutex{}
		s.locks[key] = lock
	}
	s.mu.Unlock()
	lock.Lock()
	return lock.Unlock
}

// Claim notes that this run has made something, or taken it over. It reports
// false where that was so before: two resources would manage one thing.
func (s *Session) Claim(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.claims[key] {
		return false
	}
	if s.claims == nil {
		s.claims = map[string]bool{}
	}
	s.claims[key] = true
	return true
}

// Claimed reports whether this run has made something, or taken it over: then
// destroying its former resource (create_before_destroy, a new name) must leave
// it alone.
func (s *Session) Claimed(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.claims[key]
}

// Schema reads the schema of a job, once for all who ask in this plan.
func (s *Session) Schema(ctx context.Context, servicePrincipalID, jobID string) (json.RawMessage, error) {
	c, err := s.Entra()
	if err != nil {
		return nil, err
	}
	return s.schemas.once(ctx, servicePrincipalID+"/"+jobID,
		func(ctx context.Context) (json.RawMessage, error) { return c.Schema(ctx, servicePrincipalID, jobID) })
}

// TimeoutError says that what was waited for didn't come in time.
type TimeoutError struct {
	// Last is what the last look gave, nil where it wasn't an error.
	Last error
}

func (e *TimeoutError) Error() string {
	if e.Last != nil {
		return "it took too long; the last answer was: " + e.Last.Error()
	}
	return "it took too long"
}

// Advice says what follows.
func (e *TimeoutError) Advice() string {
	return "It wasn't visible within the time that timeouts allows, and may still become so: the next plan shows " +
		"what is there. Apply again in a while, or allow more time in timeouts."
}

// Await looks until check says that what it waits for is there, with growing
// pauses. An error of check ends it, except one that Later marks. When the
// context's time is over, the error is a *TimeoutError.
func (s *Session) Await(ctx context.Context, check func(context.Context) (bool, error)) error {
	return s.AwaitEvery(ctx, 10*time.Second, check)
}

// AwaitEvery is Await with the longest pause between two looks, for what takes
// its time.
func (s *Session) AwaitEvery(
	ctx context.Context, longest time.Duration, check func(context.Context) (bool, error),
) error {
	interval := s.setup.Interval
	if interval == nil {
		interval = func(attempt int) time.Duration { return growing(attempt, longest) }
	}
	var last error
	for attempt := 1; ; attempt++ {
		done, err := check(ctx)
		var retryable *retryableError
		switch {
		case errors.As(err, &retryable):
			last = retryable.err
		case err != nil && ctx.Err() == nil:
			return err
		case err == nil && done:
			return nil
		}
		timer := time.NewTimer(interval(attempt))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return &TimeoutError{last}
			}
			return ctx.Err()
		}
	}
}

// growing doubles from a quarter of a second to the longest.
func growing(attempt int, longest time.Duration) time.Duration {
	return min(250*time.Millisecond<<min(attempt-1, 10), longest)
}

type retryableError struct{ err error }

func (e *retryableError) Error() string { return e.err.Error() }
func (e *retryableError) Unwrap() error { return e.err }

// Retryable marks an error after which Await looks again.
func Retryable(err error) error { return &retryableError{err} }

// RetryableIfMissing has Await look again for what was made moments ago.
func RetryableIfMissing(err error) error {
	if entra.NotFound(err) {
		return Retryable(err)
	}
	return err
}
