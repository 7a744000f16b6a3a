// Package crosstenant is what Terraform sees of the cross-tenant access policy:
// partners, and other tenants by their domains.
package crosstenant

import (
	"errors"
	"net/http"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// tenantIDs are spelled as Entra shows them, so that a state, an import and a
// configuration agree on one.
var tenantIDs = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// failure makes the diagnostic of an error.
func failure(operation string, err error) diag.Diagnostic {
	if expired, ok := errors.AsType[*session.TimeoutError](err); ok && expired.Last == nil {
		return tfutil.Failure(operation, tfutil.WithAdvice(errors.New("the service didn't answer within the time that "+
			"timeouts allows"), "What was under way may have arrived: the next plan shows it."))
	}
	return tfutil.FailureByStatus(operation, err, map[int]string{
		http.StatusBadRequest: "Graph doesn't take these values. A tenant can't be a partner of itself, and " +
			"tenant_id must be the id of a tenant of the same cloud, or of one that the cross-tenant access policy " +
			"allows.",
		http.StatusNotFound: "The partner, or its user synchronization, was deleted since it was read: plan again.",
		http.StatusConflict: "Graph says that it is there already, and didn't show it. Either it was made " +
			"moments ago, by an apply that was interrupted or by somebody else: plan again in a few minutes. Or " +
			"one was deleted less than 30 days ago and is still kept. Whether that stands in the way isn't " +
			"documented: an administrator finds it among the deleted policies (GET /beta/policies/deletedItems/" +
			"crossTenantPartners and crossTenantSyncPolicyPartners), and can restore it or delete it for good.",
	})
}
