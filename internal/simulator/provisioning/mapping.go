package provisioning

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// flow is an attribute mapping as a cycle uses it.
type flow struct {
	target       string
	path         targetPath
	source       mapping.Source
	defaultValue string
	constant     bool // there is no source
	addOnly      bool // flows only while the object is created
	priority     int
	err          error // of the expression
}

// flows are the mappings of an object mapping.
func flows(of rawjson.Object) []flow {
	var out []flow
	for _, m := range rawjson.Objects(of["attributeMappings"]) {
		f := flow{}
		f.target, _ = m["targetAttributeName"].(string)
		f.defaultValue, _ = m["defaultValue"].(string)
		priority, _ := m["matchingPriority"].(float64)
		f.priority = int(priority)
		f.addOnly = m["flowType"] == "ObjectAddOnly" || m["flowType"] == "AttributeAddOnly"
		source, _ := m["source"].(rawjson.Object)
		if source == nil { // a constant, written from the default [graph 3.5, O]
			f.constant = true
			if f.path, f.err = parseTarget(f.target, nil); f.target != "" {
				out = append(out, f)
			}
			continue
		}
		text, _ := source["expression"].(string)
		if text == "" {
			text, f.err = jobs.SchemaCheck{}.Printed(source, 0)
		}
		if f.err == nil {
			f.source, f.err = mapping.Parse(text)
		}
		if f.path, f.err = parseTarget(f.target, f.err); f.target == "" {
			continue
		}
		out = append(out, f)
	}
	return out
}

// targetPath is a target attribute's place in a SCIM resource: name, name.sub, name[key eq "v"].sub, and
// each of them behind a schema's name.
type targetPath struct{ schema, name, key, value, sub string }

var targetForm = regexp.MustCompile(`^(?:(urn:[^\[\]]+):)?(\w+)(?:\[(\w+) eq "([^"]*)"\])?(?:\.(\w+))?$`)

func parseTarget(text string, before error) (targetPath, error) {
	m := targetForm.FindStringSubmatch(text)
	if m == nil || before != nil {
		return targetPath{}, errors.Join(
			before, map[bool]error{true: fmt.Errorf("the target attribute %q isn't understood", text)}[m == nil],
		)
	}
	return targetPath{m[1], m[2], m[3], m[4], m[5]}, nil
}

// put sets a value in a resource that is being made.
func (p targetPath) put(resource rawjson.Object, v any) {
	if p.schema != "" {
		resource = rawjson.ObjectAt(resource, p.schema)
	}
	switch {
	case p.key != "":
		list, _ := resource[p.name].([]any)
		i := slices.IndexFunc(list, func(e any) bool { return fmt.Sprint(rawjson.At(e, p.key)) == p.value })
		if i < 0 {
			element := rawjson.Object{p.key: any(p.value)}
			if p.key == "primary" {
				element[p.key] = strings.EqualFold(p.value, "true")
			} else if p.name == "emails" && p.value == "work" {
				element["primary"] = true
			}
			list, i = append(list, element), len(list)
		}
		if element, ok := list[i].(rawjson.Object); ok {
			element[cmp.Or(p.sub, "value")] = v
		}
		resource[p.name] = list
	case p.sub != "":
		rawjson.ObjectAt(resource, p.name)[p.sub] = v
	default:
		resource[p.name] = p.patched(v)
	}
}

// patched is a value as a PATCH of the attribute has it: a manager's id as RFC 7643 has it, in an object (the
// service's own form is [?]).
func (p targetPath) patched(v any) any {
	if p.name == "manager" && p.schema != "" && p.sub == "" {
		return rawjson.Object{"value": v}
	}
	return v
}

// get reads a value of a resource as the target answers it; nil if it has none.
func (p targetPath) get(resource rawjson.Object) any {
	var v any = resource
	if p.schema != "" {
		v = rawjson.At(v, p.schema)
	}
	v = rawjson.At(v, p.name)
	switch {
	case p.key != "":
		for _, e := range rawjson.Objects(v) {
			if strings.EqualFold(fmt.Sprint(e[p.key]), p.value) {
				return e[cmp.Or(p.sub, "value")]
			}
		}
		return nil
	case p.sub != "":
		return rawjson.At(v, p.sub)
	case p.name == "manager" && p.schema != "":
		return rawjson.At(v, "value")
	}
	return v
}

// typed is a value as SCIM has it: truths as truths.
func (p targetPath) typed(v mapping.Value) any {
	text := v.Text()
	switch {
	case v.List:
		list := []any{}
		for _, t := range v.Texts {
			list = append(list, rawjson.Object{"value": t})
		}
		return list
	case p.name == "active" || p.sub == "primary":
		return strings.EqualFold(text, "true") || text == "1"
	}
	return text
}

// desired is what the mappings make of an object: values by target attribute. Null flows to nobody; the
// default stands for it on creation [expressions 5].
func desired(list []flow, e mapping.Evaluation, creating bool) (map[string]any, error) {
	out := map[string]any{}
	for _, f := range list {
		if f.target == "members" || f.addOnly && !creating {
			continue
		}
		if f.err != nil {
			return nil, fmt.Errorf("%s: %w", f.target, f.err)
		}
		v, err := f.value(e)
		v = e.Resolved(v)
		switch {
		case errors.Is(err, mapping.ErrSkipAttribute):
			continue
		case errors.Is(err, mapping.ErrNotEvaluated):
			return nil, fmt.Errorf("%s: %s: %w", f.target, f.source.Expression, err)
		case err != nil:
			return nil, fmt.Errorf("%s: %w", f.target, err)
		case v.Null() && creating && f.defaultValue != "":
			v = mapping.TextValue(f.defaultValue)
		case v.Null():
			continue
		}
		out[f.target] = f.path.typed(v)
	}
	return out, nil
}

// value is what the row gives; nothing where it has neither source nor default.
func (f *flow) value(e mapping.Evaluation) (mapping.Value, error) {
	switch {
	case !f.constant:
		return e.Eval(f.source)
	case f.defaultValue == "":
		return mapping.Value{}, nil
	}
	return mapping.TextValue(f.defaultValue), nil
}

// matchingFlows are the mappings that find who is there, in their order.
func matchingFlows(list []flow) []flow {
	out := slices.DeleteFunc(slices.Clone(list), func(f flow) bool { return f.priority < 1 })
	slices.SortStableFunc(out, func(a, b flow) int { return a.priority - b.priority })
	return out
}

// drivesDisable says whether an attribute's value hangs on IsSoftDeleted, which is how disabling is
// told to the target [expressions 7, D].
func drivesDisable(list []flow) bool {
	found := false
	for _, f := range list {
		mapping.Walk(f.source, func(s mapping.Source) {
			found = found || s.Type == "Attribute" && (s.Name == "IsSoftDeleted" || s.Name == "accountEnabled")
		})
	}
	return found
}

// redacted are the target attributes whose values the logs don't show.
func redacted(list []flow) map[string]bool {
	out := map[string]bool{}
	for _, f := range list {
		mapping.Walk(f.source, func(s mapping.Source) {
			if s.Type == "Function" && s.Name == "Redact" {
				out[f.target] = true
			}
		})
	}
	return out
}
