package tenant

import (
	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// Values of userType [graph 1.2]. Old objects have none.
const (
	TypeMember = "Member"
	TypeGuest  = "Guest"
)

// Tenant is a directory prepared for decisions, once for any number of
// assumptions.
type Tenant struct {
	*directory.Directory
	Lookup *directory.Lookup

	names []string
	at    map[string]int32
	// mail and upn are, by user, the positions of the domains of mail and
	// principal name; -1 where the value is no address.
	mail, upn []int32
	external  []bool
}

// New prepares a directory.
func New(d *directory.Directory, l *directory.Lookup) *Tenant {
	n := len(d.Users)
	t := &Tenant{
		Directory: d, Lookup: l, at: map[string]int32{},
		mail: make([]int32, n), upn: make([]int32, n), external: make([]bool, n),
	}
	for _, domain := range d.Domains {
		t.Intern(domain.Name)
	}
	p := t.Positions()
	for i := range d.Users {
		u := &d.Users[i]
		t.mail[i] = p.Of(u.Mail)
		t.external[i] = IsExternal(u)
		t.upn[i] = -1
		if !HasExtName(u.UserPrincipalName) {
			t.upn[i] = p.Of(u.UserPrincipalName)
		}
	}
	return t
}

// Intern gives a domain's position, -1 for "".
func (t *Tenant) Intern(domain string) int32 {
	if domain == "" {
		return -1
	}
	if p, ok := t.at[domain]; ok {
		return p
	}
	p := int32(len(t.names))
	t.at[domain] = p
	t.names = append(t.names, domain)
	return p
}

// DomainAt finds the position of a domain that was met before, or answers -1.
func (t *Tenant) DomainAt(domain string) int32 {
	if p, ok := t.at[domain]; ok {
		return p
	}
	return -1
}

// DomainName is the domain at a position, "" for -1.
func (t *Tenant) DomainName(p int32) string {
	if p < 0 {
		return ""
	}
	return t.names[p]
}

// DomainNames are all domains that were met, by position.
func (t *Tenant) DomainNames() []string { return t.names }

// Positions finds the positions of the domains of addresses.
type Positions struct {
	t *Tenant
	// raw remembers spellings.
	raw map[string]int32
}

// Positions makes a finder; it isn't safe for concurrent use.
func (t *Tenant) Positions() *Positions { return &Positions{t: t, raw: map[string]int32{}} }

// Of is the position of an address's domain, -1 for what is no address.
func (p *Positions) Of(address string) int32 {
	at := -1
	for i := len(address) - 1; i > 0; i-- {
		if address[i] == '@' {
			at = i
			break
		}
	}
	if at <= 0 {
		return -1
	}
	spelled := address[at+1:]
	d, ok := p.raw[spelled]
	if !ok {
		d = p.t.Intern(directory.ASCIIDomain(spelled))
		p.raw[spelled] = d
	}
	if d >= 0 && hasSpace(address[:at]) {
		return -1
	}
	return d
}

func hasSpace(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' {
			return true
		}
	}
	return false
}

// External reports that a user's home is elsewhere, in Entra's sense.
func (t *Tenant) External(i int32) bool { return t.external[i] }

// UPNDomain is the position of the principal name's domain, -1 where the name is
// no address: one with #EXT# is none ([atlassian 1.7], inferred).
func (t *Tenant) UPNDomain(i int32) int32 { return t.upn[i] }

// HomeDomain is HomeDomain of a user. Of who is at home here it is known already.
func (t *Tenant) HomeDomain(i int32) string {
	if p := t.upn[i]; p >= 0 && !t.external[i] {
		return t.names[p]
	}
	return HomeDomain(&t.Users[i])
}

// OwnDomain reports a domain that this tenant has verified.
func (t *Tenant) OwnDomain(name string) bool {
	for _, d := range t.Domains {
		if d.Name == name && d.IsVerified {
			return true
		}
	}
	return false
}

// View is a tenant under assumptions.
type View struct {
	*Tenant
	WhatIf WhatIf

	types map[int32]string
	mails map[int32]string
}

// Under gives the tenant under some assumptions.
func (t *Tenant) Under(w WhatIf) *View {
	v := &View{Tenant: t, WhatIf: w}
	for id, typ := range w.UserTypes {
		if i := t.UserByID(id); i >= 0 {
			if v.types == nil {
				v.types = make(map[int32]string, len(w.UserTypes))
			}
			v.types[i] = typ
		}
	}
	for id, m := range w.Mails {
		if i := t.UserByID(id); i >= 0 {
			if v.mails == nil {
				v.mails = map[int32]string{}
			}
			v.mails[i] = m
			t.Intern(DomainOf(m))
		}
	}
	return v
}

// Type is a user's type under the assumptions.
func (v *View) Type(i int32) string {
	if t, ok := v.AssumedType(i); ok {
		return t
	}
	return v.Users[i].UserType
}

// AssumedType is the type that is assumed of a user.
func (v *View) AssumedType(i int32) (string, bool) {
	if v.types == nil {
		return "", false
	}
	t, ok := v.types[i]
	return t, ok
}

// AssumedMail is the mail that is assumed of a user.
func (v *View) AssumedMail(i int32) (string, bool) {
	if v.mails == nil {
		return "", false
	}
	m, ok := v.mails[i]
	return m, ok
}

// Mail is a user's mail under the assumptions, and the position of its domain.
func (v *View) Mail(i int32) (string, int32) {
	if m, ok := v.AssumedMail(i); ok {
		return m, v.DomainAt(DomainOf(m))
	}
	return v.Users[i].Mail, v.mail[i]
}

// Disabled reports that a user's account is disabled.
func (v *View) Disabled(i int32) bool {
	return v.Users[i].AccountEnabled == directory.False
}
