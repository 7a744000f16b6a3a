// Package nestedgroups is Atlassian's own reader of an Entra tenant: the nested-groups integration.
package nestedgroups

import (
	"cmp"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// Settings are the settings of Atlassian's nested-groups integration with this tenant [atlassian 1.3].
type Settings struct {
	Everyone bool     // all users and groups, also those to come
	Groups   []string // else these, by object id or exact name, and their users
	Domains  []string // which of Entra's verified domains a sync verifies; "*" for all
	Manual   bool     // no sync by itself
	Accept   []string // the organization's own groups that may be taken over: a name that both have is a conflict else

	UserIdentifier string        // "email", the default here, or "user_principal_name"; the real default is [U]
	Interval       time.Duration // between syncs: 1, 2, 4 (the default here) or 24 hours
}

// The user identifiers.
const (
	email         = "email"
	principalName = "user_principal_name"
)

// check refuses settings that the page doesn't offer.
func (s *Settings) check() error {
	s.UserIdentifier, s.Interval = cmp.Or(s.UserIdentifier, email), cmp.Or(s.Interval, 4*time.Hour)
	switch {
	case s.Everyone == (len(s.Groups) > 0):
		return fmt.Errorf("either everyone or some groups")
	case s.UserIdentifier != email && s.UserIdentifier != principalName:
		return fmt.Errorf("user identifier %q: one of %s, %s", s.UserIdentifier, email, principalName)
	case !slices.Contains([]time.Duration{time.Hour, 2 * time.Hour, 4 * time.Hour, 24 * time.Hour}, s.Interval):
		return fmt.Errorf("interval %s: one of 1h, 2h, 4h, 24h", s.Interval)
	}
	return nil
}

// Report is what a sync did. The counts are what the integration's page shows [atlassian 1.8]; it doesn't tell who
// is skipped, so Skipped is ours.
type Report struct {
	Users   int    `json:"synced_users"`
	Groups  int    `json:"synced_groups"`
	Domains int    `json:"synced_domains"`
	Skipped []Skip `json:"skipped"`
}

// Skip is a user or group in scope that a sync left out.
type Skip struct {
	ID     string `json:"id"`
	Name   string `json:"name"` // principal name, or the group's
	Reason string `json:"reason"`
}

// Integration is Atlassian's nested-groups integration with a tenant, of every organization that connected
// it; the organizations' mutex guards what it holds.
type Integration struct {
	store       *tenant.Store
	orgs        *atlassian.Organizations
	clock       *env.Clock
	behavior    *env.Behavior
	connections map[*atlassian.Organization]*connection
	any         atomic.Bool // an organization connected it
}

// NewIntegration is connected nowhere yet.
func NewIntegration(st *tenant.Store, orgs *atlassian.Organizations) *Integration {
	return &Integration{
		store: st, orgs: orgs, clock: st.Clock, behavior: st.Behavior,
		connections: map[*atlassian.Organization]*connection{},
	}
}

// connection is the integration of an organization; the organizations' mutex guards it. It isn't in a
// snapshot.
type connection struct {
	settings Settings
	groups   []string          // ids of the chosen ones
	last     time.Time         // the last sync by the clock, or the connection
	accounts map[string]string // by object id of the user: whom it synced
	mirrors  map[string]string // ids of the organization's groups, by object id
}

// NestedGroups connects the integration of an organization, or changes its settings from the next sync on. It
// doesn't sync yet. It can't be used together with SCIM [atlassian 1.1, D].
func (s *Integration) NestedGroups(org string, settings Settings) error {
	s.SyncDue()
	if err := settings.check(); err != nil {
		return err
	}
	var ids []string
	for _, name := range settings.Groups {
		id, err := s.store.GroupID(name)
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	return s.orgs.Change(org, func(g *atlassian.Organization) error {
		if len(g.SCIM.Users)+len(g.SCIM.Groups) > 0 {
			return fmt.Errorf("%s has a SCIM directory with users or groups, which excludes nested groups", g.Key)
		}
		if s.connections[g] == nil {
			s.connections[g] = &connection{accounts: map[string]string{}, mirrors: map[string]string{}}
		}
		n := s.connections[g]
		n.settings, n.groups, n.last = settings, ids, s.clock.Now()
		s.any.Store(true)
		return nil
	})
}

// SyncNestedGroups runs a sync of an organization now.
func (s *Integration) SyncNestedGroups(org string) (Report, error) {
	s.SyncDue()
	s.store.ApplyDueRules() // dynamic groups
	s.store.Mu.RLock()
	defer s.store.Mu.RUnlock()
	var report Report
	err := s.orgs.Change(org, func(g *atlassian.Organization) error {
		if s.connections[g] == nil {
			return fmt.Errorf("nested groups aren't connected in %s", g.Key)
		}
		report = s.sync(g)
		return nil
	})
	return report, err
}

// SyncDue runs the syncs that were due till now, as one: the tenant didn't change in between, for this
// comes before each request, and when the clock is advanced. No mutex is held.
func (s *Integration) SyncDue() {
	s.orgs.RecheckClaims()
	if !s.any.Load() {
		return
	}
	s.store.ApplyDueRules()
	s.store.Mu.RLock()
	defer s.store.Mu.RUnlock()
	s.orgs.Mu.Lock()
	defer s.orgs.Mu.Unlock()
	now := s.clock.Now()
	for _, key := range s.orgs.Keys {
		g := s.orgs.ByKey[key]
		if n := s.connections[g]; n != nil && !n.settings.Manual && now.Sub(n.last) >= n.settings.Interval {
			n.last = n.last.Add(now.Sub(n.last).Truncate(n.settings.Interval))
			s.sync(g)
		}
	}
}

// DisconnectNestedGroups ends the integration. Users and groups stay as they are, the settings are lost
// [atlassian 1.6, D]; the domains that it verified go, and accounts on them are nobody's: so says the page
// on switching to SCIM [D].
func (s *Integration) DisconnectNestedGroups(org string) error {
	s.SyncDue()
	return s.orgs.Change(org, func(g *atlassian.Organization) error {
		if s.connections[g] == nil {
			return fmt.Errorf("nested groups aren't connected in %s", g.Key)
		}
		delete(s.connections, g)
		for domain, k := range g.Claims {
			if k.ViaEntra {
				g.RemoveClaim(domain)
				g.ReleaseAccounts(domain)
			}
		}
		return nil
	})
}
