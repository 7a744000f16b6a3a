package simulator

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/env"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// NestedGroups are the settings of Atlassian's nested-groups integration with this tenant [atlassian 1.3].
type NestedGroups struct {
	Everyone bool     // all users and groups, also those to come
	Groups   []string // else these, by object id or exact name, and their users
	Domains  []string // which of Entra's verified domains a sync verifies; "*" for all
	Manual   bool     // no sync by itself, every 4 hours
	Accept   []string // the organization's own groups that may be taken over: a name that both have is a conflict else
}

// NestedReport is what a sync did. The counts are what the integration's page shows [atlassian 1.8]; it doesn't tell who
// is skipped, so Skipped is ours.
type NestedReport struct {
	Users   int          `json:"synced_users"`
	Groups  int          `json:"synced_groups"`
	Domains int          `json:"synced_domains"`
	Skipped []NestedSkip `json:"skipped"`
}

// NestedSkip is a user or group in scope that a sync left out.
type NestedSkip struct {
	ID     string `json:"id"`
	Name   string `json:"name"` // principal name, or the group's
	Reason string `json:"reason"`
}

// nestedIntegration is Atlassian's nested-groups integration with a tenant, of every organization that connected
// it; the organizations' mutex guards what it holds.
type nestedIntegration struct {
	store    *tenant.Store
	orgs     *organizations
	clock    *env.Clock
	behavior *env.Behavior
	settled  map[*organization]*nestedGroups
	any      atomic.Bool // an organization connected it
}

func newNestedIntegration(st *tenant.Store, orgs *organizations) *nestedIntegration {
	return &nestedIntegration{store: st, orgs: orgs, clock: st.Clock, behavior: st.Behavior, settled: map[*organization]*nestedGroups{}}
}

// nestedGroups is the integration of an organization; the organizations' mutex guards it. It isn't in a
// snapshot.
type nestedGroups struct {
	settings NestedGroups
	groups   []string          // ids of the chosen ones
	last     time.Time         // the last sync by the clock, or the connection
	accounts map[string]string // by object id of the user: whom it synced
	mirrors  map[string]string // ids of the organization's groups, by object id
}

const nestedInterval = 4 * time.Hour // the interval that can't be set here; 1, 2, 4 or 24 hours [atlassian 1.3, D]

// NestedGroups connects the integration of an organization, or changes its settings from the next sync on. It
// doesn't sync yet. It can't be used together with SCIM [atlassian 1.1, D].
func (s *nestedIntegration) NestedGroups(org string, settings NestedGroups) error {
	s.settleNested()
	if settings.Everyone == (len(settings.Groups) > 0) {
		return fmt.Errorf("either everyone or some groups")
	}
	var ids []string
	for _, name := range settings.Groups {
		id, err := s.store.GroupID(name)
		if err != nil {
			return err
		}
		ids = append(ids, id)
	}
	return s.orgs.inOrganization(org, func(g *organization) error {
		if len(g.scim.users)+len(g.scim.groups) > 0 {
			return fmt.Errorf("%s has a SCIM directory with users or groups, which excludes nested groups", g.key)
		}
		if s.settled[g] == nil {
			s.settled[g] = &nestedGroups{accounts: map[string]string{}, mirrors: map[string]string{}}
		}
		n := s.settled[g]
		n.settings, n.groups, n.last = settings, ids, s.clock.Now()
		s.any.Store(true)
		return nil
	})
}

// SyncNestedGroups runs a sync of an organization now.
func (s *nestedIntegration) SyncNestedGroups(org string) (NestedReport, error) {
	s.settleNested()
	s.store.ApplyDueRules() // dynamic groups
	s.store.Mu.RLock()
	defer s.store.Mu.RUnlock()
	var report NestedReport
	err := s.orgs.inOrganization(org, func(g *organization) error {
		if s.settled[g] == nil {
			return fmt.Errorf("nested groups aren't connected in %s", g.key)
		}
		report = s.syncNested(g)
		return nil
	})
	return report, err
}

// settleNested runs the syncs that were due till now, as one: the tenant didn't change in between, for this
// comes before each request, and when the clock is advanced. No mutex is held.
func (s *nestedIntegration) settleNested() {
	s.orgs.settleClaims()
	if !s.any.Load() {
		return
	}
	s.store.ApplyDueRules()
	s.store.Mu.RLock()
	defer s.store.Mu.RUnlock()
	s.orgs.mu.Lock()
	defer s.orgs.mu.Unlock()
	now := s.clock.Now()
	for _, key := range s.orgs.keys {
		g := s.orgs.byKey[key]
		if n := s.settled[g]; n != nil && !n.settings.Manual && now.Sub(n.last) >= nestedInterval {
			n.last = n.last.Add(now.Sub(n.last).Truncate(nestedInterval))
			s.syncNested(g)
		}
	}
}

// DisconnectNestedGroups ends the integration. Users and groups stay as they are, the settings are lost
// [atlassian 1.6, D]; the domains that it verified go, and accounts on them are nobody's: so says the page
// on switching to SCIM [D].
func (s *nestedIntegration) DisconnectNestedGroups(org string) error {
	s.settleNested()
	return s.orgs.inOrganization(org, func(g *organization) error {
		if s.settled[g] == nil {
			return fmt.Errorf("nested groups aren't connected in %s", g.key)
		}
		delete(s.settled, g)
		for domain, k := range g.claims {
			if k.viaEntra {
				g.removeClaim(domain)
				g.releaseAccounts(domain)
			}
		}
		return nil
	})
}
