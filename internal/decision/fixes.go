package decision

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// Fix is a change after which a user syncs: the engine made it and decided
// again.
type Fix struct {
	// Change is what to change.
	Change string `json:"change"`
	// Who must do it.
	Who string `json:"who"`
	// Effect is the decision afterwards, when it takes effect and what else the
	// change does.
	Effect string `json:"effect"`
	// UndoneBy is what may undo or spoil it, "" where nothing is known.
	UndoneBy string `json:"undone_by"`
	// OthersChanged is how many other users are decided otherwise afterwards.
	OthersChanged int `json:"others_changed"`
}

// candidate is a change worth trying.
type candidate struct {
	change, who, effect, undoneBy string
	try                           WhatIf
	// joins says that the change puts the user into a group in scope; changesType
	// that it changes userType.
	joins, changesType bool
}

// Fixes tries each candidate change for a user who doesn't sync, then, where
// none is enough, each pair, and gives those after which the user syncs. For one
// who syncs until the source tenant writes their type back, it is what lasts.
func (r *Result) Fixes(i int32) []Fix {
	if r.Decisions[i].Code.Verdict() == Sync {
		if r.Decisions[i].Warnings&WarnRevertedBySource == 0 || r.writtenBack(i) != TypeMember {
			return nil
		}
		if f, ok := r.try(i, r.sourceCandidate()); ok {
			return []Fix{f}
		}
		return nil
	}
	candidates := r.connector.candidates(r, i)
	var fixes []Fix
	spoiled := false
	for _, c := range candidates {
		if f, ok := r.try(i, c); ok {
			fixes = append(fixes, f)
			spoiled = spoiled || c.changesType && r.onlyDynamic(i)
		}
	}
	enough := len(fixes) > 0
	if enough && !spoiled {
		return r.withSwitch(i, fixes)
	}
	for a := range candidates {
		for b := a + 1; b < len(candidates); b++ {
			c := both(candidates[a], candidates[b])
			if enough && (!c.changesType || !c.joins) {
				continue // a pair is only worth it where it spares the spoiled fix its trouble
			}
			if f, ok := r.try(i, c); ok {
				fixes = append(fixes, f)
			}
		}
	}
	return r.withSwitch(i, fixes)
}

// withSwitch adds the other connector, last: it is the dearest of all.
func (r *Result) withSwitch(i int32, fixes []Fix) []Fix {
	if f, ok := r.trySwitch(i); ok {
		return append(fixes, f)
	}
	return fixes
}

// trySwitch tries the other connector.
func (r *Result) trySwitch(i int32) (Fix, bool) {
	settings, price, known := r.connector.other(r.Engine)
	if !known {
		return Fix{}, false
	}
	e, err := NewEngine(r.Directory, r.Lookup, r.Organization, settings)
	if err != nil {
		return Fix{}, false // its mapping uses what the reading lacks
	}
	after := e.decide(r.WhatIf)
	if after.Decisions[i].Code.Verdict() != Sync {
		return Fix{}, false
	}
	lost, gained, n := 0, 0, 0
	for j := range r.Decisions {
		was, is := r.Decisions[j].Code.Verdict() == Sync, after.Decisions[j].Code.Verdict() == Sync
		switch {
		case int32(j) == i || r.Decisions[j].Code == after.Decisions[j].Code:
			continue
		case was && !is:
			lost++
		case !was && is:
			gained++
		}
		n++
	}
	return Fix{
		Change: "Use the connector " + settings.Connector + " instead", Who: "the organization's administrator and this tenant's (Application Administrator)",
		Effect: fmt.Sprintf("%s. The two can't be used at the same time, so it changes everybody: of %d others who are decided otherwise %d would be gained and %d lost (data source usersync_connectors).",
			after.Text(i), n, gained, lost),
		UndoneBy: price, OthersChanged: n,
	}, true
}

// onlyDynamic reports a user who is in scope only by dynamic groups whose rule
// reads userType.
func (r *Result) onlyDynamic(i int32) bool {
	return r.scope.users[i]&(inDynamic|inStatic) == inDynamic
}

func both(a, b candidate) candidate {
	c := candidate{
		change: a.change + ", and " + lowerFirst(b.change), who: a.who, effect: strings.TrimSpace(a.effect + " " + b.effect),
		undoneBy: strings.TrimSpace(a.undoneBy + " " + b.undoneBy), try: a.try.merged(b.try),
		changesType: a.changesType || b.changesType, joins: a.joins || b.joins,
	}
	if b.who != a.who {
		c.who += "; " + b.who
	}
	if c.joins && c.changesType {
		// With a static group the user stays in scope whatever the rules do.
		c.undoneBy = strings.ReplaceAll(c.undoneBy, onlyDynamicNote, "")
		c.undoneBy = strings.TrimSpace(c.undoneBy)
	}
	return c
}

