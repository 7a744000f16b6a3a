package atlassian

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// scopeSCIM stands in an error for the key of a SCIM directory, which has no
// scopes.
const scopeSCIM = "SCIM"

// scimPage is how many records one answer holds: the first 100, then from 101
// on [atlassian 2.4, D].
const scimPage = 100

// scimAtOnce is how many pages are asked for at once; SCIM's limits are unknown
// [atlassian 2.4], and a 429 is waited for.
const scimAtOnce = 4

// HasSCIM reports whether a SCIM directory is configured.
func (c *Client) HasSCIM() bool { return c.config.SCIMDirectoryID != "" && c.config.SCIMToken != "" }

// ReadSCIM reads the SCIM directory. Records that moved between pages are
// there once.
func (c *Client) ReadSCIM(ctx context.Context, recorder *directory.Recorder) (*directory.SCIMDirectory, error) {
	if !c.HasSCIM() {
		return nil, &ConfigError{"scim_directory_id", "the SCIM directory's id and scim_token aren't both set"}
	}
	if strings.ContainsFunc(c.config.SCIMToken, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, &ConfigError{"scim_token", "the key has a line break or another control character in it"}
	}
	var users []directory.SCIMUser
	var groups []directory.SCIMGroup
	var ofUsers, ofGroups error
	var both sync.WaitGroup
	both.Go(func() {
		users, ofUsers = scimList(ctx, c, "Users", recorder, directory.DecodeSCIMUser,
			func(u *directory.SCIMUser) string { return u.ID })
	})
	both.Go(func() {
		groups, ofGroups = scimList(ctx, c, "Groups", recorder, directory.DecodeSCIMGroup,
			func(g *directory.SCIMGroup) string { return g.ID })
	})
	both.Wait()
	if err := cmp.Or(ofUsers, ofGroups); err != nil {
		return nil, err
	}
	return &directory.SCIMDirectory{Users: users, Groups: groups}, nil
}

// scimAnswer is one page.
type scimAnswer struct {
	Total     int               `json:"totalResults"`
	Resources []json.RawMessage `json:"Resources"`
}

// scimList reads a collection: the first page, which says how many there are,
// and then the others side by side.
func scimList[T any](
	ctx context.Context,
	c *Client,
	kind string,
	recorder *directory.Recorder,
	decode func([]byte) (T, error),
	id func(*T) string,
) ([]T, error) {
	operation := "reading SCIM " + strings.ToLower(kind)
	page := func(ctx context.Context, start int) (a scimAnswer, err error) {
		q := url.Values{"startIndex": {strconv.Itoa(start)}, "count": {strconv.Itoa(scimPage)}}
		raw, err := c.send(
			ctx,
			request{
				method: http.MethodGet,
				path: "/scim/directory/" + url.PathEscape(
					c.config.SCIMDirectoryID,
				) + "/" + kind + "?" + q.Encode(),
				bearer:    c.config.SCIMToken,
				kind:      "application/scim+json",
				operation: operation,
				scope:     scopeSCIM,
			},
		)
		if err != nil {
			return a, err
		}
		if err := json.Unmarshal(raw, &a); err != nil {
			return a, fmt.Errorf("%s: Atlassian's answer has another shape than documented: %w", operation, err)
		}
		return a, nil
	}
	first, err := page(ctx, 1)
	if err != nil {
		return nil, err
	}
	if len(first.Resources) == 0 && first.Total > 0 || first.Total > maxSCIM {
		return nil, fmt.Errorf("%s: %w", operation, errTotal)
	}
	size := max(1, len(first.Resources)) // a server may answer fewer than asked for
	pages := make([]scimAnswer, (first.Total+size-1)/size)
	if len(pages) > 0 {
		pages[0] = first
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(scimAtOnce)
	for n := 1; n < len(pages); n++ {
		g.Go(func() (err error) {
			pages[n], err = page(ctx, 1+n*size)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	part := "scim/" + strings.ToLower(kind)
	c.cover(recorder, part)
	var out []T
	for _, p := range pages {
		for _, raw := range p.Resources {
			x, err := decode(raw)
			if err != nil {
				return nil, fmt.Errorf("%s: Atlassian's answer has another shape than documented: %w", operation, err)
			}
			out = append(out, x)
			c.record(recorder, part, id(&x), raw)
		}
	}
	slices.SortStableFunc(out, func(a, b T) int { return cmp.Compare(id(&a), id(&b)) })
	return slices.CompactFunc(out, func(a, b T) bool { return id(&a) == id(&b) }), nil
}

// maxSCIM is how many users a directory holds [atlassian 2.4, D].
const maxSCIM = 1_000_000

var errTotal = errors.New("totalResults can't be right")
