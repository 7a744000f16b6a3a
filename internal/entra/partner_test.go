package entra

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	newPartner   = "3d0f5dec-5d3d-455c-8016-e2af1ae4d31a"
	knownPartner = "b7a4d9e2-0c35-4f88-8f0e-2a6bb1c4d722" // of the example tenant
	partnersAt   = "/v1.0/policies/crossTenantAccessPolicy/partners"
)

func to[T any](v T) *T { return &v }

// The life of a partner and of its synchronization, as the service has it.
func TestPartnerLife(t *testing.T) {
	// Whether a PATCH keeps what it doesn't name isn't documented.
	for _, replaces := range []bool{false, true} {
		partnerLife(
			t,
			companyTenant(t, simulator.WithBehavior(func(b *simulator.Behavior) { b.PolicyPatchReplaces = replaces })),
		)
	}
}

func partnerLife(t *testing.T, b *bench) {
	ctx := context.Background()
	c := b.client()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Partner(ctx, newPartner); !NotFound(err) {
		t.Error("no partner:", err)
	}
	p, err := c.CreatePartner(ctx, newPartner)
	must(err)
	if !reflect.DeepEqual(p, Partner{TenantID: newPartner}) {
		t.Errorf("made %+v", p)
	}
	if _, err := c.CreatePartner(ctx, newPartner); !Conflict(err) {
		t.Error("made again:", err)
	}
	if _, err := c.PartnerSync(ctx, newPartner); !NotFound(err) {
		t.Error("no synchronization:", err)
	}
	if err := c.PatchPartnerSync(ctx, newPartner, PartnerSync{Allowed: to(true)}); !NotFound(err) {
		t.Error("changed what isn't there:", err)
	}
	must(c.PutPartnerSync(ctx, newPartner, PartnerSync{DisplayName: to("Contoso"), Allowed: to(true)}))
	if err := c.PutPartnerSync(ctx, newPartner, PartnerSync{Allowed: to(true)}); !Conflict(err) {
		t.Error("put twice:", err)
	}
	must(c.PatchPartnerSync(ctx, newPartner, PartnerSync{Allowed: to(false)}))
	s, err := c.PartnerSync(ctx, newPartner)
	must(err)
	if *s.DisplayName != "Contoso" || *s.Allowed {
		t.Errorf("%+v", s)
	}
	must(c.PatchPartner(ctx, newPartner, Consent{Inbound: to(true), Outbound: to(false)}))
	must(c.PatchPartner(ctx, newPartner, Consent{Outbound: to(true)}))
	p, err = c.Partner(ctx, strings.ToUpper(newPartner))
	must(err)
	if p.Consent.Inbound != nil || !*p.Consent.Outbound || len(p.Sections) != 0 {
		t.Errorf("one way inherits again: %+v", p)
	}
	all, err := c.Partners(ctx)
	must(err)
	if len(all) != 2 || all[0].TenantID != newPartner || all[1].TenantID != knownPartner || !*all[1].Consent.Inbound {
		t.Errorf("%+v", all)
	}
	for range 2 {
		must(c.DeletePartnerSync(ctx, newPartner))
		must(c.DeletePartner(ctx, newPartner))
	}
	if err := c.PatchPartner(ctx, newPartner, Consent{}); !NotFound(err) {
		t.Error(err)
	}
}

