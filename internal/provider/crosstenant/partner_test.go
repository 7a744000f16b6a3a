package crosstenant

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	partnerName  = "usersync_cross_tenant_partner"
	partnersName = "usersync_cross_tenant_partners"

	fabrikam = "99999999-2222-4333-8444-000000000001" // nobody's partner yet
	contoso  = "99999999-2222-4333-8444-000000000002" // one with sections of others
	bare     = "99999999-2222-4333-8444-000000000003" // one that says nothing

	root        = "/v1.0/policies/crossTenantAccessPolicy/partners"
	getPartner  = "GET " + root + "/{id}"
	getSync     = getPartner + "/identitySynchronization"
	postPartner = "POST " + root
	patchRoute  = "PATCH " + root + "/{id}"
	deleteRoute = "DELETE " + root + "/{id}"
	putSync     = "PUT " + root + "/{id}/identitySynchronization"
	patchSync   = patchRoute + "/identitySynchronization"
	deleteSync  = deleteRoute + "/identitySynchronization"
)

const policy = `{"version":1,"entra":{"tenant_id":"` + simulator.DefaultTenantID + `","domains":[],"users":[],"groups":[],
 "cross_tenant_partners":[
  {"tenantId":"` + contoso + `","inboundTrust":{"isMfaAccepted":true},"automaticUserConsentSettings":{"inboundAllowed":true},
   "identitySynchronization":{"displayName":"Contoso","userSyncInbound":{"isSyncAllowed":true}}},
  {"tenantId":"` + bare + `"}]}}`

type lab struct {
	*providertest.CLI
	*simulator.Server
	t *testing.T
}

func newLab(t *testing.T, change ...func(*session.Setup)) *lab {
	t.Helper()
	s := providertest.Tenant(t, policy)
	return &lab{client(t, providertest.Session(s, change...)), s, t}
}

func client(t *testing.T, session *session.Session) *providertest.CLI {
	t.Helper()
	return providertest.New(t, session, providertest.Offers{
		Resources:   []func() resource.Resource{NewPartner},
		DataSources: []func() datasource.DataSource{NewPartners},
		Lists:       []func() list.ListResource{NewPartnerList},
	})
}

func (l *lab) fails(match string, status int, more ...func(*simulator.Fault)) {
	l.t.Helper()
	providertest.Fails(l.t, l.Server, match, status, more...)
}

func third(f *simulator.Fault) { f.Nth = 3 }

// meanwhile does something before a request is carried out.
func (l *lab) meanwhile(route string, do func() error) {
	l.OnRequest(func(r simulator.Request) (before, after func()) {
		if r.Route != route {
			return nil, nil
		}
		return func() {
			if err := do(); err != nil {
				l.t.Error(err)
			}
		}, nil
	})
}

// of is a partner that may synchronize and whose invitations are redeemed.
func of(id string, more ...any) map[string]any {
	return providertest.With(map[string]any{
		"tenant_id": id, "inbound_user_sync": true, "display_name": "Fabrikam",
		"automatic_redemption": map[string]any{"inbound": true, "outbound": false},
	}, more...)
}

// live is what the service says of a partner.
func (l *lab) live(id string) string {
	l.t.Helper()
	s, _ := client(l.t, providertest.Session(l.Server)).ReadData(partnersName, map[string]any{})
	partners, _ := s.Get("partners").([]any)
	for _, p := range partners {
		p := p.(map[string]any)
		if p["tenant_id"] != id {
			continue
		}
		redemption, _ := p["automatic_redemption"].(map[string]any)
		return strings.Join(
			[]string{
				show(p["inbound_user_sync"]),
				show(p["display_name"]),
				show(redemption["inbound"]),
				show(redemption["outbound"]),
			},
			" ",
		)
	}
	return "none"
}

func show(v any) string {
	switch x := v.(type) {
	case bool:
		if x {
			return "yes"
		}
		return "no"
	case string:
		return x
	}
	return "null"
}

