package outcome_test

import (
	"os"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
	"github.com/usersync/terraform-provider-usersync/internal/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/outcome/outcometest"
)

// What people had is planned as outcometest says.
func TestBehavior(t *testing.T) { outcometest.Run(t) }

// The text of version 2 is read; what it lacks isn't known, and no change.
func TestDecodeOutcome_Version2(t *testing.T) {
	raw, err := os.ReadFile("testdata/accepted-v2.txt")
	if err != nil {
		t.Fatal(err)
	}
	o, err := outcome.DecodeOutcome(string(raw))
	if err != nil {
		t.Fatal(err)
	}
	s := o.Settings.ConnectorSettings
	if s.ExternalUsers != decision.ExternalUsersExternal || s.UserIdentifier != decision.IdentifierUserPrincipalName ||
		len(s.EntraDomains) != 1 ||
		o.Memory.Revision != 1 {
		t.Errorf("got %+v, revision %d", s, o.Memory.Revision)
	}
	if o.History().User != nil {
		t.Error("it has no history")
	}
	q := decision.Request{Connector: decision.NestedGroups, Groups: []string{"Staff"}}
	q.ConnectorSettings = s
	r := outcometest.Plan(t, directorytest.Base(), q, o)
	if r.Changes.Total(outcome.Service) != 0 {
		t.Errorf("the service wasn't known: got %+v", r.Changes.List)
	}
	for _, x := range r.Changes.List {
		if x.Cause != outcome.NewRules {
			t.Errorf("%s: got %s by %s", x.ID, x.Kind, x.Cause)
		}
	}
}
