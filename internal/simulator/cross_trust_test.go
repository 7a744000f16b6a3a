package simulator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// The three settings that synchronization needs, each missing by itself: the test of the connection fails, a
// cycle ends in quarantine, and nobody is touched.
func TestCrossTenantTrust(t *testing.T) {
	const source, target = partnersPath + "/" + targetTenant, partnersPath + "/" + sourceTenant
	body := `{"templateId":"Azure2Azure","useSavedCredentials":false,"credentials":[{"key":"CompanyId","value":"` +
		targetTenant + `"},{"key":"AuthenticationType","value":"SyncPolicy"}]}`
	for name, spoil := range map[string]func(b *bridge) reply{
		"outbound": func(b *bridge) reply {
			return b.do("PATCH", source, `{"automaticUserConsentSettings":{"outboundAllowed":null}}`)
		},
		"inbound": func(b *bridge) reply {
			return b.target.do("PATCH", target, `{"automaticUserConsentSettings":{"inboundAllowed":false}}`)
		},
		"not allowed": func(b *bridge) reply {
			return b.target.do("PATCH", target+"/identitySynchronization", `{"userSyncInbound":{"isSyncAllowed":false}}`)
		},
		"no synchronization": func(b *bridge) reply { return b.target.do("DELETE", target+"/identitySynchronization", "") },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBridge(t)
			b.assign("ann")
			b.cycle()
			b.do("POST", "/v1.0/servicePrincipals/app/synchronization/jobs/validateCredentials", body).want(t, 204)
			b.do("POST", b.job+"/validateCredentials", `{"useSavedCredentials":true}`).want(t, 204)
			spoil(b).want(t, 204)
			b.do("POST", "/v1.0/servicePrincipals/app/synchronization/jobs/validateCredentials", body).wantInner(
				t, 400, "AzureDirectoryB2BManagementPolicyCheckFailure",
			)
			b.do("POST", b.job+"/validateCredentials", `{"useSavedCredentials":true}`).wantInner(
				t, 400, "AzureDirectoryB2BManagementPolicyCheckFailure",
			)
			b.user("ann", `"jobTitle":"Lead"`)
			b.assign("bea")
			assert.Equal(t, "log", b.cycle(), "")
			assert.Equal(
				t,
				"state",
				fmt.Sprint(
					at(b.get(b.job).body, "status", "code"),
					at(b.get(b.job).body, "status", "quarantine", "error", "code"),
				),
				"QuarantineAzureDirectoryB2BManagementPolicyCheckFailure",
			)
			assert.Equal(t, "there", b.types(), "ann:Member")
			r := b.do("POST", b.job+"/provisionOnDemand", onDemandFor(b, "ann")).want(t, 200)
			assert.Equal(
				t,
				"on demand",
				strings.Contains(r.text("value"), "AzureDirectoryB2BManagementPolicyCheckFailure"),
				true,
			)
		})
	}
}

func onDemandFor(b *bridge, id string) string {
	rules := rawjson.Objects(schemaOf(b.client, b.job)["synchronizationRules"])
	return `{"parameters":[{"ruleId":` + rawjson.Quote(rules[0]["id"].(string)) + `,"subjects":[{"objectId":"` + id +
		`","objectTypeName":"User"}]}]}`
}

func TestCrossTenantOnDemand(t *testing.T) {
	b := newBridge(t)
	b.assign("ann")
	r := b.do("POST", b.job+"/provisionOnDemand", onDemandFor(b, "ann")).want(t, 200)
	assert.Equal(t, "made", strings.Contains(r.text("value"), `"action":"Create"`), true)
	assert.Equal(t, "there", b.types(), "ann:Member")
	r = b.do("POST", b.job+"/provisionOnDemand", onDemandFor(b, "bea")).want(t, 200)
	assert.Equal(t, "skipped", strings.Contains(r.text("value"), "NotEffectivelyEntitled"), true)
}

