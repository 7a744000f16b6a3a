package outcome

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
)

const outcomeName = "usersync_outcome"

func client(t *testing.T) *providertest.CLI {
	t.Helper()
	// It asks no service for anything.
	return providertest.New(t, nil, providertest.Offers{Resources: []func() resource.Resource{NewResource}})
}

func TestOutcome_Validate(t *testing.T) {
	c := client(t)
	given := []any{"directory", "x", "organization", "x"}
	nothing := providertest.Nested("scope", nil)
	conflict := providertest.Nested("scope", map[string]any{"groups": []string{"Atlassian users"}, "everyone": true})
	domains := map[string]any{"verified_domains": []string{"company.com"}}
	unknown := map[string]any{"connector": "atlassian_nested_groups", "scope": providertest.Unknown}
	for name, x := range map[string]struct {
		config map[string]any
		want   []string
	}{
		"a scope":             {providertest.Nested(), nil},
		"no scope":            {nothing, []string{"ERROR (scope): No users in scope"}},
		"an empty scope":      {providertest.Nested("scope", map[string]any{}), []string{"ERROR (scope): No users in scope"}},
		"groups and everyone": {conflict, []string{"ERROR (scope): Conflicting arguments"}},
		"an unknown scope":    {unknown, nil},
		"over SCIM":           {providertest.OverSCIM(), nil},
		"another connector":   {providertest.Nested("connector", "fax"), []string{"ERROR (connector)", "fax"}},
		"domains over SCIM":   {providertest.With(providertest.OverSCIM(), "what_if", domains), nil},
		"a negative limit":    {providertest.Nested("guardrails", map[string]any{"max_lost": -1}), []string{"ERROR", "max_lost"}},
		"a misspelled word":   {providertest.Nested("connector_settings", map[string]any{"sync": "daily"}), []string{"ERROR", "connector_settings.sync"}},
	} {
		t.Run(name, func(t *testing.T) {
			providertest.Wants(
				t,
				"validation",
				c.Validate(outcomeName, providertest.With(x.config, given...)),
				x.want...)
		})
	}
}

// Connectors without domains take none on trial.
func TestOutcome_ValidateDomains(t *testing.T) {
	domains := map[string]any{"verified_domains": []string{"company.com"}}
	for _, connector := range []string{"scim", "cross_tenant_sync"} {
		got := client(t).Validate(outcomeName, map[string]any{
			"directory": "x", "connector": connector, "what_if": domains,
		})
		providertest.Wants(t, connector, got, "ERROR (what_if", "no domains to verify")
	}
}

// companyReadings are the example tenant's, as an outcome takes them.
func companyReadings(t *testing.T) map[string]any {
	t.Helper()
	offline := providertest.OfflineCompany(t)
	o, _, err := offline.Organization(t.Context(), "main", session.Parts{})
	if err != nil {
		t.Fatal(err)
	}
	organization, err := o.EncodeReading()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"directory": providertest.ReadingOf(t, providertest.Company(t)), "organization": organization}
}

func TestOutcome_CreateUpdateDelete(t *testing.T) {
	c := client(t)
	given := companyReadings(t)
	config := providertest.Nested("directory", given["directory"], "organization", given["organization"])
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
	changed := c.Make(outcomeName, s, providertest.With(config, "show", "all"))
	if changed.Text("id") != s.Text("id") || changed.Text("decisions") == s.Text("decisions") {
		t.Errorf("changed: got %v", changed.Value)
	}
	if after, said := c.Destroy(outcomeName, s); said != "" || after.Exists() {
		t.Errorf("destroyed: got %v, %s", after.Value, said)
	}
}

// What isn't known at plan is decided in the apply, and refused there.
func TestOutcome_Apply_Unknown(t *testing.T) {
	c := client(t)
	given := companyReadings(t)
	config := providertest.Nested("directory", given["directory"], "organization", given["organization"])
	unknown := providertest.With(config, "directory", providertest.Unknown)
	p := c.Plan(outcomeName, providertest.State{}, unknown)
	providertest.Wants(
		t,
		"plan",
		p.Said,
		"WARNING (directory): Who will sync isn't known at plan",
		"The CLI puts a data source off",
	)
	s, said := p.Known(config).Apply()
	if strings.Contains(said, "ERROR") || s.Get("summary.users").(int64) == 0 {
		t.Errorf("create: got %v, %s", s.Value, said)
	}
	none, said := p.Known(providertest.With(config, "directory", "nonsense")).Apply()
	providertest.Wants(t, "a reading that is none", said, "ERROR (directory)")
	if none.Exists() {
		t.Errorf("there is a state: %v", none.Value)
	}
	p = c.Plan(outcomeName, s, providertest.With(unknown, "show", "all"))
	after, said := p.Known(providertest.With(config, "show", "all")).Apply()
	if strings.Contains(said, "ERROR") || after.Text("id") != s.Text("id") {
		t.Errorf("update: got %v, %s", after.Value, said)
	}
	kept, said := p.Known(providertest.With(config, "show", "all", "directory", "nonsense")).Apply()
	providertest.Wants(t, "an update by a reading that is none", said, "ERROR (directory)")
	if !kept.Value.Equal(s.Value) {
		t.Errorf("got %v, want the state of before", kept.Value)
	}
}

// An import accepts nothing: the next plan shows everything.
func TestOutcome_Import(t *testing.T) {
	c := client(t)
	s, said := c.Import(outcomeName, "some-id")
	if said != "" || s.Text("id") != "some-id" || s.Get("accepted") != nil {
		t.Errorf("got %v, %s", s.Value, said)
	}
}

// Blocks of nulls decide as absent ones do. One that comes or goes is a change
// of the configuration all the same, which a pipeline takes as review.
func TestOutcome_Blocks(t *testing.T) {
	c := client(t)
	given := companyReadings(t)
	config := providertest.Nested("directory", given["directory"], "organization", given["organization"])
	without := c.Make(outcomeName, providertest.State{}, config)
	for _, block := range []string{"connector_settings", "what_if", "guardrails"} {
		t.Run(block, func(t *testing.T) {
			with := providertest.With(config, block, map[string]any{})
			made := c.Make(outcomeName, providertest.State{}, with)
			for _, computed := range []string{"decisions", "groups", "fingerprint", "settings", "accepted"} {
				if made.Text(computed) != without.Text(computed) {
					t.Errorf("%s: got %s, want %s", computed, made.Text(computed), without.Text(computed))
				}
			}
			if p := c.Plan(outcomeName, made, with); p.Said != "" || !p.Planned.Value.Equal(made.Value) {
				t.Errorf("an unchanged plan: got %v, %s", p.Planned.Value, p.Said)
			}
			for name, p := range map[string]*providertest.Change{
				"comes": c.Plan(outcomeName, without, with), "goes": c.Plan(outcomeName, made, config),
			} {
				if p.Said != "" || p.Planned.Text("severity") != "none" ||
					p.Planned.Text("fingerprint") != without.Text("fingerprint") {
					t.Errorf("it %s: severity %q, %s", name, p.Planned.Text("severity"), p.Said)
				}
			}
		})
	}
}
