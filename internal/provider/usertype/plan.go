package usertype

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider/arguments"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	policy "github.com/usersync/terraform-provider-usersync/internal/usertype"
)

const planning = "Planning the user types"

// evaluated is a policy on a directory.
type evaluated struct {
	*policy.Plan
	tenant *session.Tenant
	rules  []policy.Rule
}

// evaluate applies the configured rules to the configured reading; nil on an
// error.
//
// state is the policy's last apply, nil before the first: what names meant then
// is kept.
func evaluate(ctx context.Context, config, state *policyModel, d *diag.Diagnostics) *evaluated {
	tenant, err := session.Decode(config.Directory.ValueString())
	if err != nil {
		d.Append(tfutil.FailureAt(path.Root("directory"), planning, err))
		return nil
	}
	rules := config.rules(ctx, d)
	if d.HasError() {
		return nil
	}
	wave := 0
	if config.Mode.ValueString() != modeAudit {
		wave = int(config.WaveSize.ValueInt64())
	}
	p, err := policy.Evaluate(rules, tenant.Directory, tenant.Lookup, wave, state.kept())
	if err != nil {
		d.Append(tfutil.RuleFailure("rule", planning, err))
		return nil
	}
	return &evaluated{p, tenant, rules}
}

// conversions are whom this apply converts, ascending by object id.
func (e *evaluated) conversions() []*policy.Assignment {
	var out []*policy.Assignment
	for i := range e.Assignments {
		if e.Assignments[i].Wave {
			out = append(out, &e.Assignments[i])
		}
	}
	return out
}

func (e *evaluated) user(a *policy.Assignment) *directory.User { return &e.tenant.Users[a.User] }

// name is a user as the JSON objects have them: by principal name, or by id.
func (e *evaluated) name(a *policy.Assignment, ids bool) string {
	return nameOf(e.user(a).UserPrincipalName, e.user(a).ID, ids)
}

func nameOf(upn, id string, ids bool) string {
	if ids || upn == "" {
		return id
	}
	return upn
}

func (e *evaluated) names(list []*policy.Assignment, ids bool) string {
	names := make([]string, len(list))
	for i, a := range list {
		names[i] = e.name(a, ids)
	}
	slices.Sort(names)
	return tfutil.Names(names)
}

// fill computes what the plan promises.
func (e *evaluated) fill(m *policyModel) {
	audit, ids := m.Mode.ValueString() == modeAudit, m.ids()
	desired, assignments, violations := map[string]string{}, map[string]string{}, map[string]string{}
	for i := range e.Assignments {
		a := &e.Assignments[i]
		name, after := e.name(a, ids), a.After()
		if audit {
			after = a.Have
		}
		if after != "" { // nobody has no type by a policy: an old object that waits
			assignments[name] = after
		}
		desired[e.user(a).ID] = after
		if audit && a.Blocked == "" {
			desired[e.user(a).ID] = a.Want
		}
		if after != a.Want {
			violations[name] = e.violation(a)
		}
	}
	for id, t := range desired {
		if t == "" { // an old object without a type, which nobody converts now
			delete(desired, id)
		}
	}
	m.Desired, m.Assignments, m.Violations = tfutil.JSONMap(
		desired,
	), tfutil.JSONMap(
		assignments,
	), tfutil.JSONMap(
		violations,
	)
	m.Resolved = tfutil.JSONMap(e.Resolved)
	m.Remaining = types.Int64Value(int64(e.Remaining))
	if audit {
		m.Remaining = types.Int64Value(0)
	}
}

func (e *evaluated) violation(a *policy.Assignment) string {
	have := a.Have
	if have == "" {
		have = "no type"
	}
	s := fmt.Sprintf("%s, policy says %s (%s)", have, a.Want, e.rules[a.Rule].Name)
	if a.Blocked != "" {
		s += "; " + a.Blocked
	}
	return s
}

