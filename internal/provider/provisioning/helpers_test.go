package provisioning

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/usersync/terraform-provider-usersync/internal/provider/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
)

const (
	jobName      = "usersync_provisioning_job"
	scheduleName = "usersync_provisioning_schedule"
	mappingName  = "usersync_provisioning_mapping"
	secretName   = "usersync_provisioning_secret"

	app    = providertest.App
	nobody = providertest.Nobody
	scim   = providertest.SCIM
	target = providertest.Target
	rule   = providertest.Rule

	tenant          = providertest.JobTenant
	root            = providertest.SyncRoot
	getJob          = "GET " + root + "/jobs/{job}"
	getJobs         = "GET " + root + "/jobs"
	postJob         = "POST " + root + "/jobs"
	deleteJob       = "DELETE " + root + "/jobs/{job}"
	startJob        = "POST " + root + "/jobs/{job}/start"
	pauseJob        = "POST " + root + "/jobs/{job}/pause"
	restartJob      = "POST " + root + "/jobs/{job}/restart"
	getSchema       = "GET " + root + "/jobs/{job}/schema"
	getTemplates    = "GET " + root + "/templates"
	getTemplateForm = "GET " + root + "/templates/{template}/schema"
	getSecrets      = "GET " + root + "/secrets"
	putSecrets      = "PUT " + root + "/secrets"
	validateRoute   = "POST " + root + "/jobs/{job}/validateCredentials"
)

var jobConfig = providertest.JobConfig

type lab struct {
	*providertest.JobLab
	t *testing.T
}

var offers = providertest.Offers{
	Resources:   []func() resource.Resource{NewJob, NewSchedule, mapping.NewResource, NewSecret},
	DataSources: []func() datasource.DataSource{mapping.NewPreview, mapping.NewSchema},
	Lists:       []func() list.ListResource{NewJobList, mapping.NewList},
}

func newLab(t *testing.T, change ...func(*session.Setup)) *lab {
	t.Helper()
	return &lab{providertest.NewJobLab(t, offers, change...), t}
}

func client(t *testing.T, session *session.Session) *providertest.CLI {
	t.Helper()
	return providertest.New(t, session, offers)
}
