// Package world is the state of everything that is simulated, its form as a snapshot, and made-up tenants.
package world

import (
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/dns"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/graph/directory"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/kernel"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/nestedgroups"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/provisioning"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/scimapp"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// World is the state that the services stand on, by its parts: each may be changed from outside by its methods.
type World struct {
	*tenant.Store
	*tenant.Others
	*dns.Zone
	*atlassian.Organizations
	*nestedgroups.Integration
	*jobs.Registry
	*provisioning.Engine
	*scimapp.Applications
	*kernel.Kernel
	*directory.DeltaPolicy

	Login    *login.Service
	Clock    *env.Clock
	Behavior *env.Behavior
	extra    snapshotExtra
}

// New is an empty tenant without organizations.
func New(tenantID string) *World {
	clock, behavior := env.NewClock(), env.DefaultBehavior()
	s := &World{Clock: clock, Behavior: &behavior, Kernel: kernel.NewKernel(), DeltaPolicy: &directory.DeltaPolicy{}}
	s.Store = tenant.NewStore(tenantID, clock, &behavior)
	s.Others = tenant.NewOthers(s.Store)
	s.Zone = dns.NewZone(s.Store)
	s.Organizations = atlassian.NewOrganizations(clock, &behavior, s.Zone)
	s.BeforeChange = s.RecheckClaims
	s.Integration = nestedgroups.NewIntegration(s.Store, s.Organizations)
	s.Registry = jobs.NewRegistry(s.Store)
	s.Applications = scimapp.New(clock)
	s.Engine = &provisioning.Engine{
		Store: s.Store, Jobs: s.Registry, Others: s.Others, Orgs: s.Organizations, Clock: clock, Behavior: &behavior,
		Handler: s.Kernel, Applications: s.Applications,
	}
	s.Login = login.NewService(s.Store)
	return s
}

// SetBehavior changes a setting, and refuses what can't be.
func (s *World) SetBehavior(change func(*env.Behavior)) error {
	change(s.Behavior)
	return s.Behavior.Check()
}

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
func (s *World) About() About {
	s.Store.Mu.RLock()
	defer s.Store.Mu.RUnlock()
	s.Organizations.Mu.Lock()
	defer s.Organizations.Mu.Unlock()
	a := About{
		TenantID: s.Store.ID, Users: s.Store.Users.Live, Groups: s.Store.Groups.Live,
		Domains: len(s.Store.Domains.Keys), Organizations: []AboutOrganization{},
	}
	for _, key := range s.Organizations.Keys {
		org := s.Organizations.ByKey[key]
		a.Organizations = append(a.Organizations, AboutOrganization{
			Key:            key,
			ID:             org.ID,
			APIKey:         s.KeyOf(org),
			DirectoryID:    org.Directory(),
			DirectoryToken: s.DirectoryToken(org),
		})
	}
	return a
}

// Advance moves the server's clock forward: tokens expire, delta links age, claims are looked at again, nested
// groups sync.
func (s *World) Advance(d time.Duration) {
	s.Clock.Advance(d)
	s.SyncDue()
}

// AddApp registers an app, or changes the one with its client id. Tokens that it already has keep
// their roles, as in Entra.
func (s *World) AddApp(app login.App) error { return s.Login.AddApp(app) }

// SetLatency delays every request from now on by the same time.
func (s *World) SetLatency(d time.Duration) { s.Kernel.Latency.Set(d) }

// IssueToken makes an access token of an app for a resource, as the server at an address would.
func (s *World) IssueToken(base string, app login.App, resource string) string {
	return s.Login.Issue(base, app, resource)
}
