package acceptance

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/clitest"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// envJQ names the jq that the make targets built for the pipelines' scripts.
const envJQ = "USERSYNC_JQ"

// pipeline is the examples' pipelines in the workspace: scripts beside the
// configuration, as a repository of a user's has them.
func (b *bench) pipeline() *bench {
	b.Helper()
	b.Env = append(b.Env, "TF="+b.CLI.Path, "JQ="+b.jq())
	m := b.examples("pipelines/scripts", "pipelines/tenant")
	m.Init()
	return m
}

// script runs one of the pipelines' scripts and fails unless it ends with code.
func (b *bench) script(code int, name string, args ...string) clitest.Result {
	b.Helper()
	cmd := b.Command(b.Context())
	cmd.Path = filepath.Join(b.Dir, "..", "scripts", name)
	cmd.Args = append([]string{name}, args...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		b.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		b.Fatalf("%s %s ended with %d instead of %d:\n%s", name, strings.Join(args, " "), got, code, out)
	}
	return clitest.Result{Output: string(out), Code: code}
}

// verdict is what plan.sh wrote.
func (b *bench) verdict(want string) {
	b.Helper()
	if got := strings.TrimSpace(readFile(b, "out/verdict")); got != want {
		b.Errorf("the verdict is %s instead of %s:\n%s", got, want, readFile(b, "out/report.md"))
	}
}

// waits runs the nightly script, which must leave plan and state alone.
func (b *bench) waits(verdict string, report ...string) {
	b.Helper()
	before := b.State()
	b.script(3, "drift.sh", "out")
	b.verdict(verdict)
	b.says(readFile(b, "out/report.md"), append(report, "Who will sync: "+verdict)...)
	if b.State() != before {
		b.Errorf("a plan that is for a person (%s) changed the state", verdict)
	}
}

// accepted is the person's yes.
func (b *bench) accepted() {
	b.Helper()
	b.script(0, "apply.sh", "approved", "out")
	b.quiet()
}

// quiet runs the nightly script where nothing has changed.
func (b *bench) quiet() {
	b.Helper()
	before := b.State()
	b.saysNot(b.script(0, "drift.sh", "out").Output, "Apply complete")
	b.verdict("none")
	if b.State() != before {
		b.Error("a night without news changed the state")
	}
}

// The nightly pipeline: hires and leavers are accepted by the plan that found
// them; whatever else waits for a person.
func TestPipelineDrift(t *testing.T) {
	each(t, func(b *bench) {
		b.signedIn()
		m := b.pipeline()
		config := readFile(m, "main.tf")
		m.waits("review", "usersync_outcome.guard", "| joined |") // the create
		m.accepted()

		// Hires and leavers; the second night's counts are the first's.
		night := func() {
			b.Helper()
			m.says(m.script(0, "drift.sh", "out").Output, "0 added, 1 changed, 0 destroyed", "Verdict: auto")
		}
		b.user(
			`{"userPrincipalName":"` + nora + `","displayName":"Nora Lund","mail":"` + nora + `","userType":"Member","accountEnabled":true}`,
		)
		b.Must(b.Server.AddMember(sales, nora))
		night()
		b.Must(b.Server.AddMember(sales, clara))
		night()
		b.user(`{"userPrincipalName":"` + nora + `","accountEnabled":false}`)
		night()
		m.quiet()

		// A limit that is edited: the outcome's severity is still last night's.
		m.Write("main.tf", replaceOnce(config, "max_lost   = 5", "max_lost   = 6"))
		m.waits("review")

		// A newcomer beside any other change: a resource, an output, an import.
		b.user(`{"userPrincipalName":"` + nora + `","accountEnabled":true}`)
		for what, more := range map[string]string{
			"usersync_user_type_record.before": "resource \"usersync_user_type_record\" \"before\" {\n  directory = " +
				"data.usersync_directory.now.reading\n  match { origin = \"external\" }\n}\n",
			"nora.lund": "output \"more\" {\n  value = 1\n}\n",
			"usersync_outcome.other` (import": "import {\n  to = usersync_outcome.other\n  id = " +
				"\"other\"\n}\nresource \"usersync_outcome\" \"other\" {\n  directory    = " +
				"data.usersync_directory.now.reading\n  organization = data.usersync_organization.main.reading\n  " +
				"connector    = \"atlassian_nested_groups\"\n  scope { everyone = true }\n}\n",
			"usersync_outcome.renamed` (move": "moved {\n  from = usersync_outcome.guard\n  to   = " +
				"usersync_outcome.renamed\n}\n",
			"failing": "check \"failing\" {\n  assert {\n    condition     = " +
				"usersync_outcome.guard.summary.synced > 1000\n    error_message = \"Too few.\"\n  }\n}\n",
		} {
			text := config + more
			if strings.HasPrefix(more, "moved") {
				text = strings.ReplaceAll(
					strings.ReplaceAll(config, `"guard"`, `"renamed"`),
					"usersync_outcome.guard.",
					"usersync_outcome.renamed.",
				) + more
			}
			m.Write("main.tf", text)
			if what == "failing" {
				what = "nora.lund"
			}
			m.script(0, "plan.sh", "out")
			m.verdict("review")
			m.says(readFile(m, "out/report.md"), what)
		}
		// Enabled again: who was in scope without syncing is for a person to see.
		m.Write("main.tf", config)
		m.waits("review", "nora.lund")
		m.accepted()

		// A loss waits, and is applied by the plan that a person has seen.
		b.user(`{"userPrincipalName":"` + lynne + `","userType":"Member"}`)
		m.waits("review", "lynne.robbins")
		b.Must(b.Server.RemoveMember(sales, clara)) // after the plan
		m.script(0, "apply.sh", "approved", "out")
		if accepted := m.attributes(outcome)["changes"]; counts(accepted)["lost.drift"] != 1 {
			b.Errorf("what was applied isn't what was seen: %v", accepted)
		}
		m.waits("review", "clara.jensen")
		m.accepted()
	})
}

