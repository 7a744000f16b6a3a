package simulator

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
)

// claimsClient has two organizations, emea without a domain, with accounts on fabrikam.com and company.com.
func claimsClient(t *testing.T) *client {
	c := newClient(t, WithClock(frozen))
	for org, list := range map[string][]string{
		"main": {
			`{"accountId":"acc-9","email":"ann@FABRIKAM.com","claimStatus":"unmanaged"}`,
			`{"accountId":"acc-8","email":"sub@eu.fabrikam.com","claimStatus":"unmanaged"}`,
		},
		"emea": {`{"accountId":"acc-2","email":"gus@fabrikam.com","claimStatus":"unmanaged"}`},
	} {
		for _, a := range list {
			c.do("POST", "/_simulator/organizations/"+org+"/accounts", a).want(t, 204)
		}
	}
	return c
}

// claimOf is the type and status of a domain in an organization, as its API answers them.
func claimOf(c *client, org, domain string) string {
	c.t.Helper()
	admin := *c
	admin.bearer = atlassian.DefaultAPIKey
	for _, d := range admin.get("/admin/v1/orgs/"+org+"/domains").want(c.t, 200).data() {
		if at(d, "attributes", "name") == domain {
			return fmt.Sprint(at(d, "attributes", "claim", "type"), " ", at(d, "attributes", "claim", "status"))
		}
	}
	return "none"
}

// managed are the addresses that an organization manages, as its API answers them.
func managed(c *client, org string) string {
	c.t.Helper()
	admin := *c
	admin.bearer = atlassian.DefaultAPIKey
	var out []string
	for _, a := range admin.get("/admin/v1/orgs/"+org+"/users").want(c.t, 200).data() {
		out = append(out, a["email"].(string))
	}
	return strings.Join(out, " ")
}

const orgEmea = "e0000000-0000-4000-8000-000000000002"

func press(c *client, org, domain, body string, status int) string {
	c.t.Helper()
	return c.do("POST", "/_simulator/organizations/"+org+"/domains/"+domain+"/verify", body).want(c.t, status).text(
		"status",
	)
}

func putRecord(c *client, name, value string) {
	c.t.Helper()
	if err := c.server.PutDNS(name, "TXT", "v=spf1 -all", value); err != nil {
		c.t.Fatal(err)
	}
}

const (
	claimToken  = "0123abc="
	claimRecord = "atlassian-domain-verification=" + claimToken
	byDNS       = `{"method":"dns","token":"` + claimToken + `"}`
)

func TestVerifyClaim(t *testing.T) {
	c := claimsClient(t)
	assert.Equal(t, "no record", press(c, "main", "fabrikam.com", byDNS, 200), "unverified")
	assert.Equal(t, "listed", claimOf(c, orgMain, "fabrikam.com"), "dns unverified")
	putRecord(c, "www.fabrikam.com", claimRecord)
	assert.Equal(t, "elsewhere", press(c, "main", "fabrikam.com", byDNS, 200), "unverified")
	putRecord(c, "fabrikam.com", claimRecord+"0")
	assert.Equal(t, "another token", press(c, "main", "fabrikam.com", byDNS, 200), "unverified")
	putRecord(c, "fabrikam.com", claimRecord)
	c.server.Advance(48 * time.Hour)
	assert.Equal(t, "not by itself", claimOf(c, orgMain, "fabrikam.com"), "dns unverified")
	assert.Equal(t, "unmanaged yet", managed(c, orgMain), "oscar.ward@company.com")
	assert.Equal(t, "verified", press(c, orgMain, "Fabrikam.com.", byDNS, 200), "verified")
	assert.Equal(t, "listed verified", claimOf(c, orgMain, "fabrikam.com"), "dns verified")
	assert.Equal(
		t, "claimed, without sub-domains", managed(c, orgMain), "oscar.ward@company.com gus@fabrikam.com "+
			"ann@FABRIKAM.com",
	)
	assert.Equal(t, "sub-domain", claimOf(c, orgMain, "eu.fabrikam.com"), "none")
	assert.Equal(
		t,
		"a failed press leaves it",
		press(c, "main", "fabrikam.com", `{"method":"dns","token":"x"}`, 200),
		"verified",
	)

	// As they come.
	c.do(
		"POST", "/_simulator/organizations/main/accounts", `{"accountId":"acc-7","email":"new@fabrikam.com"}`,
	).want(t, 204)
	assert.Equal(t, "new one", strings.Contains(managed(c, orgMain), "new@fabrikam.com"), true)

	// Another organization can verify too, and gets who isn't managed yet.
	c.do(
		"POST", "/_simulator/organizations/emea/accounts",
		`{"accountId":"acc-6","email":"only@fabrikam.com","claimStatus":"unmanaged"}`,
	).want(t, 204)
	assert.Equal(t, "verified twice", press(c, "emea", "fabrikam.com", byDNS, 200), "verified")
	assert.Equal(t, "managed once", managed(c, orgEmea), "only@fabrikam.com")
	if strings.Contains(managed(c, orgMain), "only@") {
		t.Error("main manages an account that it doesn't have")
	}
}