// What counts as set: the documented example, a bare partner, and sections
// that the type may grow.
func TestPartnerSections(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want []string
	}{
		// Graph's example, "Get crossTenantAccessPolicyConfigurationPartner".
		"documented": {`{"tenantId":"9C5D131D-b1c3-4fc4-9e3f-c6557947d551","inboundTrust":null,"automaticUserConsentSettings":{"inboundAllowed":null,"outboundAllowed":null},
 "b2bCollaborationInbound":null,"b2bDirectConnectInbound":{"usersAndGroups":{"accessType":"allowed","targets":[{"target":"AllUsers","targetType":"user"}]}}}`, []string{"b2bDirectConnectInbound"}},
		"bare":                   {`{"@odata.context":"x","tenantId":"t","isServiceProvider":null,"isInMultiTenantOrganization":false,"crossCloudMeetingConfiguration":{"inboundAllowed":null,"outboundAllowed":null},"tenantRestrictions":null}`, nil},
		"consent alone":          {`{"tenantId":"t","automaticUserConsentSettings":{"inboundAllowed":true}}`, nil},
		"false inside a section": {`{"tenantId":"t","inboundTrust":{"isMfaAccepted":false}}`, []string{"inboundTrust"}},
		"a service provider":     {`{"tenantId":"t","isServiceProvider":true}`, []string{"isServiceProvider"}},
		"one that is new":        {`{"tenantId":"t","somethingNew":{"inner":{"deep":["x"]}},"empty":{"list":[]},"alsoNew":"x"}`, []string{"alsoNew", "somethingNew"}},
	} {
		p, err := decodePartner([]byte(c.body))
		if err != nil || !slices.Equal(p.Sections, c.want) || p.TenantID != strings.ToLower(p.TenantID) {
			t.Errorf("%s: %+v %v", name, p, err)
		}
	}
	for _, wrong := range []string{`{}`, `[]`, `{"tenantId":1}`, `{"tenantId":"t","automaticUserConsentSettings":{"inboundAllowed":"yes"}}`} {
		if p, err := decodePartner([]byte(wrong)); err == nil {
			t.Errorf("%s is read as %+v", wrong, p)
		}
	}
}

// Sections that a plain GET doesn't show count, where the cloud has them.
func TestWholePartner(t *testing.T) {
	ctx := context.Background()
	const hidden, choice = "m365CollaborationInbound", "?%24select=tenantId%2CappServiceConnectInbound%2Cm365CollaborationInbound%2Cm365CollaborationOutbound"
	b := companyTenant(t)
	if err := b.PutPartner(
		[]byte(
			`{"tenantId":"` + newPartner + `","inboundTrust":{"isMfaAccepted":true},"` + hidden + `":{"users":{"accessType":"allowed","targets":[{"target":"AllUsers","targetType":"user"}]}}}`,
		),
	); err != nil {
		t.Fatal(err)
	}
	c := b.client()
	if p, err := c.Partner(ctx, newPartner); err != nil || slices.Contains(p.Sections, hidden) {
		t.Errorf("the plain GET: %+v %v", p, err)
	}
	if p, err := c.WholePartner(
		ctx,
		newPartner,
	); err != nil ||
		!slices.Equal(p.Sections, []string{"inboundTrust", hidden}) {
		t.Errorf("%+v %v", p, err)
	}
	if _, err := c.WholePartner(ctx, app); !NotFound(err) {
		t.Error(err)
	}
	// A cloud that doesn't have them; by the test's own words.
	s := cannedTenant(t, func(n int, _ *http.Request) (int, string) {
		if n == 0 {
			return http.StatusOK, `{"tenantId":"` + newPartner + `","inboundTrust":{"isMfaAccepted":true}}`
		}
		return http.StatusBadRequest, `{"error":{"code":"BadRequest","message":"Could not find a property named '` + hidden + `'"}}`
	})
	if p, err := s.client.WholePartner(
		ctx,
		newPartner,
	); err != nil ||
		!slices.Equal(p.Sections, []string{"inboundTrust"}) {
		t.Errorf("%+v %v", p, err)
	}
	if want := "GET " + partnersAt + "/" + newPartner + choice; s.asked[1] != want {
		t.Errorf("asked %s", s.asked[1])
	}
}