// lowerFirst lowers the first letter, but not of a name such as userType.
func lowerFirst(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'a' {
		return string(s[0]+'a'-'A') + s[1:]
	}
	return s
}

// try makes a change, decides everyone again, and tells whether the user syncs
// and what the change costs.
func (r *Result) try(i int32, c candidate) (Fix, bool) {
	after := r.decide(r.WhatIf.merged(c.try))
	if after.Decisions[i].Code.Verdict() != Sync {
		return Fix{}, false
	}
	others, price := r.price(after, i)
	return Fix{
		Change: c.change, Who: c.who, UndoneBy: c.undoneBy, OthersChanged: others,
		Effect: strings.TrimSpace(after.Text(i) + ", from the next sync. " + c.effect + price),
	}, true
}

// price counts how many other users a change decides otherwise, and how.
func (r *Result) price(after *Result, i int32) (int, string) {
	counts := map[string]int{}
	n := 0
	for j := range r.Decisions {
		if int32(j) == i || r.Decisions[j] == after.Decisions[j] || !r.InScope(int32(j)) && !after.InScope(int32(j)) {
			continue
		}
		n++
		was, is := r.Decisions[j].Code, after.Decisions[j].Code
		if was != is {
			counts[was.String()+" becomes "+is.String()]++
		} else {
			counts["other facts or warnings under "+is.String()]++
		}
	}
	if n == 0 {
		return 0, ""
	}
	parts := make([]string, 0, len(counts))
	for k, c := range counts {
		parts = append(parts, fmt.Sprintf("%d: %s", c, k))
	}
	slices.Sort(parts)
	return n, fmt.Sprintf(" It also changes %s (%s).", text.Plural(n, "other user"), strings.Join(parts, "; "))
}

const onlyDynamicNote = "This user is in scope only by a dynamic group whose rule reads userType, so the change itself may take them out of scope."

// candidates of the nested-groups connector: userType, verifying the domain, a
// group in scope, enabling, mail.
func (c nestedGroups) candidates(r *Result, i int32) []candidate {
	var out []candidate
	if r.isDisabled(i) {
		out = append(out, candidate{
			change: "Enable the account", who: "this tenant (User Administrator), or the source tenant where the account comes from one",
			undoneBy: externalOnly(r, i, "The source tenant's synchronization writes accountEnabled at the source user's next change."),
			try:      WhatIf{Enabled: map[string]bool{r.Directory.Users[i].ID: true}},
		})
	}
	if g := c.joinable(r); g >= 0 && !(r.InScope(i) && !c.isBlocked(r, i)) {
		out = append(out, candidate{
			change: fmt.Sprintf("Add the user to the group %q", r.groupShown(g)), who: "this tenant (owner of the group)", joins: true,
			try: WhatIf{Members: map[string][]string{r.Directory.Groups[g].ID: {r.Directory.Users[i].ID}}},
		})
	} else if g >= 0 && r.onlyDynamic(i) {
		out = append(out, candidate{
			change: fmt.Sprintf("Add the user to the group %q, which doesn't read userType", r.groupShown(g)), who: "this tenant (owner of the group)", joins: true,
			try: WhatIf{Members: map[string][]string{r.Directory.Groups[g].ID: {r.Directory.Users[i].ID}}},
		})
	}
	out = append(out, c.typeCandidate(r, i)...)
	out = append(out, c.domainCandidate(r, i)...)
	return append(out, c.mailCandidates(r, i)...)
}

func (nestedGroups) isBlocked(r *Result, i int32) bool { _, ok := r.scope.blocked[i]; return ok }

func externalOnly(r *Result, i int32, text string) string {
	if r.external[i] {
		return text
	}
	return ""
}

// joinable is a selected group that syncs and isn't dynamic, -1 for none.
func (nestedGroups) joinable(r *Result) int32 {
	for _, g := range r.scope.selected {
		if _, blocked := r.scope.blockedGroups[g]; !blocked && r.Directory.Groups[g].MembershipRule == "" {
			return g
		}
	}
	return -1
}

