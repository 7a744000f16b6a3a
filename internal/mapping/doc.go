// Package mapping is one object mapping of a provisioning job: which attributes
// of a source object flow to which of the target's, by which expressions, for
// whom. It reads Graph's schema, writes and overlays the canonical form in which
// a planned mapping travels ("effective"), and evaluates a mapping for users.
//
// It is pure: what an expression may depend on beside the user is injected.
package mapping
