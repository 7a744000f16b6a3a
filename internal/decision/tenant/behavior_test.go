package tenant_test

import (
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision/decisiontest"
)

// This part of the engine does what decisiontest says, row by row of the reference.
func TestBehavior(t *testing.T) { decisiontest.Run(t) }
