package simulator

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// What independent clients of Graph rely on.

// A value "" takes a secret away [graph 3.4]; a secret is listed as *.
func TestSecretsEmptyAndMasked(t *testing.T) {
	p := newScenario(t)
	root := "/v1.0/servicePrincipals/app/synchronization/secrets"
	p.do(
		"PUT",
		root,
		`{"value":[{"key":"BaseAddress","value":"https://x"},{"key":"SecretToken","value":"t"},{"key":"SyncAll","value":""}]}`,
	).
		want(t, 204)
	assert.Equal(t, "keys", p.get(root).want(t, 200).column("key"), "BaseAddress SecretToken")
	assert.Equal(t, "values", p.get(root).column("value"), "https://x *")
	p.do(
		"PUT", root, `{"value":[{"key":"BaseAddress","value":"https://x"},{"key":"SecretToken","value":""}]}`,
	).want(t, 204)
	assert.Equal(t, "without the token", p.get(root).column("key"), "BaseAddress")
}

// Whether someone is a member may be asked for without the headers of advanced queries.
func TestMembersByID(t *testing.T) {
	c := newClient(t)
	group := "/v1.0/groups/" + groupPartners
	all := strings.Fields(c.get(group+"/members").want(t, 200).column("id"))
	for _, id := range all {
		assert.Equal(t, id, c.get(group+"/members?$filter=id eq '"+id+"'").want(t, 200).column("id"), id)
	}
	assert.Equal(t, "nobody", c.get(group+"/members?$filter=id eq '"+oscar+"0'").want(t, 200).column("id"), "")
	two := c.get(
		group+"/transitiveMembers?$filter=id eq '"+all[0]+"' or id eq '"+all[len(all)-1]+"'&$select=id",
	).want(t, 200)
	assert.Equal(t, "two", len(two.values()), 2)
	c.get(group+"/members?$filter=displayName eq 'x'").want(t, 400, "Request_UnsupportedQuery")
}

// What Graph has and the simulator hasn't is 501 and its own code; what nobody has is Graph's 400.
func TestNotBuilt(t *testing.T) {
	c := newClient(t)
	user, group := "/v1.0/users/"+oscar, "/v1.0/groups/"+groupPartners
	for _, x := range []struct{ method, target, body string }{
		{"GET", "/v1.0/users?$select=id,ageGroup", ""}, {"GET", user + "?$select=assignedLicenses", ""},
		{"GET", "/v1.0/users?$filter=passwordPolicies eq 'x'", ""}, {"GET", "/v1.0/users?$expand=memberOf", ""},
		{"GET", "/v1.0/groups?$select=assignedLabels", ""}, {"GET", "/v1.0/users?$orderby=ageGroup", ""},
		{"PATCH", user, `{"ageGroup":"Adult"}`}, {"PATCH", group, `{"classification":"x"}`},
		{"GET", "/v1.0/invitations", ""}, {"POST", "/v1.0/invitations", `{}`}, {"GET", "/v1.0/me", ""},
		{"GET", "/v1.0/me/memberOf", ""}, {"GET", user + "/licenseDetails", ""}, {"GET", user + "/ownedObjects", ""},
		{"GET", group + "/owners/microsoft.graph.user", ""}, {"GET", "/v1.0/devices", ""},
		{"GET", "/v1.0/applications/{id}/owners", ""}, {"GET", "/v1.0/servicePrincipals?$select=id,passwordCredentials", ""},
	} {
		c.do(x.method, x.target, x.body).want(t, 501, "Simulator_NotBuilt")
	}
	for _, x := range []struct{ method, target, body string }{
		{"GET", "/v1.0/users?$select=id,noSuch", ""}, {"GET", "/v1.0/users?$filter=noSuch eq 'x'", ""},
		{"PATCH", user, `{"noSuch":"x"}`}, {"GET", "/v1.0/noSuch", ""}, {"GET", user + "/noSuch", ""},
		{"GET", "/v1.0/servicePrincipals?$select=id,noSuch", ""}, {"GET", "/v1.0/usrs/" + oscar, ""},
	} {
		if r := c.do(x.method, x.target, x.body); r.status != 400 || r.code() == "Simulator_NotBuilt" {
			t.Errorf("%s %s: %d %s", x.method, x.target, r.status, r.code())
		}
	}
}

