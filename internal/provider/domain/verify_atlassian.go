package domain

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/atlassian"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// awaitVerified looks once, or waits until the organization lists the domain as
// verified; false after a diagnostic.
func (r *orgVerification) awaitVerified(
	ctx context.Context, plan *orgVerificationModel, timeout tfutil.TimeoutOf, d *diag.Diagnostics,
) bool {
	const operation = "Waiting for the domain's verification in Atlassian"
	if r.Session == nil {
		d.Append(tfutil.NotConfigured(operation))
		return false
	}
	key, err := r.Session.OrganizationKey(ctx, plan.Organization.ValueString())
	if err != nil {
		d.Append(tfutil.FailureAt(path.Root("organization"), operation, err))
		return false
	}
	waiting, allowed, cancel := tfutil.Limit(ctx, timeout, orgVerificationTime, d)
	defer cancel()
	c, err := r.Session.Atlassian(key)
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
	}
	if d.HasError() {
		return false
	}
	defer r.Session.Forget()
	var claim *directory.Claim
	err = r.Session.AwaitEvery(waiting, longestPause, func(ctx context.Context) (bool, error) {
		o, err := c.ReadOrganization(ctx, false, nil)
		if err != nil {
			return false, passingBy(err)
		}
		claim = claimOf(o.Domains, ascii(plan.Domain))
		return !plan.Wait.ValueBool() || claim != nil && claim.Status == directory.ClaimVerified, nil
	})
	var expired *session.TimeoutError
	if errors.As(err, &expired) {
		err = r.overdue(context.WithoutCancel(ctx), plan, key, claim, allowed, expired)
	}
	if err != nil {
		d.Append(tfutil.FailureAt(path.Root("domain"), operation, err))
		return false
	}
	foreseen := plan.VerifiedDomains
	plan.see(claim)
	plan.derive()
	if !foreseen.IsUnknown() { // what was planned is what is stored; Read shows what moved
		plan.VerifiedDomains = foreseen
	}
	return true
}

// passingBy lets trouble of the service pass by: the wait is long.
func passingBy(err error) error {
	var refused *atlassian.Error
	if errors.As(err, &refused) && (refused.Status >= http.StatusInternalServerError ||
		refused.Status == http.StatusTooManyRequests) {
		return session.Retryable(err)
	}
	return err
}

// overdue says what the organization lists, which record it looks for, and
// what DNS has.
func (r *orgVerification) overdue(
	ctx context.Context, m *orgVerificationModel, key string, claim *directory.Claim, allowed time.Duration,
	expired *session.TimeoutError,
) error {
	ctx, cancel := context.WithTimeout(ctx, sayingTime)
	defer cancel()
	listed := types.StringNull()
	if claim != nil {
		listed = types.StringValue(claim.Status)
	}
	text := fmt.Sprintf("the organization %q didn't list %s as verified within %s. %s", key, ascii(m.Domain), allowed,
		meaning(listed))
	if expired.Last != nil {
		text += "\nThe last answer was: " + expired.Last.Error()
	}
	expected := m.expected()
	if len(expected) == 0 {
		text += "\nWhich record it looks for isn't known here: token isn't set."
	} else {
		file := textIn(m.VerificationFile.Attributes(), "url").ValueString()
		text += "\nIt looks for this record, or for " + file + ":\n" + wanted(expected)
		var s seen
		if m.CheckDNS.ValueBool() {
			s = look(ctx, r.Session.Resolver(), expected)
		}
		text += "\n" + dnsReport(m.CheckDNS.ValueBool(), s) + otherTokens(s, expected[0].Value)
	}
	return tfutil.WithAdvice(errors.New(text), "Nothing has to be undone. Publish the record, press Verify domain at "+
		"admin.atlassian.com, and apply again; timeouts gives it longer, and wait = false only watches.")
}

// otherTokens points at tokens that DNS has instead of the expected one.
func otherTokens(s seen, expected string) string {
	var others []string
	for _, record := range s.texts {
		if strings.HasPrefix(record, tokenPrefix) && record != expected {
			others = append(others, text.Plain(strings.TrimPrefix(record, tokenPrefix)))
		}
	}
	if s.found || len(others) == 0 {
		return ""
	}
	return "\nDNS has another token of Atlassian's there (" + strings.Join(
		others,
		", ",
	) + "): token is wrong, or it is an older one or another organization's. Compare it with the one that " +
		"admin.atlassian.com shows now."
}
