package domain

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
)

func TestNames(t *testing.T) {
	for in, want := range map[string]string{
		"Legacy.Company.COM.":             "legacy.company.com",
		"bücher.example":                  "xn--bcher-kva.example",
		"XN--BCHER-KVA.example":           "xn--bcher-kva.example",
		"BÜCHER.example.":                 "xn--bcher-kva.example",
		"_dmarc.company.com":              "_dmarc.company.com",
		"https://company.com":             "!no domain name",
		"company.com/mail":                "!no domain name",
		"me@company.com":                  "!no domain name",
		"*.company.com":                   "!letters, digits and hyphens",
		"-x.company.com":                  "!letters, digits and hyphens",
		"company":                         "!has no dot",
		"":                                "!no domain name",
		"company..com":                    "!no domain name",
		"Gmail.com":                       "!public mail provider",
		strings.Repeat("x", 64) + ".com":  "!a part of 64 characters",
		strings.Repeat("x.", 127) + "com": "!characters in ASCII form",
	} {
		got, problem := checkName(in)
		if want, bad := strings.CutPrefix(
			want,
			"!",
		); bad != (problem != "") || bad && !strings.Contains(problem, want) ||
			!bad && got != want {
			t.Errorf("%q: %q, %q; want %q", in, got, problem, want)
		}
	}
}

