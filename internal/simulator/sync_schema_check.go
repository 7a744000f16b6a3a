package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// schemaCheck refuses what the service refuses of a schema, and adds what it adds. Members that it
// doesn't know, metadata above all, are kept (graph.md 3.5 [D]).
type schemaCheck struct {
	keep        bool // nothing is added
	directories any
}

func (s schemaCheck) schema(schema jsonObject) error {
	if _, ok := schema["synchronizationRules"].([]any); !ok {
		return fmt.Errorf("synchronizationRules is missing")
	}
	for _, rule := range listOf(schema["synchronizationRules"]) {
		if text, _ := rule["name"].(string); text == "" {
			return fmt.Errorf("a synchronization rule has no name")
		}
		for _, o := range listOf(rule["objectMappings"]) {
			if err := s.objectMapping(rule, o); err != nil {
				return fmt.Errorf("object mapping %v: %w", o["name"], err)
			}
		}
	}
	return nil
}

func (s schemaCheck) objectMapping(rule, o jsonObject) error {
	if err := flags(o, "flowTypes", "None", "Add", "Update", "Delete"); err != nil {
		return err
	}
	if err := s.scope(o["scope"]); err != nil {
		return err
	}
	known := s.targets(rule["targetDirectoryName"], o["targetObjectName"])
	seen := map[string]bool{}
	for _, m := range listOf(o["attributeMappings"]) {
		target, _ := m["targetAttributeName"].(string)
		key := strings.ToLower(target)
		switch {
		case target == "":
			return fmt.Errorf("an attribute mapping has no targetAttributeName")
		case seen[key]:
			return fmt.Errorf("the target attribute '%s' is mapped more than once", target)
		case known != nil && !known[key]:
			return fmt.Errorf("the target attribute '%s' does not exist on '%v'", target, o["targetObjectName"])
		}
		seen[key] = true
		if err := s.mapping(m); err != nil {
			return fmt.Errorf("attribute '%s': %w", target, err)
		}
	}
	return nil
}

// targets are the attributes that a directory's object has, nil where the schema doesn't say.
func (s schemaCheck) targets(directory, object any) map[string]bool {
	for _, d := range listOf(s.directories) {
		if d["name"] != directory {
			continue
		}
		for _, o := range listOf(d["objects"]) {
			if o["name"] != object || len(listOf(o["attributes"])) == 0 {
				continue
			}
			out := map[string]bool{}
			for _, a := range listOf(o["attributes"]) {
				name, _ := a["name"].(string)
				out[strings.ToLower(name)] = true
			}
			return out
		}
	}
	return nil
}

// mapping checks one attribute mapping and gives it the defaults of what it lacks [?].
func (s schemaCheck) mapping(m jsonObject) error {
	if !s.keep {
		usual := jsonObject{"flowType": "Always", "flowBehavior": "FlowWhenChanged", "matchingPriority": 0.0, "exportMissingReferences": false, "defaultValue": nil}
		for name, v := range usual {
			if _, ok := m[name]; !ok {
				m[name] = v
			}
		}
	}
	if n, ok := m["matchingPriority"]; ok {
		if f, number := n.(float64); !number || f != float64(int(f)) || f < 0 {
			return fmt.Errorf("matchingPriority must be a whole number from 0")
		}
	}
	if err := oneOf(m, "flowType", "Always", "ObjectAddOnly", "MultiValueAddOnly", "ValueAddOnly", "AttributeAddOnly"); err != nil {
		return err
	}
	if err := oneOf(m, "flowBehavior", "FlowWhenChanged", "FlowAlways"); err != nil {
		return err
	}
	source, ok := m["source"].(jsonObject)
	if !ok {
		return fmt.Errorf("the source is missing")
	}
	return s.source(source, 0)
}

// source checks where a value comes from. Of the text and the parts one may be missing: the service
// adds it [?].
func (s schemaCheck) source(m jsonObject, depth int) error {
	if depth > 100 {
		return fmt.Errorf("functions are nested too deeply")
	}
	if err := oneOf(m, "type", "Attribute", "Constant", "Function"); err != nil {
		return err
	}
	text, _ := m["expression"].(string)
	if len(text) > 10_000 {
		return fmt.Errorf("the expression is longer than 10000 characters")
	}
	arguments := listOf(m["parameters"])
	for _, p := range arguments {
		v, ok := p["value"].(jsonObject)
		if !ok {
			return fmt.Errorf("the parameter %v has no value", p["key"])
		}
		if err := s.source(v, depth+1); err != nil {
			return err
		}
	}
	name, named := m["name"].(string)
	if text == "" && m["type"] == nil || text == "" && !named {
		return fmt.Errorf("the source has neither an expression nor a name and type")
	}
	if text == "" {
		if !s.keep {
			m["expression"] = canonical(m, name, arguments)
		}
		return nil
	}
	parsed, err := parseMapping(text)
	if err != nil {
		return fmt.Errorf("the expression %s: %w", text, err)
	}
	if named && m["type"] != nil && (len(arguments) > 0 || parsed.Type != "Function") {
		return nil
	}
	if s.keep {
		return nil
	}
	var filled jsonObject
	_ = json.Unmarshal(marshal(parsed), &filled) // our own type
	for _, key := range []string{"name", "type", "parameters"} {
		m[key] = filled[key]
	}
	return nil
}

// canonical is the text of a source that came in parts.
func canonical(m jsonObject, name string, arguments []jsonObject) string {
	switch m["type"] {
	case "Attribute":
		return attributeSource(name).Expression
	case "Constant":
		return constantSource(name).Expression
	}
	var texts []string
	for _, p := range arguments {
		v, _ := p["value"].(jsonObject)
		text, _ := v["expression"].(string)
		texts = append(texts, text)
	}
	return name + "(" + strings.Join(texts, ", ") + ")"
}

// scope checks the operators of all clauses (graph.md 3.6).
func (s schemaCheck) scope(v any) error {
	scope, _ := v.(jsonObject)
	for _, kind := range []string{"groups", "inputFilterGroups", "categoryFilterGroups"} {
		for _, group := range listOf(scope[kind]) {
			for _, clause := range listOf(group["clauses"]) {
				operator, _ := clause["operatorName"].(string)
				if !slices.ContainsFunc(filterOperators, func(o struct{ name, arity, types string }) bool { return o.name == operator }) {
					return fmt.Errorf("the operator '%s' of the filter group '%v' is unknown", operator, group["name"])
				}
				if attribute, _ := clause["sourceOperandName"].(string); attribute == "" || attribute == "userType" && kind == "groups" {
					return fmt.Errorf("the attribute '%s' can't be used in a scoping filter", attribute)
				}
			}
		}
	}
	return nil
}

// oneOf checks an enumeration without case, and writes it as the service does.
func oneOf(m jsonObject, member string, values ...string) error {
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

// flags checks a list of flags, and writes it as the service does: with spaces (graph.md 3.5).
func flags(m jsonObject, member string, values ...string) error {
	text, ok := m[member].(string)
	if !ok || text == "" {
		return nil
	}
	var out []string
	for flag := range strings.SplitSeq(text, ",") {
		one := jsonObject{member: strings.TrimSpace(flag)}
		if err := oneOf(one, member, values...); err != nil {
			return err
		}
		out = append(out, fmt.Sprint(one[member]))
	}
	m[member] = strings.Join(out, ", ")
	return nil
}
