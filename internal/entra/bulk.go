package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
)

// pageSize is the largest that Graph answers for users and groups
// (graph.md 1.1).
const pageSize = "999"

// userProperties are read of every user: the facts that decide.
var userProperties = []string{"id", "userPrincipalName", "mail", "otherMails", "userType", "creationType", "externalUserState", "accountEnabled", "onPremisesSyncEnabled"}

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
	r := &read{c: c, o: o, b: directory.NewBuilder(o.Attributes)}
	r.select_ = strings.Join(append(slices.Clone(userProperties), selected(r.b.Attributes())...), ",")
	if err := r.domains(ctx); err != nil {
		return nil, err
	}
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
// but extensionAttributeN only as part of its whole (graph.md 1.1).
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
// use, so pages are decoded one at a time, while others are on their way.
type read struct {
	c       *Client
	o       ReadOptions
	b       *directory.Builder
	select_ string
	lock    lock
}

// lock is a mutex whose holder runs a function.
type lock chan struct{}

func (l lock) hold(f func() error) error {
	l <- struct{}{}
	defer func() { <-l }()
	return f()
}

func (r *read) domains(ctx context.Context) error {
	r.lock = make(lock, 1)
	r.cover("domains")
	return r.c.pages(ctx, call{method: http.MethodGet, url: "/domains", doing: "reading domains", need: NeedDomains}, func(raw []byte) error {
		d, err := directory.DecodeDomain(raw)
		if err != nil {
			return err
		}
		r.b.AddDomain(d)
		r.record("domains", d.Name, raw)
		return nil
	})
}

// wholeTenant reads users beside groups and their members.
func (r *read) wholeTenant(ctx context.Context) error {
	r.cover("users")
	r.cover("groups")
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.users(ctx) })
	g.Go(func() error { return r.groupsAndMembers(ctx) })
	return g.Wait()
}

func (r *read) users(ctx context.Context) error {
	dec := directory.NewDecoder(r.b.Attributes())
	q := url.Values{"$select": {r.select_}, "$top": {pageSize}}
	return r.c.pagesWith(ctx, call{method: http.MethodGet, url: "/users?" + encode(q), doing: "reading users", need: NeedUsers}, func(page []byte) error {
		return r.lock.hold(func() error {
			_, err := directory.NewDecoder(nil).Array(page, func(raw []byte) error { return r.user(dec, raw) })
			return err
		})
	})
}

func (r *read) user(dec *directory.Decoder, raw []byte) error {
	u, values, has, err := dec.User(raw)
	if err != nil {
		return err
	}
	r.b.AddUser(u, values, has)
	r.record("users", u.ID, raw)
	return nil
}

func (r *read) groupsAndMembers(ctx context.Context) error {
	q := url.Values{"$select": {strings.Join(groupProperties, ",")}, "$top": {pageSize}}
	dec := directory.NewDecoder(nil)
	var groups []directory.GraphGroup
	err := r.c.pages(ctx, call{method: http.MethodGet, url: "/groups?" + encode(q), doing: "reading groups", need: NeedGroups}, func(raw []byte) error {
		g, err := dec.Group(raw)
		if err == nil {
			groups = append(groups, g)
			r.record("groups", g.ID, raw)
		}
		return err
	})
	if err != nil {
		return err
	}
	var todo []memberPage
	known := map[string]bool{}
	for _, g := range groups {
		if known[g.ID] {
			continue // a group that moved between pages
		}
		known[g.ID] = true
		_ = r.lock.hold(func() error { r.b.AddGroup(g); return nil })
		q := url.Values{"$select": {"id"}, "$top": {pageSize}}
		todo = append(todo, memberPage{g.ID, "/groups/" + url.PathEscape(g.ID) + "/members?" + encode(q)})
	}
	return r.members(ctx, todo)
}

