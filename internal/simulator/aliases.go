package simulator

import "github.com/usersync/terraform-provider-usersync/internal/simulator/env"

// What callers of the simulator name, where it lives.
type (
	// Behavior is [env.Behavior].
	Behavior = env.Behavior
	// Duration is [env.Duration].
	Duration = env.Duration
)
