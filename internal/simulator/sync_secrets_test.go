package simulator

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

const goodSecrets = `{"value":[{"key":"BaseAddress","value":"https://api.example/scim/directory/1"},{"key":"SecretToken","value":"` + atlassian.DefaultSecretToken + `"},{"key":"SyncAll","value":"false"}]}`

func secretsOf(c *client) string {
	var out []string
	for _, v := range c.get(appRoot+"/secrets").want(c.t, 200).values() {
		out = append(out, v["key"].(string)+"="+v["value"].(string))
	}
	return strings.Join(out, " ")
}

func TestSecrets(t *testing.T) {
	c := newClient(t)
	assert.Equal(t, "at first", secretsOf(c), "")
	c.do("PUT", appRoot+"/secrets", goodSecrets).want(t, 204)
	assert.Equal(
		t, "a secret doesn't come back", secretsOf(c),
		"BaseAddress=https://api.example/scim/directory/1 SecretToken=* SyncAll=false",
	)
	if strings.Contains(string(c.get(appRoot+"/secrets").raw), atlassian.DefaultSecretToken) {
		t.Error("the token came back")
	}
	c.do("PUT", appRoot+"/secrets", `{"value":[{"key":"SyncAll","value":"true"}]}`).want(t, 204)
	assert.Equal(t, "PUT replaces all", secretsOf(c), "SyncAll=true")

	for _, wrong := range []string{
		`{}`, `{"value":null}`, `{"value":[{"key":"NoSuchKey","value":"x"}]}`, `{"value":[{"value":"x"}]}`, `{"value":{}}`,
		`{"value":[],"other":1}`, `[]`, `{"value":[{"key":"|","value":"x"}]}`,
	} {
		c.do("PUT", appRoot+"/secrets", wrong).want(t, 400, "BadRequest")
	}
	c.do("PUT", appRoot+"/secrets", `{"value":[{"key":"SyncAll","value":"a"},{"key":"SyncAll","value":"b"}]}`).
		wantInner(
			t, 400, "InvalidRequest",
		)
	assert.Equal(t, "after refusals", secretsOf(c), "SyncAll=true")
	c.as("Synchronization.Read.All").do("PUT", appRoot+"/secrets", goodSecrets).want(t, 403)
	c.do("PUT", "/v1.0/servicePrincipals/"+oscar+"/synchronization/secrets", goodSecrets).want(t, 404)
}

// What documentation leaves open of secrets is switchable.
func TestSecretsOptions(t *testing.T) {
	c := newClient(
		t, WithBehavior(func(b *env.Behavior) { b.SecretsSurvive, b.MaskAllSecrets, b.SecretMask = true, true, "" }),
	)
	c.do("PUT", appRoot+"/secrets", goodSecrets).want(t, 204)
	c.do("PUT", appRoot+"/secrets", `{"value":[{"key":"SyncAll","value":"true"}]}`).want(t, 204)
	assert.Equal(t, "secrets", secretsOf(c), "SyncAll= BaseAddress= SecretToken=")
}

func TestSecretsWithoutValue(t *testing.T) {
	c := newClient(t, WithBehavior(func(b *env.Behavior) { b.SecretsWithoutValue = true }))
	c.do("PUT", appRoot+"/secrets", goodSecrets).want(t, 204)
	assert.Equal(
		t,
		"secrets",
		string(rawjson.Marshal(c.get(appRoot+"/secrets").want(t, 200).body["value"])),
		`[{"key":"BaseAddress","value":"https://api.example/scim/directory/1"},{"key":"SecretToken"},{"key":"SyncAll","value":"false"}]`,
	)
}

func TestValidateCredentials(t *testing.T) {
	c, job := newJob(t)
	body := func(token, more string) string {
		return `{"templateId":"customappsso","credentials":[{"key":"BaseAddress","value":"https://x"},{"key":"SecretToken","value":"` + token + `"}]` + more + `}`
	}
	check := func(where, body string) reply { return c.do("POST", where+"/validateCredentials", body) }
	check(appRoot+"/jobs", body(atlassian.DefaultSecretToken, "")).want(t, 204)
	check(job, body(atlassian.DefaultSecretToken, `,"useSavedCredentials":false`)).want(t, 204)
	check(job, body("wrong", "")).wantInner(t, 400, "InvalidCredentials")
	check(appRoot+"/jobs", body("wrong", "")).wantInner(t, 400, "InvalidCredentials")
	check(job, strings.Replace(body(atlassian.DefaultSecretToken, ""), "https://x", "http://x", 1)).wantInner(
		t, 400, "InvalidCredentials",
	)
	check(
		appRoot+"/jobs",
		strings.Replace(body(atlassian.DefaultSecretToken, ""), "customappsso", "other", 1),
	).wantInner(
		t, 400, "InvalidTemplate",
	)
	check(job, `{"credentials":[{"key":"NoSuch","value":"x"}]}`).want(t, 400, "BadRequest")
	check(job, `{"unknown":1}`).want(t, 400, "BadRequest")
	check(appRoot+"/jobs/other", body(atlassian.DefaultSecretToken, "")).wantInner(t, 404, "ResourceNotFound")

	saved := `{"templateId":"customappsso","useSavedCredentials":true}`
	check(job, saved).wantInner(t, 400, "InvalidCredentials")
	c.do("PUT", appRoot+"/secrets", goodSecrets).want(t, 204)
	check(job, saved).want(t, 204)
	if err := c.server.SetSecretToken(appID, "another"); err != nil {
		t.Fatal(err)
	}
	check(job, saved).wantInner(t, 400, "InvalidCredentials")
	check(job, body("another", "")).want(t, 204)
	assert.Equal(
		t,
		"by the control plane",
		c.do(
			"POST",
			"/_simulator/synchronization/secret_token",
			`{"service_principal":"`+appID+`","token":"third"}`,
		).status,
		204,
	)
	check(job, body("third", "")).want(t, 204)
}

func TestSecretTokenOption(t *testing.T) {
	c, job := newJob(t, WithSecretToken("own"))
	c.do(
		"POST", job+"/validateCredentials",
		`{"credentials":[{"key":"BaseAddress","value":"https://x"},{"key":"SecretToken","value":"own"}]}`,
	).want(t, 204)
}

// Cross-tenant credentials need consent in both tenants; this one's part is seen [graph 3.4].
func TestValidateCrossTenant(t *testing.T) {
	c := newClient(t)
	const sister = "9c5d131d-b1c3-4fc4-9e3f-c6557947d552"
	body := `{"templateId":"Azure2Azure","useSavedCredentials":false,"credentials":[{"key":"CompanyId","value":"` +
		sister + `"},{"key":"AuthenticationType","value":"SyncPolicy"}]}`
	r := c.do("POST", appRoot+"/jobs/validateCredentials", body)
	r.wantInner(t, 400, "AzureDirectoryB2BManagementPolicyCheckFailure")
	if _, message := r.inner(t); message != "Policy permitting auto-redemption of invitations not configured." {
		t.Error(message)
	}
	if err := c.server.PutPartner(
		[]byte(`{"tenantId":"` + sister + `","automaticUserConsentSettings":{"outboundAllowed":true}}`),
	); err != nil {
		t.Fatal(err)
	}
	c.do("POST", appRoot+"/jobs/validateCredentials", body).want(t, 204)
	c.do("POST", appRoot+"/jobs/validateCredentials", strings.Replace(body, "SyncPolicy", "Other", 1)).wantInner(
		t, 400, "InvalidCredentials",
	)
}
