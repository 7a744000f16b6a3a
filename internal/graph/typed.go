package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoft/kiota-abstractions-go/serialization"
	jsonserialization "github.com/microsoft/kiota-serialization-json-go"
)

// Builder is what the constructors of the SDK's request builders want: where
// addresses begin, and the adapter. A builder describes a request; Do sends it, so
// that errors keep Graph's code, message and request id, and retries obey our rules.
func (c *Client) Builder() (pathParameters map[string]string, adapter abstractions.RequestAdapter) {
	return map[string]string{"baseurl": c.BaseURL()}, c.adapter
}

// Get sends a request and reads its answer by a model of the SDK.
func Get[T serialization.Parsable](
	ctx context.Context, c *Client, r Request, factory serialization.ParsableFactory,
) (T, error) {
	var none T
	a, err := c.Do(ctx, r)
	if err != nil {
		return none, err
	}
	m, err := DecodeModel[T](a.Body, factory)
	if err != nil {
		return none, ShapeError(r.Operation, err)
	}
	return m, nil
}

// DecodeModel reads JSON by a model of the SDK.
func DecodeModel[T serialization.Parsable](raw []byte, factory serialization.ParsableFactory) (T, error) {
	var none T
	// The SDK's parser calls itself for what is nested, without an end; json.Valid
	// has one.
	if !json.Valid(raw) {
		return none, errors.New("no JSON, or too deep")
	}
	if !bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{")) {
		return none, errors.New("no JSON object") // of which the parser would make an empty one
	}
	node, err := jsonserialization.NewJsonParseNode(raw)
	if err != nil {
		return none, fmt.Errorf("no JSON: %w", err)
	}
	value, err := node.GetObjectValue(factory)
	if err != nil {
		return none, err
	}
	m, ok := value.(T)
	if !ok {
		return none, errors.New("no object")
	}
	return m, nil
}

// EncodeModel writes a model of the SDK as JSON.
func EncodeModel(m serialization.Parsable) ([]byte, error) {
	w := jsonserialization.NewJsonSerializationWriter()
	if err := w.WriteObjectValue("", m); err != nil {
		return nil, err
	}
	return w.GetSerializedContent()
}
