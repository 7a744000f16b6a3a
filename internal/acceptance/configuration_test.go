package acceptance

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const reads = sources + guard1

const guard1 = `
resource "usersync_outcome" "guard" {
  directory    = data.usersync_directory.now.reading
  organization = data.usersync_organization.main.reading
  connector    = "atlassian_nested_groups"
  scope { groups = ["Atlassian users"] }
}
`

// block is a provider block with these lines.
func block(lines ...string) string {
	return requires + "provider \"usersync\" {\n" + strings.Join(lines, "\n") + "\n}\n"
}

// entra is the tenant's side; more replaces or adds arguments.
func (b *bench) entra(more map[string]string) string {
	args := map[string]string{
		"tenant_id":      b.Server.TenantID(),
		"client_id":      simulator.DefaultClientID,
		"client_secret":  simulator.DefaultClientSecret,
		"graph_endpoint": b.Server.URL(),
		"authority_host": b.Server.URL(),
	}
	for k, v := range more {
		args[k] = v
	}
	return withArguments("entra", args)
}

func (b *bench) organization(key string, more map[string]string) string {
	args := map[string]string{
		"organization_id": b.Server.About().Organizations[0].ID,
		"api_key":         simulator.DefaultAPIKey,
		"endpoint":        b.Server.URL(),
	}
	for k, v := range more {
		args[k] = v
	}
	return withArguments(key+" =", args)
}

// withArguments is a block, or an object of a map.
func withArguments(head string, args map[string]string) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s {\n", head)
	for k, v := range args {
		if v != "" {
			fmt.Fprintf(&s, "  %s = %q\n", k, v)
		}
	}
	return s.String() + "}"
}

func organizations(of ...string) string {
	return "organizations = {\n" + strings.Join(of, "\n") + "\n}"
}

const ca = `ca_file = "ca.pem"`

