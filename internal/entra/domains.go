package entra

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/microsoftgraph/msgraph-sdk-go/domains"
	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// Domain is a domain of the tenant [graph 4].
type Domain struct {
	// Name is the domain's id, as Graph spells it: lower case.
	Name       string
	IsVerified bool
	// IsRoot is false of a sub-domain that was verified with its root; what it
	// says of an unverified domain differs between tenants.
	IsRoot               bool
	IsDefault, IsInitial bool
	AuthenticationType   string
	// SupportedServices are those that the domain is used for, such as Email.
	SupportedServices []string
}

// DNSRecord is a record that proves who holds a domain (domainDnsRecord,
// [graph 4]).
type DNSRecord struct {
	// Label is the absolute name, without a trailing dot.
	Label string
	// Type is "TXT" or "MX", or Graph's recordType in capitals.
	Type string
	// Value is the TXT's text or the MX's mail exchange.
	Value string
	// TTL is in seconds.
	TTL int64
	// Preference is the MX's.
	Preference *int64
}

// Reference is an object of the tenant that uses a domain.
type Reference struct {
	// Type is the last part of @odata.type: "user", "group", "application".
	Type, ID string
	// Name is the principal name, mail or display name; "" where none is told.
	Name string
}

// domain signs in and gives the SDK's builder of requests to one domain.
func (c *Client) domain(
	ctx context.Context, need graph.Need, operation, name string,
) (*domains.DomainItemRequestBuilder, error) {
	if !isPathSegment(name) {
		return nil, fmt.Errorf("%s: %q is no domain", operation, name)
	}
	if err := c.SignIn(ctx, need); err != nil {
		return nil, err
	}
	return domains.NewDomainsRequestBuilderInternal(c.graph.Builder()).ByDomainId(name), nil
}

// Domain reads one domain; one that isn't there is NotFound.
func (c *Client) Domain(ctx context.Context, name string) (Domain, error) {
	operation := "reading the domain " + name
	domain, err := c.domain(ctx, NeedDomains, operation, name)
	if err != nil {
		return Domain{}, err
	}
	info, err := domain.ToGetRequestInformation(ctx, nil)
	if err != nil {
		return Domain{}, fmt.Errorf("%s: %w", operation, err)
	}
	return c.oneDomain(ctx, graph.Request{Info: info, Operation: operation, Need: NeedDomains})
}

