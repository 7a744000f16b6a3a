package scoping

// Options are the points that the documentation leaves open. The zero value is
// the documented or recommended choice of each.
type Options struct {
	NullUnderNot NullUnderNot
	Regex        RegexAnchoring
	Spelling     Spelling
	NotInteger   NotInteger
	MultiValued  MultiValued

	// EndsWithIgnoresCase makes ENDS_WITH ignore case, which no page excludes. [?]
	EndsWithIgnoresCase bool

	// Partly takes what can't be compiled, a clause or a group without clauses, for
	// one whose value isn't known, instead of a mistake: where the others decide,
	// the filter is evaluated all the same.
	Partly bool

	// Unread says of attributes why nothing is known of them, "" where something
	// is; a clause on one of them isn't known either.
	Unread func(attribute string) string

	// Names are further spellings of operators, such as those that a job's
	// filterOperators list gives.
	Names map[string]Operator
}

// NullUnderNot says what a negative operator (NOT EQUALS, IS FALSE, NOT REGEX
// MATCH, !&) is for a null or empty attribute: contested [expressions 6].
type NullUnderNot uint8

const (
	// NullUnderNotFails follows the general rule of the page: "scoping filters
	// will return false if the value is null / empty". [D SCO]
	NullUnderNotFails NullUnderNot = iota
	// NullUnderNotPasses is how Microsoft's own input filters have to be read, or
	// nobody would sync. [O]
	NullUnderNotPasses
)

// RegexAnchoring says what part of a value REGEX MATCH has to match.
type RegexAnchoring uint8

const (
	// RegexAnywhere is .NET's IsMatch. [?, recommended]
	RegexAnywhere RegexAnchoring = iota
	// RegexWhole is what the page's sample texts suggest ("any number between 10
	// and 99"). [?]
	RegexWhole
)

// Spelling says which spellings of operators are accepted.
type Spelling uint8

const (
	// PortalSpelling takes the portal's spelling, exactly.
	PortalSpelling Spelling = iota
	// LenientSpelling ignores case, spaces and underscores.
	LenientSpelling
)

// NotInteger says what Greater_Than is for a value that isn't 0, 1, 2, ...
type NotInteger uint8

const (
	// NotIntegerFails makes it an error. [?]
	NotIntegerFails NotInteger = iota
	// NotIntegerFalse makes it false.
	NotIntegerFalse
)

// MultiValued says what a clause is for an attribute with several values.
type MultiValued uint8

const (
	// MultiValuedFails makes it an error: "filtering is not supported for multi-valued attributes". [D SCO]
	MultiValuedFails MultiValued = iota
	// MultiValuedAll is true if the clause is true of all values, which is the
	// default of Graph's multivaluedComparisonType. [D]
	MultiValuedAll
	// MultiValuedAny is true if the clause is true of one of them.
	MultiValuedAny
)
