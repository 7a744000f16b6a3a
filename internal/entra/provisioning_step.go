package entra

import "github.com/usersync/terraform-provider-usersync/internal/graph"

// OnDemandStep is a step of provisioning one object: its import, its scoping
// and so on. Type and Status are capitalized by provisionOnDemand, and aren't
// by the logs.
type OnDemandStep struct {
	Name, Type, Status, Description string
	Details                         map[string]string
}

// ModifiedProperty is what provisioning changed, or would; "" for null.
type ModifiedProperty struct{ Name, Old, New string }

// stepBody is a step of either service: they name its type differently.
type stepBody struct {
	Name        string                       `json:"name"`
	Type        string                       `json:"type"`
	LogType     string                       `json:"provisioningStepType"`
	Status      string                       `json:"status"`
	Description string                       `json:"description"`
	Details     map[string]graph.LooseString `json:"details"`
}

func stepsOf(list []stepBody) []OnDemandStep {
	out := make([]OnDemandStep, len(list))
	for i, b := range list {
		out[i] = OnDemandStep{
			Name:        b.Name,
			Type:        b.Type + b.LogType,
			Status:      b.Status,
			Description: b.Description,
			Details:     map[string]string{},
		}
		for k, v := range b.Details {
			out[i].Details[k] = string(v)
		}
	}
	return out
}

type propertyBody struct {
	Name string            `json:"displayName"`
	Old  graph.LooseString `json:"oldValue"`
	New  graph.LooseString `json:"newValue"`
}

func modifiedOf(list []propertyBody) []ModifiedProperty {
	out := make([]ModifiedProperty, len(list))
	for i, b := range list {
		out[i] = ModifiedProperty{Name: b.Name, Old: string(b.Old), New: string(b.New)}
	}
	return out
}

// identityBody is an object of the source or the target.
type identityBody struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	Type        string `json:"identityType"`
}
