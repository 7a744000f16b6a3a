package crosstenant

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// Create makes the partner, or takes over one that is there. Its id is in the
// state before anything is waited for.
func (r *partnerResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	const operation = "Creating the cross-tenant partner"
	d := &resp.Diagnostics
	var plan, config partnerModel
	d.Append(req.Plan.Get(ctx, &plan)...)
	d.Append(req.Config.Get(ctx, &config)...)
	if d.HasError() {
		return
	}
	ctx, _, cancel := tfutil.Limit(ctx, plan.Timeouts.Create, defaultTimeout, d)
	defer cancel()
	c := r.Session.Client(ctx, operation, d, entra.NeedPartnersWrite)
	if d.HasError() {
		return
	}
	want := config.managed()
	w := &writer{session: r.Session, client: c, id: strings.ToLower(plan.TenantID.ValueString())}
	plan.ID = types.StringValue(w.id)
	defer r.Session.Lock(partnerLock(w.id))()
	defer r.Session.Forget()
	now, err := w.findOrCreate(ctx, want, plan.Adopt.ValueBool())
	if err != nil {
		failed := failure(operation, err)
		d.AddAttributeError(
			path.Root("tenant_id"),
			failed.Summary(),
			failed.Detail()+tfutil.IfMade(err, "a partner that was made all the same inherits everything, and is "+
				"taken over"),
		)
		return
	}
	if r.Claim(partnerLock(w.id), "The partner "+w.id, d); d.HasError() {
		return
	}
	if w.fresh {
		r.storeDone(ctx, plan, w, resp)
		err = r.Session.Await(ctx, func(ctx context.Context) (bool, error) {
			now, err = look(ctx, c, w.id, true)
			return err == nil, session.RetryableIfMissing(err)
		})
	}
	if err == nil {
		err = w.write(ctx, now.changes(managed{}, want), want)
	}
	if err == nil {
		now, err = w.awaitWritten(ctx, managed{}, want)
	}
	if err != nil {
		r.halfDone(ctx, failure(operation, err), plan, w, resp)
		return
	}
	plan.named(now)
	r.store(ctx, &plan, &resp.State, resp.Identity, d)
}

// storeDone writes the state of what was done so far.
func (r *partnerResource) storeDone(ctx context.Context, m partnerModel, w *writer, resp *resource.CreateResponse) {
	m.set(w.done)
	r.store(ctx, &m, &resp.State, resp.Identity, &resp.Diagnostics)
}

// halfDone says what follows where a create fails on its way.
func (r *partnerResource) halfDone(
	ctx context.Context, failure diag.Diagnostic, m partnerModel, w *writer, resp *resource.CreateResponse,
) {
	after := "Nothing of the partner was changed."
	switch {
	case w.fresh:
		after = "The partner exists and is in the state, with what was done. The CLI marks it as tainted, so that " +
			"the next apply deletes it and makes it anew; after terraform untaint the next apply does what is left."
	case w.wrote:
		after = "The partner was there before; it is in the state now, with what was done. The CLI marks it as " +
			"tainted, so that the next apply gives that back and starts again; after terraform untaint the next " +
			"apply does what is left."
	}
	if w.fresh || w.wrote {
		r.storeDone(ctx, m, w, resp)
	}
	resp.Diagnostics.AddError(failure.Summary(), failure.Detail()+"\n\n"+after)
}

// findOrCreate takes over a partner that may be taken over, or makes one.
func (w *writer) findOrCreate(ctx context.Context, want managed, adopt bool) (live, error) {
	now, err := lookWhole(ctx, w.client, w.id)
	switch {
	case err == nil:
		if set := now.beyond(want); len(set) > 0 && !adopt {
			return live{}, existsError(w.id, set)
		}
		return now, nil
	case !entra.NotFound(err):
		return live{}, err
	}
	p, err := w.client.CreatePartner(ctx, w.id)
	if entra.Conflict(err) {
		return live{}, w.conflict(ctx, err)
	}
	w.fresh = err == nil
	return live{partner: p}, err
}

// conflict is the error of a partner that was made meanwhile, or of one that the service
// has and doesn't show.
func (w *writer) conflict(ctx context.Context, refused error) error {
	if _, err := w.client.Partner(ctx, w.id); !entra.NotFound(err) {
		return existsError(w.id, nil)
	}
	return refused
}

// existsError says that the partner is there already, and what of it would be
// lost.
func existsError(id string, set []string) error {
	problem := "the cross-tenant access policy has the partner " + id + " already"
	if len(set) > 0 {
		problem += ", which sets: " + strings.Join(set, ", ")
	}
	return &tfutil.ExistsError{
		Problem:  problem,
		ImportID: id,
		More:     "Or set adopt = true: then what is planned here is written over it, and the rest stays as it is.",
	}
}

// Delete deletes the partner, or gives back what was managed of it where
// others have set something.
func (r *partnerResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	const operation = "Deleting the cross-tenant partner"
	d := &resp.Diagnostics
	var state partnerModel
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	ctx, _, cancel := tfutil.Limit(ctx, state.Timeouts.Delete, defaultTimeout, d)
	defer cancel()
	c := r.Session.Client(ctx, operation, d, entra.NeedPartnersWrite)
	if d.HasError() {
		return
	}
	w := &writer{
		session: r.Session,
		client:  c,
		id:      strings.ToLower(state.TenantID.ValueString()),
		done:    state.managed(),
	}
	defer r.Session.Lock(partnerLock(w.id))()
	if r.ClaimedElsewhere(partnerLock(w.id), "The partner "+w.id, d) {
		return
	}
	defer r.Session.Forget()
	left, err := w.remove(ctx)
	if err != nil {
		d.Append(failure(operation, err))
		return
	}
	if len(left) > 0 {
		d.AddWarning("The partner itself is left", fmt.Sprintf("Others have set something of the partner %s: %s. So "+
			"what was managed here was given back, and the partner is left; users who were synchronized "+
			"stay.", w.id, strings.Join(left, ", ")))
	}
}

// remove deletes the partner, or names what others have set and why it is
// left.
func (w *writer) remove(ctx context.Context) (left []string, err error) {
	before := w.done
	now, err := lookWhole(ctx, w.client, w.id)
	if entra.NotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	left = now.others(before)
	do := now.changes(before, managed{})
	if len(left) == 0 {
		do.consent, do.deleteSync = nil, now.sync != nil // the rest goes with the partner
	}
	if err := w.write(ctx, do, managed{}); err != nil {
		if entra.NotFound(err) {
			return nil, nil // somebody else deletes it, too
		}
		return nil, err
	}
	if len(left) > 0 {
		return left, nil
	}
	// The service wants the synchronization gone before.
	if do.deleteSync {
		if err := w.gone(ctx, func(ctx context.Context) error {
			_, err := w.client.PartnerSync(ctx, w.id)
			return err
		}); err != nil {
			return nil, err
		}
	}
	if err := w.client.DeletePartner(ctx, w.id); err != nil {
		return nil, err
	}
	return nil, w.gone(ctx, func(ctx context.Context) error { _, err := w.client.Partner(ctx, w.id); return err })
}

// gone waits until something can't be read any more.
func (w *writer) gone(ctx context.Context, read func(context.Context) error) error {
	return w.session.Await(ctx, func(ctx context.Context) (bool, error) {
		err := read(ctx)
		if entra.NotFound(err) {
			return true, nil
		}
		return false, err
	})
}
