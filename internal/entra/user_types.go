package entra

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// UserState is what is read of a user around a conversion.
type UserState struct {
	ID                string `json:"id"`
	UserPrincipalName string `json:"userPrincipalName"`
	UserType          string `json:"userType"`
}

// idsInFilter is how many values the operator in takes: [graph 1.3] has the
// operator, the number is inferred.
const idsInFilter = 15

// UserTypes reads users by id from the list, which lags behind writes longer
// than a single user does: what it shows, everyone sees. Who isn't in the list
// is left out.
func (c *Client) UserTypes(ctx context.Context, ids []string) (map[string]UserState, error) {
	const operation = "reading the types of users"
	if len(ids) == 0 {
		return map[string]UserState{}, nil
	}
	if err := c.SignIn(ctx, NeedUsers); err != nil {
		return nil, err
	}
	var items []graph.BatchItem
	for part := range slices.Chunk(ids, idsInFilter) {
		q := url.Values{
			"$select": {"id,userPrincipalName,userType"},
			"$filter": {"id in ('" + strings.Join(part, "','") + "')"},
		}
		items = append(items, graph.BatchItem{Method: http.MethodGet, URL: "/users?" + encode(q)})
	}
	out := make(map[string]UserState, len(ids))
	err := c.graph.EachOfBatches(ctx, items, operation, NeedUsers, func(_ int, a graph.Response) error {
		if a.Status > 299 {
			return c.graph.Refusal(a, operation, NeedUsers)
		}
		var page struct {
			Value []UserState `json:"value"`
		}
		if err := json.Unmarshal(a.Body, &page); err != nil {
			return graph.ShapeError(operation, err)
		}
		for _, u := range page.Value {
			out[strings.ToLower(u.ID)] = u
		}
		return nil
	})
	return out, err
}

// Conversion gives a user a type.
type Conversion struct {
	ID, UserType string
}

// SetUserTypes converts users, twenty in a request; done hears of each, with
// the *graph.Error of one that is refused. Setting a type twice is setting it once,
// so what fails on the way is sent again. An error ends it: those of whom done
// heard nothing may or may not be converted.
func (c *Client) SetUserTypes(ctx context.Context, list []Conversion, done func(c Conversion, err error)) error {
	if len(list) == 0 {
		return nil
	}
	if err := c.SignIn(ctx, NeedUserWrite); err != nil {
		return err
	}
	items := make([]graph.BatchItem, len(list))
	for i, u := range list {
		body, err := json.Marshal(map[string]string{"userType": u.UserType})
		if err != nil {
			return fmt.Errorf("converting users: %w", err)
		}
		items[i] = graph.BatchItem{
			Method:  http.MethodPatch,
			URL:     "/users/" + url.PathEscape(u.ID),
			Headers: map[string]string{"Content-Type": "application/json"},
			Body:    body,
		}
	}
	return c.graph.EachOfBatches(ctx, items, "converting users", NeedUserWrite, func(i int, a graph.Response) error {
		if a.Status < 300 {
			done(list[i], nil)
			return nil
		}
		done(list[i], c.graph.Refusal(a, "setting userType of user "+list[i].ID, NeedUserWrite))
		return nil
	})
}
