package reconcile_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/directory/directorytest"
	"github.com/usersync/terraform-provider-usersync/internal/reconcile"
)

// typeless people from elsewhere sync under some readings of the rules, members from
// elsewhere under others.
func calibrated(t *testing.T, here func(u *directory.User) bool) *reconcile.Calibration {
	t.Helper()
	w := directorytest.New()
	w.User(directorytest.Employee("ann@company.com"), "Staff")
	for i, typ := range []string{"Guest", "Member", ""} {
		w.User(directorytest.External(fmt.Sprintf("p%d@fabrikam.com", i), typ), "Staff")
	}
	d := w.Directory()
	l := directory.NewLookup(d)
	org := w.Organization()
	org.AccountsCovered = true
	for i := range d.Users {
		if u := &d.Users[i]; here(u) {
			org.Accounts = append(
				org.Accounts,
				directory.Account{AccountID: u.ID, Email: u.Mail, ClaimStatus: "managed", AccountStatus: "active"},
			)
			org.Groups = append(
				org.Groups,
				directory.AccountGroup{ID: "s" + u.ID, Name: "Staff", ExternalSynced: true, Members: []string{u.ID}},
			)
		}
	}
	decide := func(identifier, external string) (*decision.Result, error) {
		q := decision.Request{Connector: decision.NestedGroups, Groups: []string{"Staff"}}
		q.ConnectorSettings.UserIdentifier, q.ConnectorSettings.ExternalUsers = identifier, external
		s, _, err := q.Resolve(l, d)
		if err != nil {
			return nil, err
		}
		e, err := decision.NewEngine(d, l, w.Organization(), s)
		if err != nil {
			return nil, err
		}
		return e.Decide(), nil
	}
	in := reconcile.Input{
		Organization: org,
		Changed:      func(int32) time.Time { return time.Time{} },
		Log:          func(int32) string { return "" },
	}
	c, err := reconcile.Calibrate(in, decide, 2)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCalibrate(t *testing.T) {
	cases := map[string]struct {
		here    func(u *directory.User) bool
		best    string
		decided bool
	}{
		"guests alone": {
			func(u *directory.User) bool { return u.UserType == "Guest" || strings.HasPrefix(u.Mail, "ann") },
			"guest",
			true,
		},
		"all but members": {
			func(u *directory.User) bool { return u.UserType != "Member" || strings.HasPrefix(u.Mail, "ann") },
			"not_member",
			true,
		},
		"all external users": {func(*directory.User) bool { return true }, "external", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := calibrated(t, c.here)
			if len(got.Readings) != 6 || got.Readings[0].ExternalUsers != c.best ||
				got.Readings[0].UserIdentifier != decision.IdentifierEmail {
				t.Errorf("best: got %+v", got.Readings)
			}
			if got.Readings[0].Percent() != 100 || got.Decided() != c.decided {
				t.Errorf("got %g %%, decided %t", got.Readings[0].Percent(), got.Decided())
			}
			defaults := 0
			for _, r := range got.Readings {
				if r.Default {
					defaults++
					if r.ExternalUsers != "guest" || r.UserIdentifier != "email" {
						t.Errorf("not the default: %+v", r)
					}
				}
			}
			if defaults != 1 {
				t.Errorf("%d defaults", defaults)
			}
			if got.DistinguishingCount != 3 || len(got.Distinguishing) != 2 {
				t.Errorf("got %d distinguishing users, %d shown", got.DistinguishingCount, len(got.Distinguishing))
			}
			for _, u := range got.Distinguishing {
				if len(u.Decisions) != 6 || len(u.Fits) == 0 || u.Fits[0] != 0 || u.Actual == "" {
					t.Errorf("got %+v", u)
				}
			}
		})
	}
	if got := calibrated(t, func(*directory.User) bool { return true }).Readings[0].HCL(); got != "connector_settings {\n  user_identifier = \"email\"\n  external_users  = \"external\"\n}\n" {
		t.Errorf("got %s", got)
	}
}

func TestCalibrate_Fails(t *testing.T) {
	broken := errors.New("broken")
	_, err := reconcile.Calibrate(
		reconcile.Input{},
		func(string, string) (*decision.Result, error) { return nil, broken },
		1,
	)
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
