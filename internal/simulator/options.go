package simulator

import (
	"context"
	"net/http"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/scimapp"
)

// Option changes a server while it is made.
type Option func(*Server) error

// WithBehavior changes some of the behavior that documentation leaves open.
func WithBehavior(change func(*env.Behavior)) Option {
	return func(s *Server) error { return s.World.SetBehavior(change) }
}

// WithClock replaces the clock.
func WithClock(now func() time.Time) Option {
	return func(s *Server) error { s.Clock.SetSource(now); return nil }
}

// WithLatency delays each request by what a function says of its method and route template.
func WithLatency(latency func(method, route string) time.Duration) Option {
	return func(s *Server) error { s.Kernel.Latency.How = latency; return nil }
}

// WithSleep replaces how latency is waited for.
func WithSleep(sleep func(context.Context, time.Duration)) Option {
	return func(s *Server) error { s.Kernel.Sleep = sleep; return nil }
}

// WithSeed seeds the faults that happen with a probability.
func WithSeed(seed uint64) Option {
	return func(s *Server) error { s.Kernel.Schedule.Seed(seed); return nil }
}

// WithApp registers an app beside the default one, or in its place under the same client id.
func WithApp(app login.App) Option {
	return func(s *Server) error { return s.AddApp(app) }
}

// WithAPIKey gives an organization, by its id or its key in the snapshot, an API key of its own.
func WithAPIKey(organization, key string) Option {
	return func(s *Server) error { s.APIKeys[organization] = key; return nil }
}

// WithAudience lets Graph accept tokens for another resource than the server's own address, such as
// https://graph.microsoft.com behind a proxy.
func WithAudience(resource string) Option {
	return func(s *Server) error { s.Login.Audiences = append(s.Login.Audiences, resource); return nil }
}

// WithFault puts a fault on the schedule.
func WithFault(fault faults.Fault) Option {
	return func(s *Server) error { return s.AddFault(fault) }
}

// WithTarget lets cycles provision into an address beside the server's own SCIM directories, by a
// transport of the caller's; with nil this server answers for that address, such as
// https://api.atlassian.com. Cycles never talk to any other address: theirs are counted alone.
func WithTarget(base string, transport http.RoundTripper) Option {
	return func(s *Server) error { return s.Trust(base, transport) }
}

// WithDirectoryToken gives the SCIM directory of an organization, by its id or its key in the
// snapshot, a key in place of [DefaultSecretToken].
func WithDirectoryToken(organization, token string) Option {
	return func(s *Server) error { s.DirectoryKeys[organization] = token; return nil }
}

// WithSecretToken is the SecretToken that targets accept in place of [DefaultSecretToken].
func WithSecretToken(token string) Option {
	return func(s *Server) error { s.Registry.Token, s.Organizations.Token = token, token; return nil }
}

// WithApplication adds a SCIM application under /apps/{id}/scim/v2, with its rules; it takes [DefaultSecretToken].
func WithApplication(id string, rules scimapp.Rules) Option {
	return func(s *Server) error { return s.AddApplication(id, "", rules) }
}
