package tenant

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// rule is a node of a membership rule (learn.microsoft.com/entra/identity/users/groups-dynamic-membership [D]):
// simple properties of users, compared with constants. Rules of devices, -any and -all, memberOf, direct
// reports and all() aren't understood; groups that have them keep their members.
type rule struct {
	op       string // and, or, not, or an operator on a property, without its dash
	kids     []*rule
	property string
	values   []string // raw JSON: a string, true, false or null
	pattern  *regexp.Regexp
}

// ruleWord is a string, a bracket, a comma, or a word.
var ruleWord = regexp.MustCompile(`^\s*(?:("(?:[^"\x60]|\x60.)*")|('[^']*')|([()\[\],])|([^\s()\[\],"']+))`)

type ruleParser struct {
	words []string
	depth int
}

// parseRule reads a rule; the error says what isn't understood.
func parseRule(text string) (*rule, error) {
	p := &ruleParser{}
	for rest := text; strings.TrimSpace(rest) != ""; {
		m := ruleWord.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("%q isn't understood", strings.TrimSpace(rest))
		}
		p.words = append(p.words, strings.TrimSpace(m[0]))
		rest = rest[len(m[0]):]
	}
	r, err := p.either()
	if err == nil && len(p.words) > 0 {
		err = fmt.Errorf("%q isn't expected", p.words[0])
	}
	return r, err
}

func (p *ruleParser) peek() string {
	if len(p.words) == 0 {
		return ""
	}
	return strings.ToLower(p.words[0])
}

func (p *ruleParser) take() string {
	if len(p.words) == 0 {
		return ""
	}
	w := p.words[0]
	p.words = p.words[1:]
	return w
}

// operator takes an operator, with its dash or without.
func (p *ruleParser) operator(names ...string) (string, bool) {
	name := strings.TrimPrefix(p.peek(), "-")
	if !slices.Contains(names, name) {
		return "", false
	}
	p.take()
	return name, true
}

// either, both and one are the precedence: -not binds most, then -and, then -or.
func (p *ruleParser) either() (*rule, error) { return p.chain("or", p.both) }
func (p *ruleParser) both() (*rule, error)   { return p.chain("and", p.one) }

func (p *ruleParser) chain(op string, below func() (*rule, error)) (*rule, error) {
	first, err := below()
	if err != nil {
		return nil, err
	}
	out := &rule{op: op, kids: []*rule{first}}
	for {
		if _, ok := p.operator(op); !ok {
			break
		}
		next, err := below()
		if err != nil {
			return nil, err
		}
		out.kids = append(out.kids, next)
	}
	if len(out.kids) == 1 {
		return first, nil
	}
	return out, nil
}

func (p *ruleParser) one() (*rule, error) {
	if p.depth++; p.depth > maxRuleDepth {
		return nil, fmt.Errorf("the rule is nested too deeply")
	}
	defer func() { p.depth-- }()
	if _, ok := p.operator("not"); ok {
		kid, err := p.one()
		return &rule{op: "not", kids: []*rule{kid}}, err
	}
	if p.peek() != "(" {
		return p.comparison()
	}
	p.take()
	inner, err := p.either()
	if err == nil && p.take() != ")" {
		err = fmt.Errorf("a bracket isn't closed")
	}
	return inner, err
}

var ruleOperators = []string{
	"eq",
	"ne",
	"startswith",
	"notstartswith",
	"endswith",
	"notendswith",
	"contains",
	"notcontains",
	"match",
	"notmatch",
	"in",
	"notin",
	"le",
	"ge",
}

func (p *ruleParser) comparison() (*rule, error) {
	word := p.take()
	name, ok := strings.CutPrefix(word, "user.")
	if !ok {
		return nil, fmt.Errorf("%q isn't a property of users", word)
	}
	op, ok := p.operator(ruleOperators...)
	if !ok {
		return nil, fmt.Errorf("%q isn't an operator that is understood", p.peek())
	}
	r := &rule{op: op, property: cmp.Or(LegacyNames[name], name)}
	if p.peek() != "[" {
		v, err := ruleValue(p.take())
		if err != nil {
			return nil, err
		}
		r.values = []string{v}
		if strings.HasSuffix(op, "match") {
			if r.pattern, err = regexp.Compile("(?i)" + rawjson.Unquote(v)); err != nil {
				return nil, fmt.Errorf("%s isn't a pattern", v)
			}
		}
		return r, nil
	}
	p.take()
	for p.peek() != "]" {
		v, err := ruleValue(p.take())
		if err != nil {
			return nil, err
		}
		if r.values = append(r.values, v); p.peek() == "," {
			p.take()
		}
	}
	p.take()
	return r, nil
}

// ruleValue is a constant as raw JSON. A backtick escapes a quotation mark.
func ruleValue(word string) (string, error) {
	switch lower := strings.ToLower(strings.TrimPrefix(word, "$")); {
	case strings.HasPrefix(word, `"`):
		return rawjson.Quote(strings.ReplaceAll(word[1:len(word)-1], "`\"", `"`)), nil
	case strings.HasPrefix(word, "'"):
		return rawjson.Quote(word[1 : len(word)-1]), nil
	case lower == "true" || lower == "false" || lower == "null":
		return lower, nil
	}
	return "", fmt.Errorf("%q isn't a constant", word)
}

// reads are the properties that a rule looks at.
func (r *rule) reads(name string) bool {
	return r.property == name || slices.ContainsFunc(r.kids, func(k *rule) bool { return k.reads(name) })
}

// holds evaluates a rule. Text is compared without case [D]; null is unequal to everything but null, and in
// no other comparison [?].
func (r *rule) holds(o *Object) bool {
	switch r.op {
	case "and":
		return !slices.ContainsFunc(r.kids, func(k *rule) bool { return !k.holds(o) })
	case "or":
		return slices.ContainsFunc(r.kids, func(k *rule) bool { return k.holds(o) })
	case "not":
		return !r.kids[0].holds(o)
	}
	raw := o.Value(r.property)
	if i := strings.TrimPrefix(r.property, "extensionAttribute"); i != r.property {
		raw = cmp.Or(rawjson.Member(o.Value("onPremisesExtensionAttributes"), r.property), "null")
	}
	positive := strings.TrimPrefix(r.op, "not")
	if r.op == "ne" {
		positive = "eq"
	}
	found := slices.ContainsFunc(r.values, func(v string) bool { return r.compare(positive, raw, v) })
	return found == (positive == r.op)
}

func (r *rule) compare(op, raw, value string) bool {
	if op == "eq" || op == "in" {
		if strings.HasPrefix(raw, `"`) && strings.HasPrefix(value, `"`) {
			return strings.EqualFold(rawjson.Unquote(raw), rawjson.Unquote(value))
		}
		return raw == value || raw == strings.ToLower(rawjson.Unquote(value))
	}
	if !strings.HasPrefix(raw, `"`) {
		return false
	}
	text, want := strings.ToLower(rawjson.Unquote(raw)), strings.ToLower(rawjson.Unquote(value))
	switch op {
	case "startswith":
		return strings.HasPrefix(text, want)
	case "endswith":
		return strings.HasSuffix(text, want)
	case "contains":
		return strings.Contains(text, want)
	case "le":
		return text <= want
	case "ge":
		return text >= want
	}
	return r.pattern.MatchString(rawjson.Unquote(raw))
}

// maxRuleDepth is more nesting than a rule may have; it protects the stack.
const maxRuleDepth = 50
