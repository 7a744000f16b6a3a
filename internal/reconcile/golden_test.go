package reconcile_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/decisiontest"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/golden"
	"github.com/usersync/terraform-provider-usersync/internal/reconcile"
)

// Reconciliations of tenants of every kind with an organization in which one user in
// six is as predicted, and the others in another way each; then with one in which each
// is in yet another way.
func TestGolden(t *testing.T) {
	for name, engine := range decisiontest.Tenants {
		t.Run(name, func(t *testing.T) {
			r := engine(t).Decide()
			var got strings.Builder
			for _, shift := range []int{0, 2, 3} {
				reconciled(&got, r, shift)
			}
			golden.Text(t, name, got.String())
		})
	}
}

func reconciled(b *strings.Builder, r *decision.Result, shift int) {
	in := reconcile.Input{
		Result:       r,
		Organization: found(r, shift),
		Changed:      func(int32) time.Time { return time.Time{} },
		Log:          func(int32) string { return "" },
	}
	if r.Settings.Connector == decision.SCIM {
		in.SCIM = foundRecords(r, shift)
	}
	if shift == 0 {
		write(b, "nobody said when the last sync was", in)
	}
	in.LastSync = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	in.Changed = func(user int32) time.Time { return in.LastSync.Add(time.Duration(user%3-1) * time.Hour) }
	in.Log = func(user int32) string {
		if user%2 == 0 {
			return ""
		}
		return "failure: SystemForCrossDomainIdentityManagementServiceIncompatible"
	}
	write(b, fmt.Sprintf("with the last sync, and the log (%d)", shift), in)
}

func write(b *strings.Builder, title string, in reconcile.Input) {
	report := reconcile.Reconcile(in)
	fmt.Fprintf(
		b,
		"== %s\n%d of %d agree, %g %%, %d unknown, %d ambiguous\n",
		title,
		report.Agreed,
		report.Compared,
		report.Percent(),
		report.Unknown,
		report.Ambiguous,
	)
	for _, code := range slices.Sorted(maps.Keys(report.Confusion)) {
		fmt.Fprintf(b, "%s: %v\n", code, report.Confusion[code])
	}
	for _, m := range report.Mismatches {
		fmt.Fprintf(
			b,
			"%s %s %s: predicted %q, actual %q, groups %v: %s\n",
			m.Class,
			m.ID,
			m.Name,
			m.Predicted,
			m.Actual,
			m.Groups,
			m.Cause,
		)
	}
}

// found is an organization after a sync that went wrong in several ways.
func found(r *decision.Result, shift int) *directory.Organization {
	o := &directory.Organization{ID: "org", AccountsCovered: true, Domains: r.Organization.Domains}
	members := map[string][]string{}
	for i := range r.Decisions {
		address, id := r.Address(int32(i)), fmt.Sprintf("a-%02d", i)
		if address == "" {
			continue
		}
		a := directory.Account{
			AccountID:        id,
			Email:            address,
			ClaimStatus:      "managed",
			AccountStatus:    "active",
			Status:           "active",
			MembershipStatus: "active",
		}
		groups := r.GroupsOf(int32(i))
		switch (i + shift) % 6 {
		case 1:
			continue // isn't there
		case 2:
			a.AccountStatus, a.Status = "inactive", "deactivated"
		case 3:
			groups = []string{"Extra"}
		case 4:
			a.ClaimStatus, a.Status = "unmanaged", "suspended"
			a.ManagementSource = "synced"
			groups = nil
		case 5:
			o.Accounts = append(
				o.Accounts,
				directory.Account{
					AccountID:     id + "x",
					Email:         r.Directory.Users[i].UserPrincipalName,
					ClaimStatus:   "managed",
					AccountStatus: "active",
				},
			)
			a.AccountStatus = "closed"
		}
		o.Accounts = append(o.Accounts, a)
		for _, g := range groups {
			members[g] = append(members[g], id)
		}
	}
	o.Accounts = append(
		o.Accounts,
		directory.Account{
			AccountID:        "gone",
			Email:            "gone@company.com",
			ClaimStatus:      "managed",
			AccountStatus:    "active",
			ManagementSource: "synced",
		},
	)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		o.Groups = append(
			o.Groups,
			directory.AccountGroup{ID: "g-" + name, Name: name, ExternalSynced: true, Members: members[name]},
		)
	}
	o.Groups = append(
		o.Groups,
		directory.AccountGroup{ID: "own", Name: "Own"},
		directory.AccountGroup{ID: "more", Name: "More", ExternalSynced: true},
	)
	o.Sort()
	return o
}

// foundRecords is a SCIM directory after the same.
func foundRecords(r *decision.Result, shift int) *directory.SCIMDirectory {
	s := &directory.SCIMDirectory{
		Groups: []directory.SCIMGroup{
			{ID: "s", DisplayName: "Staff", ExternalID: "g-staff"},
			{ID: "x", DisplayName: "Extra"},
		},
	}
	for i := range r.Decisions {
		u := &r.Directory.Users[i]
		rec := directory.SCIMUser{
			ID:         fmt.Sprintf("r-%02d", i),
			UserName:   u.UserPrincipalName,
			ExternalID: u.ID,
			Active:     true,
			AccountID:  fmt.Sprintf("a-%02d", i),
		}
		if address := r.Address(int32(i)); address != "" {
			rec.Emails = []string{address}
		}
		switch (i + shift) % 6 {
		case 1:
			continue
		case 2:
			rec.Active = false
		case 3:
			rec.AccountID = ""
		case 4:
			rec.ExternalID = ""
			s.Groups[1].Members = append(s.Groups[1].Members, rec.ID)
		case 5:
			rec.Emails, rec.UserName = []string{"moved@company.com"}, "moved@company.com"
			twice := rec
			twice.ID += "x"
			s.Users = append(s.Users, twice)
		}
		s.Groups[0].Members = append(s.Groups[0].Members, rec.ID)
		s.Users = append(s.Users, rec)
	}
	s.Users = append(
		s.Users,
		directory.SCIMUser{ID: "orphan", UserName: "orphan@company.com", Active: true, AccountID: "gone"},
	)
	return s
}
