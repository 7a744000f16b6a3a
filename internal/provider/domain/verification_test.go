package domain

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func (l *lab) publish(domain string) {
	l.t.Helper()
	if err := l.PublishDomain(domain, true); err != nil {
		l.t.Fatal(err)
	}
}

func TestEntraVerification_Create(t *testing.T) {
	l := newLab(t)
	l.publish("open.example")
	s := l.Make(entraProof, providertest.State{}, of("Open.example"))
	if s.Text("id") != "open.example" || s.Get("is_verified") != true || s.Get("check_dns") != true {
		t.Errorf("got %v", s.Value)
	}
	// Verified already: nothing is asked for.
	before := l.Written()[verifyRoute]
	l.Make(entraProof, providertest.State{}, of("company.example"))
	if after := l.Written()[verifyRoute]; after != before {
		t.Errorf("a verified domain was verified %d times", after-before)
	}
}

// The proof comes late, the domain shows late, the service is in trouble: the
// wait goes on.
func TestEntraVerification_Create_Waits(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"trouble of the service": {Match: domainRoute, Status: 503, Times: 9},
		"trouble in verifying":   {Match: verifyRoute, Status: 500, Times: 9},
		"the proof isn't there":  {Match: verifyRoute, Status: 400, Times: 2},
		"the domain isn't there": {Match: domainRoute, Status: 404, Times: 3},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.publish("open.example")
			fault.Kind = simulator.FaultStatus
			providertest.Fault(t, l.Server, fault)
			if s := l.Make(entraProof, providertest.State{}, of("open.example")); s.Get("is_verified") != true {
				t.Errorf("got %v", s.Value)
			}
		})
	}
}

