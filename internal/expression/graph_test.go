package expression

import (
	"testing"

	"pgregory.net/rapid"
)

// The keys are those of the service's own schema [expressions 5.1, O].
func TestSource_StoredKeys(t *testing.T) {
	for src, want := range map[string][]string{
		`IIF(IsPresent([a]), [b], "c")`:                {"one", "four", "five"},
		`IIF([a], [b], )`:                              {"one", "four"},
		`IIF(BitAnd([a], "2") = "0", "True", "False")`: {"one", "two", "three", "four", "five"},
		`Left([a], 448)`:                               {"source", "length"},
		`IsPresent([a])`:                               {"source"},
		`IgnoreFlowIfNullOrEmpty([a])`:                 {"source"},
		`CBool([a])`:                                   {"source"},
		`Item([a], 1)`:                                 {"source", "index"},
		`RemoveDuplicates([a])`:                        {"source"},
		`BitAnd([a], 2)`:                               {"left", "right"},
		`DateFromNum([a])`:                             {"source"},
		`FormatDateTime([a], "RoundtripKind", , "yyyyMMddHHmmss.0Z")`: {"source", "dateTimeStyle", "outputFormat"},
		`Error("x")`:                        {"message"},
		`Trim([a])`:                         {"source"},
		`Not([a])`:                          {"source"},
		`Join("-", [a], [b])`:               {"separator", "source", "source"},
		`Replace([a], , "x", "g", "y", , )`: {"source", "RegularExpression", "RegularExpressionGroupName", "Replacement"},
		`Replace([a], "o", , , , [b], "t")`: {"source", "Find", "ReplacementPropertyName", "Template"},
	} {
		s := MustParse(src).Source()
		var got []string
		for _, p := range s.Parameters {
			got = append(got, p.Key)
		}
		if !equalTexts(got, want) {
			t.Errorf("%s: got the keys %q, want %q", src, got, want)
		}
	}
	two := MustParse(`IIF([a]="0", "b", )`).Source().Parameters[1].Value
	if two.Type != SourceConstant || two.Name != "=" || two.Expression != `"="` {
		t.Errorf("the operator: got %+v", two)
	}
}

func equalTexts(a, b []string) bool {
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}

// What the service stores is read by its parts alone, under the keys of the
// functions page, too.
func TestFromSource_Parts(t *testing.T) {
	constant := func(text string) Source { return Source{Type: SourceConstant, Name: text} }
	attribute := Source{Type: SourceAttribute, Name: "a"}
	call := func(name string, parameters ...Parameter) Source {
		return Source{Type: SourceFunction, Name: name, Parameters: parameters}
	}
	for want, s := range map[string]Source{
		`IIF([a] = "0", "x", "y")`: call("IIF", Parameter{"one", attribute}, Parameter{"two", constant("=")}, Parameter{"three", constant("0")},
			Parameter{"four", constant("x")}, Parameter{"five", constant("y")}),
		`IIF([a] <> "0", "x")`: call("IIF", Parameter{"four", constant("x")}, Parameter{"two", constant("<>")}, Parameter{"one", attribute},
			Parameter{"three", constant("0")}),
		`IIF([a], "x", "y")`:                call("IIF", Parameter{"condition", attribute}, Parameter{"valueIfTrue", constant("x")}, Parameter{"valueIfFalse", constant("y")}),
		`Left([a], "4")`:                    call("Left", Parameter{"String", attribute}, Parameter{"NumChars", constant("4")}),
		`BitAnd([a], &HF)`:                  call("BitAnd", Parameter{"left", attribute}, Parameter{"right", constant("&HF")}),
		`Append("@", %DomainFQDN%)`:         call("Append", Parameter{"source", constant("@")}, Parameter{"suffix", constant("%DomainFQDN%")}),
		`CBool([a] = "1")`:                  call("CBool", Parameter{"source", attribute}, Parameter{"two", constant("=")}, Parameter{"three", constant("1")}),
		`FormatDateTime([a], "s", , "yyy")`: call("FormatDateTime", Parameter{"source", attribute}, Parameter{"dateTimeStyles", constant("s")}, Parameter{"outputFormat", constant("yyy")}),
	} {
		e, err := FromSource(s)
		if err != nil || e.Canonical() != want {
			t.Errorf("got %v, %v, want %s", e, err, want)
		}
	}
}

// Reading our own parts back never changes the meaning, with their texts or
// without.
func TestSource_ReadBack(t *testing.T) {
	functions := FunctionNames()
	rapid.Check(t, func(t *rapid.T) {
		n := genNode(t, 4, functions)
		if rapid.Bool().Draw(t, "compared") {
			n = &Call{Name: "IIF", Args: []Node{
				&Comparison{Op: rapid.SampledFrom(operators).Draw(t, "op"), Left: n, Right: genNode(t, 1, functions)},
				genNode(t, 2, functions), nil,
			}}
		}
		ambiguous := false
		walk(n, func(n Node) {
			switch n := n.(type) {
			case *Text:
				ambiguous = ambiguous || bareWord(n.Value) // only its text tells it from a word
			case *Call:
				def := functionTable[n.Name]
				for i := range n.Args {
					if n.Args[i] == nil && i >= len(def.params)-def.repeat {
						n.Args[i] = &Attribute{Name: "a"} // an empty one of several has no place
					}
				}
			}
		})
		e := &Expression{root: n}
		s := e.Source()
		for _, form := range []Source{s, {Type: s.Type, Name: s.Name, Parameters: s.Parameters}, withoutText(s)} {
			if len(e.String()) > MaxLength || ambiguous && form.Expression == "" {
				continue
			}
			back, err := FromSource(form)
			if err != nil || back.Canonical() != e.Canonical() {
				t.Fatalf("%s: %v, %v", e, back, err)
			}
		}
	})
}
