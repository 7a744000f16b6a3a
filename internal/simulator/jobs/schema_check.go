package jobs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// SchemaCheck refuses what the service refuses of a schema, and adds what it adds. Members that it
// doesn't know, metadata above all, are kept [graph 3.5, D].
type SchemaCheck struct {
	AsSent      bool // nothing is added
	Directories any
	Stored      rawjson.Object // what is there: its rows and filters are taken back as they are
	given       map[string]bool
	sources     map[string]string // the source's attributes, of the object mapping being checked
}

// Schema checks a schema, and adds to it.
func (s SchemaCheck) Schema(schema rawjson.Object) error {
	if _, ok := schema["synchronizationRules"].([]any); !ok {
		return fmt.Errorf("synchronizationRules is missing")
	}
	s.given = map[string]bool{}
	for _, rule := range rawjson.Objects(s.Stored["synchronizationRules"]) {
		s.given["name "+text(rule["name"])] = true
		for _, o := range rawjson.Objects(rule["objectMappings"]) {
			s.given["scope "+text(o["scope"])] = true
			s.given["flowTypes "+text(o["flowTypes"])] = true
			for _, m := range rawjson.Objects(o["attributeMappings"]) {
				s.given[text(m)] = true
				for member, v := range m {
					s.given[member+" "+text(v)] = true
				}
			}
		}
	}
	for _, rule := range rawjson.Objects(schema["synchronizationRules"]) {
		if name, _ := rule["name"].(string); name == "" && !s.given["name "+text(rule["name"])] {
			return fmt.Errorf("a synchronization rule has no name")
		}
		s.usual(
			rule,
			rawjson.Object{
				"editable":        true,
				"metadata":        []any{},
				"containerFilter": nil,
				"groupFilter":     nil,
				"priority":        0.0,
			},
		)
		if id, _ := rule["id"].(string); id == "" && !s.AsSent {
			rule["id"] = uuid.NewString()
		}
		for _, o := range rawjson.Objects(rule["objectMappings"]) {
			if err := s.objectMapping(rule, o); err != nil {
				return fmt.Errorf("object mapping %v: %w", o["name"], err)
			}
		}
	}
	return nil
}

func (s SchemaCheck) objectMapping(rule, o rawjson.Object) error {
	s.usual(o, rawjson.Object{"metadata": []any{}, "scope": nil, "attributeMappings": []any{}})
	if !s.given["flowTypes "+text(o["flowTypes"])] {
		if err := flags(o, "flowTypes", "None", "Add", "Update", "Delete"); err != nil {
			return err
		}
	}
	if !s.given["scope "+text(o["scope"])] {
		if err := s.scope(o["scope"]); err != nil {
			return err
		}
	}
	known := s.attributes(rule["targetDirectoryName"], o["targetObjectName"])
	s.sources = s.attributes(rule["sourceDirectoryName"], o["sourceObjectName"])
	seen := map[string]bool{}
	for _, m := range rawjson.Objects(o["attributeMappings"]) {
		target, _ := m["targetAttributeName"].(string)
		key := strings.ToLower(target)
		if s.given[text(m)] {
			seen[key] = true
			continue
		}
		switch {
		case target == "":
			return fmt.Errorf("an attribute mapping has no targetAttributeName")
		case seen[key]:
			return fmt.Errorf("the target attribute '%s' is mapped more than once", target)
		case known != nil && known[key] == "" && !s.given["targetAttributeName "+text(target)]:
			return fmt.Errorf("the target attribute '%s' does not exist on '%v'", target, o["targetObjectName"])
		}
		seen[key] = true
		if err := s.mapping(m); err != nil {
			return fmt.Errorf("attribute '%s': %w", target, err)
		}
	}
	return nil
}

// attributes are those that a directory's object has, by their names in lower case; nil where the schema
// doesn't say.
func (s SchemaCheck) attributes(directory, object any) map[string]string {
	for _, d := range rawjson.Objects(s.Directories) {
		if d["name"] != directory {
			continue
		}
		for _, o := range rawjson.Objects(d["objects"]) {
			if o["name"] != object || len(rawjson.Objects(o["attributes"])) == 0 {
				continue
			}
			out := map[string]string{}
			for _, a := range rawjson.Objects(o["attributes"]) {
				name, _ := a["name"].(string)
				out[strings.ToLower(name)] = name
			}
			return out
		}
	}
	return nil
}

// usual gives an object the members that it lacks [?].
func (s SchemaCheck) usual(m, defaults rawjson.Object) {
	for name, v := range defaults {
		if _, ok := m[name]; !ok && !s.AsSent {
			m[name] = v
		}
	}
}

// mapping checks one attribute mapping and gives it the defaults of what it lacks [?].
func (s SchemaCheck) mapping(m rawjson.Object) error {
	s.usual(
		m,
		rawjson.Object{
			"flowType":                "Always",
			"flowBehavior":            "FlowWhenChanged",
			"matchingPriority":        0.0,
			"exportMissingReferences": false,
			"defaultValue":            nil,
		},
	)
	if n, ok := m["matchingPriority"]; ok && !s.given["matchingPriority "+text(n)] {
		if f, number := n.(float64); !number || f != float64(int(f)) || f < 0 {
			return fmt.Errorf("matchingPriority must be a whole number from 0")
		}
	}
	if err := oneOf(
		m, "flowType", "Always", "ObjectAddOnly", "MultiValueAddOnly", "ValueAddOnly", "AttributeAddOnly",
	); err != nil && !s.given["flowType "+text(m["flowType"])] {
		return err
	}
	if err := oneOf(m, "flowBehavior", "FlowWhenChanged", "FlowAlways"); err != nil {
		return err
	}
	if s.given["source "+text(m["source"])] {
		return nil
	}
	if v, ok := m["source"]; ok && v == nil { // a constant, written from the default [graph 3.5, O]
		return nil
	}
	source, ok := m["source"].(rawjson.Object)
	if !ok {
		return fmt.Errorf("the source is missing")
	}
	return s.source(source)
}