// A violated guardrail holds the pipeline until its hash is in the
// configuration; what fails, fails.
func TestPipelineBlockedAndFailing(t *testing.T) {
	each(t, func(b *bench) {
		b.signedIn()
		m := b.pipeline()
		config := readFile(m, "main.tf")
		m.waits("review")
		m.accepted()

		b.Must(b.Server.RemoveDomainClaim("main", "eng.company.com")) // seven lose
		m.waits("blocked", "grace.mensah")
		m.says(m.script(3, "apply.sh", "approved", "out").Output, "guardrails.approve")
		_, hash, _ := strings.Cut(readFile(m, "out/report.md"), `approve = "`)
		hash, _, ok := strings.Cut(hash, `"`)
		if !ok {
			b.Fatal("the violation prints no hash")
		}
		m.Write("main.tf", replaceOnce(config, "max_lost   = 5", "max_lost   = 5\n    approve    = \""+hash+"\""))
		m.waits("review", "grace.mensah")
		m.accepted()
		m.Write("main.tf", config)
		m.waits("review") // the hash is taken out again: configuration
		m.accepted()

		// An earlier plan is refused by the CLI, and so is none.
		b.Must(b.Server.AddMember(sales, clara))
		m.script(0, "plan.sh", "out")
		m.verdict("auto")
		stale, err := os.ReadFile(filepath.Join(m.Dir, "out", "saved.tfplan"))
		b.Must(err)
		m.script(0, "apply.sh", "auto", "out")
		b.Must(os.WriteFile(filepath.Join(m.Dir, "out", "saved.tfplan"), stale, 0o600))
		m.script(1, "apply.sh", "auto", "out")
		b.Must(os.Remove(filepath.Join(m.Dir, "out", "saved.tfplan")))
		m.script(1, "apply.sh", "auto", "out")

		// A plan that fails leaves no plan and no verdict of another night.
		b.Server.Close()
		before := m.State()
		m.says(m.script(1, "drift.sh", "out").Output, "The plan failed")
		for _, name := range []string{"saved.tfplan", "verdict", "report.md"} {
			if _, err := os.Stat(filepath.Join(m.Dir, "out", name)); !errors.Is(err, fs.ErrNotExist) {
				b.Errorf("a failed plan leaves %s", name)
			}
		}
		if m.State() != before {
			b.Error("a failed plan changed the state")
		}
	})
}

