package outcome

import "github.com/usersync/terraform-provider-usersync/internal/decision/reason"

// remedy is what to do about a change's decision.
func (t PlanText) remedy(x *Change) string {
	if t.Remedy != nil {
		// Of a member of whom only the id is known, what the code says holds.
		if own := t.Remedy(x); own != "" {
			return own
		}
	}
	code, err := reason.CodeByName(x.After.Code)
	if err != nil {
		return ""
	}
	return code.Info().Remedy
}
