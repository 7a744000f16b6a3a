package entra

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

func TestJobLife(t *testing.T) {
	ctx := context.Background()
	b, c, j := job(t)
	id := j.ID
	see := func(when, schedule, status string, never bool) SynchronizationJob {
		t.Helper()
		got, err := c.Job(ctx, app, id)
		if err != nil {
			t.Fatal(when, err)
		}
		if got.ScheduleState != schedule || got.StatusCode != status || got.NeverRan() != never ||
			got.Quarantine != nil {
			t.Errorf("%s: %+v", when, got)
		}
		return got
	}
	if j.TemplateID != "customappsso" || j.Interval != "PT40M" || !j.NeverRan() ||
		j.Settings["LookaheadQueryEnabled"] != "False" {
		t.Errorf("created %+v", j)
	}
	if jobs, err := c.Jobs(
		ctx,
		app,
	); err != nil || len(jobs) != 1 ||
		!reflect.DeepEqual(jobs[0], see("new", "Disabled", "Paused", true)) {
		t.Error(jobs, err)
	}
	if err := c.StartJob(ctx, app, id); err != nil {
		t.Fatal(err)
	}
	if got := see("started", "Active", "NotRun", true); got.LastExecution != nil {
		t.Errorf("%+v", got.LastExecution)
	}
	if err := b.FinishCycle(id); err != nil {
		t.Fatal(err)
	}
	if got := see(
		"ran",
		"Active",
		"Active",
		false,
	); got.LastExecution.State != "Succeeded" || got.LastExecution.ErrorCode != "" ||
		got.SteadyStateFirstAchieved.IsZero() {
		t.Errorf("%+v", got)
	}
	if err := c.PauseJob(ctx, app, id); err != nil {
		t.Fatal(err)
	}
	see("paused", "Paused", "Paused", false)
	if err := c.RestartJob(ctx, app, id, "Watermark, Escrows, QuarantineState"); err != nil {
		t.Fatal(err)
	}
	if got := see("restarted", "Active", "NotRun", false); got.LastExecution != nil {
		t.Errorf("%+v", got.LastExecution)
	}
	if n := b.Cycles()[0].InitialCycles; n != 2 {
		t.Errorf("%d initial cycles", n)
	}
	for range 2 {
		if err := c.DeleteJob(ctx, app, id); err != nil {
			t.Error(err)
		}
	}
	if jobs, err := c.Jobs(ctx, app); err != nil || len(jobs) != 0 {
		t.Error(jobs, err)
	}
}

