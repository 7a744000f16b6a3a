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

// Consent is automatic redemption (automaticUserConsentSettings,
// [graph 5]); nil inherits the tenant's default.
type Consent struct {
	Inbound  *bool `json:"inboundAllowed"`
	Outbound *bool `json:"outboundAllowed"`
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

// PartnerSync is what a partner may synchronize into this tenant
// (identitySynchronization, [graph 5]).
type PartnerSync struct {
	// DisplayName is the policy's own name; nil where it has none.
	DisplayName *string
	// Allowed is userSyncInbound.isSyncAllowed; nil where it isn't said.
	Allowed *bool
}

// MarshalJSON leaves out what is nil: a PATCH changes what it names.
func (s PartnerSync) MarshalJSON() ([]byte, error) {
	body := map[string]any{}
	if s.DisplayName != nil {
		body["displayName"] = s.DisplayName
	}
	if s.Allowed != nil {
		body["userSyncInbound"] = map[string]any{"isSyncAllowed": s.Allowed}
	}
	return json.Marshal(body)
}

// partnerCall signs in and prepares a request below the partners; path is what
// follows, unescaped.
func (c *Client) partnerCall(ctx context.Context, need graph.Need, method, operation string, path ...string) (graph.Request, error) {
	at := "/policies/crossTenantAccessPolicy/partners"
	for _, segment := range path {
		// An empty id would turn a request for one partner into one for all.
		if segment == "" || segment == "." || segment == ".." {
			return graph.Request{}, fmt.Errorf("%s: %q is no tenant id", operation, segment)
		}
		at += "/" + url.PathEscape(segment)
	}
	if err := c.SignIn(ctx, need); err != nil {
		return graph.Request{}, err
	}
	return graph.Request{Method: method, URL: at, Operation: operation, Need: need}, nil
}

// Partners reads all partners, sorted by tenant id, without what they may
// synchronize: that is read one by one (PartnerSync).
func (c *Client) Partners(ctx context.Context) ([]Partner, error) {
	r, err := c.partnerCall(ctx, NeedPartners, http.MethodGet, "reading cross-tenant partners")
	if err != nil {
		return nil, err
	}
	var out []Partner
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
	r, err := c.partnerCall(ctx, NeedPartners, http.MethodGet, "reading cross-tenant partner "+tenantID, tenantID)
	if err != nil {
		return Partner{}, err
	}
	return c.onePartner(ctx, r)
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
	r, err := c.partnerCall(ctx, NeedPartners, http.MethodGet, "reading all sections of cross-tenant partner "+tenantID, tenantID)
	if err != nil {
		return Partner{}, err
	}
	r.URL += "?" + encode(url.Values{"$select": {strings.Join(append([]string{"tenantId"}, sectionsOnRequest...), ",")}})
	more, err := c.onePartner(ctx, r)
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
	r, err := c.partnerCall(ctx, NeedPartnersWrite, http.MethodPost, "creating cross-tenant partner "+tenantID)
	if err != nil {
		return Partner{}, err
	}
	if r.Body, err = json.Marshal(map[string]string{"tenantId": tenantID}); err != nil {
		return Partner{}, fmt.Errorf("%s: %w", r.Operation, err)
	}
	return c.onePartner(ctx, r)
}

// PatchPartner sets automatic redemption, both ways at once: whether the
// service keeps a way that a PATCH doesn't name isn't documented. No other
// section is touched. It says what shall be, and so may be repeated.
func (c *Client) PatchPartner(ctx context.Context, tenantID string, consent Consent) error {
	r, err := c.partnerCall(ctx, NeedPartnersWrite, http.MethodPatch, "changing automatic redemption of cross-tenant partner "+tenantID, tenantID)
	if err != nil {
		return err
	}
	if r.Body, err = json.Marshal(map[string]any{"automaticUserConsentSettings": consent}); err != nil {
		return fmt.Errorf("%s: %w", r.Operation, err)
	}
	r.Idempotent = true
	_, err = c.graph.Do(ctx, r)
	return err
}

// DeletePartner deletes a partner with all its sections; one that is gone
// already is no error. Its synchronization is to be deleted before
// (learn.microsoft.com/graph/api/crosstenantaccesspolicyconfigurationpartner-delete).
func (c *Client) DeletePartner(ctx context.Context, tenantID string) error {
	r, err := c.partnerCall(ctx, NeedPartnersWrite, http.MethodDelete, "deleting cross-tenant partner "+tenantID, tenantID)
	if err != nil {
		return err
	}
	if _, err = c.graph.Do(ctx, r); graph.NotFound(err) {
		return nil
	}
	return err
}

const partnerSyncPath = "identitySynchronization"

// PartnerSync reads what a partner may synchronize into this tenant; without
// such a policy, or without the partner, the error is NotFound.
func (c *Client) PartnerSync(ctx context.Context, tenantID string) (PartnerSync, error) {
	r, err := c.partnerCall(ctx, NeedPartners, http.MethodGet, "reading the user synchronization of cross-tenant partner "+tenantID, tenantID, partnerSyncPath)
	if err != nil {
		return PartnerSync{}, err
	}
	a, err := c.graph.Do(ctx, r)
	if err != nil {
		return PartnerSync{}, err
	}
	var body struct {
		DisplayName *string `json:"displayName"`
		Inbound     *struct {
			Allowed *bool `json:"isSyncAllowed"`
		} `json:"userSyncInbound"`
	}
	if err := json.Unmarshal(a.Body, &body); err != nil {
		return PartnerSync{}, graph.ShapeError(r.Operation, err)
	}
	s := PartnerSync{DisplayName: body.DisplayName}
	if body.Inbound != nil {
		s.Allowed = body.Inbound.Allowed
	}
	return s, nil
}

// PutPartnerSync makes the policy; where there is one, the error is Conflict
// [graph 5], which a repeated request may meet too: PatchPartnerSync
// then changes it.
func (c *Client) PutPartnerSync(ctx context.Context, tenantID string, sync PartnerSync) error {
	return c.writePartnerSync(ctx, http.MethodPut, "creating", tenantID, sync)
}

// PatchPartnerSync changes what isn't nil of the policy. It says what shall
// be, and so may be repeated.
func (c *Client) PatchPartnerSync(ctx context.Context, tenantID string, sync PartnerSync) error {
	return c.writePartnerSync(ctx, http.MethodPatch, "changing", tenantID, sync)
}

func (c *Client) writePartnerSync(ctx context.Context, method, operation, tenantID string, sync PartnerSync) error {
	r, err := c.partnerCall(ctx, NeedPartnersWrite, method, operation+" the user synchronization of cross-tenant partner "+tenantID, tenantID, partnerSyncPath)
	if err != nil {
		return err
	}
	if r.Body, err = json.Marshal(sync); err != nil {
		return fmt.Errorf("%s: %w", r.Operation, err)
	}
	r.Idempotent = true
	_, err = c.graph.Do(ctx, r)
	return err
}

// DeletePartnerSync deletes the policy; one that is gone already is no error.
func (c *Client) DeletePartnerSync(ctx context.Context, tenantID string) error {
	r, err := c.partnerCall(ctx, NeedPartnersWrite, http.MethodDelete, "deleting the user synchronization of cross-tenant partner "+tenantID, tenantID, partnerSyncPath)
	if err != nil {
		return err
	}
	if _, err = c.graph.Do(ctx, r); graph.NotFound(err) {
		return nil
	}
	return err
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

// decodePartner reads a partner. A section counts as set by what it holds, not
// by its name: the type grows [graph 5].
func decodePartner(raw []byte) (Partner, error) {
	var known struct {
		TenantID                  string  `json:"tenantId"`
		Consent                   Consent `json:"automaticUserConsentSettings"`
		ServiceProvider           *bool   `json:"isServiceProvider"`
		InMultiTenantOrganization *bool   `json:"isInMultiTenantOrganization"`
	}
	var all map[string]any
	if err := errors.Join(json.Unmarshal(raw, &known), json.Unmarshal(raw, &all)); err != nil {
		return Partner{}, err
	}
	if known.TenantID == "" {
		return Partner{}, errors.New("a partner without tenantId")
	}
	p := Partner{TenantID: strings.ToLower(known.TenantID), Consent: known.Consent, ServiceProvider: known.ServiceProvider, InMultiTenantOrganization: known.InMultiTenantOrganization}
	for name, value := range all {
		if name != "tenantId" && name != "id" && name != "automaticUserConsentSettings" && !strings.Contains(name, "@") && isConfigured(value) {
			p.Sections = append(p.Sections, name)
		}
	}
	slices.Sort(p.Sections)
	return p, nil
}

// isConfigured reports whether a section says anything: null inherits, and so does an
// object of nulls; a flag of the partner itself (isServiceProvider) is false
// by default.
func isConfigured(value any) bool {
	switch v := value.(type) {
	case nil:
		return false
	case bool:
		return v
	case map[string]any:
		for name, inner := range v {
			// false inside a section is a choice, unlike null.
			if _, flag := inner.(bool); !strings.Contains(name, "@") && (flag || isConfigured(inner)) {
				return true
			}
		}
		return false
	case []any:
		return len(v) > 0
	}
	return true
}
