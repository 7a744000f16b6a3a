package crosstenant

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"golang.org/x/sync/errgroup"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// NewPartnerList makes the list resource usersync_cross_tenant_partner.
func NewPartnerList() list.ListResource {
	const operation = "Listing cross-tenant partners"
	r := &partnerResource{}
	return &tfutil.List{Listable: r,
		Config: schema.Schema{
			MarkdownDescription: "The partners in the cross-tenant access policy. Needs Terraform 1.14, and the " +
				"application permission `Policy.Read.All`. With `CrossTenantInformation.ReadBasic.All`, too, " +
				"partners are shown by the names of their tenants; else by the ids.",
		},
		Find: func(ctx context.Context, _ tfsdk.Config, d *diag.Diagnostics) (out []tfutil.Listed) {
			c := r.Session.Client(ctx, operation, d, entra.NeedPartners)
			if c == nil {
				return nil
			}
			partners, err := c.Partners(ctx)
			if err != nil {
				d.Append(tfutil.Failure(operation, err))
				return nil
			}
			names := tenantNames(ctx, c, partners)
			for i, p := range partners {
				out = append(out, tfutil.Listed{
					ImportID: p.TenantID,
					Name:     names[i],
					Identity: map[string]*string{"tenant_id": &p.TenantID},
				})
			}
			return out
		}}
}

// tenantNames are what the tenants of partners are called. A name is for whoever reads
// the list: where Entra doesn't tell it, the id stands in its place.
func tenantNames(ctx context.Context, c *entra.Client, partners []entra.Partner) []string {
	names := make([]string, len(partners))
	var g errgroup.Group
	g.SetLimit(readsAtOnce)
	for i, p := range partners {
		g.Go(func() error {
			t, err := c.TenantByID(ctx, p.TenantID)
			if names[i] = text.Plain(t.DisplayName); err != nil || t.DisplayName == "" {
				names[i] = p.TenantID
			}
			return nil
		})
	}
	_ = g.Wait()
	return names
}
