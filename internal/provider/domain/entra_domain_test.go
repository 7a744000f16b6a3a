package domain

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func TestEntraDomain_Validate(t *testing.T) {
	c := client(t, nil)
	for name, x := range map[string]struct {
		config map[string]any
		want   []string
	}{
		"a domain":      {of("Legacy.Company.example."), nil},
		"not yet known": {map[string]any{"domain": providertest.Unknown}, nil},
		"an address": {of("https://company.example"), []string{"ERROR (domain): This domain can't be " +
			"verified", "isn't letters, digits and hyphens"}},
		"a mail provider's": {of("gmail.com"), []string{"public mail provider"}},
		"a zone that is none": {of("a.example", "zone", "example/x"), []string{"ERROR (zone): This domain can't be " +
			"verified"}},
		"no time": {of("a.example", "timeouts", map[string]any{"create": "0s"}), []string{"Invalid duration"}},
	} {
		t.Run(name, func(t *testing.T) {
			providertest.Wants(t, "validation", c.Validate(domainName, x.config), x.want...)
		})
	}
}

func TestEntraDomain_Plan(t *testing.T) {
	l := newLab(t)
	for name, x := range map[string]struct {
		config   map[string]any
		id, zone any
		said     []string
	}{
		"the registrable part": {of("Legacy.Company.Example."), "legacy.company.example", "company.example", nil},
		"a zone":               {of("a.b.company.example", "zone", "b.company.example"), "a.b.company.example", "b.company.example", nil},
		"no known name":        {of("", "domain", providertest.Unknown), providertest.Unknown, providertest.Unknown, nil},
		"no known zone":        {of("a.example", "zone", providertest.Unknown), providertest.Unknown, providertest.Unknown, nil},
		"outside the zone":     {of("a.example", "zone", "b.example"), nil, nil, []string{"ERROR (zone): Domain outside the zone", "a.example is neither b.example nor below it"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := l.Plan(domainName, providertest.State{}, x.config)
			providertest.Wants(t, "plan", p.Said, x.said...)
			if got := []any{p.Planned.Get("id"), p.Planned.Get("zone")}; got[0] != x.id || got[1] != x.zone {
				t.Errorf("id and zone: got %v, want %v and %v", got, x.id, x.zone)
			}
		})
	}
}

func TestEntraDomain_Create(t *testing.T) {
	for name, x := range map[string]struct {
		domain   string
		verified bool
		records  int
	}{
		"a new one":                        {newDomain, false, 2},
		"one below a verified one":         {"new.company.example", true, 0},
		"one that an apply left":           {"open.example", false, 2},
		"a sub-domain that an apply left":  {"eng.company.example", true, 0},
		"one of letters beyond ASCII":      {"bücher.example", false, 2},
		"one that is spelled in capitals.": {"NEW.example.", false, 2},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			s := l.Make(domainName, providertest.State{}, of(x.domain))
			records, _ := s.Get("verification_records").([]any)
			if s.Get("is_verified") != x.verified || len(records) != x.records {
				t.Errorf("got %v, want verified %t and %d records", s.Value, x.verified, x.records)
			}
			if x.records > 0 &&
				(s.Text("verification_records.0.type") != "TXT" || !strings.HasPrefix(s.Text("verification_records.0.value"), "MS=")) {
				t.Errorf("the first record: got %v", records[0])
			}
			if p := l.Plan(domainName, s, of(x.domain)); p.Said != "" || !p.Planned.Value.Equal(s.Value) {
				t.Errorf("a second plan: got %v, %s, want no change", p.Planned.Value, p.Said)
			}
		})
	}
}

