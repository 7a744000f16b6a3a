package directory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/usersync/terraform-provider-usersync/internal/jsonscan"
)

// Presence tells which of the properties on which decisions rest an object
// carried, null included: Graph leaves out what wasn't selected [graph 1.1].
type Presence uint8

// The properties that Presence tells of.
const (
	HasUserType Presence = 1 << iota
	HasAccountEnabled
	HasMail
	// HasManager: the reference was read, and isn't only absent because nobody
	// asked for it.
	HasManager
)

// propertyNames are Graph's names of the properties.
var propertyNames = []struct {
	has  Presence
	name string
}{{HasUserType, "userType"}, {HasAccountEnabled, "accountEnabled"}, {HasMail, "mail"}}

// Names are Graph's names of the properties.
func (p Presence) Names() []string {
	var names []string
	for _, x := range propertyNames {
		if p&x.has != 0 {
			names = append(names, x.name)
		}
	}
	return names
}

// Values of User.UserType [graph 1.2].
const (
	userTypeMember = "Member"
	userTypeGuest  = "Guest"
)

// canonicalUserType is a userType in Graph's own spelling: files that people
// make have "guest", too. Another value stays as it is.
func canonicalUserType(s string) string {
	for _, t := range []string{userTypeMember, userTypeGuest} {
		if strings.EqualFold(s, t) {
			return t
		}
	}
	return s
}

// Decoder decodes Graph objects one after another, reusing its buffers.
// It isn't safe for concurrent use.
type Decoder struct {
	known     map[string]int
	extension bool
	over      bool // decoding over known facts
	dec       *jsontext.Decoder
	reader    *bytes.Reader
	values    []string
	words     map[string]string
	// shape are the plain names of the properties of the last object, in order.
	shape []property
	// column is that of the property at hand, -1 for one that isn't kept.
	column int
	kept   arena
}

// property is a name, and the attribute's place among those that are kept.
type property struct {
	name   string
	column int
}

// NewDecoder makes a decoder that keeps, beside the facts that decide, the
// named attributes. extensionAttribute1 to 15 are looked for inside
// onPremisesExtensionAttributes, where Graph keeps them.
func NewDecoder(attributes []string) *Decoder {
	d := &Decoder{
		known:  make(map[string]int, len(attributes)),
		reader: bytes.NewReader(nil),
		values: make([]string, len(attributes)),
		words:  map[string]string{},
	}
	for i, a := range attributes {
		d.known[a] = i
		d.extension = d.extension || strings.HasPrefix(a, "extensionAttribute")
	}
	d.dec = jsontext.NewDecoder(d.reader, relaxed...)
	return d
}

// User decodes one Graph user. values are those of the decoder's attributes,
// as compact JSON text, valid until the next call.
func (d *Decoder) User(raw []byte) (u User, values []string, has Presence, err error) {
	clear(d.values)
	return d.userOver(raw, User{})
}

// Users decodes the array of Graph users that rest begins with, and calls each with
// every one of them and their JSON; values and raw are valid only during the call. It
// answers where the array ends.
func (d *Decoder) Users(
	rest []byte, each func(u User, values []string, has Presence, raw []byte) error,
) (end int, err error) {
	var u User
	var has Presence
	one := func(raw []byte) (end int, err error) {
		clear(d.values)
		u, has = User{}, 0
		end, err = d.userAt(raw, &u, &has)
		if err != nil {
			return 0, err
		}
		return end, each(u, d.values, has, raw[:end])
	}
	_, end, err = d.elements(rest, one, func(raw []byte) error { _, err := one(raw); return err })
	return end, err
}

// userOver decodes a user over the facts that stand in u and in the decoder's
// values: what the JSON doesn't name stays.
func (d *Decoder) userOver(raw []byte, u User) (_ User, values []string, has Presence, err error) {
	_, err = d.userAt(raw, &u, &has)
	return u, d.values, has, err
}