// planPolicy fills the planned model in, and says what a person should know. Offline, a
// snapshot stands in the tenant's place, and nobody is converted.
func planPolicy(ctx context.Context, config, plan, state *policyModel, offline bool, d *diag.Diagnostics) {
	e := evaluate(ctx, config, state, d)
	if e == nil {
		return
	}
	ids, enforce := plan.ids(), plan.Mode.ValueString() != modeAudit
	e.fill(plan)
	e.warnRules(d)
	if blocked := e.where(func(a *policy.Assignment) bool { return a.Blocked != "" }); len(blocked) > 0 {
		d.AddAttributeWarning(path.Root("rule"), count(len(blocked), "user is mastered on premises and stays "+
			"as is", "users are mastered on premises and stay as they are"),
			e.names(blocked, ids)+". Graph refuses to change what is mastered on premises (onPremisesSyncEnabled): "+
				"change it there. They stay in violations.")
	}
	sources := e.sourceTypes(ctx, config, d)
	if !enforce {
		return
	}
	changes := e.conversions()
	if limit := config.MaxChanges; !limit.IsNull() && int64(len(changes)) > limit.ValueInt64() {
		d.AddAttributeError(path.Root("max_changes"), fmt.Sprintf("The policy would convert %s, more than "+
			"max_changes = %d",
			count(len(changes), "user", "users"), limit.ValueInt64()),
			e.names(changes, ids)+".\n\nNothing was written. If they are the right ones, raise max_changes, or set "+
				"wave_size to convert fewer at a time. To destroy the policy all the same, run destroy with "+
				"-refresh=false.")
		return
	}
	e.warnDrift(state, sources, ids, d)
	if len(changes) == 0 {
		return
	}
	e.warnChanges(plan, state, changes, offline, d)
	e.warnUnclear(ctx, config, changes, ids, d)
}

func (e *evaluated) where(fits func(*policy.Assignment) bool) []*policy.Assignment {
	var out []*policy.Assignment
	for i := range e.Assignments {
		if fits(&e.Assignments[i]) {
			out = append(out, &e.Assignments[i])
		}
	}
	return out
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// warnRules names rules that do nothing, and groups that can't be read.
func (e *evaluated) warnRules(d *diag.Diagnostics) {
	var lines []string
	for i, c := range e.Rules {
		switch name := fmt.Sprintf("rule[%d] (%s)", i, e.rules[i].Name); {
		case c.Matched == 0:
			lines = append(lines, name+" matches nobody")
		case c.Decided == 0:
			lines = append(lines, name+" decides nobody: earlier rules take all whom it matches")
		}
		if c := e.Rules[i]; c.Gone > 0 {
			lines = append(lines, fmt.Sprintf("rule[%d] (%s) has the types of %s no longer in the directory", i,
				e.rules[i].Name, count(c.Gone, "user who is", "users who are")))
		}
	}
	if len(lines) > 0 {
		d.AddAttributeWarning(path.Root("rule"), "Rules without effect", strings.Join(lines, "\n"))
	}
	if len(e.Renamed) > 0 {
		d.AddAttributeWarning(path.Root("rule"), "Names in the rules need attention", strings.Join(e.Renamed, "\n"))
	}
	if len(e.Unreadable) > 0 {
		d.AddAttributeWarning(path.Root("rule"), "Group members can't all be read",
			tfutil.Names(e.Unreadable)+": whom the application may not read isn't matched. It needs "+
				"Member.Read.Hidden for hidden memberships.")
	}
}

// warnDrift names whom somebody else changed since the last apply.
func (e *evaluated) warnDrift(state *policyModel, w sourceTypes, ids bool, d *diag.Diagnostics) {
	if state == nil || state.Mode.ValueString() == modeAudit {
		return
	}
	before := mapOf(state.Desired)
	drifted := e.where(func(a *policy.Assignment) bool {
		was, held := before[e.user(a).ID]
		return held && was != a.Have && a.Have != a.Want
	})
	if len(drifted) == 0 {
		return
	}
	bySource := 0
	for _, a := range drifted {
		if w[e.user(a).ID] == a.Have {
			bySource++
		}
	}
	const other = "somebody else wrote it, another policy perhaps (Entra's audit log says who), or its lists lag " +
		"behind."
	var who string
	switch bySource {
	case 0:
		who = "S" + other[1:]
	case len(drifted):
		who = "As far as can be told, the source tenant wrote it back" + writesBack +
			" Entra's audit log says for sure."
	default:
		who = fmt.Sprintf("Of %d of them, as far as can be told, the source tenant wrote it back%s Of the others, "+
			"%s", bySource, writesBack, other)
	}
	d.AddAttributeWarning(path.Root("rule"), fmt.Sprintf("Drift: the type of %s changed since the last apply",
		count(len(drifted), "user", "users")), e.names(drifted, ids)+". "+who)
}

const writesBack = ": its cross-tenant mapping of userType has the flow type Always and this value, and will do so " +
	"again at the next change of the source user. Change it there to on_create (ObjectAddOnly)."

// warnChanges sums up what this apply converts.
func (e *evaluated) warnChanges(
	plan, state *policyModel, changes []*policy.Assignment, offline bool, d *diag.Diagnostics,
) {
	ids, kinds := plan.ids(), map[string]int{}
	for _, a := range changes {
		have := a.Have
		if have == "" {
			have = "no type"
		}
		kinds[have+" to "+a.Want]++
	}
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		parts = append(parts, fmt.Sprintf("%d %s", kinds[k], k))
	}
	detail := strings.Join(parts, ", ") + ": " + e.names(changes, ids) + "."
	if e.Remaining > 0 {
		detail += fmt.Sprintf(" %d more follow in later applies (wave_size).", e.Remaining)
	}
	if state == nil {
		detail += fmt.Sprintf(" %s the wanted type already.",
			count(len(e.Assignments)-len(changes)-e.Remaining-e.Blocked, "user has", "users have"))
	}
	if groups := policy.ReadsUserType(e.tenant.Directory); len(groups) > 0 {
		detail += "\n\nThe rules of these dynamic groups read userType, so that who is in them may " +
			"change: " + tfutil.Names(groups) + "."
	}
	who := count(len(changes), "user", "users")
	summary := "This apply converts " + who
	if offline {
		summary = "By the snapshot, the policy wants another type for " + who
	}
	d.AddAttributeWarning(path.Root("rule"), summary, detail)
	if plan.Record.IsNull() && !offline {
		d.AddAttributeWarning(path.Root("rule"), "The conversion can't be undone",
			"No record keeps the types that people have now. Make a usersync_user_type_record of them, and name it: "+
				"record = usersync_user_type_record.before.id.")
	}
	e.warnUntyped(changes, ids, d)
}

