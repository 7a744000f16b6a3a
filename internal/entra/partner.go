package entra

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/policies"

	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// Consent is automatic redemption (automaticUserConsentSettings,
// [graph 5]); nil inherits the tenant's default.
type Consent struct {
	Inbound  *bool `json:"inboundAllowed"`
	Outbound *bool `json:"outboundAllowed"`
}

// model says both ways: the SDK's writer leaves out what is nil, so that null, which
// inherits, goes among the further properties.
func (c Consent) model() models.InboundOutboundPolicyConfigurationable {
	m := models.NewInboundOutboundPolicyConfiguration()
	m.SetInboundAllowed(c.Inbound)
	m.SetOutboundAllowed(c.Outbound)
	inherited := map[string]any{}
	if c.Inbound == nil {
		inherited["inboundAllowed"] = nil
	}
	if c.Outbound == nil {
		inherited["outboundAllowed"] = nil
	}
	m.SetAdditionalData(inherited)
	return m
}

// Partner is the configuration for one other tenant [graph 5].
type Partner struct {
	TenantID                  string
	Consent                   Consent
	ServiceProvider           *bool
	InMultiTenantOrganization *bool
	// Sections are the other sections that are set rather than inherited, by
	// Graph's names, sorted: what others configured, whatever its name.
	Sections []string
}

// The SDK's builders of requests to the partners, and to one of them.
type (
	partnersBuilder = policies.CrossTenantAccessPolicyPartnersRequestBuilder
	partnerBuilder  = policies.CrossTenantAccessPolicyPartnersCrossTenantAccessPolicyConfigurationPartnerTenantItemRequestBuilder //nolint:lll // the SDK's own name
)

// partners signs in and gives the builder of requests to the partners.
func (c *Client) partners(ctx context.Context, need graph.Need) (*partnersBuilder, error) {
	if err := c.SignIn(ctx, need); err != nil {
		return nil, err
	}
	return policies.NewCrossTenantAccessPolicyRequestBuilderInternal(c.graph.Builder()).Partners(), nil
}

// partner signs in and gives the builder of requests to one partner.
func (c *Client) partner(ctx context.Context, need graph.Need, operation, tenantID string) (*partnerBuilder, error) {
	if !isPathSegment(tenantID) {
		return nil, fmt.Errorf("%s: %q is no tenant id", operation, tenantID)
	}
	all, err := c.partners(ctx, need)
	if err != nil {
		return nil, err
	}
	return all.ByCrossTenantAccessPolicyConfigurationPartnerTenantId(tenantID), nil
}

