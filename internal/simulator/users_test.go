package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
)

func TestDefaultPropertiesOnly(t *testing.T) {
	c := newClient(t)
	user := c.get("/v1.0/users/"+oscar).want(t, 200).body
	for _, name := range []string{"userType", "accountEnabled", "creationType", "identities", "companyName"} {
		if _, ok := user[name]; ok {
			t.Errorf("%s is answered without $select", name)
		}
	}
	assert.Equal(t, "displayName", user["displayName"], any("Oscar Ward"))
	if v, ok := user["mobilePhone"]; !ok || v != nil {
		t.Errorf("mobilePhone: got %v, %t; want null", v, ok)
	}
}

func TestGetByPrincipalName(t *testing.T) {
	c := newClient(t)
	r := c.get("/v1.0/users/gus_fabrikam.com#EXT#@company.onmicrosoft.com?$select=id,userType").want(t, 200)
	assert.Equal(t, "id", r.text("id"), gus)
	assert.Equal(t, "context", r.text("@odata.context"), testBase+"/v1.0/$metadata#users(id,userType)/$entity")
	c.get("/v1.0/users('"+oscar+"')").want(t, 200)
	c.get("/v1.0/users/"+strings.ToUpper(oscar)).want(t, 200)
	r = c.get("/v1.0/users/nobody@company.com").want(t, 404, "Request_ResourceNotFound")
	if !strings.Contains(r.message(), "'nobody@company.com' does not exist") {
		t.Error(r.message())
	}
	c.get("/v1.0/users/"+groupAtlassian).want(t, 404)
	c.get("/v1.0/groups/"+oscar).want(t, 404)
}

func TestSelect(t *testing.T) {
	c := newClient(t)
	r := c.get(
		"/v1.0/users?$select=id,mail,otherMails,identities,onPremisesExtensionAttributes,extension_0123456789abcdef0123456789abcdef_costCenter",
	).want(t, 200)
	assert.Equal(t, "users", len(r.values()), 5)
	assert.Equal(t, "otherMails of a user that has none", fmt.Sprint(r.values()[1]["otherMails"]), "[]")
	assert.Equal(t, "extension", r.values()[3]["extension_0123456789abcdef0123456789abcdef_costCenter"], any("42"))
	r = c.get("/v1.0/users?$select=id,foo").want(t, 400, "BadRequest")
	assert.Equal(
		t, "message", r.message(),
		"Parsing OData Select and Expand failed: Could not find a property named 'foo' on type 'microsoft.graph.user'.",
	)
	c.get("/v1.0/users?$select=skills").want(t, 501, "NotImplemented")
	c.get("/v1.0/users?$expand=directReports").want(t, 501, "Simulator_NotBuilt")
	c.get("/v1.0/users?$foo=1").want(t, 400, "BadRequest")
	c.get("/v1.0/users?$skip=1").want(t, 400)
	c.get("/v1.0/users/"+oscar+"?$select=foo").want(t, 400, "BadRequest")
}

func TestPaging(t *testing.T) {
	c := newClient(t)
	seen, link := []string{}, "/v1.0/users?$select=id&$top=2"
	r := c.get(link).want(t, 200)
	for pages := 1; ; pages++ {
		for _, v := range r.values() {
			seen = append(seen, v["id"].(string))
		}
		next := r.text("@odata.nextLink")
		if next == "" {
			assert.Equal(t, "pages", pages, 3)
			break
		}
		r = c.follow(next).want(t, 200)
	}
	assert.Equal(t, "seen", strings.Join(seen, " "), strings.Join([]string{oscar, ada, gus, mia, maryam}, " "))
	for _, top := range []string{"0", "1000", "-1", "x"} {
		c.get("/v1.0/users?$top="+top).want(t, 400)
	}
	c.get("/v1.0/users?$top=999").want(t, 200)
	c.get("/v1.0/users?$skiptoken=nonsense").want(t, 400)
}

