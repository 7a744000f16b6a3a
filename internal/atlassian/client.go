// Package atlassian speaks to Atlassian's organization API [atlassian 3.2].
package atlassian

import (
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/sync/errgroup"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// DefaultEndpoint is where Atlassian's APIs are.
const DefaultEndpoint = "https://api.atlassian.com"

// Config says which organization, and how to speak to it.
type Config struct {
	// Key is the caller's name of the organization.
	Key            string
	OrganizationID string
	APIKey         string
	// SCIMDirectoryID and SCIMToken are only for SCIM data.
	SCIMDirectoryID, SCIMToken string
	// Endpoint overrides DefaultEndpoint.
	Endpoint string
	Roots    *x509.CertPool
	Wait     func(attempt int, asked time.Duration) time.Duration
	// Log writes a line for debugging.
	Log func(ctx context.Context, message string, fields map[string]any)
	// Secrets learns what must not show in an error or a log: the keys above.
	// nil for a set of the client's own.
	Secrets *sanitize.Secrets
}

// Client speaks to one organization. It is safe for concurrent use.
type Client struct {
	config Config
	base   *url.URL
	http   *http.Client
}

// New makes a client without speaking to anybody. An error is a *ConfigError.
func New(c Config) (*Client, error) {
	if c.Secrets == nil {
		c.Secrets = sanitize.New()
	}
	c.Secrets.Add(c.APIKey, c.SCIMToken)
	if c.OrganizationID == "" {
		return nil, &ConfigError{"organization_id", "the organization's id isn't set"}
	}
	if c.APIKey == "" {
		return nil, &ConfigError{"api_key", "the organization's API key isn't set"}
	}
	if strings.ContainsFunc(c.APIKey, unicode.IsControl) {
		return nil, &ConfigError{"api_key", "the key has a line break or another control character in it"}
	}
	if c.Endpoint == "" {
		c.Endpoint = DefaultEndpoint
	}
	u, err := url.Parse(strings.TrimRight(c.Endpoint, "/"))
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, &ConfigError{"endpoint", fmt.Sprintf("%q is no address such as %s: it must begin with https:// "+
			"and name a host", transport.WithoutUser(c.Endpoint), DefaultEndpoint)}
	}
	return &Client{
		config: c,
		base:   u,
		http:   transport.New(transport.Options{Host: u.Host, Roots: c.Roots, Wait: c.Wait}),
	}, nil
}

// OrganizationID is the organization's id.
func (c *Client) OrganizationID() string { return c.config.OrganizationID }

// Scopes that the reads need [atlassian 3.2].
const (
	scopeDomains     = "read:domains:admin"
	scopeDirectories = "read:directories:admin"
	scopeGroups      = "read:groups:admin"
)

// ReadOrganization reads the organization's domains, and where accounts is
// set its accounts and groups with their members.
func (c *Client) ReadOrganization(
	ctx context.Context,
	accounts bool,
	recorder *directory.Recorder,
) (*directory.Organization, error) {
	o := &directory.Organization{ID: c.config.OrganizationID, AccountsCovered: accounts}
	c.cover(recorder, "domains")
	err := c.list(
		ctx,
		"/v1/orgs/"+url.PathEscape(c.config.OrganizationID)+"/domains",
		"reading the organization's domains",
		scopeDomains,
		func(raw []byte) error {
			claim, ok, err := directory.DecodeClaim(raw)
			if err == nil && ok {
				o.Domains = append(o.Domains, claim)
				// A domain may be listed with several claims.
				c.record(recorder, "domains", strings.Join([]string{claim.Name, claim.Type, claim.Status}, " "), raw)
			}
			return err
		},
	)
	if err != nil {
		return nil, err
	}
	if accounts {
		if err := c.accounts(ctx, o, recorder); err != nil {
			return nil, err
		}
	}
	o.Sort()
	return o, nil
}

// membersAtOnce is how many groups' members are asked for at once. Atlassian's limits
// are unpublished, and a 429 is waited for [atlassian 3.2].
const membersAtOnce = 4

// accounts reads accounts beside groups, and then the groups' members side by side.
// Pages of one collection are a chain of cursors.
func (c *Client) accounts(ctx context.Context, o *directory.Organization, recorder *directory.Recorder) error {
	base := "/v2/orgs/" + url.PathEscape(c.config.OrganizationID) + "/directories/-"
	c.cover(recorder, "accounts")
	c.cover(recorder, "groups")
	var ofAccounts, ofGroups error
	var both sync.WaitGroup
	both.Go(func() {
		ofAccounts = c.search(ctx, base+"/users/search", nil, "reading accounts", scopeDirectories,
			func(raw []byte) error {
				a, err := directory.DecodeAccount(raw)
				if err == nil {
					o.Accounts = append(o.Accounts, a)
					c.record(recorder, "accounts", a.AccountID, raw)
				}
				return err
			})
	})
	both.Go(func() {
		ofGroups = c.search(ctx, base+"/groups/search", nil, "reading groups", scopeGroups, func(raw []byte) error {
			g, err := directory.DecodeAccountGroup(raw)
			if err == nil {
				o.Groups = append(o.Groups, g)
			}
			return err
		})
	})
	both.Wait()
	if err := cmp.Or(ofAccounts, ofGroups); err != nil {
		return err // the same one of two, whichever came first
	}
	many, ctx := errgroup.WithContext(ctx)
	many.SetLimit(membersAtOnce)
	for i := range o.Groups {
		many.Go(func() error { return c.members(ctx, base, &o.Groups[i], recorder) })
	}
	return many.Wait()
}