func TestPartner_Validate(t *testing.T) {
	c := client(t, nil)
	for name, x := range map[string]struct {
		config map[string]any
		want   []string
	}{
		"a partner":             {of(fabrikam), nil},
		"no GUID":               {of("fabrikam"), []string{"ERROR (tenant_id)", "a GUID in lower case"}},
		"capitals":              {of(strings.ToUpper("aaaaaaaa-2222-4333-8444-000000000001")), []string{"a GUID in lower case"}},
		"a name without a sync": {of(fabrikam, "inbound_user_sync", nil), []string{"ERROR (display_name)", "inbound_user_sync"}},
		"no time":               {of(fabrikam, "timeouts", map[string]any{"delete": "-1s"}), []string{"Invalid duration"}},
	} {
		t.Run(name, func(t *testing.T) {
			providertest.Wants(t, "validation", c.Validate(partnerName, x.config), x.want...)
		})
	}
}

func TestPartner_Plan(t *testing.T) {
	l := newLab(t)
	made := l.Make(partnerName, providertest.State{}, of(fabrikam))
	for name, x := range map[string]struct {
		prior  providertest.State
		config map[string]any
		id     any
		named  any
		said   []string
	}{
		"a new one":                 {providertest.State{}, of(bare), bare, "Fabrikam", nil},
		"a name left open":          {providertest.State{}, of(bare, "display_name", nil), bare, providertest.Unknown, nil},
		"nothing synchronized":      {providertest.State{}, map[string]any{"tenant_id": bare}, bare, nil, nil},
		"an id that isn't known":    {providertest.State{}, of("", "tenant_id", providertest.Unknown), providertest.Unknown, "Fabrikam", nil},
		"a name that stays":         {made, of(fabrikam, "display_name", nil, "inbound_user_sync", false), fabrikam, "Fabrikam", nil},
		"a sync that isn't known":   {made, of(fabrikam, "display_name", nil, "inbound_user_sync", providertest.Unknown), fabrikam, providertest.Unknown, nil},
		"a sync that is given back": {made, of(fabrikam, "display_name", nil, "inbound_user_sync", nil), fabrikam, nil, []string{"WARNING (inbound_user_sync): The partner's user synchronization policy will be deleted"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := l.Plan(partnerName, x.prior, x.config)
			providertest.Wants(t, "plan", p.Said, x.said...)
			if id, named := p.Planned.Get("id"), p.Planned.Get("display_name"); id != x.id || named != x.named {
				t.Errorf("id and display_name: got %v and %v, want %v and %v", id, named, x.id, x.named)
			}
		})
	}
	if p := l.Plan(partnerName, made, of(bare)); len(p.Replaces) == 0 {
		t.Errorf("another tenant replaces nothing: %s", p.Said)
	}
}

func TestPartner_Create(t *testing.T) {
	for name, x := range map[string]struct {
		config     map[string]any
		want, name string
	}{
		"a new one":              {of(fabrikam), "yes Fabrikam yes no", "Fabrikam"},
		"one without a name":     {of(fabrikam, "display_name", nil), "yes null yes no", ""},
		"one that isn't managed": {map[string]any{"tenant_id": fabrikam}, "null null null null", ""},
		"one that says nothing":  {of(bare, "inbound_user_sync", false), "no Fabrikam yes no", "Fabrikam"},
		"one that is adopted":    {of(contoso, "adopt", true), "yes Fabrikam yes no", "Fabrikam"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			s := l.Make(partnerName, providertest.State{}, x.config)
			id := x.config["tenant_id"].(string)
			if got := l.live(id); got != x.want {
				t.Errorf("the service has %q, want %q", got, x.want)
			}
			if s.Text("id") != id || s.Text("display_name") != x.name {
				t.Errorf("got %v", s.Value)
			}
			if now, said := l.Read(partnerName, s); said != "" || !now.Value.Equal(s.Value) {
				t.Errorf("read: got %v, %s, want %v", now.Value, said, s.Value)
			}
		})
	}
}

