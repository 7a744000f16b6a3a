// Package decision is usersync_decision, usersync_decisions,
// usersync_connectors and usersync_domains, which decide without accepting, and
// the functions explain and home_domain.
package decision

import (
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// Operation is what fails where a decision can't be made.
const Operation = "Deciding who will sync"

// Inputs are what is decided from: a tenant and an organization, as they were
// read.
type Inputs struct {
	Tenant       *session.Tenant
	Organization *directory.Organization
	// Attributes is the argument of a data source that adds properties to what is
	// read; "" where somebody else reads.
	Attributes string
}

// Decode decodes the readings of a resource.
func Decode(tenant, organization string, d *diag.Diagnostics) (in Inputs) {
	var err error
	if in.Tenant, err = session.Decode(tenant); err != nil {
		d.Append(tfutil.FailureAt(path.Root("directory"), Operation, err))
	}
	if organization == "" { // the connector has none
		in.Organization = &directory.Organization{}
	} else if in.Organization, err = directory.DecodeOrganization(organization); err != nil {
		d.Append(tfutil.FailureAt(path.Root("organization"), Operation, err))
	}
	return in
}

// Engine resolves a request and prepares its engine; nil after a diagnostic.
// block is the one that holds the arguments, "" for none; history is what the last
// accepted outcome expects.
func (in Inputs) Engine(
	q decision.Request, block string, history decision.History, d *diag.Diagnostics,
) *decision.Engine {
	settings, notices, err := q.Resolve(in.Tenant.Lookup, in.Tenant.Directory)
	if err != nil {
		d.Append(tfutil.DecisionFailure(block, Operation, err))
		return nil
	}
	for _, n := range notices {
		at := tfutil.Within(block, n.Path...)
		d.AddAttributeWarning(path.Root(at[0]), "Argument may have no effect", tfutil.Named(at, n.Text))
	}
	e, err := decision.NewEngineAfter(in.Tenant.Directory, in.Tenant.Lookup, in.Organization, settings, history)
	switch {
	case err == nil:
		return e
	case in.Attributes == "" || !missesAttributes(err, in.Attributes, d):
		d.Append(tfutil.DecisionFailure(block, Operation, err))
	}
	return nil
}

// missesAttributes reports an error about attributes that aren't read, having
// named all of them with the argument that adds them.
func missesAttributes(err error, argument string, d *diag.Diagnostics) bool {
	var missing *mapping.MissingAttributesError
	if !errors.As(err, &missing) {
		return false
	}
	tfutil.ArgumentError(d, "Attributes not read", fmt.Sprintf("%s, which isn't read: add %s to %s.",
		missing.Uses(), missing.Quoted(), argument), argument)
	return true
}

// tooLarge is the error about a JSON that wouldn't pass between provider and
// CLI.
func tooLarge(d *diag.Diagnostics, argument, what string, size, limit int, advice string) {
	d.AddAttributeError(path.Root(argument), what+" too large", fmt.Sprintf(
		"It has %d MiB, more than the %d MiB that can pass between CLI and provider. %s", size>>20, limit>>20, advice))
}
