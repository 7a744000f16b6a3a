package differential

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/directory"
	"github.com/usersync/terraform-provider-usersync/internal/mapping"
	"github.com/usersync/terraform-provider-usersync/internal/simulator"
	"github.com/usersync/terraform-provider-usersync/internal/simulator/login"
)

const base = "https://simulator.example"

// world is a simulated tenant with a job, and its target.
type world struct {
	fail   func(format string, args ...any)
	server *simulator.Server
	jobID  string
	dir    string
}

const organization = "main"

// attributes are the properties that the drawn jobs read.
var attributes = []string{"department", "displayName", "givenName", "surname", directory.Manager}

func newWorld(t testing.TB, dir string, fail func(string, ...any), seed string) *world {
	t.Helper()
	now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	server, err := simulator.New(
		strings.NewReader(seed),
		simulator.WithClock(func() time.Time { return now }),
		simulator.WithTarget(base, nil),
	)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{fail: fail, server: server, dir: dir}
	var job struct{ ID string }
	w.call(http.MethodPost, "/jobs", `{"templateId":"customappsso"}`, &job)
	w.jobID = job.ID
	w.key(simulator.DefaultSecretToken)
	return w
}

// key saves the SCIM directory's key.
func (w *world) key(token string) {
	secrets := fmt.Sprintf(`{"value":[{"key":"BaseAddress","value":%q},{"key":"SecretToken","value":%q}]}`,
		base+"/scim/directory/"+w.server.Organizations.ByKey[organization].Directory(), token)
	w.call(http.MethodPut, "/secrets", secrets, nil)
}

// fourWeeks is after how long in quarantine Entra switches a job off [graph 3.3].
const fourWeeks = 29 * 24 * time.Hour

// stop pauses the job, or lets its key fail.
func (w *world) stop(how string) {
	switch how {
	case "paused":
		w.call(http.MethodPost, "/jobs/"+w.jobID+"/pause", "", nil)
	case "quarantined", "disabled":
		w.key("expired")
		w.cycle()
		if how == "disabled" {
			w.server.Advance(fourWeeks)
			w.call(http.MethodGet, "/jobs/"+w.jobID, "", nil) // time passes with the next request
		}
	}
}

// idle lets time pass in which a job that runs would have a cycle.
func (w *world) idle(how string) {
	w.server.Advance(41 * time.Minute)
	if how == "quarantined" {
		_ = w.server.FinishCycles() // fails again
	}
}

// resume lets the job run again.
func (w *world) resume(how string) {
	if how != "paused" {
		w.key(simulator.DefaultSecretToken)
	}
	w.start()
}

// call sends a request about the service principal's synchronization.
func (w *world) call(method, path, body string, into any) {
	req := httptest.NewRequest(method, base+"/v1.0/servicePrincipals/app/synchronization"+path, strings.NewReader(body))
	token := w.server.IssueToken(base, login.App{ClientID: simulator.DefaultClientID, Roles: login.AllRoles()}, base)
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(resp, req)
	if resp.Code >= 300 {
		w.fail("%s %s: %d %s", method, path, resp.Code, resp.Body)
	}
	if into != nil {
		if err := json.Unmarshal(resp.Body.Bytes(), into); err != nil {
			w.fail("%s %s: %v", method, path, err)
		}
	}
}

// schema changes the job's schema.
func (w *world) schema(change func(users, groups map[string]any)) {
	var schema map[string]any
	path := "/jobs/" + w.jobID + "/schema"
	w.call(http.MethodGet, path, "", &schema)
	rule, _ := schema["synchronizationRules"].([]any)[0].(map[string]any)
	var users, groups map[string]any
	for _, m := range rule["objectMappings"].([]any) {
		m := m.(map[string]any)
		if m["sourceObjectName"] == "User" {
			users = m
		} else {
			groups = m
		}
	}
	change(users, groups)
	raw, err := json.Marshal(schema)
	if err != nil {
		w.fail("%v", err)
	}
	w.call(http.MethodPut, path, string(raw), nil)
}

func (w *world) start() { w.call(http.MethodPost, "/jobs/"+w.jobID+"/start", "", nil) }

// cycle lets one cycle of the job end.
func (w *world) cycle() {
	w.server.Advance(41 * time.Minute)
	if err := w.server.FinishCycles(); err != nil {
		w.fail("the cycle: %v", err)
	}
}

// state is what a reading holds at a moment, all of it.
type state struct {
	directory    *directory.Directory
	organization *directory.Organization
	records      *directory.SCIMDirectory
}

// people are the users by id.
func (s state) people() map[string]bool {
	ids := map[string]bool{}
	for i := range s.directory.Users {
		ids[s.directory.Users[i].ID] = true
	}
	return ids
}

func (w *world) read() state {
	s, snap := w.snapshot()
	jobs, err := snap.Jobs([]string{"app"})
	if err != nil {
		w.fail("%v", err)
	}
	if need := mapping.SourceAttributes(
		jobs[0].Mappings,
	); slices.ContainsFunc(
		need,
		func(a string) bool { return !slices.Contains(attributes, a) },
	) {
		w.fail("the job needs %v", need)
	}
	s.directory = s.directory.WithJobs(jobs)
	if s.records, err = snap.SCIM(organization); err != nil {
		s.records = &directory.SCIMDirectory{} // nothing was provisioned yet
	}
	return s
}

// readTenant reads a world without a job.
func (w *world) readTenant() state {
	s, _ := w.snapshot()
	return s
}

// mailOf is a user's mail, "" for none.
func (w *world) mailOf(id string) string {
	d := w.readTenant().directory
	if i := d.UserByID(id); i >= 0 {
		return d.Users[i].Mail
	}
	return ""
}

func (w *world) snapshot() (state, *directory.Snapshot) {
	var b bytes.Buffer
	if err := w.server.Snapshot(&b); err != nil {
		w.fail("%v", err)
	}
	path := filepath.Join(w.dir, "snapshot.json")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		w.fail("%v", err)
	}
	snap, err := directory.ReadSnapshot(path, attributes)
	if err != nil {
		w.fail("%v", err)
		return state{}, nil
	}
	var s state
	if s.directory, err = snap.Directory(); err != nil {
		w.fail("%v", err)
	}
	if s.organization, err = snap.Organization(organization, true); err != nil {
		w.fail("%v", err)
	}
	return s, snap
}
