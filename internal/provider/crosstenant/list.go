package crosstenant

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// NewPartnerList makes the list resource usersync_cross_tenant_partner.
func NewPartnerList() list.ListResource {
	const operation = "Listing cross-tenant partners"
	r := &partnerResource{}
	return &tfutil.List{Listable: r,
		Config: schema.Schema{
			MarkdownDescription: "The partners in the cross-tenant access policy. Needs Terraform 1.14, and the " +
				"application permission `Policy.Read.All`.",
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
			for _, p := range partners {
				out = append(out, tfutil.Listed{
					ImportID: p.TenantID,
					Name:     p.TenantID,
					Identity: map[string]*string{"tenant_id": &p.TenantID},
				})
			}
			return out
		}}
}
