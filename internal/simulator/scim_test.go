package simulator

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/scim"
)

// scimClient is a client of the SCIM directory of the organization "main".
type scimClient struct {
	*client
	root string
}

func newDirectory(t *testing.T, options ...Option) *scimClient {
	t.Helper()
	c := newClient(t, append([]Option{WithClock(frozen)}, options...)...)
	c.bearer = atlassian.DefaultSecretToken
	return &scimClient{c, "/scim/directory/" + c.server.Organizations.ByKey["main"].Directory()}
}

func (d *scimClient) do(method, path, body string) reply {
	d.t.Helper()
	return d.client.do(method, d.root+path, body, "Content-Type", scim.ContentType)
}

func person(name, email string, more ...string) string {
	return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","` + atlassian.SCIMEnterprise + `"],"userName":"` +
		name + `","emails":[{"primary":true,"type":"work","value":"` + email + `"}]` + strings.Join(
		more, "",
	) + `}`
}

func patchOp(operations ...string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + strings.Join(
		operations, ",",
	) + `]}`
}

func (d *scimClient) create(name, email string, more ...string) string {
	d.t.Helper()
	return d.do("POST", "/Users", person(name, email, more...)).want(d.t, 201).text("id")
}

// wantSCIM wants an error in the shape of [atlassian 2.5].
func (r reply) wantSCIM(t *testing.T, status int, kind, detail string) {
	t.Helper()
	if r.status != status || r.text("status") != fmt.Sprint(status) || r.text("scimType") != kind || !strings.Contains(
		r.text("detail"), detail,
	) ||
		!strings.Contains(string(r.raw), `"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"]`) || r.header.Get(
		"Content-Type",
	) != scim.ContentType {
		t.Errorf("got %d %s, want %d %s %s", r.status, r.raw, status, kind, detail)
	}
}

