package simulator

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph/domains"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

const newDomain = `{"id":"New.Example"}`

// The life of a domain: added, there already, refused without proof, verified, verified already, deleted.
func TestDomainLife(t *testing.T) {
	c := newClient(t)
	r := c.do("POST", domains.DomainRoot, newDomain).want(t, 201)
	for name, want := range map[string]any{
		"id": "new.example", "isVerified": false, "isRoot": true, "isDefault": false, "isInitial": false,
		"isAdminManaged":     true,
		"authenticationType": "Managed", "availabilityStatus": nil, "state": nil, "passwordValidityPeriodInDays": nil,
		"manufacturer": nil,
	} {
		assert.Equal(t, name, r.body[name], want)
	}
	assert.Equal(t, "services", fmt.Sprint(r.body["supportedServices"]), "[]")
	assert.Equal(t, "location", r.header.Get("Location"), testBase+"/v1.0/domains/new.example")
	again := c.do("POST", domains.DomainRoot, newDomain).want(t, 409, "Request_MultipleObjectsWithSameKeyValue")
	assert.Equal(t, "details", strings.Contains(string(again.raw), "ConflictingObjects"), true)

	const one = domains.DomainRoot + "/new.example"
	failed := c.do("POST", one+"/verify", "").want(t, 400, "Request_BadRequest")
	assert.Equal(
		t, "words", strings.HasPrefix(failed.message(), "Domain verification failed with the following error: "), true,
	)
	upn := `{"displayName":"N","accountEnabled":true,"mailNickname":"n","passwordProfile":{"password":"x"},"userPrincipalName":"n@new.example"}`
	c.do("POST", "/v1.0/users", upn).want(t, 400, "Request_BadRequest")

	c.do("POST", "/_simulator/domains/NEW.example./publish", "").want(t, 204)
	r = c.do("POST", one+"/verify", "").want(t, 200)
	assert.Equal(t, "verified", r.body["isVerified"], any(true))
	assert.Equal(t, "root", r.body["isRoot"], any(true))
	assert.Equal(t, "status", r.text("availabilityStatus"), "AvailableImmediately")
	r = c.get(one).want(t, 200)
	assert.Equal(t, "verified later", r.body["isVerified"], any(true))
	assert.Equal(t, "status later", r.body["availabilityStatus"], any(nil))
	assert.Equal(
		t, "twice", c.do("POST", one+"/verify", "").want(t, 400, "Request_BadRequest").message(),
		"Domain is already verified.",
	)

	id := c.do("POST", "/v1.0/users", upn).want(t, 201).text("id")
	assert.Equal(
		t,
		"hint",
		strings.Contains(
			c.do("DELETE", one, "").want(t, 400, "Request_BadRequest").message(),
			"domain-forcedelete",
		),
		true,
	)
	c.do("DELETE", "/v1.0/users/"+id, "").want(t, 204)
	c.do("DELETE", one, "").want(t, 204)
	c.get(one).want(t, 404, "Request_ResourceNotFound")
	c.do("DELETE", one, "").want(t, 404, "Request_ResourceNotFound")
	c.do("POST", one+"/verify", "").want(t, 404, "Request_ResourceNotFound")
	c.do("PATCH", one, `{"isDefault":true}`).want(t, 404, "Request_ResourceNotFound")
	c.get(one+"/verificationDnsRecords").want(t, 404, "Request_ResourceNotFound")
	c.get(one+"/domainNameReferences").want(t, 404, "Request_ResourceNotFound")
}