func (nestedGroups) typeCandidate(r *Result, i int32) []candidate {
	if r.typeOf(i) == TypeGuest {
		return nil
	}
	var undone []string
	who := "this tenant (User Administrator)"
	written := r.writtenBack(i)
	switch {
	case written == TypeMember:
		undone = append(undone, "The source tenant's mapping of userType has flowType Always: it writes Member back at the source user's next change, so this doesn't last.")
	case r.external[i] && written == "":
		who += "; to last, the source tenant: the mapping of userType in its cross-tenant synchronization"
		undone = append(undone, "A cross-tenant mapping of userType with flowType Always writes Member back at the source user's next change; ObjectAddOnly, the default, doesn't.")
	}
	if r.Directory.Users[i].OnPremisesSyncEnabled == directory.True {
		undone = append(undone, "The user is mastered on premises.")
	}
	if names := r.dynamicGroupsOf(i); len(names) > 0 {
		undone = append(undone, "It disturbs the dynamic group "+strings.Join(names, ", ")+", whose rule reads userType: the membership may change.")
	}
	if r.onlyDynamic(i) {
		undone = append(undone, onlyDynamicNote)
	}
	const access = "Conditional access and guest restrictions that read userType apply to the user from then on."
	out := []candidate{{
		change: "Set userType to Guest", who: who, changesType: true, undoneBy: strings.Join(append(undone, access), " "),
		try: WhatIf{UserTypes: map[string]string{r.Directory.Users[i].ID: TypeGuest}},
	}}
	if written != TypeMember {
		return out
	}
	return append([]candidate{r.sourceCandidate()}, out...) // what lasts comes first
}

// sourceCandidate changes what the source tenant writes: everybody whom it
// writes gets the type.
func (r *Result) sourceCandidate() candidate {
	types := map[string]string{}
	for id, t := range r.WhatIf.WrittenBack {
		if t == TypeMember {
			types[id] = TypeGuest
		}
	}
	return candidate{
		change: "Change userType to Guest in the source tenant's cross-tenant mapping", who: "the source tenant (Hybrid Identity Administrator)", changesType: true,
		effect:   "It lasts: the source writes Guest for all whom it writes, from their next change or a full cycle on.",
		undoneBy: "Conditional access and guest restrictions that read userType apply to the users from then on.",
		try:      WhatIf{UserTypes: types, WrittenBack: types},
	}
}

// dynamicGroupsOf are the dynamic groups, in scope or not, that the user is a
// member of and whose rule reads userType.
func (r *Result) dynamicGroupsOf(i int32) []string {
	var names []string
	for g := range r.Directory.Groups {
		group := &r.Directory.Groups[g]
		if !readsUserType(group.MembershipRule) {
			continue
		}
		if _, member := slices.BinarySearch(group.Users, i); member {
			names = append(names, fmt.Sprintf("%q", r.groupShown(int32(g))))
		}
	}
	return names
}

// mailCandidates: the user's home address where there is no mail; the
// principal name where the mail is shared or lies on an unverified domain; an
// address on the tenant's verified default domain.
func (c nestedGroups) mailCandidates(r *Result, i int32) []candidate {
	u := &r.Directory.Users[i]
	current, _ := r.mailOf(i)
	var tries []string
	switch {
	case r.external[i] && current == "":
		if home := homeAddress(u.UserPrincipalName); home != "" {
			tries = append(tries, home)
		}
	case !r.external[i]:
		if r.Engine.upn[i] >= 0 {
			tries = append(tries, u.UserPrincipalName)
		}
		if d := c.verifiedOwnDomain(r); d != "" {
			tries = append(tries, localPart(u.UserPrincipalName)+"@"+d)
		}
	}
	var out []candidate
	for _, mail := range tries {
		if strings.EqualFold(mail, current) || domainOf(mail) == "" || slices.ContainsFunc(out, func(c candidate) bool { return c.try.Mails[u.ID] == mail }) {
			continue
		}
		out = append(out, candidate{
			change: "Set mail to an address at " + domainOf(mail), who: "this tenant (User Administrator, Exchange)",
			effect:   "The mail tried is the local part of the principal name at that domain.",
			undoneBy: externalOnly(r, i, "The source tenant's synchronization writes mail at the source user's next change."),
			try:      WhatIf{Mails: map[string]string{u.ID: mail}},
		})
	}
	return out
}

// verifiedOwnDomain is the tenant's default domain, else its first, that is
// verified on both sides.
func (nestedGroups) verifiedOwnDomain(r *Result) string {
	own := slices.Clone(r.Directory.Domains)
	slices.SortStableFunc(own, func(a, b directory.Domain) int { return cmp.Compare(btoi(b.IsDefault), btoi(a.IsDefault)) })
	for _, d := range own {
		if p, ok := r.domainAt[d.Name]; ok && d.IsVerified && r.state(p)&domainVerified != 0 {
			return d.Name
		}
	}
	return ""
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// homeAddress turns alias_home.tld#EXT#@host into alias@home.tld.
func homeAddress(upn string) string {
	at := extAt(upn)
	if at < 0 {
		return ""
	}
	us := strings.LastIndexByte(upn[:at], '_')
	if us <= 0 {
		return ""
	}
	return upn[:us] + "@" + upn[us+1:at]
}
