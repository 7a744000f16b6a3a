package directory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
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
	// last are the texts that came last, for each column by how they look.
	last [][256]string
	// identities are how the identities begin of the last who is at home here, and of
	// the last who isn't.
	identities [2]string
}

// property is a name, how it is written before its value, and the attribute's place
// among those that are kept.
type property struct {
	name, written string
	column        int
}

// NewDecoder makes a decoder that keeps, beside the facts that decide, the
// named attributes. extensionAttribute1 to 15 are looked for inside
// onPremisesExtensionAttributes, where Graph keeps them.
func NewDecoder(attributes []string) *Decoder {
	d := &Decoder{
		known:  make(map[string]int, len(attributes)),
		reader: bytes.NewReader(nil),
		values: make([]string, len(attributes)),
		last:   make([][256]string, len(attributes)),
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
			d.values[d.column] = d.attribute(v)
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
		u.FederatedElsewhere, err = d.federatedElsewhere(v)
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