func TestDomainRefusals(t *testing.T) {
	c := newClient(t)
	for _, test := range []struct {
		method, target, body string
		status               int
		code                 string
	}{
		{"POST", "", `{"id":"nodots"}`, 400, "Request_BadRequest"},
		{"POST", "", `{"id":"under_score.example"}`, 400, "Request_BadRequest"},
		{"POST", "", `{"id":"-hyphen.example"}`, 400, "Request_BadRequest"},
		{"POST", "", `{"id":"` + strings.Repeat("abcdefg.", 32) + `example"}`, 400, "Request_BadRequest"},
		{"POST", "", `{"id":"a b.example"}`, 400, "Request_BadRequest"},
		{"POST", "", `{"id":"10.0.0.1"}`, 400, "Request_BadRequest"},
		{"POST", "", `{"id":null}`, 400, "Request_BadRequest"},
		{"POST", "", `{}`, 400, "Request_BadRequest"},
		{"POST", "", `{"id":"new.example","isDefault":true}`, 400, "Request_BadRequest"},
		{"POST", "", ``, 400, "BadRequest"},
		{"DELETE", "/company.onmicrosoft.com", "", 400, "Request_BadRequest"},
		{"DELETE", "/company.com", "", 400, "Request_BadRequest"},
		{"PATCH", "/company.com", `{"isDefault":false}`, 400, "Request_BadRequest"},
		{"PATCH", "/unverified.com", `{"isDefault":true}`, 400, "Request_BadRequest"},
		{"PATCH", "/company.com", `{"isVerified":true}`, 400, "Request_BadRequest"},
		{"PATCH", "/company.com", `{"supportedServices":"Email"}`, 400, "RequestBodyRead"},
		{"POST", "/company.com/forceDelete", `{"disableUserAccounts":true}`, 501, "Simulator_NotBuilt"},
		{"POST", "/company.com/promote", "", 501, "Simulator_NotBuilt"},
	} {
		c.do(test.method, domains.DomainRoot+test.target, test.body).want(t, test.status, test.code)
	}
	// They are refused for what they are, before any reference is looked for.
	c.do("POST", "/_simulator/users", `{"id":"`+gus+`","userPrincipalName":"gus@company.com"}`).want(t, 200)
	assert.Equal(
		t,
		"initial",
		strings.Contains(
			c.do("DELETE", domains.DomainRoot+"/company.onmicrosoft.com", "").want(t, 400).message(),
			"initial",
		),
		true,
	)
	assert.Equal(
		t, "default",
		strings.Contains(c.do("DELETE", domains.DomainRoot+"/company.com", "").want(t, 400).message(), "default"), true,
	)
	assert.Equal(
		t, "nothing changed", c.get(domains.DomainRoot).column("id"), "company.com company.onmicrosoft.com "+
			"unverified.com",
	)
}

func TestDomainPatch(t *testing.T) {
	c := newClient(t)
	c.do(
		"PATCH", domains.DomainRoot+"/company.onmicrosoft.com",
		`{"isDefault":true,"supportedServices":["Email"],"passwordValidityPeriodInDays":2147483647}`,
	).want(t, 204)
	r := c.get(domains.DomainRoot + "/company.onmicrosoft.com")
	assert.Equal(t, "default", r.body["isDefault"], any(true))
	assert.Equal(
		t, "services", fmt.Sprint(r.body["supportedServices"], r.body["passwordValidityPeriodInDays"]),
		"[Email] 2.147483647e+09",
	)
	assert.Equal(t, "the former one", c.get(domains.DomainRoot + "/company.com").body["isDefault"], any(false))
}

// A sub-domain of a verified domain is verified with it, and signs in as it does; one of another isn't.
func TestSubdomains(t *testing.T) {
	c := newClient(t)
	if err := c.server.PutDomain(
		[]byte(`{"id":"federated.example","isVerified":true,"authenticationType":"Federated"}`),
	); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, sign     string
		verified, root bool
		records        int
	}{
		{"eng.company.com", "Managed", true, false, 0},
		{"a.b.company.com", "Managed", true, false, 0},
		{"x.federated.example", "Federated", true, false, 0},
		{"x.unverified.com", "Managed", false, false, 2},
		{"notcompany.com", "Managed", false, true, 2},
		{"sub.elsewhere.example", "Managed", false, true, 2},
	} {
		r := c.do("POST", domains.DomainRoot, `{"id":"`+test.name+`"}`).want(t, 201)
		assert.Equal(
			t, test.name, fmt.Sprint(r.text("authenticationType"), r.body["isVerified"], r.body["isRoot"]),
			fmt.Sprint(test.sign, test.verified, test.root),
		)
		assert.Equal(
			t, test.name+" records",
			len(c.get(domains.DomainRoot+"/"+test.name+"/verificationDnsRecords").want(t, 200).values()), test.records,
		)
	}
	// A child is proven by its own record where its parent isn't verified, and is a root then.
	if err := c.server.PublishDomain("x.unverified.com", true); err != nil {
		t.Fatal(err)
	}
	assert.Equal(
		t,
		"child",
		c.do("POST", domains.DomainRoot+"/x.unverified.com/verify", "").want(t, 200).body["isRoot"],
		any(true),
	)
	assert.Equal(t, "parent", c.get(domains.DomainRoot + "/unverified.com").body["isVerified"], any(false))
	c.do("DELETE", domains.DomainRoot+"/unverified.com", "").want(t, 400, "Request_BadRequest") // blocked by it
	c.do("DELETE", domains.DomainRoot+"/x.unverified.com", "").want(t, 204)
	c.do("DELETE", domains.DomainRoot+"/unverified.com", "").want(t, 204)
}