// What is sent, to the letter: nothing that isn't managed. By the test's own
// words, since the simulator takes other ways of saying it, too.
func TestPartnerRequests(t *testing.T) {
	ctx := context.Background()
	s := cannedTenant(t, func(_ int, r *http.Request) (int, string) {
		if r.Method == http.MethodPost {
			return http.StatusCreated, `{"tenantId":"` + newPartner + `"}`
		}
		return http.StatusNoContent, ""
	})
	c := s.client
	_, err := c.CreatePartner(ctx, newPartner)
	for _, err := range []error{err,
		c.PutPartnerSync(ctx, newPartner, PartnerSync{Allowed: to(true)}), c.PatchPartnerSync(ctx, newPartner, PartnerSync{DisplayName: to("A"), Allowed: to(false)}),
		c.PatchPartner(ctx, newPartner, Consent{Inbound: to(true)}), c.DeletePartnerSync(ctx, newPartner), c.DeletePartner(ctx, newPartner)} {
		if err != nil {
			t.Error(err)
		}
	}
	one := partnersAt + "/" + newPartner
	want := []string{
		"POST " + partnersAt + ` {"tenantId":"` + newPartner + `"}`,
		"PUT " + one + `/identitySynchronization {"userSyncInbound":{"isSyncAllowed":true}}`,
		"PATCH " + one + `/identitySynchronization {"displayName":"A","userSyncInbound":{"isSyncAllowed":false}}`,
		"PATCH " + one + ` {"automaticUserConsentSettings":{"inboundAllowed":true,"outboundAllowed":null}}`,
		"DELETE " + one + "/identitySynchronization", "DELETE " + one,
	}
	if !slices.Equal(s.asked, want) {
		t.Errorf("sent\n%s", strings.Join(s.asked, "\n"))
	}
	for _, id := range []string{"", "..", "."} {
		if err := c.DeletePartner(ctx, id); err == nil {
			t.Errorf("deletes partner %q", id)
		}
	}
	if len(s.asked) != len(want) {
		t.Error("sent something for no id", s.asked[len(want):])
	}
}

// Whether groups may be synchronized is read where the service says so, and never sent.
func TestPartnerSync_groups(t *testing.T) {
	const head = `{"tenantId":"` + newPartner + `","userSyncInbound":{"isSyncAllowed":true}`
	for answer, want := range map[string]*bool{
		head + `}`:                                            nil,
		head + `,"groupSyncInbound":null}`:                    nil,
		head + `,"groupSyncInbound":{}}`:                      nil,
		head + `,"groupSyncInbound":{"isSyncAllowed":null}}`:  nil,
		head + `,"groupSyncInbound":{"isSyncAllowed":true}}`:  to(true),
		head + `,"groupSyncInbound":{"isSyncAllowed":false}}`: to(false),
		head + `,"groupSyncInbound":"some"}`:                  nil,
	} {
		s := cannedTenant(t, always(http.StatusOK, answer))
		got, err := s.client.PartnerSync(context.Background(), newPartner)
		if err != nil || (got.GroupsAllowed == nil) != (want == nil) || want != nil && *got.GroupsAllowed != *want ||
			got.Allowed == nil || !*got.Allowed {
			t.Errorf("%s: got %+v, %v", answer, got, err)
		}
		if raw, err := got.MarshalJSON(); err != nil || strings.Contains(string(raw), "group") {
			t.Errorf("sends %s, %v", raw, err)
		}
	}
}

// A create isn't repeated; what says what shall be is.
func TestPartnerRepeats(t *testing.T) {
	ctx := context.Background()
	b := companyTenant(t)
	c := b.client()
	for route, write := range map[string]func() error{
		"POST " + partnersAt:            func() error { _, err := c.CreatePartner(ctx, newPartner); return err },
		"PATCH " + partnersAt + "/{id}": func() error { return c.PatchPartner(ctx, knownPartner, Consent{}) },
		"PATCH " + partnersAt + "/{id}/identitySynchronization": func() error {
			return c.PatchPartnerSync(ctx, knownPartner, PartnerSync{Allowed: to(true)})
		},
	} {
		b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: route, Status: 503})
		b.ResetRequests()
		err := write()
		once := strings.HasPrefix(route, "POST")
		if n := b.asked()[route]; once != (err != nil) || once && n != 1 || !once && n != 2 {
			t.Errorf("%s: sent %d times, %v", route, n, err)
		}
		b.ClearFaults()
	}
}

