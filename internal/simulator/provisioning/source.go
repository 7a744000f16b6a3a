package provisioning

import (
	"cmp"
	"slices"
	"strings"

	"github.com/usersync/terraform-provider-usersync/internal/simulator/jobs"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/rawjson"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/tenant"
)

// SourceValues are the attributes of a user or group as provisioning sees them. The caller holds the
// store's mutex.
func SourceValues(s *tenant.Store, o *tenant.Object) map[string]mapping.Value {
	names := jobs.UserAttributes
	if o.Entity == s.GroupType {
		names = jobs.GroupAttributes
	}
	out := map[string]mapping.Value{"objectId": mapping.TextValue(o.ID)}
	for _, name := range strings.Fields(names) {
		if i, ok := o.Entity.Find(cmp.Or(tenant.LegacyNames[name], name)); ok && i != o.Entity.KeyIndex {
			out[name] = mapping.FromJSON(o.Value(cmp.Or(tenant.LegacyNames[name], name)))
		}
	}
	if o.Entity != s.UserType {
		return out
	}
	for rest := o.Props; rest != ""; { // directory extensions, and what has one name for both
		var i int
		var raw string
		i, raw, rest = tenant.Unpack(rest)
		name := o.Entity.Prop(i).Name
		if _, known := out[name]; !known && name != "userType" { // not offered as a source [graph 3.5, D]
			out[name] = mapping.FromJSON(raw)
		}
	}
	out["userPrincipalName"] = mapping.TextValue(tenant.HomePrincipalName(o.Text("userPrincipalName")))
	if phones := rawjson.Strings(o.Value("businessPhones")); len(phones) > 0 {
		out["telephoneNumber"] = mapping.TextValue(phones[0])
	}
	if set, err := rawjson.Split([]byte(o.Value("onPremisesExtensionAttributes"))); err == nil {
		for _, f := range set {
			out[f.Name] = mapping.FromJSON(f.Raw)
		}
	}
	out["IsSoftDeleted"] = mapping.BoolValue(o.Life != tenant.Live || o.Value("accountEnabled") == "false")
	return out
}

// verdict is what scoping says of an object, in the order of [graph 3.7].
type verdict struct {
	mapping.ScopeResult
	active, assigned bool
	direct           bool // assigned by themselves, not as members
	foreign          bool // no internal member: cross-tenant synchronization leaves them out
}

func (v verdict) in() bool { return v.Err == nil && v.active && v.assigned && v.Filter && !v.Early }

// details is the scoping step of a log [graph 3.8, D].
func (v verdict) details() rawjson.Object {
	truth := map[bool]string{true: "True", false: "False"}
	return rawjson.Object{
		"Active in the source system": truth[v.active], "Assigned to the application": truth[v.assigned],
		"User has the required role": truth[v.assigned], "Scoping filter evaluation passed": truth[v.Filter],
		"ScopeEvaluationResult": "{" + strings.Join(v.Clauses, ",") + "}",
	}
}

// why is the reason for which someone out of scope is skipped. NotEffectivelyEntitled is named in
// [graph 3.8, ?].
func (v verdict) why() (code, reason string) {
	switch {
	case v.foreign:
		return "EntrySynchronizationSkipped", "Only internal members of the source tenant are synchronized."
	case !v.assigned:
		return "NotEffectivelyEntitled", "The object is not assigned to the application."
	case !v.active:
		return "EntrySynchronizationSkipped", "The object is not active in the source system."
	default:
		return "EntrySynchronizationSkipped", "The object does not pass the scoping filters."
	}
}

// scopeOf applies scoping to an object. The caller holds the store's mutex.
func (s *Engine) scopeOf(
	p *jobs.Principal, j *jobs.Job, ref int32, o *tenant.Object, values map[string]mapping.Value,
) verdict {
	v := verdict{active: o.Life == tenant.Live && o.Value("accountEnabled") != "false", assigned: s.inScope(p, ref)}
	v.direct = s.assignedDirectly(p, ref)
	if o.Entity == s.Store.GroupType {
		v.active = o.Life == tenant.Live
		v.assigned = v.assigned && o.Value("securityEnabled") != "false"
	}
	kind := "User"
	if o.Entity == s.Store.GroupType {
		kind = "Group"
	}
	scope, _ := j.ObjectMapping(kind)["scope"].(rawjson.Object)
	v.ScopeResult = mapping.EvaluateScope(scope, values, s.Behavior.NotEqualsOnNull)
	if j.CrossTenant() && o.Entity == s.Store.UserType {
		v.active = o.Life == tenant.Live // who is disabled is updated, not deleted [cross-tenant 6, D]
		if v.foreign = !o.InternalMember(); v.foreign {
			v.Early, v.Filter = true, false
		}
	}
	return v
}

// crossValues are what a cross-tenant job sees otherwise: the id that users are known by in other tenants,
// here that of the object, and a deletion that isn't a disabled account.
func crossValues(o *tenant.Object, values map[string]mapping.Value) {
	values["netId"] = mapping.TextValue(o.ID)
	values["IsSoftDeleted"] = mapping.BoolValue(o.Life != tenant.Live)
	values["alternativeSecurityIds"] = mapping.TextValue("None")
	if o.Invited() || o.Value("creationType") == `"Invitation"` {
		values["alternativeSecurityIds"] = mapping.TextValue("ExternalAzureAD")
	}
}

// assignedDirectly says whether someone is assigned by themselves, or everyone is in scope.
func (s *Engine) assignedDirectly(p *jobs.Principal, ref int32) bool {
	return strings.EqualFold(p.Secret("SyncAll"), "true") ||
		slices.ContainsFunc(p.Assigned, func(g jobs.Assignment) bool {
			at, ok := s.Store.Lookup(g.Principal)
			return ok && at == ref
		})
}

// inScope says whether someone is assigned, directly or by a securityEnabled group that has them
// directly as a member [graph 2, D], or everyone is in scope.
func (s *Engine) inScope(p *jobs.Principal, ref int32) bool {
	if s.assignedDirectly(p, ref) {
		return true
	}
	st := s.Store
	for _, g := range p.Assigned {
		at, ok := st.Lookup(g.Principal)
		switch {
		case !ok:
		case st.Slots[ref].Object.Entity != st.UserType: // groups below an assigned one aren't
		case st.Slots[at].Object.Life == tenant.Live && st.Slots[at].Object.Value("securityEnabled") != "false" &&
			slices.Contains(
				st.Slots[ref].Parents, at,
			):
			return true
		}
	}
	return false
}