// What refuses a create; it leaves no state.
func TestEntraDomain_Create_Refuses(t *testing.T) {
	for name, x := range map[string]struct {
		domain string
		fault  func(*lab)
		want   []string
	}{
		"a verified domain": {"company.example", nil, []string{"ERROR (domain): Adding the domain " +
			"failed", "has verified it", "Nothing was changed. Import it"}},
		"the initial domain":     {"company.onmicrosoft.com", nil, []string{"has verified it"}},
		"a sub-domain in use":    {"eng.company.example", uses, []string{"has verified it"}},
		"what uses it unread":    {"eng.company.example", func(l *lab) { l.fails("GET /v1.0/domains/{id}/domainNameReferences", 403) }, []string{"ERROR (domain)", "403"}},
		"the look":               {newDomain, func(l *lab) { l.fails(domainRoute, 403) }, []string{"ERROR (domain): Adding the domain failed", "Domain.Read"}},
		"a name it doesn't take": {newDomain, func(l *lab) { l.fails("POST /v1.0/domains", 400) }, []string{"Graph doesn't take this domain"}},
		"another made it":        {newDomain, func(l *lab) { l.fails("POST /v1.0/domains", 409) }, []string{"has the domain new.example already", "Import it"}},
		"forbidden":              {newDomain, func(l *lab) { l.fails("POST /v1.0/domains", 403) }, []string{"Adding the domain failed", "403"}},
		"an answer that is lost": {newDomain, func(l *lab) { l.fails("POST /v1.0/domains", 503) }, []string{"may have been added all the same", "is taken over"}},
		"the wait":               {newDomain, func(l *lab) { l.fails(domainRoute, 403, providertest.Second) }, []string{"may have been added all the same"}},
		"the records":            {newDomain, func(l *lab) { l.fails(recordsRoute, 403) }, []string{"may have been added all the same"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			p := l.Plan(domainName, providertest.State{}, of(x.domain))
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

// uses has a person use the sub-domain.
func uses(l *lab) {
	l.t.Helper()
	if _, err := l.PutUser(
		[]byte(
			`{"id":"11111111-1111-4111-8111-000000000002","userPrincipalName":"ben@eng.company.example","displayName":"Ben"}`,
		),
	); err != nil {
		l.t.Fatal(err)
	}
}

func TestEntraDomain_Create_Lag(t *testing.T) {
	l := newLab(t)
	l.fails(domainRoute, 404, func(f *simulator.Fault) { f.Times = 3 }) // before it is added, and twice afterwards
	if s := l.Make(domainName, providertest.State{}, of(newDomain)); s.Text("id") != newDomain {
		t.Errorf("got %v", s.Value)
	}
}

func TestEntraDomain_Create_Overdue(t *testing.T) {
	ctx, use := providertest.Deadline(t, 3)
	l := newLab(t, use)
	l.fails(domainRoute, 404)
	s, said := l.Plan(domainName, providertest.State{}, of(newDomain)).ApplyIn(ctx)
	providertest.Wants(t, "apply", said, "ERROR (domain)", "may have been added all the same")
	if s.Exists() {
		t.Errorf("there is a state: %v", s.Value)
	}
}

func TestEntraDomain_Create_Interrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l := newLab(t)
	remove := l.OnRequest(func(r simulator.Request) (before, after func()) {
		if r.Route == "POST /v1.0/domains" {
			return nil, cancel
		}
		return nil, nil
	})
	defer remove()
	s, said := l.Plan(domainName, providertest.State{}, of(newDomain)).ApplyIn(ctx)
	providertest.Wants(t, "apply", said, "ERROR (domain)")
	if s.Exists() || strings.Contains(said, "context canceled") {
		t.Errorf("got %v: %s", s.Value, said)
	}
}

// Two resources of one domain.
func TestEntraDomain_Create_Twice(t *testing.T) {
	l := newLab(t)
	l.Make(domainName, providertest.State{}, of(newDomain))
	s, said := l.Plan(domainName, providertest.State{}, of("NEW.example")).Apply()
	providertest.Wants(t, "apply", said, "ERROR: Conflicting resources", "Remove one of the two")
	if s.Exists() {
		t.Errorf("there is a state: %v", s.Value)
	}
}

func TestEntraDomain_Read(t *testing.T) {
	l := newLab(t)
	made := l.Make(domainName, providertest.State{}, of(newDomain))
	if err := l.PutDomain([]byte(`{"id":"` + newDomain + `","isVerified":true,"isRoot":true}`)); err != nil {
		t.Fatal(err)
	}
	now, said := l.Read(domainName, made)
	if said != "" || now.Get("is_verified") != true {
		t.Errorf("verified since: got %v, %s", now.Value, said)
	}
	// One that is verified with its parent since keeps the records that others publish.
	if err := l.PutDomain([]byte(`{"id":"` + newDomain + `","isVerified":true,"isRoot":false}`)); err != nil {
		t.Fatal(err)
	}
	l.fails(recordsRoute, 403, providertest.Once)
	if _, said := l.Read(domainName, made); !strings.Contains(said, "Reading the domain failed") {
		t.Errorf("the records are refused: got %q", said)
	}
	l.ClearFaults()
	l.fails(domainRoute, 403, providertest.Once)
	if _, said := l.Read(domainName, made); !strings.Contains(said, "ERROR: Reading the domain failed") {
		t.Errorf("the domain is refused: got %q", said)
	}
	l.ClearFaults()
	kept, said := client(t, providertest.Offline(t, domains)).Read(domainName, made)
	if !kept.Value.Equal(made.Value) || !strings.Contains(said, "WARNING: Not refreshed: the provider reads a "+
		"snapshot") {
		t.Errorf("with a snapshot: got %v, %s", kept.Value, said)
	}
	if _, said := client(t, nil).Read(domainName, made); !strings.Contains(said, "The provider isn't configured yet") {
		t.Errorf("not configured: got %q", said)
	}
	if err := l.RemoveDomain(newDomain); err != nil {
		t.Fatal(err)
	}
	if gone, said := l.Read(domainName, made); gone.Exists() || said != "" {
		t.Errorf("gone: got %v, %s", gone.Value, said)
	}
}

func TestEntraDomain_Update(t *testing.T) {
	l := newLab(t)
	made := l.Make(domainName, providertest.State{}, of("a.b.new.example"))
	if got := made.Text("verification_records.0.name"); got != "a.b" {
		t.Errorf("name in the zone: got %q, want a.b", got)
	}
	zoned := l.Make(domainName, made, of("a.b.new.example", "zone", "b.new.example"))
	if got := zoned.Text("verification_records.0.name"); got != "a" {
		t.Errorf("name in another zone: got %q, want a", got)
	}
	// A zone that isn't known at plan.
	p := l.Plan(domainName, made, of("a.b.new.example", "zone", providertest.Unknown))
	s, said := p.Known(of("a.b.new.example", "zone", "b.new.example")).Apply()
	if said != "" || s.Text("verification_records.0.name") != "a" || s.Text("id") != "a.b.new.example" {
		t.Errorf("a zone known later: got %v, %s", s.Value, said)
	}
	s, said = p.Known(of("a.b.new.example")).Apply()
	if said != "" || s.Text("zone") != "new.example" {
		t.Errorf("a zone that turns out to be null: got %v, %s", s.Value, said)
	}
	for name, x := range map[string]struct {
		config   map[string]any
		replaces bool
	}{
		"the same, spelled otherwise": {of("A.b.NEW.example."), false},
		"another":                     {of("c.new.example"), true},
		"one that isn't known":        {map[string]any{"domain": providertest.Unknown}, true},
	} {
		if got := l.Plan(domainName, made, x.config); (len(got.Replaces) > 0) != x.replaces {
			t.Errorf("%s: replaces %v, want %t", name, got.Replaces, x.replaces)
		}
	}
	if got := l.Plan(domainName, made, of("A.b.NEW.example.")).Planned.Text("domain"); got != "a.b.new.example" {
		t.Errorf("the spelling of the state is kept: got %q", got)
	}
}

func TestEntraDomain_Delete(t *testing.T) {
	l := newLab(t)
	s := l.Make(domainName, providertest.State{}, of(newDomain))
	after, said := l.Destroy(domainName, s)
	if said != "" || after.Exists() {
		t.Errorf("got %v, %s", after.Value, said)
	}
	if _, said := l.Destroy(domainName, s); said != "" {
		t.Errorf("one that is gone already: got %q", said)
	}
}

// What keeps a domain from being deleted is named, and nothing is forced.
func TestEntraDomain_Delete_Refuses(t *testing.T) {
	for name, x := range map[string]struct {
		domain string
		fault  func(*lab)
		want   []string
	}{
		"used, default, with others below": {"company.example", nil, []string{
			"It is the tenant's default domain", "It is used by 1 objects: user ann@company.example", "The tenant has 1 domains below it: eng.company.example", "nothing is deleted by force"}},
		"initial": {"company.onmicrosoft.com", func(l *lab) { l.fails("DELETE /v1.0/domains/{id}", 400) }, []string{"It is the tenant's initial domain"}},
		"nothing can be read": {"eng.company.example", func(l *lab) {
			l.fails("DELETE /v1.0/domains/{id}", 400)
			l.fails("GET *", 403)
		}, []string{"What uses it couldn't be read", "terraform state rm"}},
		"forbidden": {"eng.company.example", func(l *lab) { l.fails("DELETE /v1.0/domains/{id}", 403) }, []string{"ERROR: Deleting the domain failed", "Domain.ReadWrite.All"}},
		"the wait":  {"eng.company.example", func(l *lab) { l.fails(domainRoute, 403) }, []string{"ERROR: Deleting the domain failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			s, said := l.Import(domainName, x.domain)
			providertest.Wants(t, "import", said)
			if x.fault != nil {
				x.fault(l)
			}
			after, said := l.Destroy(domainName, s)
			providertest.Wants(t, "destroy", said, x.want...)
			if !after.Exists() {
				t.Error("there is no state left")
			}
		})
	}
}

// A refusal of what is gone by then is no error.
func TestEntraDomain_Delete_GoneMeanwhile(t *testing.T) {
	l := newLab(t)
	s := l.Make(domainName, providertest.State{}, of(newDomain))
	l.fails("DELETE /v1.0/domains/{id}", 400, providertest.Once)
	l.fails(domainRoute, 404)
	if _, said := l.Destroy(domainName, s); said != "" {
		t.Errorf("got %q, want nothing said", said)
	}
}

func TestEntraDomain_Import(t *testing.T) {
	l := newLab(t)
	s, said := l.Import(domainName, " Eng.Company.example. ")
	if said != "" || s.Text("domain") != "eng.company.example" || s.Text("zone") != "company.example" {
		t.Errorf("by id: got %v, %s", s.Value, said)
	}
	s, said = l.ImportByIdentity(domainName, map[string]any{"domain": "open.example"})
	if said != "" || s.Text("id") != "open.example" {
		t.Errorf("by identity: got %v, %s", s.Value, said)
	}
	_, said = l.Import(domainName, "nonsense")
	providertest.Wants(t, "no domain", said, "ERROR: Invalid import ID", "Expected a domain such as company.com")
	s, said = l.Import(domainName, "nobody.example")
	if s.Exists() || strings.Contains(said, "ERROR") {
		t.Errorf("one that isn't there: got %v, %s", s.Value, said)
	}
}

func TestEntraDomain_WithoutEntra(t *testing.T) {
	l := newLab(t)
	s := l.Make(domainName, providertest.State{}, of(newDomain))
	for name, x := range map[string]struct {
		session *session.Session
		want    string
	}{
		"not configured": {nil, "The provider isn't configured yet"},
		"a snapshot":     {providertest.Offline(t, domains), "nothing can be written"},
	} {
		c := client(t, x.session)
		_, said := c.Plan(domainName, providertest.State{}, of("b.example")).Apply()
		providertest.Wants(t, name+", create", said, "ERROR", x.want)
		_, said = c.Destroy(domainName, s)
		providertest.Wants(t, name+", delete", said, "ERROR", x.want)
	}
}

func TestLists(t *testing.T) {
	l := newLab(t)
	for name, want := range map[string][]string{
		domainName: {"company.example", "eng.company.example", "open.example"},
		entraProof: {"company.example", "eng.company.example"},
		orgProof:   {"company.example", "open.example"},
	} {
		got, said := l.List(name, nil)
		slices.Sort(got)
		if said != "" || !slices.Equal(got, want) {
			t.Errorf("%s: got %v, %s, want %v", name, got, said, want)
		}
		if _, said := client(t, nil).List(name, nil); !strings.Contains(said, "The provider isn't configured yet") {
			t.Errorf("%s, not configured: got %q", name, said)
		}
	}
	got, said := l.List(orgProof, map[string]any{"organization": "main"})
	if said != "" || len(got) != 2 {
		t.Errorf("by key: got %v, %s", got, said)
	}
	_, said = l.List(orgProof, map[string]any{"organization": "other"})
	providertest.Wants(t, "another key", said, `There is no organization "other"`)
	refused := newLab(t)
	refused.fails("GET /v1.0/domains", 403)
	refused.fails("GET /admin/*", 403)
	for _, name := range []string{domainName, entraProof, orgProof} {
		_, said := refused.List(name, nil)
		providertest.Wants(t, name+" refused", said, "ERROR: Listing domains failed")
	}
}