func TestDomainSwitches(t *testing.T) {
	c := newClient(t, WithBehavior(func(b *env.Behavior) {
		b.DomainConflict, b.UnverifiedNotRoot, b.SubdomainsDontBlock, b.SubdomainRecords = 400, true, true, true
	}))
	assert.Equal(t, "not root", c.do("POST", domains.DomainRoot, newDomain).want(t, 201).body["isRoot"], any(false))
	assert.Equal(
		t, "conflict",
		strings.Contains(
			string(
				c.do("POST", domains.DomainRoot, newDomain).want(t, 400, "Request_BadRequest").raw,
			),
			"ObjectConflict",
		),
		true,
	)
	c.do("POST", domains.DomainRoot, `{"id":"sub.new.example"}`).want(t, 201)
	c.do("DELETE", domains.DomainRoot+"/new.example", "").want(t, 204)
	c.do("POST", domains.DomainRoot, `{"id":"sub.company.com"}`).want(t, 201)
	assert.Equal(t, "records", len(c.get(domains.DomainRoot+"/sub.company.com/verificationDnsRecords").values()), 2)
}

// The records ask for what the simulated DNS is searched for; each proves alone, and no other does.
func TestVerificationRecords(t *testing.T) {
	text := func(c *client) (txt, mx string) {
		r := c.get(domains.DomainRoot+"/unverified.com/verificationDnsRecords").want(t, 200)
		assert.Equal(
			t,
			"context",
			r.text("@odata.context"),
			testBase+"/v1.0/$metadata#domains('unverified.com')/verificationDnsRecords",
		)
		for _, v := range r.values() {
			assert.Equal(
				t, "shape", fmt.Sprint(v["label"], v["ttl"], v["isOptional"], v["supportedService"], v["id"] != ""),
				"unverified.com3600 falseEmailtrue",
			)
			switch v["@odata.type"].(string) + v["recordType"].(string) {
			case "#microsoft.graph.domainDnsTxtRecordTxt":
				txt = v["text"].(string)
			case "#microsoft.graph.domainDnsMxRecordMx":
				mx = fmt.Sprint(v["preference"], " ", v["mailExchange"])
			}
		}
		return txt, mx
	}
	txt, mx := text(newClient(t))
	if len(txt) != len("MS=ms12345678") || !strings.HasPrefix(txt, "MS=ms") ||
		mx != "32767 "+strings.TrimPrefix(txt, "MS=")+".msv1.invalid" {
		t.Fatalf("%q and %q", txt, mx)
	}
	stable, _ := text(newClient(t))
	assert.Equal(t, "stable", stable, txt)
	for _, test := range []struct {
		what, name, kind, value string
		status                  int
	}{
		{"the text", "unverified.com", "TXT", txt, 200},
		{"the text in quotes", "Unverified.com.", "txt", `"` + txt + `"`, 200},
		{"the exchange", "unverified.com", "MX", mx, 200},
		{"the exchange as zone files have it", "unverified.com", "MX", mx + ".", 200},
		{"another text", "unverified.com", "TXT", "MS=ms00000000", 400},
		{"a part of it", "unverified.com", "TXT", txt + "9", 400},
		{"another place", "www.unverified.com", "TXT", txt, 400},
		{"another type", "unverified.com", "MX", txt, 400},
	} {
		t.Run(test.what, func(t *testing.T) {
			c := newClient(t)
			c.do(
				"POST", "/_simulator/dns",
				string(
					rawjson.Marshal(
						rawjson.Object{"name": test.name, "type": test.kind, "values": []string{"other", test.value}},
					),
				),
			).want(t, 204)
			c.do("POST", domains.DomainRoot+"/unverified.com/verify", "").want(t, test.status)
		})
	}
}

