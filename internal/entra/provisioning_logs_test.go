package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
	"github.com/usersync/terraform-provider-usersync/internal/transport"
)

// logLines are n entries, newest first, every third of Ben's.
func logLines(n int) string {
	var lines []string
	for i := range n {
		who, status := ann, "success"
		if i%3 == 2 {
			who, status = ben, "skipped"
		}
		lines = append(
			lines,
			fmt.Sprintf(
				`{"id":"e%03d","activityDateTime":"%s","jobId":"customappsso.1.2","cycleId":"c","changeId":"h%d","provisioningAction":"update",
 "servicePrincipal":{"id":%q},"sourceIdentity":{"id":%q,"displayName":"O'Brien & sons + 100%%","identityType":"User"},"provisioningStatusInfo":{"status":%q,"errorInformation":null}}`,
				i,
				time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC).Add(-time.Duration(i)*time.Minute).Format(time.RFC3339),
				i,
				app,
				who,
				status,
			),
		)
	}
	return strings.Join(lines, ",")
}

func ids(entries []LogEntry) string {
	var out []string
	for _, e := range entries {
		out = append(out, e.ID)
	}
	return strings.Join(out, " ")
}

func TestProvisioningLogs(t *testing.T) {
	b := syncTenant(t, logLines(7))
	for name, c := range map[string]struct {
		q    LogQuery
		want string
	}{
		"all":                   {LogQuery{}, "e000 e001 e002 e003 e004 e005 e006"},
		"the newest":            {LogQuery{Limit: 2}, "e000 e001"},
		"more than there is":    {LogQuery{Limit: 9}, "e000 e001 e002 e003 e004 e005 e006"},
		"of someone":            {LogQuery{SourceID: ben, ServicePrincipalID: app, JobID: "customappsso.1.2", CycleID: "c", Action: "update", Status: "skipped"}, "e002 e005"},
		"of a name with quotes": {LogQuery{SourceName: "O'Brien & sons + 100%", Limit: 1}, "e000"},
		"of nobody":             {LogQuery{SourceName: "O'Brien"}, ""},
		"of another":            {LogQuery{ServicePrincipalID: other}, ""},
	} {
		got, err := b.client().ProvisioningLogs(context.Background(), c.q)
		b.Advance(10 * time.Second)
		if err != nil || ids(got) != c.want {
			t.Errorf("%s: %s, %v", name, ids(got), err)
		}
	}
}

// What is asked for, pages followed, and no more requests than the service takes.
func TestLogPages(t *testing.T) {
	b := syncTenant(t, logLines(23), simulator.WithBehavior(func(b *simulator.Behavior) { b.MaxPageSize = 3 }))
	var addresses []string
	s := b.front(func(r *http.Request, _ []byte) (int, string, []byte) {
		if strings.HasSuffix(r.URL.Path, "/provisioning") {
			addresses = append(addresses, r.URL.RawQuery)
		}
		return 0, "", nil
	})
	c := b.clientAt(s.URL)
	if got, err := c.ProvisioningLogs(
		context.Background(),
		LogQuery{Limit: 23},
	); err != nil || len(got) != 23 || len(addresses) != 1 ||
		addresses[0] != "$orderby=activityDateTime%20desc&$top=23" {
		t.Error(len(got), err, addresses)
	}
	page := func(n int, r *http.Request) (int, string) {
		return 200, fmt.Sprintf(
			`{"value":[{"id":"%d","activityDateTime":"2026-11-20T08:00:00Z"},{"id":"%d","activityDateTime":"2026-11-20T09:00:00Z"}],"@odata.nextLink":"https://HOST/v1.0/auditLogs/provisioning?$top=2&$skiptoken=%d"}`,
			2*n,
			2*n+1,
			n,
		)
	}
	canned := cannedTenant(t, page)
	got, err := canned.client.ProvisioningLogs(context.Background(), LogQuery{Limit: 12})
	if err != nil || len(got) != 12 || len(canned.asked) != 6 || got[0].ID != "1" || got[11].ID != "10" {
		t.Error(ids(got), err, canned.asked)
	}
	if w := canned.waits; len(w) != 1 || w[0] < 8*time.Second || w[0] > 11*time.Second {
		t.Errorf("waited %v", w)
	}
	if got, err = canned.client.ProvisioningLogs(
		context.Background(),
		LogQuery{Limit: 1},
	); err != nil || len(got) != 1 ||
		len(canned.asked) != 7 {
		t.Error(ids(got), err)
	}
}

// The service throttles all the same: another process reads too.
func TestLogsThrottled(t *testing.T) {
	b := syncTenant(t, logLines(1))
	b.fault(
		simulator.Fault{
			Kind:       simulator.FaultStatus,
			Match:      "GET /v1.0/auditLogs/provisioning",
			RetryAfter: "7",
			Times:      2,
		},
	)
	got, err := b.client().ProvisioningLogs(context.Background(), LogQuery{})
	if err != nil || len(got) != 1 || !slices.Equal(b.waits, []time.Duration{7 * time.Second, 7 * time.Second}) {
		t.Error(ids(got), err, b.waits)
	}
	b.fault(simulator.Fault{Kind: simulator.FaultStatus, Match: "GET /v1.0/auditLogs/provisioning", Times: -1})
	var e *Error
	if _, err := b.client().ProvisioningLogs(context.Background(), LogQuery{}); !errors.As(err, &e) || e.Status != 429 {
		t.Error(err)
	}
}

