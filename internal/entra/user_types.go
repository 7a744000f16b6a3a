package entra

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// NeedUserWrite is what converting users needs [graph 1.7].
var NeedUserWrite = Need{"change users", []string{"User.ReadWrite.All", "Directory.ReadWrite.All"}}

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
	const doing = "reading the types of users"
	if len(ids) == 0 {
		return map[string]UserState{}, nil
	}
	if err := c.SignIn(ctx, NeedUsers); err != nil {
		return nil, err
	}
	var items []batchItem
	for part := range slices.Chunk(ids, idsInFilter) {
		q := url.Values{"$select": {"id,userPrincipalName,userType"}, "$filter": {"id in ('" + strings.Join(part, "','") + "')"}}
		items = append(items, batchItem{Method: http.MethodGet, URL: "/users?" + encode(q)})
	}
	out := make(map[string]UserState, len(ids))
	err := c.eachOfBatch(ctx, items, doing, NeedUsers, func(_ int, a answer) error {
		if a.status > 299 {
			return graphError(a, doing, NeedUsers.AnyOf, c.config.Secrets)
		}
		var page struct {
			Value []UserState `json:"value"`
		}
		if err := json.Unmarshal(a.body, &page); err != nil {
			return shapeError(doing, err)
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
// the *Error of one that is refused. Setting a type twice is setting it once,
// so what fails on the way is sent again. An error ends it: those of whom done
// heard nothing may or may not be converted.
func (c *Client) SetUserTypes(ctx context.Context, list []Conversion, done func(c Conversion, err error)) error {
	if len(list) == 0 {
		return nil
	}
	if err := c.SignIn(ctx, NeedUserWrite); err != nil {
		return err
	}
	items := make([]batchItem, len(list))
	for i, u := range list {
		body, err := json.Marshal(map[string]string{"userType": u.UserType})
		if err != nil {
			return fmt.Errorf("converting users: %w", err)
		}
		items[i] = batchItem{Method: http.MethodPatch, URL: "/users/" + url.PathEscape(u.ID), Headers: map[string]string{"Content-Type": "application/json"}, Body: body}
	}
	return c.eachOfBatch(ctx, items, "converting users", NeedUserWrite, func(i int, a answer) error {
		if a.status < 300 {
			done(list[i], nil)
			return nil
		}
		done(list[i], graphError(a, "setting userType of user "+list[i].ID, NeedUserWrite.AnyOf, c.config.Secrets))
		return nil
	})
}

// eachOfBatch sends requests twenty at a time, one batch after another, and
// those that are throttled or fail on the service's side again. take gets each
// answer once, by the place of its request.
func (c *Client) eachOfBatch(ctx context.Context, items []batchItem, doing string, need Need, take func(i int, a answer) error) error {
	left := make([]int, len(items))
	for i := range left {
		left[i] = i
	}
	for len(left) > 0 {
		part := left[:min(batchSize, len(left))]
		left = left[len(part):]
		for attempt := 1; len(part) > 0; attempt++ {
			send := make([]batchItem, len(part))
			for k, i := range part {
				send[k] = items[i]
			}
			answers, err := c.sendBatch(ctx, send, doing, need)
			if err != nil {
				return err
			}
			var again []int
			var wait time.Duration
			for k, a := range answers {
				if passes(a.status) && attempt >= maxBatchRetries {
					return graphError(a, doing, need.AnyOf, c.config.Secrets)
				}
				if passes(a.status) {
					again, wait = append(again, part[k]), max(wait, retryAfter(a.header))
					continue
				}
				if err := take(part[k], a); err != nil {
					return err
				}
			}
			if part = again; len(part) > 0 {
				if err := c.pause(ctx, attempt, wait); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// passes reports a refusal that may pass.
func passes(status int) bool {
	return status == http.StatusTooManyRequests || status >= 500 && status != http.StatusNotImplemented
}
