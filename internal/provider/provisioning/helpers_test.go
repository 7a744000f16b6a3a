package provisioning

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const (
	jobName      = "usersync_provisioning_job"
	scheduleName = "usersync_provisioning_schedule"
	mappingName  = "usersync_provisioning_mapping"
	secretName   = "usersync_provisioning_secret"
	previewName  = "usersync_mapping_preview"
	schemaName   = "usersync_provisioning_schema"

	app    = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"
	nobody = "99999999-9b42-4c63-8f1d-3e2b6a7c8d90" // no service principal
	ann    = "11111111-1111-4111-8111-000000000001"
	scim   = "customappsso"
	target = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	rule   = "USER_OUTBOUND_USER"

	root            = "/v1.0/servicePrincipals/{id}/synchronization"
	getJob          = "GET " + root + "/jobs/{job}"
	getJobs         = "GET " + root + "/jobs"
	postJob         = "POST " + root + "/jobs"
	deleteJob       = "DELETE " + root + "/jobs/{job}"
	startJob        = "POST " + root + "/jobs/{job}/start"
	pauseJob        = "POST " + root + "/jobs/{job}/pause"
	restartJob      = "POST " + root + "/jobs/{job}/restart"
	getSchema       = "GET " + root + "/jobs/{job}/schema"
	putSchema       = "PUT " + root + "/jobs/{job}/schema"
	getTemplates    = "GET " + root + "/templates"
	getTemplateForm = "GET " + root + "/templates/{template}/schema"
	getSecrets      = "GET " + root + "/secrets"
	putSecrets      = "PUT " + root + "/secrets"
	validateRoute   = "POST " + root + "/jobs/{job}/validateCredentials"
)

// tenant has an application without a job, to which Ann is assigned; Ben, who
// has no mail, isn't.
const tenant = `{"version":1,"entra":{"tenant_id":"` + simulator.DefaultTenantID + `",
 "domains":[{"id":"x.example","isVerified":true,"isInitial":true,"isDefault":true}],
 "users":[{"id":"` + ann + `","userPrincipalName":"ann@x.example","mail":"ann@x.example","displayName":"Ann","userType":"Member","accountEnabled":true},
  {"id":"11111111-1111-4111-8111-000000000002","userPrincipalName":"ben@x.example","displayName":"Ben","userType":"Member","accountEnabled":true}],
 "groups":[],
 "synchronization":[{"service_principal_id":"` + app + `","display_name":"Atlassian","assigned":["` + ann + `"]}]}}`

type lab struct {
	*providertest.CLI
	*simulator.Server
	t *testing.T
}

func newLab(t *testing.T, change ...func(*session.Setup)) *lab {
	t.Helper()
	s := providertest.Tenant(t, tenant)
	return &lab{client(t, providertest.Session(s, change...)), s, t}
}

func client(t *testing.T, session *session.Session) *providertest.CLI {
	t.Helper()
	return providertest.New(t, session, providertest.Offers{
		Resources:   []func() resource.Resource{NewJob, NewSchedule, NewMapping, NewSecret},
		DataSources: []func() datasource.DataSource{NewMappingPreview, NewSchema},
		Lists:       []func() list.ListResource{NewJobList, NewMappingList},
	})
}

// another is another run of the CLI, on the same tenant.
func (l *lab) another(change ...func(*session.Setup)) *providertest.CLI {
	l.t.Helper()
	return client(l.t, providertest.Session(l.Server, change...))
}

func (l *lab) fails(match string, status int, more ...func(*simulator.Fault)) {
	l.t.Helper()
	f := simulator.Fault{Kind: simulator.FaultStatus, Match: match, Status: status, Times: -1}
	for _, change := range more {
		change(&f)
	}
	providertest.Fault(l.t, l.Server, f)
}

func once(f *simulator.Fault) { f.Times = 1 }

func second(f *simulator.Fault) { f.Nth = 2 }

// with adds arguments to others.
func with(config map[string]any, more ...any) map[string]any {
	out := map[string]any{}
	for name, v := range config {
		out[name] = v
	}
	for i := 0; i+1 < len(more); i += 2 {
		out[more[i].(string)] = more[i+1]
	}
	return out
}

var jobConfig = map[string]any{"service_principal_id": app, "template_id": scim}

// job makes the application's job, in a run of its own.
func (l *lab) job() (providertest.State, string) {
	l.t.Helper()
	s := l.another().Make(jobName, providertest.State{}, jobConfig)
	return s, s.Text("id")
}

// runs says whether the job runs, and how often its schema was written.
func (l *lab) runs() (bool, int) {
	l.t.Helper()
	c := l.Cycles()
	if len(c) != 1 {
		l.t.Fatalf("there are %d jobs", len(c))
	}
	return c[0].Running, c[0].SchemaWrites
}

// errorsOf are the summaries of a text's errors.
func errorsOf(said string) (out []string) {
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "ERROR") {
			out = append(out, line)
		}
	}
	return out
}

// read is the schema of the application's job, as the service has it.
func (l *lab) read(string) []byte {
	l.t.Helper()
	now, _, err := l.Schemas(app)
	if err != nil {
		l.t.Fatal(err)
	}
	return now
}
