package providertest

import (
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/provider/session"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// What the tenant of a JobLab has, and Graph calls it.
const (
	App    = "5a0c7d1e-9b42-4c63-8f1d-3e2b6a7c8d90"
	Nobody = "99999999-9b42-4c63-8f1d-3e2b6a7c8d90" // no service principal
	Ann    = "11111111-1111-4111-8111-000000000001"
	SCIM   = "customappsso"
	Target = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	Rule   = "USER_OUTBOUND_USER"

	// SyncRoot is below which Graph has the jobs of a service principal.
	SyncRoot = "/v1.0/servicePrincipals/{id}/synchronization"

	jobName = "usersync_provisioning_job"
)

// JobTenant has an application without a job, to which Ann is assigned; Ben, who
// has no mail, isn't.
const JobTenant = `{"version":1,"entra":{"tenant_id":"` + simulator.DefaultTenantID + `",
 "domains":[{"id":"x.example","isVerified":true,"isInitial":true,"isDefault":true}],
 "users":[{"id":"` + Ann + `","userPrincipalName":"ann@x.example","mail":"ann@x.example","displayName":"Ann",
   "userType":"Member","accountEnabled":true},
  {"id":"11111111-1111-4111-8111-000000000002","userPrincipalName":"ben@x.example","displayName":"Ben",
   "userType":"Member","accountEnabled":true}],
 "groups":[],
 "synchronization":[{"service_principal_id":"` + App + `","display_name":"Atlassian","assigned":["` + Ann + `"]}]}}`

// JobConfig configures the application's job.
var JobConfig = map[string]any{"service_principal_id": App, "template_id": SCIM}

// ScheduleConfig starts a job behind its mapping.
func ScheduleConfig(job string) map[string]any {
	return map[string]any{
		"service_principal_id": App,
		"job_id":               job,
		"start_after":          []string{App + "/" + job + "/" + Rule + "/User/" + Target},
	}
}

// MappingConfig maps the title of users of a job.
func MappingConfig(job string) map[string]any {
	return map[string]any{
		"service_principal_id": App,
		"job_id":               job,
		"object":               map[string]any{"source": "User", "target": Target},
		"attributes":           map[string]any{"title": map[string]any{"expression": "[jobTitle]"}},
	}
}

// JobLab is a CLI in process, on a simulated tenant of its own.
type JobLab struct {
	*CLI
	*simulator.Server
	t      *testing.T
	offers Offers
}

// NewJobLab is a CLI on JobTenant, which offers what a test needs: a job, at least.
func NewJobLab(t *testing.T, offers Offers, change ...func(*session.Setup)) *JobLab {
	t.Helper()
	s := Tenant(t, JobTenant)
	return &JobLab{New(t, Session(s, change...), offers), s, t, offers}
}

// Another is another run of the CLI, on the same tenant.
func (l *JobLab) Another(change ...func(*session.Setup)) *CLI {
	l.t.Helper()
	return New(l.t, Session(l.Server, change...), l.offers)
}

// Fails lets requests fail from now on.
func (l *JobLab) Fails(match string, status int, more ...func(*simulator.Fault)) {
	l.t.Helper()
	Fails(l.t, l.Server, match, status, more...)
}

// Job makes the application's job, in a run of its own.
func (l *JobLab) Job() (State, string) {
	l.t.Helper()
	s := l.Another().Make(jobName, State{}, JobConfig)
	return s, s.Text("id")
}

// Runs says whether the job runs, and how often its schema was written.
func (l *JobLab) Runs() (bool, int) {
	l.t.Helper()
	c := l.Cycles()
	if len(c) != 1 {
		l.t.Fatalf("there are %d jobs", len(c))
	}
	return c[0].Running, c[0].SchemaWrites
}

// Schema is the schema of the application's job, as the service has it.
func (l *JobLab) Schema() []byte {
	l.t.Helper()
	now, _, err := l.Schemas(App)
	if err != nil {
		l.t.Fatal(err)
	}
	return now
}

// ErrorsOf are the summaries of a text's errors.
func ErrorsOf(said string) (out []string) {
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "ERROR") {
			out = append(out, line)
		}
	}
	return out
}
