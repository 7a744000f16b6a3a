package entra

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	if !slices.ContainsFunc(used, func(r Reference) bool { return r.Type == "user" && r.Name == "agnes.moreau@legacy.company.com" }) {
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
