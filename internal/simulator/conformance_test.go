package simulator

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The metadata subset, as far as it matters here.
type csdl struct {
	Types []csdlType `xml:"EntityType"`
	Parts []csdlType `xml:"ComplexType"`
}

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
	return out
}

// notInSubset are properties that graph.md 1.2 describes and the subset of the metadata leaves out.
var notInSubset = []string{"onPremisesDistinguishedName", "onPremisesLastSyncDateTime", "onPremisesSecurityIdentifier"}

// What the simulator takes and gives are exactly the properties that the metadata has, with its types.
func TestEntitiesAreTheMetadata(t *testing.T) {
	metadata := readMetadata(t)
	for _, e := range []*entity{newUserEntity(), newGroupEntity(), newDomainEntity(), newPartnerEntity(), newSyncEntity()} {
		props := metadata[e.name]
		if len(props) == 0 {
			t.Errorf("%s isn't in the metadata", e.name)
		}
		for _, p := range e.props {
			want, ok := props[p.name]
			if !ok {
				if !slices.Contains(notInSubset, p.name) {
					t.Errorf("%s.%s isn't in the metadata", e.name, p.name)
				}
				continue
			}
			if !fits(p.kind, want) {
				t.Errorf("%s.%s is %s, in the metadata %s", e.name, p.name, p.kind.edm(), want)
			}
			if len(p.caps) != len(unfilterable) {
				t.Errorf("%s.%s: %q isn't a line of the table", e.name, p.name, p.caps)
			}
			delete(props, p.name)
		}
		for name := range props {
			t.Errorf("%s.%s is missing", e.name, name)
		}
		if !slices.IsSortedFunc(e.props, func(a, b property) int { return strings.Compare(a.name, b.name) }) {
			t.Errorf("the properties of %s aren't in the order of their names", e.name)
		}
	}
}

func fits(k kind, edm string) bool {
	switch k {
	case kindObject:
		return strings.HasPrefix(edm, "graph.")
	case kindObjects:
		return strings.HasPrefix(edm, "Collection(graph.")
	}
	return k.edm() == edm
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
	all := func(e *entity) string {
		var names []string
		for _, p := range e.props {
			names = append(names, p.name)
		}
		return "$select=" + strings.Join(names, ",")
	}
	user, group := all(newUserEntity()), all(newGroupEntity())
	const partner = "/v1.0/policies/crossTenantAccessPolicy/partners"
	for _, test := range []struct{ target, entity string }{
		{"/v1.0/users?" + user, "user"}, {"/v1.0/users", "user"}, {"/v1.0/users/" + oscar + "?" + user, "user"},
		{"/v1.0/users/delta?" + user, "user"}, {"/v1.0/groups/delta", "group"},
		{"/v1.0/groups?" + group, "group"}, {"/v1.0/groups/" + atlassian, "group"},
		{"/v1.0/groups/" + partners + "/members", ""}, {"/v1.0/groups/" + partners + "/transitiveMembers?$select=id,displayName,mail", ""},
		{"/v1.0/users/" + gus + "/memberOf", ""}, {"/v1.0/domains", "domain"}, {"/v1.0/domains/company.com", "domain"},
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
	case "Edm.Int32":
		n, ok := value.(float64)
		return ok && n == float64(int32(n))
	case "Edm.DateTimeOffset":
		s, ok := value.(string)
		_, err := time.Parse(time.RFC3339, s)
		return ok && err == nil
	}
	_, ok := value.(string)
	return ok
}

// example is a file of the documented requests and answers.
type example struct {
	Path     string          `json:"path"`
	Status   string          `json:"status"`
	Response json.RawMessage `json:"response_body"`
}

// The documented answers, and ours to requests of the same kind, are alike in shape: the same status,
// the same pattern of the context, the same annotations, and each of their properties is there.
func TestDocumentedExamples(t *testing.T) {
	const partner = "/v1.0/policies/crossTenantAccessPolicy/partners/9c5d131d-b1c3-4fc4-9e3f-c6557947d551"
	eventual := []string{"ConsistencyLevel", "eventual"}
	requests := map[string]struct {
		target  string
		headers []string
	}{
		"error-count-without-consistencylevel":  {target: "/v1.0/users/$count"},
		"error-endswith-without-advanced":       {target: "/v1.0/users?$filter=endsWith(mail,'@outlook.com')"},
		"error-filter-not-indexed":              {target: "/v1.0/users?$filter=id ge '398164b1-5196-49dd-ada2-364b49f99b27'&$count=true"},
		"error-search-without-consistencylevel": {target: `/v1.0/users?$search="displayName:Browser"`},
		"group-members-list":                    {target: "/v1.0/groups/" + partners + "/members/microsoft.graph.user?$select=id,mail"},
		"groups-delta-members-3":                {target: "/v1.0/groups/delta?$select=displayName,description,members"},
		"user-get":                              {target: "/v1.0/users/" + oscar},
		"user-memberof":                         {target: "/v1.0/users/" + oscar + "/memberOf"},
		"users-count":                           {"/v1.0/users/$count", eventual},
		"users-delta-concept-1":                 {target: "/v1.0/users/delta?$select=displayName,givenName,surname"},
		"users-delta-concept-3":                 {target: "/v1.0/users/delta?$select=displayName,givenName,surname"},
		"users-delta-concept-5":                 {target: "/v1.0/users/delta?$select=displayName,givenName,surname"},
		"users-delta-minimal":                   {target: "/v1.0/users/delta?$select=displayName,jobTitle,mobilePhone"},
		"users-filter-orderby-count":            {"/v1.0/users?$filter=startswith(displayName,'O')&$orderby=displayName&$count=true&$top=1&$select=displayName,mail,mailNickname,otherMails,proxyAddresses,userPrincipalName", eventual},
		"users-search":                          {`/v1.0/users?$search="displayName:wa"&$orderby=displayName&$count=true&$select=displayName,givenName,mail,mailNickname,userPrincipalName`, eventual},
		"xtap-identitysync-get":                 {target: partner + "/identitySynchronization"},
		"xtap-partner-get":                      {target: partner},
	}
	files, err := filepath.Glob("testdata/examples/*.json")
	if err != nil || len(files) != len(requests) {
		t.Fatalf("%d files, %d requests, %v", len(files), len(requests), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var doc example
			if err := json.Unmarshal(raw, &doc); err != nil {
				t.Fatal(err)
			}
			c := exampleClient(t, name)
			r := c.get(exampleTarget(c, name, requests[name].target), requests[name].headers...)
			same(t, "status", fmt.Sprint(r.status), doc.Status)
			alike(t, doc.Response, r)
		})
	}
}

