package outcome

import (
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Outcome is what was decided for every user in scope, without the readings:
// what is accepted, kept and compared.
type Outcome struct {
	RulesVersion int
	// TenantID and OrganizationID are whose readings were decided.
	TenantID, OrganizationID string
	Settings                 decision.Settings
	// Rows are by ascending id; Groups too.
	Rows   []Row
	Groups []Group
	// Sets are sets of positions in Groups.
	Sets [][]int32
	// Held are groups of the scope that don't come as they are, by name.
	Held []decision.HeldGroup
	// Service is the state of the connector's service; Unchecked are the parts of
	// the target that weren't read.
	Service   directory.Health
	Unchecked []string
	// Covered are the target attributes that Basis.Sent of each row is over.
	Covered []string
	// Records are what the target may hold beside what is expected of the rows, by
	// ascending id.
	Records []decision.Record
	// Past holds, by ascending id, what was last known of users of whom it is
	// unknown now and was known before: what a later outcome is compared with.
	Past []PastRow
	// Memory is what this outcome was accepted with, beside the decisions.
	Memory Memory
}

// Memory is what an accepted outcome remembers of the configuration and of the
// guardrails under which it was accepted.
type Memory struct {
	// Revision counts the applies: each approval holds for one of them.
	Revision int `json:"revision"`
	// Resolved is what names in the configuration meant: argument, name, object id
	// ("" where the name fitted nobody).
	Resolved decision.Resolved `json:"resolved,omitempty"`
	// Held are the violations that the outcome was accepted with, as keys.
	Held []string `json:"held,omitempty"`
	// blank says that an older edition wrote the outcome: nothing of this is known.
	blank bool
	// noTarget says that an older edition wrote the outcome, which knew nothing of
	// the service and the target.
	noTarget bool
}

// PastRow is what was last known of a user.
type PastRow struct {
	Row
	// GroupIDs are the groups that the user was in, ascending, and GroupNames
	// their names in that order.
	GroupIDs, GroupNames []string
}

// Row is the decision of one user.
type Row struct {
	ID string
	// Name is the principal name, Address the tested address; "" for none.
	Name, Address string
	Verdict       decision.Verdict
	// Code is the name of the reason code, Text the decision as it is shown.
	Code, Text string
	Account    decision.Account
	// Set is a position in Outcome.Sets.
	Set int32
	// Facts is a hash of the facts that decided.
	Facts uint64
	// External says that the user's home is another tenant.
	External bool
	// Barred says that whoever syncs can't work: access to the site is suspended, or the
	// account is up for deletion.
	Barred bool
	// Action is what the next run does with the user.
	Action reason.Action
	// Basis is what the target holds of the user by the last evidence.
	Basis decision.Basis
}

// Group is a group as it would stand in Atlassian.
type Group struct {
	ID, Name string
	Members  int
}

// Shown is the name under which a user is shown: the principal name, or the
// object id where there is none or names aren't wanted.
func (r *Row) Shown(ids bool) string {
	if ids || r.Name == "" || strings.HasPrefix(r.Name, pseudonymMark) {
		return r.ID
	}
	return r.Name
}

// Of takes the outcome of a result. Users who were in scope in prior, and
// whose membership can't be read now, are kept in it as unknown.
func Of(r *decision.Result, prior *Outcome) *Outcome {
	l := r.Memberships()
	o := &Outcome{
		RulesVersion:   decision.RulesVersion,
		TenantID:       r.Directory.TenantID,
		OrganizationID: r.Organization.ID,
		Settings:       r.Settings,
		Held:           r.HeldGroups(),
		Service:        r.Health(),
		Covered:        r.Covered(),
		Unchecked: slices.DeleteFunc(
			r.Unchecked(),
			func(part string) bool { return part == "history" },
		), // an outcome is the history
	}
	o.groups(r, l)
	in := 0
	for i := range r.Decisions {
		if r.InScope(int32(i)) {
			in++
		}
	}
	o.Rows = make([]Row, 0, in)
	for i := range r.Decisions {
		if r.InScope(int32(i)) || r.Incomplete() && prior.find(r.Directory.Users[i].ID) != nil {
			o.Rows = append(o.Rows, rowOf(r, l, int32(i)))
		}
	}
	for id, g := range r.Unreadable() {
		if r.Directory.UserByID(id) < 0 {
			row := Row{
				ID:      id,
				Verdict: decision.Unknown,
				Code:    reason.MembersUnreadable.String(),
				Text:    r.UnreadableText(g),
			}
			if before := prior.find(id); before != nil {
				row.Name = before.Name // known from when it could be read, or its pseudonym
			}
			o.Rows = append(o.Rows, row)
		}
	}
	slices.SortFunc(o.Rows, func(a, b Row) int { return strings.Compare(a.ID, b.ID) })
	o.remember(prior)
	return o
}

// groups writes the groups that the target has, and who is in which of them.
func (o *Outcome) groups(r *decision.Result, l *decision.Memberships) {
	at := make([]int32, len(l.Exists))
	for g, exists := range l.Exists {
		if exists {
			at[g] = int32(len(o.Groups))
			o.Groups = append(o.Groups, Group{r.Directory.Groups[g].ID, r.GroupName(int32(g)), int(l.Count[g])})
		}
	}
	o.Sets = make([][]int32, len(l.Sets))
	for i, set := range l.Sets {
		for _, g := range set {
			o.Sets[i] = append(o.Sets[i], at[g])
		}
	}
}

// rowOf is what is decided of one user.
func rowOf(r *decision.Result, l *decision.Memberships, i int32) Row {
	u, d := &r.Directory.Users[i], &r.Decisions[i]
	return Row{
		ID:       u.ID,
		Name:     u.UserPrincipalName,
		Address:  r.Address(i),
		Verdict:  d.Code.Verdict(),
		Code:     d.Code.String(),
		Text:     r.Text(i),
		Account:  d.Account,
		Set:      l.SetOf[i],
		Facts:    r.FactsHash(i),
		External: r.HomeElsewhere(i),
		Barred:   d.Warnings&(reason.AccessSuspended|reason.UpForDeletion) != 0,
		Action:   d.Action,
	}
}

// Expect puts into an outcome that is to be accepted what the target then holds of
// each user: as read, or as expected without what-if, which never enters it. r is
// the result without what-if.
func (o *Outcome) Expect(r *decision.Result) {
	users, expect := walk{d: r.Directory}, r.Expecting()
	for i := range o.Rows {
		if p := users.user(o.Rows[i].ID); p >= 0 {
			o.Rows[i].Basis = expect(p)
		}
	}
	o.Records = r.Records(func(id string) *decision.Basis {
		if row := o.find(id); row != nil {
			return &row.Basis
		}
		return nil
	})
}

// History is what an accepted outcome expects the target to hold; of nil, or of
// one that an older edition wrote, nothing.
func (o *Outcome) History() decision.History {
	if o == nil || o.Memory.noTarget {
		return decision.History{}
	}
	names := make(map[string]string, len(o.Groups))
	for _, g := range o.Groups {
		names[g.ID] = g.Name
	}
	return decision.History{
		Connector: o.Settings.Connector,
		Covered:   o.Covered,
		Relinked:  o.Settings.ConnectorSettings.Relinked,
		Domains:   o.keptDomains(),
		GroupName: func(id string) string { return names[id] },
		User: func(id string) *decision.Basis {
			if row := o.find(id); row != nil {
				return &row.Basis
			}
			return nil
		},
		Each: func(yield func(id string, b *decision.Basis) bool) {
			for i := range o.Rows {
				if !yield(o.Rows[i].ID, &o.Rows[i].Basis) {
					return
				}
			}
		},
		Records: o.Records,
		SameAddress: func(id, kept, address string) bool {
			if strings.HasPrefix(kept, pseudonymMark) {
				return kept == pseudonym(id, address)
			}
			return strings.EqualFold(kept, address)
		},
	}
}

// keptDomains are the domains of the addresses that the target holds, each once. A
// pseudonym has none.
func (o *Outcome) keptDomains() (domains []string) {
	seen := map[string]bool{}
	for i := range o.Rows {
		kept := o.Rows[i].Basis.Address
		at := strings.LastIndexByte(kept, '@')
		if at < 0 || seen[kept[at+1:]] {
			continue
		}
		seen[kept[at+1:]] = true
		if d := decision.DomainOf(kept); d != "" {
			domains = append(domains, d)
		}
	}
	return domains
}

// remember keeps, for each user of whom it is unknown, what was last known.
func (o *Outcome) remember(prior *Outcome) {
	if prior == nil {
		return
	}
	for i := range o.Rows {
		if o.Rows[i].Verdict != decision.Unknown {
			continue
		}
		before := prior.find(o.Rows[i].ID)
		switch {
		case before == nil:
		case before.Verdict != decision.Unknown:
			past := PastRow{Row: *before}
			past.Set = 0
			for _, g := range prior.Sets[before.Set] {
				past.GroupIDs = append(past.GroupIDs, prior.Groups[g].ID)
				past.GroupNames = append(past.GroupNames, prior.Groups[g].Name)
			}
			o.Past = append(o.Past, past)
		default:
			if past := prior.past(before.ID); past != nil {
				o.Past = append(o.Past, *past)
			}
		}
	}
}

// past finds what was last known of a user; nil where nothing was.
func (o *Outcome) past(id string) *PastRow {
	i, ok := slices.BinarySearchFunc(o.Past, id, func(r PastRow, id string) int { return strings.Compare(r.ID, id) })
	if !ok {
		return nil
	}
	return &o.Past[i]
}

// find finds a row by id; nil where there is none.
func (o *Outcome) find(id string) *Row {
	if o == nil {
		return nil
	}
	i, ok := slices.BinarySearchFunc(o.Rows, id, func(r Row, id string) int { return strings.Compare(r.ID, id) })
	if !ok {
		return nil
	}
	return &o.Rows[i]
}

// walk finds the users of rows, row after row. Rows and users are by ascending id, and going
// along both costs a part of asking the directory's index for each of 100,000: that is asked
// only for who isn't found so.
type walk struct {
	d    *directory.Directory
	next int
}

// user is the position of the user with an id, -1 for none.
func (w *walk) user(id string) int32 {
	for users := w.d.Users; w.next < len(users); w.next++ {
		switch c := strings.Compare(users[w.next].ID, id); {
		case c == 0:
			return int32(w.next)
		case c > 0:
			return w.d.UserByID(id)
		}
	}
	return w.d.UserByID(id)
}
