// Package decision is usersync_decision, usersync_decisions,
// usersync_connectors and usersync_domains, which decide without accepting, and
// the functions explain and home_domain.
package decision

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/usersync/terraform-provider-usersync/internal/decision"
	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/provider/diagnose"
	"github.com/usersync/terraform-provider-usersync/internal/provider/reading"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// Doing is what fails where a decision can't be made.
const Doing = "Deciding who will sync"

// Inputs are what is decided from: a tenant and an organization, as they were
// read.
type Inputs struct {
	Tenant       *reading.Tenant
	Organization *directory.Organization
}

// Decode decodes the readings of a resource.
func Decode(tenant, organization string, d *diag.Diagnostics) (in Inputs) {
	var err error
	if in.Tenant, err = reading.Decode(tenant); err != nil {
		d.Append(diagnose.At(path.Root("directory"), Doing, err))
	}
	if in.Organization, err = directory.DecodeOrganization(organization); err != nil {
		d.Append(diagnose.At(path.Root("organization"), Doing, err))
	}
	return in
}

// Engine resolves a request and prepares its engine; nil after a diagnostic.
// block is the one that holds the arguments, "" for none; history is what the last
// accepted outcome expects.
func (in Inputs) Engine(q decision.Request, block string, history decision.History, d *diag.Diagnostics) *decision.Engine {
	settings, notices, err := q.Resolve(in.Tenant.Lookup, in.Tenant.Directory)
	if err != nil {
		d.Append(diagnose.Argument(block, Doing, err))
		return nil
	}
	for _, n := range notices {
		at := tfutil.Within(block, n.Path...)
		d.AddAttributeWarning(path.Root(at[0]), "Argument may have no effect", tfutil.Named(at, n.Text))
	}
	e, err := decision.NewEngineAfter(in.Tenant.Directory, in.Tenant.Lookup, in.Organization, settings, history)
	if err != nil {
		d.Append(diagnose.Argument(block, Doing, err))
		return nil
	}
	return e
}

// tooLarge is the error about a JSON that wouldn't pass between provider and
// CLI.
func tooLarge(d *diag.Diagnostics, argument, what string, size, limit int, advice string) {
	d.AddAttributeError(path.Root(argument), what+" too large", fmt.Sprintf(
		"It has %d MiB, more than the %d MiB that can pass between CLI and provider. %s", size>>20, limit>>20, advice))
}