func TestLogFilter(t *testing.T) {
	at := time.Date(2026, 11, 20, 9, 30, 0, 123456789, time.FixedZone("", 3600))
	for want, q := range map[string]LogQuery{
		"": {Limit: 3},
		"servicePrincipal/id eq 's' and jobid eq 'a.b' and cycleid eq 'c'":                             {ServicePrincipalID: "s", JobID: "a.b", CycleID: "c"},
		"provisioningAction eq 'stagedDelete' and provisioningStatusInfo/status eq 'failure'":          {Action: "stagedDelete", Status: "failure"},
		"sourceIdentity/id eq 'x'' or id ne ''' and sourceIdentity/displayName eq 'D''Arcy ''é'''":     {SourceID: "x' or id ne '", SourceName: "D'Arcy 'é'"},
		"activityDateTime gt 2026-11-20T08:30:00.123456Z and activityDateTime lt 2026-11-20T09:00:00Z": {Since: at, Until: at.UTC().Truncate(time.Hour).Add(time.Hour)},
		"jobid eq 'j' and activityDateTime lt 2026-11-20T08:30:00.123456Z":                             {JobID: "j", Until: at},
	} {
		if got := q.filter(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	s := cannedTenant(t, always(200, `{"value":[]}`))
	if _, err := s.client.ProvisioningLogs(
		context.Background(),
		LogQuery{SourceName: "a'&b=c+d 100%#", Since: at},
	); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(strings.TrimPrefix(s.asked[0], "GET "))
	if err != nil || u.Query().Get("$filter") != "sourceIdentity/displayName eq 'a''&b=c+d 100%#' and "+
		"activityDateTime gt 2026-11-20T08:30:00.123456Z" || u.Query().Get("$top") != "999" {
		t.Error(s.asked, err)
	}
}

func TestDecodeLogEntry(t *testing.T) {
	s := cannedTenant(t, always(200, example(t, "auditlogs-provisioning-failure")))
	got, err := s.client.ProvisioningLogs(context.Background(), LogQuery{})
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	e := got[0]
	if e.ID != "gc532ff9-r265-ec76-861e-42e2970a8218" ||
		!e.Time.Equal(time.Date(2019, 6, 24, 20, 53, 8, 0, time.UTC)) ||
		e.JobID != "ContosoOutDelta.7928d5b574424a97ne2d66f9j9972ecn" ||
		e.CycleID != "44576n58-v14b-70fj-8404-3d22tt46ed93" ||
		e.ChangeID != "eaad2f8b-e6e3-409b-83bd-e4e2e57177d5" ||
		e.Action != "create" ||
		e.Status != "failure" {
		t.Errorf("%+v", e)
	}
	if e.SourceName != "Self-service Pilot" || e.SourceType != "Group" || e.SourceID == "" || e.TargetID != "" ||
		e.ErrorCode != "ContosoEntryConflict" ||
		!strings.HasPrefix(e.Reason, "Message: Contoso") ||
		e.RecommendedAction != "" ||
		e.SkipReason != "" {
		t.Errorf("%+v", e)
	}
	if len(e.Steps) != 3 || e.Steps[2].Type != "export" ||
		e.Steps[2].Details["ReportableIdentifier"] != "Self-service Pilot" ||
		len(e.Modified) != 6 ||
		e.Modified[2] != (ModifiedProperty{"mailEnabled", "", "False"}) {
		t.Errorf("%+v", e)
	}
	if !json.Valid(e.Raw) || !strings.Contains(string(e.Raw), `"durationInMilliseconds"`) {
		t.Error(string(e.Raw))
	}
	skipped, err := decodeLogEntry(
		[]byte(
			`{"id":"s","provisioningStatusInfo":{"status":"skipped","errorInformation":{"errorCode":"x","additionalDetails":"more"}},"provisioningSteps":[{"name":"a"},{"name":"EntrySynchronizationSkip","details":{"SkipReason":"RedundantExport"}}],"modifiedProperties":null}`,
		),
	)
	if err != nil || skipped.SkipReason != "RedundantExport" || skipped.Reason != "more" || !skipped.Time.IsZero() {
		t.Errorf("%+v, %v", skipped, err)
	}
	bare, err := decodeLogEntry(
		[]byte(`{"id":"b","provisioningStatusInfo":null,"provisioningSteps":null,"sourceIdentity":null}`),
	)
	if err != nil || bare.Status != "" {
		t.Errorf("%+v, %v", bare, err)
	}
	for _, c := range []struct{ body, want string }{
		{`{"value":[{"id":1}]}`, "another shape"}, {`{"value":{}}`, "another shape"}, {`{"value":[],"@odata.nextLink":"https://evil.example/x"}`, "refused"},
	} {
		s := cannedTenant(t, always(200, c.body))
		if _, err := s.client.ProvisioningLogs(
			context.Background(),
			LogQuery{},
		); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Error(err)
		}
	}
	loop := cannedTenant(
		t,
		always(200, `{"value":[{"id":"a"}],"@odata.nextLink":"https://HOST/v1.0/auditLogs/provisioning?$skiptoken=1"}`),
	)
	if _, err := loop.client.ProvisioningLogs(context.Background(), LogQuery{}); !errors.Is(err, transport.ErrEndless) {
		t.Error(err)
	}
}
