package matrix

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

// graph asks Microsoft Graph as another administrator does, without the
// provider's client.
func (t *tenant) graph(method, path string, body any) (status int, answer map[string]any) {
	t.Helper()
	var raw []byte
	if body != nil {
		var err error
		raw, err = json.Marshal(body)
		must(t.T, err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, t.URL()+"/v1.0"+path, bytes.NewReader(raw))
	must(t.T, err)
	app := simulator.App{ClientID: simulator.DefaultClientID, Roles: simulator.AllRoles()}
	req.Header.Set("Authorization", "Bearer "+t.IssueToken(t.URL(), app, t.URL()))
	req.Header.Set("Content-Type", "application/json")
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(t.CAPEM())
	client := http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	must(t.T, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	must(t.T, err)
	if len(text) > 0 {
		must(t.T, json.Unmarshal(text, &answer))
	}
	return resp.StatusCode, answer
}

// done is graph for what must succeed.
func (t *tenant) done(method, path string, body any) map[string]any {
	t.Helper()
	status, answer := t.graph(method, path, body)
	if status >= http.StatusMultipleChoices {
		t.Fatalf("%s %s: got %d %v, want success", method, path, status, answer)
	}
	return answer
}

// behind is a PreConfig that changes something behind the provider's back.
func (t *tenant) behind(method, path string, body any) func() {
	return func() { t.Helper(); t.done(method, path, body) }
}

// missing looks whether Graph has none of the objects.
func (t *tenant) missing(paths ...string) func() error {
	return func() error {
		for _, path := range paths {
			if status, answer := t.graph(http.MethodGet, path, nil); status != http.StatusNotFound {
				return fmt.Errorf("%s: got %d %v, want 404", path, status, answer)
			}
		}
		return nil
	}
}

// app makes an application of the gallery's Atlassian Cloud, without a job, and
// gives the object id of its service principal.
func (t *tenant) app() string {
	t.Helper()
	found := t.done(http.MethodGet,
		"/applicationTemplates?$filter="+url.QueryEscape("displayName eq 'Atlassian Cloud'"), nil)
	template := found["value"].([]any)[0].(map[string]any)["id"].(string)
	made := t.done(http.MethodPost, "/applicationTemplates/"+template+"/instantiate",
		map[string]string{"displayName": "Another Atlassian Cloud"})
	return made["servicePrincipal"].(map[string]any)["id"].(string)
}

// jobs are the ids of a service principal's jobs.
func (t *tenant) jobs(app string) (ids []string) {
	t.Helper()
	for _, j := range t.done(http.MethodGet, jobsOf(app), nil)["value"].([]any) {
		ids = append(ids, j.(map[string]any)["id"].(string))
	}
	return ids
}

func jobsOf(app string) string { return "/servicePrincipals/" + app + "/synchronization/jobs" }

// noJobs looks whether service principals have no job.
func (t *tenant) noJobs(apps ...string) func() error {
	return func() error {
		for _, app := range apps {
			if jobs := t.jobs(app); len(jobs) > 0 {
				return fmt.Errorf("the service principal has the jobs %v, want none", jobs)
			}
		}
		return nil
	}
}

// wroteNothing fails where the services have carried out a write since the last
// reset.
func (t *tenant) wroteNothing() {
	t.Helper()
	if got := t.Written(); len(got) > 0 {
		t.Errorf("got the writes %v, want none", got)
	}
}
