package expression

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{``, "column 1: the expression is empty"},
		{"  \n ", "line 2, column 2: the expression is empty"},
		{`Append("a", "b"`, "column 7: Append: unbalanced parenthesis: this one isn't closed"},
		{`Append("a", "b"))`, "column 17: unbalanced parenthesis: nothing is open here"},
		{`Append("a", "b)`, "column 13: this string constant has no closing quote"},
		{`Append("a\", "b")`, "column 15: Append: b is not expected after a value"},
		{`Append("a", "b\")`, "column 13: this string constant has no closing quote"},
		{`"a\"`, `column 1: this string constant has no closing quote; a backslash before a quote makes the quote part of the text; write \\ for a backslash`},
		{`Append([a, "b")`, "column 8: this attribute reference has no closing bracket"},
		{`[ ]`, "column 1: an attribute's name is missing between the brackets"},
		{`Append("é", 'b')`, `column 13: the character '\'' is not part of the language here; constants go in straight double quotes: "text"`},
		{`“a”`, `column 1: the character '“' is not part of the language here; constants go in straight double quotes: "text"`},
		{`[a] & [b]`, "column 5: the character '&' is not part of the language here; there is no operator to join " +
			"text; use Append or Join"},
		{`[a] - 1`, "column 5: the character '-' is not part of the language here; there is no arithmetic in this " +
			"language"},
		{`IIF([a]="x" AND [b]="y", 1, 2)`, "column 13: IIF: AND is not expected after a value; there is no AND in " +
			"this language; nest IIF in its second argument for AND, in its third for OR"},
		{`IIF([a]=="x", 1, 2)`, "column 8: == is not an operator; write ="},
		{`IIF([a]!="x", 1, 2)`, "column 8: the character '!' is not part of the language here; use <> for not equal, " +
			"Not(...) for not"},
		{`IIF([a]=1=2, 1, 2)`, "column 10: a comparison has two sides; nest IIF for more"},
		{`Append("a" "b")`, `column 12: Append: "b" is not expected after a value; a comma divides arguments`},
		{`[a] [b]`, `column 5: "b" is not expected after a value; a comma divides arguments`},
		{`IIF([a]=, 1, 2)`, `column 9: a value is expected here, not ","`},
		{`Append([a], =)`, `column 13: a value is expected here, not "="`},
		{`IIF([a]=`, "column 9: the expression ends where a value is expected"},
		{`mail`, `column 1: mail is neither a function with its parentheses nor a word of the language; text goes in double quotes ("mail"), attributes in brackets ([mail])`},
		{`IIF([a], ignoreobjectflow, 1)`, "column 10: ignoreobjectflow is neither a function with its parentheses " +
			"nor a word of the language; did you mean IgnoreObjectFlow?"},
		{`Now`, "column 1: Now is neither a function with its parentheses nor a word of the language; write Now(...)"},
		{`Mid([a], 1x, 2)`, `column 10: "1x" is not a number; text goes in double quotes`},
		{`Mid([a], 1., 2)`, `column 10: "1." is not a number; text goes in double quotes`},
		{`BitAnd(&H, 1)`, "column 8: a hexadecimal number is &H with 1 to 16 digits"},
		{"Append([a],\n  {b})", "line 2, column 3: the character '{' is not part of the language here; attributes go " +
			"in square brackets: [mail]"},
		{strings.Repeat("Not(", 250) + "1" + strings.Repeat(")", 250), "column 801: functions are nested more than " +
			"200 deep"},
		{`"` + strings.Repeat("é", MaxLength) + `"`, "column 10001: the expression has 10002 characters; the service " +
			"takes at most 10000"},
		{"\"\xff\"", "column 1: the expression isn't valid UTF-8 text"},
	} {
		_, err := Parse(c.src)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", shorten(c.src), err, c.want)
		}
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: not an *Error", shorten(c.src))
		}
	}
	if _, err := Parse(`"` + strings.Repeat("é", MaxLength-2) + `"`); err != nil {
		t.Error(err)
	}
}