func TestSimulatedDNS(t *testing.T) {
	c := newClient(t)
	list := func() string { return string(c.get("/_simulator/dns").want(t, 200).raw) }
	c.do("POST", "/_simulator/dns", `{"name":"Unverified.com.","type":"TXT","values":["other"]}`).want(t, 204)
	c.do("POST", "/_simulator/domains/unverified.com/publish", `{"published":true}`).want(t, 204)
	c.do("POST", "/_simulator/domains/unverified.com/publish", "").want(t, 204)
	n := c.server.VerificationNumber("unverified.com")
	assert.Equal(
		t, "published", list(),
		`[{"name":"unverified.com","type":"MX","values":["32767 `+n+
			`.msv1.invalid"]},{"name":"unverified.com","type":"TXT","values":["other","MS=`+n+`"]}]`,
	)
	c.do("POST", "/_simulator/domains/unverified.com/publish", `{"published":false}`).want(t, 204)
	assert.Equal(t, "withdrawn", list(), `[{"name":"unverified.com","type":"TXT","values":["other"]}]`)
	c.do("POST", domains.DomainRoot+"/unverified.com/verify", "").want(t, 400)
	c.do("DELETE", "/_simulator/dns/UNVERIFIED.com", "").want(t, 204)
	assert.Equal(t, "empty", list(), `[]`)
	for _, bad := range [][3]string{
		{"DELETE", "/dns/unverified.com", ""}, {"POST", "/dns", `{"name":"x.example","type":"CNAME","values":["y"]}`},
		{"POST", "/dns", `{"type":"TXT","values":["y"]}`}, {"POST", "/dns", `{"name":"x.example","kind":"TXT"}`},
		{"POST", "/domains/nodots/publish", ""}, {"POST", "/domains/x.example/publish", `{"publish":true}`},
	} {
		c.do(bad[0], "/_simulator"+bad[1], bad[2]).want(t, 400)
	}
}

// A record is seen only some time after it was published; publishing again doesn't begin anew.
func TestDNSLag(t *testing.T) {
	c := newClient(t, WithClock(frozen), WithBehavior(func(b *env.Behavior) { b.DNSLag = 30 * time.Minute }))
	publish := func() {
		if err := c.server.PublishDomain("unverified.com", true); err != nil {
			t.Fatal(err)
		}
	}
	publish()
	verify := func(status int) {
		t.Helper()
		c.do("POST", domains.DomainRoot+"/unverified.com/verify", "").want(t, status)
	}
	verify(400)
	c.server.Advance(29 * time.Minute)
	publish()
	verify(400)
	c.server.Advance(time.Minute)
	verify(200)
}

// What another tenant has verified can be added and not verified: a registered tenant's, a linked server's.
func TestDomainOfAnotherTenant(t *testing.T) {
	c := newClient(t)
	other, err := New(
		strings.NewReader(
			`{"version":1,"entra":{"tenant_id":"11111111-bbbb-4aaa-8aaa-111111111111","domains":[{"id":"linked.example","isVerified":true},{"id":"claimed.example","isVerified":false}]}}`,
		),
	)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.server.LinkTenant(other); err != nil {
		t.Fatal(err)
	}
	c.do(
		"POST",
		"/_simulator/tenants",
		`{"tenant_id":"11111111-cccc-4aaa-8aaa-111111111111","domains":["Fabrikam.com"]}`,
	).want(t, 204)
	for name, status := range map[string]int{"linked.example": 400, "fabrikam.com": 400, "claimed.example": 200} {
		c.do("POST", domains.DomainRoot, `{"id":"`+name+`"}`).want(t, 201)
		c.do("POST", "/_simulator/domains/"+name+"/publish", "").want(t, 204)
		r := c.do("POST", domains.DomainRoot+"/"+name+"/verify", "").want(t, status)
		if status == 400 {
			assert.Equal(
				t,
				name,
				strings.HasPrefix(r.message(), domains.VerifyFailed) && strings.Contains(r.message(), "used elsewhere"),
				true,
			)
		}
	}
	c.do("DELETE", "/_simulator/tenants/11111111-cccc-4aaa-8aaa-111111111111", "").want(t, 204)
	c.do("POST", domains.DomainRoot+"/fabrikam.com/verify", "").want(t, 200)
}

