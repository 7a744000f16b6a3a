package entra

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// page is one answer of a collection.
type page struct {
	Value []byte
	Next  string
	// Delta is the link to the next round of a delta query, on its last page.
	Delta string
}

// pages reads a collection and calls each with every object's JSON, valid
// only during the call.
func (c *Client) pages(ctx context.Context, first call, each func(raw []byte) error) error {
	return c.pagesWith(ctx, first, func(value []byte) error {
		_, err := directory.NewDecoder(nil).Array(value, each)
		return err
	})
}

// errEnough, from a page's array, ends the collection there.
var errEnough = errors.New("enough was read")

// pagesWith reads a collection and calls each with the array of every page.
func (c *Client) pagesWith(ctx context.Context, first call, each func(value []byte) error) error {
	var chain transport.Chain
	at := first
	for {
		a, err := c.do(ctx, at)
		if err != nil {
			return err
		}
		p, err := decodePage(a.body)
		if err == nil {
			err = each(p.Value)
		}
		if errors.Is(err, errEnough) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: Graph's answer has another shape than documented: %w", first.doing, err)
		}
		if p.Next == "" {
			return nil
		}
		if err := chain.Follow(p.Value, p.Next); err != nil {
			return fmt.Errorf("%s: %w", first.doing, err)
		}
		at.url = p.Next
	}
}

// decodePage takes a page apart in one pass; its value stays where it is.
func decodePage(body []byte) (p page, err error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	err = properties(d, func(key string) error {
		v, err := d.ReadValue()
		if err != nil {
			return fmt.Errorf("no JSON: %w", err)
		}
		switch end := d.InputOffset(); key {
		case "value":
			p.Value = body[end-int64(len(v)) : end]
		case "@odata.nextLink":
			if err := json.Unmarshal(v, &p.Next); err != nil {
				return fmt.Errorf("@odata.nextLink: %w", err)
			}
		case "@odata.deltaLink":
			if err := json.Unmarshal(v, &p.Delta); err != nil {
				return fmt.Errorf("@odata.deltaLink: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return page{}, err
	}
	if p.Value == nil {
		return p, errors.New("there is no \"value\"")
	}
	return p, nil
}
