package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

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

// domainCall signs in and prepares a request to one domain; path is what
// follows, unescaped.
func (c *Client) domainCall(ctx context.Context, need graph.Need, method, operation, name string, path ...string) (graph.Request, error) {
	at := "/domains"
	for _, segment := range append([]string{name}, path...) {
		// An empty name would turn a request for one domain into one for all.
		if segment == "" || segment == "." || segment == ".." {
			return graph.Request{}, fmt.Errorf("%s: %q is no domain", operation, segment)
		}
		at += "/" + url.PathEscape(segment)
	}
	if err := c.SignIn(ctx, need); err != nil {
		return graph.Request{}, err
	}
	return graph.Request{Method: method, URL: at, Operation: operation, Need: need}, nil
}

// Domain reads one domain; one that isn't there is NotFound.
func (c *Client) Domain(ctx context.Context, name string) (Domain, error) {
	r, err := c.domainCall(ctx, NeedDomains, http.MethodGet, "reading the domain "+name, name)
	if err != nil {
		return Domain{}, err
	}
	return c.oneDomain(ctx, r)
}

// Domains are all domains of the tenant, by name.
func (c *Client) Domains(ctx context.Context) ([]Domain, error) {
	if err := c.SignIn(ctx, NeedDomains); err != nil {
		return nil, err
	}
	var out []Domain
	err := c.eachObject(ctx, graph.Request{Method: http.MethodGet, URL: "/domains", Operation: "reading domains", Need: NeedDomains}, func(raw []byte) error {
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
	return c.oneDomain(ctx, graph.Request{Method: http.MethodPost, URL: "/domains", Body: body, Operation: operation, Need: NeedDomainsWrite})
}

// DeleteDomain deletes a domain; one that is gone already is no error. One
// that is still used is a 400 [graph 4]: DomainReferences tells by what.
func (c *Client) DeleteDomain(ctx context.Context, name string) error {
	r, err := c.domainCall(ctx, NeedDomainsWrite, http.MethodDelete, "deleting the domain "+name, name)
	if err != nil {
		return err
	}
	if _, err = c.graph.Do(ctx, r); graph.NotFound(err) {
		return nil
	}
	return err
}

// VerifyDomain asks Entra to look for the proof now. A proof that isn't found,
// a domain that is verified already, and one that another tenant holds are all
// a 400 [graph 4]: Domain and TenantByDomain tell them apart.
func (c *Client) VerifyDomain(ctx context.Context, name string) (Domain, error) {
	r, err := c.domainCall(ctx, NeedDomainsWrite, http.MethodPost, "verifying the domain "+name, name, "verify")
	if err != nil {
		return Domain{}, err
	}
	// Looking twice does no harm.
	r.Idempotent = true
	return c.oneDomain(ctx, r)
}

// VerificationRecords reads the records of which one proves who holds a
// domain, TXT first. They stay the same for a domain of a tenant.
func (c *Client) VerificationRecords(ctx context.Context, name string) ([]DNSRecord, error) {
	r, err := c.domainCall(ctx, NeedDomains, http.MethodGet, "reading the verification records of "+name, name, "verificationDnsRecords")
	if err != nil {
		return nil, err
	}
	var text, others []DNSRecord
	err = c.eachObject(ctx, r, func(raw []byte) error {
		record, ok, err := decodeDNSRecord(raw)
		switch {
		case err != nil || !ok:
			return err
		case record.Type == "TXT":
			text = append(text, record)
		default:
			others = append(others, record)
		}
		return nil
	})
	return append(text, others...), err
}

// decodeDNSRecord reads a record; ok is false for one that says nothing that
// could be published (domainDnsUnavailableRecord).
func decodeDNSRecord(raw []byte) (r DNSRecord, ok bool, err error) {
	var in struct {
		Label        string `json:"label"`
		RecordType   string `json:"recordType"`
		TTL          int64  `json:"ttl"`
		Text         string `json:"text"`
		MailExchange string `json:"mailExchange"`
		Preference   *int64 `json:"preference"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return DNSRecord{}, false, err
	}
	r = DNSRecord{Label: strings.TrimSuffix(in.Label, "."), Type: strings.ToUpper(in.RecordType), TTL: in.TTL, Preference: in.Preference}
	switch r.Type {
	case "TXT":
		r.Value = in.Text
	case "MX":
		r.Value = in.MailExchange
	}
	return r, r.Value != "" && r.Label != "", nil
}

// DomainReferences are the objects that use a domain, and so block its
// deletion.
func (c *Client) DomainReferences(ctx context.Context, name string) ([]Reference, error) {
	r, err := c.domainCall(ctx, NeedDomains, http.MethodGet, "reading what uses the domain "+name, name, "domainNameReferences")
	if err != nil {
		return nil, err
	}
	var out []Reference
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
		ref := Reference{Type: in.Type[strings.LastIndexByte(in.Type, '.')+1:], ID: in.ID, Name: in.UserPrincipalName}
		if ref.Name == "" {
			ref.Name = in.DisplayName
		}
		if ref.Name == "" {
			ref.Name = in.Mail
		}
		out = append(out, ref)
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
	return Domain{Name: strings.ToLower(in.ID), IsVerified: in.IsVerified, IsRoot: in.IsRoot, IsDefault: in.IsDefault, IsInitial: in.IsInitial,
		AuthenticationType: in.AuthenticationType, SupportedServices: in.SupportedServices}, nil
}
