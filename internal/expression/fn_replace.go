package expression

import (
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/expression/dotnet"
)

// The arguments of Replace.
const (
	replaceSource = iota
	replaceOld
	replacePattern
	replaceGroup
	replaceNew
	replaceAttribute
	replaceTemplate
)

// replaceForm is one of the five documented combinations of arguments.
type replaceForm uint8

const (
	replaceNone        replaceForm = iota
	replaceLiteral                 // oldValue, replacementValue
	replaceInTemplate              // oldValue, template
	replaceRegex                   // regexPattern, replacementValue
	replaceRegexGroup              // regexPattern, regexGroupName, replacementValue
	replaceFromOtherBy             // regexPattern, regexGroupName, replacementAttributeName
)

var replaceForms = map[[7]bool]replaceForm{
	{true, true, false, false, true, false, false}: replaceLiteral,
	{true, true, false, false, false, false, true}: replaceInTemplate,
	{true, false, true, false, true, false, false}: replaceRegex,
	{true, false, true, true, true, false, false}:  replaceRegexGroup,
	{true, false, true, true, false, true, false}:  replaceFromOtherBy,
}

// replaceStatic is what can be compiled before any object is seen.
type replaceStatic struct {
	form        replaceForm
	regex       *dotnet.Regex
	replacement *dotnet.Replacement
}

func init() {
	define(function{name: "Replace", params: []parameter{
		req(
			"source",
		).of(argText),
		opt("oldValue").keyed("Find").of(argText),
		opt("regexPattern").keyed("RegularExpression").of(argText),
		opt(
			"regexGroupName",
		).keyed("RegularExpressionGroupName").
			of(argText),
		opt("replacementValue").keyed("Replacement").of(argText),
		opt(
			"replacementAttributeName",
		).keyed("ReplacementPropertyName").
			of(argText),
		opt("template").keyed("Template").of(argText),
	}, prepare: prepareReplace, eval: evalReplace})
}

// prepareReplace finds the combination, and compiles a constant pattern and
// replacement. Combinations that the page doesn't list are errors. [?]
func prepareReplace(c *compiler, n *callNode) {
	var given [7]bool
	for i, a := range n.nodes {
		given[i] = a != nil
	}
	st := &replaceStatic{form: replaceForms[given]}
	n.replace = st
	if st.form == replaceNone {
		c.report(&Error{Pos: n.call.Pos, Function: "Replace", Message: "this combination of arguments isn't documented",
			Suggestion: "give oldValue with replacementValue or template, or regexPattern with replacementValue, " +
				"with regexGroupName and replacementValue, or with regexGroupName and replacementAttributeName"})
		return
	}
	if given[replaceOld] {
		if old, ok := constText(n.nodes[replaceOld]); ok && old == "" {
			c.reportArg(n, replaceOld, "the text to find is empty", "leave the argument empty (, ,) to use "+
				"regexPattern")
		}
	}
	if given[replacePattern] {
		c.pattern(n, st)
	}
}

func (c *compiler) pattern(n *callNode, st *replaceStatic) {
	pattern, ok := constText(n.nodes[replacePattern])
	if !ok {
		c.counted = true
		return
	}
	re, err := dotnet.CompileRegex(pattern)
	if err != nil {
		c.reportArg(n, replacePattern, err.Error(), "")
		return
	}
	st.regex = re
	c.counted = c.counted || re.Counted()
	if st.form != replaceRegex {
		group, ok := constText(n.nodes[replaceGroup])
		if ok && !re.HasGroup(group) {
			e := "the regular expression has no group " + strconv.Quote(group)
			near := Nearest(group, re.GroupNames())
			if near != "" {
				near = "did you mean " + strconv.Quote(near) + "?"
			}
			c.reportArg(n, replaceGroup, e, near)
		}
		return
	}
	if text, ok := constText(n.nodes[replaceNew]); ok {
		st.replacement = re.Replacement(text)
	}
}

