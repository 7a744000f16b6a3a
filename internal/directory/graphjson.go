package directory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// SyntaxError says that JSON had another shape than Graph's.
type SyntaxError struct {
	// Path is a JSON pointer to the place, from the value that was decoded.
	Path string
	// Offset is the place in bytes from the start of what was decoded.
	Offset int64
	// Problem says what was expected and found.
	Problem string
}

func (e *SyntaxError) Error() string {
	if e.Path == "" {
		return e.Problem
	}
	return fmt.Sprintf("at %s: %s", e.Path, e.Problem)
}

// relaxed: a service's answer is not refused for a repeated name or an
// ill-formed character; strings are made valid UTF-8 on reading.
var relaxed = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// Presence tells which of the properties on which decisions rest an object
// carried, null included: Graph leaves out what wasn't selected (graph.md 1.1).
type Presence uint8

// The properties that Presence tells of.
const (
	HasUserType Presence = 1 << iota
	HasAccountEnabled
)

// Decoder decodes Graph objects one after another, reusing its buffers.
// It isn't safe for concurrent use.
type Decoder struct {
	known     map[string]int
	extension bool
	dec       *jsontext.Decoder
	reader    *bytes.Reader
	values    []string
	words     map[string]string
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
	err = d.object(raw, func(name string, v jsontext.Value) error {
		if i, ok := d.known[name]; ok {
			d.values[i] = compact(v)
		}
		return d.userProperty(name, v, &u, &has)
	})
	if err == nil && u.ID == "" {
		err = &SyntaxError{Problem: "a user has no id"}
	}
	return u, d.values, has, err
}

func (d *Decoder) userProperty(name string, v jsontext.Value, u *User, has *Presence) (err error) {
	switch name {
	case "id":
		u.ID, err = text(v)
		u.ID = strings.ToLower(u.ID)
	case "userPrincipalName":
		u.UserPrincipalName, err = text(v)
	case "mail":
		u.Mail, err = text(v)
	case "otherMails":
		u.OtherMails, err = texts(v)
	case "userType":
		*has |= HasUserType
		u.UserType, err = d.word(v)
	case "creationType":
		u.CreationType, err = d.word(v)
	case "externalUserState":
		u.ExternalUserState, err = d.word(v)
	case "accountEnabled":
		*has |= HasAccountEnabled
		u.AccountEnabled, err = boolean(v)
	case "onPremisesSyncEnabled":
		u.OnPremisesSyncEnabled, err = boolean(v)
	case "onPremisesExtensionAttributes":
		if d.extension && v.Kind() == '{' {
			err = d.extensionAttributes(v)
		}
	}
	return err
}