func TestCheckErrors(t *testing.T) {
	ctx := Context{
		Attributes:  []string{"mail", "userPrincipalName", "proxyAddresses"},
		MultiValued: []string{"proxyAddresses"},
	}
	for _, c := range []struct{ src, want string }{
		{`[mial]`, "column 1: the source has no attribute [mial]; did you mean [mail]?"},
		{`[userprincipalname]`, "column 1: the source has no attribute [userprincipalname]; did you mean " +
			"[userPrincipalName]? Attribute names are case-sensitive"},
		{`[quux]`, "column 1: the source has no attribute [quux]"},
		{`switch([mail], , "a", "b")`, "column 1: unknown function switch; did you mean Switch? Function names are " +
			"case-sensitive"},
		{`ToLowr([mail])`, "column 1: unknown function ToLowr; did you mean ToLower?"},
		{`Right([mail], 3)`, "column 1: unknown function Right: app provisioning doesn't have it, though a sister " +
			"language may; use Mid with Len"},
		{`Frobnicate([mail])`, "column 1: unknown function Frobnicate"},
		{`Append([mail])`, "column 1: Append, argument suffix: the argument is missing; it is called as " +
			"Append(source, suffix)"},
		{`Append(, "x")`, "column 1: Append, argument source: the argument is missing; it is called as " +
			"Append(source, suffix)"},
		{`Append("a","b","c")`, "column 16: Append: too many arguments: 3 given, 2 at most; it is called as " +
			"Append(source, suffix)"},
		{`Now(1)`, "column 5: Now: too many arguments: 1 given, 0 at most; it is called as Now()"},
		{`Join("x")`, "column 1: Join, argument source: the argument is missing; it is called as Join(separator, " +
			"source, …)"},
		{`Join("x", "a", , "b")`, "column 1: Join, argument source: the argument is missing; it is called as " +
			"Join(separator, source, …)"},
		{`Switch([mail], "d", "k1", "v1", "k2")`, "column 33: Switch, argument key: keys and values must come in " +
			"pairs: this key has no value; it is called as Switch(source, [defaultValue], key, value, …)"},
		{`Switch([mail], "d", "k", )`, "column 1: Switch, argument value: the argument is missing; it is called as " +
			"Switch(source, [defaultValue], key, value, …)"},
		{`PCase([proxyAddresses])`, "column 7: PCase, argument source: [proxyAddresses] is multi-valued, and this " +
			"argument is a single value; use Item, Join or Count on it"},
		{`Left([mail], "two")`, `column 14: Left, argument NumChars: a whole number is expected, not "two"`},
		{`Left([mail], 1.5)`, `column 14: Left, argument NumChars: a whole number is expected, not "1.5"`},
		{`DateAdd("q", 1, Now())`, `column 9: DateAdd, argument interval: the interval must be one of yyyy m d ww h n s, not "q"`},
		{`ToLower([mail], "Turkish")`, `column 17: ToLower, argument culture: "Turkish" is not a culture: a culture is written like tr-TR or en-US`},
		{`FormatDateTime([mail], "Nope", "yyyy", "yy")`, `column 24: FormatDateTime, argument dateTimeStyles: "Nope" is not a date-time style; the styles are None, AllowLeadingWhite, AllowTrailingWhite, AllowInnerWhite, AllowWhiteSpaces, NoCurrentDateDefault, AdjustToUniversal, AssumeLocal, AssumeUniversal, RoundtripKind`},
		{`FormatDateTime([mail], , "'yyyy", "yy")`, "column 26: FormatDateTime, argument inputFormat: a quote in the " +
			"date format isn't closed"},
		{`FormatDateTime([mail], "yyyy", "x")`, `column 32: FormatDateTime, argument outputFormat: "x" is not a standard date format; write a single custom specifier with a percent sign, such as "%d"`},
		{`FormatDateTime([mail], "yyyy")`, "column 1: FormatDateTime, argument outputFormat: the argument is " +
			"missing; it is called as FormatDateTime(source, [dateTimeStyles], [inputFormat], outputFormat)"},
		{`Replace([mail], , "([a-z", , "x")`, "column 19: Replace, argument regexPattern: invalid regular " +
			"expression: unterminated [] set in `([a-z`"},
		{`Replace([mail], , "(?<abc>x)", "abd", "y")`, `column 32: Replace, argument regexGroupName: the regular expression has no group "abd"; did you mean "abc"?`},
		{`Replace([mail], "", , , "y")`, "column 17: Replace, argument oldValue: the text to find is empty; leave " +
			"the argument empty (, ,) to use regexPattern"},
		{`Replace([mail], "x")`, "column 1: Replace: this combination of arguments isn't documented; give oldValue " +
			"with replacementValue or template, or regexPattern with replacementValue, with regexGroupName and " +
			"replacementValue, or with regexGroupName and replacementAttributeName"},
		{`Split([mail], ", ")`, "column 15: Split, argument delimiter: the delimiter is one character"},
		{`InStr([mail], "x", 1, "binary")`, "column 23: InStr, argument compareType: the kind of comparison is " +
			"vbTextCompare or vbBinaryCompare"},
		{`Append([mail], vbTextCompare)`, "column 16: vbTextCompare is an option of InStr only"},
		{`ConvertFromBase64([mail], "UTF16")`, "column 27: ConvertFromBase64, argument encoding: the encoding is " +
			"Unicode, ASCII or UTF8"},
		{`RandomString(257,1,0,0,1)`, "column 14: RandomString, argument Length: the length is 257; it may be 0 to " +
			"256"},
		{`RandomString(5,3,3,0,0)`, "column 14: RandomString, argument Length: the minimums add up to 6, which is " +
			"more than the length"},
		{`ToLower(SelectUniqueValue("A","B"))`, "column 9: SelectUniqueValue: the function must be at the top level; " +
			"it can't be inside another"},
		{`SelectUniqueValue("A")`, "column 1: SelectUniqueValue, argument uniqueValueRule: the argument is missing; " +
			"it is called as SelectUniqueValue(uniqueValueRule, uniqueValueRule, …)"},
		{"Foo([mial],\n Bar())", "column 1: unknown function Foo\ncolumn 5: the source has no attribute [mial]; did " +
			"you mean [mail]?\nline 2, column 2: unknown function Bar"},
	} {
		e, err := Parse(c.src)
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		if _, err = e.Check(ctx); err == nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.src, err, c.want)
		}
		var single *Error
		if !errors.As(err, &single) {
			t.Errorf("%s: no *Error inside", c.src)
		}
	}
	for src, ctx := range map[string]Context{
		`Append([a], Guid())`: {Matching: true}, `CDate(Now())`: {Matching: true},
		`SelectUniqueValue("A", "B")`: {Matching: true}, `SelectUniqueValue("A","B")`: {NoUniqueValue: true},
	} {
		if _, err := MustParse(src).Check(ctx); err == nil {
			t.Errorf("%s: no error in %+v", src, ctx)
		}
	}
}

