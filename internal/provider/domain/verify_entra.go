package domain

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// looksForNew is how many looks a domain that was added moments ago may be
// missing in.
const looksForNew = 6

// verify asks Entra until the domain is verified; false after a diagnostic.
func (r *entraVerification) verify(
	ctx context.Context, plan *entraVerificationModel, timeout tfutil.TimeoutOf, d *diag.Diagnostics,
) bool {
	const operation = "Verifying the domain in Entra"
	name := ascii(plan.Domain)
	waiting, allowed, cancel := tfutil.Limit(ctx, timeout, entraVerificationTime, d)
	defer cancel()
	c := r.Session.Client(waiting, operation, d, entra.NeedDomainsWrite)
	if d.HasError() {
		return false
	}
	defer r.Session.Forget()
	v := &proof{client: c, session: r.Session, name: name, check: plan.CheckDNS.ValueBool()}
	err := r.Session.AwaitEvery(waiting, longestPause, v.ask)
	var expired *session.TimeoutError
	switch {
	case errors.As(err, &expired):
		// The time is over for the service, not for saying why.
		err = v.missing(context.WithoutCancel(ctx), allowed, expired)
	case entra.NotFound(err):
		err = tfutil.WithAdvice(fmt.Errorf("the tenant has no domain %s", name), "Add it with usersync_entra_domain, "+
			"and let this resource's domain refer to it, so that it is added first.")
	}
	if err != nil {
		d.Append(tfutil.FailureAt(path.Root("domain"), operation, err))
		return false
	}
	plan.ID, plan.IsVerified = types.StringValue(name), types.BoolValue(true)
	return true
}

// proof is one domain on its way to be verified in Entra.
type proof struct {
	client  *entra.Client
	session *session.Session
	name    string
	check   bool

	looks   int
	records []entra.DNSRecord
}

// ask has Entra look for the proof, unless the domain is verified. That the
// proof isn't found yet, that another tenant holds the domain, and anything
// else that stands in the way, are one answer of Graph (400, [graph 4]),
// whose text isn't documented: so it is asked again until the time is over,
// except where the record is plainly there and another tenant has the domain.
func (v *proof) ask(ctx context.Context) (bool, error) {
	v.looks++
	now, err := v.client.Domain(ctx, v.name)
	switch {
	case entra.NotFound(err) && v.looks < looksForNew:
		return false, session.Retryable(err)
	case err != nil:
		return false, passing(err)
	case now.IsVerified:
		return true, nil
	}
	_, err = v.client.VerifyDomain(ctx, v.name)
	switch {
	case err == nil: // the next look has to show it
		return false, session.Retryable(errNotShown)
	case !status(err, http.StatusBadRequest):
		return false, passing(err)
	}
	if held := v.held(ctx, err); held != nil {
		return false, held
	}
	return false, session.Retryable(err)
}

var errNotShown = errors.New("the proof was accepted, and reading doesn't show it yet")

// passing lets trouble of the service pass by: the wait is long.
func passing(err error) error {
	var refused *entra.Error
	if errors.As(err, &refused) && (refused.Status >= http.StatusInternalServerError ||
		refused.Status == http.StatusTooManyRequests) {
		return session.Retryable(err)
	}
	return err
}

// held is an error where the record is published and another tenant has the
// domain: waiting longer wouldn't help. Without the record, that tenant may be
// an unmanaged one, which the proof takes the domain over from.
func (v *proof) held(ctx context.Context, refusal error) error {
	if !v.check || !look(ctx, v.session.Resolver(), v.expected(ctx)).found {
		return nil
	}
	other, ok := v.holder(ctx)
	if !ok {
		return nil
	}
	return tfutil.WithAdvice(
		fmt.Errorf("the record is published, and Entra doesn't accept it: the domain %s is verified in another "+
			"tenant, %s (%s). %w", v.name, text.Plain(other.DisplayName), other.TenantID, refusal),
		"A domain is verified in one Entra tenant at a time. Its administrator there has to remove it first; for an "+
			"Atlassian organization that isn't needed: usersync_atlassian_domain_verification needs a DNS record "+
			"alone.")
}

// holder finds another tenant that has the domain, where the application may
// ask.
func (v *proof) holder(ctx context.Context) (entra.TenantInformation, bool) {
	t, err := v.client.TenantByDomain(ctx, v.name)
	return t, err == nil && t.TenantID != v.client.TenantID()
}

// expected are the records that prove the domain, read once.
func (v *proof) expected(ctx context.Context) []entra.DNSRecord {
	if v.records == nil {
		if records, err := v.client.VerificationRecords(ctx, v.name); err == nil {
			v.records = records
		}
	}
	return v.records
}

// sayingTime bounds what is read to explain a failure.
const sayingTime = 30 * time.Second

// missing says which record was expected where, and what DNS has.
func (v *proof) missing(ctx context.Context, allowed time.Duration, expired *session.TimeoutError) error {
	ctx, cancel := context.WithTimeout(ctx, sayingTime)
	defer cancel()
	records := v.expected(ctx)
	detail := fmt.Sprintf("Entra didn't verify %s within %s. ", v.name, allowed)
	if len(records) == 0 {
		detail += "Which record it looks for couldn't be read."
	} else {
		detail += "It looks for one of these records:\n" + wanted(records)
		var s seen
		if v.check {
			s = look(ctx, v.session.Resolver(), records)
		}
		detail += "\n" + dnsReport(v.check, s)
	}
	if expired.Last != nil {
		detail += "\nEntra's last answer: " + expired.Last.Error()
	}
	if other, ok := v.holder(ctx); ok {
		detail += fmt.Sprintf("\nThe domain is verified in another tenant, %s (%s), which has to remove it first.",
			text.Plain(other.DisplayName), other.TenantID)
	}
	return tfutil.WithAdvice(errors.New(detail), "Nothing has to be undone: publish one of the records and apply "+
		"again. DNS answers may take an hour to arrive: timeouts gives it longer.")
}
