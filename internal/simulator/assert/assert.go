// Package assert is what tests of the simulator compare with.
package assert

import "testing"

// Equal says what was got and what was wanted where they differ.
func Equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
