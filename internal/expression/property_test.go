package expression

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var (
	anyText = rapid.StringOf(rapid.OneOf(rapid.RuneFrom([]rune(`ab "\,()[]$+{}<>= 1é😀`+"\n\t")), rapid.Rune()))
	anyName = rapid.StringMatching(`[a-zA-Z][a-zA-Z0-9_]{0,6}`)
)

// genNode draws a syntax tree. Names needn't be functions: printing knows none.
func genNode(t *rapid.T, depth int, functions []string) Node {
	kind := rapid.IntRange(0, 6).Draw(t, "kind")
	if depth == 0 {
		kind %= 4
	}
	switch kind {
	case 0:
		return &Attribute{
			Name: rapid.SampledFrom([]string{"a", "mail", "emails[type eq \"work\"].value", "list", "n", "date"}).
				Draw(t, "attribute"),
		}
	case 1:
		return &Text{Value: anyText.Draw(t, "text")}
	case 2:
		return &Number{Raw: rapid.StringMatching(`-?[0-9]{1,4}(\.[0-9]{1,2})?|&H[0-9A-Fa-f]{1,4}`).Draw(t, "number")}
	case 3:
		return &Keyword{Name: rapid.SampledFrom(keywords).Draw(t, "keyword")}
	}
	if functions != nil {
		return genCall(t, depth, functions)
	}
	n := &Call{Name: anyName.Draw(t, "name")}
	for range rapid.IntRange(0, 5).Draw(t, "arguments") {
		switch {
		case rapid.IntRange(0, 5).Draw(t, "empty") == 0:
			n.Args = append(n.Args, nil)
		case rapid.IntRange(0, 5).Draw(t, "comparison") == 0:
			n.Args = append(
				n.Args,
				&Comparison{Op: rapid.SampledFrom([]string{"=", "<>", "<", "<=", ">", ">="}).Draw(t, "op"),
					Left: genNode(t, depth-1, functions), Right: genNode(t, depth-1, functions)},
			)
		default:
			n.Args = append(n.Args, genNode(t, depth-1, functions))
		}
	}
	if len(n.Args) == 1 && n.Args[0] == nil {
		n.Args = nil // f() and f( ) are one
	}
	return n
}

// genCall draws a call that mostly passes the checks.
func genCall(t *rapid.T, depth int, functions []string) Node {
	def := functionTable[rapid.SampledFrom(functions).Draw(t, "function")]
	count := rapid.IntRange(def.minArgs(), len(def.params)).Draw(t, "count")
	if def.repeat > 0 {
		count += def.repeat * rapid.IntRange(0, 2).Draw(t, "groups")
	}
	n := &Call{Name: def.name}
	for i := range count {
		p := def.param(i)
		switch {
		case !p.required && rapid.Bool().Draw(t, "empty"), p.kind == argWord, p.kind == argCulture:
			n.Args = append(n.Args, nil)
		case p.kind == argInt:
			n.Args = append(n.Args, &Number{Raw: rapid.StringMatching(`-?[0-9]`).Draw(t, "int")})
		case p.kind == argInterval:
			n.Args = append(n.Args, &Text{Value: rapid.SampledFrom(intervals).Draw(t, "interval")})
		default:
			n.Args = append(n.Args, genNode(t, depth-1, functions))
		}
	}
	if len(n.Args) == 1 && n.Args[0] == nil {
		n.Args = nil
	}
	return n
}

// TestConcurrent: a Program may be used by many at once.
func TestConcurrent(t *testing.T) {
	rows := syntheticUsers(50)
	for _, src := range append(slices.Clone(typicalMappings), `Replace([mail], , Append([state], ".*"), , "x")`) {
		prog, err := MustParse(src).Compile(Context{Attributes: benchAttributes})
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				for _, row := range rows {
					a, errA := prog.Eval(row, benchEnv)
					b, errB := prog.Eval(row, benchEnv)
					if !sameResult(a, errA, b, errB) {
						t.Errorf("%s: %v, then %v", src, a, b)
					}
				}
			})
		}
		group.Wait()
	}
}

var ignorePositions = cmpopts.IgnoreTypes(Position{})

// TestPrintParse: parsing what String prints gives the tree that was printed;
// the canonical text is its own canonical text.
func TestPrintParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := &Expression{root: genNode(t, 4, nil)}
		text := e.String()
		if len(text) > MaxLength {
			t.Skip()
		}
		back, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if d := cmp.Diff(e.root, back.root, ignorePositions); d != "" {
			t.Fatalf("%s: %s", text, d)
		}
		canonical := e.Canonical()
		again, err := Parse(canonical)
		if err != nil || again.Canonical() != canonical {
			t.Fatalf("%s: %v", canonical, err)
		}
		source, err := FromSource(e.Source())
		if err != nil || source.String() != text {
			t.Fatalf("%s through Graph's form: %v", text, err)
		}
	})
}

func testRowFor(prog *Program) Row {
	row := make(Row, len(prog.Attributes()))
	for i, name := range prog.Attributes() {
		row[i] = testRow[name]
	}
	return row
}

