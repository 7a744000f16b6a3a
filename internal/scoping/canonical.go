package scoping

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// Canonical writes groups so that equal meaning gives equal bytes: operators
// in the portal's spelling, clauses and groups sorted and each once, groups
// that another one covers left out, and no names of groups. The groups must
// compile with the same options.
func Canonical(groups []Group, options Options) ([]byte, error) {
	if _, err := Compile(groups, nil, options); err != nil {
		return nil, err
	}
	sets := make([][]string, 0, len(groups))
	for _, g := range groups {
		var set []string
		for _, c := range g.Clauses {
			op, _ := options.lookup(c.OperatorName)
			canonical := SpecClause{Attribute: c.SourceOperandName, Operator: op.String()}
			if !op.Unary() {
				canonical.Values = c.TargetOperand.Values
			}
			text, err := clauseJSON(canonical)
			if err != nil {
				return nil, err
			}
			set = append(set, text)
		}
		slices.Sort(set)
		sets = append(sets, slices.Compact(set))
	}
	sets = uncovered(sets)
	slices.SortFunc(sets, slices.Compare)
	var b strings.Builder
	b.WriteString(`{"any_of":[`)
	for i, set := range sets {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"all_of":[` + strings.Join(set, ",") + `]}`)
	}
	b.WriteString(`]}`)
	return []byte(b.String()), nil
}

func clauseJSON(c SpecClause) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(c)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// uncovered drops groups that ask for all that another group asks for, and
// more: A or (A and B) is A. Of equal groups one stays.
func uncovered(sets [][]string) [][]string {
	var out [][]string
	for i, set := range sets {
		covered := false
		for k, other := range sets {
			if k != i && subset(other, set) && (len(other) < len(set) || k < i) {
				covered = true
				break
			}
		}
		if !covered {
			out = append(out, set)
		}
	}
	return out
}

// subset tells whether all of a is in b; both are sorted.
func subset(a, b []string) bool {
	for _, s := range a {
		if _, ok := slices.BinarySearch(b, s); !ok {
			return false
		}
	}
	return true
}

// Equal tells whether two lists of groups mean the same.
func Equal(a, b []Group, options Options) bool {
	x, err := Canonical(a, options)
	if err != nil {
		return false
	}
	y, err := Canonical(b, options)
	return err == nil && bytes.Equal(x, y)
}
