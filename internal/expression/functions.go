package expression

import (
	"slices"
	"strings"
)

// argKind says what an argument has to be; constants are checked against it.
type argKind uint8

const (
	argAny argKind = iota
	argText
	argInt
	argInterval
	argCulture
	argWord // a bare word of the language
)

// parameter describes an argument. name is the documentation's, graph the key
// that Graph's stored form uses where it differs [expressions 5.1].
type parameter struct {
	name     string
	graph    string
	required bool
	kind     argKind
}

// key is the parameter's name in Graph's form.
func (p parameter) key() string {
	if p.graph != "" {
		return p.graph
	}
	return p.name
}

// origin says where a function is documented.
type origin uint8

const (
	fromReference origin = iota // REF, the functions reference
	fromGraph                   // GFN, Graph's older list of functions
	fromCloudSync               // CSR, cloud sync's reference; a sister dialect
	fromSchemas                 // seen in real schemas, described nowhere
)

// effects says what a function depends on beside its arguments.
type effects uint8

const (
	usesClock effects = 1 << iota
	usesRandom
	usesDirectory
	redacts
)

type evalFunc func(m *machine, n *callNode) (Value, error)

// function is one entry of the language's table.
type function struct {
	name    string
	params  []parameter
	repeat  int // how many of the last parameters may repeat, as a group
	origin  origin
	effects effects
	each    bool                           // works on each value of a list as its first argument
	prepare func(c *compiler, n *callNode) // checks and compiles constant arguments
	eval    evalFunc
}

// minArgs is the number of arguments up to the last required one.
func (f *function) minArgs() int {
	n := 0
	for i, p := range f.params {
		if p.required {
			n = i + 1
		}
	}
	return n
}

// param returns the parameter that the i-th argument belongs to.
func (f *function) param(i int) parameter {
	if n := len(f.params); i >= n && f.repeat > 0 {
		return f.params[n-f.repeat+(i-n)%f.repeat]
	}
	if i < len(f.params) {
		return f.params[i]
	}
	return parameter{}
}

// called reports a name of the parameter in Graph's form, the page's included.
func (p parameter) called(key string) bool {
	return key != "" && (strings.EqualFold(p.graph, key) || strings.EqualFold(p.name, key))
}

func req(name string) parameter { return parameter{name: name, required: true} }
func opt(name string) parameter { return parameter{name: name} }

func (p parameter) of(k argKind) parameter   { p.kind = k; return p }
func (p parameter) keyed(k string) parameter { p.graph = k; return p }
func reqInt(name string) parameter           { return req(name).of(argInt) }
func roles() []parameter                     { return []parameter{req("[appRoleAssignments]").keyed("source")} }
func source(more ...parameter) []parameter   { return append([]parameter{req("source")}, more...) }
func one(name string) []parameter            { return []parameter{req(name)} }
func asSource(name string) []parameter       { return []parameter{req(name).keyed("source")} }
func dates(more ...parameter) []parameter {
	return append([]parameter{req("interval").of(argInterval)}, more...)
}
func textOf(name string, k argKind) parameter { return opt(name).of(k) }

var functionTable = map[string]*function{}

// define adds functions to the table; the files of functions call it.
func define(fs ...function) {
	for i := range fs {
		functionTable[fs[i].name] = &fs[i]
	}
}

// FunctionNames lists the functions that the checker accepts, sorted.
func FunctionNames() []string {
	names := make([]string, 0, len(functionTable))
	for name := range functionTable {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// foreign lists functions of the sister dialects that app provisioning lacks,
// and what to write instead. [C CNR, CSR]
var foreign = map[string]string{
	"Right":              "use Mid with Len",
	"LTrim":              "use Trim",
	"RTrim":              "use Trim",
	"Contains":           "use InStr(...) > 0",
	"BitOr":              "",
	"CGuid":              "",
	"CNum":               "numbers are read from text by themselves",
	"CRef":               "",
	"ItemOrNull":         "use Item",
	"ConvertFromUTF8Hex": "",
	"ConvertToString":    "use CStr",
	"DNComponent":        "",
	"DNComponentRev":     "",
	"StringFromSid":      "",
	"StringFromGuid":     "",
	"IsDate":             "",
	"IsGuid":             "",
	"IsNumeric":          "",
	"IsBitSet":           "use BitAnd",
	"FormatNumber":       "",
	"InStrRev":           "",
	"RRight":             "",
	"ReplaceChars":       "use NormalizeDiacritics or Replace",
	"Where":              "",
	"Select":             "",
	"With":               "",
	"DateFromNumber":     "use DateFromNum",
	"CertExtensionOids":  "",
	"Concat":             "use Append or Join",
	"If":                 "use IIF",
	"Upper":              "use ToUpper",
	"Lower":              "use ToLower",
	"ProperCase":         "use PCase",
	"Length":             "use Len",
	"Substring":          "use Mid",
	"Substr":             "use Mid",
	"Format":             "use FormatDateTime",
}

// unknownFunction explains a name that isn't in the table.
func unknownFunction(n *Call) *Error {
	e := fail(n.Pos, "unknown function %s", n.Name)
	if hint, ok := foreign[n.Name]; ok {
		e.Message = "unknown function " + n.Name + ": app provisioning doesn't have it, though a sister language may"
		e.Suggestion = hint
		return e
	}
	if near := Nearest(n.Name, FunctionNames()); near != "" {
		e.Suggestion = "did you mean " + near + "?"
		if strings.EqualFold(near, n.Name) {
			e.Suggestion += " Function names are case-sensitive"
		}
	}
	return e
}