// What a job shows, from the documentation and from what it says of the rest.
func TestDecodeJob(t *testing.T) {
	year1 := func(rest string) string {
		return `{"id":"j","status":{"lastExecution":{"state":"Failed","timeBegan":"0001-01-01T00:00:00Z","timeEnded":"0001-01-01T00:00:00Z","error":{"code":"None","message":""}}` + rest + `}}`
	}
	began := time.Date(2026, 11, 20, 8, 0, 0, 500, time.UTC)
	for name, c := range map[string]struct {
		body  string
		never bool
		check func(SynchronizationJob) bool
	}{
		"just started": {example(t, "sync-job-get-notrun"), true, func(j SynchronizationJob) bool {
			return j.LastExecution == nil && j.ScheduleState == "Active" && j.StatusCode == "NotRun" && j.Settings["LookaheadQueryEnabled"] == "False" && j.SteadyStateFirstAchieved.IsZero()
		}},
		"created": {example(t, "sync-job-create"), true, func(j SynchronizationJob) bool {
			return j.Interval == "P10675199DT2H48M5.4775807S" && j.StatusCode == "NotConfigured" && j.ScheduleState == "Disabled" && j.TroubleshootingURL == ""
		}},
		"no status":           {`{"id":"j"}`, true, nil},
		"restarted":           {year1(`,"lastSuccessfulExecution":{"state":"Succeeded","timeBegan":"2026-11-20T08:00:00Z","timeEnded":"2026-11-20T09:00:00Z"}`), false, nil},
		"restarted, exported": {year1(`,"lastSuccessfulExecutionWithExports":{"timeEnded":"2026-11-20T09:00:00Z"}`), false, nil},
		"steady":              {year1(`,"steadyStateFirstAchievedTime":"2026-11-20T09:00:00Z"`), false, nil},
		"both traps":          {year1(`,"lastSuccessfulExecution":{"timeBegan":"0001-01-01T00:00:00Z","timeEnded":"0001-01-01T00:00:00Z"}`), true, nil},
		"time without a zone": {`{"id":"j","status":{"lastExecution":{"timeEnded":"2026-11-20T09:00:00"}}}`, false, func(j SynchronizationJob) bool { return j.LastExecution.Ended.Hour() == 9 }},
		"a failure that is so": {`{"id":"j","status":{"countSuccessiveCompleteFailures":3,"lastExecution":{"state":"Failed","countExported":4,"countEscrowed":5,"timeBegan":"2026-11-20T08:00:00.0000005Z","timeEnded":"2026-11-20T09:00:00+01:00","error":{"code":"E","message":"m"}}}}`, false, func(j SynchronizationJob) bool {
			return j.Failures == 3 && *j.LastExecution == Execution{State: "Failed", Began: began, Ended: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC), Exported: 4, Escrowed: 5, ErrorCode: "E", ErrorMessage: "m"}
		}},
		"quarantine": {`{"id":"j","status":{"code":"Quarantine","troubleshootingUrl":"https://t","quarantine":{"reason":"EncounteredQuarantineException","currentBegan":"2026-11-20T08:00:00.0000005Z","nextAttempt":null,"seriesCount":2,"error":{"code":"SystemForCrossDomainIdentityManagementCredentialValidationUnavailable","message":"m","tenantActionable":true}}}}`, false, func(j SynchronizationJob) bool {
			return j.TroubleshootingURL == "https://t" && *j.Quarantine == Quarantine{Reason: "EncounteredQuarantineException", ErrorCode: "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable", ErrorMessage: "m", CurrentBegan: began, SeriesCount: 2}
		}},
		"quarantine without error": {`{"id":"j","status":{"quarantine":{"reason":"TooManyDeletes","error":null}}}`, false, func(j SynchronizationJob) bool { return *j.Quarantine == Quarantine{Reason: "TooManyDeletes"} }},
	} {
		j, err := decodeJob([]byte(c.body))
		if err != nil || j.NeverRan() != c.never || c.check != nil && !c.check(j) {
			t.Errorf("%s: %+v, %v", name, j, err)
		}
	}
	for _, body := range []string{``, `{}`, `[]`, `{"id":"j","status":{"steadyStateFirstAchievedTime":"soon"}}`, `{"id":"j","status":{"steadyStateFirstAchievedTime":1}}`} {
		if j, err := decodeJob([]byte(body)); err == nil {
			t.Errorf("%s: %+v", body, j)
		}
	}
}

// operations are all calls under a service principal's synchronization.
func operations(c *Client, sp, id string) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Templates":         func(ctx context.Context) error { _, err := c.Templates(ctx, sp); return err },
		"TemplateSchema":    func(ctx context.Context) error { _, err := c.TemplateSchema(ctx, sp, id); return err },
		"Jobs":              func(ctx context.Context) error { _, err := c.Jobs(ctx, sp); return err },
		"Job":               func(ctx context.Context) error { _, err := c.Job(ctx, sp, id); return err },
		"CreateJob":         func(ctx context.Context) error { _, err := c.CreateJob(ctx, sp, "customappsso"); return err },
		"DeleteJob":         func(ctx context.Context) error { return c.DeleteJob(ctx, sp, id) },
		"StartJob":          func(ctx context.Context) error { return c.StartJob(ctx, sp, id) },
		"PauseJob":          func(ctx context.Context) error { return c.PauseJob(ctx, sp, id) },
		"RestartJob":        func(ctx context.Context) error { return c.RestartJob(ctx, sp, id, "Full") },
		"Schema":            func(ctx context.Context) error { _, err := c.Schema(ctx, sp, id); return err },
		"PutSchema":         func(ctx context.Context) error { return c.PutSchema(ctx, sp, id, []byte(`{}`)) },
		"Secrets":           func(ctx context.Context) error { _, err := c.Secrets(ctx, sp); return err },
		"PutSecrets":        func(ctx context.Context) error { return c.PutSecrets(ctx, sp, nil) },
		"Validate":          func(ctx context.Context) error { return c.ValidateCredentials(ctx, sp, id, "", nil) },
		"Validate template": func(ctx context.Context) error { return c.ValidateCredentials(ctx, sp, "", id, nil) },
		"ProvisionOnDemand": func(ctx context.Context) error { _, err := c.ProvisionOnDemand(ctx, sp, id, "r", nil); return err },
	}
}

