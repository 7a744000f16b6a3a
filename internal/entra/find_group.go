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
)

// findGroup finds a group by object id, or else by displayName. Graph compares
// names without regard to case, we don't.
func (c *Client) findGroup(ctx context.Context, name string) (directory.GraphGroup, []byte, error) {
	dec := directory.NewDecoder(nil)
	if isGUID(name) {
		q := url.Values{"$select": {strings.Join(groupProperties, ",")}}
		a, err := c.do(ctx, call{method: http.MethodGet, url: "/groups/" + url.PathEscape(name) + "?" + encode(q), doing: fmt.Sprintf("reading group %s", name), need: NeedGroups})
		var e *Error
		if errors.As(err, &e) && e.Status == http.StatusNotFound {
			return c.groupByName(ctx, name)
		}
		if err != nil {
			return directory.GraphGroup{}, nil, err
		}
		g, err := dec.Group(a.body)
		return g, a.body, err
	}
	return c.groupByName(ctx, name)
}

func (c *Client) groupByName(ctx context.Context, name string) (directory.GraphGroup, []byte, error) {
	dec := directory.NewDecoder(nil)
	var found []directory.GraphGroup
	var raws [][]byte
	q := url.Values{"$select": {strings.Join(groupProperties, ",")}, "$filter": {"displayName eq '" + strings.ReplaceAll(name, "'", "''") + "'"}}
	err := c.pages(ctx, call{method: http.MethodGet, url: "/groups?" + encode(q), doing: fmt.Sprintf("looking for group %q", name), need: NeedGroups}, func(raw []byte) error {
		g, err := dec.Group(raw)
		if err == nil && g.DisplayName == name {
			found = append(found, g)
			raws = append(raws, slices.Clone(raw))
		}
		return err
	})
	if err != nil {
		return directory.GraphGroup{}, nil, err
	}
	if len(found) == 1 {
		return found[0], raws[0], nil
	}
	e := &directory.NotFoundError{Kind: "group", Name: name}
	for _, g := range found {
		e.IDs = append(e.IDs, g.ID)
	}
	slices.Sort(e.IDs)
	return directory.GraphGroup{}, nil, e
}

func isGUID(s string) bool {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	return strings.Trim(strings.ToLower(s), "0123456789abcdef-") == ""
}