func (d *Decoder) extensionAttributes(v jsontext.Value) error {
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
	// HiddenMembership: visibility says so (graph.md part 2).
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
func (d *Decoder) Group(raw []byte) (g GraphGroup, err error) {
	err = d.object(raw, func(name string, v jsontext.Value) (err error) {
		switch name {
		case "id":
			g.ID, err = text(v)
			g.ID = strings.ToLower(g.ID)
		case "displayName":
			g.DisplayName, err = text(v)
		case "securityEnabled":
			var b Tri
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
		err = &SyntaxError{Problem: "a group has no id"}
	}
	return g, err
}

// groupMembers decodes the members that a snapshot's group carries, with a
// decoder of its own: a group may have a million.
func groupMembers(v jsontext.Value) (members []GraphMember, err error) {
	inner := NewDecoder(nil)
	_, err = inner.Array(v, func(raw []byte) error {
		m, err := inner.nested().Member(raw)
		if err == nil {
			members = append(members, m)
		}
		return err
	})
	return members, err
}

// nested is a decoder for use while d walks an array.
func (d *Decoder) nested() *Decoder {
	if d.words == nil {
		d.words = map[string]string{}
	}
	return &Decoder{reader: bytes.NewReader(nil), dec: jsontext.NewDecoder(bytes.NewReader(nil), relaxed...), words: d.words}
}

// Member decodes one directoryObject of a list of members.
func (d *Decoder) Member(raw []byte) (m GraphMember, err error) {
	err = d.object(raw, func(name string, v jsontext.Value) (err error) {
		switch name {
		case "@odata.type":
			var t string
			t, err = d.word(v)
			m.Type = t[strings.LastIndexByte(t, '.')+1:]
		case "id":
			m.ID, err = text(v)
			m.ID = strings.ToLower(m.ID)
		}
		return err
	})
	if err == nil && m.ID == "" {
		err = &SyntaxError{Problem: "a member has no id"}
	}
	return m, err
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

// DecodeClaim decodes one domain of an Atlassian organisation. ok is false for
// a name that is no domain: it can't decide anything.
func DecodeClaim(raw []byte) (c Claim, ok bool, err error) {
	var a struct {
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
	return Claim{Name: name, Type: a.Attributes.Claim.Type, Status: a.Attributes.Claim.Status}, name != "", nil
}

// DecodeAccount decodes one account of an organisation's directory.
func DecodeAccount(raw []byte) (a Account, err error) {
	if err = unmarshal(raw, &a); err == nil && a.AccountID == "" {
		err = &SyntaxError{Problem: "an account has no accountId"}
	}
	return a, err
}

// DecodeAccountGroup decodes one group of an organisation.
func DecodeAccountGroup(raw []byte) (g AccountGroup, err error) {
	if err = unmarshal(raw, &g); err == nil && g.ID == "" {
		err = &SyntaxError{Problem: "a group has no id"}
	}
	return g, err
}

// Array calls each with the raw JSON of every element, valid only during the
// call. It answers how many there were.
func (d *Decoder) Array(raw []byte, each func(raw []byte) error) (n int, err error) {
	d.start(raw)
	if d.dec.PeekKind() != '[' {
		return 0, d.unexpected("an array")
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return 0, d.place(err)
	}
	for d.dec.PeekKind() != ']' {
		at := d.dec.InputOffset()
		v, err := d.dec.ReadValue()
		if err != nil {
			return n, d.place(err)
		}
		if err := each(v); err != nil {
			return n, under(fmt.Sprintf("/%d", n), at, err)
		}
		n++
	}
	return n, nil
}

// object calls each with every property of a JSON object.
func (d *Decoder) object(raw []byte, each func(name string, v jsontext.Value) error) error {
	d.start(raw)
	if d.dec.PeekKind() != '{' {
		return d.unexpected("an object")
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return d.place(err)
	}
	for d.dec.PeekKind() != '}' {
		t, err := d.dec.ReadToken()
		if err != nil {
			return d.place(err)
		}
		name := d.name(t)
		at := d.dec.InputOffset()
		v, err := d.dec.ReadValue()
		if err != nil {
			return d.place(err)
		}
		if err := each(name, v); err != nil {
			return under("/"+name, at, err)
		}
	}
	return nil
}

func (d *Decoder) start(raw []byte) {
	d.reader.Reset(raw)
	d.dec.Reset(d.reader, relaxed...)
}

// name keeps one copy of each property name.
func (d *Decoder) name(t jsontext.Token) string { return d.intern(t.String()) }

func (d *Decoder) intern(s string) string {
	if w, ok := d.words[s]; ok {
		return w
	}
	if len(d.words) < 1000 && len(s) < 100 {
		w := strings.Clone(s)
		d.words[w] = w
		return w
	}
	return s
}

// word reads a string of which few different ones exist.
func (d *Decoder) word(v jsontext.Value) (string, error) {
	s, err := text(v)
	return d.intern(s), err
}

// text reads a string; null is "".
func text(v jsontext.Value) (string, error) {
	switch v.Kind() {
	case 'n':
		return "", nil
	case '"':
		if inner := v[1 : len(v)-1]; plainText(inner) {
			return string(inner), nil
		}
		b, err := jsontext.AppendUnquote(nil, v)
		if err != nil {
			// Ill-formed UTF-8 or half a surrogate pair: made valid.
			var s string
			if e := json.Unmarshal(v, &s); e != nil {
				return "", e
			}
			return s, nil
		}
		return string(b), nil
	}
	return "", wrongKind("a string", v)
}

// plainText reports printable ASCII without escapes.
func plainText(b []byte) bool {
	for _, c := range b {
		if c < 0x20 || c >= 0x7f || c == '\\' {
			return false
		}
	}
	return true
}

func texts(v jsontext.Value) ([]string, error) {
	if v.Kind() == 'n' || string(v) == "[]" {
		return nil, nil
	}
	if v.Kind() != '[' {
		return nil, wrongKind("an array of strings", v)
	}
	var list []string
	if err := json.Unmarshal(v, &list); err != nil {
		return nil, wrongKind("an array of strings", v)
	}
	return list, nil
}

func boolean(v jsontext.Value) (Tri, error) {
	switch v.Kind() {
	case 'n':
		return Absent, nil
	case 't':
		return True, nil
	case 'f':
		return False, nil
	}
	return Absent, wrongKind("true or false", v)
}

// compact gives a value's canonical JSON text, "" for null.
func compact(v jsontext.Value) string {
	if v.Kind() == 'n' {
		return ""
	}
	if v.Kind() == '"' && plainText(v[1:len(v)-1]) {
		return string(v)
	}
	c := v.Clone()
	if err := c.Canonicalize(relaxed...); err != nil {
		// Text that has no canonical form (ill-formed UTF-8) is kept through
		// the decoder that repairs it.
		var x any
		if json.Unmarshal(v, &x) == nil {
			if b, err := json.Marshal(x); err == nil {
				return string(b)
			}
		}
	}
	return string(c)
}

func wrongKind(want string, v jsontext.Value) error {
	return &SyntaxError{Problem: "expected " + want + ", found " + kindName(v.Kind())}
}

func kindName(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 't', 'f':
		return "a Boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		return "an array"
	}
	return "the end of the text, or no JSON"
}

func (d *Decoder) unexpected(want string) error {
	if k := d.dec.PeekKind(); k != 0 {
		return &SyntaxError{Problem: "expected " + want + ", found " + kindName(k)}
	}
	_, err := d.dec.ReadToken()
	return d.place(err)
}

// place turns the JSON library's error into ours.
func (d *Decoder) place(err error) error {
	if e, ok := err.(*jsontext.SyntacticError); ok {
		return &SyntaxError{Path: string(e.JSONPointer), Offset: e.ByteOffset, Problem: "not JSON: " + e.Err.Error()}
	}
	return &SyntaxError{Path: string(d.dec.StackPointer()), Offset: d.dec.InputOffset(), Problem: "not JSON: " + err.Error()}
}

// under puts an error that an inner decoder found below a place of the outer.
func under(path string, offset int64, err error) error {
	if e, ok := err.(*SyntaxError); ok {
		return &SyntaxError{Path: path + e.Path, Offset: offset + e.Offset, Problem: e.Problem}
	}
	return &SyntaxError{Path: path, Offset: offset, Problem: err.Error()}
}

// unmarshal is json.Unmarshal with our error.
func unmarshal(raw []byte, into any) error {
	err := json.Unmarshal(raw, into)
	if e, ok := err.(*json.UnmarshalTypeError); ok {
		return &SyntaxError{
			Path: "/" + strings.ReplaceAll(e.Field, ".", "/"), Offset: e.Offset,
			Problem: fmt.Sprintf("expected a %s, found a %s", e.Type, e.Value),
		}
	}
	if err != nil {
		return &SyntaxError{Problem: err.Error()}
	}
	return nil
}
