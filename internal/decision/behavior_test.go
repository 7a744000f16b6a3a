package decision_test

import (
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision/decisiontest"
)

// The engine does what decisiontest says, row by row of the reference.
func TestBehavior(t *testing.T) { decisiontest.Run(t) }
