package simulator

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph/policies"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

const (
	partnersPath = "/v1.0/policies/crossTenantAccessPolicy/partners"
	newPartner   = "3d0f5dec-5d3d-455c-8016-e2af1ae4d31a"
	knownPartner = "9c5d131d-b1c3-4fc4-9e3f-c6557947d551" // with synchronization
	plainPartner = "9c5d131d-b1c3-4fc4-9e3f-c6557947d552" // without
)

// The life of a partner: made, there already, changed, inherited again, deleted, gone.
func TestPartnerLife(t *testing.T) {
	c := newClient(t)
	one := partnersPath + "/" + newPartner
	const body = `{"tenantId":"` + newPartner +
		`","b2bDirectConnectInbound":{"applications":{"accessType":"allowed","targets":[{"target":"Office365","targetType":"application"}]}}}`
	r := c.do("POST", partnersPath, body).want(t, 201)
	for _, name := range []string{
		"isServiceProvider", "inboundTrust", "b2bCollaborationInbound", "b2bCollaborationOutbound",
		"b2bDirectConnectOutbound", "tenantRestrictions",
	} {
		if v, there := r.body[name]; !there || v != nil {
			t.Errorf("%s: %v, want null", name, v)
		}
	}
	assert.Equal(
		t, "consent", string(rawjson.Marshal(r.body["automaticUserConsentSettings"])),
		`{"inboundAllowed":null,"outboundAllowed":null}`,
	)
	assert.Equal(
		t, "as sent", string(rawjson.Marshal(r.body["b2bDirectConnectInbound"])),
		`{"applications":{"accessType":"allowed","targets":[{"target":"Office365","targetType":"application"}]}}`,
	)
	assert.Equal(t, "listed", strings.Contains(c.get(partnersPath).column("tenantId"), newPartner), true)

	again := c.do("POST", partnersPath, body).want(t, 409, "Request_MultipleObjectsWithSameKeyValue")
	assert.Equal(
		t, "message", again.message(),
		"A conflicting object with one or more of the specified property values is present in the directory.",
	)
	details, _ := at(again.body, "error", "details").([]any)
	assert.Equal(
		t,
		"details",
		string(rawjson.Marshal(details)),
		`[{"code":"ConflictingObjects","message":"Another object with the same value for property tenantId already exists."}]`,
	)

	c.do("PATCH", one, `{"automaticUserConsentSettings":{"inboundAllowed":true}}`).want(t, 204)
	c.do(
		"PATCH",
		one,
		`{"automaticUserConsentSettings":{"outboundAllowed":false},"inboundTrust":{"isMfaAccepted":true}}`,
	).want(t, 204)
	assert.Equal(
		t, "merged", string(rawjson.Marshal(c.get(one).body["automaticUserConsentSettings"])),
		`{"inboundAllowed":true,"outboundAllowed":false}`,
	)
	assert.Equal(t, "trust", at(c.get(one).body, "inboundTrust", "isMfaAccepted"), any(true))
	c.do(
		"PATCH", one, `{"automaticUserConsentSettings":null,"inboundTrust":null,"b2bDirectConnectInbound":null}`,
	).want(t, 204)
	r = c.get(one).want(t, 200)
	assert.Equal(
		t, "inherits again",
		string(
			rawjson.Marshal(r.body["automaticUserConsentSettings"]),
		)+fmt.Sprint(r.body["inboundTrust"], r.body["b2bDirectConnectInbound"]),
		`{"inboundAllowed":null,"outboundAllowed":null}<nil> <nil>`,
	)

	c.do("DELETE", one, "").want(t, 204)
	c.do("DELETE", one, "").want(t, 404, "Directory_ObjectNotFound")
	c.get(one).want(t, 404, "Directory_ObjectNotFound")
	missing := c.do("PATCH", one, `{"inboundTrust":null}`).want(t, 404, "Directory_ObjectNotFound")
	assert.Equal(t, "message", missing.message(), "Unable to read the company information from the directory.")
}