// Each wrong provider block gets an error that says what is wrong with which
// argument, and what to do. Nothing is kept.
func TestProviderBlock(t *testing.T) {
	each(t, func(b *bench) {
		b.Must(
			b.Server.AddApp(
				simulator.App{
					ClientID:      "aaaaaaaa-0000-4000-8000-000000000001",
					Secret:        "expired-secret",
					SecretExpires: time.Now().Add(-time.Hour),
					Roles:         simulator.AllRoles(),
				},
			),
		)
		b.Must(
			b.Server.AddApp(
				simulator.App{
					ClientID: "aaaaaaaa-0000-4000-8000-000000000002",
					Secret:   "poor-secret",
					Roles:    []string{"User.Read.All"},
				},
			),
		)
		b.Write("not.pem", "hello\n")
		org := organizations(b.organization("main", nil))
		for _, c := range []struct {
			what  string
			block string
			rest  string
			says  []string
		}{
			{"nothing at all", block(), reads, []string{"The Entra tenant isn't configured", "tenant_id", "ARM_", "snapshot"}},
			{"no credentials", block(b.entra(map[string]string{"client_id": "", "client_secret": ""}), org, ca), reads,
				[]string{"Signing in to Entra failed", "az login", "client_secret", "use_oidc"}},
			{"no client id", block(b.entra(map[string]string{"client_id": ""}), org, ca), reads, []string{"client_id"}},
			{"another tenant", block(b.entra(map[string]string{"tenant_id": "11111111-2222-4333-8444-555555555555"}), org, ca), reads,
				[]string{"Signing in to Entra failed", "AADSTS90002", "Check tenant_id"}},
			{"wrong secret", block(b.entra(map[string]string{"client_secret": "planted-wrong-secret"}), org, ca), reads,
				[]string{"Signing in to Entra failed", "AADSTS7000215", "The client secret is wrong"}},
			{"expired secret", block(b.entra(map[string]string{"client_id": "aaaaaaaa-0000-4000-8000-000000000001", "client_secret": "expired-secret"}), org, ca), reads,
				[]string{"Signing in to Entra failed", "AADSTS7000222", "The client secret has expired", "Certificates & secrets"}},
			{"unknown application", block(b.entra(map[string]string{"client_id": "aaaaaaaa-0000-4000-8000-00000000dead"}), org, ca), reads,
				[]string{"AADSTS700016", "Check client_id and tenant_id"}},
			{"missing roles", block(b.entra(map[string]string{"client_id": "aaaaaaaa-0000-4000-8000-000000000002", "client_secret": "poor-secret"}), org, ca), reads,
				[]string{"Permissions are missing", "GroupMember.Read.All", "Domain.Read.All", "User.Read.All", "have an administrator consent"}},
			{"no organization", block(b.entra(nil), ca), reads, []string{"No Atlassian organization is " +
				"configured", "ATLASSIAN_ORGANIZATION_ID"}},
			{"no tenant", block(org, ca), reads, []string{"The Entra tenant isn't configured"}},
			{"wrong API key", block(b.entra(nil), organizations(b.organization("main", map[string]string{"api_key": "planted-wrong-key"})), ca), reads,
				[]string{"Reading the organization failed", "401", "The API key is wrong or has expired"}},
			{"wrong organization", block(b.entra(nil), organizations(b.organization("main", map[string]string{"organization_id": "00000000-0000-4000-8000-00000000beef"})), ca), reads,
				[]string{"Reading the organization failed", "organization_id"}},
			{"an organization without key", block(b.entra(nil), organizations(b.organization("main", map[string]string{"api_key": ""})), ca), reads,
				[]string{"api_key", "organizations"}},
			{"several organizations", block(b.entra(nil), organizations(b.organization("emea", nil), b.organization("apac", nil)), ca), reads,
				[]string{"Several Atlassian organizations are configured", "Set organization to one of: apac, emea"}},
			{"an unknown organization", block(b.entra(nil), org, ca), strings.Replace(reads, `"main" {}`, `"main" { organization = "emea" }`, 1),
				[]string{`There is no organization "emea"`, "The keys are: main"}},
			{"several, one without id", block(b.entra(nil), organizations(b.organization("emea", nil), b.organization("apac", map[string]string{"organization_id": ""})), ca), reads,
				[]string{"organization_id", "apac"}},
			{"azuread's metadata_host", block(b.entra(map[string]string{"metadata_host": "management.usgovcloudapi.net"}), org, ca), reads,
				[]string{"Unsupported argument", "entra.metadata_host", "environment", "graph_endpoint", "authority_host"}},
			{"an argument that isn't there", block(`tenant = "x"`), reads, []string{"Unsupported argument", `An argument named "tenant" is not expected here`}},
			{"an object instead", block("entra = { tenant_id = \"x\" }"), reads, []string{"Unsupported argument", "entra"}},
			{"http", block(b.entra(map[string]string{"graph_endpoint": strings.Replace(b.Server.URL(), "https", "http", 1)}), org, ca), reads,
				[]string{"graph_endpoint", "must begin with https://", "ca_file"}},
			{"http for the login", block(b.entra(map[string]string{"authority_host": "http://login.example"}), org, ca), reads, []string{"authority_host", "must begin with https://"}},
			{"http for Atlassian", block(b.entra(nil), organizations(b.organization("main", map[string]string{"endpoint": "http://atlassian.example"})), ca), reads, []string{"endpoint", "must begin with https://"}},
			{"no host", block(b.entra(map[string]string{"graph_endpoint": "https://"}), org, ca), reads, []string{"graph_endpoint"}},
			{"a bad environment", block(b.entra(map[string]string{"environment": "mars"}), org, ca), reads, []string{"environment", "usgovernment", "china"}},
			{"secret and certificate", block(b.entra(map[string]string{"client_certificate_path": "cert.pfx"}), org, ca), reads, []string{"client_secret", "client_certificate_path"}},
			{"secret and inline certificate", block(b.entra(map[string]string{"client_certificate": "planted-wrong-certificate", "client_certificate_password": "planted-wrong-password"}), org, ca), reads,
				[]string{"client_secret", "client_certificate"}},
			{"an inline token without use_oidc", block(b.entra(map[string]string{"client_secret": "", "oidc_token": "planted-wrong-token", "oidc_request_token": "planted-wrong-request"}), org, ca), reads,
				[]string{"entra.oidc_token", "use_oidc"}},
			{"an empty argument beside secrets", block(strings.Replace(b.entra(nil), "{", "{\n  client_id_file_path = \"\"", 1), org, ca), reads, []string{"client_id_file_path"}},
			{"a password in an address", block(b.entra(map[string]string{"graph_endpoint": "http://x:planted-wrong-password@graph.example"}), org, ca), reads, []string{"entra.graph_endpoint", "https://"}},
			{"a SCIM token without its directory", block(b.entra(nil), organizations(b.organization("emea", nil), b.organization("apac", map[string]string{"scim_token": "planted-wrong-scim"})), ca), reads,
				[]string{"organizations.apac.scim_directory_id"}},
			{"a null organization", block(b.entra(nil), organizations(b.organization("main", nil), "other = null"), ca), reads, []string{`organizations["other"]`, "must not contain null"}},
			{"no certificate file", block(b.entra(map[string]string{"client_secret": "", "client_certificate_path": "nowhere.pfx"}), org, ca), reads, []string{"nowhere.pfx", "client_certificate_path"}},
			{"an OIDC token without use_oidc", block(b.entra(map[string]string{"client_secret": "", "oidc_token": "x.y.z"}), org, ca), reads, []string{"oidc_token needs use_oidc"}},
			{"a ca_file that isn't there", block(b.entra(nil), org, `ca_file = "nowhere.pem"`), reads, []string{"ca_file", "nowhere.pem doesn't exist", "folder in which the CLI runs"}},
			{"a ca_file that is none", block(b.entra(nil), org, `ca_file = "not.pem"`), reads, []string{"ca_file", "no certificate in PEM form"}},
			{"a ca_file that is a folder", block(b.entra(nil), org, `ca_file = "."`), reads, []string{"ca_file", "can't be read"}},
			{"a certificate that isn't trusted", block(b.entra(nil), org), reads, []string{"certificate", "ca_file"}},
			{"the same at Atlassian", block(org), `data "usersync_organization" "main" {}`, []string{"Reading the organization failed", "certificate", "ca_file"}},
			{"an empty cache_dir", block(b.entra(nil), org, ca, `cache_dir = ""`), reads, []string{"cache_dir"}},
			{"a snapshot without file", block(`snapshot { mode = "read" }`), reads, []string{"file"}},
			{"a snapshot mode", block(`snapshot {
  file = "x.json"
  mode = "write"
}`), reads, []string{"mode", "read", "record"}},
			{"a snapshot with an empty name", block(`snapshot { file = "" }`), reads, []string{"file"}},
			{"a snapshot that can't be recorded", block(b.entra(nil), org, ca, `snapshot {
  file = "no/such/folder/x.json"
  mode = "record"
}`), reads, []string{"no/such/folder"}},
		} {
			b.Write("main.tf", c.block+c.rest)
			before := time.Now()
			out := b.fails()
			took := time.Since(before)
			b.show("%s (%s)\n%s", c.what, took.Round(100*time.Millisecond), out)
			b.tidy(out)
			b.says(out, c.says...)
			b.saysNot(
				out,
				"planted-wrong",
				"expired-secret",
				"poor-secret",
				simulator.DefaultClientSecret,
				simulator.DefaultAPIKey,
			)
			if took > 15*time.Second {
				b.Errorf("%s took %s to fail", c.what, took)
			}
			if b.State() != "" {
				b.Fatalf("%s left a state", c.what)
			}
		}
	})
}

