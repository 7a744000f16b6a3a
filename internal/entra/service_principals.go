package entra

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/serviceprincipals"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// servicePrincipal is what is read of one. The SDK's model isn't used for it: like
// that of a domain, it brings every object that Graph has.
type servicePrincipal struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	// AppRoles are those that the application declares, as Graph says them.
	AppRoles json.RawMessage `json:"appRoles"`
}

var servicePrincipalProperties = []string{"id", "displayName", "appRoles"}

// findServicePrincipal finds one by its object id, or else by a displayName that no
// other has.
func (c *Client) findServicePrincipal(ctx context.Context, name string) (servicePrincipal, error) {
	if isGUID(name) {
		return c.servicePrincipal(ctx, name)
	}
	found, err := c.servicePrincipalsByName(ctx, name)
	if err != nil {
		return servicePrincipal{}, err
	}
	if len(found) == 1 {
		return found[0], nil
	}
	e := &directory.NotFoundError{Kind: "service principal", Name: name}
	for _, sp := range found {
		e.IDs = append(e.IDs, sp.ID)
	}
	slices.Sort(e.IDs)
	return servicePrincipal{}, e
}

func (c *Client) servicePrincipal(ctx context.Context, id string) (servicePrincipal, error) {
	operation := "reading service principal " + id
	info, err := serviceprincipals.NewServicePrincipalsRequestBuilderInternal(c.graph.Builder()).
		ByServicePrincipalId(id).ToGetRequestInformation(ctx,
		&serviceprincipals.ServicePrincipalItemRequestBuilderGetRequestConfiguration{
			QueryParameters: &serviceprincipals.ServicePrincipalItemRequestBuilderGetQueryParameters{
				Select: servicePrincipalProperties,
			},
		})
	if err != nil {
		return servicePrincipal{}, fmt.Errorf("%s: %w", operation, err)
	}
	r := graph.Request{Info: info, Operation: operation, Need: NeedApplications}
	a, err := c.graph.Do(ctx, r)
	if graph.NotFound(err) {
		return servicePrincipal{}, &directory.NotFoundError{Kind: "service principal", Name: id}
	}
	if err != nil {
		return servicePrincipal{}, err
	}
	var sp servicePrincipal
	if err := json.Unmarshal(a.Body, &sp); err != nil {
		return servicePrincipal{}, graph.ShapeError(operation, err)
	}
	return sp, nil
}

// servicePrincipalsByName are all that have a displayName. Graph compares names
// without regard to case, we don't.
func (c *Client) servicePrincipalsByName(ctx context.Context, name string) (found []servicePrincipal, err error) {
	operation := fmt.Sprintf("looking for service principal %q", name)
	filter := "displayName eq '" + escapeQuotes(name) + "'"
	info, err := serviceprincipals.NewServicePrincipalsRequestBuilderInternal(c.graph.Builder()).
		ToGetRequestInformation(ctx, &serviceprincipals.ServicePrincipalsRequestBuilderGetRequestConfiguration{
			QueryParameters: &serviceprincipals.ServicePrincipalsRequestBuilderGetQueryParameters{
				Select: servicePrincipalProperties,
				Filter: &filter,
			},
		})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	r := graph.Request{Info: info, Operation: operation, Need: NeedApplications}
	err = c.eachObject(ctx, r, func(raw []byte) error {
		var sp servicePrincipal
		err := json.Unmarshal(raw, &sp)
		if err == nil && sp.DisplayName == name {
			found = append(found, sp)
		}
		return err
	})
	return found, err
}

// assignment is who is assigned to an application, and by which role.
type assignment struct {
	PrincipalID string `json:"principalId"`
	AppRoleID   string `json:"appRoleId"`
}

// assignedTo are those who are assigned to the application [graph 2].
func (c *Client) assignedTo(ctx context.Context, sp servicePrincipal) ([]assignment, error) {
	operation := "reading who is assigned to " + sp.DisplayName
	top := int32(maxPageSize)
	info, err := serviceprincipals.NewServicePrincipalsRequestBuilderInternal(c.graph.Builder()).
		ByServicePrincipalId(sp.ID).AppRoleAssignedTo().ToGetRequestInformation(ctx,
		&serviceprincipals.ItemAppRoleAssignedToRequestBuilderGetRequestConfiguration{
			QueryParameters: &serviceprincipals.ItemAppRoleAssignedToRequestBuilderGetQueryParameters{Top: &top},
		})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	list := []assignment{}
	r := graph.Request{Info: info, Operation: operation, Need: NeedApplications}
	err = eachModel(ctx, c, r, models.CreateAppRoleAssignmentFromDiscriminatorValue,
		func(m models.AppRoleAssignmentable) error {
			id, role := m.GetPrincipalId(), m.GetAppRoleId()
			switch {
			case id == nil:
			case role == nil:
				list = append(list, assignment{id.String(), directory.NoRole})
			default:
				list = append(list, assignment{id.String(), role.String()})
			}
			return nil
		})
	slices.SortFunc(list, func(a, b assignment) int {
		return cmp.Or(cmp.Compare(a.PrincipalID, b.PrincipalID), cmp.Compare(a.AppRoleID, b.AppRoleID))
	})
	return slices.Compact(list), err
}
