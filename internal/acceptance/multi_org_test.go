package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// allModules are the folders of modules that examples use.
var allModules = []string{
	"modules/verified_domains",
	"modules/atlassian_sync",
	"modules/user_types",
	"modules/provisioned_app",
}

// manyOrgs are the three of the example, by its keys.
var manyOrgs = map[string]string{
	"emea":     "9d3a1b52-7c44-4e0a-b1d5-0f6e2c8a4b90",
	"apac":     "11111111-2222-4333-8444-000000000001",
	"americas": "11111111-2222-4333-8444-000000000002",
}

// manyOrganizations is the example tenant, or another of that id, with three
// organizations; apac has verified no domain.
func manyOrganizations(t *testing.T, tenantID string) *simulator.Server {
	t.Helper()
	b := &bench{&clitest.Bench{T: t}}
	s := b.example()
	if tenantID != "" {
		s.Entra["tenant_id"] = tenantID
	}
	main := s.Organizations["main"]
	s.Organizations = map[string]map[string]any{}
	for key, id := range manyOrgs {
		o := maps.Clone(main)
		o["organization_id"] = id
		s.Organizations[key] = o
	}
	s.Organizations["apac"]["domains"] = []any{}
	raw, err := json.Marshal(s)
	b.Must(err)
	server, err := simulator.New(bytes.NewReader(raw))
	b.Must(err)
	return server
}

// The example of several organizations: one reading, three outcomes, types once.
func TestMultiOrgExample(t *testing.T) {
	clitest.Each(t, func(t *testing.T, cli clitest.CLI) {
		b := startWith(t, cli, manyOrganizations(t, ""))
		keys := map[string]string{}
		for key := range manyOrgs {
			keys[key] = simulator.DefaultAPIKey
		}
		raw, err := json.Marshal(keys)
		b.Must(err)
		b.Env = append(
			b.Env,
			"ARM_TENANT_ID="+b.Server.TenantID(),
			"ARM_CLIENT_ID="+simulator.DefaultClientID,
			"ARM_CLIENT_SECRET="+simulator.DefaultClientSecret,
			"TF_VAR_endpoint="+b.Server.URL(),
			"TF_VAR_ca_file="+filepath.Join(b.Dir, "ca.pem"),
			"TF_VAR_api_keys="+string(raw),
		)
		m := b.examples(append(allModules, "multi_org")...)
		tfvars := readFile(m, "terraform.tfvars.example")
		m.Write("terraform.tfvars", tfvars)
		m.Init()
		b.Server.ResetRequests()
		p := m.plan(2)
		m.tidy(p.Output)
		if n := b.Server.Requests().Routes["GET /v1.0/users"]; n != 1 {
			b.Errorf("the directory was read %d times for three organizations: %v", n, b.Server.Requests().Routes)
		}
		m.apply()
		m.Plan(0)
		synced := func() map[string]int {
			var counts map[string]int
			m.Must(json.Unmarshal(m.outputs()["synced"], &counts))
			return counts
		}
		today := synced()
		if today["emea"] != 31 || today["apac"] == 0 && today["americas"] == 0 {
			b.Errorf("today %v sync", today)
		}

		// The tenant's types are enforced once, and each organization's outcome says
		// whom that lets in there.
		m.Write("terraform.tfvars", tfvars+"user_types_mode = \"enforce\"\n")
		p = m.plan(2)
		m.tidy(p.Output)
		m.says(p.Output, "This apply converts 10 users")
		if got := counts(
			p.after(`module.sync["emea"].usersync_outcome.this`, "changes"),
		); got["gained.this_plan"] != 10 {
			b.Errorf("the policy changes emea by %v", got)
		}
		m.apply()
		m.Plan(0)
		if now := synced(); now["emea"] != today["emea"]+10 {
			b.Errorf("afterwards %v sync", now)
		}

		// An organization less is a destroyed outcome and nothing else.
		at := strings.Index(tfvars, "  americas = {")
		end := at + strings.Index(tfvars[at:], "\n  }\n") + len("\n  }\n")
		m.Write("terraform.tfvars", tfvars[:at]+tfvars[end:]+"user_types_mode = \"enforce\"\n")
		m.says(m.plan(2).Output, "0 to add, 0 to change, 1 to destroy")
		m.apply()
		m.Plan(0)
	})
}

// sister is a second server: the tenant that people come from.
func (b *bench) sister() (server *simulator.Server, servicePrincipal string) {
	b.Helper()
	server, err := simulator.New(strings.NewReader(sourceSnapshot))
	b.Must(err)
	b.Must(server.Start())
	b.Cleanup(server.Close)
	b.Must(server.WriteCA(filepath.Join(b.Dir, "sister-ca.pem")))
	s := b.another()
	s.Server = server
	b.Must(server.WriteCA(filepath.Join(s.Dir, "ca.pem")))
	return server, s.app("Microsoft Entra cross-tenant synchronization")
}

