package usertype

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	"github.com/usersync/terraform-provider-usersync/internal/text"
)

// convert looks at who has the type already, writes the others, and waits until
// the list shows it.
func (r *policyResource) convert(
	ctx context.Context, c *entra.Client, order []string, names, want map[string]string, d *diag.Diagnostics,
) (done map[string]string) {
	const operation = "Converting users"
	now, err := c.UserTypes(ctx, order)
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
		return nil
	}
	done = map[string]string{}
	var todo []entra.Conversion
	var gone []string
	for _, id := range order {
		switch u, there := now[id]; {
		case !there:
			gone = append(gone, names[id])
		case u.UserType == want[id]:
			done[id] = names[id]
		default:
			todo = append(todo, entra.Conversion{ID: id, UserType: want[id]})
		}
	}
	written := map[string]bool{}
	refused := map[string]error{}
	err = c.SetUserTypes(ctx, todo, func(u entra.Conversion, err error) {
		switch {
		case err == nil:
			written[u.ID] = true
			done[u.ID] = names[u.ID]
			if len(written)%100 == 0 || len(written) == len(todo) {
				tflog.Info(ctx, "converting users", map[string]any{"done": len(written), "of": len(todo)})
			}
		case entra.NotFound(err):
			gone = append(gone, names[u.ID])
		default:
			refused[names[u.ID]] = err
		}
	})
	if len(gone) > 0 {
		d.AddWarning("Users are gone since the plan", tfutil.Names(gone)+": they stay in assignments until the next "+
			"refresh.")
	}
	if err != nil {
		d.Append(tfutil.Failure(operation, err))
	}
	if len(refused) > 0 {
		d.Append(refusedUsers(refused))
	}
	if d.HasError() {
		return done
	}
	r.awaitTypes(ctx, c, slices.Sorted(maps.Keys(written)), want, d)
	return done
}

// awaitTypes waits until the list of users shows what was written.
func (r *policyResource) awaitTypes(
	ctx context.Context, c *entra.Client, ids []string, want map[string]string, d *diag.Diagnostics,
) {
	err := r.Session.Await(ctx, func(ctx context.Context) (bool, error) {
		seen, err := c.UserTypes(ctx, ids)
		if err != nil {
			return false, err
		}
		return !slices.ContainsFunc(ids, func(id string) bool {
			u, there := seen[id]
			return there && u.UserType != want[id]
		}), nil
	})
	var late *session.TimeoutError
	switch {
	case errors.As(err, &late):
		d.AddWarning("Entra's list of users isn't up to date yet", "All conversions were accepted, and the list "+
			"doesn't show them all yet. The next plan may show some of them again until it does.")
	case err != nil:
		d.Append(tfutil.Failure("Waiting for the conversions to show", err))
	}
}

// refusedUsers is one diagnostic of all whom the service refused.
func refusedUsers(refused map[string]error) diag.Diagnostic {
	names := slices.Sorted(maps.Keys(refused))
	first := tfutil.Failure("Converting "+text.Plain(names[0]), refused[names[0]])
	advice := ""
	var graph *entra.Error
	if errors.As(refused[names[0]], &graph) && graph.Status == http.StatusForbidden {
		advice = "\n\nAdministrators can only be changed by an application that has a role for it. Who can't be " +
			"converted belongs into a rule of its own, before the others."
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("The service refused to convert %s", count(len(names), "user", "users")),
		tfutil.Names(names)+". The first: "+first.Detail()+advice)
}
