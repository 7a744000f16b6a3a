package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// TenantInformation is what Entra tells of any tenant [graph 1.6].
type TenantInformation struct {
	TenantID          string `json:"tenantId"`
	DisplayName       string `json:"displayName"`
	DefaultDomainName string `json:"defaultDomainName"`
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
	// A quote is doubled inside an OData literal.
	literal := url.PathEscape(strings.ReplaceAll(domain, "'", "''"))
	a, err := c.graph.Do(ctx, graph.Request{Method: http.MethodGet, Operation: operation, Need: NeedTenantInformation,
		URL: "/tenantRelationships/findTenantInformationByDomainName(domainName='" + literal + "')"})
	if err != nil {
		return TenantInformation{}, err
	}
	var t TenantInformation
	if err := json.Unmarshal(a.Body, &t); err != nil {
		return TenantInformation{}, graph.ShapeError(operation, err)
	}
	if t.TenantID == "" {
		return TenantInformation{}, graph.ShapeError(operation, errors.New("a tenant without tenantId"))
	}
	t.TenantID = strings.ToLower(t.TenantID)
	return t, nil
}
