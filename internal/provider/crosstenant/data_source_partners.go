package crosstenant

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/sync/errgroup"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

var _ datasource.DataSourceWithConfigure = (*partnersSource)(nil)

// partnersSource is usersync_cross_tenant_partners.
type partnersSource struct{ session.DataSource }

// NewPartners makes the data source usersync_cross_tenant_partners.
func NewPartners() datasource.DataSource { return &partnersSource{} }

// readsAtOnce is how many partners or domains are asked for side by side:
// there is no list of what partners may synchronize [graph 5].
const readsAtOnce = 4

type partnersModel struct {
	Domains  []types.String          `tfsdk:"domains"`
	Partners []partnerSeen           `tfsdk:"partners"`
	Tenants  map[string]*tenantModel `tfsdk:"tenants"`
}

type partnerSeen struct {
	TenantID                    types.String `tfsdk:"tenant_id"`
	Readable                    types.Bool   `tfsdk:"readable"`
	InboundUserSync             types.Bool   `tfsdk:"inbound_user_sync"`
	InboundGroupSync            types.Bool   `tfsdk:"inbound_group_sync"`
	DisplayName                 types.String `tfsdk:"display_name"`
	AutomaticRedemption         types.Object `tfsdk:"automatic_redemption"`
	IsServiceProvider           types.Bool   `tfsdk:"is_service_provider"`
	IsInMultiTenantOrganization types.Bool   `tfsdk:"is_in_multi_tenant_organization"`
	OtherSections               []string     `tfsdk:"other_sections"`
}

type tenantModel struct {
	TenantID          types.String `tfsdk:"tenant_id"`
	DisplayName       types.String `tfsdk:"display_name"`
	DefaultDomainName types.String `tfsdk:"default_domain_name"`
}

func (s *partnersSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_cross_tenant_partners"
}

func (s *partnersSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The partners in the cross-tenant access policy, and other tenants by their domains. It " +
			"is read live: a snapshot can't stand in its place. Needs the application permission `Policy.Read.All` " +
			"or `Policy.ReadWrite.CrossTenantAccess`, and for `domains` `CrossTenantInformation.ReadBasic.All`.",
		Attributes: map[string]schema.Attribute{
			"domains": schema.SetAttribute{
				ElementType:         types.StringType,
				Optional:            true,
				MarkdownDescription: "Domains whose tenants to look up.",
				Validators:          []validator.Set{setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))},
			},
			"partners": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "All partners, sorted by tenant id.",
				NestedObject: schema.NestedAttributeObject{
					Attributes: partnerAttributes(),
				},
			},
			"tenants": schema.MapNestedAttribute{
				Computed: true,
				MarkdownDescription: "Domain, as written in `domains`, to the tenant that has verified it; null, " +
					"with a warning, for a domain that no tenant has. Null without `domains`.",
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"tenant_id":           text("The tenant's id."),
						"display_name":        text("Its name."),
						"default_domain_name": text("Its default domain."),
					},
				},
			},
		},
	}
}

func partnerAttributes() map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	is := func(description string) schema.BoolAttribute {
		return schema.BoolAttribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"tenant_id": text("The partner's tenant id."),
		"readable": is("Whether what it may synchronize could be read. Where it couldn't, a warning says why, and " +
			"`inbound_user_sync`, `inbound_group_sync` and `display_name` are null because nobody knows. Where none " +
			"of several partners can be read, that is an error."),
		"inbound_user_sync": is("Whether it may synchronize users into this tenant; null where no policy says so."),
		"inbound_group_sync": is("Whether it may synchronize groups into this tenant; null where Graph doesn't say, " +
			"which is the rule: its version 1.0 isn't documented to."),
		"display_name": text("The name of that policy."),
		"automatic_redemption": schema.SingleNestedAttribute{
			Computed: true,
			MarkdownDescription: "Whether invitations are redeemed without the person being asked; null inherits the " +
				"tenant's default.",
			Attributes: map[string]schema.Attribute{
				"inbound":  is("Of the partner's users in this tenant."),
				"outbound": is("Of this tenant's users in the partner's."),
			},
		},
		"is_service_provider": is("Whether it is a cloud service provider for this tenant; null where that " +
			"isn't said."),
		"is_in_multi_tenant_organization": is("Whether it is in the same multi-tenant organization; null where that " +
			"isn't said."),
		"other_sections": schema.ListAttribute{
			ElementType: types.StringType,
			Computed:    true,
			MarkdownDescription: "The other sections that are set rather than inherited, by Graph's names, for " +
				"instance `b2bCollaborationInbound`.",
		},
	}
}

