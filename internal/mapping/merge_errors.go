package mapping

import (
	"fmt"
	"strings"
)

// ChangedError says that what a mapping manages was changed by someone else
// since the state was read.
type ChangedError struct{ Names []string }

func (e *ChangedError) Error() string {
	return "someone else changed what this mapping manages after it was read: " + strings.Join(e.Names, ", ")
}

// Advice says what to do about it.
func (e *ChangedError) Advice() string {
	return "Nothing was written. Plan again: the plan shows what is there now against your configuration."
}

// ForeignError says that a mapping would take over what isn't the template's.
type ForeignError struct {
	Names []string
	// Held says that the mapping is in the state already.
	Held bool
}

func (e *ForeignError) Error() string {
	return "the job already has its own " + strings.Join(e.Names, ", ") + ", neither the template's nor what is " +
		"configured"
}

// Advice says what to do about it.
func (e *ForeignError) Advice() string {
	if e.Held {
		return "Nothing was written. Set adopt = true to replace what is there, or list it as it is."
	}
	return "Nothing was written. Import the mapping (terraform import, with the id " +
		"service_principal_id/job_id/rule/source/target), or set adopt = true to replace what is there."
}

// PriorityError says that a row that stays has the matching priority of one
// that is planned.
type PriorityError struct {
	Target, Other string
	Priority      int
}

func (e *PriorityError) Error() string {
	return fmt.Sprintf("the attribute %s has the matching_priority %d, which the job's row %s has "+
		"too", e.Target, e.Priority, e.Other)
}

// Advice says what to do about it.
func (e *PriorityError) Advice() string {
	return fmt.Sprintf("Nothing was written. The attributes are tried one after another, so each needs a priority of "+
		"its own: list %q too (matching_priority = 0 takes it out), or choose another.", e.Other)
}

// unreadableFilterError says that the job's own filter can't be compared.
type unreadableFilterError struct{ name string }

func (e *unreadableFilterError) Error() string {
	return "the job's own filter has another shape than documented, so that it can be neither compared nor replaced: " +
		"leave " + e.name + " out, or empty the filter in the portal first"
}
