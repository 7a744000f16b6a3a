package tfutil

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
)

// Listed is a remote object that a list shows.
type Listed struct {
	// ImportID is what the resource imports it by.
	ImportID string
	// Identity are the values of the resource's identity; nil values are null.
	Identity map[string]*string
	// Name is how people call it.
	Name string
}

// Listable is a resource that can be listed.
type Listable interface {
	resource.ResourceWithConfigure
	resource.ResourceWithIdentity
	resource.ResourceWithImportState
}

// List is a list resource: what exists remotely, for "terraform query" (Terraform
// 1.14). What it shows of an object is what importing it would give.
type List struct {
	Listable
	Config schema.Schema
	// Find gives the objects that a configuration asks for, in an order of its
	// own that doesn't change.
	Find func(ctx context.Context, config tfsdk.Config, d *diag.Diagnostics) []Listed
}

var _ list.ListResourceWithConfigure = (*List)(nil)

// ListResourceConfigSchema is what a list block takes.
func (l *List) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = l.Config
}

// List finds the objects, and reads each only when it is asked for.
func (l *List) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var d diag.Diagnostics
	found := l.Find(ctx, req.Config, &d)
	if d.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(d)
		return
	}
	stream.Results = func(push func(list.ListResult) bool) {
		shown := int64(0)
		for _, o := range found {
			if req.Limit > 0 && shown >= req.Limit {
				return
			}
			result, there := l.result(ctx, req, o)
			if !there {
				continue
			}
			shown++
			if !push(result) {
				return
			}
		}
	}
}

// result is one object; not there is one that was deleted since it was found.
func (l *List) result(ctx context.Context, req list.ListRequest, o Listed) (_ list.ListResult, there bool) {
	result := req.NewListResult(ctx)
	result.DisplayName = o.Name
	for name, value := range o.Identity {
		result.Diagnostics.Append(result.Identity.SetAttribute(ctx, path.Root(name), value)...)
	}
	if !req.IncludeResource || result.Diagnostics.HasError() {
		return result, true
	}
	empty := tfsdk.State{Schema: result.Resource.Schema, Raw: result.Resource.Raw}
	imported := resource.ImportStateResponse{State: empty, Identity: result.Identity}
	l.ImportState(ctx, resource.ImportStateRequest{ID: o.ImportID}, &imported)
	result.Diagnostics.Append(imported.Diagnostics...)
	if result.Diagnostics.HasError() {
		return result, true
	}
	read := resource.ReadResponse{State: imported.State, Identity: imported.Identity}
	l.Read(ctx, resource.ReadRequest{State: imported.State, Identity: imported.Identity}, &read)
	result.Diagnostics.Append(read.Diagnostics...)
	result.Resource.Raw, result.Identity = read.State.Raw, read.Identity
	return result, result.Diagnostics.HasError() || !read.State.Raw.IsNull()
}
