package matrix

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

// Since when Terraform has actions. OpenTofu has none; its versions are below
// that so far.
var withActions = []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)}

// triggering is a resource whose making triggers an action.
func triggering(kind string) string {
	return fmt.Sprintf(`
resource "terraform_data" "made" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.%s.this]
    }
  }
}
`, kind)
}

// posted fails unless a route that ends so was posted to that often.
func (t *tenant) posted(end string, want int) {
	t.Helper()
	const root = "POST /v1.0/servicePrincipals/{id}/synchronization"
	if got := t.Requests().Routes[root+end]; got != want {
		t.Errorf("%s: got %d requests, want %d", root+end, got, want)
	}
}