// userAt decodes the user that raw begins with; it answers where they end.
func (d *Decoder) userAt(raw []byte, u *User, has *Presence) (end int, err error) {
	end, err = d.objectAt(raw, func(name string, v jsontext.Value) error {
		if d.column >= 0 {
			d.values[d.column] = d.compact(v)
		}
		return d.userProperty(name, v, u, has)
	})
	if err == nil && u.ID == "" {
		err = noID(raw[:end], "a user")
	}
	return end, err
}

func (d *Decoder) userProperty(name string, v jsontext.Value, u *User, has *Presence) (err error) {
	switch name {
	case "id":
		u.ID, err = d.id(v)
	case "userPrincipalName":
		u.UserPrincipalName, err = d.text(v)
	case "mail":
		*has |= HasMail
		if inner := len(v) - 2; inner == len(u.UserPrincipalName) && plain(v) &&
			string(v[1:1+inner]) == u.UserPrincipalName {
			u.Mail = u.UserPrincipalName
			return nil
		}
		u.Mail, err = d.text(v)
	case "otherMails":
		u.OtherMails, err = texts(v)
	case "userType":
		*has |= HasUserType
		u.UserType, err = d.word(v)
		u.UserType = canonicalUserType(u.UserType)
	case "creationType":
		u.CreationType, err = d.word(v)
	case "externalUserState":
		u.ExternalUserState, err = d.word(v)
	case "accountEnabled":
		*has |= HasAccountEnabled
		u.AccountEnabled, err = boolean(v)
	case "onPremisesSyncEnabled":
		u.OnPremisesSyncEnabled, err = boolean(v)
	case "identities":
		u.FederatedElsewhere, err = federatedElsewhere(v)
	case Manager:
		*has |= HasManager
		err = d.manager(v)
	case "onPremisesExtensionAttributes":
		if d.extension {
			err = d.extensionAttributes(v)
		}
	}
	return err
}

// federatedElsewhere reports an identity that another tenant or provider issued:
// "federated" is how Graph marks those [graph 1.6].
func federatedElsewhere(v jsontext.Value) (bool, error) {
	if v.Kind() != '[' {
		return false, nil
	}
	if elsewhere, ok := plainIdentities(v); ok {
		return elsewhere, nil
	}
	var list []identity[string]
	if err := unmarshal(v, &list); err != nil {
		return false, err
	}
	return slices.ContainsFunc(list, func(i identity[string]) bool { return i.elsewhere() }), nil
}

// identity is what Graph tells of one.
type identity[T ~string | ~[]byte] struct {
	SignInType T `json:"signInType"`
	Issuer     T `json:"issuer"`
}

func (i identity[T]) elsewhere() bool {
	return strings.EqualFold(string(i.SignInType), "federated") || strings.EqualFold(string(i.Issuer), "ExternalAzureAD")
}

// plainIdentities is federatedElsewhere of what is written as Graph writes it. ok is
// false where the library must look.
func plainIdentities(v jsontext.Value) (elsewhere, ok bool) {
	i := 0
	for first := true; ; first = false {
		at, done, ok := jsonscan.Element(v, i, first)
		if done || !ok {
			return elsewhere, ok
		}
		var one identity[[]byte]
		if one, i, ok = plainIdentity(v, at); !ok {
			return false, false
		}
		elsewhere = elsewhere || one.elsewhere()
	}
}

func plainIdentity(v []byte, i int) (one identity[[]byte], end int, ok bool) {
	if v[i] != '{' {
		return one, i, false
	}
	for first := true; ; first = false {
		key, at, done, ok := jsonscan.Property(v, i, first)
		if done || !ok {
			return one, at, ok
		}
		if i, ok = jsonscan.Value(v, at); !ok || !plain(key) {
			return one, i, false
		}
		var to *[]byte
		switch name := key[1 : len(key)-1]; {
		case bytes.EqualFold(name, []byte("signInType")):
			to = &one.SignInType
		case bytes.EqualFold(name, []byte("issuer")):
			to = &one.Issuer
		default:
			continue
		}
		if !plain(v[at:i]) {
			return one, i, false
		}
		*to = v[at+1 : i-1]
	}
}

