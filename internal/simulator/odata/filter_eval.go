package odata

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// holds says whether an object passes a checked filter. The directory compares text without case.
func (f *filter) holds(o *tenant.Object) bool {
	switch f.op {
	case opAnd:
		for _, k := range f.kids {
			if !k.holds(o) {
				return false
			}
		}
		return true
	case opOr:
		for _, k := range f.kids {
			if k.holds(o) {
				return true
			}
		}
		return false
	case opNot:
		return !f.kids[0].holds(o)
	case opAny:
		return f.anyHolds(o)
	default: // a comparison
	}
	raw := o.Raw(f.index)
	if f.index == o.Entity.KeyIndex {
		raw = rawjson.Quote(o.ID)
	}
	if len(f.path) == 2 {
		raw = rawjson.Member(raw, f.path[1])
	}
	if strings.HasPrefix(raw, "[") { // startswith on a collection without any
		for _, s := range rawjson.Strings(raw) {
			if f.compares(rawjson.Quote(s)) {
				return true
			}
		}
		return false
	}
	return f.compares(raw)
}

// anyHolds tries each element of a collection.
func (f *filter) anyHolds(o *tenant.Object) bool {
	raw := o.Raw(f.index)
	if raw == "" || raw == "[]" || raw == "null" {
		return false
	}
	var elements []json.RawMessage
	if json.Unmarshal([]byte(raw), &elements) != nil {
		return false
	}
	for _, e := range elements {
		if f.kids[0].holdsElement(string(e)) {
			return true
		}
	}
	return false
}

func (f *filter) holdsElement(raw string) bool {
	switch f.op {
	case opAnd:
		for _, k := range f.kids {
			if !k.holdsElement(raw) {
				return false
			}
		}
		return true
	case opOr:
		for _, k := range f.kids {
			if k.holdsElement(raw) {
				return true
			}
		}
		return false
	case opNot:
		return !f.kids[0].holdsElement(raw)
	case opAny:
		return false
	default: // a comparison
	}
	if len(f.path) == 1 {
		raw = rawjson.Member(raw, f.path[0])
	}
	return f.compares(raw)
}

// compares applies an operator to a raw value; an unset one is null.
func (f *filter) compares(raw string) bool {
	null := raw == "" || raw == "null"
	if f.op == opNe {
		return !f.equals(raw, null, f.values[0])
	}
	if f.op == opIn {
		for _, v := range f.values {
			if f.equals(raw, null, v) {
				return true
			}
		}
		return false
	}
	if f.op == opEq {
		return f.equals(raw, null, f.values[0])
	}
	if null {
		return false
	}
	v := f.values[0]
	switch f.op {
	case opStartsWith:
		s := rawjson.Unquote(raw)
		return len(s) >= len(v.text) && strings.EqualFold(s[:len(v.text)], v.text)
	case opEndsWith:
		s := rawjson.Unquote(raw)
		return len(s) >= len(v.text) && strings.EqualFold(s[len(s)-len(v.text):], v.text)
	case opGe:
		return order(raw, v) >= 0
	case opLe:
		return order(raw, v) <= 0
	default:
		return false
	}
}

func (f *filter) equals(raw string, null bool, v literal) bool {
	if v.null || null {
		return v.null && null
	}
	switch v.kind {
	case tenant.KindBool, tenant.KindInt32:
		return raw == v.text
	case tenant.KindDateTime:
		return order(raw, v) == 0
	default:
		return strings.EqualFold(rawjson.Unquote(raw), v.text)
	}
}

// order compares a raw value with a literal of its kind.
func order(raw string, v literal) int {
	if v.kind == tenant.KindDateTime {
		a, err1 := time.Parse(time.RFC3339, rawjson.Unquote(raw))
		b, err2 := time.Parse(time.RFC3339, v.text)
		if err1 == nil && err2 == nil {
			return a.Compare(b)
		}
	}
	return strings.Compare(strings.ToLower(rawjson.Unquote(raw)), strings.ToLower(v.text))
}
