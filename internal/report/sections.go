package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/reconcile"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// domainView is a row of the domains.
type domainView struct {
	Name, State, IfChanged string
	Home, Tested           decision.DomainUsers
	Synced, Skipped        int
	Unknown                int
}

// domainReports are the domains as the engine knows them before fixes are tried:
// to try one may make it know more.
func (r *Report) domainReports() []decision.DomainReport {
	if r.domainList == nil {
		r.domainList = append([]decision.DomainReport{}, r.Result.Domains(0, r.IDs)...)
	}
	return r.domainList
}

// domains are those with users, then the others that the tenant or organization
// lists; the largest first.
func (v *pageView) domains() {
	list := slices.Clone(v.domainReports())
	slices.SortStableFunc(list, func(a, b decision.DomainReport) int {
		return cmp.Compare(max(b.Home.Users, b.Tested.Users), max(a.Home.Users, a.Tested.Users))
	})
	if n := len(list); n > pageDomains {
		list, v.MoreDomains = list[:pageDomains], n-pageDomains
	}
	for i := range list {
		d := &list[i]
		v.Domains = append(v.Domains, domainView{
			Name: text.Plain(d.Name), State: v.domainState(d), IfChanged: domainChange(d),
			Home: d.Home, Tested: d.Tested, Synced: d.Synced, Skipped: d.Skipped, Unknown: d.Unknown,
		})
	}
}

// domainState says where a domain is verified: at the target, where that has
// domains, and in Entra.
func (r *Report) domainState(d *decision.DomainReport) string {
	yes := func(is bool) string {
		if is {
			return "yes"
		}
		return "no"
	}
	entra := "Entra: " + yes(d.VerifiedInEntra)
	if !decision.OfAtlassian(r.Result.Settings.Connector) {
		return entra
	}
	if d.PublicMail {
		return r.target() + ": never, a public mail provider · Entra: no"
	}
	s := r.target() + ": " + yes(d.Verified)
	for _, c := range d.Claims {
		s += " " + text.Plain(fmt.Sprintf("(%s by %s)", c.Status, c.Type))
	}
	return s + " · " + entra
}

// domainChange says what its verification would change.
func domainChange(d *decision.DomainReport) string {
	say := func(c *decision.DomainChange) string {
		if c == nil || c.Gained+c.Lost+c.Other == 0 {
			return ""
		}
		var parts []string
		for _, x := range []struct {
			n    int
			text string
		}{{c.Gained, "gained"}, {c.Lost, "lost"}, {c.Other, "decided for another reason"}} {
			if x.n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", x.n, x.text))
			}
		}
		return strings.Join(parts, ", ")
	}
	if s := say(d.IfVerified); s != "" {
		return "if verified: " + s
	}
	if s := say(d.IfNotVerified); s != "" {
		return "if no longer verified: " + s
	}
	return ""
}

// groupView is a group with its position in the page's data, -1 for none.
type groupView struct {
	decision.GroupCount
	At int
}

// groups are those that would stand at the target, the largest first.
func (r *Report) groups() []groupView {
	at := map[string]int{}
	for i := range r.outcome.Groups {
		at[r.outcome.Groups[i].ID] = i
	}
	counts := r.Result.Groups()
	list := make([]groupView, len(counts))
	for i, g := range counts {
		g.Name = text.Plain(g.Name)
		k, ok := at[g.ID]
		if !ok {
			k = -1
		}
		list[i] = groupView{g, k}
	}
	slices.SortFunc(list, func(a, b groupView) int {
		return cmp.Or(cmp.Compare(b.Members, a.Members), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// actualView is the reconciliation as the page shows it.
type actualView struct {
	Agreement, With, Best string
	Percent               float64
	Columns               []string
	Confusion             []confusionRow
	Classes               []class
	Mismatches            []mismatchView
	More                  int
	Readings              []readingView
	DistinguishingCount   int
}

type confusionRow struct {
	Decision string
	Counts   []int
}

type mismatchView struct {
	Class                  reconcile.Class
	Who, Predicted, Actual string
	Groups, Cause          string
}

type readingView struct {
	reconcile.Reading
	Percent float64
	HCL     string
}

func (r *Report) actual() *actualView {
	x := r.Reconciliation
	if x == nil {
		return nil
	}
	v := &actualView{
		Agreement: agreementText(x),
		With:      "the accounts of " + r.target(),
		Percent:   x.Percent(),
		Classes:   classesOf(x),
		Best:      calibrationText(r.Calibration),
	}
	switch r.ComparedWith {
	case "scim":
		v.With = "the records of the SCIM directory"
	case "provisioning_log":
		v.With = "the provisioning log"
	case "scim_users":
		v.With = "the application's own users"
	}
	v.confusion(x.Confusion)
	for i := range x.Mismatches {
		if i == pageMismatches {
			v.More = len(x.Mismatches) - i
			break
		}
		m := &x.Mismatches[i]
		groups := make([]string, len(m.Groups))
		for k, g := range m.Groups {
			groups[k] = text.Plain(g)
		}
		v.Mismatches = append(
			v.Mismatches,
			mismatchView{
				m.Class,
				text.Plain(r.mismatchName(m)),
				m.Predicted,
				m.Actual,
				strings.Join(groups, ", "),
				m.Cause,
			},
		)
	}
	if c := r.Calibration; c != nil {
		v.DistinguishingCount = c.DistinguishingCount
		for i := range c.Readings {
			v.Readings = append(v.Readings, readingView{c.Readings[i], c.Readings[i].Percent(), c.Readings[i].HCL()})
		}
	}
	return v
}

// confusion makes a table of the counts; columns are what the organization has.
func (v *actualView) confusion(counts map[string]map[string]int) {
	rows := make([]string, 0, len(counts))
	columns := map[string]bool{}
	for row, by := range counts {
		rows = append(rows, row)
		for column := range by {
			columns[column] = true
		}
	}
	slices.Sort(rows)
	for _, column := range []reconcile.Actual{
		reconcile.Synced, reconcile.Present, reconcile.Absent,
		reconcile.Inactive, reconcile.Unlinked, reconcile.Ambiguous,
	} {
		if columns[column.String()] {
			v.Columns = append(v.Columns, column.String())
		}
	}
	for _, row := range rows {
		x := confusionRow{Decision: row}
		for _, column := range v.Columns {
			x.Counts = append(x.Counts, counts[row][column])
		}
		v.Confusion = append(v.Confusion, x)
	}
}
