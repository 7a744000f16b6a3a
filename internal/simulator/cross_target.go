package simulator

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
)

// crossTarget is the tenant that a cross-tenant job pushes into, as one cycle sees it.
type crossTarget struct {
	store    *store
	source   string // the source's tenant id
	outbound bool   // the source redeems for its users

	home map[string]int32 // users who are known to have come by invitation, by what they are called at home
}

// crossTarget is the target of an Azure2Azure job; nil if its tenant isn't linked. The caller holds the store's
// mutex.
func (s *engine) crossTarget(p *principal) *crossTarget {
	id := strings.ToLower(p.secret("CompanyId"))
	s.others.mu.Lock()
	target := s.others.into[id]
	s.others.mu.Unlock()
	if target == nil {
		return nil
	}
	return &crossTarget{store: target, source: s.store.id, outbound: s.store.allows(id, "outboundAllowed")}
}

// policyError is a trust setting that isn't as synchronization needs it [cross-tenant 7, D].
type policyError struct{ message string }

func (e *policyError) Error() string { return e.message }

const (
	policyCheckFailure = "AzureDirectoryB2BManagementPolicyCheckFailure"
	noRedemption       = "Policy permitting auto-redemption of invitations not configured."
)

// check is what a cycle, and the test of a connection, need: automatic redemption out of the source and into
// the target, and the target's leave to synchronize users in. No store's mutex is held.
func (x *crossTarget) check() error {
	st := x.store
	st.mu.RLock()
	defer st.mu.RUnlock()
	sync := st.syncs.get(x.source)
	switch {
	case !x.outbound, !st.allows(x.source, "inboundAllowed"):
		return &policyError{noRedemption}
	case sync == nil || rawjson.Member(sync.value("userSyncInbound"), "isSyncAllowed") != "true":
		return &policyError{"Policy permitting synchronization of users into the target tenant not configured."}
	}
	return nil
}

// SetAlternativeSecurityID sets what cross-tenant synchronization matches by, which no request shows: of the
// user of this tenant the id that the same person has as a user of the source tenant; "" takes it away.
func (s *store) SetAlternativeSecurityID(user, sourceID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ref, err := s.locate(user)
	if err == nil && s.slots[ref].obj.ent != s.user {
		err = fmt.Errorf("%q isn't a user", user)
	}
	if err == nil {
		s.identify(ref, sourceID)
	}
	return err
}

// AlternativeSecurityID is what [Server.SetAlternativeSecurityID] or synchronization set, "" for nothing.
func (s *store) AlternativeSecurityID(user string) (string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	ref, err := s.locate(user)
	return s.netIDs[ref], err
}

// match finds the user whom a source user already is in the target: by alternativeSecurityIds; else a user
// who came by invitation and is called at home as the source user is, by principal name or mail, stands for
// one whom a snapshot brought without them. Internal users of the target never match
// [cross-tenant 3, D], [cross-tenant 4, D]. The caller holds the target's mutex.
func (x *crossTarget) match(id, principalName, mail string) (int32, bool) {
	st := x.store
	if ref, ok := st.byNetID[strings.ToLower(id)]; ok && st.slots[ref].obj.life == live {
		return ref, true
	}
	if x.home == nil {
		x.home = map[string]int32{}
		for _, ref := range st.users.refs {
			if ref < 0 || st.slots[ref].obj.life != live || st.netIDs[ref] != "" || !st.slots[ref].obj.invited() {
				continue
			}
			name := st.slots[ref].obj.text("userPrincipalName")
			x.home[strings.ToLower(plainPrincipal(name))] = ref
		}
	}
	for _, name := range []string{principalName, mail} {
		ref, ok := x.home[strings.ToLower(name)]
		if ok && name != "" && st.slots[ref].obj.life == live && st.netIDs[ref] == "" {
			if !st.slots[ref].obj.pending() { // who never redeemed has none
				st.identify(ref, id)
			}
			return ref, true
		}
	}
	return 0, false
}

// principalName is that of an external user [cross-tenant 8, D].
func (x *crossTarget) principalName(home string) string {
	st := x.store
	host := cmp.Or(st.initialDomain(), cmp.Or(st.defaultDomain(), "tenant.onmicrosoft.com"))
	return strings.ReplaceAll(home, "@", "_") + "#EXT#@" + host
}
