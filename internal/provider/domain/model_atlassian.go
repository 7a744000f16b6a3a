package domain

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

type orgVerificationModel struct {
	ID                  types.String   `tfsdk:"id"`
	Organization        types.String   `tfsdk:"organization"`
	Domain              types.String   `tfsdk:"domain"`
	Token               types.String   `tfsdk:"token"`
	Zone                types.String   `tfsdk:"zone"`
	Records             types.List     `tfsdk:"records"`
	Wait                types.Bool     `tfsdk:"wait"`
	CheckDNS            types.Bool     `tfsdk:"check_dns"`
	Status              types.String   `tfsdk:"status"`
	Method              types.String   `tfsdk:"method"`
	DomainID            types.String   `tfsdk:"domain_id"`
	VerifiedDomains     types.Set      `tfsdk:"verified_domains"`
	VerificationRecords types.List     `tfsdk:"verification_records"`
	VerificationFile    types.Object   `tfsdk:"verification_file"`
	Timeouts            timeouts.Value `tfsdk:"timeouts"`
}

var fileTypes = tfutil.AttributeTypes(fileAttributes())

const (
	// tokenPrefix stands before the token in the TXT record ([atlassian 3.1],
	// reported).
	tokenPrefix = "atlassian-domain-verification="
	// filePath is the page that holds the token, anywhere in it ([atlassian 3.1],
	// reported: the published pages say so of themselves).
	filePath = "/atlassian-domain-verification.html"
	// recordTTL is in seconds: Atlassian asks for none.
	recordTTL = 3600
)

// tokenOf is the token alone.
func tokenOf(v types.String) string {
	return strings.TrimPrefix(strings.TrimSpace(v.ValueString()), tokenPrefix)
}

// expected is the record that proves the domain; none without a token.
func (m *orgVerificationModel) expected() []entra.DNSRecord {
	token := tokenOf(m.Token)
	if token == "" {
		return nil
	}
	return []entra.DNSRecord{{Label: ascii(m.Domain), Type: "TXT", Value: tokenPrefix + token, TTL: recordTTL}}
}

// derive sets what follows from domain, token, wait and status alone.
func (m *orgVerificationModel) derive() {
	name := ascii(m.Domain)
	m.ID = types.StringValue(name)
	domains := []attr.Value{}
	if m.Wait.ValueBool() || m.Status.ValueString() == directory.ClaimVerified {
		domains = append(domains, types.StringValue(name))
	}
	m.VerifiedDomains = types.SetValueMust(types.StringType, domains)
	zone := ascii(m.Zone)
	if m.Zone.IsNull() {
		zone = zoneOf(name)
	}
	m.VerificationRecords, m.VerificationFile = recordsOf(m.expected(), zone), types.ObjectNull(fileTypes)
	if token := tokenOf(m.Token); token != "" {
		m.VerificationFile = types.ObjectValueMust(fileTypes, map[string]attr.Value{
			"path": types.StringValue(filePath), "url": types.StringValue("https://" + name + filePath),
			"content": types.StringValue("<!doctype html>\n<meta name=\"robots\" content=\"noindex\">\n<code " +
				"id=\"domain-verification-token\">" + token + "</code>\n"),
		})
	}
}

// foresee plans: what the configuration says, and of the rest what the state
// has, where known says that it is of the same domain.
func (m *orgVerificationModel) foresee(state *orgVerificationModel, known bool) {
	m.Status, m.Method, m.DomainID = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	verified := known && state.Status.ValueString() == directory.ClaimVerified
	if known && (verified || !m.Wait.IsUnknown() && !m.Wait.ValueBool()) {
		m.Status, m.Method, m.DomainID = state.Status, state.Method, state.DomainID
	} else if m.Wait.ValueBool() {
		m.Status = types.StringValue(directory.ClaimVerified)
	}
	if m.Domain.IsUnknown() {
		return
	}
	m.derive()
	if m.Wait.IsUnknown() && !verified {
		m.VerifiedDomains = types.SetUnknown(types.StringType)
	}
	if m.Token.IsUnknown() || m.Zone.IsUnknown() {
		m.VerificationRecords = types.ListUnknown(recordType)
	}
	if m.Token.IsUnknown() {
		m.VerificationFile = types.ObjectUnknown(fileTypes)
	}
}

