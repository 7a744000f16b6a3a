package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// Page is one answer of a collection.
type Page struct {
	// Value is the array of objects, a part of the answer.
	Value []byte
	// Next is the address of the next page, "" on the last one.
	Next string
	// Delta is the link to the next round of a delta query, on its last page.
	Delta string
}

// ErrEnough ends a collection, from what reads its pages.
var ErrEnough = errors.New("enough was read")

// Pages reads a collection and calls each with the array of every page.
func (c *Client) Pages(ctx context.Context, first Request, each func(value []byte) error) error {
	var pagination transport.Pagination
	at := first
	for {
		a, err := c.Do(ctx, at)
		if err != nil {
			return err
		}
		p, err := DecodePage(a.Body, nil)
		if err == nil {
			err = each(p.Value)
		}
		if errors.Is(err, ErrEnough) {
			return nil
		}
		if err != nil {
			return ShapeError(first.Operation, err)
		}
		if p.Next == "" {
			return nil
		}
		if err := pagination.Next(p.Value, p.Next); err != nil {
			return fmt.Errorf("%s: %w", first.Operation, err)
		}
		at.Info, at.Method, at.URL = nil, http.MethodGet, p.Next
	}
}

// DecodePage takes a page apart in one pass; its value stays where it is. value, where
// it isn't nil, is called with what begins with the array of objects, and answers where
// that ends: a large page is then looked at once.
func DecodePage(body []byte, value func(rest []byte) (end int, err error)) (p Page, err error) {
	p, _, err = DecodePageAt(body, value)
	return p, err
}

// DecodePageAt is DecodePage of what body begins with; it answers where the page ends.
func DecodePageAt(
	body []byte, value func(rest []byte) (end int, err error),
) (p Page, pageEnd int, err error) {
	pageEnd, err = walk(body, func(name string, rest []byte) (end int, err error) {
		if name == "value" && value != nil {
			if p.Value != nil { // the objects of the first are taken
				return 0, errors.New("\"value\" stands there twice")
			}
			if end, err = value(rest); err != nil {
				// What isn't even JSON is told as that.
				return 0, notJSON(body, err)
			}
		} else if end, err = passOver(rest); err != nil {
			return 0, err
		}
		switch v := rest[:end]; name {
		case "value":
			p.Value = v
		case "@odata.nextLink":
			if err := json.Unmarshal(v, &p.Next); err != nil {
				return 0, fmt.Errorf("@odata.nextLink: %w", err)
			}
		case "@odata.deltaLink":
			if err := json.Unmarshal(v, &p.Delta); err != nil {
				return 0, fmt.Errorf("@odata.deltaLink: %w", err)
			}
		}
		return end, nil
	})
	if err != nil {
		return Page{}, 0, err
	}
	if p.Value == nil {
		return p, pageEnd, errors.New("there is no \"value\"")
	}
	return p, pageEnd, nil
}