// What refuses a create before anything is made; there is no state.
func TestPartner_Create_Refuses(t *testing.T) {
	for name, x := range map[string]struct {
		id    string
		fault func(*lab)
		want  []string
	}{
		"one that says something": {contoso, nil, []string{"ERROR (tenant_id): Creating the cross-tenant partner " +
			"failed", "which sets: inboundTrust", "Import it", "adopt = true"}},
		"the tenant itself": {simulator.DefaultTenantID, nil, []string{"Graph doesn't take these values", "can't be a partner of itself"}},
		"the look":          {fabrikam, func(l *lab) { l.fails(getPartner, 403) }, []string{"ERROR (tenant_id)", "Policy.Read"}},
		"the sync's look":   {bare, func(l *lab) { l.fails(getSync, 403) }, []string{"ERROR (tenant_id)", "403"}},
		"another made it": {fabrikam, func(l *lab) {
			l.meanwhile(postPartner, func() error { return l.PutPartner([]byte(`{"tenantId":"` + fabrikam + `"}`)) })
		}, []string{"has the partner " + fabrikam + " already", "Import it"}},
		"one that isn't shown":   {fabrikam, func(l *lab) { l.fails(postPartner, 409) }, []string{"didn't show it", "isn't documented", "deletedItems/crossTenantPartners"}},
		"forbidden":              {fabrikam, func(l *lab) { l.fails(postPartner, 403) }, []string{"Policy.ReadWrite.CrossTenantAccess"}},
		"an answer that is lost": {fabrikam, func(l *lab) { l.fails(postPartner, 503) }, []string{"ERROR (tenant_id)", "a partner that was made all the same inherits everything, and is taken over"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			p := l.Plan(partnerName, providertest.State{}, of(x.id))
			if x.fault != nil {
				x.fault(l)
			}
			s, said := p.Apply()
			providertest.Wants(t, "apply", said, x.want...)
			if s.Exists() {
				t.Errorf("there is a state: %v", s.Value)
			}
		})
	}
}

// What fails on the way: the state has what was done, and says what follows.
func TestPartner_Create_HalfDone(t *testing.T) {
	for name, x := range map[string]struct {
		id    string
		fault func(*lab)
		want  []string
		sync  any  // in the state
		state bool // there is one
	}{
		"a new one's wait":        {fabrikam, func(l *lab) { l.fails(getPartner, 403, providertest.Second) }, []string{"The partner exists and is in the state"}, nil, true},
		"a new one's sync":        {fabrikam, func(l *lab) { l.fails(putSync, 403) }, []string{"The partner exists and is in the state", "tainted"}, nil, true},
		"a new one's redemption":  {fabrikam, func(l *lab) { l.fails(patchRoute, 403) }, []string{"The partner exists and is in the state"}, true, true},
		"a new one's last look":   {fabrikam, func(l *lab) { l.fails(getPartner, 403, third) }, []string{"The partner exists and is in the state"}, true, true},
		"a lost redemption":       {fabrikam, func(l *lab) { l.fails(patchRoute, 503) }, []string{"The partner exists and is in the state"}, true, true},
		"one taken over":          {bare, func(l *lab) { l.fails(patchRoute, 403) }, []string{"The partner was there before; it is in the state now"}, true, true},
		"one of which nothing is": {bare, func(l *lab) { l.fails(putSync, 403) }, []string{"Nothing of the partner was changed"}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			p := l.Plan(partnerName, providertest.State{}, of(x.id))
			x.fault(l)
			s, said := p.Apply()
			providertest.Wants(t, "apply", said, append(x.want, "ERROR: Creating the cross-tenant partner failed")...)
			if s.Exists() != x.state || s.Get("inbound_user_sync") != x.sync {
				t.Errorf("got %v, want sync %v", s.Value, x.sync)
			}
		})
	}
}

// A new partner isn't found for a while, and a policy that is there all the
// same is changed.
func TestPartner_Create_Lag(t *testing.T) {
	l := newLab(t)
	l.fails(getPartner, 404, func(f *simulator.Fault) { f.Times = 3 })
	l.fails(putSync, 404, func(f *simulator.Fault) { f.Times = 2 })
	l.fails(patchRoute, 404, providertest.Once)
	if s := l.Make(partnerName, providertest.State{}, of(fabrikam)); l.live(fabrikam) != "yes Fabrikam yes no" {
		t.Errorf("got %v and %s", s.Value, l.live(fabrikam))
	}
	l = newLab(t)
	providertest.Fault(t, l.Server, simulator.Fault{Kind: simulator.FaultDrop, CarriedOut: true, Match: putSync})
	if s := l.Make(partnerName, providertest.State{}, of(fabrikam)); l.live(fabrikam) != "yes Fabrikam yes no" {
		t.Errorf("after a lost answer: got %v and %s", s.Value, l.live(fabrikam))
	}
}