func TestVerifyClaimByFile(t *testing.T) {
	c := claimsClient(t)
	const byHTTP = `{"method":"http","token":"` + claimToken + `","claim":"none"}`
	putRecord(c, "fabrikam.com", claimRecord)
	assert.Equal(t, "the record doesn't count", press(c, "main", "fabrikam.com", byHTTP, 200), "unverified")
	assert.Equal(t, "type", claimOf(c, orgMain, "fabrikam.com"), "http unverified")
	c.do("POST", "/_simulator/web", `{"name":"fabrikam.com","path":"/other.html","content":"`+claimToken+`"}`).
		want(t, 204)
	assert.Equal(t, "another file", press(c, "main", "fabrikam.com", byHTTP, 200), "unverified")
	c.do("POST", "/_simulator/web", `{"name":"Fabrikam.com.","content":"<html>`+claimToken+`</html>"}`).want(t, 204)
	assert.Equal(t, "verified", press(c, "main", "fabrikam.com", byHTTP, 200), "verified")
	assert.Equal(t, "type", claimOf(c, orgMain, "fabrikam.com"), "http verified")
	assert.Equal(t, "claims none", managed(c, orgMain), "oscar.ward@company.com")
	c.do(
		"POST", "/_simulator/organizations/main/accounts", `{"accountId":"acc-7","email":"new@fabrikam.com"}`,
	).want(t, 204)
	assert.Equal(t, "none later", managed(c, orgMain), "oscar.ward@company.com")
	assert.Equal(
		t, "web", string(c.get("/_simulator/web").raw),
		`[{"name":"fabrikam.com","path":"/atlassian-domain-verification.html","content":"<html>`+claimToken+
			`</html>"},{"name":"fabrikam.com","path":"/other.html","content":"`+claimToken+`"}]`,
	)
	c.do("DELETE", "/_simulator/web/fabrikam.com", "").want(t, 204)
	c.do("DELETE", "/_simulator/web/fabrikam.com", "").want(t, 400)
	c.server.Advance(atlassian.Recheck)
	assert.Equal(t, "file gone", claimOf(c, orgMain, "fabrikam.com"), "http missing_token")
}

func TestVerifyClaimRefusals(t *testing.T) {
	c := claimsClient(t)
	for what, at := range map[string][3]string{
		"public mail": {"main", "Gmail.com", byDNS}, "method": {"main", "fabrikam.com", `{"method":"mail","token":"x"}`},
		"no token": {"main", "fabrikam.com", `{"method":"dns"}`},
		"claim":    {"main", "fabrikam.com", `{"method":"dns","token":"x","claim":"some"}`},
		"name":     {"main", "nodots", byDNS}, "organization": {"none", "fabrikam.com", byDNS},
		"member": {"main", "fabrikam.com", `{"how":"dns"}`},
	} {
		putRecord(c, "gmail.com", claimRecord)
		press(c, at[0], at[1], at[2], 400)
		assert.Equal(t, what, claimOf(c, orgMain, strings.ToLower(at[1])), "none")
	}
	c.do("POST", "/_simulator/web", `{"content":"x"}`).want(t, 400)
}

