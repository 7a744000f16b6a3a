package decision

import (
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// Result is what an engine decided under some assumptions.
type Result struct {
	*Engine
	WhatIf    WhatIf
	Decisions []Decision

	scope  *scope
	states []domainState
	// asked collects the domains whose state is looked at, where it is set.
	asked   *[]int32
	types   map[int32]string
	mails   map[int32]string
	enabled map[int32]bool
	// shared is, for users with duplicate_address, how many have the address.
	shared map[int32]int
	texts  map[textKey]string
	groups *Landing
	// own is what the connector computed of all users.
	own any
}

// InScope reports whether a user is in the connector's scope.
func (r *Result) InScope(i int32) bool { return r.scope.in(i) }

// Unreadable are the object ids of members in scope of whom nothing else is
// known.
func (r *Result) Unreadable() map[string]int32 { return r.scope.unreadable }

// Incomplete reports that the membership of a group in scope may be withheld.
func (r *Result) Incomplete() bool { return r.scope.incomplete }

// Address is the address of the Atlassian account that a user would get, ""
// where there is none.
func (r *Result) Address(i int32) string { return r.connector.addressOf(r, i) }

func (r *Result) accountKind(domain int32) Account {
	switch {
	case domain < 0:
		return NoAccount
	case r.state(domain)&domainVerified != 0:
		return Managed
	}
	return External
}

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
	switch d.Code {
	case CodeExternalMember, CodeExtUPNAsAddress:
		k.typ = r.typeOf(i)
	}
	k.detail = r.detail(i, d)
	if s, ok := r.texts[k]; ok {
		return s
	}
	if r.texts == nil {
		r.texts = map[textKey]string{}
	}
	s := r.render(k)
	r.texts[k] = s
	return s
}

// detail is the fact that a decision's own fields don't hold.
func (r *Result) detail(i int32, d Decision) string {
	switch d.Code {
	case CodeGroupTooLarge, CodeGroupNameConflict:
		return r.Lookup.UniqueGroupName(r.scope.blocked[i].group)
	case CodeMembersUnreadable:
		return r.hiddenGroup()
	case CodeDuplicateAddress:
		return text.Plural(r.shared[i], "user")
	case CodeExtUPNAsAddress:
		return HomeDomain(&r.Directory.Users[i])
	}
	return r.connector.detail(r, i, d)
}

func (r *Result) hiddenGroup() string {
	if r.scope.hidden >= 0 {
		return r.Lookup.UniqueGroupName(r.scope.hidden)
	}
	return ""
}

// UnreadableText is the decision of a member of whom only the id is known.
func (r *Result) UnreadableText(group int32) string {
	return "unknown: " + CodeMembersUnreadable.String() + " (" + r.groupShown(group) + ")"
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
	if d.domain >= 0 && showsDomain(d.Code) {
		name := r.domains[d.domain]
		add(name)
		if d.Code == CodeDomainNotVerified {
			add(r.claims[name].Status)
		}
	}
	switch d.Code {
	case CodeExternalMember, CodeExtUPNAsAddress:
		add(shownType(k.typ))
	case CodeNoUsableAddress:
		add("no mail")
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
	case CodeNotInScope, CodeMembersUnreadable, CodeGroupTooLarge, CodeGroupNameConflict:
		return false
	}
	return true
}

func shownType(t string) string {
	if t == "" {
		return "no userType"
	}
	return text.Plain(t)
}

// groupShown is a group's name in a text for people.
func (r *Result) groupShown(g int32) string { return text.Plain(r.Lookup.UniqueGroupName(g)) }

// Domain is the domain that decided, "" for none.
func (r *Result) Domain(d Decision) string {
	if d.domain < 0 {
		return ""
	}
	return r.domains[d.domain]
}
