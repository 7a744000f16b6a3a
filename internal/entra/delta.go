package entra

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/graph"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// What a delta query is asked for. Its first request names the properties;
// later ones are the link that the last page gave, as it is [graph 1.5].
const (
	usersDelta  = "/users/delta"
	groupsDelta = "/groups/delta"
)

// What a delta query is doing, in errors.
const (
	userChanges  = "asking for changes of users"
	groupChanges = "asking for changes of groups"
)

// errMissingGroup is a group that delta tells of and that isn't found.
var errMissingGroup = errors.New("a group that changed isn't found")

// minDeltaChanges is how many changes are taken from delta however small the tenant is.
const minDeltaChanges = 1000

// errTooManyChanges is a round that says so much that reading everything costs less.
var errTooManyChanges = errors.New("more has changed than is worth following")

// usersDeltaLink gives the link that tells what changes of users from now on,
// groupsDeltaLink of groups and their members.
func (r *directoryRead) usersDeltaLink(ctx context.Context) (string, error) {
	properties := r.userSelect
	if r.b.HasManagers() {
		properties += "," + directory.Manager // which tracks it [graph 1.5]
	}
	return r.client.requestDeltaLink(ctx, usersDelta, properties, userChanges, NeedUsers)
}

func (r *directoryRead) groupsDeltaLink(ctx context.Context) (string, error) {
	properties := strings.Join(groupProperties, ",") + ",members"
	return r.client.requestDeltaLink(ctx, groupsDelta, properties, groupChanges, NeedGroups)
}

func (c *Client) requestDeltaLink(
	ctx context.Context, path, properties, operation string, need graph.Need,
) (string, error) {
	q := url.Values{"$deltatoken": {"latest"}, "$select": {properties}}
	// Nothing should come with it; what does is of before, and is read anyway.
	_, link, err := c.readDelta(ctx, path+"?"+encode(q), operation, need, minDeltaChanges)
	return link, err
}

// readDelta reads what changed, to the end, and gives the link to the next round.
// At most most objects and members are taken.
func (c *Client) readDelta(
	ctx context.Context, link, operation string, need graph.Need, most int,
) (*directory.Round, string, error) {
	round := directory.NewRound()
	pagination := transport.Pagination{Repeats: true}
	for at := link; ; {
		p, err := c.readDeltaPage(ctx, at, operation, need, round)
		switch {
		case err != nil:
			return nil, "", err
		case p.Next == "" && p.Delta == "":
			return nil, "", graph.ShapeError(operation, errors.New("neither @odata.nextLink nor @odata.deltaLink"))
		case round.Len() > most:
			return nil, "", fmt.Errorf("%s: %w", operation, errTooManyChanges)
		case p.Next == "":
			// It is kept, so it is looked at now: later it must lead here, too.
			if err := c.graph.RequireHere(p.Delta); err != nil {
				return nil, "", fmt.Errorf("%s: the deltaLink: %w", operation, err)
			}
			return round, p.Delta, nil
		}
		if err := pagination.Next(p.Value, p.Next); err != nil {
			return nil, "", fmt.Errorf("%s: %w", operation, err)
		}
		at = p.Next
	}
}

func (c *Client) readDeltaPage(
	ctx context.Context, link, operation string, need graph.Need, round *directory.Round,
) (graph.Page, error) {
	a, err := c.graph.Do(ctx, graph.Request{Method: http.MethodGet, URL: link, Operation: operation, Need: need})
	if err != nil {
		return graph.Page{}, err
	}
	p, err := graph.DecodePage(a.Body, nil)
	if err == nil {
		_, err = directory.NewDecoder(nil).Array(p.Value, round.Add)
	}
	if err != nil {
		return graph.Page{}, graph.ShapeError(operation, err)
	}
	return p, nil
}
