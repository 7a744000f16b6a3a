package acceptance

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// reported writes a report; lines are further arguments.
func reported(lines ...string) string {
	return `
data "usersync_report" "now" {
  connector     = "atlassian_nested_groups"
  scope { groups = ["Atlassian users"] }
  connector_settings { entra_domains = ["company.com", "eng.company.com"] }
  ` + strings.Join(lines, "\n  ") + `
}
output "markdown" {
  value     = data.usersync_report.now.markdown
  sensitive = true
}
output "sha256" { value = data.usersync_report.now.html_sha256 }
output "summary" { value = data.usersync_report.now.summary }
`
}

const reportData = "data.usersync_report.now"

// pageFile reads a page, and checks its mode and that it is the one that the
// state tells of.
func (b *bench) pageFile(name string) string {
	b.Helper()
	info, err := os.Stat(filepath.Join(b.Dir, name))
	b.Must(err)
	if info.Mode().Perm() != 0o600 {
		b.Errorf("the page has mode %v", info.Mode())
	}
	page := readFile(b, name)
	sum := sha256.Sum256([]byte(page))
	var said string
	b.Must(json.Unmarshal(b.outputs()["sha256"], &said))
	if hex.EncodeToString(sum[:]) != said {
		b.Errorf("html_sha256 is %s, the page's is %x", said, sum)
	}
	return page
}

// The report after a sync: Markdown in the state, the page in a file, and of
// the page nothing but its SHA-256 in state and plan.
func TestReport(t *testing.T) {
	each(t, func(b *bench) {
		b.synced()
		b.Must(os.MkdirAll(filepath.Join(b.Dir, "out"), 0o755))
		more := []string{
			`path = "out/page.html"`,
			`reconciliation = true`,
			`changes_json = "{\"severity\":\"<b>none</b>\",\"total\":0}"`,
		}
		b.live(reported(more...))
		r := b.Apply()
		b.tidy(r.Output)
		page := b.pageFile("out/page.html")
		var text string
		b.Must(json.Unmarshal(b.outputs()["markdown"], &text))
		for _, part := range []string{"### Who syncs to Atlassian: ", "```mermaid\nflowchart LR", "skip: external_member (fabrikam.example, Member, reported)", "#### Predicted against actual", "agree with the prediction: 100 %"} {
			if !strings.Contains(text, part) {
				b.Errorf("the Markdown doesn't say %q:\n%s", part, text)
			}
		}
		for _, part := range []string{"adele.vance_fabrikam.example#EXT#@company.onmicrosoft.com", "Set userType to Guest", "&lt;b&gt;none&lt;/b&gt;", "Predicted against actual", "Content-Security-Policy"} {
			if !strings.Contains(page, part) {
				b.Errorf("the page doesn't have %q", part)
			}
		}
		var summary struct {
			Users, Synced, Skipped, Unknown float64
			Agreement                       float64 `json:"agreement_percent"`
			Mismatches                      float64
		}
		b.Must(json.Unmarshal(b.outputs()["summary"], &summary))
		if summary.Users < 40 || summary.Users != summary.Synced+summary.Skipped+summary.Unknown ||
			summary.Agreement != 100 {
			b.Errorf("%+v", summary)
		}
		b.Plan(0, "-out="+planFile)
		for what, content := range map[string]string{"state": b.State(), "plan": b.Do(0, "show", "-json", planFile).Output} {
			if strings.Contains(content, "<!doctype html>") || strings.Contains(content, "Content-Security-Policy") {
				b.Errorf("the %s holds the page", what)
			}
		}
		for what, content := range map[string]string{"page": page, "Markdown": text} {
			for _, secret := range []string{simulator.DefaultClientSecret, simulator.DefaultAPIKey, b.Server.URL()} {
				if strings.Contains(content, secret) {
					b.Errorf("the %s has %q", what, secret)
				}
			}
		}
		// The same readings give the same bytes, and nothing is left beside them.
		if again := b.pageFile("out/page.html"); again != page {
			b.Error("the same readings gave another page")
		}
		list, err := os.ReadDir(filepath.Join(b.Dir, "out"))
		if b.Must(err); len(list) != 1 {
			b.Errorf("%v", list)
		}
		// What changed shows, in place of the old page.
		_, err = b.Server.PutUser(
			[]byte(
				`{"userPrincipalName":"lynne.robbins_fabrikam.example#EXT#@company.onmicrosoft.com","userType":"Member"}`,
			),
		)
		b.Must(err)
		b.Apply()
		if b.pageFile("out/page.html") == page {
			b.Error("the page is the old one")
		}
		b.Must(json.Unmarshal(b.outputs()["summary"], &summary))
		if summary.Agreement == 100 || summary.Mismatches < 1 {
			b.Errorf("Lynne still syncs, and is predicted not to: %+v", summary)
		}
	})
}

