// Package domain is what Terraform sees of domains: in Entra, their
// verification there, and their verification in an Atlassian organization.
package domain

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/entra"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// longestPause is between two looks at a verification: DNS takes minutes, up
// to an hour [graph 4].
const longestPause = time.Minute

// failure makes the diagnostic of an error.
func failure(operation string, err error) diag.Diagnostic {
	return tfutil.FailureByStatus(operation, err, map[int]string{
		http.StatusBadRequest: "Graph doesn't take this domain. Check how it is spelled; sub-domains of " +
			"onmicrosoft.com, and domains that Microsoft keeps for itself, can't be added.",
	})
}

// status reports whether an error is an answer of Graph with that status.
func status(err error, code int) bool {
	var refused *entra.Error
	return errors.As(err, &refused) && refused.Status == code
}

// importName takes the domain of an import by id or by identity, in ASCII form.
func importName(ctx context.Context, id string, identity *tfsdk.ResourceIdentity, d *diag.Diagnostics) string {
	if id == "" && identity != nil {
		d.Append(identity.GetAttribute(ctx, path.Root("domain"), &id)...)
	}
	ascii, problem := checkName(strings.TrimSpace(id))
	if problem != "" {
		d.AddError("Invalid import ID", "Expected a domain such as company.com. "+problem)
	}
	return ascii
}

// ascii is a configured domain in the form in which it is compared.
func ascii(name types.String) string { return directory.ASCIIDomain(name.ValueString()) }
