// Package outcometest holds situations that people had, as plans that follow one
// another. The outcome and each part of the engine run them: how a user's record
// ages shows only over several plans.
package outcometest

import (
	"maps"
	"slices"
	"testing"
)

// subjects are the tests by what they are of.
var subjects = map[string]func(t *testing.T){
	"Situations":       situations,
	"BasisAges":        basisAges,
	"WhileStopped":     whileStopped,
	"KeptGroupName":    keptGroupName,
	"KeptWithoutNames": keptWithoutNames,
}

// Run runs them all.
func Run(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(subjects)) {
		t.Run(name, subjects[name])
	}
}