// exampleClient brings the server into the situation that an example shows.
func exampleClient(t *testing.T, name string) *client {
	if name == "users-delta-concept-1" || name == "users-delta-minimal" {
		return newClient(t, WithBehavior(func(b *Behavior) { b.DeltaPageSize = 1 }))
	}
	return newClient(t)
}

// exampleTarget is the request of an example, for some of which others have to come first.
func exampleTarget(c *client, name, target string) string {
	if name != "users-delta-concept-5" && name != "groups-delta-members-3" {
		return target
	}
	_, link, _ := round(c, target)
	c.do("PATCH", "/v1.0/users/"+oscar, `{"displayName":"O"}`).want(c.t, 204)
	c.do("DELETE", "/v1.0/users/"+ada, "").want(c.t, 204)
	c.do("PATCH", "/v1.0/groups/"+partners, `{"description":"new"}`).want(c.t, 204)
	if err := c.server.AddMember(partners, maryam); err != nil {
		c.t.Fatal(err)
	}
	if err := c.server.RemoveMember(partners, gus); err != nil {
		c.t.Fatal(err)
	}
	return link
}

// alike compares a documented body with an answer.
func alike(t *testing.T, want json.RawMessage, got reply) {
	t.Helper()
	var doc any
	if err := json.Unmarshal(want, &doc); err != nil {
		t.Fatal(err)
	}
	object, ok := doc.(map[string]any)
	if !ok { // the bare number of /$count
		same(t, "type", got.header.Get("Content-Type"), plainText)
		return
	}
	hasKeys(t, "", object, got.body)
	if e, ok := object["error"].(map[string]any); ok {
		same(t, "code", got.code(), e["code"].(string))
		same(t, "message", got.message(), e["message"].(string))
	}
	if context, ok := object["@odata.context"].(string); ok {
		_, set, _ := strings.Cut(context, "#")
		set, _, _ = strings.Cut(set, "(")
		_, ours, _ := strings.Cut(got.text("@odata.context"), "$metadata#")
		ours, _, _ = strings.Cut(ours, "(")
		if set != ours && set != "directoryObjects" {
			t.Errorf("context: got %s, want %s", ours, set)
		}
	}
	for _, link := range []string{"@odata.nextLink", "@odata.deltaLink"} {
		theirs, _ := object[link].(string)
		_, theirs, _ = strings.Cut(theirs, "/v1.0/")
		theirs, _, _ = strings.Cut(theirs, "=")
		_, ours, _ := strings.Cut(got.text(link), "/v1.0/")
		ours, _, _ = strings.Cut(ours, "=")
		same(t, link, ours, theirs)
	}
}

// hasKeys wants each member of a documented object in the answer, and of a list some element that has
// all members of the documented one.
func hasKeys(t *testing.T, path string, want, got map[string]any) {
	t.Helper()
	for name, w := range want {
		g, ok := got[name]
		if !ok {
			t.Errorf("%s/%s is missing in %v", path, name, got)
			continue
		}
		switch w := w.(type) {
		case map[string]any:
			if inner, ok := g.(map[string]any); ok {
				hasKeys(t, path+"/"+name, w, inner)
			}
		case []any:
			list, _ := g.([]any)
			for i, element := range w {
				doc, ok := element.(map[string]any)
				if ok && !slices.ContainsFunc(list, func(v any) bool { return covers(doc, v) }) {
					t.Errorf("%s/%s[%d]: nothing like %v in %v", path, name, i, doc, list)
				}
			}
		}
	}
}

func covers(doc map[string]any, value any) bool {
	object, ok := value.(map[string]any)
	for name, w := range doc {
		g, there := object[name]
		ok = ok && there
		for _, element := range elements(w) {
			inner, isObject := element.(map[string]any)
			ok = ok && (!isObject || slices.ContainsFunc(elements(g), func(v any) bool { return covers(inner, v) }))
		}
	}
	return ok
}

func elements(v any) []any {
	list, _ := v.([]any)
	return list
}