// TestDeterministic: the same object gives the same result each time, the
// canonical text gives what the expression gives, and nothing panics.
func TestDeterministic(t *testing.T) {
	functions := FunctionNames()
	rapid.Check(t, func(t *rapid.T) {
		e, err := Parse((&Expression{root: genNode(t, 3, functions)}).String())
		if err != nil {
			t.Skip()
		}
		prog, err := e.Compile(Context{})
		if err != nil {
			if _, ok := errors.AsType[Errors](err); !ok {
				t.Fatalf("%s: %T", e, err)
			}
			t.Skip()
		}
		env := func() *Env {
			return &Env{
				Now:           time.Unix(1753837323, 0),
				Random:        rand.New(rand.NewPCG(1, 1)),
				DefaultDomain: "contoso.com",
				Exists:        testEnv.Exists,
			}
		}
		first, err1 := prog.Eval(testRowFor(prog), env())
		second, err2 := prog.Eval(testRowFor(prog), env())
		same, err := MustParse(e.Canonical()).Compile(Context{})
		if err != nil {
			t.Fatalf("%s: %v", e.Canonical(), err)
		}
		third, err3 := same.Eval(testRowFor(same), env())
		if !sameResult(first, err1, second, err2) || !sameResult(first, err1, third, err3) {
			t.Fatalf("%s: %v %v, then %v %v, canonical %v %v", e, first, err1, second, err2, third, err3)
		}
	})
}

func sameResult(a Result, errA error, b Result, errB error) bool {
	return (errA == nil) == (errB == nil) && a.Outcome == b.Outcome && a.Reason == b.Reason && a.Value.Equal(b.Value)
}

func fuzzSeeds() []string {
	seeds := slices.Clone(typicalMappings)
	return append(
		seeds,
		`SelectUniqueValue(Join("@", [a], DefaultDomain()), Guid())`,
		`IIF(DateDiff("ww", Now(), CDate("2012-03-16-07:00")) >= -1, IgnoreObjectFlow, [a])`,
		`Replace([a], , "(?<x>b)", "x", , [b], )`,
		`ConvertFromBase64(ConvertToBase64("x"), UTF8)`,
		`NumFromDate("2099-12-31T23:59:59-04:00")`,
		`Word(Left(Mid([a], 2, 64), &HF), 2, " ,")`,
		`"\+(a\\d)\""`,
		`[emails[type eq "work"].value]`,
		`Append([a, "b")`,
		`Switch([a], , "", "x",`,
		`InStr("repEated","e",3,vbTextCompare)`,
		`PCase(RandomString(6,3,0,0,3), "-")`,
		`Split(RemoveDuplicates([list]), ",")`,
		`FormatDateTime("1.5", "AllowWhiteSpaces", "%s.FF", "o")`,
		`NormalizeDiacritics("Ǣ한ß")`,
		"Not(1 <> \"\")",
	)
}

// noHang ends the process with the input that takes too long; the fuzzer then
// keeps it.
func noHang(input ...string) (stop func() bool) {
	return time.AfterFunc(20*time.Second, func() { panic(fmt.Sprintf("no end in sight for %q", input)) }).Stop
}

func FuzzParse(f *testing.F) {
	for _, seed := range fuzzSeeds() {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		defer noHang(src)()
		e, err := Parse(src)
		if err != nil {
			if e, ok := errors.AsType[*Error](err); !ok || e.Pos.Line < 1 || e.Pos.Column < 1 {
				t.Fatalf("%q: no position in %v", src, err)
			}
			return
		}
		text := e.String()
		back, err := Parse(text)
		if err != nil {
			if len(text) > MaxLength { // printing may add spaces and escapes
				return
			}
			t.Fatalf("%q printed as %q: %v", src, text, err)
		}
		if d := cmp.Diff(e.root, back.root, ignorePositions); d != "" || back.String() != text {
			t.Fatalf("%q printed as %q: %s", src, text, d)
		}
		canonical := e.Canonical()
		if again, err := Parse(
			canonical,
		); len(canonical) <= MaxLength &&
			(err != nil || again.Canonical() != canonical) {
			t.Fatalf("%q: canonical %q: %v", src, canonical, err)
		}
		_, _ = e.Check(
			Context{
				Attributes:    []string{"a", "mail"},
				MultiValued:   []string{"a"},
				Matching:      true,
				NoUniqueValue: true,
				EntraSource:   true,
			},
		)
		if source, err := FromSource(e.Source()); len(text) <= MaxLength && (err != nil || source.String() != text) {
			t.Fatalf("%q: through Graph's form: %v", src, err)
		}
	})
}

func FuzzEval(f *testing.F) {
	for _, seed := range fuzzSeeds() {
		f.Add(seed, "abc", "2020-01-01")
		f.Add(seed, "a,b é😀", "+1 (555) 123")
	}
	f.Fuzz(func(t *testing.T, src, a, b string) {
		if len(src) > 2000 {
			return
		}
		defer noHang(src, a, b)()
		e, err := Parse(src)
		if err != nil {
			return
		}
		prog, err := e.Compile(Context{})
		if err != nil {
			return
		}
		row := make(Row, len(prog.Attributes()))
		for i := range row {
			row[i] = []Value{TextValue(a), TextValue(b), ListValue([]string{a, b, a}), Null(), IntValue(int64(len(a))), BoolValue(a < b), testRow["roles"]}[i%7]
		}
		for _, env := range []*Env{nil, {Now: time.Unix(1753837323, 0), Random: rand.New(rand.NewPCG(1, 1)), NoDefaultDomain: a == "", DefaultDomain: b, Exists: testEnv.Exists}} {
			r1, err1 := prog.Eval(row, env)
			if env != nil {
				env.Random = rand.New(rand.NewPCG(1, 1))
			}
			text := r1.Value.String()
			r2, err2 := prog.Eval(row, env)
			if errA, errB := timeLimit(err1), timeLimit(err2); errA || errB {
				return
			}
			if !sameResult(r1, err1, r2, err2) || r1.Value.String() != text {
				t.Fatalf("%q: %v %v, then %v %v", src, r1, err1, r2, err2)
			}
			if r1.Outcome == OutcomeValue && r1.Value.IsNull() || len(text) > 16*maxText {
				t.Fatalf("%q: %v", src, r1.Outcome)
			}
		}
	})
}

func timeLimit(err error) bool { return err != nil && strings.Contains(err.Error(), "takes too long") }