// The proof is looked for each day of the server's clock.
func TestClaimRechecks(t *testing.T) {
	day := 24 * time.Hour
	verified := func(t *testing.T) *client {
		c := claimsClient(t)
		putRecord(c, "fabrikam.com", claimRecord)
		assert.Equal(t, "verified", press(c, "main", "fabrikam.com", byDNS, 200), "verified")
		return c
	}
	status := func(c *client, want string) {
		c.t.Helper()
		assert.Equal(c.t, "claim", claimOf(c, orgMain, "fabrikam.com"), "dns "+want)
		got := strings.Contains(managed(c, orgMain), "gus@fabrikam.com")
		assert.Equal(c.t, "managed", got, want != "unverified")
	}
	withdraw := func(c *client) { c.do("DELETE", "/_simulator/dns/fabrikam.com", "").want(c.t, 204) }
	t.Run("stays", func(t *testing.T) {
		c := verified(t)
		c.server.Advance(400 * day)
		status(c, "verified")
	})
	t.Run("lapses", func(t *testing.T) {
		c := verified(t)
		withdraw(c)
		status(c, "verified") // nobody has looked
		c.server.Advance(day)
		status(c, "missing_token")
		c.server.Advance(13 * day)
		status(c, "missing_token")
		c.server.Advance(day)
		status(c, "unverified")
		putRecord(c, "fabrikam.com", claimRecord)
		c.server.Advance(day)
		status(c, "unverified") // pressing again is needed
		assert.Equal(t, "again", press(c, "main", "fabrikam.com", byDNS, 200), "verified")
		status(c, "verified")
	})
	t.Run("comes back", func(t *testing.T) {
		c := verified(t)
		withdraw(c)
		c.server.Advance(10 * day)
		status(c, "missing_token")
		putRecord(c, "fabrikam.com", claimRecord)
		c.server.Advance(day)
		status(c, "verified")
		withdraw(c)
		c.server.Advance(14 * day)
		status(c, "missing_token") // the grace begins anew
	})
	t.Run("nobody looked meanwhile", func(t *testing.T) {
		c := verified(t)
		withdraw(c)
		c.server.Advance(20 * day)
		putRecord(c, "fabrikam.com", claimRecord) // too late
		c.server.Advance(day)
		status(c, "unverified")
		c = verified(t)
		withdraw(c)
		c.server.Advance(20 * day)
		var out bytes.Buffer
		if err := c.server.Snapshot(&out); err != nil {
			t.Fatal(err)
		}
		assert.Equal(
			t,
			"snapshot",
			strings.Contains(out.String(), `"claim":{"type":"dns","status":"unverified"}`),
			true,
		)
	})
	t.Run("the clock moves by itself", func(t *testing.T) { // and only Go methods are called meanwhile
		now := frozen()
		c := newClient(t, WithClock(func() time.Time { return now }))
		do := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		verify := func(method string) {
			t.Helper()
			status, err := c.server.VerifyClaim("main", "fabrikam.com", method, claimToken)
			do(err)
			assert.Equal(t, method, status, "verified")
		}
		for method, steps := range map[string][2]func() error{
			"dns": {
				func() error { return c.server.PutDNS("fabrikam.com", "TXT", claimRecord) },
				func() error { return c.server.RemoveDNS("fabrikam.com") },
			},
			"http": {
				func() error { return c.server.PutWeb("fabrikam.com", "", claimToken) },
				func() error { return c.server.RemoveWeb("fabrikam.com") },
			},
		} {
			do(steps[0]())
			verify(method)
			do(steps[1]()) // just withdrawn, and put back 20 days later: nobody had asked, and it was too late
			now = now.Add(20 * day)
			do(steps[0]())
			now = now.Add(day)
			assert.Equal(t, method+" too late", claimOf(c, orgMain, "fabrikam.com"), method+" unverified")
			verify(method)
			now = now.Add(20 * day)
			do(steps[1]())
			assert.Equal(t, method+" not looked at since", claimOf(c, orgMain, "fabrikam.com"), method+" verified")
			now = now.Add(10 * day)
			assert.Equal(t, method+" in its grace", claimOf(c, orgMain, "fabrikam.com"), method+" missing_token")
			do(c.server.RemoveDomainClaim("main", "fabrikam.com"))
		}
	})
	t.Run("two methods", func(t *testing.T) {
		c := verified(t)
		if err := c.server.PutWeb("fabrikam.com", "", claimToken); err != nil {
			t.Fatal(err)
		}
		assert.Equal(
			t, "file", press(c, "main", "fabrikam.com", `{"method":"http","token":"`+claimToken+`"}`, 200), "verified",
		)
		withdraw(c)
		for range 20 {
			c.server.Advance(day)
			assert.Equal(t, "claim", claimOf(c, orgMain, "fabrikam.com"), "http verified")
		}
	})
	t.Run("set by hand", func(t *testing.T) {
		c := verified(t)
		c.do("POST", "/_simulator/organizations/main/domains/fabrikam.com", `{"status":"verified"}`).want(t, 204)
		withdraw(c)
		c.server.Advance(60 * day)
		status(c, "verified")
		assert.Equal(t, "of the snapshot", claimOf(c, orgMain, "company.com"), "dns verified")
		assert.Equal(t, "of the snapshot", claimOf(c, orgMain, "old.company.com"), "http missing_token")
	})
}

