package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
)

const reportName = "usersync_report"

func offline(t *testing.T) *providertest.CLI {
	t.Helper()
	return providertest.New(
		t,
		providertest.OfflineCompany(t),
		providertest.Offers{DataSources: []func() datasource.DataSource{NewReport}},
	)
}

func TestReport_Read_Refuses(t *testing.T) {
	c := offline(t)
	for name, x := range map[string]struct {
		config map[string]any
		want   string
	}{
		"no scope":                      {providertest.Nested("scope", nil), "ERROR (scope): No users in scope"},
		"no such group":                 {providertest.Nested("scope", map[string]any{"groups": []string{"Nobody"}}), "ERROR (scope)"},
		"a time that is none":           {providertest.Nested("reconciliation", true, "last_sync", "yesterday"), "ERROR (last_sync): Invalid time"},
		"a time without reconciliation": {providertest.Nested("last_sync", "2026-11-20T08:00:00Z"), "ERROR (last_sync): Missing argument"},
	} {
		t.Run(name, func(t *testing.T) {
			_, said := c.ReadData(reportName, x.config)
			providertest.Wants(t, "read", said, x.want)
		})
	}
}

func TestReport_Read(t *testing.T) {
	c := offline(t)
	page := filepath.Join(t.TempDir(), "report.html")
	s, said := c.ReadData(
		reportName,
		providertest.Nested(
			"path",
			page,
			"max_fixes",
			1,
			"reconciliation",
			true,
			"changes_json",
			`{"severity":"none","total":0,"changes":[],"violations":[]}`,
		),
	)
	providertest.Wants(t, "read", said)
	raw, err := os.ReadFile(page)
	if err != nil || !strings.HasPrefix(string(raw), "<!") || len(s.Text("html_sha256")) != 64 {
		t.Errorf("the page: %v, %.40s, %s", err, raw, s.Text("html_sha256"))
	}
	if s.Get("summary.users").(int64) == 0 || s.Get("summary.agreement_percent") == nil ||
		!strings.Contains(s.Text("markdown"), "Atlassian users") {
		t.Errorf("got %v", s.Get("summary"))
	}
	again, _ := c.ReadData(
		reportName,
		providertest.Nested(
			"path",
			page,
			"max_fixes",
			1,
			"reconciliation",
			true,
			"changes_json",
			`{"severity":"none","total":0,"changes":[],"violations":[]}`,
		),
	)
	if again.Text("html_sha256") != s.Text("html_sha256") {
		t.Error("the same gives other bytes")
	}
	plain, said := c.ReadData(reportName, providertest.OverSCIM("reconciliation", true))
	if said != "" || plain.Get("html_sha256") != nil {
		t.Errorf("without a file: got %v, %s", plain.Value, said)
	}
	without, _ := c.ReadData(reportName, providertest.Nested())
	if without.Get("summary.mismatches") != nil {
		t.Errorf("without reconciliation: got %v", without.Get("summary"))
	}
}

// A report replaces nothing but a report.
func TestReport_Read_NotWritten(t *testing.T) {
	c := offline(t)
	dir := t.TempDir()
	mine := filepath.Join(dir, "main.tf")
	if err := os.WriteFile(mine, []byte("terraform {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct{ path, want string }{
		"somebody's file": {mine, "A report replaces a missing file or an earlier one of its kind alone"},
		"a folder":        {dir, "A report replaces a missing file or an earlier one of its kind alone"},
		"no folder":       {filepath.Join(dir, "none", "report.html"), "Expected the folder"},
	} {
		t.Run(name, func(t *testing.T) {
			_, said := c.ReadData(reportName, providertest.Nested("path", x.path))
			providertest.Wants(t, "read", said, "ERROR (path): The report can't be written", x.want)
		})
	}
	if raw, err := os.ReadFile(mine); err != nil || string(raw) != "terraform {}\n" {
		t.Errorf("the file is %q, %v", raw, err)
	}
}

func TestReport_Read_CSV(t *testing.T) {
	c := offline(t)
	file := filepath.Join(t.TempDir(), "who.csv")
	for range 2 { // an earlier one is replaced
		s, said := c.ReadData(reportName, providertest.Nested("csv_path", file))
		providertest.Wants(t, "read", said)
		raw, err := os.ReadFile(file)
		if want := int(s.Get("summary.users").(int64)) + 1; err != nil || strings.Count(string(raw), "\n") != want {
			t.Errorf("got %d lines, %v, want %d", strings.Count(string(raw), "\n"), err, want)
		}
	}
	if err := os.WriteFile(file, []byte("mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, said := c.ReadData(reportName, providertest.Nested("csv_path", file))
	providertest.Wants(
		t,
		"somebody's file",
		said,
		"ERROR (csv_path): The CSV can't be written",
		"A CSV replaces a missing file",
	)
}
