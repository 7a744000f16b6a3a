package mapping

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/provider/provisioning"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
)

const (
	jobName      = "usersync_provisioning_job"
	scheduleName = "usersync_provisioning_schedule"
	mappingName  = "usersync_provisioning_mapping"
	attribute    = "usersync_provisioning_attribute"
	previewName  = "usersync_mapping_preview"
	schemaName   = "usersync_provisioning_schema"

	app    = providertest.App
	scim   = providertest.SCIM
	target = providertest.Target
	rule   = providertest.Rule

	tenant          = providertest.JobTenant
	root            = providertest.SyncRoot
	pauseJob        = "POST " + root + "/jobs/{job}/pause"
	getSchema       = "GET " + root + "/jobs/{job}/schema"
	putSchema       = "PUT " + root + "/jobs/{job}/schema"
	getTemplateForm = "GET " + root + "/templates/{template}/schema"
)

type lab struct {
	*providertest.JobLab
	t *testing.T
}

var offers = providertest.Offers{
	Resources: []func() resource.Resource{
		provisioning.NewJob,
		provisioning.NewSchedule,
		NewResource,
		NewAttribute,
		provisioning.NewSecret,
	},
	DataSources: []func() datasource.DataSource{NewPreview, NewSchema},
	Lists:       []func() list.ListResource{provisioning.NewJobList, NewList},
}

func newLab(t *testing.T, change ...func(*session.Setup)) *lab {
	t.Helper()
	return &lab{providertest.NewJobLab(t, offers, change...), t}
}

func client(t *testing.T, session *session.Session) *providertest.CLI {
	t.Helper()
	return providertest.New(t, session, offers)
}