func TestPrinting(t *testing.T) {
	for _, c := range []struct{ src, text, canonical string }{
		{"Append(\n\t[a] ,\n\t\"x\"\n)", `Append([a], "x")`, `Append([a], "x")`},
		{`Mid ( [u] ,1, 8)`, `Mid([u], 1, 8)`, `Mid([u], "1", "8")`},
		{`Replace([t],"x", , ,"y", , )`, `Replace([t], "x", , , "y", , )`, `Replace([t], "x", , , "y")`},
		{`"\+(a\\d)\"q\""`, `"\\+(a\\d)\"q\""`, `"\\+(a\\d)\"q\""`},
		{`IIF([a]<>1,&HF,-2.50)`, `IIF([a] <> 1, &HF, -2.50)`, `IIF([a] <> "1", &HF, "-2.50")`},
		{`FormatDateTime([d], "yyyy", "yy")`, `FormatDateTime([d], "yyyy", "yy")`, `FormatDateTime([d], , "yyyy", "yy")`},
		{`IIF([a], IgnoreObjectFlow , [emails[type eq "work"].value])`, `IIF([a], IgnoreObjectFlow, [emails[type eq "work"].value])`, `IIF([a], IgnoreObjectFlow, [emails[type eq "work"].value])`},
		{`Now( )`, `Now()`, `Now()`}, {`'`, "", ""},
	} {
		e, err := Parse(c.src)
		if err != nil {
			if c.text != "" {
				t.Error(err)
			}
			continue
		}
		if e.String() != c.text || e.Canonical() != c.canonical || e.Raw() != c.src {
			t.Errorf("%s: %s and %s", c.src, e, e.Canonical())
		}
	}
	if !Equal(MustParse(`Mid([u],1,8)`), MustParse(`Mid([u], "1", "8")`)) || Equal(MustParse(`[a]`), MustParse(`[A]`)) {
		t.Error("Equal")
	}
}

