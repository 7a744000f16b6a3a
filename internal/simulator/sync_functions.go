package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// mappingFunction is a function of the expressions: its name and its parameters.
type mappingFunction struct {
	name       string
	parameters []functionParameter
}

// functionParameter is one. Those that may be repeated stand together and take turns: a key and its
// value, for instance.
type functionParameter struct {
	name               string
	optional, repeated bool
}

// mappingFunctions are the functions of [graph 3.5] and [expressions 3, D]: behind a parameter, ? is
// optional, * may be repeated. The keys of parameters are known for Replace and Not; those of the
// others are after the reference of the expressions [?].
var mappingFunctions = func() []mappingFunction {
	var out []mappingFunction
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
FormatDateTime source dateTimeStyles? inputFormat outputFormat
Guid
IgnoreFlowIfNullOrEmpty expression
IIF condition valueIfTrue valueIfFalse
InStr value1 value2 start? compareType?
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
		f := mappingFunction{name: words[0]}
		for _, w := range words[1:] {
			w, repeated := strings.CutSuffix(w, "*")
			w, optional := strings.CutSuffix(w, "?")
			f.parameters = append(f.parameters, functionParameter{w, optional, repeated})
		}
		out = append(out, f)
	}
	return out
}()

// functionNamed compares with case, as the service does [graph 3.5, D].
func functionNamed(name string) (mappingFunction, bool) {
	for _, f := range mappingFunctions {
		if f.name == name {
			return f, true
		}
	}
	return mappingFunction{}, false
}

// key is that of the argument at a place of so many; "" if there is none.
func (f mappingFunction) key(i, of int) string {
	if f.name == "FormatDateTime" && of == 3 && i > 0 { // its older form [expressions 3.5, D]
		i++
	}
	first := slices.IndexFunc(f.parameters, func(p functionParameter) bool { return p.repeated })
	if first >= 0 && i >= first {
		many := 0
		for _, p := range f.parameters[first:] {
			if p.repeated {
				many++
			}
		}
		i = first + (i-first)%many
	}
	if i >= len(f.parameters) {
		return ""
	}
	return f.parameters[i].name
}

// source is a call of the function with its arguments in their places, nil where one is left out.
func (f mappingFunction) source(given []*mappingSource) (mappingSource, error) {
	out := mappingSource{Name: f.name, Type: "Function", Parameters: []sourceArgument{}}
	var written []string
	there := map[string]int{}
	for i, v := range given {
		key := f.key(i, len(given))
		if key == "" {
			return out, fmt.Errorf("too many arguments of '%s'", f.name)
		}
		if v == nil {
			written = append(written, "")
			continue
		}
		there[key]++
		out.Parameters = append(out.Parameters, sourceArgument{key, *v})
		written = append(written, v.Expression)
	}
	for _, p := range f.parameters {
		if !p.optional && there[p.name] == 0 {
			return out, fmt.Errorf("the parameter '%s' of '%s' is missing", p.name, f.name)
		}
	}
	switch {
	case f.name == "Switch" && (there["key"] != there["value"] || len(given)%2 != 0):
		return out, fmt.Errorf("the keys and values of 'Switch' must come in pairs")
	case f.name == "SelectUniqueValue" && len(given) < 2:
		return out, fmt.Errorf("'SelectUniqueValue' needs two rules")
	}
	out.Expression = f.name + "(" + strings.Join(written, ", ") + ")"
	return out, nil
}

// print is the text of a call that came in parts; what is left out keeps its place [graph 3.5, D].
func (f mappingFunction) print(parts []sourceArgument) (string, error) {
	texts := map[string][]string{}
	for _, p := range parts {
		if !slices.ContainsFunc(f.parameters, func(x functionParameter) bool { return x.name == p.Key }) {
			return "", fmt.Errorf("'%s' has no parameter '%s'", f.name, p.Key)
		}
		texts[p.Key] = append(texts[p.Key], p.Value.Expression)
	}
	var written []string
	var group []string // the names of those that are repeated
	for _, p := range f.parameters {
		if p.repeated {
			group = append(group, p.name)
			continue
		}
		if len(group) > 0 && len(texts[p.name]) == 0 { // nothing stands behind what is repeated
			continue
		}
		written = append(append(written, repeat(group, texts)...), strings.Join(texts[p.name], ", "))
		group = nil
	}
	written = append(written, repeat(group, texts)...)
	return f.name + "(" + strings.Join(written, ", ") + ")", nil
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

// listFunctions gives name and id both: the documentation shows the one, the metadata the other
// [graph 3.5].
var listFunctions = onJob(func(c *call, _ *principal, _ *syncJob) *answer {
	value := []any{}
	for _, f := range mappingFunctions {
		parameters := []any{}
		for _, p := range f.parameters {
			parameters = append(parameters, map[string]any{
				"name": p.name, "required": !p.optional, "allowMultipleOccurrences": p.repeated, "type": "String",
			})
		}
		value = append(value, map[string]any{"id": f.name, "name": f.name, "parameters": parameters})
	}
	return c.encode(http.StatusOK, map[string]any{"value": value})
})

// filterOperators are the operators of [graph 3.6]; the spelling of those after EQUALS is [?].
var filterOperators = []struct{ name, arity, types string }{
	{"EQUALS", "Binary", "String,Integer"}, {"NOT EQUALS", "Binary", "String,Integer"},
	{"IS TRUE", "Unary", "Boolean"}, {"IS FALSE", "Unary", "Boolean"},
	{"IS NULL", "Unary", "String,Integer,Boolean"}, {"IS NOT NULL", "Unary", "String,Integer,Boolean"},
	{"REGEX MATCH", "Binary", "String,Integer"}, {"NOT REGEX MATCH", "Binary", "String,Integer"},
	{"Greater_Than", "Binary", "Integer"}, {"Greater_Than_OR_EQUALS", "Binary", "Integer"},
	{"Includes", "Binary", "String"}, {"ENDS_WITH", "Binary", "String"},
	{"&", "Binary", "Integer"}, {"!&", "Binary", "Integer"},
}

var listFilterOperators = onJob(func(c *call, _ *principal, _ *syncJob) *answer {
	value := []any{}
	for _, o := range filterOperators {
		value = append(value, map[string]any{
			"id": o.name, "name": o.name, "arity": o.arity, "multivaluedComparisonType": "All",
			"supportedAttributeTypes": strings.Split(o.types, ","),
		})
	}
	return c.encode(http.StatusOK, map[string]any{"value": value})
})
