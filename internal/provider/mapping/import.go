package mapping

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

func unescaped(part string) string {
	if text, err := url.PathUnescape(part); err == nil {
		return text
	}
	return part
}

// importMapping reads the id service_principal_id/job_id/rule/source/target, or
// the identity. Rule, source and target may be empty: real schemas have mappings
// without a source [graph 3.5].
func importMapping(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	d := &resp.Diagnostics
	ids := strings.SplitN(req.ID, "/", len(mappingIdentity))
	if req.ID == "" && req.Identity != nil {
		ids = nil
		for _, name := range mappingIdentity {
			var value string
			d.Append(req.Identity.GetAttribute(ctx, path.Root(name), &value)...)
			ids = append(ids, value)
		}
	} else if len(ids) == len(mappingIdentity) {
		ids[2], ids[3] = unescaped(ids[2]), unescaped(ids[3])
	}
	if len(ids) != len(mappingIdentity) || ids[0] == "" || ids[1] == "" {
		d.AddError(
			"Invalid import ID",
			fmt.Sprintf("Expected %s, found %q.", strings.Join(mappingIdentity, "/"), req.ID),
		)
		return
	}
	ids[0], ids[1] = tfutil.LowerGUIDs(ids[0]), tfutil.LowerGUIDs(ids[1])
	if resp.Identity != nil {
		for i, name := range mappingIdentity {
			d.Append(resp.Identity.SetAttribute(ctx, path.Root(name), ids[i])...)
		}
	}
	m := mappingModel{
		ServicePrincipalID: types.StringValue(
			ids[0],
		),
		JobID:    types.StringValue(ids[1]),
		Rule:     types.StringValue(ids[2]),
		Adopt:    types.BoolValue(false),
		Timeouts: tfutil.NoTimeouts("create", "update", "delete"),
	}
	m.fill(ctx, mapping.Mapping{
		Object: mapping.Object{Source: ids[3], Target: ids[4]},
		Manage: mapping.ManageListed,
	}, d)
	d.Append(resp.State.Set(ctx, &m)...)
}
