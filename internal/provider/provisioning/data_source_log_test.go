package provisioning_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/usersync/terraform-provider-usersync/internal/simulator"
)

const logType = "usersync_provisioning_log"

// line is an entry of a log as Graph writes it, n minutes after eight.
func line(n int, action, status, source, info string) string {
	return fmt.Sprintf(
		`{"id":"e%d","activityDateTime":"2026-11-20T08:%02d:00Z","jobId":"job.%d","cycleId":"c1","provisioningAction":%q,
 "servicePrincipal":{"id":%q,"displayName":"Atlassian"},
 "sourceIdentity":{"id":%q,"displayName":"<Ann>","identityType":"User","details":{}},"targetIdentity":{"id":"t1","displayName":"ann@x.example","identityType":"User"},
 "provisioningStatusInfo":{"status":%q,"errorInformation":%s},
 "provisioningSteps":[{"name":"EntryImport","provisioningStepType":"import","status":"success","description":"Received","details":{"mobile":"0170 VALUE"}},
  {"name":"EntrySynchronizationScoping","provisioningStepType":"scoping","status":%q,"details":{"Assigned to the application":"False"}},
  {"name":"EntrySynchronizationSkip","provisioningStepType":"processing","status":%q,"details":{"SkipReason":"NotEffectivelyEntitled"}}],
 "modifiedProperties":[{"displayName":"mobile","oldValue":"VALUE","newValue":"0171 VALUE"}]}`,
		n,
		n,
		n%2,
		action,
		app,
		source,
		status,
		info,
		status,
		status,
	)
}

