package tfutil

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// warnBefore is how long before a date its expiry is a warning.
const warnBefore = 30 * 24 * time.Hour

// Date refuses a text that is no date.
func Date() validator.String { return date{} }

type date struct{}

func (date) Description(context.Context) string { return "a date such as 2026-11-20" }

func (v date) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (date) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := time.Parse(time.DateOnly, req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid date",
			fmt.Sprintf("%s: expected a date as YYYY-MM-DD, such as 2026-11-20; found %q.", req.Path,
				req.ConfigValue.ValueString()))
	}
}

// Expiry says that what expires on a date has expired, or does so within 30
// days; "" where neither holds, or where there is no date. It is for Read and
// data sources: a plan knows no clock.
func Expiry(what, on string, now time.Time) (summary, detail string) {
	at, err := time.Parse(time.DateOnly, on)
	today := now.UTC().Truncate(24 * time.Hour)
	switch {
	case err != nil || at.Sub(today) > warnBefore:
		return "", ""
	case at.Before(today):
		return "Key expired", fmt.Sprintf("%s expired on %s. Make a new one, and set the new date with it.", what, on)
	}
	days := int(at.Sub(today) / (24 * time.Hour))
	return "Key expires soon", fmt.Sprintf("%s expires on %s (days left: %d). Nobody is mailed about it: make a new "+
		"one before, and set the new date with it.", what, on, days)
}
