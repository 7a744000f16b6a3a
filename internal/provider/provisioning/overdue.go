package provisioning

import (
	"errors"

	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
)

// overdueError is a wait whose time was over.
type overdueError struct{ late *session.TimeoutError }

func (e *overdueError) Error() string {
	text := "it took too long: the service took the order, and didn't show it within the time that timeouts allows"
	if e.late.Last != nil {
		text += "; its last answer was: " + e.late.Last.Error()
	}
	return text
}

// Advice says what to do about it.
func (e *overdueError) Advice() string {
	return "Nothing has to be undone: the next plan shows what is there. Apply again, and the rest follows."
}

// overdue says more of a wait whose time was over; other errors stay.
func overdue(err error) error {
	if late := new(session.TimeoutError); errors.As(err, &late) {
		return &overdueError{late}
	}
	return err
}
