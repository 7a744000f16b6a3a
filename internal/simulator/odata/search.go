package odata

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// search is a $search: clauses "property:value" in quotes, joined by AND or OR [graph 1.4].
type search struct {
	any  bool // OR between the clauses
	want []searchClause
}

type searchClause struct{ property, value string }

func parseSearch(text string, e *tenant.Entity) (*search, error) {
	s := &search{}
	for rest := strings.TrimSpace(text); ; {
		if !strings.HasPrefix(rest, `"`) {
			return nil, fmt.Errorf("expected a clause in double quotes in '%s'", text)
		}
		end := strings.Index(rest[1:], `"`)
		if end < 0 {
			return nil, fmt.Errorf("unterminated clause in '%s'", text)
		}
		property, value, ok := strings.Cut(rest[1:end+1], ":")
		if !ok || value == "" || !slices.Contains(e.Searches, property) {
			return nil, fmt.Errorf("'%s' can't be searched for", rest[1:end+1])
		}
		s.want = append(s.want, searchClause{property, strings.ToLower(value)})
		rest = strings.TrimSpace(rest[end+2:])
		word, after, _ := strings.Cut(rest, " ")
		switch {
		case rest == "":
			return s, nil
		case word == "OR":
			s.any = true
		case word != "AND":
			return nil, fmt.Errorf("expected AND or OR in '%s'", text)
		}
		rest = strings.TrimSpace(after)
	}
}

func (s *search) finds(o *tenant.Object) bool {
	for _, c := range s.want {
		if c.finds(o) == s.any {
			return s.any
		}
	}
	return !s.any
}

// finds looks for a word that begins with the value in names and descriptions, and for the beginning
// of any other property.
func (c searchClause) finds(o *tenant.Object) bool {
	i, _ := o.Entity.Find(c.property)
	raw := o.Raw(i)
	if strings.HasPrefix(raw, "[") {
		return slices.ContainsFunc(rawjson.Strings(raw), func(s string) bool {
			return strings.HasPrefix(strings.ToLower(s), c.value)
		})
	}
	text := strings.ToLower(rawjson.Unquote(raw))
	if strings.HasPrefix(text, c.value) {
		return text != ""
	}
	if c.property != "displayName" && c.property != "description" {
		return false
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, w := range strings.Fields(c.value) {
		if !slices.ContainsFunc(words, func(have string) bool { return strings.HasPrefix(have, w) }) {
			return false
		}
	}
	return true
}