func TestZones(t *testing.T) {
	for in, want := range map[string]string{
		"legacy.company.com": "company.com", "company.com": "company.com", "a.b.company.co.uk": "company.co.uk",
		"co.uk": "co.uk", "people.company.example": "company.example", "xn--bcher-kva.example": "xn--bcher-kva.example",
	} {
		if got := zoneOf(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	preference := int64(32767)
	list := recordsOf([]entra.DNSRecord{
		{Label: "legacy.company.com", Type: "TXT", Value: "MS=ms1", TTL: 3600},
		{Label: "Legacy.Company.com", Type: "MX", Value: "ms1.msv1.invalid", TTL: 60, Preference: &preference},
		{Label: "company.com", Type: "TXT", Value: "at the zone"},
		{Label: "elsewhere.example", Type: "TXT", Value: "outside"},
	}, "company.com")
	var names, fqdns []string
	for _, v := range list.Elements() {
		a := v.(types.Object).Attributes()
		names, fqdns = append(
			names,
			a["name"].(types.String).ValueString(),
		), append(
			fqdns,
			a["fqdn"].(types.String).ValueString(),
		)
	}
	if diff := cmp.Diff([]string{"legacy", "legacy", "@", "elsewhere.example."}, names); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(
		[]string{"legacy.company.com", "legacy.company.com", "company.com", "elsewhere.example"},
		fqdns,
	); diff != "" {
		t.Error(diff)
	}
	if again := recordsOf(recordsIn(list), "company.com"); !again.Equal(list) {
		t.Error("records don't survive the state:", again)
	}
}

// fakeDNS answers from maps; a name that none has isn't found.
type fakeDNS struct {
	txt map[string][]string
	mx  map[string][]*net.MX
	err error
}

func (f fakeDNS) LookupTXT(_ context.Context, name string) ([]string, error) {
	if v, ok := f.txt[name]; ok || f.err != nil {
		return v, f.err
	}
	return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
}

func (f fakeDNS) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	if v, ok := f.mx[name]; ok || f.err != nil {
		return v, f.err
	}
	return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
}

func TestLook(t *testing.T) {
	records := []entra.DNSRecord{
		{Label: "legacy.company.com", Type: "TXT", Value: "MS=ms1"},
		{Label: "legacy.company.com", Type: "MX", Value: "ms1.msv1.invalid"},
	}
	many := make([]string, 12)
	for i := range many {
		many[i] = "v=spf1\x1b[31m"
	}
	for name, x := range map[string]struct {
		dns   fakeDNS
		found bool
		says  []string
	}{
		"nothing":          {fakeDNS{}, false, []string{"legacy.company.com  TXT  no such record", "legacy.company.com  MX  no such record"}},
		"the text":         {fakeDNS{txt: map[string][]string{"legacy.company.com.": {"other", "MS=ms1"}}}, true, []string{`"other", "MS=ms1"`}},
		"the mail host":    {fakeDNS{mx: map[string][]*net.MX{"legacy.company.com.": {{Host: "MS1.msv1.invalid.", Pref: 1}}}}, true, []string{"MS1.msv1.invalid"}},
		"in other letters": {fakeDNS{txt: map[string][]string{"legacy.company.com.": {"ms=MS1"}}}, false, nil},
		"of the parent":    {fakeDNS{txt: map[string][]string{"company.com.": {"MS=ms1"}}}, false, []string{"no such record"}},
		"too many":         {fakeDNS{txt: map[string][]string{"legacy.company.com.": many}}, false, []string{"and 2 more", `\u001b`}},
		"no DNS":           {fakeDNS{err: &net.DNSError{Err: "server misbehaving"}}, false, []string{"no answer: server misbehaving"}},
		"too slow":         {fakeDNS{err: &net.DNSError{Err: "i/o timeout", IsTimeout: true}}, false, []string{"no answer in time"}},
		"another error":    {fakeDNS{err: errors.New("odd")}, false, []string{"no answer: odd"}},
	} {
		got := look(t.Context(), x.dns, records)
		if got.found != x.found {
			t.Errorf("%s: found %v", name, got.found)
		}
		for _, want := range x.says {
			if !strings.Contains(got.answer, want) {
				t.Errorf("%s: %q isn't in %q", name, want, got.answer)
			}
		}
		if strings.ContainsRune(got.answer, 0x1b) {
			t.Errorf("%s: a terminal escape in %q", name, got.answer)
		}
	}
}

func TestTokens(t *testing.T) {
	for in, want := range map[string]string{
		"Ca8lQj7CZB/xsJYFbQSC3zZ7+": "", "atlassian-domain-verification=abc": "", "  abc ": "",
		"": "found nothing", "atlassian-domain-verification=": "found nothing",
		"atlassian-sending-domain-verification=abc": "sending mail",
		"<code>abc</code>":                          "characters that no token has", "a b": "characters that no token has", "“abc”": "characters that no token has",
		strings.Repeat("a", 230): "more than one string",
	} {
		var resp validator.StringResponse
		tokenValidator{}.ValidateString(
			t.Context(),
			validator.StringRequest{Path: path.Root("token"), ConfigValue: types.StringValue(in)},
			&resp,
		)
		switch {
		case want == "" && resp.Diagnostics.HasError():
			t.Errorf("%q: %v", in, resp.Diagnostics)
		case want != "" && (len(resp.Diagnostics) != 1 || !strings.Contains(resp.Diagnostics[0].Detail(), want)):
			t.Errorf("%q: %v, want %q", in, resp.Diagnostics, want)
		}
	}
}

// What is known when planning, by what the state saw.
func TestForesee(t *testing.T) {
	seen := func(status string) *orgVerificationModel {
		m := &orgVerificationModel{Domain: types.StringValue("Legacy.company.com"), Wait: types.BoolValue(true)}
		m.see(&directory.Claim{Status: status, Type: "dns", ID: "d1"})
		m.derive()
		return m
	}
	for _, x := range []struct {
		name                     string
		wait                     types.Bool
		state                    *orgVerificationModel
		status, method, verified string // "?" for unknown
	}{
		{"created, waits", types.BoolValue(true), nil, "verified", "?", "legacy.company.com"},
		{"created, watches", types.BoolValue(false), nil, "?", "?", ""},
		{"verified, waits", types.BoolValue(true), seen("verified"), "verified", "dns", "legacy.company.com"},
		{"verified, watches", types.BoolValue(false), seen("verified"), "verified", "dns", "legacy.company.com"},
		{"lapsing, waits", types.BoolValue(true), seen("missing_token"), "verified", "?", "legacy.company.com"},
		{"lapsing, watches", types.BoolValue(false), seen("missing_token"), "missing_token", "dns", ""},
		{"of a new kind, watches", types.BoolValue(false), seen("brand_new"), "brand_new", "dns", ""},
		{"not known whether it waits", types.BoolUnknown(), seen("deleted"), "?", "?", "?"},
	} {
		plan := &orgVerificationModel{
			Domain: types.StringValue("legacy.company.com"),
			Wait:   x.wait,
			Token:  types.StringValue("abc"),
		}
		state := x.state
		if state == nil {
			state = &orgVerificationModel{}
		}
		plan.foresee(state, x.state != nil)
		show := func(v types.String) string {
			if v.IsUnknown() {
				return "?"
			}
			return v.ValueString()
		}
		verified := "?"
		if !plan.VerifiedDomains.IsUnknown() {
			verified = ""
			for _, v := range plan.VerifiedDomains.Elements() {
				verified += v.(types.String).ValueString()
			}
		}
		if got := [3]string{
			show(plan.Status),
			show(plan.Method),
			verified,
		}; got != [3]string{
			x.status,
			x.method,
			x.verified,
		} {
			t.Errorf("%s: %q", x.name, got)
		}
		if got := recordsIn(
			plan.VerificationRecords,
		); len(got) != 1 || got[0].Value != "atlassian-domain-verification=abc" ||
			got[0].Label != "legacy.company.com" {
			t.Errorf("%s: records %v", x.name, got)
		}
		if content := plan.VerificationFile.Attributes()["content"].(types.String).ValueString(); !strings.Contains(
			content,
			">abc<",
		) {
			t.Errorf("%s: file %q", x.name, content)
		}
	}
}

func TestClaimOf(t *testing.T) {
	list := []directory.Claim{
		{
			Name:   "a.example",
			Type:   "http",
			Status: "brand_new",
		},
		{Name: "a.example", Type: "dns", Status: "missing_token"},
		{Name: "b.example", Type: "http", Status: "unverified"},
		{Name: "b.example", Type: "entra", Status: "verified"},
	}
	if c := claimOf(list, "a.example"); c == nil || c.Type != "dns" {
		t.Errorf("a: %+v", c)
	}
	if c := claimOf(list, "b.example"); c == nil || c.Type != "entra" {
		t.Errorf("b: %+v", c)
	}
	if c := claimOf(list, "c.example"); c != nil {
		t.Errorf("c: %+v", c)
	}
	for _, status := range []string{"missing_token", "unverified", "superseded", "deleted"} {
		if !strings.Contains(meaning(types.StringValue(status)), status) {
			t.Errorf("%s isn't explained by its name", status)
		}
	}
	if got := meaning(
		types.StringValue("brand_new"),
	); !strings.Contains(got, `"brand_new"`) ||
		!strings.Contains(meaning(types.StringNull()), "doesn't list") {
		t.Error(got)
	}
}

func TestOtherTokens(t *testing.T) {
	record := []entra.DNSRecord{{Label: "x.example", Type: "TXT", Value: tokenPrefix + "new"}}
	s := look(t.Context(), fakeDNS{txt: map[string][]string{"x.example.": {"v=spf1", tokenPrefix + "old"}}}, record)
	if got := otherTokens(s, record[0].Value); !strings.Contains(got, "(old)") {
		t.Errorf("%q", got)
	}
	s = look(
		t.Context(),
		fakeDNS{txt: map[string][]string{"x.example.": {tokenPrefix + "old", tokenPrefix + "new"}}},
		record,
	)
	if got := otherTokens(s, record[0].Value); got != "" {
		t.Errorf("two tokens, one of them right: %q", got)
	}
}
