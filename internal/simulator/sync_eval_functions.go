package simulator

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// arguments are a function's, by the key of their parameter.
type arguments map[string][]mapped

func (a arguments) value(key string) mapped {
	if len(a[key]) == 0 {
		return mapped{}
	}
	return a[key][0]
}

func (a arguments) text(key string) string { return a.value(key).text() }

func (a arguments) number(key string) (int, error) {
	n, err := strconv.Atoi(a.text(key))
	if err != nil {
		return 0, fmt.Errorf("%s: %q is no number", key, a.text(key))
	}
	return n, nil
}

type plainFunction = func(arguments) (mapped, error)

// onText is a function of one text; null is taken as the empty one [expressions 2, ?].
func onText(do func(string) string) plainFunction {
	return func(a arguments) (mapped, error) { return textValue(do(a.text("source"))), nil }
}

// inCulture is a function of one text in no culture of its own; others aren't evaluated.
func inCulture(do func(string) string) plainFunction {
	return func(a arguments) (mapped, error) {
		if a.text("culture") != "" {
			return mapped{}, errNoEvaluation
		}
		return textValue(do(a.text("source"))), nil
	}
}

func condition(test func(mapped) bool) plainFunction {
	return func(a arguments) (mapped, error) { return truthValue(test(a.value("Expression"))), nil }
}

// plainFunctions are the functions that look at values alone [expressions 3].
var plainFunctions = map[string]plainFunction{
	"AltSecIdFromNetId": func(a arguments) (mapped, error) { return a.value("netId"), nil },
	"Append":            func(a arguments) (mapped, error) { return textValue(a.text("source") + a.text("suffix")), nil },
	"Prepend":           func(a arguments) (mapped, error) { return textValue(a.text("prefix") + a.text("source")), nil },
	"ToLower":           inCulture(strings.ToLower),
	"ToUpper":           inCulture(strings.ToUpper),
	"Trim":              onText(strings.TrimSpace),
	"StripSpaces":       onText(func(s string) string { return strings.ReplaceAll(s, " ", "") }),

	"NormalizeDiacritics": onText(withoutMarks),
	"IsNull":              condition(mapped.null),
	"IsNothing":           condition(mapped.null),
	"IsNullOrEmpty":       condition(mapped.empty),
	"IsPresent":           condition(func(m mapped) bool { return !m.empty() }),
	"IsString":            condition(func(m mapped) bool { return !m.list && !m.null() }),
	"CBool":               condition(func(m mapped) bool { return m.text() != "0" && m.text() != "False" && !m.empty() }),
	"Not": func(a arguments) (mapped, error) {
		return truthValue(!strings.EqualFold(a.text("source"), "true")), nil
	},
	"CStr":   func(a arguments) (mapped, error) { return a.value("value"), nil },
	"Redact": func(a arguments) (mapped, error) { return a.value("value"), nil },
	"Count":  func(a arguments) (mapped, error) { return numberValue(len(a.value("attribute").texts)) },
	"Len":    func(a arguments) (mapped, error) { return numberValue(len(utf16.Encode([]rune(a.text("String"))))) },
	"Join":   join,
	"Left":   left,
	"Mid":    mid,
	"InStr":  inStr,
	"Word":   wordOf,
	"Split":  splitText,
	"Item":   item,
	"PCase": func(a arguments) (mapped, error) {
		return textValue(properCase(a.text("source"), a.text("wordSeparators"))), nil
	},
	"Replace":          replaceIn,
	"RemoveDuplicates": withoutDuplicates,
	"DefaultDomain":    defaultDomain,
	"ConvertToBase64":  toBase64,

	"IgnoreFlowIfNullOrEmpty": func(a arguments) (mapped, error) {
		v := a.value("expression")
		if v.empty() {
			return v, errLeaveAttribute
		}
		return v, nil
	},
	"SingleAppRoleAssignment": func(a arguments) (mapped, error) {
		v := a.value("appRoleAssignments")
		return mapped{texts: v.texts[:min(1, len(v.texts))]}, nil
	},
}

// join leaves out what is empty, with its separator [expressions 3.1, D].
func join(a arguments) (mapped, error) {
	var parts []string
	for _, v := range a["source"] {
		parts = append(parts, v.texts...)
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return textValue(strings.Join(parts, a.text("separator"))), nil
}

// Positions count the units of UTF-16 [expressions 2, N].
func cut(s string, from, to int) string {
	units := utf16.Encode([]rune(s))
	from, to = min(from, len(units)), min(to, len(units))
	return string(utf16.Decode(units[from:to]))
}

func left(a arguments) (mapped, error) {
	n, err := a.number("NumChars")
	if n < 0 {
		return textValue(a.text("String")), err
	}
	return textValue(cut(a.text("String"), 0, n)), err
}

// mid answers the text itself where start or length make no sense, as Connect sync does
// [expressions 3.1, C].
func mid(a arguments) (mapped, error) {
	s := a.text("source")
	start, err := a.number("start")
	if err != nil {
		return mapped{}, err
	}
	length, err := a.number("length")
	if err != nil {
		return mapped{}, err
	}
	if length < 0 || start <= 0 || start > len(utf16.Encode([]rune(s))) && s != "" {
		return textValue(s), nil
	}
	return textValue(cut(s, start-1, start-1+length)), nil
}

func inStr(a arguments) (mapped, error) {
	s, what, from := a.text("value1"), a.text("value2"), 1
	if len(a["start"]) > 0 {
		var err error
		if from, err = a.number("start"); err != nil {
			return mapped{}, err
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

func wordOf(a arguments) (mapped, error) {
	n, err := a.number("WordNumber")
	if err != nil {
		return mapped{}, err
	}
	words := strings.FieldsFunc(a.text("String"), func(r rune) bool { return strings.ContainsRune(a.text("Delimiters"), r) })
	if n < 1 || n > len(words) {
		return textValue(""), nil
	}
	return textValue(words[n-1]), nil
}

// splitText trims the parts, as the one sample shows [expressions 3.1].
func splitText(a arguments) (mapped, error) {
	out := []string{}
	for part := range strings.SplitSeq(a.text("source"), a.text("delimiter")) {
		out = append(out, strings.TrimSpace(part))
	}
	return listValue(out), nil
}

func item(a arguments) (mapped, error) {
	n, err := a.number("index")
	texts := a.value("attribute").texts
	if err == nil && (n < 1 || n > len(texts)) {
		err = fmt.Errorf("there is no item %d", n)
	}
	if err != nil {
		return mapped{}, err
	}
	return textValue(texts[n-1]), nil
}

func withoutDuplicates(a arguments) (mapped, error) {
	out := []string{}
	for _, s := range a.value("attribute").texts {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return listValue(out), nil
}

func defaultDomain(a arguments) (mapped, error) {
	if a.text("domain") == "" {
		return mapped{}, fmt.Errorf("the tenant has no default domain")
	}
	return a.value("domain"), nil
}

// toBase64 is of the text in UTF-16, little end first [expressions 3.4].
func toBase64(a arguments) (mapped, error) {
	var out []byte
	for _, u := range utf16.Encode([]rune(a.text("source"))) {
		out = append(out, byte(u), byte(u>>8))
	}
	return textValue(base64.StdEncoding.EncodeToString(out)), nil
}

var plainLetters = strings.NewReplacer("æ", "ae", "Æ", "AE", "ø", "oe", "Ø", "OE", "œ", "oe", "Œ", "OE", "ß", "ss", "ł", "l", "Ł", "L", "ı", "i")

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
