package entra

import (
	"context"
	"encoding/json"
	"fmt"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// PartnerSync is what a partner may synchronize into this tenant
// (identitySynchronization, [graph 5]).
type PartnerSync struct {
	// DisplayName is the policy's own name; nil where it has none.
	DisplayName *string
	// Allowed is userSyncInbound.isSyncAllowed; nil where it isn't said.
	Allowed *bool
	// GroupsAllowed is groupSyncInbound.isSyncAllowed; nil where the service doesn't
	// say, as version 1.0 is documented. It is read alone, never written [graph 5].
	GroupsAllowed *bool
}

// MarshalJSON is what a write of it sends.
func (s PartnerSync) MarshalJSON() ([]byte, error) { return graph.EncodeModel(s.model()) }

// model leaves out what is nil: a PATCH changes what it names.
func (s PartnerSync) model() models.CrossTenantIdentitySyncPolicyPartnerable {
	body := models.NewCrossTenantIdentitySyncPolicyPartner()
	body.SetDisplayName(s.DisplayName)
	if s.Allowed != nil {
		inbound := models.NewCrossTenantUserSyncInbound()
		inbound.SetIsSyncAllowed(s.Allowed)
		body.SetUserSyncInbound(inbound)
	}
	return body
}

// PartnerSync reads what a partner may synchronize into this tenant; without
// such a policy, or without the partner, the error is NotFound.
func (c *Client) PartnerSync(ctx context.Context, tenantID string) (PartnerSync, error) {
	operation := "reading the user synchronization of cross-tenant partner " + tenantID
	one, err := c.partner(ctx, NeedPartners, operation, tenantID)
	if err != nil {
		return PartnerSync{}, err
	}
	info, err := one.IdentitySynchronization().ToGetRequestInformation(ctx, nil)
	if err != nil {
		return PartnerSync{}, fmt.Errorf("%s: %w", operation, err)
	}
	m, err := graph.Get[models.CrossTenantIdentitySyncPolicyPartnerable](ctx, c.graph,
		graph.Request{Info: info, Operation: operation, Need: NeedPartners},
		models.CreateCrossTenantIdentitySyncPolicyPartnerFromDiscriminatorValue)
	if err != nil {
		return PartnerSync{}, err
	}
	s := PartnerSync{DisplayName: m.GetDisplayName()}
	if inbound := m.GetUserSyncInbound(); inbound != nil {
		s.Allowed = inbound.GetIsSyncAllowed()
	}
	s.GroupsAllowed = groupsAllowed(m.GetAdditionalData())
	return s, nil
}

// groupsAllowed finds groupSyncInbound among what the SDK's model of version 1.0
// doesn't know.
func groupsAllowed(more map[string]any) *bool {
	raw, err := json.Marshal(more["groupSyncInbound"])
	if err != nil {
		return nil
	}
	var inbound struct {
		Allowed *bool `json:"isSyncAllowed"`
	}
	if json.Unmarshal(raw, &inbound) != nil {
		return nil
	}
	return inbound.Allowed
}

// PutPartnerSync makes the policy; where there is one, the error is Conflict
// [graph 5], which a repeated request may meet too: PatchPartnerSync
// then changes it.
func (c *Client) PutPartnerSync(ctx context.Context, tenantID string, sync PartnerSync) error {
	return c.writePartnerSync(ctx, abstractions.PUT, "creating", tenantID, sync)
}

// PatchPartnerSync changes what isn't nil of the policy. It says what shall
// be, and so may be repeated.
func (c *Client) PatchPartnerSync(ctx context.Context, tenantID string, sync PartnerSync) error {
	return c.writePartnerSync(ctx, abstractions.PATCH, "changing", tenantID, sync)
}

func (c *Client) writePartnerSync(
	ctx context.Context, method abstractions.HttpMethod, verb, tenantID string, sync PartnerSync,
) error {
	operation := verb + " the user synchronization of cross-tenant partner " + tenantID
	one, err := c.partner(ctx, NeedPartnersWrite, operation, tenantID)
	if err != nil {
		return err
	}
	info, err := one.IdentitySynchronization().ToPutRequestInformation(ctx, sync.model(), nil)
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	info.Method = method // the SDK has no PATCH of it, which [graph 5] has
	_, err = c.graph.Do(ctx, graph.Request{
		Info: info, Operation: operation, Need: NeedPartnersWrite, Idempotent: true,
	})
	return err
}

// DeletePartnerSync deletes the policy; one that is gone already is no error.
func (c *Client) DeletePartnerSync(ctx context.Context, tenantID string) error {
	operation := "deleting the user synchronization of cross-tenant partner " + tenantID
	one, err := c.partner(ctx, NeedPartnersWrite, operation, tenantID)
	if err != nil {
		return err
	}
	info, err := one.IdentitySynchronization().ToDeleteRequestInformation(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return c.delete(ctx, graph.Request{Info: info, Operation: operation, Need: NeedPartnersWrite})
}