// What was recorded live plans the same later, without a server and without
// credentials. The file is for its owner alone.
func TestRecordAndRead(t *testing.T) {
	each(t, func(b *bench) {
		b.Write("main.tf", b.ProviderBlock(`snapshot {
  file = "tenant.json"
  mode = "record"
}`)+sources+guard())
		recorded := b.plan(2)
		if n := strings.Count(flatten(recorded.Output), "Snapshot recorded"); n != 1 {
			b.Errorf("the plan says %d times that it wrote a file:\n%s", n, recorded.Output)
		}
		b.says(recorded.Output, "to tenant.json (mode 0600)", "tenant.json.previous")
		if s := recorded.read("data.usersync_directory.now", "source"); s != "live" {
			b.Errorf("the recording run's source is %q", s)
		}
		info, err := os.Stat(filepath.Join(b.Dir, "tenant.json"))
		b.Must(err)
		if info.Mode().Perm() != 0o600 {
			b.Errorf("the recording has mode %v", info.Mode())
		}
		left, err := filepath.Glob(filepath.Join(b.Dir, "*tenant*"))
		b.Must(err)
		if len(left) != 1 {
			b.Errorf("the recording left %v", left)
		}
		if left, err = filepath.Glob(filepath.Join(b.Dir, ".*part")); err != nil || len(left) != 0 {
			b.Errorf("the recording left %v %v", left, err)
		}
		// Again, over a file that anyone may read: it is replaced whole.
		b.Must(os.Chmod(filepath.Join(b.Dir, "tenant.json"), 0o644))
		b.plan(2)
		info, err = os.Stat(filepath.Join(b.Dir, "tenant.json"))
		b.Must(err)
		if info.Mode().Perm() != 0o600 {
			b.Errorf("the second recording has mode %v", info.Mode())
		}
		// A run in which the directory fails has no people of an earlier one, whose
		// file is kept beside it.
		before, err := os.ReadFile(filepath.Join(b.Dir, "tenant.json"))
		b.Must(err)
		b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/groups", Status: 403, Times: -1})
		// The organization is read and done with when the directory fails.
		b.fault(
			simulator.Fault{
				Kind:    simulator.FaultLatency,
				Match:   "GET /v1.0/domains",
				Latency: simulator.Duration(500 * time.Millisecond),
				Times:   -1,
			},
		)
		b.fails()
		b.Server.ClearFaults()
		if after := readFile(
			b,
			"tenant.json",
		); strings.Contains(after, `"users"`) ||
			!strings.Contains(after, `"organizations"`) {
			b.Error("the recording isn't what the run that failed has read")
		}
		if readFile(b, "tenant.json.previous") != string(before) {
			b.Error("the recording of the run before isn't kept")
		}
		b.Must(os.WriteFile(filepath.Join(b.Dir, "tenant.json"), before, 0o600))
		b.Server.Close()
		b.snapshot("tenant.json", sources, guard())
		read := b.plan(2)
		b.saysNot(read.Output, "Snapshot recorded")
		if s := read.read("data.usersync_directory.now", "source"); s != "snapshot" {
			b.Errorf("the offline run's source is %q", s)
		}
		for _, source := range []string{"data.usersync_directory.now", "data.usersync_organization.main"} {
			if recorded.read(source, "reading") != read.read(source, "reading") {
				b.Errorf("%s differs from the recording", source)
			}
		}
		for _, a := range []string{"decisions", "groups", "fingerprint", "accepted", "settings"} {
			if recorded.after(outcome, a) != read.after(outcome, a) {
				b.Errorf("%s differs from the recording", a)
			}
		}
		if taken := read.read("data.usersync_directory.now", "read_at"); taken == "" {
			b.Error("the recording has no time")
		}
	})
}