// below reads the groups that the reading is limited to, and what is under
// them. Users come with their groups.
func (r *read) below(ctx context.Context) ([]string, error) {
	r.cover("users")
	r.cover("groups")
	seen := map[string]bool{}
	ids := []string{} // not nil, which would be the whole tenant
	var todo []memberPage
	for _, name := range r.o.Groups {
		g, raw, err := r.c.findGroup(ctx, name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, g.ID)
		if !seen[g.ID] {
			seen[g.ID] = true
			r.b.AddGroup(g)
			r.record("groups", g.ID, raw)
			todo = append(todo, r.memberPage(g.ID))
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if r.o.Recorder != nil {
		r.o.Recorder.Limit(ids)
	}
	dec, users := directory.NewDecoder(nil), directory.NewDecoder(r.b.Attributes())
	for len(todo) > 0 {
		var next []memberPage
		err := r.membersWith(ctx, todo, func(group string, raw []byte) error {
			m, err := dec.Member(raw)
			if err != nil {
				return err
			}
			if err := r.b.AddMember(group, m); err != nil {
				return err
			}
			switch m.Type {
			case "user":
				return r.memberUser(users, raw)
			case "group":
				g, err := dec.Group(raw)
				if err != nil {
					return err
				}
				if g.DisplayName == "" || seen[g.ID] {
					return nil // bare: the builder marks what can't be read
				}
				seen[g.ID] = true
				r.b.AddGroup(g)
				r.record("groups", g.ID, raw)
				next = append(next, r.memberPage(g.ID))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		todo = next
	}
	return ids, nil
}

// memberUser adds a user who came as a member, unless only the id did.
func (r *read) memberUser(dec *directory.Decoder, raw []byte) error {
	u, values, has, err := dec.User(raw)
	if err != nil {
		return err
	}
	if u.UserPrincipalName == "" && u.AccountEnabled == directory.Absent {
		return nil
	}
	r.b.AddUser(u, values, has)
	r.record("users", u.ID, raw)
	return nil
}

func (r *read) memberPage(group string) memberPage {
	// Properties of both kinds of member: each object answers those that it has.
	both := strings.Split(r.select_, ",")
	for _, p := range groupProperties {
		if !slices.Contains(both, p) {
			both = append(both, p)
		}
	}
	q := url.Values{"$select": {strings.Join(both, ",")}, "$top": {pageSize}}
	return memberPage{group, "/groups/" + url.PathEscape(group) + "/members?" + encode(q)}
}

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

// partners reads cross-tenant partners for a record; without the permission
// that part isn't covered.
func (r *read) partners(ctx context.Context) error {
	const base = "/policies/crossTenantAccessPolicy/partners"
	list := map[string]json.RawMessage{}
	err := r.c.pages(ctx, call{method: http.MethodGet, url: base, doing: "reading cross-tenant partners", need: NeedPartners}, func(raw []byte) error {
		var p map[string]json.RawMessage
		var id string
		if err := errors.Join(json.Unmarshal(raw, &p), json.Unmarshal(p["tenantId"], &id)); err != nil {
			return fmt.Errorf("a partner without tenantId: %w", err)
		}
		list[id] = slices.Clone(raw)
		return nil
	})
	var e *Error
	if errors.As(err, &e) && e.Status == http.StatusForbidden {
		return nil
	}
	if err != nil {
		return err
	}
	r.cover("cross_tenant_partners")
	for id, raw := range list {
		a, err := r.c.do(ctx, call{method: http.MethodGet, url: base + "/" + url.PathEscape(id) + "/identitySynchronization", doing: "reading a partner's user synchronisation", need: NeedPartners})
		r.record("cross_tenant_partners", id, raw)
		if errors.As(err, &e) && e.Status == http.StatusNotFound {
			continue
		}
		if err != nil {
			return err
		}
		merged, err := json.Marshal(map[string]json.RawMessage{"identitySynchronization": a.body})
		if err != nil {
			return fmt.Errorf("recording a partner: %w", err)
		}
		r.record("cross_tenant_partners", id, merged)
	}
	return nil
}

func (r *read) cover(part string) {
	if r.o.Recorder != nil {
		r.o.Recorder.Cover(part)
	}
}

func (r *read) record(part, id string, raw []byte) {
	if r.o.Recorder != nil {
		r.o.Recorder.Add(part, id, raw)
	}
}

// encode writes a query as Graph's documentation does: %20 for a space, and $
// and commas as they are.
func encode(q url.Values) string {
	return strings.NewReplacer("+", "%20", "%24", "$", "%2C", ",").Replace(q.Encode())
}
