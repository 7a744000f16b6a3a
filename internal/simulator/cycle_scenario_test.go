package simulator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// scenario is a tenant with a running SCIM job that provisions into its own organization's directory.
type scenario struct {
	*client
	job, id string
}

const scenarioSeed = `{"version":1,"entra":{"tenant_id":"11111111-aaaa-4aaa-8aaa-111111111111",
 "domains":[{"id":"company.com","isDefault":true,"isVerified":true}],
 "users":[%s],
 "groups":[{"id":"g-all","displayName":"Staff","securityEnabled":true,"members":[{"@odata.type":"#microsoft.graph.user","id":"bea"},{"@odata.type":"#microsoft.graph.user","id":"cid"},{"@odata.type":"#microsoft.graph.group","id":"g-sub"}]},
  {"id":"g-sub","displayName":"Below","securityEnabled":true,"members":[{"@odata.type":"#microsoft.graph.user","id":"dan"}]},
  {"id":"g-mail","displayName":"Mail","securityEnabled":false,"members":[{"@odata.type":"#microsoft.graph.user","id":"dan"}]}],
 "synchronization":[{"service_principal_id":"app","display_name":"Atlassian Cloud"}]},
 "organizations":{"main":{"organization_id":"org","domains":[{"attributes":{"name":"company.com","claim":{"type":"dns","status":"verified"}}}],"accounts":[],"groups":[]}}}`

func seedUser(id, more string) string {
	return fmt.Sprintf(
		`{"id":%q,"displayName":%q,"givenName":%q,"surname":"X","mail":"%s@company.com","userPrincipalName":"%s@company.com","userType":"Member","accountEnabled":true%s}`,
		id,
		id,
		id,
		id,
		id,
		more,
	)
}

func newScenario(t *testing.T, options ...Option) *scenario {
	t.Helper()
	var people []string
	for _, id := range []string{"ann", "bea", "cid", "dan"} {
		people = append(people, seedUser(id, ""))
	}
	server, err := New(
		strings.NewReader(fmt.Sprintf(scenarioSeed, strings.Join(people, ","))),
		append([]Option{WithClock(frozen), WithTarget(testBase, nil)}, options...)...,
	)
	if err != nil {
		t.Fatal(err)
	}
	p := &scenario{
		client: &client{
			t:      t,
			server: server,
			bearer: server.IssueToken(
				testBase,
				login.App{ClientID: DefaultClientID, Roles: login.AllRoles()},
				testBase,
			),
		},
	}
	r := p.do("POST", "/v1.0/servicePrincipals/app/synchronization/jobs", `{"templateId":"customappsso"}`).want(t, 201)
	p.id = r.text("id")
	p.job = "/v1.0/servicePrincipals/app/synchronization/jobs/" + p.id
	p.secrets()
	return p
}

// secrets points the job at the directory; more are pairs of further keys and values.
func (p *scenario) secrets(more ...string) {
	p.t.Helper()
	pairs := []string{
		"BaseAddress", testBase + "/scim/directory/" + p.org().Directory(), "SecretToken", atlassian.DefaultSecretToken,
	}
	var list []jobs.KeyValue
	for pair := range slices.Chunk(append(pairs, more...), 2) {
		list = append(list, jobs.KeyValue{Key: pair[0], Value: pair[1]})
	}
	p.do(
		"PUT",
		"/v1.0/servicePrincipals/app/synchronization/secrets",
		string(rawjson.Marshal(map[string]any{"value": list})),
	).want(
		p.t, 204,
	)
}

func (p *scenario) org() *atlassian.Organization { return p.server.Organizations.ByKey["main"] }

func (p *scenario) assign(ids ...string) {
	p.t.Helper()
	if err := p.server.SetAssigned("app", ids...); err != nil {
		p.t.Fatal(err)
	}
}

// cycle runs one, and answers what it logged: who, what, how, why.
func (p *scenario) cycle() string {
	p.t.Helper()
	before := len(p.server.Registry.Logs)
	p.do("POST", p.job+"/start", "").want(p.t, 204)
	if err := p.server.FinishCycle(p.id); err != nil {
		p.t.Fatal(err)
	}
	return p.logs(len(p.server.Registry.Logs) - before)
}

// logs are the last entries, in the order they were written, by way of the API.
func (p *scenario) logs(many int) string {
	p.t.Helper()
	p.server.Advance(3 * time.Second)
	var out []string
	for _, e := range p.get("/v1.0/auditLogs/provisioning?$top=999").want(p.t, 200).values()[:many] {
		out = append(
			out,
			strings.TrimSpace(
				fmt.Sprint(
					at(
						e,
						"sourceIdentity",
						"id",
					),
					" ",
					e["provisioningAction"],
					" ",
					at(e, "provisioningStatusInfo", "status"),
					" ",
					orNothing(at(e, "provisioningStatusInfo", "errorInformation", "errorCode")),
				),
			),
		)
	}
	slices.Reverse(out)
	return strings.Join(out, "; ")
}

func orNothing(v any) any {
	if v == nil {
		return ""
	}
	return v
}

// there is who is in the directory: the name before the @, with ! where inactive.
func (p *scenario) there() string {
	var out []string
	for _, u := range p.org().SCIM.Users {
		name, _, _ := strings.Cut(u.Text("userName"), "@")
		if u.Attributes["active"] == false {
			name += "!"
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// groups are the directory's groups with their members.
func (p *scenario) groups() string {
	names := map[string]string{}
	for _, u := range p.org().SCIM.Users {
		names[u.ID], _, _ = strings.Cut(u.Text("userName"), "@")
	}
	var out []string
	for _, g := range p.org().SCIM.Groups {
		var members []string
		for _, m := range g.Members() {
			members = append(members, names[m])
		}
		slices.Sort(members)
		out = append(out, g.Text("displayName")+"="+strings.Join(members, ","))
	}
	return strings.Join(out, " ")
}

func (p *scenario) user(id, properties string) {
	p.t.Helper()
	if _, err := p.server.PutUser([]byte(`{"id":"` + id + `",` + properties + `}`)); err != nil {
		p.t.Fatal(err)
	}
}

// schema changes the job's schema.
func (p *scenario) schema(change func(rawjson.Object)) {
	p.t.Helper()
	schema := schemaOf(p.client, p.job)
	change(schema)
	p.do("PUT", p.job+"/schema", string(rawjson.Marshal(schema))).want(p.t, 204)
}
