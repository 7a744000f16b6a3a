package mapping

import (
	"bytes"
	"encoding/json"

	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

type jsonObject = map[string]any

// drawnSchema is a schema with what occurs in it.
type drawnSchema struct {
	raw   []byte
	kinds map[string]bool
}

// schemas draws whole schemas: from scratch, and by mutation of real ones.
func schemas(t *testing.T) *rapid.Generator[drawnSchema] {
	t.Helper()
	var real [][]byte
	names, err := filepath.Glob("testdata/schemas/*.json")
	if err != nil || len(names) == 0 {
		t.Fatal("no real schemas:", err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		real = append(real, raw)
	}
	return rapid.Custom(func(t *rapid.T) drawnSchema {
		g := &schemaGen{t: t, kinds: map[string]bool{}}
		var schema jsonObject
		if g.one("origin", "real", "scratch") == "real" {
			if err := json.Unmarshal(rapid.SampledFrom(real).Draw(t, "real"), &schema); err != nil {
				t.Fatal(err)
			}
			g.mutate(schema)
		} else {
			schema = g.schema()
		}
		schema["version"] = rapid.StringMatching(`v1\.[0-9]{8}`).Draw(t, "version")
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(g.one("escapes", "plain", "html") == "html")
		if g.one("layout", "compact", "indented") == "indented" {
			enc.SetIndent("", " ")
		}
		if err := enc.Encode(schema); err != nil {
			t.Fatal(err)
		}
		return drawnSchema{b.Bytes(), g.kinds}
	})
}

// schemaGen draws parts of a schema and notes their kinds.
type schemaGen struct {
	t     *rapid.T
	kinds map[string]bool
}

// one draws one of some kinds, and notes it.
func (g *schemaGen) one(of string, kinds ...string) string {
	kind := rapid.SampledFrom(kinds).Draw(g.t, of)
	g.kinds[of+": "+kind] = true
	return kind
}

func (g *schemaGen) upTo(n int, what string) int { return rapid.IntRange(0, n).Draw(g.t, what) }

func (g *schemaGen) schema() jsonObject {
	rules := []any{}
	for range 1 + g.upTo(1, "rules") {
		mappings := []any{}
		for range 1 + g.upTo(3, "mappings") {
			mappings = append(mappings, g.objectMapping())
		}
		rules = append(rules, jsonObject{
			"id":       "03f7d90d-bf71-41b1-bda6-aaf0ddbee5d8",
			"name":     g.ruleName(),
			"editable": true,
			"priority": 1,
			"sourceDirectoryName": g.one(
				"source directory",
				"Azure Active Directory",
				"Workday",
			),
			"targetDirectoryName": "App",
			"containerFilter":     nil,
			"groupFilter":         nil,
			"metadata":            []any{jsonObject{"key": "IterativeFull", "value": "[{\"x\":\"<&>\"}"}},
			"objectMappings":      mappings,
		})
	}
	out := jsonObject{"id": "job", "synchronizationRules": rules, "later": jsonObject{"kept": 1.5e3}}
	switch g.one("directories", "missing", "null", "some") {
	case "null":
		out["directories"] = nil
	case "some":
		out["directories"] = []any{jsonObject{"id": "d1", "name": "App", "objects": []any{}}}
	}
	return out
}

func (g *schemaGen) ruleName() any {
	switch g.one("rule name", "plain", "plain", "slash", "percent", "quotes", "decomposed", "spaces", "null", "empty") {
	case "slash":
		return "AAD/AD out"
	case "percent":
		return "100%2F of it"
	case "quotes":
		return "the \"${rule}\" %{ if }"
	case "decomposed":
		return "Re\u0301gle"
	case "spaces":
		return "  A  rule\twith spaces "
	case "null":
		return nil
	case "empty":
		return ""
	}
	return "USER_OUTBOUND_USER"
}

func (g *schemaGen) objectMapping() jsonObject {
	rows := []any{}
	for range g.upTo(6, "rows") {
		rows = append(rows, g.row())
	}
	out := jsonObject{
		"name": g.any("mapping name", jsonObject{"null": nil, "text": "Provision users", "odd": "a\nb \\ \"c\""}),
		"sourceObjectName": g.any("source object", jsonObject{
			"User": "User", "Group": "Group", "empty": "", "null": nil, "odd": "user/x \"%24\" ${y} Ωe\u0301",
		}),
		"targetObjectName": g.any("target object", jsonObject{
			"urn":   "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
			"user":  "user",
			"empty": "",
			"null":  nil,
			"odd":   "a/b \"c\" ${d}",
		}),
		"flowTypes": g.any("actions", jsonObject{
			"all":                "Add, Update, Delete",
			"all without spaces": "Add,Update,Delete",
			"one":                "Update",
			"none":               "None",
			"empty":              "",
			"null":               nil,
			"unknown":            "Add, Restore",
		}),
		"metadata":          []any{jsonObject{"key": "EscrowBehavior", "value": "Default"}},
		"attributeMappings": distinct(rows),
	}
	switch g.one("enabled", "true", "false", "missing", "null") {
	case "true":
		out["enabled"] = true
	case "false":
		out["enabled"] = false
	case "null":
		out["enabled"] = nil
	}
	switch g.one("scope", "missing", "null", "some", "some", "some", "other shape") {
	case "null":
		out["scope"] = nil
	case "some":
		out["scope"] = g.scope()
	case "other shape":
		out["scope"] = g.any("odd scope", jsonObject{"text": "all", "groups": jsonObject{"groups": "all"}})
	}
	return out
}

// distinct leaves out rows of a target that another has: the service takes one.
func distinct(rows []any) []any {
	seen := map[string]bool{}
	return slices.DeleteFunc(rows, func(row any) bool {
		target, _ := row.(jsonObject)["targetAttributeName"].(string)
		key := norm.NFC.String(strings.ToLower(target))
		was := seen[key]
		seen[key] = true
		return was
	})
}

// any draws the value of a kind.
func (g *schemaGen) any(of string, values jsonObject) any {
	kinds := make([]string, 0, len(values))
	for kind := range values {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	return values[g.one(of, kinds...)]
}

func (g *schemaGen) scope() jsonObject {
	out := jsonObject{}
	for _, member := range []string{"groups", "inputFilterGroups", "categoryFilterGroups"} {
		switch g.one(member, "missing", "null", "empty", "some") {
		case "null":
			out[member] = nil
		case "empty":
			out[member] = []any{}
		case "some":
			groups := []any{}
			for range 1 + g.upTo(1, "groups") {
				groups = append(groups, g.group())
			}
			out[member] = groups
		}
	}
	return out
}

func (g *schemaGen) group() jsonObject {
	clauses := []any{}
	for range 1 + g.upTo(2, "clauses") {
		clauses = append(clauses, g.clause())
	}
	if g.upTo(9, "no clauses") == 0 {
		clauses = []any{}
		g.kinds["clause: none"] = true
	}
	return jsonObject{
		"name":    g.any("group name", jsonObject{"null": nil, "empty": "", "text": "Staff", "odd": "a \"b\"\n${c}"}),
		"clauses": clauses,
	}
}

func (g *schemaGen) clause() jsonObject {
	values := func(list ...any) jsonObject { return jsonObject{"values": list} }
	operator := g.one(
		"operator",
		"EQUALS",
		"NOT EQUALS",
		"IS TRUE",
		"IS FALSE",
		"IS NULL",
		"IS NOT NULL",
		"REGEX MATCH",
		"NOT REGEX MATCH",
		"Greater_Than",
		"Greater_Than_OR_EQUALS",
		"Includes",
		"ENDS_WITH",
		"&",
		"!&",
		"NOT_EQUALS",
		"INCLUDES",
		"PRESENT",
		"IsMemberOf",
	)
	out := jsonObject{
		"operatorName":      operator,
		"sourceOperandName": g.any("operand", jsonObject{"plain": "department", "odd": "extension_1 \"x\""}),
	}
	switch operator {
	case "IS TRUE", "IS FALSE", "IS NULL", "IS NOT NULL":
		out["targetOperand"] = g.any(
			"unary operand",
			jsonObject{"null": nil, "empty": values(), "blank": values(""), "values null": jsonObject{"values": nil}},
		)
	case "&", "!&", "Greater_Than", "Greater_Than_OR_EQUALS":
		out["targetOperand"] = values("2147483648")
	default:
		out["targetOperand"] = g.any("operand values", jsonObject{
			"one": values(
				"IT",
			),
			"odd":    values("^a\\.b[^{]*{ \"${x}\" %{"),
			"empty":  values(""),
			"two":    values("a", "b"),
			"number": values(7),
			"object": values(jsonObject{}),
		})
	}
	return out
}
