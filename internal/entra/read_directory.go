package entra

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// maxPageSize is the largest that Graph answers for users and groups
// [graph 1.1].
const maxPageSize = 999

// userProperties are read of every user: the facts that decide.
var userProperties = []string{
	"id", "userPrincipalName", "mail", "otherMails", "userType", "creationType", "externalUserState",
	"accountEnabled", "onPremisesSyncEnabled", "identities",
}

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
	needs := []graph.Need{NeedUsers, NeedGroups, NeedDomains}
	if err := c.SignIn(ctx, needs...); err != nil {
		return nil, err
	}
	r := c.newRead(o, directory.NewBuilder(o.Attributes))
	var below []string
	var err error
	if o.Groups == nil {
		err = r.readWholeTenant(ctx)
	} else {
		below, err = r.readBelowGroups(ctx)
	}
	if err == nil {
		err = r.managersOfAll(ctx)
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
		// Managers are references, which are read for themselves.
		if a != directory.Manager && !slices.Contains(userProperties, a) && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// read is one reading of a directory. The builder isn't safe for concurrent
// use, so objects are taken one page at a time, while others are on their way.
type directoryRead struct {
	client     *Client
	o          ReadOptions
	mu         sync.Mutex
	b          *directory.Builder
	userSelect string
	// usersLink and groupsLink tell what changed since before the read; "" where
	// they weren't asked for.
	usersLink, groupsLink string
	// everyManager: the managers of all users are read behind everything else.
	everyManager bool
	// sequential: collections are read as one chain each.
	sequential bool
	// lateGroups came when the members of the others had been read: those that ranges
	// left out.
	membersRead bool
	lateGroups  []string
	// groupMissing: a group wasn't found when its members were asked for.
	groupMissing bool
}

func (c *Client) newRead(o ReadOptions, b *directory.Builder) *directoryRead {
	r := &directoryRead{client: c, o: o, b: b}
	r.userSelect = strings.Join(append(slices.Clone(userProperties), selected(b.Attributes())...), ",")
	return r
}

// locked runs a function while nobody else uses the builder.
func (r *directoryRead) locked(f func() error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return f()
}

func (r *directoryRead) domains(ctx context.Context) error {
	r.recordCovered("domains")
	return r.client.eachObject(ctx, graph.Request{
		Method: http.MethodGet, URL: "/domains", Operation: "reading domains", Need: NeedDomains,
	}, func(raw []byte) error {
		d, err := directory.DecodeDomain(raw)
		if err != nil {
			return err
		}
		return r.locked(func() error {
			r.b.AddDomain(d)
			r.record("domains", d.Name, raw)
			return nil
		})
	})
}

// readWholeTenant reads domains, users, and groups with their members. Where what
// changed meanwhile can't be followed to its end, everything is read once more, as the
// chains that need no following; nothing of it can be cached then.
func (r *directoryRead) readWholeTenant(ctx context.Context) error {
	err := r.readSideBySide(ctx)
	if !errors.Is(err, errAppliedInPart) {
		return err
	}
	r.b = directory.NewBuilder(r.b.Attributes())
	r.usersLink, r.groupsLink, r.sequential, r.groupMissing = "", "", true, false
	r.membersRead, r.lateGroups = false, nil
	return r.readSideBySide(ctx)
}

// readSideBySide reads domains, users, and groups with their members, side by side.
func (r *directoryRead) readSideBySide(ctx context.Context) error {
	r.recordCovered("users")
	r.recordCovered("groups")
	r.everyManager = true
	var users, groups *partitionedReader
	g, part := errgroup.WithContext(ctx)
	g.Go(func() error { return r.domains(part) })
	g.Go(func() (err error) { users, err = r.users(part); return err })
	g.Go(func() (err error) { groups, err = r.groupsAndMembers(part); return err })
	if err := g.Wait(); err != nil {
		return err
	}
	return r.applyDeltas(ctx, users, groups)
}

func (r *directoryRead) users(ctx context.Context) (*partitionedReader, error) {
	dec := directory.NewDecoder(r.b.Attributes())
	var page []object
	return r.client.readCollection(ctx, &collection{
		path:      "/users",
		query:     url.Values{"$select": {r.userSelect}, "$top": {r.client.pageSize}},
		property:  "userPrincipalName",
		operation: "reading users",
		need:      NeedUsers,
		deltaLink: r.usersDeltaLink,
		decode: func(rest []byte, seen func(object)) (end int, err error) {
			err = r.locked(func() error {
				page = page[:0]
				end, err = dec.Users(
					rest,
					func(u directory.User, values []string, has directory.Presence, raw []byte) error {
						r.b.QueueUser(u, values, has)
						r.record("users", u.ID, raw)
						page = append(page, object{id: u.ID, key: u.UserPrincipalName})
						return nil
					},
				)
				for i, at := range r.b.PlaceUsers() {
					page[i].at = at
					seen(page[i])
				}
				return err
			})
			return end, err
		},
	}, r.usersLink, r.sequential || r.o.Recorder != nil)
}

// groupsAndMembers asks for the members of groups while others still come.
func (r *directoryRead) groupsAndMembers(ctx context.Context) (list *partitionedReader, err error) {
	members := r.newMemberReader()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return members.run(ctx) })
	g.Go(func() error {
		defer members.close()
		list, err = r.groups(ctx, func(id string) {
			if r.membersRead {
				r.lateGroups = append(r.lateGroups, id)
				return
			}
			members.add(r.membersRequest(id, "id"))
		})
		return err
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	r.membersRead = true
	members.save()
	return list, nil
}

func (r *directoryRead) groups(ctx context.Context, found func(id string)) (*partitionedReader, error) {
	dec := directory.NewDecoder(nil)
	return r.client.readCollection(ctx, &collection{
		path:      "/groups",
		query:     url.Values{"$select": {strings.Join(groupProperties, ",")}, "$top": {r.client.pageSize}},
		property:  "displayName",
		operation: "reading groups",
		need:      NeedGroups,
		deltaLink: r.groupsDeltaLink,
		decode: func(rest []byte, seen func(object)) (end int, err error) {
			err = r.locked(func() error {
				_, end, err = directory.NewDecoder(nil).ArrayAt(rest, func(raw []byte) error {
					g, err := dec.Group(raw)
					if err != nil {
						return err
					}
					r.record("groups", g.ID, raw)
					at, repeated := r.b.GroupAt(g.ID)
					if !repeated {
						at = r.b.AddGroup(g)
						found(g.ID)
					}
					seen(object{g.ID, g.DisplayName, at})
					return nil
				})
				return err
			})
			return end, err
		},
	}, r.groupsLink, r.sequential || r.o.Recorder != nil)
}

// encode writes a query as Graph's documentation does: %20 for a space, and $
// and commas as they are.
func encode(q url.Values) string {
	return strings.NewReplacer("+", "%20", "%24", "$", "%2C", ",").Replace(q.Encode())
}
