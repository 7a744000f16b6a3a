package scimapp

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/usersync/terraform-provider-usersync/internal/decision/reason"
	"github.com/usersync/terraform-provider-usersync/internal/decision/sent"
)

// Generic is the profile that stands where none is named: SCIM's own rules.
const Generic = "generic"

//go:embed profiles/*.json
var files embed.FS

// The kinds of rule.
const (
	kindRequired   = "required"
	kindSingle     = "single"
	kindPrimary    = "primary"
	kindCharacters = "characters"
	kindMaxLength  = "max_length"
	kindUnique     = "unique"
	kindMatch      = "match"
	kindDisable    = "disable"
	kindGroupLoss  = "group_loss"
	kindRole       = "role"
)

// Profile is what is known of an application: a table of rules, each with its source.
type Profile struct {
	// Name is the application's, as an outcome has it.
	Name string `json:"-"`
	// Title is what texts call it.
	Title string `json:"title"`
	// Keys are ways to derive a name from a value, by their own names.
	Keys map[string][]Step `json:"keys"`
	// Provisioned is what is said of who passes all rules.
	Provisioned Statement `json:"provisioned"`
	Rules       []Rule    `json:"rules"`

	keys  map[string]func(string) string
	needs sent.Needs
	// values are the rules of Needs.Values, in their order.
	values []*Rule
}

// Statement is something that a page says.
type Statement struct {
	// Confidence is documented, reported or inferred.
	Confidence string `json:"confidence"`
	// Source is the page's address.
	Source string `json:"source"`
	// Says is a sentence for who reads a decision.
	Says string `json:"says"`
}

// Rule is one rule of an application.
type Rule struct {
	// Kind is required, single (at most one entry of a multi-valued attribute), primary (an
	// entry that is marked so),
	// characters, max_length, unique, match (by what it can be asked for users), role (who
	// has Default Access alone is left out), disable, or group_loss.
	Kind string `json:"kind"`
	// Attribute is the target attribute; Attributes are those of match.
	Attribute  string   `json:"attribute"`
	Attributes []string `json:"attributes"`
	// Key derives what the rule looks at from the value; "" is the value itself.
	Key string `json:"key"`
	// Refused is a regular expression of what is refused (RE2).
	Refused string `json:"refused"`
	// Length is the most characters.
	Length int `json:"length"`
	// FreesName says of a disable that another user may have the name afterwards.
	FreesName bool `json:"frees_name"`
	// Deleted says of a disable what the service's DELETE does, which it sends when the
	// Entra account is deleted for good; "" says nothing of it.
	Deleted string `json:"deleted"`
	// Unsure says that who breaks the rule may still be taken: that is unknown.
	Unsure bool `json:"unsure"`
	Statement
	// Remedy says what to do.
	Remedy string `json:"remedy"`
}

// Step replaces what a regular expression (RE2) finds.
type Step struct {
	Pattern string `json:"pattern"`
	With    string `json:"with"`
}

var profiles = sync.OnceValues(load)

// Names are the names of the profiles, ascending.
func Names() []string {
	entries, err := files.ReadDir("profiles")
	if err != nil {
		return nil // they are part of the program
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".json"))
	}
	return names
}

// Get finds a profile by its name. The error names those that there are.
func Get(name string) (*Profile, error) {
	all, err := profiles()
	if err != nil {
		return nil, err
	}
	p := all[name]
	if p == nil {
		return nil, fmt.Errorf("no profile is called %q; there are %s", name, strings.Join(Names(), ", "))
	}
	return p, nil
}

func load() (map[string]*Profile, error) {
	all := map[string]*Profile{}
	for _, name := range Names() {
		text, err := files.ReadFile(path.Join("profiles", name+".json"))
		if err != nil {
			return nil, err
		}
		if all[name], err = Parse(name, text); err != nil {
			return nil, fmt.Errorf("profile %s: %w", name, err)
		}
	}
	return all, nil
}

// Parse reads a profile. The error says what is wrong with which rule.
func Parse(name string, document []byte) (*Profile, error) {
	p := &Profile{Name: name, keys: map[string]func(string) string{}}
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	if err := d.Decode(p); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the profile")
	}
	if p.Title == "" {
		return nil, errors.New("title is missing")
	}
	if _, err := p.Provisioned.check(); err != nil {
		return nil, fmt.Errorf("provisioned: %w", err)
	}
	for key, steps := range p.Keys {
		derive, err := deriving(steps)
		if err != nil {
			return nil, fmt.Errorf("keys.%s: %w", key, err)
		}
		p.keys[key] = derive
	}
	p.needs = sent.Needs{
		Name:     "userName",
		External: "externalId",
		Active:   "active",
	}
	for i := range p.Rules {
		if err := p.add(&p.Rules[i]); err != nil {
			return nil, fmt.Errorf("rule %d (%s): %w", i+1, p.Rules[i].Kind, err)
		}
	}
	return p, nil
}

// deriving composes the steps of a key.
func deriving(steps []Step) (func(string) string, error) {
	type replacement struct {
		find *regexp.Regexp
		with string
	}
	list := make([]replacement, 0, len(steps))
	for _, s := range steps {
		find, err := regexp.Compile(s.Pattern)
		if err != nil {
			return nil, err
		}
		list = append(list, replacement{find, s.With})
	}
	return func(value string) string {
		for _, r := range list {
			value = r.find.ReplaceAllString(value, r.with)
		}
		return value
	}, nil
}

var confidences = map[string]reason.Confidence{
	reason.Documented.String(): reason.Documented,
	reason.Reported.String():   reason.Reported,
	reason.Inferred.String():   reason.Inferred,
}

