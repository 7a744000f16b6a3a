package mapping

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// arguments are a function's, by the key of their parameter.
type arguments map[string][]Value

func (a arguments) value(key string) Value {
	if len(a[key]) == 0 {
		return Value{}
	}
	return a[key][0]
}

func (a arguments) text(key string) string { return a.value(key).Text() }

func (a arguments) number(key string) (int, error) {
	n, err := strconv.Atoi(a.text(key))
	if err != nil {
		return 0, fmt.Errorf("%s: %q is no number", key, a.text(key))
	}
	return n, nil
}

type function = func(arguments) (Value, error)

// onText is a function of one text; null is taken as the empty one [expressions 2, ?].
func onText(do func(string) string) function {
	return func(a arguments) (Value, error) { return TextValue(do(a.text("source"))), nil }
}

// inCulture is a function of one text in no culture of its own; others aren't evaluated.
func inCulture(do func(string) string) function {
	return func(a arguments) (Value, error) {
		if a.text("culture") != "" {
			return Value{}, ErrNotEvaluated
		}
		return TextValue(do(a.text("source"))), nil
	}
}

func condition(test func(Value) bool) function {
	return func(a arguments) (Value, error) { return BoolValue(test(a.value("Expression"))), nil }
}

// joined is one argument after another.
func joined(first, second string) function {
	return func(a arguments) (Value, error) { return TextValue(a.text(first) + a.text(second)), nil }
}

// valueFunctions are the functions that look at values alone [expressions 3].
var valueFunctions = map[string]function{
	"AltSecIdFromNetId": func(a arguments) (Value, error) { return a.value("netId"), nil },
	"Append":            joined("source", "suffix"),
	"Prepend":           joined("prefix", "source"),
	"ToLower":           inCulture(strings.ToLower),
	"ToUpper":           inCulture(strings.ToUpper),
	"Trim":              onText(strings.TrimSpace),
	"StripSpaces":       onText(func(s string) string { return strings.ReplaceAll(s, " ", "") }),

	"NormalizeDiacritics": onText(withoutMarks),
	"IsNull":              condition(Value.Null),
	"IsNothing":           condition(Value.Null),
	"IsNullOrEmpty":       condition(Value.Empty),
	"IsPresent":           condition(func(m Value) bool { return !m.Empty() }),
	"IsString":            condition(func(m Value) bool { return !m.List && !m.Null() }),
	"CBool": condition(
		func(m Value) bool { return m.Text() != "0" && m.Text() != "False" && !m.Empty() },
	),
	"Not": func(a arguments) (Value, error) {
		return BoolValue(!strings.EqualFold(a.text("source"), "true")), nil
	},
	"CStr":   func(a arguments) (Value, error) { return a.value("value"), nil },
	"Redact": func(a arguments) (Value, error) { return a.value("value"), nil },
	"Count":  func(a arguments) (Value, error) { return numberValue(len(a.value("attribute").Texts)) },
	"Len":    func(a arguments) (Value, error) { return numberValue(len(utf16.Encode([]rune(a.text("String"))))) },
	"Join":   join,
	"Left":   left,
	"Mid":    mid,
	"InStr":  inStr,
	"Instr":  inStr,
	"Word":   wordOf,
	"Split":  splitText,
	"Item":   item,
	"PCase": func(a arguments) (Value, error) {
		return TextValue(properCase(a.text("source"), a.text("wordSeparators"))), nil
	},
	"Replace":          replaceIn,
	"RemoveDuplicates": withoutDuplicates,
	"DefaultDomain":    defaultDomain,
	"ConvertToBase64":  toBase64,

	"Error": func(a arguments) (Value, error) { return Value{}, errors.New(a.text("message")) },

	"IgnoreFlowIfNullOrEmpty": func(a arguments) (Value, error) {
		v := a.value("expression")
		if v.Empty() {
			return v, ErrSkipAttribute
		}
		return v, nil
	},
	"SingleAppRoleAssignment": func(a arguments) (Value, error) {
		v := a.value("appRoleAssignments")
		return Value{Texts: v.Texts[:min(1, len(v.Texts))]}, nil
	},
}

