package domain

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// NewEntraDomainList makes the list resource usersync_entra_domain.
func NewEntraDomainList() list.ListResource {
	r := &entraDomain{}
	return &tfutil.List{Listable: r,
		Config: schema.Schema{
			MarkdownDescription: "The domains of the tenant, but for its initial one (`onmicrosoft.com`), which came " +
				"with it. Needs Terraform 1.14, and the application permission `Domain.Read.All`.",
		},
		Find: func(ctx context.Context, _ tfsdk.Config, d *diag.Diagnostics) []tfutil.Listed {
			c := r.Session.Client(ctx, listOperation, d, entra.NeedDomains)
			if c == nil {
				return nil
			}
			return inEntra(ctx, c, func(x entra.Domain) bool { return !x.IsInitial }, d)
		}}
}

// NewEntraVerificationList makes the list resource
// usersync_entra_domain_verification.
func NewEntraVerificationList() list.ListResource {
	r := &entraVerification{}
	return &tfutil.List{Listable: r,
		Config: schema.Schema{
			MarkdownDescription: "The domains that the tenant has verified, but for its initial one. Needs Terraform " +
				"1.14, and the application permission `Domain.Read.All`.",
		},
		Find: func(ctx context.Context, _ tfsdk.Config, d *diag.Diagnostics) []tfutil.Listed {
			c := r.Session.Client(ctx, listOperation, d, entra.NeedDomains)
			if c == nil {
				return nil
			}
			return inEntra(ctx, c, func(x entra.Domain) bool { return x.IsVerified && !x.IsInitial }, d)
		}}
}

const listOperation = "Listing domains"

// inEntra are the tenant's domains that are wanted.
func inEntra(
	ctx context.Context, c *entra.Client, wanted func(entra.Domain) bool, d *diag.Diagnostics,
) (out []tfutil.Listed) {
	domains, err := c.Domains(ctx)
	if err != nil {
		d.Append(failure(listOperation, err))
		return nil
	}
	for _, x := range domains {
		if wanted(x) {
			out = append(
				out,
				tfutil.Listed{ImportID: x.Name, Name: x.Name, Identity: map[string]*string{"domain": &x.Name}},
			)
		}
	}
	return out
}

// NewOrganizationVerificationList makes the list resource
// usersync_atlassian_domain_verification.
func NewOrganizationVerificationList() list.ListResource {
	r := &orgVerification{}
	return &tfutil.List{Listable: r,
		Config: schema.Schema{
			MarkdownDescription: "The domains that an Atlassian organization lists, verified or not. Needs Terraform " +
				"1.14.",
			Attributes: map[string]schema.Attribute{
				"organization": schema.StringAttribute{
					Optional: true,
					MarkdownDescription: "The organization's key in the provider's `organizations`. Optional while " +
						"there is exactly one.",
				},
			},
		},
		Find: func(ctx context.Context, config tfsdk.Config, d *diag.Diagnostics) []tfutil.Listed {
			return r.list(ctx, config, d)
		}}
}

func (r *orgVerification) list(ctx context.Context, config tfsdk.Config, d *diag.Diagnostics) (out []tfutil.Listed) {
	var named types.String
	d.Append(config.GetAttribute(ctx, path.Root("organization"), &named)...)
	if d.HasError() {
		return nil
	}
	if r.Session == nil {
		d.Append(tfutil.NotConfigured(listOperation))
		return nil
	}
	key, err := r.Session.OrganizationKey(ctx, named.ValueString())
	if err != nil {
		d.Append(tfutil.FailureAt(path.Root("organization"), listOperation, err))
		return nil
	}
	o, _, err := r.Session.Organization(ctx, key, session.Parts{})
	if err != nil {
		d.Append(tfutil.Failure(listOperation, err))
		return nil
	}
	var names []string
	for _, c := range o.Domains {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) { // it may list one several times
		x := tfutil.Listed{
			ImportID: name,
			Name:     name,
			Identity: map[string]*string{"domain": &name, "organization": named.ValueStringPointer()},
		}
		if !named.IsNull() {
			x.ImportID = key + "/" + name
		}
		out = append(out, x)
	}
	return out
}