// A pull request from a fork: the difference, from a snapshot, without
// credentials.
func TestPipelineOffline(t *testing.T) {
	eachOffline(t, func(b *bench) {
		m := b.pipeline()
		fork := filepath.Join(b.Dir, "fork", "tenant")
		b.Must(os.CopyFS(fork, os.DirFS(m.Dir)))
		f := &bench{&clitest.Bench{T: b.T, Workspace: &clitest.Workspace{CLI: m.CLI, Dir: fork, Env: m.Env}}}
		out := filepath.Join(b.Dir, "out")
		report := func() string {
			m.script(0, "offline.sh", ".", fork, exampleFile(b), out)
			return readFile(b, "out/report.md")
		}
		m.says(report(), "Who will sync: none", "Nothing changes.")
		config := readFile(f, "main.tf")
		f.Write("main.tf", replaceOnce(config, "  guardrails {", "  connector_settings {\n    entra_domains = "+
			"[\"legacy.company.com\"]\n  }\n  guardrails {"))
		m.says(report(), "Who will sync: review", "agnes.moreau", "| gained |")
		f.Write("main.tf", replaceOnce(config, `"Atlassian users", `, ""))
		m.says(m.script(1, "offline.sh", ".", fork, exampleFile(b), out).Output, "max_lost")
		for _, dir := range []string{m.Dir, fork} {
			for _, name := range []string{"backend_override.tf", "terraform.tfstate"} {
				if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
					b.Errorf("%s is left in %s", name, dir)
				}
			}
		}
	})
}

// identityToken is one as a build system hands it out.
func (b *bench) identityToken(subject string) string {
	b.Helper()
	answer := httptest.NewRecorder()
	b.Server.Handler().
		ServeHTTP(answer, httptest.NewRequest(http.MethodGet, b.Server.URL()+"/_simulator/oidc/token?subject="+subject, nil))
	var token struct{ Value string }
	b.Must(json.Unmarshal(answer.Body.Bytes(), &token))
	return token.Value
}

// With what each host gives a job, and no secret of Entra's, the scripts sign in;
// the three permissions that the guide names are enough.
func TestPipelineSignsIn(t *testing.T) {
	each(t, func(b *bench) {
		b.Must(b.Server.AddApp(simulator.App{
			ClientID: "pipeline", Roles: []string{"User.Read.All", "GroupMember.Read.All", "Domain.Read.All"},
			Federated: []simulator.Trust{{Issuer: b.Server.URL() + "/_simulator/oidc", Subject: "pipeline"}},
		}))
		b.signedIn()
		m := b.pipeline()
		m.Env = slices.DeleteFunc(m.Env, func(kv string) bool { return strings.HasPrefix(kv, "ARM_CLIENT") })
		m.Env = append(m.Env, "ARM_USE_OIDC=true", "ARM_CLIENT_ID=pipeline")
		request := b.Server.URL() + "/_simulator/oidc/token?subject="
		mounted := filepath.Join(b.TempDir(), "azure-identity-token")
		b.Must(os.WriteFile(mounted, []byte(b.identityToken("pipeline")), 0o600))
		for host, env := range map[string][]string{
			"GitHub":       {"ACTIONS_ID_TOKEN_REQUEST_URL=" + request + "pipeline", "ACTIONS_ID_TOKEN_REQUEST_TOKEN=job"},
			"GitLab":       {"ARM_OIDC_TOKEN=" + b.identityToken("pipeline")},
			"a pod of AKS": {"ARM_USE_OIDC=false", "ARM_USE_AKS_WORKLOAD_IDENTITY=true", "AZURE_FEDERATED_TOKEN_FILE=" + mounted},
			"Azure DevOps": {"SYSTEM_OIDCREQUESTURI=" + request + "pipeline", "SYSTEM_ACCESSTOKEN=job", "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID=connection"},
		} {
			w := *m.Workspace
			w.Env = append(slices.Clone(m.Env), env...)
			job := &bench{&clitest.Bench{T: b.T, Workspace: &w, Server: b.Server}}
			if out := job.script(0, "plan.sh", "out").Output; !strings.Contains(out, "Verdict: review") {
				b.Errorf("on %s:\n%s", host, out)
			}
		}
		// Another branch, environment or project than the one that is trusted.
		w := *m.Workspace
		w.Env = append(slices.Clone(m.Env), "ARM_OIDC_TOKEN="+b.identityToken("stranger"))
		stranger := &bench{&clitest.Bench{T: b.T, Workspace: &w, Server: b.Server}}
		b.says(stranger.script(1, "plan.sh", "out").Output, "AADSTS700213")
	})
}