func TestPartner_Create_Overdue(t *testing.T) {
	for name, x := range map[string]struct {
		fault simulator.Fault
		want  string
	}{
		"what was written doesn't show": {simulator.Fault{Kind: simulator.FaultStale, Match: patchRoute, Reads: 1000}, "everything was written, and reading doesn't show it yet"},
		"the partner doesn't show":      {simulator.Fault{Kind: simulator.FaultStatus, Match: getPartner, Status: 404, Times: -1}, "It wasn't visible within the time"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, use := providertest.Deadline(t, 3)
			l := newLab(t, use)
			p := l.Plan(partnerName, providertest.State{}, of(fabrikam))
			providertest.Fault(t, l.Server, x.fault)
			s, said := p.ApplyIn(ctx)
			providertest.Wants(
				t,
				"apply",
				strings.ToLower(said),
				strings.ToLower(x.want),
				"the partner exists and is in the state",
			)
			if !s.Exists() {
				t.Error("there is no state")
			}
		})
	}
}

func TestPartner_Create_Interrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l := newLab(t)
	l.OnRequest(func(r simulator.Request) (before, after func()) {
		if r.Route == postPartner {
			return nil, cancel
		}
		return nil, nil
	})
	_, said := l.Plan(partnerName, providertest.State{}, of(fabrikam)).ApplyIn(ctx)
	providertest.Wants(t, "apply", said, "ERROR", "was interrupted")
}

// Two resources of one partner, and the destroy of the former one.
func TestPartner_Twice(t *testing.T) {
	l := newLab(t)
	s := l.Make(partnerName, providertest.State{}, of(fabrikam))
	again, said := l.Plan(partnerName, providertest.State{}, of(fabrikam)).Apply()
	providertest.Wants(t, "apply", said, "ERROR: Conflicting resources")
	if again.Exists() {
		t.Errorf("there is a state: %v", again.Value)
	}
	after, said := l.Destroy(partnerName, s)
	providertest.Wants(t, "destroy", said, "WARNING: Not changed: another resource manages it now")
	if after.Exists() || l.live(fabrikam) == "none" {
		t.Errorf("got %v, and the service has %s", after.Value, l.live(fabrikam))
	}
}

func TestPartner_Read(t *testing.T) {
	l := newLab(t)
	s := l.Make(partnerName, providertest.State{}, of(fabrikam))
	if err := l.PutPartner(
		[]byte(`{"tenantId":"` + fabrikam + `","automaticUserConsentSettings":{"inboundAllowed":false},
 "identitySynchronization":{"displayName":"Other","userSyncInbound":{"isSyncAllowed":false}}}`),
	); err != nil {
		t.Fatal(err)
	}
	now, said := l.Read(partnerName, s)
	if said != "" || now.Get("inbound_user_sync") != false || now.Text("display_name") != "Other" ||
		now.Get("automatic_redemption.inbound") != false {
		t.Errorf("what somebody changed: got %v, %s", now.Value, said)
	}
	l.fails(getPartner, 403, providertest.Once)
	_, said = l.Read(partnerName, s)
	providertest.Wants(t, "refused", said, "ERROR: Reading the cross-tenant partner failed")
	l.ClearFaults()
	l.fails(getSync, 403, providertest.Once)
	_, said = l.Read(partnerName, s)
	providertest.Wants(t, "the sync refused", said, "ERROR: Reading the cross-tenant partner failed")
	kept, said := client(t, providertest.Offline(t, policy)).Read(partnerName, s)
	if !kept.Value.Equal(s.Value) || !strings.Contains(said, "Not refreshed: the provider reads a snapshot") {
		t.Errorf("with a snapshot: got %v, %s", kept.Value, said)
	}
	_, said = client(t, nil).Read(partnerName, s)
	providertest.Wants(t, "not configured", said, "The provider isn't configured yet")
	if err := l.RemovePartner(fabrikam); err != nil {
		t.Fatal(err)
	}
	if gone, said := l.Read(partnerName, s); gone.Exists() || said != "" {
		t.Errorf("gone: got %v, %s", gone.Value, said)
	}
}