// warnUntyped names whom no record can give back what they have.
func (e *evaluated) warnUntyped(changes []*policy.Assignment, ids bool, d *diag.Diagnostics) {
	untyped := slices.DeleteFunc(slices.Clone(changes), func(a *policy.Assignment) bool { return a.Have != "" })
	if len(untyped) > 0 {
		d.AddAttributeWarning(path.Root("rule"), fmt.Sprintf("%s can't be given back what they have "+
			"now", count(len(untyped), "user", "users")),
			e.names(untyped, ids)+": they have no userType, as old objects don't. Graph sets one and has no way to "+
				"clear it, with a record or without. Where that matters, keep them out of the rules.")
	}
}

// warnUnclear names whom a source tenant may write back without this plan being
// able to tell: cross-tenant synchronization makes members of other tenants'
// people, and what it writes is in its mapping, which nobody has handed in.
func (e *evaluated) warnUnclear(
	ctx context.Context, config *policyModel, changes []*policy.Assignment, ids bool, d *diag.Diagnostics,
) {
	if !tfutil.Known(ctx, config.CrossTenant) {
		return // said by writers
	}
	known := e.knownHomes(ctx, config, d)
	homes := map[string]int{}
	var unclear []*policy.Assignment
	for _, a := range changes {
		u := e.user(a)
		if home := decision.HomeDomain(u); a.Have == decision.TypeMember && decision.IsExternal(u) && !known[home] {
			unclear = append(unclear, a)
			homes[home]++
		}
	}
	if len(unclear) == 0 {
		return
	}
	domains := slices.Sorted(maps.Keys(homes))
	for i, home := range domains {
		domains[i] = fmt.Sprintf("%s (%d)", home, homes[home])
	}
	d.AddAttributeWarning(path.Root("cross_tenant"), "Whether types are written back can't be told",
		fmt.Sprintf("%s: they are members whose home is another tenant, as cross-tenant synchronization makes them: "+
			"%s. If their tenant synchronizes them, its mapping of userType may write the old type again, and that "+
			"mapping isn't known here. Hand it in by cross_tenant, or see to it there that userType flows on "+
			"creation alone (ObjectAddOnly).",
			e.names(unclear, ids), tfutil.Names(domains)))
}

// knownHomes are the home domains whose source tenant's mapping is known.
func (e *evaluated) knownHomes(ctx context.Context, config *policyModel, d *diag.Diagnostics) map[string]bool {
	known := map[string]bool{}
	for _, s := range config.sources(ctx, d) {
		for _, name := range s.HomeDomains {
			known[directory.ASCIIDomain(name)] = true
		}
		if s.Source == nil || len(s.HomeDomains) > 0 {
			continue
		}
		for _, domain := range s.Source.Domains {
			known[domain.Name] = known[domain.Name] || domain.IsVerified
		}
	}
	return known
}

// sources are the source tenants; cross_tenant must be known.
func (m *policyModel) sources(ctx context.Context, d *diag.Diagnostics) []decision.CrossTenant {
	return arguments.CrossTenants(ctx, m.CrossTenant, d, "cross_tenant")
}

// readBack is what Read makes of the held users: the assignments as they are.
func readBack(m *policyModel, held, names map[string]string) {
	assignments := map[string]string{}
	for id, t := range held {
		if t == "" { // as in fill
			continue
		}
		assignments[nameOf(names[id], id, m.ids())] = t
	}
	m.Assignments = tfutil.JSONMap(assignments)
}
