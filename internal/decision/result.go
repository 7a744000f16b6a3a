package decision

import (
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/decision/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/decision/provisioning"
	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
	"github.com/usersync/terraform-provider-usersync/internal/decision/tenant"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// Result is what an engine decided under some assumptions.
type Result struct {
	*Engine
	WhatIf    WhatIf
	Decisions []Decision

	view   *tenant.View
	scope  *tenant.Scope
	target targetView
	// org is what is known of the organization.
	org *atlassian.View
	// mapped is what a job sends; nil without one.
	mapped *provisioning.Results
	// shared are, for users with duplicate_address and those in taken, all who have the
	// address. taken are those whose address another one's record is expected to hold.
	shared map[int32][]int32
	taken  map[int32]bool
	// namesakes share a userName or what the job matches users by, not an address:
	// what they share.
	namesakes map[int32]string
	// heldNames are, for users whose userName others' records have or may have, the object
	// ids of those.
	heldNames map[int32][]string
	// doubted are who has the address of somebody disabled.
	doubted map[int32]bool
	texts   map[textKey]string
	// told is the text that was made last: the users of a tenant, by object id, are decided
	// alike more often than not.
	told struct {
		textKey
		text string
	}
	groups *Memberships
}

// InScope reports whether a user is in the connector's scope.
func (r *Result) InScope(i int32) bool { return r.scope.In(i) }

// Unreadable are the object ids of members in scope of whom nothing else is
// known.
func (r *Result) Unreadable() map[string]int32 { return r.scope.Unreadable }

// Incomplete reports that the membership of a group in scope may be withheld.
func (r *Result) Incomplete() bool { return r.scope.Incomplete }

// Address is the address of the Atlassian account that a user gets or keeps, ""
// where there is none.
func (r *Result) Address(i int32) string {
	if kept := r.target.KeptAddress(i); kept != "" {
		return kept
	}
	return r.service.address(r, i)
}

// UserName is the name that is sent of a user, "" where none is.
func (r *Result) UserName(i int32) string { return r.service.sent(r, i).UserName }

// testedDomain is the position of the domain of the address that is sent, -1 for
// none. Over a job it is known of those who are directly in scope.
func (r *Result) testedDomain(i int32) int32 { return r.service.sent(r, i).Domain }

// Expect is what the target holds of a user once this is accepted; of the result
// without what-if, under which a job that this plan only starts doesn't run yet.
func (r *Result) Expect(i int32) Basis { return r.Expecting()(i) }

// Expecting is Expect for one user after another.
func (r *Result) Expecting() func(i int32) Basis {
	runs := r.service.health(r.WhatIf.Running).Runs()
	var u sent.User // one for all: the target takes what it keeps of it
	return func(i int32) Basis {
		u = r.service.sent(r, i)
		return r.target.Expect(i, &u, r.Decisions[i], runs)
	}
}

// typeOf is a user's type under the assumptions.
func (r *Result) typeOf(i int32) string { return r.view.Type(i) }

type textKey struct {
	d      Decision
	typ    string
	detail string
}

// Text is the decision of a user as it is shown: verdict, code, and in
// parentheses the facts that decided; then the warnings.
func (r *Result) Text(i int32) string {
	d := r.Decisions[i]
	k := textKey{d: d}
	k.d.Action = reason.ActionNone // it isn't part of the text
	switch d.Code {
	case reason.ExternalMember, reason.ExtUPNAsAddress:
		k.typ = r.typeOf(i)
	default: // the type isn't shown
	}
	k.detail = r.detail(i, d)
	if k == r.told.textKey && r.told.text != "" {
		return r.told.text
	}
	s, ok := r.texts[k]
	if !ok {
		if r.texts == nil {
			r.texts = map[textKey]string{}
		}
		s = r.render(k)
		r.texts[k] = s
	}
	r.told.textKey, r.told.text = k, s
	return s
}

// detail is the fact that a decision's own fields don't hold. It names nobody:
// texts are shown where names aren't wanted.
func (r *Result) detail(i int32, d Decision) string {
	switch d.Code {
	case reason.GroupTooLarge, reason.GroupNameConflict:
		return r.Lookup.UniqueGroupName(r.scope.Blocked[i].Group)
	case reason.MembersUnreadable:
		return r.hiddenGroup()
	case reason.GroupNotReadable:
		return r.Lookup.UniqueGroupName(r.scope.NotReadable[i])
	case reason.DuplicateAddress:
		return text.Plural(len(r.shared[i]), "user")
	case reason.ExtUPNAsAddress:
		return tenant.HomeDomain(&r.Directory.Users[i])
	default: // told by warnings, the target or the service, below
	}
	if d.Code == reason.LinkUnknown || d.Code == reason.AddressTaken || d.Warnings&reason.UpdateRefused != 0 {
		if detail := r.target.Detail(i); detail != "" {
			return detail
		}
	}
	return r.service.detail(r, i, d)
}

func (r *Result) hiddenGroup() string {
	if r.scope.Hidden >= 0 {
		return r.Lookup.UniqueGroupName(r.scope.Hidden)
	}
	return ""
}

// UnreadableText is the decision of a member of whom only the id is known.
func (r *Result) UnreadableText(group int32) string {
	return "unknown: " + reason.MembersUnreadable.String() + " (" + r.groupShown(group) + ")"
}

func (r *Result) render(k textKey) string {
	d := k.d
	var facts []string
	add := func(s string) {
		if s != "" {
			facts = append(facts, text.Plain(s))
		}
	}
	add(k.detail)
	if d.Domain >= 0 && showsDomain(d.Code) {
		name := r.Tenant.DomainName(d.Domain)
		add(name)
		if claim, ok := r.org.Claim(name); ok && d.Code == reason.DomainNotVerified {
			add(claim.Status)
		}
	}
	switch d.Code {
	case reason.ExternalMember, reason.ExtUPNAsAddress:
		add(atlassian.ShownType(k.typ))
	default: // the type isn't shown
	}
	add(d.Account.String())
	if d.Confidence != Documented {
		add(d.Confidence.String())
	}
	s := d.Code.Verdict().String() + ": " + d.Code.String()
	if len(facts) > 0 {
		s += " (" + strings.Join(facts, ", ") + ")"
	}
	if names := d.Warnings.Names(); len(names) > 0 {
		s += "; warning: " + strings.Join(names, ", ")
	}
	return s
}

// showsDomain is false where the domain played no part.
func showsDomain(c Code) bool {
	switch c {
	case reason.NotInScope, reason.MembersUnreadable, reason.GroupTooLarge, reason.GroupNameConflict,
		reason.Provisioned, reason.MemberCreated, reason.GuestCreated, reason.NotInternalMember:
		return false
	default:
		return true
	}
}

// groupShown is a group's name in a text for people.
func (r *Result) groupShown(g int32) string { return text.Plain(r.Lookup.UniqueGroupName(g)) }

// Domain is the domain that decided, "" for none.
func (r *Result) Domain(d Decision) string { return r.Tenant.DomainName(d.Domain) }

// groupName is the name under which a group stands in the target.
func (r *Result) groupName(g int32) string {
	if name := r.scope.Names[g]; name != "" {
		return name
	}
	return r.Lookup.UniqueGroupName(g)
}

// HeldGroup is a group of the scope with an obstacle.
type HeldGroup struct {
	ID, Name string
	Obstacle Obstacle
}

// HeldGroups are the groups of the scope that don't come as they are, by
// ascending name.
func (r *Result) HeldGroups() []HeldGroup {
	var out []HeldGroup
	for g, o := range r.scope.Held {
		out = append(out, HeldGroup{ID: r.Directory.Groups[g].ID, Name: r.Lookup.UniqueGroupName(g), Obstacle: o})
	}
	slices.SortFunc(out, func(a, b HeldGroup) int { return strings.Compare(a.Name+"\x00"+a.ID, b.Name+"\x00"+b.ID) })
	return out
}