func TestFacts(t *testing.T) {
	f := MustParse(`IIF([a] = [b], Redact(Append([a], Now())), SelectUniqueValue(Guid(), IgnoreObjectFlow))`).Facts()
	want := Facts{
		Attributes: []string{"a", "b"},
		Functions:  []string{"IIF", "Redact", "Append", "Now", "SelectUniqueValue", "Guid"},
		Clock:      true,
		Random:     true,
		Directory:  true,
		Redacted:   true,
		DropsFlow:  true,
	}
	if d := cmp.Diff(want, f); d != "" {
		t.Error(d)
	}
	if !MustParse(`Join("", "a", 1)`).Facts().Constant || MustParse(`Now()`).Facts().Constant {
		t.Error("Constant")
	}
	if name, ok := MustParse(` [mail] `).DirectAttribute(); name != "mail" || !ok {
		t.Error(name, ok)
	}
	if text, ok := MustParse(`"Member"`).ConstantText(); text != "Member" || !ok {
		t.Error(text, ok)
	}
}

func TestWarnings(t *testing.T) {
	for src, want := range map[string][]WarningCode{
		`IIF([a]="", 1, 2)`:                                   {WarnNullTest},
		`IIF(IsNullOrEmpty([a]), 1, 2)`:                       {WarnNullTest},
		`IIF(IgnoreFlowIfNullOrEmpty([a]), 1, 2)`:             {WarnNoFlowCondition},
		`Append(IgnoreFlowIfNullOrEmpty([a]), "x")`:           {WarnNoFlowInside},
		`IIF([a]="x", IgnoreFlowIfNullOrEmpty([a]), "x")`:     nil,
		`Switch(IsPresent([a]), , "True", "x")`:               {WarnBooleanSwitch},
		`Switch([a], "d", "k", "v", "k", "w")`:                {WarnSwitchDefault, WarnSwitchDuplicate},
		`IgnoreFlowIfNullOrEmpty(Switch([a], "d", "k", "v"))`: nil,
		`Switch([manager], , "k", "v")`:                       {WarnReference},
		`Trim([a])`:                                           {WarnUndocumented},
		`IIF([a]="x", 1, IgnoreAttributeFlow)`:                {WarnKeyword},
		`Not([a]="x")`:                                        {WarnComparison},
		`Now()`:                                               {WarnClock},
		`Guid()`:                                              {WarnRandom},
		`FormatDateTime([a], , "yyyy-MM-ddzzz", "yyyy")`:      {WarnOffset},
		`CBool([a]="x")`:                                      nil,
	} {
		warnings, err := MustParse(src).Check(Context{EntraSource: true})
		if err != nil {
			t.Errorf("%s: %v", src, err)
		}
		var got []WarningCode
		for _, w := range warnings {
			got = append(got, w.Code)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", src, got, want)
		}
	}
	warnings, _ := MustParse(`"x"`).Check(Context{Matching: true})
	if len(warnings) != 1 || warnings[0].Code != WarnConstantMatch ||
		!strings.HasPrefix(warnings[0].String(), "column 1: ") {
		t.Error(warnings)
	}
}

