package provisioning

import (
	"cmp"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// CrossTarget is the tenant that a cross-tenant job pushes into, as one cycle sees it.
type CrossTarget struct {
	store    *tenant.Store
	source   string // the source's tenant id
	outbound bool   // the source redeems for its users

	home map[string]int32 // users who are known to have come by invitation, by what they are called at home
}

// CrossTarget is the target of an Azure2Azure job; nil if its tenant isn't linked. The caller holds the store's
// mutex.
func (s *Engine) CrossTarget(p *jobs.Principal) *CrossTarget {
	id := strings.ToLower(p.Secret("CompanyId"))
	s.Others.Mu.Lock()
	target := s.Others.Into[id]
	s.Others.Mu.Unlock()
	if target == nil {
		return nil
	}
	return &CrossTarget{store: target, source: s.Store.ID, outbound: s.Store.Allows(id, "outboundAllowed")}
}

// policyError is a trust setting that isn't as synchronization needs it [cross-tenant 7, D].
type policyError struct{ message string }

func (e *policyError) Error() string { return e.message }

const (
	policyCheckFailure = "AzureDirectoryB2BManagementPolicyCheckFailure"
	noRedemption       = "Policy permitting auto-redemption of invitations not configured."
)

// Check is what a cycle, and the test of a connection, need: automatic redemption out of the source and into
// the target, and the target's leave to synchronize users in. No store's mutex is held.
func (x *CrossTarget) Check() error {
	st := x.store
	st.Mu.RLock()
	defer st.Mu.RUnlock()
	sync := st.Syncs.Get(x.source)
	switch {
	case !x.outbound, !st.Allows(x.source, "inboundAllowed"):
		return &policyError{noRedemption}
	case sync == nil || rawjson.Member(sync.Value("userSyncInbound"), "isSyncAllowed") != "true":
		return &policyError{"Policy permitting synchronization of users into the target tenant not configured."}
	}
	return nil
}

// match finds the user whom a source user already is in the target: by alternativeSecurityIds; else a user
// who came by invitation and is called at home as the source user is, by principal name or mail, stands for
// one whom a snapshot brought without them. Internal users of the target never match
// [cross-tenant 3, D], [cross-tenant 4, D]. The caller holds the target's mutex.
func (x *CrossTarget) match(id, principalName, mail string) (int32, bool) {
	st := x.store
	if ref, ok := st.ByNetID[strings.ToLower(id)]; ok && st.Slots[ref].Object.Life == tenant.Live {
		return ref, true
	}
	if x.home == nil {
		x.home = map[string]int32{}
		for _, ref := range st.Users.Refs {
			if ref < 0 || st.Slots[ref].Object.Life != tenant.Live || st.NetIDs[ref] != "" ||
				!st.Slots[ref].Object.Invited() {
				continue
			}
			name := st.Slots[ref].Object.Text("userPrincipalName")
			x.home[strings.ToLower(tenant.HomePrincipalName(name))] = ref
		}
	}
	for _, name := range []string{principalName, mail} {
		ref, ok := x.home[strings.ToLower(name)]
		if ok && name != "" && st.Slots[ref].Object.Life == tenant.Live && st.NetIDs[ref] == "" {
			if !st.Slots[ref].Object.Pending() { // who never redeemed has none
				st.Identify(ref, id)
			}
			return ref, true
		}
	}
	return 0, false
}

// principalName is that of an external user [cross-tenant 8, D].
func (x *CrossTarget) principalName(home string) string {
	st := x.store
	host := cmp.Or(st.InitialDomain(), cmp.Or(st.DefaultDomain(), "tenant.onmicrosoft.com"))
	return strings.ReplaceAll(home, "@", "_") + "#EXT#@" + host
}