func TestPagingSurvivesChange(t *testing.T) {
	c := newClient(t)
	r := c.get("/v1.0/users?$select=id&$top=2").want(t, 200)
	if err := c.server.DeleteObject(oscar, false); err != nil {
		t.Fatal(err)
	}
	r = c.follow(r.text("@odata.nextLink")).want(t, 200)
	assert.Equal(t, "second page", r.column("id"), gus+" "+mia)
}

func TestCount(t *testing.T) {
	c := newClient(t)
	r := c.advanced("/v1.0/users/$count").want(t, 200)
	assert.Equal(t, "body", string(r.raw), "5")
	if ct := r.header.Get("Content-Type"); !strings.HasPrefix(ct, "text/plain") {
		t.Error(ct)
	}
	c.get("/v1.0/users/$count").want(t, 400, "Request_BadRequest")
	assert.Equal(
		t,
		"filtered",
		string(c.advanced("/v1.0/users/$count?$filter=userType ne 'Guest'").want(t, 200).raw),
		"4",
	)
	if _, ok := c.get("/v1.0/users?$count=true").want(t, 200).body["@odata.count"]; ok {
		t.Error("$count=true without the header isn't ignored")
	}
	assert.Equal(t, "count", c.advanced("/v1.0/users?$count=true&$top=1").want(t, 200).body["@odata.count"], any(5.0))
}

func TestOrderAndSearch(t *testing.T) {
	c := newClient(t)
	r := c.get("/v1.0/users?$orderby=displayName&$select=id&$top=3").want(t, 200)
	assert.Equal(t, "first", r.column("id"), ada+" "+gus+" "+mia)
	r = c.follow(r.text("@odata.nextLink")).want(t, 200)
	assert.Equal(t, "second", r.column("id"), oscar+" "+maryam)
	r = c.get("/v1.0/users?$orderby=displayName desc&$select=id&$top=1").want(t, 200)
	assert.Equal(t, "descending", r.column("id"), maryam)
	c.get("/v1.0/users?$orderby=displayName&$filter=accountEnabled eq true").want(t, 400, "Request_UnsupportedQuery")
	c.advanced("/v1.0/users?$orderby=displayName&$filter=accountEnabled eq true&$count=true").want(t, 200)
	c.get("/v1.0/users?$orderby=department").want(t, 400)
	assert.Equal(
		t, "search", c.advanced(`/v1.0/users?$search="displayName:wa"&$select=id`).want(t, 200).column("id"), oscar,
	)
	assert.Equal(
		t, "or", c.advanced(`/v1.0/users?$search="displayName:wa" OR "mail:gus"&$select=id`).want(t, 200).column("id"),
		oscar+" "+gus,
	)
	c.get(`/v1.0/users?$search="displayName:wa"`).want(t, 400, "Request_UnsupportedQuery")
	c.advanced(`/v1.0/users?$search=wa`).want(t, 400)
}