func TestDirectoryUsers(t *testing.T) {
	d := newDirectory(t)
	r := d.do(
		"POST", "/Users",
		person(
			"oscar.ward@company.com", "oscar.ward@company.com",
			`,"externalId":"ext-1","name":{"givenName":"Oscar"},"`+atlassian.SCIMEnterprise+`":{"department":"Sales"}`,
		),
	).want(t, 201)
	id := r.text("id")
	assert.Equal(t, "Location", r.header.Get("Location"), testBase+d.root+"/Users/"+id)
	assert.Equal(t, "type", r.header.Get("Content-Type"), scim.ContentType)
	assert.Equal(t, "active without a word", r.body["active"], any(true))
	assert.Equal(t, "linked to the account", at(r.body, atlassian.SCIMExtension, "atlassianAccountId"), any("acc-1"))
	assert.Equal(t, "meta", at(r.body, "meta", "created"), any("2026-11-20T08:00:00Z"))
	r = d.do("GET", "/Users/"+id, "").want(t, 200)
	assert.Equal(t, "externalId", r.text("externalId"), "ext-1")
	assert.Equal(t, "department", at(r.body, atlassian.SCIMEnterprise, "department"), any("Sales"))

	d.do("POST", "/Users", person("other", "OSCAR.ward@company.com")).wantSCIM(
		t, 409, "uniqueness", "Resource [USER]: with email[OSCAR.ward@company.com] already exists.",
	)
	d.do("POST", "/Users", person("Oscar.Ward@company.com", "x@company.com")).
		wantSCIM(t, 409, "uniqueness", "userName[")
	d.do("POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"x"}`).wantSCIM(
		t, 400, "invalidValue", "email",
	)
	d.do(
		"POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"emails":[{"value":"a@b"}]}`,
	).wantSCIM(
		t, 400, "invalidValue", "",
	)
	d.do("POST", "/Users", `nonsense`).wantSCIM(t, 400, "invalidSyntax", "")
	d.do("GET", "/Users/none", "").wantSCIM(t, 404, "", "none")

	r = d.do("PATCH", "/Users/"+id, patchOp(`{"op":"Replace","path":"active","value":false}`, `{"op":"Add","path":"name.familyName","value":"Ward"}`,
		`{"op":"replace","path":"emails[type eq \"work\"].value","value":"o.ward@company.com"}`,
		`{"op":"add","path":"`+atlassian.SCIMEnterprise+`:department","value":"Legal"}`,
		`{"op":"add","path":"phoneNumbers[type eq \"mobile\"].value","value":"1"}`)).
		want(t, 200)
	assert.Equal(
		t, "patched",
		fmt.Sprint(
			r.body["active"], at(r.body, "name", "familyName"), at(r.body, "name", "givenName"),
			at(r.body, atlassian.SCIMEnterprise, "department"),
		),
		"falseWardOscarLegal",
	)
	assert.Equal(
		t, "emails", string(asText(r.body["emails"])), `[{"primary":true,"type":"work","value":"o.ward@company.com"}]`,
	)
	assert.Equal(t, "phones", string(asText(r.body["phoneNumbers"])), `[{"type":"mobile","value":"1"}]`)
	d.do("DELETE", "/Users/"+d.create("someone", "oscar.ward@company.com"), "").want(t, 204) // the old address is free
	d.do("POST", "/Users", person("someone", "o.ward@company.com")).wantSCIM(t, 409, "uniqueness", "o.ward")
	r = d.do(
		"PATCH", "/Users/"+id,
		patchOp(
			`{"op":"replace","value":{"active":true,"displayName":"O","name.givenName":"Os"}}`,
			`{"op":"remove","path":"phoneNumbers[type eq \"mobile\"]"}`, `{"op":"remove","path":"name.familyName"}`,
		),
	).want(t, 200)
	assert.Equal(
		t, "without a path",
		fmt.Sprint(
			r.body["active"], r.body["displayName"], at(r.body, "name", "givenName"), at(r.body, "name", "familyName"),
			string(asText(r.body["phoneNumbers"])),
		),
		"trueOOs<nil>[]",
	)
	d.do("PATCH", "/Users/"+id, patchOp(`{"op":"replace","path":"noSuch","value":1}`)).
		wantSCIM(t, 400, "invalidPath", "")
	d.do("PATCH", "/Users/"+id, patchOp()).wantSCIM(t, 400, "invalidValue", "")

	d.do("PUT", "/Users/"+id, person("oscar.ward@company.com", "oscar.ward@company.com")).
		wantSCIM(t, 409, "uniqueness", "oscar.ward") // another account has it by now
	r = d.do("PUT", "/Users/"+id, person("oscar.ward@company.com", "o.ward@company.com")).want(t, 200)
	assert.Equal(
		t, "PUT clears what it doesn't say", fmt.Sprint(r.body["displayName"], r.body["externalId"], r.body["name"]),
		"<nil> <nil> <nil>",
	)
	assert.Equal(t, "but not the link", at(r.body, atlassian.SCIMExtension, "atlassianAccountId"), any("acc-1"))
	d.do("DELETE", "/Users/"+id, "").want(t, 204)
	d.do("GET", "/Users/"+id, "").wantSCIM(t, 404, "", id)
	d.create("oscar.ward@company.com", "o.ward@company.com") // its keys are free again
}

func asText(v any) []byte { return rawjson.Marshal(v) }

