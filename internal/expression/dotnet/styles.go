package dotnet

import (
	"errors"
	"fmt"
	"strings"
)

// Styles are .NET's DateTimeStyles.
type Styles uint16

// The date-time styles.
const (
	AllowLeadingWhite Styles = 1 << iota
	AllowTrailingWhite
	AllowInnerWhite
	NoCurrentDateDefault
	AdjustToUniversal
	AssumeLocal
	AssumeUniversal
	RoundtripKind

	NoStyles       Styles = 0
	AllowWhite            = AllowLeadingWhite | AllowTrailingWhite | AllowInnerWhite
	DefaultStyles         = RoundtripKind | AllowLeadingWhite | AllowTrailingWhite // [D REF#formatdatetime]
	assumeSomeZone        = AssumeLocal | AssumeUniversal
)

// StyleNames lists the names that ParseStyles knows.
var StyleNames = []string{"None", "AllowLeadingWhite", "AllowTrailingWhite", "AllowInnerWhite", "AllowWhiteSpaces",
	"NoCurrentDateDefault", "AdjustToUniversal", "AssumeLocal", "AssumeUniversal", "RoundtripKind"}

var styleValues = []Styles{NoStyles, AllowLeadingWhite, AllowTrailingWhite, AllowInnerWhite, AllowWhite,
	NoCurrentDateDefault, AdjustToUniversal, AssumeLocal, AssumeUniversal, RoundtripKind}

// ParseStyles reads a list of style names divided by commas, each with or
// without the prefix "DateTimeStyles." that the page prints. The combinations
// that .NET refuses are refused.
func ParseStyles(s string) (Styles, error) {
	var out Styles
	for part := range strings.SplitSeq(s, ",") {
		name := strings.TrimPrefix(strings.TrimSpace(part), "DateTimeStyles.")
		found := false
		for i, known := range StyleNames {
			if strings.EqualFold(known, name) {
				out |= styleValues[i]
				found = true
			}
		}
		if !found {
			return 0, fmt.Errorf("%q is not a date-time style; the styles are %s", name, strings.Join(StyleNames, ", "))
		}
	}
	if out&assumeSomeZone == assumeSomeZone {
		return 0, errors.New("the styles AssumeLocal and AssumeUniversal exclude each other")
	}
	if out&RoundtripKind != 0 && out&(assumeSomeZone|AdjustToUniversal) != 0 {
		return 0, errors.New("the style RoundtripKind excludes AssumeLocal, AssumeUniversal and AdjustToUniversal")
	}
	return out, nil
}