// members reads the accounts in a group.
func (c *Client) members(
	ctx context.Context, base string, g *directory.AccountGroup, recorder *directory.Recorder,
) error {
	g.Members = nil
	filter := map[string]any{"groupIds": []string{g.ID}}
	err := c.search(ctx, base+"/users/search", filter, "reading members of groups", scopeDirectories,
		func(raw []byte) error {
			a, err := directory.DecodeAccount(raw)
			if err == nil {
				g.Members = append(g.Members, a.AccountID)
			}
			return err
		})
	if err != nil {
		return err
	}
	slices.Sort(g.Members)
	raw, err := json.Marshal(g)
	if err != nil {
		return fmt.Errorf("recording a group: %w", err)
	}
	c.record(recorder, "groups", g.ID, raw)
	return nil
}

func (c *Client) cover(r *directory.Recorder, part string) {
	if r != nil {
		r.CoverOrganization(c.config.Key, c.config.OrganizationID, part)
	}
}

func (c *Client) record(r *directory.Recorder, part, id string, raw []byte) {
	if r != nil {
		r.AddOrganization(c.config.Key, part, id, raw)
	}
}

// answerPage is a page; links.next is a full address on v1 and a bare cursor
// on searches [atlassian 3.2], and either is accepted on both.
type answerPage struct {
	Data  json.RawMessage `json:"data"`
	Links struct {
		Next string `json:"next"`
	} `json:"links"`
}

// list reads a collection page by page.
func (c *Client) list(ctx context.Context, path, operation, scope string, each func(raw []byte) error) error {
	return c.pages(operation, each, func(cursor string) (answerPage, error) {
		target := path
		if cursor != "" {
			target += "?cursor=" + url.QueryEscape(cursor)
		}
		return c.do(ctx, http.MethodGet, target, nil, operation, scope)
	})
}

// search reads a collection by POST, which only reads and may be repeated.
func (c *Client) search(
	ctx context.Context,
	path string,
	filter map[string]any,
	operation, scope string,
	each func(raw []byte) error,
) error {
	ctx = transport.Idempotent(ctx)
	return c.pages(operation, each, func(cursor string) (answerPage, error) {
		body := map[string]any{"limit": 100}
		for k, v := range filter {
			body[k] = v
		}
		if cursor != "" {
			body["cursor"] = cursor
		}
		return c.do(ctx, http.MethodPost, path, body, operation, scope)
	})
}

func (c *Client) pages(
	operation string,
	each func(raw []byte) error,
	get func(cursor string) (answerPage, error),
) error {
	var pagination transport.Pagination
	cursor := ""
	for {
		p, err := get(cursor)
		if err != nil {
			return err
		}
		if p.Data == nil {
			err = errors.New("there is no \"data\"")
		} else {
			_, err = directory.NewDecoder(nil).Array(p.Data, each)
		}
		if err != nil {
			return fmt.Errorf("%s: Atlassian's answer has another shape than documented: %w", operation, err)
		}
		if cursor, err = c.cursorOf(p.Links.Next); err != nil {
			return fmt.Errorf("%s: %w", operation, err)
		}
		if cursor == "" {
			return nil
		}
		if err := pagination.Next(p.Data, cursor); err != nil {
			return fmt.Errorf("%s: %w", operation, err)
		}
	}
}

// cursorOf takes the cursor out of an address, or as it is. An address of
// another host is refused.
func (c *Client) cursorOf(next string) (string, error) {
	if !strings.Contains(next, "://") && !strings.HasPrefix(next, "/") {
		return next, nil
	}
	u, err := url.Parse(next)
	if err != nil {
		return "", fmt.Errorf("links.next is no address: %w", err)
	}
	u = c.base.ResolveReference(u)
	if u.Scheme != "https" || !strings.EqualFold(u.Host, c.base.Host) {
		return "", fmt.Errorf("%w: links.next points to %s://%s", transport.ErrOtherHost, u.Scheme, u.Host)
	}
	if cursor := u.Query().Get("cursor"); cursor != "" {
		return cursor, nil
	}
	return "", errors.New("links.next has no cursor")
}

func (c *Client) do(ctx context.Context, method, path string, body any, operation, scope string) (answerPage, error) {
	var p answerPage
	var content []byte
	if body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			return p, fmt.Errorf("%s: %w", operation, err)
		}
	}
	raw, err := c.send(
		ctx,
		request{
			method:    method,
			path:      "/admin" + path,
			bearer:    c.config.APIKey,
			kind:      "application/json",
			body:      content,
			operation: operation,
			scope:     scope,
		},
	)
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, fmt.Errorf("%s: Atlassian's answer is no JSON: %w", operation, err)
	}
	return p, nil
}

// request is one request to one of Atlassian's APIs.
type request struct {
	method, path, bearer string
	// kind is the media type of body and answer.
	kind             string
	body             []byte
	operation, scope string
}

// send gives the body of a good answer; a refusal is an *Error.
func (c *Client) send(ctx context.Context, r request) ([]byte, error) {
	var reader io.Reader
	if r.body != nil {
		reader = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, c.base.String()+r.path, reader)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.operation, err)
	}
	req.Header.Set("Authorization", "Bearer "+r.bearer)
	req.Header.Set("Accept", r.kind)
	if r.body != nil {
		req.Header.Set("Content-Type", r.kind)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.operation, err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := transport.Body(resp)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.operation, err)
	}
	if c.config.Log != nil {
		c.config.Log(
			ctx,
			"Atlassian request",
			map[string]any{"method": r.method, "path": req.URL.Path, "status": resp.StatusCode, "bytes": len(raw)},
		)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, c.refusal(resp, raw, r.operation, r.scope)
	}
	return raw, nil
}
