package domain

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
)

// recordType is a DNS record as any DNS provider wants to have it.
var recordType = types.ObjectType{
	AttrTypes: map[string]attr.Type{
		"name":       types.StringType,
		"fqdn":       types.StringType,
		"type":       types.StringType,
		"value":      types.StringType,
		"ttl":        types.Int64Type,
		"preference": types.Int64Type,
	},
}

// recordsAttribute is the schema of a list of records.
func recordsAttribute(description string) schema.ListNestedAttribute {
	text := func(d string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: d}
	}
	return schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: description,
		NestedObject: schema.NestedAttributeObject{
			Attributes: map[string]schema.Attribute{
				"name":  text("The record's name relative to `zone`, `@` for the zone itself."),
				"fqdn":  text("The record's absolute name, without a dot at the end."),
				"type":  text("`TXT` or `MX`."),
				"value": text("The text of a TXT record, without quotes; the mail exchange of an MX record."),
				"ttl": schema.Int64Attribute{
					Computed:            true,
					MarkdownDescription: "How long answers may be kept, in seconds.",
				},
				"preference": schema.Int64Attribute{
					Computed:            true,
					MarkdownDescription: "The preference of an MX record, else null.",
				},
			},
		},
	}
}

// recordsOf turns records into what the state holds, with names relative to a
// zone.
func recordsOf(records []entra.DNSRecord, zone string) types.List {
	values := make([]attr.Value, len(records))
	for i, r := range records {
		fqdn := r.Label
		if ascii := directory.ASCIIDomain(fqdn); ascii != "" {
			fqdn = ascii
		}
		name, ok := within(fqdn, zone)
		if !ok {
			name = fqdn + "." // a name with a dot at its end is absolute in every zone file
		}
		values[i] = types.ObjectValueMust(recordType.AttrTypes, map[string]attr.Value{
			"name":       types.StringValue(name),
			"fqdn":       types.StringValue(fqdn),
			"type":       types.StringValue(r.Type),
			"value":      types.StringValue(r.Value),
			"ttl":        types.Int64Value(r.TTL),
			"preference": types.Int64PointerValue(r.Preference),
		})
	}
	return types.ListValueMust(recordType, values)
}

// recordsIn reads the state's records again.
func recordsIn(list types.List) []entra.DNSRecord {
	out := make([]entra.DNSRecord, 0, len(list.Elements()))
	for _, v := range list.Elements() {
		record, _ := v.(types.Object)
		a := record.Attributes()
		out = append(out, entra.DNSRecord{
			Label:      textIn(a, "fqdn").ValueString(),
			Type:       textIn(a, "type").ValueString(),
			Value:      textIn(a, "value").ValueString(),
			TTL:        numberIn(a, "ttl").ValueInt64(),
			Preference: numberIn(a, "preference").ValueInt64Pointer(),
		})
	}
	return out
}

// textIn is an attribute of an object that its schema says is a string.
func textIn(object map[string]attr.Value, name string) types.String {
	v, _ := object[name].(types.String)
	return v
}

// numberIn is an attribute of an object that its schema says is a whole number.
func numberIn(object map[string]attr.Value, name string) types.Int64 {
	v, _ := object[name].(types.Int64)
	return v
}

// wanted says what shall be published where.
func wanted(records []entra.DNSRecord) string {
	lines := make([]string, len(records))
	for i, r := range records {
		lines[i] = fmt.Sprintf("  %s  %s  %q", r.Label, r.Type, r.Value)
		if r.Preference != nil {
			lines[i] += fmt.Sprintf(" with preference %d", *r.Preference)
		}
	}
	return strings.Join(lines, "\n")
}