func TestPartnerPatchMerges(t *testing.T) {
	c := newClient(t)
	one := partnersPath + "/" + plainPartner
	side := func(kind, target string) string {
		return `{"accessType":"blocked","targets":[{"target":"` + target + `","targetType":"` + kind + `"}]}`
	}
	c.do("PATCH", one, `{"b2bCollaborationInbound":{"applications":`+side("application", "Office365")+`}}`).want(t, 204)
	c.do("PATCH", one, `{"b2bCollaborationInbound":{"usersAndGroups":`+side("user", "AllUsers")+`}}`).want(t, 204)
	c.do("PATCH", one, `{"b2bCollaborationInbound":{"usersAndGroups":`+side("group", newPartner)+`}}`).want(t, 204)
	assert.Equal(
		t, "both sides, the list replaced", string(rawjson.Marshal(c.get(one).body["b2bCollaborationInbound"])),
		`{"applications":`+side("application", "Office365")+`,"usersAndGroups":`+side("group", newPartner)+`}`,
	)
}

func TestPartnerPatchReplaces(t *testing.T) {
	c := newClient(t, WithBehavior(func(b *env.Behavior) { b.PolicyPatchReplaces = true }))
	one := partnersPath + "/" + plainPartner
	c.do("PATCH", one, `{"automaticUserConsentSettings":{"outboundAllowed":true}}`).want(t, 204)
	assert.Equal(
		t, "as a whole", string(rawjson.Marshal(c.get(one).body["automaticUserConsentSettings"])),
		`{"inboundAllowed":null,"outboundAllowed":true}`,
	)
}

// What the type doesn't have, or not so, is refused, and changes nothing.
func TestPartnerValidation(t *testing.T) {
	c := newClient(t)
	before := string(c.get(partnersPath).raw)
	for _, body := range []string{
		`{}`, `{"tenantId":null}`, `{"tenantId":"company.com"}`, `{"tenantId":"` + newPartner + `","noSuch":1}`,
		`{"tenantId":"` + newPartner + `","crossCloudMeetingConfiguration":null}`,
		`{"tenantId":"` + newPartner + `","identitySynchronization":{}}`,
		`{"tenantId":"11111111-aaaa-4aaa-8aaa-111111111111"}`, // the tenant itself
		`[]`, ``, `{`,
	} {
		c.do("POST", partnersPath, body).want(t, 400)
	}
	for _, body := range []string{
		`{"tenantId":"` + newPartner + `"}`, `{"noSuch":null}`, `{"isServiceProvider":"yes"}`, `{"inboundTrust":true}`,
		`{"inboundTrust":{"isMfaAccepted":"true"}}`,
		`{"inboundTrust":{"noSuch":true}}`, `{"automaticUserConsentSettings":{"inbound":true}}`,
		`{"b2bCollaborationInbound":{"usersAndGroups":{"accessType":"open","targets":[]}}}`,
		`{"b2bCollaborationInbound":{"usersAndGroups":{"accessType":"allowed","targets":[{"target":"AllUsers","targetType":"everyone"}]}}}`,
		`{"b2bCollaborationInbound":{"usersAndGroups":{"accessType":"allowed","targets":{}}}}`,
		`{"b2bCollaborationInbound":{"users":null}}`, `{"tenantRestrictions":{"devices":{"mode":"maybe"}}}`,
	} {
		c.do("PATCH", partnersPath+"/"+plainPartner, body).want(t, 400)
	}
	assert.Equal(t, "unchanged", string(c.get(partnersPath).raw), before)
	c.do(
		"PATCH",
		partnersPath+"/"+plainPartner,
		`{"b2bCollaborationInbound":{"usersAndGroups":{"accessType":"blocked","targets":[{"target":"AllUsers","targetType":"user"}]}}}`,
	).want(t, 204)
}

func TestPartnerPermissions(t *testing.T) {
	c := newClient(t)
	reader, writer := c.as("Policy.Read.All"), c.as("Policy.ReadWrite.CrossTenantAccess")
	for _, path := range []string{
		partnersPath, partnersPath + "/" + knownPartner, partnersPath + "/" + knownPartner + "/identitySynchronization",
		policies.PolicyRoot + "/default",
	} {
		reader.get(path).want(t, 200)
		c.as("User.Read.All").get(path).want(t, 403, "Authorization_RequestDenied")
	}
	sync := partnersPath + "/" + plainPartner + "/identitySynchronization"
	for _, r := range []struct{ method, path, body string }{
		{"POST", partnersPath, `{"tenantId":"` + newPartner + `"}`}, {"PATCH", partnersPath + "/" + plainPartner, `{}`},
		{"PUT", sync, `{}`},
		{"PATCH", sync, `{}`}, {"DELETE", sync, ""}, {"DELETE", partnersPath + "/" + plainPartner, ""},
	} {
		reader.do(r.method, r.path, r.body).want(t, 403, "Authorization_RequestDenied")
		if got := writer.do(r.method, r.path, r.body); got.status >= 300 {
			t.Errorf("%s %s: %d %s", r.method, r.path, got.status, got.raw)
		}
	}
	c.do("PATCH", policies.PolicyRoot+"/default", `{}`).want(t, 501, "Simulator_NotBuilt")
}

