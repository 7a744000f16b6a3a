package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/syncjob"
	"github.com/usersync/terraform-provider-usersync/internal/scoping"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// importHCL writes a section as configuration that imports it and then plans no
// change: an import block and the resource. What a configuration can't say
// stands there as comments, and stays as it is.
func importHCL(label, sp, job string, schema *mapping.Schema, section *mapping.Section) string {
	file := hclwrite.NewEmptyFile()
	if _, err := schema.Section(section.Rule, section.Object); err != nil {
		return "# Left out: " + text.Plain(err.Error()) + ".\n"
	}
	block := file.Body().AppendNewBlock("import", nil).Body()
	block.SetAttributeTraversal("to", traversal("usersync_provisioning_mapping", label))
	block.SetAttributeValue("id", cty.StringVal(syncjob.MappingID(sp, job, section.Rule, section.Object)))
	file.Body().AppendNewline()

	m, left := mapping.Importable(section)
	body := file.Body().AppendNewBlock("resource", []string{"usersync_provisioning_mapping", label}).Body()
	body.SetAttributeValue("service_principal_id", cty.StringVal(sp))
	body.SetAttributeValue("job_id", cty.StringVal(job))
	if section.Rule != "" {
		body.SetAttributeValue("rule", cty.StringVal(section.Rule))
	}
	body.SetAttributeRaw("object", inline(field{"source", cty.StringVal(m.Object.Source)},
		field{"target", cty.StringVal(m.Object.Target)}))
	if m.Off() {
		body.SetAttributeValue("enabled", cty.False)
	}
	if m.Actions != nil {
		body.SetAttributeValue("actions", texts(m.Actions))
	}
	body.SetAttributeRaw("attributes", rowsHCL(m.Attributes, left))
	for _, f := range (&mappingModel{}).filters() {
		if spec := *f.of(&m); spec != nil {
			body.SetAttributeRaw(f.name, inline(field{"any_of", groupsValue(spec.AnyOf)}))
		}
		if why := left[f.name]; why != "" {
			body.AppendUnstructuredTokens(raw("# " + f.name + " stays as it is: " + text.Plain(why) + "\n"))
		}
	}
	return string(hclwrite.Format(file.Bytes()))
}

func traversal(parts ...string) hcl.Traversal {
	out := hcl.Traversal{hcl.TraverseRoot{Name: parts[0]}}
	for _, p := range parts[1:] {
		out = append(out, hcl.TraverseAttr{Name: p})
	}
	return out
}

type field struct {
	name  string
	value cty.Value
}

// inline writes an object on one line, its fields in this order.
func inline(fields ...field) hclwrite.Tokens {
	out := raw("{ ")
	for i, f := range fields {
		if i > 0 {
			out = append(out, raw(", ")...)
		}
		out = append(out, raw(f.name+" = ")...)
		out = append(out, hclwrite.TokensForValue(f.value)...)
	}
	return append(out, raw(" }")...)
}

// raw are tokens of text that is written as it is.
func raw(text string) hclwrite.Tokens {
	return hclwrite.Tokens{{Type: 'I', Bytes: []byte(text)}}
}

// rowsHCL writes a row a line, without the arguments that have their defaults.
func rowsHCL(rows map[string]mapping.Attribute, left map[string]string) hclwrite.Tokens {
	out := raw("{\n")
	for _, target := range slices.Sorted(maps.Keys(left)) {
		if !mapping.IsFilterName(target) {
			out = append(out, raw("# "+strconv.Quote(target)+" stays as it is: "+text.Plain(left[target])+"\n")...)
		}
	}
	for _, target := range slices.Sorted(maps.Keys(rows)) {
		a := rows[target]
		var fields []field
		if a.Expression != "" {
			fields = append(fields, field{"expression", cty.StringVal(a.Expression)})
		}
		if a.MatchingPriority > 0 {
			fields = append(fields, field{"matching_priority", cty.NumberIntVal(int64(a.MatchingPriority))})
		}
		if apply := applyText(a.Apply); apply != mapping.Applies[0].Apply {
			fields = append(fields, field{"apply", cty.StringVal(apply)})
		}
		if a.Default != nil {
			fields = append(fields, field{"default", cty.StringVal(*a.Default)})
		}
		out = append(out, hclwrite.TokensForValue(cty.StringVal(target))...)
		out = append(out, raw(" = ")...)
		out = append(out, inline(fields...)...)
		out = append(out, raw("\n")...)
	}
	return append(out, raw("}")...)
}

func texts(list []string) cty.Value {
	if len(list) == 0 {
		return cty.EmptyTupleVal
	}
	values := make([]cty.Value, len(list))
	for i, s := range list {
		values[i] = cty.StringVal(s)
	}
	return cty.TupleVal(values)
}

func groupsValue(groups []scoping.SpecGroup) cty.Value {
	out := make([]cty.Value, len(groups))
	for i, g := range groups {
		clauses := make([]cty.Value, len(g.AllOf))
		for k, c := range g.AllOf {
			clause := map[string]cty.Value{
				"attribute": cty.StringVal(c.Attribute),
				"operator":  cty.StringVal(c.Operator),
			}
			if len(c.Values) > 0 {
				clause["values"] = texts(c.Values)
			}
			clauses[k] = cty.ObjectVal(clause)
		}
		group := map[string]cty.Value{"all_of": cty.TupleVal(clauses)}
		if g.Name != "" {
			group["name"] = cty.StringVal(g.Name)
		}
		out[i] = cty.ObjectVal(group)
	}
	return cty.TupleVal(out)
}

// labels names each section after its source object, without repetition.
func labels(sections []*mapping.Section) []string {
	taken := map[string]int{}
	out := make([]string, len(sections))
	for i, s := range sections {
		source := s.Object.Source
		if source == "" {
			source = "unnamed"
		}
		name := strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
				return r
			}
			return '_'
		}, strings.ToLower(source)) + "s"
		if name[0] < 'a' || name[0] > 'z' {
			name = "mapping_" + name
		}
		for base := name; taken[name] > 0; name = fmt.Sprintf("%s_%d", base, taken[base]) {
			taken[base]++
		}
		taken[name]++
		out[i] = name
	}
	return out
}
