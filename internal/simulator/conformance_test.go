package simulator

import (
	"encoding/xml"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// The metadata subset, as far as it matters here.
type csdl struct {
	Types []csdlType `xml:"EntityType"`
	Parts []csdlType `xml:"ComplexType"`
	Enums []csdlEnum `xml:"EnumType"`
}

type csdlEnum struct {
	Name    string `xml:"Name,attr"`
	Flags   bool   `xml:"IsFlags,attr"`
	Members []struct {
		Name string `xml:"Name,attr"`
	} `xml:"Member"`
}

// enumPrefix marks an enumeration among the types of the metadata: its members are its properties.
const enumPrefix = "enum "

type csdlType struct {
	Name       string         `xml:"Name,attr"`
	Base       string         `xml:"BaseType,attr"`
	Open       bool           `xml:"OpenType,attr"`
	Properties []csdlProperty `xml:"Property"`
}

type csdlProperty struct {
	Name string `xml:"Name,attr"`
	Type string `xml:"Type,attr"`
}

func readMetadata(t *testing.T) map[string]map[string]string {
	t.Helper()
	raw, err := os.ReadFile("testdata/graph-v1.0-subset.csdl.xml")
	if err != nil {
		t.Fatal(err)
	}
	var schema csdl
	if err := xml.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	byName := map[string]csdlType{}
	for _, e := range append(schema.Types, schema.Parts...) {
		byName[e.Name] = e
	}
	out := map[string]map[string]string{}
	for name := range byName {
		props := map[string]string{}
		for at := name; at != ""; at = strings.TrimPrefix(byName[at].Base, "graph.") {
			for _, p := range byName[at].Properties {
				props[p.Name] = p.Type
			}
		}
		out[name] = props
	}
	for _, e := range schema.Enums {
		members := map[string]string{}
		for _, m := range e.Members {
			members[m.Name] = fmt.Sprint(e.Flags)
		}
		out[enumPrefix+e.Name] = members
	}
	return out
}

// withNavigation adds the properties that documentation shows inline and the metadata calls
// navigation properties.
func withNavigation(metadata map[string]map[string]string) map[string]map[string]string {
	metadata["synchronizationSchema"]["directories"] = "Collection(graph.directoryDefinition)"
	for _, name := range []string{"attributeMappingFunctionSchema", "filterOperatorSchema"} {
		metadata[name]["name"] = "Edm.String" // documentation has it, the metadata only id [graph 3.5]
	}
	return metadata
}

// notInSubset are properties that [graph 1.2] describes and the subset of the metadata leaves out.
var notInSubset = []string{"onPremisesDistinguishedName", "onPremisesLastSyncDateTime", "onPremisesSecurityIdentifier"}

// What the simulator takes and gives are exactly the properties that the metadata has, with its types.
func TestEntitiesAreTheMetadata(t *testing.T) {
	metadata := readMetadata(t)
	for _, e := range []*tenant.Entity{
		tenant.NewUserEntity(), tenant.NewGroupEntity(), tenant.NewDomainEntity(), tenant.NewPartnerEntity(),
		tenant.NewSyncEntity(),
	} {
		props := metadata[e.Name]
		if len(props) == 0 {
			t.Errorf("%s isn't in the metadata", e.Name)
		}
		for _, p := range e.Props {
			want, ok := props[p.Name]
			if !ok {
				if !slices.Contains(notInSubset, p.Name) {
					t.Errorf("%s.%s isn't in the metadata", e.Name, p.Name)
				}
				continue
			}
			if !fits(p.Kind, want) {
				t.Errorf("%s.%s is %s, in the metadata %s", e.Name, p.Name, p.Kind.EDM(), want)
			}
			if len(p.Caps) != len(tenant.Unfilterable) {
				t.Errorf("%s.%s: %q isn't a line of the table", e.Name, p.Name, p.Caps)
			}
			delete(props, p.Name)
		}
		for name := range props {
			t.Errorf("%s.%s is missing", e.Name, name)
		}
		if !slices.IsSortedFunc(e.Props, func(a, b tenant.Property) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("the properties of %s aren't in the order of their names", e.Name)
		}
	}
}

func fits(k tenant.Kind, edm string) bool {
	switch k {
	case tenant.KindObject:
		return strings.HasPrefix(edm, "graph.")
	case tenant.KindObjects:
		return strings.HasPrefix(edm, "Collection(graph.")
	default:
		return k.EDM() == edm
	}
}

// Every answer holds properties of the metadata alone, with values of their types.
func TestAnswersConformToMetadata(t *testing.T) {
	metadata := readMetadata(t)
	for _, e := range []string{"user"} {
		for _, name := range notInSubset {
			metadata[e][name] = "Edm.String"
		}
	}
	c := newClient(t)
	all := func(e *tenant.Entity) string {
		var names []string
		for _, p := range e.Props {
			names = append(names, p.Name)
		}
		return "$select=" + strings.Join(names, ",")
	}
	user, group := all(tenant.NewUserEntity()), all(tenant.NewGroupEntity())
	const partner = "/v1.0/policies/crossTenantAccessPolicy/partners"
	for _, test := range []struct{ target, entity string }{
		{"/v1.0/users?" + user, "user"}, {"/v1.0/users", "user"}, {"/v1.0/users/" + oscar + "?" + user, "user"},
		{"/v1.0/users/delta?" + user, "user"}, {"/v1.0/groups/delta", "group"},
		{"/v1.0/groups?" + group, "group"}, {"/v1.0/groups/" + groupAtlassian, "group"},
		{"/v1.0/groups/" + groupPartners + "/members", ""},
		{"/v1.0/groups/" + groupPartners + "/transitiveMembers?$select=id,displayName,mail", ""},
		{"/v1.0/users/" + gus + "/memberOf", ""}, {"/v1.0/domains", "domain"}, {"/v1.0/domains/company.com", "domain"},
		{"/v1.0/domains/company.com/verificationDnsRecords", ""},
		{"/v1.0/domains/company.com/serviceConfigurationRecords", ""},
		{"/v1.0/domains/company.com/domainNameReferences", ""},
		{"/v1.0/domains/company.com/domainNameReferences/microsoft.graph.user", "user"},
		{partner, "crossTenantAccessPolicyConfigurationPartner"}, {"/v1.0/organization", "organization"},
		{partner + "/9c5d131d-b1c3-4fc4-9e3f-c6557947d551/identitySynchronization", "crossTenantIdentitySyncPolicyPartner"},
	} {
		r := c.get(test.target).want(t, 200)
		values := r.values()
		if r.body["value"] == nil {
			values = []map[string]any{r.body}
		}
		if len(values) == 0 {
			t.Errorf("%s: nothing", test.target)
		}
		for _, v := range values {
			conforms(t, metadata, test.target, test.entity, v)
		}
	}
}

func conforms(t *testing.T, metadata map[string]map[string]string, where, entity string, object map[string]any) {
	t.Helper()
	if odata, ok := object["@odata.type"].(string); ok {
		entity = strings.TrimPrefix(odata, "#microsoft.graph.")
		if entity == "servicePrincipal" {
			return // carried as type and id alone
		}
	}
	props, ok := metadata[entity]
	if !ok {
		t.Errorf("%s: no type %q in the metadata", where, entity)
		return
	}
	for name, value := range object {
		if strings.Contains(name, "@") {
			continue
		}
		edm, ok := props[name]
		if !ok {
			t.Errorf("%s: %s.%s isn't in the metadata", where, entity, name)
			continue
		}
		if !isOfType(t, metadata, where+" "+name, edm, value) {
			t.Errorf("%s: %s.%s is %v, want %s", where, entity, name, value, edm)
		}
	}
}

// isOfType says whether a decoded value is of a CSDL type.
func isOfType(t *testing.T, metadata map[string]map[string]string, where, edm string, value any) bool {
	if inner, ok := strings.CutPrefix(edm, "Collection("); ok {
		list, ok := value.([]any)
		for _, v := range list {
			ok = ok && v != nil && isOfType(t, metadata, where, strings.TrimSuffix(inner, ")"), v)
		}
		return ok
	}
	if value == nil {
		return true
	}
	if name, ok := strings.CutPrefix(edm, "graph."); ok {
		if members := metadata[enumPrefix+name]; members != nil {
			return isEnum(members, value)
		}
		object, ok := value.(map[string]any)
		if ok && len(metadata[name]) > 0 {
			conforms(t, metadata, where, name, object)
		}
		return ok
	}
	switch edm {
	case "Edm.Boolean":
		_, ok := value.(bool)
		return ok
	case "Edm.Int32", "Edm.Int64":
		n, ok := value.(float64)
		return ok && n == float64(int64(n))
	case "Edm.DateTimeOffset":
		s, ok := value.(string)
		_, err := time.Parse(time.RFC3339, s)
		return ok && err == nil
	}
	_, ok := value.(string)
	return ok
}

// isEnum wants a member's name, or several of flags.
func isEnum(members map[string]string, value any) bool {
	text, ok := value.(string)
	names := strings.Split(text, ", ")
	for _, name := range names {
		flags, known := members[name]
		ok = ok && known && (len(names) == 1 || flags == "true")
	}
	return ok
}
