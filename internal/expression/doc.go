// Package expression reads, checks, prints and evaluates the expressions of
// Entra ID's attribute mappings, such as
//
//	Join("@", NormalizeDiacritics([givenName]), DefaultDomain())
//
// Parse knows the syntax only. Check and Compile know the functions and, where
// they are given, the attributes; they report all mistakes with their places
// and with what was probably meant. A Program is compiled once and evaluates
// many objects: it allocates nothing but its results.
//
// The package is pure. The clock, randomness, the uniqueness test and the
// default domain are injected; what isn't injected makes the expressions that
// need it unpredictable, which is an outcome and not an error.
//
// # Where the behavior comes from
//
// Comments mark how sure a behavior is: [D] documented by Microsoft's
// functions reference (REF), [G] its Workday (WDG) and SuccessFactors (SFG)
// guides or Graph samples (GAS, GFN, GPE), [C] only by the references of the
// sister languages in cloud sync (CSR) and Connect sync (CNR), [N] what .NET
// does, as the documentation names .NET, [?] nowhere: our choice.
//
// The choices, in one place:
//
//	null into a text function                 ""                                  [?; D for Left, Len, Word]
//	null into a date or number argument       an error; IIF's condition: false    [?; D for IIF]
//	null into CStr, Redact, Split             null                                [?]
//	[c] = "" of an absent attribute           True                                [?; D says unsupported]
//	[c] <> "x" of an absent attribute         True                                [?]
//	< > <= >= with a null or empty side       False                               [D REF#iif]
//	< > <= >= with a text that is no number   an error                            [?]
//	= and <>                                  case-sensitive; numbers by value    [?; G]
//	a condition that is text                  True or False in any case, a number [?]
//	Not of the text "true"                    True                                [D, by the letter]
//	Coalesce of ""                            "" is a value                       [D; one SFG sample differs]
//	Switch with two equal keys                the first                           [?]
//	Join with null or empty sources           skipped, with their separator       [D sample; ? for null]
//	Mid outside the text                      the text itself                     [C CNR]
//	InStr without compareType                 case-sensitive                      [?]
//	Word: delimiters in a row                 one delimiter                       [?]
//	Word: no delimiter in the text            one word                            [?]
//	Split                                     parts are trimmed of spaces         [D sample only]
//	Split with a longer delimiter             an error                            [D: one character]
//	PCase without separators and apostrophes  John's: they don't end a word       [N]
//	RemoveDuplicates                          case-sensitive, first kept          [?]
//	Replace with other combinations           an error                            [?]
//	Replace from another attribute, no match  null                                [?]
//	CDate without an offset                   UTC                                 [?]
//	FormatDateTime with zzz                   the server's zone is UTC            [?]
//	standard date formats                     of the invariant culture            [?]
//	two-digit years                           1930 to 2029                        [N]
//	ToLower, ToUpper                          character by character, as .NET     [N]
//	NormalizeDiacritics of đ ð þ ħ            unchanged                           [?]
//	a list where a single value is expected   an error                            [?]
//	no flow inside another function           drops the whole attribute           [?]
//	SelectUniqueValue: empty candidates       passed over                         [?]
//	SingleAppRoleAssignment of several        unpredictable                       [D: no guarantee]
//	a role's name                             its displayName                     [?]
package expression
