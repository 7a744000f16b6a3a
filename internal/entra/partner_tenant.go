package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
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
	doing := "looking up the tenant of " + domain
	if domain == "" {
		return TenantInformation{}, fmt.Errorf("%s: the domain is empty", doing)
	}
	if err := c.SignIn(ctx, NeedTenantInformation); err != nil {
		return TenantInformation{}, err
	}
	// A quote is doubled inside an OData literal.
	literal := url.PathEscape(strings.ReplaceAll(domain, "'", "''"))
	a, err := c.do(ctx, call{method: http.MethodGet, doing: doing, need: NeedTenantInformation,
		url: "/tenantRelationships/findTenantInformationByDomainName(domainName='" + literal + "')"})
	if err != nil {
		return TenantInformation{}, err
	}
	var t TenantInformation
	if err := json.Unmarshal(a.body, &t); err != nil {
		return TenantInformation{}, shapeError(doing, err)
	}
	if t.TenantID == "" {
		return TenantInformation{}, shapeError(doing, errors.New("a tenant without tenantId"))
	}
	t.TenantID = strings.ToLower(t.TenantID)
	return t, nil
}
