package mapping

import (
	"encoding/json"

	"pgregory.net/rapid"

	"github.com/usersync/terraform-provider-usersync/internal/expression"
)

// expressions are what rows of real schemas have.
var expressions = []string{
	`[mail]`,
	`"Member"`,
	`Not([IsSoftDeleted])`,
	`Switch([IsSoftDeleted], , "False", "True", "True", "False")`,
	`IIF([a]="x", [b], "c")`,
	`IIF(IsPresent([url]), Left(Trim(Item([url], 1)), 448), "")`,
	`IIF(IsPresent([pwdLastSet]), FormatDateTime(DateFromNum([pwdLastSet]), "RoundtripKind", , "yyyyMMddHHmmss.0Z"), )`,
	`IIF(IsPresent([userAccountControl]), IIF(BitAnd([userAccountControl], 2)="0", "True", "False"), Not([accountDisabled]))`,
	`RemoveDuplicates(Trim([proxyAddresses]))`,
	`Append("@", %DomainFQDN%)`,
	`IIF(IsPresent([a]), [a], Error("no \"a\""))`,
	`Join("@", [sAMAccountName], %DomainFQDN%)`,
	`Replace([a], , "^.*?,(?=(?:CN|OU|DC)=)", , "", , )`,
	`Mid([u], 1, 8)`,
	`Replace([mail], "${", , , "%{", , )`,
	`ToLower( [x] , )`,
	`"ünïcödé é ☃ <&>"`,
	`CBool([a]="1")`,
}

// row draws an attribute mapping.
func (g *schemaGen) row() any {
	target := rapid.SampledFrom([]string{
		"userName",
		"active",
		`emails[type eq "work"].value`,
		"title",
		"name.givenName",
		"name.familyName",
		"externalId",
		"department",
		"a/b",
		"${c}",
		"d \"e\"",
		"é",
		"e\u0301",
		"Ω\\",
	}).Draw(g.t, "target")
	row := jsonObject{
		"targetAttributeName":     target,
		"defaultValue":            nil,
		"exportMissingReferences": false,
		"flowBehavior":            "FlowWhenChanged",
		"flowType":                "Always",
		"matchingPriority":        0,
	}
	row["flowType"] = g.any("flow type", jsonObject{
		"Always":            "Always",
		"ObjectAddOnly":     "ObjectAddOnly",
		"MultiValueAddOnly": "MultiValueAddOnly",
		"ValueAddOnly":      "ValueAddOnly",
		"AttributeAddOnly":  "AttributeAddOnly",
		"in lower case":     "always",
		"null":              nil,
		"unknown":           "Sometimes",
	})
	row["flowBehavior"] = g.any(
		"flow behavior",
		jsonObject{"FlowWhenChanged": "FlowWhenChanged", "FlowAlways": "FlowAlways", "null": nil},
	)
	row["matchingPriority"] = g.any("priority", jsonObject{
		"0": 0, "none": 0, "1": 1, "2": 2, "with a fraction": json.Number("3.0"), "null": nil, "negative": -1,
	})
	row["defaultValue"] = g.any("default", jsonObject{"null": nil, "none": nil, "empty": "", "text": "ISO-8859-1 ${x}"})
	text := rapid.SampledFrom(expressions).Draw(g.t, "expression")
	switch g.one(
		"row",
		"attribute",
		"function",
		"function",
		"stored text alone",
		"parts alone",
		"no source",
		"no source",
		"no source at all",
		"variable",
		"foreign function",
		"no expression",
		"unique value",
		"other shape",
		"no target",
		"more members",
	) {
	case "attribute":
		row["source"] = jsonObject{"expression": "[mail]", "name": "mail", "type": "Attribute", "parameters": []any{}}
	case "function":
		row["source"] = expression.MustParse(text).Source()
	case "stored text alone":
		row["source"] = jsonObject{"expression": text, "name": nil, "type": "Function", "parameters": nil}
	case "parts alone":
		s := expression.MustParse(text).Source()
		s.Expression = ""
		row["source"] = s
	case "no source":
		row["source"] = nil
		if row["defaultValue"] == nil {
			row["defaultValue"] = "False"
		}
	case "no source at all":
		row["source"], row["defaultValue"] = nil, nil
	case "variable":
		row["source"] = jsonObject{
			"expression": "%DomainFQDN%",
			"name":       "%DomainFQDN%",
			"type":       "Constant",
			"parameters": []any{},
		}
	case "foreign function":
		row["source"] = jsonObject{
			"expression": "DNComponent([dn], 1)",
			"name":       "DNComponent",
			"type":       "Function",
			"parameters": []any{},
		}
	case "no expression":
		row["source"] = jsonObject{
			"expression": "Join(\", [a])\n${x}",
			"name":       "Join",
			"type":       "Function",
			"parameters": []any{},
		}
	case "unique value":
		row["source"] = jsonObject{
			"expression": `SelectUniqueValue([a], [b])`,
			"name":       "SelectUniqueValue",
			"type":       "Function",
		}
	case "other shape":
		row["source"] = g.any("odd source", jsonObject{"number": 5, "list": []any{}})
	case "no target":
		row["targetAttributeName"] = g.any("odd target", jsonObject{"null": nil, "empty": ""})
		row["source"] = expression.MustParse(text).Source()
	case "more members":
		row["source"] = jsonObject{
			"expression": text,
			"name":       "x",
			"type":       "Function",
			"later":      []any{1},
			"parameters": []any{},
		}
		row["later"] = jsonObject{"kept": []any{nil, 1.0, "x"}}
	}
	return row
}

// mutate changes some things of a real schema.
func (g *schemaGen) mutate(schema jsonObject) {
	rules, _ := schema["synchronizationRules"].([]any)
	for _, r := range rules {
		rule := r.(jsonObject)
		for _, m := range rule["objectMappings"].([]any) {
			m := m.(jsonObject)
			if g.upTo(2, "name") == 0 {
				rule["name"] = g.ruleName()
			}
			rows, _ := m["attributeMappings"].([]any)
			for range g.upTo(3, "changed rows") {
				if at := g.upTo(len(rows), "row"); at < len(rows) {
					rows[at] = g.row()
				} else {
					rows = append(rows, g.row())
				}
			}
			m["attributeMappings"] = distinct(rows)
			drawn := g.objectMapping()
			for _, name := range []string{"name", "sourceObjectName", "targetObjectName", "flowTypes", "enabled", "scope"} {
				if g.upTo(2, "member") == 0 {
					m[name] = drawn[name]
				}
			}
		}
	}
	if g.upTo(3, "directories") == 0 {
		delete(schema, "directories")
	}
}
