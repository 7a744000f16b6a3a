package mapping

import (
	"fmt"
	"regexp"
	"strings"
)

// replaceIn is Replace, whose work depends on what is given [expressions 3.2]. Patterns of .NET that
// Go hasn't are errNoEvaluation, never a silent difference.
func replaceIn(a arguments) (Value, error) {
	has := func(key string) bool { return len(a[key]) > 0 }
	source := a.text("source")
	switch {
	case has("Find") && has("Template"):
		return TextValue(strings.ReplaceAll(a.text("Template"), a.text("Find"), source)), nil
	case has("Find") && has("Replacement"):
		return TextValue(strings.ReplaceAll(source, a.text("Find"), a.text("Replacement"))), nil
	case !has("RegularExpression"):
		return Value{}, fmt.Errorf(
			"the function Replace: neither a text nor a pattern to look for with what to put in its place",
		)
	}
	pattern, err := regexp.Compile(a.text("RegularExpression"))
	if err != nil {
		return Value{}, ErrNotEvaluated
	}
	group := pattern.SubexpIndex(a.text("RegularExpressionGroupName"))
	switch {
	case has("RegularExpressionGroupName") && group < 0:
		return Value{}, fmt.Errorf(
			"the function Replace: the pattern has no group %q",
			a.text("RegularExpressionGroupName"),
		)
	case group > 0 && has("ReplacementPropertyName"):
		if source != "" {
			return TextValue(source), nil
		}
		m := pattern.FindStringSubmatch(a.text("ReplacementPropertyName"))
		if m == nil {
			return Value{}, nil
		}
		return TextValue(m[group]), nil
	case has("Replacement"):
		return TextValue(substitute(pattern, source, group, a.text("Replacement"))), nil
	}
	return Value{}, fmt.Errorf("the function Replace: nothing to put in the place of the pattern")
}

// substitute replaces each match, or the text of one group in it.
func substitute(pattern *regexp.Regexp, s string, group int, replacement string) string {
	var b strings.Builder
	done := 0
	for _, m := range pattern.FindAllStringSubmatchIndex(s, -1) {
		from, to, with := m[0], m[1], replacement
		if group > 0 {
			from, to = m[2*group], m[2*group+1]
		} else {
			with = fill(pattern, s, m, replacement)
		}
		if from < 0 {
			continue
		}
		b.WriteString(s[done:from])
		b.WriteString(with)
		done = to
	}
	return b.String() + s[done:]
}

// placeholder is .NET's ways to name a group; unknown ones stay as they are.
var placeholder = regexp.MustCompile(`\$(\$|&|\d+|\{\w+\})`)

func fill(pattern *regexp.Regexp, s string, m []int, replacement string) string {
	return placeholder.ReplaceAllStringFunc(replacement, func(p string) string {
		name := strings.Trim(p[1:], "{}")
		at := pattern.SubexpIndex(name)
		switch {
		case p == "$$":
			return "$"
		case p == "$&":
			return s[m[0]:m[1]]
		case at < 0:
			if _, err := fmt.Sscan(name, &at); err != nil || 2*at+1 >= len(m) {
				return p
			}
		}
		if m[2*at] < 0 {
			return ""
		}
		return s[m[2*at]:m[2*at+1]]
	})
}
