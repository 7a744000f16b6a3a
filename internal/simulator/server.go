package simulator

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/control"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/faults"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph/directory"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph/domains"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph/policies"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph/synchronization"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/scim"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/scimapp"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/world"
)

// Server is a simulated world behind a listener: the services over one state. Its methods, those of the
// world's parts included, may be called at any time, from any goroutine.
type Server struct {
	*world.World

	authority *authority
	listener  net.Listener
	http      *http.Server
	closing   sync.Once
}

// New makes a server whose state is that of a snapshot; a nil seed is an empty tenant.
func New(seed io.Reader, options ...Option) (*Server, error) {
	s := blank()
	if seed != nil {
		if err := s.Load(seed); err != nil {
			return nil, fmt.Errorf("reading the snapshot: %w", err)
		}
	}
	return s.configure(options)
}

// NewSynthetic makes a server whose state is a made-up tenant, without the way through a file.
func NewSynthetic(tenant world.Synthetic, options ...Option) (*Server, error) {
	s := blank()
	if err := tenant.Fill(s.World); err != nil {
		return nil, err
	}
	return s.configure(options)
}

// blank makes a server of an empty tenant: the state first, then the services on it.
func blank() *Server {
	s := &Server{World: world.New(DefaultTenantID)}
	s.Engine.URL, s.Engine.CA = s.URL, s.CAPEM
	s.serve()
	return s
}

// serve registers the services.
func (s *Server) serve() {
	g := graph.NewService(s.Kernel, s.Store, s.Login)
	admin := &atlassian.Service{Orgs: s.Organizations, Clock: s.Clock, Behavior: s.Behavior}
	directories := &scim.Service{Orgs: s.Organizations, Clock: s.Clock, Behavior: s.Behavior}
	domains := &domains.Service{Service: g, DNS: s.Zone, Others: s.Others}
	policies := &policies.Service{Service: g, Others: s.Others}
	synchronization := &synchronization.Service{Service: g, Jobs: s.Registry, Engine: s.Engine}

	s.Login.Register(&s.Kernel.Routes)
	for _, operations := range [][]graph.Operation{
		directory.DeltaOperations(s.DeltaPolicy), directory.UserOperations(), directory.GroupOperations(),
		directory.ReferenceOperations(),
		graph.TenantOperations(), domains.Operations(),
		policies.Operations(), synchronization.Operations(), synchronization.ApplicationOperations(),
	} {
		g.Register(operations)
	}
	admin.Register(&s.Kernel.Routes)
	directories.Register(&s.Kernel.Routes)
	applications := &scimapp.Service{Applications: s.Applications}
	applications.Register(&s.Kernel.Routes)
	(&control.Service{World: s.World}).Register(&s.Kernel.Routes)

	s.Kernel.Otherwise = g
	s.Kernel.SameAs = map[string]string{"beta": "v1.0"}
	s.Kernel.Unreadable = g.Unreadable
	s.Kernel.UnknownPath["admin"] = admin.UnknownPath
	s.Kernel.UnknownPath["scim"] = directories.UnknownPath
	s.Kernel.UnknownPath["apps"] = applications.UnknownPath
	s.Kernel.UnknownPath[""] = g.UnknownPath
	s.Kernel.Before = func(c *kernel.Call) {
		if c.Route.Service == applications { // of a cycle, maybe
			return
		}
		if c.Route.Service == directories { // of a cycle, maybe
			s.RecheckClaims()
			return
		}
		s.SyncDue()
	}
}

func (s *Server) configure(options []Option) (*Server, error) {
	if err := s.AddApp(
		login.App{ClientID: DefaultClientID, Secret: DefaultClientSecret, Roles: login.AllRoles()},
	); err != nil {
		return nil, err
	}
	for _, option := range options {
		if err := option(s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Handler answers requests without a listener, for httptest and the like.
func (s *Server) Handler() http.Handler { return s.Kernel }

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
		ReadHeaderTimeout: 30 * time.Second, ConnContext: kernel.WithConnection,
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
func (s *Server) TenantID() string { return s.Store.ID }

// PersonToken signs somebody in by the Azure CLI: the token that it gives for this server's Graph.
func (s *Server) PersonToken(p login.Person) string { return s.Login.PersonToken(s.URL(), p) }

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

// LinkTenant lets cross-tenant jobs of this server push into another, in process; both then find each other
// by their domains. Calling it the other way round too links both directions.
func (s *Server) LinkTenant(target *Server) error { return s.Others.Link(target.Others) }

// KillAt puts a death on the schedule; it happens once. From the n-th request on, what else arrives is held
// until the client is dead, and then dropped: exactly the n-1 requests before it were carried out, or n.
// Several deaths may wait at once; each counts by itself.
func (s *Server) KillAt(kill faults.Kill) (*faults.Killing, error) {
	if kill.By == nil {
		kill.By = func(faults.Request) error { return faults.KillClients(s.listener) }
	}
	return kill.Schedule(s.Kernel.Hooks)
}

// What a client needs to get in, unless options say otherwise. They protect nothing.
const (
	DefaultTenantID     = "5f2b1c9e-7a34-4d8f-9b60-1e2d3c4b5a69" // of a server without a snapshot
	DefaultClientID     = "c0ffee00-0000-4000-8000-000000000001"
	DefaultClientSecret = "simulator-client-secret"
)
