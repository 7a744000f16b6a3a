package mapping

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/provider/tfutil"
)

// adviseYield counts to whom nothing would flow, where a reading is given.
func adviseYield(config *mappingModel, planned mapping.Mapping, d *diag.Diagnostics) {
	if config.Directory.IsNull() || config.Directory.IsUnknown() || config.ServicePrincipalID.IsUnknown() {
		return
	}
	const operation = "Counting to whom nothing flows"
	at := path.Root("directory")
	tenant, err := session.Decode(config.Directory.ValueString())
	if err != nil {
		d.Append(tfutil.FailureAt(at, operation, err))
		return
	}
	dir := tenant.Directory
	if !strings.EqualFold(planned.Object.Source, "User") {
		return
	}
	env := mapping.Env{Now: time.Unix(0, 0).UTC()} // whether something flows, not what: any clock does
	for _, domain := range dir.Domains {
		if domain.IsDefault {
			env.DefaultDomain = domain.Name
		}
	}
	jobs, lacking := directory.SelectJobs(dir.Jobs, []string{config.ServicePrincipalID.ValueString()})
	if lacking == nil {
		env.Job = &jobs[0]
	}
	p, err := mapping.Compile(planned, dir, env)
	if err != nil {
		var missing *mapping.MissingAttributesError
		if errors.As(err, &missing) {
			d.Append(tfutil.FailureAt(at, operation, err))
		}
		return // a mistake in an expression is reported where it stands
	}
	var users []int32
	if lacking == nil {
		users = mapping.Assigned(dir, &jobs[0])
	}
	total, empty := p.Yield(dir, users)
	share := config.WarnEmptyPercent.ValueInt64()
	if config.WarnEmptyPercent.IsNull() {
		share = defaultEmptyPercent
	}
	var lines []string
	for k, n := range empty {
		if total > 0 && int64(n)*100 > share*int64(total) {
			lines = append(lines, fmt.Sprintf("attributes[%q]: nothing flows to %d of %d users in "+
				"scope", p.Targets[k], n, total))
		}
	}
	if len(lines) > 0 {
		d.AddAttributeWarning(path.Root("attributes"), fmt.Sprintf("Nothing flows to more than %d %% of the users in "+
			"scope", share), bounded(lines))
	}
}