// extensionAttributes takes the whole object: what it doesn't name is null.
func (d *Decoder) extensionAttributes(v jsontext.Value) error {
	for name, i := range d.known {
		if d.over && strings.HasPrefix(name, "extensionAttribute") {
			d.values[i] = ""
		}
	}
	if v.Kind() != '{' {
		return nil
	}
	var inner map[string]jsontext.Value
	if err := json.Unmarshal(v, &inner); err != nil {
		return err
	}
	for name, value := range inner {
		if i, ok := d.known[name]; ok {
			d.values[i] = compact(value)
		}
	}
	return nil
}

// GraphGroup is a Graph group without the positions of its members.
type GraphGroup struct {
	ID              string
	DisplayName     string
	SecurityEnabled bool
	MembershipRule  string
	// HiddenMembership: visibility says so [graph 2].
	HiddenMembership bool
	// Members are those of a snapshot, where the group carries them; Covered
	// says that it does.
	Members []GraphMember
	Covered bool
}

// GraphMember is a direct member of a group.
type GraphMember struct {
	// Type is the last part of @odata.type: "user", "group", "device", …
	Type string
	ID   string
}

// Group decodes one Graph group.
func (d *Decoder) Group(raw []byte) (GraphGroup, error) { return d.groupOver(raw, GraphGroup{}) }

// groupOver decodes a group over what is known of it.
func (d *Decoder) groupOver(raw []byte, g GraphGroup) (_ GraphGroup, err error) {
	err = d.object(raw, func(name string, v jsontext.Value) (err error) {
		switch name {
		case "id":
			g.ID, err = d.id(v)
		case "displayName":
			g.DisplayName, err = text(v)
		case "securityEnabled":
			var b OptionalBool
			b, err = boolean(v)
			g.SecurityEnabled = b == True
		case "membershipRule":
			g.MembershipRule, err = text(v)
		case "visibility":
			var s string
			s, err = text(v)
			g.HiddenMembership = s == "HiddenMembership"
		case "members":
			g.Members, err = groupMembers(v)
			g.Covered = true
		}
		return err
	})
	if err == nil && g.ID == "" {
		err = noID(raw, "a group")
	}
	return g, err
}

// noID is the error about an object without an id. PowerShell's cmdlets, such as
// Get-MgUser, write every name with a capital.
func noID(raw []byte, object string) error {
	var names map[string]jsontext.Value
	if json.Unmarshal(raw, &names) == nil && names["Id"] != nil {
		return &SyntaxError{
			Path: "/Id",
			Problem: object + ` has "Id" instead of "id": these are PowerShell's objects, not Graph's JSON. ` +
				"Save the answer as Graph gives it: Invoke-MgGraphRequest -OutputType Json",
		}
	}
	return &SyntaxError{Problem: object + " has no id"}
}

// groupMembers decodes the members that a snapshot's group carries, with a
// decoder of its own: a group may have a million.
func groupMembers(v jsontext.Value) (members []GraphMember, err error) {
	item := NewDecoder(nil)
	_, err = NewDecoder(nil).Array(v, func(raw []byte) error {
		m, err := item.Member(raw)
		if err == nil {
			members = append(members, m)
		}
		return err
	})
	return members, err
}

// Member decodes one directoryObject of a list of members.
func (d *Decoder) Member(raw []byte) (m GraphMember, err error) {
	m, _, err = d.memberAt(raw)
	return m, err
}

// Members decodes the array of directoryObjects that rest begins with, and calls each
// with every one of them and its JSON, valid only during the call. It answers how many
// there were, and where the array ends.
func (d *Decoder) Members(rest []byte, each func(m GraphMember, raw []byte) error) (n, end int, err error) {
	one := func(raw []byte) (end int, err error) {
		m, end, err := d.memberAt(raw)
		if err != nil {
			return 0, err
		}
		return end, each(m, raw[:end])
	}
	return d.elements(rest, one, func(raw []byte) error { _, err := one(raw); return err })
}

