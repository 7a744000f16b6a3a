package outcometest

import (
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
)

// situation is something that somebody had, from a public report or a page, as a
// small tenant: steps that are planned one after the other, each accepted.
type situation struct {
	name string
	// over is the connector; SCIM where it is "".
	over  string
	setUp func(t *testing.T, w *directorytest.World)
	ask   func(q *decision.Request)
	steps []situationStep
}

type situationStep struct {
	change func(t *testing.T, w *directorytest.World)
	// ask changes what is asked from this step on.
	ask func(q *decision.Request)
	// who is decided how: by the principal name's beginning, parts of the decision.
	who map[string][]string
	// groups are the target's, with their members; -1 isn't there.
	groups map[string]int
	// says are parts of all that people read of the plan.
	says []string
	// severity is the plan's, "" where it doesn't matter.
	severity string
}

// Accounts and records of the target.
func accountOf(id, email string, set ...func(*directory.Account)) directory.Account {
	a := directory.Account{
		AccountID:        id,
		Email:            email,
		ClaimStatus:      "managed",
		AccountStatus:    "active",
		MembershipStatus: "active",
		Status:           "active",
	}
	for _, f := range set {
		f(&a)
	}
	return a
}

func recordOf(address, account string, active bool) directory.SCIMUser {
	return directory.SCIMUser{
		ID:        "r-" + address,
		UserName:  address,
		Emails:    []string{address},
		Active:    active,
		AccountID: account,
	}
}

func employees(w *directorytest.World, addresses ...string) {
	for _, a := range addresses {
		w.User(directorytest.Employee(a), "Staff")
	}
}

func withJob(t *testing.T, w *directorytest.World, mapping string) {
	w.Jobs = directorytest.SCIM(t, mapping).Jobs
}

const workMail = `emails[type eq "work"].value`
