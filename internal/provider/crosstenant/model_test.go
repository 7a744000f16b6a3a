package crosstenant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
)

func to[T any](v T) *T { return &v }

func at(sections []string, consent entra.Consent, sync *entra.PartnerSync) live {
	return live{entra.Partner{TenantID: "t", Consent: consent, Sections: sections}, sync}
}

// said is a change as text.
func said(c change) (s string) {
	sync := func(verb string, p *entra.PartnerSync) {
		if p != nil {
			raw, err := p.MarshalJSON()
			s += fmt.Sprintf("%s %s%v ", verb, raw, map[bool]string{true: "!"}[err != nil])
		}
	}
	sync("put", c.putSync)
	sync("patch", c.patchSync)
	if c.deleteSync {
		s += "delete "
	}
	if c.consent != nil {
		s += "consent " + types.BoolPointerValue(c.consent.Inbound).
			String() +
			" " + types.BoolPointerValue(c.consent.Outbound).
			String()
	}
	return s
}

func TestChanges(t *testing.T) {
	in := entra.Consent{Inbound: to(true)}
	open := &entra.PartnerSync{Allowed: to(true), DisplayName: to("A")}
	groups := &entra.PartnerSync{Allowed: to(true), DisplayName: to("A"), GroupsAllowed: to(true)}
	shut := &entra.PartnerSync{Allowed: to(false), DisplayName: to("A"), GroupsAllowed: to(true)}
	noGroups := &entra.PartnerSync{Allowed: to(true), GroupsAllowed: to(false)}
	for name, c := range map[string]struct {
		now          live
		before, want managed
		says         string
	}{
		"nothing managed":                  {at(nil, in, open), managed{}, managed{}, ""},
		"all as wanted":                    {at(nil, in, open), managed{}, managed{to(true), to("A"), &in}, ""},
		"a name that isn't managed":        {at(nil, in, open), managed{}, managed{allowed: to(true)}, ""},
		"another name":                     {at(nil, in, open), managed{}, managed{to(true), to("B"), nil}, `patch {"displayName":"B","userSyncInbound":{"isSyncAllowed":true}} `},
		"no policy":                        {at(nil, in, nil), managed{}, managed{allowed: to(false)}, `put {"userSyncInbound":{"isSyncAllowed":false}} `},
		"an empty policy":                  {at(nil, in, &entra.PartnerSync{}), managed{}, managed{allowed: to(true)}, `put {"userSyncInbound":{"isSyncAllowed":true}} `},
		"the policy is given back":         {at(nil, in, open), managed{allowed: to(true)}, managed{}, "delete "},
		"given back beside groups":         {at(nil, in, groups), managed{allowed: to(true)}, managed{}, `patch {"userSyncInbound":{"isSyncAllowed":false}} `},
		"given back so already":            {at(nil, in, shut), managed{allowed: to(true)}, managed{}, ""},
		"given back beside no groups":      {at(nil, in, noGroups), managed{allowed: to(true)}, managed{}, "delete "},
		"changed beside groups":            {at(nil, in, shut), managed{allowed: to(false)}, managed{allowed: to(true)}, `patch {"userSyncInbound":{"isSyncAllowed":true}} `},
		"it is gone already":               {at(nil, in, nil), managed{allowed: to(true)}, managed{}, ""},
		"one way differs":                  {at(nil, in, nil), managed{}, managed{consent: &entra.Consent{Inbound: to(true), Outbound: to(false)}}, "consent true false"},
		"one way inherits again":           {at(nil, in, nil), managed{consent: &in}, managed{consent: &entra.Consent{}}, "consent <null> <null>"},
		"given back":                       {at(nil, in, nil), managed{consent: &in}, managed{}, "consent <null> <null>"},
		"it inherits already":              {at(nil, entra.Consent{}, nil), managed{consent: &in}, managed{}, ""},
		"false isn't inheriting the false": {at(nil, entra.Consent{Inbound: to(false)}, nil), managed{}, managed{consent: &entra.Consent{}}, "consent <null> <null>"},
	} {
		if got := said(c.now.changes(c.before, c.want)); got != c.says {
			t.Errorf("%s: %q, want %q", name, got, c.says)
		}
	}
}

