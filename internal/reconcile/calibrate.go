package reconcile

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
)

// Reading is one reading of the undocumented rules [atlassian 6], and
// how well it fits.
type Reading struct {
	// UserIdentifier and ExternalUsers are as in decision.ConnectorSettings.
	UserIdentifier, ExternalUsers string

	Compared, Agreed int
	// Default is the reading that an outcome takes where nothing is set.
	Default bool
}

// Percent is how many of the compared users agree, as a report's.
func (r *Reading) Percent() float64 { return percent(r.Agreed, r.Compared) }

// compare is negative where r fits better: the fewest who disagree, then the most who
// agree. A reading that leaves somebody unknown isn't wrong about them.
func (r *Reading) compare(other *Reading) int {
	return cmp.Or(cmp.Compare(r.Compared-r.Agreed, other.Compared-other.Agreed), cmp.Compare(other.Agreed, r.Agreed))
}

// HCL is the block to paste into an outcome.
func (r *Reading) HCL() string {
	return fmt.Sprintf(
		"connector_settings {\n  user_identifier = %q\n  external_users  = %q\n}\n",
		r.UserIdentifier,
		r.ExternalUsers,
	)
}

// DistinguishingUser is a user whom readings decide otherwise, and what the organization
// says: the evidence.
type DistinguishingUser struct {
	ID, Name string
	// Decisions are by position in Calibration.Readings.
	Decisions []string
	Actual    string
	// Fits are the positions of the readings that agree.
	Fits []int
}

// Calibration compares every reading of the rules with the organization.
type Calibration struct {
	// Readings are by agreement, the default first among equals.
	Readings []Reading
	// Distinguishing users are decided otherwise by some readings, by name, at most as many as asked for;
	// DistinguishingCount counts all of them.
	Distinguishing      []DistinguishingUser
	DistinguishingCount int
}

// Decided reports whether one reading fits better than every other.
func (c *Calibration) Decided() bool {
	return len(c.Readings) > 1 && c.Readings[0].compare(&c.Readings[1]) < 0
}

// Calibrate reconciles under every reading of the rules. decide gives the
// prediction of the same directory under other rules.
func Calibrate(
	in Input,
	decide func(identifier, externalUsers string) (*decision.Result, error),
	limit int,
) (*Calibration, error) {
	type tried struct {
		Reading
		join *joined
	}
	var all []tried
	for _, external := range []string{
		decision.ExternalUsersGuest, decision.ExternalUsersNotMember, decision.ExternalUsersExternal,
	} {
		for _, identifier := range []string{decision.IdentifierEmail, decision.IdentifierUserPrincipalName} {
			result, err := decide(identifier, external)
			if err != nil {
				return nil, err
			}
			of := in
			of.Result = result
			j := join(of)
			r := j.compare()
			all = append(all, tried{Reading{
				UserIdentifier: identifier, ExternalUsers: external, Compared: r.Compared, Agreed: r.Agreed,
				Default: identifier == decision.IdentifierEmail && external == decision.ExternalUsersGuest,
			}, j})
		}
	}
	slices.SortStableFunc(all, func(a, b tried) int {
		return cmp.Or(a.Reading.compare(&b.Reading), boolean(b.Default)-boolean(a.Default))
	})
	c := &Calibration{}
	for _, t := range all {
		c.Readings = append(c.Readings, t.Reading)
	}
	first := all[0].join.Result
	var order []int32
	for i := range int32(len(first.Decisions)) {
		for _, t := range all[1:] {
			if t.join.Result.InScope(i) &&
				t.join.Result.Decisions[i].Code.Verdict() != first.Decisions[i].Code.Verdict() {
				order = append(order, i)
				break
			}
		}
	}
	c.DistinguishingCount = len(order)
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Compare(first.Directory.Users[a].UserPrincipalName, first.Directory.Users[b].UserPrincipalName)
	})
	for _, i := range order[:min(limit, len(order))] {
		u := &first.Directory.Users[i]
		x := DistinguishingUser{ID: u.ID, Name: u.UserPrincipalName, Actual: all[0].join.actual(i).String()}
		for k, t := range all {
			x.Decisions = append(x.Decisions, t.join.Result.Text(i))
			if t.join.agrees(i) {
				x.Fits = append(x.Fits, k)
			}
		}
		c.Distinguishing = append(c.Distinguishing, x)
	}
	return c, nil
}

// agrees reports a user who is as predicted.
func (j *joined) agrees(i int32) bool {
	r := &Report{Confusion: map[string]map[string]int{}}
	j.user(r, i)
	return r.Agreed == 1
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}