// What a report assumes is said on both, and isn't what is compared.
func TestReportWithWhatIf(t *testing.T) {
	once(t, func(b *bench) {
		b.synced()
		b.live(
			reported(
				`path = "page.html"`,
				`reconciliation = true`,
				`what_if { verified_domains = ["fabrikam.example"] }`,
				`read_at = "2026-11-20T08:00:00Z"`,
				`max_fixes = 1`,
			),
		)
		b.Apply()
		page := b.pageFile("page.html")
		var text string
		b.Must(json.Unmarshal(b.outputs()["markdown"], &text))
		for _, content := range []string{page, text} {
			for _, part := range []string{"verified domains fabrikam.example", "2026-11-20T08:00:00Z", "agree with the prediction: 100 %"} {
				if !strings.Contains(content, part) {
					b.Errorf("it doesn't say %q", part)
				}
			}
			if strings.Contains(content, "skip: external_member (fabrikam.example") {
				b.Error("it is decided as if nothing were assumed")
			}
		}
		if !strings.Contains(page, "Fixes were tried for 1 user") {
			b.Error("max_fixes isn't kept")
		}
	})
}

// With identify_users_by = "id" neither Markdown nor page has a principal name or an
// address of a user.
func TestReportWithIDs(t *testing.T) {
	onceOffline(t, func(b *bench) {
		snap := b.example()
		b.writeSnapshot("tenant.json", snap)
		b.snapshot("tenant.json", reported(`path = "page.html"`, `identify_users_by = "id"`))
		b.Apply()
		page := b.pageFile("page.html")
		var text string
		b.Must(json.Unmarshal(b.outputs()["markdown"], &text))
		named := 0
		for _, u := range snap.list("users") {
			u := u.(map[string]any)
			for _, name := range []string{"userPrincipalName", "mail"} {
				s, _ := u[name].(string)
				if s != "" && strings.Contains(s, "@") && (strings.Contains(page, s) || strings.Contains(text, s)) {
					b.Errorf("%s is named", s)
				}
			}
			if strings.Contains(page, u["id"].(string)) {
				named++
			}
		}
		if named < 40 {
			b.Errorf("only %d ids are on the page", named)
		}
	})
}

// A path that can't be written is an error on it, says what to do, and leaves
// what was there.
func TestReportThatCantBeWritten(t *testing.T) {
	onceOffline(t, func(b *bench) {
		b.writeSnapshot("tenant.json", b.example())
		b.snapshot("tenant.json", reported(`path = "nowhere/page.html"`))
		out := b.fails()
		b.tidy(out)
		b.says(out, "The report can't be written", "nowhere", "Expected the folder", "path = \"nowhere/page.html\"")
		b.Must(os.MkdirAll(filepath.Join(b.Dir, "taken", "inside"), 0o755))
		b.snapshot("tenant.json", reported(`path = "taken"`))
		b.says(b.fails(), "The report can't be written")
		list, err := filepath.Glob(filepath.Join(b.Dir, ".taken*"))
		if b.Must(err); len(list) != 0 {
			b.Errorf("left behind: %v", list)
		}
		b.snapshot("tenant.json", reported(`reconciliation = true`, `last_sync = "yesterday"`))
		b.says(b.fails(), "Expected RFC 3339", "last_sync")
		// Without a path there is no page and no hash.
		b.snapshot("tenant.json", reported())
		b.Apply()
		if v := b.attributes(reportData)["html_sha256"]; v != nil {
			b.Errorf("html_sha256 is %v", v)
		}
	})
}

// An outcome's changes reach the page of the same plan, through a local.
func TestReportOfAnOutcome(t *testing.T) {
	once(t, func(b *bench) {
		b.live(sources, guard(), `
locals { changes = usersync_outcome.guard.changes_json }
`, reported(`path = "page.html"`, `changes_json = local.changes`))
		b.plan(2)
		b.apply()
		b.Plan(0)
		page := b.pageFile("page.html")
		if m := regexp.MustCompile(`<p>\d+ changes against the accepted outcome, severity <strong>review</strong>`).
			FindString(page); m == "" {
			b.Error("the page doesn't have the outcome's changes")
		}
	})
}
