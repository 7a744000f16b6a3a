package crosstenant

import (
	"context"
	"errors"
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
	const doing = "Creating the cross-tenant partner"
	d := &resp.Diagnostics
	var plan, config partnerModel
	d.Append(req.Plan.Get(ctx, &plan)...)
	d.Append(req.Config.Get(ctx, &config)...)
	if d.HasError() {
		return
	}
	ctx, _, cancel := tfutil.Limit(ctx, plan.Timeouts.Create, defaultTimeout, d)
	defer cancel()
	c := r.Session.Client(ctx, doing, d, entra.NeedPartnersWrite)
	if d.HasError() {
		return
	}
	want := config.managed()
	w := &writer{session: r.Session, client: c, id: strings.ToLower(plan.TenantID.ValueString())}
	plan.ID = types.StringValue(w.id)
	defer r.Session.Lock(lockKey(w.id))()
	defer r.Session.Forget()
	now, err := w.findOrCreate(ctx, want, plan.Adopt.ValueBool())
	if err != nil {
		failure := problem(doing, err)
		d.AddAttributeError(path.Root("tenant_id"), failure.Summary(), failure.Detail()+maybeMade(err))
		return
	}
	if r.take(w.id, d); d.HasError() {
		return
	}
	if w.fresh {
		r.storeDone(ctx, plan, w, resp)
		err = r.Session.Await(ctx, func(ctx context.Context) (bool, error) {
			now, err = look(ctx, c, w.id, true)
			return err == nil, session.LaterIfMissing(err)
		})
	}
	if err == nil {
		err = w.write(ctx, now.changes(managed{}, want), want)
	}
	if err == nil {
		now, err = w.settle(ctx, managed{}, want)
	}
	if err != nil {
		r.halfDone(ctx, problem(doing, err), plan, w, resp)
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
func (r *partnerResource) halfDone(ctx context.Context, failure diag.Diagnostic, m partnerModel, w *writer, resp *resource.CreateResponse) {
	after := "Nothing of the partner was changed."
	switch {
	case w.fresh:
		after = "The partner exists and is in the state, with what was done. The CLI marks it as tainted, so that the next apply deletes it and makes it anew; after terraform untaint the next apply does what is left."
	case w.wrote:
		after = "The partner was there before; it is in the state now, with what was done. The CLI marks it as tainted, so that the next apply gives that back and starts again; after terraform untaint the next apply does what is left."
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
			return live{}, &existsError{w.id, set}
		}
		return now, nil
	case !entra.NotFound(err):
		return live{}, err
	}
	p, err := w.client.CreatePartner(ctx, w.id)
	if entra.Conflict(err) {
		return live{}, &existsError{w.id, nil}
	}
	w.fresh = err == nil
	return live{partner: p}, err
}

// maybeMade says what follows where the answer to the create is lost.
func maybeMade(err error) string {
	var exists *existsError
	if errors.As(err, &exists) || !entra.MayHaveArrived(err) {
		return ""
	}
	return "\n\nApply again: a partner that was made all the same inherits everything, and is taken over."
}

type existsError struct {
	id  string
	set []string
}

func (e *existsError) Error() string {
	s := "the cross-tenant access policy has the partner " + e.id + " already"
	if len(e.set) > 0 {
		s += ", which sets: " + strings.Join(e.set, ", ")
	}
	return s
}

// Advice says what to do about it.
func (e *existsError) Advice() string {
	return "Nothing was changed. Import it: terraform import <address> " + e.id + ". Or set adopt = true: then what is planned here is written over it, and the rest stays as it is."
}

// take notes that this resource has the partner now.
func (r *partnerResource) take(id string, d *diag.Diagnostics) {
	if !r.Session.Take(lockKey(id)) {
		d.AddError("Conflicting resources", "The partner "+id+" was made or taken over by another resource in this very apply. Remove one of the two.")
	}
}

// Delete deletes the partner, or gives back what was managed of it where
// others have set something.
func (r *partnerResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	const doing = "Deleting the cross-tenant partner"
	d := &resp.Diagnostics
	var state partnerModel
	d.Append(req.State.Get(ctx, &state)...)
	if d.HasError() {
		return
	}
	ctx, _, cancel := tfutil.Limit(ctx, state.Timeouts.Delete, defaultTimeout, d)
	defer cancel()
	c := r.Session.Client(ctx, doing, d, entra.NeedPartnersWrite)
	if d.HasError() {
		return
	}
	w := &writer{session: r.Session, client: c, id: strings.ToLower(state.TenantID.ValueString()), done: state.managed()}
	defer r.Session.Lock(lockKey(w.id))()
	if r.Session.Taken(lockKey(w.id)) {
		d.AddWarning("Not changed: another resource manages it now", "The partner "+w.id+" was made or taken over by another resource in this apply (create_before_destroy, or a new name without a moved block), so destroying the former one leaves it alone.")
		return
	}
	defer r.Session.Forget()
	left, err := w.remove(ctx)
	if err != nil {
		d.Append(problem(doing, err))
		return
	}
	if len(left) > 0 {
		d.AddWarning("The partner itself is left", fmt.Sprintf("Others have set something of the partner %s: %s. So what was managed here was given back, and the partner is left; users who were synchronized stay.", w.id, strings.Join(left, ", ")))
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
		if err := w.gone(ctx, func(ctx context.Context) error { _, err := w.client.PartnerSync(ctx, w.id); return err }); err != nil {
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