// The example of two tenants by aliases: the change is made in one, and the
// outcome of the other says whom it lets in.
func TestMultiTenantAliases(t *testing.T) {
	each(t, func(b *bench) {
		sister, application := b.sister()
		company := fmt.Sprintf(
			`{"tenant_id":%q,"client_id":%q,"endpoint":%q,"ca_file":%q}`,
			b.Server.TenantID(),
			simulator.DefaultClientID,
			b.Server.URL(),
			filepath.Join(b.Dir, "ca.pem"),
		)
		other := fmt.Sprintf(
			`{"tenant_id":%q,"client_id":%q,"service_principal_id":%q,"endpoint":%q,"ca_file":%q}`,
			sister.TenantID(),
			simulator.DefaultClientID,
			application,
			sister.URL(),
			filepath.Join(b.Dir, "sister-ca.pem"),
		)
		org := b.Server.About().Organizations[0]
		b.Env = append(
			b.Env,
			"TF_VAR_company="+company,
			"TF_VAR_sister="+other,
			"TF_VAR_client_secret="+simulator.DefaultClientSecret,
			"TF_VAR_organization_id="+org.ID,
			"TF_VAR_api_key="+org.APIKey,
		)
		m := b.examples(append(allModules, "multi_tenant/aliases")...)
		m.Init()
		m.tidy(m.plan(2).Output)
		m.apply()
		m.Plan(0)
		m.Write("terraform.tfvars", "arrive_as = \"Guest\"\napply = \"always\"\n")
		p := m.plan(2)
		m.tidy(p.Output)
		if got := counts(p.after("module.sync.usersync_outcome.this", "changes")); got["gained.this_plan"] != 2 {
			b.Errorf("the sister company's mapping changes %v", got)
		}
		m.apply()
		m.Plan(0)

		// Both sides in one plan: who arrives from there, beside whom Atlassian then takes.
		s := b.another()
		s.Server = sister
		for _, u := range []string{"70000000-0000-4000-8000-000000000001", "70000000-0000-4000-8000-000000000002"} {
			s.assign(application, u)
		}
		m.Write("terraform.tfvars", "arrive_as = \"Guest\"\napply = \"always\"\ndecide = true\n")
		p = m.plan(2)
		m.tidy(p.Output)
		b.show("%s", p.Output)
		b.says(p.Output, "Who syncs to the target tenant by cross_tenant_sync")
		m.apply()
		m.Plan(0)
	})
}

// The example of a map of tenants: OpenTofu's for_each on a provider block.
// Terraform refuses it, so that the page may say so.
func TestMultiTenantForEach(t *testing.T) {
	each(t, func(b *bench) {
		org := b.Server.About().Organizations[0]
		entry := func(s *simulator.Server, organization, groups, ca string) string {
			return fmt.Sprintf(
				`{"tenant_id":%q,"client_id":%q,"organization_id":%q,"groups":[%q],"endpoint":%q,"ca_file":%q}`,
				s.TenantID(),
				simulator.DefaultClientID,
				organization,
				groups,
				s.URL(),
				filepath.Join(b.Dir, ca),
			)
		}
		second := manyOrganizations(b.T, "11111111-2222-4333-8444-555555555555")
		b.Must(second.Start())
		b.Cleanup(second.Close)
		b.Must(second.WriteCA(filepath.Join(b.Dir, "second-ca.pem")))
		b.Env = append(
			b.Env,
			"TF_VAR_client_secret="+simulator.DefaultClientSecret,
			`TF_VAR_tenants={"company":`+entry(
				b.Server,
				org.ID,
				"Atlassian users",
				"ca.pem",
			)+`,"second":`+entry(
				second,
				manyOrgs["apac"],
				"Sales",
				"second-ca.pem",
			)+`}`,
			`TF_VAR_api_keys={"company":"`+org.APIKey+`","second":"`+simulator.DefaultAPIKey+`"}`,
		)
		m := b.examples(append(allModules, "multi_tenant/opentofu")...)
		if m.CLI.Name == "terraform" {
			m.says(m.Do(1, "init", "-no-color", "-input=false").Output, "for_each")
			return
		}
		m.Init()
		m.tidy(m.plan(2).Output)
		m.apply()
		m.Plan(0)
		if got := string(
			m.outputs()["synced"],
		); !strings.Contains(got, `"company":`) ||
			!strings.Contains(got, `"second":`) {
			b.Errorf("%s", got)
		}
	})
}