// Who was invited and never redeemed is updated, but for the principal name, which a full cycle sets right.
func TestCrossTenantPending(t *testing.T) {
	b := newBridge(t, invited("known", "mail@else.com", "Guest", "PendingAcceptance"))
	b.assign("ann")
	b.cycle() // an initial one, before they can match
	b.user("bea", `"mail":"mail@else.com"`)
	b.assign("ann", "bea")
	assert.Equal(t, "log", b.cycle(), "bea update success")
	u := b.target.get("/v1.0/users/known?$select=displayName,userPrincipalName,userType")
	assert.Equal(
		t, "as before", u.text("displayName")+" "+u.text("userPrincipalName")+" "+u.text("userType"),
		"bea mail_else.com#EXT#@host.onmicrosoft.com Guest",
	)
	id, err := b.target.server.AlternativeSecurityID("known")
	assert.Equal(t, "has none", fmt.Sprint(id, err), "<nil>")
	b.full()
	assert.Equal(
		t, "after a full cycle", b.target.get("/v1.0/users/known").text("userPrincipalName"),
		"bea_company.com#EXT#@host.onmicrosoft.com",
	)
}

// A control call says who is who where names don't; what the target lost is made anew.
func TestCrossTenantAlternativeSecurityID(t *testing.T) {
	b := newBridge(t, invited("known", "someone@else.com", "Guest", "Accepted"))
	b.target.do("POST", "/_simulator/users/known/alternative_security_id", `{"source":"ann"}`).want(t, 204)
	b.target.do("POST", "/_simulator/users/nobody/alternative_security_id", `{"source":"ann"}`).want(t, 400)
	b.assign("ann")
	assert.Equal(t, "log", strings.Split(b.cycle(), "; ")[0], "ann update success")
	assert.Equal(t, "renamed", b.in("ann")["id"], any("known"))
	if err := b.target.server.DeleteObject("known", false); err != nil {
		t.Fatal(err)
	}
	assert.Equal(t, "not noticed", b.cycle(), "")
	b.user("ann", `"jobTitle":"Lead"`)
	assert.Equal(t, "noticed", b.cycle(), "ann create success")
	b.do("POST", b.job+"/restart", `{"criteria":{"resetScope":"Full"}}`).want(t, 204)
	assert.Equal(
		t, "a full reset finds them again", strings.Split(b.cycle(), "; ")[0], "ann other skipped RedundantExport",
	)

	other := newBridge(t)
	other.assign("ann", "bea")
	other.cycle()
	other.user("bea", `"userPrincipalName":"ann@company.com.example"`)
	other.target.do("PATCH", "/v1.0/users/own", `{"displayName":"x"}`).want(t, 204)
	if _, err := other.target.server.PutUser(
		[]byte(`{"id":"own","userPrincipalName":"ann_company.com.example#EXT#@host.onmicrosoft.com"}`),
	); err != nil {
		t.Fatal(err)
	}
	assert.Equal(t, "a name that is taken", other.cycle(), "bea update failure EntryConflict")
	assert.Equal(t, "is tried again", other.cycle(), "bea update failure EntryConflict")
}

// More departures than the threshold are staged.
func TestCrossTenantThreshold(t *testing.T) {
	b := newBridge(t)
	b.secrets(
		"SyncNotificationSettings",
		`{"DeleteThresholdEnabled":true,"DeleteThresholdValue":1}`,
		"SkipOutOfScopeDeletions",
		"True",
	)
	b.assign("ann", "bea")
	b.cycle()
	b.assign()
	assert.Equal(t, "log", b.cycle(), "ann stagedDelete skipped TooManyDeletes; bea stagedDelete skipped "+
		"TooManyDeletes")
	assert.Equal(t, "there", b.types(), "ann:Member bea:Member")
	b.do("POST", b.job+"/restart", `{"criteria":{"resetScope":"ForceDeletes"}}`).want(t, 204)
	assert.Equal(t, "forced", b.cycle(), "ann delete success; bea delete success")
	for _, id := range []string{"ann", "bea"} {
		if err := b.server.DeleteObject(id, false); err != nil {
			t.Fatal(err)
		}
	}
	assert.Equal(t, "who is deleted counts no more", b.cycle(), "")
}

func TestLinkTenant(t *testing.T) {
	b := newBridge(t)
	if b.server.LinkTenant(b.server) == nil {
		t.Error("linked to itself")
	}
	find := func(c *client, domain string) string {
		return c.get("/v1.0/tenantRelationships/findTenantInformationByDomainName(domainName='" + domain + "')").text(
			"tenantId",
		)
	}
	assert.Equal(t, "the target's domain", find(b.client, "host.com"), targetTenant)
	assert.Equal(t, "the source's domain", find(b.target, "company.com"), sourceTenant)
}
