// Package crosstenant is what Terraform sees of the cross-tenant access policy:
// partners, and other tenants by their domains.
package crosstenant

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/diagnose"
	"github.com/usersync/terraform-provider-usersync/internal/provider/reading"
)

// tenantIDs are spelled as Entra shows them, so that a state, an import and a
// configuration agree on one.
var tenantIDs = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// client is the tenant's client, with what is needed granted; nil where there
// is none, with a diagnostic.
func client(ctx context.Context, session *reading.Session, doing string, need entra.Need, d *diag.Diagnostics) *entra.Client {
	if session == nil {
		d.Append(diagnose.Error(doing, &diagnose.NotConfiguredError{Problem: "The provider isn't configured yet"}))
		return nil
	}
	c, err := session.Entra()
	if err == nil {
		err = c.SignIn(ctx, need)
	}
	if err != nil {
		d.Append(diagnose.Error(doing, err))
		return nil
	}
	return c
}

// limit gives a context the time that the timeouts allow.
func limit(ctx context.Context, of func(context.Context, time.Duration) (time.Duration, diag.Diagnostics), d *diag.Diagnostics) (context.Context, context.CancelFunc) {
	allowed, diags := of(ctx, defaultTimeout)
	d.Append(diags...)
	return context.WithTimeout(ctx, allowed)
}

// identify writes the identity; CLIs that know no identities have none.
func identify(ctx context.Context, identity *tfsdk.ResourceIdentity, tenantID types.String, d *diag.Diagnostics) {
	if identity != nil {
		d.Append(identity.SetAttribute(ctx, path.Root("tenant_id"), tenantID)...)
	}
}

// laterIfMissing has Await look again for what was made moments ago.
func laterIfMissing(err error) error {
	if entra.NotFound(err) {
		return reading.Later(err)
	}
	return err
}

// advised is an error of the service with advice that fits partners better
// than the one that fits every request.
type advised struct {
	err    error
	advice string
}

func (e *advised) Error() string { return e.err.Error() }

// Advice says what to do about it.
func (e *advised) Advice() string { return e.advice }

// problem makes the diagnostic of an error.
func problem(doing string, err error) diag.Diagnostic {
	var refused *entra.Error
	var late *reading.TimeoutError
	if errors.As(err, &late) && late.Last == nil {
		return diagnose.Error(doing, &advised{errors.New("the service didn't answer within the time that timeouts allows"), "What was under way may have arrived: the next plan shows it."})
	}
	if errors.As(err, &refused) {
		advice := map[int]string{
			http.StatusBadRequest: "Graph doesn't take these values. A tenant can't be a partner of itself, and tenant_id must be the id of a tenant of the same cloud, or of one that the cross-tenant access policy allows.",
			http.StatusNotFound:   "The partner, or its user synchronisation, was deleted since it was read: plan again.",
			http.StatusConflict:   "Somebody else made it since it was read: plan again.",
		}[refused.Status]
		if advice != "" {
			return diagnose.Error(doing, &advised{err, advice})
		}
	}
	return diagnose.Error(doing, err)
}

// mayHaveArrived reports whether a failed write may have been carried out all
// the same.
func mayHaveArrived(err error) bool {
	var (
		refused *entra.Error
		roles   *entra.MissingRolesError
		signIn  *entra.SignInError
	)
	switch {
	case errors.As(err, &refused):
		return refused.Status >= http.StatusInternalServerError
	case errors.As(err, &roles), errors.As(err, &signIn):
		return false
	}
	return true
}