// source checks where a value comes from. The text decides; where there are parts alone, it is made of
// them. The service writes both anew, in its own way [?].
func (s SchemaCheck) source(m rawjson.Object) error {
	if err := oneOf(m, "type", "Attribute", "Constant", "Function"); err != nil {
		return err
	}
	text, _ := m["expression"].(string)
	if text == "" {
		var err error
		if text, err = s.Printed(m, 0); err != nil {
			return err
		}
	}
	parsed, err := mapping.Parse(text)
	if err != nil {
		return fmt.Errorf("the expression %s: %w", text, err)
	}
	if err := s.spelling(parsed); err != nil || s.AsSent {
		return err
	}
	var filled rawjson.Object
	_ = json.Unmarshal(rawjson.Marshal(mapping.Stored(parsed)), &filled) // our own type
	maps.Copy(m, filled)
	return nil
}

// spelling refuses a source attribute whose name is written otherwise: names have a case ([expressions 1],
// azure-docs issue 58604). What the schema doesn't list at all is let through [?].
func (s SchemaCheck) spelling(source mapping.Source) error {
	var wrong error
	mapping.Walk(source, func(x mapping.Source) {
		if name := s.sources[strings.ToLower(x.Name)]; x.Type == "Attribute" && name != "" && name != x.Name {
			wrong = fmt.Errorf("the attribute '%s' does not exist in the source; did you mean '%s'?", x.Name, name)
		}
	})
	return wrong
}

// Printed is the text of a source that came in parts.
func (s SchemaCheck) Printed(m rawjson.Object, depth int) (string, error) {
	name, named := m["name"].(string)
	if depth > 100 {
		return "", fmt.Errorf("functions are nested too deeply")
	}
	if m["type"] == nil || !named {
		return "", fmt.Errorf("the source has neither an expression nor a name and type")
	}
	switch m["type"] {
	case "Attribute":
		return mapping.AttributeSource(name).Expression, nil
	case "Constant":
		return mapping.ConstantSource(name).Expression, nil
	}
	var parts []mapping.Argument
	for _, p := range rawjson.Objects(m["parameters"]) {
		key, _ := p["key"].(string)
		v, ok := p["value"].(rawjson.Object)
		if !ok {
			return "", fmt.Errorf("the parameter %v has no value", p["key"])
		}
		text, _ := v["expression"].(string)
		if text == "" {
			var err error
			if text, err = s.Printed(v, depth+1); err != nil {
				return "", err
			}
		}
		part, _ := v["name"].(string)
		parts = append(parts, mapping.Argument{Key: key, Value: mapping.Source{Expression: text, Name: part}})
	}
	if slices.Contains(mapping.Comparisons, name) && len(parts) == 2 {
		return mapping.Comparison(name, parts[0].Value, parts[1].Value).Expression, nil
	}
	f, ok := mapping.FunctionByName(name)
	if !ok {
		return "", fmt.Errorf("the function '%s' is unknown", name)
	}
	return f.Print(parts)
}

// scope checks the operators of all clauses [graph 3.6].
func (s SchemaCheck) scope(v any) error {
	scope, _ := v.(rawjson.Object)
	for _, kind := range []string{"groups", "inputFilterGroups", "categoryFilterGroups"} {
		for _, group := range rawjson.Objects(scope[kind]) {
			for _, clause := range rawjson.Objects(group["clauses"]) {
				operator, _ := clause["operatorName"].(string)
				if !slices.ContainsFunc(
					mapping.Operators,
					func(o mapping.Operator) bool { return o.Name == operator },
				) {
					return fmt.Errorf("the operator '%s' of the filter group '%v' is unknown", operator, group["name"])
				}
				if attribute, _ := clause["sourceOperandName"].(string); attribute == "" ||
					attribute == "userType" && kind == "groups" {
					return fmt.Errorf("the attribute '%s' can't be used in a scoping filter", attribute)
				}
			}
		}
	}
	return nil
}

// text is a part of a schema in one writing.
func text(v any) string { return string(rawjson.Marshal(v)) }

// oneOf checks an enumeration without case, and writes it as the service does.
func oneOf(m rawjson.Object, member string, values ...string) error {
	v, ok := m[member]
	if !ok || v == nil {
		return nil
	}
	text, _ := v.(string)
	for _, known := range values {
		if strings.EqualFold(known, text) {
			m[member] = known
			return nil
		}
	}
	return fmt.Errorf("%s: '%v' is none of %s", member, v, strings.Join(values, ", "))
}

// flags checks a list of flags, and writes it as the service does: with spaces [graph 3.5].
func flags(m rawjson.Object, member string, values ...string) error {
	text, ok := m[member].(string)
	if !ok || text == "" {
		return nil
	}
	var out []string
	for flag := range strings.SplitSeq(text, ",") {
		one := rawjson.Object{member: strings.TrimSpace(flag)}
		if err := oneOf(one, member, values...); err != nil {
			return err
		}
		out = append(out, fmt.Sprint(one[member]))
	}
	m[member] = strings.Join(out, ", ")
	return nil
}
