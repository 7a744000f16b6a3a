package decision

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	decisionName   = "usersync_decision"
	decisionsName  = "usersync_decisions"
	connectorsName = "usersync_connectors"
	domainsName    = "usersync_domains"

	person = "amara.okafor@company.com"
)

func client(t *testing.T, session *session.Session) *providertest.CLI {
	t.Helper()
	return providertest.New(t, session, providertest.Offers{
		DataSources: []func() datasource.DataSource{NewDecision, NewDecisions, NewConnectors, NewDomains},
	})
}

func offline(t *testing.T) *providertest.CLI {
	t.Helper()
	return client(t, providertest.OfflineCompany(t))
}

// both are the two connectors, from one to the other.
func both(more ...any) map[string]any {
	return providertest.With(map[string]any{"from": providertest.Nested(), "to": providertest.OverSCIM()}, more...)
}

// Each data source refuses a scope of nobody and of both.
func TestSources_Validate(t *testing.T) {
	c := offline(t)
	nothing := providertest.Nested("scope", nil)
	conflict := providertest.Nested("scope", map[string]any{"groups": []string{"Atlassian users"}, "everyone": true})
	for name, config := range map[string]func(map[string]any) map[string]any{
		decisionName:  func(q map[string]any) map[string]any { return providertest.With(q, "user", person) },
		decisionsName: func(q map[string]any) map[string]any { return q },
		domainsName:   func(q map[string]any) map[string]any { return q },
	} {
		_, said := c.ReadData(name, config(nothing))
		providertest.Wants(t, name+" of nobody", said, "ERROR (scope): No users in scope")
		_, said = c.ReadData(name, config(conflict))
		providertest.Wants(t, name+" of both", said, "ERROR (scope): Conflicting arguments")
	}
	for name, x := range map[string]struct {
		config map[string]any
		want   []string
	}{
		"from of nobody":  {both("from", nothing), []string{"ERROR (from): No users in scope", "from.scope"}},
		"to of both":      {both("to", conflict), []string{"ERROR (to): Conflicting arguments", "to.scope"}},
		"no from":         {both("from", nil), []string{"ERROR (from): Missing argument", "from.connector"}},
		"an empty to":     {both("to", map[string]any{}), []string{"ERROR (to): Missing argument", "to.connector"}},
		"a from of nulls": {both("from", map[string]any{"connector": nil}), []string{"ERROR (from): Missing argument"}},
	} {
		_, said := c.ReadData(connectorsName, x.config)
		providertest.Wants(t, name, said, x.want...)
	}
}