// What keeps a create from taking over, and a destroy from deleting.
func TestBeyondAndOthers(t *testing.T) {
	open := &entra.PartnerSync{Allowed: to(true), DisplayName: to("A")}
	groups := &entra.PartnerSync{Allowed: to(true), DisplayName: to("A"), GroupsAllowed: to(true)}
	in, both := entra.Consent{Inbound: to(true)}, entra.Consent{Inbound: to(true), Outbound: to(false)}
	for name, c := range map[string]struct {
		now            live
		want           managed
		beyond, others []string
	}{
		"bare":                    {at(nil, entra.Consent{}, nil), managed{to(true), nil, &in}, nil, nil},
		"an empty policy":         {at(nil, entra.Consent{}, &entra.PartnerSync{}), managed{}, nil, nil},
		"as planned":              {at(nil, in, open), managed{to(true), to("A"), &in}, nil, nil},
		"half of what is planned": {at(nil, in, nil), managed{to(true), nil, &both}, nil, nil},
		"more than planned":       {at(nil, both, nil), managed{consent: &in}, []string{"automaticUserConsentSettings (outboundAllowed = false)"}, nil},
		"otherwise than planned":  {at(nil, in, open), managed{to(false), nil, &entra.Consent{Inbound: to(false)}}, []string{"automaticUserConsentSettings (inboundAllowed = true)", "identitySynchronization"}, nil},
		"another name":            {at(nil, entra.Consent{}, open), managed{to(true), to("B"), nil}, []string{"identitySynchronization"}, nil},
		"groups":                  {at(nil, entra.Consent{}, groups), managed{to(true), to("A"), nil}, []string{groupSync}, []string{groupSync}},
		"groups, not managed":     {at(nil, entra.Consent{}, groups), managed{}, []string{"identitySynchronization"}, []string{"identitySynchronization"}},
		"not managed":             {at([]string{"inboundTrust"}, in, open), managed{}, []string{"inboundTrust", "automaticUserConsentSettings (inboundAllowed = true)", "identitySynchronization"}, []string{"inboundTrust", "automaticUserConsentSettings", "identitySynchronization"}},
	} {
		if got := c.now.beyond(c.want); !slices.Equal(got, c.beyond) {
			t.Errorf("%s: beyond %v", name, got)
		}
		if got := c.now.others(c.want); !slices.Equal(got, c.others) {
			t.Errorf("%s: others %v", name, got)
		}
	}
}

// What is in the state is managed, and survives the way there and back.
func TestManaged(t *testing.T) {
	for name, values := range map[string]managed{
		"nothing":          {},
		"inherits":         {consent: &entra.Consent{}},
		"everything":       {to(false), to("A"), &entra.Consent{Inbound: to(true), Outbound: to(false)}},
		"without the name": {allowed: to(true)},
	} {
		var m partnerModel
		m.set(values)
		got := m.managed()
		if !same(got.allowed, values.allowed) || !same(got.name, values.name) ||
			(got.consent == nil) != (values.consent == nil) ||
			got.consent != nil && !sameConsent(*got.consent, *values.consent) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	now := at(nil, entra.Consent{Outbound: to(true)}, &entra.PartnerSync{Allowed: to(true), DisplayName: to("A")})
	if seen := now.seen(managed{}); seen != (managed{}) {
		t.Errorf("what isn't managed is seen: %+v", seen)
	}
	if all := now.everything(); !*all.allowed || *all.name != "A" || !*all.consent.Outbound {
		t.Errorf("%+v", all)
	}
	if all := at([]string{"x"}, entra.Consent{}, nil).everything(); all != (managed{}) {
		t.Errorf("%+v", all)
	}
	m := partnerModel{DisplayName: types.StringUnknown()}
	m.named(live{})
	if !m.DisplayName.IsNull() {
		t.Error("a policy that isn't there has a name")
	}
}

// Which failures leave open whether the service did it.
func TestMayHaveArrived(t *testing.T) {
	for err, want := range map[error]bool{
		&entra.Error{Status: 400}: false, &entra.Error{Status: 403}: false, &entra.Error{Status: 409}: false, &entra.Error{Status: 429}: false,
		&entra.Error{Status: 503}: true, context.DeadlineExceeded: true, errors.New("the connection broke"): true,
		&entra.MissingRolesError{}: false, &entra.SignInError{}: false,
	} {
		if got := entra.MayHaveArrived(fmt.Errorf("writing: %w", err)); got != want {
			t.Errorf("%T %v: %t", err, err, got)
		}
	}
}