func evalReplace(m *machine, n *callNode) (Value, error) {
	st := n.replace
	s, err := n.text(m, replaceSource)
	if err != nil {
		return Value{}, err
	}
	switch st.form {
	case replaceLiteral, replaceInTemplate:
		return n.replaceText(m, st, s)
	case replaceFromOtherBy:
		if s != "" {
			return TextValue(s), nil
		}
	default: // forms with a regular expression, below
	}
	re := st.regex
	if re == nil {
		pattern, err := n.text(m, replacePattern)
		if err != nil {
			return Value{}, err
		}
		if re, err = m.prog.patterns.get(pattern); err != nil {
			return Value{}, n.fail(replacePattern, err)
		}
	}
	if st.form == replaceRegex {
		return n.replaceMatches(m, st, re, s)
	}
	return n.replaceInGroup(m, st, re, s)
}

// replaceText replaces all occurrences, case-sensitively; in the form with a
// template, those of oldValue in the template become the source. [D]
func (n *callNode) replaceText(m *machine, st *replaceStatic, s string) (Value, error) {
	old, err := n.text(m, replaceOld)
	if err != nil {
		return Value{}, err
	}
	if old == "" {
		e := n.failf(replaceOld, "the text to find is empty")
		e.nullInput = true
		return Value{}, e
	}
	in, by := s, ""
	if st.form == replaceInTemplate {
		by = s
		in, err = n.text(m, replaceTemplate)
	} else {
		by, err = n.text(m, replaceNew)
	}
	if err != nil {
		return Value{}, err
	}
	count := strings.Count(in, old)
	if count == 0 {
		return TextValue(in), nil
	}
	size := len(in) + count*(len(by)-len(old))
	out, err := n.build(m, size, func(dst []byte) []byte {
		for rest := in; ; {
			before, after, found := strings.Cut(rest, old)
			dst = append(dst, before...)
			if !found {
				return dst
			}
			dst = append(dst, by...)
			rest = after
		}
	})
	return TextValue(out), err
}

func (n *callNode) replaceMatches(m *machine, st *replaceStatic, re *dotnet.Regex, s string) (Value, error) {
	by := st.replacement
	if by == nil {
		text, err := n.text(m, replaceNew)
		if err != nil {
			return Value{}, err
		}
		by = re.Replacement(text)
	}
	out, changed, err := re.Replace(m.reserve(len(s)), s, by)
	return n.matched(m, s, out, changed, err)
}

// replaceInGroup replaces the group's text [D], or takes it from the other
// attribute; there, no match gives null. [D, ? for no match]
func (n *callNode) replaceInGroup(m *machine, st *replaceStatic, re *dotnet.Regex, s string) (Value, error) {
	group, err := n.text(m, replaceGroup)
	if err != nil {
		return Value{}, err
	}
	if !re.HasGroup(group) {
		return Value{}, n.fail(replaceGroup, errNoGroup)
	}
	if st.form == replaceFromOtherBy {
		other, err := n.text(m, replaceAttribute)
		if err != nil {
			return Value{}, err
		}
		text, found, err := re.Group(other, group)
		if err != nil {
			return Value{}, n.fail(replacePattern, err)
		}
		if !found {
			return Value{}, nil
		}
		return TextValue(text), nil
	}
	by, err := n.text(m, replaceNew)
	if err != nil {
		return Value{}, err
	}
	out, changed, err := re.ReplaceGroup(m.reserve(len(s)+len(by)), s, group, by)
	return n.matched(m, s, out, changed, err)
}

// matched takes over what a replacement wrote; no match leaves the source. [N]
func (n *callNode) matched(m *machine, s string, out []byte, changed bool, err error) (Value, error) {
	if err != nil {
		return Value{}, n.fail(replacePattern, err)
	}
	if !changed {
		return TextValue(s), nil
	}
	return TextValue(m.commit(out)), nil
}