func TestGraphSource(t *testing.T) {
	s := MustParse(`Replace([preferredLanguage], "-", , , "_", , )`).Source()
	want := Source{
		Expression: `Replace([preferredLanguage], "-", , , "_", , )`,
		Name:       "Replace",
		Type:       SourceFunction,
		Parameters: []Parameter{
			{"source", Source{Expression: "[preferredLanguage]", Name: "preferredLanguage", Type: SourceAttribute}},
			{"Find", Source{Expression: `"-"`, Name: "-", Type: SourceConstant}},
			{"Replacement", Source{Expression: `"_"`, Name: "_", Type: SourceConstant}},
		},
	}
	if d := cmp.Diff(want, s, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
	if s.Parameters[0].Value.Parameters == nil {
		t.Error("parameters must be [] in JSON, not null")
	}
	mid := MustParse(`Mid([userPrincipalName], 1, 8)`).Source()
	if got := mid.Parameters[1]; got.Key != "start" || got.Value.Expression != `"1"` || got.Value.Name != "1" {
		t.Errorf("%+v", got)
	}
	for _, src := range []string{`[mail]`, `"Member"`, `Not([IsSoftDeleted])`, `Join("-", [a], [b], "c")`, `Switch([a], , "k", "v", "l", "w")`,
		`Replace([a], , "x(?<g>y)", "g", , [b])`, `FormatDateTime([d], "yyyy", "yy")`, `IIF([a] = "x", IgnoreObjectFlow, ToLower([b]))`, `Now()`, `Coalesce([a], [b], "c")`} {
		e := MustParse(src)
		s := e.Source()
		for range 2 { // with the text, then from the parts alone
			back, err := FromSource(s)
			if err != nil || back.Canonical() != e.Canonical() {
				t.Errorf("%s: %v, %v", src, back, err)
			}
			if strings.Contains(src, "IIF") {
				break // comparisons and bare words have no documented parts
			}
			s = withoutText(s)
		}
	}
	if _, err := FromSource(
		Source{
			Type:       "Function",
			Name:       "Append",
			Parameters: []Parameter{{"source", Source{Type: "Nonsense", Name: "x", Parameters: []Parameter{{}}}}},
		},
	); err == nil {
		t.Error("no error for an unknown type")
	}
}

func withoutText(s Source) Source {
	s.Expression = ""
	s.Parameters = slices.Clone(s.Parameters)
	for i := range s.Parameters {
		s.Parameters[i].Value = withoutText(s.Parameters[i].Value)
	}
	return s
}

func TestFunctionNames(t *testing.T) {
	names := FunctionNames()
	for _, name := range strings.Fields(`Append AppRoleAssignmentsComplex BitAnd CBool CDate Coalesce ConvertToBase64 ConvertToUTF8Hex Count CStr DateAdd DateDiff
		DateFromNum FormatDateTime Guid IgnoreFlowIfNullOrEmpty IIF InStr IsNull IsNullOrEmpty IsPresent IsString Item Join Left Mid NormalizeDiacritics Not Now
		NumFromDate PCase RandomString Redact RemoveDuplicates Replace SelectUniqueValue SingleAppRoleAssignment Split StripSpaces Switch ToLower ToUpper Word
		Len DefaultDomain Prepend IsNothing AppRoleAssignments AssertiveAppRoleAssignmentsComplex`) {
		if !slices.Contains(names, name) {
			t.Errorf("%s is missing", name)
		}
		if _, ok := foreign[name]; ok {
			t.Errorf("%s is called foreign", name)
		}
	}
	for _, name := range names {
		if _, ok := foreign[name]; ok {
			t.Error(name, "is both known and foreign")
		}
	}
}

func ExampleExpression_Check() {
	e := MustParse(`Join("@", ToLowr([mailNickname]), [domian])`)
	_, err := e.Check(Context{Attributes: []string{"mailNickname", "domain"}})
	fmt.Println(err)
	// Output:
	// column 11: unknown function ToLowr; did you mean ToLower?
	// column 35: the source has no attribute [domian]; did you mean [domain]?
}
