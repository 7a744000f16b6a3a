package outcome

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/provider/reading"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	outcomeName        = "usersync_outcome"
	decisionName       = "usersync_decision"
	decisionsName      = "usersync_decisions"
	connectorsName     = "usersync_connectors"
	domainsName        = "usersync_domains"
	reconciliationName = "usersync_reconciliation"
	reportName         = "usersync_report"

	person = "amara.okafor@company.com"
)

// company is the example tenant.
func company(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("../../../examples/tenant/company.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func client(t *testing.T, session *reading.Session) *providertest.CLI {
	t.Helper()
	return providertest.New(t, session, providertest.Offers{
		Resources:   []func() resource.Resource{NewResource},
		DataSources: []func() datasource.DataSource{NewDecision, NewDecisions, NewConnectors, NewDomains, NewReconciliation, NewReport},
	})
}

// offline reads the example tenant from its file.
func offline(t *testing.T) *providertest.CLI {
	t.Helper()
	return client(t, providertest.Offline(t, company(t)))
}

// nested is the nested-groups connector over the example's group.
func nested(more ...any) map[string]any {
	return with(map[string]any{"connector": "atlassian_nested_groups", "scope": map[string]any{"groups": []string{"Atlassian users"}}}, more...)
}

// overSCIM is the SCIM connector over the example's job.
func overSCIM(more ...any) map[string]any {
	return with(map[string]any{"connector": "atlassian_scim", "service_principal": "Atlassian Cloud"}, more...)
}

func with(config map[string]any, more ...any) map[string]any {
	out := maps.Clone(config)
	for i := 0; i+1 < len(more); i += 2 {
		out[more[i].(string)] = more[i+1]
	}
	return out
}

// both are the two connectors, from one to the other.
func both(more ...any) map[string]any {
	to := with(overSCIM(), "scope", nil)
	return with(map[string]any{"from": nested(), "to": to}, more...)
}

// Each data source refuses a scope of nobody and of both.
func TestSources_Validate(t *testing.T) {
	c := offline(t)
	nothing := nested("scope", nil)
	conflict := nested("scope", map[string]any{"groups": []string{"Atlassian users"}, "everyone": true})
	for name, config := range map[string]func(map[string]any) map[string]any{
		decisionName:       func(q map[string]any) map[string]any { return with(q, "user", person) },
		decisionsName:      func(q map[string]any) map[string]any { return q },
		domainsName:        func(q map[string]any) map[string]any { return q },
		reconciliationName: func(q map[string]any) map[string]any { return q },
		reportName:         func(q map[string]any) map[string]any { return q },
		connectorsName:     func(q map[string]any) map[string]any { return map[string]any{"from": q, "to": overSCIM()} },
	} {
		_, said := c.ReadData(name, config(nothing))
		providertest.Wants(t, name+" of nobody", said, "ERROR (scope): No users in scope")
		_, said = c.ReadData(name, config(conflict))
		providertest.Wants(t, name+" of both", said, "ERROR (scope): Conflicting arguments")
	}
	given := map[string]any{"directory": "x", "organization": "x"}
	for name, x := range map[string]struct {
		config map[string]any
		want   []string
	}{
		"a scope":        {with(nested(), "directory", "x", "organization", "x"), nil},
		"nobody":         {with(nothing, "directory", "x", "organization", "x"), []string{"ERROR (scope): No users in scope"}},
		"both":           {with(conflict, "directory", "x", "organization", "x"), []string{"ERROR (scope): Conflicting arguments"}},
		"not yet known":  {with(given, "connector", "atlassian_nested_groups", "scope", providertest.Unknown), nil},
		"over SCIM":      {with(overSCIM(), "directory", "x", "organization", "x"), nil},
		"another sync":   {with(nested(), "directory", "x", "connector", "fax"), []string{"ERROR (connector)", "fax"}},
		"a wrong number": {with(nested(), "directory", "x", "organization", "x", "guardrails", map[string]any{"max_lost": -1}), []string{"ERROR", "max_lost"}},
	} {
		t.Run(name, func(t *testing.T) {
			providertest.Wants(t, "validation", c.Validate(outcomeName, x.config), x.want...)
		})
	}
}

// What a data source can't read it says, on the argument where there is one.
func TestSources_Read_Refuses(t *testing.T) {
	s := providertest.Tenant(t, company(t))
	online := func() *providertest.CLI { return client(t, providertest.Session(s)) }
	none := client(t, providertest.Offline(t, `{"version":1,"entra":{"tenant_id":"x","domains":[],"users":[],"groups":[]},"organizations":{"main":{"organization_id":"o"}}}`))
	for name, x := range map[string]struct {
		cli    *providertest.CLI
		source string
		config map[string]any
		fault  string
		want   []string
	}{
		"not configured":        {client(t, nil), decisionsName, nested(), "", []string{"The provider isn't configured yet"}},
		"no such organization":  {offline(t), decisionsName, nested("organization", "other"), "", []string{"ERROR (organization)", `There is no organization "other"`}},
		"no such group":         {offline(t), decisionsName, nested("scope", map[string]any{"groups": []string{"Nobody"}}), "", []string{"ERROR (scope)", `"Nobody"`}},
		"no such user":          {offline(t), decisionName, nested("user", "who@company.com"), "", []string{"ERROR (user): User not found"}},
		"no such application":   {offline(t), decisionsName, overSCIM("service_principal", "Nobody"), "", []string{"ERROR", "Nobody"}},
		"types that are none":   {offline(t), decisionsName, nested("what_if", map[string]any{"user_types": "["}), "", []string{"ERROR (what_if)", "user_types"}},
		"a time that is none":   {offline(t), decisionsName, overSCIM("taken_at", "now"), "", []string{"ERROR (taken_at)"}},
		"from of nobody":        {offline(t), connectorsName, map[string]any{"from": nested("scope", map[string]any{"groups": []string{"Nobody"}}), "to": overSCIM()}, "", []string{"ERROR", `"Nobody"`}},
		"to of nobody":          {offline(t), connectorsName, map[string]any{"from": overSCIM(), "to": nested("scope", map[string]any{"groups": []string{"Nobody"}})}, "", []string{"ERROR", `"Nobody"`}},
		"an uncovered part":     {none, reconciliationName, nested("scope", map[string]any{"everyone": true}), "", []string{"ERROR"}},
		"a report's comparison": {none, reportName, nested("scope", map[string]any{"everyone": true}, "reconciliation", map[string]any{}), "", []string{"ERROR"}},
		"a report's scope":      {offline(t), reportName, nested("scope", map[string]any{"groups": []string{"Nobody"}}), "", []string{"ERROR (scope)"}},
		"domains of nobody":     {offline(t), domainsName, nested("scope", map[string]any{"groups": []string{"Nobody"}}), "", []string{"ERROR (scope)"}},
		"the directory":         {nil, decisionsName, nested(), "GET /v1.0/users", []string{"ERROR: Reading the directory failed"}},
		"the organization":      {nil, decisionsName, nested(), "GET /admin/*", []string{"ERROR: Reading the organization failed"}},
		"the log":               {nil, reconciliationName, overSCIM("provisioning_log", true), "GET /v1.0/auditLogs/provisioning", []string{"ERROR (provisioning_log): Reading the provisioning log failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			cli := x.cli
			if cli == nil {
				cli = online()
			}
			if x.fault != "" {
				providertest.Fault(t, s, simulator.Fault{Kind: simulator.FaultStatus, Match: x.fault, Status: 403, Times: -1})
				defer s.ClearFaults()
			}
			got, said := cli.ReadData(x.source, x.config)
			providertest.Wants(t, "read", said, x.want...)
			if got.Exists() {
				t.Errorf("there is an answer: %v", got.Value)
			}
		})
	}
}

func TestDecision_Read(t *testing.T) {
	c := offline(t)
	s, said := c.ReadData(decisionName, nested("user", person))
	providertest.Wants(t, "read", said)
	if s.Text("verdict") != "sync" || s.Text("code") == "" || s.Text("explanation") == "" || len(s.Get("trace").([]any)) == 0 || s.Text("user_id") == "" {
		t.Errorf("got %v", s.Value)
	}
	all, _ := c.ReadData(decisionsName, nested("list", "skipped"))
	for who, decision := range decisionsOf(t, all) {
		s, said := c.ReadData(decisionName, nested("user", who))
		if said != "" || s.Text("decision") != decision {
			t.Errorf("%s: got %q, %s, want %q as in usersync_decisions", who, s.Text("decision"), said, decision)
		}
	}
}

func decisionsOf(t *testing.T, s providertest.State) map[string]string {
	t.Helper()
	out := map[string]string{}
	if err := json.Unmarshal([]byte(s.Text("decisions")), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDecisions_Read(t *testing.T) {
	c := offline(t)
	skipped, said := c.ReadData(decisionsName, nested())
	providertest.Wants(t, "read", said)
	all, _ := c.ReadData(decisionsName, nested("list", "all", "names", "id"))
	users := skipped.Get("summary.users").(int64)
	if n := int64(len(decisionsOf(t, all))); n != users || int64(len(decisionsOf(t, skipped))) != skipped.Get("summary.skipped").(int64)+skipped.Get("summary.unknown").(int64) {
		t.Errorf("got %d of %d users, %d skipped", n, users, len(decisionsOf(t, skipped)))
	}
	if strings.Contains(all.Text("decisions"), "@") || skipped.Text("fingerprint") != all.Text("fingerprint") || len(all.Text("fingerprint")) != 64 {
		t.Errorf("got %v", all.Value)
	}
	assumed, said := c.ReadData(decisionsName, nested("list", "all", "names", "id",
		"what_if", map[string]any{"verified_domains": []string{"legacy.company.com"}, "members": map[string]any{"Atlassian users": []string{}}},
		"connector_rules", map[string]any{"external_exception": "not_member", "tested_address": "user_principal_name"}, "entra_domains", []string{"company.com"}))
	providertest.Wants(t, "assumptions", said)
	if assumed.Text("fingerprint") == all.Text("fingerprint") {
		t.Error("assumptions change nothing")
	}
	scim, said := c.ReadData(decisionsName, overSCIM())
	if said != "" || scim.Get("summary.users").(int64) == 0 {
		t.Errorf("over SCIM: got %v, %s", scim.Get("summary"), said)
	}
	missing, said := c.ReadData(decisionsName, nested("directory_groups", []string{"Atlassian users", "Nobody"}))
	providertest.Wants(t, "a reading of groups", said, "WARNING: Groups not found", "Nobody")
	if missing.Get("summary.users") != users {
		t.Errorf("below the group: got %v users, want %d", missing.Get("summary.users"), users)
	}
}

func TestConnectors_Read(t *testing.T) {
	c := offline(t)
	s, said := c.ReadData(connectorsName, both())
	providertest.Wants(t, "read", said)
	var changed map[string]struct{ Before, After string }
	if err := json.Unmarshal([]byte(s.Text("decisions")), &changed); err != nil || len(changed) == 0 {
		t.Fatalf("decisions: got %s, %v", s.Text("decisions"), err)
	}
	for who, x := range changed {
		if x.Before == x.After || x.Before == "" || x.After == "" {
			t.Errorf("%s: got %q, then %q", who, x.Before, x.After)
		}
	}
	if counted, _ := s.Get("changes.groups").(int64); counted == 0 {
		t.Errorf("whose groups alone change aren't counted: got %v", s.Get("changes"))
	}
	if len(s.Get("notes").([]any)) == 0 || s.Text("notes.0.source") == "" {
		t.Errorf("notes: got %v", s.Get("notes"))
	}
	ids, _ := c.ReadData(connectorsName, both("names", "id"))
	if strings.Contains(ids.Text("decisions"), "@company.com\":") {
		t.Errorf("by ids: got %s", ids.Text("decisions"))
	}
	same, said := c.ReadData(connectorsName, both("to", nested()))
	if said != "" || same.Text("decisions") != "{}" {
		t.Errorf("the same on both sides: got %s, %s", same.Text("decisions"), said)
	}
}

func TestDomains_Read(t *testing.T) {
	c := offline(t)
	s, said := c.ReadData(domainsName, nested("accounts", true, "max_names", 1, "names", "id"))
	providertest.Wants(t, "read", said)
	var domains map[string]domainJSON
	if err := json.Unmarshal([]byte(s.Text("domains")), &domains); err != nil {
		t.Fatal(err)
	}
	home := domains["company.com"]
	if !home.Entra.Verified || !home.Verified || !home.Organizations["main"].Verified || home.Home.Users == 0 || home.IfNotVerified == nil || home.IfVerified != nil || home.ManagedAccounts == nil {
		t.Errorf("company.com: got %+v", home)
	}
	if x := home.IfNotVerified; x != nil && (x.Lost.Count == 0 || len(x.Lost.Names) != 1 || strings.Contains(x.Lost.Names[0], "@")) {
		t.Errorf("who would be lost: got %+v, want one name, an id", x.Lost)
	}
	plain, _ := c.ReadData(domainsName, nested())
	domains = nil
	if err := json.Unmarshal([]byte(plain.Text("domains")), &domains); err != nil || domains["company.com"].ManagedAccounts != nil {
		t.Errorf("without accounts: got %+v, %v", domains["company.com"].ManagedAccounts, err)
	}
}

func TestReconciliation_Validate(t *testing.T) {
	c := offline(t)
	for name, x := range map[string]struct {
		config map[string]any
		want   string
	}{
		"a time that is none": {nested("last_sync", "yesterday"), "ERROR (last_sync): Invalid time"},
		"a log of the other":  {nested("provisioning_log", true), "ERROR (provisioning_log): This connector has no provisioning log"},
		"a half":              {nested("on_disagreement", "error"), "ERROR (on_disagreement): Missing argument"},
		"more than all":       {nested("min_agreement", 101), "ERROR (min_agreement)"},
	} {
		t.Run(name, func(t *testing.T) {
			_, said := c.ReadData(reconciliationName, x.config)
			providertest.Wants(t, "read", said, x.want)
		})
	}
}

func TestReconciliation_Read(t *testing.T) {
	c := offline(t)
	s, said := c.ReadData(reconciliationName, nested())
	providertest.Wants(t, "read", said)
	if s.Text("compared_with") != "accounts" || s.Get("agreement.compared").(int64) == 0 || len(s.Get("calibration").([]any)) == 0 {
		t.Errorf("got %v", s.Value)
	}
	dated, said := c.ReadData(reconciliationName, nested("last_sync", "2020-01-01T00:00:00Z", "names", "id", "max_telling", 0))
	if said != "" || strings.Contains(dated.Text("mismatches"), "pending_or_predicted_wrong") {
		t.Errorf("with a date: got %s, %s", dated.Text("mismatches"), said)
	}
	_, said = c.ReadData(reconciliationName, nested("min_agreement", 100))
	providertest.Wants(t, "below the least", said, "WARNING")
	_, said = c.ReadData(reconciliationName, nested("min_agreement", 100, "on_disagreement", "error"))
	providertest.Wants(t, "an error below the least", said, "ERROR")
	scim, said := c.ReadData(reconciliationName, overSCIM())
	if said != "" || len(scim.Get("calibration").([]any)) != 0 {
		t.Errorf("over SCIM: got %v, %s", scim.Get("calibration"), said)
	}
	live := client(t, providertest.Session(providertest.Tenant(t, company(t))))
	logged, said := live.ReadData(reconciliationName, overSCIM("provisioning_log", true))
	if strings.Contains(said, "ERROR") || !logged.Exists() {
		t.Errorf("with the log: got %s", said)
	}
}

func TestReport_Read(t *testing.T) {
	c := offline(t)
	page := filepath.Join(t.TempDir(), "report.html")
	s, said := c.ReadData(reportName, nested("path", page, "max_fixes", 1, "reconciliation", map[string]any{}, "changes_markdown", "Nothing"))
	providertest.Wants(t, "read", said)
	raw, err := os.ReadFile(page)
	if err != nil || !strings.HasPrefix(string(raw), "<!") || len(s.Text("html_sha256")) != 64 {
		t.Errorf("the page: %v, %.40s, %s", err, raw, s.Text("html_sha256"))
	}
	if s.Get("summary.users").(int64) == 0 || s.Get("summary.agreement_percent") == nil || !strings.Contains(s.Text("markdown"), "Atlassian users") {
		t.Errorf("got %v", s.Get("summary"))
	}
	again, _ := c.ReadData(reportName, nested("path", page, "max_fixes", 1, "reconciliation", map[string]any{}, "changes_markdown", "Nothing"))
	if again.Text("html_sha256") != s.Text("html_sha256") {
		t.Error("the same gives other bytes")
	}
	plain, said := c.ReadData(reportName, overSCIM("reconciliation", map[string]any{}))
	if said != "" || plain.Get("html_sha256") != nil {
		t.Errorf("without a file: got %v, %s", plain.Value, said)
	}
	without, _ := c.ReadData(reportName, nested())
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
		"somebody's file": {mine, "A report replaces a missing file or an earlier report alone"},
		"a folder":        {dir, "A report replaces a missing file or an earlier report alone"},
		"no folder":       {filepath.Join(dir, "none", "report.html"), "Expected the folder"},
	} {
		t.Run(name, func(t *testing.T) {
			_, said := c.ReadData(reportName, nested("path", x.path))
			providertest.Wants(t, "read", said, "ERROR (path): The report can't be written", x.want)
		})
	}
	if raw, err := os.ReadFile(mine); err != nil || string(raw) != "terraform {}\n" {
		t.Errorf("the file is %q, %v", raw, err)
	}
	_, said := c.ReadData(reportName, nested("reconciliation", map[string]any{"last_sync": "yesterday"}))
	providertest.Wants(t, "a time that is none", said, "ERROR (reconciliation): Invalid time", "reconciliation.last_sync")
}

// companyReadings are the example tenant's, as an outcome takes them.
func companyReadings(t *testing.T) map[string]any {
	t.Helper()
	session := providertest.Offline(t, company(t))
	o, _, err := session.Organization(t.Context(), "main", false)
	if err != nil {
		t.Fatal(err)
	}
	organization, err := o.EncodeReading()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"directory": providertest.ReadingOf(t, company(t)), "organization": organization}
}

func TestOutcome_CreateUpdateDelete(t *testing.T) {
	c := client(t, nil) // it asks no service for anything
	given := companyReadings(t)
	config := nested("directory", given["directory"], "organization", given["organization"])
	s := c.Make(outcomeName, providertest.State{}, config)
	if s.Text("id") == "" || s.Get("directory") != nil || s.Text("severity") != "review" {
		t.Errorf("created: got %v", s.Value)
	}
	if now, said := c.Read(outcomeName, s); said != "" || !now.Value.Equal(s.Value) {
		t.Errorf("read: got %v, %s", now.Value, said)
	}
	p := c.Plan(outcomeName, s, config)
	if p.Said != "" || !p.Planned.Value.Equal(s.Value) {
		t.Errorf("an unchanged plan: got %v, %s", p.Planned.Value, p.Said)
	}
	changed := c.Make(outcomeName, s, with(config, "list", "all"))
	if changed.Text("id") != s.Text("id") || changed.Text("decisions") == s.Text("decisions") {
		t.Errorf("changed: got %v", changed.Value)
	}
	if after, said := c.Destroy(outcomeName, s); said != "" || after.Exists() {
		t.Errorf("destroyed: got %v, %s", after.Value, said)
	}
}

// What isn't known at plan is decided in the apply, and refused there.
func TestOutcome_Apply_Unknown(t *testing.T) {
	c := client(t, nil)
	given := companyReadings(t)
	config := nested("directory", given["directory"], "organization", given["organization"])
	unknown := with(config, "directory", providertest.Unknown)
	p := c.Plan(outcomeName, providertest.State{}, unknown)
	providertest.Wants(t, "plan", p.Said, "WARNING (directory): Who will sync isn't known at plan", "The CLI puts a data source off")
	s, said := p.Known(config).Apply()
	if strings.Contains(said, "ERROR") || s.Get("summary.users").(int64) == 0 {
		t.Errorf("create: got %v, %s", s.Value, said)
	}
	none, said := p.Known(with(config, "directory", "nonsense")).Apply()
	providertest.Wants(t, "a reading that is none", said, "ERROR (directory)")
	if none.Exists() {
		t.Errorf("there is a state: %v", none.Value)
	}
	p = c.Plan(outcomeName, s, with(unknown, "list", "all"))
	after, said := p.Known(with(config, "list", "all")).Apply()
	if strings.Contains(said, "ERROR") || after.Text("id") != s.Text("id") {
		t.Errorf("update: got %v, %s", after.Value, said)
	}
	kept, said := p.Known(with(config, "list", "all", "directory", "nonsense")).Apply()
	providertest.Wants(t, "an update by a reading that is none", said, "ERROR (directory)")
	if !kept.Value.Equal(s.Value) {
		t.Errorf("got %v, want the state of before", kept.Value)
	}
}

// An import accepts nothing: the next plan shows everything.
func TestOutcome_Import(t *testing.T) {
	c := client(t, nil)
	s, said := c.Import(outcomeName, "some-id")
	if said != "" || s.Text("id") != "some-id" || s.Get("accepted") != nil {
		t.Errorf("got %v, %s", s.Value, said)
	}
}
