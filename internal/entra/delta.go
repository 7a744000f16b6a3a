package entra

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// What a delta query is asked for. Its first request names the properties;
// later ones are the link that the last page gave, as it is [graph 1.5].
const (
	usersDelta  = "/users/delta"
	groupsDelta = "/groups/delta"
)

// errDoubt is a group that delta tells of and that isn't found.
var errDoubt = errors.New("a group that changed isn't found")

// leastFollowed is how many changes are followed however small the tenant is.
const leastFollowed = 1000

// errMany is a round that says so much that reading everything costs less.
var errMany = errors.New("more has changed than is worth following")

// latestUsers gives the link that tells what changes of users from now on,
// latestGroups of groups and their members.
func (r *read) latestUsers(ctx context.Context) (string, error) {
	return r.c.latest(ctx, usersDelta, r.select_, "asking for changes of users", NeedUsers)
}

func (r *read) latestGroups(ctx context.Context) (string, error) {
	return r.c.latest(ctx, groupsDelta, strings.Join(groupProperties, ",")+",members", "asking for changes of groups", NeedGroups)
}

func (c *Client) latest(ctx context.Context, path, properties, doing string, need Need) (string, error) {
	q := url.Values{"$deltatoken": {"latest"}, "$select": {properties}}
	// Nothing should come with it; what does is of before, and is read anyway.
	_, link, err := c.round(ctx, path+"?"+encode(q), doing, need, leastFollowed)
	return link, err
}

// round reads what changed, to the end, and gives the link to the next round.
// At most most objects and members are taken.
func (c *Client) round(ctx context.Context, link, doing string, need Need, most int) (*directory.Round, string, error) {
	round := directory.NewRound()
	chain := transport.Chain{Repeats: true}
	for at := link; ; {
		p, err := c.roundPage(ctx, at, doing, need, round)
		switch {
		case err != nil:
			return nil, "", err
		case p.Next == "" && p.Delta == "":
			return nil, "", shapeError(doing, errors.New("neither @odata.nextLink nor @odata.deltaLink"))
		case round.Len() > most:
			return nil, "", fmt.Errorf("%s: %w", doing, errMany)
		case p.Next == "":
			// It is kept, so it is looked at now: later it must lead here, too.
			if err := c.leadsHere(p.Delta); err != nil {
				return nil, "", fmt.Errorf("%s: the deltaLink: %w", doing, err)
			}
			return round, p.Delta, nil
		}
		if err := chain.Follow(p.Value, p.Next); err != nil {
			return nil, "", fmt.Errorf("%s: %w", doing, err)
		}
		at = p.Next
	}
}

func (c *Client) roundPage(ctx context.Context, link, doing string, need Need, round *directory.Round) (page, error) {
	a, err := c.do(ctx, call{method: http.MethodGet, url: link, doing: doing, need: need})
	if err != nil {
		return page{}, err
	}
	p, err := decodePage(a.body)
	if err == nil {
		_, err = directory.NewDecoder(nil).Array(p.Value, round.Add)
	}
	if err != nil {
		return page{}, shapeError(doing, err)
	}
	return p, nil
}

// leadsHere refuses a link that isn't the whole address of something here.
func (c *Client) leadsHere(link string) error {
	if strings.HasPrefix(link, "/") {
		return fmt.Errorf("%w: it names no host", transport.ErrOtherHost)
	}
	_, err := c.relative(link)
	return err
}
