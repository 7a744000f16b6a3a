package entra

import (
	"context"

	"github.com/microsoft/kiota-abstractions-go/serialization"

	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// eachModel reads a collection and calls each with every object by a model of the
// SDK.
func eachModel[T serialization.Parsable](
	ctx context.Context, c *Client, first graph.Request, factory serialization.ParsableFactory, each func(m T) error,
) error {
	return c.eachObject(ctx, first, func(raw []byte) error {
		m, err := graph.DecodeModel[T](raw, factory)
		if err != nil {
			return err
		}
		return each(m)
	})
}

// delete sends a request that deletes something; that it is gone already is no
// error.
func (c *Client) delete(ctx context.Context, r graph.Request) error {
	if _, err := c.graph.Do(ctx, r); !graph.NotFound(err) {
		return err
	}
	return nil
}

// deref is what a pointer of the SDK's models points to, the zero value for nil.
func deref[T any](p *T) T {
	if p == nil {
		var none T
		return none
	}
	return *p
}

// further is a text among the properties that a model doesn't know, "" for none.
func further(m interface{ GetAdditionalData() map[string]any }, property string) string {
	text, _ := m.GetAdditionalData()[property].(*string)
	return deref(text)
}
