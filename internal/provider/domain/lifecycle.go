package domain

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// findOrAdd takes over a domain that may be taken over, or adds it, and reads
// its records.
func (r *entraDomain) findOrAdd(
	ctx context.Context, c *entra.Client, name string,
) (now entra.Domain, records []entra.DNSRecord, err error) {
	now, err = c.Domain(ctx, name)
	switch {
	case err == nil:
		err = adopt(ctx, c, now)
	case entra.NotFound(err):
		if _, err = c.CreateDomain(ctx, name); err == nil {
			now, err = r.awaitAdded(ctx, c, name)
			err = added(name, err)
		} else if status(err, http.StatusConflict) {
			err = existsError(name, "")
		} else if entra.MayHaveArrived(err) {
			err = added(name, err)
		}
	}
	if err != nil || inherits(now) {
		return now, nil, err
	}
	records, err = c.VerificationRecords(ctx, name)
	return now, records, added(name, err)
}

// awaitAdded waits until reading shows the domain that was added.
func (r *entraDomain) awaitAdded(ctx context.Context, c *entra.Client, name string) (now entra.Domain, err error) {
	err = r.Session.Await(ctx, func(ctx context.Context) (bool, error) {
		now, err = c.Domain(ctx, name)
		return err == nil, session.RetryableIfMissing(err)
	})
	return now, err
}

// adopt refuses a domain that isn't as an interrupted create leaves it:
// unverified, or a sub-domain that nothing uses.
func adopt(ctx context.Context, c *entra.Client, now entra.Domain) error {
	if !now.IsVerified {
		return nil
	}
	exists := existsError(now.Name, ", and has verified it")
	if !inherits(now) || now.IsDefault || len(now.SupportedServices) > 0 {
		return exists
	}
	used, err := c.DomainReferences(ctx, now.Name)
	if err == nil && len(used) > 0 {
		return exists
	}
	return err
}

func existsError(name, more string) error {
	return &tfutil.ExistsError{Problem: "the tenant has the domain " + name + " already" + more, ImportID: name}
}

// added says what follows where a step after the domain was, or may have been,
// added fails.
func added(name string, err error) error {
	if err == nil {
		return nil
	}
	return &addedError{name, err}
}

type addedError struct {
	name string
	err  error
}

// Error hides what it wraps: a diagnostic of that alone wouldn't say what
// follows.
func (e *addedError) Error() string {
	if errors.Is(e.err, context.Canceled) {
		return "it was interrupted"
	}
	return e.err.Error()
}

// Advice says what to do about it.
func (e *addedError) Advice() string {
	return "The domain " + e.name + " may have been added all the same; it isn't in the state. Apply again: an " +
		"unverified domain that is there is taken over."
}

// Delete deletes the domain, never by force.
func (r *entraDomain) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	const operation = "Deleting the domain"
	d := &resp.Diagnostics
	var state entraDomainModel
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	ctx, _, cancel := tfutil.Limit(ctx, state.Timeouts.Delete, entraDomainTime, d)
	defer cancel()
	c := r.Session.Client(ctx, operation, d, entra.NeedDomainsWrite)
	if d.HasError() {
		return
	}
	name := ascii(state.Domain)
	defer r.Session.Lock(domainLock(name))()
	defer r.Session.Forget()
	err := c.DeleteDomain(ctx, name)
	if status(err, http.StatusBadRequest) {
		err = blockedBy(ctx, c, name, err)
	}
	if err == nil {
		err = r.Session.Await(ctx, func(ctx context.Context) (bool, error) {
			_, err := c.Domain(ctx, name)
			if entra.NotFound(err) {
				return true, nil
			}
			return false, err
		})
	}
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
	}
}

// blockedError says what keeps a domain from being deleted.
type blockedError struct {
	err  error
	why  []string
	then string
}

func (e *blockedError) Error() string { return e.err.Error() }

// Advice says what to do about it.
func (e *blockedError) Advice() string { return strings.Join(append(e.why, e.then), "\n\n") }

// blockedBy names what uses a domain that Entra doesn't delete.
func blockedBy(ctx context.Context, c *entra.Client, name string, refusal error) error {
	out := &blockedError{
		err: refusal,
		then: "Nothing was deleted, and nothing is deleted by force. Change what uses the domain, then destroy " +
			"again; to leave the domain in Entra as it is, use terraform state rm.",
	}
	now, err := c.Domain(ctx, name)
	if entra.NotFound(err) {
		return nil
	}
	if err == nil && now.IsInitial {
		out.why = append(out.why, "It is the tenant's initial domain, which can't be deleted.")
	}
	if err == nil && now.IsDefault {
		out.why = append(out.why, "It is the tenant's default domain: make another one the default first.")
	}
	used, usedErr := c.DomainReferences(ctx, name)
	below, belowErr := c.Subdomains(ctx, name)
	if len(used) > 0 {
		out.why = append(out.why, fmt.Sprintf("It is used by %d objects: %s.", len(used), referenceNames(used)))
	}
	if len(below) > 0 {
		out.why = append(
			out.why,
			fmt.Sprintf("The tenant has %d domains below it: %s.", len(below), tfutil.Names(below)),
		)
	}
	if err := errors.Join(usedErr, belowErr); err != nil && len(out.why) == 0 {
		out.why = append(out.why, "What uses it couldn't be read: "+text.Plain(err.Error())+".")
	}
	return out
}

func referenceNames(list []entra.Reference) string {
	names := make([]string, len(list))
	for i, ref := range list {
		names[i] = strings.TrimSpace(ref.Type + " " + ref.Name)
		if ref.Name == "" {
			names[i] = strings.TrimSpace(ref.Type + " " + ref.ID)
		}
	}
	return tfutil.Names(names)
}
