package entra

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// pageSize is the largest that Graph answers for users and groups
// [graph 1.1].
const pageSize = "999"

// userProperties are read of every user: the facts that decide.
var userProperties = []string{"id", "userPrincipalName", "mail", "otherMails", "userType", "creationType", "externalUserState", "accountEnabled", "onPremisesSyncEnabled", "identities"}

var groupProperties = []string{"id", "displayName", "securityEnabled", "membershipRule", "visibility"}

// ReadOptions say what to read of a tenant.
type ReadOptions struct {
	// Groups limits the reading to what is below these groups, by displayName
	// or id; nil for the whole tenant.
	Groups []string
	// Attributes are Graph names of user properties beyond those that decide.
	Attributes []string
	// Recorder keeps the answers, nil for not.
	Recorder *directory.Recorder
}

// ReadDirectory reads a tenant, or the part of it below some groups.
func (c *Client) ReadDirectory(ctx context.Context, o ReadOptions) (*directory.Directory, error) {
	needs := []Need{NeedUsers, NeedGroups, NeedDomains}
	if err := c.SignIn(ctx, needs...); err != nil {
		return nil, err
	}
	r := c.newRead(o, directory.NewBuilder(o.Attributes))
	var below []string
	var err error
	if o.Groups == nil {
		err = r.wholeTenant(ctx)
	} else {
		below, err = r.below(ctx)
	}
	if err != nil {
		return nil, err
	}
	if o.Recorder != nil {
		if err := r.partners(ctx); err != nil {
			return nil, err
		}
	}
	return r.b.Build(c.TenantID(), below), nil
}

// selected are the properties to select for some attributes: each by its name,
// but extensionAttributeN only as part of its whole [graph 1.1].
func selected(attributes []string) []string {
	var out []string
	for _, a := range attributes {
		if strings.HasPrefix(a, "extensionAttribute") {
			a = "onPremisesExtensionAttributes"
		}
		if !slices.Contains(userProperties, a) && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// read is one reading of a directory. The builder isn't safe for concurrent
// use, so objects are taken one page at a time, while others are on their way.
type read struct {
	c       *Client
	o       ReadOptions
	mu      sync.Mutex
	b       *directory.Builder
	select_ string
	// usersLink and groupsLink tell what changed since before the read; "" where
	// they weren't asked for.
	usersLink, groupsLink string
	// doubtful: a group wasn't found when its members were asked for.
	doubtful bool
}

func (c *Client) newRead(o ReadOptions, b *directory.Builder) *read {
	r := &read{c: c, o: o, b: b}
	r.select_ = strings.Join(append(slices.Clone(userProperties), selected(b.Attributes())...), ",")
	return r
}

// hold runs a function while nobody else uses the builder.
func (r *read) hold(f func() error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return f()
}

func (r *read) domains(ctx context.Context) error {
	r.cover("domains")
	return r.c.pages(ctx, call{method: http.MethodGet, url: "/domains", doing: "reading domains", need: NeedDomains}, func(raw []byte) error {
		d, err := directory.DecodeDomain(raw)
		if err != nil {
			return err
		}
		return r.hold(func() error {
			r.b.AddDomain(d)
			r.record("domains", d.Name, raw)
			return nil
		})
	})
}

// wholeTenant reads domains, users, and groups with their members, side by
// side.
func (r *read) wholeTenant(ctx context.Context) error {
	r.cover("users")
	r.cover("groups")
	var users, groups *survey
	g, part := errgroup.WithContext(ctx)
	g.Go(func() error { return r.domains(part) })
	g.Go(func() (err error) { users, err = r.users(part); return err })
	g.Go(func() (err error) { groups, err = r.groupsAndMembers(part); return err })
	if err := g.Wait(); err != nil {
		return err
	}
	return r.settle(ctx, users, groups)
}

func (r *read) users(ctx context.Context) (*survey, error) {
	dec := directory.NewDecoder(r.b.Attributes())
	return r.c.survey(ctx, &listing{
		path: "/users", query: url.Values{"$select": {r.select_}, "$top": {r.c.top}}, property: "userPrincipalName", doing: "reading users", need: NeedUsers,
		latest: r.latestUsers,
		take: func(page []byte, seen func(id, key string)) error {
			return r.hold(func() error {
				_, err := directory.NewDecoder(nil).Array(page, func(raw []byte) error {
					u, err := r.user(dec, raw)
					seen(u.ID, u.UserPrincipalName)
					return err
				})
				return err
			})
		},
	}, r.usersLink, r.o.Recorder != nil)
}

func (r *read) user(dec *directory.Decoder, raw []byte) (directory.User, error) {
	u, values, has, err := dec.User(raw)
	if err != nil {
		return u, err
	}
	r.b.AddUser(u, values, has)
	r.record("users", u.ID, raw)
	return u, nil
}

// groupsAndMembers asks for the members of groups while others still come.
func (r *read) groupsAndMembers(ctx context.Context) (list *survey, err error) {
	members := r.members()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return members.run(ctx) })
	g.Go(func() error {
		defer members.close()
		list, err = r.groups(ctx, func(id string) { members.put(r.membersOf(id, "id")) })
		return err
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	members.save()
	return list, nil
}

func (r *read) groups(ctx context.Context, found func(id string)) (*survey, error) {
	dec := directory.NewDecoder(nil)
	return r.c.survey(ctx, &listing{
		path: "/groups", query: url.Values{"$select": {strings.Join(groupProperties, ",")}, "$top": {r.c.top}}, property: "displayName", doing: "reading groups", need: NeedGroups,
		latest: r.latestGroups,
		take: func(page []byte, seen func(id, key string)) error {
			return r.hold(func() error {
				_, err := directory.NewDecoder(nil).Array(page, func(raw []byte) error {
					g, err := dec.Group(raw)
					if err != nil {
						return err
					}
					seen(g.ID, g.DisplayName)
					r.record("groups", g.ID, raw)
					if r.b.HasGroup(g.ID) {
						return nil // one that pages repeat
					}
					r.b.AddGroup(g)
					found(g.ID)
					return nil
				})
				return err
			})
		},
	}, r.groupsLink, r.o.Recorder != nil)
}

// encode writes a query as Graph's documentation does: %20 for a space, and $
// and commas as they are.
func encode(q url.Values) string {
	return strings.NewReplacer("+", "%20", "%24", "$", "%2C", ",").Replace(q.Encode())
}