// see takes over what the organization lists; nil where it lists nothing.
func (m *orgVerificationModel) see(claim *directory.Claim) {
	m.Status, m.Method, m.DomainID = types.StringNull(), types.StringNull(), types.StringNull()
	if claim != nil {
		m.Status, m.Method, m.DomainID = types.StringValue(
			claim.Status,
		), types.StringValue(
			claim.Type,
		), types.StringValue(
			claim.ID,
		)
	}
}

// claimOrder puts the claims of one domain in order of what they are worth: a
// domain may be listed with several, one for each method.
var claimOrder = []string{
	directory.ClaimVerified,
	directory.ClaimMissingToken,
	directory.ClaimUnverified,
	directory.ClaimSuperseded,
	directory.ClaimDeleted,
}

// claimOf picks the claim of a domain that counts; nil where there is none.
func claimOf(list []directory.Claim, name string) *directory.Claim {
	rank := func(c *directory.Claim) int {
		if i := slices.Index(claimOrder, c.Status); i >= 0 {
			return i
		}
		return len(claimOrder)
	}
	var best *directory.Claim
	for i := range list {
		if c := &list[i]; c.Name == name && (best == nil || rank(c) < rank(best)) {
			best = c
		}
	}
	return best
}

// meaning says what a status is, and what it leads to [atlassian 3.1],
// [atlassian 3.2].
func meaning(status types.String) string {
	switch status.ValueString() {
	case directory.ClaimMissingToken:
		return "Its status is missing_token: Atlassian checked again and no longer found the proof. It counts as " +
			"verified for 14 days at most (reported, not documented), then it becomes unverified, its accounts are " +
			"no longer managed, and members who sync because of it no longer do. Publish the record again."
	case directory.ClaimUnverified:
		return "Its status is unverified: the proof wasn't found yet, or is gone for longer than 14 days. Members " +
			"with an address there don't sync, and its accounts aren't managed. Publish the record and press Verify " +
			"domain at admin.atlassian.com."
	case directory.ClaimSuperseded:
		return "Its status is superseded: another claim took its place, perhaps another organization's (inferred). " +
			"Ask who else in the company verifies domains with Atlassian."
	case directory.ClaimDeleted:
		return "Its status is deleted: an administrator removed the domain from the organization. Members with an " +
			"address there don't sync. Add it again at admin.atlassian.com; it may get another token."
	case "":
		return "The organization doesn't list the domain: nobody added it there, or it was removed. Add it at " +
			"admin.atlassian.com (Settings, Domains): no API does that."
	}
	return fmt.Sprintf("Its status is %q, which this provider doesn't know and doesn't count as "+
		"verified.", status.ValueString())
}

// tokenValidator refuses what can't be a token.
type tokenValidator struct{}

func (tokenValidator) Description(context.Context) string {
	return "a verification token as the administration shows it"
}

func (v tokenValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (tokenValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	const expected = "Expected the value that admin.atlassian.com shows for the TXT record, with or " +
		"without " + tokenPrefix + " before it"
	token := tokenOf(req.ConfigValue)
	problem := ""
	switch {
	case token == "":
		problem = expected + "; found nothing. Leave token out to watch the domain alone."
	case strings.HasPrefix(token, "atlassian-sending-domain-verification="):
		problem = expected + ". This one verifies a domain for sending mail, which is another thing."
	case len(tokenPrefix)+len(token) > 255:
		problem = fmt.Sprintf(
			"%s; found %d characters, more than one string of a TXT record holds.",
			expected,
			len(token),
		)
	case strings.ContainsFunc(token, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune("\"'<>;\\", r)
	}):
		problem = expected + ". It has characters that no token has: of the downloaded page, take the token alone."
	}
	if problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid verification token", problem)
	}
}