// join leaves out what is empty, with its separator [expressions 3.1, D].
func join(a arguments) (Value, error) {
	var parts []string
	for _, v := range a["source"] {
		parts = append(parts, v.Texts...)
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return TextValue(strings.Join(parts, a.text("separator"))), nil
}

// Positions count the units of UTF-16 [expressions 2, N].
func cut(s string, from, to int) string {
	units := utf16.Encode([]rune(s))
	from, to = min(from, len(units)), min(to, len(units))
	return string(utf16.Decode(units[from:to]))
}

func left(a arguments) (Value, error) {
	n, err := a.number("NumChars")
	if n < 0 {
		return TextValue(a.text("String")), err
	}
	return TextValue(cut(a.text("String"), 0, n)), err
}

// mid answers the text itself where start or length make no sense, as Connect sync does
// [expressions 3.1, C].
func mid(a arguments) (Value, error) {
	s := a.text("source")
	start, err := a.number("start")
	if err != nil {
		return Value{}, err
	}
	length, err := a.number("length")
	if err != nil {
		return Value{}, err
	}
	if length < 0 || start <= 0 || start > len(utf16.Encode([]rune(s))) && s != "" {
		return TextValue(s), nil
	}
	return TextValue(cut(s, start-1, start-1+length)), nil
}

func inStr(a arguments) (Value, error) {
	s, what, from := a.text("value1"), a.text("value2"), 1
	if len(a["start"]) > 0 {
		var err error
		if from, err = a.number("start"); err != nil {
			return Value{}, err
		}
	}
	if a.text("compareType") == "vbTextCompare" {
		s, what = strings.ToLower(s), strings.ToLower(what)
	}
	skipped := cut(s, 0, max(from-1, 0))
	at := strings.Index(s[len(skipped):], what)
	if at < 0 {
		return numberValue(0)
	}
	return numberValue(len(utf16.Encode([]rune(s[:len(skipped)+at]))) + 1)
}

func wordOf(a arguments) (Value, error) {
	n, err := a.number("WordNumber")
	if err != nil {
		return Value{}, err
	}
	words := strings.FieldsFunc(
		a.text("String"), func(r rune) bool { return strings.ContainsRune(a.text("Delimiters"), r) },
	)
	if n < 1 || n > len(words) {
		return TextValue(""), nil
	}
	return TextValue(words[n-1]), nil
}

// splitText trims the parts, as the one sample shows [expressions 3.1].
func splitText(a arguments) (Value, error) {
	out := []string{}
	for part := range strings.SplitSeq(a.text("source"), a.text("delimiter")) {
		out = append(out, strings.TrimSpace(part))
	}
	return ListValue(out), nil
}

func item(a arguments) (Value, error) {
	n, err := a.number("index")
	texts := a.value("attribute").Texts
	if err == nil && (n < 1 || n > len(texts)) {
		err = fmt.Errorf("there is no item %d", n)
	}
	if err != nil {
		return Value{}, err
	}
	return TextValue(texts[n-1]), nil
}

func withoutDuplicates(a arguments) (Value, error) {
	out := []string{}
	for _, s := range a.value("attribute").Texts {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return ListValue(out), nil
}

func defaultDomain(a arguments) (Value, error) {
	if a.text("domain") == "" {
		return Value{}, fmt.Errorf("the tenant has no default domain")
	}
	return a.value("domain"), nil
}

// toBase64 is of the text in UTF-16, little end first [expressions 3.4].
func toBase64(a arguments) (Value, error) {
	var out []byte
	for _, u := range utf16.Encode([]rune(a.text("source"))) {
		out = append(out, byte(u), byte(u>>8))
	}
	return TextValue(base64.StdEncoding.EncodeToString(out)), nil
}

var plainLetters = strings.NewReplacer(
	"æ", "ae", "Æ", "AE", "ø", "oe", "Ø", "OE", "œ", "oe", "Œ", "OE", "ß", "ss", "ł", "l", "Ł", "L", "ı", "i",
)

// withoutMarks is the rule that makes the page's table [expressions 3.1].
func withoutMarks(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return plainLetters.Replace(norm.NFC.String(b.String()))
}

// properCase starts a word behind each separator; without any, as .NET does, behind what is no letter,
// digit or apostrophe [expressions 3.1, N].
func properCase(s, separators string) string {
	var b strings.Builder
	begin := true
	for _, r := range strings.ToLower(s) {
		if begin {
			r = unicode.ToUpper(r)
		}
		b.WriteRune(r)
		if separators == "" {
			begin = !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
		} else {
			begin = strings.ContainsRune(separators, r)
		}
	}
	return b.String()
}