func (s *partnersSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	const operation = "Reading cross-tenant partners"
	d := &resp.Diagnostics
	var m partnersModel
	d.Append(req.Config.Get(ctx, &m)...)
	if d.HasError() {
		return
	}
	if s.Session != nil && s.Session.Offline() {
		d.Append(tfutil.Failure(operation, &tfutil.NotConfiguredError{
			Problem: "The provider reads a snapshot instead of the services, and partners are read live alone",
			Advice:  "Leave this data source out while planning offline, or set the snapshot's mode to \"record\"."}))
		return
	}
	c := s.Session.Client(ctx, operation, d, entra.NeedPartners)
	if c == nil {
		return
	}
	partners, err := partnersOf(ctx, c, d)
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
		return
	}
	m.Partners = partners
	if m.Domains != nil {
		m.Tenants = tenantsOf(ctx, c, m.Domains, d)
	}
	d.Append(resp.State.Set(ctx, &m)...)
}

// partnersOf reads all partners with what they may synchronize. One that can't be read
// doesn't hide the others.
func partnersOf(ctx context.Context, c *entra.Client, d *diag.Diagnostics) ([]partnerSeen, error) {
	list, err := c.Partners(ctx)
	if err != nil {
		return nil, err
	}
	out, failed := make([]partnerSeen, len(list)), make([]error, len(list))
	var g errgroup.Group
	g.SetLimit(readsAtOnce)
	for i, p := range list {
		g.Go(func() error {
			sync, err := c.PartnerSync(ctx, p.TenantID)
			if entra.NotFound(err) {
				sync, err = entra.PartnerSync{}, nil
			}
			out[i], failed[i] = seenPartner(p, sync, err == nil), err
			return nil
		})
	}
	_ = g.Wait()
	return out, unreadable(ctx, list, failed, d)
}

func seenPartner(p entra.Partner, sync entra.PartnerSync, readable bool) partnerSeen {
	return partnerSeen{
		TenantID:                    types.StringValue(p.TenantID),
		Readable:                    types.BoolValue(readable),
		InboundUserSync:             types.BoolPointerValue(sync.Allowed),
		InboundGroupSync:            types.BoolPointerValue(sync.GroupsAllowed),
		DisplayName:                 types.StringPointerValue(sync.DisplayName),
		AutomaticRedemption:         redemption(&p.Consent),
		OtherSections:               append([]string{}, p.Sections...),
		IsServiceProvider:           types.BoolPointerValue(p.ServiceProvider),
		IsInMultiTenantOrganization: types.BoolPointerValue(p.InMultiTenantOrganization),
	}
}

// unreadable is one warning that names the partners that couldn't be read. Where none of
// several could, where signing in failed, or where time is up, it is an error.
func unreadable(ctx context.Context, list []entra.Partner, failed []error, d *diag.Diagnostics) error {
	const shown = 5
	var first error
	var lines []string
	for i, err := range failed {
		var refused *entra.Error
		switch {
		case err == nil:
			continue
		case ctx.Err() != nil || !errors.As(err, &refused):
			return err
		case first == nil:
			first = err
		}
		lines = append(lines, fmt.Sprintf("  %s: %v", list[i].TenantID, err))
	}
	if len(lines) > 1 && len(lines) == len(list) {
		return first
	}
	if len(lines) == 0 {
		return nil
	}
	text, more := lines, ""
	if len(lines) > shown {
		text, more = lines[:shown], fmt.Sprintf("\n  and %d more", len(lines)-shown)
	}
	d.AddWarning("Some partners can't be read", fmt.Sprintf("What %d of %d partners may synchronize couldn't be read. "+
		"They have readable = false, and null where nothing is known:\n%s%s\n\nThe others are complete. Plan again "+
		"when the service answers for these.", len(lines), len(list), strings.Join(text, "\n"), more))
	return nil
}

// tenantsOf looks up tenants by domains; what no tenant has is a warning.
func tenantsOf(
	ctx context.Context, c *entra.Client, domains []types.String, d *diag.Diagnostics,
) map[string]*tenantModel {
	found := make([]*tenantModel, len(domains))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(readsAtOnce)
	for i, domain := range domains {
		g.Go(func() error {
			name := directory.ASCIIDomain(domain.ValueString())
			if name == "" {
				return fmt.Errorf("%q is no domain name", domain.ValueString())
			}
			t, err := c.TenantByDomain(ctx, name)
			if entra.NotFound(err) {
				return nil
			}
			found[i] = &tenantModel{
				types.StringValue(t.TenantID),
				types.StringValue(t.DisplayName),
				types.StringValue(t.DefaultDomainName),
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		var refused *entra.Error
		if errors.As(err, &refused) && refused.Status == http.StatusBadRequest {
			err = tfutil.WithAdvice(err, "Check how the domains are spelled.")
		}
		d.Append(tfutil.FailureAt(path.Root("domains"), "Looking up tenants by their domains", err))
		return nil
	}
	out := map[string]*tenantModel{}
	for i, domain := range domains {
		out[domain.ValueString()] = found[i]
		if found[i] == nil {
			d.AddAttributeWarning(
				path.Root("domains"),
				"No tenant has verified this domain",
				fmt.Sprintf("Entra knows no tenant, of this cloud, that has verified %q, so its entry in tenants is "+
					"null. The company may use another domain there, or no Entra at all.", domain.ValueString()),
			)
		}
	}
	return out
}
