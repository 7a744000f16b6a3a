package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// CacheEntry is a tenant as it was read, with the links that tell what changed since.
type CacheEntry struct {
	facts                 *directory.Builder
	usersLink, groupsLink string
	// readAt is when everything was read last.
	readAt time.Time
}

// CacheLifetime is how long changes are taken from delta before everything is read again, so
// that what a delta may have missed doesn't stay. It is also how long Graph
// keeps the token of a link [graph 1.5, D].
const CacheLifetime = 7 * 24 * time.Hour

// ErrStale says that a cache entry can't be brought up to date, so that
// everything has to be read.
var ErrStale = errors.New("the cached directory can't be brought up to date")

// cacheHeader goes before the facts.
type cacheHeader struct {
	Users  string    `json:"users"`
	Groups string    `json:"groups"`
	ReadAt time.Time `json:"read_at"`
	// Properties are those that the links were asked with. A version of the
	// provider that asks for others can't go on from it.
	Properties string `json:"properties"`
}

// properties are all that is asked for with some attributes.
func (r *directoryRead) properties() string {
	return r.userSelect + " " + strings.Join(groupProperties, ",")
}

// Pack writes the entry, for DecodeCacheEntry.
func (entry *CacheEntry) Pack() ([]byte, error) {
	head, err := json.Marshal(cacheHeader{
		Users:      entry.usersLink,
		Groups:     entry.groupsLink,
		ReadAt:     entry.readAt,
		Properties: (&Client{}).newRead(ReadOptions{}, entry.facts).properties(),
	})
	if err != nil {
		return nil, fmt.Errorf("caching the directory: %w", err)
	}
	return append(append(head, '\n'), entry.facts.Pack()...), nil
}

// DecodeCacheEntry reads what Pack wrote. What is too old, from the future, or of
// other attributes, is ErrStale.
func (c *Client) DecodeCacheEntry(raw []byte, attributes []string, now time.Time) (*CacheEntry, error) {
	head, facts, ok := strings.Cut(string(raw), "\n")
	var h cacheHeader
	if !ok || json.Unmarshal([]byte(head), &h) != nil {
		return nil, fmt.Errorf("%w: it is damaged", ErrStale)
	}
	if age := now.Sub(h.ReadAt); age < 0 || age > CacheLifetime {
		return nil, fmt.Errorf("%w: it is of %s", ErrStale, h.ReadAt.Format(time.RFC3339))
	}
	for _, link := range []string{h.Users, h.Groups} {
		if c.graph.RequireHere(link) != nil {
			return nil, fmt.Errorf("%w: its links lead elsewhere", ErrStale)
		}
	}
	b, err := directory.UnpackBuilder([]byte(facts))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStale, err)
	}
	if !slices.Equal(b.Attributes(), directory.NewBuilder(attributes).Attributes()) ||
		h.Properties != c.newRead(ReadOptions{}, b).properties() {
		return nil, fmt.Errorf("%w: it has other properties", ErrStale)
	}
	return &CacheEntry{facts: b, usersLink: h.Users, groupsLink: h.Groups, readAt: h.ReadAt}, nil
}

// Scope tells apart what must not share a cache entry: tenant, cloud, and as
// whom and with which permissions the tenant is read, for they decide what is
// seen.
func (c *Client) Scope(ctx context.Context) (string, error) {
	if err := c.SignIn(ctx, NeedUsers, NeedGroups, NeedDomains); err != nil {
		return "", err
	}
	return c.graph.Identity(), nil
}

// ReadForCache reads the whole tenant, and gives what can be cached of it; nil
// where the service has no links for it.
func (c *Client) ReadForCache(
	ctx context.Context, attributes []string, now time.Time,
) (*directory.Directory, *CacheEntry, error) {
	if err := c.SignIn(ctx, NeedUsers, NeedGroups, NeedDomains); err != nil {
		return nil, nil, err
	}
	r := c.newRead(ReadOptions{Attributes: attributes}, directory.NewBuilder(attributes))
	if err := r.requestDeltaLinks(ctx); err != nil {
		return nil, nil, err
	}
	if err := r.readWholeTenant(ctx); err != nil {
		return nil, nil, err
	}
	if err := r.managersOfAll(ctx); err != nil {
		return nil, nil, err
	}
	d := r.b.Build(c.TenantID(), nil)
	if r.usersLink == "" || r.groupsLink == "" || r.groupMissing {
		return d, nil, nil
	}
	return d, &CacheEntry{facts: r.b, usersLink: r.usersLink, groupsLink: r.groupsLink, readAt: now}, nil
}

