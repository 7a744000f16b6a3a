package decision_test

import (
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision/decisiontest"
	"github.com/usersync/terraform-provider-usersync/internal/outcome/outcometest"
)

// The engine does what decisiontest says, row by row of the reference.
func TestBehavior(t *testing.T) { decisiontest.Run(t) }

// Over several plans, the engine does what outcometest says.
func TestSituations(t *testing.T) { outcometest.Run(t) }
