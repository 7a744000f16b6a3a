package simulator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/assert"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/scim"
)

// nestedTenant has users for [atlassian rows 1-25]; the group Parent holds everyone but out, bob by
// its child alone.
func nestedTenant() string {
	var users, members []string
	user := func(id, properties string) {
		if !strings.Contains(properties, "accountEnabled") {
			properties += `,"accountEnabled":true`
		}
		users = append(users, `{"id":"`+id+`","displayName":"`+strings.ToUpper(id)+`",`+properties+`}`)
		if id != "bob" && id != "out" {
			members = append(members, `{"@odata.type":"#microsoft.graph.user","id":"`+id+`"}`)
		}
	}
	const ext = `_fabrikam.com#EXT#@company.onmicrosoft.com"`
	user("ann", `"userType":"Member","mail":"ann@Company.com","userPrincipalName":"ann@company.com"`)
	user("bob", `"userType":"Member","mail":"bob@eng.company.com","userPrincipalName":"bob@company.com"`)
	user(
		"dis",
		`"userType":"Member","mail":"dis@company.com","userPrincipalName":"dis@company.com","accountEnabled":false`,
	)
	user("dup", `"userType":"Member","mail":"ann@company.com","userPrincipalName":"dup@company.com"`)
	user("ext", `"userType":"Guest","mail":null,"userPrincipalName":"ext`+ext)
	user("gus", `"userType":"Guest","mail":"gus@fabrikam.com","userPrincipalName":"gus`+ext)
	user("ini", `"userType":"Member","mail":null,"userPrincipalName":"ini@company.onmicrosoft.com"`)
	user("mia", `"userType":"Member","mail":"mia@fabrikam.com","userPrincipalName":"mia`+ext)
	user("mix", `"userType":"Member","mail":"mix@fabrikam.com","userPrincipalName":"mix@company.com"`)
	user("nul", `"userType":null,"mail":"nul@fabrikam.com","userPrincipalName":"nul@elsewhere.com"`)
	user("out", `"userType":"Member","mail":"out@company.com","userPrincipalName":"out@company.com"`)
	user("sub", `"userType":"Member","mail":"sub@not.company.com","userPrincipalName":"sub@elsewhere.com"`)
	user("upn", `"userType":"Member","mail":null,"userPrincipalName":"upn@company.com"`)
	members = append(members, `{"@odata.type":"#microsoft.graph.group","id":"g-child"}`)
	return `{"version":1,"entra":{"tenant_id":"` + testTenant + `","domains":[
 {"id":"company.onmicrosoft.com","isInitial":true,"isVerified":true},{"id":"company.com","isDefault":true,"isVerified":true},
 {"id":"eng.company.com","isVerified":true},{"id":"fabrikam.com","isVerified":false}],"users":[` + strings.Join(
		users, ",",
	) + `],"groups":[
 {"id":"g-parent","displayName":"Parent","members":[` + strings.Join(members, ",") + `]},
 {"id":"g-child","displayName":"Child","members":[{"@odata.type":"#microsoft.graph.user","id":"bob"},{"@odata.type":"#microsoft.graph.group","id":"g-parent"}]},
 {"id":"g-other","displayName":"Other","members":[{"@odata.type":"#microsoft.graph.user","id":"out"}]}]},
"organizations":{
 "main":{"organization_id":"` + orgMain + `","domains":[],"accounts":[],"groups":[]},
 "emea":{"organization_id":"` + orgEmea + `","domains":[],"accounts":[],"groups":[]}}}`
}

type nested struct {
	*client
	report reply
}