func TestPartner_Update(t *testing.T) {
	for name, x := range map[string]struct {
		config map[string]any
		want   string
	}{
		"another name":        {of(fabrikam, "display_name", "F"), "yes F yes no"},
		"stopped":             {of(fabrikam, "inbound_user_sync", false), "no Fabrikam yes no"},
		"inherits a way":      {of(fabrikam, "automatic_redemption", map[string]any{"outbound": true}), "yes Fabrikam null yes"},
		"everything is given": {map[string]any{"tenant_id": fabrikam}, "null null null null"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			s := l.Make(partnerName, providertest.State{}, of(fabrikam))
			l.Make(partnerName, s, x.config)
			if got := l.live(fabrikam); got != x.want {
				t.Errorf("the service has %q, want %q", got, x.want)
			}
		})
	}
	// The time-outs alone ask the service for nothing.
	l := newLab(t)
	s := l.Make(partnerName, providertest.State{}, of(fabrikam))
	l.fails("*", 403)
	l.Make(partnerName, s, of(fabrikam, "timeouts", map[string]any{"create": "1m"}))
}

// After a failure the state says what was done.
func TestPartner_Update_Refuses(t *testing.T) {
	given := map[string]any{"tenant_id": fabrikam}
	for name, x := range map[string]struct {
		config     map[string]any
		fault      string
		status     int
		want       string
		name       string // in the state
		redemption bool   // in the state
	}{
		"the look": {of(fabrikam, "display_name", "F"), getPartner, 403, "403", "Fabrikam", true},
		"gone meanwhile": {of(fabrikam, "display_name", "F"), patchSync, 404, "was deleted since it was read: " +
			"plan again", "Fabrikam", true},
		"the sync":             {of(fabrikam, "display_name", "F"), patchSync, 403, "403", "Fabrikam", true},
		"the sync's answer":    {of(fabrikam, "display_name", "F"), patchSync, 503, "503", "F", true},
		"giving the sync back": {given, deleteSync, 503, "503", "Fabrikam", true},
		"giving it all back":   {given, patchRoute, 503, "503", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			s := l.Make(partnerName, providertest.State{}, of(fabrikam))
			p := l.Plan(partnerName, s, x.config)
			l.fails(x.fault, x.status)
			after, said := p.Apply()
			providertest.Wants(
				t,
				"apply",
				said,
				"ERROR: Changing the cross-tenant partner failed",
				x.want,
				"The state says what was done",
			)
			if after.Text("display_name") != x.name || (after.Get("automatic_redemption") != nil) != x.redemption {
				t.Errorf("got %v", after.Value)
			}
		})
	}
}

func TestPartner_Delete(t *testing.T) {
	l := newLab(t)
	s := l.Make(partnerName, providertest.State{}, of(fabrikam))
	other := client(t, providertest.Session(l.Server)) // another run
	after, said := other.Destroy(partnerName, s)
	if said != "" || after.Exists() || l.live(fabrikam) != "none" {
		t.Errorf("got %v, %s, and the service has %s", after.Value, said, l.live(fabrikam))
	}
	if _, said := other.Destroy(partnerName, s); said != "" {
		t.Errorf("one that is gone already: got %q", said)
	}
	// What others have set stays, and what was managed is given back.
	s = l.Make(partnerName, providertest.State{}, of(contoso, "adopt", true))
	_, said = other.Destroy(partnerName, s)
	providertest.Wants(t, "one of others", said, "WARNING: The partner itself is left", "inboundTrust")
	if got := l.live(contoso); got != "null null null null" {
		t.Errorf("the service has %q, want what was managed given back", got)
	}
}