func TestManager(t *testing.T) {
	c := newClient(t)
	at := "/v1.0/users/" + oscar + "/manager"
	ref := func(id string) string { return `{"@odata.id":"https://graph.microsoft.com/v1.0/users/` + id + `"}` }
	c.get(at).want(t, 404, "Request_ResourceNotFound")
	c.do("PUT", at+"/$ref", ref(ada)).want(t, 204)
	r := c.get(at).want(t, 200)
	assert.Equal(t, "manager", r.text("id")+" "+r.text("@odata.type"), ada+" #microsoft.graph.user")
	assert.Equal(t, "selected", len(c.get(at+"?$select=id").want(t, 200).body), 3)
	c.do("PUT", at+"/$ref", ref(maryam)).want(t, 204)
	assert.Equal(t, "another", c.get(at).text("id"), maryam)
	c.do("PUT", at+"/$ref", ref(oscar+"0")).want(t, 404)
	c.do("DELETE", at+"/$ref", "").want(t, 204)
	c.get(at).want(t, 404)
	c.do("DELETE", at+"/$ref", "").want(t, 404)
	c.as("User.Read.All").do("PUT", at+"/$ref", ref(ada)).want(t, 403)

	c.do("PUT", at+"/$ref", ref(ada)).want(t, 204)
	var snapshot strings.Builder
	if err := c.server.Snapshot(&snapshot); err != nil {
		t.Fatal(err)
	}
	again, err := New(strings.NewReader(snapshot.String()))
	if err != nil {
		t.Fatal(err)
	}
	c.server = again
	c.bearer = (&scenario{client: c}).token()
	assert.Equal(t, "in a snapshot", c.get(at).want(t, 200).text("id"), ada)
	if err := again.DeleteObject(ada, false); err != nil {
		t.Fatal(err)
	}
	c.get(at).want(t, 404)
}

func TestOwners(t *testing.T) {
	c := newClient(t)
	at := "/v1.0/groups/" + groupPartners + "/owners"
	ref := func(id string) string {
		return `{"@odata.id":"https://graph.microsoft.com/v1.0/directoryObjects/` + id + `"}`
	}
	assert.Equal(t, "none", c.get(at).want(t, 200).column("id"), "")
	c.do("POST", at+"/$ref", ref(oscar)).want(t, 204)
	c.do("POST", at+"/$ref", ref(oscar)).want(t, 400)
	c.do("POST", at+"/$ref", ref(ada)).want(t, 204)
	r := c.get(at).want(t, 200)
	assert.Equal(t, "owners", r.column("id"), oscar+" "+ada)
	assert.Equal(t, "type", r.values()[0]["@odata.type"], any("#microsoft.graph.user"))
	c.do("DELETE", at+"/"+oscar+"/$ref", "").want(t, 204)
	c.do("DELETE", at+"/"+oscar+"/$ref", "").want(t, 404)
	assert.Equal(t, "left", c.get(at).column("id"), ada)
	made := c.do("POST", "/v1.0/groups", `{"displayName":"N","mailNickname":"n","mailEnabled":false,"securityEnabled":true,
	 "owners@odata.bind":["https://graph.microsoft.com/v1.0/users/`+ada+`"]}`).
		want(t, 201).
		text("id")
	assert.Equal(t, "bound", c.get("/v1.0/groups/"+made+"/owners").column("id"), ada)
}

func TestApplications(t *testing.T) {
	c := newClient(t)
	template := c.get("/v1.0/applicationTemplates?$filter=displayName eq 'Atlassian Cloud'").values()[0]["id"]
	made := c.do(
		"POST", fmt.Sprint("/v1.0/applicationTemplates/", template, "/instantiate"), `{"displayName":"App"}`,
	).want(t, 201)
	id, appID := fmt.Sprint(at(made.body, "application", "id")), fmt.Sprint(at(made.body, "application", "appId"))
	r := c.get("/v1.0/applications/"+id).want(t, 200)
	assert.Equal(t, "application", r.text("appId")+" "+r.text("displayName"), appID+" App")
	assert.Equal(t, "by appId", c.get("/v1.0/applications?$filter=appId eq '"+appID+"'").want(t, 200).column("id"), id)
	assert.Equal(t, "selected", len(c.get("/v1.0/applications/"+id+"?$select=appId").body), 2)
	c.get("/v1.0/applications/"+id+"?$select=noSuch").want(t, 400)
	c.get("/v1.0/applications/"+id+"?$select=keyCredentials").want(t, 501, "Simulator_NotBuilt")
	c.get("/v1.0/applications/"+oscar).want(t, 404)
}

