package scoping

import (
	"slices"
	"strings"
)

// Operator is a test that a clause makes.
type Operator uint8

// The operators.
const (
	Equals Operator = iota + 1
	NotEquals
	IsTrue
	IsFalse
	IsNull
	IsNotNull
	RegexMatch
	NotRegexMatch
	GreaterThan
	GreaterThanOrEquals
	Includes
	EndsWith
	BitsSet
	BitsNotSet
)

// names are the portal's spellings. Only EQUALS and NOT EQUALS were seen as
// operatorName in real or documented JSON. [D SCO, ?]
var names = [...]string{
	Equals:              "EQUALS",
	NotEquals:           "NOT EQUALS",
	IsTrue:              "IS TRUE",
	IsFalse:             "IS FALSE",
	IsNull:              "IS NULL",
	IsNotNull:           "IS NOT NULL",
	RegexMatch:          "REGEX MATCH",
	NotRegexMatch:       "NOT REGEX MATCH",
	GreaterThan:         "Greater_Than",
	GreaterThanOrEquals: "Greater_Than_OR_EQUALS",
	Includes:            "Includes",
	EndsWith:            "ENDS_WITH",
	BitsSet:             "&",
	BitsNotSet:          "!&",
}

// String is the operator as the portal spells it.
func (o Operator) String() string {
	if int(o) < len(names) {
		return names[o]
	}
	return ""
}

// Unary tells whether the operator takes no value.
func (o Operator) Unary() bool { return o >= IsTrue && o <= IsNotNull }

// negative reports an operator that a null attribute may pass [expressions 6].
func (o Operator) negative() bool {
	return o == NotEquals || o == IsFalse || o == NotRegexMatch || o == BitsNotSet
}

// OperatorNames lists the operators as the portal spells them.
func OperatorNames() []string { return slices.Clone(names[1:]) }

// rejected are operators that the portal or the page lists and that can't be
// predicted, with the reason.
var rejected = map[string]string{
	"IsMemberOf":       "IsMemberOf is listed but not supported by the service",
	"PRESENT":          "it was seen in the portal and isn't documented; IS NOT NULL is the documented test",
	"VALID CERT MATCH": "it was seen in the portal and isn't documented",
}

// fold removes what spellings vary in: case, spaces, underscores.
func fold(s string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "").Replace(s))
}

// lookup finds an operator by its spelling.
func (o Options) lookup(name string) (Operator, bool) {
	if op, ok := o.Names[name]; ok {
		return op, true
	}
	for op := Equals; int(op) < len(names); op++ {
		if names[op] == name || o.Spelling == LenientSpelling && fold(names[op]) == fold(name) {
			return op, true
		}
	}
	return 0, false
}

// PortalName is an operator's name in the portal's spelling, however the
// service spells it; a name that isn't known stays as it came.
func PortalName(name string) string {
	if op, ok := (Options{Spelling: LenientSpelling}).lookup(name); ok {
		return op.String()
	}
	return name
}