func TestPartner_Delete_Refuses(t *testing.T) {
	for name, x := range map[string]struct {
		fault  func(*lab)
		want   []string
		exists bool
	}{
		"the look":                 {func(l *lab) { l.fails(getPartner, 403) }, []string{"ERROR: Deleting the cross-tenant partner failed", "403"}, true},
		"the sync":                 {func(l *lab) { l.fails(deleteSync, 403) }, []string{"ERROR: Deleting the cross-tenant partner failed"}, true},
		"the wait for the sync":    {func(l *lab) { l.fails(getSync, 403, providertest.Second) }, []string{"ERROR"}, true},
		"the partner":              {func(l *lab) { l.fails(deleteRoute, 403) }, []string{"ERROR", "Policy.ReadWrite.CrossTenantAccess"}, true},
		"the wait for the end":     {func(l *lab) { l.fails(getPartner, 403, providertest.Second) }, []string{"ERROR"}, true},
		"somebody else deletes it": {func(l *lab) { l.meanwhile(deleteSync, func() error { return l.RemovePartner(fabrikam) }) }, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			s := l.Make(partnerName, providertest.State{}, of(fabrikam))
			x.fault(l)
			after, said := client(t, providertest.Session(l.Server)).Destroy(partnerName, s)
			providertest.Wants(t, "destroy", said, x.want...)
			if after.Exists() != x.exists {
				t.Errorf("a state: got %t, want %t", after.Exists(), x.exists)
			}
		})
	}
	ctx, use := providertest.Deadline(t, 2)
	l := newLab(t)
	s := l.Make(partnerName, providertest.State{}, of(fabrikam))
	late := client(t, providertest.Session(l.Server, use))
	providertest.Fault(t, l.Server, simulator.Fault{Kind: simulator.FaultStale, Match: deleteRoute, Reads: 1000})
	_, said := late.Plan(partnerName, s, nil).ApplyIn(ctx)
	providertest.Wants(t, "a wait that is over", said, "ERROR: Deleting the cross-tenant partner "+
		"failed", "within the time that timeouts allows")
}

func TestPartner_Import(t *testing.T) {
	l := newLab(t)
	s, said := l.Import(partnerName, strings.ToUpper(contoso))
	if said != "" || s.Text("tenant_id") != contoso || s.Get("inbound_user_sync") != true ||
		s.Text("display_name") != "Contoso" ||
		s.Get("automatic_redemption.inbound") != true {
		t.Errorf("by id: got %v, %s", s.Value, said)
	}
	s, said = l.ImportByIdentity(partnerName, map[string]any{"tenant_id": bare})
	if said != "" || s.Text("id") != bare || s.Get("inbound_user_sync") != nil || s.Get("automatic_redemption") != nil {
		t.Errorf("by identity: got %v, %s", s.Value, said)
	}
	for id, want := range map[string]string{"nonsense": "ERROR: Invalid import ID", fabrikam: "ERROR: Partner not found"} {
		s, said := l.Import(partnerName, id)
		providertest.Wants(t, id, said, want)
		if s.Exists() {
			t.Errorf("%s: got %v", id, s.Value)
		}
	}
	l.fails(getPartner, 403)
	_, said = l.Import(partnerName, contoso)
	providertest.Wants(t, "refused", said, "ERROR: Importing the cross-tenant partner failed")
	_, said = client(t, nil).Import(partnerName, contoso)
	providertest.Wants(t, "not configured", said, "The provider isn't configured yet")
}

func TestPartner_WithoutEntra(t *testing.T) {
	l := newLab(t)
	s := l.Make(partnerName, providertest.State{}, of(fabrikam))
	for name, x := range map[string]struct {
		session *session.Session
		want    string
	}{
		"not configured": {nil, "The provider isn't configured yet"},
		"a snapshot":     {providertest.Offline(t, policy), "nothing can be written"},
	} {
		c := client(t, x.session)
		_, said := c.Plan(partnerName, providertest.State{}, of(bare)).Apply()
		providertest.Wants(t, name+", create", said, "ERROR", x.want)
		_, said = c.Plan(partnerName, s, of(fabrikam, "display_name", "F")).Apply()
		providertest.Wants(t, name+", update", said, "ERROR", x.want)
		_, said = c.Destroy(partnerName, s)
		providertest.Wants(t, name+", delete", said, "ERROR", x.want)
	}
}

func TestPartnerList(t *testing.T) {
	l := newLab(t)
	names, said := l.List(partnerName, nil)
	if said != "" || strings.Join(names, " ") != contoso+" "+bare {
		t.Errorf("got %v, %s", names, said)
	}
	_, said = client(t, nil).List(partnerName, nil)
	providertest.Wants(t, "not configured", said, "The provider isn't configured yet")
	l.fails("GET "+root, 403)
	_, said = l.List(partnerName, nil)
	providertest.Wants(t, "refused", said, "ERROR: Listing cross-tenant partners failed")
}

