package tfutil

import (
	"errors"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
)

// ExistsError says that what a create would make is there already.
type ExistsError struct {
	Problem, ImportID string
	// More is what else can be done than to import it.
	More string
}

func (e *ExistsError) Error() string { return e.Problem }

// Advice says how to import it.
func (e *ExistsError) Advice() string {
	advice := "Nothing was changed. Import it: terraform import <address> " + e.ImportID
	if e.More != "" {
		advice += ". " + e.More
	}
	return advice
}

// IfMade says, of a failed create whose request may have arrived, that the next
// apply goes on with what was made; "" of every other.
func IfMade(err error, next string) string {
	var advised adviser
	var graph *entra.Error
	if !entra.MayHaveArrived(err) || errors.As(err, &advised) && !errors.As(err, &graph) {
		return ""
	}
	return "\n\nApply again: " + next + "."
}