// memberAt decodes the member that raw begins with; it answers where they end.
func (d *Decoder) memberAt(raw []byte) (m GraphMember, end int, err error) {
	if typ, id, end, ok := bareMember(raw); ok {
		kind := commonWord(typ)
		if kind == "" {
			kind = d.internBytes(typ)
		}
		return GraphMember{Type: kind, ID: d.kept.lowerCase(id)}, end, nil
	}
	end, err = d.objectAt(raw, func(name string, v jsontext.Value) (err error) {
		switch name {
		case "@odata.type":
			var t string
			t, err = d.word(v)
			m.Type = t[strings.LastIndexByte(t, '.')+1:]
		case "id":
			m.ID, err = d.id(v)
		}
		return err
	})
	if err == nil && m.ID == "" {
		err = noID(raw[:end], "a member")
	}
	return m, end, err
}

// bareMember takes a member apart that is written as Graph writes most of them,
// millions in a large tenant: type and id, without blanks and escapes.
func bareMember(raw []byte) (typ, id []byte, end int, ok bool) {
	const prefix, between, suffix = `{"@odata.type":"#microsoft.graph.`, `","id":"`, `"}`
	rest, ok := bytes.CutPrefix(raw, []byte(prefix))
	if !ok {
		return nil, nil, 0, false
	}
	n := bytes.IndexByte(rest, '"')
	if n < 0 || !bytes.HasPrefix(rest[n:], []byte(between)) {
		return nil, nil, 0, false
	}
	typ, rest = rest[:n], rest[n+len(between):]
	n = bytes.IndexByte(rest, '"')
	if n <= 0 || !bytes.HasPrefix(rest[n:], []byte(suffix)) {
		return nil, nil, 0, false
	}
	id = rest[:n]
	if !jsonscan.Plain(typ) || bytes.IndexByte(typ, '.') >= 0 || !jsonscan.Plain(id) {
		return nil, nil, 0, false
	}
	return typ, id, len(prefix) + len(typ) + len(between) + len(id) + len(suffix), true
}

// DecodeDomain decodes one Graph domain.
func DecodeDomain(raw []byte) (Domain, error) {
	var g struct {
		ID         string `json:"id"`
		IsVerified bool   `json:"isVerified"`
		IsInitial  bool   `json:"isInitial"`
		IsDefault  bool   `json:"isDefault"`
	}
	if err := unmarshal(raw, &g); err != nil {
		return Domain{}, err
	}
	name := ASCIIDomain(g.ID)
	if name == "" {
		return Domain{}, &SyntaxError{Path: "/id", Problem: fmt.Sprintf("%q is no domain name", g.ID)}
	}
	return Domain{Name: name, IsVerified: g.IsVerified, IsInitial: g.IsInitial, IsDefault: g.IsDefault}, nil
}

// DecodeClaim decodes one domain of an Atlassian organization. ok is false for
// a name that is no domain: it can't decide anything.
func DecodeClaim(raw []byte) (c Claim, ok bool, err error) {
	var a struct {
		ID         string `json:"id"`
		Attributes struct {
			Name  string `json:"name"`
			Claim struct {
				Type   string `json:"type"`
				Status string `json:"status"`
			} `json:"claim"`
		} `json:"attributes"`
	}
	if err := unmarshal(raw, &a); err != nil {
		return Claim{}, false, err
	}
	name := ASCIIDomain(a.Attributes.Name)
	return Claim{
		Name:   name,
		Type:   a.Attributes.Claim.Type,
		Status: a.Attributes.Claim.Status,
		ID:     a.ID,
	}, name != "", nil
}

// DecodeAccount decodes one account of an organization's directory.
func DecodeAccount(raw []byte) (a Account, err error) {
	if err = unmarshal(raw, &a); err == nil && a.AccountID == "" {
		err = &SyntaxError{Problem: "an account has no accountId"}
	}
	return a, err
}

// DecodeAccountGroup decodes one group of an organization.
func DecodeAccountGroup(raw []byte) (g AccountGroup, err error) {
	if err = unmarshal(raw, &g); err == nil && g.ID == "" {
		err = &SyntaxError{Problem: "a group has no id"}
	}
	return g, err
}
