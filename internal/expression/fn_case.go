package expression

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/usersync/terraform-provider-usersync/internal/expression/dotnet"
)

// What gives a text in another form: its case, its white space, its kind.
func init() {
	define(
		function{
			name:   "StripSpaces",
			each:   true,
			params: []parameter{req("source").of(argText)},
			eval:   evalStripSpaces,
		},
		function{
			name:   "Trim",
			each:   true,
			params: []parameter{req("source").of(argText)},
			origin: fromCloudSync,
			eval:   evalTrim,
		},
		function{
			name:   "ToLower",
			each:   true,
			params: []parameter{req("source").of(argText), textOf("culture", argCulture)},
			eval:   changeCase(dotnet.Casing.Lower, dotnet.Casing.AppendLower),
		},
		function{
			name:   "ToUpper",
			each:   true,
			params: []parameter{req("source").of(argText), textOf("culture", argCulture)},
			eval:   changeCase(dotnet.Casing.Upper, dotnet.Casing.AppendUpper),
		},
		function{
			name:   "PCase",
			params: []parameter{req("source").of(argText), textOf("wordSeparators", argText)},
			eval:   evalPCase,
		},
		function{
			name:   "NormalizeDiacritics",
			each:   true,
			params: []parameter{req("source").of(argText)},
			eval:   evalNormalizeDiacritics,
		},
		function{name: "CStr", params: one("value"), eval: evalCStr},
		function{
			name:    "Redact",
			params:  one("value"),
			effects: redacts,
			eval:    func(m *machine, n *callNode) (Value, error) { return n.value(m, 0) },
		},
	)
}

// evalStripSpaces removes the space character only. [D]
func evalStripSpaces(m *machine, n *callNode) (Value, error) {
	s, err := n.text(m, 0)
	if err != nil || strings.IndexByte(s, ' ') < 0 {
		return TextValue(s), err
	}
	s, err = n.build(m, len(s), func(dst []byte) []byte {
		for i := range len(s) {
			if s[i] != ' ' {
				dst = append(dst, s[i])
			}
		}
		return dst
	})
	return TextValue(s), err
}

func evalTrim(m *machine, n *callNode) (Value, error) {
	s, err := n.text(m, 0)
	return TextValue(strings.TrimFunc(s, unicode.IsSpace)), err
}

// changeCase makes ToLower and ToUpper. Without a culture the invariant one is
// used. [D]
func changeCase(of func(dotnet.Casing, rune) rune, appendTo func(dotnet.Casing, []byte, string) []byte) evalFunc {
	return func(m *machine, n *callNode) (Value, error) {
		s, err := n.text(m, 0)
		if err != nil {
			return Value{}, err
		}
		culture, err := n.text(m, 1)
		if err != nil {
			return Value{}, err
		}
		casing, err := dotnet.ParseCulture(culture)
		if err != nil {
			return Value{}, n.fail(1, err)
		}
		changes := false
		for _, r := range s {
			if changes = of(casing, r) != r; changes {
				break
			}
		}
		if !changes {
			return TextValue(s), nil
		}
		s, err = n.build(m, len(s)+8, func(dst []byte) []byte { return appendTo(casing, dst, s) })
		return TextValue(s), err
	}
}

// evalPCase: with separators only they divide words [D]; without, .NET's title
// case of the lower-cased text [N].
func evalPCase(m *machine, n *callNode) (Value, error) {
	s, err := n.text(m, 0)
	if err != nil {
		return Value{}, err
	}
	if !n.given(1) {
		s, err = n.build(m, len(s)+8, func(dst []byte) []byte { return dotnet.AppendTitle(dst, s) })
		return TextValue(s), err
	}
	separators, err := n.text(m, 1)
	if err != nil {
		return Value{}, err
	}
	if len(separators) > maxSet {
		return Value{}, n.failf(1, "more than %d bytes of separators", maxSet)
	}
	s, err = n.build(m, len(s)+8, func(dst []byte) []byte {
		first := true
		for _, r := range s {
			if first {
				dst = utf8.AppendRune(dst, dotnet.Invariant.Upper(r))
			} else {
				dst = utf8.AppendRune(dst, dotnet.Invariant.Lower(r))
			}
			first = strings.ContainsRune(separators, r)
		}
		return dst
	})
	return TextValue(s), err
}

// evalCStr turns numbers, references and Booleans into text; null stays null. [?
// for null]
func evalCStr(m *machine, n *callNode) (Value, error) {
	v, err := n.value(m, 0)
	if err != nil || v.IsNull() {
		return Value{}, err
	}
	s, err := m.asText(v, n.at(0))
	return TextValue(s), n.wrap(0, err)
}
