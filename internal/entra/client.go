package entra

import (
	"context"
	"strconv"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// Client reads and changes one tenant. It is safe for concurrent use.
type Client struct {
	graph *graph.Client
	// logsLimit and onDemandLimit are of calls that have limits of their own.
	logsLimit, onDemandLimit *graph.RateLimiter

	// pageSize is asked for, sequential says that collections are read as one
	// chain of pages, and fastPage and now are the partitioned reader's. Tests
	// change them.
	pageSize   string
	sequential bool
	fastPage   time.Duration
	now        func() time.Time
}

// Provisioning logs and provisionOnDemand take five requests in ten seconds
// [graph 6], [graph 3.8].
const (
	limitedRequests = 5
	limitedWindow   = 10 * time.Second
)

// New makes a client without sending anything. An error is a *ConfigError. wait
// and log are those of graph.Options; nil for the defaults.
func New(config Config, wait Wait, log Log) (*Client, error) {
	g, err := graph.New(config, graph.Options{Wait: wait, Log: log})
	if err != nil {
		return nil, err
	}
	return newClient(g), nil
}

func newClient(g *graph.Client) *Client {
	return &Client{
		graph:         g,
		logsLimit:     graph.NewRateLimiter(limitedRequests, limitedWindow),
		onDemandLimit: graph.NewRateLimiter(limitedRequests, limitedWindow),
		pageSize:      strconv.Itoa(maxPageSize),
		fastPage:      fastPage,
		now:           time.Now,
	}
}

// SignIn gets a token, and compares its permissions with what is needed: what
// is missing is a *MissingRolesError, a refusal a *SignInError.
func (c *Client) SignIn(ctx context.Context, needs ...Need) error {
	return c.graph.SignIn(ctx, needs...)
}

// TenantID is the tenant's object id, known after SignIn; before that, and with a
// token that can't be read, what was configured.
func (c *Client) TenantID() string { return c.graph.TenantID() }

// eachObject reads a collection and calls each with every object's JSON, valid
// only during the call.
func (c *Client) eachObject(ctx context.Context, first graph.Request, each func(raw []byte) error) error {
	return c.graph.Pages(ctx, first, func(value []byte) error {
		_, err := directory.NewDecoder(nil).Array(value, each)
		return err
	})
}