// The beta version answers as v1.0 does where the shapes are equal.
func TestBeta(t *testing.T) {
	c := newClient(t)
	for _, target := range []string{
		"/users?$select=id,displayName&$top=2", "/users/" + oscar + "?$select=id,mail", "/groups?$select=id",
		"/groups/" + groupPartners + "/members?$select=id", "/domains", "/users/delta?$select=id",
	} {
		r := c.get("/beta"+target).want(t, 200)
		want := strings.NewReplacer("/v1.0/", "/beta/").Replace(string(c.get("/v1.0" + target).raw))
		if !strings.Contains(target, "delta") {
			assert.Equal(t, target, string(r.raw), want)
		}
		if next := r.text("@odata.nextLink") + r.text("@odata.deltaLink"); next != "" {
			if !strings.HasPrefix(next, testBase+"/beta/") {
				t.Errorf("the link leads to %s", next)
			}
			c.follow(next).want(t, 200)
		}
	}
	for _, target := range []string{"/users", "/groups/" + groupPartners, "/users/" + oscar} { // more by default than v1.0
		c.get("/beta"+target).want(t, 501, "Simulator_NotBuilt")
	}
	c.do("PATCH", "/beta/users/"+oscar, `{"userType":"Guest"}`).want(t, 204)
	r := c.do(
		"POST", "/beta/$batch", `{"requests":[{"id":"1","method":"GET","url":"/users/`+oscar+`?$select=userType"}]}`,
	).want(t, 200)
	if !strings.Contains(string(r.raw), `/beta/$metadata#users`) || !strings.Contains(string(r.raw), "Guest") {
		t.Errorf("%s", r.raw)
	}
	c.get("/beta/noSuch").want(t, 400)
}

// The cloud's endpoints, as the tools of Azure Resource Manager ask for them.
func TestMetadataEndpoints(t *testing.T) {
	c := newClient(t)
	c.bearer = ""
	r := c.get("/metadata/endpoints?api-version=2022-09-01").want(t, 200)
	assert.Equal(t, "login", at(r.body, "authentication", "loginEndpoint"), any(testBase+"/"))
	assert.Equal(t, "graph", r.text("microsoftGraphResourceId"), testBase+"/")
	c.get("/metadata/endpoints").want(t, 400)
}

// A client assertion may name its certificate by kid alone.
func TestCertificateByKid(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "app"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	app := login.App{
		ClientID: "certified", Certificate: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		Roles: login.AllRoles(),
	}
	c := newClient(t, WithClock(frozen), WithApp(app))
	sum := sha1.Sum(der)
	for kid, want := range map[string]int{
		strings.ToUpper(hex.EncodeToString(sum[:])): 200, base64.RawURLEncoding.EncodeToString(sum[:]): 200, "other": 401,
	} {
		part := func(v any) string { return base64.RawURLEncoding.EncodeToString(rawjson.Marshal(v)) }
		text := part(map[string]any{"alg": "RS256", "kid": kid}) + "." + part(map[string]any{
			"iss": "certified", "sub": "certified", "aud": testBase + "/" + testTenant + "/v2.0",
			"nbf": frozen().Unix(), "exp": frozen().Add(time.Minute).Unix(),
		})
		digest := sha256.Sum256([]byte(text))
		signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		form := url.Values{
			"grant_type": {"client_credentials"}, "client_id": {"certified"}, "scope": {testBase + "/.default"},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
			"client_assertion":      {text + "." + base64.RawURLEncoding.EncodeToString(signature)},
		}
		c.do("POST", "/"+testTenant+"/oauth2/v2.0/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded").
			want(t, want)
	}
}
