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

// foundGroup is a group, and how Graph said it.
type foundGroup struct {
	directory.GraphGroup
	raw []byte
}

// findGroups finds a group by object id, or else every group of a displayName;
// none where nothing fits. Graph compares names without regard to case, we don't.
func (c *Client) findGroups(ctx context.Context, name string) ([]foundGroup, error) {
	if !isGUID(name) {
		return c.groupsByName(ctx, name)
	}
	q := url.Values{"$select": {strings.Join(groupProperties, ",")}}
	a, err := c.do(ctx, call{
		method: http.MethodGet, url: "/groups/" + url.PathEscape(name) + "?" + encode(q),
		doing: fmt.Sprintf("reading group %s", name), need: NeedGroups,
	})
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusNotFound {
		return c.groupsByName(ctx, name)
	}
	if err != nil {
		return nil, err
	}
	g, err := directory.NewDecoder(nil).Group(a.body)
	return []foundGroup{{g, a.body}}, err
}

func (c *Client) groupsByName(ctx context.Context, name string) (found []foundGroup, err error) {
	dec := directory.NewDecoder(nil)
	q := url.Values{"$select": {strings.Join(groupProperties, ",")}, "$filter": {"displayName eq '" + escapeQuotes(name) + "'"}}
	err = c.pages(ctx, call{
		method: http.MethodGet, url: "/groups?" + encode(q), doing: fmt.Sprintf("looking for group %q", name), need: NeedGroups,
	}, func(raw []byte) error {
		g, err := dec.Group(raw)
		if err == nil && g.DisplayName == name {
			found = append(found, foundGroup{g, slices.Clone(raw)})
		}
		return err
	})
	return found, err
}

func isGUID(s string) bool {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	return strings.Trim(strings.ToLower(s), "0123456789abcdef-") == ""
}