func TestPatchUser(t *testing.T) {
	c := newClient(t)
	user := "/v1.0/users/" + gus
	r := c.do("PATCH", user, `{"userType":"Member"}`).want(t, 204)
	assert.Equal(t, "body", len(r.raw), 0)
	assert.Equal(t, "userType", c.get(user+"?$select=userType").text("userType"), "Member")

	long := strings.Repeat("x", 257)
	for _, bad := range []struct{ body, code string }{
		{``, "BadRequest"},
		{`[]`, "BadRequest"},
		{`{"userType":`, "BadRequest"},
		{`{"userType":"Visitor"}`, "Request_BadRequest"},
		{`{"userType":""}`, "Request_BadRequest"},
		{`{"usertype":"Guest"}`, "Request_BadRequest"},
		{`{"accountEnabled":"true"}`, "RequestBodyRead"},
		{`{"accountEnabled":null}`, "Request_BadRequest"},
		{`{"displayName":null}`, "Request_BadRequest"},
		{`{"displayName":"` + long + `"}`, "Request_BadRequest"},
		{`{"creationType":"Invitation"}`, "Request_BadRequest"},
		{`{"proxyAddresses":[]}`, "Request_BadRequest"},
		{`{"otherMails":null}`, "Request_BadRequest"},
		{`{"otherMails":[1]}`, "RequestBodyRead"},
		{`{"usageLocation":"DEU"}`, "Request_BadRequest"},
		{`{"userPrincipalName":"gus@unverified.com"}`, "Request_BadRequest"},
		{`{"userPrincipalName":"gus@nowhere.example"}`, "Request_BadRequest"},
		{`{"userPrincipalName":"ADA@company.com"}`, "Request_BadRequest"},
		{`{"mail":"no address"}`, "Request_BadRequest"},
	} {
		c.do("PATCH", user, bad.body).want(t, 400, bad.code)
	}
	c.do("PATCH", user, `{"userType":"Guest"}`, "Content-Type", "text/plain").want(t, 400, "BadRequest")
	c.do("PATCH", "/v1.0/users/"+mia, `{"displayName":"Other"}`).want(t, 400, "Request_BadRequest")
	c.do("PATCH", "/v1.0/users/"+mia, `{"userType":"Guest","usageLocation":"DE"}`).want(t, 204)
	c.do("PATCH", "/v1.0/users/nobody", `{"userType":"Guest"}`).want(t, 404)

	c.do(
		"PATCH", "/v1.0/users/"+oscar, `{"mail":"o.ward@company.com","userPrincipalName":"o.ward@company.com"}`,
	).want(t, 204)
	r = c.get("/v1.0/users/o.ward@company.com?$select=id,proxyAddresses").want(t, 200)
	assert.Equal(
		t, "proxyAddresses", fmt.Sprint(r.body["proxyAddresses"]), "[SMTP:o.ward@company.com "+
			"smtp:oscar.ward@company.com]",
	)
	c.get("/v1.0/users/oscar.ward@company.com").want(t, 404)
}

func TestCreateUser(t *testing.T) {
	c := newClient(t, WithClock(frozen))
	const body = `{"accountEnabled":true,"displayName":"New","mailNickname":"new","userPrincipalName":"new@company.com","passwordProfile":{"password":"xWwvJ]6NMw+bWH-d"}}`
	r := c.do("POST", "/v1.0/users", body).want(t, 201)
	id := r.text("id")
	assert.Equal(t, "Location", r.header.Get("Location"), testBase+"/v1.0/users/"+id)
	r = c.get("/v1.0/users/"+id+"?$select=userType,createdDateTime,identities,creationType").want(t, 200)
	assert.Equal(t, "userType", r.text("userType"), "Member")
	assert.Equal(t, "created", r.text("createdDateTime"), "2026-11-20T08:00:00Z")
	c.do("POST", "/v1.0/users", body).want(t, 400, "Request_BadRequest")
	c.do("POST", "/v1.0/users", strings.Replace(body, `"displayName":"New",`, "", 1)).want(t, 400)
	c.do(
		"POST", "/v1.0/users",
		strings.Replace(strings.Replace(body, "new@", "new2@", 1), `"password":"xWwvJ]6NMw+bWH-d"`, "", 1),
	).want(t, 400)
}