// Created by PUT, once; then changed by PATCH. A partner that has it can't be deleted.
func TestIdentitySynchronizationLife(t *testing.T) {
	c := newClient(t)
	one := partnersPath + "/" + plainPartner
	sync := one + "/identitySynchronization"
	c.get(sync).want(t, 404, "Directory_ObjectNotFound")
	c.do("PATCH", sync, `{"userSyncInbound":{"isSyncAllowed":true}}`).want(t, 404, "Directory_ObjectNotFound")
	c.do("PUT", partnersPath+"/"+newPartner+"/identitySynchronization", `{"displayName":"Nobody"}`).want(
		t, 404, "Directory_ObjectNotFound",
	)
	for _, wrong := range []string{
		`{"userSyncInbound":{"isSyncAllowed":1}}`, `{"userSyncInbound":{"groups":true}}`, `{"groupSyncInbound":{}}`,
		`{"tenantId":"` + plainPartner + `"}`,
	} {
		c.do("PUT", sync, wrong).want(t, 400)
	}
	doc := readExample(t, "testdata/examples/policy/xtap-identitysync-put.json")
	assert.Equal(t, "status", fmt.Sprint(c.do("PUT", sync, string(doc.Request)).status), doc.Status)
	c.do("PUT", sync, string(doc.Request)).want(t, 409, "Request_MultipleObjectsWithSameKeyValue")
	r := c.get(sync).want(t, 200)
	assert.Equal(
		t, "read", r.text("tenantId")+r.text("displayName")+fmt.Sprint(at(r.body, "userSyncInbound", "isSyncAllowed")),
		plainPartner+"Fabrikamtrue",
	)
	c.do("PATCH", sync, `{"userSyncInbound":{"isSyncAllowed":false}}`).want(t, 204)
	r = c.get(sync).want(t, 200)
	assert.Equal(
		t, "changed", r.text("displayName")+fmt.Sprint(at(r.body, "userSyncInbound", "isSyncAllowed")), "Fabrikamfalse",
	)
	if _, there := c.get(one).body["identitySynchronization"]; there {
		t.Error("the partner shows its synchronization")
	}
	c.do("DELETE", one, "").want(t, 400)
	c.do("DELETE", sync, "").want(t, 204)
	c.do("DELETE", sync, "").want(t, 404, "Directory_ObjectNotFound")
	c.do("DELETE", one, "").want(t, 204)
}

