// Package scim reads the users of any SCIM application (RFC 7644), to compare them with
// what is predicted. It knows nothing of the application.
package scim

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/usersync/terraform-provider-usersync/internal/sanitize"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// Config says where the application is.
type Config struct {
	// Endpoint is the base of its SCIM service, such as https://host/scim/v2.
	Endpoint string
	Token    string
	Roots    *x509.CertPool
	Wait     func(attempt int, asked time.Duration) time.Duration
	// Secrets learns the token; nil for a set of the client's own.
	Secrets *sanitize.Secrets
}

// ConfigError is an endpoint or token that can't be used. It never holds the token.
type ConfigError struct{ Name, Problem string }

func (e *ConfigError) Error() string { return e.Name + " " + e.Problem }

// Error is an answer that refuses a request.
type Error struct {
	Status  int
	Message string
}

func (e *Error) Error() string {
	s := fmt.Sprintf("the application answered %d %s", e.Status, http.StatusText(e.Status))
	if e.Message != "" {
		s += ": " + e.Message
	}
	return s
}

// Advice says what to do about the error.
func (e *Error) Advice() string {
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "The application refuses the token in SCIM_TOKEN: it may have expired, or lack the right to read users."
	case http.StatusNotFound:
		return "Check SCIM_ENDPOINT: it is what the job has as BaseAddress, and the users are below it at /Users."
	case http.StatusTooManyRequests:
		return "The application asked to wait again and again. Run it again later."
	}
	return ""
}

// User is a user of the application.
type User struct {
	ID, UserName, ExternalID string
	Active                   bool
}

// Client reads one application.
type Client struct {
	config Config
	base   string
	http   *http.Client
}

// New makes a client without speaking to anybody. An error is a *ConfigError.
func New(c Config) (*Client, error) {
	if c.Secrets == nil {
		c.Secrets = sanitize.New()
	}
	c.Secrets.Add(c.Token)
	u, err := url.Parse(strings.TrimRight(c.Endpoint, "/"))
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, &ConfigError{
			"SCIM_ENDPOINT",
			"isn't the address of a SCIM service such as https://host/scim/v2: it " +
				"begins with https:// and has neither a user nor a query",
		}
	}
	if c.Token == "" || strings.ContainsFunc(c.Token, unicode.IsControl) {
		return nil, &ConfigError{"SCIM_TOKEN", "is empty, or has a line break or another control character in it"}
	}
	return &Client{
		config: c,
		base:   u.String(),
		http:   transport.New(transport.Options{Host: u.Host, Roots: c.Roots, Wait: c.Wait}),
	}, nil
}

// pageSize is how many users are asked for at once, which AWS takes at most.
const pageSize = 100

type answer struct {
	Total     int             `json:"totalResults"`
	Next      string          `json:"nextCursor"`
	Resources json.RawMessage `json:"Resources"`
}

type resource struct {
	ID         string `json:"id"`
	UserName   string `json:"userName"`
	ExternalID string `json:"externalId"`
	Active     *bool  `json:"active"`
}

// Users reads all users: by cursor where the application has them (RFC 9865; AWS's only
// way: docs.aws.amazon.com/singlesignon/latest/developerguide/listusers.html), else by
// startIndex (RFC 7644, 3.4.2.4). A page that comes again is an error.
func (c *Client) Users(ctx context.Context) ([]User, error) {
	var list []User
	var pages transport.Pagination
	byCursor, next := true, ""
	for {
		q := url.Values{"count": {strconv.Itoa(pageSize)}}
		if byCursor {
			q.Set("cursor", next)
		} else {
			q.Set("startIndex", next)
		}
		a, err := c.page(ctx, q)
		if byCursor && next == "" && isBadRequest(err) {
			byCursor, next = false, "1" // it knows no cursors, and doesn't pass over what it doesn't know
			continue
		}
		if err != nil {
			return nil, err
		}
		var found []resource
		if len(a.Resources) > 0 {
			if err := json.Unmarshal(a.Resources, &found); err != nil {
				return nil, fmt.Errorf("the application's answer isn't a list of users: %w", err)
			}
		}
		for _, r := range found {
			list = append(list, User{r.ID, r.UserName, r.ExternalID, r.Active == nil || *r.Active})
		}
		switch {
		case a.Next != "":
			byCursor, next = true, a.Next
		case len(list) >= a.Total:
			return list, nil
		case len(found) == 0:
			return nil, fmt.Errorf("the application says that it has %d users, and gives %d", a.Total, len(list))
		default:
			byCursor, next = false, strconv.Itoa(len(list)+1)
		}
		if err := pages.Next(a.Resources, next); err != nil {
			return nil, err
		}
	}
}

func isBadRequest(err error) bool {
	refused, ok := errors.AsType[*Error](err)
	return ok && refused.Status == http.StatusBadRequest
}

func (c *Client) page(ctx context.Context, q url.Values) (a answer, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/Users?"+q.Encode(), nil)
	if err != nil {
		return a, err
	}
	req.Header.Set("Authorization", "Bearer "+c.config.Token)
	req.Header.Set("Accept", "application/scim+json, application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return a, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := transport.Body(resp)
	if err != nil {
		return a, err
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		var told struct {
			Detail string `json:"detail"`
		}
		_ = json.Unmarshal(raw, &told)
		return a, &Error{resp.StatusCode, c.config.Secrets.Line(told.Detail)}
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return a, fmt.Errorf("the application's answer is no JSON of SCIM: %w", err)
	}
	return a, nil
}
