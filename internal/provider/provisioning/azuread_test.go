package provisioning

import (
	"fmt"
	"strings"
	"testing"

	"github.com/usersync/terraform-provider-usersync/internal/provider/providertest"
)

func TestAzureadIDs(t *testing.T) {
	const job = "customappsso.1b2c.3d4e"
	for id, want := range map[string]string{
		"/servicePrincipals/" + app + "/synchronization/jobs/" + job:                  app + " " + job + " true",
		"/servicePrincipals/" + strings.ToUpper(app) + "/synchronization/jobs/" + job: app + " " + job + " true",
		app + "/job/" + job:          app + " " + job + " true",
		"/servicePrincipals/" + app:  app + "  true",
		app + "/secret/x":            app + "  false",
		app + "/secrets":             app + "  true",
		app + "/" + job:              app + "  false",
		app:                          app + "  false",
		"":                           "  false",
		"/servicePrincipals/x/job/y": "  false",
	} {
		sp, job, ok := azureadIDs(id)
		if got := fmt.Sprint(sp, " ", job, " ", ok); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
}

func TestMoveState(t *testing.T) {
	const azuread = "registry.terraform.io/hashicorp/azuread"
	l := newLab(t)
	made, job := l.Job()
	long := "/servicePrincipals/" + app + "/synchronization/jobs/" + job
	for _, id := range []string{long, app + "/job/" + job} {
		for _, provider := range []string{azuread, "registry.opentofu.org/hashicorp/azuread"} {
			state := fmt.Sprintf(
				`{"id":%q,"service_principal_id":"/servicePrincipals/%s","template_id":"customappsso","enabled":true,"schedule":[{"interval":"PT40M","state":"Active","expiration":""}],"timeouts":null}`,
				id,
				app,
			)
			s, said := l.Move(jobName, provider, azureadJob, state)
			if said != "" || !s.Value.Equal(made.Value) {
				t.Errorf("%s: got %v, %s, want %v", id, s.Value, said, made.Value)
			}
			if p := l.Plan(jobName, s, jobConfig); p.Said != "" || !p.Planned.Value.Equal(s.Value) {
				t.Errorf("%s plans a change: %v, %s", id, p.Planned.Value, p.Said)
			}
		}
	}
	l.put(map[string]string{"BaseAddress": "https://x.example", "SecretToken": "s3cret"})
	secret := fmt.Sprintf(
		`{"id":"/servicePrincipals/%s","service_principal_id":"/servicePrincipals/%s","credential":[{"key":"SecretToken","value":"s3cret"}]}`,
		app,
		app,
	)
	s, said := l.Move(secretName, azuread, azureadSecret, secret)
	if said != "" || s.Text("service_principal_id") != app || strings.Contains(s.Value.String(), "s3cret") {
		t.Errorf("credentials: got %v, %s", s.Value, said)
	}
	for name, x := range map[string][3]string{
		"another provider":   {"registry.terraform.io/hashicorp/aws", azureadJob, `{"id":"x"}`},
		"another resource":   {azuread, "azuread_application", `{"id":"x"}`},
		"an id that is none": {azuread, azureadJob, `{"id":"x"}`},
		"another form":       {azuread, azureadJob, `{"id":["s3cret"]}`},
	} {
		_, said := l.Move(jobName, x[0], x[1], x[2])
		if len(providertest.ErrorsOf(said)) == 0 || strings.Contains(said, "s3cret") {
			t.Errorf("%s: got %q", name, said)
		}
	}
	// Imports take azuread's ids, too.
	imported, said := l.Import(jobName, long)
	if said != "" || !imported.Value.Equal(made.Value) {
		t.Errorf("import: got %v, %s", imported.Value, said)
	}
	if s, said := l.Import(scheduleName, long); said != "" || s.Text("job_id") != job {
		t.Errorf("import of the schedule: got %v, %s", s.Value, said)
	}
	if s, said := l.Import(secretName, "/servicePrincipals/"+app); said != "" || s.Text("id") != app {
		t.Errorf("import of the credentials: got %v, %s", s.Value, said)
	}
}