func start(t *testing.T, logs ...string) *simulator.Server {
	t.Helper()
	s, err := simulator.New(
		strings.NewReader(
			`{"version":1,"entra":{"tenant_id":"` + simulator.DefaultTenantID + `","domains":[],"users":[],"groups":[],"provisioning_logs":[` + strings.Join(
				logs,
				",",
			) + `]}}`,
		),
	)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// answer is what the data source gives.
type answer struct {
	raw     string
	entries []map[string]any
	summary string
	codes   string
}

func (p *protocol) read(config map[string]any) (out answer, problems string) {
	p.t.Helper()
	s := p.schemas.DataSourceSchemas[logType]
	resp, err := p.ReadDataSource(
		p.t.Context(),
		&tfprotov6.ReadDataSourceRequest{TypeName: logType, Config: p.dynamic(s, config)},
	)
	if err != nil {
		p.t.Fatal(err)
	}
	if problems = texts(resp.Diagnostics); problems != "" {
		return out, problems
	}
	v, err := resp.State.Unmarshal(s.ValueType())
	if err != nil {
		p.t.Fatal(err)
	}
	var all map[string]tftypes.Value
	if err := v.As(&all); err != nil {
		p.t.Fatal(err)
	}
	if err := all["entries"].As(&out.raw); err != nil {
		p.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(out.raw), &out.entries); err != nil {
		p.t.Fatal(err)
	}
	out.summary, out.codes = counts(p.t, all["summary"]), counts(p.t, all["by_error_code"])
	return out, ""
}

func counts(t *testing.T, v tftypes.Value) string {
	t.Helper()
	var m map[string]tftypes.Value
	if err := v.As(&m); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for k, n := range m {
		out[k] = strings.TrimSuffix(strings.TrimPrefix(n.String(), `tftypes.Number<"`), `">`)
	}
	return fmt.Sprint(out)
}

func ids(a answer) string {
	var out []string
	for _, e := range a.entries {
		out = append(out, e["id"].(string))
	}
	return strings.Join(out, " ")
}

var someLog = []string{
	line(3, "update", "failure", ann, `{"errorCode":"EntryConflict","reason":"two","recommendedAction":"remove one"}`),
	line(2, "other", "skipped", "other", "null"),
	line(1, "create", "success", ann, "null"),
	line(0, "create", "failure", "other", `{"errorCode":"EntryConflict","reason":"again"}`),
}

func TestLog(t *testing.T) {
	p := of(t, start(t, someLog...))
	got, problems := p.read(map[string]any{"service_principal_id": app})
	if problems != "" {
		t.Fatal(problems)
	}
	if ids(got) != "e3 e2 e1 e0" || got.summary != "map[failure:2 skipped:1 success:1 warning:0]" ||
		got.codes != "map[EntryConflict:2]" {
		t.Error(ids(got), got.summary, got.codes)
	}
	first, err := json.Marshal(got.entries[0])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"action":"update","cycle_id":"c1","error_code":"EntryConflict","id":"e3","job_id":"job.1","modified":["mobile"],"reason":"two","recommended_action":"remove one",` +
		`"skip_reason":"NotEffectivelyEntitled","source":{"id":"` + ann + `","name":"\u003cAnn\u003e","type":"User"},"status":"failure","steps":[` +
		`{"description":"Received","name":"EntryImport","status":"success","type":"import"},` +
		`{"description":"","details":{"Assigned to the application":"False"},"name":"EntrySynchronizationScoping","status":"failure","type":"scoping"},` +
		`{"description":"","name":"EntrySynchronizationSkip","status":"failure","type":"processing"}],"target":{"id":"t1","name":"ann@x.example","type":""},"time":"2026-11-20T08:03:00Z"}`
	if string(first) != want {
		t.Errorf("got  %s\nwant %s", first, want)
	}
	if strings.Contains(got.raw, "VALUE") || !strings.Contains(got.raw, "<Ann>") {
		t.Error(got.raw)
	}
}

// The service answers five requests in ten seconds: each test has a provider
// of its own.
func TestLogFilters(t *testing.T) {
	s := start(t, someLog...)
	for i, c := range []struct {
		config map[string]any
		want   string
	}{
		{map[string]any{"job_id": "job.1"}, "e3 e1"},
		{map[string]any{"service_principal_id": app, "status": "failure", "source_id": ann}, "e3"},
		{map[string]any{"service_principal_id": app, "action": "create", "source_name": "<Ann>", "cycle_id": "c1"}, "e1 e0"},
		{map[string]any{"service_principal_id": app, "since": "2026-11-20T09:00:00+01:00", "until": "2026-11-20T08:03:00Z"}, "e2 e1"},
		{map[string]any{"service_principal_id": app, "limit": 2}, "e3 e2"},
		{map[string]any{"service_principal_id": "another"}, ""},
	} {
		if i%5 == 0 {
			s.Advance(time.Minute) // of the limit's clock
		}
		got, problems := of(t, s).read(c.config)
		if problems != "" || ids(got) != c.want {
			t.Errorf("%v: %s %s", c.config, ids(got), problems)
		}
		if c.want == "" && (got.raw != "[]" || got.codes != "map[]") {
			t.Errorf("%q %s", got.raw, got.codes)
		}
	}
}

func TestLogValidates(t *testing.T) {
	p := newProtocol(t, nil)
	s := p.schemas.DataSourceSchemas[logType]
	for _, a := range s.Block.Attributes {
		if a.Name == "entries" && !a.Sensitive {
			t.Error("entries name people")
		}
	}
	for _, c := range []struct {
		config map[string]any
		want   string
	}{
		{map[string]any{"job_id": "j", "since": "2026-11-20T08:00:00Z", "limit": 10_000}, ""},
		{map[string]any{"cycle_id": "c"}, "job_id"},
		{map[string]any{"job_id": "j", "status": "failed"}, "status"},
		{map[string]any{"job_id": "j", "action": "Create"}, "stagedDelete"},
		{map[string]any{"job_id": "j", "since": "yesterday"}, "RFC 3339"},
		{map[string]any{"job_id": "j", "limit": 10_001}, "10000"},
		{map[string]any{"job_id": "j", "since": "2026-11-20T08:00:00Z", "until": "2026-11-20T08:00:00Z"}, "Invalid time range"},
	} {
		resp, err := p.ValidateDataResourceConfig(
			t.Context(),
			&tfprotov6.ValidateDataResourceConfigRequest{TypeName: logType, Config: p.dynamic(s, c.config)},
		)
		if err != nil {
			t.Fatal(err)
		}
		if got := texts(resp.Diagnostics); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%v: %s", c.config, got)
		}
	}
}

func TestLogErrors(t *testing.T) {
	config := map[string]any{"job_id": "j"}
	s := start(t)
	if err := s.AddApp(
		simulator.App{
			ClientID: simulator.DefaultClientID,
			Secret:   simulator.DefaultClientSecret,
			Roles:    []string{"User.Read.All"},
		},
	); err != nil {
		t.Fatal(err)
	}
	_, problems := of(t, s).read(config)
	if !strings.Contains(problems, "AuditLog.Read.All") || strings.Contains(problems, simulator.DefaultClientSecret) {
		t.Error(problems)
	}
	if _, problems := newProtocol(t, nil).read(config); !strings.Contains(problems, "isn't configured") {
		t.Error(problems)
	}
	file := filepath.Join(t.TempDir(), "tenant.json")
	if err := os.WriteFile(
		file,
		[]byte(`{"version":1,"entra":{"tenant_id":"t","provisioning_logs":[]}}`),
		0o600,
	); err != nil {
		t.Fatal(err)
	}
	offline := newProtocol(t, map[string]any{"snapshot": map[string]any{"file": file}})
	if _, problems := offline.read(config); !strings.Contains(problems, "reads a snapshot instead of the services") {
		t.Error(problems)
	}
}