func TestPartners_Read(t *testing.T) {
	l := newLab(t)
	if err := l.PutTenant(
		simulator.Tenant{TenantID: fabrikam, DisplayName: "Fabrikam", Domains: []string{"fabrikam.example"}},
	); err != nil {
		t.Fatal(err)
	}
	s, said := l.ReadData(partnersName, map[string]any{"domains": []string{"Fabrikam.example.", "nobody.example"}})
	providertest.Wants(t, "domains", said, "WARNING (domains): No tenant has verified this domain", `"nobody.example"`)
	tenants, _ := s.Get("tenants").(map[string]any)
	found, _ := tenants["Fabrikam.example."].(map[string]any)
	if found["tenant_id"] != fabrikam || found["default_domain_name"] != "fabrikam.example" ||
		tenants["nobody.example"] != nil ||
		len(tenants) != 2 {
		t.Errorf("tenants: got %v", tenants)
	}
	if s.Text("partners.0.tenant_id") != contoso || s.Text("partners.0.other_sections.0") != "inboundTrust" ||
		s.Text("partners.0.display_name") != "Contoso" {
		t.Errorf("partners: got %v", s.Get("partners"))
	}
	s, said = l.ReadData(partnersName, map[string]any{})
	if said != "" || s.Get("tenants") != nil {
		t.Errorf("without domains: got %v, %s", s.Get("tenants"), said)
	}
}

// One partner that can't be read leaves the others readable.
func TestPartners_Read_OneFails(t *testing.T) {
	for _, status := range []int{400, 403} {
		l := newLab(t)
		l.fails(getSync, status, providertest.Once)
		s, said := l.ReadData(partnersName, map[string]any{})
		partners, _ := s.Get("partners").([]any)
		broken := ""
		for _, p := range partners {
			p := p.(map[string]any)
			id := p["tenant_id"].(string)
			switch {
			case p["readable"] == false && p["inbound_user_sync"] == nil && p["display_name"] == nil:
				broken = id
			case p["readable"] != true:
				t.Errorf("%d: %v", status, p)
			case id == contoso && p["inbound_user_sync"] != true:
				t.Errorf("%d: the other isn't complete: %v", status, p)
			}
		}
		if broken == "" {
			t.Errorf("%d: got %v, %s; want one that isn't readable", status, partners, said)
		}
		providertest.Wants(
			t,
			"read",
			said,
			"WARNING: Some partners can't be read",
			"of "+fmt.Sprint(len(partners))+" partners",
			broken+": ",
			fmt.Sprint(status),
		)
	}
}

func TestPartners_Read_Refuses(t *testing.T) {
	const find = "GET /v1.0/tenantRelationships/*"
	for name, x := range map[string]struct {
		domain string
		fault  string
		status int
		want   []string
	}{
		"the partners":      {"a.example", "GET " + root, 403, []string{"ERROR: Reading cross-tenant partners failed"}},
		"a synchronization": {"a.example", getSync, 403, []string{"ERROR: Reading cross-tenant partners failed"}},
		"a look-up": {"a.example", find, 403, []string{"ERROR (domains): Looking up tenants by their domains " +
			"failed", "CrossTenantInformation.ReadBasic.All"}},
		"a wrong spelling": {"a.example", find, 400, []string{"Check how the domains are spelled"}},
		"no domain name":   {"a b", "", 0, []string{"ERROR (domains)", `"a b" is no domain name`}},
		"an empty one":     {"", "", 0, []string{"ERROR", "at least 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			if x.fault != "" {
				l.fails(x.fault, x.status)
			}
			_, said := l.ReadData(partnersName, map[string]any{"domains": []string{x.domain}})
			providertest.Wants(t, "read", said, x.want...)
		})
	}
	_, said := client(t, nil).ReadData(partnersName, map[string]any{})
	providertest.Wants(t, "not configured", said, "The provider isn't configured yet")
	_, said = client(t, providertest.Offline(t, policy)).ReadData(partnersName, map[string]any{})
	providertest.Wants(t, "a snapshot", said, "ERROR", "partners are read live alone")
}
