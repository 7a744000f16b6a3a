// Package tfutil holds what several nouns need of Terraform, each once: values,
// diagnostics, identities, imports, lists, validators.
package tfutil

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Timeouts is the argument timeouts, whose durations must be longer than none.
func Timeouts(ctx context.Context, opts timeouts.Opts) schema.SingleNestedAttribute {
	a, _ := timeouts.Attributes(ctx, opts).(schema.SingleNestedAttribute) // it makes no other
	for name, inner := range a.Attributes {
		if text, ok := inner.(schema.StringAttribute); ok {
			text.Validators = append(slices.Clone(text.Validators), longerThanNone{})
			a.Attributes[name] = text
		}
	}
	return a
}

// NoTimeouts is the argument where it isn't set, as an import writes it.
func NoTimeouts(of ...string) timeouts.Value {
	all := make(map[string]attr.Type, len(of))
	for _, name := range of {
		all[name] = types.StringType
	}
	return timeouts.Value{Object: types.ObjectNull(all)}
}

// TimeoutOf is one of the methods of a resource's timeouts.
type TimeoutOf = func(context.Context, time.Duration) (time.Duration, diag.Diagnostics)

// Limit gives a context the time that one of a resource's timeouts allows.
func Limit(
	ctx context.Context, of TimeoutOf, otherwise time.Duration, d *diag.Diagnostics,
) (_ context.Context, allowed time.Duration, cancel context.CancelFunc) {
	allowed, diags := of(ctx, otherwise)
	d.Append(diags...)
	ctx, cancel = context.WithTimeout(ctx, allowed)
	return ctx, allowed, cancel
}

// Duration refuses a text that is no duration longer than none.
func Duration() validator.String { return duration{} }

type duration struct{ longerThanNone }

func (v duration) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(
			req.Path,
			"Invalid duration",
			fmt.Sprintf(
				"%s: expected a duration such as 36h or 90m, found %q.",
				req.Path,
				req.ConfigValue.ValueString(),
			),
		)
		return
	}
	v.longerThanNone.ValidateString(ctx, req, resp)
}

// longerThanNone refuses "0s" and negative durations, after which an operation
// would end before it begins. What is no duration is the library's to refuse.
type longerThanNone struct{}

func (longerThanNone) Description(context.Context) string { return "a duration longer than none" }

func (v longerThanNone) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (longerThanNone) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err == nil && d <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration",
			fmt.Sprintf("%s: expected a duration longer than none, such as 10m; found %q. Leave it out for the "+
				"default.",
				req.Path, req.ConfigValue.ValueString()))
	}
}