// A bad snapshot file is an error that names the place.
func TestBadSnapshots(t *testing.T) {
	onceOffline(t, func(b *bench) {
		whole, err := os.ReadFile(exampleFile(b))
		b.Must(err)
		text := string(whole)
		for _, c := range []struct {
			what, file string
			says       []string
		}{
			{"truncated", text[:len(text)/2], []string{"The snapshot can't be used", "bad.json", "line"}},
			{"empty", "", []string{"The snapshot can't be used", "bad.json"}},
			{"no JSON", "hello", []string{"The snapshot can't be used", "bad.json"}},
			{"a list", "[]", []string{"The snapshot can't be used", "object"}},
			{"newer", strings.Replace(text, `"version": 1`, `"version": 2`, 1), []string{"The snapshot can't be used", "version 2"}},
			{"no version", strings.Replace(text, `"version": 1,`, ``, 1), []string{"The snapshot can't be used", "version"}},
			{"users as an object", strings.Replace(text, `"users": [`, `"users": {"a": [`, 1), []string{"The snapshot can't be used", "/entra/users", "line 13"}},
			{"a principal name that is a number", strings.Replace(text, `"userPrincipalName": "amara.okafor@company.com"`, `"userPrincipalName": 7`, 1),
				[]string{"The snapshot can't be used", "/entra/users/0/userPrincipalName", "line 14", "expected a string, found a number"}},
			{"enabled as text", strings.Replace(text, `"accountEnabled": true`, `"accountEnabled": "yes"`, 1), []string{"The snapshot can't be used", "accountEnabled"}},
			{"members as text", strings.Replace(text, `"members": [`, `"members": "none", "x": [`, 1), []string{"The snapshot can't be used", "members"}},
			{"more after the end", text + "{}", []string{"The snapshot can't be used"}},
			{"no entra", `{"version": 1, "organizations": {}}`, []string{"entra"}},
			{"no users", `{"version": 1, "entra": {"tenant_id": "x", "groups": [], "domains": []}, "organizations": {"main": {"organization_id": "o", "domains": []}}}`, []string{"users"}},
			{"no tenant id", strings.Replace(text, `"tenant_id"`, `"tenant"`, 1), []string{"/entra/tenant_id", "missing"}},
			{"no organization", strings.Replace(text, `"organizations"`, `"organzations"`, 1), []string{"bad.json", "organizations"}},
			{"a user without id", strings.Replace(text, `{"id": "b70a0da1-1831-41f6-ab1a-b6c20508b5f2", `, `{`, 1), []string{"The snapshot can't be used", "id"}},
			{"a bad id", strings.Replace(text, `{"id": "b70a0da1-1831-41f6-ab1a-b6c20508b5f2", `, `{"id": "",`, 1), []string{"The snapshot can't be used", "id"}},
		} {
			b.Write("bad.json", c.file)
			b.snapshot("bad.json", reads)
			out := b.fails()
			b.show("%s\n%s", c.what, out)
			b.tidy(out)
			b.says(out, c.says...)
		}
		b.snapshot("nowhere.json", reads)
		out := b.fails()
		b.show("missing\n%s", out)
		b.says(out, "The snapshot can't be used", "nowhere.json", "doesn't exist", "folder in which the CLI runs")
		b.snapshot(".", reads)
		out = b.fails()
		b.show("a folder\n%s", out)
		b.says(out, "The snapshot can't be used")
	})
}

