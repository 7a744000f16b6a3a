package tfutil

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestDate(t *testing.T) {
	for text, good := range map[string]bool{
		"2026-11-20": true, "2028-02-29": true, "2026-02-29": false, "20.11.2026": false, "2026-11-20T00:00:00Z": false, "": false,
	} {
		var resp validator.StringResponse
		Date().ValidateString(t.Context(), validator.StringRequest{Path: path.Root("expires_on"), ConfigValue: types.StringValue(text)}, &resp)
		if resp.Diagnostics.HasError() == good {
			t.Errorf("%q: got %v", text, resp.Diagnostics)
		}
	}
}

func TestExpiry(t *testing.T) {
	now := time.Date(2026, 11, 20, 23, 59, 0, 0, time.UTC)
	for on, want := range map[string]string{
		"":           "",
		"2026-12-21": "",
		"2026-12-20": "days left: 30",
		"2026-11-21": "days left: 1",
		"2026-11-20": "days left: 0",
		"2026-11-19": "expired on 2026-11-19",
	} {
		_, got := Expiry("The API key", on, now)
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", on, got, want)
		}
	}
}