// Missing permissions are named before anything is sent.
func TestPartnerPermissions(t *testing.T) {
	ctx := context.Background()
	b := companyTenant(t)
	may := func(roles ...string) *Client {
		t.Helper()
		if err := b.AddApp(
			simulator.App{ClientID: simulator.DefaultClientID, Secret: simulator.DefaultClientSecret, Roles: roles},
		); err != nil {
			t.Fatal(err)
		}
		return b.client()
	}
	c := may("Policy.Read.All")
	if _, err := c.Partner(ctx, knownPartner); err != nil {
		t.Error(err)
	}
	_, made := c.CreatePartner(ctx, newPartner)
	_, found := c.TenantByDomain(ctx, "contoso.com")
	for permission, errs := range map[string][]error{
		"Policy.ReadWrite.CrossTenantAccess": {made, c.PatchPartner(ctx, knownPartner, Consent{}), c.DeletePartner(ctx, knownPartner),
			c.PutPartnerSync(ctx, knownPartner, PartnerSync{}), c.PatchPartnerSync(ctx, knownPartner, PartnerSync{}), c.DeletePartnerSync(ctx, knownPartner)},
		"CrossTenantInformation.ReadBasic.All": {found},
	} {
		for i, err := range errs {
			var missing *MissingRolesError
			if !errors.As(err, &missing) || !strings.Contains(err.Error(), permission) {
				t.Errorf("%s, %d: %v", permission, i, err)
			}
		}
	}
	if _, err := may("Policy.ReadWrite.CrossTenantAccess").PartnerSync(ctx, knownPartner); err != nil {
		t.Error("who may write may read:", err)
	}
	// A refusal of the service itself, as with a delegated token.
	c = may("Policy.ReadWrite.CrossTenantAccess", "CrossTenantInformation.ReadBasic.All")
	b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/tenantRelationships/*", Status: 403})
	_, err := c.TenantByDomain(ctx, "contoso.com")
	var refused *Error
	if !errors.As(err, &refused) || !strings.Contains(refused.Advice(), "CrossTenantInformation.ReadBasic.All") {
		t.Error(err)
	}
}

func TestTenantByDomain(t *testing.T) {
	ctx := context.Background()
	b := companyTenant(t)
	if err := b.PutTenant(
		simulator.Tenant{
			TenantID:    newPartner,
			DisplayName: "Contoso, Ltd",
			Domains:     []string{"contoso.onmicrosoft.com", "contoso.com"},
		},
	); err != nil {
		t.Fatal(err)
	}
	c := b.client()
	got, err := c.TenantByDomain(ctx, "contoso.com")
	if want := (TenantInformation{newPartner, "Contoso, Ltd", "contoso.onmicrosoft.com"}); err != nil || got != want {
		t.Error(got, err)
	}
	byID, err := c.TenantByID(ctx, newPartner)
	if err != nil || byID != got {
		t.Error(byID, err)
	}
	for _, nobody := range []string{"00000000-0000-4000-8000-00000000dead", "x') or ('"} {
		if got, err := c.TenantByID(ctx, nobody); err == nil {
			t.Errorf("%s: %+v", nobody, got)
		}
	}
	for _, nobody := range []string{"nobody.example", "it's.example", "a/b", "x') or ('"} {
		if got, err := c.TenantByDomain(ctx, nobody); !NotFound(err) {
			t.Errorf("%s: %+v %v", nobody, got, err)
		}
	}
	if _, err := c.TenantByDomain(ctx, ""); err == nil {
		t.Error("no domain has a tenant")
	}
	s := cannedTenant(t, always(http.StatusOK, `{"tenantId":"`+strings.ToUpper(newPartner)+`"}`))
	if got, err := s.client.TenantByDomain(ctx, "o'b.example"); err != nil || got.TenantID != newPartner {
		t.Error(got, err)
	}
	if want := []string{
		"GET /v1.0/tenantRelationships/findTenantInformationByDomainName(domainName='o%27%27b.example')",
	}; !slices.Equal(
		s.asked,
		want,
	) {
		t.Error(s.asked)
	}
	s = cannedTenant(t, always(http.StatusOK, `{}`))
	if _, err := s.client.TenantByDomain(ctx, "contoso.com"); err == nil {
		t.Error("a tenant without an id")
	}
}
