package crosstenant

import (
	"context"
	"errors"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// look reads a partner, with its user synchronization where that is asked for.
func look(ctx context.Context, c *entra.Client, id string, sync bool) (live, error) {
	p, err := c.Partner(ctx, id)
	return withSync(ctx, c, p, sync, err)
}

// lookWhole reads a partner with every section that the service has, before it
// is taken over or deleted.
func lookWhole(ctx context.Context, c *entra.Client, id string) (live, error) {
	p, err := c.WholePartner(ctx, id)
	return withSync(ctx, c, p, true, err)
}

func withSync(ctx context.Context, c *entra.Client, p entra.Partner, sync bool, err error) (live, error) {
	if err != nil || !sync {
		return live{partner: p}, err
	}
	s, err := c.PartnerSync(ctx, p.TenantID)
	if entra.NotFound(err) {
		return live{partner: p}, nil
	}
	return live{p, &s}, err
}

// writer writes changes and notes what was done, so that the state can say it
// where the next step fails.
type writer struct {
	session *session.Session
	client  *entra.Client
	id      string
	// fresh marks a partner made moments ago: that it isn't found is lag.
	fresh bool
	// done is what the service has of what is managed.
	done managed
	// wrote says that something was sent that may have arrived.
	wrote bool
}

// write carries out a change towards what is wanted: the synchronization
// first, as the documentation orders it [graph 5].
func (w *writer) write(ctx context.Context, do change, want managed) error {
	if err := w.writeSync(ctx, do, want); err != nil {
		return err
	}
	if do.consent != nil {
		err := w.send(ctx, func(ctx context.Context) error { return w.client.PatchPartner(ctx, w.id, *do.consent) })
		if err != nil && (!entra.MayHaveArrived(err) || want.consent == nil) {
			return err
		}
		w.done.consent = want.consent
		return err
	}
	w.done.consent = want.consent
	return nil
}

func (w *writer) writeSync(ctx context.Context, do change, want managed) error {
	var err error
	switch {
	case do.putSync != nil:
		err = w.send(ctx, func(ctx context.Context) error {
			err := w.client.PutPartnerSync(ctx, w.id, *do.putSync)
			if entra.Conflict(err) { // it is there all the same: a repeated request, or lag
				return w.client.PatchPartnerSync(ctx, w.id, *do.putSync)
			}
			return err
		})
	case do.patchSync != nil:
		err = w.send(
			ctx,
			func(ctx context.Context) error { return w.client.PatchPartnerSync(ctx, w.id, *do.patchSync) },
		)
	case do.deleteSync:
		err = w.send(ctx, func(ctx context.Context) error { return w.client.DeletePartnerSync(ctx, w.id) })
	}
	// What is given back leaves the state only when that is sure: what isn't in it, nobody would give back.
	if err == nil || entra.MayHaveArrived(err) && want.allowed != nil {
		w.done.allowed, w.done.name = want.allowed, want.name
	}
	return err
}

// send carries out one request; a partner made moments ago may not be found
// for a while.
func (w *writer) send(ctx context.Context, request func(context.Context) error) error {
	try := func(ctx context.Context) (bool, error) {
		err := request(ctx)
		w.wrote = w.wrote || err == nil || entra.MayHaveArrived(err)
		if w.fresh {
			err = session.RetryableIfMissing(err)
		}
		return err == nil, err
	}
	if w.fresh {
		return w.session.Await(ctx, try)
	}
	_, err := try(ctx)
	return err
}

// awaitWritten waits until reading shows what was written.
func (w *writer) awaitWritten(ctx context.Context, before, want managed) (now live, err error) {
	err = w.session.Await(ctx, func(ctx context.Context) (bool, error) {
		now, err = look(ctx, w.client, w.id, before.allowed != nil || want.allowed != nil)
		if err != nil {
			return false, session.RetryableIfMissing(err)
		}
		return now.changes(before, want) == change{}, nil
	})
	var expired *session.TimeoutError
	if errors.As(err, &expired) && expired.Last == nil {
		err = tfutil.WithAdvice(
			errors.New("everything was written, and reading doesn't show it yet"),
			"Either the service is slow today, or somebody else changed it back at once: the next plan shows which. "+
				"timeouts gives it longer.",
		)
	}
	return now, err
}