// An application that isn't there is plain at once; only a job that isn't
// there to delete is no error.
func TestSynchronizationNotFound(t *testing.T) {
	b := syncTenant(t, "")
	for name, call := range operations(b.client(), other, "customappsso.1.2") {
		err := call(context.Background())
		if name == "DeleteJob" {
			if err != nil {
				t.Error(name, err)
			}
			continue
		}
		var e *Error
		if !NotFound(err) || !errors.As(err, &e) || e.Code != "Request_ResourceNotFound" ||
			!strings.Contains(e.Advice(), "made moments ago") {
			t.Error(name, err)
		}
	}
	if NotFound(nil) || NotFound(errors.New("404")) || NotFound(&Error{Status: 403}) {
		t.Error("found")
	}
	_, err := b.client().Job(context.Background(), app, "customappsso.1.2")
	var e *Error
	if !errors.As(err, &e) || e.Status != 404 || e.Code != "ResourceNotFound" ||
		e.Message != "The synchronization job customappsso.1.2 was not found." ||
		e.RequestID == "" {
		t.Errorf("%+v", e)
	}
	if n := b.Requests().Total; n > 40 {
		t.Errorf("%d requests: something was repeated", n)
	}
}

// An empty id would ask for something else; nothing is sent.
func TestNoID(t *testing.T) {
	s := cannedTenant(t, always(200, `{}`))
	for _, sp := range []string{"", ".", ".."} {
		for name, call := range operations(s.client, sp, "j") {
			if err := call(context.Background()); err == nil || !strings.Contains(err.Error(), "is no id") {
				t.Error(name, err)
			}
		}
		if err := s.client.DeleteJob(context.Background(), app, sp); err == nil {
			t.Error("deleted all")
		}
	}
	if err := s.client.RestartJob(context.Background(), app, "j", ""); !errors.Is(err, errNoResetScope) {
		t.Error(err)
	}
	for _, schema := range []string{``, `null`, `[]`, `{`} {
		if err := s.client.PutSchema(context.Background(), app, "j", []byte(schema)); err == nil {
			t.Errorf("wrote %q", schema)
		}
	}
	if len(s.asked) != 0 {
		t.Error(s.asked)
	}
}

// What is sent, with ids as they may come.
func TestJobRequests(t *testing.T) {
	const id = "Azure2Azure.3b92/?#'.d2 9c"
	s := cannedTenant(t, func(n int, _ *http.Request) (int, string) { return 200, `{"id":"j","value":[]}` })
	ctx, root := context.Background(), "/v1.0/servicePrincipals/"+app+"/synchronization/jobs"
	at := root + "/Azure2Azure.3b92%2F%3F%23%27.d2%209c"
	c := s.client
	_, err1 := c.CreateJob(ctx, app, `a"b`)
	_, err2 := c.Job(ctx, app, id)
	for _, err := range []error{err1, err2, c.StartJob(ctx, app, id), c.PauseJob(ctx, app, id), c.RestartJob(ctx, app, id, "Escrows, ForceDeletes"), c.DeleteJob(ctx, app, id)} {
		if err != nil {
			t.Error(err)
		}
	}
	want := []string{
		"POST " + root + ` {"templateId":"a\"b"}`, "GET " + at, "POST " + at + "/start", "POST " + at + "/pause",
		"POST " + at + `/restart {"criteria":{"resetScope":"Escrows, ForceDeletes"}}`, "DELETE " + at,
	}
	if !slices.Equal(s.asked, want) {
		t.Errorf("got  %q\nwant %q", s.asked, want)
	}
}