// What a data source can't read it says, on the argument where there is one.
func TestSources_Read_Refuses(t *testing.T) {
	s := providertest.Tenant(t, providertest.Company(t))
	online := func() *providertest.CLI { return client(t, providertest.Session(s)) }
	for name, x := range map[string]struct {
		cli    *providertest.CLI
		source string
		config map[string]any
		fault  string
		want   []string
	}{
		"not configured":       {client(t, nil), decisionsName, providertest.Nested(), "", []string{"The provider isn't configured yet"}},
		"no such organization": {offline(t), decisionsName, providertest.Nested("organization", "other"), "", []string{"ERROR (organization)", `There is no organization "other"`}},
		"no such group":        {offline(t), decisionsName, providertest.Nested("scope", map[string]any{"groups": []string{"Nobody"}}), "", []string{"ERROR (scope)", `"Nobody"`}},
		"no such user":         {offline(t), decisionName, providertest.Nested("user", "who@company.com"), "", []string{"ERROR (user): User not found"}},
		"no such application":  {offline(t), decisionsName, providertest.OverSCIM("service_principal", "Nobody"), "", []string{"ERROR", "Nobody"}},
		"types that are none":  {offline(t), decisionsName, providertest.Nested("what_if", map[string]any{"user_types": "["}), "", []string{"ERROR (what_if)", "user_types"}},
		"a time that is none":  {offline(t), decisionsName, providertest.OverSCIM("read_at", "now"), "", []string{"ERROR (read_at)"}},
		"from of nobody":       {offline(t), connectorsName, both("from", providertest.Nested("scope", map[string]any{"groups": []string{"Nobody"}})), "", []string{"ERROR (from)", "from.scope.groups", `"Nobody"`}},
		"to of nobody":         {offline(t), connectorsName, both("to", providertest.Nested("scope", map[string]any{"groups": []string{"Nobody"}})), "", []string{"ERROR (to)", "to.scope.groups", `"Nobody"`}},
		"domains of nobody":    {offline(t), domainsName, providertest.Nested("scope", map[string]any{"groups": []string{"Nobody"}}), "", []string{"ERROR (scope)"}},
		"the directory":        {nil, decisionsName, providertest.Nested(), "GET /v1.0/users", []string{"ERROR: Reading the directory failed"}},
		"the organization":     {nil, decisionsName, providertest.Nested(), "GET /admin/*", []string{"ERROR: Reading the organization failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			cli := x.cli
			if cli == nil {
				cli = online()
			}
			if x.fault != "" {
				providertest.Fault(
					t,
					s,
					simulator.Fault{Kind: simulator.FaultStatus, Match: x.fault, Status: 403, Times: -1},
				)
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
	s, said := c.ReadData(decisionName, providertest.Nested("user", person))
	providertest.Wants(t, "read", said)
	if s.Text("verdict") != "sync" || s.Text("code") == "" || s.Text("explanation") == "" ||
		len(s.Get("trace").([]any)) == 0 ||
		s.Text("user_id") == "" {
		t.Errorf("got %v", s.Value)
	}
	all, _ := c.ReadData(decisionsName, providertest.Nested("show", "skipped"))
	for who, decision := range decisionsOf(t, all) {
		s, said := c.ReadData(decisionName, providertest.Nested("user", who))
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
	skipped, said := c.ReadData(decisionsName, providertest.Nested())
	providertest.Wants(t, "read", said)
	all, _ := c.ReadData(decisionsName, providertest.Nested("show", "all", "identify_users_by", "id"))
	users := skipped.Get("summary.users").(int64)
	if n := int64(
		len(decisionsOf(t, all)),
	); n != users ||
		int64(
			len(decisionsOf(t, skipped)),
		) != skipped.Get("summary.skipped").(int64)+skipped.Get("summary.unknown").(int64) {
		t.Errorf("got %d of %d users, %d skipped", n, users, len(decisionsOf(t, skipped)))
	}
	if strings.Contains(all.Text("decisions"), "@") || skipped.Text("fingerprint") != all.Text("fingerprint") ||
		len(all.Text("fingerprint")) != 64 {
		t.Errorf("got %v", all.Value)
	}
	assumed, said := c.ReadData(decisionsName, providertest.Nested(
		"show",
		"all",
		"identify_users_by",
		"id",
		"what_if",
		map[string]any{
			"verified_domains": []string{"legacy.company.com"},
			"members":          map[string]any{"Atlassian users": []string{}},
		},
		"connector_settings",
		map[string]any{
			"external_users":  "not_member",
			"user_identifier": "user_principal_name",
			"entra_domains":   []string{"company.com"},
		},
	))
	providertest.Wants(t, "assumptions", said)
	if assumed.Text("fingerprint") == all.Text("fingerprint") {
		t.Error("assumptions change nothing")
	}
	scim, said := c.ReadData(decisionsName, providertest.OverSCIM())
	if said != "" || scim.Get("summary.users").(int64) == 0 {
		t.Errorf("over SCIM: got %v, %s", scim.Get("summary"), said)
	}
	missing, said := c.ReadData(
		decisionsName,
		providertest.Nested("directory_groups", []string{"Atlassian users", "Nobody"}),
	)
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
	ids, _ := c.ReadData(connectorsName, both("identify_users_by", "id"))
	if strings.Contains(ids.Text("decisions"), "@company.com\":") {
		t.Errorf("by ids: got %s", ids.Text("decisions"))
	}
	same, said := c.ReadData(connectorsName, both("to", providertest.Nested()))
	if said != "" || same.Text("decisions") != "{}" {
		t.Errorf("the same on both sides: got %s, %s", same.Text("decisions"), said)
	}
}

func TestDomains_Read(t *testing.T) {
	c := offline(t)
	s, said := c.ReadData(domainsName, providertest.Nested("accounts", true, "max_names", 1, "identify_users_by", "id"))
	providertest.Wants(t, "read", said)
	var domains map[string]domainJSON
	if err := json.Unmarshal([]byte(s.Text("domains")), &domains); err != nil {
		t.Fatal(err)
	}
	home := domains["company.com"]
	if !home.Entra.Verified || !home.Verified || !home.Organizations["main"].Verified || home.Home.Users == 0 ||
		home.IfNotVerified == nil ||
		home.IfVerified != nil ||
		home.ManagedAccounts == nil {
		t.Errorf("company.com: got %+v", home)
	}
	if x := home.IfNotVerified; x != nil &&
		(x.Lost.Count == 0 || len(x.Lost.Names) != 1 || strings.Contains(x.Lost.Names[0], "@")) {
		t.Errorf("who would be lost: got %+v, want one name, an id", x.Lost)
	}
	plain, _ := c.ReadData(domainsName, providertest.Nested())
	domains = nil
	if err := json.Unmarshal(
		[]byte(plain.Text("domains")),
		&domains,
	); err != nil ||
		domains["company.com"].ManagedAccounts != nil {
		t.Errorf("without accounts: got %+v, %v", domains["company.com"].ManagedAccounts, err)
	}
}

// What a planned mapping reads and nobody has read is named all at once, with the
// argument that adds it here.
func TestDecisions_Read_MissingAttributes(t *testing.T) {
	c := offline(t)
	const planned = `{"version":1,"object":{"source":"User","target":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"},` +
		`"actions":["create","update","delete"],"manage":"listed","attributes":{` +
		`"title":{"expression":"[jobTitle]","apply":"always"},"nickName":{"expression":"[mailNickname]","apply":"always"}}}`
	config := providertest.OverSCIM("what_if", map[string]any{"mappings": []string{planned}})
	_, said := c.ReadData(decisionsName, config)
	providertest.Wants(
		t,
		"read",
		said,
		"ERROR (directory_attributes): Attributes not read",
		`add "jobTitle", "mailNickname" to directory_attributes`,
	)
	_, said = c.ReadData(
		decisionsName,
		providertest.With(config, "directory_attributes", []string{"jobTitle", "mailNickname"}),
	)
	providertest.Wants(t, "with them", said)
}
