package entra

import "github.com/usersync/terraform-provider-usersync/internal/graph"

// What callers see of package graph: they import this package alone.
type (
	Config            = graph.Config
	ConfigError       = graph.ConfigError
	Error             = graph.Error
	Log               = graph.Log
	MissingRolesError = graph.MissingRolesError
	Need              = graph.Need
	NotSentError      = graph.NotSentError
	SignInError       = graph.SignInError
	Wait              = graph.Wait
)

// BySecret is the way to sign in of an application with a client secret.
const BySecret = graph.BySecret

// CloudNames are all names and aliases of clouds.
func CloudNames() []string { return graph.CloudNames() }

// NotFound reports whether Graph answered that something isn't there. A service
// principal or job made moments ago may be missing so, or answer 403 or 409, for
// some seconds ([graph 3.1], [graph 3.9]): nothing here waits for that, since only
// the caller knows what it just made.
func NotFound(err error) bool { return graph.NotFound(err) }

// Conflict reports whether Graph answered that something is there already.
func Conflict(err error) bool { return graph.Conflict(err) }

// MayHaveArrived reports whether a failed write may have been carried out all
// the same.
func MayHaveArrived(err error) bool { return graph.MayHaveArrived(err) }
