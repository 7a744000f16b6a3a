package entra

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// namedGroup is a group, and how Graph said it.
type namedGroup struct {
	directory.GraphGroup
	raw []byte
}

// findGroups finds a group by object id, or else every group of a displayName;
// none where nothing fits. Graph compares names without regard to case, we don't.
func (c *Client) findGroups(ctx context.Context, name string) ([]namedGroup, error) {
	if !isGUID(name) {
		return c.groupsByName(ctx, name)
	}
	q := url.Values{"$select": {strings.Join(groupProperties, ",")}}
	a, err := c.graph.Do(ctx, graph.Request{
		Method: http.MethodGet, URL: "/groups/" + url.PathEscape(name) + "?" + encode(q),
		Operation: fmt.Sprintf("reading group %s", name), Need: NeedGroups,
	})
	var e *graph.Error
	if errors.As(err, &e) && e.Status == http.StatusNotFound {
		return c.groupsByName(ctx, name)
	}
	if err != nil {
		return nil, err
	}
	g, err := directory.NewDecoder(nil).Group(a.Body)
	return []namedGroup{{g, a.Body}}, err
}

func (c *Client) groupsByName(ctx context.Context, name string) (found []namedGroup, err error) {
	dec := directory.NewDecoder(nil)
	q := url.Values{
		"$select": {strings.Join(groupProperties, ",")},
		"$filter": {"displayName eq '" + escapeQuotes(name) + "'"},
	}
	err = c.eachObject(ctx, graph.Request{
		Method:    http.MethodGet,
		URL:       "/groups?" + encode(q),
		Operation: fmt.Sprintf("looking for group %q", name),
		Need:      NeedGroups,
	}, func(raw []byte) error {
		g, err := dec.Group(raw)
		if err == nil && g.DisplayName == name {
			found = append(found, namedGroup{g, slices.Clone(raw)})
		}
		return err
	})
	return found, err
}
