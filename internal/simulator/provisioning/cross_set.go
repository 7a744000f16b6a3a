package provisioning

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// computed are target attributes that don't flow: the key, what deleting is told by, and what the target
// makes of others [cross-tenant 2]. Managers aren't resolved here.
var computed = []string{"alternativeSecurityIds", "IsSoftDeleted", "otherMails", "proxyAddresses", "manager"}

// crossSet is what of some values the target user doesn't have yet, by the index of the property, and notes
// it in the outcome. Names are the legacy ones [graph 3.5].
func (c *cycle) crossSet(o *outcome, there *tenant.Object, values map[string]any) (map[int]string, error) {
	set := map[int]string{}
	o.before, o.after = map[string]any{}, map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if slices.Contains(computed, name) {
			continue
		}
		property, raw, err := c.crossValue(there, name, values[name])
		if err != nil {
			return nil, err
		}
		i, ok := there.Entity.Find(property)
		if raw == "" || !ok || there.Entity.Prop(i).Has(tenant.ReadOnly) {
			continue
		}
		now := there.Value(property)
		if pending, ok := set[i]; ok { // several flow into one property
			now = pending
		}
		if now == raw || there.Entity.Prop(i).Kind == tenant.KindExtensions && rawjson.Member(
			now, name,
		) == rawjson.Member(raw, name) {
			continue
		}
		set[i] = raw
		if there.Entity.Prop(i).Kind == tenant.KindExtensions {
			set[i] = withMember(now, name, rawjson.Member(raw, name))
		}
		o.before[name], o.after[name] = shownAs(there.Value(property)), values[name]
		if property == "mail" {
			set[there.Entity.Index("proxyAddresses")] = string(
				rawjson.Marshal(
					tenant.AddPrimary(rawjson.Strings(there.Value("proxyAddresses")), rawjson.Unquote(raw)),
				),
			)
		}
	}
	return set, nil
}

// shownAs is a raw value as the log shows it.
func shownAs(raw string) any {
	if m := mapping.FromJSON(raw); !m.Null() {
		return strings.Join(m.Texts, ", ")
	}
	return nil
}

func withMember(object, name, raw string) string {
	list, err := rawjson.Split([]byte(object))
	if err != nil {
		list = nil
	}
	list = slices.DeleteFunc(list, func(f rawjson.Field) bool { return f.Name == name })
	return rawjson.Join(append(list, rawjson.Field{Name: name, Raw: raw}))
}

// crossValue is the property of Graph that a target attribute is, with the raw value; "" where there is none.
func (c *cycle) crossValue(there *tenant.Object, name string, v any) (property, raw string, err error) {
	text, ok := v.(string)
	if !ok {
		return name, "", nil
	}
	property = cmp.Or(tenant.LegacyNames[name], name)
	switch {
	case name == "userPrincipalName":
		return property, rawjson.Quote(c.cross.principalName(text)), nil
	case name == "telephoneNumber":
		return "businessPhones", string(rawjson.Marshal([]string{text})), nil
	case strings.HasPrefix(name, "extensionAttribute"):
		return "onPremisesExtensionAttributes", rawjson.Join(
			[]rawjson.Field{{Name: name, Raw: rawjson.Quote(text)}},
		), nil
	case name == "userType":
		if text != "Member" && text != "Guest" {
			return "", "", fmt.Errorf("userType can't be %q", text)
		}
	}
	i, known := there.Entity.Find(property)
	switch {
	case !known:
		return property, "", nil
	case there.Entity.Prop(i).Kind == tenant.KindBool:
		truth, err := strconv.ParseBool(strings.ToLower(text))
		if err != nil {
			return "", "", fmt.Errorf("%s can't be %q", name, text)
		}
		return property, strconv.FormatBool(truth), nil
	case there.Entity.Prop(i).Kind != tenant.KindString:
		return property, "", nil
	}
	return property, rawjson.Quote(text), nil
}