// Domains are all domains of the tenant, by name.
func (c *Client) Domains(ctx context.Context) ([]Domain, error) {
	const operation = "reading domains"
	if err := c.SignIn(ctx, NeedDomains); err != nil {
		return nil, err
	}
	info, err := domains.NewDomainsRequestBuilderInternal(c.graph.Builder()).ToGetRequestInformation(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	var out []Domain
	r := graph.Request{Info: info, Operation: operation, Need: NeedDomains}
	err = c.eachObject(ctx, r, func(raw []byte) error {
		d, err := decodeDomain(raw)
		out = append(out, d)
		return err
	})
	slices.SortFunc(out, func(a, b Domain) int { return strings.Compare(a.Name, b.Name) })
	return out, err
}

// Subdomains are the names of the tenant's domains below one.
func (c *Client) Subdomains(ctx context.Context, name string) ([]string, error) {
	all, err := c.Domains(ctx)
	var out []string
	for _, d := range all {
		if strings.HasSuffix(d.Name, "."+strings.ToLower(name)) {
			out = append(out, d.Name)
		}
	}
	return out, err
}

// CreateDomain adds a domain. The request isn't repeated: after an error that
// leaves open whether it arrived, Domain tells.
func (c *Client) CreateDomain(ctx context.Context, name string) (Domain, error) {
	operation := "adding the domain " + name
	if err := c.SignIn(ctx, NeedDomainsWrite); err != nil {
		return Domain{}, err
	}
	body, err := json.Marshal(map[string]string{"id": name})
	if err != nil {
		return Domain{}, fmt.Errorf("%s: %w", operation, err)
	}
	return c.oneDomain(ctx, graph.Request{
		Method: http.MethodPost, URL: "/domains", Body: body, Operation: operation, Need: NeedDomainsWrite,
	})
}

// DeleteDomain deletes a domain; one that is gone already is no error. One
// that is still used is a 400 [graph 4]: DomainReferences tells by what.
func (c *Client) DeleteDomain(ctx context.Context, name string) error {
	operation := "deleting the domain " + name
	domain, err := c.domain(ctx, NeedDomainsWrite, operation, name)
	if err != nil {
		return err
	}
	info, err := domain.ToDeleteRequestInformation(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return c.delete(ctx, graph.Request{Info: info, Operation: operation, Need: NeedDomainsWrite})
}

// VerifyDomain asks Entra to look for the proof now. A proof that isn't found,
// a domain that is verified already, and one that another tenant holds are all
// a 400 [graph 4]: Domain and TenantByDomain tell them apart.
func (c *Client) VerifyDomain(ctx context.Context, name string) (Domain, error) {
	operation := "verifying the domain " + name
	domain, err := c.domain(ctx, NeedDomainsWrite, operation, name)
	if err != nil {
		return Domain{}, err
	}
	info, err := domain.Verify().ToPostRequestInformation(ctx, nil)
	if err != nil {
		return Domain{}, fmt.Errorf("%s: %w", operation, err)
	}
	// Looking twice does no harm.
	return c.oneDomain(ctx, graph.Request{
		Info: info, Operation: operation, Need: NeedDomainsWrite, Idempotent: true,
	})
}

// VerificationRecords reads the records of which one proves who holds a
// domain, TXT first. They stay the same for a domain of a tenant.
func (c *Client) VerificationRecords(ctx context.Context, name string) ([]DNSRecord, error) {
	operation := "reading the verification records of " + name
	domain, err := c.domain(ctx, NeedDomains, operation, name)
	if err != nil {
		return nil, err
	}
	info, err := domain.VerificationDnsRecords().ToGetRequestInformation(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	var text, others []DNSRecord
	r := graph.Request{Info: info, Operation: operation, Need: NeedDomains}
	err = eachModel(ctx, c, r, models.CreateDomainDnsRecordFromDiscriminatorValue,
		func(m models.DomainDnsRecordable) error {
			record, ok := dnsRecordOf(m)
			switch {
			case !ok:
			case record.Type == "TXT":
				text = append(text, record)
			default:
				others = append(others, record)
			}
			return nil
		})
	return append(text, others...), err
}

// dnsRecordOf reads a record; ok is false for one that says nothing that could be
// published (domainDnsUnavailableRecord).
func dnsRecordOf(m models.DomainDnsRecordable) (r DNSRecord, ok bool) {
	r = DNSRecord{
		Label: strings.TrimSuffix(deref(m.GetLabel()), "."),
		Type:  strings.ToUpper(deref(m.GetRecordType())),
		TTL:   int64(deref(m.GetTtl())),
	}
	switch m := m.(type) {
	case models.DomainDnsTxtRecordable:
		r.Value = deref(m.GetText())
	case models.DomainDnsMxRecordable:
		r.Value = deref(m.GetMailExchange())
		if p := m.GetPreference(); p != nil {
			preference := int64(*p)
			r.Preference = &preference
		}
	default: // a record without @odata.type
		r.Value = cmp.Or(further(m, "text"), further(m, "mailExchange"))
	}
	return r, r.Value != "" && r.Label != ""
}

// DomainReferences are the objects that use a domain, and so block its
// deletion.
func (c *Client) DomainReferences(ctx context.Context, name string) ([]Reference, error) {
	operation := "reading what uses the domain " + name
	domain, err := c.domain(ctx, NeedDomains, operation, name)
	if err != nil {
		return nil, err
	}
	info, err := domain.DomainNameReferences().ToGetRequestInformation(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	var out []Reference
	r := graph.Request{Info: info, Operation: operation, Need: NeedDomains}
	err = c.eachObject(ctx, r, func(raw []byte) error {
		var in struct {
			Type              string `json:"@odata.type"`
			ID                string `json:"id"`
			UserPrincipalName string `json:"userPrincipalName"`
			Mail              string `json:"mail"`
			DisplayName       string `json:"displayName"`
		}
		if err := json.Unmarshal(raw, &in); err != nil {
			return err
		}
		out = append(out, Reference{
			Type: in.Type[strings.LastIndexByte(in.Type, '.')+1:],
			ID:   in.ID,
			Name: cmp.Or(in.UserPrincipalName, in.DisplayName, in.Mail),
		})
		return nil
	})
	return out, err
}

// oneDomain sends a request that is answered with a domain.
func (c *Client) oneDomain(ctx context.Context, r graph.Request) (Domain, error) {
	a, err := c.graph.Do(ctx, r)
	if err != nil {
		return Domain{}, err
	}
	d, err := decodeDomain(a.Body)
	if err != nil {
		return Domain{}, graph.ShapeError(r.Operation, err)
	}
	return d, nil
}

// decodeDomain reads a domain. The SDK's model of it isn't used, here or to make
// one: it knows what refers to a domain, and with that every object that Graph has,
// which makes the provider 21 MB larger [CONTRIBUTING: What is hand-written, and why].
func decodeDomain(raw []byte) (Domain, error) {
	var in struct {
		ID                 string   `json:"id"`
		IsVerified         bool     `json:"isVerified"`
		IsRoot             bool     `json:"isRoot"`
		IsDefault          bool     `json:"isDefault"`
		IsInitial          bool     `json:"isInitial"`
		AuthenticationType string   `json:"authenticationType"`
		SupportedServices  []string `json:"supportedServices"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return Domain{}, err
	}
	if in.ID == "" {
		return Domain{}, errors.New("a domain without id")
	}
	return Domain{
		Name:               strings.ToLower(in.ID),
		IsVerified:         in.IsVerified,
		IsRoot:             in.IsRoot,
		IsDefault:          in.IsDefault,
		IsInitial:          in.IsInitial,
		AuthenticationType: in.AuthenticationType,
		SupportedServices:  in.SupportedServices,
	}, nil
}