func newNested(t *testing.T, options ...Option) *nested {
	t.Helper()
	server, err := New(strings.NewReader(nestedTenant()), append([]Option{WithClock(frozen)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return &nested{client: &client{t: t, server: server, bearer: atlassian.DefaultAPIKey}}
}

func (n *nested) order(method, path, body string, status int) reply {
	n.t.Helper()
	return n.do(method, "/_simulator"+path, body).want(n.t, status)
}

const nestedPath = "/organizations/main/nested_groups"

func (n *nested) sync() { n.t.Helper(); n.report = n.order("POST", nestedPath+"/sync", "", 200) }

// connected is the chosen group Parent with every domain, synced once.
func connected(t *testing.T, options ...Option) *nested {
	t.Helper()
	n := newNested(t, options...)
	n.order("POST", nestedPath, `{"groups":["Parent"],"domains":"*"}`, 204)
	n.sync()
	return n
}

// accounts are those of an organization, of a group where there is an id: m for managed, u for unmanaged, with !
// where deactivated.
func (n *nested) accounts(groups ...string) string {
	n.t.Helper()
	var out []string
	body := string(rawjson.Marshal(rawjson.Object{"groupIds": append([]string{}, groups...)}))
	for _, a := range n.do("POST", "/admin/v2/orgs/"+orgMain+"/directories/-/users/search", body).want(n.t, 200).data() {
		text := a["claimStatus"].(string)[:1] + ":" + a["email"].(string)
		if a["accountStatus"] != "active" || a["status"] != "active" {
			text += "!"
		}
		if (a["managementSource"] == "synced") != strings.HasPrefix(text, "m") {
			text += "?"
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// group is who is in one of the organization's groups, "none" without the group.
func (n *nested) group(name string) string {
	n.t.Helper()
	for _, g := range n.do("POST", "/admin/v2/orgs/"+orgMain+"/directories/-/groups/search", `{}`).want(n.t, 200).data() {
		if g["name"] == name {
			if g["externalSynced"] != true {
				return "not synced"
			}
			return n.accounts(g["id"].(string))
		}
	}
	return "none"
}

func (n *nested) reason(id string) string {
	list, _ := n.report.body["skipped"].([]any)
	for _, s := range list {
		if at(s, "id") == id {
			return at(s, "reason").(string)
		}
	}
	return ""
}

const whole = "m:ann@Company.com m:bob@eng.company.com m:upn@company.com u:gus@fabrikam.com"

func TestNestedGroupsSync(t *testing.T) {
	n := connected(t)
	assert.Equal(t, "accounts", n.accounts(), whole)
	assert.Equal(t, "flattened", n.group("Parent"), whole)
	assert.Equal(t, "the child, which holds its parent", n.group("Child"), whole)
	assert.Equal(t, "not chosen", n.group("Other"), "none")
	assert.Equal(
		t, "domains", claimOf(n.client, orgMain, "company.com")+", "+claimOf(n.client, orgMain, "eng.company.com"),
		"entra_id verified, entra_id verified",
	)
	assert.Equal(t, "not verified in Entra", claimOf(n.client, orgMain, "fabrikam.com"), "none")
	assert.Equal(t, "initial", claimOf(n.client, orgMain, "company.onmicrosoft.com"), "none")
	assert.Equal(
		t,
		"counts",
		fmt.Sprint(
			n.report.body["synced_users"],
			n.report.body["synced_groups"],
			n.report.body["synced_domains"],
		),
		"4 2 2",
	)
	for id, want := range map[string]string{
		"mia": "isn't verified", "nul": "isn't verified", "mix": "isn't verified", "sub": "isn't verified",
		"ini": "isn't verified",
		"ext": "no usable address", "dup": "another user has the address", "dis": "never synced",
	} {
		assert.Equal(t, id+": "+n.reason(id), strings.Contains(n.reason(id), want), true)
	}
	assert.Equal(t, "out of scope", n.reason("out"), "")
	assert.Equal(t, "other organization", managed(n.client, orgEmea), "")
	before := n.accounts() + n.group("Parent")
	n.sync()
	assert.Equal(t, "again", n.accounts()+n.group("Parent"), before)
}

// What the pages leave open is switched.
func TestNestedGroupsSwitches(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*env.Behavior)
		want   string
	}{
		"not_member": {func(b *env.Behavior) { b.ExternalException = "not_member" }, whole + " u:nul@fabrikam.com"},
		"ext_upn": {
			func(b *env.Behavior) { b.ExternalException = "ext_upn" },
			"m:ann@Company.com m:bob@eng.company.com m:upn@company.com u:gus@fabrikam.com u:mia@fabrikam.com",
		},
		"#EXT#": {
			func(b *env.Behavior) { b.ExtAddress = true }, whole + " u:ext_fabrikam.com#EXT#@company.onmicrosoft.com",
		},
		"initial": {
			func(b *env.Behavior) { b.EntraClaimsInitial = true },
			strings.Replace(whole, "m:upn", "m:ini@company.onmicrosoft.com m:upn", 1),
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := connected(t, WithBehavior(test.change))
			want := strings.Fields(test.want)
			slices.Sort(want)
			assert.Equal(t, "accounts", n.accounts(), strings.Join(want, " "))
		})
	}
	n := connected(
		t,
		WithBehavior(func(b *env.Behavior) { b.SelectedGroupsAlone, b.EntraClaimType = true, "microsoft" }),
	)
	assert.Equal(t, "no child", n.group("Child"), "none")
	assert.Equal(t, "its members all the same", n.group("Parent"), whole)
	assert.Equal(t, "type", claimOf(n.client, orgMain, "company.com"), "microsoft verified")
	if _, err := New(nil, WithBehavior(func(b *env.Behavior) { b.ExternalException = "mail" })); err == nil {
		t.Error("an unknown word is taken")
	}
}

func TestNestedGroupsScope(t *testing.T) {
	n := newNested(t)
	n.order("POST", nestedPath, `{"everyone":true,"domains":["Company.com"]}`, 204)
	n.sync()
	const want = "m:ann@Company.com m:out@company.com m:upn@company.com u:gus@fabrikam.com"
	assert.Equal(t, "everyone, one domain", n.accounts(), want)
	assert.Equal(t, "all groups", n.group("Other"), "m:out@company.com")
	assert.Equal(t, "not chosen", claimOf(n.client, orgMain, "eng.company.com"), "none")
	for what, body := range map[string]string{
		"nothing": `{}`, "both": `{"everyone":true,"groups":["Parent"]}`, "no such group": `{"groups":["Nobody"]}`,
		"a user": `{"groups":["ann"]}`, "member": `{"all":true}`,
	} {
		if n.do("POST", "/_simulator"+nestedPath, body).status != 400 {
			t.Errorf("%s is taken", what)
		}
	}
	n.order("POST", "/groups", `{"displayName":"Parent"}`, 200)
	n.order("POST", nestedPath, `{"groups":["Parent"]}`, 400) // two have the name
	n.order("POST", nestedPath, `{"groups":["g-other"]}`, 204)
	assert.Equal(t, "from the next sync on", n.accounts(), want)
	n.sync()
	assert.Equal(t, "left the scope", n.group("Parent"), "")
	assert.Equal(t, "in it", n.group("Other"), "m:out@company.com")
	assert.Equal(t, "accounts stay", n.accounts(), want)
	n.order("POST", "/organizations/emea/nested_groups/sync", "", 400)
	n.order("POST", "/organizations/none/nested_groups", `{"everyone":true}`, 400)
}

// Domains that were verified otherwise count too; grace is no end; a parent doesn't cover its sub-domains.
func TestNestedGroupsDomains(t *testing.T) {
	n := newNested(t)
	n.order("POST", nestedPath, `{"groups":["Parent"],"domains":[]}`, 204)
	n.sync()
	assert.Equal(t, "none verified", n.accounts(), "u:gus@fabrikam.com")
	putRecord(n.client, "fabrikam.com", claimRecord)
	press(n.client, "main", "fabrikam.com", byDNS, 200)
	n.sync()
	assert.Equal(t, "by DNS", n.accounts(), "m:gus@fabrikam.com m:mia@fabrikam.com m:mix@fabrikam.com "+
		"m:nul@fabrikam.com")
	n.order("DELETE", "/dns/fabrikam.com", "", 204)
	n.server.Advance(atlassian.Recheck)
	n.sync()
	assert.Equal(t, "grace", strings.Contains(n.group("Parent"), "mia@fabrikam.com"), true)
	n.server.Advance(atlassian.Grace)
	n.sync()
	assert.Equal(t, "lapsed", n.group("Parent"), "u:gus@fabrikam.com")
	n.order("POST", "/organizations/main/domains/company.com", `{"status":"verified"}`, 204)
	n.sync()
	assert.Equal(
		t, "by hand, without sub-domains", n.group("Parent"), "m:ann@Company.com m:upn@company.com u:gus@fabrikam.com",
	)
}

func TestNestedGroupsClaims(t *testing.T) {
	n := newNested(t)
	n.order(
		"POST",
		"/organizations/emea/accounts",
		`{"accountId":"x-1","email":"upn@company.com","claimStatus":"managed"}`,
		204,
	)
	n.order(
		"POST",
		"/organizations/main/accounts",
		`{"accountId":"x-2","email":"ANN@company.com","claimStatus":"unmanaged","accountStatus":"active","status":"active"}`,
		204,
	)
	n.order(
		"POST",
		"/organizations/main/accounts",
		`{"accountId":"x-3","email":"never@company.com","claimStatus":"unmanaged"}`,
		204,
	)
	n.order(
		"POST",
		"/organizations/main/accounts",
		`{"accountId":"x-4","email":"dis@company.com","claimStatus":"unmanaged","accountStatus":"active","status":"active"}`,
		204,
	)
	n.order("POST", nestedPath, `{"groups":["Parent"],"domains":"*"}`, 204)
	n.sync()
	assert.Equal(
		t, "matched by address, managed once", n.group("Parent"),
		"m:ANN@company.com m:bob@eng.company.com u:gus@fabrikam.com u:upn@company.com",
	)
	assert.Equal(t, "claimed without a user", strings.Contains(managed(n.client, orgMain), "never@company.com"), true)
	// claimed, not synced, active
	assert.Equal(t, "disabled, there and never synced", strings.Contains(n.accounts(), "m:dis@company.com?"), true)
}

// Users who change, are disabled, leave and come back.
func TestNestedGroupsChanges(t *testing.T) {
	n := connected(t)
	change := func(body string) { t.Helper(); n.order("POST", "/users", body, 200); n.sync() }
	assert.Equal(
		t, "name",
		strings.Contains(
			string(n.do("POST", "/admin/v2/orgs/"+orgMain+"/directories/-/users/search", `{}`).raw), `"name":"ANN"`,
		),
		true,
	)
	change(`{"id":"ann","accountEnabled":false}`)
	assert.Equal(t, "disabled", strings.Contains(n.accounts(), "m:ann@Company.com!"), true)
	change(`{"id":"ann","accountEnabled":true}`)
	assert.Equal(t, "enabled", n.accounts(), whole)
	change(`{"id":"gus","accountEnabled":false}`)
	assert.Equal(t, "a disabled guest's account lives", n.accounts(), whole)
	assert.Equal(t, "without groups", strings.Contains(n.group("Parent"), "gus"), false)
	change(`{"id":"gus","accountEnabled":true}`)
	assert.Equal(t, "back", n.group("Parent"), whole)
	change(`{"id":"bob","mail":"robert@eng.company.com"}`)
	assert.Equal(t, "renamed, by the object id", n.accounts(), strings.Replace(whole, "bob@eng", "robert@eng", 1))
	change(`{"id":"bob","mail":"bob@fabrikam.com"}`)
	assert.Equal(t, "to a domain that isn't verified", n.accounts(), strings.Replace(whole, "bob@eng", "robert@eng", 1))
	assert.Equal(t, "leaves the groups", strings.Contains(n.group("Parent")+n.group("Child"), "ob@"), false)
	change(`{"id":"mia","userType":"Guest"}`)
	assert.Equal(t, "a Member made Guest", strings.Contains(n.group("Parent"), "u:mia@fabrikam.com"), true)
	assert.Equal(t, "one address, one account", n.reason("dup"), "another user has the address ann@company.com")
	n.order("DELETE", "/groups/g-parent/members/ann", "", 204)
	n.sync()
	assert.Equal(
		t, "the account is another's now", n.reason("dup")+strings.Join(strings.Fields(n.group("Parent"))[:1], ""),
		"m:ann@Company.com",
	)
	n.order("DELETE", "/groups/g-parent/members/dup", "", 204)
	n.sync()
	assert.Equal(t, "left the scope", strings.Contains(n.group("Parent"), "ann"), false)
	assert.Equal(t, "the account stays", strings.Contains(n.accounts(), "m:ann@Company.com"), true)
}

// An account whose address isn't ours to change is left behind for a new one.
func TestNestedGroupsAddresses(t *testing.T) {
	n := connected(t)
	change := func(body string) { t.Helper(); n.order("POST", "/users", body, 200); n.sync() }
	change(`{"id":"gus","mail":"gustav@fabrikam.com"}`)
	assert.Equal(t, "an unmanaged one", n.accounts(), whole+" u:gustav@fabrikam.com")
	assert.Equal(t, "group", n.group("Parent"), strings.Replace(whole, "gus@", "gustav@", 1))
	change(`{"id":"bob","userType":"Guest"}`)
	change(`{"id":"bob","mail":"bob@fabrikam.com"}`)
	assert.Equal(
		t, "a managed one that leaves the domain", n.accounts(),
		"m:ann@Company.com m:bob@eng.company.com m:upn@company.com u:bob@fabrikam.com u:gus@fabrikam.com "+
			"u:gustav@fabrikam.com",
	)
	assert.Equal(
		t, "the new one is in the groups", n.group("Child"),
		"m:ann@Company.com m:upn@company.com u:bob@fabrikam.com u:gustav@fabrikam.com",
	)
	// Whoever was there first keeps the address.
	n.order(
		"POST",
		"/users",
		`{"id":"aaa","displayName":"New","mail":"upn@company.com","userPrincipalName":"aaa@company.com","userType":"Member","accountEnabled":true}`,
		200,
	)
	n.order("POST", "/groups/g-parent/members", `{"id":"aaa"}`, 204)
	n.sync()
	assert.Equal(t, "late", n.reason("aaa"), "another user has the address upn@company.com")
	assert.Equal(t, "first", n.reason("upn"), "")
}

// After a restart, who was synced is known by the groups that are.
func TestNestedGroupsKnowTheirs(t *testing.T) {
	n := newNested(t)
	n.order(
		"POST",
		"/organizations/main/accounts",
		`{"accountId":"x-4","email":"dis@company.com","claimStatus":"unmanaged","accountStatus":"active","status":"active"}`,
		204,
	)
	n.order(
		"POST",
		"/organizations/main/groups",
		`{"id":"own","name":"Parent","externalSynced":true,"members":["x-4"]}`,
		204,
	)
	n.order("POST", nestedPath, `{"groups":["Parent"],"domains":"*"}`, 204)
	n.sync()
	assert.Equal(t, "deactivated", strings.Contains(n.accounts(), "m:dis@company.com!"), true)
	assert.Equal(t, "one group", n.group("Parent"), n.accounts())
}

// The integration claims accounts of its domains where somebody else had claimed none.
func TestNestedGroupsClaimAll(t *testing.T) {
	n := newNested(t)
	putRecord(n.client, "company.com", claimRecord)
	press(n.client, "main", "company.com", `{"method":"dns","token":"`+claimToken+`","claim":"none"}`, 200)
	n.order("POST", nestedPath, `{"groups":["Parent"],"domains":["eng.company.com"]}`, 204)
	n.sync()
	const unclaimed = "m:bob@eng.company.com u:ann@Company.com u:gus@fabrikam.com u:upn@company.com"
	assert.Equal(t, "verified and not claimed", n.accounts(), unclaimed)
	n.order("POST", nestedPath, `{"groups":["Parent"],"domains":["company.com"]}`, 204)
	n.order(
		"POST",
		"/users",
		`{"id":"new","displayName":"New","mail":"new@company.com","userPrincipalName":"new@company.com","userType":"Member","accountEnabled":true}`,
		200,
	)
	n.order("POST", "/groups/g-parent/members", `{"id":"new"}`, 204)
	n.sync()
	assert.Equal(
		t, "claimed", n.accounts(),
		"m:ann@Company.com m:bob@eng.company.com m:new@company.com m:upn@company.com u:gus@fabrikam.com",
	)
}

func TestNestedGroupsLeavers(t *testing.T) {
	for _, deactivates := range []bool{false, true} {
		n := connected(t, WithBehavior(func(b *env.Behavior) { b.NestedDeactivatesLeavers = deactivates }))
		n.order("DELETE", "/groups/g-parent/members/upn", "", 204)
		n.order("DELETE", "/groups/g-parent/members/gus", "", 204)
		n.sync()
		assert.Equal(t, "deactivated", strings.Contains(n.accounts(), "upn@company.com!"), deactivates)
		assert.Equal(t, "an unmanaged one isn't", strings.Contains(n.accounts(), "gus@fabrikam.com!"), false)
		assert.Equal(t, "group", n.group("Parent"), "m:ann@Company.com m:bob@eng.company.com")
	}
}

func TestNestedGroupsConflicts(t *testing.T) {
	n := newNested(t, WithBehavior(func(b *env.Behavior) { b.NestedGroupUsers = 11 }))
	n.order(
		"POST",
		"/organizations/main/accounts",
		`{"accountId":"x-2","email":"own@elsewhere.example","claimStatus":"unmanaged","accountStatus":"active","status":"active"}`,
		204,
	)
	n.order("POST", "/organizations/main/groups", `{"id":"own","name":"CHILD","members":["x-2"]}`, 204)
	n.order("POST", nestedPath, `{"groups":["Parent"],"domains":"*"}`, 204)
	n.sync()
	assert.Equal(t, "too large", n.group("Parent")+" "+n.reason("g-parent"), "none the group has too many users")
	assert.Equal(t, "nobody", n.accounts(), "u:own@elsewhere.example")
	n.order("DELETE", "/groups/g-parent/members/sub", "", 204)
	n.sync()
	assert.Equal(t, "small enough", n.group("Parent"), whole)
	assert.Equal(
		t, "conflict", n.group("CHILD")+" "+n.group("Child")+": "+n.reason("g-child"),
		"not synced none: the organization has another group of that name",
	)
	n.order("POST", nestedPath, `{"groups":["Parent"],"domains":"*","accept":["Child"]}`, 204)
	n.sync()
	assert.Equal(t, "accepted", n.group("Child"), whole)
	n.order(
		"POST", "/groups",
		`{"id":"g-twin","displayName":"Parent","members":[{"@odata.type":"#microsoft.graph.user","id":"out"}]}`, 200,
	)
	n.order("POST", nestedPath, `{"groups":["g-parent","g-twin"],"domains":"*","accept":["Child"]}`, 204)
	n.sync()
	assert.Equal(
		t, "a name twice", n.group("Parent")+" "+n.reason("g-twin"),
		whole+" the organization has another group of that name",
	)
	n.order("DELETE", "/groups/g-twin", "", 204)
	n.order("POST", "/groups", `{"id":"g-parent","displayName":"Renamed"}`, 200)
	n.sync()
	assert.Equal(t, "renamed", n.group("Renamed")+" "+n.group("Parent"), whole+" none")
}

// A sync comes every 4 hours of the server's clock, by the tenant as it was then.
func TestNestedGroupsClock(t *testing.T) {
	for _, manual := range []bool{false, true} {
		n := newNested(t)
		n.order("POST", nestedPath, fmt.Sprintf(`{"groups":["Parent"],"domains":"*","manual":%v}`, manual), 204)
		n.server.Advance(4*time.Hour - time.Second)
		assert.Equal(t, "not yet", n.accounts(), "")
		n.server.Advance(time.Second)
		if manual {
			assert.Equal(t, "by hand alone", n.accounts(), "")
			continue
		}
		assert.Equal(t, "synced", n.accounts(), whole)
		n.server.Advance(90 * time.Minute)
		n.order("POST", "/users", `{"id":"mia","userType":"Guest"}`, 200)
		assert.Equal(t, "not till the next", n.accounts(), whole)
		n.order("POST", "/clock", `{"advance":"150m"}`, 200)
		assert.Equal(t, "the next", n.accounts(), whole+" u:mia@fabrikam.com")
	}
}

func TestNestedGroupsDisconnect(t *testing.T) {
	n := newNested(t)
	putRecord(n.client, "eng.company.com", claimRecord)
	press(n.client, "main", "eng.company.com", byDNS, 200)
	n.order("POST", nestedPath, `{"groups":["Parent"],"domains":"*"}`, 204)
	n.sync()
	assert.Equal(t, "before", n.accounts(), whole)
	n.order("DELETE", nestedPath, "", 204)
	assert.Equal(t, "its domain", claimOf(n.client, orgMain, "company.com"), "none")
	assert.Equal(t, "the one by DNS", claimOf(n.client, orgMain, "eng.company.com"), "dns verified")
	want := "m:bob@eng.company.com u:ann@Company.com u:gus@fabrikam.com u:upn@company.com"
	assert.Equal(t, "accounts", n.accounts(), want)
	assert.Equal(t, "groups stay", n.group("Parent"), want)
	n.order("DELETE", nestedPath, "", 400)
	n.order("POST", nestedPath+"/sync", "", 400)
	n.server.Advance(24 * time.Hour)
	assert.Equal(t, "no sync", n.accounts(), want)
	// Who pressed Verify for a domain that came by Entra keeps it.
	n.order("POST", nestedPath, `{"groups":["Parent"],"domains":"*"}`, 204)
	n.sync()
	putRecord(n.client, "company.com", claimRecord)
	press(n.client, "main", "company.com", byDNS, 200)
	n.order("DELETE", nestedPath, "", 204)
	assert.Equal(t, "kept", claimOf(n.client, orgMain, "company.com")+" "+n.accounts(), "dns verified "+whole)
}

func TestNestedGroupsExcludeSCIM(t *testing.T) {
	n := newNested(t)
	org := n.server.About().Organizations[1]
	directory := *n.client
	directory.bearer = org.DirectoryToken
	directory.do(
		"POST",
		"/scim/directory/"+org.DirectoryID+"/Users",
		person("a", "a@company.com"),
		"Content-Type",
		scim.ContentType,
	).want(t, 201)
	n.order("POST", "/organizations/"+org.Key+"/nested_groups", `{"everyone":true}`, 400)
}

// Which name identifies a user is a setting [atlassian 1.3]; whether the other stands in for it is a switch.
func TestNestedGroupsIdentifier(t *testing.T) {
	const byName = "m:ann@company.com m:bob@company.com m:dup@company.com m:mix@company.com m:upn@company.com"
	for name, x := range map[string]struct {
		identifier string
		fallback   bool
		want       string
	}{
		"email":                            {"email", true, whole},
		"email alone":                      {"email", false, strings.Replace(whole, "m:upn@company.com ", "", 1)},
		"principal name":                   {"user_principal_name", true, byName + " u:gus@fabrikam.com"},
		"principal name alone, no #EXT#":   {"user_principal_name", false, byName},
		"not chosen is the e-mail address": {"", true, whole},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNested(t, WithBehavior(func(b *env.Behavior) { b.IdentifierFallback = x.fallback }))
			n.order("POST", nestedPath, `{"groups":["Parent"],"domains":"*","user_identifier":"`+x.identifier+`"}`, 204)
			n.sync()
			want := strings.Fields(x.want)
			slices.Sort(want)
			assert.Equal(t, "accounts", n.accounts(), strings.Join(want, " "))
		})
	}
	newNested(t).order("POST", nestedPath, `{"everyone":true,"user_identifier":"mail"}`, 400)
}

// The interval is the administrator's: 1, 2, 4 or 24 hours [atlassian 1.3].
func TestNestedGroupsInterval(t *testing.T) {
	n := newNested(t)
	n.order("POST", nestedPath, `{"everyone":true,"domains":"*","interval":"3h"}`, 400)
	n.order("POST", nestedPath, `{"everyone":true,"domains":"*","interval":"24h"}`, 204)
	n.server.Advance(23 * time.Hour)
	assert.Equal(t, "before", n.accounts(), "")
	n.server.Advance(time.Hour)
	assert.Equal(t, "a day later", strings.Contains(n.accounts(), "m:ann@Company.com"), true)
}

// A default access group can't be synced, accepted or not [atlassian 1.4].
func TestNestedGroupsDefaultAccess(t *testing.T) {
	n := newNested(t)
	n.order(
		"POST",
		"/organizations/main/groups",
		`{"id":"og-d","name":"parent","defaultAccess":true,"members":[]}`,
		204,
	)
	n.order("POST", nestedPath, `{"groups":["Parent"],"domains":"*","accept":["Parent"]}`, 204)
	n.sync()
	assert.Equal(t, "its users all the same", n.accounts(), whole)
	assert.Equal(t, "the group", n.group("parent"), "not synced")
	found := false
	for _, s := range n.report.body["skipped"].([]any) {
		found = found || strings.Contains(fmt.Sprint(at(s.(map[string]any), "reason")), "default access group")
	}
	assert.Equal(t, "said", found, true)
}