func TestDirectoryFiltersAndPages(t *testing.T) {
	d := newDirectory(t)
	for i := range 150 {
		d.create(
			fmt.Sprintf(
				"u%d@company.com",
				i,
			),
			fmt.Sprintf("u%d@company.com", i),
			fmt.Sprintf(`,"externalId":"Ext-%d"`, i),
		)
	}
	list := func(query string) string {
		r := d.do("GET", "/Users?"+query, "").want(t, 200)
		first := ""
		if all := rawjson.Objects(r.body["Resources"]); len(all) > 0 {
			first, _ = all[0]["userName"].(string)
		}
		return fmt.Sprint(
			r.body["totalResults"],
			" ",
			len(rawjson.Objects(r.body["Resources"])),
			" ",
			r.body["startIndex"],
			" ",
			first,
		)
	}
	assert.Equal(t, "first page", list(""), "150 100 1 u0@company.com")
	assert.Equal(t, "second page", list("startIndex=101"), "150 50 101 u100@company.com")
	assert.Equal(t, "some", list("startIndex=11&count=5"), "150 5 11 u10@company.com")
	assert.Equal(t, "too many", list("count=1000"), "150 100 1 u0@company.com")
	assert.Equal(t, "none", list("count=0"), "150 0 1 ")
	assert.Equal(t, "by name", list(`filter=userName eq "U7@company.com"`), "1 1 1 u7@company.com")
	assert.Equal(t, "by external id", list(`filter=externalId eq "Ext-8"`), "1 1 1 u8@company.com")
	assert.Equal(t, "with case", list(`filter=externalId eq "ext-8"`), "0 0 1 ")
	for _, bad := range []string{
		`emails[type eq "work"].value eq "u1@company.com"`, `emails.value eq "x"`, `userName sw "u"`,
		`userName eq "a" or userName eq "b"`, `displayName eq "x"`, `nonsense`,
	} {
		d.do("GET", "/Users?filter="+bad, "").wantSCIM(t, 400, "invalidFilter", "")
	}
	r := d.do("GET", "/Users?attributes=userName&count=1", "").want(t, 200)
	assert.Equal(t, "attributes", len(rawjson.Objects(r.body["Resources"])[0]), 3)
	r = d.do("GET", "/Users?excludedAttributes=emails,meta&count=1", "").want(t, 200)
	if one := rawjson.Objects(
		r.body["Resources"],
	)[0]; one["emails"] != nil || one["meta"] != nil || one["userName"] == nil {
		t.Errorf("%v", one)
	}
	d.do("GET", "/Users?attributes=a&excludedAttributes=b", "").wantSCIM(t, 400, "invalidValue", "")
	d.do("GET", "/Users?count=x", "").wantSCIM(t, 400, "", "count")
}

func TestDirectoryGroups(t *testing.T) {
	d := newDirectory(t)
	a, b := d.create("a@company.com", "a@company.com"), d.create("b@company.com", "b@company.com")
	group := func(name string) string {
		return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"` + name +
			`","externalId":"g","members":[]}`
	}
	id := d.do("POST", "/Groups", group("Staff")).want(t, 201).text("id")
	d.do("POST", "/Groups", group("staff")).wantSCIM(t, 409, "uniqueness", "staff")
	if err := d.server.PutOrganizationGroup("main", []byte(`{"id":"own","name":"Admins"}`)); err != nil {
		t.Fatal(err)
	}
	d.do("POST", "/Groups", group("Admins")).wantSCIM(
		t, 409, "uniqueness",
		"Failed to create group of name Admins for OrgId "+orgMain+" due to existing group with same name in "+
			"organization",
	)

	members := func() string { return strings.Join(d.server.Organizations.ByKey["main"].SCIM.Groups[0].Members(), " ") }
	d.do("PATCH", "/Groups/"+id, patchOp(`{"op":"add","path":"members","value":[{"value":"`+a+`"}]}`)).want(t, 200)
	d.do(
		"PATCH", "/Groups/"+id, patchOp(`{"op":"Add","path":"members","value":[{"value":"`+b+`"},{"value":"`+a+`"}]}`),
	).want(t, 200)
	assert.Equal(t, "added, each once", members(), a+" "+b)
	d.do("PATCH", "/Groups/"+id, patchOp(`{"op":"Remove","path":"members[value eq \"`+a+`\"]"}`)).want(t, 200)
	assert.Equal(t, "removed", members(), b)
	d.do("PATCH", "/Groups/"+id, patchOp(`{"op":"replace","path":"displayName","value":"Others"}`)).wantSCIM(
		t, 400, "mutability", "renamed",
	)
	d.do("PATCH", "/Groups/"+id, patchOp(`{"op":"add","path":"members","value":[{"value":"nobody"}]}`)).wantSCIM(
		t, 400, "invalidValue", "nobody",
	)
	assert.Equal(t, "by name", d.do("GET", `/Groups?filter=displayName eq "Staff"`, "").body["totalResults"], any(1.0))
	assert.Equal(
		t, "without members", d.do("GET", "/Groups/"+id+"?excludedAttributes=members", "").body["members"], any(nil),
	)
	d.do("GET", `/Groups?filter=externalId eq "g"`, "").wantSCIM(t, 400, "invalidFilter", "")

	org := d.server.Organizations.ByKey["main"]
	mirrored := func() string {
		for _, g := range org.Groups {
			if g.Name == "Staff" {
				return fmt.Sprint(g.ExternalSynced, len(g.Members))
			}
		}
		return "none"
	}
	assert.Equal(t, "among the organization's groups", mirrored(), "true 1")
	d.do("DELETE", "/Users/"+b, "").want(t, 204)
	assert.Equal(t, "members", members()+mirrored(), "true 0")
	d.do("DELETE", "/Groups/"+id, "").want(t, 204)
	assert.Equal(t, "deleted", mirrored(), "none")
}

