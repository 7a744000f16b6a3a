package crosstenant

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

type partnerModel struct {
	ID                  types.String   `tfsdk:"id"`
	TenantID            types.String   `tfsdk:"tenant_id"`
	InboundUserSync     types.Bool     `tfsdk:"inbound_user_sync"`
	DisplayName         types.String   `tfsdk:"display_name"`
	AutomaticRedemption types.Object   `tfsdk:"automatic_redemption"`
	Adopt               types.Bool     `tfsdk:"adopt"`
	Timeouts            timeouts.Value `tfsdk:"timeouts"`
}

var redemptionTypes = tfutil.AttributeTypes(redemptionAttributes())

// managed is what a resource manages of a partner; what is nil it leaves alone.
type managed struct {
	allowed *bool
	// name is managed beside allowed alone.
	name *string
	// consent is managed both ways, or not at all: nil inside it inherits.
	consent *entra.Consent
}

// live is a partner as it stands; sync is nil where it may not synchronize
// anybody, by a policy of its own.
type live struct {
	partner entra.Partner
	sync    *entra.PartnerSync
}

func (m *partnerModel) managed() managed {
	out := managed{allowed: m.InboundUserSync.ValueBoolPointer()}
	if out.allowed != nil && !m.DisplayName.IsUnknown() {
		out.name = m.DisplayName.ValueStringPointer()
	}
	if !m.AutomaticRedemption.IsNull() {
		out.consent = &entra.Consent{
			Inbound:  flag(m.AutomaticRedemption, "inbound"),
			Outbound: flag(m.AutomaticRedemption, "outbound"),
		}
	}
	return out
}

func flag(o types.Object, name string) *bool {
	b, _ := o.Attributes()[name].(types.Bool)
	return b.ValueBoolPointer()
}

// set writes what is managed into the model.
func (m *partnerModel) set(values managed) {
	m.InboundUserSync, m.DisplayName = types.BoolPointerValue(values.allowed), types.StringPointerValue(values.name)
	m.AutomaticRedemption = redemption(values.consent)
}

func redemption(c *entra.Consent) types.Object {
	if c == nil {
		return types.ObjectNull(redemptionTypes)
	}
	return types.ObjectValueMust(redemptionTypes, map[string]attr.Value{
		"inbound":  types.BoolPointerValue(c.Inbound),
		"outbound": types.BoolPointerValue(c.Outbound),
	})
}

// seen is what stands now of what is managed.
func (l live) seen(of managed) managed {
	var out managed
	if of.allowed != nil && l.sync != nil {
		out.allowed, out.name = l.sync.Allowed, l.sync.DisplayName
	}
	if of.consent != nil {
		out.consent = &l.partner.Consent
	}
	return out
}

// everything is what an import takes: all that is set.
func (l live) everything() managed {
	all := managed{}
	if l.sync != nil {
		all.allowed, all.name = l.sync.Allowed, l.sync.DisplayName
	}
	if l.partner.Consent != (entra.Consent{}) {
		all.consent = &l.partner.Consent
	}
	return all
}

// beyond names what is set otherwise than wanted, or not managed at all: what
// no interrupted create of ours can have left.
func (l live) beyond(want managed) []string {
	out := append([]string{}, l.partner.Sections...)
	var planned entra.Consent
	if want.consent != nil {
		planned = *want.consent
	}
	for _, way := range []struct {
		name      string
		now, want *bool
	}{
		{"inbound", l.partner.Consent.Inbound, planned.Inbound},
		{"outbound", l.partner.Consent.Outbound, planned.Outbound},
	} {
		if way.now != nil && !same(way.now, way.want) {
			out = append(out, fmt.Sprintf("automaticUserConsentSettings (%sAllowed = %t)", way.name, *way.now))
		}
	}
	if saysSomething(l.sync) && (want.allowed == nil || !hasSync(l.sync, want)) {
		out = append(out, "identitySynchronization")
	} else if l.synchronizesGroups() {
		out = append(out, groupSync)
	}
	return out
}

// groupSync is the part of the policy that nothing here manages.
const groupSync = "identitySynchronization.groupSyncInbound"

// synchronizesGroups reports a policy that lets groups in, as far as the service says
// so: they would go with it.
func (l live) synchronizesGroups() bool {
	return l.sync != nil && l.sync.GroupsAllowed != nil && *l.sync.GroupsAllowed
}

// others names what is set and not managed: what a destroy must not take along.
func (l live) others(ours managed) []string {
	out := append([]string{}, l.partner.Sections...)
	if ours.consent == nil && l.partner.Consent != (entra.Consent{}) {
		out = append(out, "automaticUserConsentSettings")
	}
	if ours.allowed == nil && saysSomething(l.sync) {
		out = append(out, "identitySynchronization")
	} else if l.synchronizesGroups() {
		out = append(out, groupSync)
	}
	return out
}

// change is what there is to write.
type change struct {
	putSync, patchSync *entra.PartnerSync
	deleteSync         bool
	consent            *entra.Consent
}

// changes compares what stands with what is wanted. What was managed before
// and isn't any more is given back: the policy goes, the section inherits.
func (l live) changes(before, want managed) change {
	var out change
	switch {
	case want.allowed != nil && !saysSomething(l.sync):
		out.putSync = want.sync()
	case want.allowed != nil && !hasSync(l.sync, want):
		out.patchSync = want.sync()
	case want.allowed == nil && before.allowed != nil && l.synchronizesGroups():
		// Without the policy, groups would stop, too: users alone are switched off.
		if no := false; !same(l.sync.Allowed, &no) {
			out.patchSync = &entra.PartnerSync{Allowed: &no}
		}
	case want.allowed == nil && before.allowed != nil && l.sync != nil:
		out.deleteSync = true
	}
	consent := want.consent
	if consent == nil && before.consent != nil {
		consent = &entra.Consent{}
	}
	if consent != nil && !sameConsent(*consent, l.partner.Consent) {
		out.consent = consent
	}
	return out
}

// saysSomething reports a policy that isn't empty: an empty one may be how the
// service shows that there is none.
func saysSomething(s *entra.PartnerSync) bool { return s != nil && *s != (entra.PartnerSync{}) }

func (m managed) sync() *entra.PartnerSync {
	return &entra.PartnerSync{DisplayName: m.name, Allowed: m.allowed}
}

// hasSync reports whether the policy is as wanted, in what is managed of it.
func hasSync(s *entra.PartnerSync, want managed) bool {
	return s != nil && same(s.Allowed, want.allowed) && (want.name == nil || same(s.DisplayName, want.name))
}

func sameConsent(a, b entra.Consent) bool {
	return same(a.Inbound, b.Inbound) && same(a.Outbound, b.Outbound)
}

func same[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// named fills in a name that the plan left open.
func (m *partnerModel) named(now live) {
	if m.DisplayName.IsUnknown() {
		m.DisplayName = types.StringNull()
		if now.sync != nil {
			m.DisplayName = types.StringPointerValue(now.sync.DisplayName)
		}
	}
}

// unchanged reports whether a plan leaves everything at the service as it is.
func (m *partnerModel) unchanged(state *partnerModel) bool {
	return m.InboundUserSync.Equal(state.InboundUserSync) && m.DisplayName.Equal(state.DisplayName) &&
		m.AutomaticRedemption.Equal(state.AutomaticRedemption)
}