// check refuses a statement without a source, or of which it isn't said how sure it is.
func (s *Statement) check() (reason.Confidence, error) {
	c, known := confidences[s.Confidence]
	switch {
	case !known:
		return 0, fmt.Errorf("confidence is %q; it is documented, reported or inferred", s.Confidence)
	case !strings.HasPrefix(s.Source, "https://"):
		return 0, errors.New("source isn't the address of a page")
	case s.Says == "":
		return 0, errors.New("says is missing")
	}
	return c, nil
}

// maxValues is how many rules about values a profile may have.
const maxValues = 64

// add checks a rule and takes it into what the target needs.
func (p *Profile) add(r *Rule) error {
	c, err := r.check()
	if err != nil {
		return err
	}
	derive := func(value string) string { return value }
	if r.Key != "" {
		if derive = p.keys[r.Key]; derive == nil {
			return fmt.Errorf("key %q isn't among the profile's keys", r.Key)
		}
	}
	v := sent.ValueRule{Attribute: r.Attribute, Confidence: c}
	switch r.Kind {
	case kindMatch:
		if len(r.Attributes) == 0 {
			return errors.New("attributes is missing")
		}
		p.needs.AskedBy = r.Attributes
		return nil
	case kindUnique:
		if r.Attribute != p.needs.Name {
			return errors.New("only userName is looked at for uniqueness")
		}
		return nil
	case kindDisable, kindGroupLoss:
		return nil
	case kindRole:
		p.needs.RoleRequired = true
		return nil
	case kindRequired:
		v.Required, v.Code = true, reason.RequiredAttributeMissing
	case kindSingle:
		v.Single, v.Code = true, reason.ValueNotAccepted
	case kindPrimary:
		v.Primary, v.Code = true, reason.ValueNotAccepted
	case kindCharacters:
		refused, err := regexp.Compile(r.Refused)
		if err != nil || r.Refused == "" {
			return fmt.Errorf("refused isn't a regular expression: %w", err)
		}
		v.Code, v.Accepts = reason.ValueNotAccepted, func(s string) bool { return !refused.MatchString(derive(s)) }
	case kindMaxLength:
		if r.Length <= 0 {
			return errors.New("length is missing")
		}
		v.Code = reason.ValueTooLong
		v.Accepts = func(s string) bool { return utf8.RuneCountInString(derive(s)) <= r.Length }
	default:
		return errors.New("the kind isn't known")
	}
	if r.Unsure {
		v.Code = reason.AttributeUnknown
	}
	if err := knownAttribute(r.Attribute); err != nil {
		return err
	}
	if p.needs.Values = append(p.needs.Values, v); len(p.needs.Values) > maxValues {
		return fmt.Errorf("more than %d rules about values", maxValues)
	}
	p.values = append(p.values, r)
	return nil
}

// attributes are those of RFC 7643's users (4.1, and 4.3 of the enterprise's), in the form
// in which a rule has them: a multi-valued one by its first part.
var attributes = []string{
	"userName", "displayName", "nickName", "profileUrl", "title", "userType", "preferredLanguage", "locale", "timezone",
	"active", "externalId",
	"name.formatted", "name.familyName", "name.givenName", "name.middleName", "name.honorificPrefix",
	"name.honorificSuffix",
	"emails", "phoneNumbers", "ims", "photos", "addresses", "groups", "entitlements", "roles", "x509Certificates",
}

// enterprise begins attributes of the enterprise's extension, urn that of any extension.
const (
	enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"
	urn        = "urn:"
)

var ofEnterprise = []string{"employeeNumber", "costCenter", "organization", "division", "department", "manager"}

// knownAttribute refuses an attribute that SCIM's users don't have: a rule about it would
// refuse nobody. Of an application's own extension the attributes aren't known.
func knownAttribute(name string) error {
	switch own, extension := strings.CutPrefix(name, enterprise); {
	case name == "":
		return errors.New("attribute is missing")
	case extension && slices.Contains(ofEnterprise, own):
	case !extension && strings.HasPrefix(name, urn):
	case slices.Contains(attributes, name):
	default:
		return fmt.Errorf("attribute %q is none of RFC 7643's users", name)
	}
	return nil
}

// Needs are what the application asks of what is sent.
func (p *Profile) Needs() sent.Needs { return p.needs }

// ValueRule is the rule at a position of Needs.Values.
func (p *Profile) ValueRule(at int16) *Rule { return p.values[at] }

// rule finds the rule of a kind of which there is one, nil for none.
func (p *Profile) rule(kind string) *Rule {
	i := slices.IndexFunc(p.Rules, func(r Rule) bool { return r.Kind == kind })
	if i < 0 {
		return nil
	}
	return &p.Rules[i]
}

// Unique is the rule of userNames, nil where the application has none.
func (p *Profile) Unique() *Rule { return p.rule(kindUnique) }

// Match is the rule of what the application can be asked by, nil where no page says.
func (p *Profile) Match() *Rule { return p.rule(kindMatch) }

// Disable is what a disable does, GroupLoss what taking away a group's assignment does;
// nil where no page says.
func (p *Profile) Disable() *Rule { return p.rule(kindDisable) }

// GroupLoss is what taking away a group's assignment does.
func (p *Profile) GroupLoss() *Rule { return p.rule(kindGroupLoss) }

// Role is the rule of who has the role Default Access alone, nil where there is none.
func (p *Profile) Role() *Rule { return p.rule(kindRole) }

// NameKey is what names have in common that are one at the application, ignoring case; ""
// where names may repeat, or there is none.
func (p *Profile) NameKey(name string) string {
	r := p.Unique()
	if r == nil {
		return ""
	}
	if r.Key != "" {
		name = p.keys[r.Key](name)
	}
	return name
}

// Mark is how sure the rule is.
func (s *Statement) Mark() reason.Confidence { return confidences[s.Confidence] }
