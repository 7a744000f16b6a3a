package usertype

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
	policy "github.com/usersync/terraform-provider-usersync/internal/usertype"
)

// sourceTypes gives, by object id, the types that source tenants write always, and
// warns of those whom this apply converts to another one.
func (e *evaluated) sourceTypes(ctx context.Context, config *policyModel, d *diag.Diagnostics) sourceTypes {
	at := path.Root("cross_tenant")
	if !tfutil.Known(ctx, config.CrossTenant) {
		d.AddAttributeWarning(at, "Write-back isn't known at plan", "cross_tenant won't be known before the apply. "+
			"Whom the policy converts is.")
		return nil
	}
	list := config.sources(ctx, d)
	if d.HasError() {
		return nil
	}
	written, texts, err := decision.WrittenBack(list, e.tenant.Directory)
	var argument *decision.ArgumentError
	if errors.As(err, &argument) {
		err = fmt.Errorf("the source tenant's mapping, cross_tenant[%d]: %w", argument.Index, argument.Err)
	}
	if err != nil {
		d.Append(tfutil.FailureAt(at, planning, err))
		return nil
	}
	if len(texts) > 0 {
		d.AddAttributeWarning(at, "What the source tenant writes", strings.Join(texts, "\n"))
	}
	out := sourceTypes(written)
	enforced := config.Mode.ValueString() == modeEnforce
	affected := e.where(func(a *policy.Assignment) bool { return enforced && a.Wave && out.against(e.user(a), a.Want) })
	if len(affected) > 0 {
		d.AddAttributeWarning(at, fmt.Sprintf("The source tenant will write back the type of %s",
			count(len(affected), "user", "users")),
			e.names(affected, config.ids())+". Its cross-tenant mapping of userType has the flow type Always: at the "+
				"next change of the source user, or at a full cycle, its value is written again. What lasts is to "+
				"change that mapping, to on_create (ObjectAddOnly) or to another value.")
	}
	return out
}

// sourceTypes are users, by object id, with what their source tenant writes always.
type sourceTypes map[string]string

// against reports whether the source tenant writes something else than wanted.
func (w sourceTypes) against(u *directory.User, want string) bool {
	written, ok := w[u.ID]
	return ok && written != want
}
