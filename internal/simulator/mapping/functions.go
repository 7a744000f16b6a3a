package mapping

import (
	"fmt"
	"slices"
	"strings"
)

// Function is a function of the expressions: its name and its parameters.
type Function struct {
	Name       string
	Parameters []Parameter
}

// Parameter is one. Those that may be repeated stand together and take turns: a key and its
// value, for instance.
type Parameter struct {
	Name               string
	Optional, Repeated bool
}

// Functions are the functions of [graph 3.5] and [expressions 3, D]: behind a parameter, ? is
// optional, * may be repeated. Parameters are called as on the page of the functions; storedKeys
// says where the service stores them under other keys.
var Functions = func() []Function {
	var out []Function
	for line := range strings.SplitSeq(strings.TrimSpace(`
Append source suffix
AppRoleAssignments appRoleAssignments
AppRoleAssignmentsComplex appRoleAssignments
AssertiveAppRoleAssignmentsComplex appRoleAssignments
AltSecIdFromNetId netId
BitAnd value1 value2
CBool Expression
CDate expression
Coalesce source* defaultValue?
ConvertFromBase64 source encoding?
ConvertToBase64 source
ConvertToUTF8Hex source
Count attribute
CStr value
DateAdd interval value dateTime
DateDiff interval date1 date2
DateFromNum value
DefaultDomain tenant?
Error message
FormatDateTime source dateTimeStyles? inputFormat outputFormat
Guid
IgnoreFlowIfNullOrEmpty expression
IIF condition valueIfTrue valueIfFalse?
InStr value1 value2 start? compareType?
Instr value1 value2 start? compareType?
IsNothing Expression
IsNull Expression
IsNullOrEmpty Expression
IsPresent Expression
IsString Expression
Item attribute index
Join separator source*
Left String NumChars
Len String
Mid source start length
NormalizeDiacritics source
Not source
Now
NumFromDate value
PCase source wordSeparators?
Prepend source prefix
RandomString Length MinimumNumbers MinimumSpecialCharacters MinimumCapital MinimumLowerCase CharactersToAvoid?
Redact value
RemoveDuplicates attribute
Replace source Find? RegularExpression? RegularExpressionGroupName? Replacement? ReplacementPropertyName? Template?
SelectUniqueValue uniqueValueRule*
SingleAppRoleAssignment appRoleAssignments
Split source delimiter?
StripSpaces source
Switch source defaultValue? key?* value?*
ToLower source culture?
ToUpper source culture?
Trim source
Word String WordNumber Delimiters`), "\n") {
		words := strings.Fields(line)
		f := Function{Name: words[0]}
		for _, w := range words[1:] {
			w, repeated := strings.CutSuffix(w, "*")
			w, optional := strings.CutSuffix(w, "?")
			f.Parameters = append(f.Parameters, Parameter{w, optional, repeated})
		}
		out = append(out, f)
	}
	return out
}()

// FunctionByName compares with case, as the service does [graph 3.5, D].
func FunctionByName(name string) (Function, bool) {
	for _, f := range Functions {
		if f.Name == name {
			return f, true
		}
	}
	return Function{}, false
}

// key is that of the argument at a place of so many; "" if there is none.
func (f Function) key(i, of int) string {
	if f.Name == "FormatDateTime" && of == 3 && i > 0 { // its older form [expressions 3.5, D]
		i++
	}
	first := slices.IndexFunc(f.Parameters, func(p Parameter) bool { return p.Repeated })
	if first >= 0 && i >= first {
		many := 0
		for _, p := range f.Parameters[first:] {
			if p.Repeated {
				many++
			}
		}
		i = first + (i-first)%many
	}
	if i >= len(f.Parameters) {
		return ""
	}
	return f.Parameters[i].Name
}

// source is a call of the function with its arguments in their places, nil where one is left out.
func (f Function) source(given []*Source) (Source, error) {
	out := Source{Name: f.Name, Type: "Function", Parameters: []Argument{}}
	var written []string
	there := map[string]int{}
	for i, v := range given {
		key := f.key(i, len(given))
		if key == "" {
			return out, fmt.Errorf("too many arguments of '%s'", f.Name)
		}
		if v == nil {
			written = append(written, "")
			continue
		}
		there[key]++
		out.Parameters = append(out.Parameters, Argument{key, *v})
		written = append(written, v.Expression)
	}
	for _, p := range f.Parameters {
		if !p.Optional && there[p.Name] == 0 {
			return out, fmt.Errorf("the parameter '%s' of '%s' is missing", p.Name, f.Name)
		}
	}
	switch {
	case f.Name == "Switch" && (there["key"] != there["value"] || len(given)%2 != 0):
		return out, fmt.Errorf("the keys and values of 'Switch' must come in pairs")
	case f.Name == "IIF" && len(given) < 3: // the third may be empty, its comma stands [expressions 1, O]
		return out, fmt.Errorf("'IIF' takes three parameters")
	case f.Name == "SelectUniqueValue" && len(given) < 2:
		return out, fmt.Errorf("'SelectUniqueValue' needs two rules")
	}
	out.Expression = f.Name + "(" + strings.Join(written, ", ") + ")"
	return out, nil
}

// Print is the text of a call that came in parts; what is left out keeps its place [graph 3.5, D].
func (f Function) Print(parts []Argument) (string, error) {
	texts := map[string][]string{}
	for _, p := range f.called(parts) {
		if !slices.ContainsFunc(f.Parameters, func(x Parameter) bool { return x.Name == p.Key }) {
			return "", fmt.Errorf("'%s' has no parameter '%s'", f.Name, p.Key)
		}
		texts[p.Key] = append(texts[p.Key], p.Value.Expression)
	}
	var written []string
	var group []string // the names of those that are repeated
	for _, p := range f.Parameters {
		if p.Repeated {
			group = append(group, p.Name)
			continue
		}
		if len(group) > 0 && len(texts[p.Name]) == 0 { // nothing stands behind what is repeated
			continue
		}
		written = append(append(written, repeat(group, texts)...), strings.Join(texts[p.Name], ", "))
		group = nil
	}
	written = append(written, repeat(group, texts)...)
	return f.Name + "(" + strings.Join(written, ", ") + ")", nil
}

// repeat lets parameters take turns.
func repeat(group []string, texts map[string][]string) []string {
	var out []string
	for i, more := 0, true; more; i++ {
		more = false
		for _, name := range group {
			if i < len(texts[name]) {
				out, more = append(out, texts[name][i]), true
			}
		}
	}
	return out
}