func TestSoftDeleteAndRestore(t *testing.T) {
	c := newClient(t, WithClock(frozen))
	c.do("DELETE", "/v1.0/users/"+gus, "").want(t, 204)
	c.get("/v1.0/users/"+gus).want(t, 404)
	assert.Equal(t, "users left", len(c.get("/v1.0/users").values()), 4)
	assert.Equal(
		t,
		"members left",
		strings.Contains(c.get("/v1.0/groups/"+groupPartners+"/members?$select=id").column("id"), gus),
		false,
	)
	r := c.get("/v1.0/directory/deletedItems/microsoft.graph.user?$select=id,deletedDateTime").want(t, 200)
	assert.Equal(t, "deleted", r.column("id")+r.column("deletedDateTime"), gus+"2026-11-20T08:00:00Z")
	c.do("POST", "/v1.0/directory/deletedItems/"+gus+"/restore", "").want(t, 200)
	c.get("/v1.0/users/"+gus).want(t, 200)
	assert.Equal(
		t,
		"members again",
		strings.Contains(c.get("/v1.0/groups/"+groupPartners+"/members?$select=id").column("id"), gus),
		true,
	)
	c.do("DELETE", "/v1.0/users/"+gus, "").want(t, 204)
	c.do("DELETE", "/v1.0/directory/deletedItems/"+gus, "").want(t, 204)
	c.do("POST", "/v1.0/directory/deletedItems/"+gus+"/restore", "").want(t, 404)
}

func TestAuthorization(t *testing.T) {
	c := newClient(t)
	c.get("/v1.0/users", "Authorization", "").want(t, 401, "InvalidAuthenticationToken")
	c.get("/v1.0/users", "Authorization", "Bearer x").want(t, 401, "InvalidAuthenticationToken")
	foreign := c.server.IssueToken(
		testBase, login.App{ClientID: "x", Roles: login.AllRoles()}, "https://graph.microsoft.com",
	)
	r := c.get("/v1.0/users", "Authorization", "Bearer "+foreign).want(t, 401, "InvalidAuthenticationToken")
	if !strings.Contains(r.message(), "Invalid audience") || r.header.Get("WWW-Authenticate") == "" {
		t.Error(r.message(), r.header)
	}
	reader := c.as("User.Read.All")
	reader.get("/v1.0/users").want(t, 200)
	r = reader.get("/v1.0/groups").want(t, 403, "Authorization_RequestDenied")
	assert.Equal(t, "message", r.message(), "Insufficient privileges to complete the operation.")
	reader.do("PATCH", "/v1.0/users/"+oscar, `{"userType":"Guest"}`).want(t, 403)
	reader.get("/v1.0/domains").want(t, 403)
	c.as("Domain.Read.All").get("/v1.0/domains").want(t, 200)
	c.server.Advance(login.TokenLife)
	c.get("/v1.0/users").want(t, 401, "InvalidAuthenticationToken")
}

func TestHeaders(t *testing.T) {
	c := newClient(t)
	r := c.get("/v1.0/users/nobody", "client-request-id", "from-the-test").want(t, 404)
	assert.Equal(t, "client-request-id", r.header.Get("client-request-id"), "from-the-test")
	assert.Equal(t, "Content-Type", r.header.Get("Content-Type"), graph.ContentType)
	assert.Equal(t, "OData-Version", r.header.Get("OData-Version"), "4.0")
	inner := r.body["error"].(map[string]any)["innerError"].(map[string]any)
	assert.Equal(t, "request-id", inner["request-id"], any(r.header.Get("request-id")))
	assert.Equal(t, "inner client-request-id", inner["client-request-id"], any("from-the-test"))
	c.get("/v1.0/nothing").want(t, 400, "BadRequest")
	c.do("PUT", "/v1.0/users", `{}`).want(t, http.StatusMethodNotAllowed)
	c.get("/beta/users").want(t, 501)
}

func TestStrangeNames(t *testing.T) {
	c := newClient(t)
	names := []string{}
	for _, v := range c.get("/v1.0/users").values() {
		names = append(names, v["displayName"].(string))
	}
	for _, want := range []string{`Ada "the" Lovelace`, "مريم 😀"} {
		if !slices.Contains(names, want) {
			t.Errorf("%q isn't among %q", want, names)
		}
	}
	c.do("PATCH", "/v1.0/users/"+oscar, `{"displayName":"a\u0001\n<\"b\"> \u2028"}`).want(t, 204)
	assert.Equal(t, "name", c.get("/v1.0/users/"+oscar).text("displayName"), "a\x01\n<\"b\"> \u2028")
}
