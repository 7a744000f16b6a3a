package tfutil

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
)

// IdentitySchema makes an identity schema of required texts.
func IdentitySchema(names ...string) identityschema.Schema {
	out := identityschema.Schema{Attributes: map[string]identityschema.Attribute{}}
	for _, n := range names {
		out.Attributes[n] = identityschema.StringAttribute{
			RequiredForImport: true,
			Description:       identityDescriptions[n],
		}
	}
	return out
}

// identityDescriptions are what parts of identities are, for the documentation.
var identityDescriptions = map[string]string{
	"service_principal_id": "The object id of the service principal (enterprise application).",
	"job_id":               "The id of the provisioning job.",
	"tenant_id":            "The id of the partner's tenant.",
	"domain":               "The domain's name.",
}

// ImportIDs reads an import id of slash-separated parts, of which the last may
// hold slashes, or an identity; it gives a value for each name.
func ImportIDs(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse, names ...string,
) (ids []string, ok bool) {
	if req.ID == "" && req.Identity != nil {
		for _, name := range names {
			var value string
			resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root(name), &value)...)
			ids = append(ids, value)
		}
	} else {
		ids = strings.SplitN(req.ID, "/", len(names))
	}
	if len(ids) != len(names) || slices.Contains(ids, "") {
		resp.Diagnostics.AddError("Invalid import ID", fmt.Sprintf("Expected %s, found "+
			"%q.", strings.Join(names, "/"), req.ID))
		return nil, false
	}
	for i, name := range names {
		if strings.HasSuffix(name, "_id") { // the others are names, in which a GUID is as it is
			ids[i] = LowerGUIDs(ids[i])
		}
	}
	if resp.Identity != nil {
		for i, name := range names {
			resp.Diagnostics.Append(resp.Identity.SetAttribute(ctx, path.Root(name), ids[i])...)
		}
	}
	return ids, !resp.Diagnostics.HasError()
}

// SetIdentity writes names and values, one after the other, into the identity;
// CLIs that know no identities have none.
func SetIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, d *diag.Diagnostics, pairs ...any) {
	if identity == nil {
		return
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		d.Append(identity.SetAttribute(ctx, path.Root(name), pairs[i+1])...)
	}
}