// Accounts: managed ones follow active, others live on; a change of someone outside the verified domains
// breaks the link and takes them out of the groups [atlassian 2.4], [atlassian 2.6].
func TestDirectoryAccounts(t *testing.T) {
	d := newDirectory(t)
	inside, outside := d.create("new@company.com", "new@company.com"), d.create("gus@fabrikam.com", "gus@fabrikam.com")
	g := d.do(
		"POST", "/Groups",
		`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Staff","members":[{"value":"`+inside+
			`"},{"value":"`+outside+`"}]}`,
	).want(t, 201).text("id")
	account := func(email string) string {
		for _, a := range d.server.Organizations.ByKey["main"].Accounts {
			if a.Email == email {
				return a.ClaimStatus + " " + a.AccountStatus
			}
		}
		return "none"
	}
	assert.Equal(t, "inside", account("new@company.com"), "managed active")
	assert.Equal(t, "outside", account("gus@fabrikam.com"), "unmanaged active")
	off := patchOp(`{"op":"replace","path":"active","value":false}`)
	d.do("PATCH", "/Users/"+inside, off).want(t, 200)
	if r := d.do("PATCH", "/Users/"+outside, off).want(t, 200); at(
		r.body, atlassian.SCIMExtension, "atlassianAccountId",
	) == nil {
		t.Error("active alone broke the link")
	}
	assert.Equal(t, "inside, disabled", account("new@company.com"), "managed inactive")
	assert.Equal(t, "outside, disabled", account("gus@fabrikam.com"), "unmanaged active")
	rename := patchOp(`{"op":"replace","path":"displayName","value":"New name"}`)
	r := d.do("PATCH", "/Users/"+outside, rename).want(t, 200)
	assert.Equal(t, "the link", r.body[atlassian.SCIMExtension], any(nil))
	assert.Equal(t, "members left", len(d.do("GET", "/Groups/"+g, "").body["members"].([]any)), 1)
	r = d.do("PATCH", "/Users/"+inside, rename).want(t, 200)
	if at(r.body, atlassian.SCIMExtension, "atlassianAccountId") == nil {
		t.Error("the link of someone inside is gone")
	}
	d.do("DELETE", "/Users/"+inside, "").want(t, 204)
	assert.Equal(t, "deleted", account("new@company.com"), "managed inactive")
}

func TestDirectoryOptions(t *testing.T) {
	d := newDirectory(t, WithBehavior(func(b *env.Behavior) {
		b.DirectoryVerifiedOnly, b.DirectoryUsers, b.DirectoryGroupUsers = true, 2, 1
	}))
	d.do("POST", "/Users", person("x@fabrikam.com", "x@fabrikam.com")).wantSCIM(t, 400, "invalidValue", "verified")
	a, b := d.create("a@company.com", "a@company.com"), d.create("b@company.com", "b@company.com")
	d.do("POST", "/Users", person("c@company.com", "c@company.com")).wantSCIM(t, 400, "tooMany", "full")
	d.do(
		"POST", "/Groups",
		`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"G","members":[{"value":"`+a+
			`"},{"value":"`+b+`"}]}`,
	).wantSCIM(
		t, 400, "tooMany", "1 users",
	)

	d = newDirectory(t, WithBehavior(func(b *env.Behavior) { b.DirectoryKeepsLinks = true }))
	id := d.create("gus@fabrikam.com", "gus@fabrikam.com")
	if r := d.do(
		"PATCH", "/Users/"+id, patchOp(`{"op":"replace","path":"displayName","value":"N"}`),
	); r.body[atlassian.SCIMExtension] == nil {
		t.Errorf("%s", r.raw)
	}
}

