package outcome

import (
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// kinds are the kinds to which the differences between two rows belong: a step
// from what was last known to what is now. No kind is no difference.
func (c *comparison) kinds(from, to side) KindSet {
	before, after := from.row, to.row
	base, past := known(from)
	synced := base != nil && base.Verdict == decision.Sync
	switch {
	case before == nil && after == nil:
		return 0
	case before == nil:
		return c.arrives(to)
	case after != nil && after.Verdict == decision.Unknown:
		switch {
		case before.Verdict == decision.Unknown:
			return told(before, after)
		case synced:
			return KindSet(0).with(Uncertain)
		}
		return c.expected(base, after, KindSet(0).with(Reason))
	case synced && (after == nil || after.Verdict == decision.Skip):
		return c.goes(before, after)
	case after == nil:
		return KindSet(0).with(Reason)
	case synced:
		return c.stays(from, to, base, past)
	case after.Verdict == decision.Sync:
		kinds := KindSet(0).with(Gained)
		if len(to.of.Sets[after.Set]) > 0 {
			kinds = kinds.with(Groups)
		}
		return kinds
	case base == nil:
		return KindSet(0).with(Reason)
	}
	return c.expected(base, after, told(base, after))
}

// expected adds that somebody who wasn't expected to sync, since their account
// was disabled or a filter left them out, is expected to now and doesn't: to
// who waits for them, they are newly in scope. So nobody is lost in silence by
// being disabled for a night.
func (c *comparison) expected(base, after *Row, kinds KindSet) KindSet {
	waited := base != nil &&
		(base.Code == reason.AccountDisabled.String() || base.Code == reason.ScopingFilter.String())
	if waited && !c.excused(after) {
		return kinds.with(Missed)
	}
	return kinds
}

// known is the row that is compared with: the last that wasn't unknown, nil for
// none; past says that it is remembered beside an unknown one.
func known(s side) (row *Row, past *PastRow) {
	if s.row == nil || s.row.Verdict != decision.Unknown {
		return s.row, nil
	}
	if p := s.of.past(s.row.ID); p != nil {
		return &p.Row, p
	}
	return nil, nil
}

// told is the difference of two rows in what is told of them alone.
func told(before, after *Row) (kinds KindSet) {
	if before.Name != after.Name {
		kinds = kinds.with(Renamed)
	}
	if before.Text != after.Text {
		kinds = kinds.with(Reason)
	}
	return kinds
}

// arrives is the step of somebody who is newly in scope.
func (c *comparison) arrives(to side) KindSet {
	row := to.row
	if row.Verdict != decision.Sync {
		if c.excused(row) {
			return KindSet(0).with(Reason)
		}
		return KindSet(0).with(Missed)
	}
	kinds := KindSet(0).with(Joined)
	if row.External {
		kinds = KindSet(0).with(JoinedExternal)
	}
	for _, g := range to.of.Sets[row.Set] {
		if matchesAny(c.Watch, to.of.Groups[g].Name) {
			kinds = kinds.with(Groups)
			break
		}
	}
	return kinds
}

// excused reports that nobody expects somebody to sync: their account is
// disabled, a filter leaves them out, or the configuration says so.
func (c *comparison) excused(row *Row) bool {
	return row.Code == reason.ScopingFilter.String() || slices.Contains(c.ExpectSkipped, row.ID) || c.disabled(row.ID)
}

func (c *comparison) disabled(id string) bool {
	p := c.Directory.UserByID(id)
	return p >= 0 && c.Directory.Users[p].AccountEnabled == directory.False
}

// goes is the step of somebody who synced, and doesn't now. A deleted account is
// a leaver only where it wasn't unknown in between: what unknown hid isn't
// taken for a departure.
func (c *comparison) goes(before, after *Row) KindSet {
	gone := after == nil && before.Verdict != decision.Unknown && c.Directory.UserByID(before.ID) < 0 &&
		c.Directory.WholeTenant()
	if gone || c.disabled(before.ID) {
		return KindSet(0).with(Left)
	}
	return KindSet(0).with(Lost)
}

// stays is the step of somebody who syncs before and after.
func (c *comparison) stays(from, to side, base *Row, past *PastRow) (kinds KindSet) {
	after := to.row
	if base.Account == decision.Managed && after.Account != decision.Managed {
		kinds = kinds.with(Unmanaged)
	}
	if base.Address != after.Address {
		if base.Account == decision.Managed && after.Account == decision.Managed &&
			domainPart(base.Address) == domainPart(after.Address) {
			kinds = kinds.with(Renamed)
		} else {
			kinds = kinds.with(Readdressed)
		}
	}
	if !sameGroups(from.of, base, past, to.of, after) {
		kinds = kinds.with(Groups)
	}
	switch {
	case base.Text == after.Text: // an older edition doesn't mark it
	case after.Barred && !base.Barred:
		kinds |= accessTaken
	case base.Barred && !after.Barred:
		kinds |= accessBack
	}
	return kinds | told(base, after)
}

// domainPart is what tells the domain of an address, or of a pseudonym.
func domainPart(address string) string {
	mark := "@"
	if strings.HasPrefix(address, pseudonymMark) {
		mark = pseudonymDomain
	}
	return strings.ToLower(address[strings.LastIndex(address, mark)+1:])
}

func sameGroups(a *Outcome, x *Row, past *PastRow, b *Outcome, y *Row) bool {
	if past != nil {
		return slices.EqualFunc(
			past.GroupIDs,
			b.Sets[y.Set],
			func(id string, h int32) bool { return id == b.Groups[h].ID },
		)
	}
	return slices.EqualFunc(
		a.Sets[x.Set],
		b.Sets[y.Set],
		func(g, h int32) bool { return a.Groups[g].ID == b.Groups[h].ID },
	)
}
