package simulator

import (
	"net/http"
	"strings"
)

// mappingFunction is a function of the expressions: its name, and its parameters. A ? behind one
// marks it as optional, a * as the last that may be repeated.
type mappingFunction struct {
	name       string
	parameters []string
}

// mappingFunctions are the functions of graph.md 3.5 [D]. The keys of parameters are known for
// Replace and Not; those of the others are after the reference of the expressions [?].
var mappingFunctions = func() []mappingFunction {
	var out []mappingFunction
	for line := range strings.SplitSeq(strings.TrimSpace(`
Append source suffix
AppRoleAssignmentsComplex appRoleAssignments
AssertiveAppRoleAssignmentsComplex appRoleAssignments
AltSecIdFromNetId netId
BitAnd value1 value2
CBool Expression
CDate expression
Coalesce source* defaultValue?
ConvertToBase64 source
ConvertToUTF8Hex source
Count attribute
CStr value
DateAdd interval value dateTime
DateDiff interval date1 date2
DateFromNum value
DefaultDomain
FormatDateTime source dateTimeStyles? inputFormat outputFormat
Guid
IgnoreFlowIfNullOrEmpty expression
IIF condition valueIfTrue valueIfFalse
InStr value1 value2 start? compareType?
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
RandomString Length MinimumNumbers MinimumSpecialCharacters MinimumCapital MinimumLowerCase CharactersToAvoid?
Redact value
RemoveDuplicates attribute
Replace source Find? RegularExpression? RegularExpressionGroupName? Replacement? ReplacementPropertyName? Template?
SelectUniqueValue uniqueValueRule*
SingleAppRoleAssignment appRoleAssignments
Split source delimiter
StripSpaces source
Switch source defaultValue? key*
ToLower source culture?
ToUpper source culture?
Word String WordNumber Delimiters`), "\n") {
		words := strings.Fields(line)
		out = append(out, mappingFunction{words[0], words[1:]})
	}
	return out
}()

// functionNamed compares with case, as the service does (graph.md 3.5 [D]).
func functionNamed(name string) (mappingFunction, bool) {
	for _, f := range mappingFunctions {
		if f.name == name {
			return f, true
		}
	}
	return mappingFunction{}, false
}

// parameter is the key of the argument at a place; "" if there is none.
func (f mappingFunction) parameter(i int) string {
	for at, p := range f.parameters {
		name, repeated := strings.CutSuffix(p, "*")
		if repeated {
			return name
		}
		if at == i {
			return strings.TrimSuffix(p, "?")
		}
	}
	return ""
}

// listFunctions gives name and id both: the documentation shows the one, the metadata the other
// (graph.md 3.5).
var listFunctions = onJob(func(c *call, _ *principal, _ *syncJob) *answer {
	value := []any{}
	for _, f := range mappingFunctions {
		parameters := []any{}
		for _, p := range f.parameters {
			parameters = append(parameters, map[string]any{
				"name": strings.TrimRight(p, "?*"), "required": !strings.HasSuffix(p, "?"),
				"allowMultipleOccurrences": strings.HasSuffix(p, "*"), "type": "String",
			})
		}
		value = append(value, map[string]any{"id": f.name, "name": f.name, "parameters": parameters})
	}
	return c.encode(http.StatusOK, map[string]any{"value": value})
})

// filterOperators are the operators of graph.md 3.6; the spelling of those after EQUALS is [?].
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