func TestDirectoryAuthorization(t *testing.T) {
	d := newDirectory(t, WithDirectoryToken("main", "main-key"))
	d.do("GET", "/Users", "").wantSCIM(t, 403, "", "directory") // the other organization's
	d.bearer = "wrong"
	d.do("GET", "/Users", "").wantSCIM(t, 401, "", "Unauthorized")
	d.bearer = atlassian.DefaultAPIKey
	d.do("GET", "/Users", "").wantSCIM(t, 401, "", "Unauthorized")
	d.bearer = "main-key"
	d.do("GET", "/Users", "").want(t, 200)
	d.client.do("GET", "/scim/directory/none/Users", "").wantSCIM(t, 404, "", "none")
	d.do("GET", "/Other", "").wantSCIM(t, 404, "", "endpoint")
}

func TestDirectoryDescribesItself(t *testing.T) {
	d := newDirectory(t)
	assert.Equal(
		t, "patch", at(d.do("GET", "/ServiceProviderConfig", "").want(t, 200).body, "patch", "supported"), any(true),
	)
	assert.Equal(t, "types", d.do("GET", "/ResourceTypes", "").want(t, 200).body["totalResults"], any(2.0))
	assert.Equal(t, "type", d.do("GET", "/ResourceTypes/User", "").want(t, 200).text("endpoint"), "/Users")
	for _, id := range []string{
		atlassian.SCIMEnterprise, atlassian.SCIMExtension, "urn:ietf:params:scim:schemas:core:2.0:Group",
	} {
		assert.Equal(t, "schema", d.do("GET", "/Schemas/"+id, "").want(t, 200).text("id"), id)
	}
}

// The directory is a part of the snapshot: seeded from it, and written back.
func TestDirectorySnapshot(t *testing.T) {
	const seed = `{"version":1,"organizations":{"main":{"organization_id":"o","domains":[],"scim":{"users":[
 {"id":"s2","userName":"b@x.com","emails":[{"value":"b@x.com"}],"active":false,"schemas":["x"]},{"id":"s1","userName":"a@x.com","emails":[{"value":"a@x.com"}],"externalId":"e"}],
 "groups":[{"id":"g1","displayName":"Staff","members":[{"value":"s1"}]}]}}}}`
	server, err := New(strings.NewReader(seed), WithClock(frozen))
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, server: server, bearer: atlassian.DefaultSecretToken}
	d := &scimClient{c, "/scim/directory/" + server.Organizations.ByKey["main"].Directory()}
	assert.Equal(t, "found", d.do("GET", `/Users?filter=externalId eq "e"`, "").body["totalResults"], any(1.0))
	d.do("POST", "/Users", person("c", "b@x.com")).wantSCIM(t, 409, "uniqueness", "b@x.com")
	var first, second bytes.Buffer
	if err := server.Snapshot(&first); err != nil {
		t.Fatal(err)
	}
	again, err := New(bytes.NewReader(first.Bytes()), WithClock(frozen))
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Snapshot(&second); err != nil {
		t.Fatal(err)
	}
	if first.String() != second.String() || !strings.Contains(
		first.String(),
		`{"active":false,"emails":[{"value":"b@x.com"}],"id":"s2","schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"b@x.com"}`,
	) {
		t.Errorf("%s\n%s", first.String(), second.String())
	}
	for _, bad := range []string{`[]`, `{"users":[{}]}`, `{"users":{}}`} {
		if _, err := New(
			strings.NewReader(`{"version":1,"organizations":{"main":{"organization_id":"o","scim":` + bad + `}}}`),
		); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}
