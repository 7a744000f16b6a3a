package scim

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/elimity-com/scim"
	"github.com/elimity-com/scim/errors"
	scimfilter "github.com/elimity-com/scim/filter"
	"github.com/elimity-com/scim/schema"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// Patched is a resource's attributes after some operations, which the library has checked against the
// schemas (RFC 7644, 3.5.2).
func Patched(attributes rawjson.Object, core schema.Schema, operations []scim.PatchOperation) (rawjson.Object, error) {
	out := rawjson.Clone(attributes)
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
			within = rawjson.ObjectAt(out, uri)
		}
		path := attributePath{name: nameIn(within, core, attribute), sub: op.Path.SubAttributeName()}
		if path.sub == "" {
			path.sub = op.Path.AttributePath.SubAttributeName()
		}
		if e := op.Path.ValueExpression; e != nil {
			attr, _ := core.Attributes.ContainsAttribute(attribute)
			test := scimfilter.NewFilterValidator(
				e,
				schema.Schema{Attributes: scimfilter.MultiValuedFilterAttributes(attr)},
			)
			path.where = func(m rawjson.Object) bool { return test.PassesFilter(m) == nil }
			path.expression = fmt.Sprint(e)
		}
		if err := path.apply(within, op.Op, op.Value); err != nil {
			return nil, err
		}
	}
	return asJSON(out), nil
}

// patchAll is an operation without a path: its value holds attributes, by name or path.
func patchAll(out rawjson.Object, core schema.Schema, op string, values map[string]any) error {
	for name, v := range values {
		if m, ok := v.(map[string]any); ok && strings.HasPrefix(name, "urn:") {
			for inner, x := range m {
				if err := (attributePath{name: inner}).apply(rawjson.ObjectAt(out, name), op, x); err != nil {
					return err
				}
			}
			continue
		}
		within := out
		if i := strings.LastIndexByte(name, ':'); i > 0 {
			if uri := name[:i]; uri != core.ID {
				within = rawjson.ObjectAt(out, uri)
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
func nameIn(within rawjson.Object, core schema.Schema, name string) string {
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
	where      func(rawjson.Object) bool // of a list's elements; nil: all
	expression string
}

func (p attributePath) apply(within rawjson.Object, op string, value any) error {
	value = asJSON(map[string]any{"v": value})["v"]
	list, isList := within[p.name].([]any)
	switch {
	case p.where != nil:
		return p.applyWhere(within, list, op, value)
	case p.sub != "" && op == "remove":
		delete(rawjson.ObjectAt(within, p.name), p.sub)
	case p.sub != "":
		rawjson.ObjectAt(within, p.name)[p.sub] = value
	case op == "remove" && isList && value != nil: // Entra names the members to be removed so
		gone, _ := value.([]any)
		within[p.name] = slices.DeleteFunc(list, func(v any) bool {
			return slices.ContainsFunc(
				gone,
				func(g any) bool { return rawjson.At(g, "value") == rawjson.At(v, "value") },
			)
		})
	case op == "remove":
		delete(within, p.name)
	case op == "add" && isList:
		more, _ := value.([]any)
		for _, m := range more {
			if !slices.ContainsFunc(list, func(v any) bool {
				return rawjson.At(v, "value") == rawjson.At(m, "value") &&
					rawjson.At(v, "type") == rawjson.At(m, "type")
			}) {
				list = append(list, m)
			}
		}
		within[p.name] = list
	default:
		if m, ok := value.(rawjson.Object); ok && op == "add" {
			for k, v := range m {
				rawjson.ObjectAt(within, p.name)[k] = v
			}
			return nil
		}
		within[p.name] = value
	}
	return nil
}

// equalTo is the condition of an element that doesn't exist yet.
var equalTo = regexp.MustCompile(`^(\w+) eq (?:"(.*)"|(true|false))$`)

// applyWhere works on the elements of a list that fit. Where none does, one is made that would: as
// Entra's connector relies on; what Atlassian answers then is [U].
func (p attributePath) applyWhere(within rawjson.Object, list []any, op string, value any) error {
	fits := func(v any) bool { m, ok := v.(rawjson.Object); return ok && p.where(m) }
	if op == "remove" && p.sub == "" {
		within[p.name] = slices.DeleteFunc(list, fits)
		return nil
	}
	if !slices.ContainsFunc(list, fits) {
		m := equalTo.FindStringSubmatch(p.expression)
		if op == "remove" || m == nil {
			return errors.ScimErrorNoTarget
		}
		fresh := rawjson.Object{m[1]: m[2]}
		if m[3] != "" {
			fresh[m[1]] = m[3] == "true"
		}
		list = append(list, fresh)
	}
	for i, v := range list {
		element, ok := v.(rawjson.Object)
		if !ok || !p.where(element) {
			continue
		}
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