func readExample(t *testing.T, file string) example {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var doc example
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestDefaultPolicy(t *testing.T) {
	c := newClient(t)
	doc := readExample(t, "testdata/examples/policy/xtap-default-get.json")
	r := c.get(policies.PolicyRoot+"/default").want(t, 200)
	alike(t, doc.Response, r)
	conforms(t, readMetadata(t), "default", "crossTenantAccessPolicyConfigurationDefault", withoutID(r.body))
	var want map[string]any
	if err := json.Unmarshal(doc.Response, &want); err != nil {
		t.Fatal(err)
	}
	for name, v := range want {
		assert.Equal(t, name, string(rawjson.Marshal(r.body[name])), string(rawjson.Marshal(v)))
	}
}

// withoutID leaves the id out, which the type has from one that the subset doesn't hold.
func withoutID(body map[string]any) map[string]any {
	delete(body, "id")
	return body
}

// The types that requests are checked by are those of the metadata.
func TestPolicyTypesAreTheMetadata(t *testing.T) {
	metadata := readMetadata(t)
	for property, name := range policies.PropertyTypes {
		found := false
		for _, e := range []string{"crossTenantAccessPolicyConfigurationPartner", "crossTenantIdentitySyncPolicyPartner"} {
			found = found || metadata[e][property] == "graph."+name
		}
		assert.Equal(t, property, found, true)
	}
	for name, members := range policies.ComplexTypes {
		for member, kind := range members {
			edm := metadata[name][member]
			want := map[string]string{
				policies.Boolean: "Edm.Boolean", "string": "Edm.String",
				"[crossTenantAccessPolicyTarget]": "Collection(graph.crossTenantAccessPolicyTarget)",
			}[kind]
			switch {
			case strings.Contains(kind, "|"):
				values := metadata[enumPrefix+strings.TrimPrefix(edm, "graph.")]
				for v := range values {
					assert.Equal(
						t,
						name+"."+member+" "+v,
						slices.Contains(strings.Split(kind, "|"), v),
						v != "unknownFutureValue",
					)
				}
			case want == "":
				assert.Equal(t, name+"."+member, edm, "graph."+kind)
			default:
				assert.Equal(t, name+"."+member, edm, want)
			}
		}
		assert.Equal(t, "members of "+name, len(members), len(metadata[name]))
	}
}

func TestPartnersInSnapshot(t *testing.T) {
	c := newClient(t)
	c.do("POST", partnersPath, `{"tenantId":"`+newPartner+`"}`).want(t, 201)
	c.do("PATCH", partnersPath+"/"+newPartner, `{"automaticUserConsentSettings":{"inboundAllowed":true}}`).want(t, 204)
	c.do(
		"PUT", partnersPath+"/"+newPartner+"/identitySynchronization", `{"userSyncInbound":{"isSyncAllowed":true}}`,
	).want(t, 204)
	c.do("DELETE", partnersPath+"/"+plainPartner, "").want(t, 204)
	var file strings.Builder
	if err := c.server.Snapshot(&file); err != nil {
		t.Fatal(err)
	}
	again, err := New(strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	other := &client{
		t: t, server: again,
		bearer: again.IssueToken(testBase, login.App{ClientID: DefaultClientID, Roles: login.AllRoles()}, testBase),
	}
	assert.Equal(t, "partners", string(other.get(partnersPath).raw), string(c.get(partnersPath).raw))
	assert.Equal(
		t,
		"synchronization",
		string(other.get(partnersPath+"/"+newPartner+"/identitySynchronization").want(t, 200).raw),
		string(c.get(partnersPath+"/"+newPartner+"/identitySynchronization").raw),
	)
}

func TestFindTenant(t *testing.T) {
	c := newClient(t)
	find := func(domain string) reply {
		return c.get("/v1.0/tenantRelationships/findTenantInformationByDomainName(domainName='" + domain + "')")
	}
	find("contoso.com").want(t, 404)
	r := c.do(
		"POST",
		"/_simulator/tenants",
		`{"tenant_id":"`+newPartner+`","display_name":"Contoso, Ltd","domains":["contoso.onmicrosoft.com","contoso.com"]}`,
	)
	r.want(t, 204)
	r = find("Contoso.com").want(t, 200)
	assert.Equal(t, "context", r.text("@odata.context"), testBase+"/v1.0/$metadata#microsoft.graph.tenantInformation")
	assert.Equal(
		t,
		"tenant",
		fmt.Sprint(
			r.text("tenantId"),
			r.text("displayName"),
			r.text("defaultDomainName"),
			r.body["federationBrandName"],
		),
		newPartner+"Contoso, Ltdcontoso.onmicrosoft.com<nil>",
	)
	assert.Equal(t, "own", find("company.com").want(t, 200).text("tenantId"), c.server.TenantID())
	find("unverified.com").want(t, 404)
	assert.Equal(
		t, "by id",
		c.get("/v1.0/tenantRelationships/findTenantInformationByTenantId(tenantId='"+newPartner+"')").want(t, 200).text(
			"displayName",
		),
		"Contoso, Ltd",
	)
	c.as("Policy.Read.All").get(
		"/v1.0/tenantRelationships/findTenantInformationByDomainName(domainName='contoso.com')",
	).want(
		t, 403, "Authorization_RequestDenied",
	)
	assert.Equal(
		t,
		"counted",
		c.server.Requests().Routes["GET /v1.0/tenantRelationships/findTenantInformationByDomainName/{domainName}"] > 3,
		true,
	)
	c.do("POST", "/_simulator/tenants", `{"tenant_id":"x"}`).want(t, 400)
	c.do("DELETE", "/_simulator/tenants/"+newPartner, "").want(t, 204)
	find("contoso.com").want(t, 404)
}