// No secret is in what a run prints, keeps or logs.
func TestSecretsStaySecret(t *testing.T) {
	const secret, key = "Planted~Client~Secret~0815", "Planted-API-Key-4711"
	each(t, func(b *bench) {
		b.Must(
			b.Server.AddApp(
				simulator.App{
					ClientID: "aaaaaaaa-0000-4000-8000-000000000003",
					Secret:   secret,
					Roles:    simulator.AllRoles(),
				},
			),
		)
		b.Write(
			"main.tf",
			block(
				withArguments(
					"entra",
					map[string]string{"graph_endpoint": b.Server.URL(), "authority_host": b.Server.URL()},
				),
				ca,
			)+sources+guard(),
		)
		b.Env = append(
			b.Env,
			"ARM_TENANT_ID="+b.Server.TenantID(),
			"ARM_CLIENT_ID=aaaaaaaa-0000-4000-8000-000000000003",
			"ARM_CLIENT_SECRET="+secret,
			"ATLASSIAN_ORGANIZATION_ID="+b.Server.About().Organizations[0].ID,
			"ATLASSIAN_API_KEY="+key,
			"ATLASSIAN_ENDPOINT="+b.Server.URL(),
			"TF_LOG=TRACE",
			"TF_LOG_PATH="+filepath.Join(b.Dir, "trace.log"),
		)
		texts := map[string]string{}
		p := b.plan(2)
		texts["the plan"], texts["the apply"] = p.Output, b.apply().Output
		texts["the plan as JSON"] = b.Do(0, "show", "-json", planFile).Output
		b.user(`{"userPrincipalName":"` + lynne + `","userType":"Member"}`)
		texts["the second plan"] = b.Plan(2).Output
		b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/domains", Status: 403, Times: -1})
		texts["a refusal"] = b.fails()
		b.Server.ClearFaults()
		b.Env = append(b.Env, "ARM_CLIENT_SECRET="+secret+"-wrong", "ATLASSIAN_API_KEY="+key+"-wrong")
		texts["two refusals"] = b.fails()
		b.Must(filepath.WalkDir(b.Dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || d.Type()&fs.ModeSymlink != 0 {
				return err
			}
			raw, err := os.ReadFile(path)
			texts[filepath.Base(path)] = string(raw)
			return err
		}))
		if len(texts["trace.log"]) < 10_000 {
			b.Errorf("the trace has %d bytes", len(texts["trace.log"]))
		}
		for where, text := range texts {
			for _, s := range []string{secret, key, "Bearer ey", "client_secret=", "access_token\":\"ey"} {
				if at := strings.Index(text, s); at >= 0 {
					b.Errorf("%s holds %q: …%s…", where, s, text[max(0, at-200):min(len(text), at+200)])
				}
			}
		}
		// Nor does a trace name people.
		for _, name := range []string{"amara.okafor", "Amara Okafor"} {
			if at := strings.Index(texts["trace.log"], name); at >= 0 {
				b.show(
					"the trace names %s: …%s…",
					name,
					texts["trace.log"][max(0, at-300):min(len(texts["trace.log"]), at+200)],
				)
			}
		}
	}, simulator.WithAPIKey("main", key))
}

// A service that nobody answers for is an error within seconds.
func TestUnreachable(t *testing.T) {
	once(t, func(b *bench) {
		b.live(reads)
		b.Server.Close()
		for _, config := range []string{b.ProviderBlock() + reads, block(organizations(b.organization("main", nil)), ca) + `data "usersync_organization" "main" {}`} {
			b.Write("main.tf", config)
			ctx, cancel := context.WithTimeout(b.Context(), 20*time.Second)
			cmd := b.Command(ctx, "plan", "-no-color", "-input=false")
			cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
			out, err := cmd.CombinedOutput()
			late := ctx.Err() != nil
			cancel()
			b.show("%v\n%s", err, out)
			if late {
				b.Errorf("after 20 seconds it didn't say that nobody answers:\n%s", out)
				continue
			}
			b.tidy(string(out))
			b.says(string(out), "connection refused")
		}
	})
}