func TestDomainReferences(t *testing.T) {
	c := newClient(t)
	if _, err := c.server.PutGroup([]byte(`{"id":"` + groupSecret + `","mail":"secret@COMPANY.com"}`)); err != nil {
		t.Fatal(err)
	}
	const one = domains.DomainRoot + "/company.com/domainNameReferences"
	r := c.get(one).want(t, 200)
	assert.Equal(t, "all", r.column("id"), strings.Join([]string{oscar, ada, mia, maryam, groupSecret}, " "))
	assert.Equal(
		t,
		"types",
		r.column("@odata.type"),
		strings.Repeat("#microsoft.graph.user ", 4)+"#microsoft.graph.group",
	)
	assert.Equal(t, "users", len(c.get(one+"/microsoft.graph.user").want(t, 200).values()), 4)
	assert.Equal(
		t,
		"by mail",
		c.get(domains.DomainRoot+"/company.onmicrosoft.com/domainNameReferences").column("id"),
		gus,
	)
	r = c.get(one+"?$top=3").want(t, 200)
	assert.Equal(t, "page", r.column("id"), strings.Join([]string{oscar, ada, mia}, " "))
	r = c.follow(r.text("@odata.nextLink")).want(t, 200)
	assert.Equal(t, "rest", r.column("id")+r.text("@odata.nextLink"), maryam+" "+groupSecret)
	assert.Equal(
		t,
		"none",
		len(c.get(domains.DomainRoot+"/unverified.com/domainNameReferences").want(t, 200).values()),
		0,
	)
	c.do("POST", "/_simulator/users", `{"id":"`+gus+`","proxyAddresses":["smtp:gus@unverified.com"]}`).want(t, 200)
	assert.Equal(
		t,
		"by proxy address",
		c.get(domains.DomainRoot+"/unverified.com/domainNameReferences").column("id"),
		gus,
	)
	c.do("DELETE", domains.DomainRoot+"/unverified.com", "").want(t, 400)
}

func TestDomainPermissions(t *testing.T) {
	c := newClient(t)
	for _, request := range [][3]string{
		{"POST", "", newDomain}, {"PATCH", "/company.com", `{"isDefault":true}`}, {"DELETE", "/unverified.com", ""},
		{"POST", "/unverified.com/verify", ""},
		{"POST", "/unverified.com/forceDelete", ""}, {"POST", "/unverified.com/promote", ""},
	} {
		c.as("Domain.Read.All").do(request[0], domains.DomainRoot+request[1], request[2]).want(
			t, 403, "Authorization_RequestDenied",
		)
	}
	for _, target := range []string{
		"", "/company.com", "/company.com/verificationDnsRecords", "/company.com/serviceConfigurationRecords",
		"/company.com/domainNameReferences",
	} {
		c.as("Domain.Read.All").get(domains.DomainRoot+target).want(t, 200)
		c.as("Domain.ReadWrite.All").get(domains.DomainRoot+target).want(t, 200)
		c.as("Directory.Read.All").get(domains.DomainRoot+target).want(t, 403)
	}
	c.as("Domain.ReadWrite.All").do("POST", domains.DomainRoot, newDomain).want(t, 201)
}

// What a fault hides from readers is there for the service all the same.
func TestDomainsStale(t *testing.T) {
	c := newClient(t)
	hide := func(match string) {
		if err := c.server.AddFault(faults.Fault{Kind: faults.Stale, Match: match, Reads: 2}); err != nil {
			t.Fatal(err)
		}
	}
	const one = domains.DomainRoot + "/new.example"
	hide("POST /v1.0/domains")
	c.do("POST", domains.DomainRoot, newDomain).want(t, 201)
	c.get(one).want(t, 404)
	assert.Equal(t, "not listed", strings.Contains(c.get(domains.DomainRoot).column("id"), "new.example"), false)
	c.get(one).want(t, 200)
	hide("POST /v1.0/domains/{id}/verify")
	c.do("POST", "/_simulator/domains/new.example/publish", "").want(t, 204)
	c.do("POST", one+"/verify", "").want(t, 200)
	assert.Equal(t, "old", c.get(one).body["isVerified"], any(false))
	c.get(one)
	assert.Equal(t, "new", c.get(one).body["isVerified"], any(true))
	hide("DELETE /v1.0/domains/{id}")
	c.do("DELETE", one, "").want(t, 204)
	c.get(one).want(t, 200)
	assert.Equal(t, "still listed", strings.Contains(c.get(domains.DomainRoot).column("id"), "new.example"), true)
	c.get(one).want(t, 404)
}

func TestDomainsInSnapshot(t *testing.T) {
	c := newClient(t)
	c.do("POST", domains.DomainRoot, newDomain).want(t, 201)
	c.do("POST", domains.DomainRoot, `{"id":"eng.company.com"}`).want(t, 201)
	var out bytes.Buffer
	if err := c.server.Snapshot(&out); err != nil {
		t.Fatal(err)
	}
	again, err := New(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	c.server = again
	c = c.as("Domain.Read.All")
	assert.Equal(t, "sub-domain", c.get(domains.DomainRoot + "/eng.company.com").body["isRoot"], any(false))
	assert.Equal(t, "verified", c.get(domains.DomainRoot + "/eng.company.com").body["isVerified"], any(true))
	assert.Equal(
		t,
		"not verified",
		c.get(domains.DomainRoot+"/new.example").want(t, 200).body["isVerified"],
		any(false),
	)
}
