package session

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// Claim notes that a resource has an object now: what is its key, named for
// people. That another resource took it in the same run is an error.
func (r *Resource) Claim(key, what string, d *diag.Diagnostics) {
	if !r.Session.Claim(key) {
		d.AddError("Conflicting resources", what+" was made or taken over by another resource in this very apply. "+
			"Remove one of the two.")
	}
}

// ClaimedElsewhere reports, with a warning, that a destroy must leave an object
// alone, since another resource has taken it over in this run.
func (r *Resource) ClaimedElsewhere(key, what string, d *diag.Diagnostics) bool {
	if r.Session == nil || !r.Session.Claimed(key) {
		return false
	}
	d.AddWarning("Not changed: another resource manages it now", what+" was made or taken over by another resource "+
		"in this apply (create_before_destroy, or a new name without a moved block), so destroying the former one "+
		"leaves it alone.")
	return true
}
