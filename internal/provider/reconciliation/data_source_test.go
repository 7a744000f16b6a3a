package reconciliation

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const reconciliationName = "usersync_reconciliation"

func client(t *testing.T, session *session.Session) *providertest.CLI {
	t.Helper()
	return providertest.New(t, session, providertest.Offers{DataSources: []func() datasource.DataSource{NewDataSource}})
}

func offline(t *testing.T) *providertest.CLI {
	t.Helper()
	return client(t, providertest.OfflineCompany(t))
}

func TestReconciliation_Read_Refuses(t *testing.T) {
	const bare = `{"version":1,"entra":{"tenant_id":"x","domains":[],"users":[],"groups":[]},"organizations":{"main":{"organization_id":"o"}}}`
	none := client(t, providertest.Offline(t, bare))
	_, said := none.ReadData(reconciliationName, providertest.Nested("scope", map[string]any{"everyone": true}))
	providertest.Wants(t, "an organization without accounts", said, "ERROR")
	s := providertest.Tenant(t, providertest.Company(t))
	providertest.Fault(
		t,
		s,
		simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/auditLogs/provisioning", Status: 403, Times: -1},
	)
	_, said = client(
		t,
		providertest.Session(s),
	).ReadData(reconciliationName, providertest.OverSCIM("provisioning_log", true))
	providertest.Wants(t, "the log", said, "ERROR (provisioning_log): Reading the provisioning log failed")
}

func TestReconciliation_Validate(t *testing.T) {
	c := offline(t)
	for name, x := range map[string]struct {
		config map[string]any
		want   string
	}{
		"a time that is none": {providertest.Nested("last_sync", "yesterday"), "ERROR (last_sync): Invalid time"},
		"a log of the other": {providertest.Nested("provisioning_log", true), "ERROR (provisioning_log): This " +
			"connector has no provisioning log"},
		"no scope":      {providertest.Nested("scope", nil), "ERROR (scope): No users in scope"},
		"a half":        {providertest.Nested("on_disagreement", "error"), "ERROR (on_disagreement): Missing argument"},
		"more than all": {providertest.Nested("min_agreement", 101), "ERROR (min_agreement)"},
	} {
		t.Run(name, func(t *testing.T) {
			_, said := c.ReadData(reconciliationName, x.config)
			providertest.Wants(t, "read", said, x.want)
		})
	}
}

func TestReconciliation_Read(t *testing.T) {
	c := offline(t)
	s, said := c.ReadData(reconciliationName, providertest.Nested())
	providertest.Wants(t, "read", said)
	if s.Text("compared_with") != "accounts" || s.Get("agreement.compared").(int64) == 0 ||
		len(s.Get("calibration").([]any)) == 0 {
		t.Errorf("got %v", s.Value)
	}
	dated, said := c.ReadData(
		reconciliationName,
		providertest.Nested(
			"last_sync",
			"2020-01-01T00:00:00Z",
			"identify_users_by",
			"id",
			"max_distinguishing_users",
			0,
		),
	)
	if said != "" || strings.Contains(dated.Text("mismatches"), "pending_or_predicted_wrong") {
		t.Errorf("with a date: got %s, %s", dated.Text("mismatches"), said)
	}
	_, said = c.ReadData(reconciliationName, providertest.Nested("min_agreement", 100))
	providertest.Wants(t, "below the least", said, "WARNING")
	_, said = c.ReadData(reconciliationName, providertest.Nested("min_agreement", 100, "on_disagreement", "error"))
	providertest.Wants(t, "an error below the least", said, "ERROR")
	scim, said := c.ReadData(reconciliationName, providertest.OverSCIM())
	if said != "" || len(scim.Get("calibration").([]any)) != 0 {
		t.Errorf("over SCIM: got %v, %s", scim.Get("calibration"), said)
	}
	live := client(t, providertest.Session(providertest.Tenant(t, providertest.Company(t))))
	logged, said := live.ReadData(reconciliationName, providertest.OverSCIM("provisioning_log", true))
	if strings.Contains(said, "ERROR") || !logged.Exists() {
		t.Errorf("with the log: got %s", said)
	}
}

// Targets other than Atlassian are compared with the provisioning log; a snapshot has none.
func TestReconciliation_Read_OtherTargets(t *testing.T) {
	for _, connector := range []string{"scim", "cross_tenant_sync"} {
		config := map[string]any{"connector": connector, "service_principal": "Atlassian Cloud"}
		live := client(t, providertest.Session(providertest.Tenant(t, providertest.Company(t))))
		s, said := live.ReadData(reconciliationName, config)
		if strings.Contains(said, "ERROR") || s.Text("compared_with") != "provisioning_log" ||
			s.Get("agreement.compared").(int64) != 0 || len(s.Get("calibration").([]any)) != 0 {
			t.Errorf("%s: got %v, %s", connector, s.Value, said)
		}
		_, said = offline(t).ReadData(reconciliationName, config)
		providertest.Wants(t, connector+" from a snapshot", said, "ERROR", "provisioning logs")
	}
}
