package simulator

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"
	scimfilter "github.com/elimity-com/scim/filter"
	"github.com/elimity-com/scim/schema"
)

// patched is a resource's attributes after some operations, which the library has checked against the
// schemas (RFC 7644, 3.5.2).
func patched(attributes jsonObject, core schema.Schema, operations []scim.PatchOperation) (jsonObject, error) {
	out := clone(attributes)
	for _, op := range operations {
		if op.Path == nil {
			values, _ := op.Value.(map[string]any)
			if err := patchAll(out, core, op.Op, values); err != nil {
				return nil, err
			}
			continue
		}
		within, attribute := out, op.Path.AttributePath.AttributeName
		if uri := op.Path.AttributePath.URI(); uri != "" && uri != core.ID {
			within = member(out, uri)
		}
		path := attributePath{name: nameIn(within, core, attribute), sub: op.Path.SubAttributeName()}
		if path.sub == "" {
			path.sub = op.Path.AttributePath.SubAttributeName()
		}
		if e := op.Path.ValueExpression; e != nil {
			attr, _ := core.Attributes.ContainsAttribute(attribute)
			test := scimfilter.NewFilterValidator(e, schema.Schema{Attributes: scimfilter.MultiValuedFilterAttributes(attr)})
			path.where, path.expression = func(m jsonObject) bool { return test.PassesFilter(m) == nil }, fmt.Sprint(e)
		}
		if err := path.apply(within, op.Op, op.Value); err != nil {
			return nil, err
		}
	}
	return asJSON(out), nil
}

// patchAll is an operation without a path: its value holds attributes, by name or path.
func patchAll(out jsonObject, core schema.Schema, op string, values map[string]any) error {
	for name, v := range values {
		if m, ok := v.(map[string]any); ok && strings.HasPrefix(name, "urn:") {
			for inner, x := range m {
				if err := (attributePath{name: inner}).apply(member(out, name), op, x); err != nil {
					return err
				}
			}
			continue
		}
		within := out
		if i := strings.LastIndexByte(name, ':'); i > 0 {
			if uri := name[:i]; uri != core.ID {
				within = member(out, uri)
			}
			name = name[i+1:]
		}
		name, sub, _ := strings.Cut(name, ".")
		if err := (attributePath{name: nameIn(within, core, name), sub: sub}).apply(within, op, v); err != nil {
			return err
		}
	}
	return nil
}

// nameIn is an attribute's name as it is written: names are compared without case.
func nameIn(within jsonObject, core schema.Schema, name string) string {
	for known := range within {
		if strings.EqualFold(known, name) {
			return known
		}
	}
	if a, ok := core.Attributes.ContainsAttribute(name); ok {
		return a.Name()
	}
	return name
}

// attributePath is where an operation works.
type attributePath struct {
	name, sub  string
	where      func(jsonObject) bool // of a list's elements; nil: all
	expression string
}

func (p attributePath) apply(within jsonObject, op string, value any) error {
	value = asJSON(map[string]any{"v": value})["v"]
	list, isList := within[p.name].([]any)
	switch {
	case p.where != nil:
		return p.applyWhere(within, list, op, value)
	case p.sub != "" && op == "remove":
		delete(member(within, p.name), p.sub)
	case p.sub != "":
		member(within, p.name)[p.sub] = value
	case op == "remove" && isList && value != nil: // Entra names the members to be removed so
		gone, _ := value.([]any)
		within[p.name] = slices.DeleteFunc(list, func(v any) bool {
			return slices.ContainsFunc(gone, func(g any) bool { return at2(g, "value") == at2(v, "value") })
		})
	case op == "remove":
		delete(within, p.name)
	case op == "add" && isList:
		more, _ := value.([]any)
		for _, m := range more {
			if !slices.ContainsFunc(list, func(v any) bool { return at2(v, "value") == at2(m, "value") && at2(v, "type") == at2(m, "type") }) {
				list = append(list, m)
			}
		}
		within[p.name] = list
	default:
		if m, ok := value.(jsonObject); ok && op == "add" {
			for k, v := range m {
				member(within, p.name)[k] = v
			}
			return nil
		}
		within[p.name] = value
	}
	return nil
}

func at2(v any, name string) any {
	m, _ := v.(jsonObject)
	return m[name]
}

// equalTo is the condition of an element that doesn't exist yet.
var equalTo = regexp.MustCompile(`^(\w+) eq (?:"(.*)"|(true|false))$`)

// applyWhere works on the elements of a list that fit. Where none does, one is made that would: as
// Entra's connector relies on; what Atlassian answers then is [U].
func (p attributePath) applyWhere(within jsonObject, list []any, op string, value any) error {
	fits := func(v any) bool { m, ok := v.(jsonObject); return ok && p.where(m) }
	if op == "remove" && p.sub == "" {
		within[p.name] = slices.DeleteFunc(list, fits)
		return nil
	}
	if !slices.ContainsFunc(list, fits) {
		m := equalTo.FindStringSubmatch(p.expression)
		if op == "remove" || m == nil {
			return errors.ScimErrorNoTarget
		}
		fresh := jsonObject{m[1]: m[2]}
		if m[3] != "" {
			fresh[m[1]] = m[3] == "true"
		}
		list = append(list, fresh)
	}
	for i, v := range list {
		if !fits(v) {
			continue
		}
		element := v.(jsonObject)
		switch {
		case p.sub == "":
			list[i] = value
		case op == "remove":
			delete(element, p.sub)
		default:
			element[p.sub] = value
		}
	}
	within[p.name] = list
	return nil
}
