package simulator

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
)

// What a client needs to get in, unless options say otherwise. They protect nothing.
const (
	DefaultTenantID     = "5f2b1c9e-7a34-4d8f-9b60-1e2d3c4b5a69" // of a server without a snapshot
	DefaultClientID     = "c0ffee00-0000-4000-8000-000000000001"
	DefaultClientSecret = "simulator-client-secret"
	DefaultAPIKey       = "simulator-api-key" // of every organization
)

// Server is a simulated tenant with its organizations. Its methods may be called at any time, from
// any goroutine.
type Server struct {
	store    *store
	orgs     *organizations
	extra    snapshotExtra
	sync     *syncState
	others   *otherTenants
	dns      *simulatedDNS
	tenantID string

	behavior env.Behavior
	routes   *routeTable
	clock    *env.Clock
	sleep    func(context.Context, time.Duration)
	latency  latency
	apps     *appRegistry
	counts   *counters
	faults   *faultSchedule
	hooks    hooks
	quota    quota
	done     writesDone
	units    units
	deltas   *deltaPolicy
	cursors  *cursorCache
	signer   *signer
	tick     atomic.Int64 // read requests to Graph so far

	audiences []string
	apiKeys   map[string]string // by organization id or snapshot key

	directoryKeys map[string]string // of SCIM directories, by the same
	targets       []trustedTarget

	authority *authority
	listener  net.Listener
	http      *http.Server
	closing   sync.Once
}

// New makes a server whose state is that of a snapshot; a nil seed is an empty tenant.
func New(seed io.Reader, options ...Option) (*Server, error) {
	s := blank()
	if seed != nil {
		if err := s.load(seed); err != nil {
			return nil, fmt.Errorf("reading the snapshot: %w", err)
		}
	}
	return s.configure(options)
}

// NewSynthetic makes a server whose state is a made-up tenant, without the way through a file.
func NewSynthetic(tenant Synthetic, options ...Option) (*Server, error) {
	s := blank()
	if err := tenant.fill(s); err != nil {
		return nil, err
	}
	return s.configure(options)
}

func blank() *Server {
	s := &Server{
		store:    newStore(),
		orgs:     newOrganizations(),
		sync:     newSyncState(),
		others:   newOtherTenants(),
		dns:      newSimulatedDNS(),
		tenantID: DefaultTenantID,
		behavior: env.DefaultBehavior(),
		clock:    env.NewClock(),
		sleep:    env.SleepFor,
		apps:     newAppRegistry(),
		counts:   newCounters(),
		faults:   newFaultSchedule(1),
		deltas:   &deltaPolicy{},
		cursors:  newCursorCache(),
		signer:   newSigner(),
		apiKeys:  map[string]string{},

		directoryKeys: map[string]string{},
	}
	s.store.dynamic.now, s.store.dynamic.lag = s.clock.Now, func() time.Duration { return s.behavior.DynamicLag }
	s.routes = newRouteTable()
	return s
}

func (s *Server) configure(options []Option) (*Server, error) {
	s.apps.put(App{ClientID: DefaultClientID, Secret: DefaultClientSecret, Roles: AllRoles()})
	for _, option := range options {
		if err := option(s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Handler answers requests without a listener, for httptest and the like.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// Start listens with TLS on a free port of 127.0.0.1, under a certificate authority made for this run.
func (s *Server) Start() error { return s.Listen("127.0.0.1:0") }

// Listen is Start on an address of the caller's choice.
func (s *Server) Listen(address string) error {
	ca, err := newAuthority()
	if err != nil {
		return err
	}
	config, err := ca.serverConfig(address)
	if err != nil {
		return err
	}
	s.authority = ca
	if s.listener, err = net.Listen("tcp", address); err != nil {
		return err
	}
	s.http = &http.Server{
		Handler: s.Handler(), TLSConfig: config, ErrorLog: quiet,
		ReadHeaderTimeout: 30 * time.Second, ConnContext: withConnection,
	}
	go func() { _ = s.http.ServeTLS(s.listener, "", "") }()
	return nil
}

// URL is the address of a started server, without a slash at its end.
func (s *Server) URL() string {
	if s.listener == nil {
		return ""
	}
	return "https://" + s.listener.Addr().String()
}

// TenantID is the Entra tenant that the snapshot names.
func (s *Server) TenantID() string { return s.tenantID }

// About is what a server holds, in short.
type About struct {
	TenantID      string              `json:"tenant_id"`
	Users         int                 `json:"users"`
	Groups        int                 `json:"groups"`
	Domains       int                 `json:"domains"`
	Organizations []AboutOrganization `json:"organizations"`
}

// AboutOrganization names an Atlassian organization and what lets a client in.
type AboutOrganization struct {
	Key    string `json:"key"` // in the snapshot
	ID     string `json:"id"`
	APIKey string `json:"api_key"`

	DirectoryID    string `json:"scim_directory_id"` // of the SCIM directory under /scim/directory/{id}
	DirectoryToken string `json:"scim_token"`
}

// About says what the server holds at present.
func (s *Server) About() About {
	s.store.mu.RLock()
	defer s.store.mu.RUnlock()
	s.orgs.mu.Lock()
	defer s.orgs.mu.Unlock()
	a := About{
		TenantID: s.tenantID, Users: s.store.users.live, Groups: s.store.groups.live,
		Domains: len(s.store.domains.keys), Organizations: []AboutOrganization{},
	}
	for _, key := range s.orgs.keys {
		org := s.orgs.byKey[key]
		a.Organizations = append(a.Organizations, AboutOrganization{key, org.id, s.keyOf(org), org.directory(), s.directoryToken(org)})
	}
	return a
}

// Close stops a started server and cuts what is still open.
func (s *Server) Close() {
	s.closing.Do(func() {
		if s.http != nil {
			_ = s.http.Close()
		}
	})
}

// Shutdown stops a started server after the requests under way.
func (s *Server) Shutdown(ctx context.Context) error {
	if s.http == nil {
		return nil
	}
	return s.http.Shutdown(ctx)
}

// Advance moves the server's clock forward: tokens expire, delta links age, claims are looked at again, nested
// groups sync.
func (s *Server) Advance(d time.Duration) {
	s.clock.Advance(d)
	s.settleNested()
}

// latency is how long a request waits before it is answered.
type latency struct {
	mu  sync.Mutex
	how func(method, route string) time.Duration // nil: not at all
}

func (l *latency) of(method, route string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.how == nil {
		return 0
	}
	return l.how(method, route)
}

// SetLatency delays every request from now on by the same time.
func (s *Server) SetLatency(d time.Duration) {
	s.latency.mu.Lock()
	defer s.latency.mu.Unlock()
	s.latency.how = func(string, string) time.Duration { return d }
}