// Partners reads all partners, sorted by tenant id, without what they may
// synchronize: that is read one by one (PartnerSync).
func (c *Client) Partners(ctx context.Context) ([]Partner, error) {
	const operation = "reading cross-tenant partners"
	all, err := c.partners(ctx, NeedPartners)
	if err != nil {
		return nil, err
	}
	info, err := all.ToGetRequestInformation(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	var out []Partner
	r := graph.Request{Info: info, Operation: operation, Need: NeedPartners}
	err = c.eachObject(ctx, r, func(raw []byte) error {
		p, err := decodePartner(raw)
		out = append(out, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b Partner) int { return strings.Compare(a.TenantID, b.TenantID) })
	return out, nil
}

// Partner reads one partner.
func (c *Client) Partner(ctx context.Context, tenantID string) (Partner, error) {
	return c.readPartner(ctx, "reading cross-tenant partner "+tenantID, tenantID)
}

// readPartner reads some properties of a partner, those that a plain GET shows
// where none are named.
func (c *Client) readPartner(ctx context.Context, operation, tenantID string, properties ...string) (Partner, error) {
	one, err := c.partner(ctx, NeedPartners, operation, tenantID)
	if err != nil {
		return Partner{}, err
	}
	info, err := one.ToGetRequestInformation(ctx, nil)
	if err != nil {
		return Partner{}, fmt.Errorf("%s: %w", operation, err)
	}
	if len(properties) > 0 {
		info.QueryParameters["%24select"] = strings.Join(properties, ",")
	}
	return c.onePartner(ctx, graph.Request{Info: info, Operation: operation, Need: NeedPartners})
}

// sectionsOnRequest are sections of the type that no example of the plain GET
// shows (the metadata subset has them, [graph 5] calls them newer).
var sectionsOnRequest = []string{"appServiceConnectInbound", "m365CollaborationInbound", "m365CollaborationOutbound"}

// WholePartner is Partner, with the sections that the service may show on
// request alone: for whoever has to know whether anything is set. A cloud that
// doesn't have them yet has none set.
func (c *Client) WholePartner(ctx context.Context, tenantID string) (Partner, error) {
	p, err := c.Partner(ctx, tenantID)
	if err != nil {
		return Partner{}, err
	}
	more, err := c.readPartner(ctx, "reading all sections of cross-tenant partner "+tenantID, tenantID,
		append([]string{"tenantId"}, sectionsOnRequest...)...)
	var refused *graph.Error
	if errors.As(err, &refused) && refused.Status == http.StatusBadRequest {
		return p, nil
	}
	if err != nil {
		return Partner{}, err
	}
	p.Sections = append(p.Sections, more.Sections...)
	slices.Sort(p.Sections)
	p.Sections = slices.Compact(p.Sections)
	return p, nil
}

// CreatePartner makes a partner that inherits everything. The request isn't
// repeated: after an error that leaves open whether it arrived, Partner tells.
func (c *Client) CreatePartner(ctx context.Context, tenantID string) (Partner, error) {
	operation := "creating cross-tenant partner " + tenantID
	all, err := c.partners(ctx, NeedPartnersWrite)
	if err != nil {
		return Partner{}, err
	}
	body := models.NewCrossTenantAccessPolicyConfigurationPartner()
	body.SetTenantId(&tenantID)
	info, err := all.ToPostRequestInformation(ctx, body, nil)
	if err != nil {
		return Partner{}, fmt.Errorf("%s: %w", operation, err)
	}
	return c.onePartner(ctx, graph.Request{Info: info, Operation: operation, Need: NeedPartnersWrite})
}

// PatchPartner sets automatic redemption, both ways at once: whether the
// service keeps a way that a PATCH doesn't name isn't documented. No other
// section is touched. It says what shall be, and so may be repeated.
func (c *Client) PatchPartner(ctx context.Context, tenantID string, consent Consent) error {
	operation := "changing automatic redemption of cross-tenant partner " + tenantID
	one, err := c.partner(ctx, NeedPartnersWrite, operation, tenantID)
	if err != nil {
		return err
	}
	body := models.NewCrossTenantAccessPolicyConfigurationPartner()
	body.SetAutomaticUserConsentSettings(consent.model())
	info, err := one.ToPatchRequestInformation(ctx, body, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	_, err = c.graph.Do(ctx, graph.Request{
		Info: info, Operation: operation, Need: NeedPartnersWrite, Idempotent: true,
	})
	return err
}

// DeletePartner deletes a partner with all its sections; one that is gone
// already is no error. Its synchronization is to be deleted before
// (learn.microsoft.com/graph/api/crosstenantaccesspolicyconfigurationpartner-delete).
func (c *Client) DeletePartner(ctx context.Context, tenantID string) error {
	operation := "deleting cross-tenant partner " + tenantID
	one, err := c.partner(ctx, NeedPartnersWrite, operation, tenantID)
	if err != nil {
		return err
	}
	info, err := one.ToDeleteRequestInformation(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return c.delete(ctx, graph.Request{Info: info, Operation: operation, Need: NeedPartnersWrite})
}

// onePartner sends a request that is answered with a partner.
func (c *Client) onePartner(ctx context.Context, r graph.Request) (Partner, error) {
	a, err := c.graph.Do(ctx, r)
	if err != nil {
		return Partner{}, err
	}
	p, err := decodePartner(a.Body)
	if err != nil {
		return Partner{}, graph.ShapeError(r.Operation, err)
	}
	return p, nil
}
