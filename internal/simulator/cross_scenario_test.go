package simulator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

const (
	sourceTenant = "11111111-aaaa-4aaa-8aaa-111111111111"
	targetTenant = "22222222-bbbb-4bbb-8bbb-222222222222"
)

// bridge is two tenants with a job between them.
type bridge struct {
	*scenario         // the source
	target    *client // the target
}

const crossSource = `{"version":1,"entra":{"tenant_id":"` + sourceTenant + `",
 "domains":[{"id":"company.com","isDefault":true,"isVerified":true}],
 "users":[%s,{"id":"guest","displayName":"guest","userPrincipalName":"guest@company.com","userType":"Guest","accountEnabled":true},
  {"id":"ext","displayName":"ext","userPrincipalName":"ext_else.com#EXT#@company.com","userType":"Member","creationType":"Invitation","externalUserState":"Accepted","accountEnabled":true}],
 "groups":[{"id":"g-all","displayName":"Staff","securityEnabled":true,"members":[{"@odata.type":"#microsoft.graph.user","id":"bea"},{"@odata.type":"#microsoft.graph.group","id":"g-sub"}]},
  {"id":"g-sub","displayName":"Below","securityEnabled":true,"members":[{"@odata.type":"#microsoft.graph.user","id":"dan"}]}],
 "cross_tenant_partners":[{"tenantId":"` + targetTenant +
	`","automaticUserConsentSettings":{"inboundAllowed":null,"outboundAllowed":true}}],
 "synchronization":[{"service_principal_id":"app","display_name":"To the target"}]}}`

const crossTarget2 = `{"version":1,"entra":{"tenant_id":"` + targetTenant + `",
 "domains":[{"id":"host.onmicrosoft.com","isInitial":true,"isVerified":true},{"id":"host.com","isDefault":true,"isVerified":true}],
 "users":[{"id":"own","displayName":"Ann of the host","userPrincipalName":"ann@host.com","mail":"ann@company.com","userType":"Member","accountEnabled":true}%s],
 "groups":[{"id":"g-guests","displayName":"Guests","securityEnabled":true,"groupTypes":["DynamicMembership"],"membershipRule":"user.userType -eq \"Guest\"","membershipRuleProcessingState":"On","members":[]}],
 "cross_tenant_partners":[{"tenantId":"` + sourceTenant +
	`","automaticUserConsentSettings":{"inboundAllowed":true,"outboundAllowed":null},
  "identitySynchronization":{"displayName":"Source","userSyncInbound":{"isSyncAllowed":true}}}]}}`

// newBridge makes both; there are the target's further users.
func newBridge(t *testing.T, there ...string) *bridge {
	t.Helper()
	var people []string
	for _, id := range []string{"ann", "bea", "cid", "dan"} {
		people = append(people, seedUser(id, `,"department":"Sales"`))
	}
	open := func(seed string) *client {
		server, err := New(strings.NewReader(seed), WithClock(frozen), followAtOnce)
		if err != nil {
			t.Fatal(err)
		}
		return &client{
			t:      t,
			server: server,
			bearer: server.IssueToken(
				testBase,
				login.App{ClientID: DefaultClientID, Roles: login.AllRoles()},
				testBase,
			),
		}
	}
	more := ""
	for _, u := range there {
		more += "," + u
	}
	b := &bridge{
		scenario: &scenario{client: open(fmt.Sprintf(crossSource, strings.Join(people, ",")))},
		target:   open(fmt.Sprintf(crossTarget2, more)),
	}
	if err := b.target.server.EvaluateGroup("g-guests"); err != nil {
		t.Fatal(err)
	}
	if err := b.server.LinkTenant(b.target.server); err != nil {
		t.Fatal(err)
	}
	b.id = b.do(
		"POST", "/v1.0/servicePrincipals/app/synchronization/jobs", `{"templateId":"Azure2Azure"}`,
	).want(t, 201).text("id")
	b.job = "/v1.0/servicePrincipals/app/synchronization/jobs/" + b.id
	b.secrets()
	return b
}

// invited is a user of the target who came by invitation.
func invited(id, home, userType, state string) string {
	return fmt.Sprintf(
		`{"id":%q,"displayName":%q,"mail":"old@company.com","userPrincipalName":"%s#EXT#@host.onmicrosoft.com","userType":%q,"creationType":"Invitation","externalUserState":%q,"accountEnabled":true}`,
		id,
		id,
		strings.ReplaceAll(home, "@", "_"),
		userType,
		state,
	)
}

func (b *bridge) secrets(more ...string) {
	b.t.Helper()
	var list []jobs.KeyValue
	for pair := range slices.Chunk(
		append([]string{"CompanyId", targetTenant, "AuthenticationType", "SyncPolicy"}, more...), 2,
	) {
		list = append(list, jobs.KeyValue{Key: pair[0], Value: pair[1]})
	}
	b.do(
		"PUT",
		"/v1.0/servicePrincipals/app/synchronization/secrets",
		string(rawjson.Marshal(map[string]any{"value": list})),
	).want(
		b.t, 204,
	)
}

// mapType maps userType to a constant, by a flow type.
func (b *bridge) mapType(constant, flowType string) {
	b.t.Helper()
	b.schema(func(s rawjson.Object) {
		m := mappingOf(s, "userType")
		m["source"], m["flowType"] = rawjson.Object{"expression": rawjson.Quote(constant)}, flowType
	})
}

// in is a user of the target by what they are called in the source.
func (b *bridge) in(id string) rawjson.Object {
	b.t.Helper()
	return b.target.get(
		"/v1.0/users/" + id + "_company.com#EXT#@host.onmicrosoft.com?$select=id,displayName,mail,userType,accountEnabled,creationType,externalUserState,showInAddressList,department,officeLocation,businessPhones,identities,otherMails,userPrincipalName,externalUserStateChangeDateTime",
	).body
}

// types are the target's external users with their types.
func (b *bridge) types() string {
	var out []string
	for _, u := range b.target.get("/v1.0/users?$select=userPrincipalName,userType").values() {
		if name := u["userPrincipalName"].(string); strings.Contains(name, "#EXT#") {
			home, _, _ := strings.Cut(name, "_")
			out = append(out, home+":"+fmt.Sprint(u["userType"]))
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// edit changes a user of the target, as its administrator would.
func (b *bridge) edit(id, properties string) {
	b.t.Helper()
	b.target.do("PATCH", "/v1.0/users/"+id+"_company.com#EXT#@host.onmicrosoft.com", properties).want(b.t, 204)
}

// full is a cycle that looks at everyone.
func (b *bridge) full() string {
	b.t.Helper()
	b.do("POST", b.job+"/restart", `{"criteria":{"resetScope":"Watermark"}}`).want(b.t, 204)
	return b.cycle()
}

func (b *bridge) cycle() string {
	b.t.Helper()
	b.server.Advance(time.Minute)
	return b.scenario.cycle()
}