func TestEntraVerification_Create_Refuses(t *testing.T) {
	for name, x := range map[string]struct {
		domain string
		fault  func(*lab)
		want   []string
	}{
		"no such domain": {"nobody.example", nil, []string{"ERROR (domain): Verifying the domain in Entra " +
			"failed", "The tenant has no domain nobody.example", "usersync_entra_domain"}},
		"the look":  {"open.example", func(l *lab) { l.fails(domainRoute, 403) }, []string{"ERROR (domain)", "403"}},
		"the order": {"open.example", func(l *lab) { l.fails(verifyRoute, 403) }, []string{"ERROR (domain)", "Domain.ReadWrite.All"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			p := l.Plan(entraProof, providertest.State{}, of(x.domain))
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

// The record is there, and another tenant has the domain: waiting is no use.
func TestEntraVerification_Create_HeldByAnother(t *testing.T) {
	const other = "99999999-7a34-4d8f-9b60-1e2d3c4b5a69"
	for name, x := range map[string]struct {
		published bool
		want      []string
	}{
		"with the record":    {true, []string{"The record is published, and Entra doesn't accept it", "verified in another tenant, Fabrikam (" + other + ")", "has to remove it first"}},
		"without the record": {false, []string{"didn't verify open.example within", "It looks for one of these records", "no such record", "verified in another tenant, Fabrikam"}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, use := providertest.Deadline(t, 3)
			dns := fakeDNS{txt: map[string][]string{}}
			l := newLab(t, use, func(s *session.Setup) { s.Resolver = dns })
			if err := l.PutTenant(
				simulator.Tenant{TenantID: other, DisplayName: "Fabrikam", Domains: []string{"open.example"}},
			); err != nil {
				t.Fatal(err)
			}
			if x.published {
				d, _ := l.Import(domainName, "open.example")
				dns.txt["open.example."] = []string{d.Text("verification_records.0.value")}
			}
			l.fails(verifyRoute, 400)
			s, said := l.Plan(entraProof, providertest.State{}, of("open.example")).ApplyIn(ctx)
			providertest.Wants(t, "apply", said, x.want...)
			if s.Exists() {
				t.Errorf("there is a state: %v", s.Value)
			}
		})
	}
}

// A wait that is over says which record was expected, and what DNS has.
func TestEntraVerification_Create_Overdue(t *testing.T) {
	for name, x := range map[string]struct {
		config map[string]any
		fault  func(*lab)
		want   []string
		not    string
	}{
		"with DNS":              {of("open.example"), nil, []string{"It looks for one of these records", "MS=ms", "DNS answers this machine", "no such record", "Entra's last answer", "publish one of the records"}, ""},
		"without DNS":           {of("open.example", "check_dns", false), nil, []string{"wasn't looked at (check_dns = false)"}, "answers this machine"},
		"no records to be read": {of("open.example"), func(l *lab) { l.fails(recordsRoute, 403) }, []string{"Which record it looks for couldn't be read"}, "answers this machine"},
		"accepted, not shown": {of("open.example"), func(l *lab) {
			l.publish("open.example")
			l.OnRequest(func(r simulator.Request) (before, after func()) {
				if r.Route != verifyRoute {
					return nil, nil
				}
				return nil, func() {
					if err := l.PutDomain([]byte(`{"id":"open.example","isVerified":false}`)); err != nil {
						l.t.Error(err)
					}
				}
			})
		}, []string{"the proof was accepted, and reading doesn't show it yet"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, use := providertest.Deadline(t, 3)
			l := newLab(t, use)
			p := l.Plan(entraProof, providertest.State{}, x.config)
			if x.fault != nil {
				x.fault(l)
			}
			s, said := p.ApplyIn(ctx)
			providertest.Wants(t, "apply", said, append(x.want, "ERROR (domain): Verifying the domain in Entra "+
				"failed", "Entra didn't verify open.example within 1h15m0s")...)
			if x.not != "" {
				lacks(t, "apply", said, x.not)
			}
			if s.Exists() {
				t.Errorf("there is a state: %v", s.Value)
			}
		})
	}
}

func TestEntraVerification_Read(t *testing.T) {
	l := newLab(t)
	s := l.Make(entraProof, providertest.State{}, of("company.example"))
	if err := l.PutDomain([]byte(`{"id":"company.example","isVerified":false}`)); err != nil {
		t.Fatal(err)
	}
	now, said := l.Read(entraProof, s)
	if said != "" || now.Get("is_verified") != false {
		t.Errorf("no longer verified: got %v, %s", now.Value, said)
	}
	// That is drift, which the next apply verifies.
	l.publish("company.example")
	p := l.Plan(entraProof, now, of("company.example"))
	if p.Planned.Get("is_verified") != true {
		t.Errorf("got %v", p.Planned.Value)
	}
	if after, said := p.Apply(); said != "" || after.Get("is_verified") != true {
		t.Errorf("verified again: got %v, %s", after.Value, said)
	}
	l.fails(domainRoute, 403, providertest.Once)
	if _, said := l.Read(entraProof, s); !strings.Contains(said, "ERROR: Reading the domain's verification failed") {
		t.Errorf("refused: got %q", said)
	}
	kept, said := client(t, providertest.Offline(t, domains)).Read(entraProof, s)
	if !kept.Value.Equal(s.Value) || !strings.Contains(said, "Not refreshed: the provider reads a snapshot") {
		t.Errorf("with a snapshot: got %v, %s", kept.Value, said)
	}
	if _, said := client(t, nil).Read(entraProof, s); !strings.Contains(said, "The provider isn't configured yet") {
		t.Errorf("not configured: got %q", said)
	}
	if err := l.RemoveDomain("company.example"); err != nil {
		t.Fatal(err)
	}
	if gone, said := l.Read(entraProof, s); gone.Exists() || said != "" {
		t.Errorf("gone: got %v, %s", gone.Value, said)
	}
}

// What changes nothing at the service asks for nothing.
func TestEntraVerification_Update(t *testing.T) {
	l := newLab(t)
	s := l.Make(entraProof, providertest.State{}, of("company.example"))
	l.fails("*", 403)
	after, said := l.Plan(entraProof, s, of("company.example", "check_dns", false, "records", []string{"1"})).Apply()
	if said != "" || after.Get("check_dns") != false {
		t.Errorf("got %v, %s", after.Value, said)
	}
	after, said = l.Plan(entraProof, s.With("is_verified", false), of("company.example")).Apply()
	if !strings.Contains(said, "ERROR") || after.Get("is_verified") != false {
		t.Errorf("refused: got %v, %s", after.Value, said)
	}
}

func TestEntraVerification_ImportAndDelete(t *testing.T) {
	l := newLab(t)
	s, said := l.Import(entraProof, "Company.Example")
	if said != "" || s.Text("id") != "company.example" || s.Get("is_verified") != true {
		t.Errorf("got %v, %s", s.Value, said)
	}
	_, said = l.Import(entraProof, "gmail.com")
	providertest.Wants(t, "a mail provider's", said, "ERROR: Invalid import ID")
	l.fails("*", 403)
	if after, said := l.Destroy(entraProof, s); said != "" || after.Exists() {
		t.Errorf("destroying forgets: got %v, %s", after.Value, said)
	}
}

func TestOrgVerification_Validate(t *testing.T) {
	c := client(t, nil)
	for name, x := range map[string]struct {
		config map[string]any
		want   []string
	}{
		"a token": {of("a.example", "token", "atlassian-domain-verification=abc"), nil},
		"an empty token": {of("a.example", "token", " "), []string{"ERROR (token): Invalid verification " +
			"token", "found nothing"}},
		"a token for mail":     {of("a.example", "token", "atlassian-sending-domain-verification=abc"), []string{"for sending mail"}},
		"a token that is long": {of("a.example", "token", strings.Repeat("x", 300)), []string{"found 300 characters"}},
		"the downloaded page":  {of("a.example", "token", "<html>"), []string{"take the token alone"}},
		"an empty key":         {of("a.example", "organization", ""), []string{"ERROR (organization)"}},
	} {
		t.Run(name, func(t *testing.T) {
			providertest.Wants(t, "validation", c.Validate(orgProof, x.config), x.want...)
		})
	}
}

func TestOrgVerification_Plan(t *testing.T) {
	l := newLab(t)
	for name, x := range map[string]struct {
		config   map[string]any
		verified any
		said     []string
	}{
		"it waits":         {of("open.example"), []any{"open.example"}, nil},
		"it watches":       {of("open.example", "wait", false), []any{}, nil},
		"no known domain":  {map[string]any{"domain": providertest.Unknown}, providertest.Unknown, nil},
		"no known wait":    {of("open.example", "wait", providertest.Unknown), providertest.Unknown, nil},
		"another key":      {of("open.example", "organization", "other"), nil, []string{"ERROR (organization)", `There is no organization "other"`, "The keys are: main"}},
		"outside the zone": {of("open.example", "zone", "b.example"), nil, []string{"ERROR (zone): Domain outside the zone"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := l.Plan(orgProof, providertest.State{}, x.config)
			providertest.Wants(t, "plan", p.Said, x.said...)
			got := p.Planned.Get("verified_domains")
			list, isList := got.([]any)
			want, wantList := x.verified.([]any)
			if isList != wantList || isList && !slices.Equal(list, want) || !isList && got != x.verified {
				t.Errorf("verified_domains: got %v, want %v", got, x.verified)
			}
		})
	}
	p := l.Plan(orgProof, providertest.State{}, of("open.example", "token", providertest.Unknown))
	if p.Planned.Get("verification_records") != providertest.Unknown ||
		p.Planned.Get("verification_file") != providertest.Unknown {
		t.Errorf("a token that isn't known: got %v", p.Planned.Value)
	}
	p = l.Plan(orgProof, providertest.State{}, of("a.open.example", "token", "abc"))
	if got := p.Planned.Text(
		"verification_records.0.value",
	); got != "atlassian-domain-verification=abc" ||
		p.Planned.Text("verification_records.0.name") != "a" {
		t.Errorf("the record: got %q of %v", got, p.Planned.Value)
	}
}

func TestOrgVerification_Create(t *testing.T) {
	l := newLab(t)
	s := l.Make(orgProof, providertest.State{}, of("company.example"))
	if s.Text("status") != "verified" || s.Text("method") != "dns" || s.Text("domain_id") == "" {
		t.Errorf("verified: got %v", s.Value)
	}
	s = l.Make(orgProof, providertest.State{}, of("open.example", "wait", false))
	if s.Text("status") != "unverified" || s.Get("verified_domains.0") != nil {
		t.Errorf("watched: got %v", s.Value)
	}
	s = l.Make(orgProof, providertest.State{}, of("nobody.example", "wait", false))
	if s.Get("status") != nil || s.Get("domain_id") != nil {
		t.Errorf("not listed: got %v", s.Value)
	}
}

// The administrator presses the button while the apply waits.
func TestOrgVerification_Create_Waits(t *testing.T) {
	var looks atomic.Int32
	l := newLab(t)
	l.OnRequest(func(r simulator.Request) (before, after func()) {
		if !strings.HasSuffix(r.Route, "/domains") || !strings.Contains(r.Route, "/admin/") {
			return nil, nil
		}
		if looks.Add(1) < 3 {
			return nil, nil
		}
		return func() {
			if err := l.SetDomainClaim("main", "open.example", "verified", "dns"); err != nil {
				t.Error(err)
			}
		}, nil
	})
	l.fails("GET /admin/*/domains", 503, func(f *simulator.Fault) { f.Times = 20 })
	if s := l.Make(orgProof, providertest.State{}, of("open.example")); s.Text("status") != "verified" {
		t.Errorf("got %v", s.Value)
	}
	if n := looks.Load(); n < 3 {
		t.Errorf("it looked %d times, want more", n)
	}
}

func TestOrgVerification_Create_Overdue(t *testing.T) {
	token := of("open.example", "token", "abc")
	for name, x := range map[string]struct {
		config map[string]any
		dns    fakeDNS
		fault  int
		want   []string
	}{
		"no token":      {of("open.example"), fakeDNS{}, 0, []string{"Its status is unverified", "Which record it looks for isn't known here: token isn't set"}},
		"no record":     {token, fakeDNS{}, 0, []string{`"atlassian-domain-verification=abc"`, "https://open.example/atlassian-domain-verification.html", "no such record"}},
		"another token": {token, fakeDNS{txt: map[string][]string{"open.example.": {"atlassian-domain-verification=old"}}}, 0, []string{"DNS has another token of Atlassian's there (old)"}},
		"the record":    {token, fakeDNS{txt: map[string][]string{"open.example.": {"atlassian-domain-verification=abc"}}}, 0, []string{"the record is there as seen from here"}},
		"no DNS":        {of("open.example", "token", "abc", "check_dns", false), fakeDNS{}, 0, []string{"wasn't looked at (check_dns = false)"}},
		"not listed":    {of("nobody.example"), fakeDNS{}, 0, []string{"The organization doesn't list the domain"}},
		"trouble":       {of("open.example"), fakeDNS{}, 503, []string{"The last answer was:"}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, use := providertest.Deadline(t, 3)
			l := newLab(t, use, func(s *session.Setup) { s.Resolver = x.dns })
			p := l.Plan(orgProof, providertest.State{}, x.config)
			if x.fault != 0 {
				l.fails("GET /admin/*", x.fault)
			}
			s, said := p.ApplyIn(ctx)
			providertest.Wants(t, "apply", said, append(x.want, "ERROR (domain): Waiting for the domain's "+
				"verification in Atlassian failed", "within 1h0m0s", "Nothing has to be undone")...)
			if s.Exists() {
				t.Errorf("there is a state: %v", s.Value)
			}
		})
	}
}

func TestOrgVerification_Create_Refuses(t *testing.T) {
	l := newLab(t)
	plan := l.Plan(orgProof, providertest.State{}, of("open.example"))
	l.fails("GET /admin/*", 401)
	if s, said := plan.Apply(); s.Exists() || !strings.Contains(said, "ERROR (domain): Waiting for the domain's "+
		"verification in Atlassian failed") {
		t.Errorf("the service: got %v, %s", s.Value, said)
	}
	for name, x := range map[string]struct {
		session *session.Session
		config  map[string]any
		want    string
	}{
		"not configured":   {nil, of("open.example"), "The provider isn't configured yet"},
		"a snapshot":       {providertest.Offline(t, domains), of("open.example"), "there is nobody to wait for"},
		"no such key":      {providertest.Offline(t, domains), of("open.example", "organization", "other"), `There is no organization "other"`},
		"no organizations": {providertest.Offline(t, `{"version":1}`), of("open.example"), "has no organizations"},
	} {
		t.Run(name, func(t *testing.T) {
			s, said := client(t, x.session).Plan(orgProof, providertest.State{}, x.config).Apply()
			providertest.Wants(t, "apply", said, "ERROR", x.want)
			if s.Exists() {
				t.Errorf("there is a state: %v", s.Value)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, said := newLab(
		t,
	).Plan(orgProof, providertest.State{}, of("open.example")).
		ApplyIn(ctx); !strings.Contains(
		said,
		"was interrupted",
	) {
		t.Errorf("interrupted: got %q", said)
	}
}

func TestOrgVerification_Read(t *testing.T) {
	const key = "main"
	l := newLab(t)
	s := l.Make(orgProof, providertest.State{}, of("company.example", "organization", key))
	for status, want := range map[string]string{
		"missing_token": "14 days at most", "unverified": "the proof wasn't found yet", "superseded": "another claim took its place",
		"deleted": "an administrator removed the domain", "pending": "which this provider doesn't know",
	} {
		t.Run(status, func(t *testing.T) {
			l := newLabOn(t, strings.Replace(domains, `"status":"verified"`, `"status":"`+status+`"`, 1))
			now, said := l.Read(orgProof, s)
			if said != "" || now.Text("status") != status {
				t.Fatalf("got %v, %s, want %s", now.Value, said, status)
			}
			p := l.Plan(orgProof, now, of("company.example", "organization", key))
			providertest.Wants(t, "plan", p.Said, "WARNING (domain): The organization doesn't list company.example "+
				"as verified", want, "apply waits until it is listed")
			p = l.Plan(orgProof, now, of("company.example", "organization", key, "wait", false))
			providertest.Wants(t, "plan that watches", p.Said, want, "nothing is waited for")
		})
	}
	if err := l.RemoveDomainClaim(key, "company.example"); err != nil {
		t.Fatal(err)
	}
	fresh := client(t, providertest.Session(l.Server))
	now, said := fresh.Read(orgProof, s)
	if said != "" || now.Get("status") != nil {
		t.Errorf("no longer listed: got %v, %s", now.Value, said)
	}
	for name, x := range map[string]struct {
		session *session.Session
		state   providertest.State
		want    string
	}{
		"not configured": {nil, s, "The provider isn't configured yet"},
		"no such key":    {providertest.Session(l.Server), s.With("organization", "other"), `There is no organization "other"`},
	} {
		_, said := client(t, x.session).Read(orgProof, x.state)
		providertest.Wants(t, name, said, "ERROR", x.want)
	}
	offline, said := client(t, providertest.Offline(t, domains)).Read(orgProof, now)
	if said != "" || offline.Text("status") != "verified" {
		t.Errorf("a snapshot says what it has: got %v, %s", offline.Value, said)
	}
	l.fails("GET /admin/*", 401)
	_, said = client(t, providertest.Session(l.Server)).Read(orgProof, s)
	providertest.Wants(t, "refused", said, "ERROR: Reading the organization's domains failed")
}

func TestOrgVerification_Update(t *testing.T) {
	l := newLab(t)
	watched := l.Make(orgProof, providertest.State{}, of("open.example", "wait", false))
	// A token alone asks the service for nothing.
	l.fails("*", 403)
	s, said := l.Plan(orgProof, watched, of("open.example", "wait", false, "token", "abc")).Apply()
	if strings.Contains(said, "ERROR") || s.Text("status") != "unverified" ||
		s.Text("verification_records.0.type") != "TXT" {
		t.Errorf("a token: got %v, %s", s.Value, said)
	}
	refused, said := l.Plan(orgProof, watched, of("open.example")).Apply()
	if !strings.Contains(said, "ERROR") || refused.Text("status") != "unverified" {
		t.Errorf("refused: got %v, %s", refused.Value, said)
	}
	l.ClearFaults()
	if err := l.SetDomainClaim("main", "open.example", "verified", "dns"); err != nil {
		t.Fatal(err)
	}
	s = l.Make(orgProof, watched, of("open.example"))
	if s.Text("status") != "verified" || s.Text("verified_domains.0") != "open.example" {
		t.Errorf("waited for: got %v", s.Value)
	}
	for name, config := range map[string]map[string]any{
		"another domain": of("company.example"), "another organization": of("open.example", "organization", "main"),
	} {
		if p := l.Plan(orgProof, s, config); len(p.Replaces) == 0 {
			t.Errorf("%s: nothing is replaced, %s", name, p.Said)
		}
	}
}

func TestOrgVerification_ImportAndDelete(t *testing.T) {
	l := newLab(t)
	for id, organization := range map[string]any{"company.example": nil, "main/Company.example": "main"} {
		s, said := l.Import(orgProof, id)
		if said != "" || s.Text("domain") != "company.example" || s.Get("organization") != organization ||
			s.Text("status") != "verified" {
			t.Errorf("%s: got %v, %s", id, s.Value, said)
		}
	}
	s, said := l.ImportByIdentity(orgProof, map[string]any{"domain": "company.example", "organization": "main"})
	if said != "" || s.Text("organization") != "main" {
		t.Errorf("by identity: got %v, %s", s.Value, said)
	}
	_, said = l.Import(orgProof, "main/")
	providertest.Wants(t, "no domain", said, "ERROR: Invalid import ID")
	after, said := l.Destroy(orgProof, s)
	providertest.Wants(
		t,
		"destroy",
		said,
		"WARNING: The domain stays as it is in the organization",
		"only forgets that company.example",
	)
	if after.Exists() {
		t.Errorf("got %v", after.Value)
	}
}
