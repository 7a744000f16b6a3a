package entra

import "github.com/usersync/terraform-provider-usersync/internal/graph"

// Callers import this package alone: what they need of package graph is named here.

type (
	// Config says how to sign in to which tenant of which cloud.
	Config = graph.Config
	// ConfigError is a wrong combination of arguments.
	ConfigError = graph.ConfigError
	// Error is an answer of Graph that refuses a request.
	Error = graph.Error
	// Log writes a line for debugging.
	Log = graph.Log
	// MissingRolesError says that the token lacks permissions.
	MissingRolesError = graph.MissingRolesError
	// Need is what an operation needs: one of some application permissions.
	Need = graph.Need
	// NotSentError says that a request was given up before it was sent.
	NotSentError = graph.NotSentError
	// SignInError says that no token could be had.
	SignInError = graph.SignInError
	// Wait says how long to wait before an attempt.
	Wait = graph.Wait
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