// A service that fails is asked again where that changes nothing; what it
// refused before it acted (429) always.
func TestWhatIsRepeated(t *testing.T) {
	repeated := []string{
		"Templates",
		"TemplateSchema",
		"Jobs",
		"Job",
		"DeleteJob",
		"PauseJob",
		"Schema",
		"PutSchema",
		"Secrets",
		"PutSecrets",
		"Validate",
		"Validate template",
	}
	once := []string{"CreateJob", "StartJob", "RestartJob", "ProvisionOnDemand"}
	for _, status := range []int{503, 429, 403, 409} {
		s := cannedTenant(t, always(status, `{"error":{"code":"c","message":"m"}}`))
		calls := operations(s.client, app, "j")
		if len(calls) != len(repeated)+len(once) {
			t.Fatal("the lists aren't complete")
		}
		for name, call := range calls {
			s.asked = nil
			err := call(context.Background())
			var e *Error
			if !errors.As(err, &e) || e.Status != status || e.RequestID != "r-1" {
				t.Error(name, err)
			}
			again := status == 429 || status == 503 && slices.Contains(repeated, name)
			if again != (len(s.asked) > 1) {
				t.Errorf("%s after %d: %d requests", name, status, len(s.asked))
			}
		}
	}
}

// Each refusal names the permission, before the first request where the token
// tells, and as the service's own answer.
func TestSynchronizationPermissions(t *testing.T) {
	b := syncTenant(
		t,
		"",
		simulator.WithApp(
			simulator.App{ClientID: "reader", Secret: planted, Roles: []string{"Synchronization.Read.All"}},
		),
		simulator.WithApp(
			simulator.App{ClientID: "owner", Secret: planted, Roles: []string{"Application.ReadWrite.OwnedBy"}},
		),
	)
	reads := []string{"Templates", "TemplateSchema", "Jobs", "Job", "Schema", "Secrets"}
	as := func(id string) *Client { return b.client(func(c *Config) { c.ClientID, c.ClientSecret = id, planted }) }
	for name, call := range operations(as("reader"), app, "j") {
		err := call(context.Background())
		var missing *MissingRolesError
		if got := errors.As(err, &missing); got == slices.Contains(reads, name) {
			t.Error(name, err)
		} else if got && !strings.Contains(err.Error(), "change synchronization jobs, their schema and credentials: "+
			"Synchronization.ReadWrite.All or Application.ReadWrite.OwnedBy") {
			t.Error(name, err)
		}
	}
	for name, call := range operations(as("owner"), app, "j") {
		var missing *MissingRolesError
		if err := call(context.Background()); errors.As(err, &missing) {
			t.Error(name, err)
		}
	}
	var missing *MissingRolesError
	if _, err := as(
		"owner",
	).ProvisioningLogs(context.Background(), LogQuery{}); !errors.As(err, &missing) ||
		!strings.Contains(err.Error(), "AuditLog.Read.All") {
		t.Error(err)
	}
	s := cannedTenant(t, always(403, `{"error":{"code":"","message":"{\"Message\":\"Insufficient privileges\"}"}}`))
	for name, call := range operations(s.client, app, "j") {
		err := call(context.Background())
		want := NeedSynchronizationWrite.AnyOf
		if slices.Contains(reads, name) {
			want = NeedSynchronization.AnyOf
		}
		var e *Error
		if !errors.As(err, &e) || e.Code != "Forbidden" || e.Message != "Insufficient privileges" ||
			!slices.Equal(e.Permissions, want) ||
			!strings.Contains(e.Advice(), want[0]) {
			t.Errorf("%s: %+v", name, e)
		}
	}
	if len(s.asked) != len(operations(s.client, app, "j")) {
		t.Errorf("%d requests", len(s.asked))
	}
}
