// Package provider is what Terraform sees. Each noun has a package of its own
// below it.
package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/usersync/terraform-provider-usersync/internal/provider/crosstenant"
	"github.com/usersync/terraform-provider-usersync/internal/provider/decision"
	"github.com/usersync/terraform-provider-usersync/internal/provider/domain"
	"github.com/usersync/terraform-provider-usersync/internal/provider/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/outcome"
	"github.com/usersync/terraform-provider-usersync/internal/provider/provisioning"
	"github.com/usersync/terraform-provider-usersync/internal/provider/reading"
	"github.com/usersync/terraform-provider-usersync/internal/provider/reconciliation"
	"github.com/usersync/terraform-provider-usersync/internal/provider/report"
	"github.com/usersync/terraform-provider-usersync/internal/provider/usertype"
	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
)

// Address is the provider's address in the registry.
const Address = "registry.terraform.io/usersync/usersync"

var (
	_ provider.Provider                       = (*usersync)(nil)
	_ provider.ProviderWithActions            = (*usersync)(nil)
	_ provider.ProviderWithEphemeralResources = (*usersync)(nil)
	_ provider.ProviderWithFunctions          = (*usersync)(nil)
	_ provider.ProviderWithListResources      = (*usersync)(nil)
	_ provider.ProviderWithValidateConfig     = (*usersync)(nil)
)

type usersync struct {
	version string
	timing  Timing
	// secrets learns what must not show in a diagnostic or a log.
	secrets *sanitize.Secrets
}

// Timing is what a provider knows of time. Tests replace it, so that no pause
// takes any; what is nil is as people have it.
type Timing struct {
	// Now is the clock.
	Now func() time.Time
	// Retry is how long the clients wait before they send a request again for
	// the n-th time (from 1), where the service asks for some time or 0.
	Retry func(attempt int, asked time.Duration) time.Duration
	// Look is how long to wait before looking for the n-th time (from 1) whether
	// a write has arrived.
	Look func(attempt int) time.Duration
}

// New makes the provider.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return newProvider(version, Timing{}, sanitize.New()) }
}

func newProvider(version string, timing Timing, secrets *sanitize.Secrets) *usersync {
	return &usersync{version: version, timing: timing, secrets: secrets}
}

func (p *usersync) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "usersync"
	resp.Version = p.version
}

func (p *usersync) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		outcome.NewResource,
		provisioning.NewJob,
		mapping.NewResource,
		mapping.NewAttribute,
		provisioning.NewSecret,
		provisioning.NewSchedule,
		usertype.NewRecord,
		usertype.NewPolicy,
		crosstenant.NewPartner,
		domain.NewEntraDomain,
		domain.NewEntraVerification,
		domain.NewOrganizationVerification,
	}
}

func (p *usersync) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		reading.NewDirectory, reading.NewOrganization,
		decision.NewDecision, decision.NewDecisions, decision.NewConnectors, decision.NewDomains,
		reconciliation.NewDataSource, report.NewReport, provisioning.NewLog,
		mapping.NewPreview, mapping.NewSchema, crosstenant.NewPartners,
	}
}

func (p *usersync) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{reading.NewPinnedDirectory}
}

func (p *usersync) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		decision.NewExplain,
		decision.NewHomeDomain,
		mapping.NewEvaluate,
		mapping.NewInScope,
	}
}

func (p *usersync) Actions(context.Context) []func() action.Action {
	return []func() action.Action{provisioning.NewOnDemand, provisioning.NewRestartJob}
}

func (p *usersync) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		provisioning.NewJobList, provisioning.NewScheduleList, provisioning.NewSecretList,
		mapping.NewList, mapping.NewAttributeList, crosstenant.NewPartnerList,
		domain.NewEntraDomainList, domain.NewEntraVerificationList, domain.NewOrganizationVerificationList,
	}
}