// requestDeltaLinks asks for both links before anything is read; without either
// there is nothing to cache.
func (r *directoryRead) requestDeltaLinks(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { r.usersLink, err = r.usersDeltaLink(ctx); return err })
	g.Go(func() (err error) { r.groupsLink, err = r.groupsDeltaLink(ctx); return err })
	err := g.Wait()
	var e *graph.Error
	if errors.As(err, &e) && e.Status < 500 && isRefusal(err) || errors.Is(err, errTooManyChanges) {
		r.usersLink, r.groupsLink = "", ""
		return nil
	}
	return err
}

// Refresh brings a cache entry up to date: domains, and what changed of users
// and groups. After an error it mustn't be used again; after ErrStale
// everything has to be read.
func (c *Client) Refresh(ctx context.Context, entry *CacheEntry) (*directory.Directory, error) {
	if err := c.SignIn(ctx, NeedUsers, NeedGroups, NeedDomains); err != nil {
		return nil, err
	}
	r := c.newRead(ReadOptions{}, entry.facts)
	g, part := errgroup.WithContext(ctx)
	var users, groups *directory.Round
	g.Go(func() error { return r.domains(part) })
	g.Go(func() (err error) { users, groups, err = r.readDeltas(part, entry); return err })
	err := g.Wait()
	if err == nil {
		err = r.applyCachedDelta(ctx, users, groups)
	}
	if err != nil {
		return nil, staleOr(ctx, err)
	}
	return r.b.Build(c.TenantID(), nil), nil
}

// readDeltas reads what changed, of groups first: whom a group names is then told
// by users, unless they are deleted by then.
func (r *directoryRead) readDeltas(ctx context.Context, entry *CacheEntry) (users, groups *directory.Round, err error) {
	most := maxDeltaChanges(r.b.UserCount() + r.b.GroupCount())
	groups, entry.groupsLink, err = r.client.readDelta(ctx, entry.groupsLink, groupChanges, NeedGroups, most)
	if err != nil {
		return nil, nil, err
	}
	users, entry.usersLink, err = r.client.readDelta(ctx, entry.usersLink, userChanges, NeedUsers, most)
	return users, groups, err
}

func (r *directoryRead) applyCachedDelta(ctx context.Context, users, groups *directory.Round) error {
	userNews, err := r.b.ApplyUsers(users)
	if err != nil {
		return graph.ShapeError(userChanges, err)
	}
	groupNews, err := r.b.ApplyGroups(groups)
	if err != nil {
		return graph.ShapeError(groupChanges, err)
	}
	if n := len(userNews.Arrived); n > max(20*graph.BatchSize, r.b.UserCount()/20) {
		return errTooManyChanges // a batch for each twenty
	}
	return r.resolveDelta(ctx, userNews, groupNews, r.b.Opaque())
}

// staleOr sorts failures of a refresh. A token that has expired or is unknown
// is refused with 410, or 400 or 404 and a code of its own [graph 1.5]; but
// whatever else goes wrong, reading everything is right. Not where the service
// breaks the protocol, throttles, or doesn't know us.
func staleOr(ctx context.Context, err error) error {
	if isFinal(ctx, err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrStale, err)
}

// isFinal reports failures that reading everything would meet, too.
func isFinal(ctx context.Context, err error) bool {
	var e *graph.Error
	refused := errors.As(err, &e) && (e.Status == http.StatusTooManyRequests || e.Status == http.StatusUnauthorized)
	var login *graph.SignInError
	return ctx.Err() != nil || isProtocolViolation(err) || refused || errors.As(err, &login)
}