func TestClaimType(t *testing.T) {
	c := claimsClient(t)
	set := func(body string, status int) {
		t.Helper()
		c.do("POST", "/_simulator/organizations/main/domains/fabrikam.com", body).want(t, status)
	}
	set(`{"status":"verified","type":"anything at all"}`, 204)
	assert.Equal(t, "type", claimOf(c, orgMain, "fabrikam.com"), "anything at all verified")
	set(`{"status":"superseded"}`, 204)
	assert.Equal(t, "kept", claimOf(c, orgMain, "fabrikam.com"), "anything at all superseded")
	set(`{"type":"dns"}`, 400)
	assert.Equal(t, "default", claimOf(c, orgMain, "company.com"), "dns verified")
}

// A SCIM user on a domain that was verified and not claimed, or whom another organization manages, stays unmanaged.
func TestSCIMFollowsClaims(t *testing.T) {
	c := claimsClient(t)
	putRecord(c, "fabrikam.com", claimRecord)
	putRecord(c, "other.example", claimRecord)
	press(c, "main", "fabrikam.com", `{"method":"dns","token":"`+claimToken+`","claim":"none"}`, 200)
	press(c, "main", "other.example", byDNS, 200)
	press(c, "emea", "fabrikam.com", byDNS, 200)
	c.do(
		"POST", "/_simulator/organizations/emea/accounts",
		`{"accountId":"acc-5","email":"taken@other.example","claimStatus":"managed"}`,
	).want(t, 204)
	about := c.server.About().Organizations
	for i, org := range about {
		if org.Key != "main" {
			continue
		}
		scim := *c
		scim.bearer = about[i].DirectoryToken
		for _, email := range []string{"x@fabrikam.com", "x@other.example", "taken@other.example"} {
			body := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"` + email +
				`","emails":[{"value":"` + email + `","primary":true}]}`
			scim.do(
				"POST", "/scim/directory/"+org.DirectoryID+"/Users", body, "Content-Type", "application/scim+json",
			).want(t, 201)
		}
	}
	assert.Equal(t, "managed", managed(c, orgMain), "oscar.ward@company.com x@other.example")
}
