package entra

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/microsoftgraph/msgraph-sdk-go/models"

	"github.com/usersync/terraform-provider-usersync/internal/graph"
)

// The life of a domain, as the service has it.
func TestDomainLife(t *testing.T) {
	ctx := context.Background()
	b := companyTenant(t)
	c := b.client()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Domain(ctx, "new.example"); !NotFound(err) {
		t.Error("no domain:", err)
	}
	made, err := c.CreateDomain(ctx, "new.example")
	must(err)
	if made.Name != "new.example" || made.IsVerified || made.IsDefault || made.IsInitial {
		t.Errorf("made %+v", made)
	}
	if _, err := c.CreateDomain(ctx, "new.example"); err == nil {
		t.Error("made twice")
	}
	records, err := c.VerificationRecords(ctx, "new.example")
	must(err)
	var kinds []string
	for _, r := range records {
		kinds = append(kinds, r.Type)
		if r.Label != "new.example" || r.TTL <= 0 || r.Value == "" || (r.Type == "MX") != (r.Preference != nil) {
			t.Errorf("record %+v", r)
		}
	}
	if diff := cmp.Diff([]string{"TXT", "MX"}, kinds); diff != "" {
		t.Error(diff)
	}
	if !strings.HasPrefix(records[0].Value, "MS=ms") {
		t.Errorf("text %q", records[0].Value)
	}
	if _, err := c.VerifyDomain(ctx, "new.example"); err == nil || !status400(err) {
		t.Error("verified without a record:", err)
	}
	must(b.PublishDomain("new.example", true))
	verified, err := c.VerifyDomain(ctx, "new.example")
	must(err)
	if !verified.IsVerified {
		t.Errorf("verified: %+v", verified)
	}

	// A sub-domain of a verified one needs no proof.
	sub, err := c.CreateDomain(ctx, "people.new.example")
	must(err)
	if !sub.IsVerified || sub.IsRoot {
		t.Errorf("sub-domain: %+v", sub)
	}
	below, err := c.Subdomains(ctx, "new.example")
	must(err)
	if diff := cmp.Diff([]string{"people.new.example"}, below); diff != "" {
		t.Error(diff)
	}
	must(c.DeleteDomain(ctx, "people.new.example"))
	must(c.DeleteDomain(ctx, "new.example"))
	must(c.DeleteDomain(ctx, "new.example"))
	if _, err := c.Domain(ctx, "new.example"); !NotFound(err) {
		t.Error("deleted:", err)
	}

	// What uses a domain keeps it.
	if err := c.DeleteDomain(ctx, "legacy.company.com"); !status400(err) {
		t.Error("deleted a domain in use:", err)
	}
	used, err := c.DomainReferences(ctx, "legacy.company.com")
	must(err)
	if !slices.ContainsFunc(
		used,
		func(r Reference) bool { return r.Type == "user" && r.Name == "agnes.moreau@legacy.company.com" },
	) {
		t.Errorf("references: %+v", used)
	}
	for _, name := range []string{"", ".", ".."} {
		if err := c.DeleteDomain(ctx, name); err == nil {
			t.Errorf("%q is a domain", name)
		}
	}
}

func status400(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == 400
}

// What a record says, with its type and without.
func TestDNSRecordOf(t *testing.T) {
	preference := int64(32767)
	for name, c := range map[string]struct {
		raw  string
		want DNSRecord
		ok   bool
	}{
		"TXT": {
			`{"@odata.type":"#microsoft.graph.domainDnsTxtRecord","label":"x.example.","recordType":"Txt","ttl":3600,"text":"MS=ms1"}`,
			DNSRecord{Label: "x.example", Type: "TXT", Value: "MS=ms1", TTL: 3600}, true,
		},
		"MX": {
			`{"@odata.type":"#microsoft.graph.domainDnsMxRecord","label":"x.example","recordType":"Mx","ttl":60,"mailExchange":"ms1.msv1.invalid","preference":32767}`,
			DNSRecord{Label: "x.example", Type: "MX", Value: "ms1.msv1.invalid", TTL: 60, Preference: &preference}, true,
		},
		"no type": {
			`{"label":"x.example","recordType":"Txt","text":"MS=ms1"}`,
			DNSRecord{Label: "x.example", Type: "TXT", Value: "MS=ms1"}, true,
		},
		"unavailable": {
			`{"@odata.type":"#microsoft.graph.domainDnsUnavailableRecord","label":"x.example","recordType":"Unavailable","description":"d"}`,
			DNSRecord{Label: "x.example", Type: "UNAVAILABLE"}, false,
		},
		"no label": {
			`{"@odata.type":"#microsoft.graph.domainDnsTxtRecord","recordType":"Txt","text":"MS=ms1"}`,
			DNSRecord{Type: "TXT", Value: "MS=ms1"}, false,
		},
	} {
		m, err := graph.DecodeModel[models.DomainDnsRecordable](
			[]byte(c.raw), models.CreateDomainDnsRecordFromDiscriminatorValue)
		if err != nil {
			t.Fatal(name, err)
		}
		got, ok := dnsRecordOf(m)
		if diff := cmp.Diff(c.want, got); diff != "" || ok != c.ok {
			t.Errorf("%s: got %v, want %v\n%s", name, ok, c.ok, diff)
		}
	}
}

// What refers to a domain is named whatever its type is.
func TestDomainReferences_Types(t *testing.T) {
	s := cannedTenant(t, always(200, `{"value":[
		{"@odata.type":"#microsoft.graph.user","id":"1","userPrincipalName":"a@x.example","displayName":"A"},
		{"@odata.type":"#microsoft.graph.group","id":"2","displayName":"G","mail":"g@x.example"},
		{"@odata.type":"#microsoft.graph.newer","id":"3","mail":"n@x.example"},
		{"id":"4"}]}`))
	got, err := s.client.DomainReferences(context.Background(), "x.example")
	want := []Reference{
		{Type: "user", ID: "1", Name: "a@x.example"}, {Type: "group", ID: "2", Name: "G"},
		{Type: "newer", ID: "3", Name: "n@x.example"}, {ID: "4"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}
