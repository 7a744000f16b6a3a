package entra

import (
	"context"
	"errors"
	"fmt"
	"strings"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/tenantrelationships"

	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// TenantInformation is what Entra tells of any tenant [graph 1.6].
type TenantInformation struct {
	TenantID          string
	DisplayName       string
	DefaultDomainName string
}

// TenantByDomain finds the tenant that has verified a domain; for a domain
// that none has, the error is NotFound.
func (c *Client) TenantByDomain(ctx context.Context, domain string) (TenantInformation, error) {
	operation := "looking up the tenant of " + domain
	if domain == "" {
		return TenantInformation{}, fmt.Errorf("%s: the domain is empty", operation)
	}
	if err := c.SignIn(ctx, NeedTenantInformation); err != nil {
		return TenantInformation{}, err
	}
	literal := escapeQuotes(domain) // the SDK doesn't
	info, err := tenantrelationships.NewTenantRelationshipsRequestBuilderInternal(c.graph.Builder()).
		FindTenantInformationByDomainNameWithDomainName(&literal).ToGetRequestInformation(ctx, nil)
	if err != nil {
		return TenantInformation{}, fmt.Errorf("%s: %w", operation, err)
	}
	return c.tenantInformation(ctx, operation, info)
}

// TenantByID finds a tenant by its id; for one that there isn't, the error is NotFound.
func (c *Client) TenantByID(ctx context.Context, id string) (TenantInformation, error) {
	operation := "looking up tenant " + id
	if err := c.SignIn(ctx, NeedTenantInformation); err != nil {
		return TenantInformation{}, err
	}
	literal := escapeQuotes(id)
	info, err := tenantrelationships.NewTenantRelationshipsRequestBuilderInternal(c.graph.Builder()).
		FindTenantInformationByTenantIdWithTenantId(&literal).ToGetRequestInformation(ctx, nil)
	if err != nil {
		return TenantInformation{}, fmt.Errorf("%s: %w", operation, err)
	}
	return c.tenantInformation(ctx, operation, info)
}

func (c *Client) tenantInformation(
	ctx context.Context, operation string, info *abstractions.RequestInformation,
) (TenantInformation, error) {
	r := graph.Request{Info: info, Operation: operation, Need: NeedTenantInformation}
	m, err := graph.Get[models.TenantInformationable](ctx, c.graph, r,
		models.CreateTenantInformationFromDiscriminatorValue)
	if err != nil {
		return TenantInformation{}, err
	}
	t := TenantInformation{
		TenantID:          strings.ToLower(deref(m.GetTenantId())),
		DisplayName:       deref(m.GetDisplayName()),
		DefaultDomainName: deref(m.GetDefaultDomainName()),
	}
	if t.TenantID == "" {
		return TenantInformation{}, graph.ShapeError(operation, errors.New("a tenant without tenantId"))
	}
	return t, nil
}
